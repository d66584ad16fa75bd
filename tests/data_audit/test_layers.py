"""Audit of the shipped theme data, record by record.

Everything is read as a reader of the repository would read it: csv, json, tomllib and
shapely, without the package. Field names and closed sets come from DATA.md.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LineString, shape

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "layers"
COLUMNS = {
    "sources.csv": "source_id,publisher,title,url,date,accessed,licence,quality",
    "claims.csv": "subject_id,scope,property,value,unit,as_of,current,source_id,note",
    "status_history.csv": "feature_id,scheme,status,from,to,decided_on,source_id,note",
    "facts.csv": (
        "fact_id,group,order,text_en,text_zh,text_ru,value,unit,as_of,verdict,source_id,note"
    ),
    "translations.csv": "text,zh,ru",
}
PROJECT = {"operating", "construction", "planned", "suspended", "mothballed", "cancelled"}
SCO = {"member", "observer", "dialogue_partner", "partner", "none"}
KINDS = {
    "territory", "disputed_area", "boundary_line", "railway", "train_service", "ferry",
    "gas_pipeline", "oil_pipeline", "road", "place", "institution", "event", "other",
}  # fmt: skip
BASES = {"osm", "natural_earth", "waypoints", "published_alignment", "estimate"}
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ISO3 = re.compile(r"[A-Z]{3}")

Row = dict[str, str]
Feature = dict[str, Any]


def read_table(name: str) -> list[Row]:
    """Read one table; every row must have exactly the columns of the header."""
    with (LAYERS / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    assert all(None not in row and None not in row.values() for row in rows), name
    return rows


def read_features() -> list[tuple[str, Feature]]:
    """Read the features of all layers as pairs of layer name and feature."""
    found = []
    for path in sorted(LAYERS.glob("*.geojson")):
        collection = json.loads(path.read_text(encoding="utf-8"))
        found += [(path.stem, feature) for feature in collection["features"]]
    return found


SOURCES = read_table("sources.csv")
CLAIMS = read_table("claims.csv")
STATUS = read_table("status_history.csv")
FACTS = read_table("facts.csv")
FEATURES = read_features()
SOURCE_IDS = {row["source_id"] for row in SOURCES}
FEATURE_IDS = {feature["id"] for _, feature in FEATURES}
SYSTEMS = {feature["properties"].get("system") for _, feature in FEATURES} - {None}
LINES = [f for _, f in FEATURES if f["geometry"]["type"] == "LineString"]
RAILS = [f for f in LINES if f["properties"]["kind"] in {"railway", "train_service"}]
UNDATED_KINDS = {"event", "institution"}  # they have days, not a state of works
DRAWN = [f for _, f in FEATURES if f["properties"]["kind"] not in {"territory", "disputed_area"}]
STEMS = sorted({path.stem for path in LAYERS.glob("*.toml")} - {"atlas"})
SIDECARS = {
    stem: tomllib.loads((LAYERS / f"{stem}.toml").read_text(encoding="utf-8")) for stem in STEMS
}
UNLOCATED = [place for sidecar in SIDECARS.values() for place in sidecar.get("unlocated", [])]


def each(rows: list[Any], *fields: str) -> pytest.MarkDecorator:
    """Make one test of each row, named after the given fields."""
    names = ["/".join(str(row[field]) for field in fields) for row in rows]
    return pytest.mark.parametrize("row", rows, ids=names)


def assert_sources(text: str) -> None:
    ids = text.split(";")
    assert all(ids), "an empty source id"
    assert len(ids) == len(set(ids)), "a source named twice"
    assert set(ids) <= SOURCE_IDS, f"not in sources.csv: {set(ids) - SOURCE_IDS}"


# --- tables as files ------------------------------------------------------------------


@pytest.mark.parametrize("name", COLUMNS)
def test_table_form(name: str) -> None:
    raw = (LAYERS / name).read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf"), "byte order mark"
    assert b"\r" not in raw and raw.endswith(b"\n")
    assert raw.decode("utf-8").split("\n", 1)[0] == COLUMNS[name]
    assert all(value == value.strip() for row in read_table(name) for value in row.values())


def test_table_order_is_stable() -> None:
    assert [row["source_id"] for row in SOURCES] == sorted(SOURCE_IDS)
    subjects = [(row["subject_id"], row["property"]) for row in CLAIMS]
    assert subjects == sorted(subjects)
    history = [(row["scheme"] != "sco", row["feature_id"], row["from"]) for row in STATUS]
    assert history == sorted(history)
    assert [int(row["order"]) for row in FACTS] == list(range(1, len(FACTS) + 1))


def test_no_address_twice() -> None:
    # One page can hold several records or data sets, told apart by their titles.
    addresses = [(row["url"], row["title"]) for row in SOURCES]
    assert len(addresses) == len(set(addresses))


def test_every_source_supports_something() -> None:
    used = {i for table in (CLAIMS, STATUS, FACTS) for row in table for i in ids_of(row)}
    used |= {i for _, f in FEATURES for i in f["properties"]["sources"].split(";")}
    used |= {i for place in UNLOCATED for i in place["sources"]}
    with (ROOT / "geo" / "disputed_cases.csv").open(encoding="utf-8", newline="") as stream:
        used |= {i for case in csv.DictReader(stream) for i in case["sources"].split(";")}
    base = {"natural-earth-4-1-0", "geonames", "cldr", "osm-scgraph-data-2-0-0"}
    assert used | base >= SOURCE_IDS, f"unused: {SOURCE_IDS - used - base}"
    assert base <= SOURCE_IDS


def ids_of(row: Row) -> list[str]:
    return row["source_id"].split(";")


# --- rows -----------------------------------------------------------------------------


@each(SOURCES, "source_id")
def test_source(row: Row) -> None:
    assert KEBAB.fullmatch(row["source_id"])
    assert row["publisher"] and row["title"] and row["licence"]
    assert re.fullmatch(r"https?://[^\s/]+\.[^\s]+", row["url"])
    assert not row["date"] or PARTIAL_DATE.fullmatch(row["date"])
    assert date.fromisoformat(row["accessed"]) >= date(2025, 8, 30)
    assert row["quality"] in {"high", "medium", "low"}


@each(CLAIMS, "subject_id", "property", "source_id")
def test_claim(row: Row) -> None:
    assert row["subject_id"] in FEATURE_IDS | SYSTEMS
    scope = row["scope"]
    if scope.startswith("section:"):
        assert scope.removeprefix("section:") in FEATURE_IDS
    else:
        assert scope in {"whole", "pipe_length"} or ISO3.fullmatch(scope)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", row["property"])
    assert row["value"] and row["unit"]
    assert row["current"] in {"true", "false"}
    assert not row["as_of"] or PARTIAL_DATE.fullmatch(row["as_of"])
    assert len(ids_of(row)) == 1
    assert_sources(row["source_id"])
    if row["property"].endswith("length_km") and row["property"] != "derived_length_km":
        assert row["unit"] == "km" and float(row["value"]) > 0
    if row["unit"] == "date":
        assert PARTIAL_DATE.fullmatch(row["value"])


@each(STATUS, "feature_id", "status", "from")
def test_status_row(row: Row) -> None:
    assert row["feature_id"] in FEATURE_IDS
    assert row["status"] in {"sco": SCO, "project": PROJECT}[row["scheme"]]
    assert all(PARTIAL_DATE.fullmatch(row[k]) for k in ("from", "to", "decided_on") if row[k])
    assert not row["to"] or row["to"] > row["from"]
    assert not row["decided_on"] or row["decided_on"] <= row["from"]
    assert_sources(row["source_id"])


@each(FACTS, "fact_id")
def test_fact(row: Row) -> None:
    assert KEBAB.fullmatch(row["fact_id"])
    assert row["verdict"] in {"confirmed", "differs", "unsupported", "not_mapped", "context"}
    if row["verdict"] == "not_mapped":
        assert not row["source_id"]
    else:
        assert row["value"] and row["unit"]
        assert PARTIAL_DATE.fullmatch(row["as_of"])
        assert_sources(row["source_id"])
    assert re.search(r"[\u4e00-\u9fff]", row["text_zh"]) and row["text_zh"].endswith("。")
    assert re.search(r"[а-яё]", row["text_ru"]) and row["text_ru"].endswith(".")
    assert row["text_en"].isascii() or "–" in row["text_en"]


def test_intervals_have_no_gap_and_no_overlap() -> None:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in STATUS:
        groups.setdefault((row["feature_id"], row["scheme"]), []).append(row)
    for key, rows in groups.items():
        rows = sorted(rows, key=lambda row: row["from"])
        assert all(a["to"] == b["from"] for a, b in pairwise(rows)), key
        assert all(a["status"] != b["status"] for a, b in pairwise(rows)), key
        assert rows[-1]["to"] == "", key


def test_no_claim_twice() -> None:
    keys = [tuple(v for k, v in row.items() if k not in {"current", "note"}) for row in CLAIMS]
    assert len(keys) == len(set(keys))


# published lengths, written out from the publications themselves
@pytest.mark.parametrize(
    ("scope", "value", "source"),
    [
        ("whole", 532.53, "trend-2025-11-26"),
        ("whole", 523.0, "railway-gazette-2024-06"),
        ("whole", 486.0, "osjd-2025-02-25"),
        ("whole", 454.0, "trend-menafn-2023-10-27"),
        ("KGZ", 304.94, "24kg-2025-12-05"),
        ("CHN", 213.0, "railway-gazette-2024-06"),
        ("CHN", 158.0, "wikipedia-en-undated-cku"),
        ("UZB", 69.0, "wikipedia-en-undated-cku"),
    ],
)
def test_contradicting_lengths_are_kept(scope: str, value: float, source: str) -> None:
    rows = [r for r in CLAIMS if r["subject_id"] == "cku-railway" and r["scope"] == scope]
    found = [r for r in rows if r["property"] == "length_km" and r["source_id"] == source]
    assert [float(r["value"]) for r in found] == [value]


def test_current_whole_length_is_one_figure() -> None:
    whole = [
        float(r["value"])
        for r in CLAIMS
        if (r["subject_id"], r["scope"], r["property"], r["current"])
        == ("cku-railway", "whole", "length_km", "true")
    ]
    assert 532.53 in whole
    assert {round(value) for value in whole} <= {532, 533}


# --- features -------------------------------------------------------------------------


def test_ids_are_unique_and_kebab() -> None:
    ids = [feature["id"] for _, feature in FEATURES]
    assert len(ids) == len(set(ids))
    assert all(KEBAB.fullmatch(i) for i in ids)
    assert not SYSTEMS & set(ids)


@pytest.mark.parametrize("feature", [f for _, f in FEATURES], ids=[f["id"] for _, f in FEATURES])
def test_feature(feature: Feature) -> None:
    properties = feature["properties"]
    assert all(properties[key] for key in ("name", "name_zh", "name_ru"))
    assert properties["kind"] in KINDS
    allowed = SCO if properties["kind"] == "territory" else PROJECT
    assert properties["status"] in allowed | (
        {None} if properties["kind"] in UNDATED_KINDS else set()
    )
    assert properties["geometry_basis"] in BASES
    assert_sources(properties["sources"])
    assert all(ISO3.fullmatch(c) for c in properties["countries"].split(";"))
    assert not any(isinstance(value, list | dict) for value in properties.values()), "not flat"
    for key in ("opened", "closed"):
        assert properties.get(key) is None or PARTIAL_DATE.fullmatch(properties[key])
    assert shape(feature["geometry"]).is_valid


@pytest.mark.parametrize("feature", DRAWN, ids=[f["id"] for f in DRAWN])
def test_drawn_feature(feature: Feature) -> None:
    properties = feature["properties"]
    assert 0 < properties["accuracy_km"] <= 100
    if feature in LINES:
        assert properties["routing"] in {"documented", "inferred"}
    if feature in RAILS:
        gauges = str(properties["gauges_mm"]).split(";")
        assert set(gauges) <= {"1000", "1067", "1435", "1520", "1676"}
    if properties["geometry_basis"] == "estimate" and properties["kind"] == "place":
        assert properties["accuracy_km"] >= 10
    text = json.dumps(feature["geometry"]["coordinates"])
    assert all(len(decimals) <= 5 for decimals in re.findall(r"\.(\d+)", text))


@pytest.mark.parametrize("feature", DRAWN, ids=[f["id"] for f in DRAWN])
def test_texts_are_in_three_languages(feature: Feature) -> None:
    properties = feature["properties"]
    for key in [key for key in ("note", "operator", "cargo") if properties.get(key)]:
        assert re.search(r"[\u4e00-\u9fff]", properties[f"{key}_zh"])
        assert re.search(r"[а-яё]", properties[f"{key}_ru"])


def test_bands_are_not_lazy() -> None:
    widths = sorted(f["properties"]["accuracy_km"] for f in LINES)
    assert widths[len(widths) // 2] <= 40


@pytest.mark.parametrize("feature", LINES, ids=[f["id"] for f in LINES])
def test_line_does_not_double_back(feature: Feature) -> None:
    vertices = feature["geometry"]["coordinates"]
    assert len(vertices) == len({tuple(v) for v in vertices}), "a vertex twice"
    assert LineString(vertices).is_simple


@pytest.fixture(scope="module")
def territories() -> dict[str, Any]:
    """ISO3 -> polygon of the base the lines were cut at."""
    text = (ROOT / "geo" / "territories.geojson").read_text(encoding="utf-8")
    wanted = {c for f in RAILS for c in f["properties"]["countries"].split(";")}
    return {
        f["properties"]["countries"]: shape(f["geometry"])
        for f in json.loads(text)["features"]
        if f["properties"]["countries"] in wanted
    }


@pytest.mark.parametrize("feature", RAILS, ids=[f["id"] for f in RAILS])
def test_line_lies_in_its_countries(feature: Feature, territories: dict[str, Any]) -> None:
    line = shape(feature["geometry"])
    countries = set(feature["properties"]["countries"].split(";"))
    # degrees are good enough for a share; the rest is the rounding of the cut to a node of the rail
    # network: half a diagonal of its grid of 0.001° may lie beyond the boundary
    shares = {c: line.intersection(territories[c]).length / line.length for c in countries}
    assert all(share > 0.001 for share in shares.values()), shares
    assert sum(shares.values()) == pytest.approx(1, abs=max(0.001, 0.00071 / line.length))


@pytest.mark.parametrize("system", sorted({f["properties"]["system"] for f in RAILS}))
def test_sections_join_end_to_end(system: str) -> None:
    lines = [f for f in LINES if f["properties"].get("system") == system]
    joints = [
        (a["id"], b["id"])
        for a, b in pairwise(lines)
        if a["geometry"]["coordinates"][-1] != b["geometry"]["coordinates"][0]
    ]
    assert joints == []


@pytest.mark.parametrize("system", sorted({f["properties"]["system"] for f in RAILS}))
def test_gauges_of_a_system_change_at_a_marked_place(system: str) -> None:
    members = [f for _, f in FEATURES if f["properties"].get("system") == system]
    gauges = [f["properties"]["gauges_mm"] for f in members if f in LINES]
    breaks = [f for f in members if f["properties"].get("role") == "break_of_gauge"]
    if len(set(gauges)) > 1:
        assert breaks
    assert all(f["properties"]["gauges_mm"] == "1435;1520" for f in breaks)


# --- sidecars and settings ------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
def test_sidecar(stem: str) -> None:
    sidecar = SIDECARS[stem]
    for table in ("title", "description"):
        assert set(sidecar[table]) == {"en", "zh", "ru"}
    assert sidecar["group"] in {"members", "rail", "pipelines", "roads", "meetings", "hubs"}
    assert isinstance(sidecar["order"], int) and isinstance(sidecar["visible"], bool)
    assert sidecar["licence"] and sidecar["attribution"]
    assert all(isinstance(step, str) for step in sidecar["processing"])
    for warning in sidecar["warnings"]:
        assert isinstance(warning, str) or set(warning) == {"en", "zh", "ru"}
        assert isinstance(warning, str) or all(warning.values())
    for place in sidecar.get("unlocated", []):
        assert {"en", "zh", "ru", "role", "role_zh", "role_ru", "reason"} <= set(place)
        assert set(place["sources"]) <= SOURCE_IDS


def test_osm_data_stay_in_their_own_layer() -> None:
    for stem, feature in FEATURES:
        if "osm" in feature["properties"]["sources"] or (
            feature["properties"]["geometry_basis"] == "osm"
        ):
            assert SIDECARS[stem]["licence"] == "ODbL-1.0", feature["id"]
            assert "© OpenStreetMap contributors" in SIDECARS[stem]["attribution"]


def test_settings() -> None:
    settings = tomllib.loads((LAYERS / "atlas.toml").read_text(encoding="utf-8"))
    assert settings["as_of"] == date(2025, 8, 30)
    for table in ("title", "disclaimer"):
        assert set(settings[table]) == {"en", "zh", "ru"}
        assert all(settings[table].values())
    days = [entry["date"] for entry in settings["dates"]]
    assert days == sorted(days)
    assert {date(2025, 8, 30), date(2025, 9, 1)} <= set(days)
    assert all(set(entry["label"]) == {"en", "zh", "ru"} for entry in settings["dates"])
