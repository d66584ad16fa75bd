"""Rules on lines: points, repeats and the antimeridian."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sco_geo._flat import LINES
from sco_geo.model import Finding
from sco_geo.rules._base import Rule, View, plural, register
from sco_geo.rules._mendable import are_repeats_plain, is_line_cuttable

_LINE = '{"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}'

register(
    Rule(
        "GM201", "error", "line of one point",
        "A line has no or one position.",
        "A line needs two (RFC 7946, section 3.1.4).",
        '{"type": "LineString", "coordinates": [[69.2, 41.3]]}',
        _LINE,
    ),
    Rule(
        "GM202", "error", "line without length",
        "All positions of a line are the same place.",
        "It has no length and no direction.",
        '{"type": "LineString", "coordinates": [[69.2, 41.3], [69.2, 41.3]]}', _LINE,
    ),
    Rule(
        "GM203", "warning", "repeated point",
        "A position is repeated right after itself.",
        "Directions and angles are undefined there.",
        '{"type": "LineString", "coordinates": [[69.2, 41.3], [69.2, 41.3], [76.1, 43.4]]}',
        _LINE,
    ),
)  # fmt: skip


def check_lines(view: View) -> Iterator[Finding]:
    """Check for lines of one point or without length, and for repeated points."""
    flat = view.flat
    for part in np.flatnonzero(flat.is_line_part & (flat.part_size < 2)).tolist():
        message = "the line has one position"
        yield view.vertex_finding("GM201", int(flat.offsets[part]), message, "Give it two or more.")
    for empty in flat.empty_parts:
        if flat.geometry_type[empty.geometry] in LINES:
            row = flat.features[flat.geometry_feature[empty.geometry]]
            message = "the line has no positions"
            yield view.feature_finding(
                "GM201", row, message, "Give it two or more.", pointer=empty.pointer
            )
    steps = view.steps[flat.is_line_part[flat.vertex_part[view.steps]]]
    after = steps + 1
    is_same = (flat.lon[steps] == flat.lon[after]) & (flat.lat[steps] == flat.lat[after])
    moves = np.zeros(len(flat.part_size), dtype=np.int64)
    np.add.at(moves, flat.vertex_part[steps[~is_same]], 1)
    is_still = flat.is_line_part & (flat.part_size > 1) & (moves == 0)
    for part in np.flatnonzero(is_still).tolist():
        message = f"all {flat.part_size[part]} positions of the line are the same"
        hint = "Delete the line, or write a Point."
        yield view.vertex_finding("GM202", int(flat.offsets[part]), message, hint)
    low, high = flat.height[steps], flat.height[after]
    is_same &= (low == high) | np.isnan(low) | np.isnan(high)
    repeats = after[is_same & ~is_still[flat.vertex_part[steps]]]
    for vertex, count in view.groups(repeats, flat.vertex_part[repeats]):
        number = view.position(vertex)
        more = f" ({plural(count, 'repeat')} in the line)" if count > 1 else ""
        message = f"vertex {number} repeats vertex {number - 1}{more}"
        fixable = are_repeats_plain(view, int(flat.vertex_part[vertex]))
        yield view.vertex_finding("GM203", vertex, message, "Delete the repeat.", fixable=fixable)


def check_antimeridian(view: View) -> Iterator[Finding]:
    """Check for lines that run over ±180 without being cut there."""
    flat = view.flat
    jumps = view.jumps[flat.is_line_part[flat.vertex_part[view.jumps]]]
    for vertex, count in view.groups(jumps, flat.vertex_part[jumps]):
        lon, after = float(flat.lon[vertex]), float(flat.lon[vertex + 1])
        number = view.position(vertex)
        more = f" ({count} times in the line)" if count > 1 else ""
        message = (
            f"longitude jumps {abs(after - lon):.6g}° between vertices {number} and "
            f"{number + 1}, from {lon:.6g} to {after:.6g}{more}"
        )
        hint = "Cut the line at ±180 into a MultiLineString."
        fixable = is_line_cuttable(view, int(flat.vertex_part[vertex]))
        yield view.vertex_finding("CO103", vertex + 1, message, hint, fixable=fixable)
