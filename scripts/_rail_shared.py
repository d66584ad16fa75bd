"""Take marks for passengers back where freight needs the track, as published sections show.

A walk along a high-speed line may take the throat of a station, or the old line where it runs
beside the new one. A published length of the old line between two stations tells: where freight
finds no way of that length on unmarked track, but there is one over marked track, the marks on it
are taken back. Where no length is published, geo/rail_freight_lines.csv names the conventional line
by places it passes; marks on the way through them are taken back too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _output import read_csv
from _rail_graph import LonLat
from _rail_paths import read_points
from _rail_walk import Floats, RailGraph, Stop, find_edges

#: A station is a node within this distance, which counts so many times in the search.
STATION_KM, STATION_COST = 3.0, 2.0
#: A place of a freight line lies on it, so that the nearest nodes are meant.
PLACE_COST = 10.0
#: A way fits a published length within this share and so many km.
FIT_SHARE, FIT_KM = 0.10, 6.0
#: Track that is marked costs so many times its length, so that little of it is used.
MARKED_COST = 1.6
#: Marked track on the way up to this length is the throat of a station, and shared.
THROAT_KM = 5.0


@dataclass(frozen=True)
class Section:
    """A published length of a conventional line: its points (lon, lat) and km."""

    points: Sequence[LonLat]
    length_km: float


@dataclass(frozen=True)
class FreightLine:
    """A stretch of a conventional line: the places (lon, lat) that freight passes in order."""

    line_id: str
    points: Sequence[LonLat]


def read_freight_lines(path: Path) -> tuple[FreightLine, ...]:
    """Read geo/rail_freight_lines.csv.

    Raises
    ------
    ValueError
        If a row has fewer than two places or a place cannot be read.
    """
    lines = []
    for number, row in enumerate(read_csv(path), start=2):
        try:
            points = read_points(row["waypoints"])
        except (KeyError, ValueError) as error:
            raise ValueError(
                f'{path}:{number}: {error}. Hint: waypoints are "lon lat;lon lat;..."'
            ) from error
        if len(points) < 2:
            raise ValueError(f"{path}:{number}: {row['line_id']}: a line needs two waypoints")
        lines.append(FreightLine(row["line_id"], points))
    return tuple(lines)


def free_lines(graph: RailGraph, marked: np.ndarray, lines: Sequence[FreightLine]) -> np.ndarray:
    """Return the numbers of marked edges on the ways of conventional lines.

    Raises
    ------
    ValueError
        If there is no way through the places of a line.
    """
    costs = _costs(graph, marked)
    found = [np.empty(0, np.int64)]
    for line in lines:
        near = graph.around(line.points)
        way = find_edges(graph, near, costs, _stops(graph, line.points, PLACE_COST))
        if not len(way):
            raise ValueError(
                f"geo/rail_freight_lines.csv: {line.line_id}: no way through its waypoints. "
                f"Hint: each must lie within {STATION_KM:g} km of a node of the line."
            )
        found.append(way[marked[way]])
    return np.unique(np.concatenate(found))


def find_shared(graph: RailGraph, marked: np.ndarray, sections: Sequence[Section]) -> np.ndarray:
    """Return the numbers of marked edges that freight needs.

    Parameters
    ----------
    graph : RailGraph
        The healed network; lengths in km.
    marked : bool array
        Edges for passengers only.
    sections : sequence of Section
        Published lengths of conventional lines.
    """
    marked = marked.copy()
    found: list[np.ndarray] = []
    for section in sections:
        near = graph.around(section.points)
        if not marked[near].any():
            continue
        stops = _stops(graph, section.points, STATION_COST)
        way = find_edges(graph, near, _costs(graph, marked), stops)
        if not _fits(graph, way, section):
            continue
        is_throat = graph.km[way[marked[way]]].sum() <= THROAT_KM
        free = near[~marked[near]]
        if is_throat or not _fits(graph, find_edges(graph, free, graph.km, stops), section):
            found.append(way[marked[way]])
            marked[way] = False
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _fits(graph: RailGraph, way: np.ndarray, section: Section) -> bool:
    off = abs(float(graph.km[way].sum()) - section.length_km)
    return len(way) > 0 and off <= FIT_SHARE * section.length_km + FIT_KM


def _stops(graph: RailGraph, points: Sequence[LonLat], cost: float) -> list[Stop]:
    return [
        [(node, cost * km) for node, km in graph.nodes_near(point, STATION_KM)] for point in points
    ]


def _costs(graph: RailGraph, marked: np.ndarray) -> Floats:
    return np.asarray(np.where(marked, MARKED_COST * graph.km, graph.km))
