"""Places moved to the nearest railway: the points where a route may begin or end.

A place is moved to segments of the lines, not to nodes, for a line may run for hundreds of
kilometres between two nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from sco_geo.errors import SnapTooFarError
from sco_geo.network._format import EdgeTable
from sco_geo.network._snapping_math import metres_per_degree, project_on_segment, segment_metres
from sco_geo.network.graph import Graph
from sco_geo.network.places import Place

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LonLat = tuple[float, float]

#: Farthest railway that a place may be moved to, in km.
SNAP_LIMIT_KM = SnapTooFarError.LIMIT_KM
#: Lines this much farther away than the nearest one of their component may be taken instead of
#: it, in km: a town has several lines and sidings.
ENTRY_KM = 2.0
#: A km more to a line is worth this many km less from there to everywhere. A choice of this
#: project.
CONNECTOR_FACTOR = 2.0
#: A component shorter than this is left for a longer one that is this much farther away, in km:
#: sidings and tramways that the network is not joined to lie nearer to many places than its lines.
SHORT_KM, OTHER_COMPONENT_KM = 500.0, 5.0

#: Landmarks by which it is judged how well a point is connected.
_LANDMARKS = 6
_STEPS_KM = (10.0, 35.0, 150.0, 1000.0, 20000.0)


@dataclass(frozen=True)
class Snap:
    """The point of the network where a place is.

    Attributes
    ----------
    place : Place
        The place itself.
    edge, offset_m : int
        Edge of the table, and how far from its start along it, in whole metres.
    km : float
        Straight distance from the place.
    lon, lat : float
        The point, in degrees.
    component : int
        The component of the graph that it is on.
    nearest_km : float
        Distance to the nearest line, which may be on another component.
    """

    place: Place
    edge: int
    offset_m: int
    km: float
    lon: float
    lat: float
    component: int
    nearest_km: float


@dataclass(frozen=True)
class Nearest:
    """The nearest point of each of some edges."""

    edge: Ints
    km: Floats
    share: Floats
    lon: Floats
    lat: Floats


class Chains:
    """The lines of all edges as vertices, with an index to find those near a point."""

    def __init__(self, table: EdgeTable) -> None:
        count = len(table.start)
        inner = np.diff(table.chain_offset).astype(np.int64)
        self.offset = np.concatenate([[0], np.cumsum(inner + 2)])
        self.lon, self.lat = np.empty(self.offset[-1]), np.empty(self.offset[-1])
        first, last = self.offset[:-1], self.offset[1:] - 1
        is_inner = np.ones(self.offset[-1], dtype=bool)
        is_inner[first] = is_inner[last] = False
        for values, nodes, chain in (
            (self.lon, table.node_lon, table.chain_lon),
            (self.lat, table.node_lat, table.chain_lat),
        ):
            values[first], values[last] = nodes[table.start], nodes[table.end]
            values[is_inner] = chain
        self._count = count

    @cached_property
    def _tree(self) -> shapely.STRtree:
        """Return an index of the bounding boxes; each is held by its diagonal."""
        starts = self.offset[:-1]
        corners = np.empty((self._count, 2, 2))
        for axis, values in enumerate((self.lon, self.lat)):
            corners[:, 0, axis] = np.minimum.reduceat(values, starts)
            corners[:, 1, axis] = np.maximum.reduceat(values, starts)
        return shapely.STRtree(shapely.linestrings(corners))

    def prepare(self) -> None:
        """Build the index now and not at the first question."""
        _ = self._tree

    def coordinates(self, edge: int) -> Floats:
        """Return the vertices of an edge from its start to its end, (lon, lat) in degrees."""
        part = slice(self.offset[edge], self.offset[edge + 1])
        return np.column_stack([self.lon[part], self.lat[part]])

    def edges_near(self, point: LonLat, radius_km: float) -> Ints:
        """Return the edges with a bounding box within a square around a point, ascending."""
        per_lon, per_lat = metres_per_degree(np.float64(point[1]))
        dx, dy = radius_km * 1e3 / max(per_lon, 1.0), radius_km * 1e3 / per_lat
        west, south = point[0] - dx, point[1] - dy
        found = self._tree.query(shapely.box(west, south, point[0] + dx, point[1] + dy))
        return np.sort(found)

    def nearest_points(self, point: LonLat, edges: Ints) -> Nearest:
        """Find the point of each edge that is nearest to a place.

        The plane touches the ellipsoid at the place, see `_snapping_math.project_on_segment`.
        """
        count = self.offset[edges + 1] - self.offset[edges]
        owner = np.repeat(np.arange(len(edges)), count)
        begin = np.cumsum(count) - count
        vertex = np.arange(len(owner)) + (self.offset[edges] - begin)[owner]
        lon, lat = self.lon[vertex], self.lat[vertex]
        ends = lon[:-1], lat[:-1], lon[1:], lat[1:]
        away, fraction = project_on_segment(*point, *ends)
        metres = segment_metres(*ends)
        # The segment from a chain's last vertex to the next chain is none.
        away[begin[1:] - 1], metres[begin[1:] - 1] = np.inf, 0.0
        best = _first_minimum(away, owner[:-1], begin)
        reached = np.concatenate([[0.0], np.cumsum(metres)])
        length = reached[begin + count - 1] - reached[begin]
        part = reached[best] + fraction[best] * metres[best] - reached[begin]
        return Nearest(
            edges,
            away[best] / 1e3,
            np.divide(part, length, out=np.zeros(len(edges)), where=length > 0),
            lon[best] + (lon[best + 1] - lon[best]) * fraction[best],
            lat[best] + (lat[best + 1] - lat[best]) * fraction[best],
        )


def _first_minimum(values: Floats, owner: Ints, begin: Ints) -> Ints:
    """Return the position of the smallest value of each owner."""
    smallest = np.minimum.reduceat(values, begin)
    hits = np.flatnonzero(values == smallest[owner])
    _, first = np.unique(owner[hits], return_index=True)
    return hits[first]


def snap_place(chains: Chains, graph: Graph, place: Place) -> Snap:
    """Find the one point of the network where a place is.

    The point does not depend on where a route goes, so that lengths between places are a metric:
    symmetric, and never shortened by a stop on the way. It is on the component of the nearest
    line, or on a longer one not much farther away if that is short (`SHORT_KM`); there, of all
    lines within `ENTRY_KM` of the nearest one, on that which is best connected, see `_remoteness`.

    Raises
    ------
    SnapTooFarError
        If no usable railway is within `SNAP_LIMIT_KM`.
    """
    margin = OTHER_COMPONENT_KM + ENTRY_KM
    nearest = nearest_edges(chains, graph.usable, place.point, margin)
    closest = float(nearest.km.min(initial=math.inf))
    if closest > SNAP_LIMIT_KM:
        raise SnapTooFarError(place.label, closest)
    component = graph.edge_component[nearest.edge]
    number = int(component[nearest.km.argmin()])
    if graph.component_km[number] < SHORT_KM:
        reach = min(closest + OTHER_COMPONENT_KM, SNAP_LIMIT_KM)
        others = np.unique(component[nearest.km <= reach])
        number = int(others[graph.component_km[others].argmax()])
    on_it = np.flatnonzero(component == number)
    best = float(nearest.km[on_it].min())
    near = on_it[nearest.km[on_it] <= min(best + ENTRY_KM, SNAP_LIMIT_KM)]
    edge = nearest.edge[near]
    offset = np.rint(nearest.share[near] * graph.table.length_m[edge]).astype(np.int64)
    chosen = 0
    if len(near) > 1:
        score = CONNECTOR_FACTOR * nearest.km[near] + _remoteness(graph, edge, offset)
        chosen = int(score.argmin())
    at = near[chosen]
    return Snap(
        place,
        int(edge[chosen]),
        int(offset[chosen]),
        float(nearest.km[at]),
        float(nearest.lon[at]),
        float(nearest.lat[at]),
        number,
        closest,
    )


def _remoteness(graph: Graph, edge: Ints, offset: Ints) -> Floats:
    """Return the mean distance of points of one component to its landmarks, in km.

    A siding or a line that leaves the town the wrong way is farther from everything.
    """
    far = graph.landmark_costs(int(graph.edge_component[edge[0]]))[:_LANDMARKS]
    track = np.searchsorted(graph.tracks.edge, edge)
    rest = graph.table.length_m[edge] - offset
    start, end = far[:, graph.tracks.start[track]], far[:, graph.tracks.end[track]]
    return np.minimum(start + offset / 1e3, end + rest / 1e3).mean(axis=0)


def nearest_edges(
    chains: Chains, usable: npt.NDArray[np.bool_], point: LonLat, margin_km: float
) -> Nearest:
    """Return the usable edges within `margin_km` of the nearest one, and maybe some more."""
    for radius_km in _STEPS_KM:
        edges = chains.edges_near(point, radius_km)
        edges = edges[usable[edges]]
        if len(edges):
            found = chains.nearest_points(point, edges)
            if found.km.min() + margin_km <= radius_km:
                return found
    empty = np.zeros(0)
    return Nearest(np.zeros(0, dtype=np.int64), empty, empty, empty, empty)
