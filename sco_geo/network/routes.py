"""What a route is: legs, breaks of gauge, border crossings and sums, ready for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

LegKind = Literal["track", "ferry", "transfer", "connector"]

#: Decimals of km in JSON: lengths are whole metres.
_KM_DECIMALS = 3
#: Decimals of degrees in JSON (about 10 m); the network has three, ends on a line more.
_DEGREE_DECIMALS = 4


@dataclass(frozen=True)
class Stop:
    """A place of a route and where it was moved to on the network.

    Attributes
    ----------
    name : str
        Name of the place, or its position in words.
    lon, lat : float
        The place itself, in degrees.
    snap_km : float
        Straight distance to the point of the line where the route begins, ends or passes.
    """

    name: str
    lon: float
    lat: float
    snap_km: float

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        return {
            "name": self.name,
            "lon": round(self.lon, _DEGREE_DECIMALS),
            "lat": round(self.lat, _DEGREE_DECIMALS),
            "snap_km": round(self.snap_km, _KM_DECIMALS),
        }


@dataclass(frozen=True)
class Leg:
    """A part of a route of one kind, country, gauge and status; a transfer has no length."""

    kind: LegKind
    country: str | None
    gauge_mm: int | None
    status: str | None
    length_km: float

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        return {
            "kind": self.kind,
            "country": self.country,
            "gauge_mm": self.gauge_mm,
            "status": self.status,
            "length_km": round(self.length_km, _KM_DECIMALS),
        }


@dataclass(frozen=True)
class GaugeChange:
    """A break of gauge on the way."""

    name: str
    lon: float
    lat: float
    from_mm: int
    to_mm: int
    name_zh: str = ""
    name_ru: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        return {**_named(self), "from_mm": self.from_mm, "to_mm": self.to_mm}


@dataclass(frozen=True)
class BorderCrossing:
    """A border crossed on the way; countries are ISO 3166 alpha-3, in the order of travel."""

    name: str
    lon: float
    lat: float
    from_country: str
    to_country: str
    name_zh: str = ""
    name_ru: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        return {**_named(self), "from": self.from_country, "to": self.to_country}


def _named(item: GaugeChange | BorderCrossing) -> dict[str, Any]:
    names = {"name": item.name}
    if item.name_zh:
        names["name_zh"] = item.name_zh
    if item.name_ru:
        names["name_ru"] = item.name_ru
    return {**names, "lon": round(item.lon, 4), "lat": round(item.lat, 4)}


@dataclass(frozen=True)
class LineUse:
    """A named line that a route runs on.

    Attributes
    ----------
    line : mapping
        The line's record: id, names, status, published lengths, sources, note.
    length_km : float
        How much of the route is on it.
    """

    line: Mapping[str, Any]
    length_km: float

    def to_dict(self) -> dict[str, Any]:
        """Return the object of the JSON report."""
        names = ("id", "name", "name_zh", "name_ru", "status", "opened")
        known = {name: self.line.get(name) for name in names if self.line.get(name)}
        return {**known, "length_km": round(self.length_km, _KM_DECIMALS)}


@dataclass(frozen=True)
class Route:
    """The way from one place to another by rail.

    Attributes
    ----------
    origin, destination, via : Stop
        The places; a connector to the line is in `snap_km` and never in `length_km`.
    length_km : float
        Rails and ferries, from the first point of the network to the last.
    uncertainty_pct : float
        Half-width of the range in which the true length is expected, from how the lengths of
        the lines used were come by; see `sco_geo.network.accuracy`.
    length_low_km, length_high_km : float or None
        The length with the lowest and the highest published length of each named line used;
        None where no line used has more than one.
    geodesic_km : float
        Between the places, as the crow flies.
    detour : float or None
        length_km / geodesic_km; None where the places are one.
    hours : float or None
        Running time and waiting by `rail_speeds.toml`; None without speeds.
    by_country, by_gauge : dict
        km by ISO 3166 alpha-3 (``outside`` at sea) and by gauge in mm (``unknown``); each adds up
        to `length_km`.
    alternatives : tuple of Route
        Reasonably different routes, longer than this one.
    """

    origin: Stop
    destination: Stop
    via: tuple[Stop, ...]
    scenario: str
    traffic: str
    optimise: str
    length_km: float
    uncertainty_pct: float
    length_low_km: float | None
    length_high_km: float | None
    geodesic_km: float
    detour: float | None
    hours: float | None
    legs: tuple[Leg, ...]
    by_country: dict[str, float]
    by_gauge: dict[str, float]
    breaks_of_gauge: tuple[GaugeChange, ...]
    border_crossings: tuple[BorderCrossing, ...]
    lines: tuple[LineUse, ...]
    alternatives: tuple[Route, ...] = ()
    draw: Callable[[], BaseGeometry] = field(
        default=shapely.LineString, repr=False, compare=False, kw_only=True
    )
    draw_legs: Callable[[], tuple[BaseGeometry, ...]] = field(
        default=tuple, repr=False, compare=False, kw_only=True
    )
    explain: Callable[[Route], tuple[str, ...]] | None = field(
        default=None, repr=False, compare=False, kw_only=True
    )

    @cached_property
    def geometry(self) -> BaseGeometry:
        """Return the line of the route, (lon, lat) in degrees; connectors are not part of it."""
        return self.draw()

    @cached_property
    def leg_lines(self) -> tuple[BaseGeometry, ...]:
        """Return the lines of the legs on tracks and ferries, in their order."""
        return self.draw_legs()

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader should know: lines not yet open, ways round and why."""
        return self.explain(self) if self.explain else ()

    @property
    def gateways(self) -> tuple[str, ...]:
        """Return the names of the border crossings, in the order of travel."""
        return tuple(crossing.name for crossing in self.border_crossings)

    def to_dict(self, *, with_geometry: bool = True) -> dict[str, Any]:
        """Return the JSON object of `sco-geo route` (units in names, null where unknown)."""
        report: dict[str, Any] = {
            "from": self.origin.to_dict(),
            "to": self.destination.to_dict(),
            "via": [stop.to_dict() for stop in self.via],
            "scenario": self.scenario,
            "traffic": self.traffic,
            "optimise": self.optimise,
            "length_km": _km(self.length_km),
            "uncertainty_pct": round(self.uncertainty_pct, 1),
            "length_low_km": _km(self.length_low_km),
            "length_high_km": _km(self.length_high_km),
            "geodesic_km": _km(self.geodesic_km),
            "detour": None if self.detour is None else round(self.detour, 3),
            "hours": None if self.hours is None else round(self.hours, 1),
            "legs": [leg.to_dict() for leg in self.legs],
            "by_country": {name: _km(km) for name, km in self.by_country.items()},
            "by_gauge": {name: _km(km) for name, km in self.by_gauge.items()},
            "breaks_of_gauge": [change.to_dict() for change in self.breaks_of_gauge],
            "border_crossings": [crossing.to_dict() for crossing in self.border_crossings],
            "gateways": list(self.gateways),
            "lines": [use.to_dict() for use in self.lines],
            "notes": list(self.notes),
            "alternatives": [
                other.to_dict(with_geometry=with_geometry) for other in self.alternatives
            ],
        }
        if with_geometry:
            report["geometry"] = _rounded(self.geometry)
        return report


def _km(value: float | None) -> float | None:
    return None if value is None else round(value, _KM_DECIMALS)


def _rounded(geometry: BaseGeometry) -> dict[str, Any]:
    """Return a GeoJSON geometry with the decimals of JSON output."""

    def line(part: BaseGeometry) -> list[list[float]]:
        return shapely.get_coordinates(part).round(_DEGREE_DECIMALS).tolist()

    if geometry.geom_type == "LineString":
        return {"type": "LineString", "coordinates": line(geometry)}
    parts = [line(part) for part in shapely.get_parts(geometry)]
    return {"type": "MultiLineString", "coordinates": parts}
