"""Invalid polygons: every fault at its place, in bounded time, also over the antimeridian."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from sco_geo.geojson import parse
from sco_geo.model import Finding
from sco_geo.rules import View, check_document
from sco_geo.rules._effort import MAX_PAIRS, estimate_pairs, find_intricate
from sco_geo.rules._validity import find_faults, unwrap

Ring = list[list[float]]
BOW_TIE: Ring = [[60, 40], [62, 42], [62, 40], [60, 42], [60, 40]]


def square(west: float, south: float, size: float) -> Ring:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def findings(kind: str, coordinates: object) -> list[Finding]:
    geometry = {"type": kind, "coordinates": coordinates}
    return list(check_document(View(parse(json.dumps(geometry).encode(), "x"))))


def star(count: int, lon: float = 60, lat: float = 40, size: float = 20) -> Ring:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = np.where(np.arange(count) % 2, 0.1, 1.0) * size
    ring = np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle)])
    points: Ring = ring.tolist()
    return [*points, points[0]]


def test_ring_that_crosses_itself_often_names_ten_places() -> None:
    zigzag: Ring = [[60 + n, 40 + 2 * (n % 2)] for n in range(30)]
    back: Ring = [[60 + n, 41.0] for n in (29.5, 59.5 - 60)]
    found = findings("Polygon", [[*zigzag, *back, zigzag[0]]])
    crossings = [finding for finding in found if finding.code == "GM221"]
    assert len(crossings) == 10
    assert {finding.lat for finding in crossings} == {41.0}  # the way back runs along 41° N
    assert len({finding.lon for finding in crossings}) == 10
    assert "not listed" in crossings[-1].message


def test_bad_part_and_overlap_of_good_parts_are_both_named() -> None:
    found = findings("MultiPolygon", [[BOW_TIE], [square(80, 40, 2)], [square(81, 41, 2)]])
    places = sorted((finding.code, finding.lon, finding.lat) for finding in found)
    assert places == [("GM221", 61.0, 41.0), ("GM226", 81.0, 42.0), ("GM226", 82.0, 41.0)]


def test_each_bad_hole_is_named_and_the_good_one_is_not() -> None:
    shell = square(0, 10, 60)
    holes = [square(70, 11, 1)[::-1], square(30, 30, 1)[::-1], square(80, 11, 1)[::-1]]
    found = findings("Polygon", [shell, *holes])
    assert [(finding.code, finding.pointer) for finding in found] == [
        ("GM223", "/coordinates/1/0"),
        ("GM223", "/coordinates/3/0"),
    ]


def test_place_is_the_one_that_geos_names() -> None:
    spike = [[10, 10], [20, 10], [20, 15], [25, 15], [20, 15], [20, 20], [10, 20], [10, 10]]
    polygon = shapely.Polygon(square(0, 10, 60), [spike[::-1]])
    (fault, *_) = find_faults(polygon, with_crossings=False, most=9)
    assert f"{fault.reason}[{fault.lon:g} {fault.lat:g}]" == shapely.is_valid_reason(polygon)


@pytest.mark.parametrize("sign", [1, -1])
def test_ring_around_a_pole_contains_its_holes(sign: int) -> None:
    ring = [[-135, 60], [-45, 65], [45, 60], [135, 65], [-135, 60]]
    hole = [[170, 80], [-170, 80], [-170, 82], [170, 82], [170, 80]]
    outside = [[10, 40], [12, 40], [12, 42], [10, 42], [10, 40]]
    turned = [[[lon, sign * lat] for lon, lat in points] for points in (ring, hole, outside)]
    assert {finding.code for finding in findings("Polygon", turned[:2])} == {"GM241"}
    codes = [finding.code for finding in findings("Polygon", [turned[0], turned[2]])]
    assert sorted(codes) == ["GM223", "GM241"]


def test_unwrapped_polygon_has_the_area_of_the_cut_one() -> None:
    uncut = shapely.Polygon([[170, 60], [-170, 60], [-170, 65], [170, 65]])
    assert unwrap(uncut).area == 20 * 5


def test_effort_follows_the_boxes_that_overlap() -> None:
    spikes = 1_000
    # Nearly every edge of the star runs from the middle to the rim, so about a quarter of all
    # pairs of boxes lie in one quarter of the compass and overlap.
    pairs = estimate_pairs(shapely.Polygon(star(spikes)))
    assert spikes**2 / 16 < pairs <= spikes**2
    grid = [[square(lon, lat, 0.5)] for lon in range(-90, 90) for lat in range(-80, 80)]
    assert estimate_pairs(shapely.from_geojson(json.dumps(multi(grid)))) < 2e6


def multi(polygons: list[list[Ring]]) -> dict[str, object]:
    return {"type": "MultiPolygon", "coordinates": polygons}


def test_effort_is_seen_in_a_corner_and_adds_up() -> None:
    corner = star(40_000, size=1e-3)
    corner.insert(1, [170.0, -80.0])
    assert estimate_pairs(shapely.Polygon(corner)) > MAX_PAIRS
    stars = np.array([shapely.Polygon(star(12_000, lon)) for lon in range(5)])
    is_intricate = find_intricate(stars)
    assert not is_intricate[0]
    assert is_intricate.any()


@pytest.mark.timeout(60)
def test_intricate_polygon_with_an_obvious_fault_is_rejected() -> None:
    points = np.random.default_rng(7).uniform(10, 60, (50_000, 2)).round(6).tolist()
    (crossing,) = (f for f in findings("Polygon", [[*points, points[0]]]) if f.code == "GM221")
    assert crossing.lon is not None and 10 < crossing.lon < 60
    nested = [[square(10 - n / 1000, 10 - n / 1000, n / 500)] for n in range(1, 20_000)]
    assert "GM225" in {finding.code for finding in findings("MultiPolygon", nested)}


def random_multipolygon(random: np.random.Generator) -> list[list[Ring]]:
    def ring(corners: int) -> Ring:
        points: Ring = random.integers(20, 26, (corners, 2)).tolist()
        return [*points, points[0]]

    sizes = random.integers(1, 4, random.integers(1, 4))
    return [[ring(int(random.integers(3, 8))) for _ in range(size)] for size in sizes]


def test_verdicts_and_places_agree_with_geos() -> None:
    """On a small grid nearly every fault that GEOS knows occurs, several at a time."""
    random = np.random.default_rng(7946)
    verdicts = set()
    for _ in range(500):
        polygons = random_multipolygon(random)
        geometry = shapely.from_geojson(json.dumps(multi(polygons)))
        errors = [f for f in findings("MultiPolygon", polygons) if f.severity == "error"]
        assert bool(errors) == (not shapely.is_valid(geometry)), polygons
        verdicts.add(bool(errors))
        if errors:
            place = shapely.is_valid_reason(geometry).split("[")[1].rstrip("]").split()
            lon, lat = map(float, place)
            named = [(f.lon, f.lat) for f in errors if f.lon is not None and f.lat is not None]
            assert any(abs(x - lon) < 1e-6 and abs(y - lat) < 1e-6 for x, y in named), polygons
    assert verdicts == {True, False}


def test_ring_without_area_does_not_hide_other_faults() -> None:
    flat: Ring = [[80, 40], [85, 40], [90, 40], [80, 40]]
    found = findings("MultiPolygon", [[BOW_TIE], [flat]])
    assert sorted(finding.code for finding in found) == ["GM221", "GM228"]
