"""The chart and the map layer of a comparison, and the pages about routes and the network."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
import shapely
from geographiclib.geodesic import Geodesic
from route_networks import SHORTCUT, network

from sco_geo import catalog, savings_chart, savings_layer
from sco_geo._svg import text_width
from sco_geo.build import build
from sco_geo.cli import main
from sco_geo.errors import UsageError
from sco_geo.network.comparison import DEFAULT_PLACES, Comparison, Pair, compare
from sco_geo.network.rail_network import RailNetwork
from sco_geo.units import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>&\"'</text>]]> \u202e\u200f\x07\x1b[31m\ufffe\ud83d \U0001f682"


@pytest.fixture(scope="module")
def shipped() -> RailNetwork:
    return RailNetwork.load()


@pytest.fixture(scope="module")
def by_railway(shipped: RailNetwork) -> Comparison:
    return compare(DEFAULT_PLACES, shipped, only_lines=["cku"])


def drawn(compared: Comparison, **options: str) -> ElementTree.Element:
    return ElementTree.fromstring(savings_chart.to_svg(compared, **options))  # type: ignore[arg-type]


def made_up(*pairs: Pair) -> Comparison:
    places = tuple(dict.fromkeys(name for p in pairs for name in (p.origin, p.destination)))
    return Comparison(places, "today", "construction", "freight", pairs)


def pair(name: str, saved: float, low: float | None, high: float | None, line: str) -> Pair:
    lines = ({"id": line.lower(), "name": line},)
    return Pair("Hub", name, 5000, 5000 - saved, saved, low, high, 50, 40, lines)


def test_bars_and_whiskers_are_true_to_scale() -> None:
    chart = drawn(
        made_up(
            pair("b", 250, 200, 400, "One: east"),
            pair("a", 1000, 900, 1150, "One: west"),
            pair("c", 100, None, None, "Two"),
            replace(pair("d", 0, None, None, "Two"), new_lines=()),
        )
    )
    zero, thousand = (
        next(float(t.get("x", "")) for t in chart.iter(f"{SVG}text") if t.text == label)
        for label in ("0", "1,000")
    )
    bars = list(chart.iter(f"{SVG}rect"))[1:]
    shown = [float(bar.get("data-km", "")) for bar in bars]
    assert shown == [1000, 250, 100]  # the line of the greatest saving first, d has none
    for bar, km in zip(bars, shown, strict=True):
        assert float(bar.get("x", "")) == pytest.approx(zero)
        assert float(bar.get("width", "")) == pytest.approx(km / 1000 * (thousand - zero), abs=0.02)
    whiskers = [p for p in chart.iter(f"{SVG}path") if p.get("class") == "range"]
    assert len(whiskers) == 2
    left, right = re.findall(r"M([\d.]+) [\d.]+V", whiskers[0].get("d", ""))
    scale = (thousand - zero) / 1000
    assert float(left) == pytest.approx(zero + 900 * scale, abs=0.02)
    assert float(right) == pytest.approx(zero + 1150 * scale, abs=0.02)
    heads = [t.text for t in chart.iter(f"{SVG}text") if t.get("class") == "line"]
    assert heads == ["By One", "By Two"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_speaks_each_language_and_stays_inside(
    by_railway: Comparison, language: str
) -> None:
    chart = drawn(by_railway, language=language)
    words = ["".join(text.itertext()) for text in chart.iter(f"{SVG}text")]
    sample = {"en": "Kashgar – Osh", "zh": "喀什 – 奥什", "ru": "Кашгар – Ош"}
    assert chart.get("lang") == language and sample[language] in words
    assert any("OpenStreetMap" in text for text in words)
    assert "prefers-color-scheme:dark" in (chart.findtext(f"{SVG}style") or "")
    assert "http" not in (chart.findtext(f"{SVG}style") or "")
    for text in chart.iter(f"{SVG}text"):
        if text.get("class") in {"km", "name"}:
            end = float(text.get("x", "")) + text_width(text.text or "", 11)
            assert 0 <= float(text.get("x", "")) and end <= 960


def test_no_name_can_break_the_chart() -> None:
    chart = drawn(made_up(pair(NASTY, 10, 5, 20, NASTY)))
    assert not list(chart.iter("b")) and "\u202e" not in "".join(chart.itertext())
    with pytest.raises(UsageError, match="nothing to plot"):
        drawn(made_up(replace(pair("a", 0, None, None, "One"), saved_km=-3.0)))


def test_the_command_writes_the_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["Kashgar", "Osh"]
    assert main(["compare", *places, "--plot", str(tmp_path / "new" / "a.svg")]) == 0
    assert (tmp_path / "new" / "a.svg").read_bytes().startswith(b"<?xml")
    assert main(["compare", *places, "--plot", str(tmp_path / "new")]) == 2
    (tmp_path / "b.svg").mkdir()
    assert main(["compare", *places, "--plot", str(tmp_path / "b.svg")]) == 2
    assert "no regular file" in capsys.readouterr().err


def test_the_layer_has_the_new_lines_and_the_places_that_gain() -> None:
    tree = savings_layer.to_geojson(compare(["Alpha", "Delta", "Place C"], network()))
    line, *points = tree["features"]
    assert line["geometry"] == {"type": "LineString", "coordinates": [[61, 40], [62, 41], [63, 40]]}
    properties = line["properties"]
    assert properties["network_length_km"] == SHORTCUT["length_km"]
    assert (properties["published_low_km"], properties["published_high_km"]) == (150, 330)
    assert (properties["kind"], properties["status"]) == ("railway", "construction")
    assert [p["properties"]["name"] for p in points] == ["Alpha", "Delta"]
    alpha = points[0]["properties"]
    assert (alpha["saved_km"], alpha["saved_low_km"], alpha["saved_high_km"]) == (20, 0, 50)
    assert alpha["note"].endswith("Delta 280 km instead of 300 (20 less).")
    assert "德280公里，原为300公里" in alpha["note_zh"]


def test_the_layer_can_be_dropped_in_and_builds(by_railway: Comparison, tmp_path: Path) -> None:
    tree = savings_layer.to_geojson(by_railway)
    assert tree["licence"] == "ODbL-1.0" and "OpenStreetMap" in tree["attribution"]
    folder = tmp_path / "layers"
    folder.mkdir()
    path = folder / "savings.geojson"
    path.write_text(json.dumps(tree), encoding="utf-8")
    assert main(["validate", str(path), "--strict"]) == 0
    result = build(
        catalog.layer_directories([folder]), tmp_path / "map.html", strict=True, progress=False
    )
    assert "savings" in {layer["id"] for layer in result.to_dict()["layers"]}
    lines = [shapely.geometry.shape(f["geometry"]) for f in tree["features"] if "line" in f["id"]]
    assert len(lines) == 3
    drawn_km = sum(
        Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3
        for line in lines
        for a, b in zip(line.coords[:-1], line.coords[1:], strict=True)
    )
    published = [f["properties"].get("network_length_km", 0) for f in tree["features"]]
    assert 0.5 * sum(published) < drawn_km < sum(published)


# The pages


def refreshing() -> ModuleType:
    path = ROOT / "scripts" / "refresh_rail_docs.py"
    spec = importlib.util.spec_from_file_location("refresh_rail_docs", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["docs/routing.md", "docs/rail-network.md"])
def test_the_pages_are_fresh(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests/test_docs.py does not carry out: the blocks of tables."""
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text(encoding="utf-8")
    assert "<!-- sco-geo" in text
    assert refreshing().with_blocks(text) == text, "run scripts/refresh_rail_docs.py"


