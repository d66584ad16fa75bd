"""Checks of the rings of polygons that need no geometry: their sizes and ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo._flat import EmptyPart
from sco_geo.model import Finding
from sco_geo.rules._base import View


def check_rings(view: View) -> Iterator[Finding]:
    """Check that rings have four positions or more and are closed."""
    flat = view.flat
    yield from _check_empty(view)
    is_short = flat.is_ring_part & (flat.part_size < 4)
    for part in np.flatnonzero(is_short).tolist():
        count = int(flat.part_size[part])
        noun = "position" if count == 1 else "positions"
        message = f"the ring has {count} {noun}, not four or more"
        hint = "Repeat the first position at the end." if count == 3 else "Delete the ring."
        yield view.vertex_finding("GM211", int(flat.offsets[part]), message, hint)
    is_open = flat.is_ring_part & ~is_short & ~flat.is_closed
    for part in np.flatnonzero(is_open).tolist():
        first, last = int(flat.offsets[part]), int(flat.offsets[part + 1]) - 1
        if flat.is_closed_flat[part]:
            low, high = (_height(float(flat.height[vertex])) for vertex in (first, last))
            message = f"the ring begins {low} and ends {high}"
            hint = "Give the last position the height of the first."
            yield view.vertex_finding("GM213", last, message, hint, fixable=True)
            continue
        start, end = (_position(view, vertex) for vertex in (first, last))
        message = f"the ring begins at {start} and ends at {end}"
        hint = "Repeat the first position at the end."
        yield view.vertex_finding("GM212", last, message, hint, fixable=True)


def _height(height: float) -> str:
    return "without a height" if np.isnan(height) else f"at height {height:.15g}"


def _position(view: View, vertex: int) -> str:
    return f"[{view.flat.lon[vertex]:.15g}, {view.flat.lat[vertex]:.15g}]"


def _check_empty(view: View) -> Iterator[Finding]:
    """Check rings without positions and polygons without rings."""
    flat = view.flat
    for empty, is_needless in _empty_parts(view):
        row = flat.features[flat.geometry_feature[empty.geometry]]
        code, message = "GM211", "a ring of the polygon is empty"
        if is_needless:
            code, message = "GJ119", "the polygon has no positions at all"
        yield view.feature_finding(code, row, message, "Delete it.", pointer=empty.pointer)


def _empty_parts(view: View) -> Iterator[tuple[EmptyPart, bool]]:
    """Yield the empty parts of polygons.

    With each comes whether it is a polygon of a MultiPolygon that loses nothing without it.
    """
    flat = view.flat
    is_empty: dict[str, bool] = {}
    for empty in flat.empty_parts:
        kind = flat.geometry_type[empty.geometry]
        if kind == "Polygon":
            yield empty, False
        elif kind == "MultiPolygon":
            place, _, tail = empty.pointer.rpartition("/coordinates/")
            number, _, ring = tail.partition("/")
            polygon = f"{place}/coordinates/{number}"
            if polygon not in is_empty:
                is_empty[polygon] = not any(_value(view, polygon))
            begin, end = np.searchsorted(flat.part_geometry, [empty.geometry, empty.geometry + 1])
            yield empty, is_empty[polygon] and (not ring or begin < end)


def _value(view: View, pointer: str) -> list[object]:
    value: object = view.document.tree
    for token in pointer.split("/")[1:]:
        value = value[int(token)] if isinstance(value, list) else value[token]  # type: ignore[index]
    return value if isinstance(value, list) else []


def build_rest(view: View) -> dict[int, BaseGeometry]:
    """Build the MultiPolygons of which some, but not all, polygons are empty."""
    flat = view.flat
    empties = list(_empty_parts(view))
    wanted = {empty.geometry for empty, _ in empties}
    wanted -= {empty.geometry for empty, is_needless in empties if not is_needless}
    if not wanted:
        return {}
    wanted -= {fault.geometry for fault in flat.rejected}
    is_short = flat.is_ring_part & ((flat.part_size < 4) | ~flat.is_closed_flat)
    wanted -= set(flat.part_geometry[is_short].tolist())
    built = {}
    for number in wanted:
        first, last = np.searchsorted(flat.part_geometry, [number, number + 1]).tolist()
        if first < last:
            vertices = slice(flat.offsets[first], flat.offsets[last])
            points = np.column_stack([flat.lon[vertices], flat.lat[vertices]])
            rings = shapely.linearrings(points, indices=flat.vertex_part[vertices] - first)
            _, polygon = np.unique(flat.part_polygon[first:last], return_inverse=True)
            built[number] = shapely.multipolygons(shapely.polygons(rings, indices=polygon))
    return built
