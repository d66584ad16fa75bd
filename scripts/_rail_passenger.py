"""Find the lines that carry passengers only in a rail graph that has no tags.

Each line of geo/rail_passenger_lines.csv is walked from waypoint to waypoint (`_rail_walk`). A line
whose walked length differs too much from the published one is reported and not marked. Track drawn
apart from the walked one and stubs that lead nowhere else are marked with the line; where freight
would lose its way, as in the throat of a shared station, the mark is taken back.
Coordinates are (lon, lat) in degrees, lengths in km.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _rail_walk import (
    KM_PER_DEGREE,
    Bools,
    Floats,
    Ints,
    LonLat,
    RailGraph,
    find_edges,
    find_pieces,
    index_edges,
    to_matrix,
)
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components, dijkstra  # type: ignore[import-untyped]

COLUMNS = (
    "line_id",
    "name",
    "country",
    "opened",
    "speed_kmh",
    "length_km",
    "waypoints",
    "source_id",
    "note",
)

#: A waypoint is moved to a node within this distance; the distance counts `SNAP_COST` times.
SNAP_KM = 2.0
SNAP_COST = 3.0
#: Nodes tried for one waypoint.
CANDIDATES = 8
#: A walk may differ from the published length by this share (long chords) and by this many km (the
#: stations at the ends lie on edges of up to 20 km).
LENGTH_TOLERANCE = 0.03
LENGTH_SLACK_KM = 8.0

#: A piece that hangs on marked lines only belongs to them if it is shorter than this; a longer one
#: is a railway of its own, which gets up to `LINK_KM` of marked track back as its link.
STUB_KM = 20.0
LINK_KM = 40.0
#: Unmarked track costs this share of its length in the search for a link.
LINK_COST = 1e-3
#: A chain beside a marked line: this long at most, and as long as the marked way between its ends
#: within a share and a slack.
BESIDE_KM = 10.0
BESIDE_SHARE = 0.1
BESIDE_SLACK_KM = 0.5

#: Freight gets marked track back where that saves this share of its way and this many km,
DETOUR_SHARE = 0.05
DETOUR_KM = 10.0
#: if that takes this many km of marked track at most; each costs `SHARED_COST` times its length.
SHARED_KM = 40.0
SHARED_COST = 10.0
#: Each hub is moved to a node within `HUB_KM` and compared with this many neighbours, unless they
#: are farther away than `HUBS_APART_KM`.
HUB_NEIGHBOURS = 10
HUB_KM = 10.0
HUBS_APART_KM = 2000.0
#: A way this many times longer than the straight distance and this many km more is no way at all.
LOST_FACTOR = 4.0
LOST_KM = 200.0
#: Track given back may open a way for others, so that the searches are repeated.
ROUNDS = 3


@dataclass(frozen=True)
class PassengerLine:
    """A line of the table: its published length in km (None if unknown) and its waypoints."""

    line_id: str
    length_km: float | None
    waypoints: tuple[LonLat, ...]


@dataclass(frozen=True)
class Walk:
    """What became of a line: km walked along the graph and why it is not marked, if it is not."""

    line_id: str
    walked_km: float
    length_km: float | None
    problem: str = ""


@dataclass(frozen=True)
class Marks:
    """The result: number of the line per edge (-1 = none) and a report per line.

    `restored` are the edges whose mark was taken back since freight needs them.
    """

    line: Ints
    walks: tuple[Walk, ...]
    restored: Ints

    @property
    def passenger(self) -> Bools:
        """Tell which edges are for passengers only."""
        return np.asarray(self.line >= 0)


def read_lines(path: Path) -> tuple[PassengerLine, ...]:
    """Read the table of lines.

    Raises
    ------
    ValueError
        If a column is missing or a row cannot be read; the message names file, row and fix.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := sorted(set(COLUMNS) - set(reader.fieldnames or ())):
            raise ValueError(f"{path}: columns missing: {', '.join(missing)}. Hint: add them.")
        return tuple(_read_line(path, number, row) for number, row in enumerate(reader, start=2))


