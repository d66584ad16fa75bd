"""Cut single lines and polygons at ±180°, keeping hold of the vertices that they are made of.

`antimeridian` cuts geometries for measuring and drawing. Mending a file needs more: every vertex
that stays must be known again, so that its numbers keep their spelling. The pieces are therefore
lists of `Corner`, each of which is a vertex of the original or a new one on the seam.

The latitude of a new corner lies on the straight line in longitude and latitude that RFC 7946
means by a line (section 3.1.1), as in the examples of its section 3.1.9 and in the checks of
polygons here; it is not on the geodesic. It is rounded to 1e-7° (1 cm), heights to 1 mm. Axis
order is (lon, lat), degrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Point = tuple[float, float]

SEAM_LON = 180.0
#: Decimals of new latitudes: a centimetre, which RFC 7946 (section 11.2) calls ample.
DECIMALS = 7


class Corner(NamedTuple):
    """A vertex of a piece.

    Parameters
    ----------
    vertex : int
        Its number among the vertices given, or -1 for a new one on the seam.
    lon : float or None
        180 or -180 where that is not the one of the vertex; None: as in the vertex.
    lat, height : float
        Of a new vertex, in degrees and metres; NaN for a height that is unknown, or not new.
    """

    vertex: int
    lon: float | None = None
    lat: float = math.nan
    height: float = math.nan


Path = list[Corner]


class Vertices(NamedTuple):
    """Longitudes and latitudes in degrees and heights (NaN without) of vertices in order."""

    lon: Floats
    lat: Floats
    height: Floats

    def is_jump(self, start: int, end: int) -> bool:
        """Tell whether the longitude jumps over more than 180°, but not at a pole."""
        is_pole = abs(self.lat[start]) == 90 and self.lat[start] == self.lat[end]
        return bool(abs(self.lon[end] - self.lon[start]) > 180 and not is_pole)

    def crossing(self, start: int, end: int) -> Corner:
        """Return the place where the step between two vertices meets ±180, on the start's side."""
        lon, after = float(self.lon[start]), float(self.lon[end])
        seam = math.copysign(SEAM_LON, lon - after)
        if lon == seam:
            return Corner(start)
        after += 2 * seam
        if after == seam:
            return Corner(end, seam)
        share = (seam - lon) / (after - lon)
        low, high = float(self.height[start]), float(self.height[end])
        lat = float(self.lat[start]) + (float(self.lat[end]) - float(self.lat[start])) * share
        return Corner(-1, seam, round(lat, DECIMALS), round(low + (high - low) * share, 3))

    def place(self, corner: Corner) -> Point:
        """Return longitude and latitude of a corner, in degrees."""
        if corner.vertex < 0:
            return corner.lon or 0.0, corner.lat
        own = float(self.lon[corner.vertex])
        return own if corner.lon is None else corner.lon, float(self.lat[corner.vertex])

    def mirrored(self, corner: Corner) -> Corner:
        """Return the same place with the longitude of the other side of the seam."""
        return self.on_side(corner, -self.place(corner)[0])

    def on_side(self, corner: Corner, lon: float) -> Corner:
        """Return a place on the seam with the longitude of one of its sides."""
        if corner.vertex >= 0 and float(self.lon[corner.vertex]) == lon:
            return Corner(corner.vertex)
        return corner._replace(lon=lon)


def cut_line(vertices: Vertices, kept: Sequence[int]) -> list[Path] | None:
    """Cut a line at ±180 wherever it jumps over more than 180° of longitude.

    Parameters
    ----------
    kept : sequence of int
        The vertices that the line shall have, in order.

    Returns
    -------
    list of list of Corner, or None
        The pieces in the direction of the line, two corners or more in each; None if none is left.
    """
    pieces: list[Path] = [[Corner(kept[0])]]
    for start, end in zip(kept, kept[1:], strict=False):
        if not vertices.is_jump(start, end):
            pieces[-1].append(Corner(end))
            continue
        here = vertices.crossing(start, end)
        if here.vertex != start:
            pieces[-1].append(here)
        there = vertices.mirrored(here)
        if here.vertex == start and abs(vertices.lon[end]) == SEAM_LON:
            # Both ends on the seam: a step along it, unless they are the same place.
            if vertices.lat[start] != vertices.lat[end]:
                pieces[-1].append(vertices.mirrored(Corner(end)))
            there = Corner(end)
        pieces.append([there] if there == Corner(end) else [there, Corner(end)])
    return _without_stubs(vertices, pieces) or None


def _without_stubs(vertices: Vertices, pieces: list[Path]) -> list[Path]:
    """Drop pieces that are one place on the seam, and join where they meet what they held apart.

    Of several vertices at that place none is lost: they go to the piece before, or else after.
    """
    result: list[Path] = []
    held: Path = []
    was_stub = False
    for piece in pieces:
        is_stub = len({vertices.place(corner) for corner in piece}) < 2
        if is_stub and not result:
            held += piece if len(piece) > 1 else []
        elif is_stub and len(piece) > 1:
            side = vertices.place(result[-1][-1])[0]
            result[-1] = _joined(result[-1], [vertices.on_side(c, side) for c in piece])
        elif was_stub and result and result[-1][-1] == piece[0]:
            result[-1] = _joined(result[-1], piece)
        elif not is_stub:
            side = vertices.place(piece[0])[0]
            result.append(_joined([vertices.on_side(c, side) for c in held], piece))
            held = []
        was_stub = is_stub
    return result


