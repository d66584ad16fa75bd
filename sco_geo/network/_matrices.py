"""Lengths between many places at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

from sco_geo.network._search import Ends, ends_of, with_sources
from sco_geo.network.graph import Graph
from sco_geo.network.hierarchy import Hierarchy
from sco_geo.network.snapping import Snap

Floats = npt.NDArray[np.float64]

#: Places searched from at a time: each takes 8 bytes a search node.
_BLOCK = 64


def lengths_km(graph: Graph, snaps: Sequence[Snap], hierarchy: Hierarchy | None = None) -> Floats:
    """Return the km between all places; NaN where nothing connects them, 0 to itself.

    The graph must be one that minimises km without a preference of gauge: costs then are km but
    for the small costs of transfers, which are rounded away.
    """
    ends = [ends_of(graph, snap) for snap in snaps]
    table = hierarchy.costs_between(graph, ends) if hierarchy else _searched(graph, ends)
    on: dict[int, list[int]] = {}
    for number, snap in enumerate(snaps):
        on.setdefault(snap.edge, []).append(number)
    for numbers in on.values():  # the search does not see the direct way on one edge
        offset = np.array([snaps[number].offset_m for number in numbers])
        block = np.ix_(numbers, numbers)
        table[block] = np.minimum(table[block], np.abs(offset[:, None] - offset) / 1e3)
    return np.where(np.isfinite(table), np.rint(table * 1e3) / 1e3, np.nan)


def _searched(graph: Graph, ends: Sequence[Ends]) -> Floats:
    table = np.full((len(ends), len(ends)), np.inf)
    for begin in range(0, len(ends), _BLOCK):
        part = ends[begin : begin + _BLOCK]
        table[begin : begin + len(part)] = _rows(graph, part, ends)
    return table


def _rows(graph: Graph, sources: Sequence[Ends], targets: Sequence[Ends]) -> Floats:
    numbers = graph.size + np.arange(len(sources))
    reached = dijkstra(with_sources(graph, sources), indices=numbers)
    return np.column_stack([(reached[:, ends.node] + ends.cost).min(axis=1) for ends in targets])
