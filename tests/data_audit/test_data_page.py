"""DATA.md says what the files say.

The page is read as text and the files with csv, json and tomllib, without the package, so that a
change of the data that leaves the page behind fails here.
"""

from __future__ import annotations

import csv
import json
import math
import re
import tomllib
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA_FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("geo", "layers")
    for path in (ROOT / folder).iterdir()
    if path.suffix in {".geojson", ".toml", ".csv"}
)
GEOJSON_FILES = [name for name in DATA_FILES if name.endswith(".geojson")]
STATUSES = ("member", "observer", "dialogue_partner", "partner")
LINE_FILES = ("layers/tianjin_tashkent.geojson", "layers/cku_railway.geojson")

# How the base draws the cases of section 3: a rough point inside each area, not its capital or
# centre, and the unit (or none) whose polygon must hold it. The words stand in the same row.
CASES = [
    ("part run by India", 74.80, 34.08, "territory-ind", "India"),
    ("Gilgit-Baltistan", 74.31, 35.92, "territory-pak", "Pakistan"),
    ("Aksai Chin", 79.50, 35.20, "territory-chn", "China"),
    ("Shaksgam", 76.60, 36.10, "territory-chn", "China"),
    ("Arunachal Pradesh", 93.62, 27.09, "territory-ind", "India"),
    ("Kalapani", 80.90, 30.20, "territory-ind", "India"),
    ("Two areas in Bhutan", 89.00, 27.32, "territory-btn", "Bhutan"),
    ("Taiwan (claimed", 121.56, 25.04, "territory-twn", "TWN"),
    ("Siachen Glacier", 77.15, 35.40, "territory-siachen-glacier", "no code"),
    ("Southern Kuril Islands", 145.85, 44.10, "territory-rus", "Russia"),
    ("Heixiazi", 134.30, 48.33, "territory-chn", "west China"),
    ("Heixiazi", 134.75, 48.36, "territory-rus", "east Russia"),
    ("Crimea and Sevastopol", 34.10, 44.95, "territory-rus", "Russia"),
    ("Donetsk", 37.80, 48.00, "territory-ukr", "Ukraine"),
    ("Zaporizhzhia", 35.37, 46.85, "territory-ukr", "Ukraine"),
    ("Abkhazia", 41.02, 43.01, "territory-geo", "Georgia"),
    ("South Ossetia", 43.97, 42.23, "territory-geo", "Georgia"),
    ("Transnistria", 29.60, 46.85, "territory-mda", "Moldova"),
    ("Nagorno-Karabakh", 46.75, 39.82, "territory-aze", "Azerbaijan"),
    ("Golan Heights", 35.75, 33.00, "territory-isr", "Israel"),
    ("West Bank and Gaza", 35.20, 31.90, "territory-pse", "PSE"),
    ("Western Sahara", -10.57, 26.16, "territory-esh", "ESH"),
    ("Western Sahara", -13.20, 27.15, "territory-mar", "Morocco"),
    ("Hala'ib Triangle", 36.00, 22.30, "territory-egy", "Egypt"),
    ("Bir Tawil", 33.75, 21.88, "territory-sdn", "Sudan"),
    ("Abu Musa", 55.03, 25.87, "territory-irn", "Iran"),
    ("Lesser Tunb", 55.305, 26.26, "", "not in the base"),
    ("Tiran", 34.55, 27.95, "territory-egy", "Egypt"),
    ("Northern Cyprus", 33.36, 35.25, "territory-northern-cyprus", "no code"),
    ("Kosovo", 21.16, 42.66, "territory-xkx", "XKX"),
    ("Somaliland", 44.06, 9.56, "territory-somaliland", "no code"),
]
# West, south, east, north of islands that the page says are left out of the drawing set, and the
# unit that has them in the full set.
TOO_SMALL = [
    ("Paracel Islands", (111.0, 15.5, 113.0, 17.3), "territory-chn"),
    ("Senkaku", (123.2, 25.5, 124.7, 26.1), "territory-jpn"),
    ("Dokdo", (131.6, 37.1, 132.1, 37.4), "territory-kor"),
    ("Abu Musa", (54.9, 25.8, 55.1, 25.95), "territory-irn"),
]


@cache
def page() -> str:
    return (ROOT / "DATA.md").read_text(encoding="utf-8")


@cache
def prose() -> str:
    """The page with line breaks inside paragraphs taken out."""
    return re.sub(r"\s+", " ", page())


@cache
def table_rows() -> tuple[tuple[str, ...], ...]:
    """The cells of every row of every table of the page."""
    lines = [line for line in page().splitlines() if line.startswith("| ")]
    return tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)


