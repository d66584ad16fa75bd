"""Cut false chords out of the rail graph and put hand-drawn lines in (geo/rail_additions.geojson).

The two ends of a line are moved onto the nearest track within `snap_km`, which is split there. A
published length is shared out over the segments in proportion; without one a line is `ESTIMATE`
times as long as it is drawn.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from _rail_graph import KM_PER_DEGREE, Ints, LonLat, RailGraph, geodesic_km, split_edges

from sco_geo import geojson
from sco_geo.geodesy import line_lengths_m

#: How much longer than chords between towns a railway is: the median over the additions that have
#: both a drawing through waypoints and a published length.
ESTIMATE = 1.08
#: A note with these words says that the length stated is a share of that of a chord cut.
UNPUBLISHED = "Length not published"
#: Ends that are given the same place are joined whatever the limit.
SAME_PLACE_KM = 0.05
#: How near to its station a line passes.
STATION_KM = 2.0
#: Ends of a false chord are found within this distance.
CHORD_END_KM = 3.0


log = logging.getLogger("build_rail_network")


@dataclass(frozen=True)
class DrawnLine:
    """A hand-drawn line: points (lon, lat), properties as in geo/rail_additions.geojson."""

    id: str
    points: tuple[LonLat, ...]
    properties: Mapping[str, object]

    @property
    def status(self) -> str:
        """Return operating, construction, planned or suspended."""
        return str(self.properties["status"])

    @property
    def drawn_km(self) -> float:
        """Measure the line as drawn."""
        return float(line_lengths_m([shapely.LineString(self.points)])[0]) / 1e3

    @property
    def published_km(self) -> float | None:
        """Return the published length, if there is one."""
        return None if UNPUBLISHED in str(self.properties.get("note")) else self._stated_km

    @property
    def _stated_km(self) -> float | None:
        value = self.properties.get("length_km")
        return None if value is None else float(str(value))

    @property
    def length_km(self) -> float:
        """Return the stated length, else an estimate; never less than what is drawn."""
        return max(self._stated_km or ESTIMATE * self.drawn_km, self.drawn_km)


def read_lines(path: Path) -> list[DrawnLine]:
    """Read the hand-drawn lines in the order of the file."""
    return [
        DrawnLine(
            str(feature.id or feature.properties["id"]),
            tuple((float(x), float(y)) for x, y in shapely.get_coordinates(feature.geometry)),
            feature.properties,
        )
        for feature in geojson.read(path).features
    ]


def cut_chords(graph: RailGraph, lines: Sequence[DrawnLine]) -> RailGraph:
    """Take out the false chords that lines replace.

    Raises
    ------
    ValueError
        If a chord that a line names is not in the graph.
    """
    kept = np.ones(len(graph.start), dtype=bool)
    for line in lines:
        for pair in filter(None, str(line.properties.get("replaces") or "").split("|")):
            first, second = (_point(text) for text in pair.split(";"))
            far = CHORD_END_KM
            ahead = (_km(graph, graph.start, first) < far) & (_km(graph, graph.end, second) < far)
            back = (_km(graph, graph.start, second) < far) & (_km(graph, graph.end, first) < far)
            if not (ahead | back).any():
                raise ValueError(f"{line.id}: no edge between {first} and {second} to replace")
            kept &= ~(ahead | back)
    return graph.keep_edges(kept)


def add_lines(graph: RailGraph, lines: Sequence[DrawnLine], numbers: Sequence[int]) -> RailGraph:
    """Put lines in one by one; `numbers` are the values of `origin` that their edges get.

    Raises
    ------
    ValueError
        If neither end is as near to other track as the line allows.
    """
    for line, number in zip(lines, numbers, strict=True):
        graph = _add(graph, line, number)
    return graph


def add_edge(graph: RailGraph, ends: Sequence[LonLat], number: int) -> RailGraph:
    """Put one straight edge between the tracks nearest to two points."""
    graph, nodes = locate(graph, ends)
    a, b = nodes[:1], nodes[1:]
    km = geodesic_km(graph.lon[a], graph.lat[a], graph.lon[b], graph.lat[b])
    return graph.with_edges(a, b, np.maximum(km, 0.01), np.array([number]))


def nearest_edges(
    graph: RailGraph, points: Sequence[LonLat], used: np.ndarray | None = None
) -> tuple[Ints, np.ndarray]:
    """Return the edge nearest to each point, among those used, and how far it is, in km."""
    edges, distances = [], []
    numbers = np.arange(len(graph.start)) if used is None else np.flatnonzero(used)
    tree = shapely.STRtree(graph.segments()[numbers])
    for lon, lat in points:
        scale = np.cos(np.radians(lat))
        reach = 0.05
        near = np.empty(0, dtype=np.int64)
        while not len(near) and reach < 40:
            near = tree.query(
                shapely.box(lon - reach / scale, lat - reach, lon + reach / scale, lat + reach),
                predicate="intersects",
            )
            reach *= 2
        near = numbers[near]
        gaps = _gaps(graph, near, (lon, lat))
        best = int(np.argmin(gaps))
        edges.append(int(near[best]))
        distances.append(float(gaps[best]))
    return np.array(edges, dtype=np.int64), np.array(distances)


def locate(
    graph: RailGraph, points: Sequence[LonLat], used: np.ndarray | None = None
) -> tuple[RailGraph, Ints]:
    """Split the edges nearest to some points there; return the graph and the nodes."""
    edges, _ = nearest_edges(graph, points, used)
    return split_edges(graph, edges.tolist(), points)


def put_stations(graph: RailGraph, points: Sequence[LonLat]) -> RailGraph:
    """Put a node into every edge that passes within `STATION_KM` of a point."""
    tree = shapely.STRtree(graph.segments())
    edges, places = [], []
    reach = STATION_KM / KM_PER_DEGREE
    for lon, lat in sorted(set(points)):
        wide = reach / np.cos(np.radians(lat))
        near = tree.query(
            shapely.box(lon - wide, lat - reach, lon + wide, lat + reach), predicate="intersects"
        )
        near = near[_gaps(graph, near, (lon, lat)) <= STATION_KM]
        edges += near.tolist()
        places += [(lon, lat)] * len(near)
    return split_edges(graph, edges, places)[0]


def _add(graph: RailGraph, line: DrawnLine, number: int) -> RailGraph:
    limit = max(float(str(line.properties.get("snap_km", 5))), SAME_PLACE_KM)
    ends = [line.points[0], line.points[-1]]
    edges, gaps = nearest_edges(graph, ends)
    joined = [n for n in (0, 1) if gaps[n] <= limit]
    if limit > SAME_PLACE_KM and not joined:
        far = " and ".join(f"{p} is {gap:.1f}" for p, gap in zip(ends, gaps, strict=True))
        raise ValueError(f"{line.id}: end {far} km from any track")
    for n in {0, 1} - set(joined):
        log.info("%s: terminus at %s, %.1f km from other track", line.id, ends[n], gaps[n])
    graph, nodes = split_edges(graph, [int(edges[n]) for n in joined], [ends[n] for n in joined])
    node_of = dict(zip(joined, nodes.tolist(), strict=True))
    own = line.points[int(0 in node_of) : len(line.points) - int(1 in node_of)]
    size = len(graph.lon)
    lon = np.concatenate([graph.lon, [p[0] for p in own]])
    lat = np.concatenate([graph.lat, [p[1] for p in own]])
    inner = list(range(size, size + len(own)))
    first, last = ([node_of[n]] if n in node_of else [] for n in (0, 1))
    chain = np.array([*first, *inner, *last], dtype=np.int64)
    a, b = chain[:-1], chain[1:]
    drawn = geodesic_km(lon[a], lat[a], lon[b], lat[b])
    km = np.maximum(drawn * max(line.length_km / drawn.sum(), 1.0), 0.01)
    new = RailGraph(lon, lat, graph.start, graph.end, graph.km, graph.origin)
    return new.with_edges(a, b, km, np.full(len(a), number))


def _gaps(graph: RailGraph, edges: Ints, point: LonLat) -> np.ndarray:
    a, b = graph.start[edges], graph.end[edges]
    scale = np.cos(np.radians(point[1]))
    x, y = (graph.lon[b] - graph.lon[a]) * scale, graph.lat[b] - graph.lat[a]
    u, v = (point[0] - graph.lon[a]) * scale, point[1] - graph.lat[a]
    share = np.clip((u * x + v * y) / np.maximum(x * x + y * y, 1e-18), 0, 1)
    return np.asarray(KM_PER_DEGREE * np.hypot(u - share * x, v - share * y))


def _km(graph: RailGraph, nodes: Ints, point: LonLat) -> np.ndarray:
    scale = np.cos(np.radians(point[1]))
    x, y = (graph.lon[nodes] - point[0]) * scale, graph.lat[nodes] - point[1]
    return np.asarray(KM_PER_DEGREE * np.hypot(x, y))


def _point(text: str) -> LonLat:
    lon, lat = text.split()
    return float(lon), float(lat)
