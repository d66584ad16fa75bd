"""Snapping, components, alternatives, comparison, audit, speeds: on networks made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_networks import Edge, make_table

from sco_geo.errors import CatalogError, NoRouteError, SnapTooFarError, UsageError
from sco_geo.network.audit import audit
from sco_geo.network.comparison import compare
from sco_geo.network.crossings import Crossing, Crossings
from sco_geo.network.graph import Variant, build_graph
from sco_geo.network.places import Gazetteer, Place
from sco_geo.network.rail_network import RailNetwork
from sco_geo.network.snapping import Chains, Snap, snap_place
from sco_geo.network.speeds import Speeds


def snap(nodes: dict[str, tuple[float, float]], edges: list[Edge], lon: float, lat: float) -> Snap:
    table = make_table(nodes, edges)
    graph = build_graph(table, Variant(), None, Crossings())
    return snap_place(Chains(table), graph, Place("x", lon, lat))


# A degree of latitude at 40° N is 111.03 km, one of longitude 85.39 km (WGS84).
MAIN = {"A": (60.0, 40.0), "B": (70.0, 40.0)}


def test_a_place_is_moved_to_the_segment_and_not_to_a_node() -> None:
    found = snap(MAIN, [Edge("A", "B", 860)], 62.5, 40.1)
    assert (found.lon, found.lat) == (pytest.approx(62.5), pytest.approx(40.0))
    assert found.km == pytest.approx(11.10, abs=0.01)
    assert found.offset_m == pytest.approx(215_000, abs=1)


def test_the_offset_follows_the_bends_of_a_line() -> None:
    """A line goes 1° north and then 1° east: 111.0 and 84.1 km, the turn is at 56.9 %."""
    nodes = {"A": (60.0, 40.0), "B": (61.0, 41.0)}
    edges = [Edge("A", "B", 200, chain=((60.0, 41.0),))]
    assert snap(nodes, edges, 59.99, 41.0).offset_m == pytest.approx(113_800, abs=150)


def test_a_short_stray_line_nearer_by_is_left_for_the_network() -> None:
    nodes = {**MAIN, "S": (65.0, 40.04), "T": (65.1, 40.04)}
    edges = [Edge("A", "B", 860), Edge("S", "T", 9)]
    found = snap(nodes, edges, 65.05, 40.05)
    assert found.lat == pytest.approx(40.0) and found.nearest_km == pytest.approx(1.11, abs=0.01)
    # A component of 500 km is no stray line, and 6.7 km farther is too far.
    edges = [Edge("A", "B", 860), Edge("S", "T", 501)]
    assert snap(nodes, edges, 65.05, 40.05).lat == pytest.approx(40.04)
    nodes.update(S=(65.0, 40.06), T=(65.1, 40.06))
    edges = [Edge("A", "B", 860), Edge("S", "T", 9)]
    assert snap(nodes, edges, 65.05, 40.07).lat == pytest.approx(40.06)


def test_of_lines_close_together_the_best_connected_is_taken() -> None:
    """A siding from E, 300 km round, passes 0.9 km nearer to the place than the main line."""
    nodes = {**MAIN, "E": (71.0, 40.5), "S": (65.0, 40.01)}
    edges = [Edge("A", "B", 860), Edge("B", "E", 110), Edge("E", "S", 600)]
    assert snap(nodes, edges, 65.0, 40.012).lat == pytest.approx(40.0)


def test_places_far_from_railways() -> None:
    with pytest.raises(SnapTooFarError, match="within 25 km of x: the nearest is 33.3 km away"):
        snap(MAIN, [Edge("A", "B", 860)], 65.0, 40.3)
    snap(MAIN, [Edge("A", "B", 860)], 65.0, 40.22)  # 24.4 km
    with pytest.raises(SnapTooFarError, match="there is none"):
        snap(MAIN, [Edge("A", "B", 860, status="suspended")], 65.0, 40.0)
    with pytest.raises(SnapTooFarError):
        snap(MAIN, [Edge("A", "B", 860)], -110.0, -40.0)


def test_a_place_far_from_railways_names_the_nearest_and_what_may_not_be_used() -> None:
    nodes = {**MAIN, "S": (64.0, 42.0), "T": (66.0, 42.0)}
    line = {"id": "future", "name": "Future Line", "status": "planned", "note": ""}
    table = make_table(nodes, [Edge("A", "B", 860), Edge("S", "T", 170, status="planned",
                                                         line="future")], [line])  # fmt: skip
    places = [Place("Near", 65.0, 40.0, "KAZ"), Place("Far", 65.0, 42.01, "KAZ")]
    rail = RailNetwork(table, gazetteer=Gazetteer(places))
    with pytest.raises(SnapTooFarError) as caught:
        rail.route("Near", "Far")
    text = str(caught.value)
    assert text.startswith("no route from Near (KAZ) to Far (KAZ): no railway within 25 km of Far")
    assert "near Near (KAZ)" in text and "Planned: Future Line" in text
    assert isinstance(caught.value, NoRouteError)


DIAMOND = {"A": (60.0, 40.0), "N": (63.0, 41.0), "S": (63.0, 39.0), "B": (66.0, 40.0)}


def alternatives(
    *edges: Edge, count: int = 3, nodes: dict[str, tuple[float, float]] = DIAMOND
) -> list[float]:
    rail = RailNetwork(make_table(nodes, list(edges)))
    route = rail.route(DIAMOND["A"], DIAMOND["B"], alternatives=count)
    return [other.length_km for other in route.alternatives]


def test_another_way_is_offered_up_to_1_6_times_the_length() -> None:
    north = Edge("A", "N", 300), Edge("N", "B", 300)
    assert alternatives(*north, Edge("A", "S", 450), Edge("S", "B", 450)) == [900]
    assert alternatives(*north, Edge("A", "S", 500), Edge("S", "B", 500)) == []
    assert alternatives(*north, Edge("A", "S", 450), Edge("S", "B", 450), count=0) == []


def test_a_way_that_shares_more_than_seven_tenths_is_no_alternative() -> None:
    def with_common(km: float) -> list[float]:
        loop = (600 - km) / 2
        return alternatives(Edge("A", "N", km), Edge("N", "S", loop), Edge("S", "B", loop),
                            Edge("N", "B", 2 * loop + 10))  # fmt: skip

    assert with_common(410) == [610]  # 67 % in common
    assert with_common(440) == []  # 72 %


def test_alternatives_go_through_other_borders() -> None:
    edges = [
        Edge("A", "N", 300),
        Edge("N", "B", 300, country="CHN"),
        Edge("A", "S", 350),
        Edge("S", "B", 350, country="CHN"),
    ]
    gates = [
        Crossing(name, name, "", "", *DIAMOND[name], frozenset({"KAZ", "CHN"}), frozenset(), None)
        for name in "NS"
    ]
    rail = RailNetwork(make_table(DIAMOND, edges), crossings=Crossings(tuple(gates)))
    route = rail.route(DIAMOND["A"], DIAMOND["B"], alternatives=3)
    assert route.gateways == ("N",)
    assert [(other.gateways, other.length_km) for other in route.alternatives] == [(("S",), 700)]


def test_a_spur_to_another_border_and_back_is_no_alternative() -> None:
    """Through X the way leaves the line 10 km before the border and comes back to it."""
    nodes = {**DIAMOND, "X": (63.0, 41.5)}
    edges = [
        Edge("A", "N", 300),
        Edge("N", "B", 300, country="CHN"),
        Edge("N", "X", 60),
        Edge("X", "N", 60, country="CHN"),
    ]
    rail = RailNetwork(make_table(nodes, edges))
    assert not rail.route(nodes["A"], nodes["B"], alternatives=3).alternatives


def test_a_way_with_a_detour_to_a_border_is_no_alternative() -> None:
    """South of the best way lies another one; from it a loop leads over the border and back."""
    nodes = {**DIAMOND, "T": (63.2, 39.0), "X": (63.1, 38.6)}
    edges = [
        Edge("A", "N", 300),
        Edge("N", "B", 300),
        Edge("A", "S", 340),
        Edge("S", "T", 20),
        Edge("T", "B", 340),
        Edge("S", "X", 60),
        Edge("X", "T", 60, country="CHN"),
    ]
    assert alternatives(*edges, nodes=nodes) == [700]


LINE = {
    "id": "new",
    "name": "New Line",
    "status": "construction",
    "length_km": 300.0,
    "length_low_km": 280.0,
    "length_high_km": 700.0,
}


def test_a_comparison_says_what_is_saved_by_the_published_lengths() -> None:
    edges = [
        Edge("A", "N", 300),
        Edge("N", "B", 300),
        Edge("A", "B", 300, status="construction", line="new"),
        Edge("N", "S", 200),
    ]
    table = make_table(DIAMOND, edges, [LINE])
    names = Gazetteer([Place(name, *point) for name, point in DIAMOND.items()])
    result = compare(["A", "B", "N"], RailNetwork(table, gazetteer=names))
    ab, an, bn = result.pairs
    assert (ab.a_km, ab.b_km, ab.saved_km) == (600, 300, 300)
    # 600 - 280, and with 700 km the new line would not be taken: nothing is saved.
    assert (ab.saved_low_km, ab.saved_high_km) == (0, 320)
    assert ab.lines == ("New Line",)
    assert (an.saved_km, bn.saved_km, an.saved_low_km, an.lines) == (0, 0, None, ())
    report = result.to_dict()
    assert (report["scenario_a"], report["scenario_b"]) == ("today", "construction")
    assert {"from", "to", "a_km", "b_km", "saved_km"} <= report["pairs"][0].keys()
    with pytest.raises(UsageError):
        compare(["A"], RailNetwork(table, gazetteer=names))


def test_a_comparison_where_nothing_connects_today() -> None:
    nodes = {**DIAMOND, "X": (68.0, 40.0)}
    edges = [Edge("A", "B", 600), Edge("B", "X", 200, status="construction", line="new"),
             Edge("X", "N", 900)]  # fmt: skip
    rail = RailNetwork(make_table(nodes, edges, [LINE]))
    (pair,) = compare([nodes["A"], nodes["X"]], rail, rail.in_scenario("construction")).pairs
    assert (pair.a_km, pair.b_km, pair.saved_km, pair.lines) == (None, 800, None, ("New Line",))


def test_the_matrix_is_that_of_the_routes() -> None:
    edges = [Edge("A", "N", 300), Edge("N", "B", 300), Edge("A", "S", 350)]
    rail = RailNetwork(make_table(DIAMOND, edges))
    places = [*DIAMOND.values(), (61.0, 40.0 + 1 / 3), (62.0, 40.0 + 2 / 3)]
    table = rail.matrix(places)
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            assert table[i, j] == (0 if i == j else rail.route(a, b).length_km)


def test_the_audit_counts_by_hand() -> None:
    nodes = {**DIAMOND, "X": (70.0, 40.0), "Y": (71.0, 40.0)}
    edges = [
        Edge("A", "N", 300),
        Edge("N", "B", 280, country="CHN", gauge="1435;1520", basis="published"),
        Edge("B", "N", 280, country="CHN", gauge="1435;1520", status="planned"),
        Edge("B", "N", 280, country="CHN", gauge="1435;1520"),
        Edge("S", "S", 20),
        # 85.3 km apart
        Edge("X", "Y", 85.2, country="", line_class="ferry", gauge=""),
    ]
    found = audit(make_table(nodes, edges))
    assert (found.nodes, found.edges, found.vertices, found.self_loops) == (6, 6, 0, 1)
    assert found.double_edges == 1
    assert found.short_edges == (5,)
    assert found.components_km == (1140, 85.2, 20)
    assert found.km_by_country == {"outside": 85.2, "KAZ": 320, "CHN": 840}
    assert found.km_by_gauge == {"1520": 320, "1435;1520": 840, "unknown": 85.2}
    assert found.km_by_status == {"operating": 965.2, "planned": 280}
    assert found.km_by_class == {"conventional": 1160, "ferry": 85.2}
    assert found.km_by_basis == {"osm": 965.2, "published": 280}
    assert found.joins == ()
    assert found.to_dict()["self_loops"] == 1


def test_the_audit_reads_the_joins(tmp_path: Path) -> None:
    (tmp_path / "rail_joins.csv").write_text(
        "lon0,lat0,lon1,lat1,kind,gap_km,round\n"
        "1,2,3,4,facing,0.4,1\n1,2,3,4,facing,2.4,1\n1,2,3,4,facing,0.6,2\n1,2,3,4,side,9,1\n"
    )
    table = make_table(DIAMOND, [Edge("A", "N", 300)])
    facing, side = audit(table, tmp_path).joins
    assert (facing.kind, facing.count, facing.median_km, facing.longest_km) == (
        "facing",
        3,
        0.6,
        2.4,
    )
    assert (side.kind, side.count) == ("side", 1)


SPEED_FILE = """
[speed_kmh]
conventional = 40
passenger = { value = 160, source = "x" }
ferry = 25.5
[speed_kmh.country]
IND = 25
[hours]
border = 10
break_of_gauge = 12
ferry = 0
"""


def test_speeds_are_read_with_or_without_sources(tmp_path: Path) -> None:
    assert Speeds.load(tmp_path) is None
    (tmp_path / "rail_speeds.toml").write_text(SPEED_FILE)
    speeds = Speeds.load(tmp_path)
    assert speeds == Speeds(40, 160, 25.5, 10, 12, 0, {"IND": 25})
    edges = [Edge("A", "N", 1, "IND"), Edge("A", "N", 1), Edge("A", "N", 1, "IND",
             line_class="passenger"), Edge("A", "N", 1, "", line_class="ferry")]  # fmt: skip
    assert speeds.of_edges(make_table(DIAMOND, edges)).tolist() == [25, 40, 160, 25.5]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("conventional = 40", "", "conventional is None"),
        ("conventional = 40", "conventional = 0", "more than 0 km/h"),
        ("border = 10", "border = true", "border is True"),
        ("border = 10", 'border = "x"', "border is 'x'"),
        ("[hours]", "[hour]", r"without the table \[hours\]"),
        ("IND = 25", "IND = -1", "IND is -1"),
        ("ferry = 0", "ferry 0", "rail_speeds.toml: "),
    ],
)
def test_a_slip_in_the_speeds_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "rail_speeds.toml").write_text(SPEED_FILE.replace(old, new))
    with pytest.raises(CatalogError, match=said):
        Speeds.load(tmp_path)


def test_a_network_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"none\.bin"):
        RailNetwork.load(path=tmp_path / "none.bin")


def test_graphs_are_shared_between_scenarios_and_few_are_kept() -> None:
    rail = RailNetwork(make_table(DIAMOND, [Edge("A", "N", 300), Edge("N", "B", 300, "CHN")]))
    assert rail.graph(Variant()) is rail.in_scenario("construction").graph(Variant())
    first = rail.graph(Variant())
    for gauge in range(20):
        rail.graph(Variant(gauge_mm=gauge))
    assert rail.graph(Variant()) is not first
    assert np.array_equal(rail.graph(Variant()).costs.data, first.costs.data)
    assert replace(Variant(), gauge_mm=1435).without_wishes == Variant()
