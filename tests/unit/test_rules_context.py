"""Rules that need territories, several layers, or more vertices than a fixture should have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sco_geo.rules import Context
from sco_geo.validation import validate

# Two neighbours of ten degrees: AAA west, BBB east.
BOXES = {"AAA": (60, 35), "BBB": (70, 35)}


def feature(
    geometry_type: str, coordinates: object, feature_id: str = "x", **properties: object
) -> dict[str, object]:
    geometry = {"type": geometry_type, "coordinates": coordinates}
    return {"type": "Feature", "id": feature_id, "properties": properties, "geometry": geometry}


def save(path: Path, *features: object) -> Path:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def territories(tmp_path: Path) -> Path:
    features = [
        feature(
            "Polygon",
            [[[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10], [x, y]]],
            f"territory-{code.lower()}",
            kind="territory",
            countries=code,
        )
        for code, (x, y) in BOXES.items()
    ]
    return save(tmp_path / "territories.geojson", *features)


def codes_of(path: Path, *context: Path) -> list[str]:
    return [f.code for f in validate(path, context=context).findings]


def test_line_inside_is_fine(tmp_path: Path, territories: Path) -> None:
    path = save(tmp_path / "r.geojson", feature("LineString", [[61, 41], [78, 42], [90, 42]]))
    assert codes_of(path, territories) == []


def test_line_outside_every_territory(tmp_path: Path, territories: Path) -> None:
    path = save(tmp_path / "r.geojson", feature("LineString", [[-61, 41], [-78, 42]]))
    (finding,) = validate(path, context=[territories]).findings
    assert (finding.code, finding.lon, finding.lat) == ("TP403", -61, 41)
    assert codes_of(path) == []


def test_ferry_may_be_at_sea(tmp_path: Path, territories: Path) -> None:
    path = save(tmp_path / "r.geojson", feature("LineString", [[1, 1], [2, 2]], kind="ferry"))
    assert codes_of(path, territories) == []


@pytest.mark.parametrize("kind", ["LineString", "MultiPoint"])
def test_exchanged_axes(tmp_path: Path, territories: Path, kind: str) -> None:
    path = save(tmp_path / "r.geojson", feature(kind, [[41, 61], [42, 78]]))
    (finding,) = validate(path, context=[territories]).findings
    assert (finding.code, finding.severity) == ("CO115", "warning")
    assert codes_of(path) == []


def test_one_port_off_the_coast_is_not_exchanged(tmp_path: Path, territories: Path) -> None:
    # (45, 75) exchanged would be inside, but the other point shows that the order is right.
    path = save(
        tmp_path / "r.geojson", feature("Point", [45, 75], "a"), feature("Point", [65, 40], "b")
    )
    assert codes_of(path, territories) == []


def test_a_territory_layer_beside_the_routes_is_their_context(
    tmp_path: Path, territories: Path
) -> None:
    path = save(tmp_path / "r.geojson", feature("LineString", [[41, 61], [42, 78]]))
    assert [f.code for f in validate([path, territories]).findings] == ["CO115"]
    assert [f.code for f in validate(tmp_path).findings] == ["CO115"]


def test_areas_of_another_kind_are_no_context(tmp_path: Path) -> None:
    square = [[[0, 0.5], [9, 1], [9, 9], [0, 9], [0, 0.5]]]
    save(tmp_path / "zones.geojson", feature("Polygon", square, kind="disputed_area"))
    save(tmp_path / "lines.geojson", feature("LineString", [[60, 40], [61, 40]]))
    assert validate(tmp_path).findings == ()


def test_missing_context_is_reported(tmp_path: Path) -> None:
    path = save(tmp_path / "r.geojson", feature("Point", [65, 40]))
    report = validate(path, context=[tmp_path / "gone.geojson"])
    assert [f.code for f in report.findings] == ["IO001"]
    assert report.exit_code() == 2


def test_overlap_of_zones_is_no_finding(tmp_path: Path) -> None:
    one = [[[60, 40], [65, 40], [65, 45], [60, 45], [60, 40]]]
    two = [[[62, 41], [67, 41], [67, 46], [62, 46], [62, 41]]]
    zones = [feature("Polygon", ring, str(n), zone=n) for n, ring in enumerate((one, two))]
    assert codes_of(save(tmp_path / "zones.geojson", *zones)) == []
    named = [feature("Polygon", ring, str(n), iso_a3=n) for n, ring in enumerate((one, two))]
    (finding,) = validate(save(tmp_path / "states.geojson", *named)).findings
    assert finding.code == "TP402"
    assert finding.lon is not None and 62 <= finding.lon <= 65


def test_overlap_right_round_the_earth_is_not_nothing(tmp_path: Path) -> None:
    """A zone of a sphere is 2πR² (sin φ₂ - sin φ₁): from 15° to 20° 21.2 million km²."""
    rings = [[[-180, s], [180, s], [180, n], [-180, n], [-180, s]] for s, n in ((10, 20), (15, 25))]
    pair = [feature("Polygon", [r], str(n), kind="territory") for n, r in enumerate(rings)]
    (finding,) = validate(save(tmp_path / "t.geojson", *pair)).findings
    overlap = re.search(r"overlaps .* by about ([0-9,]+) km²", finding.message)
    assert overlap is not None
    assert float(overlap[1].replace(",", "")) == pytest.approx(21.2e6, rel=0.02)


def test_territory_off_the_globe_overlaps_none(tmp_path: Path) -> None:
    """It has no area; the reckoning of one raised an exception once."""
    off = [[[50, 42], [85, 42], [85, 55], [50, 181], [50, 42]]]
    both = [[[50, 37], [74, 37], [74, 170], [50, 170], [50, 37]]]
    pair = [feature("Polygon", r, str(n), kind="territory") for n, r in enumerate((off, both))]
    path = save(tmp_path / "t.geojson", *pair)
    assert codes_of(path) == ["CO106", "CO108"]
    assert "CO106" in {f.code for f in validate(path, project=True).findings}


def test_slivers_of_rounding_are_no_overlap(tmp_path: Path) -> None:
    one = [[[60, 40], [65, 40], [65.000001, 42], [65, 45], [60, 45], [60, 40]]]
    two = [[[65, 40], [69, 40], [69, 45], [65, 45], [65, 40]]]
    pair = [feature("Polygon", r, str(n), kind="territory") for n, r in enumerate((one, two))]
    report = validate(save(tmp_path / "t.geojson", *pair))
    assert [f.code for f in report.findings] == ["TP402"]  # 5 square microdegrees by 1e6
    two[0][0] = two[0][4] = [65.00000101, 40]
    one[0][2] = [65.00000001, 42]
    pair = [feature("Polygon", r, str(n), kind="territory") for n, r in enumerate((one, two))]
    assert codes_of(save(tmp_path / "t.geojson", *pair)) == []


def test_each_territory_reports_one_overlap(tmp_path: Path) -> None:
    ring = [[[60, 40], [65, 40], [65, 45], [60, 45], [60, 40]]]
    same = [feature("Polygon", ring, str(n), kind="territory") for n in range(4)]
    found = validate(save(tmp_path / "t.geojson", *same)).findings
    assert [(f.code, f.feature_id) for f in found] == [("TP402", n) for n in "123"]


def test_too_many_pairs_are_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sco_geo.rules.layers._MOST_PAIRS", 3)
    ring = [[[60, 40], [65, 40], [65, 45], [60, 45], [60, 40]]]
    same = [feature("Polygon", ring, str(n), kind="territory") for n in range(4)]
    assert codes_of(save(tmp_path / "t.geojson", *same)) == ["TP407", "TP402", "TP402"]


def star(count: int, depth: float) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = np.where(np.arange(count) % 2, 1 - depth, 1.0)
    ring = np.column_stack([60 + 20 * radius * np.cos(angle), 40 + 20 * radius * np.sin(angle)])
    points: list[list[float]] = ring.round(7).tolist()
    return [*points, points[0]]


@pytest.mark.timeout(60)
def test_intricate_polygon_is_left_out_and_a_smooth_one_is_checked(tmp_path: Path) -> None:
    spiky = save(tmp_path / "spiky.geojson", feature("Polygon", [star(200_000, 0.9)]))
    (finding,) = validate(spiky).findings
    assert (finding.code, finding.severity) == ("GM231", "note")
    assert validate(spiky).verdict == "accept"
    smooth = star(200_000, 0.0)
    assert codes_of(save(tmp_path / "smooth.geojson", feature("Polygon", [smooth]))) == []
    smooth[1000], smooth[1500] = smooth[1500], smooth[1000]
    path = save(tmp_path / "knot.geojson", feature("Polygon", [smooth]))
    assert codes_of(path) == ["GM221"]


def test_polygon_over_the_antimeridian_is_judged_in_one_piece(tmp_path: Path) -> None:
    # Valid round the seam, though its plane picture crosses itself.
    comb = [[170, 60], [-170, 60], [175, 61], [-170, 62], [170, 62], [170, 60]]
    path = save(tmp_path / "a.geojson", feature("Polygon", [comb]))
    assert codes_of(path) == ["GM241"]
    bow = [[170, 60], [-170, 62], [-170, 60], [170, 62], [170, 60]]
    path = save(tmp_path / "b.geojson", feature("Polygon", [bow]))
    assert sorted(codes_of(path)) == ["GM221", "GM241"]


def test_line_that_goes_to_and_fro_on_purpose(tmp_path: Path) -> None:
    zigzag = [[60 + 20 * (n % 2), 40 + n / 10] for n in range(200)]
    assert codes_of(save(tmp_path / "z.geojson", feature("LineString", zigzag))) == []


@pytest.mark.parametrize(
    "line",
    [
        # An air route: a few long segments of unequal length.
        [[37.6, 55.7], [69.2, 41.3], [116.4, 39.9], [121.5, 31.2]],
        # A train, then a ferry that ends in a port.
        [[49.0, 40.0], [49.2, 40.1], [49.4, 40.2], [49.9, 40.4], [53.0, 40.0]],
        # A spur of 300 km and back, as services with a change of direction have.
        [[60, 40], [60.5, 40], [61, 40], [61, 43], [61, 40], [61.5, 40], [62, 40]],
        # Over the equator and over Greenwich, where signs change.
        [[-2, 1], [-1, 0.5], [0.5, -0.5], [1, -1], [2, -2]],
    ],
)
def test_legal_lines_with_long_segments(tmp_path: Path, line: list[list[float]]) -> None:
    assert codes_of(save(tmp_path / "r.geojson", feature("LineString", line))) == []


def test_slip_in_a_line_of_few_long_segments(tmp_path: Path) -> None:
    # Urumqi, Almaty, Tashkent with exchanged numbers, Ashgabat, Tehran.
    line = [[87.6, 43.8], [76.9, 43.2], [41.3, 69.2], [58.4, 37.9], [51.4, 35.7]]
    path = save(tmp_path / "r.geojson", feature("LineString", line))
    (finding,) = validate(path).findings
    assert (finding.code, finding.pointer) == (
        "CO116",
        "/features/0/geometry/coordinates/2",
    )
    assert "exchanged" in str(finding.hint)


def test_context_of_nothing_is_none() -> None:
    assert Context.collect([]) is None
