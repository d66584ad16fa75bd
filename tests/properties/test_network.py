"""What must hold for routes on every network: on random small ones, and on the shipped one."""

from __future__ import annotations

import heapq
import math
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from small_networks import Edge, make_table, shortest_km

from sco_geo.errors import NoRouteError
from sco_geo.network._format import EdgeTable
from sco_geo.network._search import Path as RailPath
from sco_geo.network.graph import Variant
from sco_geo.network.rail_network import RailNetwork
from sco_geo.network.routes import Route
from sco_geo.network.snapping import Snap
from sco_geo.network.speeds import Speeds

SHIPPED = Path(__file__).resolve().parents[2] / "geo" / "rail_network.bin"
SEEDS = st.integers(0, 2**64 - 1)
SPEEDS = Speeds(50, 100, 20, border_hours=9, break_hours=11, ferry_hours=4)
LonLat = tuple[float, float]


def geodesic_km(a: LonLat, b: LonLat) -> float:
    return Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3


def random_network(random: Random) -> tuple[dict[str, LonLat], list[Edge]]:
    """Up to nine nodes some tens of km apart or more, joined at random; also loops and doubles."""
    names = "ABCDEFGHI"[: random.randint(2, 9)]
    nodes: dict[str, LonLat] = {}
    while len(nodes) < len(names):
        point = random.randint(60000, 72000) / 1000, random.randint(36000, 44000) / 1000
        if all(math.dist(point, other) > 0.5 for other in nodes.values()):
            nodes[names[len(nodes)]] = point
    edges = []
    for _ in range(random.randint(1, 2 * len(names))):
        a, b = random.choice(names), random.choice(names)
        longer = random.uniform(1, 2) * geodesic_km(nodes[a], nodes[b]) + (5 if a == b else 0)
        edges.append(
            Edge(
                a,
                b,
                math.ceil(longer * 100) / 100,
                random.choice(["KAZ", "CHN", "RUS"]),
                random.choice(["1435", "1520", "1435;1520"]),
                random.choice(["operating"] * 6 + ["construction", "planned", "suspended"]),
                random.choice(["conventional"] * 5 + ["passenger"]),
            )
        )
    return nodes, edges


def is_at(rail: RailNetwork, variant: Variant, name: str, nodes: dict[str, LonLat]) -> bool:
    """Tell whether a node is where it should be: on an edge of its own, at one end of it."""
    try:
        (snap,) = rail.snap(variant, [rail.gazetteer.find(nodes[name])])
    except NoRouteError:
        return False
    table, ends = rail.table, (0, int(rail.table.length_m[snap.edge]))
    own = [table.start[snap.edge], table.end[snap.edge]]
    return snap.offset_m in ends and own[ends.index(snap.offset_m)] == list(nodes).index(name)


def length_or_none(rail: RailNetwork, a: LonLat, b: LonLat, **options: object) -> float | None:
    try:
        return rail.route(a, b, **options).length_km
    except NoRouteError:
        return None


@given(SEEDS)
def test_lengths_are_those_of_another_search(seed: int) -> None:
    random = Random(seed)
    nodes, edges = random_network(random)
    scenario = random.choice(["today", "construction", "planned"])
    traffic = random.choice(["freight", "any"])
    rail = RailNetwork(make_table(nodes, edges), scenario, traffic=traffic)
    variant = Variant(scenario, traffic)
    names = [name for name in nodes if is_at(rail, variant, name, nodes)]
    table = rail.matrix([nodes[name] for name in names])
    for (i, a), (j, b) in combinations(enumerate(names), 2):
        for avoid in ((), ("KAZ",)):
            if any(code not in rail.table.countries for code in avoid):
                continue
            expected = shortest_km(edges, a, b, scenario=scenario, traffic=traffic, avoid=avoid)
            found = length_or_none(rail, nodes[a], nodes[b], avoid=avoid)
            if avoid and found is None:  # a place in the country itself has no route at all
                continue
            assert found == (expected if expected is None else pytest.approx(expected, abs=1e-9))
            if not avoid:
                both = table[i, j], table[j, i]
                assert np.isnan(both).all() if found is None else both == (found, found)


