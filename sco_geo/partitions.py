"""Partitions of a dataset: planned from metadata alone, then checked and measured one by one.

A partition is some row groups of one file, or a stretch of a row group that is too large. The plan
does not depend on who does the work, and neither do the numbers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo._flat import FeatureRow, Ints
from sco_geo._garbage import garbage_collector_off
from sco_geo._geo_blocks import Stretch, decode, read_blocks
from sco_geo._geometry_checks import check_geometries
from sco_geo._geoparquet import GeoFile
from sco_geo._ids import Hashes, hash_ids
from sco_geo._part_files import BY_COUNTRY, CODES, LENGTH, VERDICT, writing_part
from sco_geo.borders import shipped_territories, split_by_country
from sco_geo.errors import UsageError
from sco_geo.geodesy import line_lengths_m
from sco_geo.model import Finding
from sco_geo.units import split_list

if TYPE_CHECKING:
    import pyarrow as pa

#: Vertices of a partition that a process can hold many times over, also on a small machine.
DEFAULT_VERTICES = 500_000
#: Stretches of a row group that is too large: each reads over the rows before it.
_MOST_STRETCHES = 16
#: Length of the lines that are split at borders at a time, in km.
_MOST_KM = 200_000.0
#: Different values of a column by which lengths are summed up; with more of them they are not.
_MOST_VALUES = 10_000
#: Findings of one code, and features, that a report shows.
MOST_SAMPLES, MOST_FEATURES = 100, 1_000
#: Ways to measure.
METHODS = ("exact",)
#: Columns by which lengths are summed up, and what the sums are called.
GROUPS = {"status": "status", "gauges_mm": "gauge", "system": "system"}


@dataclass(frozen=True)
class Partition:
    """A part of the work.

    Parameters
    ----------
    first_row, dataset_row : int
        The number of its first feature in the file, and in the whole dataset.
    """

    index: int
    file: GeoFile
    stretch: Stretch
    first_row: int
    dataset_row: int

    def __str__(self) -> str:
        last = self.first_row + self.stretch.rows - 1
        return f"features {self.first_row:,} to {last:,} of {self.file.path}"


@dataclass(frozen=True)
class Task:
    """What is to be done with every partition.

    Parameters
    ----------
    with_countries : bool
        Whether lengths are split at borders.
    parts, schema : str or None, pyarrow.Schema or None
        The directory to write the data to, with what was found, one file a partition; and the
        columns of these files.
    """

    method: str = "exact"
    with_countries: bool = False
    most_vertices: int = DEFAULT_VERTICES
    parts: str | None = None
    schema: pa.Schema | None = None


@dataclass(frozen=True)
class Sum:
    """A sum of lengths in km with its rounding error, so that sums of sums are exact."""

    km: float = 0.0
    rest: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> Sum:
        """Add up numbers without any loss, in whatever order."""
        total = math.fsum(values)
        return cls(total, math.fsum([*values, -total]))

    @classmethod
    def merge(cls, sums: Iterable[Sum]) -> Sum:
        """Add up sums."""
        return cls.of([number for part in sums for number in (part.km, part.rest)])


@dataclass(frozen=True)
class Row:
    """A feature as a report shows it."""

    path: str
    id: str | None
    name: str | None
    system: str | None
    length_km: float | None
    by_country: dict[str, float] | None = None


@dataclass
class PartitionResult:
    """What came out of a partition; small, for it travels between processes."""

    features: int = 0
    lines: int = 0
    vertices: int = 0
    total: Sum = field(default_factory=Sum)
    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    """Lengths by the name of the grouping and its value."""
    given_up: set[str] = field(default_factory=set)
    """Groupings with too many values."""
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Finding] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    id_hashes: Hashes | None = None

    def add(self, other: PartitionResult) -> None:
        """Add what comes next in the order of the rows."""
        self.features += other.features
        self.lines += other.lines
        self.vertices += other.vertices
        self.total = Sum.merge([self.total, other.total])
        for key, part in other.sums.items():
            self.sums[key] = Sum.merge([self.sums.get(key, Sum()), part])
        before = Counter(finding.code for finding in self.samples)
        for finding in other.samples:
            if before[finding.code] < MOST_SAMPLES:
                before[finding.code] += 1
                self.samples.append(finding)
        for grouping, count in Counter(grouping for grouping, _ in self.sums).items():
            if count > _MOST_VALUES:
                self.given_up.add(grouping)
        self.given_up |= other.given_up
        self.sums = {key: s for key, s in self.sums.items() if key[0] not in self.given_up}
        self.counts.update(other.counts)
        self.rows += other.rows[: MOST_FEATURES - len(self.rows)]


def plan(files: Sequence[GeoFile], most_vertices: int = DEFAULT_VERTICES) -> list[Partition]:
    """Divide files into partitions of about so many vertices, by their metadata."""
    partitions: list[Partition] = []
    dataset_row = 0
    for file in files:
        row = 0
        for stretch in _stretches(file, most_vertices):
            # Without what only the plan needs, for it travels with every partition.
            alone = replace(file, row_groups=(), findings=())
            partitions.append(Partition(len(partitions), alone, stretch, row, dataset_row))
            row += stretch.rows
            dataset_row += stretch.rows
    return partitions


def _stretches(file: GeoFile, most_vertices: int) -> Iterator[Stretch]:
    together: list[int] = []
    rows = vertices = 0
    for number, group in enumerate(file.row_groups):
        if together and vertices + group.vertices > most_vertices:
            yield Stretch(tuple(together), 0, rows, vertices / rows)
            together, rows, vertices = [], 0, 0
        pieces = min(round(group.vertices / most_vertices), _MOST_STRETCHES, group.rows)
        if pieces > 1:
            ends = [group.rows * piece // pieces for piece in range(pieces + 1)]
            for begin, end in zip(ends[:-1], ends[1:], strict=True):
                yield Stretch((number,), begin, end - begin, group.vertices / group.rows)
        elif group.rows:
            together.append(number)
            rows, vertices = rows + group.rows, vertices + group.vertices
    if together:
        yield Stretch(tuple(together), 0, rows, vertices / rows)


def measure_partition(partition: Partition, task: Task) -> PartitionResult:
    """Check and measure the features of a partition, and write them if the task says so.

    The file of a partition gets its name when it is whole: one that is there is complete, and a
    process that dies leaves none, or one of another name.
    """
    file = partition.file
    columns = None if task.parts else _needed(file)
    result = PartitionResult()
    hashes: list[Hashes] = []
    row = partition.first_row
    with writing_part(task.parts, partition.index, task.schema) as write:
        for table in read_blocks(file, partition.stretch, columns, task.most_vertices):
            with garbage_collector_off():
                block = _measure_block(file, task, table, row)
            result.add(block.result)
            if block.result.id_hashes is not None:
                hashes.append(block.result.id_hashes)
            if write is not None:
                write(table, block.added)
            row += len(table)
    if partition.dataset_row >= MOST_FEATURES:
        result.rows = []  # no report shows them
    result.id_hashes = np.concatenate(hashes) if hashes else None
    return result


def _needed(file: GeoFile) -> list[str]:
    """Return the columns that say what a line is called and by what it is summed up."""
    wanted = ("id", "name", *GROUPS, file.column)
    return [name for name in file.schema.names if name in wanted]


@dataclass(frozen=True)
class _Block:
    """What came out of some rows, and the columns that are added to them."""

    result: PartitionResult
    added: dict[str, Sequence[Any]]


def _measure_block(file: GeoFile, task: Task, table: pa.Table, first_row: int) -> _Block:
    raw = table.column(file.column)
    geometries = decode(raw, file.encoding)
    texts = {name: _texts(table, name) for name in ("id", "name", *GROUPS)}
    features = [FeatureRow(first_row + row, name, None, {}, None)
                for row, name in enumerate(texts["id"])]  # fmt: skip
    checked = check_geometries(file, features, geometries, raw)
    lengths: list[float | None] = [None] * len(table)
    shares: list[dict[str, float] | None] = [None] * len(table)
    lines = np.flatnonzero(checked.is_measurable)
    for row, km in zip(lines.tolist(), _lengths_km(geometries[lines], task.method), strict=True):
        lengths[row] = km
    if task.with_countries:
        for some in _groups(lines, [lengths[row] or 0.0 for row in lines.tolist()]):
            parts = split_by_country(shapely.force_2d(geometries[some]), shipped_territories())
            for row, share in zip(some.tolist(), parts, strict=True):
                shares[row] = share
    result = PartitionResult(
        features=len(table),
        lines=len(lines),
        vertices=int(shapely.get_num_coordinates(geometries).sum()),
        total=Sum.of([km for km in lengths if km is not None]),
        sums=_sums(texts, lengths, shares),
        counts=Counter(finding.code for finding in checked.findings),
        samples=_samples(checked.findings),
        rows=_rows(file, texts, lengths, shares),
        id_hashes=hash_ids(texts["id"]) if "id" in table.column_names else None,
    )
    added: dict[str, Sequence[Any]] = {LENGTH: lengths, VERDICT: checked.verdicts}
    added[CODES] = checked.codes
    if task.with_countries:
        added[BY_COUNTRY] = [None if share is None else list(share.items()) for share in shares]
    return _Block(result, added)


def _groups(lines: Ints, lengths_km: Sequence[float]) -> Iterator[Ints]:
    """Divide lines into groups of about so many km: they are cut into pieces of fixed length."""
    if len(lines):
        number = np.cumsum(lengths_km) // _MOST_KM
        yield from np.split(lines, np.flatnonzero(np.diff(number)) + 1)


def _texts(table: pa.Table, name: str) -> list[str | None]:
    """Return a column as texts; None where it has no value, or is not there."""
    if name not in table.column_names:
        return [None] * len(table)
    values = table.column(name).to_pylist()
    return [value if value.__class__ is str else _text(value) for value in values]


def _text(value: object) -> str | None:
    if value is None or value != value:  # NaN is how pandas writes what is missing
        return None
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)  # type: ignore[call-overload]


def _lengths_km(lines: NDArray[np.object_], method: str) -> list[float]:
    """Measure lines, in km; the one place that asks for a method."""
    if method not in METHODS:
        raise UsageError(f"no method {method!r}; there is {', '.join(METHODS)}")
    return (line_lengths_m(lines) / 1e3).tolist()


def _sums(
    texts: dict[str, list[str | None]],
    lengths: Sequence[float | None],
    shares: Sequence[dict[str, float] | None],
) -> dict[tuple[str, str], Sum]:
    """Add up lengths by status, gauge, system and country."""
    groups: dict[tuple[str, str], list[float]] = {}
    for column, grouping in GROUPS.items():
        for value, km in zip(texts[column], lengths, strict=True):
            if value and km is not None:
                key = _gauges(value) if grouping == "gauge" else value
                groups.setdefault((grouping, key), []).append(km)
    for share in shares:
        for code, km in (share or {}).items():
            groups.setdefault(("country", code), []).append(km)
    return {key: Sum.of(values) for key, values in groups.items()}


def _gauges(text: str) -> str:
    """Write gauges in ascending order, as `gauges.by_gauge` does."""
    return ";".join(sorted(set(split_list(text)), key=lambda word: (len(word), word)))


def _samples(findings: Sequence[Finding]) -> list[Finding]:
    """Return the first findings of each code."""
    counts: Counter[str] = Counter()
    kept = []
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MOST_SAMPLES:
            kept.append(finding)
    return kept


def _rows(
    file: GeoFile,
    texts: dict[str, list[str | None]],
    lengths: Sequence[float | None],
    shares: Sequence[dict[str, float] | None],
) -> list[Row]:
    columns = (texts["id"], texts["name"], texts["system"], lengths, shares)
    first = zip(*(column[:MOST_FEATURES] for column in columns), strict=True)
    return [Row(file.path, *values) for values in first]
