"""What --fix mends and how, and what it leaves; expectations by hand and from RFC 7946."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sco_geo
from sco_geo import mending
from sco_geo._flat import Flat
from sco_geo._text_edits import member_span
from sco_geo.cli import main
from sco_geo.errors import InputPathError, MendingError
from sco_geo.mending import Mended, mend
from sco_geo.model import Finding
from sco_geo.rules import View, check_document
from sco_geo.validation import validate

BAD = Path(__file__).resolve().parents[1] / "data" / "bad"
GOOD = BAD.parent / "good"
CRS84 = '{"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}'


def geometry(kind: str, coordinates: str) -> str:
    return f'{{"type": "{kind}", "coordinates": {coordinates}}}'


def mended(text: str) -> Mended:
    result = mend(text.encode())
    again = mend(result.data)
    assert (again.data, again.changes) == (result.data, ()), "mending twice changes nothing more"
    return result


def codes(result: Mended) -> list[str]:
    return [change.finding.code for change in result.changes]


# Each: what it shows, the codes that are mended, the text before and after it.
CASES = [
    (
        "line of RFC 7946, section 3.1.9", ["CO103"],
        geometry("LineString", "[[170.0, 45.0], [-170.0, 45.0]]"),
        geometry("MultiLineString", "[[[170.0, 45.0], [180, 45]], [[-180, 45], [-170.0, 45.0]]]"),
    ),
    (
        "westward, and numbers keep their spelling", ["CO103"],
        geometry("LineString", "[[-179.50,1e1], [179.5, 12.000]]"),
        geometry("MultiLineString", "[[[-179.50,1e1], [-180,11]], [[180,11], [179.5, 12.000]]]"),
    ),
    (
        "heights between those of the neighbours", ["CO103"],
        geometry("LineString", "[[178, 0, 100], [-178, 4, 200]]"),
        geometry("MultiLineString", "[[[178, 0, 100], [180, 2, 150]], "
                                    "[[-180, 2, 150], [-178, 4, 200]]]"),
    ),
    (
        "no height is made up", ["CO103"],
        geometry("MultiPoint", "[[0, 1]]") + "@" + geometry("LineString", "[[178, 0], [-178, 4]]"),
        geometry("MultiPoint", "[[0, 1]]") + "@" + geometry(
            "MultiLineString", "[[[178, 0], [180, 2]], [[-180, 2], [-178, 4]]]"),
    ),
    (
        "a vertex on the seam is where the line is cut", ["CO103"],
        geometry("LineString", "[[179, 0], [180.0, 5, 7], [-179, 0]]"),
        geometry("MultiLineString", "[[[179, 0], [180.0, 5, 7]], [[-180, 5, 7], [-179, 0]]]"),
    ),
    (
        "a vertex on the far side of the seam", ["CO103"],
        geometry("LineString", "[[179, 0], [-180, 5], [-179, 0]]"),
        geometry("MultiLineString", "[[[179, 0], [180, 5]], [[-180, 5], [-179, 0]]]"),
    ),
    (
        "both vertices of the seam are there", ["CO103"],
        geometry("LineString", "[[179, 0], [180, 5], [-180, 5], [-179, 0]]"),
        geometry("MultiLineString", "[[[179, 0], [180, 5]], [[-180, 5], [-179, 0]]]"),
    ),
    (
        "a step along the seam belongs to the first line", ["CO103"],
        geometry("LineString", "[[179, 0], [180, 5], [-180, 6], [-179, 0]]"),
        geometry("MultiLineString", "[[[179, 0], [180, 5], [180, 6]], [[-180, 6], [-179, 0]]]"),
    ),
    (
        "a line that only ends on the seam stays one line", ["CO103"],
        geometry("LineString", "[[178, 0], [179, 0], [-180, 5]]"),
        geometry("LineString", "[[178, 0], [179, 0], [180, 5]]"),
    ),
    (
        "a line that only touches the seam stays one line", ["CO103"],
        geometry("LineString", "[[-179, 0], [180, 5], [-179, 9]]"),
        geometry("LineString", "[[-179, 0], [-180, 5], [-179, 9]]"),
    ),
    (
        "repeats on the seam with fourth numbers all stay", ["CO103"],
        geometry("LineString", "[[-174,-8,1,2],[180,-8.2,1,2],[180,-8.2,1,2],[-175,-9,1,2]]"),
        geometry("LineString", "[[-174,-8,1,2],[-180,-8.2,1,2],[-180,-8.2,1,2],[-175,-9,1,2]]"),
    ),
    (
        "a climb on the seam stays in one piece, at the start", ["CO103"],
        geometry("LineString", "[[180, 5, 1], [180, 5, 2], [-179, 5, 3]]"),
        geometry("LineString", "[[-180, 5, 1], [-180, 5, 2], [-179, 5, 3]]"),
    ),
    (
        "a climb on the seam stays in one piece, at the end", ["CO103"],
        geometry("LineString", "[[-179, 5, 3], [180, 5, 2], [180, 5, 1]]"),
        geometry("LineString", "[[-179, 5, 3], [-180, 5, 2], [-180, 5, 1]]"),
    ),
    (
        "along the seam, and over to its other side", ["CO103"],
        geometry("LineString", "[[180, 5], [-180, 6], [-180, 7]]"),
        geometry("MultiLineString", "[[[180, 5], [180, 6]], [[-180, 6], [-180, 7]]]"),
    ),
    (
        "to and fro", ["CO103"],
        geometry("LineString", "[[179, 0], [-179, 2], [179, 4]]"),
        geometry("MultiLineString", "[[[179, 0], [180, 1]], [[-180, 1], [-179, 2], [-180, 3]], "
                                    "[[180, 3], [179, 4]]]"),
    ),
    (
        "one part of several", ["CO103"],
        geometry("MultiLineString", "[[[1,2],[3,4]],[[179,0],[-179,2]],\n[[5,6],[7,8]]]"),
        geometry("MultiLineString", "[[[1,2],[3,4]],[[179,0],[180,1]],[[-180,1],[-179,2]],\n"
                                    "[[5,6],[7,8]]]"),
    ),
    (
        "repeats, one of them at the cut", ["CO103", "GM203"],
        geometry("LineString", "[[178, 0], [179, 0], [179, 0], [-179, 2], [-179, 2], [-178, 2]]"),
        geometry("MultiLineString",
                 "[[[178, 0], [179, 0], [180, 1]], [[-180, 1], [-179, 2], [-178, 2]]]"),
    ),
    (
        "repeats with their commas, spelled in different ways", ["GM203"],
        geometry("LineString", "[[60.0, 40] ,\n [60, 40.0] , [70, 45],[70,45],\t[71, 45] ]"),
        geometry("LineString", "[[60.0, 40] , [70, 45],\t[71, 45] ]"),
    ),
    (
        "a repeat at another height is none", [],
        geometry("LineString", "[[60, 40, 1], [60, 40, 2], [70, 45, 3]]"),
        geometry("LineString", "[[60, 40, 1], [60, 40, 2], [70, 45, 3]]"),
    ),
    (
        "of two positions the one with the height stays", ["GM203"],
        geometry("LineString", "[[60, 40], [60, 40, 2], [70, 45, 3], [70, 45], [71, 45, 1]]"),
        geometry("LineString", "[[60, 40, 2], [70, 45, 3], [71, 45, 1]]"),
    ),
    (
        "a fourth number may tell repeats apart", [],
        geometry("LineString", "[[60, 40, 1, 8], [60, 40, 1, 9], [70, 45, 1, 10]]"),
        geometry("LineString", "[[60, 40, 1, 8], [60, 40, 1, 9], [70, 45, 1, 10]]"),
    ),
    (
        "a gap of 0.85 cm", ["GM212"],
        geometry("Polygon", "[[[60.00, 40], [70, 40], [70, 45], [60.0000001,40]]]"),
        geometry("Polygon", "[[[60.00, 40], [70, 40], [70, 45], [60.00, 40]]]"),
    ),
    (
        "a gap of 1.1 cm along the equator is too wide", [],
        geometry("Polygon", "[[[60, 0], [70, 0], [70, 5], [60.0000001, 0]]]"),
        geometry("Polygon", "[[[60, 0], [70, 0], [70, 5], [60.0000001, 0]]]"),
    ),
    (
        "the pole is one place, but not in longitude and latitude", [],
        geometry("Polygon", "[[[0, 90], [0, 80], [90, 80], [90, 90]]]"),
        geometry("Polygon", "[[[0, 90], [0, 80], [90, 80], [90, 90]]]"),
    ),
    (
        "closed first, then turned", ["GM212", "GM214"],
        geometry("Polygon", "[[[60, 40], [60, 45], [70, 45], [70, 40], [60, 40.00000002]]]"),
        geometry("Polygon", "[[[60, 40], [70, 40], [70, 45], [60, 45], [60, 40]]]"),
    ),
    (
        "height of the last position, fourth number kept", ["GM213"],
        geometry("MultiPolygon", "[[[[60, 40, 1.50], [70, 40, 1], [70, 45, 1], [60, 40, 2]]]]"),
        geometry("MultiPolygon", "[[[[60, 40, 1.50], [70, 40, 1], [70, 45, 1], [60, 40, 1.50]]]]"),
    ),
    (
        "shell and hole turned, white space stays", ["GM214", "GM215"],
        geometry("Polygon", "[ [[60.0, 40],\n[60, 45] , [70, 45], [70, 40],  [60, 40]],"
                            " [[62, 41],[63, 41],[63, 42],[62, 41]]]"),
        geometry("Polygon", "[ [[60.0, 40],\n[70, 40] , [70, 45], [60, 45],  [60, 40]],"
                            " [[62, 41],[63, 42],[63, 41],[62, 41]]]"),
    ),
    (
        "rounding leaves short numbers, heights and what is no coordinate", ["CO114"],
        '{"type":"Feature","properties":{"x":[1.123456789,2.123456789]},"geometry":'
        + geometry("LineString", "[[60.123456789, 4.50, 1.123456789],[61.2, 1.5e-9],"
                                 "[-0.00000001, 44.99999999],[63.123456749,45]]") + "}",
        '{"type":"Feature","properties":{"x":[1.123456789,2.123456789]},"geometry":'
        + geometry("LineString", "[[60.1234568, 4.50, 1.123456789],[61.2, 0.0],"
                                 "[0.0, 45.0],[63.1234567,45]]") + "}",
    ),
    (
        "crs first", ["GJ112"],
        f'{{ "crs" : {CRS84} ,\n"type": "Point", "coordinates": [60, 40]}}',
        '{ "type": "Point", "coordinates": [60, 40]}',
    ),
    (
        "crs last, and its key escaped", ["GJ112"],
        f'{{"type": "Point", "coordinates": [60, 40],\n "cr\\u0073": {CRS84} }}\n',
        '{"type": "Point", "coordinates": [60, 40] }\n',
    ),
    (
        "crs of a feature and of its geometry, before and after coordinates that are mended",
        ["GJ112", "GM203"],
        f'{{"type":"Feature","crs":{CRS84},"properties":null,"geometry":'
        f'{{"type":"LineString","crs":{CRS84},"coordinates":[[60,40],[60,40],[61,40]]}}}}',
        '{"type":"Feature","properties":null,"geometry":'
        '{"type":"LineString","coordinates":[[60,40],[61,40]]}}',
    ),
    (
        "crs on every feature", ["GJ112"],
        '{"type":"FeatureCollection","features":[' + ",".join(
            f'{{"type":"Feature","properties":null,"geometry":null,"crs":{CRS84}}}' for _ in "ab"
        ) + "]}",
        '{"type":"FeatureCollection","features":[' + ",".join(
            '{"type":"Feature","properties":null,"geometry":null}' for _ in "ab") + "]}",
    ),
    (
        "another member called crs is none of ours", [],
        '{"type":"Feature","properties":{"crs":"EPSG:4326"},"geometry":null}',
        '{"type":"Feature","properties":{"crs":"EPSG:4326"},"geometry":null}',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wanted", "before", "after"), CASES, ids=[c[0] for c in CASES])
def test_mended_text(name: str, wanted: list[str], before: str, after: str) -> None:
    """An "@" joins two geometries, which are put into a collection with a foreign member."""
    head = '{"type":"GeometryCollection", "x":"\u4e2d\\u4e2d" , "geometries":['
    frame = (head, ", ", "]}\r\n") if "@" in before else ("", "", "")
    texts = [frame[0] + text.replace("@", frame[1]) + frame[2] for text in (before, after)]
    result = mended(texts[0])
    assert result.data.decode() == texts[1]
    assert sorted(codes(result)) == wanted
    assert not {f.code for f in result.left} & set(wanted)


def rings(result: Mended) -> list[list[list[tuple[float, float]]]]:
    """Polygons of a geometry, each ring turned so that it begins at its least position."""
    value = json.loads(result.data)
    assert value["type"] in ("Polygon", "MultiPolygon")
    polygons = [value["coordinates"]] if value["type"] == "Polygon" else value["coordinates"]
    turned = []
    for polygon in polygons:
        turned.append([])
        for ring in polygon:
            assert ring[0] == ring[-1]
            points = [tuple(point) for point in ring[:-1]]
            least = points.index(min(points))
            turned[-1].append(points[least:] + points[:least])
    return sorted(turned)


def test_polygon_of_rfc_7946_section_3_1_9() -> None:
    """The RFC cuts this box into these two; only its rings begin elsewhere."""
    box = "[[[170.0, 50.0], [170.0, 40.0], [-170.0, 40.0], [-170.0, 50.0], [170.0, 50.0]]]"
    result = mended(geometry("Polygon", box))
    assert json.loads(result.data)["type"] == "MultiPolygon"
    assert rings(result) == [
        [[(-180, 40), (-170, 40), (-170, 50), (-180, 50)]],
        [[(170, 40), (180, 40), (180, 50), (170, 50)]],
    ]
    assert result.left == ()


def test_hole_over_the_antimeridian() -> None:
    """The hole becomes a bay of each half; clockwise shell and all."""
    plate = (
        "[[[170, 0], [170, 9], [-170, 9], [-170, 0], [170, 0]],"
        " [[178, 3], [178, 6], [-178, 6], [-178, 3], [178, 3]]]"
    )
    result = mended(geometry("Polygon", plate))
    assert rings(result) == [
        [[(-180, 0), (-170, 0), (-170, 9), (-180, 9), (-180, 6), (-178, 6), (-178, 3), (-180, 3)]],
        [[(170, 0), (180, 0), (180, 3), (178, 3), (178, 6), (180, 6), (180, 9), (170, 9)]],
    ]
    assert codes(result) == ["GM241", "GM241"]


def test_hole_on_one_side_goes_with_its_half() -> None:
    plate = (
        "[[[170, 0], [-170, 0], [-170, 9], [170, 9], [170, 0]],"
        " [[-178, 3], [-177, 3], [-177, 4], [-178, 3]]]"
    )
    result = mended(geometry("Polygon", plate))
    assert rings(result) == [
        [
            [(-180, 0), (-170, 0), (-170, 9), (-180, 9)],
            [(-178, 3), (-177, 4), (-177, 3)],
        ],
        [[(170, 0), (180, 0), (180, 9), (170, 9)]],
    ]


def test_other_parts_of_a_multipolygon_stay_as_they_are() -> None:
    island = "[[[10.00,0],[11,0],[11,1],[10.00,0]]]"
    turned = "[[[20,0],[21,1],[21,0],[20,0]]]"
    across = "[[[179,0],[-179,0],[-179,1],[179,1],[179,0]]]"
    result = mended(geometry("MultiPolygon", f"[{island}, {across}, {turned}]"))
    assert result.data.decode().startswith(geometry("MultiPolygon", f"[{island}, ")[:-1])
    assert result.data.decode().endswith(", [[[20,0],[21,0],[21,1],[20,0]]]]}")
    assert len(json.loads(result.data)["coordinates"]) == 4
    assert sorted(codes(result)) == ["GM214", "GM241"]


def test_polygon_that_only_reaches_the_antimeridian_stays_one() -> None:
    result = mended(geometry("Polygon", "[[[170, 60], [-180, 60], [-180, 65], [170, 60]]]"))
    assert rings(result) == [[[(170, 60), (180, 60), (180, 65)]]]
    assert json.loads(result.data)["type"] == "Polygon"


@pytest.mark.parametrize(
    "ring",
    [
        "[[0, 80], [120, 80], [-120, 80], [0, 80]]",
        "[[170, 0], [-170, 9], [-170, 0], [170, 9], [170, 0]]",
    ],
    ids=["around a pole", "crossing itself"],
)
def test_polygon_whose_pieces_would_be_a_guess(ring: str) -> None:
    text = geometry("Polygon", f"[{ring}]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert "GM241" in {finding.code for finding in result.left}


def test_faults_that_closing_brings_to_light_are_reported() -> None:
    bow_tie = "[[[60, 40], [70, 45], [70, 40], [60, 45], [60.00000001, 40]]]"
    result = mended(geometry("Polygon", bow_tie))
    assert codes(result) == ["GM212"]
    assert [finding.code for finding in result.left] == ["GM221"]


def haversine_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Length of a great circle of a sphere with the mean radius of the Earth (IUGG)."""
    (x, y), (u, v) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((v - y) / 2) ** 2 + math.cos(y) * math.cos(v) * math.sin((u - x) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def test_a_cut_that_changes_the_length_says_so() -> None:
    """20° along the parallel of 60°: two great circles are longer than one, here by kilometres."""
    result = mended(geometry("LineString", "[[170, 60], [-170, 60]]"))
    detour = 2 * haversine_m((170, 60), (180, 60)) - haversine_m((170, 60), (190, 60))
    message = result.changes[0].message
    said = float(message.rpartition(" by ")[2].removesuffix(" m").replace(",", ""))
    assert said == pytest.approx(detour, rel=0.01) and detour > 3000
    near = mended(geometry("LineString", "[[179.99, 60], [-179.99, 60]]"))
    assert near.changes[0].message == "cut the line at ±180 into 2 lines"


def test_cable_through_an_ocean() -> None:
    """Its long step between two dense coasts ends at the seam: no slip of an end."""
    asia = ", ".join(f"[{140 + i / 10:.1f}, {12 + i / 20:.2f}]" for i in range(20))
    america = ", ".join(f"[{-125 + i / 10:.1f}, {14 + i / 20:.2f}]" for i in range(20))
    result = mended(geometry("LineString", f"[{asia}, {america}]"))
    assert (codes(result), result.left) == (["CO103"], ())


def test_a_flight_is_not_cut() -> None:
    """Shanghai - Los Angeles: 10,437 km on the geodesic, 11,095 along the straight line."""
    result = mended(geometry("LineString", "[[121.8, 31.14], [-118.41, 33.94]]"))
    assert (codes(result), [f.code for f in result.left]) == ([], ["CO103"])
    assert not result.left[0].fixable


@pytest.mark.parametrize(
    "ring",
    [
        "[[200, 0], [210, 0], [210, 5], [200.00000001, 0]]",
        "[[60, 95], [70, 95], [70, 98], [60.00000001, 95]]",
    ],
    ids=["longitude", "latitude"],
)
def test_gap_off_the_globe_is_not_closed(ring: str) -> None:
    """Whether it is a centimetre wide cannot be known where the numbers are no places."""
    text = geometry("Polygon", f"[{ring}]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert "GM212" in {finding.code for finding in result.left}
    assert not any(finding.fixable for finding in result.left)


def test_polygon_over_the_antimeridian_beside_an_open_one_is_not_cut() -> None:
    """What the open one means is unknown, so whether the pieces would overlap it is, too."""
    across = "[[[179,0],[-179,0],[-179,1],[179,1],[179,0]]]"
    text = geometry("MultiPolygon", f"[{across}, [[[10,0],[11,0],[11,1],[10,1]]]]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert {finding.code for finding in result.left} == {"GM212", "GM241"}
    assert not any(finding.fixable for finding in result.left)


def test_polygon_whose_half_would_lie_on_another_is_not_cut() -> None:
    """The edge of one passes the seam 1 mm over the tip of the other: no room for rounding."""
    upper = "[[[179,6],[179,5.00000004],[-179,5.00000004],[-179,6],[179,6]]]"
    lower = "[[[179,4],[-179,4],[180,5.00000003],[179,4]]]"
    text = geometry("MultiPolygon", f"[{upper}, {lower}]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert {(finding.code, finding.fixable) for finding in result.left} == {("GM241", False)}


def test_each_line_of_several_is_judged_by_itself() -> None:
    flight = "[[121.8, 31.14], [-118.41, 33.94]]"
    result = mended(geometry("MultiLineString", f"[{flight}, [[179, 0], [-179, 2]]]"))
    assert codes(result) == ["CO103"]
    lines = f"[{flight}, [[179, 0], [180, 1]], [[-180, 1], [-179, 2]]]"
    assert result.data.decode() == geometry("MultiLineString", lines)


def test_a_place_on_the_seam_is_no_line_to_cut() -> None:
    text = geometry("LineString", "[[180, 5], [-180, 5], [180, 5]]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert "CO103" in {finding.code for finding in result.left}
    assert not any(finding.fixable for finding in result.left)


def test_rounding_that_would_harm_a_feature_leaves_it() -> None:
    """It would have no length, no area, a vertex at 0, 0, or be on the globe without a word."""
    tiny = [
        geometry("LineString", "[[60.00000001, 40], [60.00000002, 40]]"),
        geometry("Polygon", "[[[1.00000001, 1], [1.00000002, 1], [1.00000002, 1.00000001],"
                            " [1.00000001, 1]]]"),
        geometry("LineString", "[[0.00000001, 0], [0.1, 0.1]]"),
        geometry("LineString", "[[180.00000001, 0], [179, 0.1]]"),
    ]  # fmt: skip
    long = geometry("LineString", "[" + ", ".join(f"[6{i}.123456789, 40]" for i in range(9)) + "]")
    features = [
        f'{{"type": "Feature", "properties": {{}}, "geometry": {text}}}' for text in [*tiny, long]
    ]
    text = f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'
    result = mended(text)
    assert codes(result) == ["CO114"]
    assert [finding.code for finding in result.left] == ["CO109"]
    short = long.replace("123456789", "1234568")
    assert result.data.decode() == text.replace(long, short)


def test_rounding_that_would_not_help_is_not_done() -> None:
    text = geometry("LineString", "[[60.00000001, 40], [60.00000002, 40], [60.00000003, 40]]")
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    assert [finding.code for finding in result.left] == ["CO114"]


def collection(*texts: str) -> str:
    features = [f'{{"type": "Feature", "properties": {{}}, "geometry": {t}}}' for t in texts]
    return f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'


def test_ring_is_closed_before_all_is_rounded() -> None:
    """Its winding, which an open ring does not show, is then no fault that rounding made."""
    before = collection(
        geometry("LineString", "[[60.1234567811,40.1],[60.1234567811,40.1],[61.123456789,40.5]]"),
        geometry("Polygon", "[[[-58.8816078543,7.4610824566],[-58.8926499907,7.0394002817],"
                 "[-61.437494815,6.4284370944],[-61.6470863484,7.7517459588],"
                 "[-58.8816078643,7.4610824566]]]"),
    )  # fmt: skip
    result = mended(before)
    assert sorted(codes(result)) == ["CO114", "GM203", "GM212", "GM214"]
    assert result.left == ()
    assert result.data.decode() == collection(
        geometry("LineString", "[[60.1234568,40.1],[61.1234568,40.5]]"),
        geometry("Polygon", "[[[-58.8816079,7.4610825],[-61.6470863,7.751746],"
                 "[-61.4374948,6.4284371],[-58.89265,7.0394003],[-58.8816079,7.4610825]]]"),
    )  # fmt: skip


def test_gap_that_rounding_would_widen_is_closed_first() -> None:
    """0.89 cm along the equator; rounded first, it would be 1.1 cm."""
    ring = "[[60.00000004,0.12345678],[70,0.12345678],[70,5.12345678],[60.00000012,0.12345678]]"
    result = mended(geometry("Polygon", f"[{ring}]"))
    assert (sorted(codes(result)), result.left) == (["CO114", "GM212"], ())


def test_ring_that_rounding_closes_is_listed() -> None:
    """1.05 cm is too wide to be closed as such; the winding was hidden by the gap."""
    ring = (
        "[[60.000000012,0.000000046],[60,5.123456789],[70,5.123456789],[60.000000012,-0.000000049]]"
    )
    result = mended(geometry("Polygon", f"[{ring}]"))
    assert (sorted(codes(result)), result.left) == (["CO114", "GM212", "GM214"], ())
    (closed,) = (c for c in result.changes if c.finding.code == "GM212")
    assert closed.message == "put right by the rounding"
    assert closed.finding.pointer == "/coordinates/0/3"


def test_ring_that_rounding_closes_may_show_what_is_wrong_with_it() -> None:
    """A bow tie, and its ends at different heights; the wide gap of its neighbour stays."""
    bow = (
        "[[60.000000012,0.000000046,1],[70,5.123456789,1],[70,0.123456789,1],"
        "[60,5.123456789,1],[60.000000012,-0.000000049,2]]"
    )
    wide = "[[10.123456789,0,1],[11,0.123456789,1],[11,1.123456789,1],[10.5,0.123456789,1]]"
    result = mended(geometry("MultiPolygon", f"[[{bow}],[{wide}]]"))
    assert sorted(codes(result)) == ["CO114", "GM212", "GM213"]
    assert [f.code for f in result.left] == ["GM212"]
    result = mended(geometry("Polygon", f"[{bow}]"))
    assert sorted(codes(result)) == ["CO114", "GM212", "GM213"]
    assert [f.code for f in result.left] == ["GM221"]


def test_rounding_that_leaves_the_fault_is_not_done_in_part() -> None:
    """Three positions of five cannot be rounded, so more than half would still be too long."""
    still = geometry("LineString", "[[60.00000001, 40], [60.00000002, 40], [60.00000003, 40]]")
    text = collection(still, geometry("LineString", "[[60.12345678, 40], [61.12345678, 40]]"))
    result = mended(text)
    assert (result.data, result.changes) == (text.encode(), ())
    more = still.replace("]]", "], [60.00000004, 40]]")
    repeats = geometry("LineString", "[[60, 40], [60, 40], [61, 40]]")
    assert codes(mended(collection(more, repeats))) == ["GM203"], "other faults are mended"


LONG = geometry("LineString", "[[60.12345678,40],[61.12345678,40],[62.12345678,40]]")


@pytest.mark.parametrize("code", ["GM231", "GM230"])
def test_feature_that_cannot_be_rounded_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """GM231: too intricate to be checked. GM230: it is faulty now that another one was rounded."""

    def check(view: View) -> Iterator[Finding]:
        yield from check_document(view)
        if code == "GM231" or view.flat.lon[0] == 60.1234568:
            yield Finding(code, "error", "-", pointer="/features/1/geometry", feature_index=1)

    monkeypatch.setattr(mending, "check_document", check)
    point = geometry("Point", "[5.12345678, 5]")
    result = mended(collection(LONG, point))
    assert codes(result) == ["CO114"]
    short = re.sub("12345678", "1234568", LONG)
    assert result.data.decode() == collection(short, point)


def test_repeats_that_rounding_makes_are_removed() -> None:
    before = geometry("LineString", "[[60.12345678,40],[60.123456781,40],[61.12345678,40]]")
    result = mended(before)
    assert sorted(codes(result)) == ["CO114", "GM203"]
    assert result.data.decode() == geometry("LineString", "[[60.1234568,40],[61.1234568,40]]")


def test_repeats_that_would_stay_are_not_made() -> None:
    """The fourth numbers of the first line tell its positions apart."""
    timed = geometry("LineString", "[[60.12345678,40,1,7],[60.123456781,40,1,8],[61,40,1,9]]")
    long = geometry("LineString", "[" + ", ".join(f"[6{i}.123456789, 40]" for i in range(9)) + "]")
    result = mended(collection(timed, long))
    assert codes(result) == ["CO114"]
    short = long.replace("123456789", "1234568")
    assert result.data.decode() == collection(timed, short)


def test_byte_order_mark() -> None:
    text = geometry("Point", "[69.20, 41.3]") + "\r\n"
    result = mended("\ufeff" + text)
    assert result.data == text.encode()
    assert codes(result) == ["GJ004"] and result.left == ()


def test_all_at_once_with_places_of_the_old_file() -> None:
    lines = [
        f'\ufeff{{"type": "FeatureCollection", "crs": {CRS84},',
        ' "features": [',
        '  {"type": "Feature", "id": "a", "properties": {"crs": null}, "geometry": '
        + geometry("LineString", "[[60, 40], [60, 40],"),
        "   [61, 40],",
        "   [61, 40], [179, 40], [-179, 40]]",
        '  )}, {"type": "Feature", "id": "b", "properties": {}, "geometry":',
        geometry("Polygon", "[[[60, 40], [60, 45], [70, 45], [70, 40], [60, 40.00000002]]]"),
        "}]}",
    ]
    text = "\n".join(lines).replace("}\n   [61", "\n   [61").replace("  )}", "}}")
    result = mended(text)
    found = {change.finding.code: change.finding for change in result.changes}
    assert {code: f.line for code, f in found.items()} == {
        "GJ004": 1, "GJ112": 1, "GM203": 3, "CO103": 5, "GM212": 7, "GM214": 7,
    }  # fmt: skip
    assert found["CO103"].pointer == "/features/0/geometry/coordinates/5"
    assert (found["CO103"].lon, found["CO103"].lat) == (-179, 40)
    assert (found["GM214"].feature_index, found["GM214"].feature_id) == (1, "b")
    assert result.left == ()


def test_nothing_to_mend_gives_the_very_bytes() -> None:
    for path in sorted(GOOD.glob("*.geojson")):
        result = mend(path)
        assert (result.data, result.changes) == (path.read_bytes(), ()), path.name


def test_many_faults_take_time_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of a geometry is named a few times, not once for every fault."""
    named = []
    part_pointer = Flat.part_pointer

    def counting(flat: Flat, part: int) -> str:
        named.append(part)
        return part_pointer(flat, part)

    monkeypatch.setattr(Flat, "part_pointer", counting)
    shells = ", ".join(f"[[[{i},0],[{i},1],[{i}.5,1],[{i},0]]]" for i in range(170))
    lines = ", ".join(f"[[{i},0],[{i},0],[{i},1]]" for i in range(170))
    assert len(mended(geometry("MultiPolygon", f"[{shells}]")).changes) == 170
    assert len(mended(geometry("MultiLineString", f"[{lines}]")).changes) == 170
    assert len(named) < 20 * (170 + 170)


class Counted(str):
    """A text that tells how much of it was copied."""

    copied = 0

    def __getitem__(self, key: object) -> str:
        piece = super().__getitem__(key)  # type: ignore[index]
        Counted.copied += len(piece)
        return piece


def test_members_are_cut_out_without_copying_what_is_before() -> None:
    member = '{"type": "Point" , "crs": {"x": 1}}'
    text = Counted(f"[{', '.join([member] * 500)}]")
    starts = [match.end() for match in re.finditer('"crs": ', text)]
    assert [text[slice(*member_span(text, start))] for start in starts] == [
        ', "crs": {"x": 1}'
    ] * 500
    assert Counted.copied < 10 * len(text)


REFUSED = {
    "key twice": b'{"type": "Point", "type": "Point", "coordinates": [1, 2]}',
    "NaN": b'{"type": "Point", "coordinates": [1, 2], "x": NaN}',
    "cut off": b'{"type": "Point", "coordinates": [1, 2',
    "two texts": b'{"type": "Point", "coordinates": [1, 2]} {}',
    "Latin-1": b'{"type": "Point", "coordinates": [1, 2], "x": "\xe9"}',
    "UTF-16": '{"type": "Point", "coordinates": [1, 2]}'.encode("utf-16"),
    "empty": b"",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_text_that_does_not_say_what_it_means_is_refused(data: bytes) -> None:
    with pytest.raises(MendingError, match=r"^cannot be mended: x\.geojson:1: x: GJ"):
        mend(data, name="x.geojson")


def test_path_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputPathError, match=r"gone\.geojson: cannot open"):
        sco_geo.mend(tmp_path / "gone.geojson")


FIXTURES = sorted(BAD.glob("*.geojson"))


@pytest.mark.parametrize("path", FIXTURES, ids=[path.stem for path in FIXTURES])
def test_fixable_is_what_is_mended(path: Path) -> None:
    """Every finding marked as fixable is mended; without any the file stays as it is."""
    before = validate(path).findings
    wanted = sorted(finding.code for finding in before if finding.fixable)
    try:
        result = mend(path)
    except MendingError:
        assert wanted == []
        return
    assert sorted(codes(result)) == wanted
    left = sorted(finding.code for finding in result.left)
    assert left == sorted(finding.code for finding in before if not finding.fixable)
    assert bool(wanted) == (result.data != path.read_bytes())


# The command


@pytest.fixture
def bering(tmp_path: Path) -> Path:
    path = tmp_path / "bering.geojson"
    path.write_bytes((BAD / "CO103-bering.geojson").read_bytes())
    return path


def fix(*arguments: object) -> int:
    return main(["validate", "--fix", *map(str, arguments)])


def test_command_writes_lists_and_reports(
    bering: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = bering.read_bytes(), tmp_path / "new.geojson"
    assert fix(bering, "--output", new) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"{bering}:3: bering: feature 0: at 66.1° N, 179.5° W: "
        "CO103 mended: cut the line at ±180 into 2 lines"
    )
    assert lines[-1] == f"wrote {new}: 1 change"
    assert bering.read_bytes() == old
    assert new.read_bytes() == mend(bering).data
    assert validate(new).findings == ()


def test_command_as_json(bering: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.geojson"
    assert fix(bering, "--output", new, "--format", "json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value == {
        "input": str(bering),
        "output": str(new),
        "changes": [
            {
                "code": "CO103", "feature_index": 0, "feature_id": None,
                "pointer": "/features/0/geometry/coordinates/1", "lon": -179.5, "lat": 66.1,
                "message": "cut the line at ±180 into 2 lines",
            }
        ],
        "report": validate(new).to_dict(),
    }  # fmt: skip


def test_exit_code_tells_what_is_left(tmp_path: Path) -> None:
    wide = tmp_path / "wide.geojson"
    wide.write_bytes((BAD / "GM212-open.geojson").read_bytes())
    new = tmp_path / "new.geojson"
    assert fix(wide, "--output", new) == 1
    assert new.read_bytes() == wide.read_bytes(), "nothing to mend: a copy"
    bow_tie = BAD / "GM221-bow-tie.geojson"
    assert fix(bow_tie, "--output", tmp_path / "b.geojson") == 1
    repeated = tmp_path / "warned.geojson"
    repeated.write_text(geometry("LineString", "[[0, 0], [60, 40], [60, 40]]"))
    assert fix(repeated, "--output", tmp_path / "c.geojson") == 0
    assert fix(repeated, "--output", tmp_path / "d.geojson", "--strict") == 1


def test_in_place(bering: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fix(bering, "--in-place") == 0
    assert validate(bering).findings == ()
    status = os.stat(bering)
    capsys.readouterr()
    assert fix(bering, "--in-place") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("nothing to mend: ")
    assert os.stat(bering).st_ino == status.st_ino, "a file without faults is not written again"


def test_write_protected_file_is_kept(
    bering: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also from root, whom no mode keeps from writing."""
    before, wide = bering.read_bytes(), BAD / "GM212-open.geojson"
    bering.chmod(0o444)
    for arguments in ([bering, "--in-place"], [wide, "--output", bering, "--replace"]):
        assert fix(*arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == "" and f"{bering} is write-protected" in captured.err
    assert bering.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [bering.name]
    bering.chmod(0o644)
    assert fix(bering, "--in-place") == 0


def test_refusals_write_nothing(
    bering: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, new = tmp_path / "there.geojson", tmp_path / "new.geojson"
    there.write_text("kept")
    link = tmp_path / "link.geojson"
    link.symlink_to(bering)
    before = bering.read_bytes()
    for arguments in (
        [bering],
        [bering, there, "--output", new],
        [bering, "--output", there],
        [bering, "--output", bering],
        [bering, "--output", bering, "--replace"],
        [bering, "--output", link, "--replace"],
        [bering, "--output", tmp_path, "--replace"],
        [bering, "--output", tmp_path / "no" / "new.geojson"],
        [bering, "--output", new, "--in-place"],
        [bering, "--output", new, "--format", "github"],
        [tmp_path, "--output", new],
        [tmp_path / "gone.geojson", "--output", new],
    ):
        assert fix(*arguments) == 2, arguments
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.startswith("sco-geo: "), arguments
    assert main(["validate", str(bering), "--output", str(new)]) == 2
    assert main(["validate", str(bering), "--in-place"]) == 2
    assert not new.exists() and there.read_text() == "kept" and bering.read_bytes() == before
    assert fix(bering, "--output", there, "--replace") == 0
    assert there.read_bytes() != b"kept"


def test_text_that_is_no_json_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new.geojson"
    broken = BAD / "GJ011-status-twice.geojson"
    assert fix(broken, "--output", new) == 1
    assert "GJ011" in capsys.readouterr().err
    assert fix(broken, "--output", new, "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "MendingError"
    assert not new.exists()
