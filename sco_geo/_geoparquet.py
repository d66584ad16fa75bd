"""GeoParquet files: which there are, and what their metadata says.

pyarrow is loaded when it is first needed.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_geo._flat import DEPTHS
from sco_geo.errors import DatasetError, InputPathError, MissingExtraError, ValidationError
from sco_geo.model import Finding, Severity

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

#: Ends of the names of files that are taken for GeoParquet.
SUFFIXES = (".parquet", ".geoparquet", ".pq")
#: The native encodings of GeoParquet 1.1 and the types of their geometries.
NATIVE = {name.lower(): name for name in DEPTHS}
#: WGS 84 in degrees, by its codes, and by its name where it is part of another system.
_WGS84 = {"OGC:CRS84", "OGC:CRS84h", "EPSG:4326", "EPSG:4979", "WGS 84"}
#: Semi-major axis of WGS 84, in metres (NIMA TR8350.2, table 3.1).
_AXIS_M = 6378137.0
#: Bytes of a vertex in the geometry column, without heights.
VERTEX_BYTES = 16
#: Bytes of a file that are buffered.
_BUFFER = 1 << 20


@dataclass(frozen=True)
class RowGroup:
    """Rows of a file that were written together, and how many vertices they may have."""

    rows: int
    vertices: int


@dataclass(frozen=True)
class GeoFile:
    """A GeoParquet file as its metadata describes it.

    Parameters
    ----------
    path, location : str
        As it was given, for messages; and absolute, for other processes.
    column : str
        The primary geometry column.
    encoding : str
        ``WKB`` or one of the native encodings.
    others : tuple of str
        Further geometry columns, which are kept and not measured.
    crs : str
        Name of the reference system; "unknown" where the file says that it is.
    findings : tuple of Finding
        What is to be said about the reference system.
    """

    path: str
    location: str
    column: str
    encoding: str
    others: tuple[str, ...]
    crs: str
    schema: pa.Schema
    row_groups: tuple[RowGroup, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def rows(self) -> int:
        """Return the count of features."""
        return sum(group.rows for group in self.row_groups)


def is_dataset(path: Path) -> bool:
    """Tell whether a path is a GeoParquet file by its name, or a directory of such files.

    A directory that has GeoJSON too is one of layers.
    """
    if path.name.lower().endswith(SUFFIXES):
        return True
    names = [name.lower() for name in os.listdir(path)] if path.is_dir() else []
    has_layers = any(name.endswith(".geojson") for name in names)
    return not has_layers and any(name.endswith(SUFFIXES) for name in names)


def files_in(path: Path) -> list[str]:
    """Return the GeoParquet files that a path stands for, directories in natural order.

    Names in a directory that begin with ``_`` or ``.`` are left out, as Spark and Dask do it.

    Raises
    ------
    InputPathError
        If there is none.
    """
    if not path.is_dir():
        return [str(path)]
    try:
        names = [name for name in os.listdir(path) if not name.startswith(("_", "."))]
    except OSError as error:
        raise InputPathError(f"{path}: cannot open: {error.strerror}") from error
    chosen = sorted((n for n in names if n.lower().endswith(SUFFIXES)), key=_natural)
    if not chosen:
        what = " or ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise InputPathError(f"{path}: a directory without {what} (not recursive)", code="IO005")
    return [str(path / name) for name in chosen]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort part.2 before part.10."""
    return [(int(t), "") if t.isdecimal() else (-1, t) for t in re.split(r"(\d+)", name) if t]


