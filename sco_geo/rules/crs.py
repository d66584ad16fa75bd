"""Rules on the obsolete member crs (GeoJSON 2008), which may say what the numbers are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register

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
        "The crs member names a projected reference system.",
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

#: Characters of a crs member that are looked at; a definition in WKT has about a thousand.
_LONGEST = 10_000
#: EPSG codes of WGS 84 in degrees.
_WGS84 = {4326, 4979}
#: Geographic systems outside the range 4001-4999: NAD83(2011), JGD2011, GDA2020, CGCS2000 etc.
_GEOGRAPHIC = {*range(4001, 5000), 6318, 6668, 6706, 6783, 7844, 7912, 8999, 9000, 10158}


def _make(code: str, message: str, hint: str) -> Finding:
    return Finding(code, REGISTRY[code].severity, message, hint, pointer="/crs")


def check_crs(view: View) -> Iterator[Finding]:
    """Check the member crs of the root."""
    tree = view.document.tree
    if tree is None or "crs" not in tree:
        return
    text = str(tree["crs"])[:_LONGEST]
    hint = "Delete the crs member: GeoJSON is always WGS 84."
    if tree["crs"] is None:
        yield _make("GJ115", "the crs member is null", hint)
        return
    authority, code = _crs_code(text)
    if authority == "OGC" and code in ("84", "84h"):
        yield _make("GJ112", "the crs member (CRS84) is obsolete", hint)
        return
    number = int(code) if code.isdigit() and len(code) < 9 else -1
    if authority == "EPSG" and number in _WGS84:
        yield _make("GJ112", f"the crs member (EPSG:{number}) is obsolete", hint)
    elif authority == "OGC" or (authority == "EPSG" and number in _GEOGRAPHIC):
        shown = f"{authority}:{code}"
        hint = "Transform the coordinates to WGS 84 and delete the member."
        yield _make("GJ113", f"the crs member names {shown}, not WGS 84", hint)
    elif authority and number >= 0:
        hint = "Transform the coordinates to WGS 84 (longitude, latitude) and delete the member."
        message = f"the crs member names {authority}:{number}, a projected system"
        yield _make("GJ114", message, hint)
    else:
        yield _make("GJ115", "the crs member names no known reference system", hint)


def _crs_code(text: str) -> tuple[str, str]:
    """Find authority and code in any of the usual ways to name a reference system."""
    match = re.search(r"CRS:?(84h?|83|27)\b", text)
    if match:
        return "OGC", match.group(1)
    match = re.search(r"\b(EPSG|ESRI)\b\D*?(?:[/:][\d.]*[/:])?(\d{3,7})\b", text, re.IGNORECASE)
    if match:
        return match.group(1).upper(), match.group(2)
    match = re.search(r"'code': '?(\d{4,6})\b", text)
    return ("EPSG", match.group(1)) if match else ("", "")
