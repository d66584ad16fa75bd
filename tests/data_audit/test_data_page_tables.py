"""DATA.md on sources, claims, facts and odd findings: counts, and figures as in the tables."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
GEOD = pyproj.Geod(ellps="WGS84")
NUMBER = re.compile(r"(?<![\w.-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (ROOT / "layers" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def features(name: str) -> dict[str, dict[str, Any]]:
    found = json.loads((ROOT / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return {feature["id"]: feature for feature in found}


def values(subject: str, *, scope: str = "", prop: str = "") -> set[str]:
    """Values of claims about a whole and its sections."""
    return {
        row["value"]
        for row in rows("claims")
        if (row["subject_id"] == subject or row["subject_id"].startswith(f"{subject}-"))
        and row["scope"].startswith(scope)
        and row["property"].startswith(prop)
    }


def compared() -> list[dict[str, str]]:
    return [
        row
        for row in rows("claims")
        if row["property"] == "length_km"
        and row["unit"] == "km"
        and re.fullmatch(r"[\d.]+", row["value"])
    ]


def odd(told: Any, text: str) -> str:
    """Return what was found odd, by the first words of the row."""
    (found,) = [row[0] for row in told.table_after("what | done") if row[0].startswith(text)]
    return str(found)


# ---- section 10


def test_facts_by_verdict(told: Any) -> None:
    count = Counter(row["verdict"] for row in rows("facts"))
    table = {row[0].strip("`"): int(row[1]) for row in told.table_after("`verdict`")}
    assert {verdict: n for verdict, n in table.items() if n} == count
    assert told.number_in(r"has the (\d+) facts that the page shows") == len(rows("facts"))


def test_statements_of_the_start_text(told: Any) -> None:
    text = (ROOT / "docs/start-text.md").read_text(encoding="utf-8")
    cells = [line.split("|") for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    findings = Counter(cell[4].split(":")[0].strip() for cell in cells)
    assert told.number_in(r"all its \*\*(\d+)\*\* statements") == len(cells)
    for words in ("confirmed", "differ", "not mapped", "not supported"):
        found = told.number_in(rf"(\d+) {words}(?: \(aims|,|\. A)")
        assert found == findings[{"differ": "differs"}.get(words, words)], words


# ---- section 11


def test_sources_by_quality(told: Any) -> None:
    table = rows("sources")
    found = {row[0]: int(row[1]) for row in told.table_after("quality")}
    assert found == Counter(row["quality"] for row in table)
    undated = sum(not row["date"] for row in table)
    assert f"{undated} of {len(table)})" in told.prose


def test_claims(told: Any) -> None:
    table = rows("claims")
    assert f"({sum(row['current'] == 'true' for row in table)} of {len(table)})" in told.prose
    found = compared()
    assert told.number_in(r"a plain number are compared: (\d+) rows") == len(found)
    sums = sum(row["scope"] == "pipe_length" for row in found)
    assert told.number_in(r"rows, (\d+) of them with the scope `pipe_length`") == sums


def test_scopes_of_claims_are_explained(told: Any) -> None:
    section = told.section("Sources and claims")
    for row in rows("claims"):
        scope = row["scope"].split(":")[0]
        assert scope in {"whole", "section", "pipe_length"} or re.fullmatch("[A-Z]{3}", scope)
    for scope in ("`whole`", "`section:`", "`pipe_length`", "ISO 3166 code"):
        assert scope in section


def test_national_claims_in_an_area_that_one_state_administers(told: Any) -> None:
    """The example of the page: Pakistan alone administers the area, two states the other one."""
    areas = features("geo/disputed")
    assert areas["kashmir-gilgit-baltistan"]["properties"]["administered_codes"] == "PAK"
    assert len(areas["luhansk-region"]["properties"]["administered_codes"].split(";")) == 2
    assert "`PAK+disputed:kashmir-gilgit-baltistan`" in told.text


def test_figures_of_the_railway_are_claims(told: Any) -> None:
    by_key: dict[tuple[str, str], set[str]] = {}
    for row in rows("claims"):
        if row["subject_id"] == "cku-railway":
            by_key.setdefault((row["scope"], row["property"]), set()).add(row["value"])
    whole = {float(value) for value in by_key["whole", "length_km"]}
    assert told.number_in(r"published (\d+) to \d+ km, most recently") == min(whole)
    assert told.number_in(r"published \d+ to (\d+) km, most recently") == max(whole)
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
        assert value in by_key[key] and re.search(rf"(?<![\d.]){value}(?![\d.]\d)", told.prose)
    for name in ("bridges", "tunnels"):
        counts = sorted(int(value) for value in by_key["KGZ", name])
        assert f"{name} from {counts[0]} to {counts[-1]}" in told.prose


# ---- published lengths in the tables of systems


@pytest.mark.parametrize(("head", "column"), [("system | sections", 3), ("corridor | sections", 4)])
def test_published_lengths_of_systems_are_claims(told: Any, head: str, column: int) -> None:
    for row in told.table_after(head):
        system, cell = row[0].strip("`"), row[column]
        known = {float(v) for v in values(system) if re.fullmatch(r"[\d.]+", v)}
        told_km = [float(n.replace(",", "")) for n in NUMBER.findall(cell)]
        assert [n for n in told_km if not any(abs(n - km) < 0.5 for km in known)] == [], system
        whole = {
            float(c["value"])
            for c in compared()
            if c["subject_id"] == system and c["scope"] == "whole" and c["current"] == "true"
        }
        assert whole <= set(told_km), system


# ---- figures that the page repeats


def test_figures_of_processing_notes(told: Any) -> None:
    """Figures that the page repeats from notes and sidecars still stand there."""
    names = ("cku_railway", "tianjin_tashkent")
    notes = " ".join(
        [
            *((ROOT / f"layers/{name}.toml").read_text("utf-8") for name in names),
            *(
                f["properties"]["note"]
                for name in names
                for f in features(f"layers/{name}").values()
            ),
            *(row["text_en"] + row["note"] for row in rows("facts")),
        ]
    )
    for figure in ("0.87 km", "4.6 km", "172 km", "about 16 km", "511 billion",
                   "512.54", "512.4", "0.15 times its longest chord"):  # fmt: skip
        assert figure in notes and figure in told.prose, figure


@pytest.mark.parametrize(
    ("row", "subject", "figures"),
    [
        ("Samandepe", "cagp-abc", "188 200"),
        ("Gabd", "iran-pakistan", "80 81"),
        ("Bukhara – Tashkent", "btba", "1585"),
        ("Kazakhstan – China oil", "kz-cn-oil", "2800"),
        ("Myanmar oil line", "myanmar-china-oil", "2402 1420"),
        ("Komsomolsk – Khabarovsk", "far-eastern-route", "472"),
        ("Komsomolsk – Khabarovsk", "power-of-siberia", "1067"),
        ("Western Europe – Western China", "we-wc", "8445 3425 3181"),
        ("Kazakhstan's part", "we-wc", "2787"),
        ("Karakoram Highway in Pakistan", "kkh", "887 806"),
        ("Trade in 2001", "sco-chn", "12.15 17.14 36.3"),
    ],
)
def test_odd_findings_are_claims(told: Any, row: str, subject: str, figures: str) -> None:
    said = odd(told, row).replace(",", "")
    for figure in figures.split():
        assert figure in values(subject), figure
        assert re.search(rf"(?<![\d.]){figure}(?![\d.]\d|\d)", said), figure


def km_between(one: list[float], other: list[float]) -> float:
    return float(GEOD.inv(*one, *other)[2]) / 1e3


def test_odd_findings_that_are_measured(told: Any) -> None:
    gas, oil = features("layers/gas_pipelines"), features("layers/oil_pipelines")

    def at(layer: dict[str, Any], key: str) -> list[float]:
        found: list[float] = layer[key]["geometry"]["coordinates"]
        return found

    field = at(gas, "cagp-abc-place-samandepe")
    border = shapely.geometry.shape(features("geo/territories")["territory-uzb"]["geometry"])
    near = shapely.shortest_line(shapely.Point(field), border)
    said = odd(told, "Samandepe")
    assert f"{GEOD.geometry_length(near) / 1e3:.1f} km from the Uzbek border" in said
    olot = at(gas, "cagp-abc-olot-gazli")[0]
    assert f"{km_between(field, olot):.0f} km from Olot" in said
    kumkol, atasu = at(oil, "kz-cn-oil-place-kumkol"), at(oil, "kz-cn-oil-place-atasu")
    apart = km_between(kumkol, atasu)
    assert f"{apart:.0f} km apart" in odd(told, "Kazakhstan – China oil")
    assert 2800 - 449 - 794 - 962 - 252 == pytest.approx(340, abs=5)
    for key, words in (
        ("far-eastern-route-komsomolsk-khabarovsk", r"472 km \((\d+) straight\)"),
        ("power-of-siberia-heihe-changling", r"1,067 km \((\d+) straight\)"),
        ("iran-pakistan-gabd-gwadar", r"chord to Gwadar \(([\d.]+) km\)"),
    ):
        line = gas[key]["geometry"]["coordinates"]
        assert len(line) == 2
        assert told.number_in(words) == pytest.approx(km_between(*line), abs=0.5), key


def test_one_page_stands_behind_the_shanghai_five(told: Any) -> None:
    quality = {row["source_id"]: row["quality"] for row in rows("sources")}
    five = [
        set(f["properties"]["sources"].split(";")) - {"geonames"}
        for f in features("layers/summits_and_institutions").values()
        if f["properties"].get("series") == "Shanghai Five"
    ]
    (page, count), *_ = Counter(source for sources in five for source in sources).most_common()
    assert (len(five), count, quality[page]) == (5, 4, "low")
    assert "four of the five meetings rest on one weak page" in odd(told, "Shanghai Five")