def row_with(text: str) -> tuple[str, ...]:
    found = [row for row in table_rows() if text in row[0]]
    assert len(found) == 1, f"{text!r} stands in {len(found)} first cells"
    return found[0]


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def features(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((ROOT / name).read_text(encoding="utf-8"))["features"])


def sidecar(name: str) -> dict[str, Any]:
    path = (ROOT / name).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def number_in(pattern: str) -> float:
    """The one number that a pattern with one group finds in the running text."""
    found = re.findall(pattern, prose())
    assert len(found) == 1, f"{pattern!r} found {found}"
    return float(found[0].replace(",", ""))


# ---- section 1


@pytest.mark.parametrize("name", DATA_FILES)
def test_every_data_file_is_in_the_table(name: str) -> None:
    row_with(f"`{name}`")


@pytest.mark.parametrize("name", GEOJSON_FILES)
def test_licence_and_maker_are_those_of_the_sidecar(name: str) -> None:
    row, papers = row_with(f"`{name}`"), sidecar(name)
    assert papers["licence"] == row[3]
    made = f"`{papers['built_by']}`" if "built_by" in papers else "by hand"
    assert row[4].startswith(made)


@pytest.mark.parametrize("name", GEOJSON_FILES)
def test_inputs_are_named_with_version_and_sum(name: str) -> None:
    for given in sidecar(name).get("inputs", []):
        package = given["name"].split()[0]
        assert f"{package} {given['version']}" in prose()
        assert given.get("sha256", "") in page()
        assert given["accessed"] == "2026-11-23"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("geo/territories.geojson", r"(\d+) states and territories"),
        ("geo/territories_display.geojson", r"the same (\d+), simplified"),
        ("geo/places.geojson", r"(\d+) cities and towns"),
        ("layers/member_territories.geojson", r"(\d+) states with their SCO status"),
        ("geo/repairs.csv", r"log of (\d+) repaired shapes"),
        ("geo/territory_ids.csv", r"(\d+) decisions on ids"),
        ("geo/places_left_out.csv", r"These (\d+) are:"),
        ("layers/sources.csv", r"\| (\d+) sources \|"),
        ("layers/claims.csv", r"(\d+) published figures and statements"),
        ("layers/status_history.csv", r"(\d+) dated statuses"),
        ("layers/facts.csv", r"(\d+) short facts"),
    ],
)
def test_counts_of_records(name: str, what: str) -> None:
    found = features(name) if name.endswith(".geojson") else rows(name)
    assert number_in(what) == len(found)


def test_notices_and_licences_of_all_kinds() -> None:
    for words in (
        "Made with Natural Earth",
        "GeoNames (https://www.geonames.org), CC BY 4.0",
        "© OpenStreetMap contributors, ODbL 1.0 (https://www.openstreetmap.org/copyright)",
    ):
        assert words in prose()
    used = {sidecar(name)["licence"] for name in GEOJSON_FILES}
    used |= {row["licence"] for row in rows("layers/sources.csv")}
    assert [licence for licence in used if licence not in page()] == []


def test_the_date_of_compilation_is_that_of_all_sources() -> None:
    assert {row["accessed"] for row in rows("layers/sources.csv")} == {"2026-11-23"}
    assert "compiled on **2026-11-23**" in prose()


# ---- section 2


def test_repairs() -> None:
    log = rows("geo/repairs.csv")
    change = [abs(float(r["area_km2_after"]) - float(r["area_km2_before"])) for r in log]
    assert number_in(r"lists all \*\*(\d+)\*\* shapes") == len(log)
    assert number_in(r"shapes touched, in (\d+) entries") == len({r["name"] for r in log})
    assert number_in(r"In (\d+) of them the area changes") == sum(c > 1e-9 for c in change)
    assert number_in(r"by at most \*\*([\d.]+) km²") == pytest.approx(max(change), abs=5e-4)
    assert "Marshall" in log[change.index(max(change))]["name"]
    assert number_in(r"and by ([\d.]+) km² in all") == pytest.approx(sum(change), abs=5e-3)
    gone = sum(r["action"] == "part without area removed" for r in log)
    assert number_in(r"(\d+) shapes without any area were removed") == gone


def test_decisions_on_ids() -> None:
    table = rows("geo/territory_ids.csv")
    kinds = Counter(row["treatment"] for row in table)
    assert number_in(r"(\d+) entries of the source have no id") == sum(
        not row["raw_id"] for row in table
    )
    for words, kind in (
        (r": (\d+) kept,", "keep"),
        (r"(\d+) kept as units of their own", "separate"),
        (r"(\d+) dropped \(", "dropped"),
        (r"(\d+) merged \(", "merge"),
    ):
        assert number_in(words) == kinds[kind]


