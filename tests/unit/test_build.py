"""The build as a whole: what it writes, and that it writes nothing when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sco_geo.atlas.compose import read_block
from sco_geo.catalog import shipped_directory
from sco_geo.cli import main

ROOT = Path(__file__).resolve().parents[2]
ROUTE = {"type": "LineString", "coordinates": [[65.0, 40.0], [66.0, 41.0]]}


def collection(*features: dict[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1)


def feature(name: object, geometry: object = ROUTE, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": geometry,
    }


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ./layers of one's own, as the working directory."""
    (tmp_path / "layers").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_dropped_file_is_built(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "layers" / "my_route.geojson").write_text(collection(feature("A to B")))
    assert main(["build", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    layers = {layer["id"]: layer for layer in report["layers"]}
    assert layers["my_route"]["features"] == 1
    # geographiclib 2.1: Inverse(40, 65, 41, 66) = 139 698.755 m
    assert layers["my_route"]["length_km"] == pytest.approx(139.698755, abs=1e-6)
    page = (mine / "build" / "eurasian-connectivity.html").read_bytes()
    assert report["bytes"] == len(page)
    block = read_block(page.decode("utf-8"), "sco-layer-my_route")
    assert block["title"]["en"] == "My route"
    assert [row["id"] for row in block["features"]] == ["my_route-1"]


def test_a_file_dropped_beside_the_shipped_layers_is_built(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(mine / "layers")
    shutil.copytree(shipped_directory("layers"), mine / "layers")
    (mine / "layers" / "my_route.geojson").write_text(collection(feature(None)))
    assert main(["validate", "layers", "--strict"]) == 0
    assert main(["build"]) == 0
    assert "my_route: 1 features, 139.7 km" in capsys.readouterr().out


def test_only_own_layers(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "layers" / "a.geojson").write_text(collection(feature("A")))
    assert main(["build", "--no-shipped", "--format", "json"]) == 0
    assert [layer["id"] for layer in json.loads(capsys.readouterr().out)["layers"]] == ["a"]


def test_the_same_name_replaces_and_says_so(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "layers" / "cku_railway.geojson").write_text(collection(feature("Better line")))
    assert main(["build"]) == 0
    assert "cku_railway.geojson replaces " in capsys.readouterr().out


def test_a_broken_layer_leaves_the_old_page(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = mine / "build" / "eurasian-connectivity.html"
    page.parent.mkdir()
    page.write_text("the old page")
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[60, 40], [61, 41], [61, 40], [60, 41], [60, 40]]],
    }
    (mine / "layers" / "areas.geojson").write_text(
        collection(feature("fine"), {**feature("bow", bow_tie), "id": "bow-tie"})
    )
    assert main(["build"]) == 1
    printed = capsys.readouterr().out
    assert "layers/areas.geojson:" in printed  # file and line
    assert 'feature 1 (id "bow-tie")' in printed
    assert "40.5° N, 60.5° E" in printed  # where the edges cross
    assert "Hint: " in printed
    assert "nothing written" in printed
    assert page.read_text() == "the old page"
    assert [path.name for path in page.parent.iterdir()] == [page.name]


def test_the_page_names_the_licences_of_what_it_holds(mine: Path, atlas_html: Path) -> None:
    notice = "contains data © OpenStreetMap contributors, ODbL 1.0"
    whole = atlas_html.read_text(encoding="utf-8")
    assert notice in whole
    assert "GeoNames, Global Energy Monitor CC BY 4.0" in whole
    (mine / "layers" / "a.geojson").write_text(collection(feature("A")))
    assert main(["build", "--no-shipped"]) == 0
    page = (mine / "build" / "eurasian-connectivity.html").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" not in page
    assert "Global Energy Monitor" not in page
    assert "Natural Earth" in page
    assert "GeoNames" in page


def test_a_folder_is_judged_by_its_own_date(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "source_id,publisher,title,url,date,accessed,licence,quality"
    (mine / "layers" / "sources.csv").write_text(f"{head}\nmine,Me,Mine,,,,,\n")
    opened = {"status": "operating", "opened": "2027-01-01", "kind": "railway"}
    (mine / "layers" / "a.geojson").write_text(collection(feature("A", **opened)))
    assert main(["validate", "layers"]) == 1
    assert "AT310" in capsys.readouterr().out
    (mine / "layers" / "atlas.toml").write_text("as_of = 2028-01-01\n")
    assert main(["validate", "layers"]) == 0


def test_a_missing_context_does_not_hide_the_other_paths(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "layers" / "a.geojson").write_text(collection(feature("A")))
    arguments = ["validate", "layers", "--context", "nowhere.geojson", "--format", "json"]
    assert main(arguments) == 2
    files = {file["path"]: file["verdict"] for file in json.loads(capsys.readouterr().out)["files"]}
    assert files == {"layers/a.geojson": "accept", "nowhere.geojson": "reject"}


def test_a_broken_table_stops_build_and_length(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "layers" / "a.geojson").write_text(collection({**feature("A"), "id": "a-b"}))
    head = "subject_id,scope,property,value,unit,as_of,current,source_id,note"
    row = "a-b,whole,length_km,some 140,km,,true,osm-scgraph-data-2-0-0,"
    (mine / "layers" / "claims.csv").write_text(f"{head}\n{row}\n")
    for command in (["build"], ["length", "layers"]):
        assert main(command) == 1
        printed = capsys.readouterr()
        assert "claims.csv:2: claims.csv: SR019 error" in printed.out + printed.err
    assert not (mine / "build").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["build", "--layers", "nowhere"], 2),
        (["build", "--as-of", "2025"], 2),
        (["build", "--no-shipped"], 2),
        (["build", "--lang", "xx"], 2),
        (["validate", "nowhere.geojson"], 2),
        (["length", "nowhere.geojson"], 2),
        (["nonsense"], 2),
        ([], 2),
    ],
)
def test_wrong_use_has_a_code_and_no_traceback(
    mine: Path, arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert printed.out + printed.err


def build_in(folder: Path, source: Path, environment: dict[str, str]) -> bytes:
    """Build from a copy of the project in its own process and environment."""
    output = folder / "out" / "page.html"
    subprocess.run(
        [sys.executable, str(source / "build_map.py"), "--output", str(output), "--quiet"],
        cwd=source,
        env={**os.environ, **environment, "PYTHONPATH": str(source)},
        check=True,
        capture_output=True,
    )
    return output.read_bytes()


def copy_project(target: Path, *, is_reversed: bool) -> Path:
    """Copy what a build needs; in reverse order, so that directories list differently."""
    for folder in ("sco_geo", "geo", "layers"):
        files = [path for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
        for path in reversed(files) if is_reversed else files:
            if "__pycache__" not in path.parts:
                copy = target / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
                if is_reversed:
                    os.utime(copy, (1, 1))
    for name in ("build_map.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, target / name)
    return target


def test_the_same_bytes_from_anywhere(tmp_path: Path) -> None:
    one = copy_project(tmp_path / "one", is_reversed=False)
    two = copy_project(tmp_path / "another folder é", is_reversed=True)
    first = {"TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
    second = {"TZ": "Asia/Tashkent", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
    page = build_in(tmp_path / "a", one, first)
    assert page == build_in(tmp_path / "b", two, second)
    assert str(tmp_path).encode() not in page
    assert len(page) < 1_500_000


def test_the_installed_wheel_builds_the_same_bytes(tmp_path: Path) -> None:
    source = copy_project(tmp_path / "source", is_reversed=False)
    for name in ("README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    shutil.copytree(ROOT / "LICENSES", source / "LICENSES")
    run = {"cwd": source, "check": True, "capture_output": True}
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], **run)
    (wheel,) = (source / "dist").glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, str(site), str(wheel)], **run)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(
        [sys.executable, "-m", "sco_geo", "build", "--output", "page.html"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
    )
    assert (elsewhere / "page.html").read_bytes() == build_in(tmp_path / "a", source, {})


def test_every_shipped_feature_resolves_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--format", "json"]) == 0
    usage = json.loads(capsys.readouterr().out)
    assert usage["missing"] == []
    known = {source["source_id"] for source in usage["sources"]}
    for path in sorted(shipped_directory("layers").glob("*.geojson")):
        for row in json.loads(path.read_text(encoding="utf-8"))["features"]:
            cited = row["properties"]["sources"].split(";")
            assert cited[0], row["id"]
            assert set(cited) <= known, row["id"]


def test_sources_of_a_line_or_by_their_own_id(capsys: pytest.CaptureFixture[str]) -> None:
    table = shipped_directory("layers") / "claims.csv"
    with table.open(encoding="utf-8", newline="") as file:
        wanted = {r["source_id"] for r in csv.DictReader(file) if r["subject_id"] == "cku-railway"}
    assert main(["sources", "--only", "CKU-railway", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["sources"]
    ids = {one for row in wanted for one in row.split(";")}
    assert {source["source_id"] for source in found} == ids
    assert all(what.startswith("cku-railway") for source in found for what in source["supports"])
    assert main(["sources", "--only", "railway-gazette-2024-06", "--only", "hub-nowhere"]) == 2
    assert '"hub-nowhere"' in capsys.readouterr().err
    assert main(["sources", "--only", "railway-gazette-2024-06"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("railway-gazette-2024-06: Railway Gazette International, 2024-06")
    assert "https://" in text and text.endswith("\n1 source(s), 0 missing, 0 unused\n")


def test_validate_is_strictly_clean() -> None:
    folders = [str(shipped_directory("layers")), str(shipped_directory("geo"))]
    assert main(["validate", *folders, "--strict"]) == 0


def test_length_of_one_system_says_who_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["length", str(shipped_directory("layers")), "--only", "cku-railway", "--claims"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith("tianjin")]
    begin = next(
        n for n, line in enumerate(lines) if line.startswith("    whole: computed 441.8 km")
    )
    end = next(n for n, line in enumerate(lines) if line.startswith("    CHN: computed 132.8 km"))
    rows = [line for line in lines[begin:end] if line.startswith("      532.53   -17.0 %")]
    assert len(rows) == 4
    assert sum("Trend News Agency (trend-2025-" in row for row in rows) == 3


@pytest.mark.parametrize("by", ["country", "gauge", "status"])
def test_claims_do_not_vanish_in_sums(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    layers = str(shipped_directory("layers"))
    assert main(["length", layers, "--by", by, "--claims"]) == 2
    assert "--claims" in capsys.readouterr().err
    assert main(["length", layers, "--by", by]) == 0
    assert "lower bounds" in capsys.readouterr().out


def test_an_unknown_id_is_wrong_use_and_near_ones_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["length", str(shipped_directory("layers")), "--only", "cku-railwy"]) == 2
    assert "cku-railway" in capsys.readouterr().err


def test_length_json_has_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["length", str(shipped_directory("layers")), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report.keys() == {"features", "systems", "total_km"}
    assert {
        "layer",
        "id",
        "name",
        "system",
        "length_km",
        "network_length_km",
        "network_uncertainty_pct",
        "network_version",
        "pipe_length_km",
        "method",
        "is_lower_bound",
        "accuracy_km",
        "by_country",
        "by_gauge",
        "by_status",
        "strays_km",
        "pipe_strings_unknown_km",
        "claims",
        "spreads",
    } == report["features"][0].keys()
    keys = {"id", "length_km", "by_country", "by_gauge", "is_lower_bound", "claims"}
    keys |= {"by_status", "pipe_length_km", "pipe_strings_unknown_km", "breaks_of_gauge"}
    keys |= {"spreads", "strays_km"}
    keys |= {"network_length_km", "network_uncertainty_pct", "network_version"}
    assert keys == report["systems"][0].keys()
    claims = [claim for system in report["systems"] for claim in system["claims"]]
    keys = {"value_km", "scope", "source_id", "as_of", "current", "difference_pct"}
    keys |= {"computed_km", "includes", "note", "reason", "is_open"}
    assert keys == claims[0].keys()
    assert {454, 486, 523, 532.53} <= {c["value_km"] for c in claims if c["scope"] == "whole"}
