"""Lengths of the lines of a catalog: by country, gauge and status, of pipe, beside the claims."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sco_geo.borders import Territories, shipped_territories, split_by_country
from sco_geo.catalog import Catalog, Feature
from sco_geo.claims import (
    PIPE_LENGTH,
    SECTION,
    WHOLE,
    ClaimCheck,
    Computed,
    as_published,
    by_scope,
    check_claims,
    spreads,
)
from sco_geo.errors import CatalogError, UnknownIdError
from sco_geo.gauges import UNKNOWN, GaugeBreak, by_gauge, find_breaks
from sco_geo.geodesy import Method, line_lengths_m
from sco_geo.model import Claim, Source
from sco_geo.network_lengths import NetworkLength
from sco_geo.network_lengths import to_dict as network_dict
from sco_geo.pipes import PipeLength, measure_pipe
from sco_geo.sources import CLAIMS_FILE, Tables
from sco_geo.units import GEOMETRY_BASES
from sco_geo.validation import load_checked

#: Key of the length of what has no gauge.
NO_RAILWAY = "no railway"
#: Said of an id that is like none.
_WHERE_IDS_ARE = "ids stand in the first column of `sco-geo length PATH`"
#: Bases of geometry that cut corners; of a line without a stated basis nothing is known.
_CORNER_CUTTING = GEOMETRY_BASES - {"published_alignment"}


@dataclass(frozen=True)
class Measurement:
    """The lengths of one line feature, in km."""

    feature: Feature
    length_km: float
    by_country: dict[str, float]
    by_gauge: dict[str, float]
    by_status: dict[str, float]
    pipe: PipeLength | None = None
    """Length of pipe, each string counted; None where the line is no pipeline."""
    claims: tuple[ClaimCheck, ...] = ()
    method: str = "exact"

    @property
    def strays_km(self) -> dict[str, float]:
        """Return the km in countries that the drawn chord crosses though the real line does not."""
        return {
            code: km for code, km in self.by_country.items() if code in self.feature.strays_into
        }

    @property
    def network(self) -> NetworkLength | None:
        """Return the length along the rail network; None if the line is not drawn from it."""
        return NetworkLength.read(self.feature.properties)

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
            **network_dict(self.network),
            **_pipe_dict(self.pipe),
            "method": self.method,
            "is_lower_bound": self.is_lower_bound,
            "accuracy_km": self.feature.accuracy_km,
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "by_status": self.by_status,
            "strays_km": self.strays_km,
            "claims": [claim.to_dict() for claim in self.claims],
            "spreads": spreads(by_scope(self.claims, self.feature.id)),
        }


@dataclass(frozen=True)
class SystemMeasurement:
    """The lengths of a whole: the sum of its sections, in km."""

    id: str
    length_km: float
    by_country: dict[str, float]
    by_gauge: dict[str, float]
    by_status: dict[str, float]
    is_lower_bound: bool
    pipe: PipeLength | None = None
    """Length of pipe, each string counted; None where no section is a pipeline."""
    breaks: tuple[GaugeBreak, ...] = ()
    claims: tuple[ClaimCheck, ...] = ()
    strays_km: dict[str, float] = field(default_factory=dict)
    """The km, of those by country, of chords in countries that their real lines do not enter."""
    network: NetworkLength | None = None
    """Length along the rail network; None unless all sections are drawn from it."""

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "id": self.id,
            "length_km": self.length_km,
            **network_dict(self.network),
            "by_country": self.by_country,
            "by_gauge": self.by_gauge,
            "by_status": self.by_status,
            "strays_km": self.strays_km,
            "is_lower_bound": self.is_lower_bound,
            **_pipe_dict(self.pipe),
            "breaks_of_gauge": [change.to_dict() for change in self.breaks],
            "claims": [claim.to_dict() for claim in self.claims],
            "spreads": spreads(by_scope(self.claims)),
        }


def _pipe_dict(pipe: PipeLength | None) -> dict[str, float | None]:
    return {
        "pipe_length_km": pipe.km if pipe else None,
        "pipe_strings_unknown_km": pipe.unknown_km if pipe else None,
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
            hint = f"near: {', '.join(dict.fromkeys(near))}" if near else _WHERE_IDS_ARE
            raise UnknownIdError(f'no line and no system has the id "{name}"; {hint}')
        return replace(self, features=features, systems=systems)

    def layer_km(self, layer_id: str) -> float:
        """Return the sum over the features of one layer."""
        return float(sum(m.length_km for m in self.features if m.feature.layer == layer_id))

    def sums(self, by: str) -> dict[str, float]:
        """Return the sums over all features in km, the largest first; they add up to the total.

        Parameters
        ----------
        by : {"country", "gauge", "status"}
            What has no gauge because it is no railway is ``no railway``.
        """
        total = _sum(getattr(m, f"by_{by}") or {NO_RAILWAY: m.length_km} for m in self.features)
        return dict(sorted(total.items(), key=lambda pair: -pair[1]))

    def to_dict(self) -> dict[str, object]:
        """Return the object of ``length --format json``."""
        return {
            "features": [m.to_dict() for m in self.features],
            "systems": [s.to_dict() for s in self.systems],
            "total_km": self.total_km,
        }


def measure_layers(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    as_of: str | None = None,
    method: Method = "exact",
) -> LengthReport:
    """Measure the lines of layers, by country and gauge, beside every published length.

    Parameters
    ----------
    paths : path or sequence of paths
        Directories or GeoJSON files; the tables beside them give the published figures. A later
        file replaces an earlier one of the same name.
    as_of : str, optional
        Reference date (YYYY-MM-DD) instead of the one in ``atlas.toml``.
    method : {"exact", "short"}
        See `measure`.

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
    return measure(load_checked([Path(path) for path in given], as_of=as_of), method=method)


