"""What hints advise: what fits the text at hand, and never anything that would lose data.

Each case is a text made by hand with one slip that is often met in public files; the wanted hint
says how a person would mend it.
"""

from __future__ import annotations

import json

import pytest

from sco_geo import geojson
from sco_geo.model import Finding
from sco_geo.rules import View, check_document


def findings_of(text: str | bytes) -> list[Finding]:
    data = text.encode() if isinstance(text, str) else text
    document = geojson.parse(data, "x.geojson")
    return list(check_document(View(document)))


def only(text: str | bytes, code: str) -> Finding:
    found = findings_of(text)
    assert [finding.code for finding in found] == [code], [f.to_text() for f in found]
    return found[0]


def geometry(kind: str, coordinates: object) -> str:
    return json.dumps({"type": kind, "coordinates": coordinates})


def with_crs(crs: object) -> str:
    return json.dumps({"type": "Point", "coordinates": [69.2, 41.3], "crs": crs})


def named(name: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize("name", ["GCJ02", "MSK-77", "BD-09", "Local grid 3"])
def test_unknown_system_is_named_and_its_numbers_are_not_taken_for_wgs84(name: str) -> None:
    finding = only(with_crs(named(name)), "GJ115")
    assert f'"{name}"' in finding.message
    assert finding.hint is not None
    assert finding.hint.startswith("Transform the coordinates to WGS 84 if they are in another")


@pytest.mark.parametrize(
    "crs",
    [
        named("WGS84"), named("WGS 84"), named("wgs_1984"), named("GCS_WGS_1984"),
        named("urn:x-ogc:def:crs:EPSG:4326"), named("World Geodetic System 1984"), "WGS84",
        "EPSG:4326", {"type": "EPSG", "properties": {"code": 4326}},
    ],
    ids=str,
)  # fmt: skip
def test_plain_names_of_wgs84_are_only_obsolete(crs: object) -> None:
    finding = only(with_crs(crs), "GJ112")
    assert finding.fixable


@pytest.mark.parametrize("name", ["WGS 72", "WGS84 / UTM zone 42N", "WGS84 (Pulkovo)"])
def test_other_names_with_wgs_are_not_wgs84(name: str) -> None:
    assert "GJ112" not in {finding.code for finding in findings_of(with_crs(named(name)))}


LINE = [[69.2, 41.3], [76.1, 43.4], [77.0, 43.0]]
OFF, ON = "or take one level of brackets away.", "or put one more pair of brackets around it."
EACH = "Write each position as [longitude, latitude]."
SHELL = [[60, 40], [70, 40], [70, 45], [60, 45], [60, 40]]


@pytest.mark.parametrize(
    ("kind", "coordinates", "hint"),
    [
        ("LineString", [LINE], f"Write MultiLineString as the type, {OFF}"),
        ("LineString", [LINE, LINE], "Write MultiLineString as the type."),
        ("Polygon", [[SHELL]], f"Write MultiPolygon as the type, {OFF}"),
        ("Point", [[69.2, 41.3]], f"Write MultiPoint as the type, {OFF}"),
        ("Point", LINE, "Write LineString or MultiPoint as the type."),
        ("MultiPoint", [LINE], f"Write MultiLineString as the type, {OFF}"),
        ("LineString", [69.2, 41.3], "Write Point as the type."),
        ("LineString", [69.2, 41.3, 76.1, 43.4], EACH),
        ("Polygon", SHELL, f"Write LineString or MultiPoint as the type, {ON}"),
        ("Polygon", LINE, "Write LineString or MultiPoint as the type."),
        ("MultiPolygon", [SHELL], f"Write Polygon or MultiLineString as the type, {ON}"),
        ("LineString", [{"lat": 41.3, "lng": 69.2}], EACH),
        ("LineString", [{"lon": 69.2, "lat": 41.3}], EACH),
    ],
)  # fmt: skip
def test_hint_on_depth_names_the_type_that_fits(kind: str, coordinates: object, hint: str) -> None:
    assert only(geometry(kind, coordinates), "CO101").hint == hint


def test_wrong_depth_in_a_collection() -> None:
    line = {"type": "LineString", "coordinates": [LINE]}
    collection = {"type": "GeometryCollection", "geometries": [POINT, line]}
    hint = only(json.dumps(collection), "CO101").hint
    assert hint is not None and "MultiLineString" in hint


@pytest.mark.parametrize(
    ("position", "hint"),
    [
        (["69,2", "41,3"], "Write a decimal point, without quotes."),
        (["69°14'24\"E", "41°18'N"], "Convert to decimal degrees."),
        (["69 14 24", "41 18 00"], "Convert to decimal degrees."),
        (["69.2", "41.3"], "Write the number without quotes."),
        ([None, None], "Leave the position out, or write null as the geometry."),
        ([69.2, None], "Leave the position out, or write null as the geometry."),
        ([69.2, "41,3"], "Write a decimal point, without quotes."),
    ],
)
def test_numbers_of_one_position_are_one_finding(position: list[object], hint: str) -> None:
    finding = only(geometry("Point", position), "CO102")
    assert finding.hint == hint
    first = next(i for i, number in enumerate(position) if not isinstance(number, float))
    assert finding.pointer == f"/coordinates/{first}"
    for number in position:
        assert (
            isinstance(number, float)
            or json.dumps(number, ensure_ascii=False).replace('\\"', '"') in finding.message
        )


@pytest.mark.parametrize(
    ("position", "code", "mended"),
    [
        ([72, 79, 40, 51], "CO111", "[72.79, 40.51]"),
        ([72, 7975, 40, 5125], None, "[72.7975, 40.5125]"),
        ([-72, 140, 40, 5], None, "[-72.140, 40.5]"),
    ],
)
def test_decimal_commas_make_four_numbers(
    position: list[int], code: str | None, mended: str
) -> None:
    for finding in findings_of(geometry("Point", position)):
        assert code is None or finding.code == code
        assert finding.hint == f"Four numbers: decimal commas? Write {mended}."


@pytest.mark.parametrize("position", [[69.2, 41.3, 450, 12], [69, 41, 450, 1700000000]])
def test_other_fourth_numbers_are_no_decimal_commas(position: list[float]) -> None:
    hint = only(geometry("Point", position), "CO111").hint
    assert hint is not None and "commas" not in hint


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [10, 0], [10, 5], [15, 5], [10, 5], [10, 10], [0, 10], [0, 0]],
        [[0, 0], [10, 0], [10, 5], [15, 5], [17, 6], [15, 5], [10, 5], [10, 10], [0, 10], [0, 0]],
        [[1, 1], [10, 1], [10, 15], [10, 10], [1, 10], [1, 1]],
        [[15, 5], [10, 5], [10, 10], [0, 10], [0, 1], [10, 1], [10, 5], [15, 5]],
    ],
)
def test_spike_is_to_be_deleted(ring: list[list[float]]) -> None:
    found = [f for f in findings_of(geometry("Polygon", [ring])) if f.code[:4] == "GM22"]
    assert [f.hint for f in found] == ["Delete the spike."]


