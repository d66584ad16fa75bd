"""Reasonably different routes between two places, beside the best one.

Two searches, from either place, give the best way through each border crossing at once. A way
through another crossing is offered if it is not much longer, shares little with those before it,
and is the best way for its own surroundings (so no spur there and back). Where crossings give too
few, a route is made by raising the cost of what is used already.

After Abraham, Delling, Goldberg and Werneck, "Alternative routes in road networks", ACM Journal of
Experimental Algorithmics 18, 2013 (limited sharing, local optimality, bounded stretch; via nodes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

from sco_geo.network._search import (
    Dijkstra,
    Ends,
    Path,
    ends_of,
    find_path,
    path_along,
    walk_back,
    with_sources,
)
from sco_geo.network.graph import Graph, is_state
from sco_geo.network.snapping import Snap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]

#: An alternative costs at most this many times what the best route costs.
MOST_COST = 1.6
#: It shares at most this share of its km with any route before it.
MOST_SHARED = 0.7
#: A part of the way around a crossing, as a share of the best route, has to be a shortest way.
LOCAL = 0.25
#: How much dearer the edges of a route are made when another way is sought, and how often.
_PENALTY, _TRIES = 1.3, 12
#: Ways through border crossings that are looked at, the cheapest first.
_MOST_TRIED = 150


@dataclass(frozen=True)
class _Trees:
    """The cheapest ways from both places to everywhere."""

    graph: Graph
    ends: tuple[Ends, Ends]
    reached: tuple[Floats, Floats]
    before: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]

    def nodes_through(self, start: int, end: int) -> list[int] | None:
        """Return the way over an arc, or None if it meets itself."""
        out = walk_back(self.before[0], start, self.graph.size)
        into = walk_back(self.before[1], end, self.graph.size)
        nodes = self.graph.node
        if set(nodes[out[:-1]].tolist()) & set(nodes[into].tolist()):
            return None
        return out + into[::-1]


def find_alternatives(graph: Graph, snaps: tuple[Snap, Snap], best: Path, count: int) -> list[Path]:
    """Find up to `count` routes that differ from the best one and from each other.

    Returns
    -------
    list of Path
        The cheapest first.
    """
    found = [best]
    if not best.cost > 0:
        return []
    for path in _through_borders(graph, snaps, best):
        if len(found) > count:
            break
        if is_different(graph, path, found):
            found.append(path)
    for path in _by_penalty(graph, snaps, found):
        if len(found) > count:
            break
        if path.cost <= MOST_COST * best.cost and is_different(graph, path, found):
            found.append(path)
    return sorted(found[1:], key=lambda path: path.cost)


def is_different(graph: Graph, path: Path, others: Sequence[Path]) -> bool:
    """Tell whether a path shares little with each of some others."""
    return all(shared(path, other) <= MOST_SHARED for other in others)


def shared(path: Path, other: Path) -> float:
    """Return the share of a path's length that lies on edges of another path."""
    common = np.isin(path.edge, other.edge)
    return float(path.metres[common].sum() / max(path.metres.sum(), 1))


def _through_borders(graph: Graph, snaps: tuple[Snap, Snap], best: Path) -> Iterator[Path]:
    """Yield sensible ways through each border, the cheapest first."""
    trees = _grow(graph, snaps)
    start, end, weight = _border_arcs(graph)
    cost = trees.reached[0][start] + weight + trees.reached[1][end]
    order = np.argsort(cost, kind="stable")
    order = order[cost[order] <= MOST_COST * best.cost]
    seen: list[Path] = [best]
    for arc in order[:_MOST_TRIED].tolist():
        nodes = trees.nodes_through(int(start[arc]), int(end[arc]))
        if nodes is None:
            continue
        path = path_along(graph, snaps, trees.ends, np.array(nodes, dtype=np.int64))
        if not is_different(graph, path, seen):
            continue
        seen.append(path)
        at = nodes.index(int(start[arc]))
        if _is_local_best(graph, nodes, at, LOCAL * best.cost):
            yield path


def _grow(graph: Graph, snaps: tuple[Snap, Snap]) -> _Trees:
    ends = ends_of(graph, snaps[0]), ends_of(graph, snaps[1])
    trees = [
        dijkstra(with_sources(graph, [end]), indices=graph.size, return_predecessors=True)
        for end in ends
    ]
    return _Trees(graph, ends, (trees[0][0], trees[1][0]), (trees[0][1], trees[1][1]))


def _border_arcs(graph: Graph) -> tuple[Ints, Ints, Floats]:
    """Return start, end and cost of the transfers from one country to another."""
    rows = np.repeat(np.arange(graph.size), np.diff(graph.costs.indptr))
    country = np.zeros(graph.size, dtype=np.int64)
    tracks = graph.tracks
    of_track = graph.table.country[tracks.edge]
    country[tracks.start] = country[tracks.end] = of_track
    start, end = rows, graph.costs.indices.astype(np.int64)
    is_border = (graph.arc_track < 0) & (country[start] != country[end])
    states = is_state(graph.table)
    is_border &= states[country[start]] | states[country[end]]
    return start[is_border], end[is_border], graph.costs.data[is_border]


def _is_local_best(graph: Graph, nodes: Sequence[int], at: int, reach: float) -> bool:
    """Tell whether the way within half of `reach` on both sides of a node is a shortest way."""
    path = np.array(nodes, dtype=np.int64)
    steps = graph.costs.data[graph.arcs_between(path[:-1], path[1:])]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    low = int(np.searchsorted(along, along[at] - reach / 2))
    high = min(int(np.searchsorted(along, along[at] + reach / 2)), len(path) - 1)
    length = along[high] - along[low]
    reached = dijkstra(graph.costs, indices=int(path[low]), limit=length)
    return bool(reached[path[high]] >= length * (1 - 1e-9))


def _by_penalty(graph: Graph, snaps: tuple[Snap, Snap], found: list[Path]) -> Iterator[Path]:
    """Yield ways that avoid the edges of all routes found so far more and more."""
    factor = np.ones(len(graph.table.start))
    last = found[0]
    for known in found:
        factor[known.edge] *= _PENALTY
    for _ in range(_TRIES):
        path = find_path(graph, *snaps, Dijkstra(factor))
        if path is None:
            return
        factor[path.edge] *= _PENALTY
        if not np.array_equal(path.edge, last.edge):
            yield path
        last = path
