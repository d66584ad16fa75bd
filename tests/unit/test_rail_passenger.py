"""Marking passenger lines on small drawn networks; expected edges are reckoned by hand.

All networks lie on the equator or near it, where 0.01° is 1.11 km; lengths of straight edges are
the chords themselves, winding ones are given.
"""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from _rail_passenger import (
    COLUMNS,
    Marks,
    PassengerLine,
    mark_beside,
    mark_passenger,
    mark_stubs,
    read_lines,
    walk_line,
)
from _rail_walk import RailGraph, find_edges

from sco_geo.geodesy import WGS84

Point = tuple[float, float]
TABLE = Path(__file__).parents[2] / "geo" / "rail_passenger_lines.csv"
SOURCES = sorted(TABLE.parent.glob("rail_sources*.csv"))


class Net:
    """A network drawn edge by edge; nodes are named by their coordinates."""

    def __init__(self) -> None:
        self.nodes: dict[Point, int] = {}
        self.edges: list[tuple[int, int, float]] = []
        self.names: dict[str, list[int]] = {}

    def line(self, name: str, *points: Point, winding: float = 1.0) -> Net:
        for pair in pairwise(points):
            a, b = (self.nodes.setdefault(p, len(self.nodes)) for p in pair)
            chord = WGS84.inv(*pair[0], *pair[1])[2] / 1e3
            self.names.setdefault(name, []).append(len(self.edges))
            self.edges.append((a, b, chord * winding))
        return self

    def split(self, name: str, a: Point, b: Point, middle: Point, *, after: str) -> None:
        """Split the edge a-b of a line at a node; the part behind it gets another name."""
        ends = {self.nodes[a], self.nodes[b]}
        at = next(i for i in self.names[name] if set(self.edges[i][:2]) == ends)
        km = [WGS84.inv(*p, *middle)[2] / 1e3 for p in (a, b)]
        self.edges[at] = (self.nodes[a], self.nodes[middle], km[0])
        self.names[after] = [len(self.edges)]
        self.edges.append((self.nodes[middle], self.nodes[b], km[1]))

    def graph(self) -> RailGraph:
        lon, lat = np.array(list(self.nodes), dtype=np.float64).T
        a, b, km = np.array(self.edges, dtype=np.float64).T
        return RailGraph(lon, lat, a.astype(np.int64), b.astype(np.int64), km)

    def km(self, *names: str) -> float:
        return sum(self.edges[i][2] for name in names for i in self.names[name])

    def marked(self, marks: Marks) -> set[str]:
        """Names all of whose edges are marked; a name that is marked in part fails."""
        found = set()
        for name, edges in self.names.items():
            some = marks.passenger[edges]
            assert some.all() or not some.any(), f"{name} is marked in part"
            found |= {name} if some.all() else set()
        return found


def row(*waypoints: Point, length: float | None = None) -> PassengerLine:
    return PassengerLine("fast", length, waypoints)


def two_lines() -> Net:
    """An old line that winds and a new one 0.02° beside it; they share the station at 0 and 1°."""
    old = [(0.0, 0.0), (0.25, 0.0), (0.5, 0.0), (0.75, 0.0), (1.0, 0.0)]
    new = [(0.0, 0.0), (0.1, 0.02), (0.5, 0.02), (0.9, 0.02), (1.0, 0.0)]
    return Net().line("old", *old, winding=1.04).line("new", *new)


def test_the_walk_keeps_to_the_straight_line_and_leaves_the_winding_one() -> None:
    net = two_lines()
    marks = mark_passenger(net.graph(), [row((0.0, 0.0), (1.0, 0.0))])
    assert net.marked(marks) == {"new"}
    assert marks.walks[0].walked_km == pytest.approx(net.km("new"))
    assert marks.walks[0].problem == ""


def test_straight_is_preferred_even_where_the_winding_line_is_a_little_shorter() -> None:
    # Chords of 27.8 km; the new line makes a bow of 0.08° = 8.9 km, 1.3 % longer in all.
    bow = [(0.0, 0.0), (0.25, 0.05), (0.5, 0.08), (0.75, 0.05), (1.0, 0.0)]
    old = [(0.0, 0.0), (0.25, 0.0), (0.5, 0.0), (0.75, 0.0), (1.0, 0.0)]
    net = Net().line("new", *bow).line("old", *old, winding=1.012)
    assert net.km("new") > net.km("old")
    old_net = Net().line("new", *bow).line("old", *old)
    line = row((0.0, 0.0), (1.0, 0.0))
    assert net.marked(mark_passenger(net.graph(), [line])) == {"new"}
    assert old_net.marked(mark_passenger(old_net.graph(), [line])) == {"old"}


