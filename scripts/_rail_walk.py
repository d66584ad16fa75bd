"""Walk along one line of a rail graph without tags: the cheapest way through given points.

High-speed lines have wide curves. An edge that is hardly longer than its chord costs only its
length, a winding one costs more, so that a walk keeps to the new line where the old one runs beside
it. The graph is undirected; coordinates are (lon, lat) in degrees, lengths in km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components, dijkstra  # type: ignore[import-untyped]

from sco_geo.geodesy import WGS84

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
LonLat = tuple[float, float]
#: Nodes that may stand for a place, each with what it costs to take it.
Stop = Sequence[tuple[int, float]]

KM_PER_DEGREE = 111.19
#: How far around a line its walk may go, in degrees.
MARGIN_DEG = 1.0
#: Lines for 250 km/h and more keep within this excess of the track over the chord of an edge;
#: each further part costs `BEND_COST` times, up to `BEND_MOST`.
STRAIGHT_EXCESS = 0.006
BEND_COST = 6.0
BEND_MOST = 0.12
#: Edges shorter than this bend too little to tell (rounding to 0.001° is felt); the longer an edge
#: the more any line departs from its chord, so that edges of `UNTELLING_KM` tell nothing.
TELLING_KM = 8.0
UNTELLING_KM = 60.0
#: A weight of 0 would be no edge in a sparse matrix.
LEAST_KM = 1e-6


@dataclass(frozen=True)
class RailGraph:
    """An undirected graph: coordinates of the nodes, ends and length in km of the edges."""

    lon: Floats
    lat: Floats
    start: Ints
    end: Ints
    km: Floats

    @cached_property
    def chord_km(self) -> Floats:
        """Return the geodesic between the ends of each edge in km."""
        a, b = self.start, self.end
        metres = WGS84.inv(self.lon[a], self.lat[a], self.lon[b], self.lat[b])[2]
        return np.asarray(metres, dtype=np.float64) / 1e3

    @cached_property
    def costs(self) -> Floats:
        """Return what an edge costs a high-speed line: its length and more where it winds."""
        excess = self.km / np.maximum(self.chord_km, 1e-3) - 1.0
        telling = np.minimum(self.chord_km / TELLING_KM, 1.0)
        telling *= np.clip(1.0 - self.chord_km / UNTELLING_KM, 0.0, 1.0)
        bend = np.clip(excess - STRAIGHT_EXCESS, 0.0, BEND_MOST)
        return np.asarray(self.km * (1.0 + BEND_COST * telling * bend))

    @cached_property
    def has_edges(self) -> Bools:
        """Tell which nodes an edge ends at."""
        used = np.zeros(len(self.lon), dtype=np.bool_)
        used[self.start] = used[self.end] = True
        return used

    def nodes_near(self, point: LonLat, radius_km: float) -> list[tuple[int, float]]:
        """Return nodes that have edges within a distance as pairs (node, km), nearest first."""
        east = (self.lon - point[0]) * np.cos(np.radians(point[1]))
        km = KM_PER_DEGREE * np.hypot(east, self.lat - point[1])
        near = np.flatnonzero((km <= radius_km) & self.has_edges)
        return sorted(((int(n), float(km[n])) for n in near), key=lambda p: (p[1], p[0]))

    def around(self, points: Sequence[LonLat]) -> Ints:
        """Return the edges in the box around some points."""
        lons, lats = zip(*points, strict=True)
        inside = (self.lon >= min(lons) - MARGIN_DEG) & (self.lon <= max(lons) + MARGIN_DEG)
        inside &= (self.lat >= min(lats) - MARGIN_DEG) & (self.lat <= max(lats) + MARGIN_DEG)
        return np.asarray(np.flatnonzero(inside[self.start] & inside[self.end]))


def to_matrix(graph: RailGraph, edges: Ints, costs: Floats) -> csr_array:
    """Return some edges as a matrix of costs.

    Of several edges between two nodes the cheapest counts; a sparse matrix would add them up.
    """
    order = _cheapest_first(graph, edges, costs)
    a, b = _sorted_ends(graph, edges[order])
    size = len(graph.lon)
    values = np.maximum(costs[edges[order]], LEAST_KM)
    return coo_array((values, (a, b)), shape=(size, size)).tocsr()


def find_pieces(graph: RailGraph, edges: Ints) -> Ints:
    """Return the number of the connected piece of each node, if only some edges are used."""
    labels = connected_components(to_matrix(graph, edges, graph.km), directed=False)[1]
    return np.asarray(labels, dtype=np.int64)


def find_edges(graph: RailGraph, edges: Ints, costs: Floats, stops: Sequence[Stop]) -> Ints:
    """Find the cheapest way through one node of each stop; return its edges in order.

    Empty if there is no way.
    """
    nodes = np.unique(np.r_[graph.start[edges], graph.end[edges]])
    index = np.full(len(graph.lon), -1, dtype=np.int64)
    index[nodes] = np.arange(len(nodes))
    part = RailGraph(
        graph.lon[nodes],
        graph.lat[nodes],
        index[graph.start[edges]],
        index[graph.end[edges]],
        graph.km[edges],
    )
    near = [[(int(index[n]), cost) for n, cost in stop if index[n] >= 0] for stop in stops]
    every = np.arange(len(edges))
    path = _find_nodes(to_matrix(part, every, costs[edges]), near)
    return np.asarray(edges[index_edges(part, every, costs[edges]).along(path)], dtype=np.int64)


@dataclass(frozen=True)
class EdgeIndex:
    """The cheapest edge between each two neighbouring nodes."""

    keys: Ints
    edges: Ints
    nodes: int

    def along(self, path: Sequence[int]) -> Ints:
        """Return the edges of a path of nodes in order."""
        steps = [min(pair) * self.nodes + max(pair) for pair in pairwise(path)]
        at = np.searchsorted(self.keys, np.array(steps, dtype=np.int64))
        return np.asarray(self.edges[at], dtype=np.int64)


def index_edges(graph: RailGraph, edges: Ints, costs: Floats) -> EdgeIndex:
    """Prepare finding the edges of paths; of several between two nodes the cheapest counts."""
    chosen = edges[_cheapest_first(graph, edges, costs)]
    a, b = _sorted_ends(graph, chosen)
    return EdgeIndex(a * len(graph.lon) + b, chosen, len(graph.lon))


def _find_nodes(matrix: csr_array, stops: Sequence[Stop]) -> list[int]:
    costs = dict(stops[0])
    legs = []
    for stop in stops[1:]:
        if not costs:
            return []
        reached, before = _spread(matrix, costs)
        legs.append(before)
        costs = {n: float(reached[n]) + cost for n, cost in stop if np.isfinite(reached[n])}
    if not costs:
        return []
    path = [min(costs, key=lambda n: (costs[n], n))]
    for before in reversed(legs):
        while before[path[-1]] != matrix.shape[0]:
            path.append(int(before[path[-1]]))
    return path[::-1]


def _spread(matrix: csr_array, costs: dict[int, float]) -> tuple[Floats, Ints]:
    # One more node, from which each first node is as far as it costs.
    source = matrix.shape[0]
    old = matrix.tocoo()
    first = np.array(list(costs), dtype=np.int64)
    values = np.r_[old.data, np.array(list(costs.values())) + LEAST_KM]
    ends = np.r_[old.row, np.full(len(first), source)], np.r_[old.col, first]
    wider = csr_array((values, ends), shape=(source + 1, source + 1))
    reached, before = dijkstra(wider, directed=False, indices=source, return_predecessors=True)
    return reached[:-1], before


def _sorted_ends(graph: RailGraph, edges: Ints) -> tuple[Ints, Ints]:
    a, b = graph.start[edges].astype(np.int64), graph.end[edges].astype(np.int64)
    return np.minimum(a, b), np.maximum(a, b)


def _cheapest_first(graph: RailGraph, edges: Ints, costs: Floats) -> Ints:
    """Return where in `edges` the cheapest edge of each pair of nodes is, by pairs."""
    a, b = _sorted_ends(graph, edges)
    order = np.lexsort((costs[edges], b, a))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(a[order]) != 0) | (np.diff(b[order]) != 0)
    return np.asarray(order[first], dtype=np.int64)
