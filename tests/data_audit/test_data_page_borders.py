"""DATA.md on borders: every disputed case as the table has it, and how the base draws it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
HEAD = ("case", "the base draws it with", "geometry used", "treatment", "checked")

# How the base draws the cases: a rough point inside each area, not its capital or centre, and the
# unit (or none) whose polygon must hold it. The words stand in the row of the case.
DRAWN_WITH = [
    ("Jammu and Kashmir", 74.80, 34.08, "territory-ind", "India"),
    ("Gilgit-Baltistan", 74.31, 35.92, "territory-pak", "Pakistan"),
    ("Aksai Chin", 79.50, 35.20, "territory-chn", "China"),
    ("Shaksgam", 76.60, 36.10, "territory-chn", "China"),
    ("Arunachal Pradesh", 93.62, 27.09, "territory-ind", "India"),
    ("Kalapani", 80.90, 30.20, "territory-ind", "India"),
    ("Two areas of Bhutan", 89.00, 27.32, "territory-btn", "Bhutan"),
    ("Taiwan", 121.56, 25.04, "territory-twn", "TWN"),
    ("Siachen Glacier", 77.15, 35.40, "territory-siachen-glacier", "no code"),
    ("Southern Kuril Islands", 145.85, 44.10, "territory-rus", "Russia"),
    ("Heixiazi", 134.30, 48.33, "territory-chn", "west China"),
    ("Heixiazi", 134.75, 48.36, "territory-rus", "east Russia"),
    ("Crimea and Sevastopol", 34.10, 44.95, "territory-rus", "Russia"),
    ("Donetsk, Kherson", 37.80, 48.00, "territory-ukr", "Ukraine"),
    ("Donetsk, Kherson", 35.37, 46.85, "territory-ukr", "Ukraine"),
    ("Abkhazia", 41.02, 43.01, "territory-geo", "Georgia"),
    ("South Ossetia", 43.97, 42.23, "territory-geo", "Georgia"),
    ("Transnistria", 29.60, 46.85, "territory-mda", "Moldova"),
    ("Nagorno-Karabakh", 46.75, 39.82, "territory-aze", "Azerbaijan"),
    ("Golan Heights", 35.75, 33.00, "territory-isr", "Israel"),
    ("West Bank and Gaza", 35.20, 31.90, "territory-pse", "PSE"),
    ("Western Sahara", -10.57, 26.16, "territory-esh", "ESH"),
    ("Western Sahara", -13.20, 27.15, "territory-mar", "Morocco"),
    ("Hala’ib Triangle", 36.00, 22.30, "territory-egy", "Egypt"),
    ("Bir Tawil", 33.75, 21.88, "territory-sdn", "Sudan"),
    ("Abu Musa", 55.03, 25.87, "territory-irn", "Iran"),
    ("Lesser Tunb", 55.305, 26.26, "", "not in the base"),
    ("Tiran", 34.55, 27.95, "territory-egy", "Egypt"),
    ("Northern Cyprus", 33.36, 35.25, "territory-northern-cyprus", "no code"),
    ("Kosovo", 21.16, 42.66, "territory-xkx", "XKX"),
    ("Somaliland", 44.06, 9.56, "territory-somaliland", "no code"),
    ("Baikonur", 63.30, 45.95, "territory-kaz", "Kazakhstan"),
    ("Line in Donetsk and Luhansk", 38.50, 48.40, "territory-ukr", "Ukraine"),
    ("Shebaa Farms", 35.72, 33.30, "territory-isr", "Israel"),
    ("Ilemi", 35.30, 4.80, "territory-ken", "Kenya"),
    ("South Sudanese claim", 28.40, 9.60, "territory-sdn", "Sudan"),
    ("Olivenza", -7.10, 38.68, "territory-esp", "Spain"),
]
# West, south, east, north of islands below the scale, and the unit that has them in the full set.
TOO_SMALL = [
    ("Paracel", (111.0, 15.5, 113.0, 17.3), "territory-chn"),
    ("Senkaku", (123.2, 25.5, 124.7, 26.1), "territory-jpn"),
    ("Dokdo", (131.6, 37.1, 132.1, 37.4), "territory-kor"),
    ("Abu Musa", (54.9, 25.8, 55.1, 25.95), "territory-irn"),
]


@cache
def cases() -> tuple[dict[str, str], ...]:
    with (ROOT / "geo/disputed_cases.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def features(name: str) -> dict[str, dict[str, Any]]:
    found = json.loads((ROOT / name).read_text(encoding="utf-8"))["features"]
    return {feature["id"]: feature for feature in found}


@cache
def shapes(name: str) -> dict[str, Any]:
    return {key: shapely.geometry.shape(f["geometry"]) for key, f in features(name).items()}


def case_row(told: Any, text: str) -> tuple[str, ...]:
    found = [row for row in told.table_after(" | ".join(HEAD)) if text in row[0]]
    assert len(found) == 1, f"{text!r} stands in {len(found)} first cells"
    return tuple(found[0])


def test_the_table_is_that_of_the_cases(told: Any) -> None:
    table = [(row[0], *row[2:]) for row in told.table_after(" | ".join(HEAD))]
    assert table == [
        (row["name"], row["geometry_used"], row["treatment"], row["checked"]) for row in cases()
    ]
    assert told.number_in(r"(\d+) cases with geometry") == len(table)


def test_treatments_are_explained(told: Any) -> None:
    words = told.row_with("`treatment`")[1]
    for treatment in {row["treatment"] for row in cases()}:
        assert f"`{treatment}`" in words
    assert {f["properties"]["treatment"] for f in features("geo/disputed.geojson").values()} == {
        "hatch",
        "hatch_light",
        "dashed",
    }


def test_every_case_that_is_drawn_with_one_unit_has_its_point() -> None:
    """A case without a polygon of its own in `DRAWN_WITH` is a line, or islets below the scale."""
    named = {text for text, *_ in (*DRAWN_WITH, *TOO_SMALL)}
    rest = {row["case_id"] for row in cases() if not any(text in row["name"] for text in named)}
    assert rest == {
        "kashmir-line-of-control",
        "line-of-actual-control",
        "korean-dmz",
        "kyrgyzstan-tajikistan",
    }


@pytest.mark.parametrize(("case", "lon", "lat", "unit", "words"), DRAWN_WITH)
def test_how_the_base_draws_it(
    told: Any, case: str, lon: float, lat: float, unit: str, words: str
) -> None:
    assert words in case_row(told, case)[1]
    base = shapes("geo/territories.geojson")
    found = [key for key, shape in base.items() if shapely.contains_xy(shape, lon, lat)]
    assert found == ([unit] if unit else [])


@pytest.mark.parametrize(("case", "box", "unit"), TOO_SMALL)
def test_islands_below_the_scale(told: Any, case: str, box: tuple[float, ...], unit: str) -> None:
    assert case_row(told, case)[3] == "not_drawn"

    def owners(name: str) -> set[str]:
        frame = shapely.box(*box)
        return {
            key
            for key, shape in shapes(name).items()
            if any(shapely.covers(frame, part) for part in shapely.get_parts(shape))
        }

    assert owners("geo/territories.geojson") == {unit}
    assert owners("geo/territories_display.geojson") == set()


def test_areas_that_differ(told: Any) -> None:
    areas = [f["properties"] for f in features("geo/disputed.geojson").values()]
    by_name = {part: p.get("area_km2") for p in areas for part in p["name"].split(" / ")}
    table = told.table_after("area")
    assert len(table) == 7
    for name, here, elsewhere, difference in table:
        ours, published = (float(cell.replace(",", "")) for cell in (here, elsewhere))
        assert ours == by_name[name], name
        percent = re.match(r"[+−]\d+", difference)
        assert percent is not None
        share = 100 * (ours - published) / published
        assert float(percent.group().replace("−", "-")) == pytest.approx(share, abs=0.5)
    kalapani = features("geo/disputed.geojson")["kalapani"]["properties"]["area_km2"]
    assert told.number_in(r"bounds (\d+) km²") == kalapani


def test_accuracy(told: Any) -> None:
    found = Counter(
        f["properties"]["accuracy_km"] for f in features("geo/disputed.geojson").values()
    )
    assert found.keys() == {0.4, 1.1} and found[1.1] == 4
    assert told.number_in(r"the four regions have ([\d.]+) km") == 1.1


def test_lines_of_the_package_add_up(told: Any) -> None:
    """46 lines: those used, by the numbers in `basis`, and those left out."""
    words = told.section("Boundary policy")
    used = told.number_in(r"Of the 46 lines of its layer `disputed_borders` (\d+) are used")
    (left,) = re.findall(r"Left\s+out\s+are(.*?)outside\s+the\s+frame", words, re.S)
    counts = [int(n) for n in re.findall(r"(?<![\d(])\b(\d{1,2})\b(?! named| as)", left)]
    assert counts[0] == 10 == 7 + 3
    assert sum(counts) + used == 46
    basis = " ".join(f["properties"]["basis"] for f in features("geo/disputed.geojson").values())
    numbers = set(re.findall(r"(\d+) \([A-Z][A-Za-z ]* claim\)", basis))
    assert len(numbers) == used
