"""Decide for one document which faults are mended, and by which changes of its text.

Nothing here changes anything: a `Work` is a list of edits and what they are for. Positions keep
the text that they have in the file, so that numbers that do not change keep their spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sco_geo import geodesy
from sco_geo._cutting import DECIMALS, Corner, Floats, Path, Vertices
from sco_geo._text_edits import (
    Edit,
    Span,
    joint,
    member_span,
    position_spans,
    round_positions,
    value_span,
    with_height_of,
    with_lon,
    write_position,
)
from sco_geo.model import Finding
from sco_geo.rules import View
from sco_geo.rules._base import plural
from sco_geo.rules._mendable import (
    gap_m,
    line_pieces,
    polygon_pieces,
    same_crs,
    without_repeats,
)

CRS, ROUND, REPEAT, CLOSE, LEVEL = "GJ112", "CO114", "GM203", "GM212", "GM213"
CUT_LINE, CUT_AREA = "CO103", "GM241"
WINDING = ("GM214", "GM215")
#: Codes of findings that a plan can take care of; the byte order mark is no part of the text.
MENDABLE = frozenset({CRS, ROUND, REPEAT, CLOSE, LEVEL, CUT_LINE, CUT_AREA, *WINDING})

#: Of a polygon that is too intricate for GEOS: nobody could tell whether rounding is good for it.
UNCHECKED = "GM231"

#: Findings of one part by code.
Faults = dict[str, Finding]
#: Code and row of what shall be left as it is; None stands for all rows.
Spared = set[tuple[str, int | None]]


@dataclass(slots=True)
class Work:
    """What is done to one geometry, or to the whole file.

    Parameters
    ----------
    row : int or None
        Row of the feature in `Flat.features`; None for the file.
    done : list of (Finding, str)
        The findings that are mended, each with what is done.
    """

    row: int | None
    done: list[tuple[Finding, str]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        """Return the codes of the findings that are mended."""
        return {finding.code for finding, _ in self.done}


class _Source:
    """The text of some geometries of a document, part by part and position by position."""

    def __init__(self, text: str, view: View, geometries: Iterable[int]) -> None:
        self.text = text
        self.flat = flat = view.flat
        self.vertices = Vertices(flat.lon, flat.lat, flat.height)
        pointers = []
        for geometry in geometries:
            pointer = flat.geometry_pointer(geometry)
            pointers += [f"{pointer}/type", f"{pointer}/coordinates"]
            for part in self.parts(geometry):
                pointers += [flat.part_pointer(part), flat.part_pointer(part).rpartition("/")[0]]
        self._starts = _offsets(view, text, pointers)
        self._positions: dict[int, list[Span]] = {}

    def parts(self, geometry: int) -> range:
        """Return the parts of a geometry."""
        ends = np.searchsorted(self.flat.part_geometry, [geometry, geometry + 1])
        return range(*ends.tolist())

    def first(self, part: int) -> int:
        """Return the first vertex of a part."""
        return int(self.flat.offsets[part])

    def positions(self, part: int) -> list[Span]:
        """Return where the positions of a part stand."""
        if part not in self._positions:
            start = self._starts[self.flat.part_pointer(part)]
            self._positions[part] = position_spans(self.text, start, int(self.flat.part_size[part]))
        return self._positions[part]

    def position(self, part: int, number: int) -> str:
        """Return the text of one position."""
        return self.text[slice(*self.positions(part)[number])]

    def replacing(self, pointer: str, new: str) -> Edit:
        """Return the edit that puts a new text in the place of a value."""
        return Edit(*value_span(self.text, self._starts[pointer]), new)

    def comma(self, part: int) -> str:
        """Return what stands between positions."""
        return joint(self.text, self.positions(part))

    def array(self, path: Path, like: int) -> str:
        """Write the corners of a piece as an array, spaced like a part of the original."""
        return f"[{self.comma(like).join(self._corner(corner, like) for corner in path)}]"

    def _corner(self, corner: Corner, like: int) -> str:
        if corner.vertex < 0:
            values = [*self.vertices.place(corner), corner.height]
            return write_position(values[: 2 if np.isnan(corner.height) else 3],
                                  self.position(like, 0))  # fmt: skip
        part = int(self.flat.vertex_part[corner.vertex])
        text = self.position(part, corner.vertex - self.first(part))
        return text if corner.lon is None else with_lon(text, corner.lon)


class Plan:
    """The works on one document.

    Parameters
    ----------
    text : str
        What the document was read from, without a byte order mark.
    findings : iterable of Finding
        What the rules say about the document.
    spared : set of (str, int or None)
        What shall be left as it is.
    """

    def __init__(self, text: str, view: View, findings: Iterable[Finding], spared: Spared) -> None:
        self._text = text
        self._view = view
        self._flat = view.flat
        self._spared = set(spared)
        self._row_of = {row.index: number for number, row in enumerate(view.flat.features)}
        self._crs: list[Finding] = []
        self._rounding: Finding | None = None
        self._geometries: dict[int, dict[int, Faults]] = {}
        self._parts: dict[int, dict[str, int]] = {}
        findings = list(findings)
        for finding in findings:
            if finding.code == UNCHECKED and finding.feature_index is not None:
                row = self._row_of[finding.feature_index]
                self._spared.add((ROUND, row))
        for finding in findings:
            if finding.fixable and finding.code in MENDABLE and (finding.code, None) not in spared:
                self._sort_in(finding)

    def _sort_in(self, finding: Finding) -> None:
        if finding.code == CRS:
            self._crs.append(finding)
            return
        if finding.code == ROUND:
            self._rounding = finding
            return
        row = self._row_of[finding.feature_index or 0]
        part = self._part_of(row, finding.pointer or "")
        if part is not None and (finding.code, row) not in self._spared:
            parts = self._geometries.setdefault(int(self._flat.part_geometry[part]), {})
            parts.setdefault(part, {})[finding.code] = finding

    def _part_of(self, row: int, pointer: str) -> int | None:
        if row not in self._parts:
            parts = range(*np.searchsorted(self._flat.part_feature, [row, row + 1]).tolist())
            self._parts[row] = {self._flat.part_pointer(part): part for part in parts}
        return self._parts[row].get(pointer.rpartition("/")[0])

    def works(self) -> list[Work]:
        """Return the works that can be done at once.

        First rings are closed: what else is wrong with a polygon can be judged only then, and
        rounding might widen the gap. Then all is rounded.
        """
        if closing := self._each(self._close):
            return closing
        if self._rounding is not None and (rounding := self._round(self._rounding)).done:
            return [rounding]
        return [*self._drop_crs(), *self._each(self._mend)]

    def _each(self, mend: Callable[[int, dict[int, Faults], Work], None]) -> list[Work]:
        """Do one thing with each geometry that has faults."""
        works = []
        for geometry, parts in sorted(self._geometries.items()):
            work = Work(int(self._flat.geometry_feature[geometry]))
            mend(geometry, dict(sorted(parts.items())), work)
            if work.done:
                works.append(work)
        return works

    def _mend(self, geometry: int, parts: dict[int, Faults], work: Work) -> None:
        if self._flat.geometry_type[geometry].endswith("LineString"):
            self._mend_line(geometry, parts, work)
        else:
            self._mend_rings(geometry, parts, work)

    @cached_property
    def _source(self) -> _Source:
        return _Source(self._text, self._view, self._geometries)

    def _drop_crs(self) -> Iterator[Work]:
        if not self._crs:
            return
        work, pointers = Work(None), []
        groups = {same[0]: same for same in same_crs(self._view)}
        for finding in self._crs:
            same = groups[finding.pointer or ""]
            many = f"{len(same):,} obsolete crs members" if len(same) > 1 else "the crs member"
            work.done.append((finding, f"removed {many}"))
            pointers += same
        for start in _offsets(self._view, self._text, pointers).values():
            work.edits.append(Edit(*member_span(self._text, start), ""))
        yield work

    def _round(self, finding: Finding) -> Work:
        flat, text = self._flat, self._text
        spared = {row for code, row in self._spared if code == ROUND}
        spared.update(flat.part_feature[flat.vertex_part[self._view.is_out_of_range]].tolist())
        pointers = [
            f"{flat.geometry_pointer(geometry)}/coordinates"
            for geometry, row in enumerate(flat.geometry_feature.tolist())
            if row not in spared
        ]
        edits, total = [], 0
        for start in _offsets(self._view, text, pointers).values():
            span = value_span(text, start)
            new, count = round_positions(text[slice(*span)], DECIMALS)
            total += count
            if count:
                edits.append(Edit(*span, new))
        message = f"rounded {plural(total, 'number')} to {DECIMALS} decimals"
        return Work(None, [(finding, message)] if total else [], edits)

    def _mend_line(self, geometry: int, parts: dict[int, Faults], work: Work) -> None:
        for part, faults in parts.items():
            kept = without_repeats(self._view, part) if REPEAT in faults else None
            pieces = line_pieces(self._view, part, kept) if CUT_LINE in faults else None
            if kept is not None:
                count = int(self._flat.part_size[part]) - len(kept)
                work.done.append((faults[REPEAT], f"removed {plural(count, 'repeated point')}"))
            if pieces:
                work.done.append((faults[CUT_LINE], self._line_message(part, pieces)))
                work.edits += self._cut_line(geometry, part, pieces)
            elif kept is not None:
                work.edits.append(self._keep_only(part, kept))

    def _keep_only(self, part: int, kept: Sequence[int]) -> Edit:
        """Leave only some positions of a line; the comma before a position goes with it."""
        source = self._source
        spans, text = source.positions(part), source.text
        numbers = [vertex - source.first(part) for vertex in kept]
        texts = [text[slice(*spans[numbers[0]])]]
        texts += [text[spans[number - 1][1] : spans[number][1]] for number in numbers[1:]]
        return Edit(spans[0][0], spans[-1][1], "".join(texts))

    def _cut_line(self, geometry: int, part: int, pieces: list[Path]) -> list[Edit]:
        arrays = [self._source.array(path, part) for path in pieces]
        return self._put_in(geometry, self._flat.part_pointer(part), arrays, part)

    def _put_in(self, geometry: int, pointer: str, arrays: list[str], like: int) -> list[Edit]:
        """Write pieces in the place of one line or polygon; several make a multi geometry."""
        kind, source = self._flat.geometry_type[geometry], self._source
        new = source.comma(like).join(arrays)
        if kind.startswith("Multi") or len(arrays) == 1:
            return [source.replacing(pointer, new)]
        type_pointer = f"{self._flat.geometry_pointer(geometry)}/type"
        return [
            source.replacing(type_pointer, f'"Multi{kind}"'),
            source.replacing(pointer, f"[{new}]"),
        ]

    def _line_message(self, part: int, pieces: list[Path]) -> str:
        flat, place = self._flat, self._source.vertices.place
        own = slice(int(flat.offsets[part]), int(flat.offsets[part + 1]))
        before = _length_m(flat.lon[own], flat.lat[own])
        after = [_length_m(*np.array([place(corner) for corner in path]).T) for path in pieces]
        change = sum(after) - before
        detour = f"; its length in geodesics changes by {change:+,.0f} m" if abs(change) > 1 else ""
        if len(pieces) == 1:
            return f"drew the line on one side of ±180{detour}"
        return f"cut the line at ±180 into {len(pieces)} lines{detour}"

    def _mend_rings(self, geometry: int, parts: dict[int, Faults], work: Work) -> None:
        is_cut = any(CUT_AREA in faults for faults in parts.values())
        pieces = polygon_pieces(self._view, geometry) if is_cut else {}
        for part, faults in parts.items():
            polygon = int(self._flat.part_polygon[part])
            if CUT_AREA in faults and polygon in pieces:
                count = len(pieces[polygon])
                message = "drew the polygon on one side of ±180"
                if count > 1:
                    message = f"cut the polygon at ±180 into {count} polygons"
                work.done.append((faults[CUT_AREA], message))
            for code in faults.keys() & set(WINDING):
                work.done.append((faults[code], "reversed the ring"))
                if polygon not in pieces:
                    work.edits.append(self._reverse(part))
        for polygon, paths in pieces.items():
            work.edits += self._cut_polygon(geometry, polygon, paths)

    def _close(self, _: int, parts: dict[int, Faults], work: Work) -> None:
        source = self._source
        for part, faults in parts.items():
            last = int(self._flat.part_size[part]) - 1
            if CLOSE in faults:
                new = source.position(part, 0)
                gap = gap_m(self._view, part) * 1e3
                message = f"set the last position to the first, {gap:.2g} mm away"
                work.done.append((faults[CLOSE], message))
            elif LEVEL in faults:
                new = with_height_of(source.position(part, last), source.position(part, 0))
                message = "set the height of the last position to the first's"
                work.done.append((faults[LEVEL], message))
            else:
                continue
            work.edits.append(Edit(*source.positions(part)[last], new))

    def _reverse(self, part: int) -> Edit:
        """Reverse a closed ring; its first and last position and all white space stay."""
        source = self._source
        spans, text = source.positions(part), source.text
        order = [0, *range(len(spans) - 2, 0, -1), len(spans) - 1]
        texts = [source.position(part, 0)]
        for slot in range(1, len(spans)):
            texts += [text[spans[slot - 1][1] : spans[slot][0]], source.position(part, order[slot])]
        return Edit(spans[0][0], spans[-1][1], "".join(texts))

    def _cut_polygon(self, geometry: int, polygon: int, pieces: list[list[Path]]) -> list[Edit]:
        shell = int(np.searchsorted(self._flat.part_polygon[self._source.parts(geometry)], polygon))
        shell += self._source.parts(geometry).start
        comma = self._source.comma(shell)
        arrays = [
            f"[{comma.join(self._source.array(path, shell) for path in piece)}]" for piece in pieces
        ]
        pointer = self._flat.part_pointer(shell).rpartition("/")[0]
        return self._put_in(geometry, pointer, arrays, shell)


def _length_m(lon: Floats, lat: Floats) -> float:
    return float(geodesy.segment_lengths_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


def _offsets(view: View, text: str, pointers: Iterable[str]) -> dict[str, int]:
    """Return where the values begin that JSON pointers name."""
    begins = [0, *(match.end() for match in re.finditer("\n", text))]
    places = view.document.locate_all(pointers)
    return {pointer: begins[line - 1] + column - 1 for pointer, (line, column) in places.items()}
