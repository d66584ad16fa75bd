"""Rules on polygons: rings by the flat array, validity by GEOS, winding, the antimeridian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo._flat import POLYGONS, Bools, Floats, Ints
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register
from sco_geo.rules._effort import find_intricate
from sco_geo.rules._mendable import polygon_pieces
from sco_geo.rules._rings import check_rings
from sco_geo.rules._validity import (
    SAME_RING,
    Fault,
    find_faults,
    find_sample_fault,
    first_fault,
    unwrap,
)

_SQUARE = "[[60, 40], [70, 40], [70, 45], [60, 45], [60, 40]]"
_HOLE = "[[62, 41], [62, 42], [63, 42], [63, 41], [62, 41]]"
_POLYGON = '{"type": "Polygon", "coordinates": [' + _SQUARE + "]}"
_WITH_HOLE = '{"type": "Polygon", "coordinates": [' + _SQUARE + ", " + _HOLE + "]}"
_PARTS = (
    '{"type": "MultiPolygon", "coordinates": [[' + _SQUARE
    + "], [[[80, 40], [85, 40], [85, 45], [80, 45], [80, 40]]]]}"
)  # fmt: skip

register(
    Rule(
        "GM211", "error", "ring under four positions",
        "A ring has fewer than four positions.",
        "A triangle already needs four, the first repeated at the end.",
        '{"type": "Polygon", "coordinates": [[[60, 40], [70, 40], [60, 40]]]}', _POLYGON,
    ),
    Rule(
        "GM212", "error", "ring not closed",
        "A ring does not end at the position at which it begins.",
        "Readers close it in different ways or refuse it (RFC 7946, section 3.1.6).",
        '{"type": "Polygon", "coordinates": [[[60, 40], [70, 40], [70, 45], [60, 45]]]}',
        _POLYGON,
    ),
    Rule(
        "GM213", "error", "ring closed but for the height",
        "First and last position of a ring differ in height only.",
        "They must be the same position.",
        '{"type": "Polygon", "coordinates": '
        "[[[60, 40, 1], [70, 40, 1], [70, 45, 1], [60, 40, 2]]]}",
        '{"type": "Polygon", "coordinates": '
        "[[[60, 40, 1], [70, 40, 1], [70, 45, 1], [60, 40, 1]]]}",
    ),
    Rule(
        "GM214", "warning", "shell clockwise",
        "The outer ring of a polygon runs clockwise.",
        "RFC 7946 wants it anticlockwise; spherical programs fill the rest of the world.",
        '{"type": "Polygon", "coordinates": '
        "[[[60, 40], [60, 45], [70, 45], [70, 40], [60, 40]]]}",
        _POLYGON,
    ),
    Rule(
        "GM215", "warning", "hole anticlockwise",
        "A hole of a polygon runs anticlockwise.",
        "RFC 7946 wants it clockwise.",
        '{"type": "Polygon", "coordinates": [' + _SQUARE
        + ", [[62, 41], [63, 41], [63, 42], [62, 42], [62, 41]]]}", _WITH_HOLE,
    ),
    Rule(
        "GM221", "error", "boundary crosses itself",
        "Two edges of a polygon cross or overlap.",
        "Inside and outside are undefined, so are area and length per country.",
        '{"type": "Polygon", "coordinates": '
        "[[[60, 40], [70, 45], [70, 40], [60, 45], [60, 40]]]}",
        _POLYGON,
    ),
    Rule(
        "GM222", "error", "ring touches itself",
        "A ring passes through one of its own points a second time.",
        "It must be written as two rings, else programs disagree about the inside.",
        '{"type": "Polygon", "coordinates": '
        "[[[60, 40], [70, 40], [65, 45], [70, 50], [60, 50], [65, 45], [60, 40]]]}",
        '{"type": "MultiPolygon", "coordinates": [[[[60, 40], [70, 40], [65, 45], [60, 40]]], '
        "[[[65, 45], [70, 50], [60, 50], [65, 45]]]]}",
    ),
    Rule(
        "GM223", "error", "hole outside the shell",
        "A hole is not inside the outer ring.",
        "It removes nothing; repair programs turn it into additional territory.",
        '{"type": "Polygon", "coordinates": [' + _SQUARE
        + ", [[80, 41], [80, 42], [81, 42], [81, 41], [80, 41]]]}", _WITH_HOLE,
    ),
    Rule(
        "GM224", "error", "hole inside a hole",
        "A hole lies inside another hole of the same polygon.",
        "What lies in a hole is outside; an island needs its own polygon.",
        '{"type": "Polygon", "coordinates": [' + _SQUARE
        + ", [[61, 41], [61, 44], [64, 44], [64, 41], [61, 41]]"
        + ", [[62, 42], [62, 43], [63, 43], [63, 42], [62, 42]]]}",
        '{"type": "MultiPolygon", "coordinates": [[' + _SQUARE
        + ", [[61, 41], [61, 44], [64, 44], [64, 41], [61, 41]]]"
        + ", [[[62, 42], [63, 42], [63, 43], [62, 43], [62, 42]]]]}",
    ),
    Rule(
        "GM225", "error", "part inside a part",
        "A part of a MultiPolygon lies inside another part.",
        "Its area counts twice.",
        '{"type": "MultiPolygon", "coordinates": [[' + _SQUARE
        + "], [[[62, 42], [63, 42], [63, 43], [62, 43], [62, 42]]]]}", _PARTS,
    ),
    Rule(
        "GM226", "error", "parts overlap or share an edge",
        "Two parts of a MultiPolygon overlap, or share more than single points.",
        "Shared area counts twice; a shared edge should not be there at all.",
        '{"type": "MultiPolygon", "coordinates": [[' + _SQUARE
        + "], [[[65, 42], [75, 42], [75, 47], [65, 47], [65, 42]]]]}", _PARTS,
    ),
    Rule(
        "GM227", "error", "interior in two pieces",
        "Holes touch in such a way that they cut the inside of a polygon in two.",
        "It must be written as two parts.",
        '{"type": "Polygon", "coordinates": [' + _SQUARE
        + ", [[65, 40], [63, 42.5], [65, 45], [67, 42.5], [65, 40]]]}",
        '{"type": "MultiPolygon", "coordinates": ['
        "[[[60, 40], [65, 40], [63, 42.5], [65, 45], [60, 45], [60, 40]]], "
        "[[[65, 40], [70, 40], [70, 45], [65, 45], [67, 42.5], [65, 40]]]]}",
    ),
    Rule(
        "GM228", "error", "ring without area",
        "All positions of a ring lie on one line or in one point.",
        "It encloses nothing.",
        '{"type": "Polygon", "coordinates": [[[60, 40], [65, 40], [70, 40], [60, 40]]]}',
        _POLYGON,
    ),
    Rule(
        "GM229", "error", "ring twice",
        "The same ring stands twice in a polygon.",
        "A hole that is the same as another ring makes the inside undefined.",
        '{"type": "Polygon", "coordinates": [' + _SQUARE + ", " + _SQUARE + "]}", _WITH_HOLE,
    ),
    Rule(
        "GM230", "error", "invalid polygon",
        "GEOS calls the polygon invalid for a reason that has no rule of its own.",
        "Area, overlap and length per country cannot be computed.",
        "a polygon that shapely.is_valid refuses", _POLYGON,
    ),
    Rule(
        "GM231", "note", "polygon too intricate to check",
        "The polygon has so many long edges beside each other that the check for crossings "
        "would take minutes; it was left out.",
        "Nobody knows whether the polygon is valid.",
        "a star with 500,000 long spikes", _POLYGON,
    ),
    Rule(
        "GM241", "warning", "polygon not cut at the antimeridian",
        "An edge of a polygon jumps by more than 180° of longitude.",
        "Readers take it the long way round the world (RFC 7946, section 3.1.9).",
        '{"type": "Polygon", "coordinates": '
        "[[[170, 60], [-170, 60], [-170, 65], [170, 65], [170, 60]]]}",
        '{"type": "MultiPolygon", "coordinates": ['
        "[[[170, 60], [180, 60], [180, 65], [170, 65], [170, 60]]], "
        "[[[-180, 60], [-170, 60], [-170, 65], [-180, 65], [-180, 60]]]]}",
    ),
)  # fmt: skip

#: Invalid geometries that are examined ring by ring, and the places that are shown of each.
_MOST_DETAILED, _MOST_PLACES = 1_000, 10
#: Polygons too intricate for GEOS of which at least some stretches are looked at.
_MOST_SAMPLED = 20
#: Vertices of a document up to which edges of invalid polygons are compared with each other.
_MOST_CROSSED = 20_000

_REASONS = {
    "Self-intersection": ("GM221", "the boundary crosses or overlaps itself"),
    "Ring Self-intersection": ("GM222", "a ring touches itself"),
    "Hole lies outside shell": ("GM223", "a hole is not inside its shell"),
    "Holes are nested": ("GM224", "a hole lies inside another hole"),
    "Nested shells": ("GM225", "a part lies inside another part"),
    "Interior is disconnected": ("GM227", "holes cut the interior in two"),
    "Too few points in geometry component": ("GM228", "a ring has too few different points"),
    SAME_RING: ("GM229", "a hole is the same ring as the shell or another hole"),
}
_HINTS = {
    "GM221": "Move the vertices there so that the boundary does not cross itself.",
    "GM222": "Write two rings that touch in this point.",
    "GM223": "Delete the hole, or make it a part of its own.",
    "GM224": "Write an island in a hole as a part of a MultiPolygon.",
    "GM225": "Delete the inner part, or make it a hole.",
    "GM226": "Merge the parts into one polygon.",
    "GM227": "Write two parts of a MultiPolygon.",
    "GM228": "Delete the ring.",
    "GM229": "Delete the hole.",
}


def check_polygons(view: View) -> Iterator[Finding]:
    """Check rings, then the validity of polygons, then the winding of the good ones."""
    yield from check_rings(view)
    areas = _ring_areas(view)
    flat = view.flat
    degenerate = _degenerate_rings(view, areas)
    flat_places = set()
    for order, part in enumerate(degenerate.tolist()):
        yield (finding := _degenerate_finding(view, part, is_placed=order < _MOST_DETAILED))
        flat_places.add((finding.lon, finding.lat))
    is_bad = flat.is_broken.copy()
    is_unknown = np.zeros(len(is_bad), dtype=bool)
    for finding, geometry in _check_validity(view, is_bad):
        if finding.lon is None or (finding.lon, finding.lat) not in flat_places:
            is_bad[geometry] = is_bad[geometry] or finding.severity == "error"
            is_unknown[geometry] = is_unknown[geometry] or finding.code == "GM231"
            yield finding
    is_bad[flat.part_geometry[degenerate]] = True
    yield from _check_antimeridian(view, is_bad | is_unknown)
    yield from _check_winding(view, areas, is_bad)


def _ring_areas(view: View) -> Floats:
    """Return the signed area of each part in square degrees, positive anticlockwise."""
    flat = view.flat
    areas = np.zeros(len(flat.part_size))
    if not areas.size:
        return areas
    # Relative to the first vertex of the ring, so that small rings keep their digits.
    x = flat.lon - np.repeat(flat.lon[flat.offsets[:-1]], flat.part_size)
    y = flat.lat - np.repeat(flat.lat[flat.offsets[:-1]], flat.part_size)
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[np.diff(flat.vertex_part) != 0] = 0.0
    cross = np.append(cross, 0.0)
    result: Floats = np.add.reduceat(cross, flat.offsets[:-1]) / 2
    return result


def _degenerate_rings(view: View, areas: Floats) -> Ints:
    """Return the closed rings whose positions all lie on one line."""
    flat = view.flat
    is_candidate = flat.is_ring_part & (flat.part_size >= 4) & flat.is_closed_flat
    is_candidate[flat.vertex_part[view.jumps]] = False  # may be a ring around a pole
    candidates = np.flatnonzero(is_candidate & (np.abs(areas) < 1e-12))
    number = np.full(len(flat.part_size), -1)
    number[candidates] = np.arange(len(candidates))
    of_vertex = number[flat.vertex_part]
    chosen = of_vertex >= 0
    points = np.column_stack([flat.lon[chosen], flat.lat[chosen]])
    rings = shapely.linestrings(points, indices=of_vertex[chosen])
    return candidates[shapely.area(shapely.convex_hull(rings)) == 0]


def _degenerate_finding(view: View, part: int, *, is_placed: bool) -> Finding:
    """Make a finding at the place that GEOS names, or at the first vertex."""
    flat = view.flat
    vertex, end = int(flat.offsets[part]), int(flat.offsets[part + 1])
    points = np.column_stack([flat.lon[vertex:end], flat.lat[vertex:end]])
    fault = first_fault(shapely.Polygon(points)) if is_placed else None
    if fault and fault.lon is not None and fault.lat is not None:
        vertex += int(np.argmin(((points - (fault.lon, fault.lat)) ** 2).sum(axis=1)))
    return view.vertex_finding("GM228", vertex, "the ring encloses no area", _HINTS["GM228"])


def _check_validity(view: View, is_bad: Bools) -> Iterator[tuple[Finding, int]]:
    """Yield the faults that GEOS finds, each with the number of its geometry."""
    flat = view.flat
    is_polygon = np.isin(np.array(flat.geometry_type, dtype=object), POLYGONS) & ~is_bad
    chosen = np.flatnonzero(is_polygon)
    if not chosen.size:
        return
    geometries = shapely.force_2d(flat.geometries[chosen])
    jumping = np.unique(flat.part_geometry[flat.vertex_part[view.jumps]])
    is_jumping = np.isin(chosen, jumping)
    is_intricate, is_valid = _ask_geos(geometries)
    # What is invalid in the plane may be good if it is joined over the antimeridian.
    again = np.flatnonzero(is_jumping & ~is_intricate & ~is_valid)
    geometries[again] = [unwrap(geometry) for geometry in geometries[again]]
    is_intricate[again], is_valid[again] = _ask_geos(geometries[again])
    faults = dict(_faults_of(geometries, np.flatnonzero(~is_intricate & ~is_valid)))
    for order, index in enumerate(np.flatnonzero(is_intricate).tolist()):
        is_sampled = order < _MOST_SAMPLED and not is_jumping[index]
        found = find_sample_fault(geometries[index]) if is_sampled else None
        faults[index] = [found] if found else []
        if not found:
            count = shapely.get_num_coordinates(geometries[index])
            yield _unchecked_finding(view, int(chosen[index]), count), int(chosen[index])
    for index, some in faults.items():
        if is_jumping[index]:
            some = [_turned_back(fault) for fault in some if not _is_on_seam(fault)]
        for finding in _invalid_findings(view, int(chosen[index]), some):
            yield finding, int(chosen[index])


def _ask_geos(geometries: NDArray[np.object_]) -> tuple[Bools, Bools]:
    """Tell which polygons are too intricate to check, and which of the others are valid."""
    is_intricate = find_intricate(geometries)
    is_valid = np.zeros(len(geometries), dtype=bool)
    is_valid[~is_intricate] = shapely.is_valid(geometries[~is_intricate])
    return is_intricate, is_valid


def _faults_of(geometries: NDArray[np.object_], invalid: Ints) -> Iterator[tuple[int, list[Fault]]]:
    """Yield the faults of invalid geometries, in detail for those that come first."""
    vertices = np.cumsum(shapely.get_num_coordinates(geometries[invalid]))
    for order, index in enumerate(invalid.tolist()):
        geometry = geometries[index]
        if order >= _MOST_DETAILED:
            yield index, [first_fault(geometry)]
            continue
        with_crossings = bool(vertices[order] <= _MOST_CROSSED)
        yield index, find_faults(geometry, with_crossings=with_crossings, most=_MOST_PLACES + 1)


def _unchecked_finding(view: View, number: int, count: int) -> Finding:
    flat = view.flat
    row = flat.features[flat.geometry_feature[number]]
    message = f"a polygon of {count:,} vertices with many long edges was not checked further"
    hint = "Split or simplify it."
    pointer = flat.geometry_pointer(number)
    return view.feature_finding("GM231", row, message, hint, pointer=pointer)


def _turned_back(fault: Fault) -> Fault:
    """Bring the longitude of a fault in an unwrapped polygon back to ±180."""
    if fault.lon is None or abs(fault.lon) <= 180:
        return fault
    return replace(fault, lon=(fault.lon + 180) % 360 - 180)


def _is_on_seam(fault: Fault) -> bool:
    """Tell whether it is only that parts that were cut at the antimeridian meet there."""
    return fault.is_between_parts and fault.lon is not None and fault.lon % 360 == 180


def _invalid_findings(view: View, number: int, faults: list[Fault]) -> Iterator[Finding]:
    flat = view.flat
    row = flat.features[flat.geometry_feature[number]]
    for order, fault in enumerate(faults[:_MOST_PLACES]):
        code, message = _REASONS.get(
            fault.reason, ("GM230", f"the polygon is invalid: {fault.reason}")
        )
        if code == "GM221" and fault.is_between_parts:
            code, message = "GM226", "parts of the MultiPolygon overlap or share an edge"
        if order == _MOST_PLACES - 1 and len(faults) > _MOST_PLACES:
            message = f"{message} (more places in the geometry are not listed)"
        pointer, lon, lat = flat.geometry_pointer(number), None, None
        if fault.lon is not None and fault.lat is not None:
            pointer = flat.vertex_pointer(_nearest_vertex(view, number, fault.lon, fault.lat))
            lon, lat = fault.lon, fault.lat
        hint = "Delete the spike." if fault.is_spike else _HINTS.get(code)
        yield Finding(
            code, REGISTRY[code].severity, message, hint,
            pointer=pointer, feature_index=row.index, feature_id=row.id, lon=lon, lat=lat,
        )  # fmt: skip


def _nearest_vertex(view: View, geometry: int, lon: float, lat: float) -> int:
    flat = view.flat
    parts = np.searchsorted(flat.part_geometry, [geometry, geometry + 1])
    begin, end = (int(v) for v in flat.offsets[parts])
    # After unwrapping the place may be a turn away from the vertices.
    turn = np.abs((flat.lon[begin:end] - lon + 180) % 360 - 180)
    return begin + int(np.argmin(turn**2 + (flat.lat[begin:end] - lat) ** 2))


def _check_antimeridian(view: View, is_bad: Bools) -> Iterator[Finding]:
    flat = view.flat
    jumps = view.jumps[flat.is_ring_part[flat.vertex_part[view.jumps]]]
    jumping = np.unique(flat.part_geometry[flat.vertex_part[jumps]])
    cuttable = {p for g in jumping[~is_bad[jumping]].tolist() for p in polygon_pieces(view, g)}
    for vertex, _ in view.groups(jumps, flat.vertex_part[jumps]):
        lon, after = float(flat.lon[vertex]), float(flat.lon[vertex + 1])
        message = (
            f"longitude jumps {abs(after - lon):.6g}° between vertices {view.position(vertex)} "
            f"and {view.position(vertex) + 1} of the ring, from {lon:.6g} to {after:.6g}"
        )
        hint = "Cut the polygon at ±180 into a MultiPolygon."
        fixable = int(flat.part_polygon[flat.vertex_part[vertex]]) in cuttable
        yield view.vertex_finding("GM241", vertex + 1, message, hint, fixable=fixable)


def _check_winding(view: View, areas: Floats, is_bad: Bools) -> Iterator[Finding]:
    flat = view.flat
    has_jump = np.zeros(len(flat.part_size), dtype=bool)
    has_jump[flat.vertex_part[view.jumps]] = True
    is_judged = flat.is_ring_part & view.is_part_in_range & ~has_jump & (areas != 0)
    is_judged &= ~is_bad[flat.part_geometry]
    is_shell = flat.part_ring == 0
    for wrong, code, message in (
        (is_judged & is_shell & (areas < 0), "GM214", "the shell runs clockwise"),
        (is_judged & ~is_shell & (areas > 0), "GM215", "the hole runs anticlockwise"),
    ):
        for part in np.flatnonzero(wrong).tolist():
            vertex = int(flat.offsets[part])
            hint = "Reverse the order of its positions."
            yield view.vertex_finding(code, vertex, message, hint, fixable=True)
