"""The command line: ``sco-geo build | validate | length | sources``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from sco_geo.errors import InputPathError, ScoGeoError, UnknownIdError, UsageError
from sco_geo.units import LANGUAGES

#: Exit codes: done (warnings allowed), findings of severity error, wrong use.
DONE, FOUND, MISUSED = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises for bad input."""
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (InputPathError, UnknownIdError, UsageError) as error:
        return _fail(options, error, MISUSED)
    except ScoGeoError as error:
        return _fail(options, error, FOUND)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _fail(options, error, MISUSED)


def _fail(options: argparse.Namespace, error: Exception, code: int) -> int:
    from sco_geo.model import printable

    if options.format == "json":
        _print_json({"error": {"type": type(error).__name__, "message": str(error)}})
    print(f"sco-geo: {printable(str(error))}", file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    """A parser whose messages cannot steer a terminal, whatever the arguments hold."""

    def error(self, message: str) -> NoReturn:
        from sco_geo.model import printable

        super().error(printable(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sco-geo", description="Maps and measures how Eurasia is connected, offline."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    build = _command(commands, "build", _build, "validate, measure and write the one-file map")
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
    build.add_argument("--as-of", type=_date, metavar="DATE", help="reference date YYYY-MM-DD")
    build.add_argument("--strict", action="store_true", help="stop at warnings, too")
    build.add_argument("--timings", action="store_true", help="print seconds per stage")

    check = _command(
        commands,
        "validate",
        _validate,
        "say what is wrong with GeoJSON files",
        formats=("text", "json", "github"),
    )
    check.add_argument("paths", type=_path, nargs="+", metavar="PATH")
    check.add_argument("--strict", action="store_true", help="warnings count for the exit code")
    check.add_argument(
        "--project",
        action="store_true",
        default=None,
        help="apply the rules of this project to every path",
    )
    check.add_argument(
        "--context",
        action="append",
        metavar="PATH|geo",
        default=[],
        help="territories that routes are compared with",
    )

    length = _command(commands, "length", _length, "geodesic lengths in kilometres")
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
        "--method", choices=("exact",), default="exact", help="exact: Karney's geodesics on WGS84"
    )
    length.add_argument("--as-of", type=_date, metavar="DATE", help="reference date YYYY-MM-DD")

    _command(commands, "sources", _sources, "every source with the figures that it supports")
    return parser


def _path(text: str) -> Path:
    if not text:  # an unset variable must not mean the current directory
        raise argparse.ArgumentTypeError("a path is empty")
    return Path(text)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


def _command(
    commands: Any,
    name: str,
    function: Callable[[argparse.Namespace], int],
    text: str,
    formats: Sequence[str] = ("text", "json"),
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--format", choices=formats, default="text")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    return parser


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
    )
    if options.format == "json":
        _print_json(result.to_dict())
    else:
        for line in report.build_lines(result, with_timings=options.timings):
            print(line)
    return result.report.exit_code(strict=options.strict)


def _validate(options: argparse.Namespace) -> int:
    from sco_geo import catalog, report, validation

    shipped = catalog.shipped_directory("geo") / "territories.geojson"
    context = [shipped if path == "geo" else Path(path) for path in options.context]
    run = validation.check(options.paths, project=options.project, context=context)
    if options.format == "json":
        _print_json(run.report.to_dict())
    else:
        make = report.github_lines if options.format == "github" else report.validation_lines
        for line in make(run.report):
            print(line)
    return run.report.exit_code(strict=options.strict)


def _length(options: argparse.Namespace) -> int:
    from sco_geo import measure, report, validation

    if options.claims and options.by not in {"feature", "system"}:
        raise UsageError("--claims stands beside lines and systems: leave --by out, or --by system")
    catalog = validation.load_checked(options.paths, as_of=options.as_of)
    lengths = measure.measure(catalog)
    if options.only:
        lengths = lengths.only(options.only)
    if options.format == "json":
        _print_json(lengths.to_dict())
    else:
        for line in report.length_lines(lengths, by=options.by, with_claims=options.claims):
            print(line)
    return DONE


def _sources(options: argparse.Namespace) -> int:
    from sco_geo import catalog, report

    loaded = catalog.load(catalog.layer_directories())
    usage = report.source_usage(loaded)
    if options.format == "json":
        _print_json(usage)
    else:
        for line in report.source_lines(usage):
            print(line)
    return FOUND if usage["missing"] else DONE


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, allow_nan=False)
    sys.stdout.write("\n")
