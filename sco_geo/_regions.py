"""Read the arrays of coordinates of a GeoJSON text straight into numbers, without a tree of lists.

Nine tenths of a GeoJSON file are coordinates. As Python objects they need ten times their size,
and every rule wants them as arrays anyway. Here each well-formed array after a key "coordinates" is
found in the bytes and read in blocks: the brackets and commas by numpy, the numbers by orjson.
An array with anything unusual in it is left alone; it is parsed as ordinary JSON, and explained.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

#: An array of numbers after the key; whether brackets and commas are in order is seen later.
_PATTERN = re.compile(
    rb'"coordinates"[ \t\n\r]*:[ \t\n\r]*(\[[-+0-9.eE, \t\n\r\[\]]*\])'
)  # fmt: skip
#: A comma between two positions of one line or ring, where a long array may be cut.
_SEAM = re.compile(rb"[^\]\s]\s*\](\s*,\s*)\[\s*[^\[\s]")
_HEAD = re.compile(rb"[\[ \t\n\r]*")
#: Bytes that are read at a time; two blocks fit into the cache of a core.
_BLOCK = 1 << 20
#: Deepest arrays that are read here: those of a MultiPolygon.
_DEEPEST = 4
#: White space between two signs that is looked at one by one; a line break and its indentation.
_USUAL_GAP = 12

_OPEN, _CLOSE, _COMMA = ord("["), ord("]"), ord(",")
_BRACKETS = _OPEN | _CLOSE
_BLANK = bytes.maketrans(b"[]", b"  ")
_IS_INK = ~np.isin(np.arange(256), list(b" \t\n\r"))


class Region(int):
    """What stands in the tree for an array that was read: its number, from 0."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Positions of one or more arrays.

    Parameters
    ----------
    lon, lat : array of float64
        One entry a position.
    height : array of float64 or None
        The third numbers, NaN where there is none; None if no position has one.
    sizes : array of uint8 or None
        Count of numbers of each position, at most 255; None if all have two.
    opens : array of uint8
        Brackets that open right before the position: 1 begins a line or ring, 2 a polygon.
    counts, depth : array of int
        Positions of each array, and levels of brackets around its numbers (1 for a Point).
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    height: NDArray[np.float64] | None
    sizes: NDArray[np.uint8] | None
    opens: NDArray[np.uint8]
    counts: NDArray[np.int64]
    depth: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Regions:
    """All arrays of coordinates of a text that could be read.

    Parameters
    ----------
    starts, ends : array of int64
        Bytes ``starts[k]:ends[k]`` of the text are array ``k``.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    block: Block

    def __len__(self) -> int:
        return len(self.starts)


def read_regions(data: bytes) -> Regions:
    """Read all well-formed arrays of coordinates of a JSON text."""
    edges = array("q")
    for match in _PATTERN.finditer(data):
        edges.extend(match.span(1))
    spans = np.array(edges, dtype=np.int64).reshape(-1, 2)
    blocks: list[Block] = []
    kept = [np.empty(0, dtype=np.int64)]
    for first, last in _groups(spans):
        for begin, end, block in _read_group(data, spans, first, last):
            blocks.append(block)
            kept.append(np.arange(begin, end))
    spans = spans[np.concatenate(kept)]
    return Regions(spans[:, 0], spans[:, 1], _join(blocks))


def _groups(spans: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of arrays that together have about the size of a block."""
    total = np.cumsum(spans[:, 1] - spans[:, 0])
    first = 0
    while first < len(spans):
        done = int(total[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(total, done + _BLOCK)))
        yield first, last
        first = last


def _read_group(
    data: bytes, spans: NDArray[np.int64], first: int, last: int
) -> Iterator[tuple[int, int, Block]]:
    """Read a range of arrays; where something is wrong, half by half, to leave that one out."""
    if last - first == 1:
        block = _read_one(data, *spans[first].tolist())
    else:
        pieces = [data[begin:end] for begin, end in spans[first:last].tolist()]
        block = _read_block(b",".join(pieces), [len(piece) for piece in pieces])
    if block is not None:
        yield first, last, block
    elif last - first > 1:
        middle = (first + last) // 2
        yield from _read_group(data, spans, first, middle)
        yield from _read_group(data, spans, middle, last)


def _read_one(data: bytes, begin: int, end: int) -> Block | None:
    """Read one array, a long one in pieces."""
    head = _HEAD.match(data, begin, end)
    depth = head.group().count(b"[") if head else 0
    pieces: list[Block] = []
    while begin < end:
        far = begin + 2 * _BLOCK < end and 1 < depth <= _DEEPEST
        seam = _SEAM.search(data, begin + _BLOCK, end) if far else None
        stop = seam.start(1) if seam else end
        text = data[begin:stop]
        if pieces:
            text = b"[" * (depth - 1) + text
        if seam:
            text += b"]" * (depth - 1)
        block = _read_block(text, [len(text)])
        if block is None or block.depth[0] != depth:
            return None
        if pieces:
            block.opens[0] = 0
        pieces.append(block)
        begin = seam.end(1) if seam else end
    whole = _join(pieces)
    return Block(
        whole.lon, whole.lat, whole.height, whole.sizes, whole.opens,
        whole.counts.sum(keepdims=True), whole.depth[:1],
    )  # fmt: skip


