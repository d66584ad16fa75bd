"""Lengths between many places at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

from sco_geo.network._search import Ends, ends_of, find_path, with_sources
from sco_geo.network.graph import Graph
from sco_geo.network.snapping import Snap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Places searched from at a time: each takes 12 bytes a search node.
_BLOCK = 64


def lengths_km(graph: Graph, snaps: Sequence[Snap]) -> Floats:
    """Return the km between all places; NaN where nothing connects them.

    The cheapest way is that of `_search.find_path`; its length is its cost without the
    connectors at both ends, which are known once the way has been followed back to its first
    search node.
    """
    ends = [ends_of(graph, snap) for snap in snaps]
    table = np.full((len(snaps), len(snaps)), np.nan)
    for begin in range(0, len(snaps), _BLOCK):
        block = range(begin, min(begin + _BLOCK, len(snaps)))
        table[block.start : block.stop] = _rows(graph, ends, block)
    for i, j in _sharing_an_edge(snaps):
        path = find_path(graph, snaps[i], snaps[j], np.inf)
        if path is not None:
            table[i, j] = table[j, i] = path.length_m / 1e3
    np.fill_diagonal(table, 0.0)
    return table


def _rows(graph: Graph, ends: Sequence[Ends], block: range) -> Floats:
    sources = [ends[i] for i in block]
    numbers = graph.size + np.arange(len(block))
    reached, before = dijkstra(
        with_sources(graph, sources), indices=numbers, return_predecessors=True
    )
    total = np.full((len(block), len(ends)), np.inf)
    last = np.zeros((len(block), len(ends)), dtype=np.int64)
    leave = np.zeros((len(block), len(ends)))
    for column, end in enumerate(ends):
        costs = reached[:, end.node] + end.cost
        best = costs.argmin(axis=1)
        total[:, column] = costs[np.arange(len(block)), best]
        last[:, column], leave[:, column] = end.node[best], end.connector_of(best)
    first = _first_nodes(before, last, np.isfinite(total), graph.size)
    enter = np.array([_connectors_at(end, first[row]) for row, end in enumerate(sources)])
    metres = np.rint((total - leave - enter) * 1e3)
    return np.where(np.isfinite(total), metres / 1e3, np.nan)


def _first_nodes(
    before: npt.NDArray[np.int32], last: Ints, found: npt.NDArray[np.bool_], size: int
) -> Ints:
    """Follow all ways back at once; return the first search node of each."""
    row, column = np.nonzero(found)
    node = last[row, column]
    first = np.zeros(last.shape, dtype=np.int64)
    while len(row):
        previous = before[row, node]
        is_first = previous >= size
        first[row[is_first], column[is_first]] = node[is_first]
        on = ~is_first
        row, column, node = row[on], column[on], previous[on].astype(np.int64)
    return first


def _connectors_at(ends: Ends, nodes: Ints) -> Floats:
    """Return the cost of the connector by which each first node was reached."""
    order = np.lexsort((ends.cost, ends.node))
    position = np.searchsorted(ends.node[order], nodes)
    return ends.connector_of(order[np.minimum(position, len(order) - 1)])


def _sharing_an_edge(snaps: Sequence[Snap]) -> set[tuple[int, int]]:
    """Return the pairs of places on one edge, which the search by nodes does not see."""
    on: dict[int, list[int]] = {}
    for number, snap in enumerate(snaps):
        for edge in snap.edge.tolist():
            on.setdefault(edge, []).append(number)
    return {(i, j) for numbers in on.values() for i in numbers for j in numbers if i < j}
