"""The commands ``validate`` (with ``--fix``) and ``explain``."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_geo.cli.arguments import add_command, path
from sco_geo.cli.output import DONE, print_json, print_lines
from sco_geo.errors import UnknownIdError, UsageError

if TYPE_CHECKING:
    from sco_geo.validation import Run


def add(commands: Any) -> None:
    """Add the commands to the parser."""
    check = add_command(
        commands,
        "validate",
        _validate,
        "say what is wrong with GeoJSON files",
        formats=("text", "json", "github", "sarif"),
        quiet="no progress on stderr, no hint at the end",
    )
    check.add_argument("paths", type=path, nargs="+", metavar="PATH")
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

    explain = add_command(commands, "explain", _explain, "what the rules of validate mean")
    explain.add_argument(
        "codes", nargs="*", metavar="CODE", help="codes such as GM221; without any, list all rules"
    )


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


def _validate(options: argparse.Namespace) -> int:
    if options.fix or options.output or options.replace or options.in_place:
        return _fix(options)
    from sco_geo import report, sarif, validation

    run = validation.check(
        options.paths,
        project=options.project,
        context=options.context,
        progress=not options.quiet,
    )
    exit_code = run.report.exit_code(strict=options.strict)
    if options.format == "json":
        print_json(run.report.to_dict())
    elif options.format == "sarif":
        print_json(sarif.to_sarif(run.report, exit_code=exit_code))
    elif options.format == "github":
        print_lines(report.github_lines(run.report))
    else:
        print_lines(_text_report(run, options))
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
        print_json({"rules": [rules.to_dict(rule) for rule in chosen]})
    elif not codes:
        print_lines(report.rule_table_lines(chosen))
    else:
        pages = ["\n".join(report.explain_lines(rule)) for rule in chosen]
        print_lines("\n\n".join(pages).split("\n"))
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
        print_json(
            {
                "input": str(path),
                "output": str(output),
                "changes": [change.to_dict() for change in mended.changes],
                "report": run.report.to_dict(),
            }
        )
    else:
        left = _text_report(run, options)
        print_lines(report.mending_lines(mended.changes, left, str(path), str(output)))
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