def measure(
    catalog: Catalog, territories: Territories | None = None, *, method: Method = "exact"
) -> LengthReport:
    """Measure all lines of a catalog (see `borders` for how they are split at borders).

    Parameters
    ----------
    catalog : Catalog
        With geometries as they stand in the files: never simplified before they are measured.
    territories : Territories, optional
        Default: the shipped ones.
    method : {"exact", "short"}
        How lengths are measured, whole and by country, see `geodesy.length_km`.

    Raises
    ------
    CatalogError
        If a claim is about an id that a line and a system share.
    """
    lines = [feature for feature in catalog.features if feature.is_line]
    if not lines:
        return LengthReport()
    geometries = np.array([feature.line for feature in lines], dtype=object)
    lengths = line_lengths_m(geometries, method=method) / 1e3
    territories = territories or shipped_territories()
    shares = split_by_country(geometries, territories, method=method)
    features = [
        _measurement(feature, float(length), share, method)
        for feature, length, share in zip(lines, lengths, shares, strict=True)
    ]
    by_id = {m.feature.id: m for m in features}
    points: dict[str | None, list[Feature]] = {}
    for point in (feature for feature in catalog.features if not feature.is_line):
        points.setdefault(point.system, []).append(point)
    systems = [
        _system(name, [by_id[section.id] for section in sections], points.get(name, []))
        for name, sections in catalog.systems.items()
    ]
    tables = catalog.tables
    _refuse_ambiguous_claims(catalog, by_id, tables)
    computed = _computed(features, systems, territories.administered)

    def check(claims: list[Claim]) -> tuple[ClaimCheck, ...]:
        return check_claims(claims, computed, tables)

    return LengthReport(
        tuple(replace(m, claims=check(_feature_claims(m.feature, tables))) for m in features),
        tuple(replace(s, claims=check(tables.claims_about(s.id))) for s in systems),
        computed,
        tables.sources,
    )


def _refuse_ambiguous_claims(catalog: Catalog, by_id: Collection[str], tables: Tables) -> None:
    """Refuse claims about an id that a line and a system with other sections share."""
    for claim in tables.length_claims:
        name = claim.subject_id
        if name in by_id and any(f.id != name for f in catalog.systems.get(name, ())):
            path, line = tables.rows.get(claim, (CLAIMS_FILE, 0))
            raise CatalogError(
                f'{path}:{line}: "{name}" is the id of a line and of a system with other sections, '
                "so that a length of it may be that of either: give one of them another id"
            )


def _measurement(
    feature: Feature, length_km: float, by_country: dict[str, float], method: str
) -> Measurement:
    return Measurement(
        feature,
        length_km,
        by_country,
        by_gauge(feature, length_km),
        {feature.status or UNKNOWN: length_km},
        measure_pipe({**feature.properties, "kind": feature.kind}, length_km, by_country),
        method=method,
    )


def _system(name: str, sections: list[Measurement], points: list[Feature]) -> SystemMeasurement:
    pipes = [section.pipe for section in sections if section.pipe is not None]
    return SystemMeasurement(
        name,
        float(sum(section.length_km for section in sections)),
        _sum(section.by_country for section in sections),
        _sum(section.by_gauge for section in sections),
        _sum(section.by_status for section in sections),
        any(section.is_lower_bound for section in sections),
        sum(pipes, PipeLength(0.0)) if pipes else None,
        find_breaks([section.feature for section in sections], points),
        strays_km=_sum(section.strays_km for section in sections),
        network=NetworkLength.sum(section.network for section in sections),
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
    subjects: list[tuple[str, Measurement | SystemMeasurement]]
    subjects = [(m.feature.id, m) for m in features] + [(s.id, s) for s in systems]
    for name, m in subjects:
        computed[name, WHOLE] = Computed(m.length_km)
        if m.pipe is not None:
            computed[name, PIPE_LENGTH] = Computed(m.pipe.km)
        for code, length in as_published(m.by_country, administered).items():
            computed[name, code] = length
    for m in features:
        for subject in filter(None, (m.feature.id, m.feature.system)):
            computed[subject, SECTION + m.feature.id] = Computed(m.length_km)
    return computed


def _feature_claims(feature: Feature, tables: Tables) -> list[Claim]:
    """Return the claims about a feature, also those on it as a section of its system."""
    scope = SECTION + feature.id
    sections = tables.claims_about(feature.system) if feature.system else []
    return [*tables.claims_about(feature.id), *(c for c in sections if c.scope == scope)]
