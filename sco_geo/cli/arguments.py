"""Parsers of the command line and the kinds of arguments that the commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose messages cannot steer a terminal, whatever the arguments hold."""

    def error(self, message: str) -> NoReturn:
        """End with a message and exit code 2."""
        from sco_geo.model import printable

        super().error(printable(message))


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
