"""Rules that follow the lines of a project through the territories."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geodesy
from sco_geo._flat import Bools, FeatureRow, Floats
from sco_geo.borders import OUTSIDE
from sco_geo.model import Finding
from sco_geo.rules._base import Context, Rule, View, accuracy_km, one_of, register
from sco_geo.rules._plane import DEGREE_KM, distances_around_km
from sco_geo.units import split_list

register(
    Rule(
        "TP405", "warning", "countries disagree with the territories",
        "The property countries names other countries than the line runs through. Kilometres in "
        "disputed areas count for nobody.",
        "Length by country and the text on the page would contradict each other.",
        '"countries": "CHN;UZB" for a line through Kazakhstan', '"countries": "CHN;KAZ;UZB"',
    ),
    Rule(
        "TP409", "warning", "land route at sea",
        "A railway, train service or road runs outside all territories for more than "
        "3 km, farther off than its own accuracy and the 0.4 km of the coast allow.",
        "A vertex is misplaced, or a ferry is drawn as a road.",
        "a road from Baku straight to Turkmenbashi",
        'a road to Baku, a feature of kind "ferry" from there',
    ),
    Rule(
        "TP411", "warning", "countries in another order",
        "The property countries names the countries in another order than the line enters them.",
        "The list is read as the order of travel.",
        '"countries": "CHN;UZB;KAZ" for a line from China through Kazakhstan to Uzbekistan',
        '"countries": "CHN;KAZ;UZB"',
    ),
)  # fmt: skip

#: Kinds that keep to the land.
_LAND_KINDS = frozenset({"railway", "train_service", "road"})
#: How far borders and lines may disagree before a country is missed, in kilometres.
_BORDER_KM = 5.0
#: How good borders and coasts of the base are, in km.
BASE_KM = 0.4
#: Km at sea that are no mistake, and pieces in which they are counted.
_AT_SEA_KM, _PIECE_KM = 3.0, 0.5
#: Pieces in a row that are looked at together (50 km).
_CHUNK = 100


def check_routes(view: View) -> Iterator[Finding]:
    """Check the lines of a project against the territories that they run through."""
    context = view.context
    if context is None:
        return
    for row, parts in view.shares.items():
        feature = view.flat.features[row]
        line = view.document.features[row].geometry
        if line is None:
            continue
        yield from _check_countries(view, context, feature, line, parts)
        yield from _check_order(view, context, feature, line)
        is_bound_to_land = one_of(feature.properties.get("kind"), _LAND_KINDS)
        if is_bound_to_land and _AT_SEA_KM < parts.get(OUTSIDE, 0.0) < sum(parts.values()):
            yield from _check_sea(view, context, feature, line)


def _check_countries(
    view: View, context: Context, row: FeatureRow, line: BaseGeometry, parts: dict[str, float]
) -> Iterator[Finding]:
    named = split_list(row.properties.get("countries"))
    if not named:
        return
    known = {*named, *split_list(row.properties.get("strays_into"))}
    slack_km = _slack_km(row)
    missing = sorted(
        code
        for code, km in parts.items()
        if code in context.codes and km > slack_km and code not in known
    )
    # A country that the line only reaches at its border is within the slack.
    reach = shapely.STRtree(context.polygons).query(
        line, predicate="dwithin", distance=slack_km / DEGREE_KM * 2
    )
    near = {context.codes[index] for index in reach.tolist()}
    extra = sorted(code for code in named if code in context.codes and code not in near)
    for codes, text in ((missing, "runs through"), (extra, "never reaches")):
        if codes:
            joined = ";".join(named)
            message = f'the line {text} {", ".join(codes)}, countries is "{joined}"'
            yield view.feature_finding(
                "TP405", row, message, "Correct countries or the line.",
                pointer=f"{row.pointer}/properties/countries",
            )  # fmt: skip


def _check_order(
    view: View, context: Context, row: FeatureRow, line: BaseGeometry
) -> Iterator[Finding]:
    named = list(dict.fromkeys(split_list(row.properties.get("countries"))))
    if len(named) < 2 or line.geom_type != "LineString":
        return  # parts of a multi-line need not stand in the order of travel
    entered = [code for code in _entered(context, line, _slack_km(row)) if code in named]
    listed = [code for code in named if code in entered]
    if entered != listed:
        message = f"the line enters {', '.join(entered)} in this order, countries is "
        message += f'"{";".join(named)}"'
        yield view.feature_finding(
            "TP411", row, message, "Write countries in the direction in which the line is drawn.",
            pointer=f"{row.pointer}/properties/countries",
        )  # fmt: skip


def _entered(context: Context, line: BaseGeometry, slack_km: float) -> list[str]:
    """Return the countries of a line, by the begin of the first long piece in each."""
    flat = shapely.force_2d(line)
    begins: dict[str, float] = {}
    for index in shapely.STRtree(context.polygons).query(flat, predicate="intersects").tolist():
        pieces = shapely.get_parts(shapely.intersection(flat, context.polygons[index]))
        pieces = pieces[shapely.get_type_id(pieces) == 1]
        for piece in pieces[geodesy.line_lengths_m(pieces) / 1e3 > slack_km]:
            ends = shapely.points(shapely.get_coordinates(piece)[[0, -1]])
            begin = float(shapely.line_locate_point(flat, ends).min())
            code = context.codes[index]
            begins[code] = min(begin, begins.get(code, begin))
    return sorted((code for code in begins if code), key=begins.__getitem__)


def _check_sea(
    view: View, context: Context, row: FeatureRow, line: BaseGeometry
) -> Iterator[Finding]:
    slack_km = accuracy_km(row.properties) + BASE_KM
    for part in shapely.get_parts(line):
        points, km = _middles(part)
        is_off = _is_at_sea(points, context, slack_km)
        off_km = float(km[is_off].sum())
        if off_km > _AT_SEA_KM:
            lon, lat = points[int(np.argmax(is_off))]
            message = (
                f"the line runs outside all territories for {off_km:,.0f} km, "
                f"more than {slack_km:g} km off land; it leaves them here"
            )
            hint = "Correct the line, or make the crossing a feature of kind ferry."
            yield view.place_finding("TP409", row, message, hint, lon=lon, lat=lat)
            return


def _is_at_sea(points: Floats, context: Context, slack_km: float) -> Bools:
    """Tell which points of a line are farther from all territories than the slack."""
    is_off = np.ones(len(points), dtype=bool)
    is_off[shapely.STRtree(shapely.points(points)).query(context.polygons, "intersects")[1]] = False
    outside = np.flatnonzero(is_off)
    for begin in range(0, len(outside), _CHUNK):
        chosen = outside[begin : begin + _CHUNK]
        km = distances_around_km(points[chosen], context.polygons, slack_km)
        is_off[chosen] = np.isinf(km).all(axis=1)
    return is_off


def _middles(line: BaseGeometry) -> tuple[Floats, Floats]:
    """Return the middles of short pieces of a line, and the length of each piece in km."""
    points, _ = geodesy.densify(shapely.get_coordinates(line), _PIECE_KM)
    start, end = points[:-1], points[1:].copy()
    end[:, 0] -= 360 * np.round((end[:, 0] - start[:, 0]) / 360)
    middles = (start + end) / 2
    middles[:, 0] -= 360 * np.round(middles[:, 0] / 360)
    km = geodesy.segment_lengths_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1]) / 1e3
    return middles, km


def _slack_km(row: FeatureRow) -> float:
    return _BORDER_KM + accuracy_km(row.properties)
