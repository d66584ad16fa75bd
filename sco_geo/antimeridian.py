"""Join geometries at the antimeridian for measuring and drawing, and cut them for GeoJSON.

RFC 7946 wants lines and polygons cut at ±180°. A cut geometry is awkward to work with: Russia
falls into two pieces at opposite ends of the number line, and the cut shows up as an edge that
is no border. The two functions here go to and fro between the two forms:

- *cut*: every longitude in [-180, 180], nothing crosses ±180 (files, RFC 7946);
- *joined*: an unwrapped frame, about [-30, 330), in which whatever lies wholly west of 30° W is
  moved east by 360° and pieces that touch at the seam are one piece (measuring, drawing).

Longitudes are shifted by adding or subtracting 360, never by a modulo. Axis order is (lon, lat),
degrees. Crossing latitudes are interpolated on the straight line in longitude and latitude that
RFC 7946 (3.1.9) prescribes, not on the geodesic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["cut_at_antimeridian", "join_at_antimeridian", "unwrap_longitudes"]

SEAM_LON = 180.0
FRAME_WEST_LON = -30.0
_SNAP = 1e-9
"""Degrees within which a computed crossing is put on the seam exactly (0.1 mm)."""

Coords = NDArray[np.float64]
_PartsWork = Callable[[list[BaseGeometry], int], list[BaseGeometry]]


def unwrap_longitudes(lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Remove jumps of more than 180° from a sequence of longitudes, in degrees.

    Each value is moved by whole turns until it lies within 180° of its predecessor. The first
    value stays. A jump of exactly 180° is left alone, since its direction cannot be known.

    Parameters
    ----------
    lons
        Longitudes in degrees, any range, in the order of the line or ring.

    Returns
    -------
    NDArray
        New array of the same length; the input is not changed.

    Examples
    --------
    >>> unwrap_longitudes(np.array([170.0, 179.0, -179.0, -170.0])).tolist()
    [170.0, 179.0, 181.0, 190.0]
    """
    values = np.asarray(lons, dtype=np.float64)
    if len(values) < 2:
        return values.copy()
    steps = np.diff(values)
    turns = np.where(np.abs(steps) > 180.0, -np.round(steps / 360.0), 0.0)
    return values + 360.0 * np.concatenate(([0.0], np.cumsum(turns)))


def join_at_antimeridian(geometry: BaseGeometry) -> BaseGeometry:
    """Join a geometry that was cut at ±180° into one unwrapped frame (longitudes to about 330°).

    Parts that lie wholly west of 30° W move east by 360°; parts that then touch at 180° are
    joined: polygons without a seam edge, lines end to start in their own direction. Applying
    the function twice changes nothing more. Do not use it for a geometry that surrounds a pole.

    Parameters
    ----------
    geometry
        Any shapely geometry in (lon, lat) degrees, longitudes in [-180, 180].

    Returns
    -------
    BaseGeometry
        New geometry, longitudes in about [-180, 330]: only parts west of 30° W were moved.
        One part gives a simple geometry, several a multi geometry. Input is never changed.

    Examples
    --------
    >>> cut = shapely.union_all([shapely.box(170, 60, 180, 70), shapely.box(-180, 60, -175, 70)])
    >>> join_at_antimeridian(cut).bounds
    (170.0, 60.0, 185.0, 70.0)
    """
    return _rebuild(geometry, _join_parts)


def cut_at_antimeridian(geometry: BaseGeometry) -> BaseGeometry:
    """Cut a geometry given in an unwrapped frame at ±180° as RFC 7946 asks for.

    Inverse of `join_at_antimeridian`. Polygons come out wound right (shell anticlockwise, holes
    clockwise); lines keep their direction, and a crossing gets one vertex on each side.
    Crossings are interpolated on the straight line in (lon, lat), so a long segment that is
    meant as a geodesic has to be measured before it is cut.

    Parameters
    ----------
    geometry
        Any shapely geometry in (lon, lat) degrees without longitude jumps (see
        `unwrap_longitudes`); longitudes may lie outside [-180, 180].

    Returns
    -------
    BaseGeometry
        New geometry with longitudes in [-180, 180]. Input is never changed.

    Examples
    --------
    >>> line = shapely.LineString([(170, 0), (190, 10)])
    >>> cut_at_antimeridian(line).wkt
    'MULTILINESTRING ((170 0, 180 5), (-180 5, -170 10))'
    """
    return _rebuild(geometry, _cut_parts)


def _rebuild(geometry: BaseGeometry, work: _PartsWork) -> BaseGeometry:
    """Apply `work` to the parts of each dimension and put the results together again."""
    if geometry.is_empty:
        return geometry
    parts = np.atleast_1d(_flat_parts(geometry))
    dimensions = shapely.get_dimensions(parts)
    done: list[BaseGeometry] = []
    for dimension in (0, 1, 2):
        done.extend(work([part for part in parts[dimensions == dimension]], dimension))
    if len(done) == 1:
        return done[0]
    kinds = {part.geom_type for part in done}
    if len(kinds) > 1:
        return shapely.GeometryCollection(done)
    multi = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    return multi[kinds.pop()](done)


