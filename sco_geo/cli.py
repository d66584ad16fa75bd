"""The command line: ``sco-geo build | validate | explain | length | sources``."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import itertools
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sco_geo._garbage import garbage_collector_off
from sco_geo.errors import InputPathError, ScoGeoError, UnknownIdError, UsageError
from sco_geo.units import LANGUAGES

if TYPE_CHECKING:
    from sco_geo.validation import Run

#: Exit codes: done (warnings allowed), findings of severity error, wrong use.
DONE, FOUND, MISUSED = 0, 1, 2
#: Control characters that JSON may hold, direction marks, invisible characters, half characters.
_UNPRINTABLE = re.compile(
    "[\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises for bad input."""
    # No command multiplies matrices: threads for that would only cost time at the start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or a file that cannot show a letter gets its number instead of a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        with garbage_collector_off():  # a command ends before garbage could fill the memory
            return command(options)
    except (InputPathError, UnknownIdError, UsageError) as error:
        return _fail(options, error, MISUSED)
    except ScoGeoError as error:
        return _fail(options, error, FOUND)
    except OSError as error:
        return _fail(options, error, MISUSED)


def _fail(options: argparse.Namespace, error: Exception, code: int) -> int:
    from sco_geo.model import printable

    try:
        if options.format == "json":
            _print_json({"error": {"type": type(error).__name__, "message": str(error)}})
    except OSError:  # standard output is what fails
        _drop_output()
    print(f"sco-geo: {printable(str(error))}", file=sys.stderr)
    return code


def _write(chunks: Iterable[str]) -> None:
    """Write to standard output; whoever reads it may stop reading at any time."""
    if sys.stdout is None:  # closed by the caller
        return
    try:
        for chunk in chunks:
            sys.stdout.write(chunk)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError:
        _drop_output()
        raise


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter can end in peace."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_lines(lines: Iterable[str]) -> None:
    _write(f"{line}\n" for line in lines)


def _print_json(value: object) -> None:
    """Write a JSON text with whatever standard output or a terminal may trip over escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_ascii = not encoding.lower().startswith("utf")
    encoder = json.JSONEncoder(ensure_ascii=is_ascii, indent=1, allow_nan=False)
    chunks = map(_escape_unprintable, encoder.iterencode(value))
    _write(itertools.chain(chunks, ["\n"]))


def _escape_unprintable(text: str) -> str:
    """Escape direction marks, control characters and half characters inside JSON texts."""
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


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
        formats=("text", "json", "github", "sarif"),
        quiet="no hint at the end",
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
    _add_mending(check)

    explain = _command(commands, "explain", _explain, "what the rules of validate mean")
    explain.add_argument(
        "codes", nargs="*", metavar="CODE", help="codes such as GM221; without any, list all rules"
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


def _add_mending(check: argparse.ArgumentParser) -> None:
    group = check.add_argument_group("mending")
    group.add_argument(
        "--fix",
        action="store_true",
        help="mend in one file what can be mended without guessing, list each change, and report "
        "what is left; needs --output or --in-place",
    )
    group.add_argument(
        "--output",
        type=Path,
        metavar="NEW",
        help="the file to write, even if nothing was mended; may not be there yet",
    )
    group.add_argument("--replace", action="store_true", help="NEW may be there: replace it")
    group.add_argument("--in-place", action="store_true", help="change the file itself")


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
    quiet: str = "no progress on stderr",
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--format", choices=formats, default="text")
    parser.add_argument("--quiet", action="store_true", help=quiet)
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
        _print_lines(report.build_lines(result, with_timings=options.timings))
    return result.report.exit_code(strict=options.strict)


def _validate(options: argparse.Namespace) -> int:
    if options.fix or options.output or options.replace or options.in_place:
        return _fix(options)
    from sco_geo import report, sarif, validation

    run = validation.check(options.paths, project=options.project, context=options.context)
    exit_code = run.report.exit_code(strict=options.strict)
    if options.format == "json":
        _print_json(run.report.to_dict())
    elif options.format == "sarif":
        _print_json(sarif.to_sarif(run.report, exit_code=exit_code))
    elif options.format == "github":
        _print_lines(report.github_lines(run.report))
    else:
        _print_lines(_text_report(run, options))
    return exit_code


def _text_report(run: Run, options: argparse.Namespace) -> Iterator[str]:
    from sco_geo import report

    width = report.EXCERPT_WIDTH
    if sys.stdout is not None and sys.stdout.isatty():
        width = min(width, shutil.get_terminal_size().columns)
    return report.validation_lines(run, width=width, with_hint=not options.quiet)


def _explain(options: argparse.Namespace) -> int:
    from sco_geo import report, rules

    written = ",".join(options.codes).upper().split(",")
    codes = list(dict.fromkeys(filter(None, map(str.strip, written))))
    for code in codes:
        if code not in rules.REGISTRY:
            raise UnknownIdError(_unknown_code(code, list(rules.REGISTRY)))
    chosen = [rules.REGISTRY[code] for code in codes or sorted(rules.REGISTRY)]
    if options.format == "json":
        _print_json({"rules": [rules.to_dict(rule) for rule in chosen]})
    elif not codes:
        _print_lines(report.rule_table_lines(chosen))
    else:
        pages = ["\n".join(report.explain_lines(rule)) for rule in chosen]
        _print_lines("\n\n".join(pages).split("\n"))
    return DONE


def _unknown_code(code: str, known: list[str]) -> str:
    near = difflib.get_close_matches(code, sorted(known), cutoff=0.5)
    if near:
        return f"no rule {code!r}; the nearest are {', '.join(near)}"
    return f"no rule {code!r}; `sco-geo explain` without a code lists all rules"


def _fix(options: argparse.Namespace) -> int:
    from sco_geo import geojson, mending, report, validation

    path, output = _mending_paths(options)
    mended = mending.mend(path)
    if output != path or mended.changes:
        geojson.write_atomically(output, mended.data)
    run = validation.check([output], project=options.project, context=options.context)
    if options.format == "json":
        _print_json(
            {
                "input": str(path),
                "output": str(output),
                "changes": [change.to_dict() for change in mended.changes],
                "report": run.report.to_dict(),
            }
        )
    else:
        left = _text_report(run, options)
        _print_lines(report.mending_lines(mended.changes, left, str(path), str(output)))
    return run.report.exit_code(strict=options.strict)


def _mending_paths(options: argparse.Namespace) -> tuple[Path, Path]:
    """Return the file to mend and the one to write, if the options go together."""
    from sco_geo import mending

    if not options.fix:
        raise UsageError("--output, --replace and --in-place go with --fix")
    if options.format not in {"text", "json"}:
        raise UsageError(f"--fix reports as text or json, not as {options.format}")
    if len(options.paths) != 1:
        raise UsageError(f"--fix mends one file at a time, not {len(options.paths)}")
    if (options.output is None) != options.in_place:
        raise UsageError("--fix needs --output NEW, or --in-place to change the file itself")
    (path,) = options.paths
    if options.output is None:
        mending.require_writable(path)
        return path, path
    mending.require_new(path, options.output, may_replace=options.replace)
    return path, options.output


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
        rows = report.length_lines(lengths, by=options.by, with_claims=options.claims)
        _print_lines(rows)
    return DONE


def _sources(options: argparse.Namespace) -> int:
    from sco_geo import catalog, report

    loaded = catalog.load(catalog.layer_directories())
    usage = report.source_usage(loaded)
    if options.format == "json":
        _print_json(usage)
    else:
        _print_lines(report.source_lines(usage))
    return FOUND if usage["missing"] else DONE
