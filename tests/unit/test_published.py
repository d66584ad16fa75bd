"""What the page gets of the published figures: the numbers of `measure`, without empty cells."""

from __future__ import annotations

import pytest

from sco_geo import catalog, measure
from sco_geo.atlas import payload, published
from sco_geo.catalog import Catalog
from sco_geo.measure import LengthReport


@pytest.fixture(scope="module")
def shipped() -> tuple[Catalog, LengthReport]:
    loaded = catalog.load([catalog.shipped_directory("layers")])
    return loaded, measure.measure(loaded)


def test_every_claim_is_there_and_no_cell_is_empty(shipped: tuple[Catalog, LengthReport]) -> None:
    rows = published.claims(*shipped)
    assert sum(map(len, rows.values())) == len(shipped[0].tables.claims)
    assert not [row for of in rows.values() for row in of if "" in row.values()]


def test_spreads_and_reasons_are_those_of_the_report(shipped: tuple[Catalog, LengthReport]) -> None:
    scopes = published.scopes(shipped[1])
    railway = {row["scope"]: row for row in scopes["cku-railway"]}
    # Published are 454 to 580 km (claims.csv), of which 532.5 and 532.53 are current.
    assert railway["whole"]["all"] == [7, 454, 580, 27.75]
    assert railway["whole"]["current"] == [2, 532.5, 532.53, 0.01]
    reasons = railway["whole"]["reasons"]
    assert [reason.get("open") for reason in reasons] == [None, True]
    assert 580 in reasons[1]["figures"] and 532.53 in reasons[0]["figures"]
    assert "all" not in {row["scope"]: row for row in scopes["soyuz"]}["whole"]
    shown = {
        reason["text"] for of in scopes.values() for r in of for reason in r.get("reasons", ())
    }
    assert shown == {row.reason for row in shipped[0].tables.differences}
    assert shown <= published.translations(*shipped).keys()


def test_systems_have_pipe_breaks_and_status(shipped: tuple[Catalog, LengthReport]) -> None:
    systems = payload.build(*shipped, "en").data["systems"]
    pipe, rail = systems["cagp-abc"], systems["tianjin-tashkent-train"]
    assert pipe["pipe_km"] == pytest.approx(3 * pipe["length_km"], abs=0.01)
    assert "strings_unknown_km" not in pipe and "strings_unknown_km" in systems["espo"]
    assert "pipe_km" not in systems["soyuz"] and "pipe_km" not in rail  # nothing is known of it
    (change,) = rail["breaks"]
    assert (change["from_mm"], change["to_mm"]) == (1435, 1520)
    ids = {feature.id for feature in shipped[0].features}
    assert len(change["places"]) == 2 and set(change["places"]) <= ids
    status = systems["cku-railway"]["by_status"]
    assert sum(status.values()) == pytest.approx(systems["cku-railway"]["length_km"], abs=0.01)
    assert "by_status" not in rail  # all of it operates
