"""Lengths by country and gauge, and the claims beside them, on made-up squares and lines."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from sco_geo import catalog, geodesy, measure
from sco_geo.borders import OUTSIDE, Territories, split_by_country
from sco_geo.cli import main
from sco_geo.errors import CatalogError

# Two neighbours, a gap, and a state on both sides of the antimeridian.
SQUARES = Territories(
    ("AAA", "BBB", "CCC", "CCC"),
    np.array(
        [box(0, 0, 10, 10), box(10, 0, 20, 10), box(170, 60, 180, 70), box(-180, 60, -170, 70)],
        dtype=object,
    ),
)
inside_frame = st.tuples(st.floats(-5, 25), st.floats(-5, 15))


def split(*points: tuple[float, float]) -> dict[str, float]:
    return split_by_country([LineString(points)], SQUARES)[0]


def reference_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    return Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3


@given(st.lists(inside_frame, min_size=2, max_size=5))
def test_parts_add_up_to_the_whole(points: list[tuple[float, float]]) -> None:
    whole = sum(reference_km(a, b) for a, b in zip(points[:-1], points[1:], strict=True))
    assert sum(split(*points).values()) == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_a_border_crossing_lies_on_the_geodesic() -> None:
    # From (5, 5) the geodesic to (15, 5) crosses longitude 10 half-way, by symmetry.
    half = reference_km((5, 5), (15, 5)) / 2
    assert split((5, 5), (15, 5)) == pytest.approx({"AAA": half, "BBB": half}, abs=1e-3)


def test_a_slanting_crossing_against_geographiclib() -> None:
    # Find where the geodesic meets longitude 10 by bisection on geographiclib's line.
    line = Geodesic.WGS84.InverseLine(2, 3, 8, 18)
    low, high = 0.0, line.s13
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if line.Position(middle)["lon2"] < 10 else (low, middle)
    parts = split((3, 2), (18, 8))
    assert parts["AAA"] == pytest.approx(low / 1e3, abs=1e-3)
    assert parts["BBB"] == pytest.approx((line.s13 - low) / 1e3, abs=1e-3)


def test_sea_is_outside() -> None:
    parts = split((5, 5), (5, -5))
    assert parts["AAA"] == pytest.approx(reference_km((5, 5), (5, 0)), abs=1e-3)
    assert parts[OUTSIDE] == pytest.approx(reference_km((5, 0), (5, -5)), abs=1e-3)


def test_across_the_antimeridian() -> None:
    whole = reference_km((175, 65), (-175, 65))
    assert split((175, 65), (-175, 65)) == pytest.approx({"CCC": whole}, rel=1e-9)
    assert split((175, 65), (185, 65)) == pytest.approx({"CCC": whole}, rel=1e-9)


def test_along_a_common_border_counts_half_for_either_side() -> None:
    half = reference_km((10, 2), (10, 8)) / 2
    assert split((10, 2), (10, 8)) == pytest.approx({"AAA": half, "BBB": half})


def test_rounding_at_a_border_is_no_visit() -> None:
    parts = split((5, 5), (10.00001, 5))
    assert set(parts) == {"AAA"}
    assert parts["AAA"] == pytest.approx(reference_km((5, 5), (10.00001, 5)), rel=1e-9)


@pytest.mark.parametrize(("metres", "is_kept"), [(8, False), (12, True), (60, True)])
def test_a_visit_of_ten_metres_is_one(metres: float, is_kept: bool) -> None:
    east = Geodesic.WGS84.Direct(5, 10, 90, metres)
    parts = split((9, 5), (east["lon2"], east["lat2"]))
    assert ("BBB" in parts) == is_kept
    if is_kept:
        assert parts["BBB"] * 1e3 == pytest.approx(metres, abs=0.1)


def test_lines_within_a_collection_are_measured(tmp_path: Path) -> None:
    ways = [{"type": "LineString", "coordinates": [[1, 1], [x, 1]]} for x in (2, 3)]
    inner = {"type": "GeometryCollection", "geometries": ways[1:]}
    point = {"type": "Point", "coordinates": [1, 1]}
    geometry = {"type": "GeometryCollection", "geometries": [ways[0], point, inner]}
    feature = {"type": "Feature", "id": "a", "properties": {}, "geometry": geometry}
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    (found,) = measure.measure(catalog.load([tmp_path]), SQUARES).features
    expected = reference_km((1, 1), (2, 1)) + reference_km((1, 1), (3, 1))
    assert found.length_km == pytest.approx(expected, rel=1e-12)
    assert found.by_country == {"AAA": pytest.approx(expected, rel=1e-9)}


def write_layer(folder: Path, claims: list[tuple[str, str, str]]) -> Path:
    """Write two sections of one line and length claims (subject, scope, value)."""
    sections = [((0.0, 1.0), (5.0, 1.0), "1435"), ((5.0, 1.0), (15.0, 1.0), "1520")]
    features = [
        {
            "type": "Feature",
            "id": f"part-{n}",
            "properties": {
                "name": f"Part {n}",
                "kind": "railway",
                "system": "line",
                "status": "planned",
                "gauges_mm": gauge,
            },
            "geometry": {"type": "LineString", "coordinates": [a, b]},
        }
        for n, (a, b, gauge) in enumerate(sections)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "line.geojson").write_text(text, encoding="utf-8")
    with (folder / "claims.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            "subject_id,scope,property,value,unit,as_of,current,source_id,note".split(",")
        )
        writer.writerows(
            [s, c, "length_km", v, "km", "2024", "true", "x", ""] for s, c, v in claims
        )
    return folder


def test_systems_gauges_and_claims(tmp_path: Path) -> None:
    claims = [
        ("line", "whole", "1700"),
        ("line", "AAA", "1000"),
        ("line", "section:part-1", "1100"),
        ("part-0", "whole", "500"),
    ]
    report = measure.measure(catalog.load([write_layer(tmp_path, claims)]), SQUARES)
    first, second = (reference_km((0, 1), (5, 1)), reference_km((5, 1), (15, 1)))
    system = report.systems[0]
    assert system.length_km == pytest.approx(first + second, rel=1e-12)
    assert system.by_gauge == pytest.approx({"1435": first, "1520": second})
    assert sum(system.by_country.values()) == pytest.approx(system.length_km, rel=1e-9)
    differences = {claim.scope: claim.difference_pct for claim in system.claims}
    assert differences["whole"] == pytest.approx(100 * ((first + second) / 1700 - 1), abs=0.01)
    assert differences["section:part-1"] == pytest.approx(100 * (second / 1100 - 1), abs=0.01)
    assert report.features[0].claims[0].difference_pct == pytest.approx(
        100 * (first / 500 - 1), abs=0.01
    )
    assert report.features[1].claims[0].scope == "section:part-1"
    assert report.total_km == pytest.approx(first + second)


def test_claims_about_a_line_and_a_system_of_one_id_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were held against the line in one place and against the system in another."""
    path = write_layer(tmp_path, [("line", "whole", "1700")]) / "line.geojson"
    text = path.read_text().replace('"part-0"', '"line"')
    path.write_text(text)
    with pytest.raises(CatalogError, match='claims.csv:2: "line" is the id of a line and of a sys'):
        measure.measure(catalog.load([tmp_path]), SQUARES)
    assert main(["length", str(tmp_path)]) == 1
    assert "is the id of a line and of a system" in capsys.readouterr().err
    # Without a claim, or with a section that is all of its system, nothing is ambiguous.
    path.write_text(text.replace('"system": "line"', '"system": "other"'))
    assert measure.measure(catalog.load([tmp_path]), SQUARES).systems[0].id == "other"
    write_layer(tmp_path, [])
    path.write_text(text)
    assert measure.measure(catalog.load([tmp_path]), SQUARES).systems[0].id == "line"


