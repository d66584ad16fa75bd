"""Rules on the rows of the status history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sco_geo.model import Finding, StatusInterval
from sco_geo.rules._base import REGISTRY, Rule, register
from sco_geo.rules.dates import is_before
from sco_geo.sources import HISTORY_FILE, Tables
from sco_geo.units import PROJECT_STATUSES, TERRITORY_STATUSES, split_list

register(
    Rule(
        "SR021", "error", "status ends before it begins",
        "In a row of the status history the date to is not after the date from.",
        "The status would never hold.",
        "x,project,operating,2020-05,2019-01,...", "x,project,operating,2019-01,2020-05,...",
    ),
    Rule(
        "SR022", "error", "two statuses at a time",
        "Two rows of the status history about one feature and scheme overlap.",
        "The map can show only one of them.",
        "x,project,construction,2008,,...\nx,project,operating,2010,,...",
        "x,project,construction,2008,2010,...\nx,project,operating,2010,,...",
    ),
    Rule(
        "SR023", "error", "unknown scheme or status",
        "The scheme is neither sco nor project, or the status is none of its words.",
        "The map has no style for it.",
        "x,project,open,2020,...", "x,project,operating,2020,...",
    ),
    Rule(
        "SR024", "warning", "scheme of another kind",
        "A row of the scheme sco is about something other than a territory, or one of the scheme "
        "project about a territory.",
        "The row is never used.",
        "cku-railway-1,sco,member,2001,...", "sco-kgz,sco,member,2001-06-15,...",
    ),
    Rule(
        "SR025", "warning", "decided after it took effect",
        "The date decided_on is after the date from.",
        "The two are probably exchanged.",
        "from 2016-04-16, decided_on 2017-07-10", "from 2016-04-16, decided_on 2015-07-10",
    ),
    Rule(
        "SR026", "warning", "in use only after its sources were read",
        "A row says operating from a date later than the day on which the last of its sources "
        "was accessed.",
        "A plan is no status; it belongs in planned_opening.",
        "x,project,operating,2031,... (accessed 2025-06-01)",
        'x,project,planned,2024,... and "planned_opening": "2031"',
    ),
)  # fmt: skip

#: Statuses by scheme; a feature may also have none for a time.
STATUSES = {"sco": TERRITORY_STATUSES, "project": PROJECT_STATUSES | {"none"}}


def check_history(tables: Tables, kinds: Mapping[str, object]) -> Iterator[Finding]:
    """Check the status history.

    Parameters
    ----------
    kinds : mapping of str to object
        Kinds of the features that are known, by id.
    """
    for row in tables.history:
        for code, message, hint in _check_row(row, tables, kinds):
            yield _finding(code, row, tables, message, hint)
    for rows in tables.intervals.values():
        in_order = sorted(rows, key=lambda row: row.start)
        for first, second in zip(in_order, in_order[1:], strict=False):
            if not first.end or is_before(second.start, first.end):
                message = f"{first.status} since {first.start} "
                message += f"until {first.end}" if first.end else "has no end"
                message += f", yet {second.status} begins on {second.start}"
                hint = "Let one status end where the next begins."
                yield _finding("SR022", second, tables, message, hint)


def _check_row(
    row: StatusInterval, tables: Tables, kinds: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    if row.end and row.end <= row.start:
        yield "SR021", f"to ({row.end}) is not after from ({row.start})", "Correct one of them."
    if row.scheme not in STATUSES:
        yield "SR023", f'the scheme is "{row.scheme}"', "Use sco or project."
    elif row.status not in STATUSES[row.scheme]:
        hint = f"Use one of {', '.join(sorted(STATUSES[row.scheme]))}."
        yield "SR023", f'the status is "{row.status}"', hint
    elif row.feature_id in kinds:
        kind = kinds[row.feature_id]
        if (kind == "territory") != (row.scheme == "sco"):
            message = f'the scheme is {row.scheme}, the feature is of kind "{kind}"'
            yield "SR024", message, "Use sco for territories and project for all else."
    if row.decided_on and is_before(row.start, row.decided_on):
        message = f"decided on {row.decided_on}, in effect from {row.start}"
        yield "SR025", message, "Correct one of the dates."
    read = [
        tables.sources[name].accessed
        for name in split_list(row.source_id)
        if name in tables.sources
    ]
    if row.status == "operating" and read and all(read) and is_before(max(read), row.start):
        message = f"operating from {row.start}, the sources were read until {max(read)}"
        yield "SR026", message, "Write planned, or name a later source."


def _finding(code: str, row: StatusInterval, tables: Tables, message: str, hint: str) -> Finding:
    path, line = tables.rows.get(row, (HISTORY_FILE, 0))
    return Finding(
        code, REGISTRY[code].severity, message, hint,
        path=path, line=line or None, layer=HISTORY_FILE, feature_id=row.feature_id,
    )  # fmt: skip
