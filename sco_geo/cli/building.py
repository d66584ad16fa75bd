"""The commands ``build`` and ``sources``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sco_geo.cli.arguments import add_command, iso_date
from sco_geo.cli.output import DONE, FOUND, print_json, print_lines
from sco_geo.errors import InputPathError
from sco_geo.units import LANGUAGES


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    build = add_command(commands, "build", _build, "validate, measure and write the one-file map")
    build.add_argument(
        "--layers",
        type=Path,
        action="append",
        metavar="DIR",
        default=[],
        help="directory of layers instead of ./layers (repeatable)",
    )
    build.add_argument("--no-shipped", action="store_true", help="leave the shipped layers out")
    build.add_argument("--output", type=Path, metavar="FILE", help="the HTML file to write")
    build.add_argument("--lang", choices=LANGUAGES, default="en", help="language at opening")
    build.add_argument("--as-of", type=iso_date, metavar="DATE", help="reference date YYYY-MM-DD")
    build.add_argument("--strict", action="store_true", help="stop at warnings, too")
    build.add_argument("--timings", action="store_true", help="print seconds per stage")
    text = "every source with the figures that it supports"
    sources = add_command(commands, "sources", _sources, text)
    sources.add_argument(
        "--only",
        action="append",
        metavar="ID",
        default=[],
        help="these sources, or those of these lines, places or systems (repeatable)",
    )


def _build(options: argparse.Namespace) -> int:
    from sco_geo import build, catalog, report

    for directory in options.layers:
        if not directory.is_dir():
            raise InputPathError(f"{directory} is no directory; --layers wants one")
    directories = catalog.layer_directories(options.layers, shipped=not options.no_shipped)
    if not catalog.layer_files(directories)[0]:
        raise InputPathError("no layers: give --layers DIR or leave --no-shipped out")
    result = build.build(
        directories,
        options.output or build.DEFAULT_OUTPUT,
        language=options.lang,
        as_of=options.as_of,
        strict=options.strict,
        progress=not options.quiet,
    )
    if options.format == "json":
        print_json(result.to_dict())
    else:
        print_lines(report.build_lines(result, with_timings=options.timings))
    return result.report.exit_code(strict=options.strict)


def _sources(options: argparse.Namespace) -> int:
    from sco_geo import catalog, report

    loaded = catalog.load(catalog.layer_directories())
    usage = report.source_usage(loaded)
    if options.only:
        usage = report.only_sources(usage, options.only)
    if options.format == "json":
        print_json(usage)
    else:
        print_lines(report.source_lines(usage))
    return FOUND if usage["missing"] else DONE
