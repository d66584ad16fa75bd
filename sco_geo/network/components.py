"""The parts of the network that are not joined: their names and the gaps between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sco_geo.geodesy import WGS84
from sco_geo.network.graph import Graph
from sco_geo.network.places import Gazetteer, Place, fold_name
from sco_geo.network.snapping import Chains, nearest_edges

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LonLat = tuple[float, float]

#: A place up to this far from a line of a component may stand for it, in km.
_NEAR_KM = 15.0
#: Segments are looked at in pieces up to this long when the nearest gap is sought, in degrees.
_PIECE_DEG = 0.05
_MOST_NAMES = 3


@dataclass(frozen=True)
class Component:
    """A connected part of the network, for people.

    Attributes
    ----------
    number : int
        Number in the graph.
    track_km : float
        Length of its lines.
    places : tuple of Place
        Some known places on it.
    """

    number: int
    track_km: float
    places: tuple[Place, ...]

    def __str__(self) -> str:
        names = ", ".join(place.label for place in self.places) or "a part without known places"
        return f"{names} ({self.track_km:,.0f} km of line)"


@dataclass(frozen=True)
class Gap:
    """The shortest distance between two components."""

    km: float
    start: LonLat
    end: LonLat


def describe_component(
    graph: Graph, chains: Chains, gazetteer: Gazetteer, number: int, near: Place
) -> Component:
    """Describe a component by its length and three places on it.

    These are `near` if it has a name and is on it, the nearest hubs, and the largest towns.
    """
    edges = np.flatnonzero(graph.edge_component == number)
    nodes = np.concatenate([graph.table.start[edges], graph.table.end[edges]])
    lon, lat = graph.table.node_lon[nodes], graph.table.node_lat[nodes]
    found: list[Place] = []
    for place in _candidates(gazetteer, near):
        if len(found) >= _MOST_NAMES:
            break
        inside = lon.min() - 0.2 <= place.lon <= lon.max() + 0.2
        if inside and lat.min() - 0.2 <= place.lat <= lat.max() + 0.2:
            is_known = fold_name(place.name) in {fold_name(known.name) for known in found}
            if not is_known and _component_at(graph, chains, place) == number:
                found.append(place)
    return Component(number, float(graph.component_km[number]), tuple(found))


def _candidates(gazetteer: Gazetteer, near: Place) -> list[Place]:
    """Return places that a component may be named by, in order."""
    named = [place for place in gazetteer.places if place.country]
    hubs = [place for place in named if place.rank == 0]
    hubs.sort(key=lambda hub: (hub.lon - near.lon) ** 2 + (hub.lat - near.lat) ** 2)
    towns = sorted(named, key=lambda place: -place.population)
    return [*([near] if near.country else []), *hubs, *towns]


def _component_at(graph: Graph, chains: Chains, place: Place) -> int:
    edges = chains.edges_near(place.point, _NEAR_KM)
    edges = edges[graph.usable[edges]]
    if not len(edges):
        return -1
    nearest = chains.nearest_points(place.point, edges)
    best = int(nearest.km.argmin())
    return int(graph.edge_component[nearest.edge[best]]) if nearest.km[best] <= _NEAR_KM else -1


def nearest_gap(graph: Graph, chains: Chains, one: int, other: int) -> Gap:
    """Find the shortest distance between two components, good to some hundred metres."""
    # Here, for it takes a tenth of the time of a whole process to import, and is rarely needed.
    from scipy.spatial import KDTree  # type: ignore[import-untyped]

    points = [
        _points_along(chains, np.flatnonzero(graph.edge_component == number))
        for number in (one, other)
    ]
    distance, partner = KDTree(_on_sphere(points[1])).query(_on_sphere(points[0]))
    best = int(np.argmin(distance))
    start, end = points[0][best], points[1][partner[best]]
    start, end = (float(start[0]), float(start[1])), (float(end[0]), float(end[1]))
    end = _nearest_on(graph, chains, start, other) or end
    start = _nearest_on(graph, chains, end, one) or start
    return Gap(float(WGS84.inv(*start, *end)[2]) / 1e3, start, end)


def _nearest_on(graph: Graph, chains: Chains, point: LonLat, number: int) -> LonLat | None:
    """Return the point of a component that is nearest to a point."""
    usable = graph.edge_component == number
    nearest = nearest_edges(chains, usable, point, 0.0)
    if not len(nearest.km):
        return None
    best = int(nearest.km.argmin())
    return float(nearest.lon[best]), float(nearest.lat[best])


def _points_along(chains: Chains, edges: Ints) -> Floats:
    """Return points along edges, close together."""
    count = np.diff(chains.offset)[edges]
    owner = np.repeat(np.arange(len(edges)), count)
    vertex = np.arange(len(owner)) + (chains.offset[:-1][edges] - (np.cumsum(count) - count))[owner]
    line = np.column_stack([chains.lon[vertex], chains.lat[vertex]])
    is_segment = owner[1:] == owner[:-1]
    start, end = line[:-1][is_segment], line[1:][is_segment]
    pieces = np.maximum(1, np.ceil(np.abs(end - start).max(axis=1) / _PIECE_DEG)).astype(int)
    segment = np.repeat(np.arange(len(start)), pieces)
    rank = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (rank / pieces[segment])[:, None]
    return np.vstack([start[segment] + share * (end - start)[segment], end])


def _on_sphere(points: Floats) -> Floats:
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
