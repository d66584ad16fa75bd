"""Rules on the properties of a project's features; other files are free in theirs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from sco_geo._flat import FeatureRow
from sco_geo.model import Finding
from sco_geo.pipes import read_strings
from sco_geo.rules._base import MOST_ACCURACY_KM, Project, Rule, View, one_of, quote, register
from sco_geo.rules.dates import Fault, check_dates
from sco_geo.units import (
    COUNTRY_CODES,
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
        "A list of countries (countries, strays_into, participants) is not made of three-letter "
        "codes.",
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
    Rule(
        "AT314", "error", "unknown country",
        "A country code is not one of ISO 3166-1 alpha-3, nor XKX, nor that of a territory "
        "that the layer is compared with.",
        "Lengths by country and claims would be about nobody.",
        '"countries": "CHN;XYZ"', '"countries": "CHN;KAZ"',
    ),
)  # fmt: skip

register(
    Rule(
        "AT320", "error", "number of strings not understood",
        "The property strings, the number of parallel strings of a pipeline, is neither a whole "
        "number from 1 to 99 nor such a number for each country.",
        "The length of pipe would be counted wrongly.",
        '"strings": "double"', '"strings": 2, or "strings": "RUS:1;CHN:2"',
    ),
)  # fmt: skip

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISO3 = re.compile(r"[A-Z]{3}")
#: Properties that list countries, and what of.
_COUNTRY_LISTS = {
    "countries": "those on the way, in the order of travel",
    "strays_into": "states that only the drawn chord enters",
    "participants": "states that take part",
}


def check_attributes(view: View) -> Iterator[Finding]:
    """Check the properties of the features of a project."""
    project = view.project
    if project is None:
        return
    known = COUNTRY_CODES | frozenset(view.context.codes if view.context else ())
    for row in view.flat.features:
        if not row.is_feature:
            continue
        checks = (
            _check_names(row),
            _check_status(row, project),
            _check_geometry_words(row),
            _check_countries(row, known),
            _check_gauges(row),
            _check_strings(row, known),
            check_dates(row, project),
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


def _check_names(row: FeatureRow) -> Iterator[Fault]:
    if not isinstance(row.raw_id, str) or not _ID.fullmatch(row.raw_id):
        shown = "missing" if row.raw_id is None else quote(row.raw_id)
        hint = "Write a text of a-z, 0-9 and hyphens, as a member of the feature."
        yield "AT301", "id", f"the id is {shown}", hint
    name = row.properties.get("name")
    if not isinstance(name, str) or not name.strip():
        yield "AT302", "name", "the name is missing or empty", "Give the feature a name."
    kind = row.properties.get("kind")
    if not one_of(kind, KINDS):
        message = "the kind is missing" if kind is None else f"the kind is {quote(kind)}"
        yield "AT303", "kind", message, f"Use one of {', '.join(sorted(KINDS))}."


def _check_status(row: FeatureRow, project: Project) -> Iterator[Fault]:
    kind, status = row.properties.get("kind"), row.properties.get("status")
    allowed = TERRITORY_STATUSES if kind == "territory" else PROJECT_STATUSES
    if status in (None, ""):
        is_needed = kind == "territory" or one_of(kind, LINE_KINDS)
        if is_needed and all(r.feature_id != row.id for r in project.tables.history):
            hint = f"Use one of {', '.join(sorted(allowed))}, or add rows to status_history.csv."
            yield "AT304", "status", "the status is missing", hint
    elif not one_of(status, allowed):
        hint = f"Use one of {', '.join(sorted(allowed))}."
        yield "AT304", "status", f"the status is {quote(status)}", hint


def _check_geometry_words(row: FeatureRow) -> Iterator[Fault]:
    kind, basis = row.properties.get("kind"), row.properties.get("geometry_basis")
    is_line = one_of(kind, LINE_KINDS)
    if (is_line or basis is not None) and not one_of(basis, GEOMETRY_BASES):
        shown = "missing" if basis is None else quote(basis)
        hint = f"Use one of {', '.join(sorted(GEOMETRY_BASES))}."
        yield "AT305", "geometry_basis", f"the geometry_basis is {shown}", hint
    accuracy = row.properties.get("accuracy_km")
    is_needed = is_line or basis == "estimate"
    if accuracy is None and not is_needed:
        return
    is_number = isinstance(accuracy, (int, float)) and not isinstance(accuracy, bool)
    if not is_number or not 0 <= accuracy < MOST_ACCURACY_KM:  # type: ignore[operator]
        shown = "missing" if accuracy is None else quote(accuracy)
        hint = "Give the half-width of the band that holds the true line, in km."
        yield "AT306", "accuracy_km", f"the accuracy_km is {shown}", hint


def _check_countries(row: FeatureRow, known: frozenset[str]) -> Iterator[Fault]:
    for member, what in _COUNTRY_LISTS.items():
        value = row.properties.get(member)
        codes = split_list(value)
        if not (value is None or isinstance(value, str)) or not all(map(_ISO3.fullmatch, codes)):
            hint = f"Write ISO 3166 alpha-3 codes with ; between them: {what}."
            yield "AT307", member, f"{member} is {quote(value)}", hint
            continue
        unknown = [code for code in codes if code not in known]
        if unknown:
            near = difflib.get_close_matches(unknown[0], sorted(known), n=3, cutoff=0.6)
            hint = f"Near: {', '.join(near)}." if near else "See ISO 3166-1 alpha-3."
            yield "AT314", member, f"no country has the code {', '.join(unknown)}", hint


def _check_gauges(row: FeatureRow) -> Iterator[Fault]:
    gauges = row.properties.get("gauges_mm")
    known = {str(gauge) for gauge in GAUGES_MM}
    if isinstance(gauges, (list, dict)) or any(g not in known for g in split_list(gauges)):
        hint = f"Use {', '.join(sorted(known))}, with ; between several."
        yield "AT308", "gauges_mm", f"gauges_mm is {quote(gauges)}", hint


def _check_strings(row: FeatureRow, known: frozenset[str]) -> Iterator[Fault]:
    value = row.properties.get("strings")
    strings = read_strings(value)
    if strings == {} or (isinstance(strings, dict) and not strings.keys() <= known):
        hint = "Write a whole number, or codes of countries with numbers, as RUS:1;CHN:2."
        yield "AT320", "strings", f"strings is {quote(value)}", hint


def _check_words(row: FeatureRow) -> Iterator[Fault]:
    routing = row.properties.get("routing")
    if routing not in (None, "", "documented", "inferred"):
        yield "AT312", "routing", f"routing is {quote(routing)}", "Use documented or inferred."
    capacity, unit = row.properties.get("capacity"), row.properties.get("capacity_unit")
    if capacity in (None, ""):
        return
    is_number = isinstance(capacity, (int, float)) and not isinstance(capacity, bool)
    if not is_number or not (isinstance(unit, str) and unit.strip()):
        message = f"capacity is {quote(capacity)}, capacity_unit is {quote(unit)}"
        yield "AT313", "capacity", message, "Give a number and its unit."
