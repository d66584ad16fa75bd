"""The cost of a check grows with the file, not with its square.

Counted are the calls that Python makes and the bytes that it holds at the peak: both are the same
in each run, seconds are not (`make bench` measures those).
"""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sco_geo.validation import validate

pytestmark = pytest.mark.full

SMALLEST = 100
FACTORS = (1, 2, 4, 8)
#: How far twice the features may cost more than twice as much: sorting, rounding of buffers.
SLACK = 1.15


def line(n: int) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[20 + n % 90, 40.5], [20.5 + n % 90, 41]]}


def square(n: int) -> list[list[list[float]]]:
    x, y = 20 + n % 50 * 2, -40 + n // 50 * 2
    return [[[x, y], [x + 2, y], [x + 2, y + 2], [x, y + 2], [x, y]]]


def bow_tie(n: int) -> list[list[list[float]]]:
    x, y = 20 + n % 50 * 2, -40 + n // 50 * 2
    return [[[x, y], [x + 1, y + 1], [x + 1, y], [x, y + 1], [x, y]]]


def feature(geometry: Any, feature_id: Any = None, **properties: Any) -> dict[str, Any]:
    result = {"type": "Feature", "properties": properties, "geometry": geometry}
    return result if feature_id is None else {**result, "id": feature_id}


def collection(features: list[Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def polygon(coordinates: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": coordinates}


KINDS: dict[str, Callable[[int], Any]] = {
    "good lines": lambda count: collection([feature(line(n), n) for n in range(count)]),
    "one long line": lambda count: {
        "type": "LineString",
        "coordinates": [[20 + n / 1000, 40 + n % 7 / 1000] for n in range(10 * count)],
    },
    "neighbouring territories": lambda count: collection(
        [feature(polygon(square(n)), n, kind="territory") for n in range(count)]
    ),
    "one id for all": lambda count: collection([feature(line(n), "same") for n in range(count)]),
    "crossing polygons": lambda count: collection(
        [feature(polygon(bow_tie(n))) for n in range(count)]
    ),
    "parts of a polygon": lambda count: {
        "type": "MultiPolygon",
        "coordinates": [square(2 * n + n // 25 * 50) for n in range(count)],
    },
    "texts instead of numbers": lambda count: collection(
        [feature({"type": "Point", "coordinates": ["69", 41]}) for _ in range(count)]
    ),
    "no geometry": lambda count: collection([feature(None) for _ in range(count)]),
    "empty lines": lambda count: {
        "type": "MultiLineString",
        "coordinates": [[] for _ in range(count)],
    },
    "halves of characters": lambda count: collection(
        [feature(line(n), name="\ud800") for n in range(count)]
    ),
    "members of a collection": lambda count: {
        "type": "GeometryCollection",
        "geometries": [line(n) for n in range(count)],
    },
}  # fmt: skip


def cost(path: Path) -> tuple[int, int]:
    """Return the calls of one check, and the bytes at its peak."""
    calls = 0

    def count(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        validate(path)
    finally:
        sys.setprofile(None)
    tracemalloc.start()
    try:
        validate(path)
        return calls, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_cost_grows_with_the_size(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.geojson"
    validate(path)  # imports and caches
    costs = []
    for factor in FACTORS:
        path.write_text(json.dumps(KINDS[kind](SMALLEST * factor)), encoding="utf-8")
        costs.append(cost(path))
    for small, large in zip(costs, costs[1:], strict=False):
        for before, after in zip(small, large, strict=True):
            assert after <= 2 * SLACK * before, costs


def test_a_square_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up the features once a feature must make the test above fail."""
    from sco_geo import rules

    def every_pair(view: Any) -> Any:
        for one in view.flat.features:
            for other in view.flat.features:
                len((one, other))
        return iter(())

    monkeypatch.setattr(rules, "DOCUMENT_RULES", (*rules.DOCUMENT_RULES, every_pair))
    with pytest.raises(AssertionError):
        test_cost_grows_with_the_size(tmp_path, "good lines")