def test_the_chart_of_the_pages_is_fresh(by_railway: Comparison) -> None:
    data = (ROOT / "docs" / "savings-cku.svg").read_bytes()
    assert data == savings_chart.to_svg(by_railway), "run scripts/refresh_rail_docs.py"


SOUTH = ("Termez", "Mashhad", "Tehran", "Bandar Abbas")


def test_what_is_said_on_900_km_holds(by_railway: Comparison, shipped: RailNetwork) -> None:
    """The ranges in docs/routing.md, section "900 km shorter"; change both together."""
    pairs = {frozenset((p.origin, p.destination)): p for p in by_railway.pairs}

    def between(one: str, others: tuple[str, ...]) -> list[Pair]:
        return [pairs[frozenset((one, other))] for other in others]

    for origin in ("Xi'an", "Lanzhou"):
        for found in between(origin, SOUTH):
            low, high = found.saved_range_km
            assert 40 <= (found.saved_km or 0) <= 50 and 0 <= low <= high <= 125
        assert between(origin, ("Istanbul",))[0].saved_range_km[1] <= 115
        assert not between(origin, ("Tashkent",))[0].gains
        for found in between(origin, ("Andijan", "Osh")):
            assert 655 <= (found.saved_km or 0) <= 765
    far = ("Tashkent", "Andijan", "Osh", *SOUTH)
    assert all(2450 <= (found.saved_km or 0) <= 3450 for found in between("Kashgar", far))
    soon = shipped.in_scenario("construction")
    for origin in ("Xi'an", "Lanzhou"):
        for place, low, high in (("Osh", 990, 1080), ("Andijan", 990, 1080), ("Mashhad", 365, 375)):
            before = shipped.route(origin, place, via=["Aktogay"]).length_km
            after = soon.route(origin, place).length_km
            assert low - 5 <= before - after <= high + 5
