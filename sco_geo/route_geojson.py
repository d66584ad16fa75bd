"""A route as GeoJSON: a line for each leg, points for breaks of gauge and border crossings.

The file validates, opens in any GIS, and may be dropped into a directory of layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sco_geo.geodesy import segment_lengths_m
from sco_geo.network.additions import read_additions
from sco_geo.network.attribution import LICENCE, notice
from sco_geo.network.routes import BorderCrossing, GaugeChange, Leg, Route

#: Decimals of degrees, about 1 m: the network has three, ends on a line more.
_DECIMALS = 5
_LEAST_KM = 1e-3
#: The rule of layers/tianjin_tashkent.toml, from two places whose distance to a chord is known.
_BULGE = 0.15


def to_geojson(route: Route, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return a route and its alternatives as a FeatureCollection, [lon, lat] in degrees.

    Lines have `leg` (track, ferry, connector), `kind` as layers have it (railway, ferry, other),
    `country`, `gauge_mm`, `status` and `length_km`; points have `kind` place and `leg`
    break_of_gauge or border_crossing. `alternative` is 0 for the route itself.
    """
    features: list[dict[str, Any]] = []
    for number, way in enumerate((route, *route.alternatives)):
        features += _features(way, number)
    return {
        "type": "FeatureCollection",
        "name": f"{route.origin.name} – {route.destination.name}",
        "licence": LICENCE,
        "attribution": notice(meta),
        "scenario": route.scenario,
        "traffic": route.traffic,
        "length_km": round(route.length_km, 3),
        "uncertainty_pct": round(route.uncertainty_pct, 1),
        "features": features,
    }


def _features(route: Route, number: int) -> Iterator[dict[str, Any]]:
    prefix = f"alternative-{number}-" if number else "route-"
    lines = iter(_leg_lines(route))
    for count, leg in enumerate(route.legs, 1):
        if leg.kind == "transfer":
            continue
        line = next(lines)
        if leg.length_km < _LEAST_KM or len(line) < 2:
            continue
        properties = {**_leg_properties(leg, route, line), "alternative": number}
        drawn = {"type": "LineString", "coordinates": line}
        yield _feature(f"{prefix}leg-{count}", properties, drawn)
    groups: tuple[tuple[str, Sequence[GaugeChange | BorderCrossing]], ...] = (
        ("break_of_gauge", route.breaks_of_gauge),
        ("border_crossing", route.border_crossings),
    )
    for kind, points in groups:
        for count, point in enumerate(points, 1):
            properties = {**_point_properties(kind, point), "alternative": number}
            position = [round(point.lon, _DECIMALS), round(point.lat, _DECIMALS)]
            geometry = {"type": "Point", "coordinates": position}
            yield _feature(f"{prefix}{kind.replace('_', '-')}-{count}", properties, geometry)


def _feature(
    name: str, properties: Mapping[str, Any], geometry: Mapping[str, Any]
) -> dict[str, Any]:
    return {"type": "Feature", "id": name, "properties": properties, "geometry": geometry}


def _leg_lines(route: Route) -> Iterator[list[list[float]]]:
    """Yield the line of each leg but transfers; a connector is straight."""
    tracks = iter(route.leg_lines)
    is_first = True
    for leg in route.legs:
        if leg.kind == "connector":
            stop = route.origin if is_first else route.destination
            end = shapely.get_coordinates(route.geometry)[0 if is_first else -1]
            ends = [[stop.lon, stop.lat], end.tolist()]
            yield _rounded(ends if is_first else ends[::-1])
        elif leg.kind != "transfer":
            yield _rounded(shapely.get_coordinates(next(tracks)).tolist())
        is_first = False


def _rounded(line: list[list[float]]) -> list[list[float]]:
    """Round positions and leave out those that then are as the one before."""
    points = [[round(lon, _DECIMALS), round(lat, _DECIMALS)] for lon, lat in line]
    return points[:1] + [b for a, b in zip(points[:-1], points[1:], strict=True) if a != b]


def _leg_properties(leg: Leg, route: Route, line: list[list[float]]) -> dict[str, Any]:
    kind = {"track": "railway", "ferry": "ferry"}.get(leg.kind, "other")
    gauge = f"{leg.gauge_mm} mm" if leg.gauge_mm else None
    words = [leg.kind, leg.country, gauge if leg.kind == "track" else None]
    return {
        "name": f"{route.origin.name} – {route.destination.name}: {' '.join(filter(None, words))}",
        "kind": kind,
        "leg": leg.kind,
        "country": leg.country,
        "countries": leg.country,
        "gauge_mm": leg.gauge_mm,
        "gauges_mm": None if leg.gauge_mm is None else str(leg.gauge_mm),
        "status": leg.status,
        "length_km": round(leg.length_km, 3),
        "geometry_basis": "osm" if leg.status == "operating" else "estimate",
        "accuracy_km": _accuracy_km(leg, route, line),
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
    }


def _accuracy_km(leg: Leg, route: Route, line: list[list[float]]) -> float | None:
    """Return the half-width of the band in which the true line lies, in km.

    A line of OpenStreetMap's simplified graph strays from the railway by up to `_BULGE` times its
    longest chord; what is not built yet has the accuracy of the lines that were added for it.
    """
    if leg.status in (None, "operating"):
        lon, lat = np.array(line).T
        chord = float(segment_lengths_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).max()) / 1e3
        return float(max(1, math.ceil(_BULGE * chord))) if leg.status else None
    additions = read_additions()
    used = (use.line for use in route.lines if use.line.get("status") == leg.status)
    known = [additions[line["id"]].get("accuracy_km") for line in used if line["id"] in additions]
    return max((float(km) for km in known if km is not None), default=None)


def _point_properties(kind: str, point: GaugeChange | BorderCrossing) -> dict[str, Any]:
    names = {"name": point.name, "name_zh": point.name_zh, "name_ru": point.name_ru}
    known = {key: name for key, name in names.items() if name}
    if isinstance(point, GaugeChange):
        gauges = {"gauges_mm": f"{point.from_mm};{point.to_mm}"}
        return {**known, "kind": "place", "leg": kind, **gauges}
    countries = {"countries": f"{point.from_country};{point.to_country}"}
    return {**known, "kind": "place", "leg": kind, **countries}
