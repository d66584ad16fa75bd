"""The rules: good files give no finding, bad files exactly those that their neighbour names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sco_geo import rules
from sco_geo.geojson import parse
from sco_geo.model import Finding
from sco_geo.rules import REGISTRY
from sco_geo.validation import validate

DATA = Path(__file__).resolve().parents[1] / "data"
DOCS = Path(__file__).resolve().parents[2] / "docs"
GOOD = sorted((DATA / "good").glob("*.geojson"))
BAD = sorted((DATA / "bad").glob("*.geojson"))
#: Codes that no single file of fixtures can show; their tests are named here.
ELSEWHERE = {
    "IO001", "IO002", "IO003", "IO004", "IO005", "IO006",  # test_validate.py
    "IO007",  # test_context_pairs.py
    "GJ002", "GJ003", "GJ004",  # test_geojson.py, bytes that editors would mend
    "GJ123",  # test_datasets.py: bytes in GeoParquet
    "CO115", "TP403", "TP405",  # test_rules_context.py, which needs territories
    "GM230",  # test_reasons_of_geos.py, for no input is known to give it
    "GM231", "TP407",  # test_rules_context.py, many vertices or features
}  # fmt: skip
#: Shown by projects made in test_rules_project.py, test_rules_routes.py, test_rules_tables.py.
PROJECT = {code for code in REGISTRY if code[:2] in ("AT", "SR")}
PROJECT |= {"TP404", "TP406", "TP408", "TP409", "TP410", "TP411", "TP412", "TP413"}


def shown(finding: Finding, wanted: dict[str, object]) -> dict[str, object]:
    """Return those members of a finding that an expectation names."""
    record = finding.to_dict()
    return {name: record[name] for name in wanted}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_file_has_no_finding(path: Path) -> None:
    report = validate(path)
    assert [finding.to_text() for finding in report.findings] == []
    assert report.verdict == "accept"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file_has_exactly_the_expected_findings(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["findings"]
    expected = [{k: v for k, v in e.items() if k != "pointer" or v is not None} for e in expected]
    findings = validate(path).findings
    assert [f.code for f in findings] == [e["code"] for e in expected], [
        f.to_text() for f in findings
    ]
    for finding, wanted in zip(findings, expected, strict=True):
        assert shown(finding, wanted) == wanted
        assert finding.severity == REGISTRY[finding.code].severity
        assert finding.line is not None and finding.column is not None
        text = finding.to_text()
        assert text.startswith(f"{path}:{finding.line}: {path.stem}: ")
        assert f"{finding.code} {finding.severity}: " in text
        assert "None" not in text.removeprefix(str(path)).replace("'None", "")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_verdict_follows_from_the_worst_finding(path: Path) -> None:
    report = validate(path)
    codes = json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["findings"]
    severities = {REGISTRY[entry["code"]].severity for entry in codes}
    expected = "accept_with_warning" if "warning" in severities else "accept"
    assert report.verdict == ("reject" if "error" in severities else expected)


def test_every_bad_file_is_named_after_its_code() -> None:
    for path in BAD:
        expected = json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["findings"]
        assert path.stem.split("-")[0] in {entry["code"] for entry in expected}
    assert {
        p.name.replace(".expected.json", ".geojson") for p in (DATA / "bad").glob("*.json")
    } <= {p.name for p in BAD}


def test_every_code_has_a_fixture_or_a_test() -> None:
    with_fixture = {path.stem.split("-")[0] for path in BAD}
    assert set(REGISTRY) - with_fixture - PROJECT - ELSEWHERE == set()
    assert with_fixture <= set(REGISTRY)


@pytest.mark.parametrize("code", sorted(REGISTRY))
def test_rule_is_documented(code: str) -> None:
    rule = REGISTRY[code]
    assert rule.code == code
    assert rule.severity in ("error", "warning", "note")
    for text in (rule.title, rule.meaning, rule.why, rule.bad, rule.good):
        assert text.strip()
    assert rule.meaning.endswith(".") and rule.why.endswith(".")
    assert rule.bad != rule.good


def test_a_code_cannot_be_taken_twice() -> None:
    from sco_geo.rules._base import register

    with pytest.raises(ValueError, match="GJ001"):
        register(REGISTRY["GJ001"])


def test_page_of_rules_is_up_to_date() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert text == rules.to_markdown(), "write docs/rules.md again with sco_geo.rules.to_markdown"


@pytest.mark.parametrize("digits", [400, 5000])
def test_integers_of_many_digits_are_numbers_that_are_not_finite(
    digits: int, tmp_path: Path
) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(f'{{"type": "Point", "coordinates": [{"1" * digits}, 41]}}')
    (finding,) = validate(path).findings
    assert (finding.code, finding.pointer) == ("CO105", "/coordinates/0")


def test_place_of_a_crossing_is_the_crossing() -> None:
    (finding,) = validate(DATA / "bad" / "GM221-bow-tie.geojson").findings
    assert (finding.lon, finding.lat) == (65.0, 42.5)  # the diagonals of a rectangle


def test_unlikely_geometry_gives_the_line_of_its_feature() -> None:
    (finding,) = validate(DATA / "bad" / "TP401-same-id.geojson").findings
    assert (finding.line, finding.feature_id) == (4, "khorgos")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GJ005-python-repr", "repr"),
        ("GJ005-trailing-comma", "comma"),
        ("GJ005-comment", "comments"),
        ("GJ005-line-break-in-text", "\\\\n"),
        ("GJ005-kml", "Convert"),
        ("GJ103-wrong-case", '"Point"'),
        ("CO107-mercator", "Transform"),
        ("CO108-swapped", "longitude comes first"),
        ("CO109-to-360", "360"),
        ("CO110-minutes", "minutes"),
        ("CO116-lost-sign", "longitude seems to have lost"),
        ("CO116-last-vertex", "latitude seems to have lost"),
        ("CO116-exchanged", "exchanged"),
    ],
)
def test_hint_names_the_likely_cause(name: str, hint: str) -> None:
    (finding,) = validate(DATA / "bad" / f"{name}.geojson").findings
    assert finding.hint is not None
    assert hint.replace("\\\\", "\\") in finding.hint


def test_long_lists_of_faults_are_cut_and_counted() -> None:
    from sco_geo.rules import View, check_document

    line = {"type": "LineString", "coordinates": [["1", 2]] * 250}
    found = list(check_document(View(parse(json.dumps(line).encode(), "x"))))
    assert [finding.code for finding in found] == ["CO102"] * 100
    assert found[-1].message.endswith("(and 150 more like this in the geometry)")


def test_text_findings_agree_with_the_register() -> None:
    for data in (b"", b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0", b"\xff", b"[NaN]", b'{"a":1,"a":2}'):
        for finding in parse(data, "x.geojson").findings:
            assert finding.severity == REGISTRY[finding.code].severity
