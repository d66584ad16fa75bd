"""Summits, institutions and exercises against a list written out by hand.

The list is not made from the layer. Years and cities are common knowledge; the days are those of
the declarations and news reports that the features name as sources.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

LAYERS = Path(__file__).resolve().parents[2] / "layers"

CHINA_HOSTED = [2001, 2006, 2012, 2018, 2025]
#: Year: city, ISO 3166 alpha-3 code, first and last day (month-day).
HOSTS = {
    2001: ("Shanghai", "CHN", "06-14", "06-15"),
    2002: ("Saint Petersburg", "RUS", "06-07", "06-07"),
    2003: ("Moscow", "RUS", "05-28", "05-29"),
    2004: ("Tashkent", "UZB", "06-17", "06-17"),
    2005: ("Astana", "KAZ", "07-05", "07-05"),
    2006: ("Shanghai", "CHN", "06-15", "06-15"),
    2007: ("Bishkek", "KGZ", "08-16", "08-16"),
    2008: ("Dushanbe", "TJK", "08-28", "08-28"),
    2009: ("Yekaterinburg", "RUS", "06-15", "06-16"),
    2010: ("Tashkent", "UZB", "06-10", "06-11"),
    2011: ("Astana", "KAZ", "06-15", "06-15"),
    2012: ("Beijing", "CHN", "06-06", "06-07"),
    2013: ("Bishkek", "KGZ", "09-13", "09-13"),
    2014: ("Dushanbe", "TJK", "09-11", "09-12"),
    2015: ("Ufa", "RUS", "07-10", "07-10"),
    2016: ("Tashkent", "UZB", "06-23", "06-24"),
    2017: ("Astana", "KAZ", "06-08", "06-09"),
    2018: ("Qingdao", "CHN", "06-09", "06-10"),
    2019: ("Bishkek", "KGZ", "06-13", "06-14"),
    2020: ("online", "RUS", "11-10", "11-10"),
    2021: ("Dushanbe", "TJK", "09-16", "09-17"),
    2022: ("Samarkand", "UZB", "09-15", "09-16"),
    2023: ("online", "IND", "07-04", "07-04"),
    2024: ("Astana", "KAZ", "07-03", "07-04"),
    2025: ("Tianjin", "CHN", "08-31", "09-01"),
}
FIVE = {1996: "Shanghai", 1997: "Moscow", 1998: "Almaty", 1999: "Bishkek", 2000: "Dushanbe"}
#: Rough positions (lon, lat) in degrees, as an atlas on paper has them.
CITIES = {
    "Shanghai": (121.5, 31.2),
    "Saint Petersburg": (30.3, 59.9),
    "Moscow": (37.6, 55.8),
    "Tashkent": (69.2, 41.3),
    "Astana": (71.4, 51.2),
    "Bishkek": (74.6, 42.9),
    "Dushanbe": (68.8, 38.6),
    "Yekaterinburg": (60.6, 56.8),
    "Beijing": (116.4, 39.9),
    "Ufa": (56.0, 54.7),
    "Qingdao": (120.4, 36.1),
    "Samarkand": (67.0, 39.7),
    "New Delhi": (77.2, 28.6),
    "Tianjin": (117.2, 39.1),
    "Almaty": (76.9, 43.2),
}


def read(layer: str) -> list[dict[str, Any]]:
    """Return the features of a layer."""
    text = (LAYERS / f"{layer}.geojson").read_text(encoding="utf-8")
    return list(json.loads(text)["features"])


def sidecar(layer: str) -> dict[str, Any]:
    return tomllib.loads((LAYERS / f"{layer}.toml").read_text(encoding="utf-8"))


MEETINGS = read("summits_and_institutions")
EXERCISES = read("exercises")
SCO = [f for f in MEETINGS if "SCO" in f["properties"].get("series", "")]
BY_YEAR = {int(f["properties"]["start"][:4]): f for f in SCO if f["properties"]["start"]}


def km_to(feature: dict[str, Any], city: str) -> float:
    """Return the distance in km from a point to the rough position of a city."""
    lon, lat = feature["geometry"]["coordinates"]
    east = (lon - CITIES[city][0]) * math.cos(math.radians(lat))
    return 111.2 * math.hypot(east, lat - CITIES[city][1])


def test_one_feature_a_summit() -> None:
    assert sorted(BY_YEAR) == list(range(2001, 2026))
    assert sorted(f["properties"]["number"] for f in SCO) == list(range(1, 27))
    assert len({f["id"] for f in MEETINGS + EXERCISES}) == len(MEETINGS + EXERCISES)


def test_china_hosted_five() -> None:
    hosted = [year for year, f in BY_YEAR.items() if f["properties"]["hosted_by_china"] is True]
    assert sorted(hosted) == CHINA_HOSTED
    assert sum(f["properties"]["hosted_by_china"] for f in SCO) == len(CHINA_HOSTED)


@pytest.mark.parametrize("year", HOSTS)
def test_summit(year: int) -> None:
    city, country, first, last = HOSTS[year]
    feature = BY_YEAR[year]
    p = feature["properties"]
    assert p["number"] == year - 2000
    assert (p["start"], p["end"]) == (f"{year}-{first}", f"{year}-{last}")
    assert p["opened"] == p["start"]
    assert (p["kind"], p["role"], p["countries"]) == ("event", "summit", country)
    assert city in p["name"] and str(year) in p["name"]
    place = {"RUS": "Moscow", "IND": "New Delhi"}[country] if city == "online" else city
    assert km_to(feature, place) < 12
    expected = {2020: "online", 2021: "hybrid", 2023: "online"}.get(year, "in person")
    assert p["format"] == expected
    assert feature["id"].startswith(f"summit-{year}-")


def test_online_summits_say_that_they_have_no_place() -> None:
    for year in (2020, 2023):
        p = BY_YEAR[year]["properties"]
        assert "no place of meeting" in p["note"]
        assert "视频" in p["note_zh"] and "видеосвязи" in p["note_ru"]


def test_summit_of_2026_is_planned_without_days() -> None:
    (feature,) = [f for f in SCO if f["properties"]["number"] == 26]
    p = feature["properties"]
    assert (p["status"], p["opened"], p["start"], p["planned_opening"]) == (
        None,
        None,
        None,
        "2026",
    )
    assert km_to(feature, "Bishkek") < 12


def test_shanghai_five() -> None:
    five = [f for f in MEETINGS if f["properties"].get("series") == "Shanghai Five"]
    found = {int(f["properties"]["start"][:4]): f for f in five}
    assert sorted(found) == sorted(FIVE)
    for year, city in FIVE.items():
        assert city in found[year]["properties"]["name"]
        assert km_to(found[year], city) < 12


@pytest.mark.parametrize(
    ("name", "city"), [("institution-secretariat", "Beijing"), ("institution-rats", "Tashkent")]
)
def test_permanent_bodies(name: str, city: str) -> None:
    (feature,) = [f for f in MEETINGS if f["id"] == name]
    assert (feature["properties"]["kind"], feature["properties"]["status"]) == (
        "institution",
        "operating",
    )
    assert km_to(feature, city) < 12


def test_planned_means_not_before_the_reference_date() -> None:
    for feature in MEETINGS + EXERCISES:
        p = feature["properties"]
        if p["status"] == "planned" and p.get("opened"):
            assert p["opened"] > "2025-08-30", feature["id"]
        if "announced" in p:
            assert not p["opened"] or p["announced"] < p["opened"]


@pytest.mark.parametrize("feature", MEETINGS + EXERCISES, ids=lambda f: str(f["id"]))
def test_texts_in_three_languages(feature: dict[str, Any]) -> None:
    p = feature["properties"]
    for key in {"name", "note", "series", "format"} & set(p):
        assert p[key].strip()
        assert re.search(r"[\u4e00-\u9fff]", p[f"{key}_zh"])
        assert re.search(r"[а-яё]", p[f"{key}_ru"])
    assert p["sources"] and 0 < p["accuracy_km"] <= 100


def test_exercises_state_what_their_point_is() -> None:
    for feature in EXERCISES:
        p = feature["properties"]
        assert p["geometry_basis"] in {"waypoints", "estimate"}
        if p["accuracy_km"] > 30:
            assert p["geometry_basis"] == "estimate", feature["id"]
    assert sidecar("exercises")["visible"] is False
    assert len(EXERCISES) + len(sidecar("exercises")["unlocated"]) == 23


def test_first_exercise_of_several_members_was_in_two_states_in_2003() -> None:
    first = [f["properties"] for f in EXERCISES if f["properties"]["start"] == "2003-08-06"]
    assert Counter(p["countries"] for p in first) == {"KAZ": 1, "CHN": 1}
    assert {p["participants"] for p in first} == {"CHN;KAZ;KGZ;RUS;TJK"}