def _read_line(path: Path, number: int, row: dict[str, str]) -> PassengerLine:
    try:
        pairs = [pair.split() for pair in row["waypoints"].split(";")]
        waypoints = tuple((float(lon), float(lat)) for lon, lat in pairs)
        length = float(row["length_km"]) if row["length_km"] else None
        if len(waypoints) < 2:
            raise ValueError("a line needs two waypoints")
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path}:{number}: line {row['line_id']!r}: {error}. "
            'Hint: waypoints are "lon lat;lon lat;...", length_km is a number or empty.'
        ) from error
    return PassengerLine(row["line_id"], length, waypoints)


def mark_passenger(
    graph: RailGraph, lines: Sequence[PassengerLine], hubs: Sequence[LonLat] = ()
) -> Marks:
    """Mark the edges of passenger lines.

    Parameters
    ----------
    graph : RailGraph
        The healed network before nodes of degree two are removed.
    lines : sequence of PassengerLine
        Rows of the table; where two lines share an edge, the first one names it.
    hubs : sequence of (lon, lat)
        Conventional stations between which freight must keep its way (see `find_shared`).

    Returns
    -------
    Marks
        Line number per edge, report per line, edges whose mark was taken back.
    """
    line_of = np.full(len(graph.start), -1, dtype=np.int64)
    walks = []
    for number, line in enumerate(lines):
        walk, edges = walk_line(graph, line)
        walks.append(walk)
        if not walk.problem:
            line_of[edges[line_of[edges] < 0]] = number
    line_of = mark_beside(graph, line_of)
    links = find_links(graph, line_of >= 0)
    line_of[links] = -1
    line_of = mark_stubs(graph, line_of)
    shared = find_shared(graph, line_of >= 0, hubs)
    line_of[shared] = -1
    return Marks(line_of, tuple(walks), np.union1d(links, shared))


def walk_line(graph: RailGraph, line: PassengerLine) -> tuple[Walk, Ints]:
    """Walk along a line; return the report and the edges in order."""
    stops = []
    for point in line.waypoints:
        nodes = graph.nodes_near(point, SNAP_KM)[:CANDIDATES]
        if not nodes:
            problem = f"no rail within {SNAP_KM} km of {point[0]} {point[1]}"
            return Walk(line.line_id, 0.0, line.length_km, problem), np.empty(0, np.int64)
        stops.append([(node, SNAP_COST * km) for node, km in nodes])
    edges = find_edges(graph, graph.around(line.waypoints), graph.costs, stops)
    walked = float(graph.km[edges].sum())
    return Walk(line.line_id, walked, line.length_km, _find_problem(walked, line.length_km)), edges


def _find_problem(walked_km: float, length_km: float | None) -> str:
    if not walked_km:
        return "no way between its waypoints"
    if length_km is None:
        return ""
    if abs(walked_km - length_km) <= LENGTH_TOLERANCE * length_km + LENGTH_SLACK_KM:
        return ""
    return f"walked {walked_km:.0f} km, published {length_km:.0f} km"


def mark_beside(graph: RailGraph, line_of: Ints) -> Ints:
    """Mark a second track that is drawn apart: a chain between two nodes of marked lines."""
    marked = line_of.copy()
    taken, free = np.flatnonzero(line_of >= 0), np.flatnonzero(line_of < 0)
    name_of = np.full(len(graph.lon), -1, dtype=np.int64)
    name_of[graph.start[taken]] = name_of[graph.end[taken]] = line_of[taken]
    degree = np.bincount(np.r_[graph.start, graph.end], minlength=len(graph.lon))
    matrix = to_matrix(graph, taken, graph.km)
    for chain in _find_chains(graph, free, (degree == 2) & (name_of < 0)):
        ends = _find_ends(graph, chain)
        length = float(graph.km[chain].sum())
        if len(ends) != 2 or length > BESIDE_KM or (name_of[ends] < 0).any():
            continue
        slack = BESIDE_SHARE * length + BESIDE_SLACK_KM
        way = dijkstra(matrix, directed=False, indices=ends[0], limit=length + slack)[ends[1]]
        if length - slack <= way <= length + slack:
            marked[chain] = name_of[ends[0]]
    return marked


