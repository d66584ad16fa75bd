"""Places by name in three languages, by alias or by position.

Names are compared without regard to case, accents, hyphens and apostrophes. A position is
``LON,LAT`` in decimal degrees (the order of GeoJSON), or two numbers with the letters N, S, E, W
in either order.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sco_geo.errors import CatalogError, UnknownPlaceError
from sco_geo.network._tables import Row, read_rows
from sco_geo.network.crossings import Crossing, Crossings

LonLat = tuple[float, float]
#: What a caller may give as a place: a name, or (lon, lat) in degrees.
PlaceLike = str | tuple[float, float]

HUBS_FILE = "places.geojson"
PLACES_FILE = "rail_places.csv"
_COLUMNS = "name,name_zh,name_ru,aliases,lon,lat,country,population".split(",")

#: Two places of one name within this distance are one place, in degrees.
_SAME_DEG = 0.3
#: A town this near to a border crossing that bears its name is the one that is meant, in degrees.
_BESIDE_DEG = 0.5
#: Rank of the name of one side of a crossing, see `gates`.
SIDE = 3
_SUGGESTIONS = 5
#: How alike a name must be to be suggested, as the ratio of difflib: alfa and alpha have 0.67.
_ALIKE = 0.66
_COVERAGE = "any point in 15 to 150° E and 0 to 75° N can be given as LON,LAT"

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_DECIMAL = re.compile(rf"\s*({_NUMBER})\s*[,;\s]\s*({_NUMBER})\s*")
_HALF = rf"(?:([NSEW])\s*({_NUMBER})|({_NUMBER})\s*°?\s*([NSEW]))"
_LETTERS = re.compile(rf"\s*{_HALF}\s*[,;\s]?\s*{_HALF}\s*", re.IGNORECASE)
_COUNTRY = re.compile(r"(.+?)\s*(?:,\s*|\(\s*)([A-Za-z]{3})\s*\)?\s*")


@dataclass(frozen=True)
class Place:
    """A named point, or a position without a name."""

    name: str
    lon: float
    lat: float
    country: str = ""
    name_zh: str = ""
    name_ru: str = ""
    aliases: tuple[str, ...] = ()
    population: int = 0
    rank: int = 0
    """Of two places of one name the lower rank counts: hubs 0, crossings 1, towns 2, and one side
    of a crossing 3."""

    @property
    def point(self) -> LonLat:
        """Return (lon, lat) in degrees."""
        return self.lon, self.lat

    def is_same(self, other: Place) -> bool:
        """Tell whether another place is this one, and not only at the same point."""
        return self.point == other.point and self.name == other.name

    @property
    def label(self) -> str:
        """Return the name with its country, for messages."""
        return f"{self.name} ({self.country})" if self.country else self.name


@dataclass(frozen=True)
class Found:
    """The place that a text stands for, and a note where others have the same name."""

    place: Place
    note: str = ""


def format_position(lon: float, lat: float) -> str:
    """Write a position for people, such as ``41.26° N, 69.22° E``."""
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    return f"{abs(lat):.2f}° {north}, {abs(lon):.2f}° {east}"


def fold_name(text: str) -> str:
    """Return a name as it is compared: without case, accents and signs between letters."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’‘ʻʼ`´ʹ")
    return " ".join(re.split(r"[^\w]+", plain)).strip()


def parse_position(text: str) -> LonLat | None:
    """Return (lon, lat) of a text that is a position, or None if it is a name.

    Raises
    ------
    UnknownPlaceError
        For a position that is not on the earth or has one letter twice.

    Examples
    --------
    >>> parse_position("69.22,41.26"), parse_position("41.26N 69.22E")
    ((69.22, 41.26), (69.22, 41.26))
    """
    if found := _DECIMAL.fullmatch(text):
        return _checked(text, float(found[1]), float(found[2]))
    if not (found := _LETTERS.fullmatch(text)):
        return None
    values: dict[bool, float] = {}
    for group in (1, 5):
        letter = (found[group] or found[group + 3]).upper()
        number = float(found[group + 1] or found[group + 2])
        values[letter in "EW"] = -number if letter in "SW" else number
    if len(values) < 2:
        raise UnknownPlaceError(text, reason=f"{text!r} has two latitudes or two longitudes")
    return _checked(text, values[True], values[False])


def _checked(text: str, lon: float, lat: float) -> LonLat:
    if abs(lon) <= 180 and abs(lat) <= 90:
        return lon, lat
    swapped = abs(lat) <= 180 and abs(lon) <= 90
    hint = f"; the longitude comes first: {lat:g},{lon:g}?" if swapped else ""
    raise UnknownPlaceError(text, reason=f"{text!r} is not a position on the earth{hint}")


