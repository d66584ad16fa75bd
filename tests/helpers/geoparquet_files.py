"""GeoParquet for tests, written by pyarrow alone: also what geopandas would not write."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: OGC 06-103r4, table 7.
NUMBERS = {
    "Point": 1, "LineString": 2, "Polygon": 3, "MultiPoint": 4, "MultiLineString": 5,
    "MultiPolygon": 6, "GeometryCollection": 7,
}  # fmt: skip
LINE = {"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}


def to_wkb(geometry: dict[str, Any] | None, *, order: str = "<") -> bytes | None:
    """Write a geometry object of GeoJSON as well-known binary, as it stands, right or wrong."""
    if geometry is None:
        return None
    has_height = 3 in sizes(geometry)
    head = struct.pack("B", order == "<")
    head += struct.pack(order + "I", NUMBERS[geometry["type"]] + 1000 * has_height)
    return head + body(geometry, order, 3 if has_height else 2)


def body(geometry: dict[str, Any], order: str, size: int) -> bytes:
    kind = geometry["type"]
    coordinates = geometry.get("coordinates")
    if kind == "Point":
        return position(coordinates or [math.nan] * size, order, size)
    if kind == "LineString":
        return positions(coordinates, order, size)
    if kind == "Polygon":
        rings = b"".join(positions(ring, order, size) for ring in coordinates)
        return struct.pack(order + "I", len(coordinates)) + rings
    members = geometry.get("geometries")
    if members is None:
        one = kind.removeprefix("Multi")
        members = [{"type": one, "coordinates": part} for part in coordinates]
    parts = b"".join(member(part, order, size) for part in members)
    return struct.pack(order + "I", len(members)) + parts


def member(geometry: dict[str, Any], order: str, size: int) -> bytes:
    head = struct.pack("B", order == "<")
    head += struct.pack(order + "I", NUMBERS[geometry["type"]] + 1000 * (size == 3))
    return head + body(geometry, order, size)


def positions(points: list[list[float]], order: str, size: int) -> bytes:
    head = struct.pack(order + "I", len(points))
    return head + b"".join(position(point, order, size) for point in points)


def position(numbers: list[float], order: str, size: int) -> bytes:
    filled = [float(n) for n in numbers] + [math.nan] * (size - len(numbers))
    return struct.pack(f"{order}{size}d", *filled)


def sizes(geometry: dict[str, Any]) -> set[int]:
    """Return how many numbers the positions of a geometry have."""
    if "geometries" in geometry:
        return {size for part in geometry["geometries"] for size in sizes(part)}
    found: set[int] = set()
    stack = [geometry["coordinates"]]
    while stack:
        value = stack.pop()
        if value and not isinstance(value[0], list):
            found.add(len(value))
        else:
            stack += value
    return found


def write(
    path: Path,
    geometries: list[Any],
    *,
    group_rows: int | None = None,
    column: dict[str, Any] | None = None,
    geo: object = None,
    **columns: Any,
) -> Path:
    """Write a GeoParquet file.

    Parameters
    ----------
    geometries : list
        Well-known binary, geometry objects of GeoJSON, or None.
    column : dict, optional
        Members of the metadata of the geometry column, instead of the encoding alone.
    geo : optional
        The whole metadata; False for none.
    """
    data = [g if g is None or isinstance(g, bytes) else to_wkb(g) for g in geometries]
    table = pa.table({**columns, "geometry": pa.array(data, pa.binary())})
    about = {"encoding": "WKB", "geometry_types": [], **(column or {})}
    if geo is None:
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}
    if geo is not False:
        text = geo if isinstance(geo, str) else json.dumps(geo)
        table = table.replace_schema_metadata({"geo": text})
    pq.write_table(table, path, row_group_size=group_rows)
    return path
