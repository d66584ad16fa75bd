"""The table of lengths in the terminal: lines and systems, published lengths beside them."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sco_geo.claims import PIPE_LENGTH, SECTION, ClaimCheck, ScopeClaims, Spread, by_scope
from sco_geo.model import Source, printable
from sco_geo.pipes import PipeLength
from sco_geo.units import split_list

if TYPE_CHECKING:
    from sco_geo.gauges import GaugeBreak
    from sco_geo.measure import LengthReport, Measurement, SystemMeasurement
    from sco_geo.network_lengths import NetworkLength

#: Columns of the table where there is no terminal; the most and the fewest in one.
TABLE_WIDTH, MOST_WIDTH, LEAST_WIDTH = 100, 140, 60
#: Columns of a length, and the fewest that a remark beside it needs.
_KM, _REMARK = 12, 38
#: Most columns of a name; a longer one stands on a line of its own.
_NAME = 48
#: Most characters of a name beside an id that the file does not have.
_TITLE = 60
#: How exact the borders of the base are, see DATA.md.
_BORDERS = "; borders ±0.4 km at best"
#: Parts below this are not listed, in km: the end of a line is not exactly on the border.
LEAST_PART_KM = 0.05


def length_lines(
    lengths: LengthReport, *, by: str, with_claims: bool = False, width: int = TABLE_WIDTH
) -> Iterator[str]:
    """Write a table of lengths in km, by feature or summed.

    Parameters
    ----------
    by : {"feature", "system", "country", "gauge", "status"}
        What the rows are. Sums add up to the total: what has no gauge is a row of its own.
    with_claims : bool
        Whether every published length stands under its line or system.
    width : int
        Columns of the terminal.
    """
    is_summed = by not in {"feature", "system"}
    names = (
        list(map(_label, lengths.sums(by))) if is_summed else [f"= {s.id}" for s in lengths.systems]
    )
    names += [m.feature.id for m in lengths.features] if by == "feature" else []
    table = _Table(names, max(width, LEAST_WIDTH), lengths.sources)
    if is_summed:
        yield from _sum_lines(table, lengths, by)
    else:
        yield from _line_lines(table, lengths, by, with_claims=with_claims)
    yield from table.row("total", lengths.total_km, _total_remark(lengths, by))
    measured: list[Measurement | SystemMeasurement] = [*lengths.features, *lengths.systems]
    if with_claims and not any(m.claims for m in measured):
        yield (
            "no published length of these lines: none has a row of claims.csv with the property "
            "length_km"
        )


def _total_remark(lengths: LengthReport, by: str) -> str:
    """Say what the total is made of, and how exact its parts are."""
    if not lengths.features:
        return "no line to measure: points and areas have no length"
    bound = "; with lower bounds" if any(m.is_lower_bound for m in lengths.features) else ""
    versions = dict.fromkeys(m.network.version for m in lengths.features if m.network)
    drawn = " as drawn" if versions else ""
    named = ", ".join(filter(None, versions))
    network = f"; rail network of {named}" if named else ""
    borders = "" if by in {"gauge", "status"} else _BORDERS
    return f"geodesic on WGS84, km{drawn}{bound}{borders}{network}"


def _label(key: str) -> str:
    """Return the name of a sum; that of a gauge with its unit."""
    return f"{key} mm" if key.replace(";", "").isdecimal() else key


def _sum_lines(table: _Table, lengths: LengthReport, by: str) -> Iterator[str]:
    """Write the sums, and for gauges the places where they change."""
    for key, km in lengths.sums(by).items():
        yield from table.row(_label(key), km)
    for system in lengths.systems if by == "gauge" else ():
        for change in system.breaks:
            yield from table.text(f"{system.id}: {break_text(change)}", 0, 4)


def _line_lines(
    table: _Table, lengths: LengthReport, by: str, *, with_claims: bool
) -> Iterator[str]:
    """Write the lines and the systems."""
    for m in lengths.features if by == "feature" else ():
        yield from table.row(m.feature.id, _leading_km(m), _title(m) + _remark(m))
        if with_claims:
            yield from table.claims(by_scope(m.claims, m.feature.id))
    alone = [m.length_km for m in lengths.features if m.feature.system is None]
    if by == "system" and alone:
        yield from table.row("no system", sum(alone))
    for system in lengths.systems:
        yield from table.row(f"= {system.id}", _leading_km(system), _remark(system))
        for change in system.breaks:
            yield from table.text(break_text(change), 4, 2)
        if with_claims:  # those on a section stand under the section
            groups = by_scope(system.claims)
            is_twice = by == "feature"
            own = (g for g in groups if not (is_twice and g.scope.startswith(SECTION)))
            yield from table.claims(tuple(own))


class _Table:
    """Rows of a table as wide as the terminal."""

    def __init__(self, names: list[str], width: int, sources: Mapping[str, Source]) -> None:
        self.width = width
        self.sources = sources
        self.name_width = min(max(map(_columns, [*names, "no railway"])), _NAME)

    def row(self, name: str, km: float, remark: str = "") -> Iterator[str]:
        """Write a name, a length and what is to be said about it, beside or below."""
        name = printable(name)
        if _columns(name) > self.name_width:
            yield name
            name = ""
        first = f"{name}{' ' * (self.name_width - _columns(name))}{km:>{_KM},.2f}"
        beside = self.name_width + _KM + 2
        if self.width - beside >= _REMARK:
            lines = self._wrap(remark, self.width - beside)
            yield f"{first}  {next(lines, '')}".rstrip()
            yield from (" " * beside + line for line in lines)
        else:
            yield first
            yield from self.text(remark, 4)

    def text(self, text: str, indent: int, hanging: int = 0) -> Iterator[str]:
        """Write a text of its own, indented, its further lines `hanging` deeper."""
        lines = self._wrap(text, self.width - indent - hanging)
        for number, line in enumerate(lines):
            yield " " * (indent + (hanging if number else 0)) + line

    def claims(self, groups: tuple[ScopeClaims, ...]) -> Iterator[str]:
        """Write the claims of a line or system by scope, the reasons of differences below."""
        for group in groups:
            yield from self.text(_group_text(group), 4, 2)
            for claim in group.claims:
                difference = (
                    "" if claim.difference_pct is None else f"{claim.difference_pct:+.1f} %"
                )
                first = (
                    f"{claim.value_km:>{_KM},.2f}{difference:>10}  {claim.as_of or 'undated':<10}"
                )
                lines = self._wrap(self._who(claim), self.width - len(first) - 2)
                yield f"{first}  {next(lines, '')}".rstrip()
                yield from (" " * (len(first) + 2) + line for line in lines)
            for (reason, is_open), claims in group.reasons.items():
                yield from self.text(_reason_text(reason, is_open, claims, group), 6, 2)

    def _who(self, claim: ClaimCheck) -> str:
        """Return who published a length, and what is to be said about it."""
        ids = split_list(claim.source_id)
        known = [f"{self.sources[i].publisher} ({i})" for i in ids if i in self.sources]
        text = "; ".join(known) or claim.source_id
        if not claim.current:
            text += ", earlier"
        if claim.note:
            text += f": {claim.note}"
        if claim.is_notable and not claim.reason:
            text += " [difference not explained]"
        return text

    def _wrap(self, text: str, width: int) -> Iterator[str]:
        yield from textwrap.wrap(
            printable(text), max(width, 20), break_on_hyphens=False, break_long_words=False
        )


def _columns(text: str) -> int:
    """Count the columns that a text takes in a terminal: two for a Chinese character."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def _title(m: Measurement) -> str:
    """Return the name of a line whose id was made up here, since nobody can know that id."""
    feature = m.feature
    if feature.id != f"{feature.layer}-{feature.index + 1}" or feature.name == feature.id:
        return ""
    return textwrap.shorten(feature.name, _TITLE, placeholder=" ...") + "; "


