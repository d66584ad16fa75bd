"""Track given back to freight, on a small network reckoned by hand.

It lies on the equator, where 0.1° is 11.1 km. A conventional line runs west to east through a
throat that the walk of a passenger line took; there is a long way round without marks.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from _rail_graph import FROM_OSM, geodesic_km
from _rail_graph import RailGraph as Tracks
from _rail_lines import DrawnLine
from _rail_output import Marks
from _rail_shared import FreightLine, free_lines, read_freight_lines
from _rail_table import edge_table
from _rail_tables import Tables
from _rail_walk import RailGraph

from sco_geo.network._format import LINE_CLASSES

GEO = Path(__file__).parents[2] / "geo"
TABLE = GEO / "rail_freight_lines.csv"

WEST, THROAT_WEST, THROAT_EAST, EAST = range(4)
NODES = [(0.0, 0.0), (0.1, 0.0), (0.2, 0.0), (0.3, 0.0), (0.15, 0.4), (0.15, -0.1), (0.25, 0.1)]
#: Ends, km and mark: line, throat, line, way round (two edges), high-speed line (two edges).
EDGES = [
    (WEST, THROAT_WEST, 11.2, False),
    (THROAT_WEST, THROAT_EAST, 11.2, True),
    (THROAT_EAST, EAST, 11.2, False),
    (WEST, 4, 60.0, False),
    (4, EAST, 60.0, False),
    (5, THROAT_WEST, 12.5, True),
    (THROAT_EAST, 6, 12.5, True),
]
THROAT = 1


def network() -> tuple[RailGraph, np.ndarray]:
    lon, lat = np.array(NODES).T
    start, end, km, marked = (np.array(column) for column in zip(*EDGES, strict=True))
    return RailGraph(lon, lat, start, end, km.astype(np.float64)), marked


def places(*nodes: int) -> tuple[tuple[float, float], ...]:
    return tuple(NODES[node] for node in nodes)


def test_the_throat_is_given_back_and_the_high_speed_line_is_not() -> None:
    graph, marked = network()
    freed = free_lines(graph, marked, [FreightLine("a", places(WEST, EAST))])
    assert freed.tolist() == [THROAT]


def test_nothing_is_given_back_where_the_way_has_no_marks() -> None:
    graph, marked = network()
    lines = [FreightLine("a", places(WEST, THROAT_WEST)), FreightLine("b", places(WEST, 4, EAST))]
    assert free_lines(graph, marked, lines).tolist() == []


def test_free_track_of_nearly_the_same_length_is_preferred() -> None:
    """The throat counts 1.6 times, that is 17.9 km; a second track of 15 km is taken instead."""
    graph, marked = network()
    second = RailGraph(
        np.r_[graph.lon, 0.15],
        np.r_[graph.lat, 0.05],
        np.r_[graph.start, THROAT_WEST, len(NODES)],
        np.r_[graph.end, len(NODES), THROAT_EAST],
        np.r_[graph.km, 7.5, 7.5],
    )
    line = FreightLine("a", places(WEST, EAST))
    assert free_lines(second, np.r_[marked, False, False], [line]).tolist() == []


def test_a_line_without_a_way_is_named() -> None:
    graph, marked = network()
    line = FreightLine("nowhere", ((0.0, 0.0), (0.3, -0.3)))
    with pytest.raises(ValueError, match="nowhere: no way through its waypoints"):
        free_lines(graph, marked, [line])


@pytest.mark.parametrize(
    ("waypoints", "message"),
    [("0.0 0.0", "needs two waypoints"), ("0.0;1.0 1.0", "2: .*Hint"), ("a b;1.0 1.0", "Hint")],
)
def test_a_bad_row_is_named_with_a_hint(tmp_path: Path, waypoints: str, message: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f"line_id,waypoints\nx,{waypoints}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_freight_lines(path)


def test_rows_of_the_table_are_unique_and_sourced() -> None:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (GEO / "rail_sources.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["source_id"] for row in csv.DictReader(stream)}
    ids = [row["line_id"] for row in rows]
    assert ids == sorted(set(ids))
    assert [row["line_id"] for row in rows if not set(row["source_id"].split(";")) <= known] == []
    assert len(read_freight_lines(TABLE)) == len(rows)


@pytest.mark.parametrize("traffic", ["passenger", "mixed"])
def test_a_drawn_line_for_passengers_is_of_their_class(traffic: str) -> None:
    """A triangle: two edges of the data, the third drawn by hand."""
    lon, lat = np.array([0.0, 1.0, 0.5]), np.array([0.0, 0.0, 0.8])
    start, end = np.array([0, 1, 2]), np.array([1, 2, 0])
    km = geodesic_km(lon[start], lat[start], lon[end], lat[end])
    graph = Tracks(lon, lat, start, end, km, np.array([FROM_OSM, FROM_OSM, 0]))
    line = DrawnLine("new", (), {"status": "operating", "kind": "railway", "traffic": traffic})
    tables = Tables([line], [], [], (), (), [], [])
    never = np.zeros(3, dtype=bool)
    marks = Marks(["CHN"] * 3, ["1435"] * 3, np.full(3, -1), km, never)
    table = edge_table(graph, marks, tables, {})
    drawn = LINE_CLASSES.index("passenger" if traffic == "passenger" else "conventional")
    assert sorted(zip(table.line.tolist(), table.line_class.tolist(), strict=True))[-1] == (
        0,
        drawn,
    )
    assert (table.line_class[table.line < 0] == LINE_CLASSES.index("conventional")).all()
