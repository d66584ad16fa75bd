"""Our own searches between nodes, and whole routes between places; see `routers`.

    python benchmarks/our_routers.py FOLDER

Prints one JSON object on `RailNetwork`: loading, whole routes, their geometry, the matrix, memory.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from route_graphs import HUBS, WARM_UP, PlainGraph


def searches(graph: PlainGraph, network: Path, has_hierarchy: bool) -> Any:
    """Load a network and return its search between nodes of the plain graph, and its matrix."""
    from sco_geo.network._matrices import lengths_km
    from sco_geo.network._search import find_path
    from sco_geo.network.rail_network import RailNetwork

    rails = RailNetwork.load(path=network)
    variant = rails.variant()
    ours, searcher = rails.graph(variant), None
    if has_hierarchy:
        from sco_geo.network.hierarchy import Hierarchy

        searcher = Hierarchy()
        searcher.prepare(ours)
    snaps = _snaps(rails, ours, graph.node)

    def query(a: int, b: int) -> tuple[float, Any]:
        path = find_path(ours, snaps[a], snaps[b], searcher)
        return path.length_m / 1e3, None

    return query, lambda nodes: lengths_km(ours, [snaps[node] for node in nodes], searcher)


def _snaps(rails: Any, ours: Any, nodes: Any) -> list[Any]:
    """Return the point of each node, as places are moved to the network."""
    from sco_geo.network.places import Place
    from sco_geo.network.snapping import Snap

    table = rails.table
    used = np.flatnonzero(ours.usable)
    ends = np.concatenate([table.start[used], table.end[used]])
    offset = np.concatenate([np.zeros(len(used), dtype=int), table.length_m[used]])
    order = np.argsort(ends, kind="stable")
    first = order[np.searchsorted(ends[order], nodes)]
    return [
        Snap(Place("", lon, lat), edge, at, 0.0, lon, lat, component, 0.0)
        for lon, lat, edge, at, component in zip(
            table.node_lon[nodes].tolist(),
            table.node_lat[nodes].tolist(),
            np.tile(used, 2)[first].tolist(),
            offset[first].tolist(),
            ours.edge_component[np.tile(used, 2)[first]].tolist(),
            strict=True,
        )
    ]


def milliseconds(places: list[list[float]], ask: Any) -> tuple[list[float], list[float]]:
    taken, lengths = [], []
    for number, (lon, lat, to_lon, to_lat) in enumerate(places):
        begin = perf_counter()
        route = ask((lon, lat), (to_lon, to_lat))
        if number >= WARM_UP:
            taken.append((perf_counter() - begin) * 1e3)
            lengths.append(route.length_km)
    return taken, lengths


def measure(folder: Path) -> dict[str, Any]:
    from routers import memory_mb

    places = PlainGraph.load(folder / "graph.npz").places.tolist()
    bare_mb, begin = memory_mb(), perf_counter()
    from sco_geo.network.rail_network import RailNetwork

    imported_s, imported_mb, begin = perf_counter() - begin, memory_mb(), perf_counter()
    rails = RailNetwork.load(path=folder / "network.bin")
    loaded_s = perf_counter() - begin
    begin = perf_counter()
    rails.route(tuple(places[0][:2]), tuple(places[0][2:]))
    first_s = perf_counter() - begin

    def drawn(origin: Any, destination: Any) -> Any:
        route = rails.route(origin, destination)
        _ = route.geometry
        return route

    plain, lengths = milliseconds(places, rails.route)
    geometry, _ = milliseconds(places, drawn)
    points = [tuple(place[:2]) for place in places[:HUBS]]
    begin = perf_counter()
    table = rails.matrix(points)
    matrix_s, used_mb = perf_counter() - begin, memory_mb()
    found = {
        "import_s": imported_s, "load_s": loaded_s, "first_s": first_s, "matrix_s": matrix_s,
        "import_mb": imported_mb - bare_mb, "used_mb": used_mb - imported_mb,
        "route": plain, "with geometry": geometry,
    }  # fmt: skip
    found |= _with_hierarchy(rails, places, lengths, table)
    return found | {"hierarchy_mb": memory_mb() - imported_mb}


def _with_hierarchy(rails: Any, places: Any, lengths: list[float], table: Any) -> dict[str, Any]:
    from sco_geo.network.hierarchy import Hierarchy

    searcher = Hierarchy()
    searcher.prepare(rails.graph(rails.variant()))
    taken, others = milliseconds(places, lambda a, b: rails.route(a, b, searcher=searcher))
    begin = perf_counter()
    quick = rails.matrix([tuple(place[:2]) for place in places[:HUBS]], hierarchy=searcher)
    matrix_s = perf_counter() - begin
    apart = max(abs(one - other) for one, other in zip(lengths, others, strict=True))
    return {
        "by hierarchy": taken, "hierarchy_off": apart, "quick_matrix_s": matrix_s,
        "matrix_off": float(np.nanmax(np.abs(quick - table))),
    }  # fmt: skip


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):  # one core
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps(measure(Path(sys.argv[1]))))
