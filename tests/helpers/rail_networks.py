"""Small rail networks made for tests, and a second, plain router over the same tables.

The router shares no code with the ones it judges but the formula of the distance to a segment: its
graph is a dictionary, a place is a node of it, and the search is the textbook one.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

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


def entries(table: EdgeTable, edges: Sequence[int], place: LonLat) -> list[tuple[int, int, float]]:
    """Where a place meets the lines: edge, whole metres from its start, metres to the place."""
    offset, lon, lat = table.paths()
    feet = {}
    for edge in edges:
        x, y = lon[offset[edge] : offset[edge + 1]], lat[offset[edge] : offset[edge + 1]]
        metres, share = project_on_segment(*place, x[:-1], y[:-1], x[1:], y[1:])
        at = int(metres.argmin())
        parts = segment_metres(x[:-1], y[:-1], x[1:], y[1:])
        before = parts[:at].sum() + share[at] * parts[at]
        along = before / parts.sum() * table.length_m[edge] if parts.sum() else 0
        feet[edge] = (round(along), float(metres[at]))
    component = _components(table, edges)
    nearest: dict[int, float] = defaultdict(lambda: math.inf)
    for edge, (_, metres_away) in feet.items():
        nearest[component[edge]] = min(nearest[component[edge]], metres_away)
    best = min(nearest.values(), default=math.inf)
    return [
        (edge, along, away)
        for edge, (along, away) in feet.items()
        if nearest[component[edge]] <= best + 5000
        and away <= min(nearest[component[edge]] + 2000, 25_000)
    ]


def _components(table: EdgeTable, edges: Sequence[int]) -> dict[int, int]:
    """The component of each edge, by uniting sets of nodes."""
    above = list(range(len(table.node_lon)))

    def top(node: int) -> int:
        while above[node] != node:
            node = above[node]
        return node

    for edge in edges:
        above[top(int(table.start[edge]))] = top(int(table.end[edge]))
    return {edge: top(int(table.start[edge])) for edge in edges}


def shortest_km(
    table: EdgeTable, start: LonLat, end: LonLat, scenario: str, traffic: str
) -> float | str:
    """The length of the best way in km without its connectors, or why there is none."""
    edges = usable(table, scenario, traffic)
    near: dict[object, list[tuple[object, float, float]]] = defaultdict(list)

    def link(a: object, b: object, metres: float, cost: float) -> None:
        near[a].append((b, metres, cost))
        near[b].append((a, metres, cost))

    for edge in edges:
        metres = int(table.length_m[edge])
        link(int(table.start[edge]), int(table.end[edge]), metres, metres)
    ends = {"from": entries(table, edges, start), "to": entries(table, edges, end)}
    if not all(ends.values()):
        return "snap_too_far"
    for name, found in ends.items():
        for edge, along, away in found:
            rest = int(table.length_m[edge]) - along
            link(name, (name, edge), 0, 2 * away)
            link((name, edge), int(table.start[edge]), along, along)
            link((name, edge), int(table.end[edge]), rest, rest)
    for edge, along, _ in ends["from"]:
        for other, place, _ in ends["to"]:
            if edge == other:
                link(("from", edge), ("to", edge), abs(along - place), abs(along - place))
    return _search(near)


def _search(near: dict[object, list[tuple[object, float, float]]]) -> float | str:
    heap: list[tuple[float, float, str, object]] = [(0, 0, "", "from")]
    done: set[object] = set()
    while heap:
        cost, metres, _, node = heapq.heappop(heap)
        if node == "to":
            return metres / 1000
        if node in done:
            continue
        done.add(node)
        for other, more, price in near[node]:
            if other not in done:
                heapq.heappush(heap, (cost + price, metres + more, str(other), other))
    return "no_route"