def _flat_parts(geometry: BaseGeometry) -> NDArray[np.object_]:
    """List the simple parts of a geometry, collections opened all the way down, rings as lines."""
    parts = shapely.get_parts(geometry)
    while any(part.geom_type in _MULTI for part in parts):
        parts = shapely.get_parts(parts)
    lines = [shapely.LineString(p) if p.geom_type == "LinearRing" else p for p in parts]
    return np.array([p for p in lines if not p.is_empty], dtype=object)


_MULTI = {"MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}


def _shift(geometry: BaseGeometry, turns: int) -> BaseGeometry:
    """Move a geometry by whole turns of 360°; third coordinates are kept."""
    if turns == 0:
        return geometry

    def move(coords: Coords) -> Coords:
        moved = coords.copy()
        moved[:, 0] += 360.0 * turns
        return moved

    return shapely.transform(geometry, move, include_z=geometry.has_z)


def _join_parts(parts: list[BaseGeometry], dimension: int) -> list[BaseGeometry]:
    moved = [_shift(part, 1) if part.bounds[2] < FRAME_WEST_LON else part for part in parts]
    at_seam = [part for part in moved if SEAM_LON in (part.bounds[0], part.bounds[2])]
    if dimension == 0 or len(at_seam) < 2:
        return moved
    rest = [part for part in moved if SEAM_LON not in (part.bounds[0], part.bounds[2])]
    if dimension == 1:
        return _stitch_lines(at_seam) + rest
    return list(shapely.get_parts(shapely.union_all(at_seam))) + rest


def _stitch_lines(lines: list[BaseGeometry]) -> list[BaseGeometry]:
    """Join lines end to start where both lie on the seam at the same latitude."""
    chains = [shapely.get_coordinates(line, include_z=line.has_z) for line in lines]
    joined = True
    while joined:
        joined = False
        starts = {tuple(c[0]): i for i, c in enumerate(chains) if c[0][0] == SEAM_LON}
        for i, chain in enumerate(chains):
            j = starts.get(tuple(chain[-1]))
            if j is not None and j != i:
                chains[i] = np.vstack([chain, chains[j][1:]])
                del chains[j]
                joined = True
                break
    return [shapely.LineString(chain) for chain in chains]


def _cut_parts(parts: list[BaseGeometry], dimension: int) -> list[BaseGeometry]:
    done: list[BaseGeometry] = []
    for part in parts:
        west, _, east, _ = part.bounds
        first = math.floor((west + 180.0) / 360.0)
        last = max(first, math.ceil((east + 180.0) / 360.0) - 1)
        if first == last:
            pieces: Iterable[BaseGeometry] = [_shift(part, -first)]
        elif dimension == 1:
            pieces = _cut_line(part)
        else:
            pieces = _cut_polygon(part, first, last)
        done.extend(pieces)
    if dimension == 2:
        done = list(shapely.orient_polygons(np.array(done, dtype=object)))
    return done


def _cut_polygon(polygon: BaseGeometry, first: int, last: int) -> list[BaseGeometry]:
    pieces: list[BaseGeometry] = []
    for turn in range(first, last + 1):
        west = 360.0 * turn - 180.0
        window = shapely.box(west, -90.0, west + 360.0, 90.0)
        found = shapely.get_parts(shapely.intersection(polygon, window))
        areas = [piece for piece in found if piece.geom_type == "Polygon"]
        pieces.extend(_snap_to_seam(_shift(piece, -turn)) for piece in areas)
    return pieces


def _snap_to_seam(geometry: BaseGeometry) -> BaseGeometry:
    def snap(coords: Coords) -> Coords:
        snapped = coords.copy()
        near = np.abs(np.abs(snapped[:, 0]) - SEAM_LON) < _SNAP
        snapped[near, 0] = np.copysign(SEAM_LON, snapped[near, 0])
        return snapped

    return shapely.transform(geometry, snap, include_z=geometry.has_z)


def _cut_line(line: BaseGeometry) -> list[BaseGeometry]:
    """Cut one line; coordinates are handled directly, since an overlay would node the line."""
    coords = _with_seam_vertices(shapely.get_coordinates(line, include_z=line.has_z))
    middles = (coords[:-1, 0] + coords[1:, 0]) / 2.0
    turns = np.floor((middles + 180.0) / 360.0).astype(int)
    breaks = np.flatnonzero(np.diff(turns)) + 1
    pieces: list[BaseGeometry] = []
    for piece in np.split(np.arange(len(turns)), breaks):
        run = coords[piece[0] : piece[-1] + 2].copy()
        run[:, 0] -= 360.0 * turns[piece[0]]
        pieces.append(shapely.LineString(run))
    return pieces


def _with_seam_vertices(coords: Coords) -> Coords:
    """Insert a vertex wherever a segment crosses an odd multiple of 180°."""
    rows = [coords[0]]
    for start, end in zip(coords[:-1], coords[1:], strict=True):
        low, high = sorted((start[0], end[0]))
        seams = [
            360.0 * turn - 180.0
            for turn in range(math.floor((low + 180.0) / 360.0), math.ceil((high + 180.0) / 360.0))
            if low < 360.0 * turn - 180.0 < high
        ]
        for seam in seams if start[0] < end[0] else reversed(seams):
            crossing = start + (end - start) * ((seam - start[0]) / (end[0] - start[0]))
            crossing[0] = seam
            rows.append(crossing)
        rows.append(end)
    return np.array(rows)
