"""Mark the edges of the rail graph: gauge, closed links, and where gaps may be closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from _rail_borders import Locator
from _rail_graph import Floats, LonLat, RailGraph, geodesic_km
from _rail_lines import DrawnLine, nearest_edges
from _rail_paths import PathFinder, read_points
from _rail_tables import Row, ends_of, has_no_track

#: A gap at a boundary is closed within this distance of a known crossing.
CROSSING_KM = 12.0
#: A gap is left open within this distance of a closed link that has no track.
OPEN_KM = 15.0


def gap_rule(
    locator: Locator, crossings: Sequence[Row], closed: Sequence[Row]
) -> Callable[[LonLat, LonLat], bool]:
    """Return the rule that says which gaps may be closed: not across unknown boundaries."""
    known = np.array([(float(row["lon"]), float(row["lat"])) for row in crossings]).reshape(-1, 2)
    open_ends = [ends_of(row) for row in closed if has_no_track(row)]
    left_open = np.array([np.mean(ends, axis=0) for ends in open_ends]).reshape(-1, 2)

    def is_allowed(start: LonLat, end: LonLat) -> bool:
        lon, lat = np.array([start[0], end[0]]), np.array([start[1], end[1]])
        first, second = locator.areas(lon, lat)
        if first == second:
            return True
        middle = np.array([lon.mean(), lat.mean()])
        if (_km(left_open, middle) < OPEN_KM).any():
            return False
        return bool((_km(known, middle) < CROSSING_KM).any())

    return is_allowed


def mark_gauges(
    graph: RailGraph,
    countries: Sequence[str],
    rules: Sequence[Row],
    lines: Sequence[DrawnLine],
    locator: Locator,
) -> list[str]:
    """Return the gauges of each edge, in mm, joined by ";".

    The default of the country, then boxes and paths in the order of the table, then what a
    hand-drawn line says of itself.
    """
    defaults = {row["country"]: row["gauges_mm"] for row in rules if not row["waypoints"].strip()}
    codes = set(countries)
    of_code = {code: _default(code, defaults, locator) for code in codes}
    gauges = np.array([of_code[code] for code in countries], dtype=object)
    finder: PathFinder | None = None
    usable = ~graph.is_passenger
    for row in rules:
        text = row["waypoints"].strip()
        if not text:
            continue
        if text.startswith("box"):
            gauges[_in_box(graph, text, countries, row["country"])] = row["gauges_mm"]
            continue
        finder = finder or PathFinder(graph, usable)
        path = walk(graph, finder, read_points(text))
        if path is None:
            raise ValueError(f"geo/rail_gauges.csv: {row['rule_id']}: no path through its points")
        gauges[path] = row["gauges_mm"]
    for number, line in enumerate(lines):
        gauges[graph.origin == number] = str(line.properties["gauges_mm"])
    return [str(gauge) for gauge in gauges]


def mark_closed(graph: RailGraph, closed: Sequence[Row]) -> np.ndarray:
    """Return for each edge the number of the closed link it belongs to, or -1."""
    marks = np.full(len(graph.start), -1, dtype=np.int64)
    finder = PathFinder(graph, ~graph.is_passenger)
    for number, row in enumerate(closed):
        if has_no_track(row):
            continue
        path = walk(graph, finder, ends_of(row))
        if path is None or not len(path):
            raise ValueError(f"geo/rail_closed.csv: {row['closed_id']}: no path between its points")
        marks[path] = number
    return marks


def walk(graph: RailGraph, finder: PathFinder, points: Sequence[LonLat]) -> np.ndarray | None:
    """Return the edges of the shortest path between the nodes nearest to some points."""
    edges, _ = nearest_edges(graph, points, ~graph.is_passenger)
    nodes = []
    for edge, point in zip(edges, points, strict=True):
        ends = np.array([graph.start[edge], graph.end[edge]])
        away = _km(np.column_stack([graph.lon[ends], graph.lat[ends]]), np.array(point))
        nodes.append(int(ends[np.argmin(away)]))
    return finder.through(nodes)


def _default(code: str, defaults: dict[str, str], locator: Locator) -> str:
    if code in defaults:
        return defaults[code]
    for state in locator.administered.get(code, ()):
        if state in defaults:
            return defaults[state]
    if not code:  # ferries say their gauge themselves
        return ""
    raise ValueError(f"geo/rail_gauges.csv: no default for {code}; add a row without waypoints")


def _in_box(graph: RailGraph, text: str, countries: Sequence[str], country: str) -> np.ndarray:
    west, south, east, north = map(float, text.split()[1:])
    lon = (graph.lon[graph.start] + graph.lon[graph.end]) / 2
    lat = (graph.lat[graph.start] + graph.lat[graph.end]) / 2
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside & (np.array(countries) == country) if country else inside


def _km(points: np.ndarray, point: Floats) -> np.ndarray:
    if not len(points):
        return np.empty(0)
    size = len(points)
    return geodesic_km(points[:, 0], points[:, 1], np.full(size, point[0]), np.full(size, point[1]))
