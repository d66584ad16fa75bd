"""Lines, rings and points as ranges of one flat array of vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sco_geo._flat import POLYGONS, Bools, Floats, Ints
from sco_geo._regions import Block


@dataclass(frozen=True, slots=True)
class Parts:
    """Vertices and the parts that they make up; the arrays of `Flat` with the same names.

    Parameters
    ----------
    offsets : array of int
        Vertices of part ``p`` are ``offsets[p]:offsets[p + 1]``.
    geometry, outer, ring : array of int
        One entry a part, as ``part_geometry``, ``part_outer`` and ``part_ring`` of `Flat`.
    """

    lon: Floats
    lat: Floats
    height: Floats
    sizes: Ints
    offsets: Ints
    geometry: Ints
    outer: Ints
    ring: Ints


def parts_of_regions(block: Block, region: Ints, geometry: Ints, kinds: list[str]) -> Parts:
    """Make parts of arrays of coordinates that were read from the text.

    Parameters
    ----------
    region, geometry : array of int
        Numbers of the arrays that are used, and the geometry that each belongs to.
    kinds : list of str
        The type of each of these geometries.
    """
    ends = np.cumsum(block.counts)
    counts = block.counts[region]
    vertices: Ints | slice = slice(None)
    if not np.array_equal(region, np.arange(len(block.counts))):
        vertices = _ranges(ends[region] - counts, counts)
    opens = block.opens[vertices]
    first = np.cumsum(counts) - counts
    is_first = np.zeros(len(opens), dtype=bool)
    is_first[first] = True
    starts = np.flatnonzero((opens > 0) | is_first)
    owner = np.searchsorted(first, starts, side="right") - 1
    is_polygon = np.fromiter((kind in POLYGONS for kind in kinds), bool, len(kinds))[owner]
    begins_polygon = is_first[starts] | (opens[starts] > 1)
    is_alone = ~is_polygon | begins_polygon
    number = np.arange(len(starts))
    ring = np.where(is_polygon, number - _latest(number, begins_polygon), -1)
    # Lines are counted in their geometry, and so are polygons, by their first rings.
    serial = np.cumsum(is_alone)
    outer: Ints = serial - serial[_latest(number, is_first[starts])]
    lon = block.lon[vertices]
    return Parts(
        lon,
        block.lat[vertices],
        # One value for all vertices, repeated without memory, where none has a height.
        np.broadcast_to(np.nan, lon.shape) if block.height is None else block.height[vertices],
        np.broadcast_to(np.int64(2), lon.shape)
        if block.sizes is None
        else block.sizes[vertices].astype(np.int64),
        np.append(starts, len(opens)),
        geometry[owner],
        outer,
        ring,
    )


def join_parts(one: Parts, other: Parts) -> Parts:
    """Put the parts of two sets in the order of their geometries."""
    if not len(other.geometry):
        return one
    if not len(one.geometry):
        return other
    geometry = np.concatenate([one.geometry, other.geometry])
    order = np.argsort(geometry, kind="stable")
    begins = np.concatenate([one.offsets[:-1], other.offsets[:-1] + len(one.lon)])[order]
    counts = np.concatenate([np.diff(one.offsets), np.diff(other.offsets)])[order]
    vertices = _ranges(begins, counts)
    return Parts(
        np.concatenate([one.lon, other.lon])[vertices],
        np.concatenate([one.lat, other.lat])[vertices],
        np.concatenate([one.height, other.height])[vertices],
        np.concatenate([one.sizes, other.sizes])[vertices],
        np.concatenate([[0], np.cumsum(counts)]),
        geometry[order],
        np.concatenate([one.outer, other.outer])[order],
        np.concatenate([one.ring, other.ring])[order],
    )


def _latest(number: Ints, is_start: Bools) -> Ints:
    """Return for each entry the number of the latest start up to it."""
    result: Ints = np.maximum.accumulate(np.where(is_start, number, 0))
    return result


def _ranges(begins: Ints, counts: Ints) -> Ints:
    """Return the numbers of all ranges one after the other."""
    ends = np.cumsum(counts)
    shift = np.repeat(begins - (ends - counts), counts)
    return np.arange(len(shift)) + shift
