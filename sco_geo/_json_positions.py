"""Where things stand in a JSON text: a second, position-aware pass made only when needed.

Values of no interest are skipped by the C scanner of the standard library, so that even the
last feature of a large file is found in about the time of one parse. Nothing here recurses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring
from typing import Literal

_SPACE = re.compile(r"[ \t\n\r]*")
#: Half of a surrogate pair written as an escape, without its other half beside it.
LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]"
)

Scan = Callable[[str, int], tuple[object, int]]


@dataclass(slots=True)
class _Wanted:
    """A node of the tree of wanted pointers."""

    pointers: list[str] = field(default_factory=list)
    children: dict[str, _Wanted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault that parsing hides, with its offset in the text."""

    kind: Literal["duplicate", "constant", "surrogate"]
    offset: int
    pointer: str
    detail: str


def escape_token(token: str) -> str:
    """Escape one token of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both counted from 1, the column in characters."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def lines_and_columns(text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return line and column of many offsets in one pass over the text."""
    result: dict[int, tuple[int, int]] = {}
    line, done = 1, 0
    for offset in sorted(set(offsets)):
        line += text.count("\n", done, offset)
        done = offset
        result[offset] = line, offset - text.rfind("\n", 0, offset)
    return result


def _skipper() -> Scan:
    scan: Scan = json.JSONDecoder(parse_int=float).scan_once  # type: ignore[attr-defined]
    return scan


def _skip_space(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _children(text: str, start: int, scan: Scan) -> Iterator[tuple[str, int, int]]:
    """Yield token, offset of the key and offset of the value for each child of a container.

    The value is skipped only when the next child is asked for.
    """
    is_object = text[start] == "{"
    offset = _skip_space(text, start + 1)
    index = 0
    while text[offset] not in "]}":
        key_offset = value_offset = offset
        token = str(index)
        if is_object:
            token, end = scanstring(text, offset + 1, True)
            value_offset = _skip_space(text, _skip_space(text, end) + 1)
        yield token, key_offset, value_offset
        offset = _skip_space(text, scan(text, value_offset)[1])
        if text[offset] == ",":
            offset = _skip_space(text, offset + 1)
        index += 1


def find_offsets(
    text: str, pointers: Iterable[str], *, has_duplicates: bool = False
) -> dict[str, int]:
    """Find the offsets of the values that JSON pointers name, in a text known to be JSON.

    A pointer to something missing gets the offset of its nearest parent.

    Parameters
    ----------
    has_duplicates : bool
        Whether objects may hold a key twice; then the last one counts, as in the parser.
    """
    root = _Wanted()
    for pointer in set(pointers):
        node = root
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            node = node.children.setdefault(name, _Wanted())
        node.pointers.append(pointer)
    scan = _skipper()
    found: dict[str, int] = {}
    stack = [(_skip_space(text, 0), root)]
    while stack:
        offset, node = stack.pop()
        for pointer in node.pointers:
            found[pointer] = offset
        if not node.children:
            continue
        reached = _reach(text, offset, node, scan, has_duplicates)
        for token, child in node.children.items():
            if token in reached:
                stack.append((reached[token], child))
            else:
                _give_up(child, offset, found)
    return found


def _reach(
    text: str, offset: int, node: _Wanted, scan: Scan, has_duplicates: bool
) -> dict[str, int]:
    reached: dict[str, int] = {}
    if text[offset] not in "[{":
        return reached
    for token, _, value_offset in _children(text, offset, scan):
        if token in node.children:
            reached[token] = value_offset
            if len(reached) == len(node.children) and not has_duplicates:
                break
    return reached


def _give_up(node: _Wanted, offset: int, found: dict[str, int]) -> None:
    stack = [node]
    while stack:
        lost = stack.pop()
        found.update(dict.fromkeys(lost.pointers, offset))
        stack.extend(lost.children.values())


def find_faults(text: str) -> Iterator[TextFault]:
    """Find repeated keys, NaN and Infinity, and lone surrogates, in order of the text.

    Only values in which the C scanner has met a fault are entered.
    """
    is_flagged = False

    def on_object(pairs: list[tuple[str, object]]) -> None:
        nonlocal is_flagged
        is_flagged = is_flagged or len(dict(pairs)) != len(pairs)

    def on_constant(_: str) -> None:
        nonlocal is_flagged
        is_flagged = True

    raw: Scan = json.JSONDecoder(
        object_pairs_hook=on_object, parse_constant=on_constant, parse_int=float
    ).scan_once  # type: ignore[attr-defined]
    suspects: list[int] = []

    def scan(source: str, offset: int) -> tuple[object, int]:
        nonlocal is_flagged
        is_flagged = False
        value, end = raw(source, offset)
        if is_flagged or LONE_SURROGATE.search(source, offset, end):
            suspects.append(offset)
        return value, end

    stack = [(_skip_space(text, 0), "")]
    while stack:
        offset, pointer = stack.pop()
        if text[offset] not in "[{":
            yield from _scalar_faults(text, offset, pointer)
            continue
        suspects.clear()
        tokens: dict[int, str] = {}
        seen: set[str] = set()
        for token, key_offset, value_offset in _children(text, offset, scan):
            tokens[value_offset] = token
            if key_offset == value_offset:
                continue
            here = f"{pointer}/{escape_token(token)}"
            if token in seen:
                yield TextFault("duplicate", key_offset, here, token)
            seen.add(token)
            if _has_surrogate(token):
                yield TextFault("surrogate", key_offset, here, token)
        stack.extend((at, f"{pointer}/{escape_token(tokens[at])}") for at in reversed(suspects))


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _scalar_faults(text: str, offset: int, pointer: str) -> Iterator[TextFault]:
    if text[offset] == '"':
        value = scanstring(text, offset + 1, True)[0]
        if _has_surrogate(value):
            yield TextFault("surrogate", offset, pointer, value)
        return
    match = re.compile(r"-?\w+").match(text, offset)
    yield TextFault("constant", offset, pointer, match.group() if match else "")