def check_parts(route: Route) -> None:
    """The parts of a route add up to it."""
    tracks = [leg for leg in route.legs if leg.kind in ("track", "ferry")]
    for parts in (route.by_country.values(), route.by_gauge.values()):
        assert sum(parts) == pytest.approx(route.length_km, abs=1e-6)
    assert sum(leg.length_km for leg in tracks) == pytest.approx(route.length_km, abs=1e-6)
    for key, attribute in (("by_country", "country"), ("by_gauge", "gauge_mm")):
        for name, km in getattr(route, key).items():
            own = [leg.length_km for leg in tracks if str(getattr(leg, attribute)) == name]
            assert name in ("outside", "unknown") or sum(own) == pytest.approx(km, abs=1e-6)
    transfers = sum(leg.kind == "transfer" for leg in route.legs)
    assert len(route.breaks_of_gauge) <= transfers
    assert route.uncertainty_pct >= 0


def check_steps(table: EdgeTable, path: RailPath, source: Snap, target: Snap) -> None:
    """Every step is an edge, or the part of one at an end; the next begins where it ends."""
    ends = np.column_stack([table.start, table.end])[path.edge]
    ends = np.where(path.is_forward[:, None], ends, ends[:, ::-1])
    assert (ends[:-1, 1] == ends[1:, 0]).all()
    assert (path.metres[1:-1] == table.length_m[path.edge[1:-1]]).all()
    assert (path.metres >= 0).all() and (path.metres <= table.length_m[path.edge]).all()
    assert source.component == target.component


def check_pair(rail: RailNetwork, a: LonLat, b: LonLat, tolerance_km: float) -> None:
    """Check one pair of places; the tolerance is for what is not part of the length."""
    route, back = rail.route(a, b), rail.route(b, a)
    assert back.length_km == route.length_km
    check_parts(route)
    assert route.length_km >= route.geodesic_km - tolerance_km
    assert route.geodesic_km == pytest.approx(geodesic_km(a, b), abs=1e-6)
    graph_variant = Variant(rail.scenario, rail.traffic)
    snaps = rail.snap(graph_variant, [rail.gazetteer.find(place) for place in (a, b)])
    (path,) = rail.find_paths(graph_variant, snaps)
    check_steps(rail.table, path, *snaps)
    for code in route.by_country:
        if code != "outside":
            without = length_or_none(rail, a, b, avoid=[code])
            assert without is None or without >= route.length_km
    for gauge in (1435, 1520):
        assert rail.route(a, b, gauge=gauge).length_km >= route.length_km
    quickest = rail.route(a, b, optimise="hours")
    assert quickest.length_km >= route.length_km
    check_parts(quickest)
    wider = length_or_none(rail.in_scenario("planned"), a, b)
    assert wider is not None
    for other in rail.route(a, b, alternatives=3).alternatives:
        check_parts(other)
        assert route.length_km <= other.length_km <= 1.6 * route.length_km + 1e-6


def check_triple(rail: RailNetwork, a: LonLat, b: LonLat, c: LonLat) -> None:
    lengths = [length_or_none(rail, *pair) for pair in ((a, b), (b, c), (a, c))]
    if None in lengths[:2]:
        return
    assert lengths[2] is not None
    assert lengths[2] <= lengths[0] + lengths[1] + 1e-9
    via = rail.route(a, c, via=[b])
    assert via.length_km == pytest.approx(lengths[0] + lengths[1], abs=1e-9)
    check_parts(via)


@given(SEEDS)
def test_small_networks_keep_the_laws_of_distances(seed: int) -> None:
    random = Random(seed)
    nodes, edges = random_network(random)
    rail = RailNetwork(make_table(nodes, edges), speeds=SPEEDS)
    names = [name for name in nodes if is_at(rail, Variant(), name, nodes)]
    random.shuffle(names)
    points = [nodes[name] for name in names]
    for a, b in pairwise(points[:4]):
        if length_or_none(rail, a, b) is not None:
            check_pair(rail, a, b, 0.001)
            by_km, by_hours = (rail.route(a, b, optimise=what).hours for what in ("km", "hours"))
            assert by_hours <= by_km + 1e-6
            variant = rail.variant(optimise="hours")
            snaps = rail.snap(variant, [rail.gazetteer.find(place) for place in (a, b)])
            (paid,) = rail.find_paths(variant, snaps)
            assert paid.cost == pytest.approx(by_hours, abs=1e-6)
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        check_triple(rail, a, b, c)


