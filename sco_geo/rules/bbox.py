"""Rules on the member bbox: four or six numbers, around the coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sco_geo._flat import FeatureRow
from sco_geo._flatten import MAX_COLLECTIONS
from sco_geo._json_text import type_name
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register

register(
    Rule(
        "GJ111", "error", "malformed bounding box",
        "A bbox is not four or six numbers: west, south, east, north.",
        "Programs that trust the box would draw or search in the wrong place.",
        '{"type": "Point", "bbox": [60, 50, 70], "coordinates": [69.2, 41.3]}',
        '{"type": "Point", "bbox": [60, 35, 70, 50], "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ122", "note", "bounding box beside the coordinates",
        "A vertex lies outside the bbox of its collection, feature or geometry.",
        "Programs that search by the box would not find it; usually the box is out of date.",
        '{"type": "Point", "bbox": [60, 35, 70, 50], "coordinates": [82.6, 41.3]}',
        '{"type": "Point", "bbox": [60, 35, 90, 50], "coordinates": [82.6, 41.3]}',
    ),
)  # fmt: skip

#: How far a vertex may lie outside a box whose numbers are rounded, in degrees (about 100 m).
_ROUNDING = 1e-3


def check_boxes(view: View) -> Iterator[Finding]:
    """Check the boxes of the collection, its features and their geometries."""
    tree = view.document.tree
    if tree is None or not view.document.may_have("bbox"):
        return
    kind = tree.get("type")
    if kind == "FeatureCollection" and "bbox" in tree:
        yield from _check(view, tree["bbox"], "", None, 0, len(view.flat.lon))
    for row, feature in enumerate(view.flat.features):
        for pointer, holder, is_whole in _holders(tree, feature):
            if "bbox" in holder:
                begin, end = view.flat.feature_vertices(row) if is_whole else (0, 0)
                yield from _check(view, holder["bbox"], pointer, feature, begin, end)


def _holders(
    tree: dict[str, object], feature: FeatureRow
) -> Iterator[tuple[str, dict[str, object], bool]]:
    """Yield the objects of a feature that may have a box, and whether they hold all of it."""
    if feature.is_feature:
        members = tree.get("features")
        holder = tree if feature.is_root else members[feature.index]  # type: ignore[index]
        yield feature.pointer, holder, True
    stack = [(feature.geometry_pointer, feature.geometry, 0)]
    while stack:
        pointer, geometry, level = stack.pop()
        if not isinstance(geometry, dict):
            continue
        yield pointer, geometry, level == 0
        members = geometry.get("geometries")
        if isinstance(members, list) and level < MAX_COLLECTIONS:
            stack += [(f"{pointer}/geometries/{i}", m, level + 1) for i, m in enumerate(members)]


def _check(
    view: View, box: object, pointer: str, feature: FeatureRow | None, begin: int, end: int
) -> Iterator[Finding]:
    pointer = f"{pointer}/bbox"
    index, name = (None, None) if feature is None else (feature.index, feature.id)
    fault = _fault(box)
    if fault:
        yield Finding(
            "GJ111", REGISTRY["GJ111"].severity, f"the bbox {fault}",
            "Write [west, south, east, north] in degrees, or leave the box out.",
            pointer=pointer, feature_index=index, feature_id=name,
        )  # fmt: skip
        return
    vertex = _first_outside(view, box, begin, end)  # type: ignore[arg-type]
    if vertex is not None:
        number = view.flat.part_feature[view.flat.vertex_part[vertex]]
        of = "" if feature is not None else f" of feature {view.flat.features[number].index}"
        finding = view.vertex_finding(
            "GJ122", vertex, f"a vertex{of} lies outside the bbox",
            "Reckon the box anew, or leave it out.",
        )  # fmt: skip
        yield replace(finding, pointer=pointer, feature_index=index, feature_id=name)


def _fault(box: object) -> str | None:
    if not isinstance(box, list):
        return f"is {type_name(box)}, not an array"
    if len(box) not in (4, 6):
        return f"has {len(box)} numbers, not 4 or 6"
    numbers: list[float] = []
    for value in box:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"holds {type_name(value)}"
        numbers.append(float(value) if abs(value) < 1e300 else math.inf)
    half = len(numbers) // 2
    if not all(map(math.isfinite, numbers)):
        return "holds a number that is not finite"
    south, north = numbers[1], numbers[half + 1]
    if south > north:
        return f"has its south ({south:g}) above its north ({north:g})"
    if half == 3 and numbers[2] > numbers[5]:
        return "has its lowest height above its highest"
    if abs(south) > 90 or abs(north) > 90 or max(abs(numbers[0]), abs(numbers[half])) > 180:
        return "is beyond ±180 or ±90 degrees"
    return None


def _first_outside(view: View, box: list[float], begin: int, end: int) -> int | None:
    """Return the first vertex outside a box; west of its west means over the antimeridian."""
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    lon, lat = view.flat.lon[begin:end], view.flat.lat[begin:end]
    is_east, is_west = lon >= west - _ROUNDING, lon <= east + _ROUNDING
    is_inside = is_east & is_west if west <= east else is_east | is_west
    is_inside &= (lat >= south - _ROUNDING) & (lat <= north + _ROUNDING)
    outside = np.flatnonzero(~is_inside)
    return begin + int(outside[0]) if outside.size else None
