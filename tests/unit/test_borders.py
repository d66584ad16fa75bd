"""The split by country against geographiclib, PROJ with plain shapely, and hand reckoning.

The oracle walks along a geodesic in steps, asks shapely for the area at each, and bisects between
two steps that lie in different areas.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, MultiLineString, Polygon, box

from sco_geo import _border_cuts, borders
from sco_geo._territory_cells import Boxes, TerritoryIndex
from sco_geo.borders import OUTSIDE, Territories, split_by_country
from sco_geo.errors import GeometryError

LonLat = tuple[float, float]
Floats = npt.NDArray[np.float64]
#: Metres that a part may be off for each crossing.
CROSSING_M = 1.0


def made(**areas: Polygon) -> Territories:
    """Make territories; ``disputed__x`` is the disputed area x, what follows ``_`` is left out."""
    codes = [name.replace("__", ":").partition("_")[0] for name in areas]
    return Territories(tuple(codes), np.array(list(areas.values()), dtype=object))


def split(areas: Territories, *points: LonLat) -> dict[str, float]:
    return split_by_country([LineString(points)], areas)[0]


def length_km(*points: LonLat) -> float:
    """Add up geodesics of geographiclib."""
    pairs = itertools.pairwise(points)
    return sum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3 for a, b in pairs)


def geographiclib_walk(a: LonLat, b: LonLat) -> tuple[float, Callable[[Floats], Floats]]:
    line = Geodesic.WGS84.InverseLine(a[1], a[0], b[1], b[0])

    def at(metres: Floats) -> Floats:
        places = [line.Position(s) for s in metres]
        return np.array([(place["lon2"], place["lat2"]) for place in places]).reshape(-1, 2)

    return line.s13, at


def proj_walk(a: LonLat, b: LonLat) -> tuple[float, Callable[[Floats], Floats]]:
    azimuth, _, length = Geod(ellps="WGS84").inv(*a, *b)

    def at(metres: Floats) -> Floats:
        fixed = [np.full(len(metres), value) for value in (*a, azimuth)]
        return np.column_stack(Geod(ellps="WGS84").fwd(*fixed, metres)[:2])

    return length, at


def oracle(
    areas: Territories,
    points: Sequence[LonLat],
    walk: Callable[[LonLat, LonLat], tuple[float, Callable[[Floats], Floats]]] = proj_walk,
    step_m: float = 200.0,
) -> tuple[dict[str, float], int]:
    """Return the km by code and the number of crossings; disputed areas count before others."""
    order = sorted(range(len(areas.codes)), key=lambda n: not areas.codes[n].startswith("disp"))
    codes = np.array([*(areas.codes[n] for n in order), OUTSIDE])
    polygons = areas.polygons[order]
    shapely.prepare(polygons)

    def area_at(places: Floats) -> npt.NDArray[np.int64]:
        area = np.full(len(places), len(order))
        turned = np.column_stack([(places[:, 0] + 180) % 360 - 180, places[:, 1]])
        number, hit = shapely.STRtree(shapely.points(turned)).query(polygons, "intersects")
        np.minimum.at(area, hit, number)
        return area

    parts: dict[str, float] = {}
    crossings = 0
    for length, at in (walk(a, b) for a, b in itertools.pairwise(points)):
        steps = np.linspace(0, length, int(length / step_m) + 2)
        area = area_at(at(steps))
        change = np.flatnonzero(codes[area[1:]] != codes[area[:-1]])
        low, high = steps[change], steps[change + 1]
        for _ in range(20):
            middle = (low + high) / 2
            is_before = codes[area_at(at(middle))] == codes[area[change]]
            low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
        owners = [*codes[area[change]], codes[area[-1]]]
        for code, metres in zip(owners, np.diff([0, *low, length]), strict=True):
            parts[code] = parts.get(code, 0.0) + metres / 1e3
        crossings += len(change)
    return parts, crossings


def assert_same(found: dict[str, float], expected: dict[str, float], within_m: float) -> None:
    for code in found.keys() | expected.keys():
        apart_m = abs(found.get(code, 0.0) - expected.get(code, 0.0)) * 1e3
        assert apart_m <= within_m, (code, apart_m)


# Two neighbours with slanting and level borders, an enclave, and the sea around.
WEST = Polygon([(0, 30), (12, 30), (20, 60), (0, 60)])
HOLE = [(25, 40), (30, 40), (30, 45), (25, 45)]
EAST = Polygon([(12, 30), (40, 30), (40, 60), (20, 60)], [HOLE])
PAIR = made(WWW=WEST, EEE=EAST, HHH=Polygon(HOLE))


@pytest.mark.parametrize(
    "points",
    [
        [(2, 33), (38, 57)],
        [(5, 50), (35, 50)],  # bows by hundreds of km
        [(1, 58), (39, 58)],  # leaves over the northern edge by its bow
        [(3, 29.999), (9, 29.999)],  # enters over the southern edge by its bow
        [(20, 42), (35, 43), (27, 38)],  # through the enclave
        [(15.9, 31), (16.1, 59), (14, 31)],
        [(-5, 65), (45, 25)],
    ],
)
def test_crossings_against_geographiclib(points: list[LonLat]) -> None:
    expected, crossings = oracle(PAIR, points, geographiclib_walk, 5000.0)
    found = split(PAIR, *points)
    assert crossings > 0
    assert_same(found, expected, CROSSING_M * crossings)
    assert sum(found.values()) == pytest.approx(length_km(*points), rel=1e-9)


def test_a_short_line_that_crosses_by_its_bow_alone() -> None:
    # Both ends 1 m south of a border along 60° N, 12 km apart: the geodesic bows by 5 m to north.
    level = made(SSS=box(0, 50, 10, 60), NNN=box(0, 60, 10, 70))
    metre = 1 / 111_400
    points = [(5.0, 60 - metre), (5.215, 60 - metre)]
    expected, crossings = oracle(level, points, geographiclib_walk, 100.0)
    assert crossings == 2
    assert expected["NNN"] > 10
    # It meets the border at less than half a degree: a few mm beside it are a metre along it.
    assert_same(split(level, *points), expected, 2 * CROSSING_M)


@pytest.mark.parametrize(
    ("lat", "slope", "points"),
    [
        (0.0, 0.5, [(-0.22, -0.1177), (0.88, 0.4708)]),  # 140 km along the equator, at 1.6°
        (85.0, 0.02, [(-2.2, 84.95), (2.1, 85.04)]),  # 48 km near the pole
        (-85.0, 0.3, [(-20, -88), (20, -82.1)]),
    ],
)
def test_small_angles_against_geographiclib(lat: float, slope: float, points: list[LonLat]) -> None:
    # A border through (0, lat) that rises by `slope` degrees in one of longitude.
    low, high = (-9, lat - 9 * slope), (9, lat + 9 * slope)
    bottom = -89.9 if lat < 0 else lat - 20
    areas = made(AAA=Polygon([low, high, (9, bottom), (-9, bottom)]), BBB=box(-90, -90, -89, -89))
    expected, crossings = oracle(areas, points, geographiclib_walk, 500.0)
    assert crossings >= 1
    assert_same(split(areas, *points), expected, CROSSING_M * crossings)


def test_random_lines_over_the_shipped_territories() -> None:
    areas = borders.shipped_territories()
    random = np.random.default_rng(5)
    seen = 0
    for scale in [0.3, 1, 3, 10] * 10:
        centre = random.uniform((20, 20), (140, 65))
        points = np.clip(centre + random.uniform(-scale, scale, (3, 2)), -89, 200)
        points[:, 1] = np.clip(points[:, 1], -89, 89)
        expected, crossings = oracle(areas, points, step_m=20.0)
        found = split(areas, *points)
        seen += crossings
        assert_same(found, expected, CROSSING_M * crossings + 20)  # crumbs are up to 10 m each
        assert sum(found.values()) == pytest.approx(length_km(*points), rel=1e-9)
    assert seen > 80


def test_boxes_hold_the_geodesics() -> None:
    """A border that a box leaves out is crossed by nobody."""
    random = np.random.default_rng(7)
    start = random.uniform((-170, -88), (170, 88), (4000, 2))
    metres = 10 ** random.uniform(3, 6.7, len(start))
    azimuth = random.uniform(0, 180, len(start))
    geod = Geod(ellps="WGS84")
    stop = np.column_stack(geod.fwd(*start.T, azimuth, metres)[:2])
    stop[::2, 1] = start[::2, 1]  # along a parallel the bow is widest
    stop[:, 0] -= 360 * np.round((stop[:, 0] - start[:, 0]) / 360)
    azimuth, _, metres = geod.inv(*start.T, *stop.T)
    bow_m = _border_cuts._bow_m(start[:, 1], stop[:, 1], metres)
    boxes = _border_cuts._boxes(start, stop, bow_m)
    for share in np.linspace(0, 1, 9)[1:-1]:
        _, lat, _ = geod.fwd(*start.T, azimuth, metres * share)
        assert (lat <= boxes.north + 1e-9).all()
        assert (lat >= boxes.south - 1e-9).all()


def test_short_segments_like_an_overlay_of_geopandas() -> None:
    # Chords of 1 km stray from geodesics by centimetres, so that the overlay is right.
    areas = borders.shipped_territories()
    states = [n for n, code in enumerate(areas.codes) if not code.startswith("disputed:")]
    areas = Territories(tuple(areas.codes[n] for n in states), areas.polygons[states])
    steps = np.random.default_rng(7).normal(0, 0.01, (40, 30, 2))
    starts = np.random.default_rng(8).uniform((68, 38), (75, 43), (40, 1, 2))  # Fergana
    lines = gpd.GeoDataFrame(geometry=[LineString(p) for p in starts + np.cumsum(steps, axis=1)])
    lines["line"] = range(len(lines))
    area = gpd.GeoDataFrame({"code": areas.codes}, geometry=areas.polygons)
    pieces = gpd.overlay(lines, area, how="intersection", keep_geom_type=True)
    geod = Geod(ellps="WGS84")
    pieces["km"] = [geod.geometry_length(piece) / 1e3 for piece in pieces.geometry]
    expected = pieces.groupby(["line", "code"])["km"].sum()
    parts = split_by_country(list(lines.geometry), areas)
    assert len(expected) > len(lines)
    for line, found in enumerate(parts):
        assert_same(found, expected[line].to_dict(), 11.0)
    total = {code: sum(part.get(code, 0.0) for part in parts) for code in set(areas.codes)}
    assert_same(total, expected.groupby("code").sum().to_dict(), 40.0)


def test_an_exclave_within_another_state() -> None:
    # Sokh, an Uzbek district inside Kyrgyzstan, is a hole of the latter at full resolution.
    areas = borders.shipped_territories()
    points = [(70.9, 39.96), (71.35, 39.96)]
    expected, crossings = oracle(areas, points, geographiclib_walk, 100.0)
    assert crossings >= 2
    assert expected["UZB"] > 5
    assert_same(split(areas, *points), expected, CROSSING_M * crossings)


# --- round the globe -------------------------------------------------------------------------

CAPS = made(
    AAA=Polygon([(-180, -90), (180, -90), (180, -60), (-180, -60)]),
    NNN=box(-180, 60, 180, 90),
)


@pytest.mark.parametrize("lon", [0, 30, 89.9, 180, -45])
def test_over_a_pole(lon: float) -> None:
    outside = length_km((lon, -50), (lon, -60))
    parts = split(CAPS, (lon, -50), (lon + 180, -70))
    assert parts[OUTSIDE] == pytest.approx(outside, abs=1e-3)
    assert parts["AAA"] == pytest.approx(length_km((lon, -60), (lon + 180, -70)), abs=1e-3)
    assert set(split(CAPS, (lon, 85), (lon + 179.99, 85))) == {"NNN"}


EDGE = made(
    RUS=shapely.union(box(170, 60, 180, 70), box(-180, 60, -175, 70)), USA=box(-175, 55, -160, 72)
)


@pytest.mark.parametrize("turn", [-360, 0])
def test_across_the_antimeridian(turn: float) -> None:
    points = [(165, 64), (179, 66), (-170, 66), (-165, 58)]
    expected, crossings = oracle(EDGE, points, geographiclib_walk, 5000.0)
    assert crossings == 2
    unwrapped = [(lon + turn if lon > 0 else lon + 360 + turn, lat) for lon, lat in points]
    assert_same(split(EDGE, *points), expected, CROSSING_M * crossings)
    assert_same(split(EDGE, *unwrapped), expected, CROSSING_M * crossings)


def test_beyond_the_antimeridian_alone() -> None:
    fresh = Territories(EDGE.codes, EDGE.polygons)
    points = [(175, 65), (190, 66)]
    expected, crossings = oracle(EDGE, points, geographiclib_walk, 5000.0)
    assert crossings == 1
    assert_same(split(fresh, *points), expected, CROSSING_M)


def test_along_the_antimeridian_within_a_state() -> None:
    for lon in (180, -180):
        assert split(EDGE, (lon, 61), (lon, 69)) == pytest.approx(
            {"RUS": length_km((180, 61), (180, 69))}, rel=1e-12
        )


def test_territories_beyond_180_degrees() -> None:
    uncut = made(RUS=box(170, 60, 190, 70))
    points = [(165, 65), (-165, 65)]
    expected, _ = oracle(EDGE, points)
    found = split(uncut, *points)
    assert set(found) == {"RUS", OUTSIDE}
    assert sum(found.values()) == pytest.approx(length_km(*points), rel=1e-9)


# --- odd lines -------------------------------------------------------------------------------

SQUARES = made(AAA=box(0, 0, 10, 10), BBB=box(10, 0, 20, 10), CCC=box(0, -10, 20, 0))


def test_lines_without_length() -> None:
    odd = [
        LineString(),
        MultiLineString(),
        None,
        LineString([(5, 5), (5, 5)]),
        LineString([(10, 5), (10, 5)]),
        LineString([(180, 5), (-180, 5)]),
    ]
    assert split_by_country(np.array(odd, dtype=object), SQUARES) == [{}] * len(odd)
    assert split_by_country([], SQUARES) == []
    assert split_by_country(odd[:1], Territories((), np.array([], dtype=object))) == [{}]


def test_no_territory_at_all() -> None:
    none = Territories((), np.array([], dtype=object))
    assert split(none, (0, 0), (1, 1)) == pytest.approx({OUTSIDE: length_km((0, 0), (1, 1))})
    assert split(made(XXX=Polygon()), (0, 0), (1, 1)).keys() == {OUTSIDE}


def test_repeated_vertices_change_nothing() -> None:
    assert split(SQUARES, (5, 5), (5, 5), (15, 5), (15, 5)) == split(SQUARES, (5, 5), (15, 5))


def test_heights_are_ignored() -> None:
    assert split(SQUARES, (5, 5, 9e9), (15, 5, 0)) == split(SQUARES, (5, 5), (15, 5))  # type: ignore[arg-type]


def test_a_multi_line_is_the_sum_of_its_parts() -> None:
    ways = [[(5, 5), (15, 5)], [(5, -5), (5, 5)], [(15, 5), (30, 5)]]
    (found,) = split_by_country([MultiLineString(ways)], SQUARES)
    expected: dict[str, float] = {}
    for way in ways:
        for code, km in split(SQUARES, *way).items():
            expected[code] = expected.get(code, 0.0) + km
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_vertex_on_a_border() -> None:
    found = split(SQUARES, (5, 5), (10, 5), (15, 5))
    half = length_km((5, 5), (10, 5))
    assert found == pytest.approx({"AAA": half, "BBB": half}, rel=1e-12)
    assert split(SQUARES, (5, 5), (10, 5), (5, 6)).keys() == {"AAA"}


def test_through_a_point_where_three_meet() -> None:
    # From (5, 5) by (10, 0), where AAA, BBB and CCC meet, to (15, -5): never in BBB.
    found = split(SQUARES, (5, 5), (10, 0), (15, -5))
    half = length_km((5, 5), (10, 0))
    assert found == pytest.approx({"AAA": half, "CCC": half}, rel=1e-9)
    straight = split(SQUARES, (10, 5), (10, -5))  # along the border of AAA and BBB, then in CCC
    degrees = length_km((10, 5), (10, 0)), length_km((10, 0), (10, -5))
    expected = {"AAA": degrees[0] / 2, "BBB": degrees[0] / 2, "CCC": degrees[1]}
    assert straight == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("bad", [(5, 91), (float("nan"), 5), (600, 0), (0, float("inf"))])
def test_no_place_on_the_globe(bad: LonLat) -> None:
    with np.errstate(invalid="ignore"):
        lines = [LineString([(0, 0), (1, 1)]), LineString([(0, 0), bad])]
    with pytest.raises(GeometryError, match="feature 1: .* is not a longitude and latitude"):
        split_by_country(lines, SQUARES)


def test_territories_off_the_globe_do_no_harm() -> None:
    odd = made(
        AAA=box(0, 0, 10, 10),
        XXX=box(0, 80, 10, 200),
        YYY=Polygon([(0, 0), (1e300, 0), (1, 1e300)]),
    )
    assert split(odd, (5, 5), (5, 15))["AAA"] == pytest.approx(length_km((5, 5), (5, 10)), abs=1e-3)


# --- along a border --------------------------------------------------------------------------


def test_along_a_common_border_half_to_either_side() -> None:
    whole = length_km((10, 2), (10, 8))
    assert split(SQUARES, (10, 2), (10, 8)) == pytest.approx(
        {"AAA": whole / 2, "BBB": whole / 2}, rel=1e-12
    )


def test_along_a_border_drawn_with_its_own_vertices() -> None:
    # Legs of 5 to 15 km at 55° N bow by up to 7 m: the line still runs along the border.
    way = [(30, 55), (30.2, 55.02), (30.3, 55.1), (30.41, 55.07), (30.55, 55)]
    areas = made(
        NNN=Polygon([(29, 55), *way, (32, 55), (32, 57), (29, 57)]),
        SSS=Polygon([(29, 55), *way, (32, 55), (32, 53), (29, 53)]),
    )
    half = length_km(*way) / 2
    for line in (way, way[::-1]):
        assert split(areas, *line) == pytest.approx({"NNN": half, "SSS": half}, rel=1e-9)


def test_along_a_slanting_border_between_its_vertices() -> None:
    areas = made(
        NNN=Polygon([(30, 50), (31, 50.7), (30, 52)]), SSS=Polygon([(30, 50), (31, 50.7), (32, 50)])
    )
    way = [(30.11, 50.077), (30.25, 50.175), (30.3, 50.21)]  # rounded to 1e-15 degrees
    half = length_km(*way) / 2
    assert split(areas, *way) == pytest.approx({"NNN": half, "SSS": half}, rel=1e-9)


def test_a_long_chord_between_two_points_of_a_border_bows_off_it() -> None:
    level = made(SSS=box(0, 50, 10, 60), NNN=box(0, 60, 10, 70))
    assert set(split(level, (2, 60), (5, 60))) == {"NNN"}


def test_past_the_end_of_a_border_a_line_bows_again() -> None:
    # The southern area ends where the line begins; 1 m north of the chord begins another one.
    areas = made(AAA=box(9, 54, 10, 55), BBB=box(10, 55.00001, 11, 56))
    points = [(10, 55), (10.25, 55)]
    expected, crossings = oracle(areas, points, geographiclib_walk, 100.0)
    assert crossings >= 2
    assert_same(split(areas, *points), expected, 2 * CROSSING_M)


def test_a_border_that_becomes_a_coast() -> None:
    areas = made(AAA=box(0, 0, 10, 10), BBB=box(10, 0, 20, 5))
    common, coast = length_km((10, 2), (10, 5)), length_km((10, 5), (10, 10))
    expected = {
        "AAA": common / 2 + coast,
        "BBB": common / 2,
        OUTSIDE: length_km((10, 10), (10, 12)),
    }
    assert split(areas, (10, 2), (10, 12)) == pytest.approx(expected, abs=1e-3)


def test_along_the_edge_of_a_disputed_area() -> None:
    areas = made(AAA=box(0, 0, 10, 10), disputed__strip=box(8, 2, 10, 8), BBB=box(10, 0, 20, 10))
    for lon in (8, 10):  # within its state, and towards the other one
        expected = {"disputed:strip": length_km((lon, 3), (lon, 7))}
        assert split(areas, (lon, 3), (lon, 7)) == pytest.approx(expected, rel=1e-12)


def test_along_the_border_of_two_disputed_areas() -> None:
    areas = made(disputed__x=box(0, 0, 5, 10), disputed__y=box(5, 0, 10, 10))
    half = length_km((5, 3), (5, 7)) / 2
    expected = {"disputed:x": half, "disputed:y": half}
    assert split(areas, (5, 3), (5, 7)) == pytest.approx(expected, rel=1e-12)


def test_along_a_coast() -> None:
    assert split(SQUARES, (20, 3), (20, 7)) == pytest.approx({"BBB": length_km((20, 3), (20, 7))})


def test_where_areas_overlap_the_first_counts_and_disputed_ones_before() -> None:
    areas = made(AAA=box(0, 0, 10, 10), BBB=box(5, 0, 15, 10), disputed__d=box(9, 0, 11, 10))
    parts = split(areas, (2, 0.001), (14, 0.001))
    degree = length_km((0, 0), (1, 0))
    expected = {"disputed:d": 2 * degree, "AAA": 7 * degree, "BBB": 3 * degree}
    assert parts == pytest.approx(expected, abs=1e-2)
    inner = length_km((5, 2), (5, 8))  # along the edge of BBB, which lies in AAA
    assert split(areas, (5, 2), (5, 8)) == pytest.approx({"AAA": inner})


# --- properties ------------------------------------------------------------------------------

anywhere = st.tuples(
    st.one_of(st.floats(-180, 180), st.integers(-18, 18).map(lambda n: 10.0 * n)),
    st.one_of(st.floats(-90, 90), st.integers(-9, 9).map(lambda n: 10.0 * n)),
)
WORLD = made(
    AAA=CAPS.polygons[0], NNN=CAPS.polygons[1], WWW=WEST, EEE=EAST, RUS=EDGE.polygons[0],
    USA=EDGE.polygons[1], SSS=box(-60, -50, -40, 0), disputed__d=box(10, 35, 30, 50),
)  # fmt: skip


@given(st.lists(anywhere, min_size=2, max_size=5))
def test_parts_add_up_to_the_whole(points: list[LonLat]) -> None:
    for areas in (WORLD, borders.shipped_territories()):
        total = sum(split(areas, *points).values())
        assert total == pytest.approx(length_km(*points), rel=1e-9, abs=1e-9)


def is_plain(points: Sequence[LonLat]) -> bool:
    """Tell whether one geodesic alone is the shortest between each two neighbours."""
    pairs = itertools.pairwise(points)
    return all(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["a12"] < 179 for a, b in pairs)


@given(st.lists(anywhere, min_size=2, max_size=4).filter(is_plain), st.sampled_from([-360, 360]))
def test_reversal_turns_and_joints_change_nothing(points: list[LonLat], turn: float) -> None:
    parts = split(WORLD, *points)
    crumbs = 10.1 * len(WORLD.codes)
    assert_same(split(WORLD, *points[::-1]), parts, crumbs)
    near = [(lon, lat) for lon, lat in points if abs(lon + turn) <= 540]
    assert_same(split(WORLD, *((lon + turn, lat) for lon, lat in near)), parts, crumbs)
    joint = len(points) // 2
    summed: dict[str, float] = {}
    for piece in (points[: joint + 1], points[joint:]):
        for code, km in split(WORLD, *piece).items() if len(piece) > 1 else ():
            summed[code] = summed.get(code, 0.0) + km
    assert_same(summed, parts, 2 * crumbs)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    lines = [LineString(random.uniform((-20, 20), (50, 70), (7, 2))) for _ in range(20)]
    whole = split_by_country(lines, PAIR)
    monkeypatch.setattr(borders, "LINES", 3)
    monkeypatch.setattr(borders, "SEGMENTS", 4)
    for found, expected in zip(split_by_country(lines, PAIR), whole, strict=True):
        assert found == pytest.approx(expected, rel=1e-12)


def test_the_order_of_jobs_changes_nothing() -> None:
    ways = [
        [(1, 31), (2, 59)],
        [(170, 62), (-170, 66)],
        [(-100, -70), (100, 70)],
        [(11, 31), (21, 59)],
    ]
    apart = [split(Territories(WORLD.codes, WORLD.polygons), *way) for way in ways]
    one = Territories(WORLD.codes, WORLD.polygons)
    assert [split(one, *way) for way in ways] == apart
    assert [split(one, *way) for way in reversed(ways)] == apart[::-1]


def test_cells_name_every_edge_that_a_box_meets() -> None:
    random = np.random.default_rng(11)
    polygons = borders.shipped_territories().polygons[:60]
    west, south = random.uniform((20, 20), (120, 60), (300, 2)).T
    size = random.uniform(0, 2, 300)
    boxes = Boxes(west, south, west + size, south + size)
    cells = TerritoryIndex(polygons).cells(boxes)
    met = shapely.STRtree(shapely.boundary(polygons)).query(
        shapely.box(west, south, west + size, south + size), predicate="intersects"
    )[0]
    near = cells.is_near_edge(boxes)
    assert near[np.unique(met)].all()
    assert not near.all()
    box_number, edge = cells.pairs(boxes)
    lines = shapely.linestrings(np.stack([cells.points[edge], cells.points[edge + 1]], axis=1))
    drawn = shapely.box(west, south, west + size, south + size)[box_number]
    assert set(box_number[shapely.intersects(lines, drawn)]) == set(met)
