"""The command ``compare``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_geo.cli import railways
from sco_geo.cli.arguments import add_command, path
from sco_geo.cli.output import DONE, FOUND, print_json, print_lines, tell
from sco_geo.errors import InputPathError, UsageError
from sco_geo.units import LANGUAGES, Language

if TYPE_CHECKING:
    from sco_geo.network.comparison import Comparison

_EPILOG = (
    "Without places: Kashgar, Andijan, Osh, Tashkent, Termez, Mashhad, Bandar Abbas, Istanbul, "
    "Xi'an, Lanzhou, Urumqi, Almaty, Bishkek and Tehran, around the China-Kyrgyzstan-Uzbekistan "
    "railway (--line cku: this railway alone). 'saved' is km before less km after; its range is "
    "that with every new line at its highest and at its lowest published length. "
    f"{railways.PLACES_HELP} Exit code 1: no pair has a route in either scenario. Examples: "
    "sco-geo compare --line cku --plot savings.svg; sco-geo compare Lanzhou Mashhad Istanbul; "
    "sco-geo compare --scenario-b planned --format geojson > layers/rail_savings.geojson"
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "rail km between places before and after lines are built"
    formats = ("text", "json", "markdown", "geojson")
    compare = add_command(commands, "compare", _compare, text, formats)
    compare.epilog = _EPILOG
    compare.add_argument("places", type=railways.place, nargs="*", metavar="PLACE")
    for name, default in (("a", "today"), ("b", "construction")):
        compare.add_argument(
            f"--scenario-{name}",
            choices=railways.SCENARIOS,
            default=default,
            help=f"{'before' if name == 'a' else 'after'} (default: {default})",
        )
    compare.add_argument(
        "--line",
        action="append",
        default=[],
        metavar="ID",
        help="of the new lines use only this one, or those whose ids begin so: cku (repeatable)",
    )
    compare.add_argument(
        "--plot", type=path, metavar="FILE", help="draw who gains how many km into an SVG file"
    )
    compare.add_argument(
        "--lang", choices=LANGUAGES, help="language of the plot and of names in tables, en without"
    )
    railways.add_search_options(compare)


def _compare(options: argparse.Namespace) -> int:
    _check(options)
    from sco_geo._progress import progress_bar
    from sco_geo.network import comparison

    places = options.places or comparison.DEFAULT_PLACES
    network = railways.load(options, options.scenario_a)
    count = len(places) * (len(places) - 1) // 2
    with progress_bar("routes", count, unit="pairs", is_wanted=not options.quiet) as step:
        compared = comparison.compare(
            places,
            network,
            options.scenario_b,
            optimise=options.optimise,
            only_lines=options.line,
            step=step,
        )
    if options.plot:
        _plot(options, compared)
    _print(options, compared)
    has_route = any(p.a_km is not None or p.b_km is not None for p in compared.pairs)
    if not has_route:
        tell("no two of these places are joined by rail: the reasons stand beside the pairs")
    return DONE if has_route else FOUND


def _check(options: argparse.Namespace) -> None:
    if len(options.places) == 1:
        raise UsageError("a comparison needs two places or more; without any, a set is taken")
    order = railways.SCENARIOS
    if order.index(options.scenario_a) >= order.index(options.scenario_b):
        raise UsageError(
            f"--scenario-b is to add lines to --scenario-a: {options.scenario_b} adds none to "
            f"{options.scenario_a}"
        )
    if options.plot and options.plot.suffix.lower() != ".svg":
        raise UsageError(f"--plot writes SVG, and {options.plot} does not end in .svg")


def _print(options: argparse.Namespace, compared: Comparison) -> None:
    from sco_geo import savings_layer, savings_report
    from sco_geo.network.attribution import notice

    language: Language = options.lang or "en"
    if options.format == "json":
        meta = compared.table.meta if compared.table else {}
        print_json({**compared.to_dict(), "attribution": notice(meta)})
    elif options.format == "geojson":
        print_json(savings_layer.to_geojson(compared))
    elif options.format == "markdown":
        print_lines(savings_report.markdown_lines(compared, language=language))
    else:
        print_lines(savings_report.text_lines(compared, language=language))


def _plot(options: argparse.Namespace, compared: Comparison) -> None:
    from sco_geo import geojson, savings_chart

    output: Path = options.plot
    if output.exists() and not output.is_file():
        raise InputPathError(f"{output} is no regular file: --plot writes an SVG file")
    drawn = savings_chart.to_svg(compared, language=options.lang or "en")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        geojson.write_atomically(output, drawn)
    except OSError as error:
        raise InputPathError(f"{output} cannot be written: {error.strerror}") from error
