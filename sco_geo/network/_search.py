"""Shortest paths between places on a graph (Dijkstra's algorithm of SciPy)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

from sco_geo.network.graph import Graph
from sco_geo.network.snapping import Snap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: A km between a place and the line costs as much as this many km of line, so that a place is
#: left by its nearest line unless the way round is long. A choice of this project.
CONNECTOR_FACTOR = 2.0
#: First reach of a search, as a multiple of the straight distance and in km beyond it: few routes
#: are longer, and most of the network need not be looked at.
REACH_FACTOR, REACH_KM = 1.5, 300.0


@dataclass(frozen=True)
class Ends:
    """The search nodes from which the points of a place are reached, and what that costs.

    Attributes
    ----------
    node : array
        Search node at an end of an edge with an entry point.
    cost : array
        Cost from the place to that node.
    entry : array
        Entry point of the snap.
    track : array
        Track that is used in part.
    is_start : array
        Whether the node is the start of the edge.
    connector : array
        Cost of the connector, for each track once: half as long as the other arrays.
    """

    node: Ints
    cost: Floats
    entry: Ints
    track: Ints
    is_start: Flags
    connector: Floats

    def connector_of(self, ends: Ints) -> Floats:
        """Return the cost of the connector that is part of the cost of some ends."""
        return self.connector[ends % len(self.connector)]


@dataclass(frozen=True)
class Path:
    """A way from a point of one place to a point of another.

    Attributes
    ----------
    cost : float
        What was minimised, with connectors.
    edge, metres, gauge_mm, is_forward : array
        For each step its edge, the metres used of it, the gauge and whether it is run from the
        start of the edge to its end.
    first_share, last_share : float
        Where on the first and the last edge the way begins and ends, 0 to 1 from the edge's start.
    entry, exit : int
        Entry points of the two snaps.
    """

    cost: float
    edge: Ints
    metres: Ints
    gauge_mm: Ints
    is_forward: Flags
    first_share: float
    last_share: float
    entry: int
    exit: int

    @property
    def length_m(self) -> int:
        """Return the length without connectors in metres."""
        return int(self.metres.sum())


class Searcher(Protocol):
    """Finds the cheapest way between two sets of search nodes."""

    def search(self, graph: Graph, source: Ends, target: Ends, reach: float) -> list[int] | None:
        """Return the search nodes of the way, both ends included; None if there is none."""


def ends_of(graph: Graph, snap: Snap) -> Ends:
    """Return the search nodes at the ends of the edges that a place is on."""
    tracks, table = graph.tracks, graph.table
    track, entry = tracks.of_edges(snap.edge)
    per_m = tracks.cost_per_m[track]
    offset, length = snap.offset_m[entry], table.length_m[snap.edge[entry]]
    connector = snap.km[entry] * 1e3 * CONNECTOR_FACTOR * connector_cost_per_m(graph)
    return Ends(
        np.concatenate([tracks.start[track], tracks.end[track]]),
        np.concatenate([offset * per_m, (length - offset) * per_m]) + np.tile(connector, 2),
        np.tile(entry, 2),
        np.tile(track, 2),
        np.repeat([True, False], len(track)),
        connector,
    )


def connector_cost_per_m(graph: Graph) -> float:
    """Return what a metre of conventional line costs, without regard to gauge."""
    return float(graph.tracks.cost_per_m.min(initial=1e-3))


class Dijkstra:
    """The default: no preparation, exact, a few milliseconds."""

    def __init__(self, costs: Floats | None = None) -> None:
        self._costs = costs

    def search(self, graph: Graph, source: Ends, target: Ends, reach: float) -> list[int] | None:
        """Return the cheapest way; beyond `reach` only if there is none within it."""
        for limit in (reach, math.inf):
            reached, before = self._spread(graph, source, limit)
            total = reached[target.node] + target.cost
            best = int(total.argmin())
            if total[best] <= limit and total[best] < math.inf:
                return _walk_back(before, int(target.node[best]), graph.size)
        return None

    def _spread(
        self, graph: Graph, source: Ends, limit: float
    ) -> tuple[Floats, npt.NDArray[np.int32]]:
        matrix = with_sources(graph, [source], self._costs)
        found = dijkstra(matrix, indices=graph.size, return_predecessors=True, limit=limit)
        return found[0], found[1]


def with_sources(graph: Graph, sources: list[Ends], costs: Floats | None = None) -> csr_array:
    """Return the graph with a node more for each place, from which its ends are reached."""
    matrix = graph.costs
    counts = np.cumsum([len(ends.node) for ends in sources])
    size = graph.size + len(sources)
    data = np.concatenate([matrix.data if costs is None else costs, *(e.cost for e in sources)])
    indices = np.concatenate([matrix.indices, *(e.node.astype(np.int32) for e in sources)])
    pointers = np.concatenate([matrix.indptr, matrix.indptr[-1] + counts]).astype(np.int32)
    return csr_array((data, indices, pointers), shape=(size, size))


def _walk_back(before: npt.NDArray[np.int32], last: int, source: int) -> list[int]:
    steps, path, node = memoryview(before), [last], last
    while (node := steps[node]) != source:
        path.append(node)
    path.reverse()
    return path


def find_path(
    graph: Graph, source: Snap, target: Snap, reach: float, searcher: Searcher | None = None
) -> Path | None:
    """Find the cheapest way between two places; None if nothing connects them."""
    out, into = ends_of(graph, source), ends_of(graph, target)
    direct = _on_one_edge(graph, source, target, out, into)
    if direct is not None:
        reach = min(reach, direct.cost)
    nodes = (searcher or Dijkstra()).search(graph, out, into, reach)
    if nodes is None:
        return direct
    path = _path_of(graph, (source, target), (out, into), np.array(nodes, dtype=np.int64))
    return direct if direct is not None and direct.cost <= path.cost else path


def _best_end(ends: Ends, node: int) -> int:
    at = np.flatnonzero(ends.node == node)
    return int(at[ends.cost[at].argmin()])


def _path_of(graph: Graph, snaps: tuple[Snap, Snap], ends: tuple[Ends, Ends], nodes: Ints) -> Path:
    """Return the path along search nodes, with the parts of the edges at both ends."""
    (source, target), (out, into) = snaps, ends
    first, last = _best_end(out, int(nodes[0])), _best_end(into, int(nodes[-1]))
    arcs = graph.arcs_between(nodes[:-1], nodes[1:])
    track = graph.arc_track[arcs]
    cost = float(out.cost[first] + graph.costs.data[arcs].sum() + into.cost[last])
    is_track = track >= 0
    track, begin = track[is_track], nodes[:-1][is_track]
    tracks, length = graph.tracks, graph.table.length_m
    edge = tracks.edge[track]
    parts = []
    for snap, end in ((source, first), (target, last)):
        of = out if snap is source else into
        edge_number = snap.edge[of.entry[end]]
        offset = int(snap.offset_m[of.entry[end]])
        parts.append((offset if of.is_start[end] else int(length[edge_number]) - offset, offset))
    ends_track = (out.track[first], into.track[last])
    all_tracks = np.concatenate([[ends_track[0]], track, [ends_track[1]]])
    metres = np.concatenate([[parts[0][0]], length[edge], [parts[1][0]]])
    forward = np.concatenate(
        [[not out.is_start[first]], tracks.start[track] == begin, [into.is_start[last]]]
    )
    edges = tracks.edge[all_tracks]
    keep = metres > 0
    if not keep.any():
        keep[0] = True
    shares = [
        parts[0][1] / max(int(length[edges[0]]), 1) if keep[0] else float(not forward[keep][0]),
        parts[1][1] / max(int(length[edges[-1]]), 1) if keep[-1] else float(forward[keep][-1]),
    ]
    return Path(
        cost,
        edges[keep],
        metres[keep].astype(np.int64),
        tracks.gauge_mm[all_tracks][keep],
        forward[keep],
        shares[0],
        shares[1],
        int(out.entry[first]),
        int(into.entry[last]),
    )


def _on_one_edge(graph: Graph, source: Snap, target: Snap, out: Ends, into: Ends) -> Path | None:
    """Return the cheapest way between two points of one edge, if the places share one."""
    shared = np.intersect1d(source.edge, target.edge)
    if not len(shared):
        return None
    best: Path | None = None
    half_out, half_into = len(out.node) // 2, len(into.node) // 2
    tracks, length = graph.tracks, graph.table.length_m
    for a in np.flatnonzero(np.isin(tracks.edge[out.track[:half_out]], shared)).tolist():
        same = np.flatnonzero(into.track[:half_into] == out.track[a])
        if not len(same):
            continue
        b, track = int(same[0]), int(out.track[a])
        entry, leave = int(out.entry[a]), int(into.entry[b])
        here, there = int(source.offset_m[entry]), int(target.offset_m[leave])
        cost = out.connector[a] + into.connector[b] + abs(there - here) * tracks.cost_per_m[track]
        if best is None or cost < best.cost:
            whole = max(int(length[tracks.edge[track]]), 1)
            best = Path(
                float(cost),
                tracks.edge[[track]],
                np.array([abs(there - here)]),
                tracks.gauge_mm[[track]],
                np.array([there >= here]),
                here / whole,
                there / whole,
                entry,
                leave,
            )
    return best
