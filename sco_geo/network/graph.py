"""The graph that is searched: one variant of the network as a sparse matrix of costs.

A node of the network becomes one or more *search nodes*: a copy for each combination of gauge,
country and kind (rails or ferry) of the edges that meet there. A dual-gauge edge exists once for
each of its gauges. Copies of one node are linked by *transfers*, so that breaks of gauge and
border crossings are steps of a path like any other and can have a cost of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components, dijkstra  # type: ignore[import-untyped]

from sco_geo.network._format import EdgeTable
from sco_geo.network.crossings import Crossings
from sco_geo.network.speeds import Speeds
from sco_geo.units import COUNTRY_CODES, split_list

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

Scenario = Literal["today", "construction", "planned"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
Traffic = Literal["freight", "any"]
TRAFFICS: tuple[Traffic, ...] = get_args(Traffic)
Optimise = Literal["km", "hours"]
OPTIMISES: tuple[Optimise, ...] = get_args(Optimise)

#: Numbers of `_format.STATUSES` that a scenario may use.
_STATUSES = {"today": (0,), "construction": (0, 1), "planned": (0, 1, 2)}
SUSPENDED = 3
PASSENGER, FERRY = 1, 2

#: Tracks that do not carry the wanted gauge cost this many times their length. A choice of this
#: project: a way round of up to four times the length is taken, rather than none at all.
GAUGE_FACTOR = 5.0
#: Cost of a border and of a break of gauge where kilometres are minimised, in km: of two ways of
#: one length the one with fewer of them is taken. Too small to be seen in any length.
_BORDER_KM, _BREAK_KM = 1e-7, 1e-6
#: Far ends of a component, to which the cost of the way from everywhere is known.
LANDMARKS = 12
#: A line that crosses a border and comes back within this length has not crossed it, in m.
TOUCH_M = 2000


@dataclass(frozen=True)
class Variant:
    """What of the network may be used, and what is minimised."""

    scenario: Scenario = "today"
    traffic: Traffic = "freight"
    avoid: frozenset[str] = frozenset()
    gauge_mm: int | None = None
    optimise: Optimise = "km"
    with_suspended: bool = False

    @property
    def without_wishes(self) -> Variant:
        """Return the variant that uses the same lines in all countries and minimises km."""
        return replace(self, avoid=frozenset(), gauge_mm=None, optimise="km")


@dataclass(frozen=True, eq=False)
class Tracks:
    """The usable edges, a dual-gauge edge once for each gauge, with the search nodes at its ends.

    Attributes
    ----------
    edge : array
        Index into the edge table, ascending.
    gauge_mm : array
        Gauge that this track stands for; 0 if unknown.
    start, end : array
        Search nodes at the ends, in the direction of the edge.
    cost_per_m : array
        What a metre costs: 0.001 (km) or hours, more if it lacks the wanted gauge.
    """

    edge: Ints
    gauge_mm: Ints
    start: Ints
    end: Ints
    cost_per_m: Floats

    def of_edges(self, edges: Ints) -> tuple[Ints, Ints]:
        """Return the tracks of edges, and for each track the position of its edge in `edges`."""
        first = np.searchsorted(self.edge, edges)
        count = np.searchsorted(self.edge, edges, side="right") - first
        owner = np.repeat(np.arange(len(edges)), count)
        rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        return first[owner] + rank, owner


@dataclass(frozen=True, eq=False)
class Graph:
    """Search nodes and arcs of one variant; arcs run both ways.

    Attributes
    ----------
    node : array
        Node of the network that a search node is a copy of.
    costs : sparse array
        Cost of the cheapest arc between two search nodes, with sorted indices.
    arc_track : array
        For each entry of `costs` the number of its track, -1 for a transfer.
    component : array
        Number of the connected component of each search node.
    """

    variant: Variant
    table: EdgeTable
    tracks: Tracks
    node: Ints
    costs: csr_array
    arc_track: Ints
    component: npt.NDArray[np.int32]

    @property
    def size(self) -> int:
        """Return the number of search nodes."""
        return len(self.node)

    @cached_property
    def usable(self) -> Flags:
        """Tell for each edge of the table whether this variant may use it."""
        mask = np.zeros(len(self.table.start), dtype=bool)
        mask[self.tracks.edge] = True
        return mask

    @cached_property
    def edge_component(self) -> npt.NDArray[np.int32]:
        """Return the component of each edge of the table, -1 for unusable ones."""
        number = np.full(len(self.table.start), -1, dtype=np.int32)
        number[self.tracks.edge] = self.component[self.tracks.start]
        return number

    @cached_property
    def component_km(self) -> Floats:
        """Return the km of line of each component; dual-gauge lines count once."""
        numbers, lengths = self.edge_component[self.usable], self.table.length_m[self.usable]
        return np.bincount(numbers, weights=lengths, minlength=1) / 1e3

    @cached_property
    def _landmarks(self) -> dict[int, Floats]:
        return {}

    def landmark_costs(self, component: int) -> Floats:
        """Return what it costs from some far ends of a component to all search nodes.

        Each landmark is the node farthest from those before it. Found once for each component.
        """
        known = self._landmarks.get(component)
        if known is None:
            inside = np.flatnonzero(self.component == component)
            rows: list[Floats] = []
            node = int(inside[0])
            for _ in range(LANDMARKS + 1):
                rows.append(dijkstra(self.costs, indices=node))
                # The first one is only where the search for far ends begins.
                far = np.minimum.reduce(rows[1:] or rows)
                node = int(inside[far[inside].argmax()])
            known = self._landmarks[component] = np.array(rows[1:])
        return known

    @cached_property
    def arc_key(self) -> Ints:
        """Return start x size + end of each arc, ascending."""
        rows = np.repeat(np.arange(self.size), np.diff(self.costs.indptr))
        return rows * self.size + self.costs.indices

    def arcs_between(self, start: Ints, end: Ints) -> Ints:
        """Return the positions of arcs; each must exist."""
        return np.searchsorted(self.arc_key, start.astype(np.int64) * self.size + end)


def build_graph(
    table: EdgeTable, variant: Variant, speeds: Speeds | None, crossings: Crossings
) -> Graph:
    """Build the graph of a variant; `speeds` are needed to minimise hours."""
    edge, gauge = _expand(table, np.flatnonzero(usable_edges(table, variant)))
    is_ferry = table.line_class[edge] == FERRY
    country = countries_crossed(table, edge)
    gauges, gauge_index = np.unique(gauge, return_inverse=True)
    states = len(gauges) * len(table.countries) * 2
    state = (gauge_index * len(table.countries) + country) * 2 + is_ferry
    ends = np.concatenate([table.start[edge], table.end[edge]]).astype(np.int64)
    keys, copies = np.unique(ends * states + np.tile(state, 2), return_inverse=True)
    start, end = copies[: len(edge)], copies[len(edge) :]
    per_m = _costs_per_m(table, variant, speeds, edge, gauge)
    tracks = Tracks(_compact(edge), _compact(gauge), _compact(start), _compact(end), per_m)
    node = _compact(keys // states)
    a, b = _transfers(node)
    of_node = keys % states // 2
    change = _Changes(
        node[a],
        tuple(gauges[of_node[side] // len(table.countries)] for side in (a, b)),
        tuple(of_node[side] % len(table.countries) for side in (a, b)),
        tuple(keys[side] % 2 == 1 for side in (a, b)),
        is_state(table),
    )
    transfer = _transfer_costs(table, variant, speeds, crossings, change)
    matrix, arc_track = _matrix(tracks, table.length_m[edge] * per_m, (a, b, transfer), len(keys))
    component = connected_components(matrix, directed=False)[1]
    return Graph(variant, table, tracks, node, matrix, arc_track, component)


def usable_edges(table: EdgeTable, variant: Variant) -> Flags:
    """Tell which edges of the table a variant may use."""
    statuses = _STATUSES[variant.scenario] + (SUSPENDED,) * variant.with_suspended
    usable = np.isin(table.status, statuses)
    if variant.traffic == "freight":
        usable &= table.line_class != PASSENGER
    if variant.avoid:
        numbers = [i for i, code in enumerate(table.countries) if code in variant.avoid]
        usable &= ~np.isin(table.country, numbers)
    return usable


def is_state(table: EdgeTable) -> Flags:
    """Tell which countries of the table are states; "" (at sea) and disputed areas are none."""
    return np.array([code in COUNTRY_CODES for code in table.countries], dtype=bool)


def gauges_of(table: EdgeTable) -> list[tuple[int, ...]]:
    """Return the gauges of each entry of the table's list, (0,) where unknown."""
    return [tuple(int(mm) for mm in split_list(text)) or (0,) for text in table.gauges]


