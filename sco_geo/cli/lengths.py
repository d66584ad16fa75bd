"""The command ``length``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sco_geo.cli import datasets
from sco_geo.cli.arguments import add_command, iso_date
from sco_geo.cli.output import DONE, print_json, print_lines
from sco_geo.errors import UsageError


def add(commands: Any) -> None:
    """Add the command to the parser."""
    length = add_command(commands, "length", _length, "geodesic lengths in kilometres")
    length.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="GeoJSON files, or directories of them; or GeoParquet",
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
        "--method", choices=("exact",), default="exact", help="exact: Karney's geodesics on WGS84"
    )
    length.add_argument("--as-of", type=iso_date, metavar="DATE", help="reference date YYYY-MM-DD")
    datasets.add_options(length)


def _length(options: argparse.Namespace) -> int:
    if datasets.are_datasets(options):
        return datasets.measure(options)
    from sco_geo import measure, report, validation

    if options.claims and options.by not in {"feature", "system"}:
        raise UsageError("--claims stands beside lines and systems: leave --by out, or --by system")
    catalog = validation.load_checked(
        options.paths, as_of=options.as_of, progress=not options.quiet
    )
    lengths = measure.measure(catalog)
    if options.only:
        lengths = lengths.only(options.only)
    if options.format == "json":
        print_json(lengths.to_dict())
    else:
        rows = report.length_lines(lengths, by=options.by, with_claims=options.claims)
        print_lines(rows)
    return DONE
