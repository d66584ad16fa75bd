"""Rules on the properties of a project's features; other files are free in theirs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sco_geo._flat import FeatureRow
from sco_geo._json_text import shorten
from sco_geo.model import Finding
from sco_geo.rules._base import Project, Rule, View, register
from sco_geo.sources import ISO_DATE
from sco_geo.units import (
    GAUGES_MM,
    GEOMETRY_BASES,
    KINDS,
    LINE_KINDS,
    PROJECT_STATUSES,
    TERRITORY_STATUSES,
    split_list,
)

register(
    Rule(
        "AT301", "error", "id missing or malformed",
        "A feature of a project has no id in small letters, digits and hyphens.",
        "Claims, status history and links refer to features by id.",
        '"id": "Khorgos Gate"', '"id": "khorgos-gate"',
    ),
    Rule(
        "AT302", "error", "name missing",
        "A feature has no name.",
        "Legend, table and search show the name.",
        '"name": ""', '"name": "Khorgos Gate"',
    ),
    Rule(
        "AT303", "error", "unknown kind",
        "The kind is missing or not in the closed set.",
        "Style, legend and lengths depend on the kind.",
        '"kind": "rail"', '"kind": "railway"',
    ),
    Rule(
        "AT304", "error", "unknown status",
        "The status is missing where one is needed, or not in the closed set of its kind.",
        "Planned lines would be drawn as if trains ran on them.",
        '"status": "active"', '"status": "operating"',
    ),
    Rule(
        "AT305", "error", "basis of the geometry missing",
        "A line does not say what it was drawn from, or not with a known word.",
        "Readers must see which lines are estimates.",
        '"geometry_basis": "drawn by hand"', '"geometry_basis": "estimate"',
    ),
    Rule(
        "AT306", "error", "accuracy missing",
        "A line, or an estimated point, has no accuracy_km of zero or more.",
        "Nobody can tell how far the line may be off.",
        '"accuracy_km": null', '"accuracy_km": 2.5',
    ),
    Rule(
        "AT307", "error", "malformed country codes",
        "The property countries, or strays_into, is not a list of ISO 3166 alpha-3 codes.",
        "Lengths by country could not be compared.",
        '"countries": "China, KZ"', '"countries": "CHN;KAZ"',
    ),
    Rule(
        "AT308", "error", "unknown gauge",
        "A gauge is not one of those in use in the frame of the map, in millimetres.",
        "Breaks of gauge would be counted wrongly.",
        '"gauges_mm": "1453"', '"gauges_mm": "1435;1520"',
    ),
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
        "AT312", "error", "unknown routing",
        "The property routing is neither documented nor inferred.",
        "Readers must see which legs are guesses.",
        '"routing": "probably"', '"routing": "inferred"',
    ),
    Rule(
        "AT313", "error", "capacity without unit",
        "A capacity is not a number, or has no unit.",
        "A number without a unit says nothing.",
        '"capacity": 55', '"capacity": 55, "capacity_unit": "bcm/a"',
    ),
)  # fmt: skip

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISO3 = re.compile(r"[A-Z]{3}")


def check_attributes(view: View) -> Iterator[Finding]:
    """Check the properties of the features of a project."""
    project = view.project
    if project is None:
        return
    for row in view.flat.features:
        if not row.is_feature:
            continue
        checks = (
            _check_names(row),
            _check_status(row, project),
            _check_geometry_words(row),
            _check_lists(row),
            _check_dates(row, project),
            _check_words(row),
        )
        for check in checks:
            for code, member, message, hint in check:
                if not project.asks_for(row.properties, member):
                    continue
                pointer = f"{row.pointer}/properties"
                if member == "id":
                    pointer = row.pointer
                elif member in row.properties:
                    pointer = f"{pointer}/{member}"
                yield view.feature_finding(code, row, message, hint, pointer=pointer)


Fault = tuple[str, str, str, str]


def _quote(value: object) -> str:
    return f'"{shorten(value)}"' if isinstance(value, str) else shorten(value)


def _is_word(value: object, words: Collection[str]) -> bool:
    """Tell whether a value of any type is one of some words; a list cannot be looked up."""
    return isinstance(value, str) and value in words


def _check_names(row: FeatureRow) -> Iterator[Fault]:
    if not isinstance(row.raw_id, str) or not _ID.fullmatch(row.raw_id):
        shown = "missing" if row.raw_id is None else _quote(row.raw_id)
        hint = "Write a text of a-z, 0-9 and hyphens, as a member of the feature."
        yield "AT301", "id", f"the id is {shown}", hint
    name = row.properties.get("name")
    if not isinstance(name, str) or not name.strip():
        yield "AT302", "name", "the name is missing or empty", "Give the feature a name."
    kind = row.properties.get("kind")
    if not _is_word(kind, KINDS):
        message = "the kind is missing" if kind is None else f"the kind is {_quote(kind)}"
        yield "AT303", "kind", message, f"Use one of {', '.join(sorted(KINDS))}."


def _check_status(row: FeatureRow, project: Project) -> Iterator[Fault]:
    kind, status = row.properties.get("kind"), row.properties.get("status")
    allowed = TERRITORY_STATUSES if kind == "territory" else PROJECT_STATUSES
    if status in (None, ""):
        is_needed = kind == "territory" or _is_word(kind, LINE_KINDS)
        if is_needed and all(r.feature_id != row.id for r in project.tables.history):
            hint = f"Use one of {', '.join(sorted(allowed))}, or add rows to status_history.csv."
            yield "AT304", "status", "the status is missing", hint
    elif not _is_word(status, allowed):
        hint = f"Use one of {', '.join(sorted(allowed))}."
        yield "AT304", "status", f"the status is {_quote(status)}", hint


def _check_geometry_words(row: FeatureRow) -> Iterator[Fault]:
    kind, basis = row.properties.get("kind"), row.properties.get("geometry_basis")
    is_line = _is_word(kind, LINE_KINDS)
    if (is_line or basis is not None) and not _is_word(basis, GEOMETRY_BASES):
        shown = "missing" if basis is None else _quote(basis)
        hint = f"Use one of {', '.join(sorted(GEOMETRY_BASES))}."
        yield "AT305", "geometry_basis", f"the geometry_basis is {shown}", hint
    accuracy = row.properties.get("accuracy_km")
    is_needed = is_line or basis == "estimate"
    if accuracy is None and not is_needed:
        return
    is_number = isinstance(accuracy, (int, float)) and not isinstance(accuracy, bool)
    if not is_number or not 0 <= accuracy < 1e5:  # type: ignore[operator]
        shown = "missing" if accuracy is None else _quote(accuracy)
        hint = "Give the half-width of the band that holds the true line, in km."
        yield "AT306", "accuracy_km", f"the accuracy_km is {shown}", hint


def _check_lists(row: FeatureRow) -> Iterator[Fault]:
    countries = row.properties.get("countries")
    bad = [code for code in split_list(countries) if not _ISO3.fullmatch(code)]
    if bad or not (countries is None or isinstance(countries, str)):
        hint = "Write ISO 3166 alpha-3 codes with ; between them, in the order of travel."
        yield "AT307", "countries", f"countries is {_quote(countries)}", hint
    strays = row.properties.get("strays_into")
    if any(not _ISO3.fullmatch(code) for code in split_list(strays)):
        hint = "Write ISO 3166 alpha-3 codes of states that only the drawn chord enters."
        yield "AT307", "strays_into", f"strays_into is {_quote(strays)}", hint
    gauges = row.properties.get("gauges_mm")
    known = {str(gauge) for gauge in GAUGES_MM}
    if isinstance(gauges, (list, dict)) or any(g not in known for g in split_list(gauges)):
        hint = f"Use {', '.join(sorted(known))}, with ; between several."
        yield "AT308", "gauges_mm", f"gauges_mm is {_quote(gauges)}", hint


def _check_dates(row: FeatureRow, project: Project) -> Iterator[Fault]:
    dates: dict[str, str] = {}
    for member in ("opened", "closed"):
        value = row.properties.get(member)
        if value in (None, ""):
            continue
        if isinstance(value, str) and ISO_DATE.fullmatch(value):
            dates[member] = value
        else:
            hint = "Write YYYY, YYYY-MM or YYYY-MM-DD, as a text."
            yield "AT309", member, f"{member} is {_quote(value)}", hint
    opened, closed, as_of = dates.get("opened"), dates.get("closed"), project.as_of
    is_operating = row.properties.get("status") == "operating"
    if opened and as_of and is_operating and _is_before(as_of, opened):
        message = f"the feature is operating, but opens on {opened}, after {as_of}"
        yield "AT310", "opened", message, "Correct the status or the date."
    if opened and closed and _is_before(closed, opened):
        message = f"closed ({closed}) is before opened ({opened})"
        yield "AT311", "closed", message, "Correct one of the dates."


def _is_before(one: str, other: str) -> bool:
    """Compare two ISO dates to the precision that both have."""
    common = min(len(one), len(other))
    return one[:common] < other[:common]


def _check_words(row: FeatureRow) -> Iterator[Fault]:
    routing = row.properties.get("routing")
    if routing not in (None, "", "documented", "inferred"):
        yield "AT312", "routing", f"routing is {_quote(routing)}", "Use documented or inferred."
    capacity, unit = row.properties.get("capacity"), row.properties.get("capacity_unit")
    if capacity in (None, ""):
        return
    is_number = isinstance(capacity, (int, float)) and not isinstance(capacity, bool)
    if not is_number or not (isinstance(unit, str) and unit.strip()):
        message = f"capacity is {_quote(capacity)}, capacity_unit is {_quote(unit)}"
        yield "AT313", "capacity", message, "Give a number and its unit."
