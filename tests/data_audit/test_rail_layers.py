"""The lines of the two rail layers are the rail network's: lengths, ends, and the script's bytes.

The script is run once more on the layers as they are; lengths are asked of the router anew, between
the ends that the files have. What the publications say is written out here.
"""

from __future__ import annotations

import csv
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from shapely.geometry import shape

from sco_geo.network.rail_network import RailNetwork

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("tianjin_tashkent", "cku_railway")
GEOD = pyproj.Geod(ellps="WGS84")
Feature = dict[str, Any]


def read(path: Path) -> dict[str, Feature]:
    return {f["id"]: f for f in json.loads(path.read_text(encoding="utf-8"))["features"]}


LAYERS = {name: read(ROOT / f"layers/{name}.geojson") for name in NAMES}
FEATURES = LAYERS["tianjin_tashkent"] | LAYERS["cku_railway"]
LINES = {i: f for i, f in FEATURES.items() if f["geometry"]["type"] == "LineString"}
with (ROOT / "scripts/rail_layers.csv").open(encoding="utf-8", newline="") as stream:
    LEGS = {row["feature_id"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def network() -> RailNetwork:
    return RailNetwork.load("construction")


def via(leg: str) -> list[tuple[float, float]]:
    """The places of the layer that a leg passes by the hand-edited table."""
    names = filter(None, LEGS[leg]["via"].split(";"))
    return [tuple(FEATURES[name]["geometry"]["coordinates"]) for name in names]


def ends(line: Feature) -> tuple[tuple[float, float], tuple[float, float]]:
    vertices = line["geometry"]["coordinates"]
    return tuple(vertices[0]), tuple(vertices[-1])


@pytest.mark.parametrize("leg", LINES)
def test_length_is_that_of_the_route(network: RailNetwork, leg: str) -> None:
    start, end = ends(LINES[leg])
    route = network.route(start, end, via=via(leg))
    stated = LINES[leg]["properties"]
    assert stated["network_length_km"] == pytest.approx(route.length_km, abs=0.1)
    assert stated["network_uncertainty_pct"] == pytest.approx(route.uncertainty_pct, abs=0.1)
    assert route.origin.snap_km < 0.003 and route.destination.snap_km < 0.003
    countries = {code for code, km in route.by_country.items() if km > 0.1}
    assert countries == set(stated["countries"].split(";"))


@pytest.mark.parametrize("leg", LINES)
def test_line_is_the_way_of_the_route(network: RailNetwork, leg: str) -> None:
    """Vertex by vertex; and the length along it is no shorter than the line, nor far longer."""
    start, end = ends(LINES[leg])
    drawn = LINES[leg]["geometry"]["coordinates"]
    way = list(network.route(start, end, via=via(leg)).geometry.coords)
    assert {(round(x, 3), round(y, 3)) for x, y in way} == {
        (round(x, 3), round(y, 3)) for x, y in drawn
    }
    km = GEOD.line_length(*zip(*drawn, strict=True)) / 1000
    assert 0.999 * km < LINES[leg]["properties"]["network_length_km"] < 1.4 * km


@pytest.mark.parametrize("name", NAMES)
def test_legs_add_up_to_the_route_of_the_whole(network: RailNetwork, name: str) -> None:
    """By the places where the legs meet and those on the way, in one question to the router."""
    legs = [leg for leg in LINES if leg in LAYERS[name]]
    (start, _), (_, last) = ends(LINES[legs[0]]), ends(LINES[legs[-1]])
    stops = [point for leg in legs for point in (*via(leg), ends(LINES[leg])[1])][:-1]
    route = network.route(start, last, via=stops)
    stated = sum(LINES[leg]["properties"]["network_length_km"] for leg in legs)
    assert stated == pytest.approx(route.length_km, abs=0.1)


def test_the_train_goes_where_no_stop_but_two_is_named(network: RailNetwork) -> None:
    """Linhe - Hami and Horgos are on the shortest way; Almaty's bypass is not open, see the note.

    Only the ends, the junctions at Beijing and Jining and Almaty-1 are given.
    """
    legs = list(LAYERS["tianjin_tashkent"])
    train = [leg for leg in legs if leg in LINES]
    start, end = ends(LINES[train[0]])[0], ends(LINES[train[-1]])[1]
    names = ("fengtai", "jining-south", "almaty-1")
    stops = [FEATURES[f"tianjin-tashkent-place-{n}"]["geometry"]["coordinates"] for n in names]
    route = network.route(start, end, via=[tuple(stop) for stop in stops])
    stated = sum(LINES[leg]["properties"]["network_length_km"] for leg in train)
    assert route.length_km <= stated + 0.1
    assert route.length_km == pytest.approx(stated, rel=0.01)


# Published for the sections to be built: 24.kg of 5 December 2025 has 160 and 145 km in Kyrgyzstan,
# an encyclopedia's split of 532 km is 158 + 305 + 69, its 69 km from the Uzbek border on. The
# second figure counts the existing 10 km from Jalal-Abad to the border, so 305 - 160 - 10 = 135.
def test_sections_to_be_built_have_the_published_lengths() -> None:
    legs = ("cku-kashgar-torugart", "cku-torugart-makmal", "cku-makmal-jalal-abad")
    found = [LINES[leg]["properties"]["network_length_km"] for leg in legs]
    assert found == pytest.approx([158, 160, 135], abs=0.1)
    whole = sum(LINES[leg]["properties"]["network_length_km"] for leg in LAYERS["cku_railway"]
                if leg in LINES)  # fmt: skip
    assert whole == pytest.approx(532.53, rel=0.01)  # the latest published total


@pytest.mark.parametrize("name", NAMES)
def test_legs_share_their_ends(name: str) -> None:
    legs = [feature for i, feature in LAYERS[name].items() if i in LINES]
    assert all(ends(a)[1] == ends(b)[0] for a, b in pairwise(legs))


def test_points_of_the_network_stand_on_the_lines() -> None:
    lines = shapely.union_all([shape(line["geometry"]) for line in LINES.values()])
    points = [f for i, f in FEATURES.items() if i not in LINES]
    found = [f for f in points if f["properties"]["geometry_basis"] == "osm"]
    assert len(found) > 10
    for feature in found:  # 0.00003° are 3 m
        assert shape(feature["geometry"]).distance(lines) < 3e-5, feature["id"]


def test_the_script_writes_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import build_rail_layers

    page = tmp_path / "DATA.md"
    page.write_bytes((ROOT / "DATA.md").read_bytes())
    before = list(sys.path)
    assert build_rail_layers.main(["--output", str(tmp_path), "--page", str(page)]) == 0
    sys.path[:] = before
    assert page.read_bytes() == (ROOT / "DATA.md").read_bytes()
    for name in NAMES:
        written = read(tmp_path / f"{name}.geojson")
        assert list(written) == list(LAYERS[name])
        for key, feature in LAYERS[name].items():
            assert written[key]["properties"] == feature["properties"], key
            pairs = (written[key]["geometry"]["coordinates"], feature["geometry"]["coordinates"])
            flat = [[x for v in p for x in (v if isinstance(v, list) else [v])] for p in pairs]
            assert flat[0] == pytest.approx(flat[1], abs=1e-9), key
