"""DATA.md on the line layers: every section, system and length, and what is not drawn.

Lengths are measured here without the package, by Vincenty's formula, and shares inside an area by
pyproj on the geodesic cut by shapely.
"""

from __future__ import annotations

import csv
import json
import math
import re
import statistics
import tomllib
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
RAILWAYS = ("tianjin_tashkent", "cku_railway")
PIPELINES = ("gas_pipelines", "oil_pipelines")
LINE_LAYERS = (*RAILWAYS, *PIPELINES, "roads")
LAYERS = sorted(path.stem for path in (ROOT / "layers").glob("*.geojson"))
GEOD = pyproj.Geod(ellps="WGS84")
SYSTEM_HEAD = "system | sections | drawn km"
CORRIDOR_HEAD = "corridor | sections | drawn km"


@cache
def features(name: str) -> tuple[dict[str, Any], ...]:
    text = (ROOT / "layers" / f"{name}.geojson").read_text(encoding="utf-8")
    return tuple(json.loads(text)["features"])


@cache
def sidecar(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "layers" / f"{name}.toml").read_text(encoding="utf-8"))


def lines(*names: str) -> dict[str, dict[str, Any]]:
    found = [f for name in names for f in features(name)]
    return {f["id"]: f for f in found if f["geometry"]["type"] == "LineString"}


def geodesic_m(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Vincenty's inverse formula on WGS84 (Survey Review 23, 1975), in metres."""
    a, f = 6378137.0, 1 / 298.257223563
    b = a * (1 - f)
    u0 = math.atan((1 - f) * math.tan(math.radians(lat0)))
    u1 = math.atan((1 - f) * math.tan(math.radians(lat1)))
    s0, c0, s1, c1 = math.sin(u0), math.cos(u0), math.sin(u1), math.cos(u1)
    total = lam = math.radians(lon1 - lon0)
    for _ in range(50):
        sin_s = math.hypot(c1 * math.sin(lam), c0 * s1 - s0 * c1 * math.cos(lam))
        cos_s = s0 * s1 + c0 * c1 * math.cos(lam)
        sigma = math.atan2(sin_s, cos_s)
        sin_a = c0 * c1 * math.sin(lam) / sin_s if sin_s else 0.0
        cos2 = 1 - sin_a**2
        mid = cos_s - 2 * s0 * s1 / cos2
        c = f / 16 * cos2 * (4 + f * (4 - 3 * cos2))
        before = lam
        lam = total + (1 - c) * f * sin_a * (
            sigma + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1))
        )
        if abs(lam - before) < 1e-13:
            break
    u = cos2 * (a**2 - b**2) / b**2
    big_a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    big_b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    tail = cos_s * (2 * mid**2 - 1) - big_b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3)
    return b * big_a * (sigma - big_b * sin_s * (mid + big_b / 4 * tail))


def drawn_km(*found: dict[str, Any]) -> float:
    """Measure lines together, in km."""
    chords = [pair for line in found for pair in pairwise(line["geometry"]["coordinates"])]
    return sum(geodesic_m(*a, *b) for a, b in chords) / 1000