def find_links(graph: RailGraph, passenger: Bools) -> Ints:
    """Find the marked edges that a railway needs to be reached at all.

    Pieces of `STUB_KM` and more that the marks cut off are linked to the biggest piece of their
    network by the way with the fewest km of marked track; those edges are returned if they are no
    longer than `LINK_KM`.
    """
    passenger = passenger.copy()
    found = np.empty(0, np.int64)
    for _ in range(ROUNDS):
        links = _links_once(graph, passenger)
        if not len(links):
            break
        passenger[links] = False
        found = np.union1d(found, links)
    return found


def _links_once(graph: RailGraph, passenger: Bools) -> Ints:
    every, free = np.arange(len(graph.start)), np.flatnonzero(~passenger)
    piece, size, biggest = _measure_pieces(graph, free)
    costs: Floats = np.where(passenger, graph.km, LINK_COST * graph.km)
    roots = np.unique(biggest[graph.start[free]])
    index = index_edges(graph, every, costs)
    reached, before, _ = dijkstra(
        to_matrix(graph, every, costs),
        directed=False,
        indices=np.flatnonzero(np.isin(piece, roots)),
        return_predecessors=True,
        min_only=True,
    )
    found = []
    for number in np.flatnonzero((size >= STUB_KM) & ~np.isin(np.arange(len(size)), roots)):
        nodes = np.flatnonzero(piece == number)
        nearest = int(nodes[reached[nodes].argmin()])
        edges = index.along(_trace(before, nearest))
        marked = edges[passenger[edges]]
        if 0.0 < graph.km[marked].sum() <= LINK_KM:
            found.append(marked)
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _measure_pieces(graph: RailGraph, free: Ints) -> tuple[Ints, Floats, Ints]:
    """Return for each node its piece and the biggest piece of its network; km for each piece."""
    piece = find_pieces(graph, free)
    size: Floats = np.bincount(
        piece[graph.start[free]], graph.km[free], minlength=len(graph.lon)
    ).astype(np.float64)
    network = find_pieces(graph, np.arange(len(graph.start)))
    biggest = np.zeros(len(graph.lon), dtype=np.int64)
    order = np.argsort(size[piece], kind="stable")
    biggest[network[order]] = piece[order]
    return piece, size, biggest[network]


def mark_stubs(graph: RailGraph, line_of: Ints) -> Ints:
    """Mark the pieces under `STUB_KM` in all that can be reached over marked lines only."""
    taken, free = np.flatnonzero(line_of >= 0), np.flatnonzero(line_of < 0)
    piece, size, biggest = _measure_pieces(graph, free)
    name_of = np.full(len(graph.lon), -1, dtype=np.int64)
    for ends in (graph.start, graph.end):
        name_of[piece[ends[taken]]] = line_of[taken]
    of_edge = piece[graph.start[free]]
    hangs = (name_of[of_edge] >= 0) & (size[of_edge] < STUB_KM)
    hangs &= of_edge != biggest[graph.start[free]]
    marked = line_of.copy()
    marked[free[hangs]] = name_of[of_edge[hangs]]
    return marked


