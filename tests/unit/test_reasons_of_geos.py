"""Reasons of GEOS that no input is known to give today: they must not pass unseen if one does.

"Duplicate Rings" is in the list of org.locationtech.jts.operation.valid.TopologyValidationError,
which GEOS shares; the other stands for a reason that a later version may add.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from sco_geo.validation import validate

BOW_TIE = [[[60, 40], [70, 45], [70, 40], [60, 45], [60, 40]]]


@pytest.mark.parametrize(
    ("reason", "code", "place"),
    [
        ("Duplicate Rings[65 42.5]", "GM229", (65, 42.5)),
        ("Unheard of[65 42.5]", "GM230", (65, 42.5)),
    ],
)
def test_reason_that_no_input_gives(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    code: str,
    place: tuple[float, float],
) -> None:
    monkeypatch.setattr(shapely, "is_valid_reason", lambda _: reason)
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": BOW_TIE}), encoding="utf-8")
    report = validate(path)
    (finding,) = report.findings
    assert (finding.code, finding.severity, report.verdict) == (code, "error", "reject")
    assert (finding.lon, finding.lat) == place
    assert finding.message.strip()
