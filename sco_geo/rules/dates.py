"""Rules on the dates of a project's features, among themselves and with the status."""

from __future__ import annotations

from collections.abc import Iterator

from sco_geo._flat import FeatureRow
from sco_geo.rules._base import Project, Rule, one_of, quote, register
from sco_geo.sources import ISO_DATE

register(
    Rule(
        "AT309", "error", "malformed date",
        "A date is not an ISO 8601 year, month or day.",
        "Dates are compared as text with the date of the map.",
        '"opened": "May 2025"', '"opened": "2025-05"',
    ),
    Rule(
        "AT310", "error", "operating before it is opened",
        "The feature is operating, but opens after the date of the map.",
        "One of the two is wrong.",
        '"status": "operating", "opened": "2031"', '"status": "construction", "opened": "2031"',
    ),
    Rule(
        "AT311", "error", "closed before opened",
        "The date closed is before the date opened.",
        "The feature would never exist.",
        '"opened": "2020", "closed": "2010"', '"opened": "2010", "closed": "2020"',
    ),
    Rule(
        "AT315", "error", "opened, but not in use yet",
        "The feature is planned, under construction or cancelled, but opened before the date of "
        "the map. Dates of which only the year or month agrees are no contradiction.",
        "One of the two is wrong; what is only hoped for belongs in planned_opening.",
        '"status": "planned", "opened": "2019"', '"status": "operating", "opened": "2019"',
    ),
    Rule(
        "AT316", "error", "closed, but operating",
        "The feature is operating, under construction or planned, but closed before the date of "
        "the map.",
        "The map would show as running what is gone.",
        '"status": "operating", "closed": "2019"', '"status": "suspended", "closed": "2019"',
    ),
    Rule(
        "AT317", "error", "end before start",
        "The date end is before the date start.",
        "An event would never happen.",
        '"start": "2024-07-13", "end": "2024-07-03"', '"start": "2024-07-03", "end": "2024-07-13"',
    ),
    Rule(
        "AT318", "warning", "planned opening has passed",
        "The feature is planned or under construction, and its planned_opening is before the date "
        "of the map.",
        "Either it has opened, or the plan has changed, or it was given up.",
        '"status": "planned", "planned_opening": "2019"',
        '"status": "planned", "planned_opening": "2030"',
    ),
    Rule(
        "AT319", "warning", "out of use before it is opened",
        "The feature is suspended or mothballed, but opens after the date of the map.",
        "What was never in use is planned or cancelled.",
        '"status": "suspended", "opened": "2031"', '"status": "planned", "opened": "2031"',
    ),
)  # fmt: skip

#: Code, member, message and hint of something wrong in the properties of a feature.
Fault = tuple[str, str, str, str]

_DATES = ("opened", "closed", "planned_opening", "announced", "start", "end")
_NOT_YET = frozenset({"planned", "construction", "cancelled"})
_HINT = "Correct the status or the date."


def check_dates(row: FeatureRow, project: Project) -> Iterator[Fault]:
    """Check the form of dates, their order, and the status on the date of the map."""
    dates: dict[str, str] = {}
    for member in _DATES:
        value = row.properties.get(member)
        if value in (None, ""):
            continue
        if isinstance(value, str) and ISO_DATE.fullmatch(value):
            dates[member] = value
        else:
            hint = "Write YYYY, YYYY-MM or YYYY-MM-DD, as a text."
            yield "AT309", member, f"{member} is {quote(value)}", hint
    for code, first, last in (("AT311", "opened", "closed"), ("AT317", "start", "end")):
        if first in dates and last in dates and is_before(dates[last], dates[first]):
            message = f"{last} ({dates[last]}) is before {first} ({dates[first]})"
            yield code, last, message, "Correct one of the dates."
    if project.as_of:
        yield from _check_status(dates, project.status_of(row), project.as_of)


def _check_status(dates: dict[str, str], status: object, as_of: str) -> Iterator[Fault]:
    opened, closed = dates.get("opened", ""), dates.get("closed", "")
    planned = dates.get("planned_opening", "")
    if opened and is_before(as_of, opened):
        if status == "operating":
            message = f"the feature is operating, but opens on {opened}, after {as_of}"
            yield "AT310", "opened", message, _HINT
        elif status in ("suspended", "mothballed"):
            message = f"the feature is {status}, but opens on {opened}, after {as_of}"
            yield "AT319", "opened", message, _HINT
    if opened and one_of(status, _NOT_YET) and _is_past(opened, as_of):
        message = f"the feature is {_said(status)} on {as_of}, but opened on {opened}"
        yield "AT315", "opened", message, _HINT
    if closed and status in ("operating", "planned", "construction") and _is_past(closed, as_of):
        message = f"the feature is {_said(status)} on {as_of}, but closed on {closed}"
        yield "AT316", "closed", message, _HINT
    if planned and status in ("planned", "construction") and is_before(planned, as_of):
        message = f"the feature is {_said(status)} on {as_of}, its planned_opening was {planned}"
        yield "AT318", "planned_opening", message, "Look for its status today."


def _said(status: object) -> str:
    return "under construction" if status == "construction" else str(status)


def _is_past(date: str, as_of: str) -> bool:
    """Tell whether all of a day, month or year lies before a day, or is that day."""
    return is_before(date, as_of) or date == as_of


def is_before(one: str, other: str) -> bool:
    """Compare two ISO dates to the precision that both have."""
    common = min(len(one), len(other))
    return one[:common] < other[:common]
