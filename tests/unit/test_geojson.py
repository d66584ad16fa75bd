"""Reading bytes as GeoJSON, places in the text, and writing."""

from __future__ import annotations

import gc
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
import shapely

from sco_geo import geojson
from sco_geo.errors import InputPathError

POINT = b'{"type": "Point", "coordinates": [69.2, 41.3]}'


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in geojson.parse(data, "x.geojson").findings]


@pytest.mark.parametrize(
    ("data", "expected", "place"),
    [
        (POINT.decode().encode("utf-16"), "GJ002", (1, 1)),
        (POINT.decode().encode("utf-16-be"), "GJ002", (1, 1)),
        (POINT.decode().encode("utf-32"), "GJ002", (1, 1)),
        (b'{"name":\n "K\xf6ln"}', "GJ003", (2, 4)),  # Latin-1
        (b'{"name": "\xed\xa0\x80"}', "GJ003", (1, 11)),  # a surrogate in bytes
        (b'{"name": "\xe5\x94"}', "GJ003", (1, 11)),  # the first two bytes of three
        ('{"n": "ü'.encode() + b'\xff"}', "GJ003", (1, 9)),  # columns count characters
        (b"PK\x03\x04aaaa", "GJ005", (1, 1)),
        (b"\x1f\x8b\x08\x00", "GJ005", (1, 1)),
        (b'{"a": [1,\n 2,, 3]}', "GJ005", (2, 4)),
        (b'{"a": 01}', "GJ005", (1, 8)),
        (b'{"a": "\t"}', "GJ005", (1, 8)),
        (b"\xef\xbb\xbf \n", "GJ001", (1, 1)),  # nothing after the byte order mark
        (b"abc", "GJ005", (1, 1)),  # no value is cut off here
        (b'["a\0a"]', "GJ005", (1, 4)),  # one zero is no UTF-16
        (b"[1,\n]", "GJ005", (1, 3)),  # the comma, not the bracket
        (b'{"a":1 ,\n}', "GJ005", (1, 8)),
        (b'{"a": -NaN}', "GJ005", (1, 7)),
        (b"[nul", "GJ006", (1, 5)),
        (b'{"type":"Point","coordinates":[1,2] \n', "GJ006", (1, 36)),  # behind an array
        (b"[-", "GJ006", (1, 3)),
        (b'{"a":\n tru', "GJ006", (2, 5)),
        (b'{"a": 1}\n\n x', "GJ007", (3, 2)),
        (b'{"a": 1}\n{"a": 2}\n', "GJ008", (2, 1)),
        (b'[{"a": 1, "b": {"c":\n NaN}}]', "GJ010", (2, 2)),
        (b'[{"a": 1,\n  "a": 2}]', "GJ011", (2, 3)),
        (b"[" * 100_000, "GJ012", (1, 257)),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "GJ012", (1, 1281)),
    ],
)
def test_text_faults_have_code_and_place(
    data: bytes, expected: str, place: tuple[int, int]
) -> None:
    (finding,) = geojson.parse(data, "dir/x.geojson").findings
    assert (finding.code, (finding.line, finding.column)) == (expected, place)
    assert (finding.path, finding.layer, finding.severity) == ("dir/x.geojson", "x", "error")


def test_byte_order_mark_is_a_warning_and_the_rest_is_read() -> None:
    document = geojson.parse(b"\xef\xbb\xbf" + POINT, "x.geojson")
    assert [(f.code, f.severity) for f in document.findings] == [("GJ004", "warning")]
    assert document.features[0].geometry == shapely.Point(69.2, 41.3)


@pytest.mark.parametrize(
    "data",
    [
        POINT,
        b'\n\t {"type": "Point", "coordinates": [69.2, 41.3]}\r\n',
        b'{"a": "[[[[{{{{", "b": "\\"[[", "c": "\\\\"}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud83d\\ude82"}',
        b'{"a": "C:\\\\ud800"}',
        b'{"a": {"b": 1}, "b": 1}',
        b"[" * 256 + b"]" * 256,
    ],
)
def test_good_text_has_no_finding(data: bytes) -> None:
    assert codes(data) == []


def test_brackets_in_texts_are_not_nesting() -> None:
    data = json.dumps({"a": "[" * 1000, "b": '\\"' * 500 + "{" * 500}).encode()
    assert codes(data) == []


def test_all_hidden_faults_are_found() -> None:
    data = b'{"a": [NaN, {"b": 1, "b": [Infinity]}, "\\udc00"], "a": 0, "\\ud800": 1}'
    found = sorted((f.code, f.pointer) for f in geojson.parse(data, "x").findings)
    assert found == [
        ("GJ010", "/a/0"),
        ("GJ010", "/a/1/b/0"),
        ("GJ011", "/a"),
        ("GJ011", "/a/1/b"),
        ("GJ013", "/a/2"),
        ("GJ013", "/\ud800"),
    ]


def test_garbage_collector_is_as_before() -> None:
    assert gc.isenabled()
    geojson.parse(POINT, "x")
    assert gc.isenabled()
    gc.disable()
    try:
        geojson.parse(b"[", "x")
        assert not gc.isenabled()
    finally:
        gc.enable()


