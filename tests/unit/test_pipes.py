"""Length of pipe, reckoned by hand: each string counts, the unknown ones once."""

from __future__ import annotations

import pytest

from sco_geo.pipes import PipeLength, measure_pipe, read_strings

SHARES = {"RUS": 60.0, "CHN": 700.0, "outside": 40.0}  # 800 km


@pytest.mark.parametrize(
    ("strings", "km", "unknown_km"),
    [
        (1, 800, 0),
        (3, 2400, 0),
        ("2", 1600, 0),
        ("RUS:1;CHN:2", 60 + 1400 + 40, 40),  # nobody said how many lie at sea
        ("CHN:3", 60 + 2100 + 40, 100),
        ("MNG:2", 800, 800),
        (None, 800, 800),
        ("many", 800, 800),
    ],
)
def test_strings_count_one_by_one(strings: object, km: float, unknown_km: float) -> None:
    for kind in ("gas_pipeline", "oil_pipeline"):
        found = measure_pipe({"kind": kind, "strings": strings}, 800.0, SHARES)
        assert found == PipeLength(pytest.approx(km), pytest.approx(unknown_km))
        assert found.has_unknown == (unknown_km > 0)
    assert measure_pipe({"kind": "railway", "strings": strings}, 800.0, SHARES) is None


@pytest.mark.parametrize(
    "value", [0, -2, 1.5, True, 1e300, float("nan"), "0", "02", "RUS:", "RUS:1;RUS:2", [3]]
)
def test_what_is_no_number_of_strings(value: object) -> None:
    assert read_strings(value) == {}


def test_nothing_is_unknown_where_every_part_is_known() -> None:
    # The parts need not add up to the last bit: 0.1 + 0.2 is not 0.3.
    properties = {"kind": "oil_pipeline", "strings": "RUS:1;CHN:2"}
    found = measure_pipe(properties, 0.3 + 1e-12, {"RUS": 0.1, "CHN": 0.2})
    assert found is not None and not found.has_unknown


def test_routes_add_up() -> None:
    assert PipeLength(10, 2) + PipeLength(5) == PipeLength(15, 2)
