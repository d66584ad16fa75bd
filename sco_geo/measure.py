"""Lengths of the lines of a catalog: in all, per country, gauge and status, beside the claims."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sco_geo.borders import Territories, shipped_territories, split_by_country
from sco_geo.catalog import Catalog, Feature
from sco_geo.errors import UnknownIdError
from sco_geo.geodesy import line_lengths_m
from sco_geo.model import Claim, Source
from sco_geo.sources import Tables
from sco_geo.units import GEOMETRY_BASES, split_list
from sco_geo.validation import load_checked

METHOD = "exact"

#: Bases of geometry that cut corners; of a line without a stated basis nothing is known.
_CORNER_CUTTING = GEOMETRY_BASES - {"published_alignment"}


@dataclass(frozen=True)
class Computed:
    """A computed length in km, and the disputed parts in it that a country's figure counts."""

    km: float
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimCheck:
    """A published length beside the computed one of the same scope."""

    value_km: float
    scope: str
    source_id: str
    as_of: str
    current: bool
    difference_pct: float | None
    includes: tuple[str, ...] = ()
    """Keys ``disputed:<id>`` of the parts that are compared along with those of a country."""
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "value_km": self.value_km,
            "scope": self.scope,
            "source_id": self.source_id,
            "as_of": self.as_of or None,
            "current": self.current,
            "difference_pct": self.difference_pct,
            "includes": list(self.includes),
            "note": self.note,
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
    def strays_into(self) -> tuple[str, ...]:
        """Return the countries that the drawn chord crosses though the real line does not."""
        return self.feature.strays_into

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
    strays_into: tuple[str, ...] = ()
    """Countries that drawn chords cross though the real line does not."""

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "id": self.id,
            "length_km": self.length_km,
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "is_lower_bound": self.is_lower_bound,
            "claims": [claim.to_dict() for claim in self.claims],
        }


@dataclass(frozen=True)
class LengthReport:
    """All lengths of a catalog."""

    features: tuple[Measurement, ...] = ()
    systems: tuple[SystemMeasurement, ...] = ()
    computed: dict[tuple[str, str], Computed] = field(default_factory=dict)
    """(subject, scope) of a claim -> the computed length that it is compared with."""
    sources: dict[str, Source] = field(default_factory=dict)
    """The known sources by id: publisher, title, url and date behind a ``source_id``."""

    @cached_property
    def by_id(self) -> dict[str, Measurement]:
        """Return the measured features by their ids."""
        return {m.feature.id: m for m in self.features}

    @property
    def total_km(self) -> float:
        """Return the sum over all features."""
        return float(sum(m.length_km for m in self.features))

    def only(self, names: Sequence[str]) -> LengthReport:
        """Return the part about some features or systems, by their ids.

        Raises
        ------
        UnknownIdError
            For an id that no measured feature or system has, with the nearest ones.
        """
        called = {system.id: system.id for system in self.systems}
        called |= {m.feature.id: m.feature.name for m in self.features}
        asked = {name.casefold() for name in names}
        wanted = {key for key in called if key.casefold() in asked}
        features = tuple(m for m in self.features if {m.feature.id, m.feature.system} & wanted)
        systems = tuple(system for system in self.systems if system.id in wanted)
        for name in sorted(asked - {key.casefold() for key in wanted}):
            near = difflib.get_close_matches(name, sorted(called), n=5, cutoff=0.4)
            near += [key for key, title in called.items() if name in title.casefold()][:5]
            hint = ", ".join(dict.fromkeys(near)) or "none"
            raise UnknownIdError(f'no line and no system has the id "{name}"; near: {hint}')
        return replace(self, features=features, systems=systems)

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


