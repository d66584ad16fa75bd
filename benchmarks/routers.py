"""Routers on one graph, each behind the same two questions; run as a process of its own.

    python benchmarks/routers.py "networkx dijkstra" FOLDER

Prints one JSON object: seconds to build, milliseconds of each query, seconds of the matrix, memory,
and the lengths found. Numbers of nodes go in, km come out.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from route_graphs import WARM_UP, PlainGraph, straight_km

#: Finds the length in km, and the nodes of the way or None, between two nodes.
Query = Callable[[int, int], tuple[float, Any]]
#: Returns the lengths between all of some nodes, in rows.
Matrix = Callable[[list[int]], Any]


@dataclass(frozen=True)
class Router:
    """What it takes to measure one: a package, and a function that builds from a graph."""

    package: str
    build: Callable[[PlainGraph], tuple[Query, Matrix | None]]


def _dicts(graph: PlainGraph) -> list[dict[int, float]]:
    arcs: list[dict[int, float]] = [{} for _ in range(graph.size)]
    edges = zip(graph.start.tolist(), graph.end.tolist(), graph.km.tolist(), strict=True)
    for a, b, km in edges:
        arcs[a][b] = arcs[b][a] = km
    return arcs


def _one_by_one(query: Query) -> Matrix:
    return lambda nodes: [[query(a, b)[0] if a != b else 0.0 for b in nodes] for a in nodes]


def _told(found: dict[str, Any]) -> tuple[float, Any]:
    return found["length"], found["path"] or None


def scgraph_hierarchy(with_path: bool) -> Callable[[PlainGraph], tuple[Query, Matrix]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix]:
        from scgraph import CHGraph

        search = CHGraph(graph=_dicts(graph)).search

        def query(a: int, b: int) -> tuple[float, Any]:
            return _told(search(a, b, length_only=not with_path))

        return query, _one_by_one(query)

    return build


def scgraph_plain(method: str, has_matrix: bool = False) -> Any:
    def build(graph: PlainGraph) -> tuple[Query, Matrix | None]:
        from scgraph import Graph

        whole = Graph(graph=_dicts(graph))
        if method == "tnr":
            whole.create_tnr_hierarchy()
        search, more = getattr(whole, method), {}
        if method == "a_star":
            more["heuristic_fn"] = straight_km(graph)

        def query(a: int, b: int) -> tuple[float, Any]:
            return _told(search(a, b, **more))

        def tree_matrix(nodes: list[int]) -> Any:
            whole.reset_cache()
            find = whole.cached_shortest_path
            return [[find(a, b, length_only=True)["length"] for b in nodes] for a in nodes]

        if method == "cached_shortest_path":
            return query, tree_matrix
        return query, _one_by_one(query) if has_matrix else None

    return build


def networkx_by(name: str) -> Callable[[PlainGraph], tuple[Query, Matrix | None]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix | None]:
        import networkx as nx

        whole = nx.Graph()
        edges = zip(graph.start.tolist(), graph.end.tolist(), graph.km.tolist(), strict=True)
        whole.add_weighted_edges_from(edges)
        straight = straight_km(graph)

        def by_astar(a: int, b: int) -> tuple[float, Any]:
            path = nx.astar_path(whole, a, b, heuristic=straight, weight="weight")
            return nx.path_weight(whole, path, "weight"), path

        def trees(nodes: list[int]) -> Any:
            found = (nx.single_source_dijkstra_path_length(whole, a) for a in nodes)
            return [[row[b] for b in nodes] for row in found]

        queries: dict[str, Query] = {
            "dijkstra": lambda a, b: nx.single_source_dijkstra(whole, a, b),
            "bidirectional": lambda a, b: nx.bidirectional_dijkstra(whole, a, b),
            "A*": by_astar,
        }
        return queries[name], trees if name == "dijkstra" else None

    return build


def igraph_by(name: str) -> Callable[[PlainGraph], tuple[Query, Matrix | None]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix | None]:
        import igraph
        import numpy as np

        whole = igraph.Graph(n=graph.size, edges=np.column_stack([graph.start, graph.end]))
        km, straight = graph.km.tolist(), straight_km(graph)

        def by_dijkstra(a: int, b: int) -> tuple[float, Any]:
            edges = whole.get_shortest_path(a, b, weights=km, output="epath")
            return sum(km[edge] for edge in edges), None

        def by_astar(a: int, b: int) -> tuple[float, Any]:
            edges = whole.get_shortest_path_astar(
                a, b, heuristics=lambda _, u, v: straight(u, v), weights=km, output="epath"
            )
            return sum(km[edge] for edge in edges), None

        if name == "A*":
            return by_astar, None
        return by_dijkstra, lambda nodes: whole.distances(nodes, nodes, weights=km)

    return build


def rustworkx_by(name: str) -> Callable[[PlainGraph], tuple[Query, Matrix | None]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix | None]:
        import rustworkx as rx

        whole = rx.PyGraph(multigraph=False)
        whole.add_nodes_from(list(range(graph.size)))
        edges = zip(graph.start.tolist(), graph.end.tolist(), graph.km.tolist(), strict=True)
        whole.add_edges_from(list(edges))
        straight = straight_km(graph)

        def length(a: int, b: int) -> tuple[float, Any]:
            return rx.dijkstra_shortest_path_lengths(whole, a, float, goal=b)[b], None

        def with_path(a: int, b: int) -> tuple[float, Any]:
            path = list(rx.dijkstra_shortest_paths(whole, a, b, float)[b])
            return _along(whole, path), path

        def by_astar(a: int, b: int) -> tuple[float, Any]:
            path = rx.astar_shortest_path(
                whole, a, lambda n: n == b, float, lambda n: straight(n, b)
            )
            return _along(whole, list(path)), list(path)

        def trees(nodes: list[int]) -> Any:
            rows = (rx.dijkstra_shortest_path_lengths(whole, a, float) for a in nodes)
            return [
                [row[b] if b != a else 0.0 for b in nodes]
                for a, row in zip(nodes, rows, strict=True)
            ]

        if name == "length only":
            return length, trees
        return (with_path, None) if name == "with path" else (by_astar, None)

    return build


def _along(whole: Any, path: list[int]) -> float:
    return sum(map(whole.get_edge_data, path[:-1], path[1:]))


def pandana_lengths(with_path: bool) -> Callable[[PlainGraph], tuple[Query, Matrix | None]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix | None]:
        import numpy as np
        import pandana
        import pandas as pd

        weights = pd.DataFrame({"km": graph.km})
        lon, lat = pd.Series(graph.lon), pd.Series(graph.lat)
        whole = pandana.Network(lon, lat, pd.Series(graph.start), pd.Series(graph.end), weights)

        def length(a: int, b: int) -> tuple[float, Any]:
            return whole.shortest_path_length(a, b), None

        def path(a: int, b: int) -> tuple[float, Any]:
            nodes = whole.shortest_path(a, b)
            return whole.shortest_path_length(a, b), nodes.tolist()

        def matrix(nodes: list[int]) -> Any:
            count = len(nodes)
            found = whole.shortest_path_lengths(np.repeat(nodes, count), np.tile(nodes, count))
            return np.reshape(found, (count, count))

        return (path, None) if with_path else (length, matrix)

    return build


def scipy_plain(graph: PlainGraph) -> tuple[Query, Matrix]:
    from scipy.sparse.csgraph import dijkstra

    whole = graph.matrix()

    def query(a: int, b: int) -> tuple[float, Any]:
        km, before = dijkstra(whole, indices=a, return_predecessors=True)
        path, steps = [b], memoryview(before)
        while path[-1] != a:
            path.append(steps[path[-1]])
        return float(km[b]), path[::-1]

    return query, lambda nodes: dijkstra(whole, indices=nodes)[:, nodes]


def our_labels(with_path: bool) -> Callable[[PlainGraph], tuple[Query, Matrix]]:
    def build(graph: PlainGraph) -> tuple[Query, Matrix]:
        from sco_geo.network.hierarchy import Labels

        labels = Labels(graph.matrix())

        def query(a: int, b: int) -> tuple[float, Any]:
            km, top = labels.cost(a, b)
            return km, labels.path(a, b, top) if with_path else None

        return query, labels.table

    return build


def our_search(has_hierarchy: bool) -> Callable[[PlainGraph], tuple[Query, Matrix]]:
    """Search between points of the network: all of `route` but finding places and telling."""

    def build(graph: PlainGraph) -> tuple[Query, Matrix]:
        from our_routers import searches

        return searches(graph, FOLDER / "network.bin", has_hierarchy)

    return build


CH, OURS = "scgraph contraction hierarchy", "sco_geo"
ROUTERS = {
    f"{OURS} hierarchy, length only": Router("sco_geo.network.rail_network", our_labels(False)),
    f"{OURS} hierarchy, with path": Router("sco_geo.network.rail_network", our_labels(True)),
    f"{OURS} network, by hierarchy": Router("sco_geo.network.rail_network", our_search(True)),
    f"{OURS} network": Router("sco_geo.network.rail_network", our_search(False)),
    f"{CH}, length only": Router("scgraph", scgraph_hierarchy(False)),
    f"{CH}, with path": Router("scgraph", scgraph_hierarchy(True)),
    "scgraph transit-node routing": Router("scgraph", scgraph_plain("tnr", True)),
    "scgraph bidirectional buckets": Router(
        "scgraph", scgraph_plain("bidirectional_buckets", True)
    ),
    "scgraph dijkstra": Router("scgraph", scgraph_plain("dijkstra")),
    "scgraph bidirectional dijkstra": Router("scgraph", scgraph_plain("bidirectional_dijkstra")),
    "scgraph A*": Router("scgraph", scgraph_plain("a_star")),
    "scgraph cached tree": Router("scgraph", scgraph_plain("cached_shortest_path")),
    "pandana, length only": Router("pandana", pandana_lengths(False)),
    "pandana, with path": Router("pandana", pandana_lengths(True)),
    "rustworkx dijkstra, length only": Router("rustworkx", rustworkx_by("length only")),
    "rustworkx dijkstra, with path": Router("rustworkx", rustworkx_by("with path")),
    "rustworkx A*": Router("rustworkx", rustworkx_by("A*")),
    "scipy dijkstra, one to all": Router("scipy", scipy_plain),
    "igraph dijkstra": Router("igraph", igraph_by("dijkstra")),
    "igraph A*": Router("igraph", igraph_by("A*")),
    "networkx dijkstra": Router("networkx", networkx_by("dijkstra")),
    "networkx bidirectional": Router("networkx", networkx_by("bidirectional")),
    "networkx A*": Router("networkx", networkx_by("A*")),
}
FOLDER = Path(sys.argv[-1])


def memory_mb() -> float:
    """Return what the process has in memory now, in MB; not its peak."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def timed(asked: list[list[int]], query: Query) -> Iterator[tuple[float, float, Any]]:
    for number, (a, b) in enumerate(asked):
        begin = perf_counter()
        km, path = query(a, b)
        taken = perf_counter() - begin
        if number >= WARM_UP:
            yield taken * 1e3, km, path


