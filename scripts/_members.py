"""Make the layer of member territories from the drawing set and the status table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from _display import Drawing
from _output import OutFeature, canonical, read_csv
from _territories import Territory, area_km2, label_point

from sco_geo.antimeridian import cut_at_antimeridian

PREFIX = "sco-"
NOTE_KEYS = ("note", "note_zh", "note_ru")
DRAWN_WITH = {"CHN": ("HKG", "MAC")}
"""Special administrative regions are parts of China's participation, with codes of their own."""


def read_statuses(history: Path, settings: Path) -> dict[str, str]:
    """Read the status of each state of the scheme `sco` on the reference date of the atlas."""
    as_of = str(tomllib.loads(settings.read_text(encoding="utf-8"))["as_of"])
    statuses: dict[str, str] = {}
    for row in read_csv(history):
        if row["scheme"] != "sco" or not row["feature_id"].startswith(PREFIX):
            continue
        statuses.setdefault(row["feature_id"], "none")
        if row["from"] <= as_of and (not row["to"] or as_of < row["to"]):
            statuses[row["feature_id"]] = row["status"]
    return statuses


def build_members(
    statuses: Mapping[str, str],
    territories: list[Territory],
    drawings: list[Drawing],
    base_km: float,
) -> list[OutFeature]:
    """Make one feature a state; vertices are those of the drawing set."""
    by_code = {t.unit.code: (t, d) for t, d in zip(territories, drawings, strict=True)}
    features = []
    for feature_id, status in sorted(statuses.items()):
        code = feature_id.removeprefix(PREFIX).upper()
        codes = (code, *DRAWN_WITH.get(code, ()))
        drawn = [by_code[c][1] for c in codes]
        geometry = shapely.coverage_union_all(np.array([d.geometry for d in drawn], dtype=object))
        full = shapely.coverage_union_all(
            np.array([by_code[c][0].geometry for c in codes], dtype=object)
        )
        lon, lat = label_point(full)
        unit = by_code[code][0].unit
        properties = {
            "name": unit.names[0],
            "name_zh": unit.names[1],
            "name_ru": unit.names[2],
            "kind": "territory",
            "status": status,
            "opened": None,
            "countries": code,
            "label_lon": lon,
            "label_lat": lat,
            "area_km2": round(area_km2(full)),
            "geometry_basis": "natural_earth",
            "accuracy_km": round(base_km + max(d.deviation_km for d in drawn), 1),
            "sources": "natural-earth-4-1-0;cldr",
            **_notes(code, unit.notes),
        }
        features.append(
            OutFeature(feature_id, canonical(cut_at_antimeridian(geometry)), properties)
        )
    return features


def _notes(code: str, notes: tuple[str, str, str]) -> dict[str, str]:
    before = (
        "Drawn with Hong Kong and Macao. ",
        "含香港和澳门一并绘出。",
        "Показан вместе с Гонконгом и Макао. ",
    )
    if code in DRAWN_WITH:
        notes = (before[0] + notes[0], before[1] + notes[1], before[2] + notes[2])
    return {key: note.strip() for key, note in zip(NOTE_KEYS, notes, strict=True) if note}
