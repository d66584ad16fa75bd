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

#: Widest gap of a ring that is closed by moving its last position, in metres.
CLOSABLE_M = 0.01
#: How much longer the straight line over ±180 may be than the geodesic, as a share of it.
MOST_DETOUR = 0.01


def same_crs(view: View) -> list[list[str]]:
    """Return the pointers of all members crs, in order, those of one value together.

    Such a member may stand in the root, in features and in their geometries; the rules report
    each value once, where it first stands.
    """
    tree = view.document.tree or {}
    owners: list[tuple[object, str]] = [(tree, "")]
    members = tree.get("features")
    for row in view.flat.features:
        if isinstance(members, list) and not row.is_root:
            owners.append((members[row.index], row.pointer))
        if row.is_feature:
            owners.append((row.geometry, row.geometry_pointer))
    found: dict[str, list[str]] = {}
    for owner, here in owners:
        if isinstance(owner, dict) and "crs" in owner:
            found.setdefault(str(owner["crs"]), []).append(f"{here}/crs")
    return list(found.values())


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
    if view.is_out_of_range[[first, last]].any():
        return False
    is_near = abs(float(flat.lon[first] - flat.lon[last])) < 1
    return is_near and gap_m(view, part) <= CLOSABLE_M


def are_repeats_plain(view: View, part: int) -> bool:
    """Tell whether repeats in a line say nothing new: there is no fourth number, say a time."""
    own = slice(int(view.flat.offsets[part]), int(view.flat.offsets[part + 1]))
    return bool((view.flat.sizes[own] <= 3).all())


def without_repeats(view: View, part: int) -> list[int]:
    """Return the vertices of a line that are left when repeats, which must be plain, are gone.

    A repeat has the longitude and latitude of its neighbour, and the same height or none; of two
    of which one has a height, that one stays.
    """
    flat = view.flat
    kept: list[int] = []

    def is_same(one: int, other: int) -> bool:
        """Tell whether `other` says nothing that `one` does not say."""
        is_there = flat.lon[one] == flat.lon[other] and flat.lat[one] == flat.lat[other]
        return bool(
            is_there and (np.isnan(flat.height[other]) or flat.height[one] == flat.height[other])
        )

    for vertex in range(int(flat.offsets[part]), int(flat.offsets[part + 1])):
        if kept and is_same(kept[-1], vertex):
            continue
        while kept and is_same(vertex, kept[-1]):
            kept.pop()
        kept.append(vertex)
    return kept


def is_line_cuttable(view: View, part: int) -> bool:
    """Tell whether a line that jumps over ±180 may be cut there without changing what it means.

    It must be longer than a single place on the antimeridian. And where the straight line in
    longitude and latitude is more than `MOST_DETOUR` longer than the geodesic, as on a flight over
    the Pacific, nobody can tell from the file which of the two is meant.
    """
    flat = view.flat
    begin, end = int(flat.offsets[part]), int(flat.offsets[part + 1])
    if (np.abs(flat.lon[begin:end]) == 180).all() and np.ptp(flat.lat[begin:end]) == 0:
        return False
    start = view.jumps[slice(*np.searchsorted(view.jumps, [begin, end]).tolist())]
    lon, lat = flat.lon[start], flat.lat[start]
    lon_after, lat_after = flat.lon[start + 1], flat.lat[start + 1]
    side = np.where(lon < 0, -180.0, 180.0)
    way = lon_after + 2 * side - lon
    share = (side - lon) / np.where(way == 0, 1, way)  # it may step along the seam itself
    seam = lat + share * (lat_after - lat)
    straight = geodesy.segment_lengths_m(lon, lat, side, seam)
    straight += geodesy.segment_lengths_m(-side, seam, lon_after, lat_after)
    shortest = geodesy.segment_lengths_m(lon, lat, lon_after, lat_after)
    return bool((straight <= (1 + MOST_DETOUR) * shortest + 1).all())


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
    """Cut at ±180 the polygons of a geometry that run over it; may take GEOS long (GM231).

    Parameters
    ----------
    geometry : int
        One without other faults.

    Returns
    -------
    dict
        The pieces of each such polygon, by its number (`Flat.part_polygon`). Empty if one goes
        around a pole or the pieces would not be valid together: then they would be a guess.
    """
    flat = view.flat
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