def test_a_line_of_another_length_than_published_is_reported_and_not_marked() -> None:
    net = two_lines()
    walked = net.km("new")
    allowed = row((0.0, 0.0), (1.0, 0.0), length=walked / 1.03 - 7.0)
    marks = mark_passenger(net.graph(), [allowed])
    assert net.marked(marks) == {"new"}
    wrong = row((0.0, 0.0), (1.0, 0.0), length=walked / 1.03 - 9.0)
    marks = mark_passenger(net.graph(), [wrong])
    assert net.marked(marks) == set()
    assert marks.walks[0].problem == f"walked {walked:.0f} km, published {wrong.length_km:.0f} km"


def test_a_waypoint_off_the_rails_and_a_line_in_two_pieces_are_reported() -> None:
    net = two_lines().line("far", (3.0, 0.0), (3.1, 0.0))
    off, _ = walk_line(net.graph(), row((0.0, 0.0), (1.0, 0.1)))
    assert off.problem == "no rail within 2.0 km of 1.0 0.1"
    apart, edges = walk_line(net.graph(), row((0.0, 0.0), (3.0, 0.0)))
    assert apart.problem == "no way between its waypoints"
    assert len(edges) == 0


def test_crossing_lines_stay_apart() -> None:
    # A line that crosses at a shared node, as flat crossings are drawn.
    net = two_lines().line("across", (0.5, -0.5), (0.5, 0.02)).line("on", (0.5, 0.02), (0.5, 0.5))
    marks = mark_passenger(net.graph(), [row((0.0, 0.0), (1.0, 0.0))])
    assert net.marked(marks) == {"new"}


def test_stubs_that_lead_only_onto_the_line_are_marked_and_connections_are_not() -> None:
    net = two_lines()
    net.line("depot", (0.5, 0.02), (0.52, 0.03), (0.54, 0.03))
    net.line("link", (0.9, 0.02), (0.91, 0.01), (0.75, 0.0))
    marks = mark_passenger(net.graph(), [row((0.0, 0.0), (1.0, 0.0))])
    assert net.marked(marks) == {"new", "depot"}


def test_a_piece_longer_than_a_stub_is_a_line_of_its_own() -> None:
    net = two_lines().line("branch", (0.5, 0.02), (0.5, 0.6))
    graph = net.graph()
    assert net.km("branch") > 60
    taken = np.full(len(graph.start), -1)
    taken[net.names["new"]] = 4
    marked = mark_stubs(graph, taken)
    assert (marked[net.names["branch"]] == -1).all()
    assert (marked[net.names["new"]] == 4).all()


def test_a_second_track_drawn_apart_belongs_to_the_line() -> None:
    net = Net().line("second", (0.1, 0.02), (0.12, 0.021), (0.15, 0.021), (0.17, 0.02))
    net.line("first", (0.1, 0.02), (0.17, 0.02)).line("old", (0.1, 0.02), (0.1, 0.5))
    graph = net.graph()
    taken = np.full(len(graph.start), -1)
    taken[net.names["first"]] = 2
    marked = mark_beside(graph, taken)
    assert (marked[net.names["second"]] == 2).all()
    assert (marked[net.names["old"]] == -1).all()
    # A way round of twice the length is no second track.
    round_ = Net().line("first", (0.0, 0.0), (0.1, 0.0))
    round_.line("round", (0.0, 0.0), (0.05, 0.1), (0.1, 0.0))
    graph = round_.graph()
    taken = np.array([0, -1, -1])
    assert mark_beside(graph, taken).tolist() == [0, -1, -1]


def test_a_railway_that_the_marks_cut_off_gets_its_link_back() -> None:
    # The branch ends on the new line 2.2 km beside the link to the old one.
    net = two_lines().line("branch", (0.5, 0.6), (0.5, 0.04), (0.48, 0.02))
    net.line("link", (0.5, 0.02), (0.5, 0.0))
    net.split("new", (0.1, 0.02), (0.5, 0.02), (0.48, 0.02), after="shared")
    marks = mark_passenger(net.graph(), [row((0.0, 0.0), (1.0, 0.0))])
    assert net.marked(marks) == {"new"}
    assert marks.restored.tolist() == net.names["shared"]


