"""The command ``length``."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_geo.cli import datasets
from sco_geo.cli.arguments import add_command, iso_date, path
from sco_geo.cli.output import DONE, print_json, print_lines, tell
from sco_geo.errors import InputPathError, UsageError
from sco_geo.units import LANGUAGES

if TYPE_CHECKING:
    from sco_geo.catalog import Catalog
    from sco_geo.measure import LengthReport
    from sco_geo.model import Report


_CLAIMS_HELP = "add every published length that is compared, its source and the difference"
_AS_OF_HELP = "date YYYY-MM-DD that a status is of (default: as_of of atlas.toml)"
_EPILOG = (
    "A row is an id, km, and km by country: an ISO 3166 code, disputed:ID for a contested area, or "
    "outside, at sea and where no territory has a code. '= ID' is a system, the sum of its "
    "sections. 'lower bound': the line is drawn with fewer bends than it has. Published lengths "
    "come from claims.csv beside the layers; `sco-geo sources --only ID` has the addresses. "
    "Example: sco-geo length layers --only cku-railway --by system --claims"
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "geodesic lengths in kilometres"
    formats = ("text", "json", "markdown")
    length = add_command(commands, "length", _length, text, formats)
    length.epilog = _EPILOG
    length.add_argument(
        "paths",
        type=path,
        nargs="+",
        metavar="PATH",
        help="GeoJSON files, or directories of them; or GeoParquet",
    )
    length.add_argument(
        "--by",
        choices=("feature", "system", "country", "gauge", "status"),
        default="feature",
        help="what the rows of the table are (default: feature, and the systems)",
    )
    length.add_argument("--claims", action="store_true", help=_CLAIMS_HELP)
    length.add_argument(
        "--only",
        action="append",
        metavar="ID",
        default=[],
        help="these features or systems alone, by their ids (repeatable)",
    )
    length.add_argument(
        "--method",
        choices=("exact", "short"),
        default="exact",
        help="exact: Karney's geodesics on WGS84; short: Bowring's formula for short segments",
    )
    length.add_argument(
        "--plot",
        type=path,
        metavar="FILE",
        help="draw the published lengths beside the computed ones into an SVG file",
    )
    length.add_argument("--lang", choices=LANGUAGES, help="language of the plot, en without it")
    length.add_argument("--as-of", type=iso_date, metavar="DATE", help=_AS_OF_HELP)
    datasets.add_options(length)


def _length(options: argparse.Namespace) -> int:
    if datasets.are_datasets(options):
        return datasets.measure(options)
    from sco_geo import measure, validation

    _refuse_what_does_not_go_together(options)
    catalog, findings = validation.load_with_report(
        options.paths, as_of=options.as_of, progress=not options.quiet
    )
    _tell_replaced(catalog)
    if not options.quiet:
        _tell_warnings(findings)
    lengths = measure.measure(catalog, method=options.method)
    if options.only:
        lengths = lengths.only(options.only)
    if options.plot:
        _plot(options, lengths, catalog)
    _print(options, lengths)
    return DONE


def _refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    if options.claims and options.by not in {"feature", "system"}:
        raise UsageError("--claims stands beside lines and systems: leave --by out, or --by system")
    if options.format == "markdown" and options.by != "feature":
        raise UsageError("--format markdown writes all lines and systems: leave --by out")
    if options.lang and not options.plot:
        raise UsageError("--lang is the language of the plot: it goes with --plot FILE")


def _print(options: argparse.Namespace, lengths: LengthReport) -> None:
    from sco_geo import length_markdown, length_report

    if options.format == "json":
        print_json(lengths.to_dict())
    elif options.format == "markdown":
        print_lines([length_markdown.to_markdown(lengths).rstrip("\n")])
    else:
        width = length_report.TABLE_WIDTH
        if sys.stdout is not None and sys.stdout.isatty():
            width = min(shutil.get_terminal_size().columns, length_report.MOST_WIDTH)
        rows = length_report.length_lines(
            lengths, by=options.by, with_claims=options.claims, width=width
        )
        print_lines(rows)


def _tell_replaced(catalog: Catalog) -> None:
    """Say which files are not measured, because another one of the same name replaces them."""
    from sco_geo.model import printable

    for replacing, replaced in catalog.replaced:
        if not replacing.samefile(replaced):
            text = f"{replacing} replaces {replaced}, which is not measured"
            tell(printable(text))


def _tell_warnings(report: Report) -> None:
    """Say that something may be wrong with what is measured, and where to read what."""
    count = report.count("warning")
    if count:
        first = next(f for f in report.findings if f.severity == "warning")
        more = f" (and {count - 1:,} more: sco-geo validate)" if count > 1 else ""
        tell(f"{first.to_text()}{more}")


def _plot(options: argparse.Namespace, lengths: LengthReport, catalog: Catalog) -> None:
    from sco_geo import geojson, strip_chart

    output: Path = options.plot
    if output.exists() and not output.is_file():
        raise InputPathError(f"{output} is no regular file: --plot writes an SVG file")
    if any(layer.path.samefile(output) for layer in catalog.layers if output.exists()):
        raise UsageError(f"{output} is one of the layers: choose another name for the plot")
    if output.suffix.lower() != ".svg":
        raise UsageError(f"--plot writes SVG, and {output} does not end in .svg")
    drawn = strip_chart.to_svg(lengths, catalog, language=options.lang or "en")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        geojson.write_atomically(output, drawn)
    except OSError as error:
        raise InputPathError(f"{output} cannot be written: {error.strerror}") from error
