"""Small rail networks made for tests, and a second, plain router over the same tables.

The router shares no code with the ones it judges but the formula of the distance to a segment: its
graph is a dictionary, a place is a node of it, and the search is the textbook one.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sco_geo.network._format import EdgeTable
from sco_geo.network._snapping_math import project_on_segment, segment_metres

Floats = npt.NDArray[np.float64]
LonLat = tuple[float, float]
STATUSES_OF = {"today": {0}, "construction": {0, 1}, "planned": {0, 1, 2}}
PASSENGER = 1


def make_table(seed: int, nodes: int, *, islands: int = 1) -> EdgeTable:
    """A random network around 70° E, 45° N: parallel edges, a loop, bent lines and all codes."""
    random = np.random.default_rng(seed)
    lon = np.round(random.uniform(62, 78, nodes), 3)
    lat = np.round(random.uniform(40, 50, nodes), 3)
    pairs = list(_pairs(random, lon, lat, random.integers(0, islands, nodes)))
    start, end = np.array(pairs, dtype=np.int32).T
    counts = random.integers(0, 5, len(pairs))
    offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    share = np.concatenate([np.linspace(0, 1, n + 2)[1:-1] for n in counts] or [np.zeros(0)])
    owner = np.repeat(np.arange(len(pairs)), counts)
    bends = random.normal(0, 0.03, (2, len(owner)))
    bent = [
        np.round(place[start][owner] * (1 - share) + place[end][owner] * share + bend, 3)
        for place, bend in zip((lon, lat), bends, strict=True)
    ]
    straight = segment_metres(lon[start], lat[start], lon[end], lat[end])
    length = 10 * np.ceil(
        straight * random.uniform(1.0, 1.4, len(pairs)) / 10 + 50 * (start == end)
    )

    def codes(*share: float) -> npt.NDArray[np.uint8]:
        return random.choice(len(share), len(pairs), p=share).astype(np.uint8)

    names = {"name": "A line", "name_zh": "线路", "name_ru": "Линия"}
    return EdgeTable(
        node_lon=lon,
        node_lat=lat,
        start=start,
        end=end,
        length_m=length.astype(np.int32),
        country=codes(0.5, 0.4, 0.1),
        gauge=codes(0.4, 0.4, 0.15, 0.05),
        status=codes(0.91, 0.03, 0.03, 0.03),
        line_class=codes(0.93, 0.04, 0.03),
        basis=codes(0.25, 0.25, 0.25, 0.25),
        line=random.choice([-1, 0, 1], len(pairs)).astype(np.int16),
        chain_offset=offset,
        chain_lon=bent[0],
        chain_lat=bent[1],
        chain_level=random.integers(0, 4, len(owner)).astype(np.uint8),
        countries=("KAZ", "UZB", ""),
        gauges=("1520", "1435", "1435;1520", ""),
        lines=({"id": "a-line", **names}, {"id": "b-line"}),
        meta={"version": "test", "as_of": "2026-01-01"},
    )


def _pairs(
    random: np.random.Generator, lon: Floats, lat: Floats, island: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Edges between near nodes of one island: a tree, others, one of them twice, and a loop."""
    for node in range(len(lon)):
        away = np.hypot(lon - lon[node], lat - lat[node])
        same = [other for other in np.argsort(away).tolist() if island[other] == island[node]]
        yield from ((node, other) for other in [o for o in same if o < node][:1])
        yield from ((node, other) for other in same[1 : 1 + int(random.integers(0, 3))])
    yield 0, 0


def usable(table: EdgeTable, scenario: str, traffic: str) -> list[int]:
    return [
        edge
        for edge in range(len(table.start))
        if table.status[edge] in STATUSES_OF[scenario]
        and (traffic == "any" or table.line_class[edge] != PASSENGER)
    ]


Near = dict[object, list[tuple[object, float]]]


def shortest_km(
    table: EdgeTable, start: LonLat, end: LonLat, scenario: str, traffic: str
) -> float | str:
    """The length of the shortest way in km, without connectors, or why there is none."""
    edges = usable(table, scenario, traffic)
    near: Near = defaultdict(list)
    for edge in edges:
        _link(near, int(table.start[edge]), int(table.end[edge]), int(table.length_m[edge]))
    points = [snap(table, edges, near, place) for place in (start, end)]
    if None in points:
        return "snap_too_far"
    for name, point in zip(("from", "to"), points, strict=True):
        _add_point(table, near, name, *point)
    if points[0][0] == points[1][0]:
        _link(near, "from", "to", abs(points[0][1] - points[1][1]))
    metres = distances(near, "from").get("to")
    return "no_route" if metres is None else metres / 1000


