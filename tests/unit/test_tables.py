"""Tables and the catalog: what is wrong in a CSV is named with its line; status follows dates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sco_geo
from sco_geo import catalog, measure
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
        ("claims.csv", b"HEAD\na,whole,length_km,about 5,km,,true,s,\n", [("SR019", 2)]),
        ("claims.csv", b"HEAD\na,whole,length_km,5,miles,,true,s,\n", [("SR019", 2)]),
        ("claims.csv", b"HEAD\na,whole,length_km,-5,km,,true,s,\n", [("SR019", 2)]),
        *(
            (
                "claims.csv",
                f"HEAD\na,whole,length_km,{value},km,,true,s,\n".encode(),
                [("SR019", 2)],
            )
            for value in (
                "1_000",
                "1e3",
                "1e-310",
                "0",
                "0.0001",
                "9" * 309,
                "inf",
                "nan",
                "٥",
                "5.",
            )
        ),
        ("claims.csv", b"HEAD\na,whole,length_km,0532.50,km,,true,s,\n", []),
        ("claims.csv", b"HEAD\na,whole,cargo,toys,text,,true,s,\n", []),
        ("sources.csv", b'HEAD\na,p,"t,u,,,,\n', [("SR013", 2)]),
        ("sources.csv", b"HEAD\na,p,t,u,2024,,,\n", []),
        ("facts.csv", b"HEAD\na,trade,1,t,,,,,,confirmed,s,\n", []),
        ("translations.csv", "HEAD\nPlan.,计划。,План.\n".encode(), []),
        ("translations.csv", "HEAD\nPlan.,,План.\n".encode(), [("SR015", 2)]),
        ("translations.csv", "HEAD\nA,甲,А\nA,乙,Б\n".encode(), [("SR018", 2)]),
        ("facts.csv", b"HEAD\na,trade,1,t,,,,,,true,s,\n", [("SR020", 2)]),
        ("facts.csv", b"HEAD\na,trade,1,t,,,,,,differs,,\n", [("SR015", 2)]),
        ("facts.csv", b"HEAD\na,trade,1,t,,,,,,not_mapped,,\n", []),
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
    texts = ["title = ", 'order = "first"', 'visible = "no"', 'warnings = "mind"']
    texts += ['unlocated = ["a station"]', '[[unlocated]]\nsources = "paper"', 'systems = "x"']
    for text in texts:
        (tmp_path / "a.toml").write_text(text)
        with pytest.raises(CatalogError, match=r"a\.toml"):
            catalog.load([tmp_path])


def test_a_view_shows_features_of_the_base_by_role(tmp_path: Path) -> None:
    (tmp_path / "sea.toml").write_text('view_of = "places.geojson"\nroles = ["port"]\norder = 5')
    (tmp_path / "all.toml").write_text('view_of = "places.geojson"\n')
    base = json.loads((catalog.shipped_directory("geo") / "places.geojson").read_text())
    ports = [f for f in base["features"] if "port" in f["properties"]["roles"].split(";")]
    sea, everything = catalog.load([tmp_path]).layers
    assert [f.id for f in sea.features] == [f["id"] for f in ports]
    assert len(everything.features) == len(base["features"]) > len(ports) > 10


@pytest.mark.parametrize("name", ["nowhere.geojson", "../layers/cku_railway.geojson"])
def test_a_view_of_no_file_of_the_base_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "sea.toml").write_text(f'view_of = "{name}"')
    with pytest.raises(CatalogError, match=r"sea\.toml.*view_of"):
        catalog.load([tmp_path])


def test_features_of_one_id_keep_their_own_lengths(tmp_path: Path) -> None:
    lines = [[[0, 0], [1, 0]], [[0, 0], [2, 0]]]
    features = [
        {
            "type": "Feature",
            "id": "twin",
            "properties": {},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in lines
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "a.geojson").write_text(text)
    report = measure.measure(catalog.load([tmp_path]))
    assert sorted(report.by_id) == ["twin", "twin-a-2"]
    # One and two degrees of the equator (a = 6378137 m).
    assert [m.length_km for m in report.features] == pytest.approx([111.319491, 222.638982])


def test_a_shipped_layer_without_papers_does_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (catalog.shipped_directory("layers") / "atlas.toml").read_text(encoding="utf-8")
    (tmp_path / "atlas.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (tmp_path / "a.toml").write_text('title = "A"\n')
    monkeypatch.setattr(catalog, "shipped_directory", lambda _: tmp_path)
    with pytest.raises(CatalogError, match="licence"):
        catalog.load([tmp_path])
    (tmp_path / "a.toml").write_text('licence = "MIT"\nattribution = "us"\n')
    assert [layer.id for layer in catalog.load([tmp_path]).layers] == ["a"]


def test_a_layer_without_anything_gets_a_title(tmp_path: Path) -> None:
    (tmp_path / "my_new-line.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (layer,) = catalog.load([tmp_path]).layers
    assert layer.sidecar.title == {"en": "My new line", "zh": "My new line", "ru": "My new line"}


def test_composing_a_broken_layer_raises(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[{}]}')
    with pytest.raises(ValidationError, match="a.geojson:1"):
        sco_geo.compose([tmp_path])


def test_lines_inside_collections_have_a_length(tmp_path: Path) -> None:
    parts = [
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 0]]},
        {"type": "MultiLineString", "coordinates": [[[5, 0], [6, 0]], [[7, 0], [8, 0]]]},
    ]
    geometry = {"type": "GeometryCollection", "geometries": parts}
    row = {"type": "Feature", "properties": {}, "geometry": geometry}
    text = json.dumps({"type": "FeatureCollection", "features": [row]})
    (tmp_path / "a.geojson").write_text(text)
    (measured,) = measure.measure(catalog.load([tmp_path])).features
    assert measured.length_km == pytest.approx(3 * 111.319491)
    assert not measured.is_lower_bound


def test_public_names_stay_what_they_are() -> None:
    for _ in range(2):
        for name in sco_geo.__all__:
            assert callable(getattr(sco_geo, name)), name
    report = sco_geo.validate(catalog.shipped_directory("layers") / "cku_railway.geojson")
    assert report.verdict == "accept"
    frame = sco_geo.read_layer(catalog.shipped_directory("layers") / "cku_railway.geojson")
    lines = frame[frame.geom_type == "LineString"]
    assert sco_geo.length_km(lines).sum() == pytest.approx(441.8, abs=5)
