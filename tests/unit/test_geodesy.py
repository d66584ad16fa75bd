"""Lengths and areas against published figures and the Python implementation of GeographicLib."""

from __future__ import annotations

import os
import re
import tracemalloc

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from sco_geo import _coordinate_blocks, geodesy
from sco_geo.errors import GeometryError, UsageError

lon_lat = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def reference_m(points: list[tuple[float, float]]) -> float:
    """Sum of geodesics by geographiclib, an implementation apart from PROJ's."""
    pairs = zip(points[:-1], points[1:], strict=True)
    return sum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in pairs)


@pytest.mark.parametrize(
    ("line", "metres"),
    [
        # One degree of the equator: a·π/180 (a = 6378137 m).
        ([(0, 0), (1, 0)], 111319.49079327358),
        # Quarter meridian of WGS84: 10001965.7293 m (Karney 2013, table of constants).
        ([(30, 0), (30, 90)], 10001965.7293),
        # JFK to LHR, manual of GeodSolve of GeographicLib: 5551759.400 m.
        ([(-73.8, 40.6), (-0.5, 51.6)], 5551759.400),
        # Across the antimeridian the short way: the same degree of the equator.
        ([(179.5, 0), (-179.5, 0)], 111319.49079327358),
    ],
)
def test_published_lengths(line: list[tuple[float, float]], metres: float) -> None:
    assert geodesy.length_km(LineString(line)) * 1e3 == pytest.approx(metres, abs=1e-3)


@given(st.lists(lon_lat, min_size=2, max_size=6))
def test_agrees_with_geographiclib(points: list[tuple[float, float]]) -> None:
    measured = geodesy.line_lengths_m(np.array([LineString(points)], dtype=object))[0]
    assert measured == pytest.approx(reference_m(points), rel=1e-12, abs=1e-6)


@given(st.lists(lon_lat, min_size=2, max_size=5))
def test_reversal_and_a_turn_change_nothing(points: list[tuple[float, float]]) -> None:
    km = geodesy.length_km(LineString(points))
    turned = [(lon + 360, lat) for lon, lat in points]
    assert geodesy.length_km(LineString(points[::-1])) == pytest.approx(km, rel=1e-12, abs=1e-9)
    assert geodesy.length_km(LineString(turned)) == pytest.approx(km, rel=1e-11, abs=1e-8)


def test_parts_heights_and_emptiness() -> None:
    lines = [
        MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]]),
        LineString([(0, 0, 9000), (1, 0, -50)]),
        LineString(),
    ]
    km = geodesy.length_km(gpd.GeoSeries(lines, crs="OGC:CRS84"))
    assert km.tolist() == pytest.approx([222.63898158654716, 111.31949079327358, 0.0])


def test_frame_keeps_its_index_and_is_not_changed() -> None:
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[LineString([(0, 0), (1, 0)])], index=["x"])
    before = frame.copy(deep=True)
    km = geodesy.length_km(frame)
    assert list(km.index) == ["x"]
    assert km.dtype == np.float64
    assert frame.equals(before)


@pytest.mark.parametrize("geometry", [Point(1, 1), box(0, 0, 1, 1)])
def test_what_has_no_length_is_refused(geometry: shapely.Geometry) -> None:
    with pytest.raises(GeometryError, match="feature 0 is a"):
        geodesy.length_km(geometry)


def test_metres_are_refused() -> None:
    with pytest.raises(GeometryError, match="not a longitude and latitude"):
        geodesy.length_km(LineString([(500000, 4500000), (500100, 4500000)]))


