"""The page ``docs/lengths.md``: every line and system with its lengths and published figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sco_geo.claims import NOTABLE_PCT, PIPE_LENGTH, SECTION, ClaimCheck, by_scope
from sco_geo.length_report import (
    break_text,
    parts_text,
    pipe_text,
    spread_text,
    strays_text,
    within_text,
)
from sco_geo.model import printable
from sco_geo.units import split_list

if TYPE_CHECKING:
    from sco_geo.measure import LengthReport, Measurement, SystemMeasurement

_HEAD = f"""\
# Lengths beside every published figure

Generated: `sco-geo length layers --format markdown` writes this page. Lengths are geodesics on
WGS84 in km; a **lower bound** is a line drawn with fewer bends than it has. The difference is
(computed − published) / published. Each one above {NOTABLE_PCT:g} % has its reason, or is marked
**open**: then it is not known what the figure counts, or how the line gets that long. Figures that
are not current are in *italics*. [DATA.md](../DATA.md) has the rules (sections 11 to 13, the last
for what is not drawn and so not here), `sco-geo sources` the address of each source.

Railways that are drawn from the rail network have a second length, along the network, which leads.
Published lengths are compared with the drawn line all the same: the network's own lengths are made
from published ones, and a comparison would only find these again.
"""
_CLAIMS_HEAD = (
    "| scope | computed | published | difference | as of | source | why they differ |",
    "| --- | ---: | ---: | ---: | --- | --- | --- |",
)
_SECTIONS_HEAD = ("| line | km | where |", "| --- | ---: | --- |")
_NETWORK_HEAD = ("| line | network, km | drawn, km | where |", "| --- | ---: | ---: | --- |")


def to_markdown(lengths: LengthReport) -> str:
    """Write all lines and systems with every published length, as a page in Markdown."""
    lines = [_HEAD, _summary(lengths)]
    for layer in dict.fromkeys(m.feature.layer for m in lengths.features):
        own = [m for m in lengths.features if m.feature.layer == layer]
        lines += ["", f"## {_code(layer)}", ""]
        lines.append(f"{_count(len(own), 'line')}, {lengths.layer_km(layer):,.1f} km.")
        here = {m.feature.system for m in own}
        for system in (system for system in lengths.systems if system.id in here):
            sections = [m for m in own if m.feature.system == system.id]
            lines += ["", f"### {_code(system.id)}", "", *_system_lines(system)]
            lines += _table(lengths, sections, system)
        if alone := [m for m in own if m.feature.system is None]:
            lines += ["", "### Lines of no system", *_table(lengths, alone)]
    return "\n".join(lines) + "\n"


def _summary(lengths: LengthReport) -> str:
    claims = _distinct(lengths)
    notable = [claim for claim in claims if claim.is_notable]
    explained = sum(bool(claim.reason) and not claim.is_open for claim in notable)
    still_open = sum(claim.is_open for claim in notable)
    unexplained = len(notable) - explained - still_open
    compared = sum(claim.computed_km is not None for claim in claims)
    return (
        f"{_count(len(lengths.features), 'line')} in {_count(len(lengths.systems), 'system')}, "
        f"{lengths.total_km:,.1f} km; {_count(len(claims), 'published length')}, {compared} of "
        f"them compared. {len(notable)} differ by more than {NOTABLE_PCT:g} %: "
        f"{explained} explained, {still_open} open, {unexplained} without a reason."
    )


def _distinct(lengths: LengthReport) -> list[ClaimCheck]:
    """Return every claim once: those of a system on a section stand under the section too."""
    claims = {}
    for m in lengths.features:
        for claim in m.claims:
            claims[m.feature.id, claim] = claim
    for system in lengths.systems:
        for claim in system.claims:
            section = claim.scope.removeprefix(SECTION)
            is_there = (section, claim) in claims
            claims[section if is_there else system.id, claim] = claim
    return list(claims.values())


def _system_lines(system: SystemMeasurement) -> Iterator[str]:
    bound = ", lower bound" if system.is_lower_bound else ""
    leads = ""
    if system.network:
        version = f", network of {system.network.version}" if system.network.version else ""
        within = within_text(system.network)
        yield f"**{system.network.km:,.1f} km**{within} along the rail network{version}."
        leads = "Drawn "
    yield f"{leads}**{system.length_km:,.1f} km**{bound}: {parts_text(system.by_country)}."
    if system.strays_km:
        text = strays_text(system)
        yield f"{text[0].upper()}{text[1:]}."
    if system.by_gauge:
        yield f"By gauge in mm: {parts_text(system.by_gauge)}."
    if len(system.by_status) > 1:
        yield f"By status: {parts_text(system.by_status)}."
    for change in system.breaks:
        yield f"On the way: {_cell(break_text(change))}."
    if system.pipe is not None:
        yield f"Each string counted: {pipe_text(system.pipe)}."


def _table(
    lengths: LengthReport, sections: list[Measurement], system: SystemMeasurement | None = None
) -> Iterator[str]:
    """Write the sections, then the claims about the system and about each section."""
    yield from ("", *(_NETWORK_HEAD if any(m.network for m in sections) else _SECTIONS_HEAD))
    yield from _section_rows(sections)
    shown = {claim for m in sections for claim in m.claims}
    rest = [claim for claim in system.claims if claim not in shown] if system else []
    groups = [("", group) for group in by_scope(rest)]
    for m in sections:
        groups += [(f"{m.feature.id}: ", group) for group in by_scope(m.claims, m.feature.id)]
    if not groups:
        yield from ("", "No length is published for comparison.")
        return
    yield from ("", *_CLAIMS_HEAD)
    for owner, group in groups:
        scope = "pipe" if group.scope == PIPE_LENGTH else group.scope.removeprefix(SECTION)
        scope = "+".join((owner + scope, *group.claims[0].includes))
        yield from (
            f"| {_cell(scope)} | {_claim_cells(claim, lengths)} |" for claim in group.claims
        )
    spreads = [(owner, g) for owner, g in groups if g.spread and g.spread.figures > 1]
    for owner, group in spreads:
        yield from ("", f"{_cell(owner + group.scope)}: {spread_text(group)}.")


def _section_rows(sections: list[Measurement]) -> Iterator[str]:
    """Write a row for each section; along the network first, where any has such a length."""
    has_network = any(m.network for m in sections)
    for m in sections:
        bound = "lower bound; " if m.is_lower_bound else ""
        cells = [_code(m.feature.id), f"{m.length_km:,.1f}", f"{bound}{parts_text(m.by_country)}"]
        if has_network:
            cells.insert(1, f"{m.network.km:,.1f}{within_text(m.network)}" if m.network else "–")
        yield f"| {' | '.join(cells)} |"


def _claim_cells(claim: ClaimCheck, lengths: LengthReport) -> str:
    computed = "–" if claim.computed_km is None else f"{claim.computed_km:,.1f}"
    published = f"{claim.value_km:,.10g}"
    difference = "–" if claim.difference_pct is None else f"{claim.difference_pct:+.1f} %"
    known = lengths.sources
    who = [f"{known[i].publisher} ({i})" if i in known else i for i in split_list(claim.source_id)]
    reason = ("**open**: " if claim.is_open else "") + _cell(claim.reason)
    if claim.is_notable and not claim.reason:
        reason = "**not explained**"
    published = published if claim.current else f"*{published}*"
    date = claim.as_of or "undated"
    return " | ".join((computed, published, difference, date, _cell("; ".join(who)), reason))


def _cell(text: str) -> str:
    """Return a text of the data as it may stand in a table; nothing in it is markup."""
    text = printable(text)
    for character in "\\|*_<>`[]#":
        text = text.replace(character, f"\\{character}")
    return text


def _code(name: str) -> str:
    """Return an id as code."""
    return "`" + printable(name).replace("`", "'").replace("|", "\\|") + "`"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s'[: number != 1]}"
