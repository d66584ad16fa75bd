"""Turn stretches of places into lines: a path of the graph, long edges bent through places.

A *stretch* is an ordered list of places. Places with a node of the graph nearby are stops of the
path; every other place is put into the edge of the path that it fits best, if the way over the
places is not much longer than the edge's own length; otherwise the line passes it by and the
distance is reported. Coordinates are (lon, lat) in degrees, lengths in km.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from _roads_graph import SNAP_KM, Graph, LonLat, distance_km, find_other_path, find_path

#: The way over the places put into an edge may be this much longer than the edge: the package
#: simplifies its ways, so that an edge may be shorter than the road (Khorog – Rushon: by a third).
SLACK = 1.10
#: Half-axis of the ellipse of an edge that holds the farthest tenth of a real road in nine cases of
#: ten (measured on 1,585 parts of paths with many nodes, see DATA.md).
ELLIPSE_SHARE = 0.7
#: Least share of a chord that a road strays from it, by terrain: measured on the same parts, for
#: ways less than 3 %, 3 to 8 % and more than 8 % longer than the chord. Needed where the package
#: has straightened a way, so that the ellipse is too thin (Murghab – Kulma).
STRAY = {"plain": 0.06, "hills": 0.11, "mountains": 0.16}
#: Position doubt of a node: rounding, which carriageway, where in a town the road passes.
NODE_KM = 2.0
#: Position doubt of a place put into an edge, by confidence of the dossier.
PLACE_KM = {"high": 5.0, "medium": 10.0, "low": 20.0}
#: Position doubt of a boundary that a road along a border river follows.
BOUNDARY_KM = 5.0
#: Share of a section's length that the band must fit.
BAND_SHARE = 0.9
#: Loops of a line up to this long are spurs to a place beside the road, or tangles at junctions.
LOOP_KM = 30.0
#: Chords above this are no alignment: the section is called a chain of waypoints.
LONGEST_OSM_CHORD_KM = 75.0


@dataclass(frozen=True)
class Place:
    """A place of a route; `confidence` is that of its position."""

    key: str
    point: LonLat
    confidence: str


@dataclass(frozen=True)
class Vertex:
    """A vertex of a line: a node of the graph, a place put into an edge, or a boundary point."""

    point: LonLat
    doubt_km: float
    place: str | None = None
    origin: str = "node"


@dataclass(frozen=True)
class Chord:
    """A chord between two vertices.

    `way_km` is its share of the edge's length, `other_km` how far another road lies that may be
    the one that is meant.
    """

    start: Vertex
    end: Vertex
    way_km: float
    other_km: float = 0.0

    @property
    def km(self) -> float:
        """Return the geodesic length in km."""
        return distance_km(self.start.point, self.end.point)

    def band_km(self, terrain: str) -> float:
        """Return the half-width of the band round the chord in km."""
        chord = self.km
        ellipse = math.sqrt(max(self.way_km**2 - chord**2, 0.0)) / 2
        doubt = max(self.start.doubt_km, self.end.doubt_km)
        band = math.hypot(doubt, max(ELLIPSE_SHARE * ellipse, STRAY[terrain] * chord))
        return max(band, self.other_km)

    def reverse(self) -> Chord:
        """Return the chord the other way round."""
        return Chord(self.end, self.start, self.way_km, self.other_km)


@dataclass(frozen=True)
class Line:
    """A line of chords, with the distance in km at which it passes the other places."""

    chords: tuple[Chord, ...]
    passed_km: Mapping[str, float]
    snapped_km: Mapping[str, float]

    @property
    def points(self) -> list[LonLat]:
        """Return the vertices."""
        return [self.chords[0].start.point, *(chord.end.point for chord in self.chords)]


def build_stretch(graph: Graph, places: Sequence[Place]) -> Line:
    """Draw a line through places; the first and last must have a node nearby.

    Raises
    ------
    ValueError
        If an end has no node within `SNAP_KM`, or two stops are not connected.
    """
    candidates = [graph.nodes_near(place.point, SNAP_KM) for place in places]
    # Ends are fixed: other stretches begin at the same node.
    candidates[0], candidates[-1] = candidates[0][:1], candidates[-1][:1]
    if not candidates[0] or not candidates[-1]:
        raise ValueError(f"no node near {places[0].key} or {places[-1].key}")
    stops = [number for number, near in enumerate(candidates) if near]
    legs = find_path(graph, [candidates[number] for number in stops])
    chords: list[Chord] = []
    snapped: dict[str, float] = {}
    passed: dict[str, float] = {}
    for (here, there), leg in zip(pairwise(stops), legs, strict=True):
        for number, node in ((here, leg[0]), (there, leg[-1])):
            snapped[places[number].key] = distance_km(places[number].point, graph.point(node))
        names = {leg[0]: places[here].key, leg[-1]: places[there].key}
        vertices = vertices_of(graph, leg, names)
        inner = places[here + 1 : there]
        others = other_road_km(graph, leg, inner)
        bent, missed = bend(vertices, ways_of(graph, leg), inner, others)
        chords += bent
        for place in missed:
            passed[place.key] = min(off_chord_km(place.point, chord) for chord in bent)
    return Line(tuple(chords), passed, snapped)


def vertices_of(
    graph: Graph, path: Sequence[int], names: Mapping[int, str] | None = None
) -> list[Vertex]:
    """Return the nodes of a path as vertices, with the names of those that are places."""
    return [Vertex(graph.point(node), NODE_KM, (names or {}).get(node)) for node in path]


def ways_of(graph: Graph, path: Sequence[int]) -> list[float]:
    """Return the lengths of the edges of a path in km."""
    return [graph.weights[edge] for edge in pairwise(path)]


def other_road_km(graph: Graph, path: Sequence[int], places: Sequence[Place]) -> list[float]:
    """Return for each edge of a path how far from its middle another road passes, or zeros."""
    other = find_other_path(graph, path)
    # Another road that passes the places by is not the one that is meant.
    if other is None or bend(vertices_of(graph, other), ways_of(graph, other), places)[1]:
        return [0.0] * (len(path) - 1)
    vertices = vertices_of(graph, other)
    parts = [Chord(a, b, 0.0) for a, b in pairwise(vertices)]
    found = []
    for start, end in pairwise(vertices_of(graph, path)):
        lon, lat = (sum(pair) / 2 for pair in zip(start.point, end.point, strict=True))
        found.append(min(off_chord_km((lon, lat), part) for part in parts))
    return found


def bend(
    vertices: Sequence[Vertex],
    ways: Sequence[float],
    places: Sequence[Place],
    others: Sequence[float] | None = None,
) -> tuple[list[Chord], list[Place]]:
    """Put places into the edges of a path; return the chords and the places that fit nowhere."""
    holds: list[list[Place]] = [[] for _ in ways]
    missed, first = [], 0
    for place in places:
        ratios = [
            (_over(vertices[i], [*holds[i], place], vertices[i + 1]) / ways[i], i)
            for i in range(first, len(ways))
        ]
        ratio, best = min(ratios)
        if ratio > SLACK:
            missed.append(place)
            continue
        holds[best].append(place)
        first = best
    chords: list[Chord] = []
    for i, way in enumerate(ways):
        inner = [Vertex(p.point, PLACE_KM[p.confidence], p.key, "place") for p in holds[i]]
        chain = [vertices[i], *inner, vertices[i + 1]]
        parts = [distance_km(a.point, b.point) for a, b in pairwise(chain)]
        share = way / sum(parts)
        chords += [
            Chord(a, b, share * km, others[i] if others else 0.0)
            for (a, b), km in zip(pairwise(chain), parts, strict=True)
        ]
    return chords, missed


def _over(start: Vertex, places: Sequence[Place], end: Vertex) -> float:
    points = [start.point, *(place.point for place in places), end.point]
    return sum(distance_km(a, b) for a, b in pairwise(points))


def cut(line: Line, keys: Sequence[str]) -> Iterator[tuple[str, str, tuple[Chord, ...]]]:
    """Cut a line at places that are vertices of it."""
    start, part = line.chords[0].start.place, []
    for chord in line.chords:
        part.append(chord)
        if chord.end.place in keys:
            yield str(start), str(chord.end.place), tuple(part)
            start, part = chord.end.place, []


def off_chord_km(point: LonLat, chord: Chord) -> float:
    """Measure how far a point lies from a chord, in km (flat approximation for some tens of km)."""
    scale = np.array([math.cos(math.radians(point[1])), 1.0]) * 111.2
    a = (np.array(chord.start.point) - point) * scale
    b = (np.array(chord.end.point) - point) * scale
    length = float(np.dot(b - a, b - a))
    share = 0.0 if length == 0 else float(np.clip(-np.dot(a, b - a) / length, 0, 1))
    return float(np.hypot(*(a + share * (b - a))))


def section_band_km(chords: Sequence[Chord], terrain: str) -> int:
    """Return the smallest whole km that is the band of `BAND_SHARE` of a section's length."""
    bands = sorted((chord.band_km(terrain), chord.km) for chord in chords)
    wanted, length = BAND_SHARE * sum(km for _, km in bands), 0.0
    for band, km in bands:
        length += km
        if length >= wanted:
            return math.ceil(band)
    return math.ceil(bands[-1][0])


