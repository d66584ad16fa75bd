"""Checks of the rings of polygons that need no geometry: their sizes and ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sco_geo._flat import POLYGONS
from sco_geo.model import Finding
from sco_geo.rules._base import View
from sco_geo.rules._mendable import is_closable


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
        fixable = is_closable(view, part)
        hint = (
            "Make the last position equal to the first."
            if fixable
            else "Repeat the first position at the end."
        )
        yield view.vertex_finding("GM212", last, message, hint, fixable=fixable)


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
        if empty.rings == 0 or flat.is_needless(empty):
            code, message = "GJ119", "the polygon has no positions at all"
        yield view.feature_finding(code, row, message, "Delete it.", pointer=empty.pointer)
