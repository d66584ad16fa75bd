"""Contract nodes of degree two: chains of alike edges become one edge with inner vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from _rail_graph import FROM_JOIN, FROM_OSM, KM_PER_DEGREE, Floats, Ints, RailGraph

#: Inner vertices are dropped within this distance of the simplified chain; the coordinates
#: themselves are rounded to 111 m.
SIMPLIFY_KM = 0.1
#: Dead ends shorter than this are sidings; a place there is still this near to the line.
SPUR_KM = 2.0
#: Of two tracks between the same junctions the longer is dropped if it is no more than so much
#: longer: the other side of a station.
OTHER_TRACK = 1.3


@dataclass(frozen=True)
class Chain:
    """One contracted edge: nodes of its ends, all its nodes in order, edges in order."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]


def contract(graph: RailGraph, kind: Ints) -> list[Chain]:
    """Join edges that meet at nodes of degree two and are of the same kind.

    Parameters
    ----------
    kind : int64 array
        Equal numbers say that edges are alike in all that is stored.
    """
    incident: list[list[int]] = [[] for _ in range(len(graph.lon))]
    start, end = graph.start.tolist(), graph.end.tolist()
    for edge, (a, b) in enumerate(zip(start, end, strict=True)):
        incident[a].append(edge)
        incident[b].append(edge)
    kinds = kind.tolist()
    inner = [
        len(edges) == 2 and edges[0] != edges[1] and kinds[edges[0]] == kinds[edges[1]]
        for edges in incident
    ]
    done = [False] * len(start)
    chains: list[Chain] = []
    for node, is_inner in enumerate(inner):
        if is_inner:
            continue
        for edge in incident[node]:
            if not done[edge]:
                chains.append(_follow(node, edge, start, end, incident, inner, done))
    for edge in range(len(start)):  # rings without a junction
        if not done[edge]:
            inner[start[edge]] = False
            chains.append(_follow(start[edge], edge, start, end, incident, inner, done))
    return chains


def prune(graph: RailGraph, kind: Ints, km: Floats) -> np.ndarray:
    """Tell which edges stay: without short spurs, small rings and second tracks of stations."""
    kept = np.ones(len(kind), dtype=bool)
    while True:
        numbers = np.flatnonzero(kept)
        part = graph.keep_edges(kept)
        chains = contract(part, kind[numbers])
        dropped = _superfluous(part, chains, kind[numbers], km[numbers])
        if not len(dropped):
            return kept
        kept[numbers[dropped]] = False


def _superfluous(graph: RailGraph, chains: list[Chain], kind: Ints, km: Floats) -> Ints:
    is_drawn = (graph.origin != FROM_OSM) & (graph.origin != FROM_JOIN)
    length = [float(km[list(chain.edges)].sum()) for chain in chains]
    best: dict[tuple[int, int, int], int] = {}
    dropped: list[int] = []
    for number in sorted(range(len(chains)), key=lambda n: (length[n], n)):
        chain = chains[number]
        first, last = chain.nodes[0], chain.nodes[-1]
        if is_drawn[list(chain.edges)].any():
            continue
        key = (min(first, last), max(first, last), int(kind[chain.edges[0]]))
        shortest = best.setdefault(key, number)
        is_ring = first == last and length[number] < SPUR_KM
        is_spur = min(graph.degree[first], graph.degree[last]) == 1 and length[number] < SPUR_KM
        is_second = shortest != number and length[number] <= OTHER_TRACK * length[shortest] + 0.2
        if is_ring or is_spur or is_second:
            dropped += chain.edges
    return np.array(dropped, dtype=np.int64)


def _follow(  # noqa: PLR0913
    node: int,
    edge: int,
    start: list[int],
    end: list[int],
    incident: list[list[int]],
    inner: list[bool],
    done: list[bool],
) -> Chain:
    nodes, edges = [node], []
    while True:
        done[edge] = True
        edges.append(edge)
        node = end[edge] if start[edge] == node else start[edge]
        nodes.append(node)
        if not inner[node]:
            return Chain(tuple(nodes), tuple(edges))
        onward = [other for other in incident[node] if other != edge]
        edge = onward[0]
        if done[edge]:
            return Chain(tuple(nodes), tuple(edges))


def simplify(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Drop inner vertices of a chain that lie within `SIMPLIFY_KM` of what is left."""
    if len(lon) < 3:
        return lon[1:-1], lat[1:-1]
    scale = float(np.cos(np.radians(lat.mean())))
    line = shapely.linestrings(np.column_stack([lon * scale, lat]))
    points = shapely.get_coordinates(shapely.simplify(line, SIMPLIFY_KM / KM_PER_DEGREE))[1:-1]
    return points[:, 0] / scale, points[:, 1]
