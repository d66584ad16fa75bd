"""Share out the length of lines over the territories of the base, disputed areas first.

A line is split at borders piece by piece: it is densified along its geodesics to pieces of at
most `PIECE_KM`, each piece is cut by the territories, and its geodesic length is shared out in
proportion. The parts therefore add up to the whole. What lies in a disputed area of the base is
counted under ``disputed:<id>`` and under no country. Within one piece the chord lies less than
8 cm from the geodesic (2 km, sagitta s²/8R), far below the precision of the boundaries themselves,
which is about ±0.4 km.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo.catalog import shipped_directory
from sco_geo.geodesy import densify, segment_lengths_m
from sco_geo.units import split_list

#: Longest piece in which a border crossing is found by straight lines in degrees, in km.
PIECE_KM = 2.0
#: Key of the part of a line that lies in no territory, at sea for example.
OUTSIDE = "outside"
#: Begin of the key of the part of a line that lies in a disputed area; its id follows.
DISPUTED = "disputed:"
#: A part shorter than this is rounding (vertices on a border have five decimals), not a visit.
CRUMB_KM = 0.01

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Territories:
    """The areas that share out lengths: disputed ones first, so that they are nobody's.

    `codes` are ISO 3166 alpha-3 codes or ``disputed:<id>``; `administered` says which codes of
    states stand behind the latter.
    """

    codes: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    administered: dict[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def shipped_territories() -> Territories:
    """Read the shipped territories and disputed areas at full resolution (about ±0.4 km)."""
    geo = shipped_directory("geo")
    return read_territories(geo / "disputed.geojson", geo / "territories.geojson")


def read_territories(*paths: Path) -> Territories:
    """Read the areas of GeoJSON files; those without a code count as ``outside``.

    Where areas overlap, the one that stands first counts: name a file of disputed areas first.
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
    geometries: npt.NDArray[np.object_] | Sequence[BaseGeometry], territories: Territories
) -> list[dict[str, float]]:
    """Share out the geodesic length of each line over the territories, in km.

    A piece that runs along a common border goes to the territory that stands first in the file.
    What lies in none is ``outside``. Parts shorter than `CRUMB_KM` are added to the longest part.
    The parts of a line add up to its length.
    """
    points, owner = _pieces(np.asarray(geometries, dtype=object))
    metres = segment_lengths_m(points[:, 0], points[:, 1], points[:, 2], points[:, 3])
    rows, piece = _wrapped(points)
    segments = shapely.linestrings(rows.reshape(-1, 2, 2))
    span = shapely.length(segments)
    totals: list[dict[str, float]] = [{} for _ in range(len(geometries))]
    left = np.ones(len(points))
    is_disputed = np.array([code.startswith(DISPUTED) for code in territories.codes], dtype=bool)
    for group in (np.flatnonzero(is_disputed), np.flatnonzero(~is_disputed)):
        for index, hits, fractions in _shares(segments, span, territories.polygons, group):
            pieces, where = np.unique(piece[hits], return_inverse=True)
            part = np.minimum(np.bincount(where, weights=fractions), left[pieces])
            left[pieces] -= part
            km = np.bincount(owner[pieces], metres[pieces] * part, minlength=len(totals)) / 1e3
            _add(totals, territories.codes[index], km)
            if is_disputed[index]:  # the country that it lies in must not count it again
                segments[hits] = shapely.difference(segments[hits], territories.polygons[index])
    left[left < 1e-12] = 0.0
    _add(totals, OUTSIDE, np.bincount(owner, weights=metres * left, minlength=len(totals)) / 1e3)
    return [_without_crumbs(parts) for parts in totals]


def _without_crumbs(parts: dict[str, float]) -> dict[str, float]:
    """Add parts shorter than `CRUMB_KM` to the longest part."""
    longest = max(parts, key=lambda code: parts[code], default="")
    kept = {code: km for code, km in parts.items() if km >= CRUMB_KM or code == longest}
    if longest:
        kept[longest] += sum(km for code, km in parts.items() if code not in kept)
    return kept


def _add(totals: list[dict[str, float]], code: str, km: Floats) -> None:
    for line in np.flatnonzero(km > 0):
        totals[line][code] = totals[line].get(code, 0.0) + float(km[line])


def _pieces(geometries: npt.NDArray[np.object_]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return short pieces as rows (lon0, lat0, lon1, lat1) and the line that each belongs to."""
    rows, owners = [np.empty((0, 4))], [np.empty(0, dtype=int)]
    parts, parents = shapely.get_parts(geometries, return_index=True)
    for part, parent in zip(parts, parents, strict=True):
        points, _ = densify(shapely.get_coordinates(part), PIECE_KM)
        rows.append(np.hstack([points[:-1], points[1:]]))
        owners.append(np.full(len(points) - 1, parent))
    return np.vstack(rows), np.concatenate(owners)


def _shares(
    segments: npt.NDArray[np.object_],
    span: Floats,
    polygons: npt.NDArray[np.object_],
    group: npt.NDArray[np.int64],
) -> Iterator[tuple[int, npt.NDArray[np.int64], Floats]]:
    """Yield, per polygon of a group, the segments that it touches and the share of each inside."""
    tree = shapely.STRtree(segments)
    touched = tree.query(polygons[group], predicate="intersects")
    inside = tree.query(polygons[group], predicate="contains_properly")
    for number in np.unique(touched[0]):
        hits = touched[1][touched[0] == number]
        whole = np.isin(hits, inside[1][inside[0] == number])
        polygon = polygons[group[number]]
        cut = segments[hits].copy()
        cut[~whole] = shapely.intersection(segments[hits[~whole]], polygon)
        has_span = span[hits] > 0
        fraction = shapely.length(cut) / np.where(has_span, span[hits], 1.0)
        yield int(group[number]), hits, np.where(has_span, fraction, 1.0)


def _wrapped(points: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Bring pieces into ±180°; one that crosses the antimeridian stands on both sides of it."""
    rows = points.copy()
    rows[:, 2] -= 360 * np.round((rows[:, 2] - rows[:, 0]) / 360)
    shift = 360 * np.floor((np.minimum(rows[:, 0], rows[:, 2]) + 180) / 360)
    rows[:, [0, 2]] -= shift[:, None]
    over = np.flatnonzero(np.maximum(rows[:, 0], rows[:, 2]) > 180)
    mirrored = rows[over] - np.array([360.0, 0.0, 360.0, 0.0])
    piece = np.concatenate([np.arange(len(rows)), over])
    return np.vstack([rows, mirrored]), piece
