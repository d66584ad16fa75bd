"""Parsers of the command line and the kinds of arguments that the commands share."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

#: A position that begins with a minus: two numbers, with letters or without.
_WEST = re.compile(r"-\d+(\.\d*)?\s*[°NSEW]?\s*[,;\s]\s*[-+NSEW]?\s*\d", re.IGNORECASE)


class Parser(argparse.ArgumentParser):
    """A parser whose messages cannot steer a terminal, whatever the arguments hold."""

    def error(self, message: str) -> NoReturn:
        """End with a message and exit code 2."""
        from sco_geo.model import printable

        super().error(printable(message))

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse arguments; a position such as ``-9.1,38.7`` is no option for its minus."""
        given = sys.argv[1:] if args is None else args
        # What begins with a space is taken for no option; whoever reads a place drops the space.
        kept = [f" {text}" if _WEST.match(text) else text for text in given]
        return super().parse_known_args(kept, namespace)


def add_command(
    commands: Any,
    name: str,
    function: Callable[[argparse.Namespace], int],
    text: str,
    formats: Sequence[str] = ("text", "json"),
    quiet: str = "no progress on stderr",
) -> argparse.ArgumentParser:
    """Add a command that is run by a function with its options."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--format", choices=formats, default="text")
    parser.add_argument("--quiet", action="store_true", help=quiet)
    return parser


def path(text: str) -> Path:
    """Read a path."""
    if not text:  # an unset variable must not mean the current directory
        raise argparse.ArgumentTypeError("a path is empty")
    return Path(text)


def iso_date(text: str) -> str:
    """Read a date YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None
