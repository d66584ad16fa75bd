"""The rule on leaps: vertices of a line that lie far away from the rest of it.

Everything is reckoned for all lines at once. Distances are those of a sphere, in degrees: enough
to tell near from far. A leap without an explanation must be very sharp to be reported; one that a
usual slip explains (numbers exchanged, a sign lost) need not be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sco_geo._flat import Bools, Floats, Ints
from sco_geo.model import Finding
from sco_geo.rules._base import Rule, View, register

register(
    Rule(
        "CO116", "warning", "vertex far from the rest of the line",
        "The line leaps to a far vertex, or to several, and back, or begins or ends with a leap.",
        "Usually a lost sign or exchanged numbers; the length is wrong by thousands of km.",
        '{"type": "LineString", "coordinates": '
        "[[69.2, 41.3], [70.1, 41.0], [-71.0, 40.8], [72.3, 40.8]]}",
        '{"type": "LineString", "coordinates": '
        "[[69.2, 41.3], [70.1, 41.0], [71.0, 40.8], [72.3, 40.8]]}",
    ),
)  # fmt: skip

#: A leap must be this long, in degrees, before it is looked at.
_LEAP, _FAR_LEAP = 5.0, 30.0
#: Leaps in one line beyond which they are no slips.
_MOST_LEAPS = 50
#: Vertices whose distances are reckoned at a time.
_BLOCK = 1 << 16

_HINTS = (
    "Check this vertex, or delete it.",
    "The numbers of this vertex seem to be exchanged: longitude comes first.",
    "The longitude seems to have lost or got a minus sign.",
    "The latitude seems to have lost or got a minus sign.",
)


def degrees_between(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Return rough distances, in degrees of a great circle."""
    result = np.empty(len(lon0))
    for begin in range(0, len(lon0), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        phi0, phi1 = np.radians(lat0[part]), np.radians(lat1[part])
        half = np.sin((phi1 - phi0) / 2) ** 2
        turn = np.radians(lon1[part] - lon0[part])
        half += np.cos(phi0) * np.cos(phi1) * np.sin(turn / 2) ** 2
        result[part] = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
    return result


def check_leaps(view: View) -> Iterator[Finding]:
    """Check for vertices far away from the rest of their line."""
    vertices = _candidates(view)
    if not vertices.size:
        return
    flat = view.flat
    lines = _Lines(flat.lon[vertices], flat.lat[vertices], flat.vertex_part[vertices])
    for index, last, leap, hint in sorted([*lines.spikes(), *lines.ends(), *lines.blocks()]):
        if not (lines.lon[index : last + 1].any() or lines.lat[index : last + 1].any()):
            continue  # a vertex at 0, 0 is CO113 already
        number = view.position(int(vertices[index]))
        if last > index:
            what = f"vertices {number} to {number + last - index} are"
            hint = hint.replace("this vertex seem", "these vertices seem")
        else:
            what = f"vertex {number} is"
        message = f"{what} about {leap:.0f}° away from the rest of the line"
        yield view.vertex_finding("CO116", int(vertices[index]), message, hint)


def _candidates(view: View) -> Ints:
    """Return the vertices of lines on the globe that have a long step and three vertices."""
    flat = view.flat
    is_line = flat.is_line_part & view.is_part_in_range & (flat.part_size >= 3)
    # A distance is at most the sum of its two differences.
    span = np.abs(np.diff(flat.lon))
    span += np.abs(np.diff(flat.lat))
    far = np.flatnonzero(span >= _LEAP)
    far = far[flat.vertex_part[far] == flat.vertex_part[far + 1]]
    is_far = np.zeros(len(flat.part_size), dtype=bool)
    is_far[flat.vertex_part[far]] = True
    return np.flatnonzero((is_line & is_far)[flat.vertex_part])


Leap = tuple[int, int, float, str]


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines as runs of vertices with one label each."""

    lon: Floats
    lat: Floats
    label: Ints

    @cached_property
    def first(self) -> Ints:
        """Return the first vertex of each line."""
        return np.flatnonzero(np.diff(self.label, prepend=-1))

    @cached_property
    def last(self) -> Ints:
        """Return the last vertex of each line."""
        return np.append(self.first[1:], len(self.label)) - 1

    @cached_property
    def line(self) -> Ints:
        """Return the line of each vertex, counted from 0."""
        return np.cumsum(np.diff(self.label, prepend=self.label[:1]) != 0)

    @cached_property
    def step(self) -> Floats:
        """Return the distance of each vertex to the next one; 0 for the last of a line."""
        step = np.zeros(len(self.lon))
        step[:-1] = self.distance(np.arange(len(self.lon) - 1), np.arange(1, len(self.lon)))
        step[self.last] = 0.0
        return step

    def distance(self, one: Ints, other: Ints) -> Floats:
        """Return the distances between pairs of vertices."""
        return degrees_between(self.lon[one], self.lat[one], self.lon[other], self.lat[other])

    @cached_property
    def _turns(self) -> tuple[Ints, Floats, Bools]:
        """Return vertices that leap out and back, the span of their neighbours, and how sharply.

        Sharp: out and back by one vertex, while its neighbours are close to each other. Others are
        less sharp, but perhaps a slip explains them. Lines with many go to and fro on purpose.
        """
        there, back = self.step[:-2], self.step[1:-1]
        vertex = np.flatnonzero((there + back >= 2 * _LEAP) & (there > 0) & (back > 0)) + 1
        vertex = vertex[(self.label[vertex - 1] == self.label[vertex + 1])]
        across = self.distance(vertex - 1, vertex + 1)
        there, back = self.step[vertex - 1], self.step[vertex]
        least = np.minimum(there, back)
        is_sharp = (least >= _LEAP) & (least >= 10 * across)
        keep = is_sharp | (there + back >= 3 * across)
        vertex, across, is_sharp = vertex[keep], across[keep], is_sharp[keep]
        few = np.bincount(self.line[vertex], minlength=len(self.first)) <= _MOST_LEAPS
        keep = few[self.line[vertex]]
        return vertex[keep], across[keep], is_sharp[keep]

    @cached_property
    def _is_among_turns(self) -> Bools:
        """Tell which vertices stand beside two that turn: which of the three slipped is not clear.

        Those are left to `blocks`, which looks at the line as a whole.
        """
        is_turn = np.zeros(len(self.step) + 2, dtype=bool)
        is_turn[self._turns[0] + 1] = True
        beside = is_turn[:-2] | is_turn[2:]
        result: Bools = is_turn[1:-1] & beside
        return result

    @cached_property
    def _usual(self) -> Floats:
        """Return the median of the steps of each line without those of its leaps, or NaN."""
        is_other = np.ones(len(self.step), dtype=bool)
        is_other[self.last] = False
        is_other[self._turns[0]] = is_other[self._turns[0] - 1] = False
        steps, line = self.step[is_other], self.line[is_other]
        order = np.lexsort((steps, line))
        count = np.bincount(line, minlength=len(self.first))
        begin = np.cumsum(count) - count
        has_any = count > 0
        result = np.full(len(self.first), np.nan)
        low, high = (count - 1) // 2, count // 2
        steps = steps[order]
        pair = steps[(begin + low)[has_any]], steps[(begin + high)[has_any]]
        result[has_any] = (pair[0] + pair[1]) / 2
        return result

    def spikes(self) -> Iterator[Leap]:
        """Yield single vertices far off their line."""
        vertex, across, is_sharp = self._turns
        usual = self._usual[self.line[vertex]]
        limit = np.where(np.isnan(usual), _FAR_LEAP, np.maximum(10 * usual, _LEAP))
        nearby = 1.2 * across + np.nan_to_num(usual)
        cause = self._cause(vertex, vertex - 1, vertex + 1, nearby)
        # In a line of long steps any vertex could be explained away.
        detour = self.step[vertex - 1] + self.step[vertex]
        cause[detour < np.maximum(2 * nearby, 6 * np.nan_to_num(usual))] = 0
        leap = np.minimum(self.step[vertex - 1], self.step[vertex])
        is_leap = ((cause > 0) | (is_sharp & (leap >= limit))) & ~self._is_among_turns[vertex]
        for index in np.flatnonzero(is_leap).tolist():
            yield int(vertex[index]), int(vertex[index]), float(leap[index]), _HINTS[cause[index]]

    def ends(self) -> Iterator[Leap]:
        """Yield first and last vertices far off their line."""
        for end, near, step in (
            (self.first, self.first + 1, self.first),
            (self.last, self.last - 1, self.last - 1),
        ):
            others = self.step.copy()
            others[step] = 0.0
            most = np.maximum.reduceat(others, self.first)
            leap = self.step[step]
            cause = self._cause(end, near, near, 6 * most)
            is_far = (leap >= _FAR_LEAP) & (self.last - self.first >= 4) & (leap >= 50 * most)
            is_slip = (cause > 0) & (leap >= 2 * _LEAP) & (leap >= 10 * most)
            is_leap = (is_far | is_slip) & ~np.isin(near, self._turns[0])
            is_leap &= np.abs(self.lon[end]) != 180  # a line over the antimeridian is cut there
            for index in np.flatnonzero(is_leap).tolist():
                yield int(end[index]), int(end[index]), float(leap[index]), _HINTS[cause[index]]

    def blocks(self) -> Iterator[Leap]:
        """Yield runs of vertices far off their line that one slip explains, if not yet told."""
        usual = np.nan_to_num(self._usual)
        is_far = self.step >= np.maximum(2 * _LEAP, 10 * usual[self.line])
        count = np.bincount(self.line[is_far], minlength=len(self.first))
        few = (count > 0) & (count <= _MOST_LEAPS) & (5 * count <= 3 * (self.last - self.first))
        far = np.flatnonzero(is_far & few[self.line])
        for cuts in np.split(far, np.flatnonzero(np.diff(self.line[far])) + 1 if far.size else []):
            if cuts.size:
                line = int(self.line[cuts[0]])
                begins = [int(self.first[line]), *(cuts + 1).tolist()]
                ends = [*cuts.tolist(), int(self.last[line])]
                runs = list(zip(begins, ends, strict=True))
                yield from self._bad_runs(runs, 10 * float(usual[line]))

    def _bad_runs(self, runs: list[tuple[int, int]], reach: float) -> Iterator[Leap]:
        """Yield runs of a line that are not near the others, but would be without one slip.

        From the longest run on, to both sides, a run near the last good one is good. Near is
        within `reach` degrees for each vertex on the way.
        """
        body = max(range(len(runs)), key=lambda number: runs[number][1] - runs[number][0])
        for numbers, side in ((range(body + 1, len(runs)), 1), (range(body - 1, -1, -1), 0)):
            good, bad = body, []
            for number in numbers:
                near, vertex = runs[good][side], runs[number][1 - side]
                limit = max(reach * abs(vertex - near), _LEAP)
                if self._way(vertex, near) > limit:
                    bad.append((number, near))
                    continue
                good = number
                yield from self._explained(runs, bad, vertex, side, reach)
                bad = []
            yield from self._explained(runs, bad, None, side, reach)

    def _explained(
        self, runs: list[tuple[int, int]], bad: list[tuple[int, int]],
        beyond: int | None, side: int, reach: float,
    ) -> Iterator[Leap]:  # fmt: skip
        """Yield the bad runs that a slip explains, given the good vertices on their sides."""
        for number, near in bad:
            pairs = [(runs[number][1 - side], near)]
            if beyond is not None:
                pairs.append((runs[number][side], beyond))
            one, other = np.array(pairs).T
            causes = set(self._cause(one, other, other, 2 * reach * np.abs(one - other)).tolist())
            cause = causes.pop() if len(causes) == 1 else 0
            is_single = runs[number][0] == runs[number][1]
            # A run of many vertices may be a far piece on purpose, unless a slip explains it.
            if self._is_among_turns[runs[number][0]] if is_single else cause:
                leap = float(self.distance(one, other).min())
                yield *runs[number], leap, _HINTS[cause]

    def _way(self, one: int, other: int) -> float:
        return float(self.distance(np.array([one]), np.array([other]))[0])

    def _cause(self, vertex: Ints, before: Ints, after: Ints, limit: Floats) -> Ints:
        """Name the slip that, undone, brings each vertex within a limit of its neighbours; or 0.

        Parameters
        ----------
        limit : array of float
            Longest way, in degrees, from the vertex before over this one to the one after.
        """
        x, y = self.lon[vertex], self.lat[vertex]
        best, cause = limit.copy(), np.zeros(len(vertex), dtype=np.int64)
        for slip, (lon, lat) in enumerate(((y, x), (-x, y), (x, -y)), start=1):
            is_other = (np.abs(lat) <= 90) & ((lon != x) | (lat != y))
            lat = np.clip(lat, -90, 90)
            way = degrees_between(self.lon[before], self.lat[before], lon, lat)
            way += degrees_between(lon, lat, self.lon[after], self.lat[after])
            is_best = is_other & (way <= best)
            best[is_best] = way[is_best]
            cause[is_best] = slip
        return cause
