"""Routes in a fraction of a millisecond, by a contraction hierarchy (optional package scgraph).

Preparing takes a second or two for each variant of the network and some hundred megabytes: worth
it for thousands of routes, or where a single one must be instant. Lengths are those of the default
search. After Geisberger, Sanders, Schultes and Delling, "Contraction hierarchies", WEA 2008.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sco_geo.errors import MissingExtraError
from sco_geo.network._search import Dijkstra, Ends
from sco_geo.network.graph import Graph


class Hierarchy:
    """A searcher for `RailNetwork.route`; keep it, for it holds what it has prepared.

    Raises
    ------
    MissingExtraError
        Without the package scgraph.
    """

    def __init__(self) -> None:
        try:
            from scgraph import CHGraph  # type: ignore[import-untyped,import-not-found,unused-ignore]
        except ImportError as error:
            raise MissingExtraError("scgraph, for contraction hierarchies", "hierarchy") from error
        self._type: Any = CHGraph
        self._prepared: WeakKeyDictionary[Graph, Any] = WeakKeyDictionary()

    def prepare(self, graph: Graph) -> Any:
        """Return the hierarchy of a graph, made at the first call."""
        known = self._prepared.get(graph)
        if known is None:
            starts, ends = graph.costs.indptr.tolist(), graph.costs.indices.tolist()
            costs = graph.costs.data.tolist()
            arcs = [
                dict(zip(ends[a:b], costs[a:b], strict=True))
                for a, b in zip(starts[:-1], starts[1:], strict=True)
            ]
            known = self._prepared[graph] = self._type(graph=arcs)
        return known

    def search(self, graph: Graph, source: Ends, target: Ends, reach: float) -> list[int] | None:
        """Return the cheapest way, as `_search.Dijkstra.search` does.

        Places on neighbouring edges are left to that: the package overlooks that both ends of a
        way may be one node.
        """
        out, into = _costs(source), _costs(target)
        if out.keys() & into.keys():
            return Dijkstra().search(graph, source, target, reach)
        return list(self.prepare(graph).search(out, into)["path"])


def _costs(ends: Ends) -> dict[int, float]:
    """Return the lowest cost of each node."""
    costs: dict[int, float] = {}
    for node, cost in zip(ends.node.tolist(), ends.cost.tolist(), strict=True):
        costs[node] = min(cost, costs.get(node, cost))
    return costs