def test_findings_that_stop_it_stand_one_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = [{"type": "LineString", "coordinates": [[0, 0], [lon, 1]]} for lon in (700, 800)]
    features = [
        {"type": "Feature", "id": f"a\n{n}", "properties": {}, "geometry": way}
        for n, way in enumerate(ways)
    ]
    path = tmp_path / "bad.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert main(["length", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "sco-geo: 2 error(s) found"
    assert len(lines) == 3
    for number, found in enumerate(lines[1:]):
        assert found.startswith(f"{path}:1: bad: feature {number} (id ")


def test_a_claim_of_another_scope_is_not_compared(tmp_path: Path) -> None:
    report = measure.measure(catalog.load([write_layer(tmp_path, [("line", "DDD", "5")])]), SQUARES)
    assert report.systems[0].claims[0].difference_pct is None


def test_shipped_parts_add_up() -> None:
    report = measure.measure(catalog.load([catalog.shipped_directory("layers")]))
    assert len(report.features) > 15
    for m in report.features:
        assert sum(m.by_country.values()) == pytest.approx(m.length_km, rel=1e-9), m.feature.id
        has_rails = m.feature.kind in {"railway", "train_service"}
        railed = m.length_km if has_rails else 0.0
        assert sum(m.by_gauge.values()) == pytest.approx(railed, rel=1e-9), m.feature.id