@pytest.mark.parametrize(
    ("system", "why"),
    [
        ("EPSG:3857", "no longitude and latitude"),  # Web Mercator
        ("EPSG:4978", "no longitude and latitude"),  # geocentric
        ("EPSG:4284", "another ellipsoid"),  # Pulkovo 1942, Krassowsky 1940
        ("EPSG:9475", "another ellipsoid"),  # PZ-90.11
        ("EPSG:4807", "not in degrees"),  # NTF (Paris), grads
        ("+proj=ob_tran +o_proj=longlat +o_lat_p=40 +o_lon_p=0 +lon_0=10 +ellps=WGS84", "no long"),
    ],
)
def test_other_reference_systems_are_refused(system: str, why: str) -> None:
    frame = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=system)
    with pytest.raises(GeometryError, match=rf"{why}.*to_crs\('OGC:CRS84'\)"):
        geodesy.length_km(frame)
    with pytest.raises(GeometryError, match="area_km2 needs"):
        geodesy.geodesic_area_km2(gpd.GeoSeries([box(0, 0, 1, 1)], crs=system))


# WGS84, the same with heights, GRS 1980 in Europe, CGCS2000 in China: the same ellipsoid to 0.1 mm.
@pytest.mark.parametrize(
    "system", ["OGC:CRS84", "EPSG:4326", "EPSG:4979", "EPSG:4258", "EPSG:4490"]
)
def test_systems_like_wgs84_are_measured(system: str) -> None:
    frame = gpd.GeoSeries([LineString([(0, 0), (1, 0)])], crs=system)
    assert geodesy.length_km(frame)[0] == pytest.approx(111.31949079327358, rel=1e-12)


LINE = LineString([(0, 0), (1, 0)])
BAD = LineString([(0, 0), (7, 95.5)])


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (None, "feature 1: \\(7.0, 95.5\\)"),
        (["a", "b"], "feature b \\(at position 1\\): \\(7.0, 95.5\\)"),
        ([7, 0], "feature 0 \\(at position 1\\)"),
        ([7, pd.NA], "feature <NA> \\(at position 1\\)"),
    ],
)
def test_errors_name_label_position_and_coordinate(labels: list[object], named: str) -> None:
    with pytest.raises(GeometryError, match=named):
        geodesy.length_km(gpd.GeoSeries([LINE, BAD], index=labels))


@pytest.mark.parametrize("method", ["exact", "short"])
@pytest.mark.parametrize(
    "vertex",
    [(0, 90.0001), (540.1, 0), (-541, 0), (np.nan, 0), (0, np.nan), (np.inf, 0), (0, -np.inf)],
)
def test_a_bad_coordinate_anywhere_is_refused(method: str, vertex: tuple[float, float]) -> None:
    for part in ([(5, 5), (6, 6), vertex], [vertex, (5, 5), (6, 6)]):
        with np.errstate(invalid="ignore"):
            multi = MultiLineString([[(0, 0), (1, 0)], part])
            lines = [LINE, None, LineString(), multi, LineString(part), LINE]
        with pytest.raises(GeometryError, match=rf"feature 3: \({float(vertex[0])}, "):
            geodesy.length_km(lines, method=method)
        with pytest.raises(GeometryError, match=rf"feature 1: \({float(vertex[0])}, "):
            geodesy.length_km([lines[0], lines[4], lines[0]], method=method)


def test_the_poles_and_one_and_a_half_turns_are_places() -> None:
    lines = [LineString([(-540, -90), (540, 90)]), LineString([(0, 90), (123, 90)])]
    # Half a meridian: twice 10001965.7293 m (Karney 2013).
    assert geodesy.length_km(lines).tolist() == pytest.approx([20003.9314586, 0], abs=1e-6)


@pytest.mark.parametrize("method", ["exact", "short"])
def test_every_kind_of_line(method: str) -> None:
    ring = LinearRing([(0, 0), (0.1, 0), (0, 0.1)])
    multi = MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]])
    nested = GeometryCollection([LINE, GeometryCollection([multi, Point()]), MultiLineString()])
    empty = [LineString(), MultiLineString(), GeometryCollection(), LinearRing(), Point(), None]
    km = geodesy.length_km([ring, multi, nested, *empty], method=method)
    degree = 111.31949079327358
    around = reference_m(list(ring.coords)) / 1e3
    assert km[:3].tolist() == pytest.approx([around, 2 * degree, 3 * degree], rel=2e-9)
    assert km[3:8].tolist() == [0] * 5
    assert np.isnan(km[8])


