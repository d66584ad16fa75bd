"""Checks of the rings of polygons that need no geometry: their sizes and ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo._flat import POLYGONS, EmptyPart
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
    for empty in flat.empty_parts:
        if flat.geometry_type[empty.geometry] not in POLYGONS:
            continue
        row = flat.features[flat.geometry_feature[empty.geometry]]
        code, message = "GM211", "a ring of the polygon is empty"
        if _is_empty_polygon(view, empty):
            code, message = "GJ119", "the polygon has no positions at all"
        yield view.feature_finding(code, row, message, "Delete it.", pointer=empty.pointer)


def _is_empty_polygon(view: View, empty: EmptyPart) -> bool:
    """Tell whether the polygon that an empty part belongs to has no positions at all."""
    value: object = view.document.tree
    tokens = empty.pointer.split("/")[1:]
    is_ring = len(tokens) - tokens.index("coordinates") > (
        1 if view.flat.geometry_type[empty.geometry] == "Polygon" else 2
    )
    for token in tokens[:-1] if is_ring else tokens:
        value = value[int(token)] if isinstance(value, list) else value[token]  # type: ignore[index]
    return isinstance(value, list) and not any(value)


def build_rest(view: View) -> dict[int, BaseGeometry]:
    """Build the MultiPolygons of which some, but not all, polygons are empty."""
    flat = view.flat
    is_short = flat.is_ring_part & ((flat.part_size < 4) | ~flat.is_closed_flat)
    unusable = {fault.geometry for fault in flat.rejected}
    unusable |= set(flat.part_geometry[is_short].tolist())
    empties = [e for e in flat.empty_parts if flat.geometry_type[e.geometry] in POLYGONS]
    unusable |= {empty.geometry for empty in empties if not _is_empty_polygon(view, empty)}
    built = {}
    for number in {empty.geometry for empty in empties} - unusable:
        parts = np.flatnonzero((flat.part_geometry == number) & flat.is_ring_part)
        if parts.size:
            begin, end = flat.offsets[parts[0]], flat.offsets[parts[-1] + 1]
            points = np.column_stack([flat.lon[begin:end], flat.lat[begin:end]])
            rings = shapely.linearrings(points, indices=flat.vertex_part[begin:end] - parts[0])
            polygons = flat.part_polygon[parts]
            _, dense = np.unique(polygons, return_inverse=True)
            built[number] = shapely.multipolygons(shapely.polygons(rings, indices=dense))
    return built
