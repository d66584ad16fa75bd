"""Which paths are checked, with which profile, and what the report says."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

import sco_geo
from sco_geo.catalog import layer_files
from sco_geo.errors import UsageError, ValidationError
from sco_geo.validation import check, validate

POINT = '{"type": "Point", "coordinates": [69.2, 41.3]}'
SWAPPED = '{"type": "Point", "coordinates": [41.3, 99.2]}'


def write(path: Path, text: str = POINT) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def codes(*paths: Path) -> list[str]:
    return [finding.code for finding in validate(paths).findings]


def test_public_function_is_a_function_each_time() -> None:
    assert callable(sco_geo.validate)
    assert callable(sco_geo.validate), "a module of the same name must not take its place"


def test_a_path_may_be_a_text_a_path_or_several(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson")
    for paths in (str(path), path, [str(path)], (path,)):
        report = validate(paths)
        assert [file.path for file in report.files] == [str(path)]
        assert (report.verdict, report.exit_code()) == ("accept", 0)


def test_a_directory_means_its_geojson_sorted_and_not_recursive(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.geojson", "a.geojson", "inner/c.geojson", "d.json"):
        write(tmp_path / name)
    report = validate(tmp_path)
    assert [Path(file.path).name for file in report.files] == ["a.geojson", "b.geojson"]


def test_a_file_named_twice_is_checked_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson")
    assert len(validate([path, tmp_path, path]).files) == 1


def test_finding_names_file_line_feature_place_code_and_hint(tmp_path: Path) -> None:
    feature = '{"type": "Feature", "id": "x-1", "properties": {}, "geometry": ' + SWAPPED + "}"
    text = '{"type": "FeatureCollection", "features": [\n\n' + feature + "]}"
    path = write(tmp_path / "ports.geojson", text)
    (finding,) = validate(path).findings
    assert finding.to_text() == (
        f'{path}:3: ports: feature 0 (id "x-1"): at [41.3, 99.2]: CO108 error: '
        "latitude 99.2 is beyond ±90. Hint: Exchange the two numbers: longitude comes first."
    )


def test_unreadable_paths_have_their_own_entry_and_the_rest_is_checked(tmp_path: Path) -> None:
    good = write(tmp_path / "good.geojson")
    bad = write(tmp_path / "bad.geojson", SWAPPED)
    missing = tmp_path / "missing.geojson"
    report = validate([missing, bad, good])
    assert {Path(f.path).name: f.verdict for f in report.files} == {
        "missing.geojson": "reject",
        "bad.geojson": "reject",
        "good.geojson": "accept",
    }
    assert report.exit_code() == 2
    assert sorted(f.code for f in report.findings) == ["CO108", "IO001"]
    assert validate([bad, good]).exit_code() == 1


def unreadable(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    os.symlink("b", tmp_path / "a")
    os.symlink("a", tmp_path / "b")
    os.symlink("gone", tmp_path / "dangling")
    return {
        "IO001 missing": tmp_path / "missing.geojson",
        "IO001 dangling": tmp_path / "dangling",
        "IO001 inside a file": write(tmp_path / "file.geojson") / "x",
        "IO001 name too long": tmp_path / ("x" * 5000),
        "IO001 zero byte": tmp_path / "a\0b",
        "IO002 pipe": tmp_path / "pipe",
        "IO002 device": Path("/dev/zero"),
        "IO004 loop": tmp_path / "a",
        "IO005 directory": tmp_path / "empty",
    }


def test_odd_paths_get_a_verdict_at_once(tmp_path: Path) -> None:
    paths = unreadable(tmp_path)
    for name, path in paths.items():
        report = validate(path)
        assert [finding.code for finding in report.findings] == [name.split()[0]], name
        assert (report.verdict, report.exit_code()) == ("reject", 2), name
        assert report.files[0].is_unreadable
        json.dumps(report.to_dict())
    assert len(validate(list(paths.values())).files) == len(paths)


def test_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.geojson")
        assert codes(Path("s.geojson")) == ["IO002"]


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.geojson")
    monkeypatch.setattr("sco_geo.geojson.os.open", refuse)  # root may read everything
    (finding,) = validate(path).findings
    assert (finding.code, finding.message) == ("IO003", "cannot open: Permission denied")


def test_file_that_vanishes_between_listing_and_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.geojson")
    write(tmp_path / "b.geojson")
    real = os.open

    def vanish(path: object, *rest: int) -> int:
        if str(path).endswith("a.geojson"):
            raise FileNotFoundError(2, "No such file or directory")
        return real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("sco_geo.geojson.os.open", vanish)
    report = validate(tmp_path)
    assert [(Path(f.path).name, f.verdict) for f in report.files] == [
        ("a.geojson", "reject"),
        ("b.geojson", "accept"),
    ]


def test_too_large_file(tmp_path: Path) -> None:
    path = tmp_path / "big.geojson"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # sparse
    assert codes(path) == ["IO006"]


def test_text_of_a_finding_cannot_steer_a_terminal(tmp_path: Path) -> None:
    text = '{"type": "\\u001b[31mPoint\\u202e", "coordinates": []}'
    (finding,) = validate(write(tmp_path / "x.geojson", text)).findings
    assert finding.to_text().isprintable()


def test_report_raises_with_all_findings(tmp_path: Path) -> None:
    path = write(tmp_path / "x.geojson", SWAPPED)
    with pytest.raises(ValidationError, match="CO108") as caught:
        validate(path).raise_for_errors()
    assert [finding.code for finding in caught.value.findings] == ["CO108"]


def test_check_keeps_the_documents(tmp_path: Path) -> None:
    paths = [write(tmp_path / "x.geojson"), tmp_path / "missing"]
    read, missing = check(paths).files
    assert read.document is not None and len(read.document.features) == 1
    assert missing.document is None
    assert check(paths).report.verdict == "reject"


def test_findings_come_in_the_order_of_the_text(tmp_path: Path) -> None:
    features = [
        '{"type": "Feature", "properties": {}, "geometry": null}',
        '{"type": "Feature", "properties": [], "geometry": ' + SWAPPED + "}",
        '{"type": "Feature", "id": true, "properties": {}, "geometry": {"type": "x"}}',
    ]
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "]}"
    report = validate(write(tmp_path / "x.geojson", text))
    found = [(f.line, f.code) for f in report.findings]
    assert found == [(2, "GJ121"), (3, "GJ107"), (3, "CO108"), (4, "GJ110"), (4, "GJ103")]


def test_json_of_a_report(tmp_path: Path) -> None:
    report = validate(write(tmp_path / "x.geojson", SWAPPED)).to_dict()
    (file,) = report["files"]  # type: ignore[misc]
    assert report["summary"] == {"files": 1, "errors": 1, "warnings": 0}
    assert file["findings"][0]["feature_index"] == 0
    assert set(file["findings"][0]) == {
        "code", "severity", "message", "hint", "fixable", "line", "column", "pointer", "layer",
        "feature_index", "feature_id", "lon", "lat",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "a directory without any *.geojson file"),
        (["notes.txt"], "a directory without any *.geojson file"),
        (["a.json"], "no *.geojson in the directory, but 1 file ending in .json: give it by name"),
        (
            ["a.json", "b.JSON", "c.json", "notes.txt"],
            "no *.geojson in the directory, but 3 files ending in .json: give them by name",
        ),
    ],
)
def test_directory_without_layers_names_the_files_that_may_be_meant(
    tmp_path: Path, names: list[str], message: str
) -> None:
    for name in names:
        write(tmp_path / name)
    (finding,) = validate(tmp_path).findings
    assert (finding.code, finding.message) == ("IO005", message)
    assert validate(tmp_path).exit_code() == 2


def test_the_ending_may_be_written_in_capitals(tmp_path: Path) -> None:
    for name in ("B.GEOJSON", "a.geojson", "c.json", "d.geojsonl", "geojson"):
        write(tmp_path / name)
    assert [Path(f.path).name for f in validate(tmp_path).files] == ["B.GEOJSON", "a.geojson"]


def test_an_empty_path_is_refused() -> None:
    """It would mean the current directory, which nobody asked for."""
    with pytest.raises(UsageError, match="empty"):
        validate("")
    with pytest.raises(UsageError, match="empty"):
        validate("some.geojson", context=[""])


def test_the_shipped_context_may_stand_in_a_list(tmp_path: Path) -> None:
    path = tmp_path / "line.geojson"
    path.write_text('{"type": "LineString", "coordinates": [[-69.2, 41.3], [-66, 39.6]]}')
    alone = validate(path, context="geo").findings
    assert [finding.code for finding in alone] == ["TP403"]
    assert validate(path, context=["geo"]).findings == alone


def test_a_file_under_two_names_is_not_compared_with_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "Feature", "id": "x", "properties": {}, "geometry": null}')
    (tmp_path / "b.geojson").symlink_to(path)
    report = validate([path, tmp_path / "b.geojson"], project=True)
    assert "TP404" not in {finding.code for finding in report.findings}
    (tmp_path / "sources.csv").write_text("source_id\n")
    once, twice = (
        validate(paths) for paths in ([tmp_path], [tmp_path, tmp_path / ".." / tmp_path.name])
    )
    assert once.tables and len(once.tables) == len(twice.tables)


def test_capitals_in_the_ending_count(tmp_path: Path) -> None:
    """For the check and for the build alike."""
    path = tmp_path / "ROADS.GEOJSON"
    path.write_text('{"type": "Point", "coordinates": [69.2, 41.3]}')
    assert [file.path for file in validate(tmp_path).files] == [str(path)]
    assert layer_files([tmp_path])[0] == [path]
