"""Read the tables of disputed cases and the package, and make the properties (scripts only)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from _disputed import KM_PER_DEG, Source, Spec
from _output import read_csv
from shapely.geometry.base import BaseGeometry

CHECKED = "2026-11-23"
BASE_SOURCE = "natural-earth-4-1-0"
PACKAGE_SOURCE = "qgis-common-3-22-16"
LANGUAGES = ("", "_zh", "_ru")
JOINTS = {"": ", ", "_zh": "、", "_ru": ", "}
SORT_KEYS = {"": "name", "_zh": "pinyin", "_ru": "name_ru"}
CASE_COLUMNS = "case_id,name,geometry_used,treatment,feature_ids,reason,checked,sources".split(",")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)


@dataclass(frozen=True)
class Tables:
    """The curated tables: cases, features and, by key, the parties that administer or claim."""

    cases: list[dict[str, str]]
    features: list[dict[str, str]]
    parties: dict[str, dict[str, str]]


def read_tables(folder: Path) -> Tables:
    """Read the three tables and check that every case and party named in them exists."""
    cases = read_csv(folder / "disputed_cases.csv")
    features = read_csv(folder / "disputed_features.csv")
    parties = {row["key"]: row for row in read_csv(folder / "disputed_parties.csv")}
    known = {row["case_id"] for row in cases}
    for row in features:
        keys = _keys(row["administered_by"]) + _keys(row["claimed_by"])
        wrong = [key for key in keys if key not in parties]
        if wrong or row["case_id"] not in known:
            raise ValueError(f"{row['id']}: unknown party or case: {wrong or row['case_id']}")
    return Tables(cases, features, parties)


def read_package(path: Path) -> tuple[Source, dict[str, str]]:
    """Read lines and Ukrainian provinces of ``world_map.gpkg``, and the names of the lines."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        lines = database.execute("select fid, geom, name from disputed_borders").fetchall()
        provinces = database.execute(
            "select name, geom from states_provinces where adm0_a3 = 'UKR'"
        ).fetchall()
    source = Source(
        {f"line:{fid}": _from_gpkg(blob) for fid, blob, _ in lines},
        {name: _from_gpkg(blob) for name, blob in provinces},
    )
    return source, {f"line:{fid}": name for fid, _, name in lines}


def _from_gpkg(blob: bytes) -> BaseGeometry:
    """Skip the GeoPackage header (8 bytes and an envelope) and decode the WKB after it."""
    return shapely.from_wkb(blob[8 + _ENVELOPE_BYTES[blob[3] >> 1 & 7] :])


def spec_of(row: Mapping[str, str]) -> Spec:
    """Turn a row of the feature table into what the geometry needs; province names keep spaces."""
    with_ = (row["with"],) if row["method"] == "province" else tuple(row["with"].split())
    return Spec(
        row["id"], row["method"], tuple(row["of"].split()), with_, row["where"], row["minus"]
    )


def _keys(text: str) -> list[str]:
    return [key for key in text.split(";") if key]


def uses_package(row: Mapping[str, str], rows: Mapping[str, Mapping[str, str]]) -> bool:
    """Say whether a line of the package has a part in a geometry, itself or through others."""
    if row["method"] in {"faces", "province"}:
        return True
    if row["method"] in {"unit", "part"}:
        return False
    names = f"{row['of']} {row['with']} {row['minus']}".split()
    return any(uses_package(rows[name], rows) for name in names if name in rows)


def describe_basis(row: Mapping[str, str], line_names: Mapping[str, str]) -> str:
    """Say in one sentence which geometry was used."""
    method = row["method"]
    if method == "faces":
        lines = ", ".join(f"{n.split(':')[1]} ({line_names[n]})" for n in row["with"].split())
        return f"borders of the base and disputed_borders {lines} of qgis-common 3.22.16"
    if method == "province":
        return f"borders of the base and of the province {row['with']} in qgis-common 3.22.16"
    if method == "inner":
        return f"edge of {row['of']} inside the territory that the base draws it with"
    if method == "shared":
        return f"common border in the base: {row['of']} with {row['with']}"
    return f"{'unit' if method == 'unit' else 'polygons'} of the base ({row['of'].upper()})"


def properties_of(
    row: Mapping[str, str],
    tables: Tables,
    line_names: Mapping[str, str],
    *,
    base_code: str,
    accuracy_km: float,
    area_km2: int | None,
) -> dict[str, object]:
    """Make the flat properties of a feature; parties stand in alphabetical order."""
    rows = {other["id"]: other for other in tables.features}
    sources = [BASE_SOURCE, *([PACKAGE_SOURCE] if uses_package(row, rows) else [])]
    found: dict[str, object] = {f"name{end}": row[f"name{end}"] for end in LANGUAGES}
    found |= {"kind": row["kind"], "case": row["case_id"], "treatment": row["treatment"]}
    for role in ("administered", "claimed"):
        parties = [tables.parties[key] for key in _keys(row[f"{role}_by"])]
        found |= _names(f"{role}_by", parties)
        found[f"{role}_codes"] = ";".join(sorted({p["code"] for p in parties if p["code"]}))
    found |= {
        "status": "none",
        "geometry_basis": "natural_earth",
        "basis": describe_basis(row, line_names),
        "base_code": base_code,
        "accuracy_km": accuracy_km,
        **({} if area_km2 is None else {"area_km2": area_km2}),
        "checked": CHECKED,
        "sources": ";".join([*sources, *_keys(row["sources"])]),
    }
    return found | {f"note{end}": row[f"note{end}"] for end in LANGUAGES}


def _names(key: str, parties: Iterable[Mapping[str, str]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for end in LANGUAGES:
        ordered = sorted(parties, key=lambda party: party[SORT_KEYS[end]].lower())
        found[f"{key}{end}"] = JOINTS[end].join(party[f"name{end}"] for party in ordered)
    return found


def case_rows(tables: Tables) -> list[dict[str, object]]:
    """List every case with the features that show it."""
    return [
        {
            **case,
            "feature_ids": ";".join(
                sorted(r["id"] for r in tables.features if r["case_id"] == case["case_id"])
            ),
            "checked": CHECKED,
        }
        for case in tables.cases
    ]


def distance_km(before: BaseGeometry, after: BaseGeometry) -> float:
    """Measure within how many km of the edge of `after` 90 % of the vertices of `before` lie.

    Islands of `before` that `after` leaves out do not count.
    """
    parts = shapely.get_parts(before)
    before = shapely.geometrycollections(parts[shapely.intersects(parts, after)])
    squeeze = [float(np.cos(np.radians(before.centroid.y))), 1.0]
    points = shapely.points(shapely.get_coordinates(before) * squeeze)
    edge = after.boundary if shapely.get_dimensions(after) == 2 else after
    flat = shapely.transform(edge, lambda coords: coords * squeeze)
    return float(np.quantile(shapely.distance(points, flat), 0.9)) * KM_PER_DEG
