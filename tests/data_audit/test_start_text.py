"""The table of docs/start-text.md: every statement has a place on the page, a finding, sources.

Whether the page shows these places is for the browser tests; here the ids are resolved in the
files, read without the package.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pyproj import Geod

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "layers"
HEAD = "| # | Statement | On the page | Finding | Sources |"
#: First words of a finding and the verdict of a fact that says the same.
VERDICTS = {
    "confirmed": "confirmed",
    "differs": "differs",
    "not supported": "unsupported",
    "not mapped": "not_mapped",
}
CODE = re.compile(r"`([^`]+)`")
PLACE = re.compile(r"(fact|feature|layer):([a-z0-9_-]+)")


class Statement(NamedTuple):
    """One row of the table; places, finding and sources as written."""

    number: str
    text: str
    places: str
    finding: str
    sources: str

    @property
    def verdict(self) -> str | None:
        """Return the verdict that the first words of the finding stand for."""
        words = self.finding.split(":", 1)[0].strip()
        return VERDICTS.get(words)

    def ids(self, kind: str) -> list[str]:
        """Return the ids of one kind of place."""
        pairs = [code.split(":", 1) for code in CODE.findall(self.places) if ":" in code]
        return [name for what, name in pairs if what == kind]


def statements() -> list[Statement]:
    """Read the rows of the table in their order."""
    lines = (ROOT / "docs" / "start-text.md").read_text(encoding="utf-8").splitlines()
    begin = lines.index(HEAD) + 2
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[begin:] if line]
    assert all(len(row) == 5 for row in rows), "a row with more or fewer than five cells"
    return [Statement(*row) for row in rows]


def table(name: str) -> dict[str, dict[str, str]]:
    """Read a table of layers/ by its first column."""
    with (LAYERS / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    return {next(iter(row.values())): row for row in rows}


@cache
def feature_ids() -> set[str]:
    found: set[str] = set()
    for path in [*LAYERS.glob("*.geojson"), *(ROOT / "geo").glob("*.geojson")]:
        collection = json.loads(path.read_text(encoding="utf-8"))
        found |= {str(feature.get("id")) for feature in collection["features"]}
    return found


STATEMENTS = statements()
FACTS = table("facts.csv")
SOURCES = set(table("sources.csv"))
each_statement = pytest.mark.parametrize("row", STATEMENTS, ids=[row.number for row in STATEMENTS])


def test_rows_are_numbered_in_their_order() -> None:
    assert [row.number for row in STATEMENTS] == [str(i + 1) for i in range(len(STATEMENTS))]
    assert len({row.text for row in STATEMENTS}) == len(STATEMENTS)


@each_statement
def test_every_statement_has_a_place_or_a_reason(row: Statement) -> None:
    codes = CODE.findall(row.places)
    assert codes, "neither a place nor `none`"
    assert row.verdict, f"the finding begins with {row.finding[:20]!r}"
    if codes == ["none"]:
        assert ":" in row.finding, "no reason"
    else:
        assert all(PLACE.fullmatch(code) for code in codes)
    if row.verdict in {"unsupported", "not_mapped"}:
        assert row.finding.partition(":")[2].strip(), "no reason"


@each_statement
def test_places_exist(row: Statement) -> None:
    layers = {path.stem for path in LAYERS.glob("*.toml")} - {"atlas"}
    assert set(row.ids("fact")) <= set(FACTS)
    assert set(row.ids("layer")) <= layers
    assert set(row.ids("feature")) <= feature_ids()


@each_statement
def test_sources_exist(row: Statement) -> None:
    named = CODE.findall(row.sources)
    assert set(named) <= SOURCES
    assert len(named) == len(set(named))
    if row.verdict in {"confirmed", "differs"}:
        assert named
    else:
        assert row.sources == "–"


@each_statement
def test_the_first_fact_has_the_verdict_of_the_row(row: Statement) -> None:
    facts = row.ids("fact")
    assert facts, "no key fact says it"
    assert FACTS[facts[0]]["verdict"] == row.verdict
    assert all(FACTS[fact]["verdict"] in {row.verdict, "context"} for fact in facts)


@each_statement
def test_a_source_of_the_row_is_one_of_its_facts(row: Statement) -> None:
    cited = {s for fact in row.ids("fact") for s in FACTS[fact]["source_id"].split(";")}
    assert set(CODE.findall(row.sources)) <= cited


def test_every_fact_that_is_not_context_answers_a_statement() -> None:
    told = {fact for row in STATEMENTS for fact in row.ids("fact")}
    assert {name for name, fact in FACTS.items() if fact["verdict"] != "context"} <= told


def test_figures_of_the_start_text_stand_in_its_rows() -> None:
    # written out from the start text itself, with the finding that its figures get
    figures = {
        "31 August and 1 September 2025": "confirmed",
        "ten full members": "confirmed",
        "two observers": "confirmed",
        "14 dialogue partners": "confirmed",
        "50 containers": "confirmed",
        "fifth time": "confirmed",
        "More than 20 leaders": "confirmed",
        "ten international organisations": "confirmed",
        "3.65 trillion yuan": "confirmed",
        "511 billion US dollars": "differs",
    }
    for words, verdict in figures.items():
        assert [row.verdict for row in STATEMENTS if words in row.text] == [verdict], words


def test_the_road_is_longer_than_its_published_parts_allow() -> None:
    """The chain of the fact on the road corridor, from the points that the layer is built from."""
    with (ROOT / "scripts" / "roads_places.csv").open(encoding="utf-8", newline="") as stream:
        at = {row["key"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(stream)}
    chain = [at[name] for name in ("khorgos", "urumqi", "lanzhou", "zhengzhou", "lianyungang")]
    lons, lats = zip(*chain, strict=True)
    km = Geod(ellps="WGS84").line_length(lons, lats) / 1e3
    assert f"{km:,.0f} km" in FACTS["roads-we-wc-length"]["text_en"]
    assert km > 3425
