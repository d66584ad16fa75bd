"""Geometry for the page: one set of shared arcs, quantised, as compact text.

All lines and rings are cut at the vertices where neighbours part, so that a common border is
stored, drawn and rounded once. The idea and the words (arc, quantisation) are those of TopoJSON;
the bytes are zigzag varints of coordinate differences, in base64.

The frame runs from `WEST` eastwards through 180°, so that Russia is one piece.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo.antimeridian import join_at_antimeridian
from sco_geo.geodesy import densify

#: Size of the grid in degrees (11 m in latitude), finer than the base data by a factor of ten.
QUANTUM = 1e-4
#: Longest straight stroke of a line on the page, in km: longer segments get geodesic points.
STROKE_KM = 25.0

Ints = npt.NDArray[np.int64]


@dataclass
class Topology:
    """Collects geometries and stores their arcs once.

    The result of `add` is the shape that the page reads: points as ``["P", x, y, ...]`` in grid
    units, lines as ``["L", [arc, ...], ...]`` and polygons as ``["A", [[arc, ...], ...], ...]``
    (a list of rings per polygon); ``["G", shape, ...]`` is a collection and ``["N"]`` nothing to
    draw. An arc index ``~i`` means arc ``i`` backwards.
    """

    _rings: list[Ints] = field(default_factory=list)
    _is_closed: list[bool] = field(default_factory=list)
    _shapes: list[tuple[str, list[list[int]]]] = field(default_factory=list)

    def add(self, geometry: BaseGeometry | None, *, is_border: bool = False) -> int:
        """Take a geometry (lon, lat in degrees, cut at ±180) and return the number of its shape.

        The vertices of a line that `is_border` are kept as they are, so that it shares the arcs of
        the areas beside it; other lines get points of their geodesics.
        """
        shape: tuple[str, list[list[int]]] = ("N", [])
        if geometry is not None and not geometry.is_empty:
            joined = join_at_antimeridian(geometry)
            if joined.geom_type.endswith("Polygon"):
                shape = ("A", [self._add_polygon(part) for part in shapely.get_parts(joined)])
            elif joined.geom_type.endswith("LineString"):
                stroke_km = math.inf if is_border else STROKE_KM
                parts = shapely.get_parts(joined)
                shape = ("L", [self._add_line(part, stroke_km) for part in parts])
            elif joined.geom_type.endswith("Point"):
                shape = ("P", _grid(shapely.get_coordinates(joined)).tolist())
            else:
                return self._add_collection(joined)
        self._shapes.append(shape)
        return len(self._shapes) - 1

    def _add_collection(self, collection: BaseGeometry) -> int:
        members = [self.add(part) for part in shapely.get_parts(collection)]
        self._shapes.append(("G", [members]))
        return len(self._shapes) - 1

    def _add_polygon(self, polygon: BaseGeometry) -> list[int]:
        rings = [polygon.exterior, *polygon.interiors]
        return [self._store(shapely.get_coordinates(ring), is_closed=True) for ring in rings]

    def _add_line(self, line: BaseGeometry, stroke_km: float) -> list[int]:
        points = shapely.get_coordinates(line)
        if stroke_km < math.inf:
            points, _ = densify(points, stroke_km)
        return [self._store(points, is_closed=False)]

    def _store(self, coordinates: npt.NDArray[np.float64], *, is_closed: bool) -> int:
        grid = _grid(coordinates)
        keep = np.ones(len(grid), dtype=bool)
        keep[1:] = np.any(grid[1:] != grid[:-1], axis=1)
        self._rings.append(grid[keep] if keep.sum() > 1 else grid[:2])
        self._is_closed.append(is_closed)
        return len(self._rings) - 1

    def encode(self) -> dict[str, object]:
        """Return the block for the page: the arcs as text, their use, and the shapes."""
        arcs, refs = _cut(self._rings, self._is_closed)
        return {
            "quantum": QUANTUM,
            "count": len(arcs),
            "vertices": int(sum(map(len, arcs))),
            "arcs": _pack(arcs),
            "shapes": [_resolve(kind, parts, refs) for kind, parts in self._shapes],
        }


def _resolve(kind: str, parts: list[list[int]], refs: list[list[int]]) -> list[object]:
    if kind == "A":
        return [kind, *([refs[ring] for ring in part] for part in parts)]
    if kind == "L":
        return [kind, *(refs[part[0]] for part in parts)]
    return [kind, *(number for point in parts for number in point)]


def _grid(coordinates: npt.NDArray[np.float64]) -> Ints:
    return np.rint(coordinates / QUANTUM).astype(np.int64)


def _keys(points: Ints) -> Ints:
    return (points[:, 0] + (1 << 24)) * (1 << 26) + points[:, 1] + (1 << 24)


def _cut(rings: list[Ints], is_closed: list[bool]) -> tuple[list[Ints], list[list[int]]]:
    """Cut lines and rings at junctions; return the distinct arcs and each ring's references."""
    junctions = _junctions(rings, is_closed)
    arcs: list[Ints] = []
    index: dict[bytes, int] = {}
    refs = []
    for ring, closed in zip(rings, is_closed, strict=True):
        cuts = np.flatnonzero(np.isin(_keys(ring), junctions, kind="sort"))
        if closed:
            ring, cuts = _rotate(ring, cuts)
        else:
            cuts = np.unique(np.concatenate([[0], cuts, [len(ring) - 1]]))
        ring_refs = []
        for begin, end in zip(cuts[:-1], cuts[1:], strict=True):
            ring_refs.append(_intern(ring[begin : end + 1], arcs, index))
        refs.append(ring_refs)
    return arcs, refs


