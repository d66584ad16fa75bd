"""Lengths of the lines of a catalog: in all, per country, gauge and status, beside the claims.

A line is split at borders piece by piece: it is densified along its geodesics to pieces of at
most `PIECE_KM`, each piece is cut by the territories, and its geodesic length is shared out in
proportion. The parts therefore add up to the whole. Within one piece the chord lies less than
8 cm from the geodesic (2 km, sagitta s²/8R), far below the precision of the boundaries themselves,
which is about ±0.4 km.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo.catalog import Catalog, Feature, shipped_directory
from sco_geo.geodesy import densify, line_lengths_m, segment_lengths_m
from sco_geo.model import Claim
from sco_geo.sources import Tables
from sco_geo.units import GEOMETRY_BASES, split_list

#: Longest piece in which a border crossing is found by straight lines in degrees, in km.
PIECE_KM = 2.0
#: Key of the part of a line that lies in no territory, at sea for example.
OUTSIDE = "outside"
METHOD = "exact"
#: A part shorter than this is rounding (vertices on a border have five decimals), not a visit.
CRUMB_KM = 0.01

#: Bases of geometry that cut corners; of a line without a stated basis nothing is known.
_CORNER_CUTTING = GEOMETRY_BASES - {"published_alignment"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Territories:
    """The territories that share out lengths: polygons and their ISO 3166 alpha-3 codes."""

    codes: tuple[str, ...]
    polygons: npt.NDArray[np.object_]


@dataclass(frozen=True)
class ClaimCheck:
    """A published length beside the computed one of the same scope."""

    value_km: float
    scope: str
    source_id: str
    as_of: str
    current: bool
    difference_pct: float | None

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "value_km": self.value_km,
            "scope": self.scope,
            "source_id": self.source_id,
            "as_of": self.as_of or None,
            "current": self.current,
            "difference_pct": self.difference_pct,
        }


@dataclass(frozen=True)
class Measurement:
    """The lengths of one line feature, in km."""

    feature: Feature
    length_km: float
    by_country: dict[str, float]
    by_gauge: dict[str, float]
    by_status: dict[str, float]
    claims: tuple[ClaimCheck, ...] = ()

    @property
    def is_lower_bound(self) -> bool:
        """Tell whether the line is drawn shorter than it is: chains of points, simplified rails."""
        return self.feature.properties.get("geometry_basis") in _CORNER_CUTTING

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "layer": self.feature.layer,
            "id": self.feature.id,
            "name": self.feature.name,
            "system": self.feature.system,
            "length_km": self.length_km,
            "network_length_km": self.feature.properties.get("network_length_km"),
            "pipe_length_km": self.feature.properties.get("pipe_length_km"),
            "method": METHOD,
            "is_lower_bound": self.is_lower_bound,
            "accuracy_km": self.feature.accuracy_km,
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "by_status": self.by_status,
            "claims": [claim.to_dict() for claim in self.claims],
        }


@dataclass(frozen=True)
class SystemMeasurement:
    """The lengths of a whole: the sum of its sections, in km."""

    id: str
    length_km: float
    by_country: dict[str, float]
    by_gauge: dict[str, float]
    is_lower_bound: bool
    claims: tuple[ClaimCheck, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "id": self.id,
            "length_km": self.length_km,
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "claims": [claim.to_dict() for claim in self.claims],
        }


@dataclass(frozen=True)
class LengthReport:
    """All lengths of a catalog."""

    features: tuple[Measurement, ...] = ()
    systems: tuple[SystemMeasurement, ...] = ()
    computed: dict[tuple[str, str], float] = field(default_factory=dict)
    """(subject, scope) of a claim -> the computed length that it is compared with, in km."""

    @cached_property
    def by_id(self) -> dict[str, Measurement]:
        """Return the measured features by their ids."""
        return {m.feature.id: m for m in self.features}

    @property
    def total_km(self) -> float:
        """Return the sum over all features."""
        return float(sum(m.length_km for m in self.features))

    def layer_km(self, layer_id: str) -> float:
        """Return the sum over the features of one layer."""
        return float(sum(m.length_km for m in self.features if m.feature.layer == layer_id))

    def to_dict(self) -> dict[str, object]:
        """Return the object of ``length --format json``."""
        return {
            "features": [m.to_dict() for m in self.features],
            "systems": [s.to_dict() for s in self.systems],
            "total_km": self.total_km,
        }


@lru_cache(maxsize=1)
def shipped_territories() -> Territories:
    """Read the shipped territories at full resolution (about ±0.4 km)."""
    return read_territories(shipped_directory("geo") / "territories.geojson")


def read_territories(path: Path) -> Territories:
    """Read the territories of a GeoJSON file; those without a code count as ``outside``."""
    codes, polygons = [], []
    for feature in geojson.read(path).features:
        countries = split_list(feature.properties.get("countries"))
        if feature.geometry is not None and feature.geometry.geom_type.endswith("Polygon"):
            codes.append(countries[0] if countries else OUTSIDE)
            polygons.append(feature.geometry)
    return Territories(tuple(codes), np.array(polygons, dtype=object))


def measure(catalog: Catalog, territories: Territories | None = None) -> LengthReport:
    """Measure all lines of a catalog (see the module for how borders are treated).

    Parameters
    ----------
    catalog : Catalog
        With geometries as they stand in the files: never simplified before they are measured.
    territories : Territories, optional
        Default: the shipped ones.
    """
    lines = [feature for feature in catalog.features if feature.is_line]
    if not lines:
        return LengthReport()
    geometries = np.array([feature.line for feature in lines], dtype=object)
    lengths = line_lengths_m(geometries) / 1e3
    shares = split_by_country(geometries, territories or shipped_territories())
    features = [
        _measurement(feature, float(length), share)
        for feature, length, share in zip(lines, lengths, shares, strict=True)
    ]
    by_id = {m.feature.id: m for m in features}
    systems = [
        _system(name, [by_id[section.id] for section in sections])
        for name, sections in catalog.systems.items()
    ]
    computed = _computed(features, systems)
    tables = catalog.tables
    return LengthReport(
        tuple(replace(m, claims=_feature_claims(m.feature, tables, computed)) for m in features),
        tuple(replace(s, claims=_claims(tables.claims_about(s.id), computed)) for s in systems),
        computed,
    )


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
    totals: list[dict[str, float]] = [{} for _ in range(len(geometries))]
    left = np.ones(len(points))
    for index, segments, fractions in _shares(points, territories):
        fractions = np.minimum(fractions, left[segments])
        left[segments] -= fractions
        part = np.bincount(
            owner[segments], weights=metres[segments] * fractions, minlength=len(totals)
        )
        _add(totals, territories.codes[index], part)
    left[left < 1e-12] = 0.0
    _add(totals, OUTSIDE, np.bincount(owner, weights=metres * left, minlength=len(totals)))
    return [_without_crumbs(parts) for parts in totals]


def _without_crumbs(parts: dict[str, float]) -> dict[str, float]:
    """Add parts shorter than `CRUMB_KM` to the longest part."""
    longest = max(parts, key=lambda code: parts[code], default="")
    kept = {code: km for code, km in parts.items() if km >= CRUMB_KM or code == longest}
    if longest:
        kept[longest] += sum(km for code, km in parts.items() if code not in kept)
    return kept


def _add(totals: list[dict[str, float]], code: str, metres: npt.NDArray[Any]) -> None:
    for line in np.flatnonzero(metres > 0):
        totals[line][code] = totals[line].get(code, 0.0) + float(metres[line]) / 1e3


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
    points: Floats, territories: Territories
) -> list[tuple[int, npt.NDArray[np.int64], npt.NDArray[Any]]]:
    """Return, per territory, the pieces that it touches and the fraction of each inside it."""
    rows, piece = _wrapped(points)
    segments = shapely.linestrings(rows.reshape(-1, 2, 2))
    tree = shapely.STRtree(segments)
    touched = tree.query(territories.polygons, predicate="intersects")
    inside = tree.query(territories.polygons, predicate="contains_properly")
    result = []
    for index in np.unique(touched[0]):
        hits = touched[1][touched[0] == index]
        whole = np.isin(hits, inside[1][inside[0] == index])
        fraction = np.ones(len(hits))
        cut = shapely.intersection(segments[hits[~whole]], territories.polygons[index])
        span = shapely.length(segments[hits[~whole]])
        fraction[~whole] = np.where(
            span > 0, shapely.length(cut) / np.where(span > 0, span, 1.0), 1.0
        )
        pieces, where = np.unique(piece[hits], return_inverse=True)
        result.append((int(index), pieces, np.bincount(where, weights=fraction)))
    return result


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


def _measurement(feature: Feature, length: float, by_country: dict[str, float]) -> Measurement:
    gauges = ";".join(split_list(feature.properties.get("gauges_mm")))
    by_status = {feature.status: length} if feature.status else {}
    by_gauge = {gauges: length} if gauges else {}
    return Measurement(feature, length, by_country, by_gauge, by_status)


def _system(name: str, sections: list[Measurement]) -> SystemMeasurement:
    return SystemMeasurement(
        name,
        float(sum(section.length_km for section in sections)),
        _sum(section.by_country for section in sections),
        _sum(section.by_gauge for section in sections),
        any(section.is_lower_bound for section in sections),
    )


def _sum(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for key, value in part.items():
            total[key] = total.get(key, 0.0) + value
    return total


def _computed(
    features: list[Measurement], systems: list[SystemMeasurement]
) -> dict[tuple[str, str], float]:
    """Return the computed length of every subject and scope that a claim can be about."""
    computed: dict[tuple[str, str], float] = {}
    for m in features:
        scope = f"section:{m.feature.id}"
        computed[m.feature.id, "whole"] = computed[m.feature.id, scope] = m.length_km
        computed.update({(m.feature.id, code): km for code, km in m.by_country.items()})
        if m.feature.system:
            computed[m.feature.system, scope] = m.length_km
    for system in systems:
        computed[system.id, "whole"] = system.length_km
        computed.update({(system.id, code): km for code, km in system.by_country.items()})
    return computed


def _feature_claims(
    feature: Feature, tables: Tables, computed: dict[tuple[str, str], float]
) -> tuple[ClaimCheck, ...]:
    """Check the claims about a feature, also those on it as a section of its system."""
    scope = f"section:{feature.id}"
    sections = tables.claims_about(feature.system) if feature.system else []
    own = tables.claims_about(feature.id)
    return _claims([*own, *(claim for claim in sections if claim.scope == scope)], computed)


def _claims(claims: list[Claim], computed: dict[tuple[str, str], float]) -> tuple[ClaimCheck, ...]:
    return tuple(
        ClaimCheck(
            float(claim.value),  # a positive number: Tables leaves out any other
            claim.scope,
            claim.source_id,
            claim.as_of,
            claim.current,
            difference_pct(computed.get((claim.subject_id, claim.scope)), float(claim.value)),
        )
        for claim in claims
    )


def difference_pct(computed_km: float | None, published_km: float) -> float | None:
    """Return by how many per cent a computed length differs from a published one."""
    if computed_km is None:
        return None
    return round(100 * (computed_km - published_km) / published_km, 2)
