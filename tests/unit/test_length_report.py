"""Lengths as text, JSON and Markdown, on a made-up line that is reckoned by hand."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from sco_geo import catalog, measure
from sco_geo.borders import Territories
from sco_geo.catalog import Catalog, Feature, Layer, Settings, Sidecar
from sco_geo.cli import main
from sco_geo.errors import UnknownIdError
from sco_geo.length_markdown import to_markdown
from sco_geo.length_report import LEAST_WIDTH, length_lines
from sco_geo.measure import LengthReport
from sco_geo.model import Source
from sco_geo.sources import COLUMNS, Tables

#: A degree on the equator in km: the circumference of 40,075.017 km in 360 parts.
DEGREE = 40075.016686 / 360
SQUARES = Territories(
    ("AAA", "BBB"), np.array([box(0, -5, 10, 5), box(10, -5, 20, 5)], dtype=object)
)
TITLE = {"en": "x", "zh": "x", "ru": "x"}


def line(name: str, west: float, east: float, status: str = "", **properties: object) -> Feature:
    geometry = LineString([(west, 0), (east, 0)])
    return Feature(name, "made", 0, geometry, {"name": name, **properties}, status)


def atlas(*features: Feature, tables: Tables | None = None) -> Catalog:
    layer = Layer("made", Path("made.geojson"), Sidecar(TITLE), features)
    settings = Settings("2025-08-30", TITLE, TITLE, TITLE)
    return Catalog((layer,), tables or Tables(), settings, ())


PIPE = {"kind": "gas_pipeline", "system": "pipe", "geometry_basis": "waypoints"}
RAIL = {"kind": "railway", "system": "rail"}


@pytest.fixture
def report(tmp_path: Path) -> LengthReport:
    """Two strings over 12°, a pipe of unknown strings over 2°, and 3 and 1 degrees of rails."""
    write(
        tmp_path / "claims.csv",
        ["pipe", "whole", "length_km", "2000", "km", "2024", "true", "paper", "A plan | *draft*."],
        ["pipe", "whole", "length_km", "1600", "km", "", "false", "paper", ""],
        ["pipe", "pipe_length", "length_km", "3000", "km", "", "true", "paper", ""],
        ["pipe", "AAA", "length_km", "900", "km", "", "true", "rumour", ""],
        ["pipe", "CCC", "length_km", "70", "km", "", "true", "paper", ""],
        ["pipe", "section:stub", "length_km", "100", "km", "", "true", "paper", ""],
    )
    write(
        tmp_path / "differences.csv",
        ["pipe", "whole", "", "false", "Bends <are> not drawn."],
        ["pipe", "AAA", "900", "true", "What it counts is not said."],
    )
    source = Source("paper", "The Paper", "t", "https://example.org/x", "", "", "", "high")
    tables = Tables.load([tmp_path])
    assert not tables.findings
    tables.sources["paper"] = source
    return measure.measure(
        atlas(
            line("main", 0, 12, "operating", strings=2, **PIPE),
            line("stub", 12, 14, "planned", **PIPE),
            line("west", 0, 3, "operating", gauges_mm="1435", **RAIL),
            line("east", 3, 4, "", gauges_mm="1520", **RAIL),
            tables=tables,
        ),
        SQUARES,
    )


def write(path: Path, *rows: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS[path.name], *rows])


def test_the_degree_is_that_of_geographiclib() -> None:
    assert Geodesic.WGS84.Inverse(0, 3, 0, 4)["s12"] / 1e3 == pytest.approx(DEGREE, abs=1e-6)


def test_systems_have_everything(report: LengthReport) -> None:
    pipe, rail = report.systems
    assert pipe.to_dict()["pipe_length_km"] == pytest.approx(26 * DEGREE)
    assert pipe.to_dict()["pipe_strings_unknown_km"] == pytest.approx(2 * DEGREE)
    assert pipe.by_status == pytest.approx({"operating": 12 * DEGREE, "planned": 2 * DEGREE})
    assert rail.by_gauge == pytest.approx({"1435": 3 * DEGREE, "1520": DEGREE})
    assert rail.by_status == pytest.approx({"operating": 3 * DEGREE, "unknown": DEGREE})
    assert rail.to_dict()["pipe_length_km"] is None
    (change,) = rail.to_dict()["breaks_of_gauge"]  # type: ignore[misc]
    place = {"name": None, "lon": 3.0, "lat": 0.0}
    assert change == {**place, "from_mm": 1435, "to_mm": 1520, "places": [place]}
    differences = {(c.scope, c.value_km): c.difference_pct for c in pipe.claims}
    assert differences["whole", 2000] == pytest.approx(100 * (14 * DEGREE / 2000 - 1), abs=0.005)
    assert differences["pipe_length", 3000] == pytest.approx(
        100 * (26 * DEGREE / 3000 - 1), abs=0.005
    )
    assert differences["CCC", 70] is None
    (spread,) = pipe.to_dict()["spreads"]  # type: ignore[misc]
    assert spread["scope"] == "whole" and spread["all"]["spread_pct"] == 25.0


@pytest.mark.parametrize("by", ["country", "gauge", "status"])
def test_rows_of_sums_add_up(report: LengthReport, by: str) -> None:
    rows = [text for text in length_lines(report, by=by) if not text.startswith(("rail:", " "))]
    values = [
        float(re.findall(r" ([\d,]+\.\d\d)(?:  |$)", row)[0].replace(",", "")) for row in rows
    ]
    assert rows[-1].startswith("total") and "lower bounds" in rows[-1]
    assert values[-1] == pytest.approx(18 * DEGREE, abs=0.005)
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=0.005 * len(rows))
    keys = {"country": {"AAA", "BBB"}, "status": {"operating", "planned", "unknown"}}
    keys["gauge"] = {"1435 mm", "1520 mm", "no railway"}
    assert {row[: row.rindex(" ")].rstrip() for row in rows[:-1]} == keys[by]


def test_sums_by_gauge_name_the_breaks(report: LengthReport) -> None:
    rows = [row for row in length_lines(report, by="gauge") if row.startswith("rail:")]
    assert rows == ["rail: break of gauge 1435 to 1520 mm at 0.00° N, 3.00° E"]


@pytest.mark.parametrize("width", [20, 60, 80, 100, 140])
def test_the_table_is_as_wide_as_the_terminal(report: LengthReport, width: int) -> None:
    lines = list(length_lines(report, by="feature", with_claims=True, width=width))
    assert max(map(len, lines)) <= max(width, LEAST_WIDTH)
    text = " ".join(" ".join(lines).split())
    assert "pipe 1,558.47 lower bound; AAA 1,113.2, BBB 445.3; 2,894.3 km of pipe" in text
    assert "at least, 222.6 km with strings not stated" in text
    assert (
        "whole: computed 1,558.5 km; published 1,600 to 2,000 km (2 figures, 25.0 % apart; current "
        "2,000 km) 2,000.00 -22.1 % 2024 The Paper (paper): A plan | *draft*. 1,600.00 -2.6 % "
        "undated The Paper (paper), earlier why: Bends <are> not drawn."
    ) in text
    assert "AAA: computed 1,113.2 km; published 900 km 900.00 +23.7 % undated rumour open:" in text
    assert "CCC: not computed; published 70 km 70.00 undated The Paper (paper)" in text
    assert text.count("100.00 +122.6 %") == 1  # under its section, not under the system again
    assert "100.00 +122.6 % undated The Paper (paper) [difference not explained]" in text


def test_the_section_of_a_system_stands_there_when_systems_are_the_rows(
    report: LengthReport,
) -> None:
    lines = list(length_lines(report, by="system", with_claims=True))
    assert "    section stub: computed 222.6 km; published 100 km" in lines


def measured(path: Path, *rows: tuple[str | None, str | None], words: str = "") -> list[str]:
    """Measure a degree of the equator for each id and name, and return the table."""
    features = []
    for name_id, name in rows:
        geometry = {"type": "LineString", "coordinates": [[0, 0], [1, 0]]}
        feature = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        features.append(feature | ({} if name_id is None else {"id": name_id}))
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    report = measure.measure_layers(path)
    return list(length_lines(report, by="feature", with_claims=bool(words)))


def test_a_name_stands_beside_an_id_that_is_not_in_the_file(tmp_path: Path) -> None:
    names = ["Road | <b>7</b>", None, "long " * 30]
    rows = measured(tmp_path / "mine.geojson", *((None, name) for name in names), ("own", "Mine"))
    assert re.fullmatch(r"mine-1 +111\.32  Road \| <b>7</b>; .*", rows[0])
    assert re.fullmatch(r"mine-2 +111\.32  (outside|[A-Z]{3}) .*", rows[1])
    assert " ...; " in rows[2] and len(rows[2]) < 100
    assert re.fullmatch(r"own +111\.32  (outside|[A-Z]{3}) .*", rows[3])


def test_ids_in_wide_characters_keep_the_columns(tmp_path: Path) -> None:
    wide, narrow, *_ = measured(tmp_path / "x.geojson", ("中吉乌铁路", ""), ("ten-letter", ""))
    assert narrow.index("111.32") - wide.index("111.32") == len("中吉乌铁路")


def test_what_there_is_not_is_said(tmp_path: Path) -> None:
    assert "no line to measure" in measured(tmp_path / "empty.geojson")[-1]
    rows = measured(tmp_path / "x.geojson", ("a", ""), words="claims")
    assert "no published length of these lines" in rows[-1]


def test_an_id_like_none_leads_to_the_table(report: LengthReport) -> None:
    with pytest.raises(UnknownIdError, match="first column of `sco-geo length PATH`"):
        report.only(["qqqqqq"])
    with pytest.raises(UnknownIdError, match="near: stub"):
        report.only(["stubb"])


@pytest.mark.parametrize("name", ["plot.png", "plot"])
def test_a_plot_is_svg_and_called_so(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = str(catalog.shipped_directory("layers"))
    plot = ["--only", "cku-railway", "--plot", str(tmp_path / name)]
    assert main(["length", layers, *plot]) == 2
    assert "does not end in .svg" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_no_system_is_a_row_of_its_own() -> None:
    """Else the rows would not add up to the total."""
    mixed = atlas(line("a", 0, 1, system="s"), line("b", 0, 2), line("c", 5, 6))
    rows = [row.split("  ") for row in length_lines(measure.measure(mixed, SQUARES), by="system")]
    km = {row[0]: float(next(filter(None, row[1:])).replace(",", "")) for row in rows}
    expected = {"= s": DEGREE, "no system": 3 * DEGREE, "total": 4 * DEGREE}
    assert km == pytest.approx(expected, abs=0.01)


def test_one_lower_bound_makes_the_sum_one() -> None:
    exact, bound = ({"system": "s", "geometry_basis": b} for b in ("published_alignment", "osm"))
    for first, second, is_bound in (
        (exact, bound, True),
        (bound, exact, True),
        (exact,) * 2 + (0,),
    ):
        mixed = atlas(line("a", 0, 1, **first), line("b", 1, 2, **second))
        (system,) = measure.measure(mixed, SQUARES).systems
        assert system.is_lower_bound == bool(is_bound)


def test_a_replaced_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two files of one name the later one counts; nobody shall take the sum for that of both."""
    for folder, east in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        way = {"type": "LineString", "coordinates": [[10, 0], [10 + east, 0]]}
        feature = {"type": "Feature", "id": folder, "properties": {}, "geometry": way}
        (tmp_path / folder / "x.geojson").write_text(json.dumps(feature))
    one, two = (str(tmp_path / name / "x.geojson") for name in ("one", "two"))
    assert main(["length", one, two, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["total_km"] == pytest.approx(2 * DEGREE)
    assert err == f"sco-geo: {two} replaces {one}, which is not measured\n"
    assert main(["length", one, one, str(tmp_path / "one")]) == 0
    assert capsys.readouterr().err == ""


def test_a_warning_about_what_is_measured_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A vertex with exchanged numbers makes 5,369 km of some 120."""
    way = [[60, 40], [61, 40], [61.1, 40.05], [40.06, 61.15], [61.2, 40.1], [61.3, 40.2]]
    geometry = {"type": "LineString", "coordinates": way}
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": geometry}))
    assert main(["length", str(path), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["total_km"] > 5_000
    assert "CO116 warning" in err and err.count("\n") == 1
    assert main(["length", str(path), "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_the_layers_are_measured_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["length", str(catalog.shipped_directory("layers"))]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("arguments", [[""], ["x.parquet", "--output", ""]])
def test_an_empty_path_is_not_the_current_directory(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["length", *arguments]) == 2
    assert "a path is empty" in capsys.readouterr().err


def test_the_page_in_markdown(report: LengthReport) -> None:
    text = to_markdown(report)
    assert "4 lines in 2 systems, 2,003.8 km; 6 published lengths, 5 of them compared." in text
    assert "3 differ by more than 10 %: 1 explained, 1 open, 1 without a reason." in text
    rows = [row for row in text.splitlines() if "The Paper" in row or "rumour" in row]
    assert len(rows) == 6
    assert {row.replace("\\|", "").count("|") for row in rows} == {8}
    first = "| whole | 1,558.5 | 2,000 | -22.1 % | 2024 | The Paper (paper) | "
    assert f"{first}Bends \\<are\\> not drawn. |" in rows
    assert any("| *1,600* | -2.6 % | undated |" in row for row in rows)
    assert any(row.endswith("| **open**: What it counts is not said. |") for row in rows)
    assert any(row.startswith("| stub: whole |") and "**not explained**" in row for row in rows)
    assert "Each string counted: 2,894.3 km of pipe at least, 222.6 km" in text
    assert "By gauge in mm: 1435 334.0, 1520 111.3." in text


def test_the_page_is_one_for_all_lines(capsys: pytest.CaptureFixture[str]) -> None:
    layers = str(catalog.shipped_directory("layers"))
    assert main(["length", layers, "--format", "markdown", "--by", "country"]) == 2
    assert "--format markdown" in capsys.readouterr().err


kinds = st.sampled_from(["railway", "train_service", "road", "gas_pipeline", "other"])
gauges = st.sampled_from([None, "", "1435", 1520, "1520;1435", "1435;1520", "1000"])
statuses = st.sampled_from(["", "operating", "planned"])
spans = st.tuples(st.floats(-5, 24), st.floats(0.01, 10))


@given(st.lists(st.tuples(spans, kinds, gauges, statuses), min_size=1, max_size=6))
def test_parts_add_up_to_the_whole(
    rows: list[tuple[tuple[float, float], str, object, str]],
) -> None:
    features = [
        line(f"n{n}", west, west + span, status, kind=kind, gauges_mm=gauge, system="all")
        for n, ((west, span), kind, gauge, status) in enumerate(rows)
    ]
    report = measure.measure(atlas(*features), SQUARES)
    total = sum(span for (_, span), *_ in rows) * DEGREE
    assert report.total_km == pytest.approx(total, rel=1e-9)
    (system,) = report.systems
    assert system.length_km == pytest.approx(total, rel=1e-9)
    for by in ("country", "gauge", "status"):
        assert sum(report.sums(by).values()) == pytest.approx(total, rel=1e-9), by
    for parts in (system.by_country, system.by_status):
        assert sum(parts.values()) == pytest.approx(total, rel=1e-9)
    rails = [m for m in report.features if m.by_gauge]
    has_gauge = [bool(gauge) or kind in {"railway", "train_service"} for _, kind, gauge, _ in rows]
    assert len(rails) == sum(has_gauge)
    assert sum(system.by_gauge.values()) == pytest.approx(sum(m.length_km for m in rails), rel=1e-9)
    for m in report.features:
        for parts in (m.by_country, m.by_status, m.by_gauge or {"": m.length_km}):
            assert sum(parts.values()) == pytest.approx(m.length_km, rel=1e-9)


def test_the_json_is_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    properties = {"kind": "oil_pipeline", "system": "s", "strings": 3}
    geometry = {"type": "LineString", "coordinates": [[0, 0], [1, 0]]}
    feature = {"type": "Feature", "id": "a", "properties": properties, "geometry": geometry}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert main(["length", str(path), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["features"][0]["pipe_length_km"] == pytest.approx(3 * DEGREE)
    assert found["features"][0]["length_km"] == pytest.approx(DEGREE)
    assert found["systems"][0]["pipe_length_km"] == pytest.approx(3 * DEGREE)
    assert found["systems"][0]["breaks_of_gauge"] == []
