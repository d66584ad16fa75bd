"""The rule on leaps: slips of one vertex, of several, at the ends; no noise on good lines."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sco_geo import geojson
from sco_geo.rules import View, check_document

#: From Tashkent to Almaty in steps of about half a degree.
LINE = [[round(69.2 + 0.46 * k, 2), round(41.3 + 0.14 * k, 2)] for k in range(16)]


def leaps(*lines: list[list[float]]) -> list[tuple[int, str, str]]:
    """Return feature, message up to the degrees, and hint of each finding."""
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": c}}
        for c in lines
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    findings = list(check_document(View(geojson.parse(text.encode(), "x.geojson"))))
    assert {finding.code for finding in findings} <= {"CO116"}
    return [
        (f.feature_index or 0, f.message.split(" about")[0], (f.hint or "").split(" seem")[0])
        for f in findings
    ]


def slipped(first: int, last: int, slip: str) -> list[list[float]]:
    turn = {
        "exchanged": lambda x, y: [y, x],
        "lon": lambda x, y: [-x, y],
        "lat": lambda x, y: [x, -y],
    }[slip]
    return [turn(*p) if first <= k <= last else p for k, p in enumerate(LINE)]


HINTS = {
    "exchanged": "The numbers of {}",
    "lon": "The longitude",
    "lat": "The latitude",
}


@pytest.mark.parametrize("slip", HINTS)
@pytest.mark.parametrize(
    ("first", "last", "what"),
    [
        (0, 0, "vertex 0 is"), (7, 7, "vertex 7 is"), (15, 15, "vertex 15 is"),
        (4, 6, "vertices 4 to 6 are"), (0, 2, "vertices 0 to 2 are"),
        (11, 15, "vertices 11 to 15 are"),
    ],
)  # fmt: skip
def test_slips_are_found_and_named(slip: str, first: int, last: int, what: str) -> None:
    noun = "this vertex" if first == last else "these vertices"
    found = leaps(LINE, slipped(first, last, slip), LINE)
    assert found == [(1, what, HINTS[slip].format(noun))]


def test_two_blocks_and_a_vertex_in_one_line() -> None:
    line = slipped(2, 3, "lat")
    line[8] = [LINE[8][1], LINE[8][0]]
    line[12:14] = [[-x, y] for x, y in LINE[12:14]]
    assert [what for _, what, _ in leaps(line)] == [
        "vertices 2 to 3 are", "vertex 8 is", "vertices 12 to 13 are",
    ]  # fmt: skip


def test_a_good_vertex_between_two_slips_is_not_blamed() -> None:
    line = [list(point) for point in LINE[:12]]
    for number in (3, 7, 9):
        line[number].reverse()
    assert [what for _, what, _ in leaps(line)] == ["vertex 3 is", "vertex 7 is", "vertex 9 is"]


def test_a_good_vertex_between_two_far_ones_is_not_blamed() -> None:
    line = [*LINE[:5], [-43.2, -22.9], LINE[5], [-70.6, -33.4], *LINE[6:]]  # Rio, Santiago
    assert [what for _, what, _ in leaps(line)] == ["vertex 5 is", "vertex 7 is"]


def test_a_far_vertex_without_an_explanation() -> None:
    line = [*LINE[:8], [-43.2, -22.9], *LINE[8:]]  # Rio de Janeiro
    assert leaps(line) == [(0, "vertex 8 is", "Check this vertex, or delete it.")]


@pytest.mark.parametrize(
    "line",
    [
        [[37.6, 55.8], [116.4, 39.9]],
        [[37.6, 55.8], [37.7, 55.8], [116.4, 39.9], [116.5, 39.9]],  # one long leg
        [*LINE, *[[round(x + 60, 2), y] for x, y in LINE]],  # two far pieces in one line
        [[0.5, 50], [-0.5, 50.2], [0.5, 50.4], [-0.5, 50.6]],  # about the meridian of Greenwich
        [[20, 1], [20.5, -1], [21, 1], [21.5, -1]],  # about the equator
        [[179.5, 66], [-179.5, 66.5]],
        [[45, 45.2], [45.2, 45], [45.1, 45.3]],  # longitude and latitude alike
    ],
)
def test_good_lines_are_left_alone(line: list[list[float]]) -> None:
    text = json.dumps({"type": "LineString", "coordinates": line})
    findings = check_document(View(geojson.parse(text.encode(), "x.geojson")))
    assert [f for f in findings if f.code == "CO116"] == []


def test_wandering_lines_of_long_steps_are_left_alone() -> None:
    """To and fro between Lisbon and Vladivostok: no vertex is more of a slip than the others."""
    flights = [[-9.1, 38.7], [131.9, 43.1]] * 60
    assert leaps(flights) == []


def test_tours_of_the_world_are_left_alone() -> None:
    """Between places anywhere nearly every step is long; one in six looks like a sharp leap."""
    random = np.random.default_rng(7)
    places = np.degrees(np.arcsin(random.uniform(-0.9, 0.9, 4000)))
    tours = np.column_stack([random.uniform(-89, 89, 4000), places]).round(3).reshape(500, 8, 2)
    assert len({feature for feature, *_ in leaps(*tours.tolist())}) < 25


def test_many_lines_give_the_same_as_one_by_one() -> None:
    """The reckoning for all lines at once may not mix them: the oracle is each line alone."""
    random = np.random.default_rng(4)
    lines = []
    for _ in range(300):
        count = int(random.integers(2, 9))
        spread = float(random.choice([0.1, 3, 60]))
        points = [69.0, 41.0] + random.uniform(-spread, spread, (count, 2)) / [1, 2]
        if random.random() < 0.5:
            which = int(random.integers(count))
            points[which] = points[which] * random.choice([[-1, 1], [1, -1], [0.2, 1]])
        lines.append(np.clip(points.round(4), -89, 89).tolist())
    alone = [(i, *leap[1:]) for i, line in enumerate(lines) for leap in leaps(line)]
    assert len(alone) > 50
    assert leaps(*lines) == alone