def test_frame_and_partial_areas() -> None:
    units = {f["id"]: f["properties"] for f in features("geo/territories.geojson")}
    cut = sum(p["parts_dropped"] > 0 for p in units.values())
    assert number_in(r"(\d+) territories lose some") == cut
    assert number_in(r"the United States has ([\d,]+) km²") == units["territory-usa"]["area_km2"]
    assert number_in(r"Australia ([\d,]+) km²") == units["territory-aus"]["area_km2"]
    no_code = sum(not p["countries"] for p in units.values())
    assert number_in(r"one of the (\d+) units without a code") == no_code


def test_drawing_set() -> None:
    units = features("geo/territories_display.geojson")
    islands = sum(f["properties"]["islands_left_out"] for f in units)
    assert number_in(r"(\d+) islands under 50 km²") == islands
    worst = max(units, key=lambda f: f["properties"]["accuracy_km"])
    assert number_in(r"up to ([\d.]+) km at the edge") == worst["properties"]["accuracy_km"]
    assert f"({worst['properties']['name']})" in prose()
    states = [f["properties"]["accuracy_km"] for f in features("layers/member_territories.geojson")]
    assert f"{min(states)} to {max(states)} km for the states" in prose()


@pytest.mark.parametrize(
    ("path", "constant", "words"),
    [
        ("scripts/_display.py", r"^TOLERANCE_M = ([\d.]+)", r"tolerance of ([\d,]+) m"),
        ("scripts/_display.py", r"^MIN_ISLAND_KM2 = ([\d.]+)", r"islands under (\d+) km²"),
        ("scripts/_display.py", r"^MIN_ISLET_KM2 = ([\d.]+)", r"\(under ([\d.]+) km² in terr"),
        ("scripts/_display.py", r"^SMALL_STATE_KM2 = ([\d.]+)", r"below ([\d,]+) km²\)"),
        ("scripts/build_geo.py", r"^BASE_ACCURACY_KM = ([\d.]+)", r"is ([\d.]+) km plus"),
        ("sco_geo/measure.py", r"^PIECE_KM = ([\d.]+)", r"pieces of at most ([\d.]+) km"),
    ],
)
def test_settings_are_those_of_the_code(path: str, constant: str, words: str) -> None:
    (value,) = re.findall(constant, (ROOT / path).read_text(encoding="utf-8"), flags=re.M)
    assert number_in(words) == float(value)


def test_parts_that_count_as_rounding() -> None:
    code = (ROOT / "sco_geo/measure.py").read_text(encoding="utf-8")
    (crumb_km,) = re.findall(r"^CRUMB_KM = ([\d.]+)", code, flags=re.M)
    assert number_in(r"Parts under (\d+) m are rounding") == float(crumb_km) * 1000


# ---- where points lie in the base


Ring = list[list[float]]


@cache
def boxed_polygons(name: str) -> list[tuple[tuple[float, ...], str, list[Ring]]]:
    found = []
    for feature in features(name):
        shape = feature["geometry"]
        parts = shape["coordinates"]
        for rings in parts if shape["type"] == "MultiPolygon" else [parts]:
            lons, lats = zip(*rings[0], strict=True)
            box = (min(lons), min(lats), max(lons), max(lats))
            found.append((box, feature["id"], rings))
    return found


def is_inside(lon: float, lat: float, rings: list[Ring]) -> bool:
    """Even-odd rule over shell and holes; a point on an edge is undefined."""
    crossings = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise(ring):
            if (y0 > lat) != (y1 > lat) and lon < x0 + (x1 - x0) * (lat - y0) / (y1 - y0):
                crossings += 1
    return crossings % 2 == 1


def units_at(lon: float, lat: float) -> list[str]:
    return [
        unit
        for (west, south, east, north), unit, rings in boxed_polygons("geo/territories.geojson")
        if west <= lon <= east and south <= lat <= north and is_inside(lon, lat, rings)
    ]


@pytest.mark.parametrize(("case", "lon", "lat", "unit", "words"), CASES)
def test_boundary_cases(case: str, lon: float, lat: float, unit: str, words: str) -> None:
    (row,) = [row for row in table_rows() if len(row) == 2 and case in row[0]]
    assert words in row[1]
    assert units_at(lon, lat) == ([unit] if unit else [])