def test_a_point_within_a_collection_is_refused() -> None:
    collection = GeometryCollection([LINE, GeometryCollection([Point(1, 1)])])
    with pytest.raises(GeometryError, match="feature 1 is a Point in a GeometryCollection"):
        geodesy.length_km([LINE, collection])


def test_what_is_no_geometry_is_refused() -> None:
    with pytest.raises(GeometryError, match="feature 1 is a str and no geometry"):
        geodesy.length_km([LINE, "LINESTRING (0 0, 1 1)"])
    with pytest.raises(GeometryError, match="feature 0 is a tuple"):
        geodesy.length_km([(0, 0), (1, 0)])
    for other, kind in (
        (5, "int"),
        ((line for line in [LINE]), "generator"),
        ({"a": LINE}, "dict"),
    ):
        with pytest.raises(GeometryError, match=f"length_km needs geometries .* got a {kind}"):
            geodesy.length_km(other)


def test_other_containers() -> None:
    degree = pytest.approx(111.31949079327358)
    array = np.array([LINE, LINE], dtype=object)
    for lines in (array, [LINE, LINE], (LINE, LINE), gpd.array.from_shapely(array)):
        km = geodesy.length_km(lines)
        assert isinstance(km, np.ndarray)
        assert km.tolist() == [degree, degree]
    assert geodesy.length_km(pd.Series([LINE], index=["x"]))["x"] == degree
    assert np.isnan(geodesy.length_km(None))
    assert geodesy.length_km([]).tolist() == []
    assert geodesy.length_km(gpd.GeoSeries([], crs="OGC:CRS84")).tolist() == []


def test_a_frame_without_geometry_is_refused() -> None:
    with pytest.raises(GeometryError, match="no column of geometries"):
        geodesy.length_km(gpd.GeoDataFrame({"a": [1]}))


def test_another_method_is_refused() -> None:
    for method in ("haversine", ["exact"], None):
        with pytest.raises(UsageError, match=f"{re.escape(repr(method))} is none of exact, short"):
            geodesy.length_km(LINE, method=method)


def layer(lines: int, vertices: int) -> npt.NDArray[np.object_]:
    random = np.random.default_rng(lines)
    places = random.uniform([-10, 10], [150, 70], (lines, 1, 2))
    steps = random.uniform(-0.2, 0.2, (lines, vertices, 2))
    return np.asarray(shapely.linestrings(places + np.cumsum(steps, axis=1) / 10))


@pytest.mark.parametrize("method", ["exact", "short"])
def test_threads_and_neighbours_change_no_bit(
    method: geodesy.Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_coordinate_blocks, "BLOCK", 300)
    monkeypatch.setattr(geodesy, "_MIN_FOR_THREADS", 0)
    # The second is three blocks to the vertex.
    long = np.append(layer(1, 1500), layer(1, 901))
    lines = np.concatenate([layer(50, 7), long, layer(3, 299), long[:1], layer(40, 2)])
    lines[10] = shapely.multilinestrings([*long, *lines[:5]])
    one = geodesy.line_lengths_m(lines, method=method, threads=1)
    assert geodesy.line_lengths_m(lines, method=method, threads=3).tolist() == one.tolist()
    alone = [geodesy.line_lengths_m(lines[i : i + 1], method=method)[0] for i in range(len(lines))]
    assert alone == one.tolist()
    monkeypatch.undo()
    assert geodesy.line_lengths_m(lines, method=method) == pytest.approx(one, rel=1e-15)


@pytest.mark.parametrize("vertices", [600, 601, 602, 900, 901])
def test_a_line_of_full_blocks_is_measured_to_its_end(
    vertices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (long,) = layer(1, vertices)
    expected = geodesy.length_km(long)
    monkeypatch.setattr(_coordinate_blocks, "BLOCK", 300)
    assert geodesy.length_km(long) == pytest.approx(expected, rel=1e-13)


def test_an_error_in_a_later_block_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_coordinate_blocks, "BLOCK", 100)
    monkeypatch.setattr(geodesy, "_MIN_FOR_THREADS", 0)
    lines = np.append(layer(900, 10), [BAD])
    with pytest.raises(GeometryError, match="feature 900"):
        geodesy.line_lengths_m(lines, threads=2)


