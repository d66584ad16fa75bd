"""Say in which country each edge of the rail graph lies, and split edges at boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely
from _rail_graph import Floats, Ints, RailGraph

from sco_geo.borders import OUTSIDE, Territories

#: Long edges are looked at every so many km.
STEP_KM = 2.0
#: A visit to another country that is shorter is due to chords and to rounding of the base.
VISIT_KM = 4.0
#: How exactly a crossing is found, as a share of the step.
HALVINGS = 8


class Locator:
    """Finds the territory of points; a point at sea belongs to the nearest one."""

    def __init__(self, territories: Territories) -> None:
        order = territories.order
        self.administered = territories.administered
        self.codes = [territories.codes[n] for n in order]
        self.polygons = territories.polygons[order]
        shapely.prepare(self.polygons)
        self.bounds = shapely.bounds(self.polygons)
        self.tree = shapely.STRtree(self.polygons)
        self.numbers = {code: n for n, code in reversed(list(enumerate(self.codes)))}

    def areas(self, lon: Floats, lat: Floats) -> Ints:
        """Return the number of the area of each point, (lon, lat) in degrees."""
        found = np.full(len(lon), -1, dtype=np.int64)
        for number, polygon in enumerate(self.polygons):
            west, south, east, north = self.bounds[number]
            rows = np.flatnonzero(
                (found < 0) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            )
            if len(rows):
                inside = shapely.contains_xy(polygon, lon[rows], lat[rows])
                found[rows[inside]] = self.numbers[self.codes[number]]
        lost = np.flatnonzero(found < 0)
        if len(lost):
            nearest = self.tree.nearest(shapely.points(lon[lost], lat[lost]))
            found[lost] = [self.numbers[self.codes[n]] for n in nearest]
        return found

    def code(self, area: int) -> str:
        """Return the ISO 3166 alpha-3 code or ``disputed:<id>`` of an area."""
        return "" if self.codes[area] == OUTSIDE else self.codes[area]


def split_at_boundaries(
    graph: RailGraph, locator: Locator, at_sea: npt.NDArray[np.bool_]
) -> tuple[RailGraph, list[str]]:
    """Split edges where they pass from one country to another.

    Parameters
    ----------
    at_sea : bool array
        Edges that belong to no country: ferries.

    Returns
    -------
    RailGraph, list of str
        The graph and the code of each edge; "" for a ferry.
    """
    area = locator.areas(graph.lon, graph.lat)
    pieces = np.maximum(1, np.ceil(graph.km / STEP_KM)).astype(np.int64)
    pieces[at_sea] = 1
    edge = np.repeat(np.arange(len(pieces)), pieces - 1)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1) + 1
    share = step / pieces[edge]
    inner = locator.areas(*_at(graph, edge, share))
    first = np.concatenate([[0], np.cumsum(pieces - 1)])
    lon, lat = list(graph.lon), list(graph.lat)
    rows: list[tuple[int, int, float, int, str]] = []
    for number in range(len(pieces)):
        a, b = int(graph.start[number]), int(graph.end[number])
        km, origin = float(graph.km[number]), int(graph.origin[number])
        if at_sea[number]:
            rows.append((a, b, km, origin, ""))
            continue
        seen = [int(area[a]), *inner[first[number] : first[number + 1]].tolist(), int(area[b])]
        if len(set(seen)) == 1:
            rows.append((a, b, km, origin, locator.code(seen[0])))
            continue
        seen = _smooth(seen, km)
        cuts = _cuts(graph, locator, number, seen)
        before, done, here = a, 0.0, seen[0]
        for share_, after in cuts:
            lon.append(round(graph.lon[a] + share_ * (graph.lon[b] - graph.lon[a]), 4))
            lat.append(round(graph.lat[a] + share_ * (graph.lat[b] - graph.lat[a]), 4))
            rows.append((before, len(lon) - 1, (share_ - done) * km, origin, locator.code(here)))
            before, done, here = len(lon) - 1, share_, after
        rows.append((before, b, (1 - done) * km, origin, locator.code(here)))
    start, end, km_, origin_, codes = zip(*rows, strict=True)
    split = replace(
        graph,
        lon=np.array(lon),
        lat=np.array(lat),
        start=np.array(start),
        end=np.array(end),
        km=np.array(km_),
        origin=np.array(origin_),
    )
    return split, list(codes)


def _at(graph: RailGraph, edge: Ints, share: Floats) -> tuple[Floats, Floats]:
    a, b = graph.start[edge], graph.end[edge]
    return (
        graph.lon[a] + share * (graph.lon[b] - graph.lon[a]),
        graph.lat[a] + share * (graph.lat[b] - graph.lat[a]),
    )


def _smooth(seen: Sequence[int], km: float) -> list[int]:
    """Drop short visits that begin and end in the same country."""
    result = list(seen)
    most = int(VISIT_KM / max(km / (len(seen) - 1), 1e-9))
    begin = 0
    for here in range(1, len(result) + 1):
        if here < len(result) and result[here] == result[begin]:
            continue
        inside = begin > 0 and here < len(result)
        if inside and here - begin <= most and result[begin - 1] == result[here]:
            result[begin:here] = [result[here]] * (here - begin)
            begin = next(n for n in range(here) if result[n:here] == [result[here]] * (here - n))
        else:
            begin = here
    return result


def _cuts(
    graph: RailGraph, locator: Locator, edge: int, seen: Sequence[int]
) -> list[tuple[float, int]]:
    """Find where an edge changes country: (share of the edge, area after it)."""
    cuts = []
    steps = len(seen) - 1
    for number in range(steps):
        if seen[number] == seen[number + 1]:
            continue
        low, high = number / steps, (number + 1) / steps
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            lon, lat = _at(graph, np.array([edge]), np.array([middle]))
            if locator.areas(lon, lat)[0] == seen[number]:
                low = middle
            else:
                high = middle
        if 0 < low and high < 1:
            cuts.append(((low + high) / 2, seen[number + 1]))
    return cuts
