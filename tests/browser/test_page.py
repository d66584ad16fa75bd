"""The page in a real browser: offline, complete, in three languages, by mouse and by keyboard."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from axe_playwright_python.sync_playwright import Axe
from geographiclib.geodesic import Geodesic
from playwright.sync_api import Error, Page

from sco_geo.atlas.compose import read_block
from sco_geo.atlas.topology import decode
from sco_geo.catalog import shipped_directory
from sco_geo.cli import main

LAYERS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["features"]
    for path in sorted(shipped_directory("layers").glob("*.geojson"))
}

#: Layers that are off at first, in drawing order.
HIDDEN = ["exercises", "hubs"]


def test_no_request_and_no_complaint(open_atlas: Callable[..., Page], page_log: Any) -> None:
    page = open_atlas()
    page.mouse.move(700, 450)
    page.mouse.wheel(0, -400)
    page.evaluate("sco.select('cku-torugart-makmal')")
    page.wait_for_timeout(400)
    assert page_log.fetched == []
    assert page_log.problems == []


def test_the_page_cannot_reach_out(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    page.context.set_offline(False)
    with page.expect_event("requestfailed") as failed:
        page.evaluate("{ new Image().src = 'http://127.0.0.1:9/pixel.png'; }")
    assert failed.value.failure == "csp"


def test_everything_in_the_files_is_drawn(open_atlas: Callable[..., Page]) -> None:
    # On a date by which all that the files hold has begun, with every layer switched on.
    page = open_atlas("date=2026-12-31&off=")
    drawn = {layer["id"]: layer for layer in page.evaluate("sco.layers()")}
    assert drawn.keys() == LAYERS.keys() | {"hubs"}
    for name, features in LAYERS.items():
        assert drawn[name]["features"] == len(features), name
        assert drawn[name]["drawn"] == len([f for f in features if f["geometry"]]), name
        assert drawn[name]["visible"], name


def color_at(page: Page, lon: float, lat: float) -> tuple[int, int, int]:
    """Read the colour of the map at a place, from the canvas."""
    return tuple(
        page.evaluate(
            """([lon, lat]) => {
              const canvas = document.querySelector("canvas.scene");
              const map = document.querySelector(".sco-map");
              const [x, y] = sco.toScreen(lon, lat);
              const box = canvas.getBoundingClientRect(), own = map.getBoundingClientRect();
              const at = [(x + own.left - box.left), (y + own.top - box.top)];
              const ratio = canvas.width / box.width;
              const context = canvas.getContext("2d");
              const { data } = context.getImageData(at[0] * ratio, at[1] * ratio, 1, 1);
              return [...data].slice(0, 3);
            }""",
            [lon, lat],
        )
    )


def test_switching_layers_changes_the_picture(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    siberia, pacific = (100.0, 62.0), (150.0, 30.0)
    before = color_at(page, *siberia), color_at(page, *pacific)
    page.evaluate("sco.setLayer('member_territories', false)")
    after = color_at(page, *siberia), color_at(page, *pacific)
    assert before[0] != after[0]
    assert before[1] == after[1]
    hidden = [layer["id"] for layer in page.evaluate("sco.layers()") if not layer["visible"]]
    assert hidden == ["member_territories", *HIDDEN]


def test_zooming_and_dragging_keep_places_where_they_are(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("at=37.6,45.6,6")
    land, sea = (42.0, 45.6), (35.0, 43.5)  # Stavropol upland, Black Sea
    before = color_at(page, *land), color_at(page, *sea)
    assert before[0] != before[1]
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(500)
    assert (color_at(page, *land), color_at(page, *sea)) == before
    page.mouse.move(900, 500)
    page.mouse.down()
    page.mouse.move(960, 440, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert (color_at(page, *land), color_at(page, *sea)) == before


def test_russia_has_no_seam(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("at=179,68,6")
    colors = {color_at(page, lon, 68.2) for lon in (178.5, 179.9, 179.98, -179.98, -179.9, -178.5)}
    assert len(colors) == 1


@pytest.mark.parametrize(
    ("date", "counts"),
    [
        ("2001-06-15", {"Member": 6}),
        ("2017-06-09", {"Member": 8, "Observer": 4, "Dialogue partner": 6}),
        ("2023-07-04", {"Member": 9, "Observer": 3, "Dialogue partner": 13}),
        ("2024-07-04", {"Member": 10, "Observer": 2, "Dialogue partner": 14}),
        ("2025-08-30", {"Member": 10, "Observer": 2, "Dialogue partner": 14}),
        ("2025-09-02", {"Member": 10, "SCO partner": 17}),
    ],
)
def test_membership_on_dates(
    open_atlas: Callable[..., Page], date: str, counts: dict[str, int]
) -> None:
    # Counts: dated lists of the Secretariat and TASS, see tests/data_audit/test_membership.py.
    page = open_atlas()
    page.evaluate("date => sco.setDate(date)", date)
    rows = page.locator(".status-legend li").all_inner_texts()
    shown = {text.split("\n")[0]: int(text.split("\n")[-1]) for text in rows}
    assert shown == counts


def test_lines_are_there_when_they_are(open_atlas: Callable[..., Page]) -> None:
    # The train ran on 2025-05-20; the three governments agreed on the railway on 2024-06-06 and
    # its works were launched on 2024-12-27. The line Jalal-Abad - Andijan is older.
    page = open_atlas()
    ids = "sco.layers().map((l) => [l.id, l.drawn])"
    lines = "document.querySelector('label[for=layer-{}]').innerText"
    page.evaluate("sco.setDate('2001-06-15')")
    drawn = dict(page.evaluate(ids))
    assert (drawn["tianjin_tashkent"], drawn["cku_railway"]) == (0, 2)
    assert "13 sections" not in page.evaluate(lines.format("tianjin_tashkent"))
    page.evaluate("sco.setDate('2024-07-04'); sco.select('cku-torugart-makmal')")
    assert dict(page.evaluate(ids))["cku_railway"] == 15
    assert page.locator("#sco-details .chip").inner_text() == "Planned"
    page.evaluate("sco.setDate('2025-08-30')")
    assert page.locator("#sco-details .chip").inner_text() == "Under construction"


def test_the_strip_chart_has_a_dot_for_every_claim(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("sel=cku-torugart-makmal")
    with (shipped_directory("layers") / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["subject_id"], row["scope"], row["property"])
            == ("cku-railway", "whole", "length_km")
        ]
    assert len(rows) > 15
    assert page.locator("[data-line=cku-railway][data-scope=whole] circle").count() == len(rows)
    inside = page.evaluate(
        """() => {
          const box = document.querySelector(".strip").getBoundingClientRect();
          return [...document.querySelectorAll(".strip circle, .strip text")].every((dot) => {
            const own = dot.getBoundingClientRect();
            return own.top >= box.top && own.bottom <= box.bottom &&
              own.left >= box.left && own.right <= box.right;
          });
        }"""
    )
    assert inside


def test_a_pasted_address_replaces_the_state(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    start = page.evaluate("location.hash")
    page.evaluate("sco.setLayer('cku_railway', false); sco.select('sco-mng')")
    page.evaluate("hash => { location.hash = hash; }", start)
    page.wait_for_timeout(200)
    assert page.evaluate("sco.state().selection") is None
    assert page.evaluate("sco.state().hidden") == HIDDEN


def test_odd_values_are_shown_as_they_are(open_atlas: Callable[..., Page], tmp_path: Path) -> None:
    odd = {
        "name": "Odd",
        "opened": "spring 2020",
        "accuracy_km": "some",
        "tags": {"a": [1]},
        "x": 0,
    }
    geometry = {"type": "LineString", "coordinates": [[60, 40], [70, 45]]}
    row = {"type": "Feature", "id": "odd", "properties": odd, "geometry": geometry}
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [row]})
    )
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    page = open_atlas("sel=odd", path=output)
    assert [layer["drawn"] for layer in page.evaluate("sco.layers()")] == [1]
    text = page.locator("#sco-details").inner_text()
    for shown in ("spring 2020", '{"a":[1]}', "991 km"):
        assert shown in text
    for wrong in ("Invalid Date", "NaN", "undefined", "some km"):
        assert wrong not in text


def test_words_of_the_language_are_data_like_any_other(
    open_atlas: Callable[..., Page], tmp_path: Path, page_log: Any
) -> None:
    line = {"type": "LineString", "coordinates": [[60, 40], [70, 45]]}
    point = {"type": "Point", "coordinates": [65, 42]}
    rows = [
        ("constructor", line, {"role": "summit", "system": "toString", "status": "constructor"}),
        ("toString", point, {"role": "constructor", "sources": "valueOf"}),
    ]
    features = [
        {"type": "Feature", "id": name, "properties": {"name": "A", **more}, "geometry": geometry}
        for name, geometry, more in rows
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "a.geojson").write_text(text)
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    page = open_atlas("lang=constructor", path=output)
    assert page.evaluate("sco.state().lang") == "en"
    assert [layer["drawn"] for layer in page.evaluate("sco.layers()")] == [2]
    for name in ("constructor", "toString"):
        page.evaluate("id => sco.select(id)", name)
        assert page.locator("#sco-details h2").inner_text() == "A"
        assert "native code" not in page.locator("body").inner_text()
    assert page_log.problems == []


def test_contested_areas_keep_their_sources_without_the_shipped_layers(
    open_atlas: Callable[..., Page], tmp_path: Path
) -> None:
    geometry = {"type": "Point", "coordinates": [65, 42]}
    row = {"type": "Feature", "properties": {"name": "A"}, "geometry": geometry}
    text = json.dumps({"type": "FeatureCollection", "features": [row]})
    (tmp_path / "a.geojson").write_text(text)
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    page = open_atlas("sel=crimea", path=output)
    assert page.locator("#sco-details .sources a").count() >= 2


def test_an_id_of_the_base_stays_that_of_the_reader(
    open_atlas: Callable[..., Page], tmp_path: Path
) -> None:
    geometry = {"type": "LineString", "coordinates": [[60, 40], [70, 45]]}
    row = {"type": "Feature", "id": "crimea", "properties": {"name": "Mine"}, "geometry": geometry}
    text = json.dumps({"type": "FeatureCollection", "features": [row]})
    (tmp_path / "a.geojson").write_text(text)
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    page = open_atlas("sel=crimea", path=output)
    assert page.locator("#sco-details h2").inner_text() == "Mine"
    page.evaluate("sco.select('disputed-crimea')")
    assert "Crimea" in page.locator("#sco-details h2").inner_text()


def test_opens_on_the_eve_of_tianjin_with_the_change_one_step_away(
    open_atlas: Callable[..., Page],
) -> None:
    page = open_atlas()
    assert page.evaluate("sco.state().date") == "2025-08-30"
    page.get_by_role("button", name="Later event").click()
    assert page.evaluate("sco.state().date") == "2025-09-01"


@pytest.mark.parametrize(
    ("language", "title", "name"),
    [
        ("en", "Eurasian connectivity", "Kashgar"),
        ("zh", "欧亚互联互通", "喀什"),
        ("ru", "Взаимосвязанная Евразия", "Кашгар"),
    ],
)
def test_three_languages(
    open_atlas: Callable[..., Page], language: str, title: str, name: str
) -> None:
    page = open_atlas(f"lang={language}&sel=cku-kashgar-torugart")
    assert page.locator("h1").inner_text() == title
    assert page.title() == title
    assert name in page.locator("#sco-details h2").inner_text()
    assert page.locator("html").get_attribute("lang") == (
        "zh-Hans" if language == "zh" else language
    )
    text = page.locator("body").inner_text()
    assert "undefined" not in text
    assert "NaN" not in text


def test_details_show_lengths_beside_claims_and_sources(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("sel=cku-torugart-makmal")
    details = page.locator("#sco-details")
    text = details.inner_text()
    for published in ("454", "486", "523", "532.53", "580"):
        assert f"{published} km" in text
    assert "lower bound" in text
    links = details.locator("a")
    assert links.count() > 10
    assert all(link.get_attribute("rel") == "noopener noreferrer" for link in links.all())


def test_a_click_finds_the_line_and_the_state(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("at=75.7,40.0,7")
    x, y = page.evaluate("sco.toScreen(75.71778, 40.025085)")  # half-way Kashgar - Torugart
    page.mouse.click(x, y)
    assert page.evaluate("sco.state().selection") == "cku-kashgar-torugart"
    x, y = page.evaluate("sco.toScreen(78.0, 39.0)")
    page.mouse.click(x, y)
    assert page.evaluate("sco.state().selection") == "sco-chn"
    page.keyboard.press("Escape")
    assert page.evaluate("sco.state().selection") is None


def test_by_keyboard_alone(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    summary = page.locator("summary[aria-label^='List: China']")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("sco.state().selection") == "cku-kashgar-torugart"
    assert page.evaluate("document.activeElement.id") == "sco-details-title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.feature") == "cku-kashgar-torugart"


def test_the_address_restores_the_state(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    page.evaluate(
        "sco.setLanguage('ru'); sco.setDate('2017-06-09'); sco.setLayer('cku_railway', false);"
        "sco.select('sco-mng')"
    )
    state, address = page.evaluate("[sco.state(), location.href]")
    page.goto("about:blank")
    page.goto(address)
    page.evaluate("sco.ready")
    assert page.evaluate("sco.state()") == state


def test_projection_against_proj(open_atlas: Callable[..., Page]) -> None:
    proj = pyproj.Proj("+proj=aea +lat_1=20 +lat_2=65 +lat_0=40 +lon_0=85 +R=6371008.8")
    places = [(lon, lat) for lon in range(-10, 190, 20) for lat in range(-10, 81, 15)]
    page = open_atlas()
    ours = page.evaluate("places => places.map(([lon, lat]) => sco.project(lon, lat))", places)
    theirs = np.array([proj(*place) for place in places])
    # PROJ wraps longitudes beyond lon_0 + 180; none of these is.
    assert np.abs(np.array(ours) - theirs).max() < 1e-3
    back = page.evaluate("points => points.map(([x, y]) => sco.unproject(x, y))", ours)
    assert np.abs(np.array(back) - np.array(places)).max() < 1e-9


def test_measuring_against_geographiclib(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas()
    rng = np.random.default_rng(7)
    for _ in range(30):
        (lon1, lat1), (lon2, lat2) = rng.uniform((-20, -20), (200, 80), (2, 2))
        points = [[lon1, lat1], [lon2, lat2]]
        ours = page.evaluate("points => sco.measure(points)", points)
        metres = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)["s12"]
        assert ours * 1e3 == pytest.approx(metres, abs=1e-3)
    for wrong in ([[0, 0], [0, 91]], [[0, 0], [179.7, 0.5]]):
        with pytest.raises(Error, match="RangeError"):
            page.evaluate("points => sco.measure(points)", wrong)


def test_the_page_reads_the_arcs_that_were_written(
    open_atlas: Callable[..., Page], atlas_html: Path
) -> None:
    page = open_atlas()
    block = read_block(atlas_html.read_text(encoding="utf-8"), "sco-topology")
    theirs = page.evaluate("sco.arcs().map((arc) => Array.from(arc))")
    ours = decode(block["arcs"])
    assert len(ours) == len(theirs) == block["count"]
    assert all(arc.ravel().tolist() == other for arc, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("zoom", [2.5, 3.5, 5, 6.5])
@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_names_do_not_overlap(open_atlas: Callable[..., Page], language: str, zoom: float) -> None:
    page = open_atlas(f"lang={language}&at=75,42,{zoom}")
    boxes = [label["box"] for label in page.evaluate("sco.labels()")]
    assert boxes
    for west, north, east, south in boxes:
        assert 0 <= west < east <= 1440
        assert 0 <= north < south <= 900
    for name in ("panel", "controls", "scale", "credit"):
        cover = page.locator(f"#sco-{name}").bounding_box()
        assert cover is not None
        x, y = cover["x"], cover["y"]
        boxes.append([x, y, x + cover["width"], y + cover["height"]])
    for i, a in enumerate(boxes[:-4]):  # the covers may lie side by side as they like
        for b in [*boxes[:i], *boxes[-4:]]:
            assert not (a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1])


@pytest.mark.parametrize(
    "state",
    [
        "",
        "sel=cku-torugart-makmal",
        "lang=zh&sel=sco-mng",
        "lang=ru&date=2025-09-01&sel=kashmir-gilgit-baltistan",
        "off=&sel=summit-2006-shanghai",
    ],
)
def test_axe_finds_nothing(open_atlas: Callable[..., Page], state: str) -> None:
    page = open_atlas(state)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.wait_for_timeout(200)  # what was unfolded is filled in
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


def test_axe_finds_nothing_on_a_phone(open_atlas: Callable[..., Page], phone_page: Page) -> None:
    page = open_atlas("sel=sco-kgz", phone_page)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


def test_a_phone_shows_map_and_sheet(
    open_atlas: Callable[..., Page], phone_page: Page, phone_log: Any
) -> None:
    page = open_atlas("", phone_page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    panel = page.locator("#sco-panel").bounding_box()
    assert panel is not None
    assert panel["height"] < 844 * 0.25
    page.get_by_role("button", name="Legend and layers").tap()
    opened = page.locator("#sco-panel").bounding_box()
    assert opened is not None
    assert 844 * 0.4 < opened["height"] < 844 * 0.75
    drawn = [layer for layer in page.evaluate("sco.layers()") if layer["visible"]]
    assert all(layer["drawn"] > 0.8 * layer["features"] for layer in drawn)
    assert phone_log.problems == []


HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>bold</b>${1}{{ 2 }}'


def test_hostile_data_stays_text(
    open_atlas: Callable[..., Page], tmp_path: Path, page_log: Any
) -> None:
    layer = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "evil",
                "properties": {"name": HOSTILE, "note": HOSTILE, "kind": HOSTILE, "x": HOSTILE},
                "geometry": {"type": "LineString", "coordinates": [[60, 40], [70, 45]]},
            }
        ],
    }
    (tmp_path / "bad</script>.geojson".replace("/", "_")).write_text(json.dumps(layer))
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    page = open_atlas("sel=evil", path=output)
    assert page.locator("#sco-details h2").inner_text() == HOSTILE
    assert page.locator("#sco-details b, #sco-panel b, img").count() == 0
    assert page.evaluate("window.hacked") is None
    assert page_log.fetched == []
    assert page_log.problems == []


def test_every_kind_of_geometry_is_drawn(open_atlas: Callable[..., Page], tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[60, 50], [70, 55]]}
    ring = [[60, 30], [70, 30], [70, 40], [60, 30]]
    geometries = [
        line,
        {"type": "MultiLineString", "coordinates": [[[80, 50], [85, 52]], [[86, 52], [90, 50]]]},
        {"type": "Point", "coordinates": [65, 45]},
        {"type": "MultiPoint", "coordinates": [[100, 50], [101, 51]]},
        {"type": "Polygon", "coordinates": [ring]},
        {"type": "MultiPolygon", "coordinates": [[ring]]},
        {
            "type": "GeometryCollection",
            "geometries": [line, {"type": "Point", "coordinates": [0, 50]}],
        },
        None,
    ]
    features = [{"type": "Feature", "properties": {}, "geometry": g} for g in geometries]
    layer = {"type": "FeatureCollection", "features": features}
    (tmp_path / "all.geojson").write_text(json.dumps(layer))
    output = tmp_path / "page.html"
    assert main(["build", "--layers", str(tmp_path), "--no-shipped", "--output", str(output)]) == 0
    (drawn,) = open_atlas(path=output).evaluate("sco.layers()")
    assert (drawn["features"], drawn["drawn"]) == (8, 7)  # all but the one without a geometry


def test_folium_objects_still_work(
    open_atlas: Callable[..., Page], tmp_path: Path, page_log: Any
) -> None:
    import folium

    import sco_geo

    atlas = sco_geo.compose()
    folium.Circle(location=(41.3, 69.3), radius=50_000, tooltip="Tashkent").add_to(atlas)
    output = tmp_path / "page.html"
    atlas.save(str(output))
    page = open_atlas(path=output)
    assert page.locator("path.leaflet-interactive").count() == 1
    assert page_log.problems == []
