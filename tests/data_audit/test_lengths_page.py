"""docs/lengths.md: current, complete, the figures of `measure`, every difference explained."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from sco_geo import catalog, measure
from sco_geo.length_markdown import to_markdown
from sco_geo.measure import LengthReport

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "lengths.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report() -> LengthReport:
    return measure.measure(catalog.load([catalog.shipped_directory("layers")]))


def number(text: str) -> float:
    return float(text.replace(",", "").strip("*"))


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def test_it_is_current(report: LengthReport) -> None:
    again = "write it again: sco-geo length layers --format markdown > docs/lengths.md"
    assert to_markdown(report) == PAGE, again


def test_it_has_every_line_and_system_with_its_length(report: LengthReport) -> None:
    rows = [cells(row) for row in PAGE.splitlines() if row.startswith("| `")]
    lengths = {row[0].strip("`"): number(row[-2]) for row in rows}
    assert lengths.keys() == {m.feature.id for m in report.features}
    for m in report.features:
        assert lengths[m.feature.id] == pytest.approx(m.length_km, abs=0.0501)
    drawn = r"^### `(.*)`\n\n(?:\*\*.*\.\nDrawn )?\*\*([\d,.]+) km\*\*"
    systems = dict(re.findall(drawn, PAGE, re.MULTILINE))
    assert systems.keys() == {system.id for system in report.systems}
    for system in report.systems:
        assert number(systems[system.id]) == pytest.approx(system.length_km, abs=0.0501)


def test_lengths_along_the_network_stand_first(report: LengthReport) -> None:
    """They are read from the layer files here, and added up."""
    rows = [cells(row) for row in PAGE.splitlines() if row.startswith("| `")]
    along = {row[0].strip("`"): number(row[1].split(" ±")[0]) for row in rows if len(row) == 4}
    files = ("tianjin_tashkent", "cku_railway")
    texts = [(ROOT / f"layers/{name}.geojson").read_text(encoding="utf-8") for name in files]
    features = [feature for text in texts for feature in json.loads(text)["features"]]
    properties = {f["id"]: f["properties"] for f in features}
    stated = {i: p for i, p in properties.items() if "network_length_km" in p}
    assert along.keys() == stated.keys()
    for key, km in along.items():
        assert km == pytest.approx(stated[key]["network_length_km"], abs=0.0501)
    said = r"^### `(.*)`\n\n\*\*([\d,.]+) km\*\* ±[\d.]+ % along the rail network"
    systems = dict(re.findall(said, PAGE, re.MULTILINE))
    assert systems.keys() == {p["system"] for p in stated.values()}
    for system, km in systems.items():
        whole = sum(p["network_length_km"] for p in stated.values() if p["system"] == system)
        assert number(km) == pytest.approx(whole, abs=0.0501)


def test_it_has_every_claim_of_claims_csv_on_what_is_drawn(report: LengthReport) -> None:
    drawn = {m.feature.id for m in report.features} | {s.id for s in report.systems}
    with (ROOT / "layers" / "claims.csv").open(encoding="utf-8", newline="") as file:
        claims = [
            row
            for row in csv.DictReader(file)
            if row["property"] == "length_km" and row["subject_id"] in drawn
        ]
    rows = [cells(row) for row in PAGE.splitlines() if re.match(r"\| .* %? \|.*\(.*\) \|", row)]
    table = sorted((number(row[2]), row[5].replace("\\", "").rpartition("(")[2]) for row in rows)
    assert table == sorted((float(row["value"]), f"{row['source_id']})") for row in claims)
    for row in rows:  # the difference is that of the two numbers beside it
        if row[1] != "–":
            percent = 100 * (number(row[1]) / number(row[2]) - 1)
            assert number(row[3].removesuffix(" %")) == pytest.approx(percent, abs=0.2)
            has_reason = bool(row[6])
            assert has_reason == (abs(percent) > 10) or abs(abs(percent) - 10) < 0.1


def test_every_difference_is_explained_or_open(report: LengthReport) -> None:
    claims = [claim for m in (*report.features, *report.systems) for claim in m.claims]
    assert sum(claim.is_notable for claim in claims) > 100
    bare = [(c.scope, c.value_km) for c in claims if c.is_notable and not c.reason]
    assert not bare
    assert "0 without a reason" in PAGE


def test_reasons_are_few_and_short() -> None:
    with (ROOT / "layers" / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {row["reason"]: row["is_open"] for row in rows}
    assert len(texts) <= 25  # shown in three languages: the same fault in the same words
    assert all(len(text) <= 120 and text.endswith(".") for text in texts)
    assert all(row["is_open"] == texts[row["reason"]] for row in rows)
    assert {row["is_open"] for row in rows} == {"true", "false"}