# A strip of AAA that BBB claims, and one that nobody is said to administer.
CONTESTED = Territories(
    ("disputed:strip", "disputed:nobody", *SQUARES.codes),
    np.array([box(8, 0, 10, 10), box(2, 0, 3, 10), *SQUARES.polygons], dtype=object),
    {"disputed:strip": ("AAA",), "disputed:nobody": ()},
)


def test_a_disputed_part_is_counted_for_no_country() -> None:
    degree = reference_km((0, 0), (1, 0))  # along the equator all degrees are alike
    (parts,) = split_by_country([LineString([(0, 0), (12, 0)])], CONTESTED)
    expected = {"disputed:strip": 2, "disputed:nobody": 1, "AAA": 7, "BBB": 2}
    assert parts == pytest.approx({key: n * degree for key, n in expected.items()}, abs=1e-3)


def test_a_national_figure_is_compared_with_what_that_state_administers(tmp_path: Path) -> None:
    claims = [("line", "AAA", "900"), ("line", "BBB", "900"), ("line", "disputed:strip", "200")]
    report = measure.measure(catalog.load([write_layer(tmp_path, claims)]), CONTESTED)
    (system,) = report.systems
    checks = {claim.scope: claim for claim in system.claims}
    counted = system.by_country["AAA"] + system.by_country["disputed:strip"]
    assert checks["AAA"].includes == ("disputed:strip",)
    assert checks["AAA"].difference_pct == pytest.approx(100 * (counted / 900 - 1), abs=0.01)
    own = system.by_country["BBB"]
    assert checks["BBB"].includes == ()
    assert checks["BBB"].difference_pct == pytest.approx(100 * (own / 900 - 1), abs=0.01)
    strip = system.by_country["disputed:strip"]
    found = checks["disputed:strip"].difference_pct
    assert found == pytest.approx(100 * (strip / 200 - 1), abs=0.01)


@pytest.mark.parametrize("method", ["exact", "short"])
def test_parts_add_up_by_either_method(method: geodesy.Method) -> None:
    report = measure.measure_layers(catalog.shipped_directory("layers"), method=method)
    for m in [*report.features, *report.systems]:
        for parts in (m.by_country, m.by_status):
            assert sum(parts.values()) == pytest.approx(m.length_km, rel=1e-12)
    exact = measure.measure_layers(catalog.shipped_directory("layers"))
    assert report.total_km == pytest.approx(exact.total_km, rel=2e-9)
    assert (report.total_km == exact.total_km) == (method == "exact")


def test_a_chord_that_strays_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    # The pipeline from Turkmenistan to China runs through Uzbekistan and Kazakhstan alone
    # (CNPC); the straight chord between two of its places cuts through Kyrgyzstan.
    layers = catalog.shipped_directory("layers")
    (system,) = measure.measure_layers(layers).only(["cagp-abc"]).systems
    assert system.strays_km == {"KGZ": system.by_country["KGZ"]}
    assert set(system.by_country) == {"UZB", "KAZ", "CHN", "KGZ"}
    assert main(["length", str(layers), "--only", "cagp-abc"]) == 0
    assert "only the chord enters KGZ" in capsys.readouterr().out


def test_what_strays_of_a_country_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    # To Kozmino the pipeline stays in Russia and its chord does not; to Daqing it runs in China.
    layers = catalog.shipped_directory("layers")
    report = measure.measure_layers(layers)
    (system,) = report.only(["espo"]).systems
    stray = report.by_id["espo-skovorodino-kozmino"].by_country["CHN"]
    real = report.by_id["espo-skovorodino-daqing"].by_country["CHN"]
    assert system.by_country["CHN"] == pytest.approx(stray + real)
    assert system.strays_km == pytest.approx({"CHN": stray})
    assert main(["length", str(layers), "--only", "espo", "--by", "system"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"including {stray:,.1f} km in CHN by a chord alone" in said
    assert "only the chord" not in said


def test_only_takes_ids_in_any_case(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[0, 1], [5, 1]]}
    row = {"type": "Feature", "id": "Line-A", "properties": {}, "geometry": line}
    path = tmp_path / "mine.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}))
    for name in ("Line-A", "line-a"):
        assert [m.feature.id for m in measure.measure_layers(path).only([name]).features] == [
            "Line-A"
        ]
