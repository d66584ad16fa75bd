"""A route as a page of text: length and its range, countries, gauges, borders, legs, notes."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sco_geo.model import printable
from sco_geo.network.attribution import notice
from sco_geo.network.places import format_position
from sco_geo.units import Language

if TYPE_CHECKING:
    from sco_geo.network.rail_network import RailNetwork
    from sco_geo.network.routes import Leg, Route, Stop

WIDTH = 100
#: Columns of km, and of what a leg runs on.
_KM, _LEG = 10, 34
#: An alternative is somewhere else in a country if its km there differ by more than this.
_OTHER_KM = 50.0
#: What a reader sees for km of a ferry, which are in no country.
_AT_SEA: dict[str, str | None] = {"": "at sea", "outside": "at sea"}
_AIMS = {"km": "the shortest way", "hours": "the quickest way"}


def route_lines(route: Route, network: RailNetwork, *, language: Language = "en") -> Iterator[str]:
    """Write a route for people, in lines of at most `WIDTH` columns where words allow it."""
    names = [_stop_name(stop, network, language) for stop in (route.origin, route.destination)]
    yield f"{' – '.join(map(printable, names))} by rail: {span_text(route)}"
    yield from _facts(route, network, language)
    yield ""
    yield from _sums("countries", route.by_country)
    yield from _sums("gauges", route.by_gauge, " mm")
    yield from _places(route, language)
    yield ""
    yield from _legs(route, names)
    if route.notes:
        yield ""
        for note in route.notes:
            yield from _wrapped(f"note: {note}", 0, 6)
    yield from _alternatives(route, language)
    yield ""
    yield from _wrapped(notice(network.table.meta), 0, 0)


def span_text(route: Route) -> str:
    """Write a length and the range in which the true one is expected."""
    km, part = route.length_km, route.uncertainty_pct / 100
    return f"{km:,.0f} km ({km * (1 - part):,.0f} to {km * (1 + part):,.0f} km)"


def hours_text(hours: float) -> str:
    """Write hours, long ones also in days."""
    days = f", {hours / 24:.1f} days" if hours >= 48 else ""
    unit = "hour" if round(hours) == 1 else "hours"
    return f"{hours:,.0f} {unit}{days}"


def name_of(item: Any, language: Language) -> str:
    """Return the name of something in a language, or in English where it has no other."""
    own = "" if language == "en" else getattr(item, f"name_{language}", "")
    return str(own or item.name)


def _stop_name(stop: Stop, network: RailNetwork, language: Language) -> str:
    if language == "en":
        return stop.name
    same = (
        place
        for place in network.gazetteer.places
        if place.name == stop.name and place.point == (stop.lon, stop.lat)
    )
    return next((name_of(place, language) for place in same), stop.name)


def _facts(route: Route, network: RailNetwork, language: Language) -> Iterator[str]:
    low, high = route.length_low_km, route.length_high_km
    if low is not None and high is not None and high - low >= 1:
        is_new = any(use.line.get("status") != "operating" for use in route.lines)
        which = "new lines" if is_new else "lines"
        yield f"  by the published lengths of its {which}: {low:,.0f} to {high:,.0f} km"
    detour = "" if route.detour is None else f", detour {route.detour:.2f}"
    hours = "" if route.hours is None else f"; about {hours_text(route.hours)} with waiting"
    yield f"  straight {route.geodesic_km:,.0f} km{detour}{hours}"
    aim = _AIMS[route.optimise]
    yield f"  scenario {route.scenario}, traffic {route.traffic}, {aim}"
    if route.via:
        passed = ", ".join(_stop_name(stop, network, language) for stop in route.via)
        yield from _wrapped(f"by {passed}", 2, 4)


def _sums(what: str, sums: Mapping[str, float], unit: str = "") -> Iterator[str]:
    """Write sums, the longest first."""
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    parts = (
        f"{_AT_SEA.get(key, key)}{unit if key.isdecimal() else ''} {km:,.1f}" for key, km in ordered
    )
    yield from _wrapped(f"{what + ', km':<15} {', '.join(parts)}", 0, 16)


def _places(route: Route, language: Language) -> Iterator[str]:
    """Write breaks of gauge and border crossings, in the order of travel."""
    head = "breaks of gauge"
    for change in route.breaks_of_gauge:
        where = f"{name_of(change, language)}, {format_position(change.lon, change.lat)}"
        yield from _wrapped(f"{head:<15} {change.from_mm} to {change.to_mm} mm: {where}", 0, 18)
        head = ""
    head = "borders"
    for crossing in route.border_crossings:
        pair = f"{crossing.from_country} – {crossing.to_country}"
        yield from _wrapped(f"{head:<15} {pair}: {name_of(crossing, language)}", 0, 18)
        head = ""


def _legs(route: Route, names: Sequence[str]) -> Iterator[str]:
    """Write legs with their km and the km from the start; `names` are those of both ends."""
    ends = {0: names[0], len(route.legs) - 1: names[-1]}
    texts = [_leg_text(leg, ends.get(number, "")) for number, leg in enumerate(route.legs)]
    width = max([_LEG, *(_columns(text) + 1 for text in texts)])
    yield f"{'legs':<{width}}{'km':>{_KM}}{'from start':>{_KM + 4}}"
    reached = 0.0
    for leg, text in zip(route.legs, texts, strict=True):
        filled = text + " " * (width - _columns(text))
        if leg.kind == "transfer":
            yield text
        elif leg.kind == "connector":
            yield f"{filled}{leg.length_km:>{_KM},.1f}   not counted"
        else:
            reached += leg.length_km
            yield f"{filled}{leg.length_km:>{_KM},.1f}{reached:>{_KM + 4},.1f}"


def _leg_text(leg: Leg, end: str) -> str:
    if leg.kind == "transfer":
        return f"  change to {leg.gauge_mm} mm"
    if leg.kind == "connector":
        return f"  between line and {printable(end)}"
    gauge = f"{leg.gauge_mm} mm" if leg.gauge_mm else "gauge unknown"
    country = _AT_SEA.get(leg.country or "", leg.country)
    words = [f"  {country}", gauge if leg.kind == "track" else "ferry"]
    if leg.status and leg.status != "operating":
        words.append(leg.status)
    return " ".join(words)


def _columns(text: str) -> int:
    """Return the width of a text in a terminal, where a Chinese character takes two columns."""
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def _alternatives(route: Route, language: Language) -> Iterator[str]:
    if route.alternatives:
        yield ""
        yield "alternatives"
    for other in route.alternatives:
        hours = "" if other.hours is None else f", {other.hours:,.0f} hours"
        more = other.length_km - route.length_km
        text = f"{more:+,.0f} km: {other.length_km:,.0f} km{hours}, {_by(route, other, language)}"
        yield from _wrapped(text, 2, 4)


def _by(route: Route, other: Route, language: Language) -> str:
    """Say where an alternative goes: its gateways, or where it is elsewhere."""
    names = [name_of(crossing, language) for crossing in other.border_crossings]
    if names != [name_of(crossing, language) for crossing in route.border_crossings]:
        once = (name for name, _ in groupby(names))
        return f"by {', '.join(once)}" if names else "without a border"
    moved = [
        code
        for code in dict.fromkeys([*route.by_country, *other.by_country])
        if abs(route.by_country.get(code, 0.0) - other.by_country.get(code, 0.0)) > _OTHER_KM
    ]
    used = {use.line.get("id") for use in route.lines}
    lines = [str(use.line.get("name")) for use in other.lines if use.line.get("id") not in used]
    by = f" by {', '.join(lines)}" if lines else ""
    where = f" in {', '.join(moved)}" if moved else ""
    return f"over the same borders, on other lines{where}{by}"


def _wrapped(text: str, indent: int, hanging: int) -> Sequence[str]:
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_on_hyphens=False,
        break_long_words=False,
        drop_whitespace=True,
    )