def _read_block(text: bytes, lengths: list[int]) -> Block | None:
    """Read arrays joined by commas; None if anything in them is not as it should be."""
    signs = _Signs(np.frombuffer(text, dtype=np.uint8))
    if not signs.are_in_order(lengths):
        return None
    try:
        numbers = orjson.loads(b"[" + text.translate(_BLANK) + b"]")
    except orjson.JSONDecodeError:
        return None
    return signs.shape(np.array(numbers, dtype=np.float64))


class _Signs:
    """The brackets and commas of a block of arrays."""

    def __init__(self, text: NDArray[np.uint8]) -> None:
        self.text = text
        # Both brackets, and beside them only letters that no array holds, give the same with 6.
        self.at = np.flatnonzero(((text | 6) == _BRACKETS) | (text == _COMMA))
        sign = text[self.at]
        self.is_open = sign == _OPEN
        self.is_close = sign == _CLOSE
        self.is_comma = ~(self.is_open | self.is_close)
        step = self.is_open.view(np.int8) - self.is_close.view(np.int8)
        self.level = np.cumsum(step, dtype=np.int32)

    def are_in_order(self, lengths: list[int]) -> bool:
        """Tell whether brackets are balanced and commas stand between things of one kind."""
        joints = np.cumsum(np.array(lengths[:-1], dtype=np.int64) + 1) - 1
        is_joint = self.is_comma & (self.level == 0)
        if self.level.min() < 0 or self.level[-1] or self.level.max() > _DEEPEST:
            return False
        if not np.array_equal(self.at[is_joint], joints):
            return False
        self.region = np.cumsum(is_joint)
        after_close, before_open = self.is_close[:-1], self.is_open[1:]
        if (after_close & before_open).any():
            return False
        # A comma after a bracket that closes, and only that, stands before one that opens.
        if (self.is_comma[1:-1] & (after_close[:-1] != before_open[1:])).any():
            return False
        return not self._has_ink(np.flatnonzero(after_close | before_open))

    def _has_ink(self, gaps: NDArray[np.int64]) -> bool:
        """Tell whether anything but white space stands in gaps between two signs."""
        begin, end = self.at[gaps] + 1, self.at[gaps + 1]
        for _ in range(_USUAL_GAP):
            is_wide = end > begin
            if not is_wide.any():
                return False
            begin, end = begin[is_wide], end[is_wide]
            if _IS_INK[self.text[begin]].any():
                return True
            begin += 1
        ink = np.cumsum(_IS_INK[self.text], dtype=np.int32)
        return bool((ink[end - 1] != ink[begin - 1]).any())

    def shape(self, numbers: NDArray[np.float64]) -> Block | None:
        """Share out the numbers to positions."""
        is_position = self.is_open.copy()
        is_position[:-1] &= ~self.is_open[1:]
        at = np.flatnonzero(is_position)
        is_number_comma = self.is_comma.copy()
        is_number_comma[1:] &= ~self.is_close[:-1]
        commas = np.cumsum(is_number_comma, dtype=np.int32)
        sizes = np.diff(commas[at], append=commas[-1]) + 1
        region = self.region[at]
        first = np.flatnonzero(np.diff(region, prepend=-1))
        depth = self.level[at[first]].astype(np.int64)
        counts = np.diff(first, append=len(at))
        is_sound = sizes.min() >= 2 and sizes.max() <= 255 and sizes.sum() == len(numbers)
        if not is_sound or (self.level[at] != np.repeat(depth, counts)).any():
            return None
        lon, lat, height = _columns(numbers, sizes)
        return Block(
            lon, lat, height, None if (sizes == 2).all() else sizes.astype(np.uint8),
            self._opens(at), counts, depth,
        )  # fmt: skip

    def _opens(self, at: NDArray[np.int64]) -> NDArray[np.uint8]:
        opens = np.zeros(len(at), dtype=np.uint8)
        is_run = np.ones(len(at), dtype=bool)
        for back in range(1, _DEEPEST):
            is_run &= (at >= back) & self.is_open[at - back]
            opens += is_run
        return opens


def _columns(
    numbers: NDArray[np.float64], sizes: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
    if (sizes == sizes[0]).all():
        table = numbers.reshape(-1, int(sizes[0]))
        height = table[:, 2].copy() if sizes[0] > 2 else None
        return table[:, 0].copy(), table[:, 1].copy(), height
    starts = np.cumsum(sizes) - sizes
    height = np.full(len(sizes), np.nan)
    height[sizes > 2] = numbers[starts[sizes > 2] + 2]
    return numbers[starts], numbers[starts + 1], height


def _join(blocks: list[Block]) -> Block:
    """Put blocks one after the other."""
    has_height = any(block.height is not None for block in blocks)
    has_sizes = any(block.sizes is not None for block in blocks)

    def column(arrays: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.concatenate([np.empty(0), *arrays])

    def heights(block: Block) -> NDArray[np.float64]:
        return np.full(len(block.lon), np.nan) if block.height is None else block.height

    def sizes(block: Block) -> NDArray[np.uint8]:
        return np.full(len(block.lon), 2, np.uint8) if block.sizes is None else block.sizes

    none = np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.int64)
    return Block(
        lon=column([block.lon for block in blocks]),
        lat=column([block.lat for block in blocks]),
        height=column([heights(block) for block in blocks]) if has_height else None,
        sizes=np.concatenate([sizes(block) for block in blocks]) if has_sizes else None,
        opens=np.concatenate([none[0], *(block.opens for block in blocks)]),
        counts=np.concatenate([none[1], *(block.counts for block in blocks)]),
        depth=np.concatenate([none[1], *(block.depth for block in blocks)]),
    )
