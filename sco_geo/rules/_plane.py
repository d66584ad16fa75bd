"""Distances of some kilometres, in the plane that touches the globe at a point."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo._flat import Floats, Ints

#: One degree of latitude in km: the mean meridian degree of WGS84, off by 0.6 % at most.
DEGREE_KM = 111.13
#: Farthest from the equator that a parallel is taken for a line, in degrees of latitude.
_MOST_LAT = 89.0


def distances_km(points: Floats, geometries: NDArray[np.object_]) -> Floats:
    """Return the distance of each point (lon, lat) to the geometry of the same number, in km.

    Good to about 1 % below 100 km; farther off it only tells that something is far.
    """
    geometries = shapely.force_2d(geometries)
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    moved = (coordinates - points[owner]) * DEGREE_KM
    moved[:, 0] *= _narrowing(points[:, 1])[owner]
    flat = shapely.set_coordinates(geometries.copy(), moved)
    result: Floats = shapely.distance(shapely.points(0.0, 0.0), flat)
    return result


def distances_around_km(points: Floats, geometries: NDArray[np.object_], reach_km: float) -> Floats:
    """Return the distances of points that lie close together to some geometries, in km.

    Returns
    -------
    array of shape (points, geometries)
        In km; inf for what lies beyond the reach of all points.
    """
    centre = points.mean(axis=0)
    narrow = np.array([float(_narrowing(centre[1])), 1.0])
    reach = reach_km / DEGREE_KM / narrow * 1.01
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    near = shapely.clip_by_rect(geometries, *low, *high)
    result = np.full((len(points), len(geometries)), np.inf)
    is_near = ~shapely.is_empty(near)
    scale = narrow * DEGREE_KM
    flat = shapely.transform(near[is_near], lambda c: (c - centre) * scale)
    places = shapely.points((points - centre) * scale)
    result[:, is_near] = shapely.distance(places[:, None], flat[None, :])
    result[result > reach_km] = np.inf
    return result


def pairs_within(
    points: Floats, geometries: NDArray[np.object_], reach_km: Floats
) -> tuple[Ints, Ints]:
    """Return the pairs (point, geometry) that may be within the reach of the point."""
    degrees = np.minimum(reach_km / (DEGREE_KM * 0.99 * _narrowing(points[:, 1])), 180.0)
    tree = shapely.STRtree(geometries)
    one, other = tree.query(shapely.points(points), predicate="dwithin", distance=degrees)
    return one, other


def _narrowing(lat: Floats) -> Floats:
    result: Floats = np.cos(np.radians(np.minimum(np.abs(lat), _MOST_LAT)))
    return result
