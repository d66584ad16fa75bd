"""Read the road graph of scgraph_data, heal its small gaps and find paths through places.

The graph is undirected. Nodes are rounded to 0.001° and stand where roads meet or end, so that an
edge is one straight chord however long the road between is; its weight is the length of the way as
the package simplified it. Coordinates are (lon, lat) in degrees, lengths in km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from _scgraph import read_literals
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]
from scipy.spatial import KDTree  # type: ignore[import-untyped]

from sco_geo.geodesy import WGS84

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LonLat = tuple[float, float]

EARTH_RADIUS_KM = 6371.0
#: Carriageways of one road end up to some hundred metres apart without a link (Aliabad, Sary-Tash).
HEAL_KM = 0.6
#: Cost of a healed gap beyond its length, so that a real link is preferred.
HEAL_COST_KM = 1.0
#: A place is snapped to a node within this distance; the distance counts twice in the search.
SNAP_KM = 10.0
SNAP_COST = 2.0
#: How far around two places a path may go, in degrees.
MARGIN_DEG = 2.5

#: A road up to this many times longer than the path found may be the one that is meant: the ways
#: drawn for the G30 are 3 % shorter than its published length.
OTHER_LONGER = 1.03
OTHER_COST = 1.3
#: Edges this near to a path belong to the same road.
CARRIAGEWAY_KM = 1.5


def distance_km(start: LonLat, end: LonLat) -> float:
    """Measure the geodesic between two points in km."""
    return float(WGS84.inv(*start, *end)[2]) / 1e3


def to_unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Return points of the unit sphere, so that a k-d tree can be used."""
    lon, lat = np.radians(lon), np.radians(lat)
    columns = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)
    return np.column_stack(columns)


@dataclass(frozen=True)
class Graph:
    """A part of the road graph; edges in both directions, weights in km."""

    lon: Floats
    lat: Floats
    start: Ints
    end: Ints
    km: Floats

    def point(self, node: int) -> LonLat:
        """Return (lon, lat) of a node."""
        return float(self.lon[node]), float(self.lat[node])

    @cached_property
    def weights(self) -> dict[tuple[int, int], float]:
        """Return the length of each edge in km."""
        edges = zip(self.start.tolist(), self.end.tolist(), self.km.tolist(), strict=True)
        return {(start, end): km for start, end, km in edges}

    def nodes_near(self, point: LonLat, radius_km: float) -> list[tuple[int, float]]:
        """Return nodes within a distance as pairs (node, km), nearest first."""
        near = np.hypot(
            (self.lon - point[0]) * np.cos(np.radians(point[1])), self.lat - point[1]
        ) < np.degrees(1.01 * radius_km / EARTH_RADIUS_KM)
        pairs = [(int(n), distance_km(point, self.point(int(n)))) for n in np.flatnonzero(near)]
        return sorted((p for p in pairs if p[1] <= radius_km), key=lambda p: (p[1], p[0]))

    def inside(self, points: Sequence[LonLat]) -> npt.NDArray[np.bool_]:
        """Tell which edges lie in the box around some points."""
        lons, lats = zip(*points, strict=True)
        box = (self.lon >= min(lons) - MARGIN_DEG) & (self.lon <= max(lons) + MARGIN_DEG)
        box &= (self.lat >= min(lats) - MARGIN_DEG) & (self.lat <= max(lats) + MARGIN_DEG)
        return np.asarray(box[self.start] & box[self.end])


def read_graph(path: Path, box: tuple[float, float, float, float]) -> Graph:
    """Read the literals of the module as text and keep the part inside `box` (W, S, E, N)."""
    lon, lat, start, end_, km = read_literals(path)
    keep = (lon >= box[0]) & (lat >= box[1]) & (lon <= box[2]) & (lat <= box[3])
    number_of = np.cumsum(keep) - 1
    used = keep[start] & keep[end_] & (start != end_)
    return Graph(lon[keep], lat[keep], number_of[start[used]], number_of[end_[used]], km[used])


