"""Write the rail network for GIS users (GeoParquet) and the tables that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from _output import replacing, write_csv
from _rail_healing import Join

from sco_geo.network._format import BASES, LINE_CLASSES, STATUSES, EdgeTable


@dataclass(frozen=True)
class Marks:
    """What is known of each edge before contraction: codes, gauges, closed link or -1, km."""

    countries: Sequence[str]
    gauges: Sequence[str]
    closed: np.ndarray
    km: np.ndarray
    anchored: np.ndarray


def write_parquet(path: Path, table: EdgeTable) -> None:
    """Write one row an edge, with the chain as a LineString (lon, lat)."""
    lines = [""] + [str(line["id"]) for line in table.lines]
    frame = geopandas.GeoDataFrame(
        {
            "from_node": table.start,
            "to_node": table.end,
            "length_km": table.length_m / 1e3,
            "country": np.array(table.countries, dtype=object)[table.country],
            "gauges_mm": np.array(table.gauges, dtype=object)[table.gauge],
            "status": np.array(STATUSES, dtype=object)[table.status],
            "line_class": np.array(LINE_CLASSES, dtype=object)[table.line_class],
            "length_basis": np.array(BASES, dtype=object)[table.basis],
            "line_id": np.array(lines, dtype=object)[table.line + 1],
        },
        geometry=_chains(table),
        crs="OGC:CRS84",
    )
    with replacing(path) as new:
        frame.to_parquet(new, index=False, compression="zstd")


def write_joins(path: Path, joins: Sequence[Join]) -> None:
    """Write the gaps that were closed: ends, kind and length."""
    rows = [
        {
            "lon0": round(join.start[0], 3),
            "lat0": round(join.start[1], 3),
            "lon1": round(join.end[0], 3),
            "lat1": round(join.end[1], 3),
            "kind": join.kind,
            "gap_km": round(join.gap_km, 2),
            "round": join.round,
        }
        for join in joins
    ]
    columns = ["lon0", "lat0", "lon1", "lat1", "kind", "gap_km", "round"]
    write_csv(path, columns, sorted(rows, key=lambda row: list(map(str, row.values()))))


def write_sections(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """Write how each published section fits: drawn, foretold by the others, used or not."""
    columns = [
        "section_id",
        "published_km",
        "drawn_km",
        "foretold_km",
        "foretold_sd_km",
        "used",
    ]
    write_csv(path, columns, rows)


def _chains(table: EdgeTable) -> np.ndarray:
    offset, lon, lat = table.paths()
    rows = np.repeat(np.arange(len(offset) - 1), np.diff(offset))
    return np.asarray(shapely.linestrings(np.column_stack([lon, lat]), indices=rows))
