"""Rules between the features of a layer, and between layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo import geodesy
from sco_geo._flat import POLYGONS
from sco_geo.geojson import Document, RawFeature
from sco_geo.model import Finding
from sco_geo.rules._base import Rule, View, register
from sco_geo.rules.coordinates import is_swapped, lines_outside
from sco_geo.units import LINE_KINDS, split_list

register(
    Rule(
        "TP401", "warning", "id twice",
        "Two features of a layer have the same id.",
        "Links, tables and claims cannot tell which of the two is meant.",
        '[{"id": "a", ...}, {"id": "a", ...}]', '[{"id": "a", ...}, {"id": "b", ...}]',
    ),
    Rule(
        "TP402", "warning", "territories overlap",
        "Two territories of a layer share area.",
        "Length inside the overlap would count for both.",
        "two squares that overlap", "two squares that share a border",
    ),
    Rule(
        "TP403", "warning", "outside all territories",
        "A line touches none of the territories that it is compared with; ferries may.",
        "Its length would count for no country; often a sign is lost.",
        '"coordinates": [[-69.2, 41.3], [-76.1, 43.4]]',
        '"coordinates": [[69.2, 41.3], [76.1, 43.4]]',
    ),
    Rule(
        "TP404", "error", "id in two layers",
        "Features of two layers of one project have the same id.",
        "Ids are the keys of claims, status history and links.",
        "railways: khorgos, hubs: khorgos", "railways: khorgos-gate, hubs: khorgos",
    ),
    Rule(
        "TP405", "warning", "countries disagree with the territories",
        "The property countries names other countries than the line runs through.",
        "Length by country and the text on the page would contradict each other.",
        '"countries": "CHN;UZB" for a line through Kazakhstan', '"countries": "CHN;KAZ;UZB"',
    ),
    Rule(
        "TP406", "warning", "line with a gap",
        "A part of a line of several parts touches no other part.",
        "The length lacks the gap; at the antimeridian parts touch across ±180.",
        "[[[60, 40], [61, 40]], [[62, 40], [63, 40]]]",
        "[[[60, 40], [61, 40]], [[61, 40], [63, 40]]]",
    ),
)  # fmt: skip

_COUNTRY_KEYS = frozenset(
    "adm0_a3 admin country countries iso iso2 iso3 iso_a2 iso_a3 iso3166 name name_en "
    "shapegroup sov_a3 sovereignt territory".split()
)
#: Overlap that is only the noise of coordinates, in square degrees (about 1,000 m²).
_NOISE_AREA = 1e-7
#: Parts nearer than this touch, in degrees (about 1 m).
_TOUCH = 1e-5
#: How far borders and lines may disagree before a country is missed, in kilometres.
_BORDER_KM = 5.0


def is_territory(feature: RawFeature) -> bool:
    """Tell whether a feature is an area that belongs to one country or region only."""
    geometry = feature.geometry
    if geometry is None or geometry.geom_type not in POLYGONS:
        return False
    kind = feature.properties.get("kind")
    if kind is not None:
        return kind == "territory"
    return any(key.lower() in _COUNTRY_KEYS for key in feature.properties)


def is_territory_layer(document: Document) -> bool:
    """Tell whether all features of a document that have a geometry are territories."""
    if not set(document.flat.geometry_type) <= set(POLYGONS):
        return False
    features = [feature for feature in document.features if feature.geometry is not None]
    return bool(features) and all(is_territory(feature) for feature in features)


def check_layer(view: View) -> Iterator[Finding]:
    """Check the features of one document against each other and against the territories."""
    yield from _check_ids(view)
    yield from _check_overlaps(view)
    for row, feature in lines_outside(view):
        if feature.properties.get("kind") != "ferry" and not is_swapped(view, [row]):
            vertex = int(np.argmax(view.flat.part_feature[view.flat.vertex_part] == row))
            message = "the line touches none of the territories given"
            hint = "Check signs and order of its coordinates, or give the right territories."
            yield view.vertex_finding("TP403", vertex, message, hint)


def _check_ids(view: View) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    tree = view.document.tree or {}
    members = tree.get("features")
    if not isinstance(members, list):
        return
    for row in view.flat.features:
        value = members[row.index].get("id")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            continue
        first = seen.setdefault(str(value), row.index)
        if first != row.index:
            message = f'the id "{value}" is already that of feature {first}'
            pointer = f"{row.pointer}/id"
            yield view.feature_finding(
                "TP401", row, message, "Give each feature its own id.", pointer=pointer
            )


def _check_overlaps(view: View) -> Iterator[Finding]:
    if set(POLYGONS).isdisjoint(view.flat.geometry_type):
        return
    rows = [row for row, feature in enumerate(view.document.features) if is_territory(feature)]
    areas = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    if len(areas) < 2:
        return
    is_valid = shapely.is_valid(areas)
    areas = shapely.force_2d(areas[is_valid])
    numbers = np.array(rows)[is_valid]
    for first, second in _overlapping_pairs(areas):
        shared = shapely.intersection(areas[first], areas[second])
        if shared.area <= _NOISE_AREA:
            continue
        place = shapely.point_on_surface(shared)
        one = view.flat.features[numbers[first]]
        other = view.flat.features[numbers[second]]
        name = f'"{one.id}"' if one.id is not None else f"feature {one.index}"
        area = float(geodesy.polygon_areas_m2(_only_polygons(shared)).sum()) / 1e6
        message = f"the territory overlaps {name} by about {area:,.3g} km²"
        finding = view.feature_finding(
            "TP402", other, message, "Let neighbours share the vertices of their border.",
            pointer=other.geometry_pointer,
        )  # fmt: skip
        yield _at(finding, place.x, place.y)


def _overlapping_pairs(areas: NDArray[np.object_]) -> list[tuple[int, int]]:
    tree = shapely.STRtree(areas)
    first, second = tree.query(areas, predicate="intersects")
    keep = first < second
    first, second = first[keep], second[keep]
    shares_area = shapely.relate_pattern(areas[first], areas[second], "2********")
    return sorted(zip(first[shares_area].tolist(), second[shares_area].tolist(), strict=True))


def _only_polygons(geometry: shapely.Geometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(geometry)
    return parts[shapely.get_type_id(parts) == 3]


def _at(finding: Finding, lon: float, lat: float) -> Finding:
    return replace(finding, lon=lon, lat=lat)


def check_ids_across(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Check that no two layers of a project use one id."""
    seen: dict[str, Path] = {}
    for path, view in views.items():
        if view.project is None:
            continue
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