def measure_layers(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, as_of: str | None = None
) -> LengthReport:
    """Measure the lines of layers, by country and gauge, beside every published length.

    Parameters
    ----------
    paths : path or sequence of paths
        Directories or GeoJSON files; the tables beside them give the published figures.
    as_of : str, optional
        Reference date (YYYY-MM-DD) instead of the one in ``atlas.toml``.

    Returns
    -------
    LengthReport
        With ``.features``, ``.systems``, ``.by_id``, ``.total_km`` and ``.only(ids)``, in km.

    Raises
    ------
    InputPathError, ValidationError
        See `validation.load_checked`.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return measure(load_checked([Path(path) for path in given], as_of=as_of))


def measure(catalog: Catalog, territories: Territories | None = None) -> LengthReport:
    """Measure all lines of a catalog (see `borders` for how they are split at borders).

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
    territories = territories or shipped_territories()
    shares = split_by_country(geometries, territories)
    features = [
        _measurement(feature, float(length), share)
        for feature, length, share in zip(lines, lengths, shares, strict=True)
    ]
    by_id = {m.feature.id: m for m in features}
    systems = [
        _system(name, [by_id[section.id] for section in sections])
        for name, sections in catalog.systems.items()
    ]
    computed = _computed(features, systems, territories.administered)
    tables = catalog.tables
    return LengthReport(
        tuple(replace(m, claims=_feature_claims(m.feature, tables, computed)) for m in features),
        tuple(replace(s, claims=_claims(tables.claims_about(s.id), computed)) for s in systems),
        computed,
        tables.sources,
    )


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
        strays_into=tuple(sorted({code for s in sections for code in s.strays_into})),
    )


def _sum(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for key, value in part.items():
            total[key] = total.get(key, 0.0) + value
    return total


def _computed(
    features: list[Measurement],
    systems: list[SystemMeasurement],
    administered: dict[str, tuple[str, ...]],
) -> dict[tuple[str, str], Computed]:
    """Return the computed length of every subject and scope that a claim can be about."""
    computed: dict[tuple[str, str], Computed] = {}
    for m in features:
        scope = f"section:{m.feature.id}"
        computed[m.feature.id, "whole"] = computed[m.feature.id, scope] = Computed(m.length_km)
        for code, length in _as_published(m.by_country, administered).items():
            computed[m.feature.id, code] = length
        if m.feature.system:
            computed[m.feature.system, scope] = Computed(m.length_km)
    for system in systems:
        computed[system.id, "whole"] = Computed(system.length_km)
        for code, length in _as_published(system.by_country, administered).items():
            computed[system.id, code] = length
    return computed


def _as_published(
    by_country: dict[str, float], administered: dict[str, tuple[str, ...]]
) -> dict[str, Computed]:
    """Return lengths that national figures can be held against.

    A state's own figure for a line counts the parts in areas that it alone administers. They are
    added for the comparison only, and named in it.
    """
    result = {code: Computed(km) for code, km in by_country.items()}
    for part in [code for code in by_country if len(administered.get(code, ())) == 1]:
        (state,) = administered[part]
        before = result.get(state, Computed(0.0))
        result[state] = Computed(before.km + by_country[part], (*before.includes, part))
    return result


def _feature_claims(
    feature: Feature, tables: Tables, computed: dict[tuple[str, str], Computed]
) -> tuple[ClaimCheck, ...]:
    """Check the claims about a feature, also those on it as a section of its system."""
    scope = f"section:{feature.id}"
    sections = tables.claims_about(feature.system) if feature.system else []
    own = tables.claims_about(feature.id)
    return _claims([*own, *(claim for claim in sections if claim.scope == scope)], computed)


def _claims(
    claims: list[Claim], computed: dict[tuple[str, str], Computed]
) -> tuple[ClaimCheck, ...]:
    return tuple(_check(claim, computed.get((claim.subject_id, claim.scope))) for claim in claims)


def _check(claim: Claim, computed: Computed | None) -> ClaimCheck:
    published_km = float(claim.value)  # a positive number: Tables leaves out any other
    return ClaimCheck(
        published_km,
        claim.scope,
        claim.source_id,
        claim.as_of,
        claim.current,
        difference_pct(computed.km if computed else None, published_km),
        computed.includes if computed else (),
        claim.note,
    )


def difference_pct(computed_km: float | None, published_km: float) -> float | None:
    """Return by how many per cent a computed length differs from a published one."""
    if computed_km is None:
        return None
    return round(100 * (computed_km - published_km) / published_km, 2)
