"""Hold lines to the states they belong to: leave out nodes abroad, bend chords, cut at borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from _roads_graph import Graph, LonLat, distance_km
from _roads_lines import BOUNDARY_KM, NODE_KM, Chord, Line, Vertex
from shapely.ops import substring

from sco_geo import geojson

#: Parts of a chord abroad that are shorter than this stay: bends of a river, rounding of the base.
SHORTEST_ABROAD_KM = 1.0
#: Nodes this far abroad still count as inside, in degrees (2 km; the base is good to 0.4 km).
NEAR_DEG = 0.02
#: A road along a border river is drawn this far inside, in degrees (about 1 km).
INSET_DEG = 0.01


def read_states(path: Path, codes: set[str]) -> dict[str, shapely.Geometry]:
    """Read the territories of some states by ISO 3166 alpha-3 code."""
    wanted = {f"territory-{code.lower()}": code for code in codes}
    return {
        wanted[f.id]: f.geometry
        for f in geojson.read(path).features
        if f.id in wanted and f.geometry is not None
    }


def without_nodes_abroad(graph: Graph, state: shapely.Geometry) -> Graph:
    """Return the graph without the edges that touch a node outside a state."""
    wide = shapely.buffer(state, NEAR_DEG)
    shapely.prepare(wide)
    is_inside = shapely.contains_xy(wide, graph.lon, graph.lat)
    used = is_inside[graph.start] & is_inside[graph.end]
    return replace(graph, start=graph.start[used], end=graph.end[used], km=graph.km[used])


def keep_inside(line: Line, state: shapely.Geometry) -> Line:
    """Lead a line along the inner side of the boundary wherever a chord would leave the state."""
    inner = shapely.buffer(state, -INSET_DEG)
    chords = [part for chord in line.chords for part in _bend_inside(chord, inner)]
    return replace(line, chords=tuple(chords))


def _bend_inside(chord: Chord, state: shapely.Geometry) -> list[Chord]:
    segment = shapely.LineString([chord.start.point, chord.end.point])
    outside = shapely.difference(segment, state)
    abroad = [part for part in shapely.get_parts(outside) if not part.is_empty]
    vertices = [chord.start]
    for part in sorted(abroad, key=lambda p: segment.project(shapely.Point(p.coords[0]))):
        ends: list[LonLat] = [(x, y) for x, y in (part.coords[0], part.coords[-1])]
        if distance_km(*ends) > SHORTEST_ABROAD_KM:
            vertices += [Vertex(p, BOUNDARY_KM, origin="boundary") for p in _along(state, ends)]
    vertices.append(chord.end)
    if len(vertices) == 2:
        return [chord]
    parts = [distance_km(a.point, b.point) for a, b in pairwise(vertices)]
    share = max(1.0, chord.way_km / sum(parts))
    return [
        Chord(a, b, share * km, chord.other_km)
        for (a, b), km in zip(pairwise(vertices), parts, strict=True)
    ]


def _along(state: shapely.Geometry, ends: Sequence[LonLat]) -> list[LonLat]:
    """Return the shorter way along a ring of the boundary between two points of it."""
    rings = [part.exterior for part in shapely.get_parts(state)]
    ring = min(rings, key=lambda r: r.distance(shapely.Point(ends[0])))
    a, b = (ring.project(shapely.Point(p)) for p in ends)
    low, high = min(a, b), max(a, b)
    inner = shapely.get_coordinates(substring(ring, low, high))
    parts = (substring(ring, high, ring.length), substring(ring, 0, low))
    outer = np.vstack([shapely.get_coordinates(part) for part in parts])
    way = min((inner, outer[::-1]), key=lambda w: shapely.LineString(w).length)
    way = way if a <= b else way[::-1]
    return [(round(float(x), 5), round(float(y), 5)) for x, y in way]


def cut_at_border(line: Line, key: str, states: Sequence[shapely.Geometry]) -> Line:
    """Put a vertex where a line first meets the common boundary of two states.

    Raises
    ------
    ValueError
        If the line does not meet it.
    """
    boundary = shapely.intersection(shapely.boundary(states[0]), shapely.boundary(states[1]))
    for number, chord in enumerate(line.chords):
        segment = shapely.LineString([chord.start.point, chord.end.point])
        crossing = shapely.intersection(segment, boundary)
        if crossing.is_empty:
            continue
        points = [shapely.Point(p) for p in shapely.get_coordinates(crossing)]
        first = min(points, key=segment.project)
        point = round(first.x, 5), round(first.y, 5)
        vertex = Vertex(point, NODE_KM, key, "boundary")
        share = distance_km(chord.start.point, point) / chord.km
        halves = (
            replace(chord, end=vertex, way_km=share * chord.way_km),
            replace(chord, start=vertex, way_km=(1 - share) * chord.way_km),
        )
        return replace(line, chords=(*line.chords[:number], *halves, *line.chords[number + 1 :]))
    raise ValueError(f"the line does not meet the boundary {key}")
