"""Rules between the features of a layer, and between layers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sco_geo import geodesy
from sco_geo._flat import POLYGONS, Ints
from sco_geo._flatten import is_id
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, is_usable, register
from sco_geo.rules._territory import is_territory, level_of


def _collection(*features: str) -> str:
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}"


def _points(*ids: str) -> str:
    """Write an example: two points with these ids."""
    return _collection(
        *(
            f'{{"type": "Feature", "id": "{name}", "properties": {{}}, '
            f'"geometry": {{"type": "Point", "coordinates": [{80.3 + 0.1 * number:g}, 44.2]}}}}'
            for number, name in enumerate(ids)
        )
    )


def _squares(*wests: int) -> str:
    """Write an example: two territories five degrees wide that begin at these longitudes."""
    return _collection(
        *(
            f'{{"type": "Feature", "properties": {{"name": "{name}"}}, "geometry": {{"type": '
            f'"Polygon", "coordinates": [[[{x}, 40], [{x + 5}, 40], [{x + 5}, 45], [{x}, 45], '
            f"[{x}, 40]]]}}}}"
            for name, x in zip("ab", wests, strict=True)
        )
    )


register(
    Rule(
        "TP401", "warning", "id twice",
        "Two features of a layer have the same id.",
        "Links, tables and claims cannot tell which of the two is meant.",
        _points("khorgos", "khorgos"), _points("khorgos", "altynkol"),
    ),
    Rule(
        "TP402", "warning", "territories overlap",
        "Two territories of a layer share area.",
        "Length inside the overlap would count for both.",
        _squares(60, 64), _squares(60, 65),
    ),
    Rule(
        "TP404", "error", "id in two layers",
        "Features of two layers of one project have the same id.",
        "Ids are the keys of claims, status history and links.",
        "railways: khorgos, hubs: khorgos", "railways: khorgos-gate, hubs: khorgos",
    ),
    Rule(
        "TP406", "warning", "line with a gap",
        "A part of a line of several parts touches no other part.",
        "The length lacks the gap; at the antimeridian parts touch across ±180.",
        '{"type": "MultiLineString", "coordinates": '
        "[[[60, 40], [61, 40]], [[62, 40], [63, 40]]]}",
        '{"type": "MultiLineString", "coordinates": '
        "[[[60, 40], [61, 40]], [[61, 40], [63, 40]]]}",
    ),
    Rule(
        "TP407", "note", "overlaps not all checked",
        "The layer has more pairs of touching territories than are compared.",
        "Overlaps further down in the file are not reported.",
        "a layer of 500,000 neighbouring cells", "a layer of 200 states",
    ),
    Rule(
        "TP412", "warning", "sliver between territories",
        "Neighbouring territories of a project leave an area between them that is closed on all "
        "sides and less than 200 m wide (twice the area by the perimeter).",
        "Length there counts for nobody, and the map shows a crack.",
        "two squares whose common border has other vertices on each side",
        "two squares that share the vertices of their border",
    ),
)  # fmt: skip

#: Overlap that is only the noise of coordinates, in square degrees (about 1,000 m²).
_NOISE_AREA = 1e-7
#: Pairs of touching territories that are compared, and territories looked up at a time.
_MOST_PAIRS, _CHUNK = 300_000, 64
#: Parts nearer than this touch, in degrees (about 1 m).
_TOUCH = 1e-5
#: Width of a gap that is a sliver, in metres, and as degrees of latitude.
_SLIVER_M, _SLIVER = 200.0, 0.0018


def check_layer(view: View) -> Iterator[Finding]:
    """Check the features of one document against each other."""
    yield from _check_ids(view)
    yield from _check_overlaps(view)


def _check_ids(view: View) -> Iterator[Finding]:
    """Check that no id stands twice; in a project 7 and "7" are one, for its ids are texts."""
    texts = {row.raw_id for row in view.flat.features if row.raw_id.__class__ is str}
    if len(texts) == len(view.flat.features):
        return  # the usual case at a glance
    seen: dict[object, int] = {}
    for row in view.flat.features:
        value = row.raw_id
        if not is_id(value):
            continue
        is_text = isinstance(value, str) or view.project is not None
        first = seen.setdefault(str(value) if is_text else (value,), row.index)
        if first != row.index:
            message = f'the id "{row.id}" is already that of feature {first}'
            pointer = f"{row.pointer}/id"
            yield view.feature_finding(
                "TP401", row, message, "Give each feature its own id.", pointer=pointer
            )


def _territories(view: View) -> list[int]:
    """Return the rows of the territories on the globe; others have no area."""
    return [
        row
        for row, feature in enumerate(view.document.features)
        if is_territory(feature) and not view.is_off_globe[row]
    ]


def _check_overlaps(view: View) -> Iterator[Finding]:
    if set(POLYGONS).isdisjoint(view.flat.geometry_type):
        return
    rows = _territories(view)
    areas = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    if len(areas) < 2:
        return
    is_good = is_usable(areas)
    areas = shapely.force_2d(areas[is_good])
    numbers = np.array(rows)[is_good]
    levels = [level_of(view.document.features[row]) for row in numbers]
    pairs, is_complete = _overlapping_pairs(areas, _numbered(levels))
    seen: dict[int, int] = {}
    for first, second in pairs:
        seen[second] = seen.get(second, 0) + 1
        if seen[second] > 1:
            continue
        shared = shapely.intersection(areas[first], areas[second])
        if shared.area <= _NOISE_AREA:
            seen[second] = 0
            continue
        one, other = (view.flat.features[numbers[index]] for index in (first, second))
        name = f'"{one.id}"' if one.id is not None else f"feature {one.index}"
        # An edge right across the map is no shortest way; with vertices on it, it nearly is.
        polygons = _only_polygons(shapely.segmentize(shared, 30))
        area_m2 = float(geodesy.polygon_areas_m2(polygons).sum())
        message = f"the territory overlaps {name} by about {_format_area(area_m2)}"
        finding = view.feature_finding(
            "TP402", other, message, "Let neighbours share the vertices of their border.",
            pointer=other.geometry_pointer,
        )  # fmt: skip
        place = shapely.point_on_surface(shared)
        yield _at(finding, place.x, place.y)
    if not is_complete:
        message = f"more than {_MOST_PAIRS:,} pairs of territories touch; the rest is unchecked"
        hint = "Split the layer into smaller ones."
        yield Finding("TP407", REGISTRY["TP407"].severity, message, hint, pointer="/features")


def _numbered(levels: list[str | None]) -> Ints:
    """Give equal levels equal numbers; 0 for none."""
    numbers: dict[str | None, int] = {None: 0}
    return np.array([numbers.setdefault(level, len(numbers)) for level in levels])


def _overlapping_pairs(
    areas: NDArray[np.object_], levels: Ints
) -> tuple[list[tuple[int, int]], bool]:
    """Return pairs that share area, by the second, and whether all pairs were looked at.

    A country and its regions lie in each other: areas of two known levels are no pair.
    """
    tree = shapely.STRtree(areas)
    found: list[tuple[int, int]] = []
    looked_at = 0
    for begin in range(0, len(areas), _CHUNK):
        second, first = tree.query(areas[begin : begin + _CHUNK], predicate="intersects")
        second = second + begin
        is_nested = (levels[first] != levels[second]) & (levels[first] * levels[second] > 0)
        keep = np.flatnonzero((first < second) & ~is_nested)[: _MOST_PAIRS - looked_at]
        first, second = first[keep], second[keep]
        shares_area = shapely.relate_pattern(areas[first], areas[second], "2********")
        found += zip(first[shares_area].tolist(), second[shares_area].tolist(), strict=True)
        looked_at += len(keep)
        if looked_at >= _MOST_PAIRS:
            return found, False
    return sorted(found, key=lambda pair: (pair[1], pair[0])), True


def _format_area(area_m2: float) -> str:
    """Write an area to three digits, as 37,900 km² or 3,080 m²."""
    value, unit = (area_m2 / 1e6, "km²") if area_m2 >= 1e5 else (area_m2, "m²")
    value = float(f"{value:.3g}")
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _only_polygons(geometry: shapely.Geometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(geometry)
    return parts[shapely.get_type_id(parts) == 3]


def _at(finding: Finding, lon: float, lat: float) -> Finding:
    return replace(finding, lon=lon, lat=lat)


def check_ids_across(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Check that no two layers of a project use one id."""
    seen: dict[str, Path] = {}
    files: set[str] = set()
    for path, view in views.items():
        # One file may be given under two names, by a link for example.
        if view.project is None or (file := os.path.realpath(path)) in files:
            continue
        files.add(file)
        for row in view.flat.features:
            if row.id is None:
                continue
            first = seen.setdefault(row.id, path)
            if first != path:
                message = f'the id "{row.id}" is already used in {first.name}'
                yield path, view.feature_finding(
                    "TP404", row, message, "Ids are unique over all layers.",
                    pointer=f"{row.pointer}/id",
                )  # fmt: skip


