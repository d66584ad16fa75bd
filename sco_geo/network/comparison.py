"""What a scenario changes: km by rail between places before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sco_geo.errors import UsageError
from sco_geo.network.graph import Scenario, Traffic
from sco_geo.network.places import PlaceLike
from sco_geo.network.rail_network import RailNetwork

#: A saving below this is none, in km: the snap points of a scenario may differ by as much.
LEAST_KM = 0.05


@dataclass(frozen=True)
class Pair:
    """Two places and their distance by rail in both scenarios.

    Attributes
    ----------
    a_km, b_km : float or None
        None where there is no route.
    saved_km : float or None
        a_km - b_km.
    saved_low_km, saved_high_km : float or None
        The saving with the highest and with the lowest published length of the lines used, at
        least 0 as the old way stays; None where these lines have one length.
    lines : tuple of str
        Names of the lines of scenario b that are not in scenario a.
    """

    origin: str
    destination: str
    a_km: float | None
    b_km: float | None
    saved_km: float | None
    saved_low_km: float | None = None
    saved_high_km: float | None = None
    lines: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        numbers = ("a_km", "b_km", "saved_km", "saved_low_km", "saved_high_km")
        values = {name: getattr(self, name) for name in numbers}
        rounded = {name: None if km is None else round(km, 3) for name, km in values.items()}
        return {"from": self.origin, "to": self.destination, **rounded, "lines": list(self.lines)}


@dataclass(frozen=True)
class Comparison:
    """All pairs of some places in two scenarios."""

    places: tuple[str, ...]
    scenario_a: str
    scenario_b: str
    traffic: str
    pairs: tuple[Pair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of `sco-geo compare`."""
        return {
            "places": list(self.places),
            "scenario_a": self.scenario_a,
            "scenario_b": self.scenario_b,
            "traffic": self.traffic,
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def compare(
    places: Sequence[PlaceLike],
    scenario_a: Scenario | RailNetwork = "today",
    scenario_b: Scenario | RailNetwork = "construction",
    *,
    traffic: Traffic | None = None,
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

    Raises
    ------
    UsageError
        For fewer than two places.
    UnknownPlaceError, SnapTooFarError
        If a place is unknown or far from railways in either scenario.
    """
    if len(places) < 2:
        raise UsageError("a comparison needs two places or more")
    before, after = _networks(scenario_a, scenario_b, traffic)
    tables = [network.matrix(places, traffic=traffic) for network in (before, after)]
    names = tuple(before.gazetteer.find(place).place.name for place in places)
    pairs = []
    for i, origin in enumerate(names):
        for j in range(i + 1, len(names)):
            a_km, b_km = (_known(float(table[i, j])) for table in tables)
            pair = Pair(origin, names[j], a_km, b_km, None)
            if a_km is not None and b_km is not None:
                pair = replace(pair, saved_km=a_km - b_km)
            if b_km is not None and (a_km is None or a_km - b_km > LEAST_KM):
                pair = _with_range(pair, after, (places[i], places[j]), traffic)
            pairs.append(pair)
    return Comparison(
        names, before.scenario, after.scenario, traffic or after.traffic, tuple(pairs)
    )


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


def _known(km: float) -> float | None:
    return None if np.isnan(km) else km


def _with_range(
    pair: Pair, after: RailNetwork, ends: tuple[PlaceLike, PlaceLike], traffic: Traffic | None
) -> Pair:
    """Add the lines that make the difference, and the saving by their published lengths."""
    route = after.route(*ends, traffic=traffic)
    new = tuple(
        str(use.line.get("name"))
        for use in route.lines
        if use.line.get("status") in ("construction", "planned")
    )
    low = high = None
    least, most = route.length_low_km, route.length_high_km
    if pair.a_km is not None and least is not None and most is not None:
        low, high = max(0.0, pair.a_km - most), max(0.0, pair.a_km - least)
    return replace(pair, lines=new, saved_low_km=low, saved_high_km=high)
