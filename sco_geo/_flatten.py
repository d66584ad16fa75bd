"""From the raw tree to the flat array.

The tree is walked once. Arrays of coordinates that were read from the text already come as blocks
of numbers; others stand in the tree as lists. What is well formed goes into the flat array; what
is not is kept aside as `Rejected`, for the rules to explain. No rule on numbers ever meets a text,
a NaN or a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np

from sco_geo._flat import DEPTHS, EmptyPart, FeatureRow, Flat, Floats, Ints, Rejected
from sco_geo._json_text import JsonTree
from sco_geo._parts import Parts, join_parts, parts_of_regions
from sco_geo._regions import Region

#: Geometry collections inside each other that are still read.
MAX_COLLECTIONS = 16
_ID_TYPES = frozenset((str, int, float))


def flatten(tree: JsonTree) -> Flat:
    """Walk the tree of a GeoJSON text and put all coordinates into one array.

    Arrays of coordinates that are not those of a geometry, or have not the depth of its type, are
    put back into the tree as lists.
    """
    collector = _Collector(tree)
    rows = _feature_rows(tree.root) if isinstance(tree.root, dict) else []
    for number, row in enumerate(rows):
        if row.geometry is not None:
            collector.add(number, row)
    tree.restore_all(set(range(len(tree.owners))).difference(collector.region))
    return collector.finish(tuple(rows))


def _feature_rows(tree: dict[str, object]) -> list[FeatureRow]:
    kind = tree.get("type")
    if kind == "Feature":
        return [_feature_row(0, tree, is_root=True)]
    if kind == "FeatureCollection":
        members = tree.get("features")
        if not isinstance(members, list):
            return []
        return [
            _feature_row(index, member)
            for index, member in enumerate(members)
            if isinstance(member, dict) and member.get("type") == "Feature"
        ]
    if isinstance(kind, str) and (kind in DEPTHS or kind == "GeometryCollection"):
        return [FeatureRow(0, None, None, {}, tree, is_feature=False, is_root=True)]
    return []


def _feature_row(index: int, feature: dict[str, object], *, is_root: bool = False) -> FeatureRow:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    raw_id = feature.get("id")
    identifier = raw_id if is_id(raw_id) else properties.get("id")
    name = identifier if identifier.__class__ is str else None
    if name is None and is_id(identifier):
        name = str(identifier)
    return FeatureRow(index, name, raw_id, properties, feature.get("geometry"), True, is_root)


def is_id(value: object) -> bool:
    """Tell whether a value may be the id of a feature (RFC 7946, section 3.2)."""
    return value.__class__ in _ID_TYPES  # a bool is of none of them


class _Collector:
    """Gathers parts while the tree is walked."""

    def __init__(self, tree: JsonTree) -> None:
        self.tree = tree
        self.depths = tree.regions.block.depth.tolist()
        #: Arrays that were read, and the geometries they belong to.
        self.region: list[int] = []
        self.region_geometry: list[int] = []
        #: Parts that are lists in the tree.
        self.lists: list[list[object]] = []
        self.list_pointer: list[str] = []
        self.list_geometry: list[int] = []
        self.list_outer: list[int] = []
        self.list_ring: list[int] = []
        self.geometry_feature: list[int] = []
        self.geometry_type: list[str] = []
        self.collection_pointers: dict[int, str] = {}
        self.rejected: list[Rejected] = []
        self.empty_parts: list[EmptyPart] = []
        self.empty_geometries: list[tuple[int, str]] = []
        self.collections: set[int] = set()
        self.unread: set[int] = set()

    def add(self, row: int, feature: FeatureRow) -> None:
        """Add the geometry of a feature."""
        geometry = feature.geometry
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if not isinstance(geometry, dict) or not isinstance(kind, str):
            self.unread.add(row)
        elif kind in DEPTHS:
            self._add_simple(row, kind, geometry, feature)
        else:
            self._add_collection(row, geometry, feature.geometry_pointer)

    def _add_collection(self, row: int, geometry: object, pointer: str) -> None:
        stack = [(geometry, pointer, 0)]
        while stack:
            value, here, level = stack.pop()
            kind = value.get("type") if isinstance(value, dict) else None
            if not isinstance(value, dict) or not isinstance(kind, str):
                self.unread.add(row)
            elif kind in DEPTHS:
                self.collection_pointers[len(self.geometry_type)] = here
                if not self._add_simple(row, kind, value, here):
                    self.collection_pointers.pop(len(self.geometry_type))
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

    def _add_simple(
        self, row: int, kind: str, value: dict[str, object], where: FeatureRow | str
    ) -> bool:
        """Add a geometry that is no collection; False if it has no array of coordinates."""
        coordinates = value.get("coordinates")
        number = len(self.geometry_type)
        if coordinates.__class__ is Region and self.depths[coordinates] == DEPTHS[kind] + 1:
            self.region.append(coordinates)
            self.region_geometry.append(number)
        else:
            if isinstance(coordinates, Region):
                coordinates = self.tree.restore(coordinates)
            if not isinstance(coordinates, list):
                self.unread.add(row)
                return False
            pointer = where if isinstance(where, str) else where.geometry_pointer
            self._add_list(kind, coordinates, f"{pointer}/coordinates", number)
        self.geometry_feature.append(row)
        self.geometry_type.append(kind)
        return True

    def _add_list(self, kind: str, coordinates: list[object], here: str, number: int) -> None:
        depth = DEPTHS[kind]
        if depth == 0:
            self._add_part([coordinates], here, number)
        elif not coordinates:
            self.empty_geometries.append((number, here))
        elif depth == 1:
            self._add_part(coordinates, here, number)
        elif kind == "MultiLineString":
            for index, line in enumerate(coordinates):
                self._add_part(line, f"{here}/{index}", number, index)
        elif kind == "Polygon":
            self._add_rings(coordinates, here, number, 0)
        else:
            for index, polygon in enumerate(coordinates):
                place = f"{here}/{index}"
                if isinstance(polygon, list) and all(ring == [] for ring in polygon):
                    self.empty_parts.append(EmptyPart(number, place, len(polygon)))
                else:
                    self._add_rings(polygon, place, number, index)

    def _add_rings(self, rings: object, pointer: str, number: int, outer: int) -> None:
        if not isinstance(rings, list):
            self.rejected.append(Rejected(number, pointer, rings, 2))
            return
        for index, ring in enumerate(rings):
            self._add_part(ring, f"{pointer}/{index}", number, outer, index)

    def _add_part(
        self, part: object, pointer: str, number: int, outer: int = 0, ring: int = -1
    ) -> None:
        if not isinstance(part, list):
            self.rejected.append(Rejected(number, pointer, part, 1))
        elif not part:
            self.empty_parts.append(EmptyPart(number, pointer))
        else:
            self.lists.append(part)
            self.list_pointer.append(pointer)
            self.list_geometry.append(number)
            self.list_outer.append(outer)
            self.list_ring.append(ring)

    def finish(self, rows: tuple[FeatureRow, ...]) -> Flat:
        """Join what was gathered."""
        geometry_region = np.full(len(self.geometry_type), -1)
        geometry_region[self.region_geometry] = self.region
        read = parts_of_regions(
            self.tree.regions.block,
            np.array(self.region, dtype=np.int64),
            np.array(self.region_geometry, dtype=np.int64),
            [self.geometry_type[number] for number in self.region_geometry],
        )
        parts = join_parts(read, self._list_parts())
        return Flat(
            features=rows,
            lon=parts.lon,
            lat=parts.lat,
            height=parts.height,
            sizes=parts.sizes,
            offsets=parts.offsets,
            part_geometry=parts.geometry,
            part_outer=parts.outer,
            part_ring=parts.ring,
            geometry_feature=np.array(self.geometry_feature, dtype=np.int64),
            geometry_type=tuple(self.geometry_type),
            geometry_region=geometry_region,
            collection_pointers=self.collection_pointers,
            rejected=tuple(self.rejected),
            empty_parts=tuple(self.empty_parts),
            empty_geometries=tuple(self.empty_geometries),
            collection_features=frozenset(self.collections),
            unread_features=frozenset(self.unread),
        )

    def _list_parts(self) -> Parts:
        """Turn the lists into arrays, without those that hold anything but positions."""
        kept = list(range(len(self.lists)))
        numbers = _read_numbers(self.lists)
        if numbers is None:
            kept = [number for number in kept if self._is_readable(number)]
            numbers = _read_numbers([self.lists[number] for number in kept])
        if numbers is None:  # pragma: no cover - every bad part has just been left out
            raise ValueError("coordinates changed while they were read")
        lon, lat, height, sizes = numbers
        lengths = [len(self.lists[number]) for number in kept]
        return Parts(
            lon, lat, height, sizes,
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            geometry=np.array(self.list_geometry, dtype=np.int64)[kept],
            outer=np.array(self.list_outer, dtype=np.int64)[kept],
            ring=np.array(self.list_ring, dtype=np.int64)[kept],
        )  # fmt: skip

    def _is_readable(self, number: int) -> bool:
        part = self.lists[number]
        if _read_numbers([part]) is not None:
            return True
        geometry = self.list_geometry[number]
        is_point = self.geometry_type[geometry] == "Point"
        value = part[0] if is_point else part
        depth = 0 if is_point else 1
        self.rejected.append(Rejected(geometry, self.list_pointer[number], value, depth))
        return False


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
