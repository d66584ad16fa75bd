"""One way to check and measure GeoParquet, in a process of its own; prints the total in km.

python benchmarks/scale_tools.py make FILE ROW_GROUPS
python benchmarks/scale_tools.py geopandas | dask-geopandas FILE
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

#: Vertices of a line, and lines of a row group; four row groups are a million vertices.
PER_LINE, GROUP = 50, 5_000
WORKERS, MEMORY = 2, "2GiB"


def make(path: Path, row_groups: int) -> None:
    """Write random ways over Eurasia, row group by row group."""
    import geopandas as gpd
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(row_groups)
    schema = pa.schema([("id", pa.int64()), ("gauges_mm", pa.string()), ("geometry", pa.binary())])
    crs = gpd.GeoSeries([], crs="OGC:CRS84").crs.to_json_dict()
    column = {"encoding": "WKB", "crs": crs, "geometry_types": ["LineString"]}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    with pq.ParquetWriter(path, schema.with_metadata({"geo": json.dumps(geo)})) as writer:
        for first in range(0, row_groups * GROUP, GROUP):
            turns = np.cumsum(random.normal(0, 0.3, (GROUP, PER_LINE)), axis=1)
            steps = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * 0.02
            steps[:, 0] = random.uniform((0, 20), (140, 60), (GROUP, 2))
            lines = shapely.linestrings(np.cumsum(steps, axis=1).round(6))
            gauges = np.where(random.random(GROUP) < 0.4, "1520", "1435")
            ids = np.arange(first, first + GROUP)
            writer.write_table(pa.table([ids, gauges, shapely.to_wkb(lines)], schema=writer.schema))


def lengths_km(frame: Any) -> np.ndarray:
    """Check and measure what is in memory, as it is usually written with pyproj and shapely."""
    from pyproj import Geod

    if not frame.geometry.is_valid.all():
        raise SystemExit("not valid")
    points, line = shapely.get_coordinates(frame.geometry.values, return_index=True)
    inside = line[1:] == line[:-1]
    start, end = points[:-1][inside], points[1:][inside]
    _, _, metres = Geod(ellps="WGS84").inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.bincount(line[1:][inside], weights=metres, minlength=len(frame)) / 1e3


def whole_file(path: Path) -> list[float]:
    import geopandas as gpd

    return lengths_km(gpd.read_parquet(path)).tolist()


def dask_geopandas(path: Path) -> list[float]:
    """Measure with dask-geopandas, on a cluster like ours."""
    import dask_geopandas
    import pandas as pd
    from distributed import Client, LocalCluster

    def measure(frame: Any) -> pd.Series:
        return pd.Series(lengths_km(frame), index=frame.index, dtype="float64")

    with (
        tempfile.TemporaryDirectory() as scratch,
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, memory_limit=MEMORY,
            dashboard_address=None, local_directory=scratch,
        ) as cluster,
        Client(cluster),
    ):  # fmt: skip
        frame = dask_geopandas.read_parquet(path, split_row_groups=2)
        return frame.map_partitions(measure, meta=(None, "f8")).compute().tolist()


def main() -> None:
    tool, path = sys.argv[1], Path(sys.argv[2])
    if tool == "make":
        make(path, int(sys.argv[3]))
    else:
        lengths = {"geopandas": whole_file, "dask-geopandas": dask_geopandas}[tool](path)
        print(json.dumps({"total_km": math.fsum(lengths)}))


if __name__ == "__main__":
    main()
