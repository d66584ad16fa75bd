"""Share out the length of lines over the territories of the base, disputed areas first.

Between two vertices a line is a geodesic on WGS84, while the borders of the base are straight in
degrees of longitude and latitude. What lies far from all borders is settled by the cells of
`_territory_cells`. A stretch near one is halved until it bows by no more than `BOW_M` from the
straight line in degrees, is then a parabola through three points of the geodesic (within a few
centimetres of it), and is cut where that meets a border. Each part is a share of the geodesic
length, so that the parts of a line add up to the whole.

What lies in a disputed area of the base counts under ``disputed:<id>`` and for no country. What
runs along a border counts half for either side; along the edge of a disputed area it counts for
that area, along a coast for the state. It runs along a border if both ends of a stretch lie on one
straight piece of it, from which the geodesic bows by no more than `BOW_M`.

The borders of the base themselves are good to about ±0.4 km.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo._border_cuts import split_at_borders
from sco_geo._territory_cells import TerritoryIndex
from sco_geo.catalog import shipped_directory
from sco_geo.errors import GeometryError
from sco_geo.geodesy import Method, segment_lengths_m
from sco_geo.units import split_list

#: Key of the part of a line that lies in no territory, at sea for example.
OUTSIDE = "outside"
#: Begin of the key of the part of a line that lies in a disputed area; its id follows.
DISPUTED = "disputed:"
#: A part shorter than this is rounding (vertices on a border have five decimals), not a visit.
CRUMB_KM = 0.01
#: Lines and segments that are split at a time, so that the memory for it does not grow.
LINES, SEGMENTS = 5_000, 100_000

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Territories:
    """The areas that share out lengths: disputed ones first, so that they are nobody's.

    `codes` are ISO 3166 alpha-3 codes or ``disputed:<id>``; `administered` says which codes of
    states stand behind the latter.
    """

    codes: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    administered: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def order(self) -> Ints:
        """Return the numbers of the areas by precedence: disputed ones, then the others."""
        return np.argsort([not code.startswith(DISPUTED) for code in self.codes], kind="stable")

    @cached_property
    def index(self) -> TerritoryIndex:
        """Return the index of the polygons, in their `order`."""
        return TerritoryIndex(self.polygons[self.order])

    @cached_property
    def precedence(self) -> Ints:
        """Return who has what runs along an edge: disputed areas before states before nobody."""
        codes = [*(self.codes[number] for number in self.order), OUTSIDE]
        return np.array([2 if c.startswith(DISPUTED) else int(c != OUTSIDE) for c in codes])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of parts in the order of reports, `OUTSIDE` last."""
        ordered = (self.codes[number] for number in self.order)
        return (*dict.fromkeys(code for code in ordered if code != OUTSIDE), OUTSIDE)

    @cached_property
    def key_of_area(self) -> Ints:
        """Return for each area in its `order` the number of its key; the last is for no area."""
        number = {key: n for n, key in enumerate(self.keys)}
        return np.array([*(number[self.codes[n]] for n in self.order), number[OUTSIDE]])


@lru_cache(maxsize=1)
def shipped_territories() -> Territories:
    """Read the shipped territories and disputed areas at full resolution (about ±0.4 km)."""
    geo = shipped_directory("geo")
    return read_territories(geo / "disputed.geojson", geo / "territories.geojson")


def read_territories(*paths: Path) -> Territories:
    """Read the areas of GeoJSON files; those without a code count as ``outside``.

    Where areas overlap, the one that stands first counts, disputed areas before all others.
    """
    codes, polygons, administered = [], [], {}
    for feature in (feature for path in paths for feature in geojson.read(path).features):
        if feature.geometry is None or not feature.geometry.geom_type.endswith("Polygon"):
            continue
        countries = split_list(feature.properties.get("countries"))
        code = countries[0] if countries else OUTSIDE
        if feature.properties.get("kind") == "disputed_area":
            code = f"{DISPUTED}{feature.id}"
            administered[code] = split_list(feature.properties.get("administered_codes"))
        codes.append(code)
        polygons.append(feature.geometry)
    return Territories(tuple(codes), np.array(polygons, dtype=object), administered)