def thin(chords: Sequence[Chord], tolerance_km: float) -> list[LonLat]:
    """Leave out vertices closer than the tolerance to the chord that replaces them."""
    points = [chords[0].start.point, *(chord.end.point for chord in chords)]
    keep = {0, len(points) - 1}
    pending = [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        chord = Chord(Vertex(points[first], 0), Vertex(points[last], 0), 0)
        inner = [(off_chord_km(points[i], chord), i) for i in range(first + 1, last)]
        if inner and max(inner)[0] > tolerance_km:
            middle = max(inner)[1]
            keep.add(middle)
            pending += [(first, middle), (middle, last)]
    return without_loops([points[i] for i in sorted(keep)])


def without_loops(points: Sequence[LonLat]) -> list[LonLat]:
    """Cut off spurs to places beside the road and tangles at junctions, up to `LOOP_KM` long."""
    line = list(points)
    for first in range(len(line)):
        for second in range(len(line) - 2, first + 1, -1):
            loop = [*line[first + 1 : second + 1]]
            crossing = _crossing(line[first : first + 2], line[second : second + 2])
            if crossing and sum(distance_km(a, b) for a, b in pairwise(loop)) <= LOOP_KM:
                line[first + 1 : second + 1] = [crossing] if crossing != line[first] else []
                break
    return [point for point, after in zip(line, [*line[1:], None], strict=True) if point != after]


def _crossing(one: Sequence[LonLat], other: Sequence[LonLat]) -> LonLat | None:
    crossing = shapely.LineString(one).intersection(shapely.LineString(other))
    if crossing.is_empty:
        return None
    lon, lat = shapely.get_coordinates(crossing)[0]
    return round(float(lon), 5), round(float(lat), 5)
