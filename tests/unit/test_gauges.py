"""Breaks of gauge on made-up systems, drawn on paper: where somebody changes, and how often."""

from __future__ import annotations

import pytest
from shapely import LineString, MultiLineString, Point

from sco_geo.catalog import Feature
from sco_geo.gauges import by_gauge, find_breaks

LonLat = tuple[float, float]


def rail(name: str, gauges: object, *points: LonLat, kind: str = "railway") -> Feature:
    return Feature(name, "l", 0, LineString(points), {"kind": kind, "gauges_mm": gauges}, "")


def point(name: str, at: LonLat, role: str = "", gauges: str = "") -> Feature:
    properties = {"name": name.title(), "kind": "place", "role": role, "gauges_mm": gauges}
    return Feature(name, "l", 0, Point(at), properties, "")


A, B, C, D, E = ((float(lon), 45.0) for lon in range(5))


def found(sections: list[Feature], points: tuple[Feature, ...] = ()) -> list[tuple[object, ...]]:
    return [(b.from_mm, b.to_mm, b.name) for b in find_breaks(sections, points)]


def test_a_break_where_two_sections_meet() -> None:
    sections = [rail("west", "1435", A, B), rail("east", "1520", B, C)]
    assert found(sections) == [(1435, 1520, None)]
    (change,) = find_breaks(sections, [])
    assert (change.places[0].lon, change.places[0].lat) == B


def test_none_where_the_gauge_stays_or_nothing_meets() -> None:
    assert found([rail("west", "1435", A, B), rail("east", "1435", B, C)]) == []
    assert found([rail("west", "1435", A, B), rail("east", "1520", C, D)]) == []
    assert found([rail("west", "1435", A, B), rail("east", None, B, C)]) == []
    assert found([]) == []


def test_once_for_a_stretch_of_both_gauges_at_all_its_places() -> None:
    sections = [
        rail("west", "1435", A, B),
        rail("to the border", "1435;1520", B, C),
        rail("from the border", "1520;1435", C, D),
        rail("east", "1520", D, E),
    ]
    places = (
        point("transfer", B, "break_of_gauge"),
        point("border", C, "border"),
        point("yard", D, "station;break_of_gauge"),
    )
    assert found(sections, places) == [(1435, 1520, "Transfer / Yard")]
    assert found(sections[::-1], places) == [(1520, 1435, "Transfer / Yard")]
    assert found(sections[:3], places[:1]) == []  # who comes from the west need not change
    (change,) = find_breaks(sections, places)
    as_json = change.to_dict()
    assert (as_json["lon"], as_json["lat"]) == B
    assert [place["name"] for place in as_json["places"]] == ["Transfer", "Yard"]  # type: ignore[attr-defined]


def test_a_stretch_of_both_gauges_in_the_same_network_is_no_break() -> None:
    sections = [rail("a", "1435", A, B), rail("b", "1000;1435", B, C), rail("c", "1435", C, D)]
    assert found(sections) == []
    assert found([rail("b", "1000;1435", B, C), rail("c", "1520", C, D)]) == [(1520, 1000, None)]


def test_branches_at_a_junction() -> None:
    north, south = (1.0, 46.0), (1.0, 44.0)
    sections = [
        rail("west", "1435", A, B),
        rail("east", "1520", B, C),
        rail("north", "1435", B, north),
        rail("south", "1000", B, south),
    ]
    assert found(sections) == [(1435, 1520, None), (1435, 1000, None)]


def test_the_nearest_point_names_the_place_if_it_is_near() -> None:
    # A degree of latitude is 111.1 km at 45° N: 0.04° are 4.4 km, 0.05° are 5.6 km.
    sections = [rail("west", "1435", A, B), rail("east", "1520", B, C)]
    assert found(sections, (point("town", (1, 45.04)),)) == [(1435, 1520, "Town")]
    assert found(sections, (point("town", (1, 45.05)),)) == [(1435, 1520, None)]
    near = (point("town", (1, 45.01)), point("transfer", (1, 45.04), "break_of_gauge"))
    assert found(sections, near) == [(1435, 1520, "Transfer")]


def test_a_point_alone_is_a_break_if_it_states_two_gauges() -> None:
    places = (
        point("transfer", D, "break_of_gauge", "1520;1435"),
        point("sign", E, "break_of_gauge", "1520"),
    )
    assert found([rail("west", "1435", A, B)], places) == [(1435, 1520, "Transfer")]
    assert found([], (Feature("x", "l", 0, None, {"role": "break_of_gauge"}, ""),)) == []


def test_across_the_antimeridian_and_with_parts() -> None:
    west = rail("west", "1520", (178, 66), (180, 66))
    assert found([west, rail("east", "1435", (-180, 66), (-178, 66))]) == [(1520, 1435, None)]
    parts = MultiLineString([[A, B], [C, D]])
    ferry = Feature("cut", "l", 0, parts, {"kind": "railway", "gauges_mm": "1435"}, "")
    assert found([ferry, rail("between", "1520", B, C)]) == [(1435, 1520, None)] * 2


@pytest.mark.parametrize(
    ("kind", "gauges", "expected"),
    [
        ("railway", "1435", {"1435": 7.0}),
        ("railway", 1520, {"1520": 7.0}),
        ("railway", "1520; 1435", {"1435;1520": 7.0}),
        ("railway", None, {"unknown": 7.0}),
        ("train_service", "", {"unknown": 7.0}),
        ("road", None, {}),
        ("ferry", "1520", {"1520": 7.0}),
    ],
)
def test_the_key_of_a_section(kind: str, gauges: object, expected: dict[str, float]) -> None:
    assert by_gauge(rail("x", gauges, A, B, kind=kind), 7.0) == expected
