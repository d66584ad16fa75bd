"""A comparison of scenarios as text and as Markdown: who gains how many km, and by which lines."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sco_geo.model import printable
from sco_geo.network.attribution import notice
from sco_geo.network.comparison import Comparison, Pair
from sco_geo.units import Language

WIDTH = 100
#: So many pairs that gain nothing are told on the page of text.
_MOST_SAME = 12
_METHOD = (
    "km of the {aim} way for {traffic} traffic, without connectors. Range: the saving with all new "
    "lines at their highest and at their lowest published length; one figure where only one is "
    "published. Hours are of the same ways."
)
_AIMS = {"km": "shortest", "hours": "quickest"}


def sorted_gains(compared: Comparison) -> list[Pair]:
    """Return the pairs that gain, the greatest saving first; first routes stand before all."""

    def order(pair: Pair) -> tuple[bool, float, str, str]:
        return pair.saved_km is not None, -(pair.saved_km or 0.0), pair.origin, pair.destination

    return sorted((pair for pair in compared.pairs if pair.gains), key=order)


def systems_of(lines: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """Return the names of lines, each once; sections share what stands before a colon."""
    names = []
    for line in lines:
        own = line.get("name") if language == "en" else line.get(f"name_{language}")
        names.append(str(own or line.get("name") or line["id"]))
    return list(dict.fromkeys(name.replace("：", ":").partition(":")[0].strip() for name in names))


def pair_name(compared: Comparison, pair: Pair, language: Language) -> str:
    """Return the names of both places in a language."""
    names = {place.name: place for place in compared.found}
    parts = []
    for name in (pair.origin, pair.destination):
        place = names.get(name)
        own = "" if language == "en" else getattr(place, f"name_{language}", "")
        parts.append(own or name)
    return " – ".join(parts)


def text_lines(compared: Comparison, *, language: Language = "en") -> Iterator[str]:
    """Write the pairs that gain as a table, then the others."""
    gains = sorted_gains(compared)
    if gains:
        names = [pair_name(compared, pair, language) for pair in gains]
        width = max(map(_columns, names)) + 1
        heads = (compared.scenario_a, compared.scenario_b, "saved, km", "range", "hours")
        yield " " * width + "".join(f"{head:>{w}}" for head, w in zip(heads, _WIDTHS, strict=True))
        for name, pair in zip(names, gains, strict=True):
            cells = (*_cells(pair), _hours(pair))
            row = "".join(f"{cell:>{w}}" for cell, w in zip(cells, _WIDTHS, strict=True))
            by = ", ".join(systems_of(pair.new_lines, language))
            yield printable(f"{name}{' ' * (width - _columns(name))}{row}  {by}".rstrip())
    yield from _rest(compared, language)
    method = _METHOD.format(aim=_AIMS[compared.optimise], traffic=compared.traffic)
    yield from textwrap.wrap(method, WIDTH)
    if compared.only_lines:
        yield from textwrap.wrap(f"New lines used: only {', '.join(compared.only_lines)}.", WIDTH)
    yield from textwrap.wrap(notice(compared.table.meta if compared.table else {}), WIDTH)


#: Columns of both lengths, the saving, its range and the hours.
_WIDTHS = (10, 14, 11, 16, 12)


def _cells(pair: Pair) -> tuple[str, str, str, str]:
    """Return both lengths, the saving and its range."""
    low, high = pair.saved_range_km
    has_range = pair.saved_low_km is not None and pair.saved_km is not None
    saved = "first route" if pair.saved_km is None else f"{pair.saved_km:,.0f}"
    span = f"{low:,.0f} to {high:,.0f}" if has_range else ""
    return _km(pair.a_km), _km(pair.b_km), saved, span


def _km(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _hours(pair: Pair) -> str:
    if pair.a_hours is None or pair.b_hours is None:
        return ""
    return f"{pair.a_hours:,.0f} to {pair.b_hours:,.0f}"


def _rest(compared: Comparison, language: Language) -> Iterator[str]:
    """Write the pairs that gain nothing: perhaps a little, nothing, or without a route."""
    others = [pair for pair in compared.pairs if not pair.gains]
    maybe = [pair for pair in others if pair.saved_range_km[1] >= 1]
    longer = [pair for pair in others if pair.saved_km is not None and pair.saved_km <= -1]
    missing = [pair for pair in others if pair.b_km is None]
    same = [pair for pair in others if not any(pair in group for group in (maybe, longer, missing))]
    if maybe:
        told = (
            f"{pair_name(compared, pair, language)} (up to {pair.saved_range_km[1]:,.0f} km)"
            for pair in maybe
        )
        yield from _listed("shorter only with the lowest published lengths", told)
    if longer:
        told = (
            f"{pair_name(compared, pair, language)} ({-(pair.saved_km or 0):,.0f} km more)"
            for pair in longer
        )
        yield from _listed("quicker, but longer", told)
    if same:
        told = (f"{pair_name(compared, pair, language)} {_km(pair.a_km)} km" for pair in same)
        kept = [*islice(told, _MOST_SAME)]
        if len(same) > len(kept):
            kept.append(f"{len(same) - len(kept)} more pairs (--format markdown has all)")
        yield from _listed("as before", iter(kept))
    if missing:
        told = (f"{pair_name(compared, pair, language)} ({pair.reason})" for pair in missing)
        yield from _listed("no route", told)


def _listed(head: str, items: Iterator[str]) -> list[str]:
    text = printable(f"{head}: {'; '.join(items)}.")
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _columns(text: str) -> int:
    """Count the columns of a text in a terminal: two for a Chinese character."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def markdown_lines(compared: Comparison, *, language: Language = "en") -> Iterator[str]:
    """Write all pairs as a table in Markdown, the greatest saving first."""
    a, b = compared.scenario_a, compared.scenario_b
    yield f"| from – to | {a}, km | {b}, km | saved, km | range | {a}, h | {b}, h | by |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    gains = sorted_gains(compared)
    for pair in [*gains, *(pair for pair in compared.pairs if not pair.gains)]:
        cells = [pair_name(compared, pair, language), *_cells(pair)]
        if pair.b_km is None or pair.a_km is None:
            cells[3] = "no route" if pair.b_km is None else "first route"
        cells += [_km(pair.a_hours), _km(pair.b_hours)]
        cells.append(", ".join(systems_of(pair.new_lines, language)) or pair.reason)
        yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""
    method = _METHOD.format(aim=_AIMS[compared.optimise], traffic=compared.traffic)
    if compared.only_lines:
        method += f" New lines used: only {', '.join(f'`{name}`' for name in compared.only_lines)}."
    yield f"{method} {notice(compared.table.meta if compared.table else {})}"


def _cell(text: str) -> str:
    """Return a text of the data as it may stand in a table; nothing in it is markup."""
    text = printable(text)
    for character in "\\|*_<>`[]#":
        text = text.replace(character, f"\\{character}")
    return text