def _expand(table: EdgeTable, edges: Ints) -> tuple[Ints, Ints]:
    """Return each edge once for each of its gauges, and these gauges."""
    lists = gauges_of(table)
    width = max(map(len, lists), default=1)
    values = np.full((len(lists), width), -1, dtype=np.int64)
    for row, gauges in enumerate(lists):
        values[row, : len(gauges)] = gauges
    found: Ints = values[table.gauge[edges]]
    position, column = np.nonzero(found >= 0)
    return edges[position], found[position, column]


def countries_crossed(table: EdgeTable, edge: Ints) -> Ints:
    """Return the country of each edge as far as borders are concerned.

    A piece shorter than `TOUCH_M` between two pieces of one line in another country counts as
    that country's: a border that is only touched is not paid for. So does what is no state's
    (water, a disputed area) where the lines lead into one state only.
    """
    used = np.unique(edge)
    country = _without_touches(table, used)
    inside = is_state(table)[country[used]]
    outside = used[~inside]
    size = len(table.node_lon)
    ends = table.start[outside], table.end[outside]
    links = csr_array((np.ones(len(outside)), ends), shape=(size, size))
    area = connected_components(links, directed=False)[1]
    is_at = np.zeros(size, dtype=bool)
    is_at[np.concatenate(ends)] = True
    state = np.tile(used[inside], 2)
    node = np.concatenate([table.start[used[inside]], table.end[used[inside]]])
    least = np.full(area.max(initial=0) + 1, len(table.countries))
    most = np.full(area.max(initial=0) + 1, -1)
    np.minimum.at(least, area[node[is_at[node]]], country[state[is_at[node]]])
    np.maximum.at(most, area[node[is_at[node]]], country[state[is_at[node]]])
    of_edge = area[ends[0]]
    has_one = least[of_edge] == most[of_edge]
    country[outside[has_one]] = least[of_edge][has_one]
    return country[edge]


