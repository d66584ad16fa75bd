"""What the commands about the rail network share: options, places, speeds, loading."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from sco_geo.errors import UsageError

if TYPE_CHECKING:
    from sco_geo.network.crossings import Crossings
    from sco_geo.network.rail_network import RailNetwork
    from sco_geo.network.speeds import Speeds

#: Kept here, so that the help needs none of the modules that search: they take time to import.
SCENARIOS = ("today", "construction", "planned")
TRAFFICS = ("freight", "any")
OPTIMISES = ("km", "hours")
#: Slower than this is a slip; hours would grow beyond what JSON can hold.
LEAST_KMH = 0.1
GAUGES = (1000, 1067, 1435, 1520, 1676)

PLACES_HELP = (
    "Places are names in English, Chinese or Russian ('Bandar Abbas', 喀什, Ташкент; "
    "'Khorgos, KAZ' where a name is common), or positions: LON,LAT in decimal degrees as in "
    "GeoJSON (69.22,41.26), or with letters in either order (41.26N,69.22E)."
)


def place(text: str) -> str:
    """Read a place: a name or a position."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a place is empty")
    return text.strip()


def country(text: str) -> str:
    """Read the code of a country."""
    return text.strip()


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about how a way is chosen."""
    parser.add_argument(
        "--traffic",
        choices=TRAFFICS,
        default="freight",
        help="freight: not on lines for passengers only (default); any: on them, too",
    )
    parser.add_argument(
        "--optimise",
        choices=OPTIMISES,
        default="km",
        help="what is least: km (default), or hours with waiting at borders and breaks of gauge",
    )
    group = parser.add_argument_group(
        "hours", "the defaults and their sources: geo/rail_speeds.toml"
    )
    group.add_argument(
        "--speed",
        type=_setting,
        action="append",
        default=[],
        metavar="CLASS=KMH",
        help="conventional, passenger or ferry, or a country by its ISO 3166 code (KAZ=45); "
        "conventional=KMH holds in all countries that are not named (repeatable)",
    )
    group.add_argument(
        "--hours",
        type=_setting,
        action="append",
        default=[],
        metavar="WHERE=H",
        help="border, break_of_gauge or ferry, or one crossing by its id in geo/rail_crossings.csv "
        "(altynkol-horgos=24); border and break_of_gauge hold at all crossings that are not named "
        "(repeatable)",
    )


def _setting(text: str) -> tuple[str, float]:
    name, sign, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not sign or not name.strip() or not 0 <= value < 1e5:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER with a number of 0 or more")
    return name.strip(), value


def load(options: argparse.Namespace, scenario: str) -> RailNetwork:
    """Read the network with the speeds and hours that are asked for."""
    from sco_geo.network.rail_network import RailNetwork

    network = RailNetwork.load(scenario, traffic=options.traffic)  # type: ignore[arg-type]
    if not options.speed and not options.hours:
        return network
    if network.speeds is None:
        raise UsageError("--speed and --hours change rail_speeds.toml, which is not there")
    codes = {code for code in network.table.countries if code}
    speeds = _with_speeds(network.speeds, codes, dict(options.speed))
    crossings, speeds = _with_hours(network.crossings, speeds, dict(options.hours))
    changed = RailNetwork(
        network.table,
        network.scenario,
        traffic=network.traffic,
        crossings=crossings,
        gazetteer=network.gazetteer,
        speeds=speeds,
    )
    changed.chains = network.chains
    return changed


def _with_speeds(speeds: Speeds, codes: set[str], wanted: dict[str, float]) -> Speeds:
    """Change speeds by class of line and by country."""
    classes = ("conventional", "passenger", "ferry")
    countries = {name.upper(): kmh for name, kmh in wanted.items() if name not in classes}
    unknown = sorted(set(countries) - codes)
    if unknown:
        listed = ", ".join(unknown)
        raise UsageError(f"--speed {listed}: neither {', '.join(classes)} nor a country with rails")
    slow = [name for name, kmh in wanted.items() if kmh < LEAST_KMH]
    if slow:
        raise UsageError(f"--speed {slow[0]}: a speed must be at least {LEAST_KMH:g} km/h")
    known = {} if "conventional" in wanted else dict(speeds.country_kmh)
    return replace(
        speeds,
        conventional_kmh=wanted.get("conventional", speeds.conventional_kmh),
        passenger_kmh=wanted.get("passenger", speeds.passenger_kmh),
        ferry_kmh=wanted.get("ferry", speeds.ferry_kmh),
        country_kmh={**known, **countries},
    )


def _with_hours(
    crossings: Crossings, speeds: Speeds, wanted: dict[str, float]
) -> tuple[Crossings, Speeds]:
    """Change hours of waiting."""
    from sco_geo.network.crossings import Crossings

    fields = ("border", "break_of_gauge", "ferry")
    named = {name: hours for name, hours in wanted.items() if name not in fields}
    unknown = sorted(set(named) - {row.id for row in crossings.rows})
    if unknown:
        raise UsageError(
            f"--hours {unknown[0]}: neither {', '.join(fields)} nor the id of a crossing in "
            f"geo/rail_crossings.csv, such as altynkol-horgos"
        )
    is_for_all = "border" in wanted or "break_of_gauge" in wanted
    rows = tuple(
        replace(row, hours=named.get(row.id, None if is_for_all else row.hours))
        for row in crossings.rows
    )
    return Crossings(rows), replace(
        speeds,
        border_hours=wanted.get("border", speeds.border_hours),
        break_hours=wanted.get("break_of_gauge", speeds.break_hours),
        ferry_hours=wanted.get("ferry", speeds.ferry_hours),
    )
