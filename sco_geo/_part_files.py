"""What a dataset becomes: one file a partition, put together at the end, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sco_geo._geoparquet import SUFFIXES, GeoFile, open_parquet
from sco_geo.errors import DatasetError, InputPathError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

#: Columns that are added to the data.
LENGTH, VERDICT, CODES, BY_COUNTRY = "length_km", "verdict", "codes", "length_by_country"

Write = Callable[["pa.Table", dict[str, Sequence[Any]]], None]


def added_fields(*, with_countries: bool) -> list[pa.Field]:
    """Return the columns that are added: length_km, verdict, codes, length_by_country."""
    import pyarrow as pa

    fields = [pa.field(LENGTH, pa.float64()), pa.field(VERDICT, pa.string())]
    fields.append(pa.field(CODES, pa.string()))
    if with_countries:
        fields.append(pa.field(BY_COUNTRY, pa.map_(pa.string(), pa.float64())))
    return fields


def output_schema(files: Sequence[GeoFile], *, with_countries: bool) -> pa.Schema:
    """Return the columns of the output, with the metadata of GeoParquet.

    Raises
    ------
    DatasetError
        If the files have not all the same columns.
    UsageError
        If a column that is to be added is there already.
    """
    first = files[0]
    for file in files[1:]:
        _require_same(first, file)
    fields = added_fields(with_countries=with_countries)
    taken = [field.name for field in fields if field.name in first.schema.names]
    if taken:
        raise UsageError(
            f"{first.path}: has already a column {', '.join(taken)}; "
            "rename or drop it, or measure without --output"
        )
    schema = first.schema
    for field in fields:
        schema = schema.append(field)
    return schema.with_metadata(_metadata(files))


def _require_same(first: GeoFile, file: GeoFile) -> None:
    if (file.column, file.encoding, file.crs) != (first.column, first.encoding, first.crs):
        raise DatasetError(
            f"{file.path}: geometry {file.column} ({file.encoding}, {file.crs}), but {first.path} "
            f"has {first.column} ({first.encoding}, {first.crs}): write them alike"
        )
    if file.schema.equals(first.schema, check_metadata=False):
        return
    mine, theirs = ({f.name: str(f.type) for f in each.schema} for each in (file, first))
    different = sorted(n for n in mine.keys() | theirs if mine.get(n) != theirs.get(n))
    names = ", ".join(
        f"{name} ({theirs.get(name, 'missing')} and {mine.get(name, 'missing')})"
        for name in different[:5]
    )
    raise DatasetError(
        f"{file.path}: other columns than {first.path}: {names or 'another order'}; "
        "write them alike, or measure without --output"
    )


def _metadata(files: Sequence[GeoFile]) -> dict[bytes, bytes]:
    """Return the metadata of the first file; what is about its features alone is left out."""
    metadata = dict(files[0].schema.metadata or {})
    if len(files) > 1:
        geo = json.loads(metadata[b"geo"])
        for column in geo["columns"].values():
            column.pop("bbox", None)
            column["geometry_types"] = []  # not known
        metadata[b"geo"] = json.dumps(geo).encode()
    return metadata


def _part_path(directory: str, index: int) -> Path:
    return Path(directory, f"part-{index:05}.parquet")


@contextmanager
def writing_part(directory: str | None, index: int, schema: pa.Schema) -> Iterator[Write | None]:
    """Write the file of a partition under another name, and give it its own when it is whole.

    Parameters
    ----------
    directory : str or None
        None for no file.
    schema : pyarrow.Schema
        The columns of the data and then those that are added.
    """
    if directory is None:
        yield None
        return
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = _part_path(directory, index)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=directory)
    os.close(descriptor)
    try:
        with parquet.ParquetWriter(name, schema) as writer:

            def write(table: pa.Table, added: dict[str, Sequence[Any]]) -> None:
                columns = [pa.array(added[f.name], f.type) for f in schema if f.name in added]
                writer.write_table(pa.table([*table.columns, *columns], schema=schema))

            yield write
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Output:
    """The output of a run: parts in a directory beside it, until it is complete.

    A name that ends like a GeoParquet file is one; any other is a directory of part files.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = Path(os.path.realpath(path))
        self.is_file = self.path.name.lower().endswith(SUFFIXES)
        self.schema = schema
        self._require_writable()
        self.parts = tempfile.mkdtemp(prefix=f".{self.path.name[:100]}.", dir=self.path.parent)
        self._next = 0
        self._done: set[int] = set()
        self._writer: pq.ParquetWriter | None = None
        self._whole = os.path.join(self.parts, "whole")

    def _require_writable(self) -> None:
        parent = self.path.parent
        if not parent.is_dir():
            raise InputPathError(f"{parent}: no such directory for the output")
        if self.is_file and self.path.is_dir():
            raise UsageError(f"{self.path}: is a directory; name a file, or leave the suffix out")
        if not self.is_file and self.path.exists() and not _is_empty_directory(self.path):
            raise UsageError(f"{self.path}: is there already; give a new name for the directory")

    def add(self, index: int) -> None:
        """Take the part of a partition; parts are joined in order as soon as that is possible."""
        self._done.add(index)
        while self.is_file and self._next in self._done:
            self._append(_part_path(self.parts, self._next))
            self._next += 1

    def _append(self, part: Path) -> None:
        with open_parquet(str(part)) as source:
            for number in range(source.num_row_groups):
                table = source.read_row_group(number, use_threads=False)
                self._joined.write_table(table)
        part.unlink()

    @property
    def _joined(self) -> pq.ParquetWriter:
        """Return the writer of the one file."""
        if self._writer is None:
            import pyarrow.parquet as parquet

            self._writer = parquet.ParquetWriter(self._whole, self.schema)
        return self._writer

    def finish(self) -> None:
        """Give the output its name."""
        if not self.is_file:
            self._finish_directory()
            return
        self._joined.close()
        with open(self._whole, "rb") as file:
            os.fsync(file.fileno())
        os.replace(self._whole, self.path)

    def _finish_directory(self) -> None:
        if not self._done:
            import pyarrow.parquet as parquet

            parquet.write_table(self.schema.empty_table(), _part_path(self.parts, 0))
        os.chmod(self.parts, 0o777 & ~_umask())
        os.rename(self.parts, self.path)

    def close(self) -> None:
        """Remove what is left."""
        if self._writer is not None:
            with contextlib.suppress(OSError, ValueError):
                self._writer.close()
        shutil.rmtree(self.parts, ignore_errors=True)


def _is_empty_directory(path: Path) -> bool:
    return path.is_dir() and not os.listdir(path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
