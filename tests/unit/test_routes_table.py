"""The published distances in tests/data/routes.csv: form, sources, and what no railway can do."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest

from sco_geo.geodesy import WGS84

DATA = Path(__file__).resolve().parent.parent / "data"
COLUMNS = (
    "route_id from from_lon from_lat to to_lon to_lat via traffic published_km kind as_of "
    "source_id quality note"
).split()
SOURCE_COLUMNS = "source_id publisher title url date accessed licence quality".split()
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
WEST, SOUTH, EAST, NORTH = 15.0, 0.0, 150.0, 75.0
#: The line from Tbilisi to Telavi goes the longest way round, through Gurjaani: 2.4 times.
MOST_TIMES_GEODESIC = 2.5


def read(name: str, columns: list[str]) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    assert reader.fieldnames == columns
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


ROWS = read("routes.csv", COLUMNS)
SOURCES = read("routes_sources.csv", SOURCE_COLUMNS)


def stops(row: dict[str, str]) -> list[tuple[float, float]]:
    """Positions of the start, the points on the way and the end, (lon, lat)."""
    between = [text.rsplit(" ", 2) for text in row["via"].split(";") if text]
    assert all(len(parts) == 3 and parts[0] for parts in between), row["route_id"]
    return [
        (float(row["from_lon"]), float(row["from_lat"])),
        *((float(lon), float(lat)) for _, lon, lat in between),
        (float(row["to_lon"]), float(row["to_lat"])),
    ]


def geodesic_km(points: list[tuple[float, float]]) -> float:
    return sum(float(WGS84.inv(*a, *b)[2]) for a, b in pairwise(points)) / 1e3


def test_there_are_enough_routes_of_every_length() -> None:
    lengths = [float(row["published_km"]) for row in ROWS if row["quality"] != "low"]
    assert len(lengths) >= 80
    classes = (40, 200, 500, 1_000, 3_000, 9_300)
    assert all(sum(a <= km < b for km in lengths) >= 10 for a, b in pairwise(classes))


def test_identifiers_are_unique_and_begin_with_a_country() -> None:
    names = [row["route_id"] for row in ROWS]
    assert names == sorted(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]{3}(-[a-z0-9]+)+", name)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["route_id"])
def test_a_route_is_well_formed(row: dict[str, str]) -> None:
    assert row["traffic"] in {"freight", "any"}
    assert row["kind"] in {"tariff", "timetable", "line_length", "news"}
    assert row["quality"] in {"high", "medium", "low"}
    assert not row["as_of"] or DATE.fullmatch(row["as_of"])
    points = stops(row)
    assert all(WEST <= lon <= EAST and SOUTH <= lat <= NORTH for lon, lat in points)
    assert all(len(row[f"{end}_{axis}"].partition(".")[2]) >= 3
               for end in ("from", "to") for axis in ("lon", "lat"))  # fmt: skip
    assert row["quality"] != "low" or row["note"], "what is doubtful needs a reason"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["route_id"])
def test_no_railway_is_shorter_than_the_geodesics_between_its_stops(row: dict[str, str]) -> None:
    km = geodesic_km(stops(row))
    assert km <= float(row["published_km"]) <= MOST_TIMES_GEODESIC * km


def test_every_source_is_listed_and_used() -> None:
    names = [row["source_id"] for row in SOURCES]
    assert names == sorted(set(names))
    assert {row["source_id"] for row in ROWS} == set(names)


def test_every_source_says_who_where_and_when() -> None:
    for row in SOURCES:
        assert row["publisher"] and row["title"], row["source_id"]
        assert row["url"].startswith(("https://", "http://")), row["source_id"]
        assert not row["date"] or DATE.fullmatch(row["date"]), row["source_id"]
        assert DATE.fullmatch(row["accessed"]), row["source_id"]
        assert row["licence"] and row["quality"] in {"high", "medium", "low"}, row["source_id"]


def test_one_pair_by_one_way_has_one_distance() -> None:
    keys = [tuple(row[c] for c in ("from", "to", "via", "traffic")) for row in ROWS]
    assert len(keys) == len(set(keys))