def _without_touches(table: EdgeTable, used: Ints) -> npt.NDArray[np.int64]:
    """Return the countries of the table, without short stretches across a border and back."""
    country = table.country.astype(np.int64)
    start, end = table.start[used].astype(np.int64), table.end[used].astype(np.int64)
    ends = np.concatenate([start, end])
    size = len(table.node_lon)
    degree = np.bincount(ends, minlength=size)
    sums = np.bincount(ends, weights=np.tile(used, 2), minlength=size).astype(np.int64)
    inner = (degree[start] == 2) & (degree[end] == 2) & (start != end)
    short = used[inner & (table.length_m[used] < TOUCH_M)]
    before = sums[table.start[short]] - short
    after = sums[table.end[short]] - short
    for _ in range(2):  # the second round for a stretch of two pieces
        same = country[before] == country[after]
        country[short[same]] = country[before[same]]
    return country


def _costs_per_m(
    table: EdgeTable, variant: Variant, speeds: Speeds | None, edge: Ints, gauge: Ints
) -> Floats:
    if variant.optimise == "hours" and speeds is not None:
        cost = 1e-3 / speeds.of_edges(table)[edge]
    else:
        cost = np.full(len(edge), 1e-3)
    if variant.gauge_mm is not None:
        wanted = (gauge == variant.gauge_mm) | (table.line_class[edge] == FERRY)
        cost = np.where(wanted, cost, GAUGE_FACTOR * cost)
    return cost


