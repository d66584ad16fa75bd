"""Read the railways of scgraph_data and keep them as a plain undirected graph.

The package holds OpenStreetMap's railways of April 2024, simplified: nodes stand at the ends of
ways and are rounded to 0.001°, the weight of an edge is the length of the way before it was
simplified. Coordinates are (lon, lat) in degrees, lengths in km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from _scgraph import read_literals
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from sco_geo.geodesy import segment_lengths_m

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LonLat = tuple[float, float]

DATA_SHA256 = "de155ac61fb972a3b038d8072feb97f0cf1532f838ccbcd6dea89c3a55735383"
#: West, south, east, north of what is kept, in degrees.
CLIP = (15.0, 0.0, 150.0, 75.0)
#: Kilometres of one degree of latitude, for nearness only; lengths are geodesic.
KM_PER_DEGREE = 111.195
#: `origin` of an edge that comes from the package, of one that closes a gap, and of one of the
#: passenger line number n, which is FROM_PASSENGER - n.
FROM_OSM, FROM_JOIN, FROM_PASSENGER = -1, -2, -10


@dataclass(frozen=True)
class RailGraph:
    """Nodes and undirected edges.

    Parameters
    ----------
    lon, lat : float64 arrays
        Of the nodes, in degrees.
    start, end : int64 arrays
        Node numbers of the edges; no edge has twice the same node.
    km : float64 array
        Length of the railway between the two nodes, never below the geodesic.
    origin : int64 array
        `FROM_OSM`, `FROM_JOIN`, `FROM_PASSENGER` and below, or the number of the hand-drawn line
        an edge belongs to.
    """

    lon: Floats
    lat: Floats
    start: Ints
    end: Ints
    km: Floats
    origin: Ints

    def matrix(self, used: npt.NDArray[np.bool_] | None = None, km: Floats | None = None):  # type: ignore[no-untyped-def]  # noqa: ANN201
        """Return the symmetric sparse matrix of lengths; of two parallel edges the shorter."""
        keep = slice(None) if used is None else used
        lengths = np.maximum((self.km if km is None else km)[keep], 1e-9)
        start, end = self.start[keep], self.end[keep]
        low, high = np.minimum(start, end), np.maximum(start, end)
        order = np.lexsort((lengths, high, low))
        low, high, lengths = low[order], high[order], lengths[order]
        first = np.ones(len(low), dtype=bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        low, high, lengths = low[first], high[first], lengths[first]
        rows, columns = np.concatenate([low, high]), np.concatenate([high, low])
        size = len(self.lon)
        return csr_array((np.concatenate([lengths, lengths]), (rows, columns)), shape=(size, size))

    @cached_property
    def degree(self) -> Ints:
        """Return the number of edge ends at each node."""
        return np.bincount(np.concatenate([self.start, self.end]), minlength=len(self.lon))

    @property
    def is_passenger(self) -> npt.NDArray[np.bool_]:
        """Tell which edges belong to lines for passengers only."""
        return self.origin <= FROM_PASSENGER

    def components(self) -> tuple[int, Ints]:
        """Return the number of components and that of each node."""
        count, labels = connected_components(self.matrix(), directed=False)
        return int(count), labels.astype(np.int64)

    def segments(self) -> npt.NDArray[np.object_]:
        """Return each edge as a LineString in degrees."""
        ends = np.stack(
            [
                np.column_stack([self.lon[self.start], self.lat[self.start]]),
                np.column_stack([self.lon[self.end], self.lat[self.end]]),
            ],
            axis=1,
        )
        return np.asarray(shapely.linestrings(ends))

    def geodesic_km(self) -> Floats:
        """Measure the geodesic between the two nodes of each edge."""
        return geodesic_km(
            self.lon[self.start], self.lat[self.start], self.lon[self.end], self.lat[self.end]
        )

    def with_edges(self, start: Ints, end: Ints, km: Floats, origin: Ints) -> RailGraph:
        """Return the graph with more edges."""
        return replace(
            self,
            start=np.concatenate([self.start, start]),
            end=np.concatenate([self.end, end]),
            km=np.concatenate([self.km, km]),
            origin=np.concatenate([self.origin, origin]),
        )

    def keep_edges(self, kept: npt.NDArray[np.bool_]) -> RailGraph:
        """Return the graph with some of its edges; the nodes stay."""
        return replace(
            self,
            start=self.start[kept],
            end=self.end[kept],
            km=self.km[kept],
            origin=self.origin[kept],
        )


def geodesic_km(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Measure geodesics on WGS84 in km."""
    metres = segment_lengths_m(lon0, lat0, lon1, lat1)
    return np.asarray(metres, dtype=np.float64) / 1e3