def test_touching_ring_is_no_spike() -> None:
    eight = [[60, 40], [70, 40], [65, 45], [70, 50], [60, 50], [65, 45], [60, 40]]
    assert (
        only(geometry("Polygon", [eight]), "GM222").hint
        == "Write two rings that touch in this point."
    )


def test_gap_of_a_centimetre_is_closed_by_moving_the_end() -> None:
    ring = [[60, 40], [70, 40], [70, 45], [60, 45], [60.00000005, 40]]
    finding = only(geometry("Polygon", [ring]), "GM212")
    assert finding.hint == "Make the last position equal to the first."


HOLE = [[62, 41], [62, 42], [63, 42], [63, 41], [62, 41]]


@pytest.mark.parametrize(
    "rings",
    [
        [SHELL, SHELL],
        [SHELL, SHELL[::-1]],
        [SHELL, [SHELL[i] for i in (2, 3, 0, 1, 2)]],
        [SHELL, [SHELL[i] for i in (2, 1, 0, 3, 2)]],
        [SHELL, HOLE, HOLE],
        [SHELL, HOLE, HOLE[::-1]],
    ],
)
def test_same_ring_twice(rings: list[list[list[float]]]) -> None:
    finding = only(geometry("Polygon", rings), "GM229")
    assert finding.hint == "Delete the hole."
    assert [finding.lon, finding.lat] in rings[-1]


def test_crossing_of_a_ring_that_stands_twice_is_still_a_crossing() -> None:
    bow = [[60, 40], [70, 45], [70, 40], [60, 45], [60, 40]]
    codes = {finding.code for finding in findings_of(geometry("Polygon", [bow, bow]))}
    assert "GM221" in codes