@pytest.mark.parametrize("method", ["exact", "short"])
@pytest.mark.parametrize("lines", [1, 100, 20_000])
def test_memory_is_less_than_the_coordinates(
    method: geodesy.Method, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Smaller blocks and a smaller layer, for speed: what is copied at a time does not grow with it.
    monkeypatch.setattr(_coordinate_blocks, "BLOCK", 8192)
    geometries = layer(lines, 600_000 // lines)
    coordinates = 600_000 * 16
    tracemalloc.start()
    try:
        geodesy.line_lengths_m(geometries, method=method, threads=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A line is copied whole, so one that is all of the layer takes as much as its coordinates.
    assert peak < coordinates * (0.8 if lines > 1 else 1.5)


def test_cores_are_those_of_the_process() -> None:
    if not hasattr(os, "sched_getaffinity"):
        assert geodesy.usable_cores() >= 1
        return
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert geodesy.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert geodesy.usable_cores() == len(before)


def test_area_of_the_ellipsoid() -> None:
    # Surface of WGS84: 510065621.724 km² (NIMA TR8350.2 rev. 3, table 3.3).
    eighth = Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])
    assert 8 * geodesy.geodesic_area_km2(eighth) == pytest.approx(510065621.724, rel=1e-9)


def test_holes_are_subtracted() -> None:
    shell, hole = box(0, 0, 2, 2), box(0.5, 0.5, 1, 1)
    holed = Polygon(shell.exterior, [hole.exterior])
    km2 = geodesy.geodesic_area_km2
    assert km2(holed) == pytest.approx(km2(shell) - km2(hole), rel=1e-12)


def reference_m2(points: list[tuple[float, float]]) -> float:
    """The area of a ring by geographiclib, an implementation apart from PROJ's."""
    ring = Geodesic.WGS84.Polygon()
    for lon, lat in points:
        ring.AddPoint(lat, lon)
    return abs(ring.Compute()[2])


@given(
    st.floats(-180, 180),
    st.floats(-85, 85),
    st.lists(st.floats(0.1, 4), min_size=3, max_size=12),
    st.booleans(),
)
def test_areas_agree_with_geographiclib(
    lon: float, lat: float, radii: list[float], is_clockwise: bool
) -> None:
    # A star about a place, in longitudes up to ±184.
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)[:: -1 if is_clockwise else 1]
    star = [(lon + r * np.cos(a), lat + r * np.sin(a)) for r, a in zip(radii, angles, strict=True)]
    km2 = geodesy.geodesic_area_km2(Polygon(star))
    assert km2 * 1e6 == pytest.approx(reference_m2(star), rel=1e-9, abs=1)


@pytest.mark.parametrize(
    ("ring", "km2"),
    [
        # Half of the surface, 510065621.724 km² (NIMA TR8350.2, table 3.3): north of the equator.
        ([(0, 0), (90, 0), (180, 0), (-90, 0)], 255032810.862),
        # The same, drawn along the edges of a flat map.
        ([(-180, 0), (-90, 0), (0, 0), (90, 0), (180, 0), (180, 90), (-180, 90)], 255032810.862),
        # A quarter of it, across the antimeridian and to the pole.
        ([(135, 0), (-135, 0), (-135, -90)], 510065621.724 / 8),
    ],
)
def test_areas_about_a_pole_and_across_the_antimeridian(
    ring: list[tuple[float, float]], km2: float
) -> None:
    assert geodesy.geodesic_area_km2(Polygon(ring)) == pytest.approx(km2, rel=1e-9)
    assert geodesy.geodesic_area_km2(Polygon(ring[::-1])) == pytest.approx(km2, rel=1e-9)


def test_a_cap_about_the_pole_agrees_with_geographiclib() -> None:
    cap = [(lon, 70 + lon % 7) for lon in range(-180, 180, 5)]
    assert geodesy.geodesic_area_km2(Polygon(cap)) * 1e6 == pytest.approx(reference_m2(cap))