def check_gaps(view: View) -> Iterator[Finding]:
    """Check that the parts of each line of several parts touch each other."""
    for row, feature in zip(view.flat.features, view.document.features, strict=True):
        geometry = feature.geometry
        if geometry is None or geometry.geom_type != "MultiLineString":
            continue
        parts = shapely.force_2d(shapely.get_parts(geometry))
        lonely = _first_lonely_part(parts)
        if lonely is None:
            continue
        lon, lat = shapely.get_coordinates(parts[lonely])[0]
        message = f"part {lonely} of the line touches none of the parts before it"
        finding = view.feature_finding(
            "TP406", row, message, "Close the gap, or write two features.",
            pointer=f"{row.geometry_pointer}/coordinates/{lonely}",
        )  # fmt: skip
        yield _at(finding, float(lon), float(lat))


def _turned(parts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return copies of geometries one turn further east."""
    return shapely.transform(parts, lambda points: points + (360.0, 0.0))


def _first_lonely_part(parts: NDArray[np.object_]) -> int | None:
    """Return the first part outside the group of the first one; parts touch across ±180 too."""
    count = len(parts)
    copies = np.concatenate([parts, _turned(parts)])
    one, other = shapely.STRtree(copies).query(copies, predicate="dwithin", distance=_TOUCH)
    neighbours: dict[int, set[int]] = {}
    for a, b in zip((one % count).tolist(), (other % count).tolist(), strict=True):
        neighbours.setdefault(a, set()).add(b)
    reached, stack = {0}, [0]
    while stack:
        new = neighbours.get(stack.pop(), set()) - reached
        reached |= new
        stack.extend(new)
    return next((part for part in range(count) if part not in reached), None)


def check_countries(view: View) -> Iterator[Finding]:
    """Check the property countries of lines against the territories that they cross."""
    context = view.context
    if context is None:
        return
    for row, feature in zip(view.flat.features, view.document.features, strict=True):
        named = set(split_list(feature.properties.get("countries")))
        geometry = feature.geometry
        if feature.properties.get("kind") not in LINE_KINDS or geometry is None or not named:
            continue
        if not geometry.geom_type.endswith("LineString"):
            continue
        slack_km = _BORDER_KM + _number(feature.properties.get("accuracy_km"))
        crossed = _km_by_country(geometry, context.codes, context.polygons)
        missing = sorted(c for c, km in crossed.items() if c and km > slack_km and c not in named)
        # A country that the line only reaches at its border is within the slack.
        reach = shapely.STRtree(context.polygons).query(
            geometry, predicate="dwithin", distance=slack_km / 111.0 * 2
        )
        near = {context.codes[index] for index in reach.tolist()}
        extra = sorted(code for code in named if code in context.codes and code not in near)
        for codes, text in ((missing, "runs through"), (extra, "never reaches")):
            if codes:
                joined = ";".join(sorted(named))
                message = f'the line {text} {", ".join(codes)}, countries is "{joined}"'
                yield view.feature_finding(
                    "TP405", row, message, "Correct countries or the line.",
                    pointer=f"{row.pointer}/properties/countries",
                )  # fmt: skip


def _number(value: object) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else 0.0  # type: ignore[arg-type]


def _km_by_country(
    line: shapely.Geometry, codes: tuple[str, ...], polygons: NDArray[np.object_]
) -> dict[str, float]:
    result: dict[str, float] = {}
    for index in shapely.STRtree(polygons).query(line, predicate="intersects").tolist():
        inside = shapely.get_parts(shapely.intersection(polygons[index], shapely.force_2d(line)))
        lines = inside[shapely.get_type_id(inside) == 1]
        length = float(geodesy.line_lengths_m(lines).sum()) / 1e3 if len(lines) else 0.0
        result[codes[index]] = result.get(codes[index], 0.0) + length
    return result
