"""Rules on lines: points, repeats, jumps and gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sco_geo._flat import LINES, Floats, Ints
from sco_geo.model import Finding
from sco_geo.rules._base import Rule, View, plural, register

_LINE = '{"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}'

register(
    Rule(
        "CO116", "warning", "vertex far from the rest of the line",
        "The line leaps to a far vertex and back, or begins or ends with such a leap.",
        "Usually a lost sign or exchanged numbers; the length is wrong by thousands of km.",
        '{"type": "LineString", "coordinates": '
        "[[69.2, 41.3], [70.1, 41.0], [-71.0, 40.8], [72.3, 40.8]]}",
        '{"type": "LineString", "coordinates": '
        "[[69.2, 41.3], [70.1, 41.0], [71.0, 40.8], [72.3, 40.8]]}",
    ),
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

#: A leap must be this long, in degrees, before it is looked at.
_LEAP, _FAR_LEAP = 5.0, 30.0
#: Leaps in one line beyond which they are no slips.
_MOST_LEAPS = 50


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
        yield view.vertex_finding("GM203", vertex, message, "Delete the repeat.", fixable=True)


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
        yield view.vertex_finding("CO103", vertex + 1, message, hint, fixable=True)


def check_leaps(view: View) -> Iterator[Finding]:
    """Check for single vertices far away from the rest of their line."""
    flat = view.flat
    is_step = flat.is_line_part & view.is_part_in_range
    steps = view.steps[is_step[flat.vertex_part[view.steps]]]
    if not steps.size:
        return
    size = _distance(view, steps, steps + 1)
    far = np.unique(flat.vertex_part[steps[size >= _LEAP]])
    for part in far.tolist():
        begin, end = int(flat.offsets[part]), int(flat.offsets[part + 1])
        if end - begin < 3:
            continue
        for vertex, leap, hint in _leaps_of(flat.lon[begin:end], flat.lat[begin:end]):
            message = f"vertex {vertex} is about {leap:.0f}° away from its neighbours in the line"
            yield view.vertex_finding("CO116", begin + vertex, message, hint)


def _distance(view: View, first: Ints, second: Ints) -> Floats:
    flat = view.flat
    return _degrees(flat.lon[first], flat.lat[first], flat.lon[second], flat.lat[second])


def _degrees(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Return rough distances, in degrees of a great circle; enough to tell near from far."""
    phi0, phi1 = np.radians(lat0), np.radians(lat1)
    half = np.sin((phi1 - phi0) / 2) ** 2
    half = half + np.cos(phi0) * np.cos(phi1) * np.sin(np.radians(lon1 - lon0) / 2) ** 2
    result: Floats = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
    return result


_CAUSES = {
    "exchanged": "The numbers of this vertex seem to be exchanged: longitude comes first.",
    "lon": "The longitude seems to have lost or got a minus sign.",
    "lat": "The latitude seems to have lost or got a minus sign.",
}


def _leaps_of(lon: Floats, lat: Floats) -> Iterator[tuple[int, float, str]]:
    """Yield number, length in degrees and hint for each vertex far off its line."""
    size = _degrees(lon[:-1], lat[:-1], lon[1:], lat[1:])
    there, back = size[:-1], size[1:]
    across = _degrees(lon[:-2], lat[:-2], lon[2:], lat[2:])
    detour, least = there + back, np.minimum(there, back)
    # Out and back by one vertex, while its neighbours are close to each other.
    is_spike = (least >= _LEAP) & (least >= 10 * across)
    # Less sharp, but perhaps a slip explains it: corrected, the vertex lies between its neighbours.
    is_detour = (detour >= 2 * _LEAP) & (detour >= 3 * across)
    spikes = np.flatnonzero(is_spike | is_detour) + 1
    if len(spikes) > _MOST_LEAPS:
        return  # a line that goes to and fro on purpose
    others = np.delete(size, np.concatenate([spikes - 1, spikes]))
    usual = float(np.median(others)) if others.size else 0.0
    limit = max(10 * usual, _LEAP) if others.size else _FAR_LEAP
    for vertex in spikes.tolist():
        nearby = 1.2 * float(across[vertex - 1]) + usual
        cause = _cause(lon, lat, vertex, (vertex - 1, vertex + 1), nearby)
        leap = float(least[vertex - 1])
        if cause or (is_spike[vertex - 1] and leap >= limit):
            yield vertex, leap, _CAUSES.get(cause, "Check this vertex, or delete it.")
    yield from _end_leaps(lon, lat, size, spikes)


def _end_leaps(
    lon: Floats, lat: Floats, size: Floats, spikes: Ints
) -> Iterator[tuple[int, float, str]]:
    """Yield the first and the last vertex if they are far off."""
    for vertex, near in ((0, 1), (len(lon) - 1, len(lon) - 2)):
        if len(lon) < 3 or near in spikes:
            continue
        leap = float(size[0] if vertex == 0 else size[-1])
        others = size[1:] if vertex == 0 else size[:-1]
        cause = _cause(lon, lat, vertex, (near,), 3 * float(others.max()))
        is_far = leap >= _FAR_LEAP and len(others) >= 3 and leap >= 50 * others.max()
        if is_far or (cause and leap >= 2 * _LEAP and leap >= 10 * others.max()):
            yield vertex, leap, _CAUSES.get(cause, "Check this vertex, or delete it.")


def _cause(lon: Floats, lat: Floats, vertex: int, near: tuple[int, ...], limit: float) -> str:
    """Name the slip that would explain a far vertex, or return an empty text."""
    x, y = float(lon[vertex]), float(lat[vertex])
    best, name = limit, ""
    for slip, (a, b) in {"exchanged": (y, x), "lon": (-x, y), "lat": (x, -y)}.items():
        if abs(b) > 90 or (a, b) == (x, y):
            continue
        others = np.array(near)
        corner = np.full(len(others), a), np.full(len(others), b)
        detour = float(_degrees(lon[others], lat[others], *corner).sum())
        if detour <= best:
            best, name = detour, slip
    return name
