"""The scripts that heal, adjust and contract the rail network, on networks drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
from _rail_adjust import (
    COMMON_SD,
    COUNTRY_SD,
    EDGE_KM,
    EDGE_SD,
    SECTION_KM,
    SECTION_SD,
    adjust,
)
from _rail_contract import contract, prune, simplify
from _rail_graph import FROM_JOIN, FROM_OSM, RailGraph, geodesic_km, read_graph, split_edges
from _rail_healing import heal
from _rail_lines import DrawnLine, add_lines, cut_chords
from scipy.sparse.csgraph import dijkstra


def graph_of(points: list[tuple[float, float]], pairs: list[tuple[int, int]]) -> RailGraph:
    """Draw a network on the equator-side plane; edges are as long as their geodesics."""
    lon, lat = np.array(points, dtype=float).T
    start, end = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    km = geodesic_km(lon[start], lat[start], lon[end], lat[end])
    return RailGraph(lon, lat, start, end, km, np.full(len(pairs), FROM_OSM))


def everywhere(_: object, __: object) -> bool:
    return True


# --- reading -------------------------------------------------------------------------------


def test_reading_clips_and_drops_loops(tmp_path):
    # The package writes (lat, lon); node 3 lies outside the clip, 0-0 is a loop, 1-2 is written
    # shorter than the geodesic.
    text = (
        "from scgraph.core import GeoGraph\n"
        "graph=[{0: 0, 1: 120.5}, {0: 120.5, 2: 1}, {1: 1, 3: 50}, {2: 50}]\n"
        "nodes=[[10, 50], [10, 51], [11, 51], [10, 10]]\n"
    )
    path = tmp_path / "world_railways.py"
    path.write_text(text, encoding="utf-8")
    graph = read_graph(path, (15, 0, 150, 75))
    assert graph.lon.tolist() == [50, 51, 51]
    assert graph.lat.tolist() == [10, 10, 11]
    # A degree of the meridian at 10.5° N: 110.61 km (Snyder 1987, table of radii).
    assert graph.km == pytest.approx([120.5, 110.61], abs=0.01)


# --- gaps ----------------------------------------------------------------------------------


def test_a_dead_end_is_joined_to_the_middle_of_a_segment():
    # A branch ends 1.1 km south of a line 22 km long.
    graph = graph_of([(50, 10), (50.2, 10), (50.1, 9.99), (50.1, 9.9)], [(0, 1), (2, 3)])
    healed, joins = heal(graph, everywhere)
    assert [(join.kind, join.start, join.end) for join in joins] == [
        ("near", (50.1, 9.99), (50.1, 10))
    ]
    assert joins[0].gap_km == pytest.approx(1.106, abs=0.002)
    assert healed.components()[0] == 1
    # The line is split and as long as before.
    assert healed.km[healed.origin == FROM_OSM].sum() == pytest.approx(graph.km.sum())


@pytest.mark.parametrize(
    ("lat", "kind"),
    [
        (9.95, "ahead"),  # 5.5 km, straight ahead
        (9.9, None),  # 11 km: too far for anything but an end that looks back
    ],
)
def test_how_far_ahead_a_gap_is_closed(lat, kind):
    graph = graph_of([(50, 10), (50.2, 10), (50.1, lat), (50.1, lat - 0.1)], [(0, 1), (2, 3)])
    assert [join.kind for join in heal(graph, everywhere)[1]] == ([kind] if kind else [])


def test_a_dead_end_beside_a_line_is_left_alone():
    # 5.5 km away, but the branch runs along the line and not towards it.
    graph = graph_of([(50, 10), (50.4, 10), (50.2, 9.95), (50.1, 9.95)], [(0, 1), (2, 3)])
    assert heal(graph, everywhere)[1] == []


def test_two_ends_that_face_each_other_are_joined():
    graph = graph_of([(50, 10), (50.2, 10), (50.32, 10), (50.5, 10)], [(0, 1), (2, 3)])
    (join,) = heal(graph, everywhere)[1]
    assert (join.kind, round(join.gap_km, 1)) == ("facing", 13.2)


def test_a_gap_inside_a_component_needs_a_long_way_round():
    # The end at (50.1, 9.99) lies 1.1 km from the line; the way round is 33 km or 6 km.
    def loop(depth: float) -> RailGraph:
        points = [(50, 10), (50.2, 10), (50.2, 10 - depth), (50.1, 10 - depth), (50.1, 9.99)]
        return graph_of(points, [(0, 1), (1, 2), (2, 3), (3, 4)])

    assert len(heal(loop(0.2), everywhere)[1]) == 1
    assert len(heal(loop(0.02), everywhere)[1]) == 0


def test_a_forbidden_gap_stays_open():
    graph = graph_of([(50, 10), (50.2, 10), (50.1, 9.99), (50.1, 9.9)], [(0, 1), (2, 3)])
    assert heal(graph, lambda a, b: False)[1] == []


# --- lines drawn by hand -------------------------------------------------------------------


def test_a_line_is_put_between_tracks_with_its_published_length():
    graph = graph_of([(50, 10), (50.2, 10), (51, 10.01), (51.2, 10.01)], [(0, 1), (2, 3)])
    line = DrawnLine(
        "new", ((50.1, 10.01), (50.5, 10.2), (51.1, 10)), {"status": "operating", "length_km": 150}
    )
    (grown,) = [add_lines(graph, [line], [0])]
    assert grown.km[grown.origin == 0].sum() == pytest.approx(150)
    assert grown.components()[0] == 1


def test_a_line_may_end_away_from_other_track():
    graph = graph_of([(50, 10), (50.2, 10)], [(0, 1)])
    line = DrawnLine("spur", ((50.1, 10.01), (50.5, 10.2)), {"status": "operating"})
    grown = add_lines(graph, [line], [7])
    assert (grown.origin == 7).sum() == 1
    assert grown.components()[0] == 1


def test_a_line_too_far_from_any_track_is_refused():
    graph = graph_of([(50, 10), (50.2, 10)], [(0, 1)])
    line = DrawnLine("far", ((50.1, 10.1), (50.5, 10.2)), {"status": "operating", "snap_km": 5})
    with pytest.raises(ValueError, match=r"far: end \(50\.1, 10\.1\) is 11\.1 and .* km from any"):
        add_lines(graph, [line], [0])


def test_a_false_chord_is_cut_and_a_missing_one_is_an_error():
    graph = graph_of([(50, 10), (53, 12), (54, 12)], [(0, 1), (1, 2)])
    line = DrawnLine("l", ((50, 10), (53, 12)), {"replaces": "53.001 12.001;50 10"})
    assert cut_chords(graph, [line]).start.tolist() == [1]
    line = DrawnLine("l", ((50, 10), (53, 12)), {"replaces": "53 13;50 10"})
    with pytest.raises(ValueError, match="l: no edge between"):
        cut_chords(graph, [line])


def test_splitting_one_edge_twice_keeps_its_length():
    graph = graph_of([(50, 10), (51, 10)], [(0, 1)])
    graph = RailGraph(graph.lon, graph.lat, graph.start, graph.end, np.array([120.0]), graph.origin)
    split, nodes = split_edges(graph, [0, 0], [(50.75, 10.1), (50.25, 9.9)])
    assert split.lon[nodes] == pytest.approx([50.75, 50.25])
    assert sorted(split.km.tolist()) == pytest.approx([30, 30, 60])


# --- adjustment ----------------------------------------------------------------------------


def test_adjustment_equals_the_textbook_estimate():
    """Compare with the posterior mean written out with full matrices (Rasmussen 2006, 2.25)."""
    rng = np.random.default_rng(6)
    km = rng.uniform(5, 80, 30)
    country = rng.integers(0, 3, 30)
    free = np.ones(30, dtype=bool)
    free[4] = False
    paths = [np.sort(rng.choice(30, size, replace=False)) for size in (3, 8, 12, 5, 9)]
    design = np.zeros((5, 30))
    for row, path in enumerate(paths):
        design[row, path] = 1
    published = design @ km * 1.03 + rng.normal(0, 1, 5)
    w = np.where(free, km, 0)
    prior = np.diag(EDGE_SD**2 * EDGE_KM * w) + COMMON_SD**2 * np.outer(w, w)
    for number in range(3):
        part = np.where(country == number, w, 0)
        prior += COUNTRY_SD**2 * np.outer(part, part)
    noise = np.diag((SECTION_SD * published) ** 2 + SECTION_KM**2)
    gain = prior @ design.T @ np.linalg.inv(design @ prior @ design.T + noise)
    result = adjust(km, free, country, paths, published)
    assert result.kept.all()
    assert result.km == pytest.approx(km + gain @ (published - design @ km))
    assert result.km[4] == km[4]
    # Leave one out, by leaving one out.
    for out in range(5):
        others = [n for n in range(5) if n != out]
        rest, cover = design[others], noise[np.ix_(others, others)]
        gain = prior @ rest.T @ np.linalg.inv(rest @ prior @ rest.T + cover)
        foretold = design[out] @ (km + gain @ (published[others] - rest @ km))
        assert result.foretold_km[out] == pytest.approx(foretold)


def test_a_section_that_no_other_believes_is_left_out():
    km = np.full(40, 25.0)
    paths = [np.arange(n, n + 12) for n in range(0, 28, 2)]
    published = np.array([300.0 * 1.02] * 14)
    published[6] = 420.0
    result = adjust(km, np.ones(40, bool), np.zeros(40, np.int64), paths, published)
    assert np.flatnonzero(~result.kept).tolist() == [6]
    assert result.km.sum() == pytest.approx(1020, rel=0.005)


# --- contraction ---------------------------------------------------------------------------


def test_contraction_keeps_all_distances_between_junctions():
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 3, (60, 2)) + (50, 10)
    pairs = sorted(
        {tuple(sorted(pair)) for pair in rng.integers(0, 60, (75, 2)) if len({*pair}) > 1}
    )
    graph = graph_of([tuple(p) for p in points], pairs)
    kind = rng.integers(0, 2, len(pairs))
    chains = contract(graph, kind)
    assert sorted(edge for chain in chains for edge in chain.edges) == list(range(len(pairs)))
    for chain in chains:
        assert len({int(kind[edge]) for edge in chain.edges}) == 1
    ends = np.array([(chain.nodes[0], chain.nodes[-1]) for chain in chains])
    km = np.array([graph.km[list(chain.edges)].sum() for chain in chains])
    small = RailGraph(graph.lon, graph.lat, *ends.T, km, np.zeros(len(km)))
    loops = ends[:, 0] == ends[:, 1]
    junctions = np.unique(ends)
    before = dijkstra(graph.matrix(), indices=junctions)[:, junctions]
    after = dijkstra(small.matrix(~loops), indices=junctions)[:, junctions]
    assert len(junctions) < 60
    assert after == pytest.approx(before)


def test_pruning_drops_spurs_and_second_tracks_but_no_line():
    points = [(50, 10), (50.1, 10), (50.2, 10), (50.15, 10.002), (50.1, 10.01), (50.3, 10)]
    # 0-1-2-5 is the line, 1-3-2 a second track, 1-4 a siding of 1.1 km; 2-5 stays as a long end.
    graph = graph_of(points, [(0, 1), (1, 2), (1, 3), (3, 2), (1, 4), (2, 5)])
    assert prune(graph, np.zeros(6, np.int64), graph.km).tolist() == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]


def test_a_join_is_pruned_like_track():
    graph = graph_of([(50, 10), (50.1, 10), (50.2, 10), (50.1, 10.01)], [(0, 1), (1, 2), (1, 3)])
    origin = np.array([FROM_OSM, FROM_OSM, FROM_JOIN])
    graph = RailGraph(graph.lon, graph.lat, graph.start, graph.end, graph.km, origin)
    assert prune(graph, np.zeros(3, np.int64), graph.km).tolist() == [True, True, False]


def test_simplified_chains_stay_within_100_metres():
    lon = np.linspace(50, 51, 200)
    lat = 40 + 0.01 * np.sin(lon * 40)
    x, y = simplify(lon, lat)
    assert 5 < len(x) < 100
    kept = np.column_stack([np.r_[lon[0], x, lon[-1]], np.r_[lat[0], y, lat[-1]]])
    import shapely

    scale = np.cos(np.radians(40))
    line = shapely.LineString(kept * (scale, 1))
    away = shapely.distance(line, shapely.points(np.column_stack([lon * scale, lat])))
    assert away.max() * 111.195 < 0.105