def _rotate(ring: Ints, cuts: Ints) -> tuple[Ints, Ints]:
    """Start a ring at a junction, or at its smallest vertex where it has none."""
    open_ring = ring[:-1]
    cuts = cuts[cuts < len(open_ring)]
    start = int(cuts[0]) if len(cuts) else int(np.argmin(_keys(open_ring)))
    turned = np.roll(open_ring, -start, axis=0)
    cuts = np.sort((cuts - start) % len(open_ring)) if len(cuts) else np.array([0])
    return np.vstack([turned, turned[:1]]), np.append(cuts, len(open_ring))


def _intern(arc: Ints, arcs: list[Ints], index: dict[bytes, int]) -> int:
    backwards = arc[::-1]
    forward_key, backward_key = arc.tobytes(), backwards.tobytes()
    key = min(forward_key, backward_key)
    is_backward = key != forward_key
    if key not in index:
        index[key] = len(arcs)
        arcs.append(backwards if is_backward else arc)
    return ~index[key] if is_backward else index[key]


def _junctions(rings: list[Ints], is_closed: list[bool]) -> Ints:
    """Return the keys of the vertices at which not all rings agree on the two neighbours."""
    vertex, low, high, ends = [], [], [], []
    for ring, closed in zip(rings, is_closed, strict=True):
        keys = _keys(ring)
        if closed:
            before, after = np.roll(keys[:-1], 1), np.roll(keys[:-1], -1)
            middle = keys[:-1]
        else:
            before, middle, after = keys[:-2], keys[1:-1], keys[2:]
            ends.append(keys[[0, -1]])
        vertex.append(middle)
        low.append(np.minimum(before, after))
        high.append(np.maximum(before, after))
    v, a, b = np.concatenate(vertex), np.concatenate(low), np.concatenate(high)
    order = np.lexsort((b, a, v))
    v, a, b = v[order], a[order], b[order]
    differs = (v[1:] == v[:-1]) & ((a[1:] != a[:-1]) | (b[1:] != b[:-1]))
    return np.unique(np.concatenate([v[1:][differs], *ends]))


def _pack(arcs: Iterable[Ints]) -> str:
    """Write arcs as varints: the number of vertices, then zigzag differences x, y, x, y ..."""
    numbers = []
    last = np.zeros(2, dtype=np.int64)
    for arc in arcs:
        steps = np.diff(np.vstack([last, arc]), axis=0).ravel()
        numbers.append(np.concatenate([[len(arc)], (steps << 1) ^ (steps >> 63)]))
        last = arc[-1]
    values = np.concatenate(numbers).astype(np.uint64) if numbers else np.zeros(0, np.uint64)
    return base64.b64encode(_varints(values)).decode("ascii")


def _varints(values: npt.NDArray[np.uint64]) -> bytes:
    """Write numbers below 2^35 in groups of seven bits, lowest first; bit 8 means "more"."""
    position = np.arange(5)
    shifted = values[:, None] >> (np.uint64(7) * position.astype(np.uint64))
    sevens = shifted & np.uint64(127)
    length = 1 + (shifted[:, 1:] > 0).sum(axis=1)
    sevens[position < length[:, None] - 1] |= np.uint64(128)
    return sevens[position < length[:, None]].astype(np.uint8).tobytes()


def decode(text: str) -> list[Ints]:
    """Read the arcs back, in grid units (the page has its own copy of this in JavaScript)."""
    data = base64.b64decode(text)
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    arcs, at, x, y = [], 0, 0, 0
    while at < len(numbers):
        count, at = numbers[at], at + 1
        arc = []
        for _ in range(count):
            x += (numbers[at] >> 1) ^ -(numbers[at] & 1)
            y += (numbers[at + 1] >> 1) ^ -(numbers[at + 1] & 1)
            arc.append((x, y))
            at += 2
        arcs.append(np.array(arc, dtype=np.int64))
    return arcs
