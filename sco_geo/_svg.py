"""Elements of an SVG drawing, and how wide a text is at most, without asking for a font."""

from __future__ import annotations

import re
import unicodedata
from xml.etree import ElementTree

Element = ElementTree.Element

#: Characters that XML 1.0 does not allow, and the control characters that it only discourages.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Marks that turn the direction of the text after them.
_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

#: What stays together on a line: a Chinese character and the marks after it, a word, spaces.
_WORDS = re.compile(
    "[“‘（《]*[\u2e80-\u9fff\uff00-\uffef][，。、；：！？）》”’]*"
    "|[^ \u2e80-\u9fff\uff00-\uffef]+| +"
)

#: Widths in em. They are those of DejaVu Sans, rounded up, the widest of the usual system fonts.
_NARROW, _SPACE, _MIDDLE, _WIDE, _FULL = 0.42, 0.36, 0.66, 0.9, 1.02
_BOLD = 1.12


def clean(text: str) -> str:
    """Return a text that may stand in XML and that turns no other text around."""
    return _FORBIDDEN.sub("\ufffd", _STEERING.sub("", text))


def add(parent: Element, tag: str, text: str = "", **attributes: object) -> Element:
    """Add an element; numbers are rounded to hundredths, ``_`` in names means ``-``.

    A name that ends in ``_`` is one that Python keeps for itself: ``class_``.
    """
    node = ElementTree.SubElement(parent, tag)
    for name, value in attributes.items():
        node.set(name.rstrip("_").replace("_", "-"), clean(_written(value)))
    if text:
        node.text = clean(text)
    return node


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def to_bytes(root: Element) -> bytes:
    """Return the drawing as an XML file in UTF-8, one element a line."""
    ElementTree.indent(root, space="")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return a width in px that a line of text does not exceed in the usual fonts."""
    return size * (_BOLD if bold else 1.0) * sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL
    if unicodedata.combining(character):
        return 0.0
    if character in " \u00a0":
        return _SPACE
    if character in "ijlftrI.,:;'|!()[]·-":
        return _NARROW
    if character in "mwMW@%—×≥…" or unicodedata.category(character) == "Lu":
        return _WIDE
    return _WIDE if character in "жмшщюыфЖШЩЮ" else _MIDDLE


def wrap(text: str, width: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """Break a text into at most so many lines of a width in px; ``…`` stands for what is cut off.

    Chinese breaks anywhere, other text at spaces; a word wider than the line is cut.
    """
    words = _WORDS.findall(text)
    result, line = [], ""
    for word in words:
        if text_width((line + word).rstrip(), size, bold=bold) <= width:
            line += word
            continue
        result.append(line.strip())
        line = word.lstrip()
    result = [part for part in (*result, line.strip()) if part]
    if len(result) > lines:
        result = [*result[: lines - 1], result[lines - 1] + "…"]
    return [fit(part, width, size, bold=bold) for part in result]


def fit(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text cut to a width in px, with ``…`` where it was cut."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text.rstrip("…")
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"
