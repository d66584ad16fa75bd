"""Known border crossings of railways: their names, gauges and hours of dwell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sco_geo.network._tables import Row, read_rows

LonLat = tuple[float, float]

CROSSINGS_FILE = "rail_crossings.csv"
#: A border or a break of gauge up to this far from a crossing is that crossing's, in km. Gauges
#: change at stations up to some thirty kilometres behind the boundary (Zabaykalsk, Sarakhs).
NEAR_KM = 40.0

_COLUMNS = (
    "crossing_id,name,name_zh,name_ru,lon,lat,from,to,gauges_mm_from,gauges_mm_to,hours"
).split(",")
_KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Crossing:
    """A row of the table; the countries are ISO 3166 alpha-3 in alphabetical order."""

    id: str
    name: str
    name_zh: str
    name_ru: str
    lon: float
    lat: float
    countries: frozenset[str]
    gauges_mm: frozenset[int]
    hours: float | None

    def distance_km(self, point: LonLat) -> float:
        """Measure the distance to a point near by in km; good to one in a hundred."""
        scale = math.cos(math.radians((self.lat + point[1]) / 2))
        return _KM_PER_DEGREE * math.hypot((self.lon - point[0]) * scale, self.lat - point[1])


@dataclass(frozen=True)
class Crossings:
    """All rows of the table."""

    rows: tuple[Crossing, ...] = ()

    @classmethod
    def load(cls, directory: Path) -> Crossings:
        """Read the table of a directory; without the file there are no known crossings."""
        path = directory / CROSSINGS_FILE
        if not path.is_file():
            return cls()
        return cls(tuple(_crossing(row) for row in read_rows(path, _COLUMNS)))

    @cached_property
    def _by_countries(self) -> dict[frozenset[str], list[Crossing]]:
        """Return the crossings of each pair of countries, and of each country."""
        found: dict[frozenset[str], list[Crossing]] = {}
        for row in self.rows:
            for key in (row.countries, *(frozenset([code]) for code in row.countries)):
                found.setdefault(key, []).append(row)
        return found

    def near(
        self, point: LonLat, countries: Sequence[str], gauges_mm: Sequence[int]
    ) -> Crossing | None:
        """Find the nearest crossing that fits a border, or a break of gauge, within `NEAR_KM`.

        Parameters
        ----------
        point : tuple
            (lon, lat) in degrees.
        countries : pair of str
            The countries on both sides; the same one twice for a break inside a country, which
            fits any crossing of this country where both gauges meet.
        gauges_mm : pair of int
            The gauges on both sides.
        """
        pair, gauges = frozenset(countries), frozenset(gauges_mm)
        rows = self._by_countries.get(pair, [])
        if len(pair) == 1:
            rows = [row for row in rows if len(gauges) > 1 and gauges <= row.gauges_mm]
        rows = [row for row in rows if abs(row.lat - point[1]) * _KM_PER_DEGREE <= NEAR_KM]
        nearest = min(rows, key=lambda row: row.distance_km(point), default=None)
        return nearest if nearest and nearest.distance_km(point) <= NEAR_KM else None


def _crossing(row: Row) -> Crossing:
    gauges = f"{row.text('gauges_mm_from')};{row.text('gauges_mm_to')}".split(";")
    lon, lat = row.lonlat()
    return Crossing(
        row.text("crossing_id"),
        row.text("name"),
        row.text("name_zh"),
        row.text("name_ru"),
        lon,
        lat,
        frozenset((row.text("from"), row.text("to"))),
        frozenset(int(mm) for mm in gauges if mm.strip().isdecimal()),
        row.optional_number("hours", 0, 10_000),
    )
