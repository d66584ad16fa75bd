"""Audit of the hand-edited railway tables: additions, closed links and their sources.

Lengths are measured here with pyproj directly. A published length may fall short of the drawn
line by 2 % (rounding, town points beside the station), by more only where the note says why.
"""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod

ROOT = Path(__file__).resolve().parents[2]
GEOD = Geod(ellps="WGS84")
#: The date of the map: what opened later is not in operation yet.
TODAY = "2025-08-30"
STATUSES = {"operating", "construction", "planned", "suspended"}
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
POINT = r"-?\d{1,3}\.\d{3} -?\d{1,2}\.\d{3}"
CHORD = re.compile(rf"{POINT};{POINT}")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Words that a note must use where a published length is shorter than the drawn line.
SHORTER = "shorter than the drawn line"
#: Gauges of the states involved, in mm.
GAUGES = {"1000", "1067", "1435", "1520", "1676"}

Row = dict[str, str]
Feature = dict[str, Any]


def read_rows(name: str) -> list[Row]:
    """Read a table of geo/ or layers/."""
    with (ROOT / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_sources() -> dict[str, Row]:
    """Read every table of railway sources by id: one while they are apart, or the joined one."""
    files = sorted((ROOT / "geo").glob("rail_sources*.csv"))
    return {row["source_id"]: row for path in files for row in read_rows(f"geo/{path.name}")}


FEATURES: list[Feature] = json.loads(
    (ROOT / "geo/rail_additions.geojson").read_text(encoding="utf-8")
)["features"]
CLOSED = read_rows("geo/rail_closed.csv")
SOURCES = read_sources()


def drawn_km(feature: Feature) -> float:
    """Measure the drawn line in km."""
    pairs = pairwise(feature["geometry"]["coordinates"])
    return sum(float(GEOD.inv(*a, *b)[2]) for a, b in pairs) / 1e3


def by_id(feature: Feature) -> str:
    """Name a case of a test."""
    return str(feature["id"])


each = pytest.mark.parametrize("feature", FEATURES, ids=by_id)


def test_ids_are_unique_and_kebab_case() -> None:
    ids = [feature["id"] for feature in FEATURES]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not KEBAB.fullmatch(i)] == []
    assert [f["id"] for f in FEATURES if f["properties"]["id"] != f["id"]] == []


@each
def test_every_addition_is_of_the_closed_sets(feature: Feature) -> None:
    values = feature["properties"]
    assert values["action"] in {"add", "replace"}
    assert values["kind"] in {"railway", "ferry"}
    assert values["status"] in STATUSES
    assert values["traffic"] in {"mixed", "passenger"}
    assert values["geometry_basis"] in {"waypoints", "estimate", "published_alignment"}
    assert set(values["gauges_mm"].split(";")) <= GAUGES
    assert values["accuracy_km"] > 0
    assert values["snap_km"] >= 0
    assert all(values[key].strip() for key in ("name", "name_zh", "name_ru", "note"))


@each
def test_every_source_is_listed(feature: Feature) -> None:
    sources = feature["properties"]["sources"].split(";")
    assert len(set(sources)) == len(sources)
    assert [source for source in sources if source not in SOURCES] == []


@each
def test_coordinates_have_three_decimals_or_more_and_no_step_is_empty(feature: Feature) -> None:
    geometry = feature["geometry"]
    assert geometry["type"] == "LineString"
    assert len(geometry["coordinates"]) >= 2
    assert all(a != b for a, b in pairwise(geometry["coordinates"]))
    assert all(15 <= lon <= 150 and 0 <= lat <= 75 for lon, lat in geometry["coordinates"])


@each
def test_published_lengths_are_in_order_and_not_below_the_drawn_line(feature: Feature) -> None:
    values = feature["properties"]
    low, length, high = (values[f"length_{k}km"] for k in ("low_", "", "high_"))
    assert (low is None) == (high is None)
    if length is None:
        assert low is None
        return
    assert (low or length) <= length <= (high or length)
    assert length >= 0.98 * drawn_km(feature) or SHORTER in values["note"]
    # A railway is hardly more than twice as long as its waypoints, a typing error often is.
    assert length <= 2.0 * drawn_km(feature)


@each
def test_a_long_chord_is_an_estimate(feature: Feature) -> None:
    """The sidecar says so: no chord of a line of waypoints is longer than 60 km."""
    pairs = pairwise(feature["geometry"]["coordinates"])
    longest = max(float(GEOD.inv(*a, *b)[2]) for a, b in pairs) / 1e3
    assert longest <= 60.5 or feature["properties"]["geometry_basis"] == "estimate"