def snap(
    table: EdgeTable, edges: Sequence[int], near: Near, place: LonLat
) -> tuple[int, int] | None:
    """The point of a place: edge and whole metres from its start; None if all are too far."""
    feet = {edge: _foot(table, edge, place) for edge in edges}
    closest = min(feet, key=lambda edge: (feet[edge][1], edge))
    if feet[closest][1] > 25_000:
        return None
    parts = _components(table, edges)
    part = next(part for part in parts if closest in part)
    if _metres(table, part) < 500_000:
        reach = min(feet[closest][1] + 5000, 25_000)
        others = [part for part in parts if any(feet[edge][1] <= reach for edge in part)]
        part = max(others, key=lambda part: _metres(table, part))
    limit = min(min(feet[edge][1] for edge in part) + 2000, 25_000)
    chosen = [edge for edge in sorted(part) if feet[edge][1] <= limit]
    rows = _landmarks(table, near, part) if len(chosen) > 1 else []

    def score(edge: int) -> float:
        along, away = feet[edge]
        ends = (int(table.start[edge]), along), (int(table.end[edge]), table.length_m[edge] - along)
        return 2 * away + float(np.mean([min(row[n] + more for n, more in ends) for row in rows]))

    edge = min(chosen, key=score) if rows else chosen[0]
    return edge, feet[edge][0]


def _foot(table: EdgeTable, edge: int, place: LonLat) -> tuple[int, float]:
    """Whole metres from the start of an edge to its point nearest to a place; metres to that."""
    offset, lon, lat = _paths(table)
    x, y = lon[offset[edge] : offset[edge + 1]], lat[offset[edge] : offset[edge + 1]]
    metres, share = project_on_segment(*place, x[:-1], y[:-1], x[1:], y[1:])
    at = int(metres.argmin())
    parts = segment_metres(x[:-1], y[:-1], x[1:], y[1:])
    before = parts[:at].sum() + share[at] * parts[at]
    along = before / parts.sum() * table.length_m[edge] if parts.sum() else 0
    return round(float(along)), float(metres[at])


@lru_cache
def _paths(table: EdgeTable) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    return table.paths()


def _components(table: EdgeTable, edges: Sequence[int]) -> list[set[int]]:
    """The connected parts, as sets of edges."""
    parts: list[tuple[set[int], set[int]]] = []
    for edge in edges:
        ends = {int(table.start[edge]), int(table.end[edge])}
        touched = [part for part in parts if part[1] & ends]
        parts = [part for part in parts if not part[1] & ends]
        joined = {edge}.union(*(part[0] for part in touched))
        parts.append((joined, ends.union(*(part[1] for part in touched))))
    return [part[0] for part in parts]


def _metres(table: EdgeTable, part: set[int]) -> int:
    return sum(int(table.length_m[edge]) for edge in part)


def _landmarks(table: EdgeTable, near: Near, part: set[int]) -> list[dict[object, float]]:
    """Distances from six far ends of a part, each the farthest from those before it."""
    nodes = sorted({int(node) for edge in part for node in (table.start[edge], table.end[edge])})
    first = distances(near, nodes[0])
    rows = [distances(near, max(nodes, key=lambda node: first[node]))]
    while len(rows) < 6:
        node = max(nodes, key=lambda node: min(row[node] for row in rows))
        rows.append(distances(near, node))
    return rows


def _link(near: Near, a: object, b: object, metres: float) -> None:
    near[a].append((b, metres))
    near[b].append((a, metres))


def _add_point(table: EdgeTable, near: Near, name: str, edge: int, along: int) -> None:
    _link(near, name, int(table.start[edge]), along)
    _link(near, name, int(table.end[edge]), int(table.length_m[edge]) - along)


def distances(near: Near, source: object) -> dict[object, float]:
    """Metres from a node to all that can be reached, after Dijkstra."""
    heap: list[tuple[float, str, object]] = [(0, "", source)]
    done: dict[object, float] = {}
    while heap:
        metres, _, node = heapq.heappop(heap)
        if node in done:
            continue
        done[node] = metres
        for other, more in near[node]:
            if other not in done:
                heapq.heappush(heap, (metres + more, str(other), other))
    return done