def _leading_km(m: Measurement | SystemMeasurement) -> float:
    """Return the figure of the row: along the rail network where the line is drawn from it."""
    return m.network.km if m.network else m.length_km


def _remark(m: Measurement | SystemMeasurement) -> str:
    words = ["lower bound"] if m.is_lower_bound else []
    if m.network:
        bound = ", ".join([f"drawn {m.length_km:,.2f}", *words])
        words = [f"along the network{within_text(m.network)}", bound]
    words.append(parts_text(m.by_country))
    if m.strays_km:
        words.append(strays_text(m))
    if m.pipe is not None and m.pipe.km > m.length_km * (1 + 1e-9):
        words.append(pipe_text(m.pipe))
    return "; ".join(words)


def within_text(network: NetworkLength) -> str:
    """Say how exact a length along the rail network is, after a space; "" if not stated."""
    return "" if network.uncertainty_pct is None else f" ±{network.uncertainty_pct:.1f} %"


def strays_text(m: Measurement | SystemMeasurement) -> str:
    """Say which countries a line enters as a drawn chord only, or how much of it does so there."""
    alone = [code for code, km in m.strays_km.items() if km > (1 - 1e-9) * m.by_country[code]]
    words = [f"only the chord enters {', '.join(alone)}"] if alone else []
    words += [
        f"including {km:,.1f} km in {code} by a chord alone"
        for code, km in m.strays_km.items()
        if code not in alone
    ]
    return ", ".join(words)


