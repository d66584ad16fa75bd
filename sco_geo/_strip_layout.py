"""Where the dots and labels of a strip chart stand: the axis, the stacks, the figures in words."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sco_geo._svg import text_width
from sco_geo.claims import ClaimCheck
from sco_geo.units import Language

#: Radius of a dot, the least distance of two dots of one rank, the pitch of ranks, all in px.
RADIUS, ROOM, PITCH = 3.4, 7.2, 7.4
#: Size of the text of labels in px.
SMALL: Final = 11.0
#: Published lengths beyond this multiple of the computed one are drawn at the edge, as arrows.
MOST: Final = 3.0
#: Parts of the computed length from one tick of the axis to the next.
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5)
#: How far from the middle of its dot a label below the axis may stand, in px, best first.
_SHIFTS = (0.0, 5.0, -5.0, 10.0, -10.0)
#: On which side of their dots the labels of one or two figures may stand, -1 is the left.
_SIDES: dict[int, tuple[tuple[int, ...], ...]] = {1: ((1,), (-1,)), 2: ((-1, 1),)}


@dataclass(frozen=True)
class Scale:
    """The common axis: multiples of the computed length from `low` to `high`, in px."""

    low: float
    high: float
    step: float
    left: float
    right: float

    def x(self, ratio: float) -> float:
        """Return the place of a multiple of the computed length; beyond the axis, its edge."""
        if ratio > self.high:
            return self.right + ROOM
        return self.left + (self.right - self.left) * (ratio - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        """Return the multiples that the axis names."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        return [number * self.step for number in range(first, last + 1)]


def scale_for(ratios: Iterable[float], left: float, right: float) -> Scale:
    """Choose an axis of at most 14 steps with 100 % and every figure up to `MOST`."""
    seen = [min(ratio, MOST) for ratio in ratios]
    low, high = min(1.0, *seen) - 0.015, max(1.0, *seen) + 0.015
    step = next((step for step in _STEPS if (high - low) / step <= 13), _STEPS[-1])
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Scale(max(low, 0.0), min(high, MOST), step, left, right)


@dataclass(frozen=True)
class Dot:
    """A published figure: its place in px, and how many places above the axis it stands."""

    claim: ClaimCheck
    ratio: float
    x: float
    rank: int


def dots_of(claims: Sequence[ClaimCheck], computed_km: float, scale: Scale) -> list[Dot]:
    """Place the published figures of one row, in ascending order."""
    ordered = sorted(claims, key=lambda claim: (claim.value_km, not claim.current))
    ratios = [claim.value_km / computed_km for claim in ordered]
    xs = [scale.x(ratio) for ratio in ratios]
    return [Dot(*parts) for parts in zip(ordered, ratios, xs, stack(xs), strict=True)]


def stack(xs: Sequence[float]) -> list[int]:
    """Return the rank of each dot, so that dots which would cover each other have two.

    Parameters
    ----------
    xs : sequence of float
        Places in px, ascending.
    """
    ranks: list[int] = []
    for i, x in enumerate(xs):
        taken = {rank for rank, other in zip(ranks, xs, strict=False) if x - other < ROOM}
        ranks.append(next(rank for rank in range(i + 1) if rank not in taken))
    return ranks


@dataclass(frozen=True)
class Label:
    """The words of a figure, the middle of their place in px, and the line that they stand in.

    Line 0 is that of the dots, lines 1 and 2 are below it.
    """

    claim: ClaimCheck
    text: str
    x: float
    line: int


def labels_of(dots: Sequence[Dot], scale: Scale, language: Language, right: float) -> list[Label]:
    """Place the labels of one row without collisions, no further than `right`.

    One or two figures stand beside their dots if there is room. Else labels stand in two lines
    below: first the figures that hold, then the least and the greatest, then what has room.
    """
    distinct = list({dot.claim.value_km: dot for dot in reversed(dots)}.values())[::-1]
    for sides in _SIDES.get(len(distinct), ()):
        labels = [_beside(dot, side, language) for dot, side in zip(distinct, sides, strict=True)]
        if all(_is_free(label, dots, scale, right) for label in labels):
            return labels
    return _below(distinct, language, right)


def _beside(dot: Dot, side: int, language: Language) -> Label:
    text = number(dot.claim.value_km, language)
    return Label(dot.claim, text, dot.x + side * (_half(text) + RADIUS + 4), 0)


def _is_free(label: Label, dots: Sequence[Dot], scale: Scale, right: float) -> bool:
    half = _half(label.text)
    taken = (scale.x(1.0), *(dot.x for dot in dots))
    is_inside = scale.left <= label.x - half and label.x + half <= right
    return is_inside and all(abs(label.x - x) > half + RADIUS + 1 for x in taken)


def _below(distinct: Sequence[Dot], language: Language, right: float) -> list[Label]:
    ends = (distinct[0], distinct[-1])
    placed: list[Label] = []
    named: list[float] = []
    for dot in sorted(distinct, key=lambda dot: (not dot.claim.current, dot not in ends)):
        if any(abs(dot.x - x) <= RADIUS for x in named):
            continue  # that label says it near enough
        text = number(dot.claim.value_km, language)
        for shift, line in itertools.product(_SHIFTS, (1, 2)):
            label = Label(dot.claim, text, min(dot.x + shift, right - _half(text)), line)
            if not any(_collide(label, other) for other in placed):
                placed.append(label)
                named.append(dot.x)
                break
    return placed


def _collide(one: Label, other: Label) -> bool:
    room = _half(one.text) + _half(other.text) + 5
    return one.line == other.line and abs(one.x - other.x) < room


def _half(text: str) -> float:
    return text_width(text, SMALL, bold=True) / 2


def number(value: float, language: Language, digits: int = 3) -> str:
    """Write a number as a reader of the language does, with at most so many decimals."""
    text = f"{value:,.{digits}f}" if value < 1e9 else f"{value:.4g}"
    if digits and "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate({44: "\u00a0", 46: ","}) if language == "ru" else text
