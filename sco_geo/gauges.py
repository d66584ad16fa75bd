"""Lengths by rail gauge, and the breaks of gauge along a system of lines.

A section that lists several gauges (dual gauge, or tracks of both side by side) has a key of its
own, ``1435;1520``: its length counts for neither gauge alone, so that the parts add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from sco_geo.catalog import Feature
from sco_geo.geodesy import segment_lengths_m
from sco_geo.units import RAIL_KINDS, split_list

#: Key of the length of railways whose gauge is not stated.
UNKNOWN = "unknown"
#: Role of a point where the gauge changes.
BREAK_ROLE = "break_of_gauge"
#: A point names a place on the line up to this far from it, in km.
NEAR_KM = 5.0
#: Decimals of degrees to which ends of sections that touch agree (about 1 m).
_DECIMALS = 5

LonLat = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A place of a break of gauge; id and name are None where no point of the data is near."""

    id: str | None
    name: str | None
    lon: float
    lat: float

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {"name": self.name, "lon": self.lon, "lat": self.lat}


@dataclass(frozen=True)
class GaugeBreak:
    """A change from one gauge to another on the way; where both meet, at one or more places."""

    places: tuple[Place, ...]
    from_mm: int
    to_mm: int

    @property
    def name(self) -> str | None:
        """Return the names of the places, or None."""
        return " / ".join(place.name for place in self.places if place.name) or None

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report; its position is that of the first place."""
        return {
            "name": self.name,
            "lon": self.places[0].lon,
            "lat": self.places[0].lat,
            "from_mm": self.from_mm,
            "to_mm": self.to_mm,
            "places": [place.to_dict() for place in self.places],
        }


def gauges_in(value: object) -> tuple[int, ...]:
    """Return the gauges of a property in millimetres, ascending; what is no number is left."""
    return tuple(sorted({int(word) for word in split_list(value) if word.isdecimal()}))


def gauge_key(gauges: Sequence[int]) -> str:
    """Return the key of lengths by gauge: ``1435``, or ``1435;1520`` for several."""
    return ";".join(map(str, gauges))


def gauges_of(feature: Feature) -> tuple[int, ...]:
    """Return the stated gauges of a line in millimetres, ascending."""
    return gauges_in(feature.properties.get("gauges_mm"))


def by_gauge(feature: Feature, length_km: float) -> dict[str, float]:
    """Return the length of a line by its gauges; empty for what is no railway."""
    key = gauge_key(gauges_of(feature))
    if not key and feature.kind not in RAIL_KINDS:
        return {}
    return {key or UNKNOWN: length_km}


def find_breaks(sections: Sequence[Feature], points: Iterable[Feature]) -> tuple[GaugeBreak, ...]:
    """Find the breaks of gauge along a system.

    Parameters
    ----------
    sections : sequence of Feature
        The lines of the system, in the order of travel as far as there is one.
    points : iterable of Feature
        Points that may name a place; those with the role ``break_of_gauge`` are such places
        themselves.

    Returns
    -------
    tuple of GaugeBreak
        One wherever sections without a common gauge meet, at a point or over a stretch that has
        both gauges: who travels through changes once, at one of the places of the stretch. Then
        one for each point of that role that is none of these places and states two gauges.
    """
    spots = [spot for point in points if (spot := _Spot.of(point)) is not None]
    marked = [spot for spot in spots if spot.is_break]
    found, used = [], set()
    for joint in _joints([section for section in sections if gauges_of(section)]):
        for before, after in joint.changes():
            here = [spot for spot in marked if spot.distance_km(joint.ends) <= NEAR_KM]
            used |= set(here)
            places = tuple(spot.place for spot in here) or (_nearest(joint.ends[0], spots),)
            found.append(GaugeBreak(places, before, after))
    alone = [spot for spot in marked if spot not in used and len(spot.gauges) > 1]
    found += [GaugeBreak((spot.place,), spot.gauges[0], spot.gauges[-1]) for spot in alone]
    return tuple(found)


@dataclass(frozen=True)
class _Spot:
    """A point of the data."""

    place: Place
    gauges: tuple[int, ...]
    is_break: bool

    @classmethod
    def of(cls, point: Feature) -> _Spot | None:
        geometry = point.geometry
        if geometry is None or geometry.geom_type != "Point" or geometry.is_empty:
            return None
        lon, lat = shapely.get_coordinates(geometry)[0].tolist()
        is_break = BREAK_ROLE in split_list(point.properties.get("role"))
        return cls(Place(point.id, point.name, lon, lat), gauges_of(point), is_break)

    def distance_km(self, ends: Sequence[LonLat]) -> float:
        """Return the geodesic distance to the nearest of some positions."""
        lon, lat = np.array(ends).T
        own = np.full(len(ends), self.place.lon), np.full(len(ends), self.place.lat)
        return float(segment_lengths_m(*own, lon, lat).min()) / 1e3


def _nearest(position: LonLat, spots: Sequence[_Spot]) -> Place:
    """Name a position after the nearest point, if one is near enough."""
    distances = {spot: spot.distance_km((position,)) for spot in spots}
    near = min(spots, key=lambda spot: distances[spot], default=None)
    if near is None or distances[near] > NEAR_KM:
        return Place(None, None, *position)
    return Place(near.place.id, near.place.name, *position)


@dataclass(frozen=True)
class _Joint:
    """Where sections meet: a point, or a stretch of several gauges with all its ends."""

    ends: tuple[LonLat, ...]
    sections: tuple[Feature, ...]
    """The sections that meet there in the order given, those of the stretch itself last."""

    def changes(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs of gauges between which somebody has to change, each pair once."""
        first = gauges_of(self.sections[0])
        for gauges in dict.fromkeys(map(gauges_of, self.sections)):
            if not set(first) & set(gauges):
                yield first[0], gauges[0]


def _joints(rails: Sequence[Feature]) -> Iterator[_Joint]:
    """Yield the points and the stretches of several gauges where sections meet."""
    ends = [tuple(dict.fromkeys(_ends(rail))) for rail in rails]
    at: dict[LonLat, list[int]] = {}
    for number, tips in enumerate(ends):
        for tip in tips:
            at.setdefault(tip, []).append(number)
    seen: set[LonLat] = set()
    for start in at:
        if start in seen:
            continue
        reached, stretch, meeting = [start], dict[int, None](), set[int]()
        seen.add(start)
        for tip in reached:  # grows on the way
            meeting.update(at[tip])
            for number in at[tip]:
                if len(gauges_of(rails[number])) > 1 and number not in stretch:
                    stretch[number] = None
                    reached += [end for end in ends[number] if end not in seen]
                    seen.update(ends[number])
        order = [*sorted(meeting - stretch.keys()), *stretch]
        yield _Joint(tuple(reached), tuple(rails[number] for number in order))


def _ends(line: Feature) -> Iterator[LonLat]:
    """Yield the ends of the parts of a line, rounded, -180° as 180°."""
    for part in shapely.get_parts(line.line):
        if not part.is_empty:
            for lon, lat in shapely.get_coordinates(part)[[0, -1]].round(_DECIMALS).tolist():
                yield (180.0 if lon == -180 else lon), lat