def import_parquet() -> Any:
    """Return the module pyarrow.parquet.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("GeoParquet needs pyarrow", "parquet") from None
    return pyarrow.parquet


def open_parquet(path: str, location: str | None = None) -> pq.ParquetFile:
    """Open a Parquet file; its pages are read bit by bit.

    Parameters
    ----------
    path, location : str
        The name for messages, and where the file is, if that is not the same.

    Raises
    ------
    InputPathError
        If it cannot be opened.
    DatasetError
        If it is no Parquet file, or cut off.
    """
    parquet = import_parquet()
    location = location or path
    if not os.path.isfile(location):
        is_there = os.path.exists(location)
        what = "not a regular file" if is_there else "no such file"
        raise InputPathError(f"{path}: {what}", code="IO002" if is_there else "IO001")
    try:
        return parquet.ParquetFile(location, buffer_size=_BUFFER, pre_buffer=False)
    except PermissionError as error:
        raise InputPathError(f"{path}: cannot open: {error.strerror}") from error
    except (OSError, ValueError, MemoryError) as error:  # pyarrow's own are ValueErrors
        text = str(error).split(". ")[0].strip().rstrip(".")
        raise DatasetError(
            f"{path}: no Parquet file, or cut off ({text}); write or download it anew"
        ) from None


def open_geofile(path: str) -> GeoFile:
    """Read the metadata of a GeoParquet file.

    Raises
    ------
    InputPathError
        If it cannot be opened.
    DatasetError
        If it is no GeoParquet, or of a form that is not known.
    ValidationError
        If its coordinates are not longitude and latitude (GJ114).
    """
    with open_parquet(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        geo = _geo_metadata(path, schema)
        name, column = _primary(path, geo, schema)
        sizes = _sizes(metadata, name)
    encoding = _encoding(path, name, column, schema)
    crs, findings = _check_crs(path, column)
    others = tuple(other for other in geo["columns"] if other != name)
    location = os.path.abspath(path)
    return GeoFile(path, location, name, encoding, others, crs, schema, tuple(sizes), findings)


def _geo_metadata(path: str, schema: pa.Schema) -> dict[str, Any]:
    raw = (schema.metadata or {}).get(b"geo")
    if raw is None:
        raise DatasetError(
            f'{path}: Parquet, but no GeoParquet: the metadata "geo" is missing, so nobody knows '
            "which column holds geometries; write it with GeoDataFrame.to_parquet, ogr2ogr or "
            "DuckDB's spatial extension"
        )
    try:
        geo = json.loads(raw)
    except ValueError as error:
        raise DatasetError(f'{path}: the metadata "geo" is no JSON: {error}') from None
    if not isinstance(geo, dict) or not isinstance(geo.get("columns"), dict):
        raise DatasetError(f'{path}: the metadata "geo" names no columns')
    return geo


def _primary(path: str, geo: dict[str, Any], schema: pa.Schema) -> tuple[str, dict[str, Any]]:
    name = geo.get("primary_column")
    column = geo["columns"].get(name) if isinstance(name, str) else None
    if not isinstance(name, str) or not isinstance(column, dict):
        raise DatasetError(f"{path}: the primary column {name!r} is not one of the metadata")
    if name not in schema.names:
        raise DatasetError(f"{path}: the geometry column {name!r} is not in the table")
    twice = [other for other, count in Counter(schema.names).items() if count > 1]
    if twice:
        raise DatasetError(f"{path}: two columns have the name {twice[0]!r}; rename one")
    return name, column


def _encoding(path: str, name: str, column: Mapping[str, Any], schema: pa.Schema) -> str:
    """Return the encoding of the geometry column, if its type is one that goes with it."""
    import pyarrow as pa

    encoding, kind = column.get("encoding"), schema.field(name).type
    if encoding != "WKB" and encoding not in NATIVE:
        known = ", ".join(("WKB", *NATIVE))
        raise DatasetError(
            f"{path}: the encoding {encoding!r} of column {name!r} is not one of {known}"
        )
    kinds: tuple[Callable[[pa.DataType], bool], ...]
    kinds = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    if encoding == "point":
        kinds = (pa.types.is_struct,)
    elif encoding != "WKB":
        kinds = (pa.types.is_list, pa.types.is_large_list)
    if not any(is_kind(kind) for is_kind in kinds):
        raise DatasetError(f"{path}: column {name!r} says {encoding}, but its values are {kind}")
    return str(encoding)


def _sizes(metadata: pq.FileMetaData, column: str) -> Iterator[RowGroup]:
    """Yield the row groups with the vertices that the bytes of their geometries could hold."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        paths = (group.column(index) for index in range(group.num_columns))
        sizes = (
            chunk.total_uncompressed_size
            for chunk in paths
            if chunk.path_in_schema == column or chunk.path_in_schema.startswith(f"{column}.")
        )
        yield RowGroup(group.num_rows, math.ceil(sum(sizes) / VERTEX_BYTES))