@each
def test_opening_dates_fit_the_status_on_the_date_of_the_map(feature: Feature) -> None:
    values = feature["properties"]
    opened = values["opened"]
    assert opened == "" or DATE.fullmatch(opened)
    if values["status"] == "operating":
        assert opened <= TODAY
    elif opened and values["status"] != "suspended":
        assert opened > TODAY


@each
def test_replaced_chords_are_named_by_their_end_nodes(feature: Feature) -> None:
    values = feature["properties"]
    if values["action"] == "add":
        assert values["replaces"] == ""
        return
    chords = values["replaces"].split("|")
    assert [chord for chord in chords if not CHORD.fullmatch(chord)] == []


def test_each_replaced_chord_is_filled_again() -> None:
    """From one end of a chord that is cut there must be a way over additions to the other."""
    links: dict[tuple[float, ...], set[tuple[float, ...]]] = {}
    for feature in FEATURES:
        first, *_, last = (tuple(p) for p in feature["geometry"]["coordinates"])
        links.setdefault(first, set()).add(last)
        links.setdefault(last, set()).add(first)
    # At Khanewal the way goes on over existing track between two nodes of the station.
    links.setdefault((71.934, 30.311), set()).add((71.921, 30.307))
    links.setdefault((71.921, 30.307), set()).add((71.934, 30.311))
    for feature in FEATURES:
        for chord in filter(None, feature["properties"]["replaces"].split("|")):
            start, end = (tuple(map(float, point.split())) for point in chord.split(";"))
            seen, todo = {start}, [start]
            while todo:
                new = links.get(todo.pop(), set()) - seen
                seen |= new
                todo += new
            assert end in seen, f"{feature['id']}: no additions from {start} to {end}"


def test_railway_of_china_kyrgyzstan_and_uzbekistan_adds_up_to_the_published_totals() -> None:
    """454 and 580 km, of which 79 km are existing line (DATA: Trend 2023-10-27, a summary)."""
    sections = [f["properties"] for f in FEATURES if f["id"].startswith("cku-")]
    assert [s["gauges_mm"] for s in sections] == ["1435", "1435", "1520"]
    existing = 79
    for key, total in (("length_low_km", 454), ("length_km", 532), ("length_high_km", 580)):
        assert sum(s[key] for s in sections) + existing == pytest.approx(total, abs=0.5)


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: row["closed_id"])
def test_closed_links_have_two_places_a_date_and_a_source(row: Row) -> None:
    assert KEBAB.fullmatch(row["closed_id"])
    assert row["since"] == "" or DATE.fullmatch(row["since"])
    assert row["since"] <= TODAY
    assert [s for s in row["source_id"].split(";") if s not in SOURCES] == []
    assert all(row[key].strip() for key in ("name", "name_zh", "name_ru", "note"))
    lons, lats = (
        [float(row[f"{end}_{axis}"]) for end in ("from", "to")] for axis in ("lon", "lat")
    )
    km = float(GEOD.inv(lons[0], lats[0], lons[1], lats[1])[2]) / 1e3
    assert 0.5 < km < 200


def test_closed_ids_are_unique() -> None:
    ids = [row["closed_id"] for row in CLOSED]
    assert len(set(ids)) == len(ids)


def test_sources_are_used_once_and_complete() -> None:
    rows = read_rows("geo/rail_sources.csv")
    assert [row["source_id"] for row in rows] == sorted({row["source_id"] for row in rows})
    used = {s for f in FEATURES for s in f["properties"]["sources"].split(";")}
    for table in sorted((ROOT / "geo").glob("rail_*.csv")):
        for row in read_rows(f"geo/{table.name}") if table.name != "rail_sources.csv" else []:
            used |= set((row.get("source_id") or "").split(";"))
            used |= set(re.findall(r"\(([a-z0-9-]+)\)", row.get("note") or ""))
    speeds = (ROOT / "geo/rail_speeds.toml").read_text("utf-8")
    used |= set(re.findall(r"[\w.-]+", speeds))
    assert sorted(row["source_id"] for row in rows if row["source_id"] not in used) == []
    for row in SOURCES.values():
        assert row["url"].startswith("http"), row["source_id"]
        assert row["quality"] in {"high", "medium", "low"}, row["source_id"]
        assert row["date"] == "" or DATE.fullmatch(row["date"]), row["source_id"]
        assert all(row[k] for k in ("publisher", "title", "accessed", "licence")), row["source_id"]
