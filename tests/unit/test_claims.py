"""Published lengths beside computed ones: spreads and reasons, reckoned by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sco_geo.claims import (
    ClaimCheck,
    Computed,
    Spread,
    by_scope,
    check_claims,
    is_notable,
    spreads,
)
from sco_geo.model import Claim, Difference
from sco_geo.sources import Tables


def check(km: float, scope: str = "whole", *, current: bool = True) -> ClaimCheck:
    return ClaimCheck(km, scope, "paper", "2025", current, 100.0)


def test_the_spread_is_in_per_cent_of_the_lowest() -> None:
    claims = [check(486, current=False), check(532.5), check(454, current=False), check(532.5)]
    (group,) = by_scope(claims)
    assert group.spread == Spread(3, 454, 532.5)
    assert group.spread.percent == 17.29  # 78.5 of 454
    assert group.current == Spread(1, 532.5, 532.5) and group.current.percent == 0.0
    (row,) = spreads([group])
    assert row["all"] == {
        "figures": 3,
        "lowest_km": 454,
        "highest_km": 532.5,
        "spread_pct": 17.29,
    }


def test_without_a_current_figure_and_without_disagreement() -> None:
    (group,) = by_scope([check(8445, current=False), check(8500, current=False)])
    assert spreads([group]) == [
        {
            "scope": "whole",
            "all": {
                "figures": 2,
                "lowest_km": 8445,
                "highest_km": 8500,
                "spread_pct": 0.65,
            },
            "current": None,
        }
    ]
    assert spreads(by_scope([check(5), check(5), check(6, "CHN")])) == []
    assert by_scope([]) == ()


def test_scopes_stand_in_order_and_the_own_section_is_the_whole() -> None:
    names = ["CHN", "section:a", "section:b", "pipe_length", "whole"]
    groups = by_scope([check(1, name) for name in names])
    assert [g.scope for g in groups] == ["whole", "pipe_length", "section:a", "section:b", "CHN"]
    own = by_scope([check(1, "section:a"), check(2, "whole")], "a")
    assert [(g.scope, len(g.claims)) for g in own] == [("whole", 2)]


@given(st.lists(st.tuples(st.floats(0.1, 1e5), st.booleans()), min_size=1, max_size=8))
def test_the_spread_holds_every_figure(rows: list[tuple[float, bool]]) -> None:
    (group,) = by_scope([check(km, current=current) for km, current in rows])
    spread = group.spread
    assert spread is not None
    assert all(spread.lowest_km <= km <= spread.highest_km for km, _ in rows)
    assert 1 <= spread.figures <= len(rows)
    if group.current is not None:
        assert group.current.percent <= spread.percent
    assert (group.current is None) == (not any(current for _, current in rows))


@given(st.floats(1, 1e5), st.floats(1, 1e5))
def test_notable_is_more_than_a_tenth_of_the_published(computed: float, published: float) -> None:
    share = abs(computed / published - 1)
    if not math.isclose(share, 0.1, rel_tol=1e-9):
        assert is_notable(computed, published) == (share > 0.1)
    assert not is_notable(None, published)


def claim(value: str, scope: str = "whole") -> Claim:
    return Claim("line", scope, "length_km", value, "km", "2025", True, "paper", "")


def test_reasons_go_to_the_figures_that_they_are_about() -> None:
    rows = (
        Difference("line", "whole", "", False, "Bends."),
        Difference("line", "whole", "150", True, "What it counts is not said."),
        Difference("line", "CHN", "", False, "Never shown: nothing is computed."),
    )
    claims = [claim("120"), claim("150.0"), claim("105"), claim("120", "CHN")]
    found = check_claims(claims, {("line", "whole"): Computed(100.0)}, Tables(differences=rows))
    assert [(c.reason, c.is_open) for c in found] == [
        ("Bends.", False),
        ("What it counts is not said.", True),
        ("", False),
        ("", False),
    ]
    assert [c.difference_pct for c in found] == [-16.67, -33.33, -4.76, None]
    assert found[0].to_dict()["reason"] == "Bends."
    assert found[2].to_dict()["reason"] is None
    (whole, _) = by_scope(found)
    assert list(whole.reasons) == [("Bends.", False), ("What it counts is not said.", True)]


def test_of_two_reasons_the_first_counts() -> None:
    rows = [Difference("line", "whole", "120", False, text) for text in ("First.", "Second.")]
    found = Tables(differences=tuple(rows)).explanation_of(claim("120"))
    assert found is rows[0]


@pytest.mark.parametrize("value", ["", "x", "1e3"])
def test_the_figure_of_a_reason_is_a_number(value: str) -> None:
    tables = Tables(differences=(Difference("line", "whole", value, False, "A"),))
    assert (tables.explanation_of(claim("1000")) is not None) == (value != "x")
