"""Places by name, alias and position."""

from __future__ import annotations

from pathlib import Path

import pytest

from sco_geo.errors import CatalogError, UnknownPlaceError
from sco_geo.network.crossings import Crossing, Crossings
from sco_geo.network.places import Gazetteer, Place, fold_name, gates, parse_position

ROOT = Path(__file__).resolve().parents[2]
PAIR, NO_MM = frozenset(("CHN", "PRK")), frozenset[int]()
BOOK = Gazetteer(
    [
        Place("Xi'an", 108.94, 34.34, "CHN", "西安", "Сиань"),
        Place("Sükhbaatar", 106.2, 50.23, "MNG", "苏赫巴托尔", "Сухэ-Батор", ("Suhbaatar",)),
        Place("Orël", 36.08, 52.97, "RUS", "", "Орёл", (), 300_000, 2),
        Place("Khorgos (Kazakhstan)", 80.25, 44.22, "KAZ", "", "", (), 0, 0),
        Place("Springfield", 10.0, 10.0, "KAZ", "", "", (), 5_000, 2),
        Place("Springfield", 20.0, 20.0, "CHN", "", "", (), 90_000, 2),
        Place("Springfield", 20.1, 20.1, "CHN", "", "", (), 80_000, 2),
    ]
)


@pytest.mark.parametrize(
    "name",
    ["Xi'an", "xi’an", "XIAN", "西安", "сиань", " Xi'an "],
)
def test_names_in_three_languages_whatever_case_and_signs(name: str) -> None:
    assert BOOK.find(name).place.country == "CHN"


@pytest.mark.parametrize("name", ["Sukhbaatar", "SÜKHBAATAR", "сухэ батор", "Suhbaatar"])
def test_accents_hyphens_and_aliases(name: str) -> None:
    assert BOOK.find(name).place.country == "MNG"


def test_the_letter_yo_is_ye() -> None:
    assert BOOK.find("Орел").place is BOOK.find("орёл").place


def test_what_stands_in_brackets_may_be_left_out() -> None:
    assert BOOK.find("Khorgos").place.country == "KAZ"


def test_the_most_populous_is_taken_and_said_so() -> None:
    found = BOOK.find("Springfield")
    assert (found.place.country, found.place.population) == ("CHN", 90_000)
    assert "also so called: Springfield (KAZ)" in found.note and "80" not in found.note
    assert BOOK.find("Springfield, KAZ").place.lon == 10
    assert BOOK.find("springfield, kaz").place.lon == 10
    assert not BOOK.find("Springfield (KAZ)").note
    with pytest.raises(UnknownPlaceError):
        BOOK.find("Springfield, RUS")


def test_a_very_long_name_is_cut_short_in_the_message() -> None:
    with pytest.raises(UnknownPlaceError) as caught:
        BOOK.find("x" * 100_000)
    assert len(str(caught.value)) < 300 and caught.value.place == "x" * 100_000


def test_an_unknown_name_brings_suggestions() -> None:
    with pytest.raises(UnknownPlaceError, match="did you mean Springfield") as caught:
        BOOK.find("Sprinfield")
    assert caught.value.suggestions == ("Springfield (CHN)",)
    assert caught.value.place == "Sprinfield"
    for name in ("", "  ", "-", "?"):
        with pytest.raises(UnknownPlaceError):
            BOOK.find(name)


@pytest.mark.parametrize(
    "text",
    [
        "69.22,41.26",
        " 69.22 , 41.26 ",
        "69.22 41.26",
        "69.22;41.26",
        "41.26N 69.22E",
        "41.26 N, 69.22 E",
        "N41.26 E69.22",
        "69.22E,41.26N",
        "e69.22 n41.26",
        "41.26° N, 69.22° E",
    ],
)
def test_positions(text: str) -> None:
    assert parse_position(text) == (69.22, 41.26)
    assert BOOK.find(text).place.name == "41.26° N, 69.22° E"


def test_south_and_west_are_negative() -> None:
    assert parse_position("33.5S 70.5W") == (-70.5, -33.5)
    assert parse_position("-70.5,-33.5") == (-70.5, -33.5)
    assert BOOK.find((-70.5, -33.5)).place.name == "33.50° S, 70.50° W"


@pytest.mark.parametrize("text", ["Tashkent", "7", "1,2,3", "69.22E", "a,b", "41.26N69"])
def test_what_is_no_position(text: str) -> None:
    assert parse_position(text) is None


@pytest.mark.parametrize("text", ["41.26,169.2", "200,10", "41N 42N", "10E 20W", "10E 91N"])
def test_positions_that_are_not_on_the_earth(text: str) -> None:
    with pytest.raises(UnknownPlaceError):
        parse_position(text)


def test_exchanged_coordinates_are_pointed_out() -> None:
    with pytest.raises(UnknownPlaceError, match="the longitude comes first: 117.2,39.1"):
        parse_position("39.1,117.2")