TEXT = """{
  "type": "FeatureCollection",
  "features": [
    {"type": "Feature", "properties": {"a/b": 1, "m~n": [10, "x", {"y": null}]},
     "geometry": {"type": "LineString", "coordinates": [[1, 2], [3,
       4]]}}
  ]
}"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/features", (3, 15)),
        ("/features/0", (4, 5)),
        ("/features/0/properties/a~1b", (4, 47)),
        ("/features/0/properties/m~0n/2/y", (4, 73)),
        ("/features/0/geometry/coordinates/1", (5, 65)),
        ("/features/0/geometry/coordinates/1/1", (6, 8)),
        ("/features/0/geometry/missing", (5, 18)),  # the nearest parent
        ("/features/7/id", (3, 15)),
        ("/type/0", (2, 11)),
    ],
)
def test_locate(pointer: str, place: tuple[int, int]) -> None:
    assert geojson.parse(TEXT.encode(), "x").locate(pointer) == place


def test_locate_takes_the_last_of_two_equal_keys() -> None:
    document = geojson.parse(b'{"a": 1,\n "a": 2}', "x")
    assert document.locate("/a") == (2, 7)


def test_locate_in_a_text_that_is_not_json() -> None:
    assert geojson.parse(b"[1,", "x").locate("/0") is None


def test_locate_every_value_of_a_deep_tree() -> None:
    data = b"[" * 250 + b"]" * 250
    assert geojson.parse(data, "x").locate("/0" * 249) == (1, 250)


def geometry_of(value: object) -> shapely.Geometry | None:
    (feature,) = geojson.parse(json.dumps(value).encode(), "x").features
    return feature.geometry


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (1 2)",
        "POINT Z (1 2 3)",
        "MULTIPOINT ((1 2), (3 4))",
        "LINESTRING (1 2, 3 4, 5 6)",
        "LINESTRING Z (1 2 3, 3 4 5)",
        "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8, 9 10))",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (5 2, 6 3, 6 2, 5 2))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 9 5, 9 9, 5 5), (7 6, 8 7, 8 6, 7 6)))",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
    ],
)
def test_geometries_are_those_of_geos(wkt: str) -> None:
    expected = shapely.from_wkt(wkt)
    built = geometry_of(json.loads(shapely.to_geojson(expected)))
    assert built is not None
    assert shapely.equals_exact(built, expected)
    assert shapely.has_z(built) == shapely.has_z(expected)


def test_many_features_of_all_types_keep_their_order() -> None:
    rng = np.random.default_rng(7)
    wanted = []
    for number in range(60):
        points = shapely.points(rng.uniform(10, 60, (8, 2)).round(3))
        kinds = (
            points[0],
            shapely.linestrings(shapely.get_coordinates(points)),
            shapely.multipoints(points),
            shapely.convex_hull(shapely.multipoints(points)),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, number + 1, 3, 90)]),
        )
        wanted.append(kinds[number % 5])
    features = [
        {"type": "Feature", "properties": None, "geometry": geojson.to_geometry_dict(geometry)}
        for geometry in wanted
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    found = [feature.geometry for feature in geojson.parse(data, "x").features]
    assert shapely.equals_exact(np.array(found), np.array(wanted)).all()


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "LineString", "coordinates": [[1, 2], [3, True]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point"}]},
        {"type": "Circle"},
        [],
    ],
)
def test_unbuildable_geometry_is_none(geometry: object) -> None:
    feature = {"type": "Feature", "properties": {"id": 5}, "geometry": geometry}
    (found,) = geojson.parse(json.dumps(feature).encode(), "x").features
    assert found.geometry is None
    assert (found.index, found.id, found.pointer) == (0, "5", "")


def test_features_keep_their_index_beside_things_that_are_none() -> None:
    text = '{"type": "FeatureCollection", "features": [1, {"type": "Feature", "id": 3}]}'
    (feature,) = geojson.parse(text.encode(), "x").features
    assert (feature.index, feature.id, feature.pointer) == (1, "3", "/features/1")
    assert feature.properties == {}


def test_write_one_feature_a_line_and_read_again(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "id": name,
            "properties": {"name": "霍尔果斯"},
            "geometry": {"type": "Point", "coordinates": [80.25, 44.2]},
        }
        for name in ("a", "b")
    ]
    path = tmp_path / "x.geojson"
    geojson.write(path, features, members={"name": "hubs"})
    text = path.read_text("utf-8")
    assert len(text.splitlines()) == 4
    assert "霍尔果斯" in text
    assert json.loads(text) == {"type": "FeatureCollection", "name": "hubs", "features": features}
    assert [feature.id for feature in geojson.read(path).features] == ["a", "b"]
    geojson.write(path, [])
    assert json.loads(path.read_text("utf-8"))["features"] == []


def test_write_refuses_nan_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text("old")
    with pytest.raises(ValueError, match="JSON"):
        geojson.write(path, [{"x": float("nan")}])
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.geojson"]


def test_write_atomically_keeps_permissions_and_links(tmp_path: Path) -> None:
    path, link = tmp_path / "page.html", tmp_path / "link.html"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    geojson.write_atomically(link, b"new")
    assert path.read_bytes() == b"new"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        geojson.write_atomically(tmp_path / "page.html", b"new")
    assert os.listdir(tmp_path) == []


def test_read_bytes_refuses_what_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(b"12345")
    assert geojson.read_bytes(path, limit=5) == b"12345"
    with pytest.raises(InputPathError) as caught:
        geojson.read_bytes(path, limit=4)
    assert caught.value.code == "IO006"


def test_input_path_error_is_an_os_error() -> None:
    with pytest.raises(OSError, match="cannot open") as caught:
        geojson.read(Path("no-such-file.geojson"))
    assert isinstance(caught.value, InputPathError)
    assert caught.value.code == "IO001"
