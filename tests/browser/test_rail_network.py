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

PAGE = Path(__file__).resolve().parents[2] / "sco_geo" / "atlas" / "page"
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
    catch (error) { if (error instanceof RailError) return { error: error.kind, ...error }; throw error; }
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
    assert [level for i, level in enumerate(seen["pathLevel"]) if i not in set(offset.tolist()) | set((offset - 1).tolist())] == network.chain_level.tolist()
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
