"""Change single values in a JSON text and leave every other character as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Span = tuple[int, int]

_POSITION = re.compile(r"\[[^\[\]]*\]")
_LON_LAT = re.compile(r"(\[\s*)(-?[0-9][0-9.eE+-]*)(\s*,\s*)(-?[0-9][0-9.eE+-]*)")
_SPACE = " \t\r\n"


class Edit(NamedTuple):
    """Put `text` in the place of ``[start, end)``."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Make all edits at once.

    Raises
    ------
    ValueError
        If two edits overlap.
    """
    pieces: list[str] = []
    done = 0
    for edit in sorted(edits):
        if edit.start < done:
            raise ValueError(f"two edits of the text overlap at offset {edit.start}")
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces)


def value_span(text: str, start: int) -> Span:
    """Return the span of the JSON value that begins at an offset."""
    scan = json.JSONDecoder(parse_int=float).scan_once  # type: ignore[attr-defined]
    return start, scan(text, start)[1]


def member_span(text: str, value_start: int) -> Span:
    """Return the span to cut so that a member of an object is gone, its comma included.

    Parameters
    ----------
    value_start : int
        Where the value of the member begins. Its key may hold no quotation mark.
    """
    end = value_span(text, value_start)[1]
    colon = text.rindex(":", 0, value_start)
    key = text.rindex('"', 0, text.rindex('"', 0, colon))
    before = key - 1
    while text[before] in _SPACE:
        before -= 1
    if text[before] == ",":
        return before, end
    rest = _skip_space(text, end)
    return key, _skip_space(text, rest + 1) if text[rest] == "," else end


def _skip_space(text: str, offset: int) -> int:
    while text[offset] in _SPACE:
        offset += 1
    return offset


def position_spans(text: str, start: int, count: int) -> list[Span]:
    """Return the spans of the positions in the array of positions that begins at an offset."""
    found = _POSITION.finditer(text, start + 1)
    return [match.span() for match, _ in zip(found, range(count), strict=False)]


def numbers(position: str) -> list[float]:
    """Read the numbers of one position."""
    result: list[float] = json.loads(position, parse_int=float)
    return result


def joint(text: str, spans: Sequence[Span]) -> str:
    """Return what stands between the first two positions of a part: comma and white space."""
    return text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ", "


def write_position(values: Iterable[float], like: str) -> str:
    """Write a position with the white space of another one."""
    match = _LON_LAT.match(like)
    begin, comma = (match.group(1), match.group(3)) if match else ("[", ", ")
    return begin + comma.join(map(_decimal, values)) + "]"


def with_lon(position: str, lon: float) -> str:
    """Exchange the longitude of a position and leave the rest of its text."""
    return _LON_LAT.sub(lambda m: m.group(1) + _decimal(lon) + "".join(m.groups()[2:]), position)


def with_height_of(position: str, other: str) -> str:
    """Give a position the first three numbers of another one, and keep its further ones."""
    theirs, mine = _tokens(other), _tokens(position)
    further = mine[3:] if len(theirs) > 2 else []
    match = _LON_LAT.match(other)
    comma = match.group(3) if match else ", "
    return "[" + comma.join([*theirs[:3], *further]) + "]"


def _tokens(position: str) -> list[str]:
    return [token.strip(_SPACE) for token in position[1:-1].split(",")]


def _decimal(value: float) -> str:
    """Write a number as plain as possible and without an exponent."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def round_positions(text: str, decimals: int) -> tuple[str, int]:
    """Round longitudes and latitudes in a piece of text; return it and how many changed.

    Numbers whose value does not change keep their spelling; heights are not touched.
    """
    count = 0

    def shorten(token: str) -> str:
        nonlocal count
        if len(token) <= decimals + 2 and "e" not in token.lower():
            return token
        value = float(token)
        rounded = round(value, decimals)
        if rounded == value:
            return token
        count += 1
        written = f"{rounded:.{decimals}f}".rstrip("0")
        written += "0" if written.endswith(".") else ""
        return "0.0" if written == "-0.0" else written

    def change(match: re.Match[str]) -> str:
        start, lon, comma, lat = match.groups()
        return start + shorten(lon) + comma + shorten(lat)

    return _LON_LAT.sub(change, text), count
