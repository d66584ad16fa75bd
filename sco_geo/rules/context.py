"""Rules that compare lines and points with the territories given beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo import geodesy
from sco_geo._flat import Bools, Ints
from sco_geo.model import Finding
from sco_geo.rules._base import Context, Rule, View, register
from sco_geo.units import LINE_KINDS, split_list

register(
    Rule(
        "CO115", "warning", "axes look exchanged",
        "No vertex lies in the territories given, all of them do with the numbers exchanged.",
        "The feature would be drawn and measured elsewhere.",
        '"coordinates": [[41.3, 69.2], [43.4, 76.1]]',
        '"coordinates": [[69.2, 41.3], [76.1, 43.4]]',
    ),
    Rule(
        "TP403", "warning", "outside all territories",
        "A line touches none of the territories that it is compared with; ferries may.",
        "Its length would count for no country; often a sign is lost.",
        '"coordinates": [[-69.2, 41.3], [-76.1, 43.4]]',
        '"coordinates": [[69.2, 41.3], [76.1, 43.4]]',
    ),
    Rule(
        "TP405", "warning", "countries disagree with the territories",
        "The property countries names other countries than the line runs through.",
        "Length by country and the text on the page would contradict each other.",
        '"countries": "CHN;UZB" for a line through Kazakhstan', '"countries": "CHN;KAZ;UZB"',
    ),
)  # fmt: skip

#: Points nearer to a territory than this, in degrees, may be ports on a coarse coast.
_OFF_COAST = 0.5
#: Vertices of one feature that are tested with their numbers exchanged.
_SAMPLE = 500
#: How far borders and lines may disagree before a country is missed, in kilometres.
_BORDER_KM = 5.0


def check_places(view: View) -> Iterator[Finding]:
    """Check for lines outside all territories, and for exchanged axes.

    Lines are judged one by one; points all together, for a port may lie off a coarse coast.
    """
    context = view.context
    if context is None:
        return
    lines = _lines_outside(view, context)
    is_swapped = _are_swapped(view, context, lines)
    yield from _swapped_findings(view, lines[is_swapped])
    for row in lines[~is_swapped].tolist():
        if view.flat.features[row].properties.get("kind") != "ferry":
            message = "the line touches none of the territories given"
            hint = "Check signs and order of its coordinates, or give the right territories."
            yield view.vertex_finding("TP403", view.flat.feature_vertices(row)[0], message, hint)
    points = _points_outside(view, context)
    if _are_swapped(view, context, points).all():
        yield from _swapped_findings(view, points)


def _swapped_findings(view: View, rows: Ints) -> Iterator[Finding]:
    for row in rows.tolist():
        vertex = view.flat.feature_vertices(row)[0]
        lon, lat = float(view.flat.lon[vertex]), float(view.flat.lat[vertex])
        message = (
            "no vertex lies in the territories given, exchanged all of them do "
            f"(the first is [{lon:.6g}, {lat:.6g}])"
        )
        hint = "Exchange the two numbers of each position: longitude comes first."
        yield view.vertex_finding("CO115", vertex, message, hint, fixable=True)


def _are_swapped(view: View, context: Context, rows: Ints) -> Bools:
    """Tell which features lie in the territories with all vertices once exchanged."""
    result = np.zeros(len(rows), dtype=bool)
    if not rows.size:
        return result
    samples = []
    for row in rows.tolist():
        begin, end = view.flat.feature_vertices(row)
        samples.append(np.arange(begin, end, max(1, (end - begin) // _SAMPLE)))
    vertices = np.concatenate(samples)
    points = shapely.points(view.flat.lat[vertices], view.flat.lon[vertices])
    is_inside = np.zeros(len(vertices), dtype=bool)
    is_inside[shapely.STRtree(points).query(context.polygons, predicate="intersects")[1]] = True
    begins = np.cumsum([0, *(len(sample) for sample in samples[:-1])])
    result[:] = np.logical_and.reduceat(is_inside, begins)
    return result


def _lines_outside(view: View, context: Context) -> Ints:
    """Return the rows of lines on the globe that touch none of the territories."""
    lines = _rows_of_types(view, (1, 5))
    geometries = np.array([view.document.features[row].geometry for row in lines], dtype=object)
    hit = shapely.STRtree(geometries).query(context.polygons, predicate="intersects")[1]
    return np.delete(lines, np.unique(hit))


def _points_outside(view: View, context: Context) -> Ints:
    """Return the rows of points if all points of the document are well outside."""
    rows = _rows_of_types(view, (0, 4))
    points = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    tree = shapely.STRtree(points)
    near = tree.query(context.polygons, predicate="dwithin", distance=_OFF_COAST)[1]
    return rows[:0] if near.size else rows


def _rows_of_types(view: View, types: tuple[int, ...]) -> Ints:
    """Return the rows of features of some geometry types whose vertices are on the globe."""
    flat = view.flat
    geometries = np.array([f.geometry for f in view.document.features], dtype=object)
    is_chosen = np.isin(shapely.get_type_id(geometries), types)
    is_chosen[flat.part_feature[~view.is_part_in_range]] = False
    return np.flatnonzero(is_chosen)


def check_countries(view: View) -> Iterator[Finding]:
    """Check the property countries of lines against the territories that they cross."""
    context = view.context
    if context is None:
        return
    for row, feature in zip(view.flat.features, view.document.features, strict=True):
        named = set(split_list(feature.properties.get("countries")))
        known = named | set(split_list(feature.properties.get("strays_into")))
        geometry = feature.geometry
        kind = feature.properties.get("kind")
        if not isinstance(kind, str) or kind not in LINE_KINDS or geometry is None or not named:
            continue
        if not geometry.geom_type.endswith("LineString"):
            continue
        slack_km = _BORDER_KM + _number(feature.properties.get("accuracy_km"))
        crossed = _km_by_country(geometry, context.codes, context.polygons)
        missing = sorted(c for c, km in crossed.items() if c and km > slack_km and c not in known)
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
    """Return a number of the properties, or 0 for what is none or too large to be meant."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    return float(value) if abs(value) < 1e9 else 0.0


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
