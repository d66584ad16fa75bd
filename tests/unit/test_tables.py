"""Tables and the catalog: what is wrong in a CSV is named with its line; status follows dates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sco_geo
from sco_geo import catalog
from sco_geo.errors import CatalogError, ValidationError
from sco_geo.sources import COLUMNS, Tables

HEAD = {name: ",".join(columns) for name, columns in COLUMNS.items()}


def codes(folder: Path) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.line) for finding in Tables.load([folder]).findings]


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("sources.csv", b"id,publisher\nx,y\n", [("SR012", 1)]),
        ("sources.csv", b"\xff\xfe", [("SR011", None)]),
        ("sources.csv", b"HEAD\na,,t,u,,,,\n", [("SR015", 2)]),
        ("sources.csv", b"HEAD\na,p,t,u,2024-13,,,\n", [("SR016", 2)]),
        ("sources.csv", b"HEAD\na,p,t,u,,,,\nb,p,t,u,,,,,more\n", [("SR014", 3)]),
        ("claims.csv", b"HEAD\na,whole,length_km,5,km,,maybe,s,\n", [("SR017", 2)]),
        ("sources.csv", b'HEAD\na,p,"t,u,,,,\n', [("SR013", 2)]),
        ("sources.csv", b"HEAD\na,p,t,u,2024,,,\n", []),
    ],
)
def test_a_bad_row_is_placed(
    tmp_path: Path, name: str, body: bytes, expected: list[tuple[str, int | None]]
) -> None:
    (tmp_path / name).write_bytes(body.replace(b"HEAD", HEAD[name].encode()))
    assert codes(tmp_path) == expected


def test_one_id_for_two_sources_is_an_error(tmp_path: Path) -> None:
    rows = "a,p,one title,u,,,,\na,p,another title,u,,,,\n"
    (tmp_path / "sources.csv").write_text(f"{HEAD['sources.csv']}\n{rows}")
    assert [code for code, _ in codes(tmp_path)] == ["SR018"]


@pytest.mark.parametrize(
    ("date", "status"),
    [("2019-12-31", "none"), ("2020-01-01", "planned"), ("2024-05-01", "construction")],
)
def test_status_intervals_are_half_open(tmp_path: Path, date: str, status: str) -> None:
    rows = "r,project,planned,2020-01-01,2024-05-01,,s,\nr,project,construction,2024-05-01,,,s,\n"
    (tmp_path / "status_history.csv").write_text(f"{HEAD['status_history.csv']}\n{rows}")
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    row = {"type": "Feature", "id": "r", "properties": {"kind": "railway"}, "geometry": line}
    text = json.dumps({"type": "FeatureCollection", "features": [row]})
    (tmp_path / "lines.geojson").write_text(text)
    loaded = catalog.load([tmp_path], as_of=date)
    assert [feature.status for feature in loaded.features] == [status]


def test_a_malformed_sidecar_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (tmp_path / "a.toml").write_text("title = ")
    with pytest.raises(CatalogError, match=r"a\.toml"):
        catalog.load([tmp_path])


def test_a_layer_without_anything_gets_a_title(tmp_path: Path) -> None:
    (tmp_path / "my_new-line.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (layer,) = catalog.load([tmp_path]).layers
    assert layer.sidecar.title == {"en": "My new line", "zh": "My new line", "ru": "My new line"}


def test_composing_a_broken_layer_raises(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[{}]}')
    with pytest.raises(ValidationError, match="a.geojson:1"):
        sco_geo.compose([tmp_path])


def test_public_names_stay_what_they_are() -> None:
    for _ in range(2):
        for name in sco_geo.__all__:
            assert callable(getattr(sco_geo, name)), name
    report = sco_geo.validate(catalog.shipped_directory("layers") / "cku_railway.geojson")
    assert report.verdict == "accept"
    frame = sco_geo.read_layer(catalog.shipped_directory("layers") / "cku_railway.geojson")
    lines = frame[frame.geom_type == "LineString"]
    assert sco_geo.length_km(lines).sum() == pytest.approx(432.7, abs=5)
