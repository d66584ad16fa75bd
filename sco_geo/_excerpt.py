"""Excerpts of a text for people: the piece around a place, with a caret under it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from sco_geo.model import printable

#: Stands where something was cut off; plain ASCII, so that it is one column a character.
_CUT = "..."


def draw(text: str, offset: int, width: int, *, is_cut: bool = False) -> tuple[str, str]:
    """Crop a piece of text to a number of columns and put a caret under one character.

    Control characters and direction marks are written as escapes, tabs as one space; a Chinese
    character is two columns wide.

    Parameters
    ----------
    text : str
        A line, or a piece of one, without its end.
    offset : int
        The character that the caret points at, from 0; the length of the text for its end.
    width : int
        The most columns of the result.
    is_cut : bool
        Whether the line began before the text.

    Returns
    -------
    tuple of str
        The text and the line below it; both empty for a blank line.
    """
    cells = [_cell(char) for char in text]
    first, last = 0, len(cells)
    if not is_cut:
        first = min(len(text) - len(text.lstrip(" \t")), offset)
    room = max(width - 2 * len(_CUT), 8)
    if is_cut or _columns(cells[first:]) > width:
        first, last = _crop(cells, first, offset, room)
    before = _CUT if is_cut or (first and text[:first].strip()) else ""
    after = _CUT if last < len(cells) else ""
    left, right = cells[first:offset], cells[offset:last]
    shown = before + "".join(cell for cell, _ in left + right).rstrip() + after
    return (shown, " " * (len(before) + _columns(left)) + "^") if shown.strip() else ("", "")


def _cell(char: str) -> tuple[str, int]:
    """Return what is shown for a character, and its columns."""
    if char == "\t":
        return " ", 1
    shown = printable(char)
    if len(shown) > 1:
        return shown, len(shown)
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return shown, 0
    return shown, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _columns(cells: list[tuple[str, int]]) -> int:
    return sum(columns for _, columns in cells)


def _crop(cells: list[tuple[str, int]], first: int, offset: int, room: int) -> tuple[int, int]:
    """Return the range of cells to show: around the offset, more after it than before it."""
    after = list(_running(cells[offset:]))
    before = list(_running(cells[first:offset][::-1]))
    tail = after[-1] if after else 0
    head = max(room * 2 // 5, room - tail)
    begin = offset - sum(columns <= head for columns in before)
    used = _columns(cells[begin:offset])
    return begin, offset + sum(columns <= max(room - used, 2) for columns in after)


def _running(cells: list[tuple[str, int]]) -> Iterator[int]:
    total = 0
    for _, columns in cells:
        total += columns
        yield total
