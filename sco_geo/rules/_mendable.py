"""Which faults can be mended without guessing: asked by the rules and by `mending`.

A rule that marks a finding as fixable and the code that mends it must mean the same, so both call
these functions. Vertices are counted through the document, as in `Flat`.
"""

from __future__ import annotations

import itertools

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geodesy
from sco_geo._cutting import Corner, Path, Vertices, cut_line, cut_polygon
from sco_geo.rules._base import View
from sco_geo.rules._effort import find_intricate

#: Widest gap of a ring that is closed by moving its last position, in metres.
CLOSABLE_M = 0.01


def gap_m(view: View, part: int) -> float:
    """Measure the geodesic from the last position of a ring to its first, in metres."""
    flat = view.flat
    ends = np.array([flat.offsets[part], flat.offsets[part + 1] - 1])
    lon, lat = flat.lon[ends], flat.lat[ends]
    return float(geodesy.segment_lengths_m(lon[1:], lat[1:], lon[:1], lat[:1])[0])


def is_closable(view: View, part: int) -> bool:
    """Tell whether a ring ends so near its beginning that the two are meant to be the same.

    Near a pole or across ±180 places may be near each other whose numbers are not: such a ring
    has to be looked at.
    """
    flat = view.flat
    first, last = int(flat.offsets[part]), int(flat.offsets[part + 1]) - 1
    if last - first < 3 or view.is_out_of_range[[first, last]].any():
        return False
    return abs(flat.lon[first] - flat.lon[last]) < 1 and gap_m(view, part) <= CLOSABLE_M


def are_repeats_plain(view: View, part: int) -> bool:
    """Tell whether the repeats in a line can go without losing a number."""
    own = slice(int(view.flat.offsets[part]), int(view.flat.offsets[part + 1]))
    return bool((view.flat.sizes[own] <= 3).all()) or without_repeats(view, part) is not None


def without_repeats(view: View, part: int) -> list[int] | None:
    """Return the vertices of a line that are left when repeats are gone, or None.

    A repeat has the longitude and latitude of its neighbour and no number that the neighbour
    lacks. None if a repeat has one, say a time of its own: then it is not clear what to drop.
    """
    flat = view.flat
    begin, end = int(flat.offsets[part]), int(flat.offsets[part + 1])
    positions = _positions(view, part)
    kept: list[int] = []
    for vertex in range(begin, end):
        mine = positions[vertex - begin]
        if kept and positions[kept[-1] - begin][: len(mine)] == mine:
            continue
        while kept and mine[: len(before := positions[kept[-1] - begin])] == before:
            kept.pop()
        kept.append(vertex)
    after = np.array(kept)
    is_same = (np.diff(flat.lon[after]) == 0) & (np.diff(flat.lat[after]) == 0)
    rise = np.diff(flat.height[after])
    return None if (is_same & ((rise == 0) | np.isnan(rise))).any() else kept


def _positions(view: View, part: int) -> list[list[float]]:
    """Return the positions of a part with all their numbers."""
    flat = view.flat
    own = slice(int(flat.offsets[part]), int(flat.offsets[part + 1]))
    sizes = flat.sizes[own].tolist()
    if max(sizes) > 3:  # more than the flat array holds
        return view.document.positions(part)
    table = np.column_stack([flat.lon[own], flat.lat[own], flat.height[own]]).tolist()
    return [row[:size] for row, size in zip(table, sizes, strict=True)]


def line_pieces(view: View, part: int, kept: list[int] | None = None) -> list[Path] | None:
    """Cut a line at ±180; corners count vertices from the first of the document.

    Parameters
    ----------
    kept : list of int, optional
        The vertices that the line shall have. Default: all.
    """
    flat = view.flat
    vertices = Vertices(flat.lon, flat.lat, flat.height)
    own = range(int(flat.offsets[part]), int(flat.offsets[part + 1]))
    return cut_line(vertices, kept or own)


def polygon_pieces(view: View, geometry: int) -> dict[int, list[list[Path]]]:
    """Cut at ±180 the polygons of a geometry that run over it.

    Returns
    -------
    dict
        The pieces of each such polygon, by its number (`Flat.part_polygon`). Empty if one goes
        around a pole or the geometry has other faults: then the pieces would be a guess.
    """
    flat = view.flat
    if flat.is_broken[geometry] or find_intricate(flat.geometries[[geometry]]).any():
        return {}
    vertices = Vertices(flat.lon, flat.lat, flat.height)
    parts = range(*np.searchsorted(flat.part_geometry, [geometry, geometry + 1]).tolist())
    found: dict[int, list[list[Path]]] = {}
    whole: list[BaseGeometry] = []
    for polygon, rings in itertools.groupby(parts, lambda part: int(flat.part_polygon[part])):
        offsets = [int(flat.offsets[part]) for part in rings]
        offsets.append(int(flat.offsets[flat.vertex_part[offsets[-1]] + 1]))
        pieces = [[[Corner(v) for v in range(*ends)] for ends in itertools.pairwise(offsets)]]
        if np.diff(np.searchsorted(view.jumps, [offsets[0], offsets[-1]])) > 0:
            cut = cut_polygon(vertices, offsets)
            if cut is None:
                return {}
            found[polygon] = pieces = cut
        whole += [_built(piece, vertices) for piece in pieces]
    return found if shapely.is_valid(shapely.MultiPolygon(whole)) else {}


def _built(piece: list[Path], vertices: Vertices) -> BaseGeometry:
    rings = [[vertices.place(corner) for corner in path] for path in piece]
    return shapely.Polygon(rings[0], rings[1:])