def find_shared(graph: RailGraph, passenger: Bools, hubs: Sequence[LonLat]) -> Ints:
    """Find the marked edges that freight shares, such as the throat of a station.

    For each hub and its neighbours the way without marked edges is compared with the way that uses
    few of them. Where up to `SHARED_KM` of marked track make it shorter by more than `DETOUR_SHARE`
    and `DETOUR_KM`, those marked edges are returned.
    """
    passenger = passenger.copy()
    nodes = _hub_nodes(graph, passenger, hubs)
    found = np.empty(0, np.int64)
    for _ in range(ROUNDS):
        shared = _shared_once(graph, passenger, _hub_pairs(graph, nodes))
        if not len(shared):
            break
        passenger[shared] = False
        found = np.union1d(found, shared)
    return found


def _shared_once(graph: RailGraph, passenger: Bools, pairs: dict[int, list[int]]) -> Ints:
    every = np.arange(len(graph.start))
    costs: Floats = np.where(passenger, SHARED_COST * graph.km, graph.km)
    free = to_matrix(graph, np.flatnonzero(~passenger), graph.km)
    whole = to_matrix(graph, every, costs)
    index = index_edges(graph, every, costs)
    found = []
    for here, others in pairs.items():
        limit = LOST_KM + LOST_FACTOR * float(_apart(graph, here, others).max(initial=0.0))
        freight_km = dijkstra(free, directed=False, indices=here, limit=limit)
        _, before = dijkstra(
            whole, directed=False, indices=here, limit=limit, return_predecessors=True
        )
        for there in others:
            edges = index.along(_trace(before, there))
            shared = edges[passenger[edges]]
            way = float(graph.km[edges].sum())
            saved = freight_km[there] - way
            worth = saved > max(DETOUR_KM, DETOUR_SHARE * way)
            if worth and graph.km[shared].sum() <= SHARED_KM:
                found.append(shared)
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _trace(before: Ints, node: int) -> list[int]:
    path = [node]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path


def _hub_nodes(graph: RailGraph, passenger: Bools, hubs: Sequence[LonLat]) -> list[int]:
    """Move each hub to the nearest node of the biggest piece without marks."""
    free = np.flatnonzero(~passenger)
    piece = find_pieces(graph, free)
    size = np.bincount(piece[graph.start[free]], graph.km[free], minlength=len(graph.lon))
    biggest = int(size.argmax())
    nodes = []
    for hub in hubs:
        nodes += [n for n, _ in graph.nodes_near(hub, HUB_KM) if piece[n] == biggest][:1]
    return nodes


def _hub_pairs(graph: RailGraph, nodes: Sequence[int]) -> dict[int, list[int]]:
    pairs = {}
    for node in nodes:
        apart = _apart(graph, node, nodes)
        near = np.argsort(apart, kind="stable")[: HUB_NEIGHBOURS + 1]
        pairs[node] = [nodes[i] for i in near if 0.0 < apart[i] <= HUBS_APART_KM]
    return pairs


def _apart(graph: RailGraph, node: int, others: Sequence[int]) -> Floats:
    lon, lat = graph.lon[list(others)], graph.lat[list(others)]
    east = (lon - graph.lon[node]) * np.cos(np.radians(graph.lat[node]))
    return np.asarray(KM_PER_DEGREE * np.hypot(east, lat - graph.lat[node]))


def _find_chains(graph: RailGraph, edges: Ints, inner: Bools) -> list[Ints]:
    """Group edges that meet at inner nodes, at each of which just two of them end."""
    ends = np.r_[graph.start[edges], graph.end[edges]]
    at = np.flatnonzero(inner[ends])
    pairs = at[np.argsort(ends[at], kind="stable")].reshape(-1, 2) % len(edges)
    size = len(edges), len(edges)
    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=size)
    label = connected_components(joined.tocsr(), directed=False)[1]
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [edges[group] for group in np.split(order, cuts)]


def _find_ends(graph: RailGraph, chain: Ints) -> Ints:
    nodes, count = np.unique(np.r_[graph.start[chain], graph.end[chain]], return_counts=True)
    return np.asarray(nodes[count == 1], dtype=np.int64)
