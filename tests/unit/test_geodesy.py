"""Lengths and areas against published figures and the Python implementation of GeographicLib."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box

from sco_geo import geodesy
from sco_geo.errors import GeometryError

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


def test_projected_frames_are_refused() -> None:
    projected = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs="EPSG:3857")
    with pytest.raises(GeometryError, match="OGC:CRS84"):
        geodesy.length_km(projected)


def test_area_of_the_ellipsoid() -> None:
    # Surface of WGS84: 510065621.724 km² (NIMA TR8350.2 rev. 3, table 3.3).
    eighth = Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])
    assert 8 * geodesy.geodesic_area_km2(eighth) == pytest.approx(510065621.724, rel=1e-9)


def test_holes_are_subtracted() -> None:
    shell, hole = box(0, 0, 2, 2), box(0.5, 0.5, 1, 1)
    holed = Polygon(shell.exterior, [hole.exterior])
    km2 = geodesy.geodesic_area_km2
    assert km2(holed) == pytest.approx(km2(shell) - km2(hole), rel=1e-12)


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
