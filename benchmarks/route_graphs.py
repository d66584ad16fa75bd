"""The graph that routers are compared on: our network, freight, today, and growing parts of it.

    python benchmarks/route_graphs.py 0.25 200 FOLDER NETWORK

Writes a quarter of a network and the questions about it into a folder, and prints its size.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from sco_geo.geodesy import WGS84
from sco_geo.network._format import EdgeTable, read_network, write_network
from sco_geo.network.graph import Variant, usable_edges

#: The parts grow around Almaty, (lon, lat) in degrees.
CENTRE = (76.94, 43.35)
SEED, WARM_UP, HUBS = 20, 30, 60
#: Places for whole routes lie up to this far beside a node of the network, in degrees.
BESIDE_DEG = 0.05
#: The smallest radius of curvature of WGS84 (along the meridian at the equator), in km: distances
#: on this sphere are never above the geodesic.
LEAST_RADIUS_KM = 6335.439


@dataclass(frozen=True)
class PlainGraph:
    """An undirected graph without parallel edges, and what is asked of it.

    Attributes
    ----------
    lon, lat : array
        Nodes, in degrees.
    node : array
        Number of each node in the network's own table.
    start, end, km : array
        Edges.
    pairs, hubs : array
        Nodes between which ways are looked for, the first ones to warm up; nodes of the matrix.
    places : array
        (from lon, from lat, to lon, to lat) for whole routes, in degrees.
    """

    lon: Any
    lat: Any
    node: Any
    start: Any
    end: Any
    km: Any
    pairs: Any
    hubs: Any
    places: Any

    @property
    def size(self) -> int:
        return len(self.lon)

    def matrix(self) -> Any:
        """Return the sparse matrix of lengths, each edge in both directions."""
        from scipy.sparse import csr_array

        start, end = np.concatenate([self.start, self.end]), np.concatenate([self.end, self.start])
        shape = self.size, self.size
        return csr_array((np.tile(self.km, 2), (start, end)), shape=shape)

    def save(self, path: Path) -> None:
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> PlainGraph:
        with np.load(path) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})


def straight_km(graph: PlainGraph) -> Any:
    """Return a function for the least distance between two nodes in km, as A* needs it."""
    from math import asin, cos, radians, sin, sqrt

    lon, lat = [radians(v) for v in graph.lon.tolist()], [radians(v) for v in graph.lat.tolist()]
    cosine = [cos(v) for v in lat]

    def distance(a: int, b: int) -> float:
        x, y = sin((lon[a] - lon[b]) / 2), sin((lat[a] - lat[b]) / 2)
        return 2 * LEAST_RADIUS_KM * asin(sqrt(y * y + cosine[a] * cosine[b] * x * x))

    return distance


def part_of(table: EdgeTable, share: float) -> EdgeTable:
    """Return the edges nearest to the centre, a share of all."""
    lon, lat = np.full_like(table.node_lon, CENTRE[0]), np.full_like(table.node_lat, CENTRE[1])
    away = WGS84.inv(lon, lat, table.node_lon, table.node_lat)[2]
    farther = np.maximum(away[table.start], away[table.end])
    keep = np.zeros(len(farther), dtype=bool)
    keep[np.argsort(farther, kind="stable")[: round(share * len(farther))]] = True
    counts = np.diff(table.chain_offset)
    inside = np.repeat(keep, counts)
    by_edge = ("start", "end", "length_m", "country", "gauge", "status", "line_class", "basis")
    return replace(
        table,
        **{name: getattr(table, name)[keep] for name in (*by_edge, "line")},
        **{f"chain_{name}": getattr(table, f"chain_{name}")[inside] for name in _CHAIN},
        chain_offset=np.concatenate([[0], np.cumsum(counts[keep])]).astype(np.int32),
    )


_CHAIN = ("lon", "lat", "level")


def plain(table: EdgeTable, pairs: int) -> PlainGraph:
    """Return the largest component of what freight may use today."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    used = usable_edges(table, Variant()) & (table.start != table.end)
    start, end = table.start[used].astype(np.int64), table.end[used].astype(np.int64)
    count = len(table.node_lon)
    links = coo_array((np.ones(len(start)), (start, end)), shape=(count, count))
    component = connected_components(links, directed=False)[1]
    inside = component[start] == np.bincount(component[start]).argmax()
    low, high = np.minimum(start, end)[inside], np.maximum(start, end)[inside]
    metres = table.length_m[used][inside]
    order = np.lexsort((metres, low * count + high))
    keys, first = np.unique((low * count + high)[order], return_index=True)
    node, ends = np.unique(np.concatenate([keys // count, keys % count]), return_inverse=True)
    lon, lat = table.node_lon[node], table.node_lat[node]
    random = np.random.default_rng(SEED)
    chosen = random.integers(len(node), size=(WARM_UP + pairs, 2))
    beside = random.uniform(-BESIDE_DEG, BESIDE_DEG, size=(len(chosen), 4))
    return PlainGraph(
        lon, lat, node,
        ends[: len(keys)], ends[len(keys) :], metres[order][first] / 1e3,
        chosen, random.choice(len(node), HUBS, replace=False),
        np.stack([lon, lat])[:, chosen].transpose(1, 2, 0).reshape(-1, 4) + beside,
    )  # fmt: skip


def make(share: float, pairs: int, folder: Path, network: Path) -> PlainGraph:
    """Write a part of the network as its own file and as a plain graph."""
    table = read_network(network)
    path = folder / "network.bin"
    write_network(table if share == 1 else _trimmed(part_of(table, share)), path)
    graph = plain(read_network(path), pairs)
    graph.save(folder / "graph.npz")
    return graph


def _trimmed(table: EdgeTable) -> EdgeTable:
    """Leave out nodes without edges."""
    nodes, ends = np.unique(np.concatenate([table.start, table.end]), return_inverse=True)
    half = len(table.start)
    return replace(
        table,
        node_lon=table.node_lon[nodes],
        node_lat=table.node_lat[nodes],
        start=ends[:half].astype(np.int32),
        end=ends[half:].astype(np.int32),
    )


if __name__ == "__main__":
    made = make(float(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
    print(json.dumps({"nodes": made.size, "edges": len(made.start)}))
