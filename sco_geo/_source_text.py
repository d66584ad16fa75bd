"""The text of a file, where things stand in it, and its skeleton: all but the coordinates.

The arrays of coordinates that `_regions` has read are no more in the skeleton; a number stands for
each. So the skeleton is short, and the standard parser reads it with all its strictness. Every
place in it has its place in the text, which this module knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sco_geo import _json_positions
from sco_geo._regions import Block, Region, Regions

#: Value that stands in the skeleton for array 0; the next ones count up from it. All have the
#: same width and white space around them, so that they can never join what stands beside them.
_BASE = 7_000_000_000_000_000
_WIDTH = len(f" {_BASE} ")
_STRIDE = 1 << 20
_OPEN, _NEWLINE = ord("["), ord("\n")
#: Opening brackets up to the end of a line, and that end with the white space around it.
_BRACKETS = re.compile(r"[\[{]+[ \t]*")
_LINE_END = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
#: Bytes that are read for each character of an excerpt over several lines.
_INDENT = 256
_IS_INK = ~np.isin(np.arange(256), list(b" \t\n\r"))

_NO_SIGN = bytes(set(range(256)) - set(b'[]{}":'))

Ints = NDArray[np.int64]
Place = tuple[int, int]


def as_region(value: int, count: int) -> Region | None:
    """Return the region that an integer of the skeleton stands for, if it is one of `count`."""
    return Region(value - _BASE) if 0 <= value - _BASE < count else None


def skeleton_of(data: bytes, regions: Regions) -> bytes:
    """Return the text with a number in place of each array of coordinates that was read."""
    pieces: list[bytes] = []
    done = 0
    for number, (start, end) in enumerate(
        zip(regions.starts.tolist(), regions.ends.tolist(), strict=True)
    ):
        pieces += data[done:start], b" %d " % (_BASE + number)
        done = end
    pieces.append(data[done:])
    return b"".join(pieces)


def signs_of(data: bytes) -> NDArray[np.uint8]:
    """Return the brackets and colons of a JSON text that stand outside strings."""
    if b"\\" in data:  # pairs of backslashes first: what then stands before a quote escapes it
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    signs = np.frombuffer(data.translate(None, _NO_SIGN), dtype=np.uint8)
    is_quote = signs == ord('"')
    return signs[~is_quote & (np.cumsum(is_quote, dtype=np.uint8) % 2 == 0)]


@dataclass(frozen=True, eq=False)
class SourceText:
    """A text and its skeleton.

    Parameters
    ----------
    data : bytes
        The text without a byte order mark.
    skeleton : str
        The same with numbers in place of `regions`.
    """

    data: bytes
    skeleton: str
    regions: Regions

    @cached_property
    def _newlines(self) -> Ints:
        text = np.frombuffer(self.data, dtype=np.uint8)
        found = [
            np.flatnonzero(text[begin : begin + _STRIDE] == _NEWLINE) + begin
            for begin in range(0, len(text), _STRIDE)
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *found])

    @cached_property
    def has_escapes(self) -> bool:
        """Tell whether a key could be written with escapes."""
        return "\\u" in self.skeleton

    @cached_property
    def _region_offsets(self) -> Ints:
        """Return the byte of the skeleton at which each number for a region begins."""
        cut = self.regions.ends - self.regions.starts - _WIDTH
        result: Ints = self.regions.starts - (np.cumsum(cut) - cut)
        return result

    def region_value(self, number: int) -> object:
        """Return an array of coordinates as lists."""
        begin, end = int(self.regions.starts[number]), int(self.regions.ends[number])
        value: object = json.loads(self.data[begin:end])
        return value

    def bytes_of(self, offsets: Iterable[int]) -> dict[int, int]:
        """Return the byte in the text of characters of the skeleton."""
        result: dict[int, int] = {}
        is_ascii = self.skeleton.isascii()
        done = place = 0
        for offset in sorted(set(offsets)):
            piece = self.skeleton[done:offset]
            place += offset - done if is_ascii else len(piece.encode("utf-8", "surrogatepass"))
            done = offset
            result[offset] = self.byte_of(place)
        return result

    def byte_of(self, place: int) -> int:
        """Return the byte in the text of a byte of the skeleton."""
        number = int(np.searchsorted(self._region_offsets, place, side="right")) - 1
        if number < 0:
            return place
        past = place - int(self._region_offsets[number]) - _WIDTH
        return int(self.regions.starts[number] if past < 0 else self.regions.ends[number] + past)

    def places(self, offsets: Iterable[int]) -> dict[int, Place]:
        """Return line and column of bytes of the text, from 1, columns in characters."""
        result: dict[int, Place] = {}
        begin = done = column = 0
        for offset in sorted(set(offsets)):
            line = int(np.searchsorted(self._newlines, offset))
            start = int(self._newlines[line - 1]) + 1 if line else 0
            if start != begin or not result:
                begin = done = start
                column = 1
            column += _count_characters(self.data[done:offset])
            done = offset
            result[offset] = line + 1, column
        return result

    def places_of(self, offsets: Iterable[int]) -> dict[int, Place]:
        """Return line and column of characters of the skeleton."""
        in_bytes = self.bytes_of(offsets)
        places = self.places(in_bytes.values())
        return {offset: places[byte] for offset, byte in in_bytes.items()}

    def shown(self, offset: int, size: int) -> str:
        """Return some characters of the text from a character of the skeleton on."""
        byte = self.bytes_of([offset])[offset]
        return self.data[byte : byte + 4 * size].decode("utf-8", "replace")[:size]

    def excerpt(self, line: int, column: int, width: int) -> tuple[str, int]:
        """Return at most `width` characters of a line around a column, and where that is in them.

        An opening bracket alone says nothing: if the line has nothing else from the column on, the
        lines after it follow, with one space for each end of a line and what is blank beside it.

        Parameters
        ----------
        line, column : int
            Counted from 1, the column in characters.
        """
        if not 0 < line <= len(self._newlines) + 1:
            return "", 0
        begin = int(self._newlines[line - 2]) + 1 if line > 1 else 0
        is_last = line > len(self._newlines)
        end = len(self.data) if is_last else int(self._newlines[line - 1])
        if self.data[begin:end].endswith(b"\r"):
            end -= 1
        before = max(0, column - 1 - width)
        start = _skip_characters(self.data, begin, end, before)
        # Twice the width, of four bytes a character at most, and the rest of a last character.
        text = self.data[start : min(end, start + 8 * width)].decode("utf-8", "replace")
        place = min(column - 1 - before, len(text))
        if _BRACKETS.fullmatch(text, place) and end <= start + 8 * width:
            after = self.data[end : end + _INDENT * width].decode("utf-8", "replace")
            text = (text.rstrip(" \t") + _LINE_END.sub(" ", after)).rstrip()
        stop = min(len(text), max(place - width // 2, 0) + width)
        first = max(0, stop - width)
        return text[first:stop], place - first

    def locate(
        self,
        pointers: Iterable[str],
        *,
        region_of: Callable[[str], int | None],
        has_duplicates: bool,
    ) -> dict[str, Place]:
        """Return line and column of the values that JSON pointers name.

        Parameters
        ----------
        region_of : function
            Returns the region that a pointer names if that is known without looking at the text.
        """
        split = {pointer: _split(pointer) for pointer in set(pointers)}
        regions = {pointer: region_of(head) for pointer, (head, _) in split.items()}
        # A pointer into a region that is not known yet leads to the number that stands for it.
        offsets = _json_positions.find_offsets(
            self.skeleton,
            [pointer for pointer, region in regions.items() if region is None],
            has_duplicates=has_duplicates,
        )
        in_bytes = self.bytes_of(offsets.values())
        starts = self.regions.starts
        found: dict[str, int] = {}
        inside: dict[int, list[tuple[str, list[str]]]] = {}
        for pointer, (_, rest) in split.items():
            region = regions[pointer]
            byte = in_bytes[offsets[pointer]] if region is None else int(starts[region])
            found[pointer] = byte
            number = int(np.searchsorted(starts, byte))
            if rest and number < len(starts) and starts[number] == byte:
                inside.setdefault(number, []).append((pointer, rest))
        for number, rests in inside.items():
            found.update(self._locate_inside(number, rests))
        places = self.places(found.values())
        return {pointer: places[byte] for pointer, byte in found.items()}

    def _locate_inside(
        self, number: int, rests: list[tuple[str, list[str]]]
    ) -> Iterator[tuple[str, int]]:
        """Find elements of one array of coordinates."""
        block = self.regions.block
        last = int(block.counts[: number + 1].sum())
        opens = block.opens[last - int(block.counts[number]) : last]
        depth = int(block.depth[number])
        # An element begins where all brackets below its level open anew.
        starts = [np.flatnonzero(opens >= least) for least in range(depth - 2, -1, -1)]
        ordinals = {pointer: _ordinal(starts, len(opens), rest) for pointer, rest in rests}
        begin, end = int(self.regions.starts[number]), int(self.regions.ends[number])
        at = _position_offsets(self.data, begin, end, {o for o in ordinals.values() if o >= 0})
        for pointer, rest in rests:
            if ordinals[pointer] < 0:
                continue
            byte = at[ordinals[pointer]]
            for _ in range(depth - 1 - len(rest)):
                byte = self.data.rfind(b"[", begin, byte)
            if len(rest) == depth:
                byte = _number_offset(self.data, byte, int(rest[-1]))
            yield pointer, byte


def _count_characters(data: bytes) -> int:
    return len(data) if data.isascii() else len(data.decode("utf-8", "replace"))


def _skip_characters(data: bytes, begin: int, end: int, count: int) -> int:
    """Return the byte after `count` characters."""
    while count > 0 and begin < end:
        stop = min(end, begin + count)
        # A piece may end inside a character, whose other bytes then belong to it.
        while stop < end and data[stop] & 0xC0 == 0x80:
            stop += 1
        count -= _count_characters(data[begin:stop])
        begin = stop
    return begin


def _split(pointer: str) -> tuple[str, list[str]]:
    """Split a pointer after its last token "coordinates" if only numbers follow."""
    head, name, rest = pointer.rpartition("/coordinates")
    tokens = rest.split("/")[1:]
    if name and not rest.partition("/")[0] and all(t.isdecimal() for t in tokens):
        return head + name, tokens
    return pointer, []


def _ordinal(starts: list[Ints], count: int, rest: list[str]) -> int:
    """Return the number of the first position of an element of an array, or -1 without it.

    Parameters
    ----------
    starts : list of array of int
        The positions at which elements begin, level by level from the outermost.
    count : int
        Positions of the whole array.
    """
    if len(rest) > len(starts) + 1:
        return -1
    first, last = 0, count
    for begins, token in zip(starts, rest, strict=False):
        index = int(np.searchsorted(begins, first)) + int(token)
        if index >= len(begins) or begins[index] >= last:
            return -1
        first = int(begins[index])
        last = min(last, int(begins[index + 1])) if index + 1 < len(begins) else last
    return first


def _position_offsets(data: bytes, begin: int, end: int, ordinals: set[int]) -> dict[int, int]:
    """Return the bytes at which positions of an array begin, by their number in it."""
    wanted = np.array(sorted(ordinals), dtype=np.int64)
    found: dict[int, int] = {}
    done = 0
    while begin < end and len(found) < len(wanted):
        stop = min(begin + _STRIDE, end)
        while stop < end and data[stop - 1] in b"[ \t\n\r":
            stop += 1
        text = np.frombuffer(data, dtype=np.uint8, count=stop - begin, offset=begin)
        at = np.flatnonzero(_IS_INK[text])
        is_open = text[at] == _OPEN
        positions = at[:-1][is_open[:-1] & ~is_open[1:]] + begin
        here = wanted[(wanted >= done) & (wanted < done + len(positions))]
        found.update(zip(here.tolist(), positions[here - done].tolist(), strict=True))
        done += len(positions)
        begin = stop
    return found


def _number_offset(data: bytes, byte: int, index: int) -> int:
    """Return the byte at which a number of the position at `byte` begins."""
    end = data.find(b"]", byte)
    at = byte + 1
    for _ in range(index):
        comma = data.find(b",", at, end)
        if comma < 0:
            return byte
        at = comma + 1
    while data[at] in b" \t\n\r":
        at += 1
    return at


def no_regions() -> Regions:
    """Return regions of a text of which no array was read."""
    none = np.empty(0, dtype=np.int64)
    floats: Any = np.empty(0)
    block = Block(floats, floats, None, None, np.empty(0, dtype=np.uint8), none, none)
    return Regions(none, none, block)