def test_areas_of_a_layer() -> None:
    shell, hole = box(0, 0, 2, 2), box(0.5, 0.5, 1, 1)
    holed = Polygon(shell.exterior, [hole.exterior, box(1.2, 1.2, 1.4, 1.4).exterior])
    far = box(30, 40, 31, 41)
    several = [MultiPolygon([holed, far]), None, Polygon(), GeometryCollection([far, shell]), holed]
    rings = [shell, hole, box(1.2, 1.2, 1.4, 1.4), far]
    a, b, c, d = (reference_m2(list(ring.exterior.coords)) / 1e6 for ring in rings)
    frame = gpd.GeoSeries(several, index=list("vwxyz"))
    km2 = geodesy.geodesic_area_km2(frame)
    assert list(km2.index) == list("vwxyz")
    assert km2.name == "area_km2"
    assert np.isnan(km2["w"])
    expected = [a - b - c + d, 0, d + a, a - b - c]
    assert km2[["v", "x", "y", "z"]].tolist() == pytest.approx(expected, rel=1e-9)


def test_what_has_no_area_is_refused() -> None:
    with pytest.raises(GeometryError, match="feature 1 is a LineString: no area"):
        geodesy.geodesic_area_km2([box(0, 0, 1, 1), LINE])
    with pytest.raises(GeometryError, match=r"feature 1: \(5.0, 91.0\) is not a longitude"):
        geodesy.geodesic_area_km2([box(0, 0, 1, 1), Polygon([(4, 91), (5, 91), (5, 80)][::-1])])


@pytest.mark.parametrize("ring", [box(-180, 10, 180, 20), box(-180, 0, 180, 90)])
def test_a_ring_along_the_edges_of_a_flat_map_is_refused(ring: Polygon) -> None:
    """Its edges of 360° have no length, so it would bound nothing; with vertices it does."""
    with pytest.raises(GeometryError, match="feature 1: a ring round the earth bounds nothing"):
        geodesy.geodesic_area_km2([box(0, 0, 1, 1), ring])
    north = geodesy.geodesic_area_km2(shapely.segmentize(box(-180, 0, 180, 90), 90))
    assert north == pytest.approx(510065621.724 / 2, rel=1e-9)


def test_holes_larger_than_the_shell_are_refused() -> None:
    """The sea without Africa is more than half of the earth; its shell bounds the smaller side."""
    sea = Polygon([(lon, -80) for lon in range(-180, 180, 10)], [box(0, 0, 30, 60).exterior.coords])
    with pytest.raises(GeometryError, match="feature 0: the holes are larger than the shell"):
        geodesy.geodesic_area_km2(sea)


def test_areas_of_many_polygons_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    corners = np.random.default_rng(1).uniform([-170, -80], [170, 70], (300, 2))
    boxes = shapely.box(*corners.T, *(corners + 1.5).T)
    whole = geodesy.polygon_areas_m2(boxes)
    monkeypatch.setattr(_coordinate_blocks, "BLOCK", 40)
    monkeypatch.setattr(geodesy, "_MIN_FOR_THREADS", 0)
    assert geodesy.polygon_areas_m2(boxes).tolist() == whole.tolist()
    assert whole[::30] == pytest.approx(
        [reference_m2(list(b.exterior.coords)) for b in boxes[::30]]
    )


@given(st.lists(lon_lat, min_size=2, max_size=4), st.floats(10, 4000))
def test_densifying_keeps_vertices_and_length(
    points: list[tuple[float, float]], step_km: float
) -> None:
    dense, segment = geodesy.densify(np.array(points), step_km)
    pieces = geodesy.segment_lengths_m(dense[:-1, 0], dense[:-1, 1], dense[1:, 0], dense[1:, 1])
    assert pieces.max() <= step_km * 1e3 * (1 + 1e-6) + 1e-6
    assert pieces.sum() == pytest.approx(reference_m(points), rel=1e-9, abs=1e-3)
    assert len(segment) == len(dense) - 1
    assert [tuple(p) for p in dense[[0, -1]]] == [points[0], points[-1]]
