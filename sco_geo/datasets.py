"""GeoParquet datasets larger than the memory: checked and measured partition by partition."""

from __future__ import annotations

import heapq
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sco_geo._geoparquet import GeoFile, files_in, open_geofile
from sco_geo._ids import IdLedger
from sco_geo._part_files import Output, output_schema
from sco_geo._progress import progress_bar
from sco_geo.engines import Engine, Run, engine
from sco_geo.errors import UsageError
from sco_geo.geodesy import METHODS, Method
from sco_geo.model import Finding, Severity
from sco_geo.partitions import (
    DEFAULT_VERTICES,
    MOST_SAMPLES,
    Partition,
    PartitionResult,
    Row,
    Task,
    plan,
)
from sco_geo.rules import REGISTRY


@dataclass(frozen=True)
class DatasetReport:
    """What a dataset holds and measures, with samples of what is wrong with it.

    Parameters
    ----------
    feature_count, line_count, vertex_count : int
        All features; those that have a length; the vertices of all geometries.
    rows : tuple of Row
        The first features with their lengths in km.
    by_status, by_gauge, by_system, by_country : dict
        Sums in km. Countries only if they were asked for.
    not_summed : tuple of str
        Of these, such as have too many different values; their sums are left out.
    counts : dict
        Findings by code, all of them.
    samples : tuple of Finding
        The first findings of each code.
    """

    files: tuple[str, ...]
    geometry_column: str
    other_geometry_columns: tuple[str, ...]
    method: str
    partitions: int
    feature_count: int
    line_count: int
    vertex_count: int
    total_km: float
    rows: tuple[Row, ...]
    by_status: dict[str, float]
    by_gauge: dict[str, float]
    by_system: dict[str, float]
    by_country: dict[str, float] | None
    not_summed: tuple[str, ...]
    counts: dict[str, int]
    samples: tuple[Finding, ...] = field(repr=False, default=())
    output: str | None = None

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(n for code, n in self.counts.items() if REGISTRY[code].severity == severity)

    def exit_code(self) -> int:
        """Return 1 with errors, else 0."""
        return 1 if self.count("error") else 0

    def to_dict(self) -> dict[str, object]:
        """Return the object of ``length --format json``."""
        return {
            "dataset": {
                "files": list(self.files),
                "geometry_column": self.geometry_column,
                "other_geometry_columns": list(self.other_geometry_columns),
                "feature_count": self.feature_count,
                "line_count": self.line_count,
                "vertex_count": self.vertex_count,
                "partitions": self.partitions,
                "output": self.output,
            },
            "features": [self._row_dict(row) for row in self.rows],
            "features_left_out": self.feature_count - len(self.rows),
            "systems": [{"id": name, "length_km": km} for name, km in self.by_system.items()],
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "by_status": self.by_status,
            "not_summed": list(self.not_summed),
            "total_km": self.total_km,
            "findings": {
                "errors": self.count("error"),
                "warnings": self.count("warning"),
                "counts": self.counts,
                "samples": [{"path": f.path, **f.to_dict()} for f in self.samples],
            },
        }

    def _row_dict(self, row: Row) -> dict[str, object]:
        return {
            "layer": Path(row.path).stem,
            "id": row.id,
            "name": row.name,
            "system": row.system,
            "length_km": row.length_km,
            "method": self.method,
            "by_country": row.by_country,
        }


def measure_dataset(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    output: str | os.PathLike[str] | None = None,
    engine: Engine = "local",
    scheduler: str | None = None,
    workers: int | None = None,
    memory_limit: str | None = None,
    method: Method = "exact",
    by_country: bool = False,
    partition_vertices: int = DEFAULT_VERTICES,
    progress: bool = False,
) -> DatasetReport:
    """Check and measure the lines of GeoParquet files, never with all of them in memory.

    Coordinates are longitude, latitude in degrees, lengths those of geodesics on WGS84. Features
    that are no lines have no length, nor have lines that are missing, cannot be built or leave the
    globe. Numbers do not depend on the engine, to the last bit.

    Parameters
    ----------
    paths : path or sequence of paths
        GeoParquet files, or directories of them; together one dataset.
    output : path, optional
        GeoParquet to write: all columns, and ``length_km``, ``verdict``, ``codes`` and, with
        countries, ``length_by_country``. A name with the suffix ``.parquet`` is one file, another
        name a directory of part files. It is complete or not there.
    engine : {"local", "dask"}
        Whether this process does it all, or the workers of dask.distributed.
    scheduler, workers, memory_limit
        See `engines.engine`. With ``engine="dask"`` a script needs the usual
        ``if __name__ == "__main__":``.
    method : {"exact", "short"}
        See `geodesy.length_km`.
    by_country : bool
        Split each line at the borders of the shipped territories, which takes longer.
    partition_vertices : int
        Vertices in memory at a time, in each process, as far as the layout of the files allows:
        a feature is never divided.
    progress : bool
        Show a progress bar if standard error is a terminal.

    Returns
    -------
    DatasetReport
        With ``.total_km``, sums, counts of findings and ``.to_dict()``.

    Raises
    ------
    InputPathError
        If a path cannot be opened.
    DatasetError
        If a file is no GeoParquet, or cannot be read.
    ValidationError
        If the coordinates are not longitude and latitude.
    UsageError, EngineError
        If options do not go together, or the engine cannot be had.
    """
    if method not in METHODS:
        raise UsageError(f"method {method!r} is none of {', '.join(METHODS)}")
    if partition_vertices < 1:
        raise UsageError(f"{partition_vertices} vertices are no partition; give one or more")
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    files = _open([Path(path) for path in given])
    partitions = plan(files, partition_vertices)
    task = Task(
        method=method,
        with_countries=by_country,
        most_vertices=partition_vertices,
        threads=None if engine == "local" else 1,  # other workers take the other cores
    )
    with _output(output, files, with_countries=by_country) as target:
        if target is not None:
            task = replace(task, parts=target.parts, schema=target.schema)
        with _start(engine, scheduler, workers, memory_limit) as run:
            result, repeats = _collect(run, partitions, task, target, files, progress)
        if target is not None:
            target.finish()
    return _report(files, partitions, task, result, repeats, target)