@pytest.mark.parametrize(("case", "box", "unit"), TOO_SMALL)
def test_islands_below_the_drawing_set(case: str, box: tuple[float, ...], unit: str) -> None:
    (row,) = [row for row in table_rows() if len(row) == 2 and case in row[0]]
    assert "too small for the drawing set" in row[1]

    def owners(name: str) -> set[str]:
        return {
            owner
            for (west, south, east, north), owner, _ in boxed_polygons(name)
            if box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3]
        }

    assert owners("geo/territories.geojson") == {unit}
    assert owners("geo/territories_display.geojson") == set()


def test_every_place_outside_its_territory_is_listed() -> None:
    codes = {f["id"]: f["properties"]["countries"] for f in features("geo/territories.geojson")}
    outside = {
        f["id"]
        for f in features("geo/places.geojson")
        if f["properties"]["countries"]
        not in {codes[unit] for unit in units_at(*f["geometry"]["coordinates"])}
    }
    first = page().split("## 2.")[1].split("**Repairs.**")[0]
    assert set(re.findall(r"\(`([a-z-]+)`\)", first)) == outside


# ---- sections 4 and 5


@pytest.mark.parametrize("row", rows("geo/places_left_out.csv"), ids=lambda row: row["id"])
def test_every_place_left_out_is_listed(row: dict[str, str]) -> None:
    told = row_with(f"`{row['id']}`")
    assert told[1:3] == (row["name"], row["iso3"])
    # What a reason measures must not differ: numbers and names of records.
    words = re.findall(r"\d+ km away|several km|OpenStreetMap|\((\w+), GeoNames", row["reason"])
    assert [word for word in words if word not in told[3]] == []
    assert told[3]


@pytest.mark.parametrize(
    "point",
    [
        point
        for name in DATA_FILES
        if name.endswith(".toml")
        for point in sidecar(name).get("unlocated", [])
    ],
    ids=lambda point: point["en"],
)
def test_every_unlocated_point_is_listed(point: dict[str, Any]) -> None:
    (told,) = [row for row in table_rows() if row[0] == point["en"]]
    assert told[1] and point["role"].startswith(told[1])
    assert told[2] and told[2] in point["reason"].lower()


def test_confidence_of_names() -> None:
    points = [f["properties"] for f in features("geo/places.geojson")]
    count = Counter(p["names_confidence"] for p in points)
    assert (
        f"high for {count['high']}, medium for {count['medium']} and low for {count['low']}"
        in prose()
    )
    assert {p["accuracy_km"] for p in points} == {number_in(r"`accuracy_km` is (\d+) for all")}


def test_counts_of_members_by_date() -> None:
    history = [row for row in rows("layers/status_history.csv") if row["scheme"] == "sco"]
    told = [row for row in table_rows() if re.fullmatch(r"\d{4}-\d\d-\d\d", row[0])]
    assert len(told) == 17
    for day, *counts in told:
        now = Counter(
            row["status"]
            for row in history
            if row["from"] <= day and (not row["to"] or day < row["to"])
        )
        assert [int(count) for count in counts] == [now[status] for status in STATUSES], day


def test_reference_date_and_kinds_of_intervals() -> None:
    settings = tomllib.loads((ROOT / "layers/atlas.toml").read_text(encoding="utf-8"))
    assert f"opens on **{settings['as_of']}**" in prose()
    history = rows("layers/status_history.csv")
    kinds = Counter(row["scheme"] for row in history)
    assert f"({kinds['sco']} of states, {kinds['project']} of line sections)" in prose()
    medium = sum("Medium confidence" in row["note"] for row in history)
    assert f"{medium} of the {kinds['sco']} intervals" in prose()


# ---- sections 6 to 8


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


def lines(name: str) -> dict[str, dict[str, Any]]:
    return {f["id"]: f for f in features(name) if f["geometry"]["type"] == "LineString"}


def drawn_km(line: dict[str, Any]) -> float:
    return sum(geodesic_m(*a, *b) for a, b in pairwise(line["geometry"]["coordinates"])) / 1000


def test_the_yardstick_itself() -> None:
    # Flinders Peak - Buninyon of Geoscience Australia's datum manual, there on GRS80, whose axes
    # agree with WGS84's to 0.1 mm: 54,972.271 m.
    metres = geodesic_m(144.4248679, -37.9510334, 143.9264955, -37.6528211)
    assert metres == pytest.approx(54972.27, abs=0.02)


@pytest.mark.parametrize("name", LINE_FILES)
def test_lengths_accuracy_and_state_of_lines(name: str) -> None:
    for key, line in lines(name).items():
        told, facts = row_with(f"`{key}`"), line["properties"]
        assert float(told[1]) == pytest.approx(drawn_km(line), abs=0.0501)
        assert float(told[2]) == facts["accuracy_km"]
        assert told[3] == facts["routing" if "tianjin" in name else "status"]
    total = sum(drawn_km(line) for line in lines(name).values())
    assert f"Drawn **{total:,.1f} km**" in page()


