"""From geometries to the flat array that the rules read, without a text in between."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo._flat import FeatureRow, Flat, Ints

#: The types by their numbers in GEOS.
_KINDS = {
    int(shapely.GeometryType.POINT): "Point",
    int(shapely.GeometryType.LINESTRING): "LineString",
    int(shapely.GeometryType.MULTIPOINT): "MultiPoint",
    int(shapely.GeometryType.POLYGON): "Polygon",
    int(shapely.GeometryType.MULTILINESTRING): "MultiLineString",
    int(shapely.GeometryType.MULTIPOLYGON): "MultiPolygon",
}
_NUMBERS = {name: number for number, name in _KINDS.items()}


def is_plain(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which geometries `flatten_geometries` can take.

    Not those that are missing, empty, collections, of NaN or infinities, or with an empty part:
    about each of them the rules have something to say that is not about numbers.
    """
    kinds = shapely.get_type_id(geometries)
    result: NDArray[np.bool_] = np.isin(kinds, list(_KINDS)) & ~shapely.is_empty(geometries)
    coordinates, owner = shapely.get_coordinates(geometries, include_z=True, return_index=True)
    # A height that is NaN is none; one that is infinite is wrong.
    is_bad = ~np.isfinite(coordinates[:, :2]).all(axis=1) | np.isinf(coordinates[:, 2])
    result[owner[is_bad]] = False
    for name in ("MultiPoint", "MultiLineString", "MultiPolygon"):
        mine = np.flatnonzero(kinds == _NUMBERS[name])
        parts, part_of = shapely.get_parts(geometries[mine], return_index=True)
        result[mine[part_of[shapely.is_empty(parts)]]] = False
    pieces, of_geometry, _, _ = _pieces(geometries, kinds)
    result[of_geometry[shapely.get_num_coordinates(pieces) == 0]] = False
    return result


def flatten_geometries(
    geometries: NDArray[np.object_], rows: Ints, features: tuple[FeatureRow, ...]
) -> Flat:
    """Put the coordinates of plain geometries into one array.

    Parameters
    ----------
    geometries : array of geometry
        In (lon, lat) degrees; only such as `is_plain` lets pass.
    rows : array of int
        The number in `features` of each geometry, ascending.
    """
    kinds = shapely.get_type_id(geometries)
    pieces, of_geometry, outer, ring = _pieces(geometries, kinds)
    has_height = bool(shapely.has_z(geometries).any())
    coordinates = shapely.get_coordinates(geometries, include_z=has_height)
    lon, lat = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    height = np.broadcast_to(np.nan, lon.shape)
    sizes = np.broadcast_to(np.int64(2), lon.shape)
    if has_height:
        height = np.ascontiguousarray(coordinates[:, 2])
        sizes = np.where(np.isnan(height), 2, 3).astype(np.int64)
    ends = np.cumsum(shapely.get_num_coordinates(pieces), dtype=np.int64)
    return Flat(
        features=features,
        lon=lon,
        lat=lat,
        height=height,
        sizes=sizes,
        offsets=np.concatenate([[0], ends]).astype(np.int64),
        part_geometry=of_geometry,
        part_outer=outer,
        part_ring=ring,
        geometry_feature=np.asarray(rows, dtype=np.int64),
        geometry_type=tuple(map(_KINDS.__getitem__, kinds.tolist())),
        geometry_region=np.full(len(geometries), -1),
        collection_pointers={},
        rejected=(),
        empty_parts=(),
        empty_geometries=(),
        collection_features=frozenset(),
        unread_features=frozenset(),
    )


def _pieces(
    geometries: NDArray[np.object_], kinds: NDArray[np.int32]
) -> tuple[NDArray[np.object_], Ints, Ints, Ints]:
    """Return lines, rings and (multi)points in order, with the columns of `Flat` about parts."""
    is_area = np.isin(kinds, [_NUMBERS["Polygon"], _NUMBERS["MultiPolygon"]])
    is_lines = kinds == _NUMBERS["MultiLineString"]
    whole = np.flatnonzero(~is_area & ~is_lines & (kinds >= 0))
    none = np.zeros(len(whole), dtype=np.int64)
    groups = [(geometries[whole], whole, none, none - 1)]
    lines, owner = shapely.get_parts(geometries[is_lines], return_index=True)
    groups.append((lines, np.flatnonzero(is_lines)[owner], _ranks(owner), np.full(len(lines), -1)))
    polygons, owner = shapely.get_parts(geometries[is_area], return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    of_geometry = np.flatnonzero(is_area)[owner[polygon]]
    groups.append((rings, of_geometry, _ranks(owner)[polygon], _ranks(polygon)))
    pieces, of_geometry, outer, ring = (
        np.concatenate(column) for column in zip(*groups, strict=True)
    )
    order = np.argsort(of_geometry, kind="stable")
    return pieces[order], of_geometry[order], outer[order], ring[order]


def _ranks(labels: Ints) -> Ints:
    """Count the entries of each label from 0; equal labels stand together."""
    number = np.arange(len(labels))
    is_first = np.diff(labels, prepend=-1) != 0
    result: Ints = number - np.maximum.accumulate(np.where(is_first, number, 0))
    return result
