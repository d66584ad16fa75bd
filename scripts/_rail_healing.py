"""Close the gaps of the rail graph: join dead ends to the nearest track of another line.

Where a branch met the middle of a way, the package lost their common vertex when it simplified the
way. So a gap is closed from a dead end to the nearest *segment*, which is split there. What may be
joined follows from distance, direction and from how far the way round is now:

=============== ====================================== ================================
kind            between different components           inside one component
=============== ====================================== ================================
``near``        up to 2 km, any direction              up to 2 km, if the way round is
                                                       longer than 30 km and 10 gaps
``ahead``       up to 8 km within 60°                  up to 6 km within 60°, if longer
                                                       than 100 km and 15 gaps
``chord``       up to 2 km and 12 % of the segment's
                length, within 75°
``facing``      up to 15 km to a dead end, both         the same, if longer than 100 km
                within 60° of the line between them     and 15 gaps
=============== ====================================== ================================

No gap is closed across the boundary of two states except near a known crossing, and none that
stands on the list of gaps to be left open.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from _rail_graph import (
    FROM_JOIN,
    KM_PER_DEGREE,
    Floats,
    Ints,
    LonLat,
    RailGraph,
    geodesic_km,
    split_edges,
)

NEAR_KM, AHEAD_KM, INSIDE_AHEAD_KM, FACING_KM = 2.0, 8.0, 6.0, 15.0
CHORD_KM, CHORD_SHARE = 2.0, 0.12
AHEAD_DEGREES, CHORD_DEGREES = 60.0, 75.0
#: The way round above which a gap inside a component is closed: km, and times the gap.
NEAR_ROUND, AHEAD_ROUND = (30.0, 10.0), (100.0, 15.0)
#: The direction of a dead end is taken over its last kilometres.
DIRECTION_KM = 2.0
#: Farthest nearest point looked at: a chord of 500 km may bow away by 62 km.
REACH_KM = 62.0
ROUNDS = 6
MOST_JOINS = 2


_Neighbours = list[list[tuple[int, float]]]


@dataclass(frozen=True)
class Join:
    """A gap that was closed: from a dead end to a point of another line, (lon, lat)."""

    start: LonLat
    end: LonLat
    kind: str
    gap_km: float
    round: int


@dataclass(frozen=True)
class _Candidate:
    gap: float
    node: int
    edge: int
    point: LonLat
    kind: str
    inside: bool


def heal(
    graph: RailGraph, is_allowed: Callable[[LonLat, LonLat], bool]
) -> tuple[RailGraph, list[Join]]:
    """Close gaps, shortest first, until no rule closes one more.

    Parameters
    ----------
    graph : RailGraph
        As read; parallel edges and components as they are.
    is_allowed : function
        Says of the two ends (lon, lat) of a gap whether it may be closed.
    """
    joins: list[Join] = []
    count = np.zeros(len(graph.lon), dtype=np.int64)
    for number in range(1, ROUNDS + 1):
        candidates = _candidates(graph, count)
        chosen = _choose(graph, candidates, is_allowed)
        if not chosen:
            break
        graph, made = _join(graph, chosen, number)
        count = np.concatenate([count, np.zeros(len(graph.lon) - len(count), dtype=np.int64)])
        for candidate in chosen:
            count[candidate.node] += 1
        joins += made
    return graph, joins


def directions(graph: RailGraph, ends: Ints) -> Floats:
    """Return the outward direction (x, y in km, length 1) of dead ends over their last 2 km."""
    matrix = graph.matrix()
    pointer, others, km = matrix.indptr, matrix.indices, matrix.data
    out = np.zeros((len(ends), 2))
    for row, node in enumerate(ends.tolist()):
        before, here, walked = -1, node, 0.0
        while walked < DIRECTION_KM:
            span = slice(pointer[here], pointer[here + 1])
            onward = [
                (int(n), float(d))
                for n, d in zip(others[span], km[span], strict=True)
                if n != before
            ]
            if not onward or (before >= 0 and len(onward) > 1):
                break
            before, (here, step) = here, onward[0]
            walked += step
        scale = np.cos(np.radians(graph.lat[node]))
        vector = np.array(
            [(graph.lon[node] - graph.lon[here]) * scale, graph.lat[node] - graph.lat[here]]
        )
        out[row] = vector / max(float(np.hypot(*vector)), 1e-12)
    return out


def _candidates(graph: RailGraph, count: Ints) -> list[_Candidate]:
    """List what the rules of distance and direction allow, the shortest gap first."""
    neighbours = np.diff(graph.matrix().indptr)
    was_joined = count > 0
    ends = np.flatnonzero(
        ((neighbours == 1) | was_joined) & (count < MOST_JOINS) & ((neighbours - count) == 1)
    )
    outward = directions(graph, ends)
    _, component = graph.components()
    segments = graph.segments()
    tree = shapely.STRtree(segments)
    row, edge = _near_pairs(graph, ends, segments, tree)
    node = ends[row]
    own = (graph.start[edge] == node) | (graph.end[edge] == node)
    row, edge, node = row[~own], edge[~own], node[~own]
    lon, lat, gap = _nearest(graph, node, edge)
    scale = np.cos(np.radians(graph.lat[node]))
    towards = np.column_stack([(lon - graph.lon[node]) * scale, lat - graph.lat[node]])
    norm = np.maximum(np.hypot(towards[:, 0], towards[:, 1]), 1e-12)
    cosine = np.einsum("ij,ij->i", towards, outward[row]) / norm
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    inside = component[graph.start[edge]] == component[node]
    facing = _is_facing(graph, edge, lon, lat, ends, outward, towards / norm[:, None])
    kinds = _kinds(gap, angle, graph.km[edge], inside, facing)
    found = [
        _Candidate(
            float(gap[i]),
            int(node[i]),
            int(edge[i]),
            (float(lon[i]), float(lat[i])),
            str(kinds[i]),
            bool(inside[i]),
        )
        for i in np.flatnonzero(kinds != "")
    ]
    return sorted(found, key=lambda c: (c.gap, c.node, c.edge))


def _near_pairs(
    graph: RailGraph, ends: Ints, segments: npt.NDArray[np.object_], tree: shapely.STRtree
) -> tuple[Ints, Ints]:
    """Return pairs (row of a dead end, edge) that lie near enough: long edges reach farther."""
    scale = np.cos(np.radians(graph.lat[ends]))
    rows, edges = [], []
    for reach, longest in ((FACING_KM, np.inf), (REACH_KM, 0.0)):
        dx, dy = reach / KM_PER_DEGREE / scale, reach / KM_PER_DEGREE
        boxes = shapely.box(
            graph.lon[ends] - dx, graph.lat[ends] - dy, graph.lon[ends] + dx, graph.lat[ends] + dy
        )
        row, edge = tree.query(boxes, predicate="intersects")
        if longest == 0.0:
            long = graph.km[edge] * CHORD_SHARE + CHORD_KM > FACING_KM
            row, edge = row[long], edge[long]
        rows.append(row)
        edges.append(edge)
    pairs = np.unique(np.column_stack([np.concatenate(rows), np.concatenate(edges)]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _nearest(graph: RailGraph, node: Ints, edge: Ints) -> tuple[Floats, Floats, Floats]:
    """Return the nearest point of each edge to each node, and the gap in km."""
    a, b = graph.start[edge], graph.end[edge]
    scale = np.cos(np.radians(graph.lat[node]))
    x, y = (graph.lon[b] - graph.lon[a]) * scale, graph.lat[b] - graph.lat[a]
    u, v = (graph.lon[node] - graph.lon[a]) * scale, graph.lat[node] - graph.lat[a]
    square = np.maximum(x * x + y * y, 1e-18)
    share = np.clip((u * x + v * y) / square, 0, 1)
    lon = graph.lon[a] + share * (graph.lon[b] - graph.lon[a])
    lat = graph.lat[a] + share * (graph.lat[b] - graph.lat[a])
    gap = KM_PER_DEGREE * np.hypot((lon - graph.lon[node]) * scale, lat - graph.lat[node])
    return lon, lat, gap


def _is_facing(  # noqa: PLR0913
    graph: RailGraph,
    edge: Ints,
    lon: Floats,
    lat: Floats,
    ends: Ints,
    outward: Floats,
    towards: Floats,
) -> npt.NDArray[np.bool_]:
    """Tell whether the nearest point is itself a dead end that looks back."""
    look = np.full((len(graph.lon), 2), np.nan)
    look[ends] = outward
    result = np.zeros(len(edge), dtype=bool)
    for end in (graph.start[edge], graph.end[edge]):
        is_there = (np.abs(graph.lon[end] - lon) < 1e-9) & (np.abs(graph.lat[end] - lat) < 1e-9)
        back = -np.einsum("ij,ij->i", towards, look[end])
        result |= is_there & (back >= np.cos(np.radians(AHEAD_DEGREES)))
    return result


def _kinds(
    gap: Floats,
    angle: Floats,
    km: Floats,
    inside: npt.NDArray[np.bool_],
    facing: npt.NDArray[np.bool_],
) -> npt.NDArray[np.str_]:
    ahead = angle <= AHEAD_DEGREES
    kinds = np.full(len(gap), "", dtype="<U6")
    kinds[facing & ahead & (gap <= FACING_KM)] = "facing"
    chord = ~inside & (angle <= CHORD_DEGREES) & (gap <= CHORD_KM + CHORD_SHARE * km)
    kinds[chord & (kinds == "")] = "chord"
    kinds[~inside & ahead & (gap <= AHEAD_KM)] = "ahead"
    kinds[inside & ahead & (gap <= INSIDE_AHEAD_KM)] = "ahead"
    kinds[gap <= NEAR_KM] = "near"
    return kinds


def _choose(
    graph: RailGraph, candidates: list[_Candidate], is_allowed: Callable[[LonLat, LonLat], bool]
) -> list[_Candidate]:
    """Take gaps in order, one a dead end and one between the same two places each round."""
    _, component = graph.components()
    parent = {int(c): int(c) for c in np.unique(component)}

    def root(label: int) -> int:
        while parent[label] != label:
            parent[label] = parent[parent[label]]
            label = parent[label]
        return label

    neighbours = _neighbours(graph)
    chosen: list[_Candidate] = []
    used: set[int] = set()
    for candidate in candidates:
        if candidate.node in used:
            continue
        mine = root(int(component[candidate.node]))
        other = root(int(component[graph.start[candidate.edge]]))
        if candidate.inside:
            if not _is_long_way_round(graph, neighbours, candidate):
                continue
        elif mine == other:
            continue
        here = float(graph.lon[candidate.node]), float(graph.lat[candidate.node])
        if not is_allowed(here, candidate.point):
            continue
        parent[mine] = other
        used.add(candidate.node)
        used.update(_dead_end_at(graph, candidate))
        chosen.append(candidate)
    return chosen


def _dead_end_at(graph: RailGraph, candidate: _Candidate) -> list[int]:
    """Return the end of the edge that a gap leads to, if it leads to one."""
    return [
        int(end)
        for end in (graph.start[candidate.edge], graph.end[candidate.edge])
        if abs(graph.lon[end] - candidate.point[0]) < 1e-9
        and abs(graph.lat[end] - candidate.point[1]) < 1e-9
    ]


def _is_long_way_round(graph: RailGraph, neighbours: _Neighbours, candidate: _Candidate) -> bool:
    """Tell whether the way on rails to the other side of a gap is long."""
    least, times = NEAR_ROUND if candidate.kind == "near" else AHEAD_ROUND
    limit = max(least, times * candidate.gap)
    a, b = int(graph.start[candidate.edge]), int(graph.end[candidate.edge])
    ends = geodesic_km(
        np.array([graph.lon[a], graph.lon[b]]),
        np.array([graph.lat[a], graph.lat[b]]),
        np.full(2, candidate.point[0]),
        np.full(2, candidate.point[1]),
    )
    rest = {a: float(ends[0]), b: float(ends[1])}
    queue, done = [(0.0, candidate.node)], set()
    while queue:
        km, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        if km + rest.get(node, np.inf) <= limit:
            return False
        for other, step in neighbours[node]:
            if other not in done and km + step <= limit:
                heapq.heappush(queue, (km + step, other))
    return True


def _neighbours(graph: RailGraph) -> _Neighbours:
    """Return for each node its neighbours and the km to them."""
    matrix = graph.matrix()
    pairs = list(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))
    return [pairs[a:b] for a, b in pairwise(matrix.indptr.tolist())]


def _join(graph: RailGraph, chosen: list[_Candidate], number: int) -> tuple[RailGraph, list[Join]]:
    """Split the edges that the gaps lead to and put in the edges that close them."""
    graph, nodes = split_edges(graph, [c.edge for c in chosen], [c.point for c in chosen])
    start = np.array([c.node for c in chosen], dtype=np.int64)
    used = start != nodes
    km = geodesic_km(graph.lon[start], graph.lat[start], graph.lon[nodes], graph.lat[nodes])
    joins = [
        Join(
            (float(graph.lon[a]), float(graph.lat[a])),
            (float(graph.lon[b]), float(graph.lat[b])),
            candidate.kind,
            float(length),
            number,
        )
        for candidate, a, b, length in zip(chosen, start, nodes, km, strict=True)
    ]
    origin = np.full(int(used.sum()), FROM_JOIN)
    return graph.with_edges(start[used], nodes[used], km[used], origin), joins
