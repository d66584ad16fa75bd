"""The closed formula for short segments against geographiclib and PROJ."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely import LineString

from sco_geo import geodesy
from sco_geo.short_lines import MAX_LENGTH_M, short_lengths_m

Floats = npt.NDArray[np.float64]
#: What is promised: a part of the length, or metres where that is less.
PART, METRES = 2e-9, 1e-8


def ahead(lon: Floats, lat: Floats, azimuth: Floats, metres: Floats) -> tuple[Floats, Floats]:
    there = geodesy.WGS84.fwd(lon, lat, azimuth, metres)
    # Longitudes without a jump at ±180°, where the start has none.
    east = np.asarray(there[0])
    return east - 360 * np.round((east - lon) / 360), np.asarray(there[1])


def random_segments(
    count: int, metres: float, lowest: float = -85, highest: float = 85
) -> tuple[Floats, Floats, Floats, Floats]:
    random = np.random.default_rng(int(metres) + count)
    lon, lat = random.uniform(-180, 180, count), random.uniform(lowest, highest, count)
    azimuth = random.choice([0, 90, 180, 270, 45, *random.uniform(0, 360, 20)], count)
    east, north = ahead(lon, lat, azimuth, np.full(count, metres))
    below = np.abs(north) <= 85
    return lon[below], lat[below], east[below], north[below]


def allowed_m(true: Floats) -> Floats:
    return np.maximum(PART * true, METRES)


@pytest.mark.parametrize("metres", [1e-3, 1, 100, 1e3, 1e4, 3e4, 49_999.99])
def test_random_segments_agree_with_geographiclib(metres: float) -> None:
    segments = random_segments(400, metres)
    columns = zip(*(values.tolist() for values in segments), strict=True)
    true = np.array([Geodesic.WGS84.Inverse(b, a, d, c)["s12"] for a, b, c, d in columns])
    assert len(true) > 350
    assert (np.abs(short_lengths_m(*segments) - true) <= allowed_m(true)).all()


@pytest.mark.parametrize("metres", [1, 1e3, 1e4, 49_999.99])
@pytest.mark.parametrize("latitudes", [(-85, 85), (44, 46), (-46, -44), (84.5, 85), (-0.5, 0.5)])
def test_many_segments_agree_with_proj(metres: float, latitudes: tuple[float, float]) -> None:
    segments = random_segments(20_000, metres, *latitudes)
    true = geodesy.segment_lengths_m(*segments)
    assert len(true) > 5000
    assert (np.abs(short_lengths_m(*segments) - true) <= allowed_m(true)).all()


def measure_one(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    ends = (np.array([value], dtype=float) for value in (lon0, lat0, lon1, lat1))
    return float(short_lengths_m(*ends)[0])


@pytest.mark.parametrize(
    ("segment", "metres"),
    [
        # a·π/180 · 0.4 on the equator, a = 6378137 m.
        ((10, 0, 10.4, 0), 44527.79631730943),
        ((10, 0, 9.6, 0), 44527.79631730943),
        ((0, 0, 0, 0.25), Geodesic.WGS84.Inverse(0, 0, 0.25, 0)["s12"]),
        ((20, 85, 24, 85), Geodesic.WGS84.Inverse(85, 20, 85, 24)["s12"]),
        ((20, -85, 16, -85), Geodesic.WGS84.Inverse(-85, 20, -85, 16)["s12"]),
        ((20, 84.7, 22, 85), Geodesic.WGS84.Inverse(84.7, 20, 85, 22)["s12"]),
        # Beyond 180 without a jump.
        ((179.9, 50, 180.1, 50), Geodesic.WGS84.Inverse(50, 179.9, 50, 180.1)["s12"]),
        ((539.9, 50, 540, 50), Geodesic.WGS84.Inverse(50, 539.9, 50, 540)["s12"]),
    ],
)
def test_edges_of_its_range(segment: tuple[float, float, float, float], metres: float) -> None:
    assert measure_one(*segment) == pytest.approx(metres, rel=PART, abs=METRES)


@pytest.mark.parametrize("place", [(0, 0), (75.3, 85), (-179.99, -33.3), (104.2, -85)])
def test_no_way_is_no_length(place: tuple[float, float]) -> None:
    assert measure_one(*place, *place) == 0


@pytest.mark.parametrize(
    "segment",
    [
        (0, 0, 0.4493, 0),  # 50.016 km
        (0, 0, 0, 0.4525),  # 50.034 km
        (0, 40, 0, 41),
        (0, 40, 60, 40),
        (0, 84.999, 0, 85.001),
        (10, -85.001, 10, -84.999),
        (10, 90, 10, 90),
        (179.99, 10, -179.99, 10),  # a jump: 359.98° apart in numbers
        (0, 0, 359.99, 0),
        (0, 85, 180, 85),
        (0, -80, 0, 80),
        (math.nan, 0, 0, 0),
        (0, math.nan, 0, 0),
        (0, 0, math.inf, 0),
        (0, 0, 0, math.nan),
    ],
)
def test_what_is_not_short_is_left_to_others(segment: tuple[float, float, float, float]) -> None:
    with np.errstate(invalid="ignore"):
        assert math.isnan(measure_one(*segment))


def test_nothing_longer_than_the_limit_is_taken() -> None:
    for lowest, highest in [(-85, 85), (84, 85), (-1, 1)]:
        segments = random_segments(20_000, MAX_LENGTH_M * 1.000001, lowest, highest)
        assert np.isnan(short_lengths_m(*segments)).all()


def test_far_segments_are_never_taken_for_short_ones() -> None:
    random = np.random.default_rng(3)
    lon0, lon1 = random.uniform(-540, 540, (2, 200_000))
    lat0, lat1 = random.uniform(-90, 90, (2, 200_000))
    true = geodesy.segment_lengths_m(lon0, lat0, lon1, lat1)
    measured = short_lengths_m(lon0, lat0, lon1, lat1)
    taken = ~np.isnan(measured)
    assert (true[taken] <= MAX_LENGTH_M).all()
    assert (np.abs(measured - true)[taken] <= allowed_m(true[taken])).all()


@pytest.mark.parametrize("east", [0, 1e-3, 0.3, 3, 6, 20, 60, 120, 180, 359.99, 360, 720, 1080])
def test_no_pair_of_latitudes_makes_a_far_segment_short(east: float) -> None:
    grid = np.linspace(-85, 85, 341)
    lat0, lat1 = (values.ravel() for values in np.meshgrid(grid, grid))
    lon = np.zeros_like(lat0)
    measured = short_lengths_m(lon, lat0, lon + east, lat1)
    true = geodesy.segment_lengths_m(lon, lat0, lon + east, lat1)
    taken = ~np.isnan(measured)
    assert (true[taken] <= MAX_LENGTH_M).all()
    assert (np.abs(measured - true)[taken] <= allowed_m(true[taken])).all()
    assert taken.any() == (east <= 3)


def test_long_segments_get_the_exact_length_to_the_last_bit() -> None:
    lines = [
        LineString([(0, 0), (0.46, 0)]),
        LineString([(179.99, 10), (-179.99, 10)]),
        LineString([(0, 84.9), (3, 85.1)]),
        LineString([(-73.8, 40.6), (-0.5, 51.6)]),
    ]
    array = np.array(lines, dtype=object)
    exact, short = (geodesy.line_lengths_m(array, method=m) for m in ("exact", "short"))
    assert exact.tolist() == short.tolist()


def test_a_line_of_short_and_long_segments() -> None:
    points = [(178, 60), (178.3, 60.1), (179, 60.2), (-179.5, 60.1), (-179.2, 84.99), (0, 89)]
    array = np.array([LineString(points)], dtype=object)
    exact, short = (geodesy.line_lengths_m(array, method=m)[0] for m in ("exact", "short"))
    assert short == pytest.approx(exact, rel=PART)
    assert short != exact, "the formula was not used"


def test_arguments_stay_as_they_are() -> None:
    points = np.array([[10.0, 50.0], [10.2, 50.1], [30.0, 50.0], [30.1, 86.0]])
    columns = [*points[:-1].T.copy(), *points[1:].T.copy()]
    before = [column.copy() for column in columns]
    short_lengths_m(*columns)
    geodesy.segment_lengths_m(*columns)
    assert all(np.array_equal(a, b) for a, b in zip(columns, before, strict=True))


def test_no_length_is_lost_between_blocks() -> None:
    # 20,000 segments are three blocks; each on its own must give what it gives in the whole.
    segments = random_segments(20_000, 900)
    whole = short_lengths_m(*segments)
    one_by_one = [
        short_lengths_m(*(v[i : i + 1] for v in segments))[0] for i in range(0, 20000, 97)
    ]
    assert whole[::97].tolist() == pytest.approx(one_by_one, rel=1e-14)
    lines = shapely.linestrings(np.stack(segments, axis=1).reshape(-1, 2, 2))
    assert geodesy.line_lengths_m(lines, method="short").tolist() == whole.tolist()
