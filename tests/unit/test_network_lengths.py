"""Lengths along the rail network as lines carry them: read, added up, shown before the drawn ones.

Sums and means are reckoned by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sco_geo import catalog, measure
from sco_geo.cli import main
from sco_geo.length_report import parts_text
from sco_geo.network_lengths import NetworkLength, to_dict


@pytest.mark.parametrize("value", [None, "", "120", 0, -5, True, float("nan"), float("inf"), [1]])
def test_what_is_no_positive_number_is_no_length(value: object) -> None:
    assert NetworkLength.read({"network_length_km": value}) is None


def test_it_is_read_with_uncertainty_and_version() -> None:
    found = NetworkLength.read(
        {"network_length_km": 120, "network_uncertainty_pct": 2.5, "network_version": "2025-08-30"}
    )
    assert found == NetworkLength(120.0, 2.5, "2025-08-30")
    assert NetworkLength.read({"network_length_km": 7.5}) == NetworkLength(7.5)


def test_the_sum_weighs_uncertainties_by_length() -> None:
    parts = [NetworkLength(100.0, 1.0, "a"), NetworkLength(300.0, 5.0, "a")]
    # 1 km of 100 and 15 km of 300 are 16 km of 400.
    assert NetworkLength.sum(parts) == NetworkLength(400.0, 4.0, "a")
    unstated = NetworkLength.sum([*parts, NetworkLength(1.0, None, "b")])
    assert unstated == NetworkLength(401.0, None, "a, b")


def test_a_sum_with_a_part_unknown_is_unknown() -> None:
    assert NetworkLength.sum([NetworkLength(1.0), None]) is None
    assert NetworkLength.sum([]) is None


def test_nothing_known_is_null_in_json() -> None:
    keys = ("network_length_km", "network_uncertainty_pct", "network_version")
    assert to_dict(None) == dict.fromkeys(keys)
    assert to_dict(NetworkLength(2.345)) == dict(zip(keys, (2.35, None, None), strict=True))


def railway(number: int, **properties: Any) -> dict[str, Any]:
    """Write a degree of the meridian, 110.6 km long (Snyder 1987), as a section of one line."""
    facts = {"kind": "railway", "system": "line", "gauges_mm": "1520", "geometry_basis": "osm"}
    way = {"type": "LineString", "coordinates": [[70, number], [70, number + 1]]}
    facts["name"] = f"Section {number}"
    row = {"type": "Feature", "id": f"section-{number}", "properties": facts | properties}
    return {**row, "geometry": way}


def write(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_the_network_leads_and_the_drawn_line_is_its_lower_bound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stated = {"network_uncertainty_pct": 2.0, "network_version": "v7"}
    path = write(
        tmp_path / "mine.geojson",
        railway(0, network_length_km=120, **stated),
        railway(1, network_length_km=130, **stated),
    )
    assert main(["length", str(path), "--quiet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split()[:6] == ["section-0", "120.00", "along", "the", "network", "±2.0"]
    assert "drawn 110.57, lower bound" in " ".join(said)
    (whole,) = [line for line in said if line.startswith("= line")]
    assert whole.split()[2] == "250.00"
    total = " ".join(said[said.index(whole) :]).partition("total")[2]
    assert total.split()[0] == "221.15"  # what is drawn, as sums by country are
    assert "km as drawn" in total and "rail network version v7" in total
    (system,) = measure.measure(catalog.load([path])).systems
    assert system.to_dict()["network_length_km"] == 250
    assert system.to_dict()["length_km"] == pytest.approx(221.149, abs=0.001)


def test_a_line_with_a_section_of_its_own_has_no_length_along_the_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "mine.geojson", railway(0, network_length_km=120), railway(1))
    assert main(["length", str(path), "--quiet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said[:2]] == ["120.00", "110.58"]
    (whole,) = [line for line in said if line.startswith("= line")]
    assert whole.split()[2] == "221.15" and "network" not in whole


def test_a_part_that_rounds_to_nothing_is_not_listed() -> None:
    """A line is cut near a border, not on it; alone, a short part is all there is to tell."""
    assert parts_text({"CHN": 0.03, "KAZ": 4.1}) == "KAZ 4.1"
    assert parts_text({"CHN": 0.06, "KAZ": 4.1}) == "KAZ 4.1, CHN 0.1"
    assert parts_text({"CHN": 0.03}) == "CHN 0.0"
