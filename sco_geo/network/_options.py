"""Checks of options, so that a wrong one ends with a message and not with another question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sco_geo.errors import UsageError


def as_list(values: Iterable[Any], name: str) -> Iterable[Any]:
    """Return what is to hold several things; a single text would be taken apart by letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(f"{name}: {values!r} is no list; for a single one: [{values!r}]")
    return values


def as_code(code: Any) -> str:
    """Return the code of a country; an empty one would stand for the sea and its ferries."""
    if not isinstance(code, str) or not code.strip():
        raise UsageError(f"avoid: {code!r} is no code of a country, such as 'KAZ'")
    return code.strip()


def check(value: Any, known: Sequence[str], name: str) -> None:
    """Refuse a value that is none of those known."""
    if value not in known:
        raise UsageError(f"{name} {value!r} is none of {', '.join(known)}")
