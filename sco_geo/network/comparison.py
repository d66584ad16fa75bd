"""What a scenario changes: km and hours by rail between places before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sco_geo.errors import SnapTooFarError, UsageError
from sco_geo.network._format import STATUSES, EdgeTable
from sco_geo.network._itinerary import Trip
from sco_geo.network._search import find_path
from sco_geo.network.graph import SCENARIOS, SUSPENDED, Optimise, Scenario, Traffic, Variant
from sco_geo.network.places import Found, Place, PlaceLike
from sco_geo.network.rail_network import RailNetwork
from sco_geo.network.routes import Route
from sco_geo.network.snapping import Snap

#: Compared if nothing else is asked for: both ends of the China-Kyrgyzstan-Uzbekistan railway, and
#: places east and west of it.
DEFAULT_PLACES = (
    "Kashgar",
    "Andijan",
    "Osh",
    "Tashkent",
    "Termez",
    "Mashhad",
    "Bandar Abbas",
    "Istanbul",
    "Xi'an",
    "Lanzhou",
    "Urumqi",
    "Almaty",
    "Bishkek",
    "Tehran",
)
#: A saving below this is none, in km: the snap points of a scenario may differ by as much.
LEAST_KM = 0.05


@dataclass(frozen=True)
class Pair:
    """Two places and their distance by rail in both scenarios.

    Attributes
    ----------
    a_km, b_km : float or None
        None where there is no route; `reason` says why.
    saved_km : float or None
        a_km - b_km.
    saved_low_km, saved_high_km : float or None
        The saving if all new lines have their highest, or their lowest published length; None
        where that changes nothing.
    a_hours, b_hours : float or None
        Of the same routes; None without speeds.
    new_lines : tuple of mapping
        Records of the lines of scenario b that are not in scenario a, in the order of travel.
    """

    origin: str
    destination: str
    a_km: float | None
    b_km: float | None
    saved_km: float | None
    saved_low_km: float | None = None
    saved_high_km: float | None = None
    a_hours: float | None = None
    b_hours: float | None = None
    new_lines: tuple[Mapping[str, Any], ...] = ()
    reason: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the names of the new lines."""
        return tuple(str(line.get("name")) for line in self.new_lines)

    @property
    def gains(self) -> bool:
        """Tell whether the way becomes shorter, or there is one for the first time."""
        if self.saved_km is None:
            return self.b_km is not None
        return self.saved_km > LEAST_KM

    @property
    def saved_range_km(self) -> tuple[float, float]:
        """Return the least and the greatest saving, 0 where there is none."""
        saved = self.saved_km or 0.0
        low = saved if self.saved_low_km is None else self.saved_low_km
        return low, saved if self.saved_high_km is None else self.saved_high_km

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        lengths = ("a_km", "b_km", "saved_km", "saved_low_km", "saved_high_km")
        digits = dict.fromkeys(lengths, 3) | dict.fromkeys(("a_hours", "b_hours"), 1)
        values = {name: getattr(self, name) for name in digits}
        rounded = {n: None if v is None else round(v, digits[n]) for n, v in values.items()}
        return {
            "from": self.origin,
            "to": self.destination,
            **rounded,
            "lines": list(self.lines),
            "line_ids": [line.get("id") for line in self.new_lines],
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Comparison:
    """All pairs of some places in two scenarios.

    Attributes
    ----------
    only_lines : tuple of str
        Ids of the only new lines of scenario b that were used; () for all of them.
    found : tuple of Place
        What the places stand for.
    table : EdgeTable
        The network.
    """

    places: tuple[str, ...]
    scenario_a: str
    scenario_b: str
    traffic: str
    pairs: tuple[Pair, ...]
    optimise: str = "km"
    only_lines: tuple[str, ...] = ()
    found: tuple[Place, ...] = ()
    table: EdgeTable | None = field(default=None, repr=False, compare=False)

    @property
    def new_lines(self) -> tuple[Mapping[str, Any], ...]:
        """Return the records of the new lines that any pair uses."""
        used = {line["id"]: line for pair in self.pairs for line in pair.new_lines}
        return tuple(used.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of `sco-geo compare`."""
        return {
            "places": list(self.places),
            "scenario_a": self.scenario_a,
            "scenario_b": self.scenario_b,
            "traffic": self.traffic,
            "optimise": self.optimise,
            "only_lines": list(self.only_lines),
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def compare(
    places: Sequence[PlaceLike],
    scenario_a: Scenario | RailNetwork = "today",
    scenario_b: Scenario | RailNetwork = "construction",
    *,
    traffic: Traffic | None = None,
    optimise: Optimise = "km",
    only_lines: Sequence[str] = (),
    step: Callable[[float], object] = lambda _done: None,
) -> Comparison:
    """Compare the km by rail between all pairs of places in two scenarios.

    Parameters
    ----------
    places : sequence of str or (lon, lat)
        Two or more.
    scenario_a, scenario_b : scenario or RailNetwork
        Before and after. A network that is given is used with its own traffic.
    traffic : {"freight", "any"}, optional
        For networks that are loaded here; freight by default.
    optimise : {"km", "hours"}
        What the routes make least; the figures in km and hours are of these routes.
    only_lines : sequence of str
        Ids, or beginnings of ids, of the only new lines that scenario b may use.
    step : callable, optional
        Called with 1 for each pair that is done.

    Raises
    ------
    UsageError
        For fewer than two places, or lines that scenario b does not add.
    UnknownPlaceError
        If a place is unknown.
    """
    if len(places) < 2:
        raise UsageError("a comparison needs two places or more")
    before, after = _networks(scenario_a, scenario_b, traffic)
    new = _new_statuses(before.scenario, after.scenario)
    full = after.table
    ids = _chosen_lines(full, new, only_lines)
    if ids:
        after = _with_table(after, _without_others(full, new, ids))
    found = [before.gazetteer.find(place) for place in places]
    sides = [
        _Side(network, network.variant(traffic=traffic, optimise=optimise), found)
        for network in (before, after)
    ]
    ranges = [
        _Side(_with_table(after, table), sides[1].variant, found, like=sides[1])
        for table in (_scaled(after.table, new, end) for end in ("high", "low"))
    ]
    names = tuple(item.place.name for item in found)
    pairs = []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            pairs.append(_pair(sides, ranges, new, i, j))
            step(1.0)
    return Comparison(
        names,
        before.scenario,
        after.scenario,
        sides[1].variant.traffic,
        tuple(pairs),
        optimise,
        ids,
        tuple(item.place for item in found),
        full,
    )


class _Side:
    """The places in one scenario, moved to its network."""

    def __init__(
        self,
        network: RailNetwork,
        variant: Variant,
        found: Sequence[Found],
        like: _Side | None = None,
    ) -> None:
        self.network, self.variant, self.found = network, variant, found
        self.snaps: list[Snap | None] = []
        self.reasons: list[str] = []
        for number, item in enumerate(found):
            known = like.snaps[number] if like else None
            if like and (known is None or self._is_same_edge(like, known)):
                self.snaps.append(known)
                self.reasons.append(like.reasons[number])
                continue
            try:
                self.snaps += network.snap(variant, [item])
                self.reasons.append("")
            except SnapTooFarError as error:
                self.snaps.append(None)
                near = f"within {error.LIMIT_KM:g} km of {item.place.name}"
                self.reasons.append(f"no railway {near}")

    def _is_same_edge(self, like: _Side, snap: Snap) -> bool:
        tables = self.network.table, like.network.table
        return bool(tables[0].length_m[snap.edge] == tables[1].length_m[snap.edge])

    def way(self, i: int, j: int) -> Route | str:
        """Return the route between two places, or why there is none."""
        source, target = self.snaps[i], self.snaps[j]
        if source is None or target is None:
            return self.reasons[i] or self.reasons[j]
        graph = self.network.graph(self.variant)
        path = find_path(graph, source, target)
        if path is None:
            names = f"{source.place.name} and {target.place.name}"
            return f"{names} are on parts of the network that are not joined"
        found = [self.found[i], self.found[j]]
        trip = Trip(self.network.table, (source, target), (path,))
        return self.network.tell(self.variant, found, trip)


def _pair(
    sides: Sequence[_Side], ranges: Sequence[_Side], new: Sequence[str], i: int, j: int
) -> Pair:
    before, after = (side.way(i, j) for side in sides)
    a_km, b_km = _km(before), _km(after)
    origin, destination = (sides[0].found[number].place.name for number in (i, j))
    pair = Pair(
        origin,
        destination,
        a_km,
        b_km,
        None if a_km is None or b_km is None else a_km - b_km,
        a_hours=None if isinstance(before, str) else before.hours,
        b_hours=None if isinstance(after, str) else after.hours,
        new_lines=() if isinstance(after, str) else _new_lines(after, new),
        reason=_reason(sides, before, after),
    )
    if a_km is None or pair.saved_km is None:
        return pair
    low, high = (_km(side.way(i, j)) for side in ranges)
    if low is None or high is None or low == high == b_km:
        return pair
    saved = sorted([a_km - low, pair.saved_km, a_km - high])
    return replace(pair, saved_low_km=saved[0], saved_high_km=saved[-1])


def _reason(sides: Sequence[_Side], before: Route | str, after: Route | str) -> str:
    """Say why a way is missing, and in which scenario if not in both."""
    if isinstance(before, str) and before == after:
        return before
    told = [
        f"{way} (scenario {side.variant.scenario})"
        for side, way in zip(sides, (before, after), strict=True)
        if isinstance(way, str)
    ]
    return "; ".join(told)


def _km(way: Route | str) -> float | None:
    return None if isinstance(way, str) else way.length_km


def _new_lines(route: Route, new: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    return tuple(use.line for use in route.lines if use.line.get("status") in new)


def _new_statuses(before: Scenario, after: Scenario) -> tuple[str, ...]:
    """Return the statuses of lines that the second scenario uses and the first does not."""
    return STATUSES[SCENARIOS.index(before) + 1 : SCENARIOS.index(after) + 1]


def _chosen_lines(table: EdgeTable, new: Sequence[str], only: Sequence[str]) -> tuple[str, ...]:
    known = [str(line["id"]) for line in table.lines if line.get("status") in new]
    chosen = []
    for wanted in only:
        fitting = [name for name in known if name == wanted or name.startswith(f"{wanted}-")]
        if not fitting:
            listed = ", ".join(sorted(known)) or "none"
            raise UsageError(f"the scenario adds no line {wanted!r}; it adds {listed}")
        chosen += fitting
    return tuple(dict.fromkeys(chosen))


def _line_edges(table: EdgeTable, ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    numbers = [n for n, line in enumerate(table.lines) if line["id"] in ids]
    return np.isin(table.line, numbers)


def _without_others(table: EdgeTable, new: Sequence[str], ids: Sequence[str]) -> EdgeTable:
    """Return the network in which new edges that are not on some lines cannot be used."""
    is_new = np.isin(table.status, [STATUSES.index(status) for status in new])
    status = np.where(is_new & ~_line_edges(table, ids), SUSPENDED, table.status)
    return replace(table, status=status.astype(np.uint8))


def _scaled(table: EdgeTable, new: Sequence[str], end: str) -> EdgeTable:
    """Return the network with the lowest or highest published length of each new line."""
    length = table.length_m.astype(np.float64)
    is_new = np.isin(table.status, [STATUSES.index(status) for status in new])
    for number, line in enumerate(table.lines):
        other, whole = line.get(f"length_{end}_km"), line.get("length_km")
        if other and whole:
            length[is_new & (table.line == number)] *= other / whole
    return replace(table, length_m=np.round(length).astype(np.int32))


def _with_table(network: RailNetwork, table: EdgeTable) -> RailNetwork:
    """Return a network with other lengths or statuses; lines and names are shared."""
    other = RailNetwork(
        table,
        network.scenario,
        traffic=network.traffic,
        crossings=network.crossings,
        gazetteer=network.gazetteer,
        speeds=network.speeds,
    )
    other.chains = network.chains
    return other


def _networks(
    a: Scenario | RailNetwork, b: Scenario | RailNetwork, traffic: Traffic | None
) -> tuple[RailNetwork, RailNetwork]:
    """Return both networks; the file is read once."""
    if isinstance(a, RailNetwork):
        return a, b if isinstance(b, RailNetwork) else a.in_scenario(b)
    if isinstance(b, RailNetwork):
        return b.in_scenario(a), b
    before = RailNetwork.load(a, traffic=traffic or "freight")
    return before, before.in_scenario(b)