def check_slivers(view: View) -> Iterator[Finding]:
    """Check that the territories of a project leave no slivers between them."""
    features = view.document.features
    rows = [row for row in _territories(view) if features[row].properties.get("kind") is not None]
    areas = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    is_good = is_usable(areas)
    areas, rows = shapely.force_2d(areas[is_good]), np.array(rows, dtype=int)[is_good].tolist()
    if len(areas) < 2:
        return
    # Its width is in degrees: at 80° of latitude 200 m are six times as many of longitude.
    edges = shapely.coverage_invalid_edges(areas, gap_width=6 * _SLIVER)
    suspects = np.flatnonzero(~shapely.is_empty(edges))
    if not suspects.size:
        return
    near = np.unique(shapely.STRtree(areas).query(areas[suspects], predicate="intersects")[1])
    for part in shapely.get_parts(shapely.union_all(areas[near])):
        for ring in part.interiors:
            gap = shapely.Polygon(ring)
            area_m2 = float(geodesy.polygon_areas_m2(np.array([gap]))[0])
            width_m = 2 * area_m2 / float(geodesy.line_lengths_m(np.array([gap.boundary]))[0])
            if width_m >= _SLIVER_M or gap.area <= _NOISE_AREA:
                continue
            sides = near[shapely.intersects(areas[near], gap)]
            first = view.flat.features[rows[sides[0]]]
            names = ", ".join(str(view.flat.features[rows[side]].id) for side in sides)
            message = (
                f"an area of about {_format_area(area_m2)}, {width_m:,.0f} m wide, lies between "
                f"{names} and belongs to none"
            )
            place = shapely.point_on_surface(gap)
            hint = "Let neighbours share the vertices of their border."
            yield view.place_finding("TP412", first, message, hint, lon=place.x, lat=place.y)


