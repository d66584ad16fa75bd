"""Where a polygon is invalid, and why: by GEOS, ring by ring and part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sco_geo._flat import Floats
from sco_geo.rules._effort import MAX_PAIRS, estimate_pairs

#: The word of GEOS for a hole that is the same ring as another, though it never says so.
SAME_RING = "Duplicate Rings"
#: Vertices of a shell, times its holes, up to which each hole is compared with it alone.
_MOST_HOLE_WORK = 1_000_000
#: Vertices of a geometry up to which every crossing of two edges is looked for.
MOST_CROSSED = 1_000
#: Of a polygon that is too intricate: vertices in a stretch, stretches and rings looked at.
_STRETCH, _MOST_STRETCHES, _MOST_RINGS = 500, 100, 500
#: A latitude beyond the poles, where an unwrapped ring around a pole is closed.
_BEYOND = 100.0
#: Edges through one place that are looked at.
_MOST_EDGES = 100
_SELF_INTERSECTIONS = ("Self-intersection", "Ring Self-intersection")
#: Places nearer to each other than this are one, in degrees.
_SAME_PLACE = 1e-9


@dataclass(frozen=True, slots=True)
class Fault:
    """One place at which a polygon is invalid.

    Parameters
    ----------
    reason : str
        In the words of GEOS.
    lon, lat : float or None
        Degrees.
    is_between_parts : bool
        Whether the parts of a MultiPolygon are good, each taken alone.
    is_spike : bool
        Whether the ring only goes out and back there, by the same way.
    """

    reason: str
    lon: float | None = None
    lat: float | None = None
    is_between_parts: bool = False
    is_spike: bool = False

    def is_near(self, other: Fault) -> bool:
        """Tell whether both are at one place."""
        if self.lon is None or self.lat is None or other.lon is None or other.lat is None:
            return self == other
        turn = abs((self.lon - other.lon + 180) % 360 - 180)
        return max(turn, abs(self.lat - other.lat)) <= _SAME_PLACE


def first_fault(geometry: BaseGeometry) -> Fault:
    """Return the fault that GEOS meets first in an invalid geometry."""
    text = str(shapely.is_valid_reason(geometry))
    match = re.fullmatch(r"(.*?)\[(\S+) (\S+?)(?: \S+)?\]", text)
    if not match:
        return Fault(text)
    return Fault(match.group(1), float(match.group(2)), float(match.group(3)))


def find_faults(geometry: BaseGeometry, *, with_crossings: bool, most: int) -> list[Fault]:
    """Return up to `most` faults of an invalid (Multi)Polygon, one for each place.

    GEOS names the first fault only, so parts, rings and holes are also checked alone.
    """
    parts = shapely.get_parts(geometry)
    found = _places(geometry, parts, with_crossings=with_crossings, most=most)
    same = list(_same_rings(parts))
    return [_specified(fault, parts, same) for fault in found]


def _specified(fault: Fault, parts: NDArray[np.object_], same: list[BaseGeometry]) -> Fault:
    """Tell a ring that stands twice, and a spike, from other rings that meet themselves."""
    if fault.is_between_parts or fault.reason not in _SELF_INTERSECTIONS:
        return fault
    if fault.lon is None or fault.lat is None:
        return fault
    if any(_is_on(ring, fault) for ring in same):
        return replace(fault, reason=SAME_RING)
    rings = shapely.get_rings(parts)
    lon, lat = fault.lon, fault.lat
    rings = rings[shapely.dwithin(rings, shapely.Point(lon, lat), _SAME_PLACE)]
    is_spike = any(_is_on_spike(shapely.get_coordinates(ring), lon, lat) for ring in rings)
    return replace(fault, is_spike=is_spike)


def _same_rings(parts: NDArray[np.object_]) -> Iterator[BaseGeometry]:
    """Yield the good holes of polygons that have the vertices of another ring, in any order."""
    rings, part = shapely.get_rings(parts, return_index=True)
    if len(rings) == len(parts):
        return
    box = np.column_stack([part, shapely.get_num_coordinates(rings), shapely.bounds(rings)])
    _, label, count = np.unique(box, axis=0, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(count[label.ravel()] > 1)
    polygons = shapely.polygons(rings[alike])
    alike = alike[shapely.is_valid(polygons)]
    seen: set[tuple[int, bytes]] = set()
    for number, polygon in zip(
        alike.tolist(), shapely.normalize(shapely.polygons(rings[alike])), strict=True
    ):
        key = int(part[number]), shapely.to_wkb(polygon)
        if key in seen:
            yield rings[number]
        seen.add(key)


def _is_on_spike(points: Floats, lon: float, lat: float) -> bool:
    """Tell whether a place is on a stretch of a ring that turns round and runs back on itself."""
    points = points[:-1]
    count = len(points)
    along = np.roll(points, -1, axis=0) - points
    away = np.array([lon, lat]) - points
    share = (away * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-300)
    away -= along * np.clip(share, 0, 1)[:, np.newaxis]
    edges = np.flatnonzero(np.hypot(*away.T) <= _SAME_PLACE)
    for one, other in zip(edges[:_MOST_EDGES], np.roll(edges, -1)[:_MOST_EDGES], strict=True):
        size = int(other - one) % count
        way = points[(one + 1 + np.arange(size)) % count]
        if not size or not (way == way[::-1]).all():
            continue
        middle = (one + (size + 1) // 2) % count
        there, back = along[middle - 1], along[middle]
        if there[0] * back[1] == there[1] * back[0] and there @ back < 0:
            return True
    return False


def _places(
    geometry: BaseGeometry, parts: NDArray[np.object_], *, with_crossings: bool, most: int
) -> list[Fault]:
    is_good = shapely.is_valid(parts) if len(parts) > 1 else np.zeros(1, dtype=bool)
    first = first_fault(geometry)
    is_inside = any(_is_on(part.boundary, first) for part in parts[~is_good])
    found = [replace(first, is_between_parts=not is_inside)]
    for ring, fault in _all_faults(parts, is_good):
        if len(found) == most:
            return found
        if not any(_is_on(ring, other) for other in found):
            found.append(fault)
    if with_crossings and shapely.get_num_coordinates(geometry) <= MOST_CROSSED:
        for fault in _crossings(parts):
            if len(found) < most and not any(fault.is_near(other) for other in found):
                found.append(fault)
    return found


def _is_on(ring: BaseGeometry, fault: Fault) -> bool:
    """Tell whether a fault that is known lies on a ring."""
    if fault.lon is None:
        return False
    return bool(shapely.dwithin(ring, shapely.Point(fault.lon, fault.lat), _SAME_PLACE))


def _all_faults(
    parts: NDArray[np.object_], is_good: NDArray[np.bool_]
) -> Iterator[tuple[BaseGeometry, Fault]]:
    """Yield a ring, or several, with the fault of it that GEOS meets first."""
    if is_good.all():
        return  # the first fault is the only one
    for part in parts[~is_good]:
        yield from _polygon_faults(part)
    together = shapely.MultiPolygon(list(parts[is_good]))
    if not shapely.is_valid(together):
        fault = replace(first_fault(together), is_between_parts=True)
        yield together.boundary, fault


def _polygon_faults(polygon: BaseGeometry) -> Iterator[tuple[BaseGeometry, Fault]]:
    rings = shapely.get_rings(polygon)
    alone = shapely.polygons(rings)
    is_good = shapely.is_valid(alone)
    for number in np.flatnonzero(~is_good).tolist():
        yield rings[number], first_fault(alone[number])
    if is_good[0]:
        yield from _hole_faults(rings[0], rings[1:][is_good[1:]])


def _hole_faults(
    shell: BaseGeometry, holes: NDArray[np.object_]
) -> Iterator[tuple[BaseGeometry, Fault]]:
    if not holes.size:
        return
    if shapely.get_num_coordinates(shell) * len(holes) <= _MOST_HOLE_WORK:
        with_one = shapely.polygons(shell, holes[:, np.newaxis])
        is_good = shapely.is_valid(with_one)
        for number in np.flatnonzero(~is_good).tolist():
            yield holes[number], first_fault(with_one[number])
        holes = holes[is_good]
    whole = shapely.polygons(shell, holes)
    if not shapely.is_valid(whole):
        yield whole.boundary, first_fault(whole)


def find_sample_fault(geometry: BaseGeometry) -> Fault | None:
    """Look for a fault in some rings and stretches of a polygon that GEOS cannot check whole."""
    parts = shapely.get_parts(geometry)
    rings = shapely.get_rings(parts[0])
    if len(rings) > 1 or len(parts) > 1:
        some = (
            shapely.MultiPolygon(list(parts[:_MOST_RINGS]))
            if len(parts) > 1
            else shapely.polygons(rings[0], rings[1:_MOST_RINGS])
        )
        if estimate_pairs(some) < MAX_PAIRS / 10 and not shapely.is_valid(some):
            return find_faults(some, with_crossings=False, most=1)[0]
    points, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    count = len(points) // _STRETCH
    for number in range(0, count, max(count // _MOST_STRETCHES, 1)):
        stretch = slice(number * _STRETCH, (number + 1) * _STRETCH)
        line = shapely.linestrings(points[stretch])
        if ring[stretch][0] == ring[stretch][-1] and not shapely.is_simple(line):
            return Fault("Self-intersection", *_first_crossing(points[stretch]))
    return None


def _first_crossing(points: Floats) -> tuple[float, float]:
    """Return a place where a line crosses itself; its first vertex if it only touches itself."""
    edges = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    one, other = shapely.STRtree(edges).query(edges, predicate="crosses")
    crossings = shapely.get_coordinates(shapely.intersection(edges[one[:1]], edges[other[:1]]))
    place = crossings[0] if len(crossings) else points[0]
    return float(place[0]), float(place[1])


def _crossings(parts: NDArray[np.object_]) -> Iterator[Fault]:
    """Yield every point in which two edges cross between their ends."""
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    begin = np.flatnonzero(np.diff(ring) == 0)
    edges = shapely.linestrings(np.stack([points[begin], points[begin + 1]], axis=1))
    part = part_of_ring[ring[begin]]
    one, other = shapely.STRtree(edges).query(edges, predicate="crosses")
    one, other = one[one < other], other[one < other]
    places = shapely.get_coordinates(shapely.intersection(edges[one], edges[other]))
    for place, is_between in zip(places.tolist(), part[one] != part[other], strict=True):
        yield Fault("Self-intersection", place[0], place[1], bool(is_between))


def unwrap(geometry: BaseGeometry) -> BaseGeometry:
    """Join rings over the antimeridian: longitudes may pass ±180 instead of jumping."""
    parts = shapely.get_parts(geometry)
    anchor = float(shapely.get_coordinates(parts[0])[0, 0])
    moved = [_unwrap_polygon(part, anchor) for part in parts]
    return moved[0] if geometry.geom_type == "Polygon" else shapely.MultiPolygon(moved)


def _unwrap_polygon(polygon: BaseGeometry, anchor: float) -> BaseGeometry:
    rings = shapely.get_rings(polygon)
    shell, *holes = (_unwrap_ring(shapely.get_coordinates(ring)) for ring in rings)
    if not _is_closed(shell):
        shell = _close_at_pole(shell)
    shell = _beside(shell, anchor)
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    # A hole around a pole is no ring on a map of degrees; its shell is still checked.
    return shapely.Polygon(shell, [_beside(hole, middle) for hole in holes if _is_closed(hole)])


def _unwrap_ring(points: Floats) -> Floats:
    steps = np.diff(points[:, 0], prepend=points[0, 0])
    turns = np.where(np.abs(steps) > 180, np.round(steps / 360), 0.0)
    return np.column_stack([points[:, 0] - 360 * np.cumsum(turns), points[:, 1]])


def _is_closed(ring: Floats) -> bool:
    return bool((ring[0] == ring[-1]).all())


def _beside(ring: Floats, lon: float) -> Floats:
    """Move a ring by whole turns to where its middle is nearest to a longitude."""
    middle = (ring[:, 0].min() + ring[:, 0].max()) / 2
    result: Floats = ring - (360 * np.round((middle - lon) / 360), 0.0)
    return result


def _close_at_pole(path: Floats) -> Floats:
    """Make a ring of a path around a pole: two rounds, and back beyond the pole.

    Two rounds, so that a path that crosses itself after more than a turn does so here too. The
    path begins at its vertex nearest to the pole, so that the way back crosses nothing.
    """
    sign = -1.0 if path[:, 1].mean() < 0 else 1.0
    turn = np.array([path[-1, 0] - path[0, 0], 0.0])
    top = int(np.argmax(sign * path[:-1, 1]))
    once = np.concatenate([path[top:-1], path[:top] + turn])
    way = np.concatenate([once, once + turn, once[:1] + 2 * turn])
    back = np.array([[way[-1, 0], sign * _BEYOND], [way[0, 0], sign * _BEYOND], way[0]])
    return np.concatenate([way, back])