def throat() -> Net:
    """Old and new line run over the same 4 km of track at a station in the middle."""
    net = Net().line("throat", (0.98, 0.0), (1.0, 0.0), (1.02, 0.0))
    net.line("new west", (0.0, 0.05), (0.9, 0.05), (0.98, 0.0))
    net.line("new east", (1.02, 0.0), (1.1, 0.05), (2.0, 0.05))
    net.line("old west", (0.0, -0.05), (0.9, -0.05), (0.98, 0.0), winding=1.05)
    net.line("old east", (1.02, 0.0), (1.1, -0.05), (2.0, -0.05), winding=1.05)
    # Another way for freight, far round.
    return net.line("round", (0.0, -0.05), (0.0, -0.9), (2.0, -0.9), (2.0, -0.05))


def test_freight_keeps_the_throat_of_a_shared_station() -> None:
    net = throat()
    line = row((0.0, 0.05), (2.0, 0.05))
    without = mark_passenger(net.graph(), [line])
    assert net.marked(without) == {"new west", "throat", "new east"}
    hubs = [(0.0, -0.05), (2.0, -0.05)]
    marks = mark_passenger(net.graph(), [line], hubs)
    assert net.marked(marks) == {"new west", "new east"}
    assert marks.restored.tolist() == net.names["throat"]


def test_a_long_shared_section_is_not_given_back() -> None:
    # Freight would need all 222 km of the new line: that is a short cut, not a throat.
    net = two_lines()
    net.line("before", (-0.5, 0.0), (0.0, 0.0)).line("after", (1.0, 0.0), (1.5, 0.0))
    net.line("old", (1.0, 0.0), (1.0, -0.5), winding=1.2)
    marks = mark_passenger(
        net.graph(), [row((0.0, 0.0), (1.0, 0.0))], [(-0.5, 0.0), (1.5, 0.0), (1.0, -0.5)]
    )
    assert "new" in net.marked(marks)
    assert len(marks.restored) == 0


def test_the_first_line_names_shared_track() -> None:
    net = two_lines()
    line = row((0.0, 0.0), (1.0, 0.0))
    marks = mark_passenger(net.graph(), [line, line])
    assert set(marks.line[net.names["new"]]) == {0}


def test_of_two_edges_between_the_same_nodes_the_shorter_is_walked() -> None:
    net = Net().line("long", (0.0, 0.0), (0.1, 0.0), winding=1.5).line("a", (0.0, 0.0), (0.1, 0.0))
    graph = net.graph()
    path = find_edges(graph, np.arange(2), graph.km, [[(0, 0.0)], [(1, 0.0)]])
    assert path.tolist() == net.names["a"]


def write(path: Path, **values: str) -> Path:
    cells = {"line_id": "x", "waypoints": "1 2;3 4", "length_km": "300"} | values
    head = ",".join(COLUMNS)
    body = ",".join(cells.get(column, "") for column in COLUMNS)
    path.write_text(f"{head}\n{body}\n", encoding="utf-8")
    return path


def test_the_table_is_read(tmp_path: Path) -> None:
    lines = read_lines(write(tmp_path / "t.csv"))
    assert lines == (PassengerLine("x", 300.0, ((1.0, 2.0), (3.0, 4.0))),)
    lines = read_lines(write(tmp_path / "t.csv", length_km=""))
    assert lines[0].length_km is None


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"waypoints": "1 2"}, "a line needs two waypoints"),
        ({"waypoints": "1 2;3"}, "not enough values"),
        ({"waypoints": "1 2;a b"}, "could not convert"),
        ({"length_km": "long"}, "could not convert"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, cells: dict[str, str], words: str) -> None:
    path = write(tmp_path / "t.csv", **cells)
    with pytest.raises(ValueError, match=r"t\.csv:2: line 'x': .*Hint") as caught:
        read_lines(path)
    assert words in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("line_id,waypoints\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns missing: country, length_km"):
        read_lines(path)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_of_the_project_names_sources_that_exist() -> None:
    known = {row["source_id"] for path in SOURCES for row in rows(path)}
    table = rows(TABLE)
    assert len({row["line_id"] for row in table}) == len(table)
    for row in table:
        ids = set(filter(None, row["source_id"].split(";")))
        assert ids <= known, row["line_id"]
        assert ids or not (row["length_km"] or row["opened"] or row["speed_kmh"]), row["line_id"]


@pytest.mark.parametrize("line", read_lines(TABLE), ids=lambda line: line.line_id)
def test_a_line_of_the_project_is_no_shorter_than_the_way_between_its_waypoints(
    line: PassengerLine,
) -> None:
    straight = sum(WGS84.inv(*a, *b)[2] / 1e3 for a, b in pairwise(line.waypoints))
    assert line.length_km is None or straight <= 1.03 * line.length_km + 8.0
