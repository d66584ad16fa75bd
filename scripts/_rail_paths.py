"""Find paths through points of the rail graph: for anchors, gauges and closed links."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from _rail_graph import Floats, Ints, LonLat, RailGraph, geodesic_km
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]

#: First limit of a search, in geodesic lengths and km, before the whole graph is searched.
SEARCH_TIMES, SEARCH_KM = 2.0, 100.0


def read_points(text: str) -> list[LonLat]:
    """Read ``lon lat;lon lat``."""
    pairs = [part.split() for part in text.split(";") if part.strip()]
    return [(float(lon), float(lat)) for lon, lat in pairs]


class PathFinder:
    """Shortest paths over some edges of a graph, as edge numbers."""

    def __init__(
        self, graph: RailGraph, used: npt.NDArray[np.bool_], km: Floats | None = None
    ) -> None:
        self.graph = graph
        self.km = graph.km if km is None else km
        self.matrix = graph.matrix(used, self.km)
        low, high = np.minimum(graph.start, graph.end), np.maximum(graph.start, graph.end)
        numbers = np.flatnonzero(used)
        order = numbers[np.lexsort((self.km[numbers], high[numbers], low[numbers]))[::-1]]
        pairs = zip(low[order].tolist(), high[order].tolist(), strict=True)
        # The shortest of parallel edges comes last and stays.
        self.edges = dict(zip(pairs, order.tolist(), strict=True))

    def through(self, nodes: Sequence[int]) -> Ints | None:
        """Return the edges of the shortest path through nodes in order, None if there is none."""
        parts: list[int] = []
        for a, b in zip(nodes, nodes[1:], strict=False):
            path = self._between(int(a), int(b))
            if path is None:
                return None
            parts += path
        return np.array(parts, dtype=np.int64)

    def _between(self, a: int, b: int) -> list[int] | None:
        graph = self.graph
        lon, lat = graph.lon[[a, b]], graph.lat[[a, b]]
        direct = float(geodesic_km(lon[:1], lat[:1], lon[1:], lat[1:])[0])
        for limit in (SEARCH_TIMES * direct + SEARCH_KM, np.inf):
            km, before = dijkstra(self.matrix, indices=a, return_predecessors=True, limit=limit)
            if np.isfinite(km[b]):
                break
        else:
            return None
        path, node = [], b
        while node != a:
            previous = int(before[node])
            path.append(self.edges[(min(previous, node), max(previous, node))])
            node = previous
        return path[::-1]
