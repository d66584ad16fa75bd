"""The examples of the register: the bad one breaks its rule and the good one does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sco_geo.rules import FIXES, REGISTRY
from sco_geo.validation import validate

DATA = Path(__file__).resolve().parents[1] / "data"
#: Families whose rules need no project.
FAMILIES = ("GJ", "CO", "GM", "TP")
#: Rules that compare with territories.
WITH_TERRITORIES = {"CO115", "TP403"}
#: Rules whose bad example cannot be checked as a file of its own.
ELSEWHERE = {
    "GJ001", "GJ002", "GJ003", "GJ004", "GJ009",  # bytes that a page cannot show
    "GJ123",  # bytes in GeoParquet
    "GJ012", "GJ118", "GM231", "TP407",  # many brackets, collections, vertices, territories
    "GM230",  # no input is known for which GEOS gives such a reason
    "TP404", "TP405", "TP406", "TP408", "TP409",  # several layers, or a project
    "TP410", "TP411", "TP412", "TP413",
}  # fmt: skip


def is_text(example: str) -> bool:
    """Tell whether an example is the whole text of a file."""
    return example.startswith(("{", "[")) and "..." not in example


REAL = [
    code
    for code, rule in REGISTRY.items()
    if code[:2] in FAMILIES and code not in ELSEWHERE and is_text(rule.bad)
]


def codes_of(tmp_path: Path, code: str, example: str) -> dict[str, str]:
    path = tmp_path / "example.geojson"
    path.write_text(example, encoding="utf-8")
    findings = validate(path, context="geo" if code in WITH_TERRITORIES else ()).findings
    return {finding.code: finding.severity for finding in findings}


def test_examples_are_real_files_where_that_is_possible() -> None:
    others = {code for code in REGISTRY if code[:2] in FAMILIES} - set(REAL)
    assert others <= ELSEWHERE, "write a whole GeoJSON text as the bad example, or say why not"


@pytest.mark.parametrize("code", REAL)
def test_bad_example_breaks_its_rule(code: str, tmp_path: Path) -> None:
    assert code in codes_of(tmp_path, code, REGISTRY[code].bad)


@pytest.mark.parametrize(
    "code", sorted(c for c in REGISTRY if c[:2] in FAMILIES and is_text(REGISTRY[c].good))
)
def test_good_example_has_no_finding(code: str, tmp_path: Path) -> None:
    assert codes_of(tmp_path, code, REGISTRY[code].good) == {}


#: A line that is as the rules of a project want it; the examples change some of its members.
LINE = {
    "name": "Line", "kind": "railway", "status": "construction", "opened": "2020",
    "countries": "KAZ", "gauges_mm": "1520", "geometry_basis": "waypoints", "accuracy_km": 5,
    "sources": "natural-earth-4-1-0",
}  # fmt: skip
ATTRIBUTES = [f"AT{number}" for number in range(301, 314)]


def project_codes(tmp_path: Path, example: str) -> set[str]:
    members = json.loads(f"{{{example}}}")
    feature = {
        "type": "Feature",
        "id": members.pop("id", "line"),
        "properties": {**LINE, **members},
        "geometry": {"type": "LineString", "coordinates": [[69.2, 43.3], [76.1, 43.4]]},
    }
    path = tmp_path / "line.geojson"
    path.write_text(json.dumps(feature), encoding="utf-8")
    return {finding.code for finding in validate(path, project=True, context="geo").findings}


@pytest.mark.parametrize("code", ATTRIBUTES)
def test_examples_of_attributes(code: str, tmp_path: Path) -> None:
    assert code in project_codes(tmp_path, REGISTRY[code].bad)
    assert not {c for c in project_codes(tmp_path, REGISTRY[code].good) if c in ATTRIBUTES}


def test_what_a_finding_says_about_mending_agrees_with_the_register() -> None:
    found = {finding.code for finding in validate(DATA / "bad").findings if finding.fixable}
    assert found and found <= set(FIXES)
