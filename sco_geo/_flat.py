"""All coordinates of a document in one flat array, with offsets and JSON pointers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

#: Levels of arrays around the positions of each geometry type.
DEPTHS = {
    "Point": 0,
    "LineString": 1,
    "MultiPoint": 1,
    "Polygon": 2,
    "MultiLineString": 2,
    "MultiPolygon": 3,
}
TYPES = tuple(DEPTHS)
LINES = ("LineString", "MultiLineString")
POLYGONS = ("Polygon", "MultiPolygon")

_COORDINATES = re.compile(r"(?:/features/(\d{1,12}))?(?:/geometry)?/coordinates")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True, eq=False)  # not frozen: that would cost most of the time of a large file
class FeatureRow:
    """A feature of the tree.

    Parameters
    ----------
    id : str or None
        The member ``id`` as text, else the property ``id``.
    raw_id, geometry : object
        The members ``id`` and ``geometry`` as they stand in the tree.
    is_feature, is_root : bool
        Whether it is a Feature, or else a bare geometry; and whether it is the root of the text.
    """

    index: int
    id: str | None
    raw_id: object
    properties: dict[str, object]
    geometry: object
    is_feature: bool = True
    is_root: bool = False

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the feature."""
        return "" if self.is_root else f"/features/{self.index}"

    @property
    def geometry_pointer(self) -> str:
        """Return the JSON pointer of its geometry."""
        return f"{self.pointer}/geometry" if self.is_feature else self.pointer


@dataclass(frozen=True, slots=True)
class Rejected:
    """Coordinates that are not numbers in arrays of the right depth.

    Parameters
    ----------
    depth : int
        Levels of arrays that should be around the positions here; 0 is a position itself.
    """

    geometry: int
    pointer: str
    value: object
    depth: int


@dataclass(frozen=True, slots=True)
class EmptyPart:
    """A line, ring or polygon without any position, inside a geometry that has others or none.

    Parameters
    ----------
    rings : int or None
        Count of the empty rings of a polygon of a MultiPolygon; None for a line or a ring.
    """

    geometry: int
    pointer: str
    rings: int | None = None


