"""The same features as GeoJSON and as GeoParquet give the same codes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import geoparquet_files as parquet
import pytest

from sco_geo import measure_dataset, validate
from sco_geo._flat import DEPTHS

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted([*TESTS.glob("data/*/*.geojson"), *TESTS.glob("corpus/**/*.geojson")])
#: Codes about geometries: of the others, a binary file has no text, no members, no decimals
#: (CO114) and no fourth number (CO111); TP compares features.
STRUCTURE = {"GJ116", "GJ117", "GJ119", "GJ121"}
NOT_BINARY = {"CO111", "CO114"}


def features_of(path: Path) -> list[dict[str, Any]] | None:
    """Return the features of a file if binary can hold what their geometries say."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    features = tree.get("features") if isinstance(tree, dict) else None
    if not isinstance(features, list) or not features:
        return None
    is_usable = all(isinstance(f, dict) and {"type", "geometry"} <= f.keys() for f in features)
    return features if is_usable and all(is_binary(f["geometry"]) for f in features) else None


def is_binary(geometry: Any) -> bool:
    if geometry is None:
        return True
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        return isinstance(members, list) and all(map(is_binary, members))
    if kind not in DEPTHS:
        return False
    return is_array(geometry.get("coordinates"), DEPTHS[kind])


def is_array(value: Any, depth: int) -> bool:
    if not isinstance(value, list):
        return False
    if depth:
        return all(is_array(item, depth - 1) for item in value)
    is_position = len(value) in (2, 3) and all(type(n) in (int, float) for n in value)
    return is_position and all(map(math.isfinite, value))


CASES = [path for path in FILES if features_of(path) is not None]


def is_compared(code: str) -> bool:
    return code in STRUCTURE or (code[:2] in ("CO", "GM") and code not in NOT_BINARY)


def codes_of(findings: Any) -> list[tuple[str, int | None, str | None]]:
    found = {(f.code, f.feature_index, f.feature_id) for f in findings if is_compared(f.code)}
    return sorted(found, key=str)


def test_many_files_and_codes_are_compared() -> None:
    assert len(CASES) > 250
    found = {code for path in CASES for code, _, _ in codes_of(validate(path).findings)}
    assert {"CO103", "CO106", "CO107", "CO108", "CO109", "CO113", "CO116"} <= found
    assert {"GM201", "GM202", "GM203", "GM211", "GM212", "GM221", "GM223", "GJ121"} <= found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_same_codes_as_in_a_text(path: Path, tmp_path: Path) -> None:
    features = features_of(path)
    assert features is not None
    wkb = [parquet.to_wkb(feature.get("geometry"), order="<>"[i % 2]) for i, feature in
           enumerate(features)]  # fmt: skip
    of_file = validate(path).findings
    # A member that no geometry can have hides nothing of the geometry.
    names = {f.feature_index: f.feature_id for f in of_file}
    ids = [names.get(index) for index in range(len(features))]
    made = parquet.write(tmp_path / "data.parquet", wkb, id=parquet.pa.array(ids, "string"))
    expected = [entry for entry in codes_of(of_file) if entry[1] is not None]
    assert codes_of(measure_dataset(made).samples) == expected
