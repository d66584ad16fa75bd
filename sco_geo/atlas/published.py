"""Published figures on the page: claims, how they disagree, why lengths differ, translations."""

from __future__ import annotations

from typing import Any

from sco_geo.catalog import Catalog
from sco_geo.claims import ScopeClaims, Spread, by_scope, difference_pct, scope_order
from sco_geo.measure import LengthReport
from sco_geo.model import Claim
from sco_geo.sources import LENGTH


def claims(catalog: Catalog, lengths: LengthReport) -> dict[str, list[dict[str, Any]]]:
    """Return every claim by the line or system that it is about; empty cells are left out.

    Lengths stand in the order of the command line and of the chart, the others as in the table.
    """
    by_subject: dict[str, list[dict[str, Any]]] = {}
    for claim in sorted(catalog.tables.claims, key=_order):
        by_subject.setdefault(claim.subject_id, []).append(_claim(claim, lengths))
    return by_subject


def _order(claim: Claim) -> tuple[bool, ...]:
    return scope_order(claim.scope) if claim.property == LENGTH else ()


def _claim(claim: Claim, lengths: LengthReport) -> dict[str, Any]:
    row: dict[str, Any] = {
        "property": claim.property,
        "scope": claim.scope,
        "value": claim.value,
        "unit": claim.unit,
        "as_of": claim.as_of,
        "current": claim.current,
        "source_id": claim.source_id,
        "note": claim.note,
    }
    computed = lengths.computed.get((claim.subject_id, claim.scope))
    if claim.property == LENGTH and computed is not None:
        row["computed_km"] = round(computed.km, 3)
        row["difference_pct"] = difference_pct(computed.km, float(claim.value))
        if computed.includes:
            row["includes"] = computed.includes
    return {key: value for key, value in row.items() if value != ""}


def _groups(lengths: LengthReport) -> dict[str, tuple[ScopeClaims, ...]]:
    """Return the length claims of each line and system by scope."""
    groups = {m.feature.id: by_scope(m.claims, m.feature.id) for m in lengths.features}
    return groups | {system.id: by_scope(system.claims) for system in lengths.systems}


def scopes(lengths: LengthReport) -> dict[str, list[dict[str, Any]]]:
    """Return, by line or system, where published lengths disagree and why others are computed."""
    found = {
        name: [row for group in groups if len(row := _scope(group)) > 1]
        for name, groups in _groups(lengths).items()
    }
    return {name: rows for name, rows in found.items() if rows}


def _scope(group: ScopeClaims) -> dict[str, Any]:
    row: dict[str, Any] = {"scope": group.scope}
    if group.spread is not None and group.spread.figures > 1:
        row["all"] = _spread(group.spread)
        if group.current is not None and group.current != group.spread:
            row["current"] = _spread(group.current)
    if group.reasons:
        row["reasons"] = [
            {"text": reason, "figures": sorted({claim.value_km for claim in about})}
            | ({"open": True} if is_open else {})
            for (reason, is_open), about in group.reasons.items()
        ]
    return row


def _spread(spread: Spread) -> list[float]:
    """Return the number of figures, the lowest, the highest, and by how many % it is above."""
    return [spread.figures, spread.lowest_km, spread.highest_km, spread.percent]


def translations(catalog: Catalog, lengths: LengthReport) -> dict[str, dict[str, str]]:
    """Return what the tables say in English and the page says in other languages too."""
    tables = catalog.tables
    said = {claim.note for claim in tables.claims} | {row.note for row in tables.history}
    said |= {claim.value for claim in tables.claims if claim.unit == "text"}
    groups = (group for groups in _groups(lengths).values() for group in groups)
    said |= {reason for group in groups for reason, _ in group.reasons}
    rows = [tables.translations[text] for text in sorted(said & set(tables.translations))]
    return {row.text: {"zh": row.zh, "ru": row.ru} for row in rows}
