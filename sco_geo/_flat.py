"""All coordinates of a document in one flat array, with offsets and JSON pointers.

The tree is walked once. What is well formed goes into the arrays; what is not is kept aside as
`Rejected`, for the rules to explain. No rule on numbers ever meets a text, a NaN or a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

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
#: Geometry collections inside each other that are still read.
MAX_COLLECTIONS = 16

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A feature of the tree; `geometry` is its raw geometry member."""

    index: int
    id: str | None
    properties: dict[str, object]
    geometry: object
    pointer: str
    geometry_pointer: str
    is_feature: bool


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
    """A line or ring without any position, inside a geometry that has others or none."""

    geometry: int
    pointer: str


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
    part_geometry, part_polygon, part_ring : array of int
        The geometry of a part; its polygon, counted through the document, else -1;
        its number in the polygon, 0 for the shell, else -1.
    geometry_feature : array of int
        Row in `features` of each geometry that is no collection.
    """

    features: tuple[FeatureRow, ...]
    lon: Floats
    lat: Floats
    height: Floats
    sizes: Ints
    offsets: Ints
    part_geometry: Ints
    part_polygon: Ints
    part_ring: Ints
    part_pointer: tuple[str, ...]
    geometry_feature: Ints
    geometry_type: tuple[str, ...]
    geometry_pointer: tuple[str, ...]
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
        return self.part_polygon >= 0

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
        return np.fromiter((name in names for name in self.geometry_type), bool)

    def vertex_pointer(self, vertex: int) -> str:
        """Return the JSON pointer of a vertex."""
        part = int(self.vertex_part[vertex])
        pointer = self.part_pointer[part]
        if self.geometry_type[self.part_geometry[part]] == "Point":
            return pointer
        return f"{pointer}/{vertex - self.offsets[part]}"

    @cached_property
    def is_broken(self) -> Bools:
        """Tell which geometries cannot be built."""
        broken = np.zeros(len(self.geometry_type), dtype=bool)
        for fault in chain(self.rejected, self.empty_parts):
            broken[fault.geometry] = True
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
    """Number labels that stand in ascending order from 0 without gaps."""
    steps = np.concatenate([[0], np.diff(labels) != 0]) if labels.size else labels
    return np.cumsum(steps).astype(np.int64)


def flatten(tree: dict[str, object] | None) -> Flat:
    """Walk the tree of a GeoJSON text and put all coordinates into one array."""
    collector = _Collector()
    rows = _feature_rows(tree) if tree is not None else ()
    for number, row in enumerate(rows):
        if row.geometry is not None:
            collector.add(number, row.geometry, row.geometry_pointer)
    return collector.finish(tuple(rows))


def _feature_rows(tree: dict[str, object]) -> list[FeatureRow]:
    kind = tree.get("type")
    if kind == "Feature":
        return [_feature_row(0, tree, "")]
    if kind == "FeatureCollection":
        members = tree.get("features")
        if not isinstance(members, list):
            return []
        return [
            _feature_row(index, member, f"/features/{index}")
            for index, member in enumerate(members)
            if isinstance(member, dict) and member.get("type") == "Feature"
        ]
    if isinstance(kind, str) and (kind in DEPTHS or kind == "GeometryCollection"):
        return [FeatureRow(0, None, {}, tree, "", "", False)]
    return []


def _feature_row(index: int, feature: dict[str, object], pointer: str) -> FeatureRow:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    identifier = feature.get("id")
    if not _is_id(identifier):
        identifier = properties.get("id")
    name = str(identifier) if _is_id(identifier) else None
    geometry = feature.get("geometry")
    return FeatureRow(index, name, properties, geometry, pointer, f"{pointer}/geometry", True)


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


class _Collector:
    """Gathers parts while the tree is walked."""

    def __init__(self) -> None:
        self.parts: list[list[object]] = []
        self.part_pointer: list[str] = []
        self.part_geometry: list[int] = []
        self.part_polygon: list[int] = []
        self.part_ring: list[int] = []
        self.geometry_feature: list[int] = []
        self.geometry_type: list[str] = []
        self.geometry_pointer: list[str] = []
        self.rejected: list[Rejected] = []
        self.empty_parts: list[EmptyPart] = []
        self.empty_geometries: list[tuple[int, str]] = []
        self.collections: set[int] = set()
        self.unread: set[int] = set()
        self.polygons = 0

    def add(self, row: int, geometry: object, pointer: str) -> None:
        stack = [(geometry, pointer, 0)]
        while stack:
            value, here, level = stack.pop()
            kind = value.get("type") if isinstance(value, dict) else None
            if not isinstance(value, dict) or not isinstance(kind, str):
                self.unread.add(row)
            elif kind in DEPTHS:
                self._add_simple(row, kind, value, here)
            elif kind == "GeometryCollection" and level < MAX_COLLECTIONS:
                self.collections.add(row)
                members = value.get("geometries")
                if not isinstance(members, list):
                    self.unread.add(row)
                    continue
                stack.extend(
                    (members[index], f"{here}/geometries/{index}", level + 1)
                    for index in reversed(range(len(members)))
                )
            else:
                self.unread.add(row)

    def _add_simple(self, row: int, kind: str, value: dict[str, object], pointer: str) -> None:
        coordinates = value.get("coordinates")
        if not isinstance(coordinates, list):
            self.unread.add(row)
            return
        number = len(self.geometry_type)
        self.geometry_feature.append(row)
        self.geometry_type.append(kind)
        self.geometry_pointer.append(pointer)
        here = f"{pointer}/coordinates"
        depth = DEPTHS[kind]
        if depth == 0:
            self._add_part([coordinates], here, number)
        elif not coordinates:
            self.empty_geometries.append((number, here))
        elif depth == 1:
            self._add_part(coordinates, here, number)
        elif kind == "MultiLineString":
            for index, line in enumerate(coordinates):
                self._add_part(line, f"{here}/{index}", number)
        elif kind == "Polygon":
            self._add_rings(coordinates, here, number)
        else:
            for index, polygon in enumerate(coordinates):
                self._add_rings(polygon, f"{here}/{index}", number)

    def _add_rings(self, rings: object, pointer: str, number: int) -> None:
        if not isinstance(rings, list):
            self.rejected.append(Rejected(number, pointer, rings, 2))
            return
        if not rings:
            self.empty_parts.append(EmptyPart(number, pointer))
        for index, ring in enumerate(rings):
            self._add_part(ring, f"{pointer}/{index}", number, self.polygons, index)
        self.polygons += 1

    def _add_part(
        self, part: object, pointer: str, number: int, polygon: int = -1, ring: int = -1
    ) -> None:
        if not isinstance(part, list):
            self.rejected.append(Rejected(number, pointer, part, 1))
        elif not part:
            self.empty_parts.append(EmptyPart(number, pointer))
        else:
            self.parts.append(part)
            self.part_pointer.append(pointer)
            self.part_geometry.append(number)
            self.part_polygon.append(polygon)
            self.part_ring.append(ring)

    def finish(self, rows: tuple[FeatureRow, ...]) -> Flat:
        numbers = _read_numbers(self.parts)
        if numbers is None:
            self._drop_bad_parts()
            numbers = _read_numbers(self.parts)
        if numbers is None:  # pragma: no cover - every bad part has just been dropped
            raise ValueError("coordinates changed while they were read")
        lon, lat, height, sizes = numbers
        lengths = np.fromiter(map(len, self.parts), np.int64, len(self.parts))
        return Flat(
            features=rows,
            lon=lon,
            lat=lat,
            height=height,
            sizes=sizes,
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            part_geometry=np.array(self.part_geometry, dtype=np.int64),
            part_polygon=np.array(self.part_polygon, dtype=np.int64),
            part_ring=np.array(self.part_ring, dtype=np.int64),
            part_pointer=tuple(self.part_pointer),
            geometry_feature=np.array(self.geometry_feature, dtype=np.int64),
            geometry_type=tuple(self.geometry_type),
            geometry_pointer=tuple(self.geometry_pointer),
            rejected=tuple(self.rejected),
            empty_parts=tuple(self.empty_parts),
            empty_geometries=tuple(self.empty_geometries),
            collection_features=frozenset(self.collections),
            unread_features=frozenset(self.unread),
        )

    def _drop_bad_parts(self) -> None:
        kept = []
        for number, part in enumerate(self.parts):
            if _read_numbers([part]) is not None:
                kept.append(number)
                continue
            geometry = self.part_geometry[number]
            is_point = self.geometry_type[geometry] == "Point"
            self.rejected.append(
                Rejected(
                    geometry,
                    self.part_pointer[number],
                    part[0] if is_point else part,
                    0 if is_point else 1,
                )
            )
        self.parts = [self.parts[number] for number in kept]
        self.part_pointer = [self.part_pointer[number] for number in kept]
        self.part_geometry = [self.part_geometry[number] for number in kept]
        self.part_polygon = [self.part_polygon[number] for number in kept]
        self.part_ring = [self.part_ring[number] for number in kept]


def _read_numbers(parts: Iterable[list[object]]) -> tuple[Floats, Floats, Floats, Ints] | None:
    """Turn lists of positions into arrays; None if any position is not finite numbers."""
    positions = list(chain.from_iterable(parts))
    if not set(map(type, positions)) <= {list}:
        return None
    sizes = np.fromiter(map(len, positions), np.int64, len(positions))  # type: ignore[arg-type]
    if sizes.size and sizes.min() < 2:
        return None
    flat: list[float] = list(chain.from_iterable(positions))  # type: ignore[arg-type]
    if not set(map(type, flat)) <= {int, float}:
        return None
    try:
        numbers = np.fromiter(flat, np.float64, len(flat))
    except OverflowError:  # an integer beyond the range of a float
        return None
    if not np.isfinite(numbers).all():
        return None
    starts = np.cumsum(sizes) - sizes
    height = np.full(len(positions), np.nan)
    has_height = sizes >= 3
    height[has_height] = numbers[starts[has_height] + 2]
    return numbers[starts], numbers[starts + 1], height, sizes
