"""What must hold for the length of every line, by either method.

A short segment may err by 2e-9 of its length or 10 nm, an exact one by 1e-12 or 1 µm for the line;
a comparison of two lengths may show both errors.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

from sco_geo import geodesy
from sco_geo.geodesy import Method, length_km

METHODS: tuple[Method, ...] = ("exact", "short")
RELATIVE = {"exact": 2e-12, "short": 4e-9}

Points = list[tuple[float, float]]

anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
step = st.tuples(st.floats(-0.4, 0.4), st.floats(-0.3, 0.3))


@st.composite
def walks(draw: st.DrawFn) -> Points:
    """Vertices close together, about any place: mostly what the short method measures itself."""
    lon, lat = draw(anywhere)
    points = [(lon, lat)]
    for east, north in draw(st.lists(step, min_size=1, max_size=6)):
        points.append((points[-1][0] + east, max(-90, min(90, points[-1][1] + north))))
    return points


lines = st.one_of(st.lists(anywhere, min_size=2, max_size=6), walks())
each_method = pytest.mark.parametrize("method", METHODS)


def same(km: float, method: Method) -> object:
    # A longitude plus a turn is rounded by up to 6e-14 degrees, 6 nm, at every vertex.
    return pytest.approx(km, rel=RELATIVE[method], abs=1e-10)


@each_method
@given(points=lines)
def test_a_line_is_as_long_the_other_way(method: Method, points: Points) -> None:
    km = length_km(LineString(points), method=method)
    assert length_km(LineString(points[::-1]), method=method) == same(km, method)


@each_method
@given(points=lines, turn=st.sampled_from([-360, 360]))
def test_a_turn_changes_nothing(method: Method, points: Points, turn: float) -> None:
    km = length_km(LineString(points), method=method)
    turned = [(lon + turn, lat) for lon, lat in points]
    assume(all(abs(lon) <= 540 for lon, _ in turned))
    assert length_km(LineString(turned), method=method) == same(km, method)


@each_method
@given(points=lines, data=st.data())
def test_parts_add_up_to_the_whole(method: Method, points: Points, data: st.DataObject) -> None:
    km = length_km(LineString(points), method=method)
    cut = data.draw(st.integers(1, len(points) - 1))
    parts = [points[: cut + 1], points[cut:]] if cut < len(points) - 1 else [points]
    assert sum(length_km([LineString(part) for part in parts], method=method)) == pytest.approx(
        km, rel=1e-14, abs=1e-15
    )
    assert length_km(MultiLineString(parts), method=method) == pytest.approx(
        km, rel=1e-14, abs=1e-15
    )


@each_method
@given(points=lines, fraction=st.floats(0, 1))
def test_a_vertex_on_the_way_changes_nothing(
    method: Method, points: Points, fraction: float
) -> None:
    (lon0, lat0), (lon1, lat1) = points[:2]
    way = Geodesic.WGS84.InverseLine(lat0, lon0, lat1, lon1)
    # geographiclib places the vertex.
    there = way.Position(way.s13 * fraction, Geodesic.STANDARD | Geodesic.LONG_UNROLL)
    denser = [points[0], (there["lon2"], there["lat2"]), *points[1:]]
    km = length_km(LineString(points), method=method)
    assert length_km(LineString(denser), method=method) == same(km, method)


@each_method
@given(points=lines, step_km=st.floats(5, 3000))
def test_densifying_changes_nothing(method: Method, points: Points, step_km: float) -> None:
    km = length_km(LineString(points), method=method)
    denser, _ = geodesy.densify(np.array(points), step_km)
    assert length_km(LineString(denser), method=method) == same(km, method)


@each_method
@given(layer=st.lists(lines, min_size=1, max_size=5), data=st.data())
def test_neighbours_change_no_bit(method: Method, layer: list[Points], data: st.DataObject) -> None:
    together = geodesy.line_lengths_m(shapely_lines(layer), method=method)
    order = data.draw(st.permutations(range(len(layer))))
    mixed = geodesy.line_lengths_m(shapely_lines([layer[i] for i in order]), method=method)
    assert mixed.tolist() == together[order].tolist()
    alone = [geodesy.line_lengths_m(shapely_lines([line]), method=method)[0] for line in layer]
    assert together.tolist() == alone


def shapely_lines(layer: list[Points]) -> np.ndarray:
    return np.array([*(LineString(points) for points in layer), None], dtype=object)[:-1]


@given(points=lines)
def test_both_methods_agree(points: Points) -> None:
    exact, short = (length_km(LineString(points), method=method) for method in METHODS)
    segments = 1e-11 * len(points)
    assert short == pytest.approx(exact, rel=2e-9, abs=segments)


@each_method
@given(points=lines, heights=st.lists(st.floats(-1e4, 1e4), min_size=7, max_size=7))
def test_heights_change_no_bit(method: Method, points: Points, heights: list[float]) -> None:
    high = [(*point, z) for point, z in zip(points, heights, strict=False)]
    flat, raised = LineString(points), LineString(high)
    assert shapely.has_z(raised)
    assert length_km(raised, method=method) == length_km(flat, method=method)
