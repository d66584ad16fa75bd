"""The command ``route``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sco_geo.cli import railways
from sco_geo.cli.arguments import add_command
from sco_geo.cli.output import DONE, FOUND, print_json, print_lines, tell
from sco_geo.units import LANGUAGES

if TYPE_CHECKING:
    from sco_geo.errors import NoRouteError

_EPILOG = (
    f"{railways.PLACES_HELP} A connector, the straight way from a place to the line, is no part of "
    "the length. Exit code 1: there is no route, and the message says why. Examples: sco-geo route "
    "Tianjin Tashkent --alternatives 2; sco-geo route Kashgar Andijan --scenario construction; "
    "sco-geo route Lanzhou Mashhad --optimise hours --hours border=12 --avoid TKM; "
    "sco-geo route 116.4,39.9 55.75N,37.62E --via Ulaanbaatar --format geojson > way.geojson"
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "how far it is by rail, and through which countries, gauges and borders"
    route = add_command(commands, "route", _route, text, ("text", "json", "geojson"))
    route.epilog = _EPILOG
    route.add_argument("origin", type=railways.place, metavar="FROM")
    route.add_argument("destination", type=railways.place, metavar="TO")
    route.add_argument(
        "--via",
        type=railways.place,
        action="append",
        default=[],
        metavar="PLACE",
        help="to be passed, in this order (repeatable)",
    )
    route.add_argument(
        "--scenario",
        choices=railways.SCENARIOS,
        default="today",
        help="today: lines in operation (default); construction: also those being built; planned: "
        "also those that are planned",
    )
    route.add_argument(
        "--avoid",
        type=railways.country,
        action="append",
        default=[],
        metavar="ISO3",
        help="a country that is not entered, such as RUS (repeatable)",
    )
    route.add_argument(
        "--gauge",
        type=int,
        choices=railways.GAUGES,
        metavar="MM",
        help=f"preferred gauge, one of {', '.join(map(str, railways.GAUGES))}: a km of another one "
        "counts five times in the choice, never in the length",
    )
    route.add_argument(
        "--alternatives",
        type=int,
        choices=range(4),
        default=0,
        metavar="N",
        help="up to three more routes, reasonably different, if there are any",
    )
    route.add_argument("--lang", choices=LANGUAGES, default="en", help="language of names")
    railways.add_search_options(route)


def _route(options: argparse.Namespace) -> int:
    from sco_geo.errors import NoRouteError

    network = railways.load(options, options.scenario)
    try:
        route = network.route(
            options.origin,
            options.destination,
            via=options.via,
            avoid=options.avoid,
            gauge=options.gauge,
            optimise=options.optimise,
            alternatives=options.alternatives,
        )
    except NoRouteError as error:
        return _fail(options, error)
    from sco_geo import route_geojson, route_report
    from sco_geo.network.attribution import notice

    if options.format == "json":
        print_json({**route.to_dict(), "attribution": notice(network.table.meta)})
    elif options.format == "geojson":
        print_json(route_geojson.to_geojson(route, network.table.meta))
    else:
        print_lines(route_report.route_lines(route, network, language=options.lang))
    return DONE


def _fail(options: argparse.Namespace, error: NoRouteError) -> int:
    """Say why there is no route; as JSON with all that is known."""
    from sco_geo.model import printable

    if options.format != "text":
        known = {
            "type": type(error).__name__,
            "message": str(error),
            "components": list(error.components),
            "gap_km": None if error.gap_km is None else round(error.gap_km, 3),
            "reasons": list(error.reasons),
        }
        names = ("scenario", "traffic", "optimise")
        asked = {name: getattr(options, name) for name in names}
        ends = {"from": {"name": options.origin}, "to": {"name": options.destination}}
        print_json({"error": known, **ends, **asked, "length_km": None})
    tell(printable(str(error)))
    return FOUND
