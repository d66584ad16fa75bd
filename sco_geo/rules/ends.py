"""Rules on where railways end and where border crossings lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sco_geo._flat import FeatureRow
from sco_geo.model import Finding
from sco_geo.rules._base import Context, Rule, View, accuracy_km, one_of, register
from sco_geo.rules._plane import distances_around_km, distances_km, pairs_within
from sco_geo.rules.layers import lonely_part
from sco_geo.rules.routes import BASE_KM
from sco_geo.units import split_list

register(
    Rule(
        "TP408", "warning", "railway with a loose end",
        "An end of a railway or train service touches no other line of rails or ferry and no "
        "place, of the project or of the base, within the accuracy of both and 1 km more; and no "
        "property terminus names a place for it.",
        "A section is missing, or its end is misplaced.",
        "a line that stops 40 km before the station",
        'a line that ends at a station, or "terminus": "name of the place"',
    ),
    Rule(
        "TP410", "warning", "border crossing off the border",
        "A place with the role border lies farther from the territories that it joins "
        "(countries; with one country, that one and its nearest neighbour) than its own accuracy, "
        "the 0.4 km of the base and 3 km more allow.",
        "The crossing is misplaced, or joins other countries.",
        'a place with "role": "border" in the middle of a country', "a place on the border",
    ),
)  # fmt: skip

_RAIL_KINDS = frozenset({"railway", "train_service"})
#: Kinds that a railway may end at.
_JOINING_KINDS = _RAIL_KINDS | {"ferry"}
#: What the ends of lines and crossings may be off beyond their accuracy, in km.
_END_KM, _CROSSING_KM = 1.0, 3.0
#: How far from a crossing territories are looked for, in km.
_FAR_KM = 100.0
_BORDER_ROLE = "border"


@dataclass(frozen=True, eq=False)
class _End:
    path: Path
    row: int
    lon: float
    lat: float
    reach_km: float


def check_ends(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Check that the ends of the railways of whole projects touch something."""
    ends = [end for path, view in views.items() for end in _ends(path, view)]
    if not ends:
        return
    stated = {(end.path, end.row): _termini(views[end.path], end.row) for end in ends}
    for end in _loose(ends, views):
        if stated[end.path, end.row] > 0:
            stated[end.path, end.row] -= 1
            continue
        view = views[end.path]
        message = f"nothing lies within {end.reach_km:g} km of this end of the line"
        hint = "Let it end at a line or place, or name the place in the property terminus."
        yield (
            end.path,
            view.place_finding(
                "TP408", view.flat.features[end.row], message, hint, lon=end.lon, lat=end.lat
            ),
        )


def _ends(path: Path, view: View) -> Iterator[_End]:
    """Yield the places where an odd number of the parts of a railway end."""
    if view.project is None or not (view.project.is_whole and view.project.is_complete):
        return
    flat = view.flat
    for row in view.shares:
        properties = flat.features[row].properties
        geometry = view.document.features[row].geometry
        if not one_of(properties.get("kind"), _RAIL_KINDS) or lonely_part(geometry) is not None:
            continue  # a gap has a finding of its own
        reach_km = accuracy_km(properties) + _END_KM
        odd: set[tuple[float, float]] = set()
        begin, end = np.searchsorted(flat.part_feature, [row, row + 1]).tolist()
        for part in range(begin, end):
            for vertex in (flat.offsets[part], flat.offsets[part + 1] - 1):
                odd ^= {(float(flat.lon[vertex]), float(flat.lat[vertex]))}
        for lon, lat in sorted(odd):
            if abs(lon) < 180:  # cut at the antimeridian
                yield _End(path, row, lon, lat, reach_km)


def _termini(view: View, row: int) -> int:
    return len(split_list(view.flat.features[row].properties.get("terminus")))


