"""Join and cut at ±180°: expectations worked out by hand, from RFC 7946 or from plane geometry."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sco_geo import antimeridian
from sco_geo.antimeridian import cut_at_antimeridian, join_at_antimeridian, unwrap_longitudes

EAST = shapely.box(170, 60, 180, 70)
WEST = shapely.box(-180, 60, -170, 70)


def wkt(geometry: object) -> str:
    return shapely.to_wkt(geometry, rounding_precision=6)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(antimeridian).failed == 0


def test_joined_square_is_one_polygon_without_seam_edge() -> None:
    joined = join_at_antimeridian(shapely.union_all([EAST, WEST]))
    assert joined.geom_type == "Polygon"
    assert shapely.equals(joined, shapely.box(170, 60, 190, 70))
    rings = shapely.get_coordinates(joined.exterior)
    on_seam = rings[:, 0] == 180.0
    assert not (on_seam[:-1] & on_seam[1:]).any()


def test_line_of_rfc_7946_section_3_1_9() -> None:
    """The RFC cuts (170, 45) - (-170, 45) into two lines that end at 180 and start at -180."""
    cut = cut_at_antimeridian(shapely.LineString([(170, 45), (190, 45)]))
    assert wkt(cut) == "MULTILINESTRING ((170 45, 180 45), (-180 45, -170 45))"


def test_polygon_of_rfc_7946_section_3_1_9() -> None:
    """The RFC cuts the box 170..-170, 40..50 into two boxes that meet at the antimeridian."""
    cut = cut_at_antimeridian(shapely.box(170, 40, 190, 50))
    assert shapely.equals(
        cut, shapely.union_all([shapely.box(170, 40, 180, 50), shapely.box(-180, 40, -170, 50)])
    )
    assert all(ring.is_ccw for ring in (part.exterior for part in cut.geoms))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(190, 10), (170, 0)], "MULTILINESTRING ((-170 10, -180 5), (180 5, 170 0))"),
        ([(170, 0), (180, 5), (175, 9)], "LINESTRING (170 0, 180 5, 175 9)"),
        ([(170, 0), (180, 5), (190, 0)], "MULTILINESTRING ((170 0, 180 5), (-180 5, -170 0))"),
        ([(-190, 0), (-170, 0)], "MULTILINESTRING ((170 0, 180 0), (-180 0, -170 0))"),
        ([(200, 0), (210, 0)], "LINESTRING (-160 0, -150 0)"),
        (
            [(170, 0), (190, 0), (190, 2), (170, 2)],
            "MULTILINESTRING ((170 0, 180 0), (-180 0, -170 0, -170 2, -180 2), (180 2, 170 2))",
        ),
        ([(170, 0), (550, 38)], "MULTILINESTRING ((170 0, 180 1), (-180 1, 180 37), "
         "(-180 37, -170 38))"),
    ],
)  # fmt: skip
def test_lines_are_cut_in_their_own_direction(line: list[tuple[int, int]], expected: str) -> None:
    assert wkt(cut_at_antimeridian(shapely.LineString(line))) == expected


def test_line_that_crosses_itself_is_not_noded() -> None:
    loop = shapely.LineString([(170, 0), (178, 0), (178, 4), (174, 4), (174, -4), (186, -4)])
    cut = cut_at_antimeridian(loop)
    assert [len(part.coords) for part in cut.geoms] == [6, 2]


def test_lines_join_end_to_start() -> None:
    cut = shapely.from_wkt("MULTILINESTRING ((-180 5, -170 10), (170 0, 180 5), (0 0, 1 1))")
    joined = join_at_antimeridian(cut)
    assert wkt(joined) == "MULTILINESTRING ((170 0, 180 5, 190 10), (0 0, 1 1))"


def test_lines_that_meet_at_the_seam_at_different_latitudes_stay_apart() -> None:
    cut = shapely.from_wkt("MULTILINESTRING ((170 0, 180 5), (-180 6, -170 10))")
    assert len(join_at_antimeridian(cut).geoms) == 2


def test_what_lies_west_of_30_w_moves_and_the_rest_stays() -> None:
    points = shapely.MultiPoint([(-169, 65), (-30, 0), (-29, 0), (10, 0), (-180, 1), (180, 1)])
    assert shapely.get_coordinates(join_at_antimeridian(points))[:, 0].tolist() == [
        191, -30, -29, 10, 180, 180,
    ]  # fmt: skip


def test_hole_on_the_seam_survives_both_ways() -> None:
    plate = shapely.box(170, 60, 190, 70) - shapely.box(178, 64, 183, 66)
    cut = cut_at_antimeridian(plate)
    assert shapely.is_valid(cut) and cut.area == pytest.approx(200 - 10)
    joined = join_at_antimeridian(cut)
    assert shapely.equals(joined, plate)
    assert len(joined.interiors) == 1


def test_two_lands_on_one_side_of_the_seam() -> None:
    """A bay open to the east: one piece joined, two pieces west of the seam and one east of it."""
    bay = shapely.union_all(
        [
            shapely.box(170, 60, 185, 62),
            shapely.box(170, 66, 185, 68),
            shapely.box(170, 60, 175, 68),
        ]
    )
    cut = cut_at_antimeridian(bay)
    bounds = sorted(part.bounds for part in cut.geoms)
    assert [(b[0], b[2]) for b in bounds] == [(-180, -175), (-180, -175), (170, 180)]
    assert shapely.equals(join_at_antimeridian(cut), bay)


def test_third_coordinate_is_kept_and_interpolated() -> None:
    line = shapely.LineString([(170, 0, 100), (190, 0, 300)])
    cut = cut_at_antimeridian(line)
    assert shapely.get_coordinates(cut, include_z=True)[:, 2].tolist() == [100, 200, 200, 300]
    assert shapely.equals(join_at_antimeridian(cut), line)


def test_away_from_the_seam_only_the_winding_changes() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    assert not clockwise.exterior.is_ccw
    cut = cut_at_antimeridian(clockwise)
    assert cut.exterior.is_ccw and shapely.equals(cut, clockwise)
    assert not clockwise.exterior.is_ccw, "the input was changed"


def test_greenland_is_not_torn_at_30_w() -> None:
    greenland = shapely.box(-73, 60, -11, 83)
    assert join_at_antimeridian(greenland).bounds == greenland.bounds


def test_mixed_collection_keeps_all_parts() -> None:
    mixed = shapely.GeometryCollection([shapely.Point(185, 1), shapely.box(170, 0, 190, 1)])
    cut = cut_at_antimeridian(mixed)
    assert sorted(part.geom_type for part in cut.geoms) == ["Point", "Polygon", "Polygon"]


def test_empty_geometry_stays_empty() -> None:
    assert join_at_antimeridian(shapely.Polygon()).is_empty
    assert cut_at_antimeridian(shapely.LineString()).is_empty


def test_unwrap_follows_several_turns_and_leaves_180_alone() -> None:
    lons = np.array([0.0, 120.0, -120.0, 0.0, 120.0, -120.0])
    assert unwrap_longitudes(lons).tolist() == [0, 120, 240, 360, 480, 600]
    assert unwrap_longitudes(np.array([0.0, 180.0, 0.0])).tolist() == [0, 180, 0]
    assert unwrap_longitudes(np.array([5.0])).tolist() == [5]


@given(
    west=st.floats(171, 179.5),
    width=st.floats(1, 20),
    south=st.floats(-80, 70),
    height=st.floats(0.1, 9),
)
def test_cut_and_join_are_inverse(west: float, width: float, south: float, height: float) -> None:
    box = shapely.box(west, south, west + width, south + height)
    cut = cut_at_antimeridian(box)
    lons = shapely.get_coordinates(cut)[:, 0]
    assert (np.abs(lons) <= 180).all()
    assert cut.area == pytest.approx(box.area, rel=1e-9)
    joined = join_at_antimeridian(cut)
    assert joined.geom_type == "Polygon"
    assert joined.symmetric_difference(box).area == pytest.approx(0, abs=1e-9)
    assert shapely.equals(join_at_antimeridian(joined), joined), "joining twice changed something"
