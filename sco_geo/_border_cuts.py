"""Cut geodesics where they meet the edges of areas, and share them out over the areas.

A stretch far from all edges lies in one area. Any other is halved until it bows by no more than
`BOW_M` from the straight line in degrees. Then it is a parabola through three points of its
geodesic, within a few centimetres of it, and meets a straight edge where a quadratic equation
says. Between two cuts one point tells the area.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sco_geo._territory_cells import Boxes, TerritoryCells, TerritoryIndex
from sco_geo.geodesy import WGS84

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Numbers of segments, numbers of areas (-1 for none), and shares of the segments' lengths.
Parts = tuple[Ints, Ints, Floats]

#: A stretch near an edge is halved if it bows more than this from the line in degrees, in metres.
BOW_M = 10.0
#: It is halved as well if it is longer than this, in metres.
STRETCH_M = 50e3
#: What lies so near to an edge is on it (about 1 mm).
ON_EDGE_DEG = 1e-8
#: Two points so far on either side of an edge tell what it parts (about 1 cm).
BESIDE_DEG = 1e-7
#: Cuts beyond the ends by this share of a stretch or an edge count: none is lost to rounding.
SLACK = 1e-9
#: Smallest radius of curvature of WGS84, that of the meridian at the equator, in metres.
_RADIUS_M = 6_335_439.0


@dataclass(frozen=True)
class _Stretches:
    """Stretches of segments, each with the share that it is of the length of its segment.

    The ends `start` and `stop` are (lon, lat) in degrees, without a jump at ±180; `azimuth` is
    the direction at the start, in degrees.
    """

    segment: Ints
    share: Floats
    start: Floats
    stop: Floats
    metres: Floats
    azimuth: Floats

    def pick(self, chosen: Bools) -> _Stretches:
        return _Stretches(*(getattr(self, field.name)[chosen] for field in fields(self)))


def split_at_borders(
    ends: Floats, metres: Floats, index: TerritoryIndex, precedence: Ints
) -> Iterator[Parts]:
    """Yield the parts of segments that lie in each area; the shares of a segment add up to 1.

    Parameters
    ----------
    ends : array of shape (n, 4)
        Rows (lon, lat, lon, lat) in degrees: the western end from -180 up to 180, the eastern one
        at most half a turn on.
    metres : array of shape (n,)
        Geodesic lengths; segments of length 0 have no parts.
    index : TerritoryIndex
        The areas.
    precedence : array
        A number for each area, and a last one for no area. What runs along an edge goes to the
        side with the greater number, and half to either side if they are equal.
    """
    segment = np.flatnonzero(metres > 0)
    if not len(segment):
        return
    ends, metres = ends[segment], metres[segment]
    boxes = _boxes(ends[:, :2], ends[:, 2:], _bow_m(ends[:, 1], ends[:, 3], metres))
    cells = index.cells(boxes)
    near = cells.is_near_edge(boxes)
    yield segment[~near], cells.owner_of_cell(*ends[~near, :2].T), np.ones(len(ends) - near.sum())
    left = _whole(segment[near], ends[near], metres[near])
    while len(left.segment):
        middle, azimuth = _middles(left)
        is_straight = (left.metres <= STRETCH_M) & (_bow(left) <= BOW_M)
        yield from _cut(left.pick(is_straight), middle[is_straight], cells, precedence)
        left = _halves(left.pick(~is_straight), middle[~is_straight], azimuth[~is_straight])
        near = cells.is_near_edge(_boxes(left.start, left.stop, _bow(left)))
        alone = left.pick(~near)
        yield alone.segment, cells.owner_of_cell(*alone.start.T), alone.share
        left = left.pick(near)


def _whole(segment: Ints, ends: Floats, metres: Floats) -> _Stretches:
    azimuth, _, _ = WGS84.inv(ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3])
    share = np.ones(len(ends))
    return _Stretches(segment, share, ends[:, :2], ends[:, 2:], metres, np.asarray(azimuth))


def _bow(stretches: _Stretches) -> Floats:
    return _bow_m(stretches.start[:, 1], stretches.stop[:, 1], stretches.metres)


def _bow_m(lat0: Floats, lat1: Floats, metres: Floats) -> Floats:
    """Return how far geodesics stray at most from straight lines in degrees, in metres.

    That is s² tan(lat) / 8R along a parallel, up to 1.09 times as much aslant, and never more than
    half the length, since no point is farther from both ends.
    """
    latitude = np.maximum(np.abs(lat0), np.abs(lat1)) + np.degrees(metres / 2 / _RADIUS_M)
    slope = np.tan(np.radians(np.minimum(latitude, 89.99)))
    bow = np.where(latitude < 89.99, 1.1 * metres**2 * slope / (8 * _RADIUS_M), np.inf)
    return np.minimum(bow, metres / 2)


def _boxes(start: Floats, stop: Floats, bow_m: Floats) -> Boxes:
    """Return boxes that hold geodesics: they stray to north or south, never to east or west."""
    pad = np.degrees(bow_m / _RADIUS_M)
    return Boxes(
        np.minimum(start[:, 0], stop[:, 0]),
        np.minimum(start[:, 1], stop[:, 1]) - pad,
        np.maximum(start[:, 0], stop[:, 0]),
        np.maximum(start[:, 1], stop[:, 1]) + pad,
    )


def _middles(stretches: _Stretches) -> tuple[Floats, Floats]:
    """Return the middle of each geodesic, not east or west of its ends, and the azimuth there."""
    start, stop = stretches.start[:, 0], stretches.stop[:, 0]
    lon, lat, back = WGS84.fwd(
        start, stretches.start[:, 1], stretches.azimuth, stretches.metres / 2
    )
    lon = np.asarray(lon) + 360 * np.round(((start + stop) / 2 - lon) / 360)
    lon = np.clip(lon, np.minimum(start, stop), np.maximum(start, stop))
    return np.column_stack([lon, lat]), np.asarray(back) + 180


def _halves(stretches: _Stretches, middle: Floats, azimuth: Floats) -> _Stretches:
    half, metres = stretches.share / 2, stretches.metres / 2
    return _Stretches(
        np.tile(stretches.segment, 2),
        np.tile(half, 2),
        np.concatenate([stretches.start, middle]),
        np.concatenate([middle, stretches.stop]),
        np.tile(metres, 2),
        np.concatenate([stretches.azimuth, azimuth]),
    )


@dataclass(frozen=True)
class _Curves:
    """Parabolas start + run t + bend 4t(1 - t) for t from 0 to 1, in degrees."""

    start: Floats
    run: Floats
    bend: Floats

    def at(self, curve: Ints, t: Floats) -> Floats:
        bend = (4 * t * (1 - t))[:, None] * self.bend[curve]
        return self.start[curve] + t[:, None] * self.run[curve] + bend


@dataclass(frozen=True)
class _Pairs:
    """Curves and edges that may meet: `offset` is from the start of the edge to that of the curve.

    All in degrees; `edge` is the step from the start of the edge to its end.
    """

    curve: Ints
    offset: Floats
    edge: Floats


def _cut(
    stretches: _Stretches, middle: Floats, cells: TerritoryCells, precedence: Ints
) -> Iterator[Parts]:
    """Yield the parts of stretches that are nearly straight, between their cuts at edges."""
    chord = (stretches.start + stretches.stop) / 2
    curves = _Curves(stretches.start, stretches.stop - stretches.start, middle - chord)
    pairs = _pairs(stretches, chord, cells)
    has_edge_along = np.zeros(len(chord), dtype=bool)
    has_edge_along[pairs.curve[_is_along(curves, pairs)]] = True
    curves.bend[has_edge_along] = 0.0  # where an edge along ends, another crosses
    curve, begin, end = _between(_crossings(curves, pairs), len(chord))
    share = stretches.share[curve] * (end - begin)
    segment = stretches.segment[curve]
    point = curves.at(curve, (begin + end) / 2)
    beside = has_edge_along[curve]
    yield segment[~beside], cells.index.owner_at(*point[~beside].T), share[~beside]
    if beside.any():
        run = curves.run[curve[beside]]
        aside = run[:, ::-1] * (-BESIDE_DEG, BESIDE_DEG) / _norm(run)[:, None]
        left, right = (cells.index.owner_at(*(point[beside] + way * aside).T) for way in (1, -1))
        to_left = (1 + np.sign(precedence[left] - precedence[right])) / 2
        yield segment[beside], left, share[beside] * to_left
        yield segment[beside], right, share[beside] * (1 - to_left)


def _pairs(stretches: _Stretches, chord: Floats, cells: TerritoryCells) -> _Pairs:
    """Return the pairs of stretches and edges whose boxes meet, edges turned to the stretch."""
    boxes = _boxes(stretches.start, stretches.stop, _bow(stretches))
    curve, number = cells.pairs(boxes)
    start = cells.points[number]
    edge = cells.points[number + 1] - start
    start[:, 0] += 360 * np.round((chord[curve, 0] - start[:, 0] - edge[:, 0] / 2) / 360)
    low = np.minimum(start, start + edge) - ON_EDGE_DEG
    high = np.maximum(start, start + edge) + ON_EDGE_DEG
    meets = (low[:, 0] <= boxes.east[curve]) & (high[:, 0] >= boxes.west[curve])
    meets &= (low[:, 1] <= boxes.north[curve]) & (high[:, 1] >= boxes.south[curve])
    curve = curve[meets]
    return _Pairs(curve, stretches.start[curve] - start[meets], edge[meets])


def _is_along(curves: _Curves, pairs: _Pairs) -> Bools:
    """Tell where both ends of a stretch lie on the line of an edge that covers some of it."""
    run, edge = curves.run[pairs.curve], pairs.edge
    length = _norm(edge)
    away = np.maximum(np.abs(_cross(edge, pairs.offset)), np.abs(_cross(edge, pairs.offset + run)))
    first = _dot(edge, pairs.offset) / length**2
    last = first + _dot(edge, run) / length**2
    overlap = np.minimum(np.maximum(first, last), 1) - np.maximum(np.minimum(first, last), 0)
    return np.asarray((away <= ON_EDGE_DEG * length) & (overlap * length > ON_EDGE_DEG))


def _crossings(curves: _Curves, pairs: _Pairs) -> list[tuple[Ints, Floats]]:
    """Return where curves meet edges: pairs (curve, t), from both roots of c + b t + a t² = 0."""
    run, bend = curves.run[pairs.curve], curves.bend[pairs.curve]
    a = -4 * _cross(pairs.edge, bend)
    b = _cross(pairs.edge, run) - a
    c = _cross(pairs.edge, pairs.offset)
    found = []
    with np.errstate(divide="ignore", invalid="ignore"):
        half = -(b + np.copysign(np.sqrt(b * b - 4 * a * c), b)) / 2
        for t in (c / half, half / a):
            t_edge = _dot(
                pairs.edge, pairs.offset + t[:, None] * run + (4 * t * (1 - t))[:, None] * bend
            )
            t_edge /= _dot(pairs.edge, pairs.edge)
            meets = (np.abs(t - 0.5) <= 0.5 + SLACK) & (np.abs(t_edge - 0.5) <= 0.5 + SLACK)
            found.append((pairs.curve[meets], t[meets]))
    return found


def _between(cuts: list[tuple[Ints, Floats]], count: int) -> tuple[Ints, Floats, Floats]:
    """Return the pieces (curve, t, t) that cuts make of curves, without those of no length."""
    curves = np.arange(count)
    curve = np.concatenate([curves, *(curve for curve, _ in cuts), curves])
    t = np.concatenate([np.zeros(count), *(t for _, t in cuts), np.ones(count)])
    t = np.clip(t, 0.0, 1.0)
    order = np.lexsort((t, curve))
    curve, t = curve[order], t[order]
    stays = (curve[1:] == curve[:-1]) & (t[1:] > t[:-1])
    return curve[1:][stays], t[:-1][stays], t[1:][stays]


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1])


def _norm(a: Floats) -> Floats:
    return np.hypot(a[:, 0], a[:, 1])
