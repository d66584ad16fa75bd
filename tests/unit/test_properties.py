"""Every figure, unit, property and word of the data that readers see has a name in each language.

Also the places without a position: what they are and why they are not drawn.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sco_geo.atlas import text
from sco_geo.atlas.properties import KINDS, labels

ROOT = Path(__file__).resolve().parents[2]
LAYERS = sorted((ROOT / "layers").glob("*.geojson"))
PAGE = ROOT / "sco_geo" / "atlas" / "page"
TABLE = PAGE / "properties.csv"
LANGUAGES = ("en", "zh", "ru")
BLANK = {"", "text", "date"}  # units that are not shown
#: Properties whose values are words of ours and stand alone or joined by semicolons.
WORDS = {"confidence", "format", "relation", "role", "roles", "terrain"}
#: Latin words of four or more letters that stay as they are in Chinese and Russian.
NAMES: set[str] = set()
LATIN = re.compile(r"[A-Za-z]{4,}")
EASTERN = {"zh": re.compile(r"[\u4e00-\u9fff]"), "ru": re.compile(r"[а-яё]", re.IGNORECASE)}


@cache
def known() -> dict[str, dict[str, str]]:
    """The texts of the page and of the table, by language and key."""
    page = text.strings()
    rows = labels()
    return {
        language: page[language] | {key: row[i] for key, row in rows.items()}
        for i, language in enumerate(LANGUAGES)
    }


def nameless(keys: set[str]) -> list[str]:
    """The keys that lack a text in some language."""
    return sorted(k for k in keys if not all(known()[language].get(k) for language in LANGUAGES))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def properties_of(path: Path) -> list[dict[str, Any]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [feature["properties"] for feature in features]


@cache
def shown_elsewhere() -> frozenset[str]:
    """Properties that the details name in a place of their own, as the script lists them."""
    script = (PAGE / "details.js").read_text(encoding="utf-8")
    block = re.search(r"SHOWN_ELSEWHERE = new Set\(\[(.*?)\]\)", script, re.DOTALL)
    assert block
    return frozenset(re.findall(r'"(\w+)"', block[1]))


def shown(properties: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The properties that the details list by name, with their values."""
    for key, value in properties.items():
        is_translation = key[-3:] in ("_zh", "_ru") and key[:-3] in properties
        if key not in shown_elsewhere() and not is_translation and value not in (None, ""):
            yield key, value


each_layer = pytest.mark.parametrize("path", LAYERS, ids=lambda path: path.stem)


def test_every_claim_has_a_name_and_a_unit() -> None:
    claims = rows_of(ROOT / "layers" / "claims.csv")
    keys = {f"c_{claim['property']}" for claim in claims}
    keys |= {f"u_{claim['unit']}" for claim in claims if claim["unit"] not in BLANK}
    assert len(keys) > 100
    assert nameless(keys) == []


@each_layer
def test_every_unit_of_a_capacity_has_a_name(path: Path) -> None:
    units = {properties.get("capacity_unit") for properties in properties_of(path)} - {None, ""}
    assert nameless({f"u_{unit}" for unit in units}) == []


@each_layer
def test_every_property_in_the_details_has_a_name(path: Path) -> None:
    rows = properties_of(path)
    assert nameless({f"p_{key}" for properties in rows for key, _ in shown(properties)}) == []


@each_layer
def test_every_word_in_the_details_has_a_name(path: Path) -> None:
    words = set()
    for properties in properties_of(path):
        for key, value in shown(properties):
            if isinstance(value, bool):
                words.add(str(value).lower())
            elif key in WORDS and f"{key}_zh" not in properties:
                words |= set(str(value).split(";"))
    assert nameless({f"v_{word}" for word in words}) == []


def test_the_table_is_complete_and_sorted() -> None:
    rows = rows_of(TABLE)
    keys = [(list(KINDS).index(row["kind"]), row["key"]) for row in rows]
    assert keys == sorted(set(keys))
    assert len(labels()) == len(rows)
    ragged = [row for row in rows if None in row or None in row.values()]
    assert ragged == []
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if not cell or cell != cell.strip()] == []


def test_the_table_names_nothing_that_the_page_names() -> None:
    assert set(labels()) & set(text._TEXTS) == set()


@pytest.mark.parametrize("language", ["zh", "ru"])
def test_labels_are_in_their_language(language: str) -> None:
    own = {key: row[LANGUAGES.index(language)] for key, row in labels().items()}
    english = {key: set(LATIN.findall(label)) - NAMES for key, label in own.items()}
    assert {key: words for key, words in english.items() if words} == {}
    silent = {key for key, label in own.items() if not EASTERN[language].search(label)}
    assert silent == {"u_%"}


@pytest.mark.parametrize("path", sorted((ROOT / "layers").glob("*.toml")), ids=lambda p: p.stem)
def test_what_is_not_drawn_says_why_in_each_language(path: Path) -> None:
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("unlocated", [])
    ends = ("", "_zh", "_ru")
    wanted = [*LANGUAGES, *(f"{key}{end}" for key in ("role", "reason") for end in ends)]
    missing = [(entry.get("en"), key) for entry in entries for key in wanted if not entry.get(key)]
    assert missing == []
    for entry in entries:
        for language, script in EASTERN.items():
            texts = [entry[language], entry[f"role_{language}"], entry[f"reason_{language}"]]
            assert [t for t in texts if not script.search(t)] == []


def test_every_note_and_word_of_the_tables_is_in_three_languages() -> None:
    translated = {row["text"]: row for row in rows_of(ROOT / "layers" / "translations.csv")}
    claims = rows_of(ROOT / "layers" / "claims.csv")
    said = {row["note"] for row in claims + rows_of(ROOT / "layers" / "status_history.csv")}
    said |= {row["value"] for row in claims if row["unit"] == "text"}
    said |= {row["reason"] for row in rows_of(ROOT / "layers" / "differences.csv")}
    assert translated.keys() == said - {""}
    for text_, row in translated.items():
        figures = re.findall(r"\d\d+", re.sub(r"(?<=\d)[,. ](?=\d)", "", text_))
        for language in ("zh", "ru"):
            assert EASTERN[language].search(row[language]) or not LATIN.search(row[language])
            joined = re.sub(r"(?<=\d)[,.  ](?=\d)", "", row[language])
            assert all(figure in joined for figure in figures), (text_, row[language])
