"""The page's reader and router of the rail network, in a real browser against Python."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from rail_networks import make_table, shortest_km

from sco_geo.network._format import EdgeTable, decode, encode

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "sco_geo" / "atlas" / "page"
REAL = ROOT / "geo" / "rail_network.bin"
SCRIPTS = ("rail_network.js", "rail_router.js", "rail_route.js")
VARIANTS = [("today", "freight"), ("construction", "any"), ("planned", "freight")]
PAIRS = 18  # a variant

LOAD = """async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const table = readRailNetwork(await inflateRailNetwork(bytes));
    window.rails = { table, router: new RailRouter(table) };
}"""
ROUTE = """([from, to, options]) => {
    try { return findRailRoute(rails.router, from, to, options); }
    catch (error) {
        if (error instanceof RailError) return { error: error.kind, ...error };
        throw error;
    }
}"""
COLUMNS = """() => Object.fromEntries(Object.entries(rails.table).map(
    ([name, value]) => [name, ArrayBuffer.isView(value) ? Array.from(value) : value]))"""


@pytest.fixture(scope="module")
def network() -> EdgeTable:
    return decode(encode(make_table(7, 220, islands=2)))


@pytest.fixture
def rails(page: Page, page_log: Any, network: EdgeTable) -> Iterator[Page]:
    open_network(page, encode(network))
    yield page
    assert page_log.problems == []


def open_network(page: Page, data: bytes) -> None:
    text = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    page.goto("about:blank")
    page.add_script_tag(content=f'"use strict";\n{text}')
    page.evaluate(LOAD, base64.b64encode(data).decode("ascii"))


def places(network: EdgeTable, count: int) -> list[tuple[float, float]]:
    """Places up to some 15 km from points of the lines."""
    random = np.random.default_rng(11)
    _, lon, lat = network.paths()
    at = random.integers(0, len(lon), count)
    lon, lat = lon[at] + random.normal(0, 0.06, count), lat[at] + random.normal(0, 0.04, count)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def test_the_browser_reads_the_same_columns(rails: Page, network: EdgeTable) -> None:
    seen: dict[str, Any] = rails.evaluate(COLUMNS)
    same = {"start": "start", "end": "end", "lengthM": "length_m", "lineClass": "line_class"}
    same |= {name: name for name in ("country", "gauge", "status", "basis", "line")}
    for name, column in same.items():
        assert seen[name] == getattr(network, column).tolist(), name
    offset, lon, lat = network.paths()
    assert seen["pathOffset"] == offset.tolist()
    assert [value / 1000 for value in seen["pathLon"]] == lon.tolist()
    assert [value / 1000 for value in seen["pathLat"]] == lat.tolist()
    assert [
        level
        for i, level in enumerate(seen["pathLevel"])
        if i not in set(offset.tolist()) | set((offset - 1).tolist())
    ] == network.chain_level.tolist()
    for name in ("countries", "gauges", "lines"):
        assert seen[name] == list(getattr(network, name))
    assert seen["meta"] == network.meta


@pytest.mark.parametrize(("scenario", "traffic"), VARIANTS)
def test_routes_are_those_of_another_router(
    rails: Page, network: EdgeTable, scenario: str, traffic: str
) -> None:
    ends = places(network, 2 * PAIRS)
    connected = 0
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        route = rails.evaluate(ROUTE, [start, end, {"scenario": scenario, "traffic": traffic}])
        wanted = shortest_km(network, start, end, scenario, traffic)
        if isinstance(wanted, str):
            assert route["error"] == wanted
            continue
        connected += 1
        assert route["length_km"] == pytest.approx(wanted, abs=0.1), (start, end)
        for parts in (route["by_country"], route["by_gauge"]):
            assert sum(parts.values()) == pytest.approx(wanted, abs=0.1)
        rails_km = [leg["length_km"] for leg in route["legs"] if leg["kind"] != "connector"]
        assert sum(rails_km) == pytest.approx(wanted, abs=0.1)
    assert connected > PAIRS / 3


def hand_made(**changes: Any) -> EdgeTable:
    """A line along 40° N, 100 km an edge: states, gauges and kinds change from edge to edge."""
    # From 60° E: Kazakhstan, a touch of Uzbekistan, Kazakhstan again, both gauges there, then
    # Uzbekistan with 1435 mm, a ferry over open water, Kazakhstan again with an unknown gauge.
    lon = np.array([60.0, 61.0, 61.01, 62.0, 63.0, 64.0, 65.0, 66.0])
    edges = len(lon) - 1
    columns: dict[str, Any] = {
        "node_lon": lon,
        "node_lat": np.full(edges + 1, 40.0),
        "start": np.arange(edges, dtype=np.int32),
        "end": np.arange(1, edges + 1, dtype=np.int32),
        "length_m": np.array([100, 1, 99, 100, 100, 100, 100], dtype=np.int32) * 1000,
        "country": np.array([0, 1, 0, 0, 1, 2, 0], dtype=np.uint8),
        "gauge": np.array([0, 0, 0, 2, 1, 1, 3], dtype=np.uint8),
        "status": np.array([0, 0, 0, 0, 1, 0, 0], dtype=np.uint8),
        "line_class": np.array([0, 0, 0, 0, 0, 2, 0], dtype=np.uint8),
        "basis": np.zeros(edges, dtype=np.uint8),
        "line": np.array([-1, -1, -1, -1, 0, -1, -1], dtype=np.int16),
        "chain_offset": np.array([0, 4, 4, 4, 4, 4, 4, 4], dtype=np.int32),
        "chain_lon": np.array([60.2, 60.4, 60.6, 60.8]),
        "chain_lat": np.array([40.01, 40.3, 40.1, 40.02]),
        "chain_level": np.array([3, 0, 1, 2], dtype=np.uint8),
        "countries": ("KAZ", "UZB", ""),
        "gauges": ("1520", "1435", "1435;1520", ""),
        "lines": ({"id": "new-line", "name": "New line", "length_km": 98, "note": "long"},),
        "meta": {},
    }
    return EdgeTable(**{**columns, **changes})


def ask(page: Page, table: EdgeTable, start: Any, end: Any, **options: Any) -> Any:
    open_network(page, encode(table))
    return page.evaluate(ROUTE, [start, end, options])


def test_what_lies_along_a_route(page: Page) -> None:
    route = ask(page, hand_made(), [60, 40], [66, 40], scenario="construction")
    assert route["length_km"] == 600
    assert route["by_country"] == {"KAZ": 399, "UZB": 101, "outside": 100}
    assert route["by_gauge"] == {"1520": 300, "1435": 200, "unknown": 100}
    assert route["breaks_of_gauge"] == [{"lon": 63, "lat": 40, "from_mm": 1520, "to_mm": 1435}]
    assert route["border_crossings"] == [
        {"lon": 63, "lat": 40, "from": "KAZ", "to": "UZB"},
        {"lon": 65, "lat": 40, "from": "UZB", "to": "KAZ"},
    ]
    assert route["lines"] == [{"id": "new-line", "name": "New line", "length_km": 100}]
    legs = [
        tuple(leg[key] for key in ("kind", "country", "gauge_mm", "status", "length_km"))
        for leg in route["legs"]
    ]
    assert legs == [
        ("track", "KAZ", 1520, "operating", 100),
        ("track", "UZB", 1520, "operating", 1),
        ("track", "KAZ", 1520, "operating", 199),
        ("transfer", "UZB", 1435, None, 0),
        ("track", "UZB", 1435, "construction", 100),
        ("ferry", None, 1435, "operating", 100),
        ("track", "KAZ", None, "operating", 100),
    ]


def test_a_route_backwards_is_as_long_and_turns_its_breaks(page: Page) -> None:
    route = ask(page, hand_made(), [66, 40], [60, 40], scenario="construction")
    assert route["length_km"] == 600
    assert route["breaks_of_gauge"] == [{"lon": 63, "lat": 40, "from_mm": 1435, "to_mm": 1520}]
    assert [crossing["from"] for crossing in route["border_crossings"]] == ["KAZ", "UZB"]


def test_a_break_of_gauge_is_at_the_border_if_it_can_be(page: Page) -> None:
    """Both gauges lie between 62 and 63° E; the border is at either end of them."""
    for border, country in ((62, [0, 0, 0, 1, 1, 1, 1]), (63, [0, 0, 0, 0, 1, 1, 1])):
        table = hand_made(country=np.array(country, dtype=np.uint8))
        for ends in ([60, 40], [66, 40]), ([66, 40], [60, 40]):
            route = ask(page, table, *ends, scenario="construction")
            assert [change["lon"] for change in route["breaks_of_gauge"]] == [border]


def test_levels_of_detail_of_a_route(page: Page) -> None:
    for level, lons in ((0, [60.4]), (1, [60.4, 60.6]), (3, [60.2, 60.4, 60.6, 60.8])):
        route = ask(page, hand_made(), [60, 40], [61, 40], level=level)
        assert [lon for lon, _ in route["geometry"]["coordinates"]] == [60, *lons, 61]
        back = ask(page, hand_made(), [61, 40], [60, 40], level=level)
        assert back["geometry"]["coordinates"] == route["geometry"]["coordinates"][::-1]


def test_a_part_of_an_edge_and_a_via_place(page: Page) -> None:
    """From the middle of an edge of 100 km to the quarter of another; over a place on a third."""
    route = ask(page, hand_made(), [61.505, 40.018], [62.25, 40])
    assert route["length_km"] == pytest.approx(49.5 + 25, abs=0.002)
    assert route["from"]["snap_km"] == pytest.approx(2.0, abs=0.01)  # 0.018° of latitude
    assert route["legs"][0]["kind"] == "connector"
    assert route["geometry"]["coordinates"] == [[pytest.approx(61.505), 40], [62, 40], [62.25, 40]]
    over = ask(page, hand_made(), [61.505, 40.018], [62.25, 40], via=[[62.75, 40]])
    assert over["length_km"] == pytest.approx(49.5 + 75 + 50, abs=0.002)
    assert [stop["lon"] for stop in over["via"]] == [62.75]


def two_edges(**changes: Any) -> EdgeTable:
    """Two edges from node 0, of the first codes of all columns."""
    whole = hand_made()
    names = ("start", "country", "gauge", "status", "line_class", "basis", "line")
    zeros = {name: np.zeros(2, getattr(whole, name).dtype) for name in names}
    chain = {name: getattr(whole, name)[:0] for name in ("chain_lon", "chain_lat", "chain_level")}
    return hand_made(**{**zeros, **chain, "chain_offset": np.zeros(3, dtype=np.int32), **changes})


@pytest.mark.parametrize(("main_lat", "is_reached"), [(40.04, True), (40.06, False)])
def test_a_siding_is_left_for_a_main_line_at_most_5_km_farther(
    page: Page, main_lat: float, is_reached: bool
) -> None:
    """A siding of 10 km at the place; a line of 620 km, 4.4 or 6.7 km farther north."""
    table = two_edges(
        node_lon=np.array([70.0, 70.1, 65.0, 72.0]),
        node_lat=np.array([40.0, 40.0, main_lat, main_lat]),
        start=np.array([0, 2], dtype=np.int32),
        end=np.array([1, 3], dtype=np.int32),
        length_m=np.array([10_000, 620_000], dtype=np.int32),
    )
    answer = ask(page, table, [70.05, 40], [71, main_lat])
    if is_reached:
        assert answer["length_km"] == pytest.approx(0.95 / 7 * 620, abs=0.01)
    else:
        assert answer["error"] == "no_route"


@pytest.mark.parametrize(("length_m", "wanted_km"), [(176_000, 88), (178_000, 86)])
def test_the_nearer_line_is_left_if_the_way_round_is_long(
    page: Page, length_m: int, wanted_km: float
) -> None:
    """Two lines, 1.0 and 2.33 km from a place: the farther one costs 2.66 km more to reach."""
    table = two_edges(
        node_lon=np.array([70.0, 72.0]),
        node_lat=np.array([40.0, 40.0]),
        end=np.array([1, 1], dtype=np.int32),
        length_m=np.array([length_m, 172_000], dtype=np.int32),
        chain_offset=np.array([0, 0, 2], dtype=np.int32),
        chain_lon=np.array([70.5, 71.5]),
        chain_lat=np.array([40.03, 40.03]),
        chain_level=np.zeros(2, dtype=np.uint8),
    )
    assert ask(page, table, [71, 40.009], [72, 40])["length_km"] == wanted_km


def test_why_there_is_no_route(page: Page) -> None:
    closed = hand_made(status=np.array([0, 0, 0, 0, 3, 0, 0], dtype=np.uint8))
    answer = ask(page, closed, [60, 40], [66, 40], scenario="planned")
    assert answer["error"] == "no_route"
    assert [line["id"] for line in answer["closed"]] == ["new-line"]
    answer = ask(page, hand_made(), [60, 40], [66, 40])
    assert (answer["error"], answer["closed"]) == ("no_route", [])
    answer = ask(page, hand_made(), [60, 39.7], [61, 40])
    assert answer["error"] == "snap_too_far"
    assert answer["km"] == pytest.approx(33.3, abs=0.1)
    assert ask(page, hand_made(), [60, 40], [63, 40], avoid=["UZB"])["error"] == "no_route"


def test_the_page_and_python_agree_on_the_real_network(page: Page) -> None:
    from sco_geo import RailNetwork
    from sco_geo.errors import NoRouteError, SnapTooFarError

    open_network(page, REAL.read_bytes())
    python = RailNetwork.load("construction", traffic="freight")
    ends = places(python.table, 160)
    connected = 0
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        route = page.evaluate(ROUTE, [start, end, {"scenario": "construction", "level": 0}])
        try:
            wanted = python.route(start, end)
        except (NoRouteError, SnapTooFarError):
            assert "error" in route
            continue
        connected += 1
        assert route["length_km"] == pytest.approx(wanted.length_km, abs=0.1), (start, end)
        assert route["from"]["snap_km"] == pytest.approx(wanted.origin.snap_km, abs=0.1)
    assert connected >= 35