@given(SEEDS)
def test_any_point_of_a_line_keeps_the_laws_of_distances(seed: int) -> None:
    """Places are on edges and beside them, not only at nodes."""
    random = Random(seed)
    nodes, edges = random_network(random)
    rail = RailNetwork(make_table(nodes, edges), speeds=SPEEDS)
    places = []
    for _ in range(3):
        edge, share = random.choice(edges), random.random()
        ends = nodes[edge.start], nodes[edge.end]
        lon, lat = (x + share * (y - x) for x, y in zip(*ends, strict=True))
        places.append((lon + random.uniform(-0.1, 0.1), lat + random.uniform(-0.1, 0.1)))
    try:
        rail.snap(Variant(), [rail.gazetteer.find(place) for place in places])
    except NoRouteError:
        return
    table = rail.matrix(places)
    apart = ~np.eye(3, dtype=bool)
    if np.isnan(table).any() or not table[apart].all():  # not connected, or at one point
        return
    check_triple(rail, *places)
    for (i, a), (j, b) in combinations(enumerate(places), 2):
        assert rail.route(a, b).length_km == table[i, j] == table[j, i]


# The same laws on the shipped network, with the hubs of the map as places.


@pytest.fixture(scope="module")
def shipped() -> RailNetwork:
    return RailNetwork.load()


def heap_km(table: EdgeTable, usable: np.ndarray, source: Snap, target: Snap) -> float:
    """Search the shipped network by a heap, from the ends of one edge to those of another."""
    around: dict[int, list[tuple[int, int]]] = {}
    rows = zip(table.start.tolist(), table.end.tolist(), table.length_m.tolist(), usable.tolist(),
               strict=True)  # fmt: skip
    for a, b, metres, is_usable in rows:
        if is_usable:
            around.setdefault(a, []).append((b, metres))
            around.setdefault(b, []).append((a, metres))
    reached: dict[int, int] = {}
    heap = [
        (source.offset_m, int(table.start[source.edge])),
        (int(table.length_m[source.edge]) - source.offset_m, int(table.end[source.edge])),
    ]
    while heap:
        metres, node = heapq.heappop(heap)
        if node not in reached:
            reached[node] = metres
            for other, step in around[node]:
                if other not in reached:
                    heapq.heappush(heap, (metres + step, other))
    ends = [
        reached[int(table.start[target.edge])] + target.offset_m,
        reached[int(table.end[target.edge])] + int(table.length_m[target.edge]) - target.offset_m,
    ]
    if source.edge == target.edge:
        ends.append(abs(source.offset_m - target.offset_m))
    return min(ends) / 1e3


def reachable_hubs(rail: RailNetwork) -> list[LonLat]:
    """The hubs on the largest component of the network."""
    variant = Variant(rail.scenario, rail.traffic)
    largest = int(rail.graph(variant).component_km.argmax())
    points = []
    for place in rail.gazetteer.places:
        if place.rank == 0:
            try:
                (snap,) = rail.snap(variant, [rail.gazetteer.find(place.point)])
            except NoRouteError:
                continue
            if snap.component == largest:
                points.append(place.point)
    return points


if SHIPPED.is_file():

    def test_the_shipped_network_keeps_the_laws_of_distances(shipped: RailNetwork) -> None:
        hubs = reachable_hubs(shipped)
        assert len(hubs) > 100
        random = Random(6)
        for _ in range(12):
            a, b, c = random.sample(hubs, 3)
            snaps = shipped.snap(Variant(), [shipped.gazetteer.find(place) for place in (a, b)])
            check_pair(shipped, a, b, sum(snap.km for snap in snaps))
            check_triple(shipped, a, b, c)
        table = shipped.matrix(hubs)
        assert np.array_equal(table, table.T)
        for k in range(len(hubs)):
            assert (table <= table[:, [k]] + table[[k]] + 1e-6).all()

    def test_lengths_on_the_shipped_network_are_those_of_another_search(
        shipped: RailNetwork,
    ) -> None:
        hubs, random = reachable_hubs(shipped), Random(7)
        usable = shipped.graph(Variant()).usable
        for _ in range(4):
            pair = random.sample(hubs, 2)
            source, target = shipped.snap(Variant(), [shipped.gazetteer.find(p) for p in pair])
            expected = heap_km(shipped.table, usable, source, target)
            assert shipped.route(*pair).length_km == pytest.approx(expected, abs=1e-9)
