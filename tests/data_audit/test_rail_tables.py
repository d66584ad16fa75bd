"""Audit of the hand-edited tables of the rail network and of its gazetteer.

Read with the standard library only. What is held against them: the territories of geo/, the hubs
with names given by hand, and facts copied from publications into this file.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import shapely
from _palladius import to_russian
from _place_names import choose_chinese, choose_latin, choose_russian

ROOT = Path(__file__).resolve().parents[2]
GEO = ROOT / "geo"
CLIP = (15.0, 0.0, 150.0, 75.0)
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HAN = re.compile(r"[\u4e00-\u9fff]")
CYRILLIC = re.compile(r"[А-Яа-яЁё]")
KNOWN_GAUGES = {"1000", "1050", "1067", "1435", "1520", "1676"}
#: The border of geo/territories is about 0.4 km wide, long chords may cross it elsewhere.
BORDER_KM = 8.0
KM_PER_DEGREE = 111.2
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (GEO / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(None not in row and None not in row.values() for row in rows), name
    return rows


CROSSINGS = {row["crossing_id"]: row for row in read("rail_crossings.csv")}
GAUGES = {row["rule_id"]: row for row in read("rail_gauges.csv")}
SPEEDS = tomllib.loads((GEO / "rail_speeds.toml").read_text(encoding="utf-8"))
PLACES = read("rail_places.csv")
HUBS = json.loads((GEO / "places.geojson").read_text(encoding="utf-8"))["features"]
INLAND = [key for key, row in CROSSINGS.items() if row["from"] == row["to"]]


@cache
def source_ids() -> frozenset[str]:
    paths = [*GEO.glob("rail_sources*.csv"), ROOT / "layers/sources.csv"]
    assert len(paths) > 1
    ids = set()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            ids |= {row["source_id"] for row in csv.DictReader(stream)}
    return frozenset(ids)


@cache
def territories() -> dict[str, shapely.Geometry]:
    features = json.loads((GEO / "territories.geojson").read_text(encoding="utf-8"))["features"]
    wanted = {row[side] for row in CROSSINGS.values() for side in ("from", "to")}
    return {
        feature["properties"]["countries"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features
        if feature["properties"]["countries"] in wanted
    }


def distance_km(row: Row, country: str) -> float:
    """Measure how far a point lies from a state, in km; too long rather than too short."""
    point = shapely.Point(float(row["lon"]), float(row["lat"]))
    return float(shapely.distance(point, territories()[country])) * KM_PER_DEGREE


def in_clip(lon: float, lat: float) -> bool:
    return CLIP[0] <= lon <= CLIP[2] and CLIP[1] <= lat <= CLIP[3]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "rail_crossings.csv",
            "crossing_id,name,name_zh,name_ru,lon,lat,from,to,gauges_mm_from,gauges_mm_to,hours,"
            "source_id,note",
        ),
        ("rail_gauges.csv", "rule_id,country,gauges_mm,waypoints,source_id,note"),
        (
            "rail_places.csv",
            "name,name_zh,name_ru,aliases,lon,lat,country,population,geonames_id",
        ),
    ],
)
def test_columns(name: str, columns: str) -> None:
    text = (GEO / name).read_text(encoding="utf-8")
    assert text.split("\n", 1)[0] == columns
    assert "\r" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize("name", ["rail_crossings.csv", "rail_gauges.csv"])
def test_ids_and_sources(name: str) -> None:
    rows = read(name)
    ids = [next(iter(row.values())) for row in rows]
    assert [i for i in ids if not KEBAB.fullmatch(i)] == []
    assert [i for i, count in Counter(ids).items() if count > 1] == []
    assert {row["source_id"] for row in rows} <= source_ids()
    named = re.findall(r"\(([a-z0-9]+(?:-[a-z0-9]+){2,})\)", " ".join(r["note"] for r in rows))
    assert set(named) <= source_ids()


def test_crossings_have_three_names_and_a_place_in_the_clip() -> None:
    for key, row in CROSSINGS.items():
        assert row["name"], key
        assert HAN.search(row["name_zh"]), key
        assert CYRILLIC.search(row["name_ru"]), key
        assert in_clip(float(row["lon"]), float(row["lat"])), key
        assert all(len(row[side].split(".")[1]) >= 3 for side in ("lon", "lat")), key
        parts = row["name"].count(" – "), row["name_zh"].count("—"), row["name_ru"].count(" – ")
        assert len(set(parts)) == 1, key


def test_crossings_lie_between_their_states() -> None:
    assert len(CROSSINGS) - len(INLAND) >= 100
    far = {
        (key, country): round(distance_km(row, country), 1)
        for key, row in CROSSINGS.items()
        for country in (row["from"], row["to"])
        if distance_km(row, country) > BORDER_KM
    }
    assert far == {}
    assert [k for k, r in CROSSINGS.items() if r["from"] > r["to"]] == []


def test_inland_rows_are_changes_of_gauge() -> None:
    assert {"makmal", "zahedan", "akhalkalaki"} <= set(INLAND)
    same = [k for k in INLAND if CROSSINGS[k]["gauges_mm_from"] == CROSSINGS[k]["gauges_mm_to"]]
    assert same == []


def test_gauges_and_hours_can_be_read() -> None:
    for key, row in CROSSINGS.items():
        for side in ("gauges_mm_from", "gauges_mm_to"):
            assert set(row[side].split(";")) <= KNOWN_GAUGES, key
        assert row["hours"] == "" or 0 <= float(row["hours"]) <= 200, key
    for key, row in GAUGES.items():
        assert set(row["gauges_mm"].split(";")) <= KNOWN_GAUGES, key


#: Places of the break-of-gauge dossier and others with published gauges, written out by hand:
#: names, gauges (mm) on the first and on the second side of the alphabet.
PUBLISHED = {
    "altynkol-horgos": ("CHN 1435", "KAZ 1520"),
    "dostyk-alashankou": ("CHN 1435", "KAZ 1520"),
    "zamyn-uud-erenhot": ("CHN 1435", "MNG 1520"),
    "zabaykalsk-manzhouli": ("CHN 1435", "RUS 1520"),
    "grodekovo-suifenhe": ("CHN 1435", "RUS 1520"),
    "nizhneleninskoye-tongjiang": ("CHN 1435", "RUS 1520"),
    "kamyshovaya-hunchun": ("CHN 1435", "RUS 1520"),
    "gashuunsukhait-ganqimaodu": ("CHN 1435", "MNG 1520"),
    "bakhty-tacheng": ("CHN 1435", "KAZ 1520"),
    "torugart": ("CHN 1435", "KGZ 1435"),
    "makmal": ("KGZ 1435", "KGZ 1520"),
    "brest-terespol": ("BLR 1520", "POL 1435"),
    "sarakhs-sarahs": ("IRN 1435", "TKM 1520"),
    "incheh-borun-etrek": ("IRN 1435", "TKM 1520"),
    "hairatan-galaba": ("AFG 1520", "UZB 1520"),
    "torghundi-serhetabat": ("AFG 1520", "TKM 1520"),
    "aqina-imamnazar": ("AFG 1520", "TKM 1520"),
    "khaf-rozanak": ("AFG 1435", "IRN 1435"),
    "astara-astara": ("AZE 1520", "IRN 1520"),
    "jolfa-julfa": ("AZE 1520", "IRN 1435"),
    "taftan-mirjaveh": ("IRN 1676", "PAK 1676"),
    "zahedan": ("IRN 1435", "IRN 1676"),
    "kartsakhi": ("GEO 1435", "TUR 1435"),
    "akhalkalaki": ("GEO 1435", "GEO 1520"),
    "chaman-spin-boldak": ("AFG 1520", "PAK 1676"),
    "saryagash-keles": ("KAZ 1520", "UZB 1520"),
    "attari-wagah": ("IND 1676", "PAK 1676"),
    "naushki-sukhbaatar": ("MNG 1520", "RUS 1520"),
    "mohan-boten": ("CHN 1435", "LAO 1435"),
    "hekou-lao-cai": ("CHN 1000", "VNM 1000"),
    "izov-hrubieszow": ("POL 1520", "UKR 1520"),
    "uzhhorod-matovce": ("SVK 1520", "UKR 1520"),
    "dandong-sinuiju": ("CHN 1435", "PRK 1435"),
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_published_gauges(key: str) -> None:
    row = CROSSINGS[key]
    sides = [f"{row[s]} {row[f'gauges_mm_{s}']}" for s in ("from", "to")]
    assert tuple(sides) == PUBLISHED[key]


def test_every_state_has_one_default_gauge() -> None:
    defaults = Counter(row["country"] for row in GAUGES.values() if not row["waypoints"])
    assert [country for country, count in defaults.items() if count > 1] == []
    assert {row["country"] for row in GAUGES.values()} <= set(defaults)
    states = {row[side] for row in CROSSINGS.values() for side in ("from", "to")}
    assert states <= set(defaults)
    # Exceptions come after the defaults, since later rows win.
    kinds = [bool(row["waypoints"]) for row in GAUGES.values()]
    assert kinds == sorted(kinds)


#: National gauges as UIC members and the trade press state them.
NATIONAL = {
    "1520": "RUS KAZ KGZ TJK TKM UZB BLR UKR MNG GEO ARM AZE LTU LVA EST FIN MDA",
    "1435": "CHN IRN TUR KOR PRK POL HUN SVK ROU EGY SAU ARE IRQ SYR ISR",
    "1676": "IND PAK LKA NPL",
    "1000": "VNM THA MYS KHM MMR",
    "1067": "JPN TWN SDN",
    "1050": "JOR",
}


def test_national_gauges() -> None:
    found = {row["country"]: row["gauges_mm"] for row in GAUGES.values() if not row["waypoints"]}
    for gauge, states in NATIONAL.items():
        assert {state: found[state] for state in states.split()} == dict.fromkeys(
            states.split(), gauge
        )


def test_gauge_rules_have_readable_paths_and_boxes() -> None:
    for key, row in GAUGES.items():
        if row["waypoints"].startswith("box "):
            west, south, east, north = map(float, row["waypoints"].split()[1:])
            assert west < east, key
            assert south < north, key
            assert in_clip(west, south), key
            assert in_clip(east, north), key
        elif row["waypoints"]:
            points = [tuple(map(float, pair.split())) for pair in row["waypoints"].split(";")]
            assert len(points) >= 2, key
            assert all(len(point) == 2 and in_clip(*point) for point in points), key


def test_every_gauge_at_a_crossing_has_a_rule() -> None:
    known = {(row["country"], gauge) for row in GAUGES.values() for gauge in gauges_of(row)}
    planned = {"makmal", "torugart", "astara-ir-terminal"}
    missing = [
        (key, row[side], gauge)
        for key, row in CROSSINGS.items()
        if key not in planned and not row["note"].startswith(("planned", "suspended"))
        for side in ("from", "to")
        for gauge in row[f"gauges_mm_{side}"].split(";")
        if (row[side], gauge) not in known
    ]
    assert missing == []


def gauges_of(row: Row) -> list[str]:
    return row["gauges_mm"].split(";")


def flatten(table: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat


def test_every_speed_and_hour_has_source_and_note() -> None:
    values = flatten({key: SPEEDS[key] for key in ("speed_kmh", "hours")})
    assert set(SPEEDS["sources"]) == set(values)
    assert set(SPEEDS["notes"]) - {"not_used"} == set(values)
    assert set(SPEEDS["sources"].values()) <= source_ids() | {"estimate"}
    for name, value in values.items():
        assert isinstance(value, float), name
        assert 0 < value < (400 if name.startswith("speed") else 200), name
    assert {"conventional", "passenger", "ferry", "country"} == set(SPEEDS["speed_kmh"])
    assert {"border", "break_of_gauge", "ferry"} == set(SPEEDS["hours"])


def test_five_days_of_a_container_train_are_in_reach() -> None:
    """KTZ reported 4,486 km Xi'an – Tashkent in five days: the defaults may be slower, not absurd.

    About 3,500 km in China, 960 in Kazakhstan; two borders.
    """
    speed = SPEEDS["speed_kmh"]["country"]
    hours = 3500 / speed["CHN"] + 960 / speed["KAZ"] + 26 / SPEEDS["speed_kmh"]["conventional"]
    hours += sum(float(CROSSINGS[key]["hours"]) for key in ("altynkol-horgos", "saryagash-keles"))
    assert 120 <= hours <= 240


def test_places_are_new_and_in_the_clip() -> None:
    ids = [row["geonames_id"] for row in PLACES if row["geonames_id"]]
    assert len(ids) == len(set(ids))
    hubs = {f["properties"]["source_url"].rsplit("/", 1)[-1] for f in HUBS}
    assert hubs.isdisjoint(ids)
    for row in PLACES:
        assert in_clip(float(row["lon"]), float(row["lat"])), row
        assert re.fullmatch(r"[A-Z]{3}", row["country"]), row
        assert row["population"] == "" or int(row["population"]) > 0, row
    assert (GEO / "rail_places.csv").stat().st_size <= 400_000


def test_names_of_places_stand_in_their_scripts() -> None:
    for row in PLACES:
        assert row["name"], row
        assert not HAN.search(row["name"] + row["name_ru"]), row
        assert not CYRILLIC.search(row["name"] + row["name_zh"]), row
        assert row["name_zh"] == "" or HAN.search(row["name_zh"]), row
        assert row["name_ru"] == "" or CYRILLIC.search(row["name_ru"]), row


#: What users ask for, in one language or another, with the state and where it lies.
WANTED = [
    ("Linhe", "CHN", 107.4, 40.8),
    ("哈密", "CHN", 93.5, 42.8),
    ("Эдзин", "CHN", 101.0, 41.9),
    ("精河", "CHN", 82.9, 44.6),
    ("Алтынколь", "KAZ", 80.3, 44.2),
    ("Zhetygen", "KAZ", 77.1, 43.7),
    ("Shu", "KAZ", 73.8, 43.6),
    ("Арыс", "KAZ", 68.8, 42.4),
    ("萨雷阿加什", "KAZ", 69.2, 41.5),
    ("Torugart", "KGZ", 75.4, 40.6),
    ("Makmal", "KGZ", 74.1, 41.2),
    ("板门店", "PRK", 126.7, 38.0),
    ("Suzhou", "CHN", 120.6, 31.3),
    ("Suzhou", "CHN", 117.0, 33.6),
    ("Уральск", "KAZ", 51.4, 51.2),
    ("拉萨", "CHN", 91.1, 29.65),
    ("Seoul", "KOR", 127.0, 37.6),
    ("Пхеньян", "PRK", 125.75, 39.0),
    ("Thimphu", "BTN", 89.6, 27.5),
    ("Кветта", "PAK", 67.0, 30.2),
]


@pytest.mark.parametrize(("name", "country", "lon", "lat"), WANTED)
def test_wanted_places_are_found(name: str, country: str, lon: float, lat: float) -> None:
    found = [
        row
        for row in PLACES
        if row["country"] == country
        and abs(float(row["lon"]) - lon) < 0.3
        and abs(float(row["lat"]) - lat) < 0.3
        and name in [row["name"], row["name_zh"], row["name_ru"], *row["aliases"].split(";")]
    ]
    assert len(found) == 1


def test_capitals_without_a_railway_are_known() -> None:
    names = {f["properties"]["name"] for f in HUBS} | {row["name"] for row in PLACES}
    assert {"Kathmandu", "Kabul", "Thimphu", "Muscat"} <= names


#: Syllables of Chinese hubs whose Russian names were written by hand in geo/places.
SYLLABLES = {
    "chengdu": "cheng du",
    "dalian": "da lian",
    "guangzhou": "guang zhou",
    "jiaozhou": "jiao zhou",
    "kunming": "kun ming",
    "lanzhou": "lan zhou",
    "lianyungang": "lian yun gang",
    "qingdao": "qing dao",
    "ruili": "rui li",
    "shanghai": "shang hai",
    "shenzhen": "shen zhen",
    "suifenhe": "sui fen he",
    "tianjin": "tian jin",
    "xian": "xi an",
    "yiwu": "yi wu",
    "zhengzhou": "zheng zhou",
    "chongqing": "chong qing",
    "heihe": "hei he",
}


@pytest.mark.parametrize("hub", SYLLABLES)
def test_palladius_gives_the_customary_names(hub: str) -> None:
    (feature,) = (f for f in HUBS if f["id"] == hub)
    assert to_russian(SYLLABLES[hub].split()) == feature["properties"]["name_ru"]


def test_choice_of_names_by_script() -> None:
    assert choose_chinese(["薩希瓦爾", "Sahiwal"]) == "萨希瓦尔"
    assert choose_chinese(["苏州", "苏州市", "蘇州"]) == "苏州"
    assert choose_chinese(["ソウル", "Сеул"]) == ""
    assert choose_russian(
        ["Новокузнецк", "Новокузнецьк", "Новокузњецк"], "Novokuznetsk", "RUS"
    ) == ("Новокузнецк")
    assert choose_russian(["Алмати", "Алматы"], "Almaty", "KAZ") == "Алматы"
    assert choose_russian(["su zhou shi", "Суджоу"], "Suzhou", "CHN") == "Сучжоу"
    assert choose_latin("Слупчане", ["Slupchane"]) == "Slupchane"
    assert to_russian(["kashgar"]) == ""
