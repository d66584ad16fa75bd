"""What the network consists of, and what could be wrong with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from sco_geo.geodesy import segment_lengths_m
from sco_geo.network._format import BASES, LINE_CLASSES, STATUSES, EdgeTable
from sco_geo.network._tables import read_rows

JOINS_FILE = "rail_joins.csv"
#: Lengths are multiples of 10 m and nodes of 0.001 degrees: an edge is shorter than the geodesic
#: between its ends only if it is so by more than this, in m.
TOLERANCE_M = 10.0


@dataclass(frozen=True)
class Joins:
    """The gaps of one kind that were closed when the network was built."""

    kind: str
    count: int
    median_km: float
    longest_km: float


@dataclass(frozen=True)
class Audit:
    """Figures of a network; lengths are km, dual-gauge lines count once.

    Attributes
    ----------
    components_km : tuple of float
        Length of each connected component over all edges, the longest first.
    self_loops : int
        Edges that end where they begin.
    double_edges : int
        Edges with the ends, length, class and status of another one.
    short_edges : tuple of int
        Edges shorter than the geodesic between their ends.
    km_by_country, km_by_gauge, km_by_status, km_by_class, km_by_basis : dict
        Lengths; "outside" is no state's, "unknown" a gauge that is not known.
    joins : tuple of Joins
        By kind, from ``geo/rail_joins.csv``.
    """

    nodes: int
    edges: int
    vertices: int
    length_km: float
    components_km: tuple[float, ...]
    self_loops: int
    double_edges: int
    short_edges: tuple[int, ...]
    km_by_country: dict[str, float]
    km_by_gauge: dict[str, float]
    km_by_status: dict[str, float]
    km_by_class: dict[str, float]
    km_by_basis: dict[str, float]
    joins: tuple[Joins, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return an object for JSON."""
        return asdict(self)


def audit(table: EdgeTable, directory: Path | None = None) -> Audit:
    """Examine a network; the joins are read from a directory such as ``geo``."""
    starts, ends = table.start.astype(np.int64), table.end.astype(np.int64)
    countries = tuple(name or "outside" for name in table.countries)
    gauges = tuple(name or "unknown" for name in table.gauges)
    return Audit(
        nodes=len(table.node_lon),
        edges=len(starts),
        vertices=len(table.chain_lon),
        length_km=float(table.length_m.sum(dtype=np.int64)) / 1e3,
        components_km=_components_km(table),
        self_loops=int((starts == ends).sum()),
        double_edges=_double_edges(table),
        short_edges=tuple(np.flatnonzero(_is_short(table)).tolist()),
        km_by_country=_km_by(table.country, table, countries),
        km_by_gauge=_km_by(table.gauge, table, gauges),
        km_by_status=_km_by(table.status, table, STATUSES),
        km_by_class=_km_by(table.line_class, table, LINE_CLASSES),
        km_by_basis=_km_by(table.basis, table, BASES),
        joins=_joins(directory) if directory is not None else (),
    )


def _components_km(table: EdgeTable) -> tuple[float, ...]:
    size = len(table.node_lon)
    matrix = csr_array((np.ones(len(table.start)), (table.start, table.end)), shape=(size, size))
    number = connected_components(matrix, directed=False)[1][table.start]
    sums = np.bincount(number, weights=table.length_m) / 1e3
    return tuple(sorted(sums[sums > 0].tolist(), reverse=True))


def _double_edges(table: EdgeTable) -> int:
    low, high = np.minimum(table.start, table.end), np.maximum(table.start, table.end)
    rows = np.column_stack([low, high, table.length_m, table.line_class, table.status])
    return len(rows) - len(np.unique(rows, axis=0))


def _is_short(table: EdgeTable) -> npt.NDArray[np.bool_]:
    lon, lat = table.node_lon, table.node_lat
    a, b = table.start, table.end
    return table.length_m + TOLERANCE_M < segment_lengths_m(lon[a], lat[a], lon[b], lat[b])


def _km_by(
    values: npt.NDArray[np.uint8], table: EdgeTable, names: tuple[str, ...]
) -> dict[str, float]:
    sums = np.bincount(values, weights=table.length_m, minlength=len(names)) / 1e3
    return {name: float(km) for name, km in zip(names, sums.tolist(), strict=True) if km}


def _joins(directory: Path) -> tuple[Joins, ...]:
    path = directory / JOINS_FILE
    if not path.is_file():
        return ()
    gaps: dict[str, list[float]] = {}
    for row in read_rows(path, ("kind", "gap_km")):
        gaps.setdefault(row.text("kind"), []).append(row.number("gap_km", 0, 1000))
    return tuple(
        Joins(kind, len(km), float(np.median(km)), max(km)) for kind, km in sorted(gaps.items())
    )
