"""Names for places on the way: of known crossings, else of the nearest known place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sco_geo.network.crossings import Crossings, LonLat
from sco_geo.network.places import Gazetteer, Place, format_position

#: A known place up to this far away gives its name to a border, in km.
NEAR_PLACE_KM = 60.0


class Namer:
    """Finds names; the gazetteer is read only if it is needed."""

    def __init__(self, crossings: Crossings, gazetteer: Callable[[], Gazetteer]) -> None:
        self._crossings = crossings
        self._gazetteer = gazetteer

    def name_border(
        self, point: LonLat, countries: Sequence[str], gauges_mm: Sequence[int]
    ) -> tuple[str, str, str]:
        """Return names in English, Chinese and Russian; the last two may be empty."""
        crossing = self._crossings.near(point, countries, gauges_mm)
        if crossing is not None:
            return crossing.name, crossing.name_zh, crossing.name_ru
        place = self.nearest_place(point, NEAR_PLACE_KM)
        if place is not None:
            return place.name, place.name_zh, place.name_ru
        return format_position(*point), "", ""

    @cached_property
    def _points(self) -> npt.NDArray[np.float64]:
        places = self._gazetteer().places
        return np.array([place.point for place in places], dtype=float).reshape(-1, 2)

    def nearest_place(self, point: LonLat, within_km: float) -> Place | None:
        """Return the nearest known place within a distance, or None."""
        if not len(self._points):
            return None
        scale = np.cos(np.radians(point[1]))
        dx, dy = (self._points[:, 0] - point[0]) * scale, self._points[:, 1] - point[1]
        km = 111.2 * np.hypot(dx, dy)
        best = int(km.argmin())
        return self._gazetteer().places[best] if km[best] <= within_km else None

    def describe(self, point: LonLat) -> str:
        """Describe a position for people, with the nearest known place."""
        place = self.nearest_place(point, 1000.0)
        text = format_position(*point)
        return f"{text}, near {place.label}" if place else text