def pipe_text(pipe: PipeLength) -> str:
    """Say how much pipe there is, and of how much the number of strings is not known."""
    text = f"{pipe.km:,.1f} km of pipe"
    if pipe.has_unknown:
        text += f" at least, {pipe.unknown_km:,.1f} km with strings not stated"
    return text


def parts_text(parts: Mapping[str, float]) -> str:
    """List the parts of a length, the longest first; not those that are 0.0 km when rounded."""
    ordered = sorted(parts.items(), key=lambda pair: -pair[1])
    shown = [(key, km) for key, km in ordered if km >= LEAST_PART_KM] or ordered
    return ", ".join(f"{key} {km:,.1f}" for key, km in shown)


def break_text(change: GaugeBreak) -> str:
    """Say where which gauges meet."""
    place = change.places[0]
    where = (
        f"{abs(place.lat):.2f}° {'NS'[place.lat < 0]}, {abs(place.lon):.2f}° {'EW'[place.lon < 0]}"
    )
    at = f"{change.name}, {where}" if change.name else where
    return f"break of gauge {change.from_mm} to {change.to_mm} mm at {at}"


def _group_text(group: ScopeClaims) -> str:
    """Return the scope, the computed length that is compared, and how the figures disagree."""
    scope = "+".join((group.scope, *group.claims[0].includes))
    if group.scope == PIPE_LENGTH:
        scope = "pipe, each string counted"
    text = scope.replace(SECTION, "section ")
    computed = group.claims[0].computed_km
    text += ": not computed" if computed is None else f": computed {computed:,.1f} km"
    return f"{text}; published {spread_text(group)}"


def spread_text(group: ScopeClaims) -> str:
    """Say how far the published figures of a scope are apart."""
    spread, current = group.spread, group.current
    if spread is None or spread.figures == 1:
        return _span(spread)
    text = f"{_span(spread)} ({spread.figures} figures, {spread.percent:.1f} % apart"
    if current is None:
        return f"{text}; none current)"
    return f"{text}; current {_span(current)})"


def _span(spread: Spread | None) -> str:
    if spread is None:
        return "nothing"
    if spread.figures == 1:
        return f"{spread.lowest_km:,g} km"
    return f"{spread.lowest_km:,g} to {spread.highest_km:,g} km"


def _reason_text(reason: str, is_open: bool, claims: list[ClaimCheck], group: ScopeClaims) -> str:
    word = "open" if is_open else "why"
    if len(group.reasons) > 1:
        word += f" {', '.join(f'{km:,g}' for km in sorted({claim.value_km for claim in claims}))}"
    return f"{word}: {reason}"