def test_every_section_in_the_tables_exists() -> None:
    known = {key for name in LINE_FILES for key in lines(name)}
    told = {
        row[0].strip("`") for row in table_rows() if re.match("`(cku|tianjin-tashkent)-", row[0])
    }
    assert told == known


def test_lines_and_points_of_the_layers() -> None:
    for name, words in zip(
        LINE_FILES,
        (r"(\d+) legs and (\d+) places of one", r"(\d+) sections and (\d+) points of the China"),
        strict=True,
    ):
        ((of_lines, of_points),) = re.findall(words, prose())
        assert int(of_lines) == len(lines(name))
        assert int(of_points) == len(features(name)) - len(lines(name))


def test_kilometres_of_the_railway_in_kyrgyzstan() -> None:
    parts = [
        drawn_km(f)
        for f in lines("layers/cku_railway.geojson").values()
        if f["properties"]["countries"] == "KGZ"
    ]
    assert number_in(r"drawn part there \(([\d.]+) km\)") == pytest.approx(sum(parts), abs=0.0501)


def test_values_of_fields_are_explained() -> None:
    told = {row[0]: row[1] for row in table_rows() if row[0].startswith("`")}
    for name in (n for n in GEOJSON_FILES if n.startswith("layers/")):
        for feature in features(name):
            facts = feature["properties"]
            for field in ("kind", "status", "routing", "geometry_basis"):
                assert not facts.get(field) or f"`{facts[field]}`" in told[f"`{field}`"]


def test_sources_by_quality() -> None:
    table = rows("layers/sources.csv")
    for quality, count in Counter(row["quality"] for row in table).items():
        (told,) = [row for row in table_rows() if row[0] == quality]
        assert int(told[1]) == count
    undated = sum(not row["date"] for row in table)
    assert f"{undated} of {len(table)})" in prose()


def test_claims() -> None:
    table = rows("layers/claims.csv")
    assert f"({sum(row['current'] == 'true' for row in table)} of {len(table)})" in prose()
    compared = [
        row
        for row in table
        if row["property"] == "length_km"
        and row["unit"] == "km"
        and re.fullmatch(r"[\d.]+", row["value"])
    ]
    assert number_in(r"a plain number are compared: (\d+) rows") == len(compared)


def test_figures_of_the_railway_are_claims() -> None:
    values: dict[tuple[str, str], set[str]] = {}
    for row in rows("layers/claims.csv"):
        if row["subject_id"] == "cku-railway":
            values.setdefault((row["scope"], row["property"]), set()).add(row["value"])
    whole = {float(value) for value in values["whole", "length_km"]}
    assert number_in(r"published (\d+) to \d+ km, most recently") == min(whole)
    assert number_in(r"published \d+ to (\d+) km, most recently") == max(whole)
    for key, value in (
        (("whole", "length_km"), "532.53"),
        (("KGZ", "length_km"), "304.94"),
        (("CHN", "length_km"), "158"),
        (("UZB", "length_km"), "69"),
        (("UZB", "length_km"), "50"),
        (("KGZ", "cost_usd_bn"), "4.7"),
        (("whole", "cost_usd_bn"), "8"),
        (("whole", "gauge_1435_length_km"), "344"),
        (("whole", "planned_opening"), "2029"),
    ):
        assert value in values[key] and re.search(rf"(?<![\d.]){value}(?![\d.]\d)", prose())
    for name in ("bridges", "tunnels"):
        counts = sorted(int(value) for value in values["KGZ", name])
        assert f"{name} from {counts[0]} to {counts[-1]}" in prose()


def test_figures_of_processing_notes() -> None:
    """Figures that the page repeats from notes and sidecars still stand there."""
    notes = " ".join(
        [
            (ROOT / "layers/cku_railway.toml").read_text("utf-8"),
            (ROOT / "layers/tianjin_tashkent.toml").read_text("utf-8"),
            *(f["properties"]["note"] for name in LINE_FILES for f in features(name)),
            *(row["text_en"] + row["note"] for row in rows("layers/facts.csv")),
        ]
    )
    for figure in ("0.87 km", "4.6 km", "172 km", "15.6 km", "3.7 km west", "511 billion",
                   "512.54", "512.4", "0.15 times its longest chord"):  # fmt: skip
        assert figure in notes and figure in prose(), figure
