"""Where things stand in a JSON text: a second, position-aware pass made only when needed.

Values of no interest are skipped by the C scanner of the standard library, so that even the
last feature of a large file is found in about the time of one parse. Nothing here recurses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
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
    line, done, begin = 1, 0, 0
    for offset in sorted(set(offsets)):
        line += text.count("\n", done, offset)
        begin = text.rfind("\n", done, offset) + 1 or begin
        done = offset
        result[offset] = line, offset - begin + 1
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


class _FaultScanner:
    """Skips values with the C scanner and remembers the offsets of those that hold a fault."""

    def __init__(self) -> None:
        self.suspects: list[int] = []
        self._is_flagged = False
        decoder = json.JSONDecoder(
            object_pairs_hook=self._on_object, parse_constant=self._on_constant, parse_int=float
        )
        self._scan: Scan = decoder.scan_once  # type: ignore[attr-defined]

    def _on_object(self, pairs: list[tuple[str, object]]) -> None:
        self._is_flagged = self._is_flagged or len(dict(pairs)) != len(pairs)

    def _on_constant(self, _: str) -> None:
        self._is_flagged = True

    def scan(self, text: str, offset: int) -> tuple[object, int]:
        """Skip one value."""
        self._is_flagged = False
        value, end = self._scan(text, offset)
        if self._is_flagged or LONE_SURROGATE.search(text, offset, end):
            self.suspects.append(offset)
        return value, end


def find_faults(text: str) -> Iterator[TextFault]:
    """Find repeated keys, NaN and Infinity, and lone surrogates.

    Only values in which the C scanner has met a fault are entered.
    """
    stack = [(_skip_space(text, 0), "")]
    while stack:
        offset, pointer = stack.pop()
        if text[offset] not in "[{":
            yield from _scalar_faults(text, offset, pointer)
            continue
        scanner = _FaultScanner()
        tokens: dict[int, str] = {}
        seen: set[str] = set()
        for token, key_offset, value_offset in _children(text, offset, scanner.scan):
            tokens[value_offset] = token
            if key_offset != value_offset:
                yield from _key_faults(token, key_offset, pointer, token in seen)
                seen.add(token)
        stack.extend(
            (at, f"{pointer}/{escape_token(tokens[at])}") for at in reversed(scanner.suspects)
        )


def _key_faults(token: str, offset: int, parent: str, is_repeat: bool) -> Iterator[TextFault]:
    pointer = f"{parent}/{escape_token(token)}"
    if is_repeat:
        yield TextFault("duplicate", offset, pointer, token)
    if _has_surrogate(token):
        yield TextFault("surrogate", offset, pointer, token)


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