def _transfers(node: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of search nodes that are copies of one node; `node` is ascending."""
    first: list[Ints] = []
    second: list[Ints] = []
    for shift in range(1, len(node)):
        same = np.flatnonzero(node[shift:] == node[:-shift])
        if not len(same):
            break
        first.append(same)
        second.append(same + shift)
    if not first:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(first), np.concatenate(second)


@dataclass(frozen=True)
class _Changes:
    """What changes between the two copies of a node that each transfer links."""

    node: Ints
    gauge_mm: tuple[Ints, ...]
    country: tuple[Ints, ...]
    is_ferry: tuple[Flags, ...]
    is_state: Flags

    @property
    def borders(self) -> Floats:
        """Return 1 between two states, a half between a state and what is no state's, else 0."""
        one, other = self.country
        states = self.is_state[one].astype(float) + self.is_state[other]
        return np.where(one != other, states / 2, 0.0)

    @property
    def is_break(self) -> Flags:
        """Tell where the gauge changes; to an unknown one is no change."""
        one, other = self.gauge_mm
        return (one != other) & (one != 0) & (other != 0)


def _transfer_costs(
    table: EdgeTable,
    variant: Variant,
    speeds: Speeds | None,
    crossings: Crossings,
    change: _Changes,
) -> Floats:
    border, broken = change.borders, change.is_break.astype(float)
    if variant.optimise == "km" or speeds is None:
        return _BORDER_KM * border + _BREAK_KM * broken + 1e-9
    hours = border * speeds.border_hours + broken * speeds.break_hours
    one, other = change.is_ferry
    hours += (one != other) * speeds.ferry_hours / 2
    for row in np.flatnonzero((border == 1) | change.is_break).tolist():
        node = change.node[row]
        crossing = crossings.near(
            (float(table.node_lon[node]), float(table.node_lat[node])),
            tuple(table.countries[side[row]] for side in change.country),
            tuple(int(side[row]) for side in change.gauge_mm),
        )
        if crossing is not None and crossing.hours is not None:
            # The dwell of a crossing holds its transshipment, wherever near the border that is.
            hours[row] = crossing.hours if border[row] == 1 else 0.0
    return hours + 1e-9


def _matrix(
    tracks: Tracks, cost: Floats, transfers: tuple[Ints, Ints, Floats], size: int
) -> tuple[csr_array, Ints]:
    """Return the cheapest arc between any two search nodes, and its track."""
    a, b, extra = transfers
    numbers = np.arange(len(cost))
    none = np.full(len(a), -1)
    start = np.concatenate([tracks.start, tracks.end, a, b]).astype(np.int64)
    end = np.concatenate([tracks.end, tracks.start, b, a])
    costs = np.concatenate([cost, cost, extra, extra])
    track = np.concatenate([numbers, numbers, none, none])
    key = start * size + end
    order = np.lexsort((costs, key))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = key[order][1:] != key[order][:-1]
    order = order[is_first]
    pointers = np.concatenate([[0], np.cumsum(np.bincount(start[order], minlength=size))])
    arrays = costs[order], end[order].astype(np.int32), pointers.astype(np.int32)
    return csr_array(arrays, shape=(size, size)), _compact(track[order])


def _compact(values: npt.NDArray[np.integer[Any]]) -> Ints:
    """Return numbers in half the memory."""
    return values.astype(np.int32)
