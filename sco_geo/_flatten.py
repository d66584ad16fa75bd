"""From the raw tree to the flat array.

The tree is walked once. What is well formed goes into the arrays; what is not is kept aside as
`Rejected`, for the rules to explain. No rule on numbers ever meets a text, a NaN or a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np

from sco_geo._flat import DEPTHS, EmptyPart, FeatureRow, Flat, Floats, Ints, Rejected

#: Geometry collections inside each other that are still read.
MAX_COLLECTIONS = 16


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
        return [FeatureRow(0, None, None, {}, tree, "", "", False)]
    return []


def _feature_row(index: int, feature: dict[str, object], pointer: str) -> FeatureRow:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    raw_id, identifier, name = feature.get("id"), feature.get("id"), None
    if not is_id(identifier):
        identifier = properties.get("id")
    if is_id(identifier):
        name = str(identifier)
    geometry = feature.get("geometry")
    place = f"{pointer}/geometry"
    return FeatureRow(index, name, raw_id, properties, geometry, pointer, place, True)


def is_id(value: object) -> bool:
    """Tell whether a value may be the id of a feature (RFC 7946, section 3.2)."""
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
