"""Routes over a network of a few edges; every length is reckoned by hand.

A--100--B--100--C--100--D        a main line along 40° N, 60 to 66° E
        |       |
        |       +--40 (passengers only)--P
        +--150--N--150--D        a way round in the north
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import shapely
from small_networks import Edge, make_table

from sco_geo.errors import NoRouteError, SnapTooFarError, UnknownPlaceError, UsageError
from sco_geo.network.crossings import Crossing, Crossings
from sco_geo.network.places import Gazetteer, Place, gates
from sco_geo.network.rail_network import RailNetwork
from sco_geo.network.speeds import Speeds

NODES = {
    "A": (60.0, 40.0),
    "B": (61.0, 40.0),
    "C": (62.0, 40.0),
    "D": (63.0, 40.0),
    "N": (62.0, 41.0),
    "P": (62.0, 39.7),
    "Q": (64.0, 40.0),
    "X": (70.0, 40.0),
    "Y": (71.0, 40.0),
}
LINE = {
    "id": "new",
    "name": "New Line",
    "status": "construction",
    "length_km": 120.0,
    "length_low_km": 110.0,
    "length_high_km": 150.0,
}
CLOSED = {"id": "old", "name": "Old Line", "status": "suspended", "since": "1950", "note": "war"}
EDGES = [
    Edge("A", "B", 100),
    Edge("B", "C", 100),
    Edge("C", "D", 100, country="CHN", gauge="1435"),
    Edge("B", "N", 150),
    Edge("N", "D", 150, country="CHN", gauge="1435"),
    Edge("C", "P", 40, line_class="passenger"),
    Edge("B", "D", 180, country="CHN", status="construction", line="new", chain=((62.0, 40.3),)),
    Edge("D", "Q", 90, country="CHN", gauge="1435;1520"),
    Edge("X", "Y", 90, country="RUS"),
    Edge("Q", "X", 600, country="RUS", status="suspended", line="old"),
]
LINES = [LINE, CLOSED]
SPEEDS = Speeds(50, 100, 20, border_hours=5, break_hours=7, ferry_hours=4)
GATE = Crossing("gate", "Gate", "门", "Ворота", 62.1, 40.0, frozenset({"KAZ", "CHN"}),
                frozenset({1520, 1435}), None)  # fmt: skip
PLACES = [Place(name, *point, "KAZ") for name, point in NODES.items()]


def network(scenario: str = "today", **options: object) -> RailNetwork:
    options.setdefault("speeds", SPEEDS)
    options.setdefault("crossings", Crossings((GATE,)))
    table = make_table(NODES, EDGES, LINES)
    return RailNetwork(table, scenario, gazetteer=Gazetteer(PLACES), **options)


def test_the_shortest_way_is_found_and_told() -> None:
    route = network().route("A", "D")
    assert route.length_km == 300
    assert route.by_country == {"KAZ": 200, "CHN": 100}
    assert route.by_gauge == {"1520": 200, "1435": 100}
    assert [(leg.kind, leg.country, leg.gauge_mm, leg.length_km) for leg in route.legs] == [
        ("track", "KAZ", 1520, 200),
        ("transfer", "CHN", 1435, 0),
        ("track", "CHN", 1435, 100),
    ]
    (border,) = route.border_crossings
    assert (border.name, border.name_zh, border.from_country, border.to_country) == (
        "Gate",
        "门",
        "KAZ",
        "CHN",
    )
    assert (border.lon, border.lat) == NODES["C"]
    (change,) = route.breaks_of_gauge
    assert (change.from_mm, change.to_mm, change.lon, change.lat) == (1520, 1435, 62.0, 40.0)
    assert shapely.get_coordinates(route.geometry).tolist() == [
        list(NODES[name]) for name in "ABCD"
    ]
    # 300 km at 50 km/h, one border and one break of gauge.
    assert route.hours == pytest.approx(6 + 5 + 7)
    # The meridian arc of WGS84 at 40° N: 85.39 km a degree of longitude, three degrees; the
    # geodesic is a little shorter than the parallel.
    assert route.geodesic_km == pytest.approx(256.2, abs=0.2)
    assert route.detour == pytest.approx(300 / 256.2, abs=1e-3)


def test_the_report_has_the_agreed_names_and_is_json() -> None:
    report = json.loads(json.dumps(network().route("A", "D", alternatives=2).to_dict()))
    assert {"from", "to", "scenario", "traffic", "length_km", "uncertainty_pct"} <= report.keys()
    assert {"geodesic_km", "detour", "hours", "legs", "by_country", "by_gauge"} <= report.keys()
    assert {"breaks_of_gauge", "border_crossings", "notes", "alternatives"} <= report.keys()
    assert report["from"] == {"name": "A", "lon": 60.0, "lat": 40.0, "snap_km": 0.0}
    assert report["border_crossings"][0]["from"] == "KAZ"
    assert report["geometry"]["type"] == "LineString"
    # The only other way: 100 + 150 + 150, which shares 100 of its 400 km.
    assert [other["length_km"] for other in report["alternatives"]] == [400]


def test_the_way_back_is_the_way_there_reversed() -> None:
    there, back = network().route("A", "D"), network().route("D", "A")
    assert back.length_km == there.length_km and back.by_gauge == there.by_gauge
    assert back.geometry.equals(there.geometry)
    assert (back.border_crossings[0].from_country, back.breaks_of_gauge[0].to_mm) == ("CHN", 1520)


def test_a_place_taken_over_a_border_is_said() -> None:
    # D is given as a place of KAZ, and lies on a line in CHN.
    said = "D (KAZ) is taken to the line in CHN: a border"
    assert any(note.startswith(said) for note in network().route("A", "D").notes)
    assert not [n for n in network().route("A", "B").notes if "taken to the line" in n]


def test_freight_leaves_lines_for_passengers() -> None:
    # P is 33 km from the freight line along 40° N.
    with pytest.raises(SnapTooFarError, match="For passenger trains only") as caught:
        network().route("A", "P")
    assert caught.value.snap_km == pytest.approx(33.3, abs=0.1)
    assert network().route("A", "P", traffic="any").length_km == 240
    assert network(traffic="any").route("A", "P").length_km == 240


def test_a_scenario_brings_lines_and_their_published_range() -> None:
    route = network("construction").route("A", "D")
    # 100 + 180 km; the line's own published lengths are 110, 120 and 150 km, here 180 of them.
    assert route.length_km == 280
    assert route.length_low_km == pytest.approx(100 + 180 * 110 / 120)
    assert route.length_high_km == pytest.approx(100 + 180 * 150 / 120)
    # Half of what lies between: (325 - 265) / 2 = 30 km of 280.
    assert route.uncertainty_pct == pytest.approx(100 * 30 / 280)
    said = "New Line, under construction; its published length is 110 to 150 km"
    assert any(said in note for note in route.notes)
    assert network("planned").route("A", "D").length_km == 280


def test_a_suspended_line_is_never_used_but_named() -> None:
    for scenario in ("today", "construction", "planned"):
        with pytest.raises(NoRouteError) as caught:
            network(scenario).route("A", "Y")
        text = str(caught.value)
        assert "Old Line (since 1950: war)" in text
        # Q and X are 6 degrees of longitude apart on 40° N.
        assert caught.value.gap_km == pytest.approx(511.7, abs=1)
        assert len(caught.value.components) == 2
        assert "A (KAZ)" in caught.value.components[0] and "90 km" in caught.value.components[1]


def test_a_closed_line_that_only_shortens_the_way_is_no_reason() -> None:
    # A - C over the closed cut is 180 km, 200 without; only Q - X joins the two parts.
    cut = CLOSED | {"id": "cut", "name": "Short Cut"}
    edges = [*EDGES, Edge("A", "C", 180, status="suspended", line="cut", chain=((61.0, 40.1),))]
    table = make_table(NODES, edges, [*LINES, cut])
    with pytest.raises(NoRouteError) as caught:
        RailNetwork(table, gazetteer=Gazetteer(PLACES)).route("A", "Y")
    assert "Old Line" in str(caught.value) and "Short Cut" not in str(caught.value)


def test_a_way_shorter_than_the_straight_one_says_why() -> None:
    # 20 km along the line; 0.2 degrees of latitude from it on either side are 22 km each.
    route = network().route((60.05, 39.8), (60.25, 40.2))
    (note,) = [note for note in route.notes if note.startswith("shorter than the straight way")]
    assert route.length_km < route.geodesic_km and "not in it" in note
    assert not any("shorter" in note for note in network().route("A", "D").notes)


def test_avoiding_a_country_takes_the_way_round_or_says_so() -> None:
    assert network().route("A", "C", avoid=["CHN"]).length_km == 200
    with pytest.raises(NoRouteError, match="is in CHN, which is to be avoided"):
        network().route("A", "D", avoid=["CHN"])
    with pytest.raises(NoRouteError, match="Connected only through KAZ, avoided"):
        one = replace_country(EDGES, ("A", "B"), "CHN")
        RailNetwork(make_table(NODES, one, LINES)).route(NODES["A"], NODES["D"], avoid="KAZ")
    with pytest.raises(UsageError, match="ZZZ; countries are ISO 3166"):
        network().route("A", "C", avoid=["ZZZ"])


def replace_country(edges: list[Edge], ends: tuple[str, str], country: str) -> list[Edge]:
    return [replace(e, country=country) if (e.start, e.end) == ends else e for e in edges]


def test_a_preferred_gauge_takes_a_longer_way_up_to_five_times() -> None:
    nodes = {"A": (60.0, 40.0), "B": (60.5, 40.2), "D": (61.0, 40.0)}
    short = Edge("A", "D", 100, gauge="1435")

    def by_1520(km: float) -> float:
        edges = [short, Edge("A", "B", km / 2), Edge("B", "D", km / 2)]
        return (
            RailNetwork(make_table(nodes, edges))
            .route(nodes["A"], nodes["D"], gauge=1520)
            .length_km
        )

    assert by_1520(498) == 498
    assert by_1520(502) == 100


def test_dual_gauge_saves_a_break() -> None:
    route = network().route("C", "Q")
    assert route.by_gauge == {"1520": 0.0, "1435": 190} or route.by_gauge == {"1435": 190}
    assert not route.breaks_of_gauge
    nodes = {name: (60.0 + i, 40.0) for i, name in enumerate("ABC")}
    edges = [Edge("A", "B", 100, gauge="1435;1520"), Edge("B", "C", 100, gauge="1520")]
    dual = RailNetwork(make_table(nodes, edges)).route(nodes["A"], nodes["C"])
    assert dual.by_gauge == {"1520": 200} and not dual.breaks_of_gauge


def test_hours_may_choose_the_longer_way() -> None:
    """600 km in one country and gauge against 400 km with two borders and two breaks of gauge."""
    nodes = {"A": (60.0, 40.0), "B": (61.5, 40.0), "C": (62.5, 40.0), "D": (64.0, 40.0),
             "N": (62.0, 42.0)}  # fmt: skip
    edges = [
        Edge("A", "B", 150),
        Edge("B", "C", 100, country="CHN", gauge="1435"),
        Edge("C", "D", 150),
        Edge("A", "N", 300),
        Edge("N", "D", 300),
    ]
    rail = RailNetwork(make_table(nodes, edges), speeds=SPEEDS)
    by_km = rail.route(nodes["A"], nodes["D"])
    by_hours = rail.route(nodes["A"], nodes["D"], optimise="hours")
    assert (by_km.length_km, by_km.hours) == (400, pytest.approx(8 + 2 * 5 + 2 * 7))
    assert (by_hours.length_km, by_hours.hours) == (600, pytest.approx(12))
    quick = RailNetwork(
        make_table(nodes, edges), speeds=replace(SPEEDS, border_hours=1, break_hours=0)
    )
    assert quick.route(nodes["A"], nodes["D"], optimise="hours").length_km == 400
    with pytest.raises(UsageError, match="speeds"):
        RailNetwork(make_table(nodes, edges)).route(nodes["A"], nodes["D"], optimise="hours")


def test_the_dwell_of_a_known_crossing_holds_its_transshipment() -> None:
    gate = replace(GATE, hours=30.0)
    rail = network(crossings=Crossings((gate,)))
    assert rail.route("A", "D").hours == pytest.approx(6 + 30)
    # Through N, far from the gate: 400 km at 50 km/h, a border and a break of gauge.
    assert rail.route("A", "D", optimise="hours").hours == pytest.approx(8 + 5 + 7)
    assert hours_paid(rail, NODES["A"], NODES["D"]) == pytest.approx(8 + 5 + 7)


def test_a_break_of_gauge_behind_the_border_belongs_to_the_crossing() -> None:
    """The gauge changes 17 km behind the border; 43 km behind it, it is another matter."""
    for lon, hours in ((62.2, 30), (62.5, 30 + 7)):
        nodes = {"A": (60.0, 40.0), "C": (62.0, 40.0), "G": (lon, 40.0), "D": (64.0, 40.0)}
        edges = [
            Edge("A", "C", 200),
            Edge("C", "G", 50, country="CHN"),
            Edge("G", "D", 150, country="CHN", gauge="1435"),
        ]
        gate = replace(GATE, lon=62.0, hours=30.0)
        rail = RailNetwork(make_table(nodes, edges), crossings=Crossings((gate,)), speeds=SPEEDS)
        assert rail.route(nodes["A"], nodes["D"]).hours == pytest.approx(8 + hours)
        assert hours_paid(rail, nodes["A"], nodes["D"]) == pytest.approx(8 + hours)


def test_a_ferry_is_a_leg_of_its_own() -> None:
    nodes = {name: (50.0 + i, 40.0) for i, name in enumerate("ABCD")}
    edges = [
        Edge("A", "B", 100, country="KAZ"),
        Edge("B", "C", 300, country="", line_class="ferry"),
        Edge("C", "D", 100, country="CHN"),
    ]
    route = RailNetwork(make_table(nodes, edges), speeds=SPEEDS).route(nodes["A"], nodes["D"])
    assert [leg.kind for leg in route.legs] == ["track", "ferry", "track"]
    assert route.by_country == {"KAZ": 100, "outside": 300, "CHN": 100}
    assert [(c.from_country, c.to_country) for c in route.border_crossings] == [("KAZ", "CHN")]
    # 200 km at 50 km/h, 300 km at 20 km/h, one border, loading and unloading.
    assert route.hours == pytest.approx(4 + 15 + 5 + 4)
    rail = RailNetwork(make_table(nodes, edges), speeds=SPEEDS)
    assert hours_paid(rail, nodes["A"], nodes["D"]) == pytest.approx(route.hours)


def test_a_border_that_is_only_touched_is_not_crossed() -> None:
    nodes = {name: (60.0 + i, 40.0) for i, name in enumerate("ABCD")}
    for km, crossings in ((1.9, 0), (2.1, 2)):
        edges = [Edge("A", "B", 100), Edge("B", "C", km, "CHN"), Edge("C", "D", 100)]
        route = RailNetwork(make_table(nodes, edges), speeds=SPEEDS).route(nodes["A"], nodes["D"])
        assert len(route.border_crossings) == crossings
        assert route.by_country == {"KAZ": 200, "CHN": km}
        assert route.hours == pytest.approx((200 + km) / 50 + 5 * crossings)


def hours_paid(rail: RailNetwork, *ends: tuple[float, float]) -> float:
    """What the search reckoned with; it has to be what the route tells."""
    variant = rail.variant(optimise="hours")
    (path,) = rail.find_paths(variant, rail.snap(variant, [rail.gazetteer.find(p) for p in ends]))
    return path.cost


def test_water_and_disputed_areas_are_no_states() -> None:
    """One border lies across the sea or the disputed area, and none across a lake."""
    nodes = {name: (60.0 + i, 40.0) for i, name in enumerate("ABCD")}
    for area in ("", "disputed:somewhere"):
        for last, crossings in (("CHN", 1), ("KAZ", 0)):
            edges = [Edge("A", "B", 100), Edge("B", "C", 100, area), Edge("C", "D", 100, last)]
            rail = RailNetwork(make_table(nodes, edges), speeds=SPEEDS)
            route = rail.route(nodes["A"], nodes["D"], optimise="hours")
            assert len(route.border_crossings) == crossings
            assert route.by_country[area or "outside"] == 100
            assert route.hours == pytest.approx(6 + 5 * crossings)
            assert hours_paid(rail, nodes["A"], nodes["D"]) == pytest.approx(route.hours)
    assert rail.variant(avoid=["disputed:somewhere", "kaz"]).avoid == {"disputed:somewhere", "KAZ"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"avoid": [""]}, "avoid: '' is no code"),
        ({"avoid": ""}, "avoid: '' is no code"),
        ({"avoid": [5]}, "avoid: 5 is no code"),
        ({"avoid": None}, "avoid: None is no list"),
        ({"via": "N"}, "via: 'N' is no list"),
        ({"via": None}, "via: None is no list"),
        ({"gauge": [1520]}, "gauge"),
        ({"alternatives": "2"}, "alternatives: from 0 to 3"),
        ({"alternatives": None}, "alternatives: from 0 to 3"),
        ({"alternatives": 1.5}, "alternatives: from 0 to 3"),
    ],
)
def test_options_of_the_wrong_kind_are_refused(options: dict[str, Any], problem: str) -> None:
    """Not taken apart letter by letter; and an empty code would close the sea to ferries."""
    with pytest.raises(UsageError, match=problem):
        network().route("A", "C", **options)


@pytest.mark.parametrize("places", ["AC", None])
def test_a_matrix_wants_a_list_of_places(places: Any) -> None:
    with pytest.raises(UsageError, match="places: .* is no list"):
        network().matrix(places)


def test_a_stop_on_the_way_splits_the_route() -> None:
    rail = network()
    whole = rail.route("A", "D", via=["N"])
    assert whole.length_km == 400 and whole.via[0].name == "N"
    assert whole.length_km == rail.route("A", "N").length_km + rail.route("N", "D").length_km
    assert rail.route("A", "D", via=["C", "B"]).length_km == 200 + 100 + 200


def test_places_between_nodes_use_parts_of_an_edge() -> None:
    """60.25 and 60.75° E lie at a quarter and three quarters of the 100 km from A to B."""
    rail = network()
    route = rail.route((60.25, 40.0), (60.75, 40.0))
    assert route.length_km == pytest.approx(50, abs=0.05)
    assert [leg.kind for leg in route.legs] == ["track"]
    points = shapely.get_coordinates(route.geometry)
    assert points[:, 0].tolist() == pytest.approx([60.25, 60.75]) and len(points) == 2
    onward = rail.route((60.25, 40.0), "C")
    assert onward.length_km == pytest.approx(175, abs=0.05)
    assert rail.route("C", (60.25, 40.0)).length_km == onward.length_km


def test_a_connector_is_told_and_never_counted() -> None:
    route = network().route((60.0, 40.1), "B")
    # A tenth of a degree of latitude at 40° N is 11.10 km.
    assert route.origin.snap_km == pytest.approx(11.10, abs=0.02)
    assert route.length_km == pytest.approx(100, abs=0.1)
    assert route.legs[0].kind == "connector" and route.legs[-1].kind == "track"
    assert any("11.1 km from the line" in note for note in route.notes)


def test_equal_places_are_no_distance_apart_and_others_never() -> None:
    rail = network()
    assert rail.route("B", "B").length_km == 0
    with pytest.raises(NoRouteError, match="same point"):
        rail.route((60.0, 40.05), (60.0, 40.1))


def test_two_names_for_one_border_point_are_no_way_of_0_km() -> None:
    """Wagah and Attari are 3 km apart; known is only the point between them."""
    both = frozenset(("CHN", "KAZ"))
    row = Crossing("x", "Wagah – Attari", "", "", 61.0, 40.0, both, frozenset(), None)
    rail = RailNetwork(make_table(NODES, EDGES), gazetteer=Gazetteer(gates([row])))
    with pytest.raises(NoRouteError, match="same point"):
        rail.route("Wagah", "Attari")
    assert rail.route("Wagah", "wagah").length_km == 0


def test_a_detour_says_that_no_direct_line_exists() -> None:
    nodes = {"A": (60.0, 40.0), "B": (60.5, 40.0), "N": (60.25, 42.0)}
    line = {**LINE, "length_low_km": None, "length_high_km": None}
    edges = [Edge("A", "N", 250), Edge("N", "B", 250),
             Edge("A", "B", 45, status="construction", line="new")]  # fmt: skip
    table = make_table(nodes, edges, [line])
    notes = RailNetwork(table).route(nodes["A"], nodes["B"]).notes
    assert any("no direct line exists" in note and "11.7 times" in note for note in notes)
    assert any("New Line" in note and "with it 45 km" in note for note in notes)
    assert not RailNetwork(table, "construction").route(nodes["A"], nodes["B"]).notes[1:]


def test_wrong_options_are_refused() -> None:
    rail = network()
    for options in (
        {"alternatives": 4},
        {"gauge": 1500},
        {"traffic": "cargo"},
        {"optimise": "cost"},
        {"alternatives": 1, "via": ["N"]},
    ):
        with pytest.raises(UsageError):
            rail.route("A", "D", **options)
    with pytest.raises(UsageError, match="tomorrow"):
        network("tomorrow")
    with pytest.raises(UnknownPlaceError):
        rail.route("Atlantis", "D")


@pytest.mark.parametrize(
    ("km", "basis", "expected"),
    [
        (100, "osm", 10.0),  # short: ±10 %
        (400, "osm", 5.0),  # 10 % of 200 km
        (1000, "osm", 4.0),
        (100, "published", 1.0),
        (1000, "anchored", 2.0),
        (1000, "estimate", 10.0),
    ],
)
def test_uncertainty_by_how_a_length_was_come_by(km: float, basis: str, expected: float) -> None:
    nodes = {"A": (60.0, 40.0), "B": (60.9, 40.0)}
    table = make_table(nodes, [Edge("A", "B", km, basis=basis)])
    assert RailNetwork(table).route(nodes["A"], nodes["B"]).uncertainty_pct == pytest.approx(
        expected
    )


def test_uncertainty_is_a_mean_and_the_file_may_set_it() -> None:
    nodes = {name: (60.0 + i, 40.0) for i, name in enumerate("ABC")}
    edges = [Edge("A", "B", 750), Edge("B", "C", 250, basis="estimate")]
    rail = RailNetwork(make_table(nodes, edges))
    assert rail.route(nodes["A"], nodes["C"]).uncertainty_pct == pytest.approx(0.75 * 4 + 0.25 * 10)
    rail = RailNetwork(make_table(nodes, edges, meta={"uncertainty_pct": {"osm": 6}}))
    assert rail.route(nodes["A"], nodes["C"]).uncertainty_pct == pytest.approx(0.75 * 6 + 0.25 * 10)
