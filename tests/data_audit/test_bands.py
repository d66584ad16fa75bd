"""Audit of the bands of the pipelines: stored figures against the rule, and its limits."""

from __future__ import annotations

import copy
import csv
import json
import statistics
from pathlib import Path
from typing import Any

import bands
import pytest

LAYERS = Path(__file__).resolve().parents[2] / "layers"
KINDS = {"gas_pipelines": "gas_pipeline", "oil_pipelines": "oil_pipeline"}

Feature = dict[str, Any]


def read(name: str) -> list[Feature]:
    """Read the features of a layer; a missing file is an error."""
    text = (LAYERS / f"{name}.geojson").read_text(encoding="utf-8")
    features: list[Feature] = json.loads(text)["features"]
    return features


def lines(features: list[Feature]) -> list[Feature]:
    """Return the drawn sections, whatever properties they have."""
    return [f for f in features if f["geometry"]["type"] != "Point"]


@pytest.mark.parametrize("name", KINDS)
def test_stored_bands_follow_the_rule(name: str) -> None:
    features = read(name)
    points = bands.waypoints(features)
    stored = {f["id"]: f["properties"]["accuracy_km"] for f in lines(features)}
    computed = {f["id"]: bands.section_band_km(f, points) for f in bands.sections(features)}
    assert stored
    assert stored == computed


@pytest.mark.parametrize("name", KINDS)
def test_stored_uncertainties_of_points_follow_the_rule(name: str) -> None:
    points = [f["properties"] for f in read(name) if f["geometry"]["type"] == "Point"]
    assert points
    for point in points:
        assert point["accuracy_km"] == bands.point_uncertainty_km(point), point["name"]


@pytest.mark.parametrize("name", KINDS)
def test_every_vertex_is_a_point_of_the_system(name: str) -> None:
    features = read(name)
    places = {
        (f["properties"]["system"], *f["geometry"]["coordinates"])
        for f in features
        if f["geometry"]["type"] == "Point"
    }
    for line in lines(features):
        assert line["properties"]["kind"] == KINDS[name], line["id"]
        assert line["geometry"]["type"] == "LineString", line["id"]
        for vertex in line["geometry"]["coordinates"]:
            assert (line["properties"]["system"], *vertex) in places, (line["id"], vertex)


def test_bands_keep_their_limits() -> None:
    widths = [f["properties"]["accuracy_km"] for name in KINDS for f in lines(read(name))]
    assert statistics.median(widths) <= 40
    assert max(widths) <= bands.WIDEST_KM == 100


def test_claims_about_sections_are_about_drawn_sections_of_their_subject() -> None:
    drawn = {f["id"]: f["properties"]["system"] for name in KINDS for f in lines(read(name))}
    with (LAYERS / "claims.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            section = row["scope"].removeprefix("section:")
            if row["subject_id"] in set(drawn.values()) and section != row["scope"]:
                assert drawn.get(section) == row["subject_id"], row


def test_rule_by_hand() -> None:
    """Chords of 300 and 40 km: sqrt(20² + 30²) = 36.06 and sqrt(20² + 4²) = 20.4."""
    assert bands.band_km([15, 20, 20], [300, 40], "hills") == 37
    assert bands.band_km([15, 20], [300], "plain") == 27
    assert bands.band_km([15, 20], [300], "mountains") == 47


def test_a_moved_vertex_is_found() -> None:
    features = copy.deepcopy(read("gas_pipelines"))
    section = next(bands.sections(features))
    points = bands.waypoints(features)
    section["geometry"]["coordinates"][0][0] += 0.001
    with pytest.raises(ValueError, match="no waypoint of its system"):
        bands.section_band_km(section, points)


def test_command_line_repairs_an_edited_band(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = LAYERS / "oil_pipelines.geojson"
    path = tmp_path / source.name
    features = read("oil_pipelines")
    lines(features)[0]["properties"]["accuracy_km"] = 1
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert bands.main([str(path), "--write"]) == 0
    assert "stored 1 computed" in capsys.readouterr().out
    assert json.loads(path.read_text(encoding="utf-8"))["features"] == read("oil_pipelines")