PAGE = "This is a web page, perhaps an error page: fetch the data again."
POINT = {"type": "Point", "coordinates": [69.2, 41.3]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": POINT}
COLLECTION = {"type": "FeatureCollection", "features": [FEATURE]}


@pytest.mark.parametrize(
    ("root", "hint"),
    [
        ({"data": COLLECTION}, 'It stands under the member "data": take it out.'),
        ({"ok": True, "result": FEATURE}, 'It stands under the member "result": take it out.'),
        ({"geojson": POINT}, 'It stands under the member "geojson": take it out.'),
        ({"rows": [FEATURE, FEATURE]}, "put them into a FeatureCollection"),
        ({"error": {"code": 498, "message": "Invalid Token"}}, "error message of a service"),
        ({"errors": ["x"]}, "error message of a service"),
        ({"name": {"0": "a", "1": "b"}, "km": {"0": 1, "1": 2}}, "It looks like a table"),
        ({"name": ["a", "b"], "km": [1, 2]}, "It looks like a table"),
        ({"columns": ["a"], "index": [0], "data": [[1]]}, "It looks like a table"),
        ({"schema": {"fields": []}, "data": [{"a": 1}]}, "It looks like a table"),
    ],
)
def test_object_without_type_is_named(root: object, hint: str) -> None:
    finding = only(json.dumps(root), "GJ102")
    assert finding.hint is not None and hint in finding.hint


@pytest.mark.parametrize(
    ("root", "what", "hint"),
    [
        ([FEATURE, FEATURE], "an array of Features", "put it into a FeatureCollection"),
        ([POINT], "an array of geometries", "FeatureCollection"),
        ([COLLECTION], "an array of FeatureCollections", "one FeatureCollection"),
        ([{"name": "a", "lat": 1}, {"name": "b", "lat": 2}], "an array of records", "table"),
        (LINE, "an array of positions", '"coordinates"'),
        ("POINT (69 41)", "a text", "WKT"),
    ],
)
def test_root_that_is_no_object_is_named(root: object, what: str, hint: str) -> None:
    finding = only(json.dumps(root), "GJ101")
    assert what in finding.message
    assert finding.hint is not None and hint in finding.hint.replace("Put", "put")


#: A point in WKB: byte order 1, type 1, two doubles (OGC 06-103r4, section 8.2).
WKB = "0101000000CDCCCCCCCC4C51406666666666A64440"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("POINT (69 41)", "WKT"),
        ("SRID=4326;MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))", "WKT"),
        ("linestring z (0 0 1, 1 1 1)", "WKT"),
        (WKB, "WKB"),
        (json.dumps(POINT), "without the quotes"),
    ],
)
def test_geometry_as_text_is_named(text: str, hint: str) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": text}
    finding = only(json.dumps(feature), "GJ107")
    assert finding.hint is not None and hint in finding.hint
    finding = only(json.dumps({"type": "Point", "coordinates": text}), "GJ107")
    assert finding.hint is not None and hint in finding.hint


def test_other_text_as_geometry_is_not_named() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": "POINTLESS"}
    assert only(json.dumps(feature), "GJ107").hint is None


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("id,lon,lat\n1,69.2,41.3\n2,70.1,41.0\n", "GJ005", "CSV"),
        ("id;lon;lat\r\n1;69,2;41,3\r\n", "GJ005", "CSV"),
        ("id\tlon\tlat\n1\t69.2\t41.3\n", "GJ005", "CSV"),
        ('"id","lon","lat"\n1,69.2,41.3\n', "GJ007", "CSV"),
        ("69.2,41.3\n70.1,41.0\n", "GJ007", "CSV"),
        ("POINT (69.2 41.3)", "GJ005", "WKT"),
        ("MULTILINESTRING Z((0 0 0, 1 1 1))", "GJ005", "WKT"),
        ('var json_rail_1 = {"type": "FeatureCollection", "features": []}', "GJ005", "JavaScript"),
        ('rail = {"type": "FeatureCollection", "features": []};', "GJ005", "JavaScript"),
        ('callback({"type": "FeatureCollection", "features": []});', "GJ005", "JavaScript"),
        ("export default {};", "GJ005", "JavaScript"),
        ("{“type”: “Point”}", "GJ005", "straight quotes"),
        ('{"type": “Point”}', "GJ005", "straight quotes"),
        ("type: FeatureCollection\nfeatures: []\n", "GJ005", "YAML"),
        ("---\ntype: Point\ncoordinates: [69.2, 41.3]\n", "GJ005", "YAML"),
        ("<!DOCTYPE html><html></html>", "GJ005", PAGE),
        ("<?xml version='1.0'?>\n<!-- x -->\n<html></html>", "GJ005", PAGE),
        ("<kml><description><html></html></description></kml>", "GJ005", "Convert it"),
        ("\n<HTML><body>404</body></HTML>", "GJ005", "fetch the data again"),
        ("<?xml version='1.0'?><gpx></gpx>", "GJ005", "Convert it to GeoJSON first."),
        ("version https://git-lfs.github.com/spec/v1\n", "GJ005", "git lfs pull"),
        (b"\x1f\x8b\x08\0", "GJ005", "Unpack it first."),
    ],
)  # fmt: skip
def test_text_that_is_no_json_is_named(text: str | bytes, code: str, hint: str) -> None:
    finding = only(text, code)
    assert finding.hint is not None and hint in finding.hint


@pytest.mark.parametrize("text", ["hello world", "{'a': 1}", "[1,2", "a, b"])
def test_other_text_is_not_misnamed(text: str) -> None:
    (finding,) = findings_of(text)
    for name in ("CSV", "WKT", "JavaScript", "YAML", "straight"):
        assert name not in (finding.hint or "")


def test_vertex_at_0_0_is_no_leap_as_well() -> None:
    line = [[69.2, 41.3], [70.1, 41.0], [0, 0], [71.0, 40.8], [72.3, 40.8]]
    assert only(geometry("LineString", line), "CO113").pointer == "/coordinates/2"
