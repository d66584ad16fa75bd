"""Lengths in some millionths of a second, from labels: for whom thousands of routes are wanted.

Nodes are eliminated one by one, the one with fewest neighbours first; its neighbours are then
linked by shortcuts. The neighbours left at its elimination lie *above* a node, and all that can be
reached upwards from it are its ancestors: one chain, for the lowest node above it is linked to all
the others above it. A label holds the costs of going up to each ancestor. The cheapest way between
two nodes goes up to one of their common ancestors and down again, so that its cost is a minimum
over the sums of two labels.

A railway network falls apart when few nodes are taken away: on that of Eurasia a node has never
more than some thirty neighbours when it is eliminated and some 180 ancestors. Preparing takes half
a second for each variant of the network, and 50 MB.

After Dibbelt, Strasser and Wagner, "Customizable contraction hierarchies", ACM Journal of
Experimental Algorithmics 21, 2016 (elimination, ways up and down), and Ouyang, Qin, Chang, Lin,
Zhang and Zhu, "When hierarchy meets 2-hop-labeling", SIGMOD 2018 (labels by ancestors).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from sco_geo.network._search import Ends
from sco_geo.network.graph import Graph

Floats = npt.NDArray[np.float64]
#: Cost of an arc, and the node that a shortcut passes by; -1 for none.
Arc = tuple[float, int]


class Labels:
    """The labels of a graph, from its sparse matrix of costs; arcs run both ways.

    Attributes
    ----------
    above : list of dict
        For each node the arcs to the nodes above it.
    costs : list of array
        For each node the costs of going up to its ancestors, the highest first, itself last.
    ancestors : list of array
        For each node its ancestors, the highest first, itself last.
    """

    def __init__(self, costs: csr_array) -> None:
        self.above, order = eliminate(arcs_of(costs))
        self.ancestors, self.costs = _labels(self.above, order)
        self._known: dict[tuple[int, int], list[int]] = {}

    def cost(self, one: int, other: int) -> tuple[float, int]:
        """Return the cost between two nodes and the highest node of the way; infinity, -1 if none.

        Two chains of ancestors are one from the top down to where they part.
        """
        chain = self.ancestors[one]
        size = min(len(chain), len(self.ancestors[other]))
        is_common = chain[:size] == self.ancestors[other][:size]
        if not is_common[-1]:
            size = int(is_common.argmin())
        if not size:
            return math.inf, -1
        sums = self.costs[one][:size] + self.costs[other][:size]
        best = int(sums.argmin())
        return sums.item(best), chain.item(best)

    def path(self, one: int, other: int, top: int) -> list[int]:
        """Return the nodes of the way between two nodes by the highest one of it."""
        down = self._climb(other, top)
        down.reverse()
        return [*self._climb(one, top), *down[1:]]

    def _climb(self, node: int, top: int) -> list[int]:
        """Return the nodes from one up to an ancestor of it, with those that shortcuts pass by."""
        height, costs = len(self.costs[top]) - 1, self.costs
        path = [node]
        while node != top:
            ways = [
                (cost + costs[higher].item(height), higher)
                for higher, (cost, _) in self.above[node].items()
                if len(costs[higher]) > height
            ]
            higher = min(ways)[1]
            path += self._inside(node, higher)
            path.append(higher)
            node = higher
        return path

    def _inside(self, low: int, high: int) -> list[int]:
        """Return the nodes that the arc between two nodes passes by, from the lower one on."""
        known = self._known.get((low, high))
        if known is None:
            known, middle = [], self.above[low][high][1]
            if middle >= 0:
                known += reversed(self._inside(middle, low))
                known.append(middle)
                known += self._inside(middle, high)
            self._known[low, high] = known
        return known


def arcs_of(costs: csr_array) -> list[dict[int, Arc]]:
    """Return the arcs from each node, but for those to itself."""
    starts, ends = costs.indptr.tolist(), costs.indices.tolist()
    arcs = [(cost, -1) for cost in costs.data.tolist()]
    found = [
        dict(zip(ends[a:b], arcs[a:b], strict=True))
        for a, b in zip(starts[:-1], starts[1:], strict=True)
    ]
    for node, links in enumerate(found):
        links.pop(node, None)
    return found


def eliminate(arcs: list[dict[int, Arc]]) -> tuple[list[dict[int, Arc]], list[int]]:
    """Eliminate all nodes; return the arcs to those above each node, and the order.

    The arcs given are used up.
    """
    queue = [(len(links), node) for node, links in enumerate(arcs)]
    heapq.heapify(queue)
    order: list[int] = []
    is_done = bytearray(len(arcs))
    while queue:
        count, node = heapq.heappop(queue)
        links = arcs[node]
        if is_done[node]:
            continue
        if len(links) > count:
            heapq.heappush(queue, (len(links), node))
            continue
        is_done[node] = 1
        order.append(node)
        for neighbour in links:
            del arcs[neighbour][node]
        _link(arcs, node, list(links.items()))
        for neighbour in links:
            if len(arcs[neighbour]) < count:
                heapq.heappush(queue, (len(arcs[neighbour]), neighbour))
    return arcs, order


def _link(arcs: list[dict[int, Arc]], node: int, links: list[tuple[int, Arc]]) -> None:
    """Link all neighbours of a node by shortcuts, where these are cheaper than what there is."""
    for number, (one, (to_one, _)) in enumerate(links):
        known = arcs[one]
        for other, (to_other, _) in links[:number]:
            cost = to_one + to_other
            arc = known.get(other)
            if arc is None or cost < arc[0]:
                known[other] = arcs[other][one] = (cost, node)


def _labels(
    above: list[dict[int, Arc]], order: list[int]
) -> tuple[list[npt.NDArray[np.int32]], list[Floats]]:
    """Return ancestors and costs of all nodes, from the highest node down."""
    none: Any = None
    ancestors, costs = [none] * len(order), [none] * len(order)
    rank = [0] * len(order)
    for number, node in enumerate(order):
        rank[node] = number
    for node in reversed(order):
        links = above[node]
        chain = ancestors[min(links, key=rank.__getitem__)] if links else np.zeros(0, np.int32)
        label = np.full(len(chain) + 1, np.inf)
        for higher, (cost, _) in links.items():
            known = costs[higher]
            part = label[: len(known)]
            np.minimum(part, known + cost, out=part)
        label[-1] = 0.0
        ancestors[node], costs[node] = np.append(chain, np.int32(node)), label
    return ancestors, costs


class Hierarchy:
    """A searcher for `RailNetwork.route`; keep it, for it holds what it has prepared."""

    def __init__(self) -> None:
        self._prepared: WeakKeyDictionary[Graph, Labels] = WeakKeyDictionary()

    def prepare(self, graph: Graph) -> Labels:
        """Return the labels of a graph, made at the first call."""
        known = self._prepared.get(graph)
        if known is None:
            known = self._prepared[graph] = Labels(graph.costs)
        return known

    def search(self, graph: Graph, source: Ends, target: Ends) -> list[int] | None:
        """Return the cheapest way, as `_search.Dijkstra.search` does."""
        labels = self.prepare(graph)
        best, way = math.inf, (-1, -1, -1)
        for one, out in zip(source.node.tolist(), source.cost.tolist(), strict=True):
            for other, into in zip(target.node.tolist(), target.cost.tolist(), strict=True):
                cost, top = labels.cost(one, other)
                if out + cost + into < best:
                    best, way = out + cost + into, (one, other, top)
        return labels.path(*way) if best < math.inf else None

    def costs_between(self, graph: Graph, ends: Sequence[Ends]) -> Floats:
        """Return the costs between all of some points, infinity where there is no way."""
        labels = self.prepare(graph)
        nodes = np.concatenate([end.node for end in ends])
        extra = np.concatenate([end.cost for end in ends])
        begin = np.cumsum([0, *(len(end.node) for end in ends)])[:-1]
        height = max(len(labels.costs[node]) for node in nodes)
        chains = np.full((len(nodes), height), -1, dtype=np.int32)
        costs = np.full((len(nodes), height), np.inf)
        for row, node in enumerate(nodes.tolist()):
            chains[row, : len(labels.costs[node])] = labels.ancestors[node]
            costs[row, : len(labels.costs[node])] = labels.costs[node]
        costs += extra[:, None]
        found = np.empty((len(nodes), len(ends)))
        for row in range(len(nodes)):
            sums = np.where(chains == chains[row], costs + costs[row], np.inf).min(axis=1)
            found[row] = np.minimum.reduceat(sums, begin)
        return np.minimum.reduceat(found, begin, axis=0)
