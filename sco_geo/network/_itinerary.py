"""A path over edges, told as a route: legs, sums, borders, breaks of gauge, geometry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo.network._format import STATUSES, EdgeTable
from sco_geo.network._naming import Namer
from sco_geo.network._search import Path
from sco_geo.network.crossings import NEAR_KM, Crossings
from sco_geo.network.graph import FERRY, TOUCH_M, is_state
from sco_geo.network.routes import BorderCrossing, GaugeChange, Leg, LineUse
from sco_geo.network.snapping import Chains, Snap
from sco_geo.network.speeds import Speeds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OUTSIDE, UNKNOWN = "outside", "unknown"
#: A place this near to its line is on it, in km.
_LEAST_KM = 1e-3


@dataclass(frozen=True)
class Run:
    """A stretch of a path with one value, from step `begin` up to `end`."""

    value: int
    begin: int
    end: int
    metres: int


@dataclass(frozen=True)
class Trip:
    """The paths between the stops of a route, one after the other."""

    table: EdgeTable
    snaps: tuple[Snap, ...]
    paths: tuple[Path, ...]

    def joined(self, name: str) -> npt.NDArray[np.int64]:
        """Return one array of all paths, end to end."""
        return np.concatenate([getattr(path, name) for path in self.paths]).astype(np.int64)


def runs_of(values: Ints, metres: Ints) -> list[Run]:
    """Split a path where a value changes."""
    starts = np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1, [len(values)]])
    sums = np.concatenate([[0], np.cumsum(metres)])
    return [
        Run(int(values[a]), int(a), int(b), int(sums[b] - sums[a]))
        for a, b in zip(starts[:-1], starts[1:], strict=True)
    ]


def without_touches(runs: Sequence[Run], ignored: Collection[int]) -> list[Run]:
    """Leave out stretches that are ignored, and short ones between two of one value.

    The first of two equal neighbours then goes on to the end of the second; a change between
    unequal ones is where the second begins.
    """
    kept = _merged([run for run in runs if run.value not in ignored])
    while True:
        touches = [
            i
            for i in range(1, len(kept) - 1)
            if kept[i].metres < TOUCH_M and kept[i - 1].value == kept[i + 1].value
        ]
        if not touches:
            return kept
        shortest = min(touches, key=lambda i: kept[i].metres)
        kept = _merged(kept[:shortest] + kept[shortest + 1 :])


def _merged(runs: Sequence[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in runs:
        if merged and merged[-1].value == run.value:
            last = merged[-1]
            merged[-1] = Run(run.value, last.begin, run.end, last.metres + run.metres)
        else:
            merged.append(run)
    return merged


def sum_by(values: Ints, metres: Ints) -> dict[int, float]:
    """Return the km of each value, in the order of travel."""
    sums: dict[int, float] = {}
    for run in runs_of(values, metres):
        sums[run.value] = sums.get(run.value, 0) + run.metres
    return {value: total / 1e3 for value, total in sums.items()}


class Itinerary:
    """The parts of a trip; each is worked out from arrays of its steps."""

    def __init__(self, trip: Trip) -> None:
        self.trip, table = trip, trip.table
        self.edge = trip.joined("edge")
        self.metres = trip.joined("metres")
        self.gauge_mm = trip.joined("gauge_mm")
        self.is_forward = trip.joined("is_forward").astype(bool)
        self.country = table.country[self.edge].astype(np.int64)
        self.status = table.status[self.edge].astype(np.int64)
        self.is_ferry = table.line_class[self.edge] == FERRY
        self.table = table

    @property
    def length_m(self) -> int:
        """Return the length in metres, without connectors."""
        return int(self.metres.sum())

    def country_name(self, number: int) -> str:
        """Return the code of a country of the table, or `OUTSIDE`."""
        return self.table.countries[number] or OUTSIDE

    def by_country(self) -> dict[str, float]:
        """Return km by country."""
        sums = sum_by(self.country, self.metres)
        return {self.country_name(number): km for number, km in sums.items()}

    def by_gauge(self) -> dict[str, float]:
        """Return km by gauge in mm."""
        sums = sum_by(self.gauge_mm, self.metres)
        return {str(mm) if mm else UNKNOWN: km for mm, km in sums.items()}

    def lines(self) -> tuple[LineUse, ...]:
        """Return the named lines that are used, in the order of travel."""
        numbers = self.table.line[self.edge].astype(np.int64)
        sums = sum_by(numbers, self.metres)
        lines = self.table.lines
        return tuple(LineUse(lines[n], km) for n, km in sums.items() if n >= 0 and km > 0)

    def legs(self) -> tuple[Leg, ...]:
        """Return the legs: connectors, tracks, ferries, and a transfer where the gauge changes."""
        first, last = self.trip.snaps[0], self.trip.snaps[-1]
        ends = [Leg("connector", None, None, None, snap.km) for snap in (first, last)]
        legs = (ends[0], *self._track_legs(), ends[1])
        return tuple(leg for leg in legs if leg.kind != "connector" or leg.length_km > _LEAST_KM)

    def _leg_key(self) -> Ints:
        """Return a number for each step that changes where a leg ends."""
        key = (self.country * 4 + self.status) * 2 + self.is_ferry
        return key * 10_000 + self.gauge_mm

    def _track_legs(self) -> list[Leg]:
        legs: list[Leg] = []
        for run in runs_of(self._leg_key(), self.metres):
            at = run.begin
            gauge = int(self.gauge_mm[at]) or None
            before = legs[-1].gauge_mm if legs else gauge
            if before != gauge and before and gauge:
                country = self.table.countries[self.country[at]] or None
                legs.append(Leg("transfer", country, gauge, None, 0.0))
            legs.append(
                Leg(
                    "ferry" if self.is_ferry[at] else "track",
                    self.table.countries[self.country[at]] or None,
                    gauge,
                    STATUSES[self.status[at]],
                    run.metres / 1e3,
                )
            )
        return legs

    def point_before(self, step: int) -> tuple[float, float]:
        """Return (lon, lat) of the node where a step begins."""
        edge = self.edge[step]
        node = self.table.start[edge] if self.is_forward[step] else self.table.end[edge]
        return float(self.table.node_lon[node]), float(self.table.node_lat[node])

    def border_crossings(self, namer: Namer) -> tuple[BorderCrossing, ...]:
        """Return the borders between states; one that a line only touches is none.

        Across the sea or a disputed area the border is where the next state begins.
        """
        ignored = set(np.flatnonzero(~is_state(self.table)).tolist())
        runs = without_touches(runs_of(self.country, self.metres), ignored)
        crossings = []
        for before, after in zip(runs[:-1], runs[1:], strict=True):
            point = self.point_before(after.begin)
            pair = (self.table.countries[before.value], self.table.countries[after.value])
            gauges = (int(self.gauge_mm[before.end - 1]), int(self.gauge_mm[after.begin]))
            names = namer.name_border(point, pair, gauges)
            crossings.append(BorderCrossing(names[0], *point, *pair, *names[1:]))
        return tuple(crossings)

    def breaks_of_gauge(self, namer: Namer) -> tuple[GaugeChange, ...]:
        """Return the breaks of gauge."""
        runs = without_touches(runs_of(self.gauge_mm, self.metres), {0})
        changes = []
        for before, after in zip(runs[:-1], runs[1:], strict=True):
            point = self.point_before(after.begin)
            pair = (
                self.table.countries[self.country[before.end - 1]],
                self.table.countries[self.country[after.begin]],
            )
            names = namer.name_border(point, pair, (before.value, after.value))
            changes.append(GaugeChange(names[0], *point, before.value, after.value, *names[1:]))
        return tuple(changes)

    def hours(
        self,
        speeds: Speeds,
        speed_kmh: npt.NDArray[np.float64],
        crossings: Crossings,
        borders: Sequence[BorderCrossing],
        breaks: Sequence[GaugeChange],
    ) -> float:
        """Return running time and waiting, in hours; `speed_kmh` is that of all edges.

        A crossing with hours of its own has these for the border and for a break of gauge
        within `crossings.NEAR_KM` of it.
        """
        total = float((self.metres / speed_kmh[self.edge]).sum()) / 1e3
        dwells = []
        for border in borders:
            pair = (border.from_country, border.to_country)
            crossing = crossings.near((border.lon, border.lat), pair, ())
            if crossing is not None and crossing.hours is not None:
                dwells.append(crossing)
                total += crossing.hours
            else:
                total += speeds.border_hours
        for change in breaks:
            point, gauges = (change.lon, change.lat), {change.from_mm, change.to_mm}
            near = (c for c in dwells if c.distance_km(point) <= NEAR_KM)
            if not any(gauges <= crossing.gauges_mm for crossing in near):
                total += speeds.break_hours
        changes = int((self.is_ferry[1:] != self.is_ferry[:-1]).sum())
        ends = int(self.is_ferry[0]) + int(self.is_ferry[-1])
        return total + (changes + ends) * speeds.ferry_hours / 2

    def draw(self, chains: Chains) -> BaseGeometry:
        """Return the line of the trip."""
        return shapely.LineString(_end_to_end(self._pieces(chains)))

    def draw_legs(self, chains: Chains) -> tuple[BaseGeometry, ...]:
        """Return the lines of the legs on tracks and ferries, in their order."""
        pieces = self._pieces(chains)
        runs = runs_of(self._leg_key(), self.metres)
        return tuple(shapely.LineString(_end_to_end(pieces[r.begin : r.end])) for r in runs)

    def _pieces(self, chains: Chains) -> list[Floats]:
        return [piece for path in self.trip.paths for piece in _pieces_of(chains, path)]

    def drawer(self, chains: Chains) -> partial[BaseGeometry]:
        """Return `draw`, to be called when the geometry is asked for."""
        return partial(self.draw, chains)


def _end_to_end(pieces: Sequence[Floats]) -> Floats:
    """Join lines of which each begins where the one before it ends."""
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def _pieces_of(chains: Chains, path: Path) -> list[Floats]:
    """Return the vertices of each step of a path; a step of one point has it twice."""
    pieces = []
    last = len(path.edge) - 1
    for step, edge in enumerate(path.edge.tolist()):
        line = chains.coordinates(edge)
        low, high = 0.0, 1.0
        if path.is_forward[step]:
            low = path.first_share if step == 0 else low
            high = path.last_share if step == last else high
        else:
            high = path.first_share if step == 0 else high
            low = path.last_share if step == last else low
        if (low, high) != (0.0, 1.0):
            line = _cut(line, min(low, high), max(low, high))
        pieces.append(line if path.is_forward[step] else line[::-1])
    return pieces


def _cut(line: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.float64]:
    """Return the part of a line between two shares of its length."""
    scale = np.cos(np.radians((line[1:, 1] + line[:-1, 1]) / 2))
    steps = np.hypot(np.diff(line[:, 0]) * scale, np.diff(line[:, 1]))
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    reached /= reached[-1] or 1.0
    inside = (reached > low) & (reached < high)
    ends = [
        [np.interp(share, reached, line[:, 0]), np.interp(share, reached, line[:, 1])]
        for share in (low, high)
    ]
    return np.vstack([ends[0], line[inside], ends[1]])
