"""The command line: ``sco-geo build | validate | length | route | compare | network ...``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from sco_geo._garbage import garbage_collector_off
from sco_geo.cli import building, checking, comparing, lengths, networks, routes
from sco_geo.cli.arguments import Parser
from sco_geo.cli.output import FOUND, INTERRUPTED, MISUSED, drop_output, print_json, tell
from sco_geo.errors import (
    InputPathError,
    ScoGeoError,
    UnknownIdError,
    UnknownPlaceError,
    UsageError,
    ValidationError,
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
    except (InputPathError, UnknownIdError, UnknownPlaceError, UsageError) as error:
        return _fail(options, error, MISUSED)
    except ScoGeoError as error:
        return _fail(options, error, FOUND)
    except OSError as error:
        return _fail(options, error, MISUSED)
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED


def _fail(options: argparse.Namespace, error: Exception, code: int) -> int:
    from sco_geo.model import printable

    try:
        if options.format in {"json", "geojson"}:
            known: dict[str, object] = {"type": type(error).__name__, "message": str(error)}
            if isinstance(error, UnknownPlaceError):
                known |= {"place": error.place, "suggestions": list(error.suggestions)}
            print_json({"error": known})
    except OSError:  # standard output is what fails
        drop_output()
    # Findings stand in lines of their own; a line break in any other message is data.
    lines = str(error).split("\n") if isinstance(error, ValidationError) else [str(error)]
    tell("\n".join(map(printable, lines)))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="sco-geo", description="Maps and measures how Eurasia is connected, offline."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (building, checking, lengths, routes, comparing, networks):
        module.add(commands)
    return parser