def km_inside(line: dict[str, Any], area: Any) -> float:
    """Measure the part of a line inside an area, in km; the line runs along geodesics."""
    points: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(line["geometry"]["coordinates"]):
        count = int(GEOD.inv(x0, y0, x1, y1)[2] // 2000)
        points += [(x0, y0), *(GEOD.npts(x0, y0, x1, y1, count) if count else [])]
    points.append(tuple(line["geometry"]["coordinates"][-1]))
    inside = shapely.intersection(shapely.LineString(points), area)
    parts = [p for p in shapely.get_parts(inside) if p.geom_type == "LineString"]
    return sum(GEOD.geometry_length(part) for part in parts) / 1000


def territory(name: str, key: str) -> Any:
    found = json.loads((ROOT / "geo" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    (shape,) = [f["geometry"] for f in found if f["id"] == key]
    return shapely.geometry.shape(shape)


def cell_km(cell: str) -> float:
    return float(cell.replace(",", ""))


def numbers(text: str) -> list[str]:
    return [n.replace(",", "") for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)]


def test_the_yardstick_itself() -> None:
    # Flinders Peak - Buninyon of Geoscience Australia's datum manual, there on GRS80, whose axes
    # agree with WGS84's to 0.1 mm: 54,972.271 m.
    metres = geodesic_m(144.4248679, -37.9510334, 143.9264955, -37.6528211)
    assert metres == pytest.approx(54972.27, abs=0.02)


# ---- section 6


@pytest.mark.parametrize("name", RAILWAYS)
def test_lengths_accuracy_and_state_of_railways(told: Any, name: str) -> None:
    for key, line in lines(name).items():
        row, facts = told.row_with(f"`{key}`"), line["properties"]
        assert float(row[1]) == pytest.approx(facts["network_length_km"], abs=0.0501)
        assert float(row[2]) == pytest.approx(drawn_km(line), abs=0.0501)
        assert float(row[3]) == facts["accuracy_km"]
        assert row[4] == facts["routing" if "tianjin" in name else "status"]


@pytest.mark.parametrize("name", RAILWAYS)
def test_length_of_a_railway_along_the_network(told: Any, name: str) -> None:
    found = [line["properties"] for line in lines(name).values()]
    (system,) = {facts["system"] for facts in found}
    km = float(told.row_with(f"all of `{system}`")[1].strip("* km").replace(",", ""))
    assert km == pytest.approx(sum(facts["network_length_km"] for facts in found), abs=0.0501)


def test_every_section_in_the_tables_exists(told: Any) -> None:
    named = {row[0].strip("`") for row in told.rows if re.match("`(cku|tianjin-tashkent)-", row[0])}
    assert named == set(lines(*RAILWAYS))


@pytest.mark.parametrize("name", LINE_LAYERS)
def test_length_of_a_layer(told: Any, name: str) -> None:
    assert f"**{drawn_km(*lines(name).values()):,.1f} km**" in told.text


def test_kilometres_of_the_railway_in_kyrgyzstan(told: Any) -> None:
    parts = [f for f in lines("cku_railway").values() if f["properties"]["countries"] == "KGZ"]
    found = told.number_in(r"drawn part there \(([\d.]+) km\)")
    assert found == pytest.approx(drawn_km(*parts), abs=0.0501)


def test_values_of_fields_are_explained(told: Any) -> None:
    fields = {row[0].split(",")[0]: row[1] for row in told.table_after("field")}
    for name in LAYERS:
        for feature in features(name):
            facts = feature["properties"]
            for field in ("kind", "status", "routing", "geometry_basis", "relation", "terrain"):
                assert not facts.get(field) or f"`{facts[field]}`" in fields[f"`{field}`"]


# ---- sections 7 and 8


@pytest.mark.parametrize(("row", "names"), [*((n, (n,)) for n in PIPELINES), ("both", PIPELINES)])
def test_bands_of_pipelines(told: Any, row: str, names: tuple[str, ...]) -> None:
    found = [f["properties"] for f in lines(*names).values()]
    bands = [p["accuracy_km"] for p in found]
    routing = Counter(p["routing"] for p in found)
    (cells,) = [c for c in told.table_after("layer | sections") if c[0].strip("`") == row]
    expected = (len(found), routing["documented"], routing["inferred"])
    assert tuple(int(cell) for cell in cells[1:4]) == expected
    assert float(cells[4]) == statistics.median(bands)
    assert float(cells[5]) == max(bands)


def test_inferred_sections_among_the_known_errors(told: Any) -> None:
    routing = Counter(f["properties"]["routing"] for f in lines(*PIPELINES).values())
    assert f"{routing['inferred']} of the {routing.total()} sections are inferred" in told.prose


def test_the_rule_of_bands_is_that_of_the_script(told: Any) -> None:
    import bands

    points = dict(bands.POINT_KM)
    words = {row[0][:1]: row[1] for row in told.table_after("value | is | because")}
    assert [float(n) for n in re.findall(r"(\d+):", words["u"])] == sorted(set(points.values()))
    assert points["node", "high"] == 15 and points["near"] == points["node"] == 20
    assert points["proxy"] == points["assumed"] == 30
    factors = {t: float(f) for f, t in re.findall(r"([\d.]+) (\w+)", words["f"])}
    assert factors == dict(bands.STRAY)
    assert told.number_in(r"band would be wider than (\d+) km") == bands.WIDEST_KM


def by_system(*names: str) -> dict[str, list[dict[str, Any]]]:
    """Sections by system, with the systems that have none."""
    found: dict[str, list[dict[str, Any]]] = {s: [] for n in names for s in sidecar(n)["systems"]}
    for line in lines(*names).values():
        found[line["properties"]["system"]].append(line)
    return found


@pytest.mark.parametrize(("head", "names"), [(SYSTEM_HEAD, PIPELINES), (CORRIDOR_HEAD, ("roads",))])
def test_tables_of_systems(told: Any, head: str, names: tuple[str, ...]) -> None:
    systems = by_system(*names)
    table = {row[0].strip("`"): row for row in told.table_after(head)}
    assert set(table) == set(systems)
    for key, sections in systems.items():
        row = table[key]
        assert int(row[1]) == len(sections), key
        if not sections:
            assert row[2] == "–", key
            continue
        bands = [f["properties"]["accuracy_km"] for f in sections]
        assert cell_km(row[2]) == pytest.approx(drawn_km(*sections), abs=0.0501), key
        median, widest = row[4:6] if head == SYSTEM_HEAD else row[5:7]
        assert (float(median), float(widest)) == (statistics.median(bands), max(bands)), key


def test_status_of_systems(told: Any) -> None:
    for row in told.table_after(SYSTEM_HEAD):
        found = Counter(f["properties"]["status"] for f in by_system(*PIPELINES)[row[0].strip("`")])
        counts = re.findall(r"(\d+) (\w+)", row[6])
        assert {status: int(count) for count, status in counts} == found, row[0]


def test_ways_in_the_graph(told: Any) -> None:
    for row in told.table_after(CORRIDOR_HEAD):
        sections = by_system("roads")[row[0].strip("`")]
        ways = sum(f["properties"]["graph_length_km"] for f in sections)
        assert cell_km(row[3]) == pytest.approx(ways, abs=0.501), row[0]


def test_figures_of_the_roads(told: Any) -> None:
    sections = list(lines("roads").values())
    basis = Counter(f["properties"]["geometry_basis"] for f in sections)
    bands = [f["properties"]["accuracy_km"] for f in sections]
    vertices = sum(len(f["geometry"]["coordinates"]) for f in sections)
    section = re.sub(r"\s+", " ", told.section("Roads"))
    assert f"{len(sections)} sections, {vertices:,} vertices" in section
    assert f"{basis['osm']} real alignments" in section
    assert f"{basis['waypoints']} chains of junctions" in section
    assert set(basis) == {"osm", "waypoints"}
    assert f"median {statistics.median(bands):g} km, widest {max(bands):g} km" in section
    g30 = [f for f in sections if f["properties"].get("road_number") == "G30"]
    ways = sum(f["properties"]["graph_length_km"] for f in g30)
    assert f"The drawn G30 is {drawn_km(*g30):,.0f} km" in section
    assert f"its ways in the graph {ways:,.0f} km, {100 * (1 - ways / 4243):.1f} % short" in section
    with (ROOT / "scripts/roads_places.csv").open(encoding="utf-8", newline="") as stream:
        at = {row["key"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(stream)}
    chain = [at[key] for key in ("khorgos", "urumqi", "lanzhou", "zhengzhou", "lianyungang")]
    straight = sum(geodesic_m(*a, *b) for a, b in pairwise(chain)) / 1000
    assert f"Lianyungang is {straight:,.0f} km by the points of this layer" in section
    gap = geodesic_m(*at["moscow"], *at["kazan"]) / 1000
    whole = drawn_km(*by_system("roads")["we-wc"]) + gap
    assert f"Moscow – Kazan straight ({gap:.0f} km) make {whole:,.0f} km" in section
    for key, words in (
        ("kkh-gilgit-sost", "Gilgit – Sost {} km for 184"),
        ("m41-khorog-murghab", "Khorog – Murghab {} for 311"),
    ):
        assert words.format(round(lines("roads")[key]["properties"]["graph_length_km"])) in section
    processing = " ".join(sidecar("roads")["processing"])
    for figure in (
        "361 km",
        "0.6 km",
        "6 and 19 km",
        "1.10 times",
        "1,585 parts",
        "0.7 h",
    ):
        assert figure in processing and figure in told.prose, figure


def test_chords_through_other_countries(told: Any) -> None:
    table = told.table_after("section | where | km")
    unit = {"Kyrgyzstan": "territory-kgz", "China": "territory-chn"}
    straying = {
        (key, f"territory-{line['properties']['strays_into'].lower()}")
        for key, line in lines(*LINE_LAYERS).items()
        if line["properties"].get("strays_into")
    }
    assert {(row[0].strip("`"), unit[row[1]]) for row in table} == straying
    for name, where, km in table:
        line = lines(*PIPELINES)[name.strip("`")]
        inside = km_inside(line, territory("territories", unit[where]))
        assert float(km) == pytest.approx(inside, abs=0.06), name


def test_kilometres_in_disputed_areas(told: Any) -> None:
    areas = json.loads((ROOT / "geo/disputed.geojson").read_text(encoding="utf-8"))["features"]
    polygons = {
        f["id"]: shapely.geometry.shape(f["geometry"])
        for f in areas
        if f["properties"]["kind"] == "disputed_area"
    }
    assert told.number_in(r"in one of the (\d+) disputed areas") == len(polygons)
    total: Counter[str] = Counter()
    sections = set()
    for key, line in lines(*LINE_LAYERS).items():
        shape = shapely.geometry.shape(line["geometry"])
        for area, polygon in polygons.items():
            if shapely.intersects(shapely.envelope(shape), polygon):
                km = km_inside(line, polygon)
                if km > 0.01:
                    total[area] += km
                    sections.add(key)
    assert told.number_in(r"Today (\d+) sections have such parts") == len(sections)
    assert set(total) == {"kashmir-gilgit-baltistan", "luhansk-region"}
    kkh = told.number_in(r"([\d.]+) km of the Karakoram Highway in Gilgit-Baltistan")
    assert kkh == pytest.approx(total["kashmir-gilgit-baltistan"], abs=0.06)
    soyuz = told.number_in(r"([\d.]+) km of the chord of `soyuz` in the Luhansk")
    assert soyuz == pytest.approx(total["luhansk-region"], abs=0.06)


# ---- section 9


def test_summits_and_institutions(told: Any) -> None:
    found = [f["properties"] for f in features("summits_and_institutions")]
    section = re.sub(r"\s+", " ", told.section("Summits, institutions, exercises"))
    series = Counter(p.get("series", "").split()[0] for p in found if p.get("series"))
    assert f"**Summits.** {series['Council']} of the SCO" in section
    assert f"and {series['Shanghai']} of the Shanghai Five" in section
    hosted = [p["start"][:4] for p in found if p.get("hosted_by_china") and p["number"] and
              p["series"].startswith("Council")]  # fmt: skip
    assert f"China hosted five of the SCO: {', '.join(sorted(hosted))}." in section
    online = [p["start"][:4] for p in found if p.get("format") == "online"]
    assert f"The summits of {' and '.join(sorted(online))} were held by video" in section
    (hybrid,) = [p["start"][:4] for p in found if p.get("format") == "hybrid"]
    assert f"that of {hybrid} was `hybrid`" in section
    assert "`accuracy_km` is 10, for Cholpon-Ata (a designation) 5." in section
    assert {p["accuracy_km"] for p in found if p.get("role") == "designation"} == {5}
    assert {p["accuracy_km"] for p in found if p.get("role") != "designation"} == {10}
    bodies = [p for p in found if p["kind"] == "institution"]
    assert f"**Institutions.** {len(bodies)}:" in section
    assert "three centres" in section
    assert sum("No source says that it works yet" in p["note"] for p in bodies) == 3
    count = len(sidecar("summits_and_institutions")["unlocated"])
    assert f"not drawn, are {count} more" in section


def test_exercises(told: Any) -> None:
    found = [f["properties"] for f in features("exercises")]
    basis = Counter(p["geometry_basis"] for p in found)
    section = re.sub(r"\s+", " ", told.section("Summits, institutions, exercises"))
    assert f"{len(found)} points, off at first: {basis['waypoints']} at the town" in section
    assert f"{basis['estimate']} `estimate`" in section
    radii = [p["accuracy_km"] for p in found]
    assert f"runs from {min(radii):g} to {max(radii):g}" in section
    count = len(sidecar("exercises")["unlocated"])
    assert f"{count} more have no place better than {max(radii):g} km" in section


# ---- section 13

UNLOCATED = {
    (name, entry["en"]): entry for name in LAYERS for entry in sidecar(name).get("unlocated", [])
}
IS_SECTION = re.compile(r"\bsection\b")


def test_every_section_without_a_line_is_listed(told: Any) -> None:
    table = told.table_after("section without a line")
    listed = {(row[1].strip("`"), row[0]) for row in table}
    named = {key for key, entry in UNLOCATED.items() if IS_SECTION.search(entry["role"])}
    # The one that no entry of a sidecar is about: its end is a place without a position.
    assert listed - named == {("roads", "Karakoram Highway: Hasan Abdal – Haripur")}
    assert named <= listed and len(table) == len(listed)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+) sections of pipelines and roads have no line", readme) == [
        str(len(table))
    ]
    bands = [f["properties"]["accuracy_km"] for f in lines(*PIPELINES).values()]
    assert f"a band of {min(bands):g} to {max(bands):g} km" in readme


def test_reasons_have_the_figures_of_the_sidecar(told: Any) -> None:
    words = {"planned": "planned", "operation": "operating", "construction": "construction"}
    for name, layer, status, why in told.table_after("section without a line"):
        entry = UNLOCATED.get((layer.strip("`"), name))
        assert why
        if entry is None:
            continue
        known = numbers(f"{entry['en']} {entry['reason']}")
        assert [n for n in numbers(why) if n not in known and n != "100"] == [], name
        for word, expected in words.items():
            assert word not in entry["role"] or status == expected, name


@pytest.mark.parametrize(
    ("layer", "name"),
    [key for key, entry in UNLOCATED.items() if not IS_SECTION.search(entry["role"])],
)
def test_every_unlocated_place_is_listed(told: Any, layer: str, name: str) -> None:
    (cells,) = [
        c for c in told.table_after("layer | named, without a position") if c[0] == f"`{layer}`"
    ]
    assert name in cells[1].split("; ")


def test_no_place_is_listed_that_has_a_position_now(told: Any) -> None:
    for layer, names in told.table_after("layer | named, without a position"):
        for name in names.split("; "):
            assert (layer.strip("`"), name) in UNLOCATED