@dataclass(frozen=True, eq=False)
class Flat:
    """The vertices of a document and how they make up parts, polygons and geometries.

    Parameters
    ----------
    lon, lat, height : array of float
        One entry a vertex; degrees, and NaN where there is no third number.
    sizes : array of int
        Count of numbers in each position.
    offsets : array of int
        Vertices of part ``p`` are ``offsets[p]:offsets[p + 1]``; no part is empty.
        A part is a line, a ring, all points of a MultiPoint, or one Point.
    part_geometry, part_outer, part_ring : array of int
        The geometry of a part; its number among the lines of its geometry, or that of its polygon;
        its number in the polygon, 0 for the shell, and -1 where it is no ring.
    geometry_feature : array of int
        Row in `features` of each geometry that is no collection.
    geometry_region : array of int
        The array of coordinates in the text that holds a geometry, or -1; see `_regions`.
    collection_pointers : dict
        JSON pointers of the geometries that are members of a GeometryCollection.
    """

    features: tuple[FeatureRow, ...]
    lon: Floats
    lat: Floats
    height: Floats
    sizes: Ints
    offsets: Ints
    part_geometry: Ints
    part_outer: Ints
    part_ring: Ints
    geometry_feature: Ints
    geometry_type: tuple[str, ...]
    geometry_region: Ints
    collection_pointers: dict[int, str]
    rejected: tuple[Rejected, ...]
    empty_parts: tuple[EmptyPart, ...]
    empty_geometries: tuple[tuple[int, str], ...]
    collection_features: frozenset[int]
    unread_features: frozenset[int]

    @cached_property
    def part_size(self) -> Ints:
        """Return the count of vertices of each part."""
        return np.diff(self.offsets)

    @cached_property
    def vertex_part(self) -> Ints:
        """Return the part of each vertex."""
        return np.repeat(np.arange(len(self.part_size)), self.part_size)

    @cached_property
    def part_feature(self) -> Ints:
        """Return the row of the feature of each part."""
        return self.geometry_feature[self.part_geometry]

    @cached_property
    def is_line_part(self) -> Bools:
        """Tell which parts are lines."""
        return self._is_type(LINES)[self.part_geometry]

    @cached_property
    def is_ring_part(self) -> Bools:
        """Tell which parts are rings."""
        return self.part_ring >= 0

    @cached_property
    def part_polygon(self) -> Ints:
        """Return the polygon of each part, counted through the document; -1 for other parts."""
        is_new = np.ones(len(self.part_size), dtype=bool)
        is_new[1:] = np.diff(self.part_geometry) != 0
        is_new[1:] |= np.diff(self.part_outer) != 0
        return np.where(self.is_ring_part, np.cumsum(is_new & self.is_ring_part) - 1, -1)

    @cached_property
    def geometry_kind(self) -> Ints:
        """Return the type of each geometry as its number in `TYPES`."""
        numbers = {name: number for number, name in enumerate(TYPES)}
        count = len(self.geometry_type)
        return np.fromiter(map(numbers.__getitem__, self.geometry_type), np.int64, count)

    def geometry_pointer(self, geometry: int) -> str:
        """Return the JSON pointer of a geometry."""
        row = self.features[self.geometry_feature[geometry]]
        return self.collection_pointers.get(geometry) or row.geometry_pointer

    def region_of(self, pointer: str) -> int | None:
        """Return the array of coordinates that a pointer names, if it belongs to a feature."""
        match = _COORDINATES.fullmatch(pointer)
        row = int(match.group(1) or 0) if match else len(self.features)
        if row >= len(self.features) or self.features[row].index != row:
            return None
        geometry = int(np.searchsorted(self.geometry_feature, row))
        is_mine = geometry < len(self.geometry_feature) and self.geometry_feature[geometry] == row
        if not is_mine or pointer != f"{self.geometry_pointer(geometry)}/coordinates":
            return None
        region = int(self.geometry_region[geometry])
        return region if region >= 0 else None

    def part_pointer(self, part: int) -> str:
        """Return the JSON pointer of a part."""
        geometry = int(self.part_geometry[part])
        kind = self.geometry_type[geometry]
        pointer = f"{self.geometry_pointer(geometry)}/coordinates"
        if kind in ("MultiLineString", "MultiPolygon"):
            pointer += f"/{self.part_outer[part]}"
        return f"{pointer}/{self.part_ring[part]}" if kind in POLYGONS else pointer

    @cached_property
    def is_closed(self) -> Bools:
        """Tell which parts end at the very position at which they begin."""
        first, last = self.offsets[:-1], self.offsets[1:] - 1
        same_height = (self.height[first] == self.height[last]) | (
            np.isnan(self.height[first]) & np.isnan(self.height[last])
        )
        return self.is_closed_flat & same_height

    @cached_property
    def is_closed_flat(self) -> Bools:
        """Tell which parts end at the longitude and latitude at which they begin."""
        first, last = self.offsets[:-1], self.offsets[1:] - 1
        same: Bools = (self.lon[first] == self.lon[last]) & (self.lat[first] == self.lat[last])
        return same

    def _is_type(self, names: tuple[str, ...]) -> Bools:
        return np.isin(self.geometry_kind, [TYPES.index(name) for name in names])

    def feature_vertices(self, row: int) -> tuple[int, int]:
        """Return the first vertex of a feature and the one after its last."""
        begin, end = np.searchsorted(self.part_feature, [row, row + 1])
        return int(self.offsets[begin]), int(self.offsets[end])

    def vertex_pointer(self, vertex: int) -> str:
        """Return the JSON pointer of a vertex."""
        part = int(self.vertex_part[vertex])
        pointer = self.part_pointer(part)
        if self.geometry_type[self.part_geometry[part]] == "Point":
            return pointer
        return f"{pointer}/{vertex - self.offsets[part]}"

    @cached_property
    def has_parts(self) -> Bools:
        """Tell which geometries have any position."""
        return np.bincount(self.part_geometry, minlength=len(self.geometry_type)) > 0

    def is_needless(self, empty: EmptyPart) -> bool:
        """Tell whether an empty part is a polygon without which nothing is lost."""
        return empty.rings is not None and bool(self.has_parts[empty.geometry])

    @cached_property
    def is_broken(self) -> Bools:
        """Tell which geometries cannot be built."""
        broken = np.zeros(len(self.geometry_type), dtype=bool)
        for fault in self.rejected:
            broken[fault.geometry] = True
        for empty in self.empty_parts:
            broken[empty.geometry] |= not self.is_needless(empty)
        for geometry, _ in self.empty_geometries:
            broken[geometry] = True
        too_short = self.is_line_part & (self.part_size < 2)
        too_short |= self.is_ring_part & ((self.part_size < 4) | ~self.is_closed_flat)
        broken[self.part_geometry[too_short]] = True
        return broken

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """Return a shapely geometry for each geometry that can be built, else None."""
        count = len(self.geometry_type)
        built = np.full(count, None, dtype=object)
        if not count:
            return built
        has_height = np.ones(count, dtype=bool)
        has_height[self.part_geometry[self.vertex_part[self.sizes < 3]]] = False
        for dimensions in (2, 3):
            chosen = ~self.is_broken & (has_height == (dimensions == 3))
            if chosen.any():
                self._build(built, chosen, dimensions)
        return built

    def _build(self, built: NDArray[np.object_], chosen: Bools, dimensions: int) -> None:
        columns = (self.lon, self.lat, self.height)[:dimensions]
        coordinates = np.column_stack(columns)
        for name in TYPES:
            is_mine = chosen & self._is_type((name,))
            parts = np.flatnonzero(is_mine[self.part_geometry])
            if parts.size:
                built[is_mine] = self._build_type(name, coordinates, parts)

    def _build_type(self, name: str, coordinates: Floats, parts: Ints) -> NDArray[np.object_]:
        in_parts = np.zeros(len(self.part_size), dtype=bool)
        in_parts[parts] = True
        vertices = coordinates[in_parts[self.vertex_part]]
        of_part = np.repeat(np.arange(len(parts)), self.part_size[parts])
        of_geometry = _dense(self.part_geometry[parts])
        if name == "Point":
            return shapely.points(vertices)
        if name == "MultiPoint":
            return shapely.multipoints(shapely.points(vertices), indices=of_geometry[of_part])
        if name == "LineString":
            return shapely.linestrings(vertices, indices=of_part)
        if name == "MultiLineString":
            lines = shapely.linestrings(vertices, indices=of_part)
            return shapely.multilinestrings(lines, indices=of_geometry)
        rings = shapely.linearrings(vertices, indices=of_part)
        polygons = shapely.polygons(rings, indices=_dense(self.part_polygon[parts]))
        if name == "Polygon":
            return polygons
        _, first = np.unique(self.part_polygon[parts], return_index=True)
        return shapely.multipolygons(polygons, indices=of_geometry[first])

    def feature_geometries(self) -> list[BaseGeometry | None]:
        """Return the geometry of each feature; a nested collection becomes a flat one."""
        result: list[BaseGeometry | None] = [None] * len(self.features)
        members: dict[int, list[BaseGeometry | None]] = {}
        for row, geometry in zip(self.geometry_feature.tolist(), self.geometries, strict=True):
            if row in self.collection_features:
                members.setdefault(row, []).append(geometry)
            else:
                result[row] = geometry
        for row, parts in members.items():
            if all(part is not None for part in parts):
                result[row] = shapely.GeometryCollection(parts)
        for row in self.unread_features:
            result[row] = None
        return result


def _dense(labels: Ints) -> Ints:
    """Renumber labels that stand in ascending order from 0 without gaps."""
    steps = np.concatenate([[0], np.diff(labels) != 0]) if labels.size else labels
    return np.cumsum(steps).astype(np.int64)