def split_by_country(
    geometries: npt.NDArray[np.object_] | Sequence[BaseGeometry],
    territories: Territories,
    *,
    method: Method = "exact",
) -> list[dict[str, float]]:
    """Share out the geodesic length of each line over the territories, in km.

    Parameters
    ----------
    geometries : array of LineString and MultiLineString
        Longitude and latitude in degrees; a longitude may lie beyond ±180.
    territories : Territories
        The areas; where they overlap, the first counts, disputed ones before all others.
    method : {"exact", "short"}
        How the lengths are measured that are shared out, see `geodesy.length_km`.

    Returns
    -------
    list of dict
        For each line the km by code, ``disputed:<id>`` or ``outside``; they add up to its length.
        Parts shorter than `CRUMB_KM` are added to the longest part. A line of length 0 has none.

    Notes
    -----
    A border is crossed where the geodesic between two vertices meets it, to some centimetres. See
    the module for what runs along a border.
    """
    keys = territories.keys
    places: list[Ints] = [np.empty(0, dtype=np.int64)]
    lengths: list[Floats] = [np.empty(0)]
    for ends, line in _blocks(np.asarray(geometries, dtype=object)):
        metres = segment_lengths_m(*ends.T, method=method)
        for segment, area, share in split_at_borders(
            ends, metres, territories.index, territories.precedence
        ):
            key = territories.key_of_area[area]
            place, group = np.unique(line[segment] * len(keys) + key, return_inverse=True)
            places.append(place)
            lengths.append(np.bincount(group, metres[segment] * share).astype(np.float64) / 1e3)
    totals: list[dict[str, float]] = [{} for _ in range(len(geometries))]
    place, group = np.unique(np.concatenate(places), return_inverse=True)
    km = np.bincount(group, np.concatenate(lengths), minlength=len(place))
    for number, length in zip(place[km > 0].tolist(), km[km > 0].tolist(), strict=True):
        totals[number // len(keys)][keys[number % len(keys)]] = length
    return [_without_crumbs(parts) for parts in totals]


def _without_crumbs(parts: dict[str, float]) -> dict[str, float]:
    """Add parts shorter than `CRUMB_KM` to the longest part."""
    if len(parts) < 2:
        return parts
    longest = max(parts, key=lambda code: parts[code])
    kept = {code: km for code, km in parts.items() if km >= CRUMB_KM or code == longest}
    kept[longest] += sum(km for code, km in parts.items() if code not in kept)
    return kept


def _blocks(geometries: npt.NDArray[np.object_]) -> Iterator[tuple[Floats, Ints]]:
    """Yield rows (lon, lat, lon, lat) without a jump at ±180, and the line of each.

    Raises
    ------
    GeometryError
        For a coordinate that is no place on the ellipsoid.
    """
    for base in range(0, len(geometries), LINES):
        parts, line = shapely.get_parts(geometries[base : base + LINES], return_index=True)
        points, part = shapely.get_coordinates(parts, return_index=True)
        line = base + line[part]
        _refuse_bad_places(points, line)
        starts = np.flatnonzero(part[1:] == part[:-1])
        for begin in range(0, len(starts), SEGMENTS):
            start = starts[begin : begin + SEGMENTS]
            ends = np.hstack([points[start], points[start + 1]])
            ends[:, 2] -= 360 * np.round((ends[:, 2] - ends[:, 0]) / 360)
            west = np.minimum(ends[:, 0], ends[:, 2])
            ends[:, ::2] -= 360 * np.floor((west + 180) / 360)[:, None]
            yield ends, line[start]


def _refuse_bad_places(points: Floats, line: Ints) -> None:
    is_bad = ~((np.abs(points[:, 0]) <= 540) & (np.abs(points[:, 1]) <= 90))
    if is_bad.any():
        first = np.argmax(is_bad)
        lon, lat = points[first]
        raise GeometryError(
            f"feature {line[first]}: ({lon}, {lat}) is not a longitude and latitude in degrees"
        )
