"""Geometries in what a user gives to a measure: GeoPandas objects, lists, single ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from sco_geo._coordinate_blocks import Floats, Geometries, Namer, name_by_position
from sco_geo.errors import GeometryError
from sco_geo.short_lines import INVERSE_FLATTENING, SEMI_MAJOR_M

# An ellipsoid this close to WGS84 gives lengths that differ by less than 1e-9: those of GRS 1980
# and CGCS2000, but not PZ-90 (a is 1 m less), Krassowsky 1940 or any older one.
_SAME_AXIS_M, _SAME_INVERSE_FLATTENING = 1e-3, 1e-5
_DEGREE = np.pi / 180


def measure_column(
    geometries: Any, measure: Callable[[Geometries, Namer], Floats], factor: float, what: str
) -> Any:
    """Apply a measure to what a user gave, and return the same kind: number, array or Series.

    Parameters
    ----------
    measure : callable
        Takes an array of geometries, and what to call each of them in an error.
    factor : float
        Of the unit of the result.
    what : str
        The name of the result.

    Raises
    ------
    GeometryError
        If there are no geometries, or their reference system has not the degrees of WGS84.
    """
    if geometries is None or isinstance(geometries, BaseGeometry):
        one = np.array([geometries], dtype=object)
        return float(measure(one, name_by_position)[0] * factor)
    series = getattr(geometries, "geometry", geometries)
    if getattr(series, "ndim", 1) != 1:
        raise GeometryError(f"{what} needs geometries, but there is no column of geometries")
    _refuse_other_systems(getattr(series, "crs", None), what)
    if not hasattr(series, "index") or callable(series.index):
        return measure(_as_array(series, what), name_by_position) * factor
    import pandas as pd

    def name(position: int) -> str:
        label = series.index[position]
        if label is not pd.NA and label == position:
            return name_by_position(position)
        return f"feature {label} (at position {position})"

    return pd.Series(measure(_as_array(series, what), name) * factor, index=series.index, name=what)


def _as_array(geometries: Any, what: str) -> Geometries:
    values = getattr(geometries, "values", geometries)
    if not hasattr(values, "__len__"):
        kind = type(geometries).__name__
        raise GeometryError(f"{what} needs geometries or a list of them, and got a {kind}")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _refuse_other_systems(crs: Any, what: str) -> None:
    """Refuse a declared reference system whose degrees are not those of WGS84 or as good as."""
    if crs is None:
        return
    fault = ""
    if not crs.is_geographic or crs.is_derived:
        fault = "has no longitude and latitude"
    elif any(abs(axis.unit_conversion_factor - _DEGREE) > 1e-12 for axis in crs.axis_info[:2]):
        fault = "is not in degrees"
    elif not _is_like_wgs84(crs.ellipsoid):
        fault = f"has another ellipsoid than WGS84: {crs.ellipsoid.name}"
    if fault:
        raise GeometryError(
            f"{what} needs longitude and latitude of WGS84, but the data is in {crs.name}, which "
            f"{fault}: convert it first with .to_crs('OGC:CRS84')."
        )


def _is_like_wgs84(ellipsoid: Any) -> bool:
    return (
        abs(ellipsoid.semi_major_metre - SEMI_MAJOR_M) <= _SAME_AXIS_M
        and abs(ellipsoid.inverse_flattening - INVERSE_FLATTENING) <= _SAME_INVERSE_FLATTENING
    )
