"""Geodesic lengths and areas on the WGS84 ellipsoid; the only module that uses PROJ.

Lines between two vertices are geodesics (Karney 2013, through PROJ's geographiclib: errors of
some nanometres). Coordinates are longitude, latitude in degrees. Heights are ignored.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from sco_geo.errors import GeometryError

Floats = npt.NDArray[np.float64]

#: The ellipsoid of GPS and of RFC 7946 (NIMA TR8350.2: a = 6378137 m, 1/f = 298.257223563).
WGS84 = Geod(ellps="WGS84")

_LINE_TYPES = (
    shapely.GeometryType.LINESTRING,
    shapely.GeometryType.LINEARRING,
    shapely.GeometryType.MULTILINESTRING,
)
_AREA_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def is_geographic(authority: str, code: str) -> bool | None:
    """Tell whether a reference system is in degrees of longitude and latitude; None if unknown.

    Parameters
    ----------
    authority, code : str
        As in ``EPSG``, ``4326``; PROJ knows the systems of EPSG and ESRI, among others.
    """
    try:
        return bool(CRS.from_authority(authority, code).is_geographic)
    except CRSError:
        return None


def segment_lengths_m(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Measure geodesics between pairs of points, in metres (arrays of degrees, equal shape)."""
    if len(lon0) == 0:
        return np.zeros(0)
    return np.asarray(WGS84.inv(lon0, lat0, lon1, lat1)[2], dtype=float)


def line_lengths_m(geometries: npt.NDArray[np.object_]) -> Floats:
    """Measure the geodesic length of each line or multi-line of an array, in metres.

    Empty geometries have length 0, missing ones (None) NaN.

    Raises
    ------
    GeometryError
        For a geometry of another type or with a coordinate that is no place on the ellipsoid.
    """
    geometries = np.asarray(geometries, dtype=object)
    _refuse_other_types(geometries, _LINE_TYPES, "length")
    parts, owner = shapely.get_parts(geometries, return_index=True)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    _refuse_bad_coordinates(coordinates, owner[part])
    inside = part[1:] == part[:-1]
    start, end = coordinates[:-1][inside], coordinates[1:][inside]
    metres = segment_lengths_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    total = np.bincount(owner[part[1:][inside]], weights=metres, minlength=len(geometries)).astype(
        np.float64
    )
    total[shapely.is_missing(geometries)] = np.nan
    return total


def polygon_areas_m2(geometries: npt.NDArray[np.object_]) -> Floats:
    """Measure the geodesic area of each polygon or multi-polygon of an array, in m².

    Holes are subtracted; the winding does not matter. Missing geometries give NaN.
    """
    geometries = np.asarray(geometries, dtype=object)
    _refuse_other_types(geometries, _AREA_TYPES, "area")
    total = np.zeros(len(geometries))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    for polygon, index in zip(parts, owner, strict=True):
        for sign, ring in [(1, polygon.exterior), *((-1, hole) for hole in polygon.interiors)]:
            coordinates = shapely.get_coordinates(ring)
            _refuse_bad_coordinates(coordinates, np.full(len(coordinates), index))
            area, _ = WGS84.polygon_area_perimeter(coordinates[:, 0], coordinates[:, 1])
            total[index] += sign * abs(area)
    total[shapely.is_missing(geometries)] = np.nan
    return total


def length_km(geometries: Any) -> Any:
    """Measure geodesic lengths on WGS84, in kilometres.

    Parameters
    ----------
    geometries : GeoSeries, GeoDataFrame or shapely geometry
        Lines and multi-lines with coordinates (lon, lat) in degrees. A GeoPandas object that
        declares a projected reference system is refused.

    Returns
    -------
    Series of float64, or float for one shapely geometry
        Kilometres, exact to some nanometres per segment. A line cut at ±180° has the length of
        its parts, which equals the length of the uncut line.

    Raises
    ------
    GeometryError
        For polygons, points and coordinates that are not longitude and latitude.

    Examples
    --------
    New York JFK to London Heathrow; the manual of GeographicLib's GeodSolve prints 5551759.400 m.

    >>> from shapely import LineString
    >>> round(length_km(LineString([(-73.8, 40.6), (-0.5, 51.6)])), 6)
    5551.7594
    """
    return _apply(geometries, line_lengths_m, 1e-3, "length_km")


def geodesic_area_km2(geometries: Any) -> Any:
    """Measure geodesic areas on WGS84, in square kilometres (see `length_km` for the types)."""
    return _apply(geometries, polygon_areas_m2, 1e-6, "area_km2")


def densify(line: Floats, step_km: float) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Put points on the geodesics of a line, so that no piece is longer than `step_km`.

    Parameters
    ----------
    line : array of shape (n, 2)
        Longitude and latitude in degrees.
    step_km : float
        Longest piece that may remain, in km.

    Returns
    -------
    points : array of shape (m, 2)
        All old vertices and the new ones, in order; longitudes of new points are wrapped
        to the neighbourhood of the segment's start.
    segment : array of shape (m - 1,)
        For each piece the index of the segment that it is a part of.
    """
    start, end = line[:-1], line[1:]
    azimuth, _, metres = WGS84.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    pieces = np.maximum(1, np.ceil(np.asarray(metres) / (step_km * 1e3)).astype(int))
    segment = np.repeat(np.arange(len(start)), pieces)
    rank = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = start[segment].copy()
    new = rank > 0
    if new.any():
        owner = segment[new]
        distance = np.asarray(metres)[owner] * rank[new] / pieces[owner]
        lon, lat, _ = WGS84.fwd(
            start[owner, 0], start[owner, 1], np.asarray(azimuth)[owner], distance
        )
        turns = np.round((np.asarray(lon) - start[owner, 0]) / 360)
        points[new] = np.column_stack([np.asarray(lon) - 360 * turns, lat])
    return np.vstack([points, line[-1:]]), segment


def _apply(geometries: Any, measure: Any, factor: float, name: str) -> Any:
    if geometries is None or isinstance(geometries, BaseGeometry):
        return float(measure(np.array([geometries], dtype=object))[0] * factor)
    series = getattr(geometries, "geometry", geometries)
    crs = getattr(series, "crs", None)
    if crs is not None and not crs.is_geographic:
        raise GeometryError(
            f"{name} needs longitude and latitude, but the data is in {crs.name}: "
            "convert it first with .to_crs('OGC:CRS84')."
        )
    import pandas as pd

    return pd.Series(measure(np.asarray(series.values)) * factor, index=series.index, name=name)


def _refuse_other_types(
    geometries: npt.NDArray[np.object_], allowed: tuple[Any, ...], what: str
) -> None:
    types = shapely.get_type_id(geometries)
    bad = ~np.isin(types, [int(t) for t in allowed]) & (types >= 0) & ~shapely.is_empty(geometries)
    if bad.any():
        index = int(np.flatnonzero(bad)[0])
        raise GeometryError(f"feature {index} is a {geometries[index].geom_type}: no {what}")


def _refuse_bad_coordinates(coordinates: Floats, owner: npt.NDArray[np.int64]) -> None:
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    bad = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90) & (np.abs(lon) <= 540))
    if bad.any():
        index = int(np.flatnonzero(bad)[0])
        raise GeometryError(
            f"feature {int(owner[index])}: ({lon[index]}, {lat[index]}) is not a longitude and "
            "latitude in degrees"
        )
