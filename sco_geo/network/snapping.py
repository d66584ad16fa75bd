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
from sco_geo.network.graph import Graph
from sco_geo.network.places import Place, format_position

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LonLat = tuple[float, float]

#: Farthest railway that a place may be moved to, in km.
SNAP_LIMIT_KM = 25.0
#: Lines this much farther away than the nearest one of their component may be used too, in km:
#: the stations of a town lie on several lines.
ENTRY_KM = 2.0
#: A component this much farther away than the nearest line may be used too, in km: sidings and
#: tramways that the network is not joined to lie nearer to many places than its main lines.
OTHER_COMPONENT_KM = 5.0

_A_KM, _E2 = 6378.137, 0.00669437999014  # WGS84
_STEPS_KM = (10.0, 35.0, 150.0, 1000.0, 20000.0)


@dataclass(frozen=True)
class Snap:
    """The points of the network where a place is, nearest first.

    Attributes
    ----------
    place : Place
        The place itself.
    edge, offset_m : array
        Edge of the table, and how far from its start along it, in whole metres.
    km : array
        Straight distance from the place.
    lon, lat : array
        The points, in degrees.
    """

    place: Place
    edge: Ints
    offset_m: Ints
    km: Floats
    lon: Floats
    lat: Floats

    def point(self, entry: int) -> LonLat:
        """Return (lon, lat) of one of the points."""
        return float(self.lon[entry]), float(self.lat[entry])


@dataclass(frozen=True)
class _Nearest:
    """The nearest point of each of some edges."""

    edge: Ints
    km: Floats
    share: Floats
    lon: Floats
    lat: Floats


def metres_per_degree(lat: float) -> LonLat:
    """Return the km that a degree of longitude and one of latitude are long, on WGS84."""
    sine = math.sin(math.radians(lat))
    curvature = 1 - _E2 * sine * sine
    north = _A_KM * (1 - _E2) / curvature**1.5
    east = _A_KM * math.cos(math.radians(lat)) / math.sqrt(curvature)
    return math.radians(east), math.radians(north)


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
        east, north = metres_per_degree(point[1])
        dx, dy = radius_km / max(east, 1e-3), radius_km / north
        west, south = point[0] - dx, point[1] - dy
        found = self._tree.query(shapely.box(west, south, point[0] + dx, point[1] + dy))
        return np.sort(found)

    def nearest_points(self, point: LonLat, edges: Ints) -> _Nearest:
        """Find the point of each edge that is nearest to a place.

        The plane touches the ellipsoid at the place: distances up to 30 km are good to 0.1 %.
        """
        count = np.diff(self.offset)[edges]
        owner = np.repeat(np.arange(len(edges)), count)
        begin = np.cumsum(count) - count
        vertex = np.arange(len(owner)) + (self.offset[:-1][edges] - begin)[owner]
        east, north = metres_per_degree(point[1])
        lon, lat = self.lon[vertex], self.lat[vertex]
        x, y = (lon - point[0]) * east, (lat - point[1]) * north
        dx, dy = np.diff(x), np.diff(y)
        squared = dx * dx + dy * dy
        # The segment from a chain's last vertex to the next chain is none.
        dx[begin[1:] - 1] = dy[begin[1:] - 1] = 0.0
        along = -(x[:-1] * dx + y[:-1] * dy) / np.where(squared > 0, squared, 1.0)
        along = np.clip(along, 0.0, 1.0)
        px, py = x[:-1] + along * dx, y[:-1] + along * dy
        away = np.hypot(px, py)
        best = _first_minimum(away, owner[:-1], begin)
        true = np.hypot(
            dx * np.cos(np.radians((lat[1:] + lat[:-1]) / 2)) / math.cos(math.radians(point[1])), dy
        )
        reached = np.concatenate([[0.0], np.cumsum(true)])
        length = reached[begin + count - 1] - reached[begin]
        part = reached[best] + along[best] * true[best] - reached[begin]
        share = np.divide(part, length, out=np.zeros(len(edges)), where=length > 0)
        return _Nearest(
            edges, away[best], share, point[0] + px[best] / east, point[1] + py[best] / north
        )


def _first_minimum(values: Floats, owner: Ints, begin: Ints) -> Ints:
    """Return the position of the smallest value of each owner."""
    smallest = np.minimum.reduceat(values, begin)
    hits = np.flatnonzero(values == smallest[owner])
    _, first = np.unique(owner[hits], return_index=True)
    return hits[first]


def snap_place(chains: Chains, graph: Graph, place: Place) -> Snap:
    """Find where a place is on the network.

    All lines within `ENTRY_KM` of the nearest one are entry points, for each component that
    comes within `OTHER_COMPONENT_KM` of it, up to `SNAP_LIMIT_KM`.

    Raises
    ------
    SnapTooFarError
        If no usable railway is near enough.
    """
    usable = graph.usable
    nearest = _nearest_usable(chains, usable, place.point, OTHER_COMPONENT_KM)
    closest = float(nearest.km.min(initial=math.inf))
    if closest > SNAP_LIMIT_KM:
        where = ""
        if len(nearest.km):
            at = int(nearest.km.argmin())
            where = f", at {format_position(float(nearest.lon[at]), float(nearest.lat[at]))}"
        raise SnapTooFarError(place.label, closest, SNAP_LIMIT_KM, where)
    component = graph.edge_component[nearest.edge]
    best = np.full(int(component.max()) + 1, math.inf)
    np.minimum.at(best, component, nearest.km)
    near = nearest.km <= np.minimum(best[component] + ENTRY_KM, SNAP_LIMIT_KM)
    near &= best[component] <= closest + OTHER_COMPONENT_KM
    chosen = np.flatnonzero(near)
    chosen = chosen[np.argsort(nearest.km[chosen], kind="stable")]
    length = graph.table.length_m[nearest.edge[chosen]]
    return Snap(
        place,
        nearest.edge[chosen],
        np.rint(nearest.share[chosen] * length).astype(np.int64),
        nearest.km[chosen],
        nearest.lon[chosen],
        nearest.lat[chosen],
    )


def _nearest_usable(
    chains: Chains, usable: npt.NDArray[np.bool_], point: LonLat, margin_km: float
) -> _Nearest:
    """Return the usable edges within `margin_km` of the nearest one, and maybe some more."""
    for radius_km in _STEPS_KM:
        edges = chains.edges_near(point, radius_km)
        edges = edges[usable[edges]]
        if len(edges):
            found = chains.nearest_points(point, edges)
            if found.km.min() + margin_km + ENTRY_KM <= radius_km:
                return found
    empty = np.zeros(0)
    return _Nearest(np.zeros(0, dtype=np.int64), empty, empty, empty, empty)
