"""dask-geopandas measures with `length_km` as docs/scale.md says."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pandas as pd
from shapely import LineString

import sco_geo


def test_partitions_of_dask_geopandas_are_measured() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the import, about what comes with later versions
        import dask_geopandas
    lines = [LineString([(n, 40), (n + 1, 41)]) for n in range(6)]
    frame = gpd.GeoDataFrame(geometry=lines, crs="OGC:CRS84")
    parts = dask_geopandas.from_geopandas(frame, npartitions=3)
    km = parts.map_partitions(sco_geo.length_km, meta=("length_km", "float64"))
    pd.testing.assert_series_equal(
        km.compute(scheduler="synchronous"), sco_geo.length_km(frame), check_exact=True
    )
