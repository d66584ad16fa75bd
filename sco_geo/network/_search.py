"""Shortest paths between points of a graph (Dijkstra's algorithm of SciPy)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

from sco_geo.network.graph import Graph
from sco_geo.network.snapping import Snap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]


#: First reach of a search, as a multiple of a lower bound of the way and in m beyond it.
REACH_FACTOR, REACH_M = 1.2, 100_000.0


@dataclass(frozen=True)
class Ends:
    """The search nodes next to a point of an edge.

    Attributes
    ----------
    node : array
        Search node.
    cost : array
        Cost from the point to that node.
    metres : array
        Length from the point to that node.
    track : array
        Track that is used in part.
    is_start : array
        Whether the node is at the start of the edge.
    """

    node: Ints
    cost: Floats
    metres: Ints
    track: Ints
    is_start: Flags

    def cheapest(self, node: int) -> int:
        """Return the position of the cheapest way to one of the nodes."""
        at = np.flatnonzero(self.node == node)
        return int(at[self.cost[at].argmin()])


@dataclass(frozen=True)
class Path:
    """A way from one point of the network to another.

    Attributes
    ----------
    cost : float
        What was minimised.
    edge, metres, gauge_mm, is_forward : array
        For each step its edge, the metres used of it, the gauge and whether it is run from the
        start of the edge to its end.
    first_share, last_share : float
        Where on the first and the last edge the way begins and ends, 0 to 1 from the edge's start.
    """

    cost: float
    edge: Ints
    metres: Ints
    gauge_mm: Ints
    is_forward: Flags
    first_share: float
    last_share: float

    @property
    def length_m(self) -> int:
        """Return the length in metres."""
        return int(self.metres.sum())


class Searcher(Protocol):
    """Finds the cheapest way between two sets of search nodes."""

    def search(self, graph: Graph, source: Ends, target: Ends) -> list[int] | None:
        """Return the search nodes of the way, both ends included; None if there is none."""
        ...


def ends_of(graph: Graph, snap: Snap) -> Ends:
    """Return the search nodes next to the point where a place is.

    At a node all its copies are next to the point: a train may begin there on any of its gauges
    and on either side of a border.
    """
    tracks, table = graph.tracks, graph.table
    first, last = np.searchsorted(tracks.edge, [snap.edge, snap.edge + 1]).tolist()
    rest = int(table.length_m[snap.edge]) - snap.offset_m
    parts = []
    for metres, ends, at in (
        (snap.offset_m, tracks.start, table.start),
        (rest, tracks.end, table.end),
    ):
        track, nodes = np.arange(first, last), ends[first:last]
        if not metres:
            nodes = np.arange(*np.searchsorted(graph.node, [at[snap.edge], at[snap.edge] + 1]))
            track = np.full(len(nodes), first)
        parts.append((nodes, metres * tracks.cost_per_m[track], np.full(len(nodes), metres), track))
    node, cost, metres_, track = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Ends(node, cost, metres_, track, np.arange(len(node)) < len(parts[0][0]))


class Dijkstra:
    """The default: no preparation, exact, a few milliseconds.

    Parameters
    ----------
    factor : array, optional
        For each edge of the table, how many times its cost it shall cost.
    """

    def __init__(self, factor: Floats | None = None) -> None:
        self._factor = factor

    def search(self, graph: Graph, source: Ends, target: Ends) -> list[int] | None:
        """Return the cheapest way; far away it is looked for only if it is not found near by."""
        reach = _reach(graph, source, target)
        costs = None
        if self._factor is not None:
            costs, source, target = _dearer(graph, source, target, self._factor)
            reach = math.inf  # it is of the costs without factors
        matrix = with_sources(graph, [source], costs)
        for limit in dict.fromkeys((reach, math.inf)):
            reached, before = dijkstra(
                matrix, indices=graph.size, return_predecessors=True, limit=limit
            )
            total = reached[target.node] + target.cost
            best = int(total.argmin())
            if total[best] <= limit and total[best] < math.inf:
                return walk_back(before, int(target.node[best]), graph.size)
        return None


def _dearer(graph: Graph, source: Ends, target: Ends, factor: Floats) -> tuple[Floats, Ends, Ends]:
    """Return the costs of all arcs and of both ends with the factors of their edges."""
    edge = graph.tracks.edge
    costs = graph.costs.data.copy()
    is_track = graph.arc_track >= 0
    costs[is_track] *= factor[edge[graph.arc_track[is_track]]]
    ends = [replace(end, cost=end.cost * factor[edge[end.track]]) for end in (source, target)]
    return costs, ends[0], ends[1]


def with_sources(graph: Graph, sources: Sequence[Ends], costs: Floats | None = None) -> csr_array:
    """Return the graph with a node more for each point, from which its ends are reached."""
    matrix = graph.costs
    counts = np.cumsum([len(ends.node) for ends in sources])
    size = graph.size + len(sources)
    data = np.concatenate([matrix.data if costs is None else costs, *(e.cost for e in sources)])
    nodes = np.concatenate([ends.node for ends in sources]).astype(np.int32)
    indices = np.concatenate([matrix.indices, nodes])
    pointers = np.concatenate([matrix.indptr, matrix.indptr[-1] + counts]).astype(np.int32)
    return csr_array((data, indices, pointers), shape=(size, size))


def walk_back(before: npt.NDArray[np.int32], last: int, source: int) -> list[int]:
    """Return the nodes from the one after `source` to `last`."""
    steps, path, node = memoryview(before.data), [last], last
    while (node := steps[node]) != source:
        path.append(node)
    path.reverse()
    return path


def find_path(
    graph: Graph, source: Snap, target: Snap, searcher: Searcher | None = None
) -> Path | None:
    """Find the cheapest way between two places; None if nothing connects them."""
    numbers = [int(graph.edge_component[snap.edge]) for snap in (source, target)]
    if numbers[0] != numbers[1] or numbers[0] < 0:
        return None
    out, into = ends_of(graph, source), ends_of(graph, target)
    direct = _on_one_edge(graph, source, target, out) if source.edge == target.edge else None
    nodes = (searcher or Dijkstra()).search(graph, out, into)
    if nodes is None:
        return direct
    path = path_along(graph, (source, target), (out, into), np.array(nodes, dtype=np.int64))
    return direct if direct is not None and direct.cost <= path.cost else path


def _reach(graph: Graph, out: Ends, into: Ends) -> float:
    """Return a cost within which nearly all ways are found, without looking everywhere.

    The way cannot be shorter than the distances of both ends to any landmark differ.
    """
    far = graph.landmark_costs(int(graph.component[out.node[0]]))
    to_ends = [(far[:, ends.node] + ends.cost).min(axis=1) for ends in (out, into)]
    least = float(np.abs(to_ends[0] - to_ends[1]).max())
    return REACH_FACTOR * least + REACH_M * float(graph.tracks.cost_per_m.min())


def path_along(
    graph: Graph, snaps: tuple[Snap, Snap], ends: tuple[Ends, Ends], nodes: Ints
) -> Path:
    """Return the path along search nodes, with the parts of the edges at both ends."""
    (source, target), (out, into) = snaps, ends
    first, last = out.cheapest(int(nodes[0])), into.cheapest(int(nodes[-1]))
    arcs = graph.arcs_between(nodes[:-1], nodes[1:])
    track = graph.arc_track[arcs]
    cost = float(out.cost[first] + graph.costs.data[arcs].sum() + into.cost[last])
    is_track = track >= 0
    inner, begin = track[is_track], nodes[:-1][is_track]
    tracks, length = graph.tracks, graph.table.length_m
    track = np.concatenate([[out.track[first]], inner, [into.track[last]]])
    edge = tracks.edge[track]
    metres = length[edge].astype(np.int64)
    metres[0], metres[-1] = out.metres[first], into.metres[last]
    forward = np.concatenate(
        [[not out.is_start[first]], tracks.start[inner] == begin, [into.is_start[last]]]
    )
    keep = metres > 0
    keep[0] |= not keep.any()
    steps = np.flatnonzero(keep)
    shares = [float(not forward[steps[0]]), float(forward[steps[-1]])]
    for end, (step, place) in enumerate(((0, source), (-1, target))):
        if keep[step]:
            shares[end] = place.offset_m / max(int(length[edge[step]]), 1)
    return Path(
        cost, edge[keep], metres[keep], tracks.gauge_mm[track[keep]], forward[keep], *shares
    )


def _on_one_edge(graph: Graph, source: Snap, target: Snap, out: Ends) -> Path:
    """Return the way between two points of one edge that does not leave it."""
    tracks = graph.tracks
    used = out.track[[int(tracks.cost_per_m[out.track].argmin())]]
    here, there = source.offset_m, target.offset_m
    metres = abs(there - here)
    whole = max(int(graph.table.length_m[source.edge]), 1)
    return Path(
        float(metres * tracks.cost_per_m[used[0]]),
        tracks.edge[used],
        np.array([metres]),
        tracks.gauge_mm[used],
        np.array([there >= here]),
        here / whole,
        there / whole,
    )
