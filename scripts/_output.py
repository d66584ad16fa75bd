"""Write GeoJSON, TOML and CSV files: the same bytes each time, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

DECIMALS = 4


@dataclass(frozen=True)
class OutFeature:
    """One feature of an output file: id, geometry in WGS84 (lon, lat), flat properties."""

    id: str
    geometry: BaseGeometry
    properties: Mapping[str, object]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file that replaces `path` in one step, unless there is an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    with replacing(path) as new:
        new.write_text(text, encoding="utf-8", newline="\n")


def write_geojson(path: Path, features: Iterable[OutFeature]) -> None:
    """Write a FeatureCollection, sorted by id, one feature a line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "id": feature.id,
                "properties": dict(feature.properties),
                "geometry": _geometry(feature.geometry),
            },
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        for feature in sorted(features, key=lambda feature: feature.id)
    ]
    write_text(path, '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n")


def canonical(geometry: BaseGeometry) -> BaseGeometry:
    """Give a geometry one fixed order of parts and vertices; polygons are wound right."""
    return shapely.orient_polygons(shapely.normalize(geometry))


def _geometry(geometry: BaseGeometry) -> dict[str, object]:
    if geometry.geom_type == "Point":
        coordinates: object = _pair(shapely.get_coordinates(geometry)[0])
    elif geometry.geom_type == "LineString":
        coordinates = _pairs(geometry)
    elif geometry.geom_type == "MultiLineString":
        coordinates = [_pairs(part) for part in geometry.geoms]
    elif geometry.geom_type == "Polygon":
        coordinates = _polygon(geometry)
    elif geometry.geom_type == "MultiPolygon":
        coordinates = [_polygon(part) for part in geometry.geoms]
    else:
        raise ValueError(f"no writer for a geometry of type {geometry.geom_type}")
    return {"type": geometry.geom_type, "coordinates": coordinates}


def _polygon(polygon: BaseGeometry) -> list[list[list[float]]]:
    rings = shapely.get_rings(polygon)
    return [_pairs(ring) for ring in rings]


def _pairs(line: BaseGeometry) -> list[list[float]]:
    return [_pair(pair) for pair in shapely.get_coordinates(line)]


def _pair(pair: np.ndarray) -> list[float]:
    return [_short(float(value)) for value in pair]


def _short(value: float) -> float:
    rounded = round(value, DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a table with a header, LF line ends and minimal quoting."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, stream.getvalue())


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a table with a header; a row that is too short or too long is an error."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{path}:{number}: wrong number of columns")
    return rows


def write_toml(path: Path, table: Mapping[str, Any]) -> None:
    """Write a sidecar: plain keys first, then tables, then arrays of tables."""
    plain = {k: v for k, v in table.items() if not _is_table(v) and not _is_tables(v)}
    lines = [f"{key} = {_toml_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if _is_table(value):
            lines += ["", f"[{key}]", *(f"{k} = {_toml_value(v)}" for k, v in value.items())]
        elif _is_tables(value):
            for row in value:
                lines += ["", f"[[{key}]]", *(f"{k} = {_toml_value(v)}" for k, v in row.items())]
    write_text(path, "\n".join(lines) + "\n")


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _toml_value(value: object) -> str:
    if isinstance(value, list):
        return "[\n" + "".join(f"  {_toml_value(item)},\n" for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False)