def most_off(graph: PlainGraph, paths: list[Any], lengths: list[float]) -> float | None:
    """Return how far the edges of paths add up to something else than the length given, in km."""
    if not all(paths):
        return None
    edges = {(a, b): km for a, row in enumerate(_dicts(graph)) for b, km in row.items()}
    sums = [sum(edges[step] for step in zip(p[:-1], p[1:], strict=True)) for p in paths]
    return max(abs(a - b) for a, b in zip(sums, lengths, strict=True))


def measure(name: str, folder: Path) -> dict[str, Any]:
    router, graph = ROUTERS[name], PlainGraph.load(folder / "graph.npz")
    asked, hubs = graph.pairs.tolist(), graph.hubs.tolist()
    bare_mb = memory_mb()
    import_module(router.package)
    import_mb = memory_mb()
    begin = perf_counter()
    query, matrix = router.build(graph)
    built_s, built_mb = perf_counter() - begin, memory_mb()
    answers = list(timed(asked, query))
    lengths = [km for _, km, _ in answers]
    queried_mb = memory_mb()
    matrix_s, table = None, None
    if matrix is not None:
        begin = perf_counter()
        table = matrix(hubs)
        matrix_s = perf_counter() - begin
        table = [[float(km) for km in row] for row in table]
    return {
        "import_mb": import_mb - bare_mb, "build_s": built_s, "build_mb": built_mb - import_mb,
        "query_mb": queried_mb - import_mb, "ms": [ms for ms, _, _ in answers],
        "matrix_s": matrix_s, "lengths": lengths, "table": table,
        "path_off": most_off(graph, [path for _, _, path in answers], lengths),
    }  # fmt: skip


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):  # one core
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"\n{json.dumps(measure(sys.argv[1], FOLDER))}")