def read_graph(path: Path, box: tuple[float, float, float, float] = CLIP) -> RailGraph:
    """Read the literals of the module as text and keep what lies inside `box` (W, S, E, N).

    Entries from a node to itself are dropped, the two directions of an edge become one, and a
    length below the geodesic (rounding of the nodes) is raised to it.
    """
    lon, lat, start, end_, km = read_literals(path)
    inside = (lon >= box[0]) & (lat >= box[1]) & (lon <= box[2]) & (lat <= box[3])
    used = inside[start] & inside[end_] & (start != end_)
    low, high = np.minimum(start, end_)[used], np.maximum(start, end_)[used]
    km = km[used]
    order = np.lexsort((km, high, low))
    low, high, km = low[order], high[order], km[order]
    first = np.ones(len(low), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    graph = RailGraph(
        lon, lat, low[first], high[first], km[first], np.full(int(first.sum()), FROM_OSM)
    )
    return without_lonely_nodes(replace(graph, km=np.maximum(graph.km, graph.geodesic_km())))


def without_lonely_nodes(graph: RailGraph) -> RailGraph:
    """Drop the nodes that no edge uses and number the others anew."""
    used = graph.degree > 0
    number = np.cumsum(used) - 1
    return replace(
        graph,
        lon=graph.lon[used],
        lat=graph.lat[used],
        start=number[graph.start],
        end=number[graph.end],
    )


def split_edges(
    graph: RailGraph, edges: Sequence[int], points: Sequence[LonLat]
) -> tuple[RailGraph, Ints]:
    """Put nodes into edges, at the points nearest to the given ones; an edge may take several.

    Returns
    -------
    RailGraph, int64 array
        The graph, in which the halves share the length of the edge in proportion, and the node of
        each point. A point within 60 m of an end of its edge is that end.
    """
    lon, lat = list(graph.lon), list(graph.lat)
    by_edge: dict[int, list[tuple[float, int]]] = {}
    nodes = np.full(len(edges), -1, dtype=np.int64)
    for number, (edge, point) in enumerate(zip(edges, points, strict=True)):
        share = project(graph, int(edge), point)
        by_edge.setdefault(int(edge), []).append((share, number))
    start, end, km, origin = [], [], [], []
    for edge, cuts in by_edge.items():
        a, b = int(graph.start[edge]), int(graph.end[edge])
        length, before, share_before = float(graph.km[edge]), a, 0.0
        for share, number in sorted(cuts):
            if share * length < 0.06 or (share - share_before) * length < 0.06:
                nodes[number] = before
                continue
            if (1 - share) * length < 0.06:
                nodes[number] = b
                continue
            lon.append(round(graph.lon[a] + share * (graph.lon[b] - graph.lon[a]), 4))
            lat.append(round(graph.lat[a] + share * (graph.lat[b] - graph.lat[a]), 4))
            nodes[number] = len(lon) - 1
            start.append(before)
            end.append(len(lon) - 1)
            km.append((share - share_before) * length)
            origin.append(int(graph.origin[edge]))
            before, share_before = len(lon) - 1, share
        start.append(before)
        end.append(b)
        km.append((1 - share_before) * length)
        origin.append(int(graph.origin[edge]))
    kept = np.ones(len(graph.start), dtype=bool)
    kept[list(by_edge)] = False
    bare = replace(graph.keep_edges(kept), lon=np.array(lon), lat=np.array(lat))
    added = [np.array(column, dtype=np.int64) for column in (start, end, origin)]
    return bare.with_edges(added[0], added[1], np.array(km, dtype=np.float64), added[2]), nodes


def project(graph: RailGraph, edge: int, point: LonLat) -> float:
    """Return the share of an edge at which it comes nearest to a point (flat, locally scaled)."""
    a, b = int(graph.start[edge]), int(graph.end[edge])
    scale = float(np.cos(np.radians(point[1])))
    x, y = (graph.lon[b] - graph.lon[a]) * scale, graph.lat[b] - graph.lat[a]
    u, v = (point[0] - graph.lon[a]) * scale, point[1] - graph.lat[a]
    square = x * x + y * y
    return float(np.clip((u * x + v * y) / square, 0, 1)) if square else 0.0