class Gazetteer:
    """All known places: hubs, border crossings and towns near railways."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self.places = tuple(places)

    @classmethod
    def load(cls, directory: Path, crossings: Crossings | None = None) -> Gazetteer:
        """Read the places of a directory; a missing file holds no places."""
        rows = crossings.rows if crossings else ()
        return cls([*_hubs(directory / HUBS_FILE), *gates(rows), *_towns(directory)])

    @cached_property
    def _by_name(self) -> dict[str, list[Place]]:
        names: dict[str, list[Place]] = {}
        for place in self.places:
            for name in dict.fromkeys(_keys_of(place)):
                names.setdefault(name, []).append(place)
        for places in names.values():
            sides = [place for place in places if place.rank == SIDE]
            places.sort(key=lambda place: (_order(place, sides), -place.population))
        return names

    def find(self, place: PlaceLike) -> Found:
        """Find a place by name, alias or position.

        A name may be followed by the country, as in ``Khorgos, KAZ``. Where several places have
        the name, hubs come first, then border crossings (but for the name of one side the town
        beside it), then the most populous town; a note says so.

        Raises
        ------
        UnknownPlaceError
            With names that look like it.
        """
        if not isinstance(place, str):
            return Found(_unnamed(place))
        if (point := parse_position(place)) is not None:
            return Found(_unnamed(point))
        key, country = fold_name(place), ""
        candidates = self._by_name.get(key, [])
        if not candidates and (parts := _COUNTRY.fullmatch(place)):
            key, country = fold_name(parts[1]), parts[2].upper()
            candidates = [p for p in self._by_name.get(key, []) if p.country == country]
        if not key or not candidates:
            said = UnknownPlaceError.said(place)
            unknown = f"no place is called {said!r} ({_COVERAGE})"
            raise UnknownPlaceError(place, self._suggest(key), reason=unknown)
        first, *others = candidates
        others = [other for other in others if not _is_same(first, other)]
        return Found(first, _ambiguity(place, first, others) if others else "")

    def _suggest(self, key: str) -> list[str]:
        inside = [name for name in self._by_name if len(key) > 2 and name.startswith(key)]
        close = difflib.get_close_matches(key, self._by_name, n=_SUGGESTIONS, cutoff=_ALIKE)
        names = dict.fromkeys(self._by_name[name][0].label for name in (*close, *inside))
        return list(names)[:_SUGGESTIONS]


def _order(place: Place, sides: Sequence[Place]) -> float:
    """Return what stands before what: a town beside its border, the border, towns elsewhere."""
    if place.rank == SIDE:
        return 1.6
    is_beside = any(math.dist(place.point, side.point) < _BESIDE_DEG for side in sides)
    return min(place.rank, 1.5) if is_beside else place.rank


def _unnamed(point: Sequence[float]) -> Place:
    """Return the place of a position, named by its coordinates."""
    try:
        lon, lat = (float(number) for number in point)
    except (TypeError, ValueError) as error:
        raise UnknownPlaceError(str(point), reason=f"{point!r} is not (lon, lat)") from error
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise UnknownPlaceError(str(point), reason=f"{point!r} is not a position")
    _checked(f"{lon:g},{lat:g}", lon, lat)
    return Place(format_position(lon, lat), lon, lat)


def _keys_of(place: Place) -> Iterator[str]:
    for name in (place.name, place.name_zh, place.name_ru, *place.aliases):
        if key := fold_name(name):
            yield key
        if "(" in name or "（" in name:
            yield fold_name(re.sub(r"[(（].*", "", name))


def _is_same(one: Place, other: Place) -> bool:
    close = math.dist(one.point, other.point) < _SAME_DEG
    return close and (one.country == other.country or not other.country or not one.country)


def _ambiguity(text: str, first: Place, others: Sequence[Place]) -> str:
    named = ", ".join(f"{o.label} at {format_position(*o.point)}" for o in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return (
        f"{text!r} is taken for {first.label} at {format_position(*first.point)}; "
        f"also so called: {named}{more}"
    )


def _hubs(path: Path) -> list[Place]:
    if not path.is_file():
        return []
    try:
        features = json.loads(path.read_bytes())["features"]
        return [_hub(feature) for feature in features]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"{path.name}: not a collection of named points: {error}") from error


def _hub(feature: dict[str, object]) -> Place:
    properties, geometry = feature["properties"], feature["geometry"]
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        raise TypeError("a feature without properties or geometry")
    lon, lat = geometry["coordinates"]
    name, name_zh, name_ru, country, aliases = (
        str(properties.get(key) or "")
        for key in ("name", "name_zh", "name_ru", "countries", "aliases")
    )
    return Place(name, float(lon), float(lat), country, name_zh, name_ru, tuple(aliases.split(";")))


def gates(rows: Iterable[Crossing]) -> list[Place]:
    """Return the places of border crossings, by their names and by the names of both sides.

    The point is that where the border is. Whoever names one side means the town beside it, if that
    is known.
    """
    whole, sides = [], []
    for row in rows:
        whole.append(Place(row.name, row.lon, row.lat, "", row.name_zh, row.name_ru, rank=1))
        parts = [part.strip() for part in re.split(r"\s[-–—/]\s|[–—/]", row.name)]
        for part in parts if len(parts) > 1 else ():
            sides.append(Place(f"{part} (border at {row.name})", row.lon, row.lat, rank=SIDE))
    return whole + sides


def _towns(directory: Path) -> list[Place]:
    path = directory / PLACES_FILE
    if not path.is_file():
        return []
    return [_town(row) for row in read_rows(path, _COLUMNS)]


def _town(row: Row) -> Place:
    lon, lat = row.lonlat()
    return Place(
        row.text("name"),
        lon,
        lat,
        row.text("country"),
        row.text("name_zh"),
        row.text("name_ru"),
        tuple(row.text("aliases").split(";")),
        int(row.optional_number("population", 0, 1e9) or 0),
        2,
    )