def heal(graph: Graph, bridges: Sequence[tuple[LonLat, LonLat]]) -> Graph:
    """Join nodes that lie closer than `HEAL_KM`, and the given pairs of points."""
    tree = KDTree(to_unit_vectors(graph.lon, graph.lat))
    pairs = tree.query_pairs(HEAL_KM / EARTH_RADIUS_KM, output_type="ndarray").astype(np.int64)
    ends = [tuple(graph.nodes_near(p, SNAP_KM)[0][0] for p in pair) for pair in bridges]
    pairs = np.vstack([pairs, np.array(ends, dtype=np.int64).reshape(-1, 2)])
    known = set(zip(graph.start.tolist(), graph.end.tolist(), strict=True))
    pairs = np.array([p for p in pairs.tolist() if tuple(p) not in known], dtype=np.int64)
    a, b = pairs[:, 0], pairs[:, 1]
    km = WGS84.inv(graph.lon[a], graph.lat[a], graph.lon[b], graph.lat[b])[2] / 1e3
    km = np.asarray(km, dtype=np.float64) + HEAL_COST_KM
    return Graph(
        graph.lon,
        graph.lat,
        np.concatenate([graph.start, a, b]),
        np.concatenate([graph.end, b, a]),
        np.concatenate([graph.km, km, km]),
    )


def find_path(graph: Graph, stops: Sequence[Sequence[tuple[int, float]]]) -> list[list[int]]:
    """Find the cheapest way through one node of each stop.

    Parameters
    ----------
    stops : sequence of candidates
        For each place its candidate nodes with their distance from it in km.

    Returns
    -------
    list of list of int
        One path of nodes for each pair of neighbouring stops.

    Raises
    ------
    ValueError
        If two stops are not connected.
    """
    costs = {node: SNAP_COST * km for node, km in stops[0]}
    steps: list[npt.NDArray[np.int32]] = []
    for here, there in pairwise(stops):
        reached, before = _spread(graph, costs, [node for node, _ in (*here, *there)])
        costs = {node: float(reached[node]) + SNAP_COST * km for node, km in there}
        if not np.isfinite(min(costs.values())):
            raise ValueError(f"no path from {graph.point(here[0][0])} {graph.point(there[0][0])}")
        steps.append(before)
    node = min(costs, key=lambda n: (costs[n], n))
    legs = []
    for before in reversed(steps):
        leg = [node]
        while before[leg[-1]] != len(graph.lon):
            leg.append(int(before[leg[-1]]))
        node = leg[-1]
        legs.append(leg[::-1])
    return legs[::-1]


def find_other_path(graph: Graph, path: Sequence[int]) -> list[int] | None:
    """Find another road between the ends of a path, if one is at most `OTHER_LONGER` longer.

    Edges with both ends within `CARRIAGEWAY_KM` of the path cost `OTHER_COST` times as much, so
    that the other carriageway is no other road.
    """
    if len(path) < 2:
        return None
    scale = np.cos(np.radians(graph.lat[list(path)].mean()))
    line = shapely.LineString([(graph.lon[node] * scale, graph.lat[node]) for node in path])
    near = shapely.buffer(line, np.degrees(CARRIAGEWAY_KM / EARTH_RADIUS_KM))
    shapely.prepare(near)
    is_near = shapely.contains_xy(near, graph.lon * scale, graph.lat)
    same = is_near[graph.start] & is_near[graph.end]
    costs = replace(graph, km=np.where(same, OTHER_COST * graph.km, graph.km))
    (other,) = find_path(costs, [[(path[0], 0.0)], [(path[-1], 0.0)]])
    weights = graph.weights
    ways = [sum(weights[edge] for edge in pairwise(nodes)) for nodes in (path, other)]
    return other if ways[1] <= OTHER_LONGER * ways[0] else None


def _spread(
    graph: Graph, costs: dict[int, float], nodes: Sequence[int]
) -> tuple[Floats, npt.NDArray[np.int32]]:
    used = graph.inside([graph.point(node) for node in nodes])
    source = len(graph.lon)
    first = np.array(list(costs), dtype=np.int64)
    # A weight of 0 would be no edge in a sparse matrix.
    weights = np.array(list(costs.values())) + 1e-6
    start = np.concatenate([graph.start[used], np.full(len(first), source)])
    end = np.concatenate([graph.end[used], first])
    km = np.concatenate([graph.km[used], weights])
    matrix = csr_array((km, (start, end)), shape=(source + 1, source + 1))
    reached, before = dijkstra(matrix, indices=source, return_predecessors=True)
    return reached, before