def _start(name: Engine, scheduler: str | None, workers: int | None, memory: str | None) -> Any:
    return engine(name, scheduler=scheduler, workers=workers, memory_limit=memory)


def _open(paths: Sequence[Path]) -> list[GeoFile]:
    names: dict[str, str] = {}
    for name in (name for path in paths for name in files_in(path)):
        names.setdefault(os.path.realpath(name), name)  # a file counts once, however it is called
    if not names:
        raise UsageError("no file to measure")
    return [open_geofile(name) for name in names.values()]


def _output(
    path: str | os.PathLike[str] | None, files: Sequence[GeoFile], *, with_countries: bool
) -> Any:
    if path is None:
        return nullcontext()
    if not os.fspath(path):
        raise UsageError("a path is empty")
    target = os.path.realpath(path)
    if any(target == os.path.realpath(file.path) for file in files):
        raise UsageError(f"{path}: would replace what is measured; give another name")
    schema = output_schema(files, with_countries=with_countries)
    return closing(Output(Path(path), schema))


def _collect(
    run: Run,
    partitions: Sequence[Partition],
    task: Task,
    target: Output | None,
    files: Sequence[GeoFile],
    progress: bool,
) -> tuple[PartitionResult, list[Finding]]:
    """Add up the results in the order of the partitions, whenever they come."""
    total = PartitionResult()
    waiting: dict[int, PartitionResult] = {}
    next_index = 0
    rows = sum(partition.stretch.rows for partition in partitions)
    with tempfile.TemporaryDirectory(prefix="sco-geo-") as scratch:
        ledger = IdLedger(Path(scratch))
        with progress_bar("measuring", rows, unit="features", is_wanted=progress) as advance:
            for index, result in run(partitions, task):
                if target is not None:
                    target.add(index)
                if result.id_hashes is not None:
                    ledger.add(result.id_hashes, partitions[index].dataset_row)
                    result.id_hashes = None
                waiting[index] = result
                while next_index in waiting:
                    total.add(waiting.pop(next_index))
                    next_index += 1
                advance(partitions[index].stretch.rows)
        return total, list(_repeated(total, ledger, files))


def _repeated(
    total: PartitionResult, ledger: IdLedger, files: Sequence[GeoFile]
) -> Iterator[Finding]:
    """Count the ids that stand twice, and yield the first of them."""
    count = itertools.count()
    repeats = (pair for pair, _ in zip(ledger.repeats(), count, strict=False))
    shown = heapq.nsmallest(MOST_SAMPLES, repeats)
    if shown:
        total.counts["TP401"] += next(count)
    for row, first in shown:
        (file, index), (other, earlier) = _place(files, row), _place(files, first)
        where = "" if other is file else f" of {other.path}"
        yield Finding(
            "TP401", REGISTRY["TP401"].severity,
            f"the id is already that of feature {earlier}{where}",
            "Give each feature its own id.",
            path=file.path, layer=Path(file.path).stem, feature_index=index,
        )  # fmt: skip


def _place(files: Iterable[GeoFile], row: int) -> tuple[GeoFile, int]:
    """Return the file of a row of the dataset, and its number there."""
    for file in files:
        if row < file.rows:
            return file, row
        row -= file.rows
    raise IndexError(row)


def _report(
    files: Sequence[GeoFile],
    partitions: Sequence[Partition],
    task: Task,
    result: PartitionResult,
    repeats: Sequence[Finding],
    target: Output | None,
) -> DatasetReport:
    about_files = [finding for file in files for finding in file.findings]
    counts = result.counts
    counts.update(finding.code for finding in about_files)
    sums: dict[str, dict[str, float]] = {}
    for (grouping, value), part in sorted(result.sums.items()):
        sums.setdefault(grouping, {})[value] = part.km
    return DatasetReport(
        files=tuple(file.path for file in files),
        geometry_column=files[0].column,
        other_geometry_columns=files[0].others,
        method=task.method,
        partitions=len(partitions),
        feature_count=result.features,
        line_count=result.lines,
        vertex_count=result.vertices,
        total_km=result.total.km,
        rows=tuple(result.rows),
        by_status=sums.get("status", {}),
        by_gauge=sums.get("gauge", {}),
        by_system=sums.get("system", {}),
        not_summed=tuple(sorted(result.given_up)),
        by_country=sums.get("country", {}) if task.with_countries else None,
        counts={code: counts[code] for code in sorted(counts)},
        samples=(*about_files, *result.samples, *repeats),
        output=None if target is None else str(target.path),
    )
