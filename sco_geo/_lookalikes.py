"""What a text, or a value in it, looks like where it is no GeoJSON, and what to do then."""

from __future__ import annotations

import re

#: As much of a text as is looked at.
_HEAD = 10_000
_GEOMETRIES = (
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_TYPES = (*_GEOMETRIES, "Feature", "FeatureCollection")

_WKT = re.compile(
    rf"(SRID\s*=\s*\d+\s*;\s*)?({'|'.join(_GEOMETRIES)})\s*(ZM?|M)?\s*(\(|EMPTY\b)", re.IGNORECASE
)
#: Byte order, type and at least one number, in hexadecimal digits.
_WKB = re.compile(r"0[01][0-9a-f]{8}(?:[0-9a-f]{2}){4,}", re.IGNORECASE)
_SCRIPT = re.compile(
    r"(?:(?:var|let|const)\s+)?[\w$.]+\s*=\s*[\[{(\"'\d]|[\w$.]+\(\s*[\[{]|(?:export|import)\s"
)
_YAML_LINE = re.compile(r"\s*(?:- )?[A-Za-z_][\w-]*:(?:\s.*)?")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
#: Members of the tables that pandas writes with orient="split" and orient="table".
_SPLIT = {"columns", "data"}, {"schema", "data"}
TABLE = "It looks like a table: write it with geopandas' to_file or as GeoJSON."


def text_hint(text: str) -> str | None:
    """Say what a text is that is not JSON, judging by its beginning."""
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if not head or head[0] in "{[":
        return None
    named = value_hint(head.rstrip())
    if named:
        return named
    if _SCRIPT.match(head):
        return (
            "It looks like JavaScript, as qgis2web writes it: keep only what stands from the first "
            "bracket to the one that closes it."
        )
    if _is_yaml(head):
        return "It looks like YAML: convert it to JSON."
    if _is_csv(head):
        return "It looks like CSV: convert it to GeoJSON first."
    return None


def value_hint(text: str) -> str | None:
    """Say what a text is that stands where an object or an array belongs."""
    if _WKT.match(text):
        return "It is WKT: convert it, for example with shapely.from_wkt and shapely.to_geojson."
    if _WKB.fullmatch(text):
        return "It is WKB: convert it, for example with shapely.from_wkb and shapely.to_geojson."
    if text.startswith("{") and '"type"' in text:
        return "It is JSON inside a text: write it without the quotes and backslashes around it."
    return None


def _is_yaml(head: str) -> bool:
    lines = [line for line in head.splitlines() if line.strip()][:5]
    if lines[0].strip() == "---":
        return True
    return len([line for line in lines if _YAML_LINE.fullmatch(line)]) >= 2


def _is_csv(head: str) -> bool:
    """Tell whether the first two lines have as many separators."""
    lines = [_QUOTED.sub("", line) for line in head.splitlines() if line.strip()][:2]
    return len(lines) == 2 and any(lines[0].count(s) == lines[1].count(s) > 0 for s in ",;\t")


def is_place(value: object) -> bool:
    """Tell whether an object is a place with named numbers, such as lat and lng."""
    if not isinstance(value, dict):
        return False
    names = {str(name).lower() for name in value}
    is_north = names & {"lat", "latitude", "y"}
    return bool(is_north and names & {"lng", "lon", "long", "longitude", "x"})


def object_hint(value: dict[str, object]) -> str | None:
    """Say what an object without a type looks like."""
    for member, name in (
        ("features", "FeatureCollection"),
        ("geometries", "GeometryCollection"),
        ("geometry", "Feature"),
    ):
        if member in value:
            return f'Add "type": "{name}".'
    for member, inner in value.items():
        if _type_of(inner) in _TYPES:
            return f'It stands under the member "{_short(member)}": take it out.'
        if isinstance(inner, list) and inner and all(_type_of(v) == "Feature" for v in inner):
            under = f'Features stand under the member "{_short(member)}"'
            return f"{under}: put them into a FeatureCollection."
    if value.get("error") or value.get("errors") or {"message", "code"} <= value.keys():
        return "It looks like the error message of a service: fetch the data again."
    if _is_table(value):
        return TABLE
    if is_place(value):
        return 'Write a Feature with a Point: "coordinates": [longitude, latitude].'
    return 'Add "type": "Feature".' if "properties" in value else None


def array_hint(root: list[object]) -> tuple[str, str | None]:
    """Say what an array looks like that stands in place of the root object, and what to do."""
    types = {_type_of(item) for item in root}
    if root and all(isinstance(item, dict) for item in root):
        if types == {"Feature"}:
            hint = (
                'Put it into a FeatureCollection: {"type": "FeatureCollection", "features": ...}.'
            )
            return "an array of Features", hint
        if types == {"FeatureCollection"}:
            hint = "Put the features of all into one FeatureCollection."
            return "an array of FeatureCollections", hint
        if types <= set(_GEOMETRIES):
            return "an array of geometries", "Put each into a Feature of a FeatureCollection."
        return ("an array of records", TABLE) if types == {None} else ("an array of objects", None)
    if root and all(_is_position(item) for item in root):
        hint = 'Write it as the member "coordinates" of a geometry.'
        return "an array of positions", hint
    return "an array", None


def _is_position(value: object) -> bool:
    if not isinstance(value, list) or len(value) < 2:
        return False
    return all(type(number) in (int, float) for number in value)


def _type_of(value: object) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in _TYPES else None


def _is_table(value: dict[str, object]) -> bool:
    """Tell whether an object is a table as pandas writes it: by columns, split, or with schema."""
    if any(names <= value.keys() for names in _SPLIT):
        return isinstance(value["data"], list)
    columns = list(value.values())
    if columns and all(isinstance(column, dict) for column in columns):
        rows = {tuple(column) for column in columns if isinstance(column, dict)}
        return len(rows) == 1 and all(row.isdecimal() for row in rows.pop())
    lengths = {len(column) if isinstance(column, list) else 0 for column in columns}
    return len(columns) > 1 and len(lengths) == 1 and 0 not in lengths


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