def _loose(ends: list[_End], views: Mapping[Path, View]) -> Iterator[_End]:
    """Yield the ends that touch nothing but their own line."""
    targets, owners, accuracy = _targets(views)
    points = np.array([(end.lon, end.lat) for end in ends])
    reach = np.array([end.reach_km for end in ends]) + max(accuracy, default=0.0)
    touches = np.zeros(len(ends), dtype=bool)
    if targets.size:
        one, other = pairs_within(points, targets, reach)
        is_other = np.array(
            [owners[o] != (ends[e].path, ends[e].row) for e, o in zip(one, other, strict=True)],
            dtype=bool,
        )
        one, other = one[is_other], other[is_other]
        km = distances_km(points[one], targets[other])
        allowed = np.array([ends[e].reach_km for e in one]) + np.array(accuracy)[other]
        touches[one[km <= allowed]] = True
    yield from (end for end, is_held in zip(ends, touches, strict=True) if not is_held)


def _targets(
    views: Mapping[Path, View],
) -> tuple[np.ndarray, list[tuple[Path, int] | None], list[float]]:
    """Return what lines may end at, the features that it belongs to, and its accuracy in km."""
    found: list[tuple[object, tuple[Path, int] | None, float]] = []
    contexts: dict[int, Context] = {}
    for path, view in views.items():
        if view.project is None:
            continue
        if view.context is not None:
            contexts[id(view.context)] = view.context
        for row, feature in enumerate(view.document.features):
            geometry, kind = feature.geometry, feature.properties.get("kind")
            accuracy = accuracy_km(feature.properties)
            if geometry is None:
                continue
            if geometry.geom_type == "Point" and kind in (None, "place"):
                found.append((geometry, None, accuracy))
            elif row in view.shares and one_of(kind, _JOINING_KINDS):
                found.append((geometry, (path, row), 0.0))
    for context in contexts.values():
        found += [(place, None, 0.0) for place in context.places]
    geometries = np.array([geometry for geometry, _, _ in found], dtype=object)
    return geometries, [owner for _, owner, _ in found], [km for _, _, km in found]


def check_crossings(view: View) -> Iterator[Finding]:
    """Check that border crossings lie between the territories that they join."""
    context = view.context
    if context is None:
        return
    for row, feature in zip(view.flat.features, view.document.features, strict=True):
        roles = split_list(row.properties.get("roles")) + split_list(row.properties.get("role"))
        geometry = feature.geometry
        if _BORDER_ROLE not in roles or geometry is None or geometry.geom_type != "Point":
            continue
        slack_km = accuracy_km(row.properties) + BASE_KM + _CROSSING_KM
        km, joined = _to_border_km(context, row, geometry.x, geometry.y)
        if km > slack_km:
            far = f"{km:,.0f} km" if km < _FAR_KM else f"over {_FAR_KM:.0f} km"
            message = f"the crossing lies {far} from {joined}, {slack_km:g} km are allowed"
            hint = "Correct the position, the countries or the role."
            yield view.place_finding("TP410", row, message, hint, lon=geometry.x, lat=geometry.y)


def _to_border_km(context: Context, row: FeatureRow, lon: float, lat: float) -> tuple[float, str]:
    """Return how far the farther of two neighbours is from a place, and the name of the border.

    A place on their common border lies in both; one in the first lies as far from the border as
    from the second.
    """
    point = np.array([[lon, lat]])
    _, indices = pairs_within(point, context.polygons, np.array([_FAR_KM]))
    km = distances_around_km(point, context.polygons[indices], _FAR_KM)[0]
    by_code: dict[str, float] = {}
    for index, distance in zip(indices.tolist(), km.tolist(), strict=True):
        code = context.codes[index] or f"polygon {index}"
        by_code[code] = min(distance, by_code.get(code, distance))
    named = [c for c in split_list(row.properties.get("countries")) if c in context.codes]
    if len(named) > 1:
        first, second = sorted(by_code.get(code, _FAR_KM) for code in named)[:2]
        return max(first, second), f"the border of {' and '.join(named)}"
    others = sorted(km for code, km in by_code.items() if code not in named)
    if named:
        nearest = others[0] if others else _FAR_KM
        return max(by_code.get(named[0], _FAR_KM), nearest), f"any border of {named[0]}"
    return (others[1] if len(others) > 1 else _FAR_KM), "any border"
