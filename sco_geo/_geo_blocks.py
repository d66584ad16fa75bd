"""The rows of a GeoParquet file, block by block and never whole, and the geometries in them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo import _wkb
from sco_geo._geoparquet import NATIVE, VERTEX_BYTES, GeoFile, open_parquet
from sco_geo.errors import DatasetError, InputPathError

if TYPE_CHECKING:
    import pyarrow as pa

#: Most rows that are read at a time, and that are put together into a block.
_MOST_ROWS, _BLOCK_ROWS = 8_192, 1 << 16


@dataclass(frozen=True)
class Stretch:
    """Rows of a file: `rows` of them in some row groups, after the first `skip`.

    Parameters
    ----------
    vertices_per_row : float
        As the metadata lets expect.
    """

    row_groups: tuple[int, ...]
    skip: int
    rows: int
    vertices_per_row: float


def read_blocks(
    file: GeoFile, stretch: Stretch, columns: Sequence[str] | None, most_vertices: int
) -> Iterator[pa.Table]:
    """Read a stretch as tables of about so many vertices, whatever the layout of the file.

    Parameters
    ----------
    columns : sequence of str or None
        None for all.

    Raises
    ------
    DatasetError
        If the pages cannot be read.
    """
    import pyarrow as pa

    each = max(stretch.vertices_per_row, 1)
    batch_rows = int(min(max(most_vertices / 4 / each, 1), _MOST_ROWS))
    kept: list[pa.RecordBatch] = []
    room = most_vertices * VERTEX_BYTES
    try:
        with open_parquet(file.path, file.location) as parquet:
            batches = parquet.iter_batches(
                batch_rows, list(stretch.row_groups), columns, use_threads=False
            )
            for batch in _wanted(batches, stretch.skip, stretch.rows):
                kept.append(batch)
                room -= batch.column(file.column).nbytes
                if room <= 0 or sum(map(len, kept)) >= _BLOCK_ROWS:
                    yield pa.Table.from_batches(kept)
                    kept, room = [], most_vertices * VERTEX_BYTES
            if kept:
                yield pa.Table.from_batches(kept)
    except (OSError, ValueError) as error:
        if isinstance(error, (DatasetError, InputPathError)):
            raise
        text = str(error).strip().rstrip(".")
        raise DatasetError(
            f"{file.path}: {_range(stretch.row_groups)} cannot be read ({text})"
        ) from None


def _range(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"row group {numbers[0]}"
    return f"row groups {numbers[0]} to {numbers[-1]}"


def _wanted(batches: Iterator[pa.RecordBatch], skip: int, rows: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        part = batch.slice(min(skip, len(batch)), rows)
        skip -= min(skip, len(batch))
        rows -= len(part)
        if len(part):
            yield part
        if rows <= 0:
            return


def decode(column: pa.ChunkedArray, encoding: str) -> NDArray[np.object_]:
    """Return shapely geometries; None for nulls, and for what GEOS cannot build."""
    if encoding == "WKB":
        data = column.to_numpy(zero_copy_only=False)
        with np.errstate(invalid="ignore"):  # NaN among the coordinates is found later
            return np.asarray(shapely.from_wkb(data, on_invalid="ignore"), dtype=object)
    try:
        return _decode_native(column, encoding)
    except shapely.errors.ShapelyError:  # one bad geometry spoils the others: one by one
        geometries = np.full(len(column), None, dtype=object)
        for row in range(len(column)):
            try:
                geometries[row] = _decode_native(column.slice(row, 1), encoding)[0]
            except shapely.errors.ShapelyError:
                continue
        return geometries


def _decode_native(column: pa.ChunkedArray, encoding: str) -> NDArray[np.object_]:
    import geopandas as gpd
    import pyarrow as pa

    is_there = column.is_valid()
    kept = column.filter(is_there)  # a copy: what the rows were sliced from must not be read
    field = pa.field("way", kept.type, metadata={b"ARROW:extension:name": f"geoarrow.{encoding}"})
    table = pa.table([kept], schema=pa.schema([field])).combine_chunks()
    geometries = np.full(len(column), None, dtype=object)
    if len(kept):
        frame = gpd.GeoDataFrame.from_arrow(table, geometry="way")
        geometries[is_there.to_numpy()] = np.asarray(frame.geometry.values, dtype=object)
    return geometries


def to_geojson(value: Any, encoding: str) -> dict[str, object]:
    """Return a geometry as it stands in the column as the object of GeoJSON.

    Raises
    ------
    ValueError
        If its bytes are not well-known binary.
    """
    if encoding == "WKB":
        return _wkb.to_geojson(value)
    return {"type": NATIVE[encoding], "coordinates": _positions(value)}


def _positions(value: Any) -> Any:
    if isinstance(value, list):
        return [_positions(item) for item in value]
    numbers = [value["x"], value["y"], value.get("z", math.nan)]
    is_empty = all(map(math.isnan, numbers[:2]))
    return [] if is_empty else numbers[: 2 if math.isnan(numbers[2]) else 3]
