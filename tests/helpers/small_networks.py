"""Rail networks of a few edges, written by hand, and another way to search them."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sco_geo.network._format import BASES, LINE_CLASSES, STATUSES, EdgeTable

LonLat = tuple[float, float]
SCENARIOS = {
    "today": ("operating",),
    "construction": ("operating", "construction"),
    "planned": ("operating", "construction", "planned"),
}


@dataclass(frozen=True)
class Edge:
    """An edge between two nodes by name; `chain` are the vertices between them."""

    start: str
    end: str
    km: float
    country: str = "KAZ"
    gauge: str = "1520"
    status: str = "operating"
    line_class: str = "conventional"
    basis: str = "osm"
    line: str = ""
    chain: tuple[LonLat, ...] = ()


def make_table(
    nodes: Mapping[str, LonLat],
    edges: Sequence[Edge],
    lines: Iterable[Mapping[str, Any]] = (),
    meta: Mapping[str, Any] | None = None,
) -> EdgeTable:
    """Put nodes and edges into a table."""
    number = {name: i for i, name in enumerate(nodes)}
    countries = tuple(dict.fromkeys(["", *(edge.country for edge in edges)]))
    gauges = tuple(dict.fromkeys(edge.gauge for edge in edges))
    line_list = [dict(line) for line in lines]
    line_number = {line["id"]: i for i, line in enumerate(line_list)}

    def codes(values: Sequence[str], names: Sequence[str]) -> np.ndarray:
        return np.array([names.index(value) for value in values], dtype=np.uint8)

    chain = [point for edge in edges for point in edge.chain]
    counts = [len(edge.chain) for edge in edges]
    return EdgeTable(
        node_lon=np.array([lon for lon, _ in nodes.values()], dtype=np.float64),
        node_lat=np.array([lat for _, lat in nodes.values()], dtype=np.float64),
        start=np.array([number[edge.start] for edge in edges], dtype=np.int32),
        end=np.array([number[edge.end] for edge in edges], dtype=np.int32),
        length_m=np.array([round(edge.km * 1000) for edge in edges], dtype=np.int32),
        country=codes([edge.country for edge in edges], countries),
        gauge=codes([edge.gauge for edge in edges], gauges),
        status=codes([edge.status for edge in edges], STATUSES),
        line_class=codes([edge.line_class for edge in edges], LINE_CLASSES),
        basis=codes([edge.basis for edge in edges], BASES),
        line=np.array([line_number.get(edge.line, -1) for edge in edges], dtype=np.int16),
        chain_offset=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        chain_lon=np.array([lon for lon, _ in chain], dtype=np.float64),
        chain_lat=np.array([lat for _, lat in chain], dtype=np.float64),
        chain_level=np.zeros(len(chain), dtype=np.uint8),
        countries=countries,
        gauges=gauges,
        lines=tuple(line_list),
        meta=dict(meta or {}),
    )


def shortest_km(
    edges: Sequence[Edge],
    start: str,
    end: str,
    *,
    scenario: str = "today",
    traffic: str = "freight",
    avoid: Iterable[str] = (),
) -> float | None:
    """Search by a heap over names, edge by edge, without any code of the package."""
    avoided = set(avoid)
    around: dict[str, list[tuple[str, float]]] = {}
    for edge in edges:
        if (
            edge.status in SCENARIOS[scenario]
            and (traffic == "any" or edge.line_class != "passenger")
            and edge.country not in avoided
        ):
            around.setdefault(edge.start, []).append((edge.end, edge.km))
            around.setdefault(edge.end, []).append((edge.start, edge.km))
    count = itertools.count()
    heap = [(0.0, next(count), start)]
    done: set[str] = set()
    while heap:
        km, _, node = heapq.heappop(heap)
        if node == end:
            return km
        if node not in done:
            done.add(node)
            for other, step in around.get(node, []):
                heapq.heappush(heap, (km + step, next(count), other))
    return None