def _joined(one: Path, other: Path) -> Path:
    is_same = one and one[-1] == other[0]
    return one + other[1:] if is_same else one + other


def cut_polygon(vertices: Vertices, offsets: Sequence[int]) -> list[list[Path]] | None:
    """Cut a polygon at ±180 wherever its rings jump over more than 180° of longitude.

    Parameters
    ----------
    vertices : Vertices
        Those of all rings, the shell first; each ring ends where it begins.
    offsets : sequence of int
        Vertices of ring ``i`` are ``offsets[i]:offsets[i + 1]``.

    Returns
    -------
    list of list of list of Corner, or None
        Polygons of closed rings, shells anticlockwise and holes clockwise. None if the polygon
        goes around a pole, or is invalid: what it means would have to be guessed.
    """
    sources: dict[Point, Corner] = {}
    rings: list[list[Point]] = []
    for begin, end in zip(offsets, offsets[1:], strict=False):
        ring = _unwrap_ring(vertices, begin, end, sources)
        if ring is None:
            return None
        rings.append(ring)
    polygon = _assemble(rings, sources)
    if polygon is None:
        return None
    pieces: list[list[Path]] = []
    area = 0.0
    west, _, east, _ = polygon.bounds
    for turn in range(math.floor((west + 180) / 360), math.ceil((east + 180) / 360)):
        for piece in _pieces_in_window(polygon, turn):
            area += piece.area
            paths = [_path(ring, turn, vertices, sources) for ring in shapely.get_rings(piece)]
            if not all(paths):
                return None
            pieces.append([path for path in paths if path])
    return pieces if pieces and math.isclose(area, polygon.area, rel_tol=1e-9) else None


def _unwrap_ring(
    vertices: Vertices, begin: int, end: int, sources: dict[Point, Corner]
) -> list[Point] | None:
    """Write a ring without jumps, with a corner wherever it meets the seam; None around a pole."""
    lon, lat = vertices.lon, vertices.lat
    turns = 0
    ring: list[Point] = []

    def add(point: Point, corner: Corner) -> None:
        if not ring or ring[-1] != point:
            ring.append(point)
        sources.setdefault(point, corner)

    for vertex in range(begin, end):
        add((float(lon[vertex]) + 360.0 * turns, float(lat[vertex])), Corner(vertex))
        after = vertex + 1
        if after == end or abs(lon[after] - lon[vertex]) <= 180:
            continue
        corner = vertices.crossing(vertex, after)
        if corner.vertex < 0 and corner.lon is not None:
            add((corner.lon + 360.0 * turns, corner.lat), corner)
        turns += 1 if lon[vertex] > lon[after] else -1
    return ring if turns == 0 and len(ring) >= 4 else None


def _assemble(rings: list[list[Point]], sources: dict[Point, Corner]) -> BaseGeometry | None:
    """Put the holes into the shell, each in the turn in which it lies there; None if invalid."""
    shell = shapely.Polygon(rings[0])
    if not shapely.is_valid(shell):
        return None
    holes = []
    for ring in rings[1:]:
        for turn in (0, 1, -1):
            moved = [(lon + 360.0 * turn, lat) for lon, lat in ring]
            if shapely.covers(shell, shapely.LineString(moved)):
                break
        else:
            return None
        for point, old in zip(moved, ring, strict=True):
            sources.setdefault(point, sources[old])
        holes.append(moved)
    polygon = shapely.Polygon(rings[0], holes)
    return polygon if shapely.is_valid(polygon) else None


def _pieces_in_window(polygon: BaseGeometry, turn: int) -> Iterable[BaseGeometry]:
    west = 360.0 * turn - 180.0
    found = shapely.intersection(polygon, shapely.box(west, -90.0, west + 360.0, 90.0))
    parts = shapely.get_parts(found)
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    pieces: Iterable[BaseGeometry] = shapely.orient_polygons(areas)
    return pieces


def _path(
    ring: BaseGeometry, turn: int, vertices: Vertices, sources: dict[Point, Corner]
) -> Path | None:
    """Return the corners that the points of a ring are; None if one is none of them."""
    path: Path = []
    for lon, lat in shapely.get_coordinates(ring).tolist():
        corner = sources.get((lon, lat))
        if corner is None:
            return None
        seam = lon - 360.0 * turn
        if abs(seam) == SEAM_LON:
            own = vertices.lon[corner.vertex] if corner.vertex >= 0 else math.nan
            corner = corner._replace(lon=None if own == seam else seam)
        path.append(corner)
    return path
