"""The optional engine, with a stand-in for its package: what is asked and what is made of it."""

from __future__ import annotations

import heapq
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from small_networks import Edge, make_table

from sco_geo.errors import MissingExtraError
from sco_geo.network.hierarchy import Hierarchy
from sco_geo.network.rail_network import RailNetwork

NODES = {name: (60.0 + i, 40.0) for i, name in enumerate("ABCD")}
EDGES = [
    Edge("A", "B", 100),
    Edge("B", "C", 90, gauge="1435;1520"),
    Edge("C", "D", 100, country="CHN", gauge="1435"),
]


class StandIn:
    """Takes and returns what scgraph's CHGraph 3.6 does; searches by a heap."""

    made: list[StandIn] = []

    def __init__(self, graph: list[dict[int, float]]) -> None:
        self.graph = graph
        self.made.append(self)

    def search(self, out: dict[int, float], into: dict[int, float]) -> dict[str, Any]:
        heap = [(cost, node, [node]) for node, cost in out.items()]
        found: list[tuple[float, list[int]]] = []
        done: set[int] = set()
        heapq.heapify(heap)
        while heap:
            cost, node, path = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            if node in into and len(path) > 1:  # the package overlooks a node in common
                found.append((cost + into[node], path))
            for other, step in self.graph[node].items():
                heapq.heappush(heap, (cost + step, other, [*path, other]))
        length, path = min(found)
        return {"path": path, "length": length}


def test_routes_are_those_of_the_default_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scgraph", SimpleNamespace(CHGraph=StandIn))
    StandIn.made.clear()
    rail, engine = RailNetwork(make_table(NODES, EDGES)), Hierarchy()
    places = [*NODES.values(), (60.5, 40.0), (61.5, 40.0)]
    for a in places:
        for b in places:
            if a != b:
                default, quick = rail.route(a, b), rail.route(a, b, searcher=engine)
                assert quick.length_km == default.length_km
                assert quick.by_gauge == default.by_gauge
    assert len(StandIn.made) == 1


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scgraph", None)
    with pytest.raises(MissingExtraError, match=r"sco-geo\[hierarchy\]"):
        Hierarchy()