def check_gaps(view: View) -> Iterator[Finding]:
    """Check that the parts of each line of several parts touch each other."""
    for row, feature in zip(view.flat.features, view.document.features, strict=True):
        lonely = lonely_part(feature.geometry)
        if lonely is None:
            continue
        lon, lat = shapely.get_coordinates(shapely.get_parts(feature.geometry)[lonely])[0]
        message = f"part {lonely} of the line touches none of the parts before it"
        finding = view.feature_finding(
            "TP406", row, message, "Close the gap, or write two features.",
            pointer=f"{row.geometry_pointer}/coordinates/{lonely}",
        )  # fmt: skip
        yield _at(finding, float(lon), float(lat))


def lonely_part(geometry: BaseGeometry | None) -> int | None:
    """Return the first part of a multi-line that no chain of touching parts joins to part 0.

    Parts touch across ±180 too. None for a line without a gap, and for anything else.
    """
    if geometry is None or geometry.geom_type != "MultiLineString":
        return None
    parts = shapely.force_2d(shapely.get_parts(geometry))
    cluster = _clusters(parts)
    is_reached = cluster == cluster[0]
    new = np.flatnonzero(is_reached)
    while new.size and not is_reached.all():
        # What was reached last, and its copies one turn away, against all that is left.
        edge = shapely.multilinestrings(parts[new])
        left = np.flatnonzero(~is_reached)
        touches = np.zeros(len(left), dtype=bool)
        for turn in (-360.0, 0.0, 360.0):
            moved = shapely.transform(edge, lambda points, by=turn: points + (by, 0.0))
            shapely.prepare(moved)
            touches |= shapely.dwithin(parts[left], moved, _TOUCH)
        new = np.flatnonzero(np.isin(cluster, cluster[left[touches]]) & ~is_reached)
        is_reached[new] = True
    lonely = np.flatnonzero(~is_reached)
    return int(lonely[0]) if lonely.size else None


def _clusters(parts: NDArray[np.object_]) -> NDArray[np.int64]:
    """Label lines so that those with a vertex in common, to within `_TOUCH`, have one label."""
    points, part = shapely.get_coordinates(parts, return_index=True)
    cells = np.round(points / _TOUCH).astype(np.int64)
    cells[:, 0] %= round(360 / _TOUCH)
    order = np.lexsort((part, cells[:, 1], cells[:, 0]))
    cells, part = cells[order], part[order]
    is_shared = (np.diff(cells, axis=0) == 0).all(axis=1) & (np.diff(part) != 0)
    label = list(range(len(parts)))

    def root(one: int) -> int:
        while label[one] != one:
            label[one] = one = label[label[one]]
        return one

    shared = np.flatnonzero(is_shared)
    for one, other in zip(part[shared].tolist(), part[shared + 1].tolist(), strict=True):
        label[max(root(one), root(other))] = min(root(one), root(other))
    return np.array([root(one) for one in label])