def _check_crs(path: str, column: Mapping[str, Any]) -> tuple[str, tuple[Finding, ...]]:
    """Return the name of the reference system and what is to be said about it.

    In GeoParquet longitude comes first, whatever the reference system says about its axes.
    """
    if "crs" not in column:
        return "OGC:CRS84", ()

    def finding(code: str, severity: Severity, message: str, hint: str) -> Finding:
        layer = Path(path).stem
        return Finding(code, severity, message, hint, path=path, layer=layer)

    crs = column["crs"]
    if crs is None:
        message = "the reference system is unknown; the coordinates are taken for WGS 84"
        hint = "Write it with .set_crs('OGC:CRS84') if they are longitude and latitude."
        return "unknown", (finding("GJ115", "warning", message, hint),)
    base = _base(crs)
    identifier = base.get("id")
    name = str(base.get("name", "a system without a name"))
    if isinstance(identifier, dict):
        name = f"{identifier.get('authority')}:{identifier.get('code')}"
    if name in _WGS84:
        return name, ()
    if not _is_in_degrees(base) or not _is_on_earth(base):
        message = f"the coordinates are in {name}, not in longitude and latitude of Greenwich"
        hint = "Convert them first, for example with .to_crs('OGC:CRS84')."
        raise ValidationError([finding("GJ114", "error", message, hint)])
    message = f"the reference system is {name}; the coordinates are taken for WGS 84"
    hint = "Convert them with .to_crs('OGC:CRS84') if metres matter."
    return name, (finding("GJ113", "warning", message, hint),)


def _base(crs: object) -> dict[str, Any]:
    """Return the horizontal reference system inside a compound or bound one (PROJJSON)."""
    for _ in range(4):
        if not isinstance(crs, dict):
            return {}
        components = crs.get("components")
        if isinstance(components, list) and components:
            crs = components[0]
        elif isinstance(crs.get("source_crs"), dict):
            crs = crs["source_crs"]
        else:
            return crs
    return {}


def _is_in_degrees(crs: Mapping[str, Any]) -> bool:
    """Tell whether a reference system has longitudes from Greenwich and latitudes, in degrees."""
    if crs.get("type") not in ("GeographicCRS", "GeodeticCRS"):
        return False
    system = crs.get("coordinate_system")
    axes = system.get("axis") if isinstance(system, dict) else None
    if not isinstance(axes, list) or len(axes) < 2:
        return False
    units = [axis.get("unit") if isinstance(axis, dict) else None for axis in axes[:2]]
    datum = crs.get("datum")
    meridian = datum.get("prime_meridian") if isinstance(datum, dict) else None
    longitude = meridian.get("longitude", 0) if isinstance(meridian, dict) else 0
    return units == ["degree", "degree"] and longitude == 0


def _is_on_earth(crs: Mapping[str, Any]) -> bool:
    """Tell whether the ellipsoid of a reference system is as large as the earth, if it is told."""
    datum = crs.get("datum", crs.get("datum_ensemble"))
    ellipsoid = datum.get("ellipsoid") if isinstance(datum, dict) else None
    sizes = ellipsoid if isinstance(ellipsoid, dict) else {}
    axis = sizes.get("semi_major_axis", sizes.get("radius"))
    return not isinstance(axis, (int, float)) or abs(axis / _AXIS_M - 1) < 0.01
