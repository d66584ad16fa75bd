"""Routes and matrices by the hierarchy: those of other searches, on graphs small and large."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, floyd_warshall
from small_networks import Edge, make_table

from sco_geo.network.hierarchy import Hierarchy, Labels
from sco_geo.network.rail_network import RailNetwork

NODES = {name: (60.0 + i, 40.0) for i, name in enumerate("ABCDEF")}
EDGES = [
    Edge("A", "B", 100),
    Edge("B", "C", 90, gauge="1435;1520"),
    Edge("C", "D", 100, country="CHN", gauge="1435"),
    Edge("A", "C", 150, gauge="1435"),
    Edge("E", "F", 120),
]


def symmetric(rng: np.random.Generator, size: int, links: int) -> csr_array:
    """Make a graph with `links` random edges at most, of 1 to 9; many ways are equally long."""
    dense = np.zeros((size, size))
    one, other = rng.integers(size, size=(2, links))
    dense[one, other] = rng.integers(1, 10, size=links)
    np.fill_diagonal(dense, 0)
    return csr_array(np.maximum(dense, dense.T))


@pytest.mark.parametrize(("size", "links"), [(1, 1), (2, 1), (12, 14), (30, 40), (25, 200)])
def test_labels_give_the_costs_of_floyd_and_warshall(size: int, links: int) -> None:
    for seed in range(10):
        graph = symmetric(np.random.default_rng(seed), size, links)
        labels, dense = Labels(graph), graph.toarray()
        expected = floyd_warshall(graph, directed=False)
        for one in range(size):
            for other in range(size):
                cost, top = labels.cost(one, other)
                assert cost == expected[one, other]
                if top < 0:
                    continue
                path = labels.path(one, other, top)
                assert (path[0], path[-1]) == (one, other)
                steps = [dense[step] for step in pairwise(path)]
                assert all(steps)
                assert sum(steps) == cost


def test_a_matrix_of_no_places_is_empty() -> None:
    rail = RailNetwork(make_table(NODES, EDGES))
    assert rail.matrix([], hierarchy=Hierarchy()).shape == rail.matrix([]).shape == (0, 0)


def test_routes_and_matrix_are_those_of_the_default_search() -> None:
    rail, engine = RailNetwork(make_table(NODES, EDGES)), Hierarchy()
    places = [*list(NODES.values())[:4], (60.5, 40.0), (61.5, 40.0), (61.6, 40.0)]
    for a, b in combinations(places, 2):
        default, quick = rail.route(a, b), rail.route(a, b, searcher=engine)
        assert quick.length_km == default.length_km
        assert quick.by_gauge == default.by_gauge
    apart = [*places, NODES["E"], NODES["F"]]
    quick, default = rail.matrix(apart, hierarchy=engine), rail.matrix(apart)
    np.testing.assert_array_equal(quick, default)
    assert np.isnan(quick[0, -1]) and quick[-2, -1] == 120


def test_the_shipped_network_has_the_lengths_of_a_search() -> None:
    rail, engine = RailNetwork.load(), Hierarchy()
    graph = rail.graph(rail.variant())
    labels, rng = engine.prepare(graph), np.random.default_rng(6)
    starts, ends = rng.choice(graph.size, 8), rng.choice(graph.size, 400)
    expected = dijkstra(graph.costs, indices=starts)[:, ends]
    found = [[labels.cost(a, b)[0] for b in ends.tolist()] for a in starts.tolist()]
    assert np.isfinite(expected).any(axis=1).all()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert engine.prepare(graph) is labels
    hubs = [(76.94, 43.35), (69.28, 41.3), (87.6, 43.8), (116.4, 39.9), (37.65, 55.77)]
    quick, default = rail.matrix(hubs, hierarchy=engine), rail.matrix(hubs)
    np.testing.assert_array_equal(quick, default)
    for a, b in combinations(hubs, 2):
        assert rail.route(a, b, searcher=engine).length_km == rail.route(a, b).length_km