@pytest.mark.parametrize("point", [(1, 2, 3), (float("nan"), 1), ("x", 1), 5, None, (400, 1)])
def test_pairs_that_are_none(point: object) -> None:
    with pytest.raises(UnknownPlaceError):
        BOOK.find(point)  # type: ignore[arg-type]


def test_all_shipped_hubs_are_found_by_each_of_their_names() -> None:
    book = Gazetteer.load(ROOT / "geo")
    hubs = [place for place in book.places if place.rank == 0]
    assert len(hubs) >= 140
    for hub in hubs:
        for name in filter(fold_name, (hub.name, hub.name_zh, hub.name_ru, *hub.aliases)):
            found = book.find(name).place
            near = abs(found.lon - hub.lon) < 1 and abs(found.lat - hub.lat) < 1
            assert near or found.rank == 0, name


def write_tables(folder: Path, towns: str, crossings: str = "") -> None:
    (folder / "rail_places.csv").write_text(towns, encoding="utf-8")
    if crossings:
        (folder / "rail_crossings.csv").write_text(crossings, encoding="utf-8")


TOWNS = "name,name_zh,name_ru,aliases,lon,lat,country,population,geonames_id\n"
GATES = (
    "crossing_id,name,name_zh,name_ru,lon,lat,from,to,gauges_mm_from,gauges_mm_to,hours,source_id,"
    "note\n"
)


def test_towns_and_crossings_are_places_too(tmp_path: Path) -> None:
    write_tables(
        tmp_path,
        TOWNS + "Aktogay,阿克斗卡,Актогай,Aqtogay;Ak-Togai,79.67,46.95,KAZ,5000,1\n",
        GATES + "d-a,Dostyk – Alashankou,多斯特克,Достык,82.57,45.16,CHN,KAZ,1435,1520,20,,\n",
    )
    book = Gazetteer.load(tmp_path, Crossings.load(tmp_path))
    assert book.find("ak togai").place.population == 5000
    assert book.find("Dostyk – Alashankou").place.name == "Dostyk – Alashankou"
    assert book.find("Dostyk").place.name == "Dostyk (border at Dostyk – Alashankou)"
    assert book.find("Alashankou").place.point == (82.57, 45.16)


@pytest.mark.parametrize(
    ("towns", "crossings", "where"),
    [
        (TOWNS + "X,,,,east,46,KAZ,1,1\n", "", r"rail_places.csv:2: lon is 'east'"),
        (TOWNS + "X,,,,79,146,KAZ,1,1\n", "", r"rail_places.csv:2: lat is '146'"),
        (TOWNS + "X,,,,79,46,KAZ,-1,1\n", "", r"rail_places.csv:2: population"),
        ("name,lon\nX,1\n", "", r"rail_places.csv:1: without the column name_zh"),
        (TOWNS + '"X,,,,79,46', "", r"rail_places.csv: after line 1: not readable"),
        (TOWNS, GATES + "a,A,,,82,45,CHN,KAZ,1435,1520,long,,\n", r"rail_crossings.csv:2: hours"),
        (TOWNS, GATES + "a,A,,,82,,CHN,KAZ,1435,1520,,,\n", r"rail_crossings.csv:2: lat is ''"),
    ],
)
def test_a_slip_in_a_table_is_named_with_its_row(
    towns: str, crossings: str, where: str, tmp_path: Path
) -> None:
    write_tables(tmp_path, towns, crossings)
    with pytest.raises(CatalogError, match=where):
        Gazetteer.load(tmp_path, Crossings.load(tmp_path))


def test_a_table_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "rail_places.csv").write_bytes(TOWNS.encode() + b"\xff")
    with pytest.raises(CatalogError, match="byte 68 is not UTF-8"):
        Gazetteer.load(tmp_path)
    (tmp_path / "rail_places.csv").unlink()
    (tmp_path / "places.geojson").write_text('{"features": [{}]}')
    with pytest.raises(CatalogError, match=r"places\.geojson"):
        Gazetteer.load(tmp_path)


def test_a_town_goes_before_the_border_crossing_that_bears_its_name() -> None:
    """Both towns of "Dandong – Sinuiju" would else be the one point where the border is."""
    row = Crossing("x", "Dandong – Sinuiju", "", "", 124.392, 40.115, PAIR, NO_MM, None)
    towns = [
        Place("Dandong", 124.38, 40.12, "CHN", "", "", (), 9, 2),
        Place("Dandong", 100.0, 20.0, "CHN", "", "", (), 99, 2),  # elsewhere, and larger
        Place("Hassan", 76.1, 13.0, "IND", "", "", ("Sinuiju",), 99, 2),
    ]
    book = Gazetteer([*gates([row]), *towns])
    assert book.find("Dandong").place.lon == 124.38
    assert book.find("Dandong – Sinuiju").place.lon == 124.392
    assert book.find("Sinuiju").place.lon == 124.392
    assert book.find("Sinuiju").place.name == "Sinuiju (border at Dandong – Sinuiju)"
