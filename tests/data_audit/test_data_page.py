"""DATA.md says what the files say: list of files, base geography, places, membership.

The page is read as text and the files with csv, json and tomllib, without the package, so that a
change of the data that leaves the page behind fails here. `test_data_page_borders.py`,
`test_data_page_layers.py` and `test_data_page_tables.py` have the other sections.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
DATA_FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("geo", "layers")
    for path in (ROOT / folder).iterdir()
    if path.suffix in {".geojson", ".toml", ".csv", ".parquet", ".bin"}
)
GEOJSON_FILES = [name for name in DATA_FILES if name.endswith(".geojson")]
STATUSES = ("member", "observer", "dialogue_partner", "partner")


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def features(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((ROOT / name).read_text(encoding="utf-8"))["features"])


def sidecar(name: str) -> dict[str, Any]:
    path = (ROOT / name).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


# ---- section 1


@pytest.mark.parametrize("name", [*DATA_FILES, "docs/start-text.md"])
def test_every_data_file_is_in_the_table(told: Any, name: str) -> None:
    told.row_with(f"`{name}`")


def test_the_table_has_no_file_that_is_gone(told: Any) -> None:
    for row in told.table_after("file"):
        for name in re.findall(r"`([^`]+)`", row[0]):
            assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("name", GEOJSON_FILES)
def test_licence_and_maker_are_those_of_the_sidecar(told: Any, name: str) -> None:
    row, papers = told.row_with(f"`{name}`"), sidecar(name)
    assert papers["licence"] == row[3]
    made = f"`{papers['built_by']}`" if "built_by" in papers else "by hand"
    assert row[4].startswith(made)


@pytest.mark.parametrize("name", GEOJSON_FILES)
def test_inputs_are_named_with_version_and_sum(told: Any, name: str) -> None:
    for given in sidecar(name).get("inputs", []):
        assert given["accessed"] == "2026-11-23"
        if given["name"] in DATA_FILES:
            assert f"`{given['name']}`" in told.row_with(f"`{name}`")[2]
        else:
            package = given["name"].split()[0]
            assert f"{package} {given['version']}" in told.prose
            assert given.get("sha256", "") in told.text


@pytest.mark.parametrize(
    ("script", "of"),
    [
        ("build_geo", "world-atlas"),
        ("build_disputed", "qgis-common"),
        ("build_roads", "world_highways"),
        ("_rail_graph", "world_railways"),
    ],
)
def test_sums_of_inputs_are_those_that_the_scripts_check(told: Any, script: str, of: str) -> None:
    code = (ROOT / "scripts" / f"{script}.py").read_text(encoding="utf-8")
    (checked,) = set(re.findall(r"\b[0-9a-f]{64}\b", code))
    (row,) = [row for row in told.table_after("input") if of in row[0]]
    assert row[1] == f"`{checked}`"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("geo/territories.geojson", r"(\d+) states and territories"),
        ("geo/territories_display.geojson", r"the same (\d+), simplified, for drawing \| the file"),
        ("geo/places.geojson", r"(\d+) cities and towns"),
        ("geo/disputed_display.geojson", r"the same (\d+), simplified, for drawing \| `geo"),
        ("geo/disputed_cases.csv", r"(\d+) cases with geometry"),
        ("geo/repairs.csv", r"log of (\d+) repaired shapes"),
        ("geo/territory_ids.csv", r"(\d+) decisions on ids"),
        ("geo/places_left_out.csv", r"These (\d+) are:"),
        ("layers/member_territories.geojson", r"(\d+) states with their SCO status"),
        ("layers/summits_and_institutions.geojson", r"(\d+) summits, institutions and a desig"),
        ("layers/exercises.geojson", r"(\d+) exercises and phases"),
        ("layers/sources.csv", r"\| (\d+) sources \|"),
        ("layers/claims.csv", r"(\d+) published figures and statements"),
        ("layers/status_history.csv", r"(\d+) dated statuses"),
        ("layers/facts.csv", r"(\d+) short facts"),
        ("layers/translations.csv", r"(\d+) notes and values of the tables"),
    ],
)
def test_counts_of_records(told: Any, name: str, what: str) -> None:
    found = features(name) if name.endswith(".geojson") else rows(name)
    assert told.number_in(what) == len(found)


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [
        ("geo/disputed", r"(\d+) disputed areas and (\d+) lines, for", "Polygon"),
        ("layers/tianjin_tashkent", r"(\d+) legs and (\d+) places of one", "LineString"),
        ("layers/cku_railway", r"(\d+) sections and (\d+) points of the China", "LineString"),
        ("layers/gas_pipelines", r"(\d+) sections and (\d+) points of \d+ gas", "LineString"),
        ("layers/oil_pipelines", r"(\d+) sections and (\d+) points of \d+ oil", "LineString"),
        ("layers/roads", r"(\d+) sections and (\d+) points of eight road", "LineString"),
    ],
)
def test_counts_of_two_kinds(told: Any, name: str, words: str, kind: str) -> None:
    ((first, second),) = re.findall(words, told.prose)
    found = [f["geometry"]["type"].endswith(kind) for f in features(f"{name}.geojson")]
    assert (int(first), int(second)) == (sum(found), len(found) - sum(found))


def test_counts_of_systems(told: Any) -> None:
    for name, words in (("gas", r"points of (\d+) gas"), ("oil", r"points of (\d+) oil")):
        systems = sidecar(f"layers/{name}_pipelines.toml")["systems"]
        assert told.number_in(words) == len(systems)
    assert len(sidecar("layers/roads.toml")["systems"]) == 8


def test_notices_and_licences_of_all_kinds(told: Any) -> None:
    for words in (
        "Made with Natural Earth",
        "GeoNames (https://www.geonames.org), CC BY 4.0",
        "© OpenStreetMap contributors, ODbL 1.0 (https://www.openstreetmap.org/copyright)",
        "GeoNames and Global Energy Monitor, CC BY 4.0",
    ):
        assert words in told.prose
    used = {sidecar(name)["licence"] for name in GEOJSON_FILES}
    used |= {row["licence"] for row in rows("layers/sources.csv")}
    assert [licence for licence in used if licence not in told.text] == []


def test_what_to_write_names_whom_the_sidecar_names(told: Any) -> None:
    for row, name in (
        ("gas or oil pipelines", "layers/gas_pipelines"),
        ("gas or oil pipelines", "layers/oil_pipelines"),
        ("the Tianjin–Tashkent train, the China", "layers/roads"),
        ("the Tianjin–Tashkent train, the China", "layers/cku_railway"),
        ("places and hubs", "layers/summits_and_institutions"),
    ):
        (written,) = [cells[1] for cells in told.table_after("you use") if row in cells[0]]
        attribution = sidecar(name)["attribution"]
        for body in ("GeoNames", "Global Energy Monitor", "OpenStreetMap"):
            assert body not in attribution or body in written, (name, body)


def test_sections_are_counted_through_and_referred_to_by_what_they_hold(told: Any) -> None:
    heads = re.findall(r"^## (\d+)\. (.+)$", told.text, re.M)
    assert [int(number) for number, _ in heads] == list(range(1, len(heads) + 1))
    number = {head: n for n, head in heads}
    for words, head in (
        (r"to no state \(section (\d+)\)", "Lengths"),
        (r"0.4 km at best \(section (\d+)\)", "Base geography"),
        (r"that nothing published bounds: section (\d+)", "Not drawn"),
        (r"not drawn, are 3 more \(section (\d+)\)", "Not drawn"),
        (r"do not enter \(section (\d+)\)", "Pipelines"),
        (r"cannot hold \(section (\d+) of DATA", "Roads"),
    ):
        assert re.findall(words, told.prose) == [number[head]], words


def test_the_date_of_compilation_is_that_of_all_sources(told: Any) -> None:
    assert {row["accessed"] for row in rows("layers/sources.csv")} == {"2026-11-23"}
    assert "compiled on **2026-11-23**" in told.prose


@pytest.mark.parametrize(
    ("pattern", "name", "kind"),
    [
        (r"(\d+) sections of 13 systems", "layers/gas_pipelines", "LineString"),
        (r"(\d+) sections: Kazakhstan", "layers/oil_pipelines", "LineString"),
        (r"(\d+) joint exercises and phases", "layers/exercises", "Point"),
        (r"(\d+) areas hatched", "geo/disputed", "Polygon"),
        (r"areas hatched, (\d+) lines dashed", "geo/disputed", "LineString"),
    ],
)
def test_counts_in_the_readme(pattern: str, name: str, kind: str) -> None:
    (count,) = re.findall(pattern, (ROOT / "README.md").read_text(encoding="utf-8"))
    found = [f["geometry"]["type"].endswith(kind) for f in features(f"{name}.geojson")]
    assert int(count) == sum(found)


# ---- section 2


def test_repairs(told: Any) -> None:
    log = rows("geo/repairs.csv")
    change = [abs(float(r["area_km2_after"]) - float(r["area_km2_before"])) for r in log]
    assert told.number_in(r"lists all \*\*(\d+)\*\* shapes") == len(log)
    assert told.number_in(r"shapes touched, in (\d+) entries") == len({r["name"] for r in log})
    assert told.number_in(r"In (\d+) of them the area changes") == sum(c > 1e-9 for c in change)
    assert told.number_in(r"by at most \*\*([\d.]+) km²") == pytest.approx(max(change), abs=5e-4)
    assert "Marshall" in log[change.index(max(change))]["name"]
    assert told.number_in(r"and by ([\d.]+) km² in all") == pytest.approx(sum(change), abs=5e-3)
    gone = sum(r["action"] == "part without area removed" for r in log)
    assert told.number_in(r"(\d+) shapes without any area were removed") == gone


def test_decisions_on_ids(told: Any) -> None:
    table = rows("geo/territory_ids.csv")
    kinds = Counter(row["treatment"] for row in table)
    assert told.number_in(r"(\d+) entries of the source have no id") == sum(
        not row["raw_id"] for row in table
    )
    for words, kind in (
        (r": (\d+) kept,", "keep"),
        (r"(\d+) kept as units of their own", "separate"),
        (r"(\d+) dropped \(", "dropped"),
        (r"(\d+) merged \(", "merge"),
    ):
        assert told.number_in(words) == kinds[kind]


def test_frame_and_partial_areas(told: Any) -> None:
    units = {f["id"]: f["properties"] for f in features("geo/territories.geojson")}
    cut = sum(p["parts_dropped"] > 0 for p in units.values())
    assert told.number_in(r"(\d+) territories lose some") == cut
    assert told.number_in(r"of the (\d+) territories that the frame cuts") == cut
    area = told.number_in(r"the United States has ([\d,]+) km²")
    assert area == units["territory-usa"]["area_km2"]
    assert told.number_in(r"Australia ([\d,]+) km²") == units["territory-aus"]["area_km2"]
    no_code = sum(not p["countries"] for p in units.values())
    assert told.number_in(r"one of the (\d+) units without a code") == no_code


def test_drawing_set(told: Any) -> None:
    units = features("geo/territories_display.geojson")
    islands = sum(f["properties"]["islands_left_out"] for f in units)
    assert told.number_in(r"(\d+) islands under 50 km²") == islands
    worst = max(units, key=lambda f: f["properties"]["accuracy_km"])
    assert told.number_in(r"up to ([\d.]+) km at the edge") == worst["properties"]["accuracy_km"]
    assert f"({worst['properties']['name']})" in told.prose
    states = [f["properties"]["accuracy_km"] for f in features("layers/member_territories.geojson")]
    assert f"{min(states)} to {max(states)} km for the states" in told.prose


@pytest.mark.parametrize(
    ("path", "constant", "words"),
    [
        ("scripts/_display.py", r"^TOLERANCE_M = ([\d.]+)", r"tolerance of ([\d,]+) m"),
        ("scripts/_display.py", r"^MIN_ISLAND_KM2 = ([\d.]+)", r"islands under (\d+) km²"),
        ("scripts/_display.py", r"^MIN_ISLET_KM2 = ([\d.]+)", r"\(under ([\d.]+) km² in terr"),
        ("scripts/_display.py", r"^SMALL_STATE_KM2 = ([\d.]+)", r"below ([\d,]+) km²\)"),
        ("scripts/build_geo.py", r"^BASE_ACCURACY_KM = ([\d.]+)", r"is ([\d.]+) km plus"),
        ("sco_geo/_border_cuts.py", r"^BOW_M = ([\d.]+)", r"geodesic bows by at most ([\d.]+) m"),
    ],
)
def test_settings_are_those_of_the_code(told: Any, path: str, constant: str, words: str) -> None:
    (value,) = re.findall(constant, (ROOT / path).read_text(encoding="utf-8"), flags=re.M)
    assert told.number_in(words) == float(value)


def test_parts_that_count_as_rounding(told: Any) -> None:
    code = (ROOT / "sco_geo/borders.py").read_text(encoding="utf-8")
    (crumb_km,) = re.findall(r"^CRUMB_KM = ([\d.]+)", code, flags=re.M)
    assert told.number_in(r"Parts under (\d+) m are rounding") == float(crumb_km) * 1000


def test_every_place_outside_its_territory_is_listed(told: Any) -> None:
    units = [
        (f["properties"]["countries"], shapely.geometry.shape(f["geometry"]))
        for f in features("geo/territories.geojson")
    ]
    tree = shapely.STRtree([shape for _, shape in units])
    outside = set()
    for place in features("geo/places.geojson"):
        point = shapely.Point(place["geometry"]["coordinates"])
        codes = {units[i][0] for i in tree.query(point, predicate="within")}
        if place["properties"]["countries"] not in codes:
            outside.add(place["id"])
    first = told.section("Base geography").split("**Repairs.**")[0]
    assert set(re.findall(r"\(`([a-z-]+)`\)", first)) == outside


# ---- sections 4 and 5


@pytest.mark.parametrize("row", rows("geo/places_left_out.csv"), ids=lambda row: row["id"])
def test_every_place_left_out_is_listed(told: Any, row: dict[str, str]) -> None:
    cells = told.row_with(f"`{row['id']}`")
    assert cells[1:3] == (row["name"], row["iso3"])
    # What a reason measures must not differ: numbers and names of records.
    words = re.findall(r"\d+ km away|several km|OpenStreetMap|\((\w+), GeoNames", row["reason"])
    assert [word for word in words if word not in cells[3]] == []
    assert cells[3]


def test_confidence_of_names(told: Any) -> None:
    points = [f["properties"] for f in features("geo/places.geojson")]
    count = Counter(p["names_confidence"] for p in points)
    assert (
        f"high for {count['high']}, medium for {count['medium']} and low for {count['low']}"
        in told.prose
    )
    assert {p["accuracy_km"] for p in points} == {told.number_in(r"`accuracy_km` is (\d+) for all")}


def test_hubs(told: Any) -> None:
    roles = set(sidecar("layers/hubs.toml")["roles"])
    shown = [
        f
        for f in features("geo/places.geojson")
        if roles & set(f["properties"]["roles"].split(";"))
    ]
    assert told.number_in(r"the (\d+) places with a role in transport") == len(shown)
    assert f"| {len(shown)} ports, border crossings" in (ROOT / "README.md").read_text("utf-8")
    words = r"`layers/hubs.toml` shows the (\d+) places with the role (.*?) as a"
    ((count, named),) = re.findall(words, told.prose)
    assert int(count) == len(shown)
    assert set(re.split(r", | or ", named)) == roles


def test_counts_of_members_by_date(told: Any) -> None:
    history = [row for row in rows("layers/status_history.csv") if row["scheme"] == "sco"]
    table = told.table_after("date")
    assert len(table) == 17
    for day, *counts in table:
        now = Counter(
            row["status"]
            for row in history
            if row["from"] <= day and (not row["to"] or day < row["to"])
        )
        assert [int(count) for count in counts] == [now[status] for status in STATUSES], day


def test_reference_date_and_kinds_of_intervals(told: Any) -> None:
    settings = tomllib.loads((ROOT / "layers/atlas.toml").read_text(encoding="utf-8"))
    assert f"opens on **{settings['as_of']}**" in told.prose
    history = rows("layers/status_history.csv")
    kinds = Counter(row["scheme"] for row in history)
    words = f"({kinds['sco']} of states, {kinds['project']} of sections, bodies and events)"
    assert words in told.prose
    medium = sum("Medium confidence" in row["note"] for row in history if row["scheme"] == "sco")
    assert f"{medium} of the {kinds['sco']} intervals" in told.prose
