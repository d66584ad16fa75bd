"""The command ``length``."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from sco_geo.cli.arguments import add_command, iso_date
from sco_geo.cli.output import DONE, print_json, print_lines
from sco_geo.errors import UsageError


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "geodesic lengths in kilometres"
    formats = ("text", "json", "markdown")
    length = add_command(commands, "length", _length, text, formats)
    length.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="GeoJSON files, or directories of them"
    )
    length.add_argument(
        "--by",
        choices=("feature", "system", "country", "gauge", "status"),
        default="feature",
        help="what the rows of the table are",
    )
    length.add_argument("--claims", action="store_true", help="add every published length")
    length.add_argument(
        "--only",
        action="append",
        metavar="ID",
        default=[],
        help="these features or systems alone (repeatable)",
    )
    length.add_argument(
        "--method",
        choices=("exact", "short"),
        default="exact",
        help="exact: Karney's geodesics on WGS84; short: Bowring's formula for short segments",
    )
    length.add_argument("--as-of", type=iso_date, metavar="DATE", help="reference date YYYY-MM-DD")


def _length(options: argparse.Namespace) -> int:
    from sco_geo import length_markdown, length_report, measure, validation

    if options.claims and options.by not in {"feature", "system"}:
        raise UsageError("--claims stands beside lines and systems: leave --by out, or --by system")
    if options.format == "markdown" and options.by != "feature":
        raise UsageError("--format markdown writes all lines and systems: leave --by out")
    catalog = validation.load_checked(options.paths, as_of=options.as_of)
    lengths = measure.measure(catalog, method=options.method)
    if options.only:
        lengths = lengths.only(options.only)
    if options.format == "json":
        print_json(lengths.to_dict())
    elif options.format == "markdown":
        print_lines([length_markdown.to_markdown(lengths).rstrip("\n")])
    else:
        width = length_report.TABLE_WIDTH
        if sys.stdout.isatty():
            width = min(shutil.get_terminal_size().columns, length_report.MOST_WIDTH)
        rows = length_report.length_lines(
            lengths, by=options.by, with_claims=options.claims, width=width
        )
        print_lines(rows)
    return DONE
