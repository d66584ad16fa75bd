"""Rules on the obsolete member crs (GeoJSON 2008), which may say what the numbers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sco_geo import geodesy
from sco_geo._flat import FeatureRow
from sco_geo._json_text import shorten
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, quote, register

register(
    Rule(
        "GJ112",
        "warning",
        "obsolete crs member",
        "The file names WGS 84 in a crs member.",
        "RFC 7946 has only WGS 84 and dropped the member; readers ignore it.",
        '{"type": "Point", "coordinates": [69.2, 41.3], '
        '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}',
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ113",
        "warning",
        "another datum",
        "The crs member names a reference system in degrees other than WGS 84.",
        "Readers take the coordinates for WGS 84: they are off by metres to hundreds of metres.",
        '{"type": "Point", "coordinates": [69.2, 41.3], '
        '"crs": {"type": "name", "properties": {"name": "EPSG:4284"}}}',
        '{"type": "Point", "coordinates": [69.1989, 41.3001]}',
    ),
    Rule(
        "GJ114",
        "error",
        "projected reference system",
        "The crs member names a projected reference system, or another one that is not in degrees.",
        "Readers take metres for degrees.",
        '{"type": "Point", "coordinates": [7703308.9, 5056382.4], '
        '"crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}',
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ115",
        "warning",
        "unclear crs member",
        "The crs member does not say in a known way which reference system it means.",
        "Readers ignore it and take the coordinates for WGS 84.",
        '{"type": "Point", "coordinates": [69.2, 41.3], '
        '"crs": {"type": "link", "properties": {"href": "data.crs"}}}',
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
)

#: EPSG codes of WGS 84 in degrees.
_WGS84 = ("4326", "4979")
#: Codes for Web Mercator, and one of its forerunners, that EPSG never had.
_METRES = ("900913", "102100", "102113", "41001", "54004")
_PROJECTED = re.compile(
    r"\+proj=(?!(?:longlat|latlong|lonlat|latlon)\b)|\bUTM\b|mercator|PROJC", re.I
)
#: More of a crs member is never looked at.
_MOST_TEXT = 1_000
#: Names of WGS 84 without a code, in small letters and digits only.
_NAMES = {"wgs84", "wgs1984", "gcswgs84", "gcswgs1984", "worldgeodeticsystem1984"}
_HINT = "Delete the crs member: GeoJSON is always WGS 84."
_TRANSFORM = "Transform the coordinates to WGS 84 (longitude, latitude) and delete the member."
_UNCLEAR = (
    "Transform the coordinates to WGS 84 if they are in another system, then delete the member."
)


def check_crs(view: View) -> Iterator[Finding]:
    """Check the member crs of the root, of features and of their geometries."""
    seen: set[str] = set()
    for row, value, pointer in _crs_members(view):
        text = str(value)[:_MOST_TEXT]
        if text in seen:
            continue  # the same system on every feature is one finding
        seen.add(text)
        code, message, hint = _judge(value, text)
        severity, fixable = REGISTRY[code].severity, code == "GJ112"
        finding = Finding(code, severity, message, hint, fixable, pointer=f"{pointer}/crs")
        if row is not None:
            finding = replace(finding, feature_index=row.index, feature_id=row.id)
        yield finding


def _crs_members(view: View) -> Iterator[tuple[FeatureRow | None, object, str]]:
    tree = view.document.tree
    if tree is None or not view.document.may_have("crs"):
        return
    if "crs" in tree:
        yield None, tree["crs"], ""
    features = tree.get("features")
    for row in view.flat.features:
        if isinstance(features, list) and row.pointer and "crs" in features[row.index]:
            yield row, features[row.index]["crs"], row.pointer
        if row.is_feature and isinstance(row.geometry, dict) and "crs" in row.geometry:
            yield row, row.geometry["crs"], row.geometry_pointer


def _judge(value: object, text: str) -> tuple[str, str, str]:
    """Return code, message and hint for a crs member."""
    if value is None:
        return "GJ115", "the crs member is null", _UNCLEAR
    authority, code = _crs_code(text)
    name = f"{authority}:{code}"
    written = _name(value)
    if re.sub(r"[^a-z0-9]", "", written[:_MOST_TEXT].lower()) in _NAMES:
        return "GJ112", f"the crs member ({shorten(written)}) is obsolete", _HINT
    if authority == "OGC" and code in ("84", "84h"):
        return "GJ112", "the crs member (CRS84) is obsolete", _HINT
    if authority == "EPSG" and code in _WGS84:
        return "GJ112", f"the crs member ({name}) is obsolete", _HINT
    is_in_degrees = _is_in_degrees(authority, code, text)
    if is_in_degrees is None:
        message = "the crs member names no known reference system"
        return "GJ115", f"{message}: {quote(written)}" if written else message, _UNCLEAR
    if is_in_degrees:
        return "GJ113", f"the crs member names {name}, not WGS 84", _TRANSFORM
    shown = name if authority else "a map projection"
    return "GJ114", f"the crs member names {shown}, which is not in degrees", _TRANSFORM


def _name(value: object) -> str:
    """Return the name that a crs member gives, or an empty text."""
    if isinstance(value, dict):
        properties = value.get("properties")
        value = properties.get("name") if isinstance(properties, dict) else None
    return value if isinstance(value, str) else ""


def _is_in_degrees(authority: str, code: str, text: str) -> bool | None:
    if authority == "OGC":
        return True
    if code in _METRES or (not authority and _PROJECTED.search(text)):
        return False
    return geodesy.is_geographic(authority, code) if authority else None


def _crs_code(text: str) -> tuple[str, str]:
    """Find authority and code in any of the usual ways to name a reference system."""
    match = re.search(r"\bCRS:?(84h?|83|27)\b", text, re.IGNORECASE)
    if match:
        return "OGC", match.group(1).lower()
    match = re.search(
        r"\b(EPSG|ESRI)(?:\b\D*?(?:[/:][\d.]*[/:])?)?(\d{3,7})\b", text, re.IGNORECASE
    )
    if match:
        return match.group(1).upper(), match.group(2)
    match = re.search(r"(?:^|'code': '?|SRID=)(\d{4,6})\b", text)
    return ("EPSG", match.group(1)) if match else ("", "")
