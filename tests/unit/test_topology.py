"""The geometry block: what is encoded comes back within half a quantum, shared arcs once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPoint, Point, box

from sco_geo.atlas.topology import QUANTUM, Topology, decode

whole = st.integers(-30 * 10**4, 190 * 10**4)


def rings(block: dict[str, object], number: int) -> list[np.ndarray]:
    """Put the rings or lines of a shape together again, in degrees."""
    arcs = decode(block["arcs"])  # type: ignore[arg-type]
    kind, *parts = block["shapes"][number]  # type: ignore[index]
    lists = [refs for part in parts for refs in part] if kind == "A" else parts
    out = []
    for refs in lists:
        pieces = [arcs[ref] if ref >= 0 else arcs[~ref][::-1] for ref in refs]
        joined = [pieces[0], *(piece[1:] for piece in pieces[1:])]
        out.append(np.vstack(joined) * QUANTUM)
    return out


def shared_arcs(block: dict[str, object], numbers: list[int]) -> set[int]:
    """The arcs that the shapes use more than once."""
    refs = [ref for n in numbers for part in block["shapes"][n][1:] for r in part for ref in r]  # type: ignore[index]
    arcs = [ref if ref >= 0 else ~ref for ref in refs]
    return {arc for arc in arcs if arcs.count(arc) > 1}


def test_neighbours_share_one_arc() -> None:
    topology = Topology()
    numbers = [topology.add(box(0, 0, 1, 1)), topology.add(box(1, 0, 2, 1))]
    block = topology.encode()
    assert len(shared_arcs(block, numbers)) == 1
    for number, expected in zip(numbers, (box(0, 0, 1, 1), box(1, 0, 2, 1)), strict=True):
        assert shapely.Polygon(rings(block, number)[0]).equals(expected)


def test_a_border_line_lies_on_the_arcs_of_the_areas_beside_it() -> None:
    far = (1, 0, 1, 40)  # longer than a stroke: other lines get points of their geodesic
    topology = Topology()
    areas = [topology.add(box(0, 0, 1, 40)), topology.add(box(1, 0, 2, 40))]
    line = topology.add(shapely.LineString([far[:2], far[2:]]), is_border=True)
    block = topology.encode()
    (refs,) = block["shapes"][line][1:]  # type: ignore[index]
    assert {ref if ref >= 0 else ~ref for ref in refs} == shared_arcs(block, areas)


def test_island_inside_a_hole_shares_its_whole_ring() -> None:
    topology = Topology()
    holed = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    numbers = [topology.add(holed), topology.add(box(3, 3, 6, 6))]
    block = topology.encode()
    assert block["count"] == 2
    assert len(shared_arcs(block, numbers)) == 1
    assert shapely.Polygon(*[r for r in rings(block, numbers[1])]).equals(box(3, 3, 6, 6))


def test_a_cut_state_is_one_piece_and_has_no_seam() -> None:
    topology = Topology()
    halves = shapely.MultiPolygon([box(170, 60, 180, 70), box(-180, 60, -170, 70)])
    number = topology.add(halves)
    (ring,) = rings(topology.encode(), number)
    assert shapely.Polygon(ring).equals(box(170, 60, 190, 70))


def test_points_collections_and_nothing() -> None:
    topology = Topology()
    numbers = [
        topology.add(Point(1.00004, -2)),
        topology.add(MultiPoint([(1, 2), (3, 4)])),
        topology.add(None),
        topology.add(GeometryCollection([Point(5, 6), LineString([(0, 0), (0.1, 0)])])),
    ]
    shapes = topology.encode()["shapes"]
    assert [shapes[n] for n in numbers[:3]] == [  # type: ignore[index]
        ["P", 10000, -20000],
        ["P", 10000, 20000, 30000, 40000],
        ["N"],
    ]
    kind, *members = shapes[numbers[3]]  # type: ignore[index]
    assert kind == "G"
    assert [shapes[m][0] for m in members] == ["P", "L"]  # type: ignore[index]


@given(
    st.tuples(whole, st.integers(0, 70 * 10**4)),
    st.lists(st.tuples(st.integers(-1500, 1500), st.integers(-1500, 1500)), min_size=1),
)
def test_lines_come_back(start: tuple[int, int], steps: list[tuple[int, int]]) -> None:
    points = np.vstack([start, steps]).cumsum(axis=0) * QUANTUM
    topology = Topology()
    number = topology.add(LineString(points))
    (back,) = rings(topology.encode(), number)
    # A chord of at most 25 km lies within 0.3 km of the straight line in degrees below 77° N.
    assert shapely.hausdorff_distance(LineString(back), LineString(points)) < 0.003 + QUANTUM
    assert np.abs(back[0] - points[0]).max() <= QUANTUM / 2 + 1e-9
    assert np.abs(back[-1] - points[-1]).max() <= QUANTUM / 2 + 1e-9


def test_long_strokes_become_geodesics() -> None:
    topology = Topology()
    number = topology.add(LineString([(60, 60), (100, 60)]))
    (back,) = rings(topology.encode(), number)
    # The great circle between two places on 60° N peaks at atan(tan 60 / cos 20) = 61.52° N.
    assert back[:, 1].max() == pytest.approx(61.52, abs=0.05)
