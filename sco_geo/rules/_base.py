"""What every rule module builds on: the register of rules and the view of one document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sco_geo._flat import LINES, POLYGONS, Bools, FeatureRow, Flat, Ints
from sco_geo._json_text import shorten
from sco_geo.borders import DISPUTED, Territories, split_by_country
from sco_geo.model import Finding, Severity
from sco_geo.rules._effort import find_intricate
from sco_geo.units import LINE_KINDS, split_list

if TYPE_CHECKING:
    from sco_geo.geojson import Document
    from sco_geo.sources import Tables

#: Code of a territory that has none.
UNCODED = "uncoded"
#: Accuracy that no line or place needs, in km; more than that is a mistake.
MOST_ACCURACY_KM = 1e5


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked.

    Parameters
    ----------
    code : str
        Family and number; never used again for something else.
    meaning, why : str
        What the finding says, and what goes wrong if it is ignored.
    bad, good : str
        A short example that breaks the rule, and how it should be.
    """

    code: str
    severity: Severity
    title: str
    meaning: str
    why: str
    bad: str
    good: str


REGISTRY: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """Add rules to the register; a code that is taken is refused."""
    for rule in rules:
        if rule.code in REGISTRY:
            raise ValueError(f"rule code {rule.code} is used twice")
        REGISTRY[rule.code] = rule


def is_on_globe(polygons: NDArray[np.object_]) -> Bools:
    """Tell which polygons can be in degrees; longitudes may run on beyond ±180."""
    west, south, east, north = shapely.bounds(polygons).reshape(-1, 4).T
    result: Bools = (west >= -360) & (east <= 360) & (south >= -90) & (north <= 90)
    return result


def is_usable(polygons: NDArray[np.object_]) -> Bools:
    """Tell which polygons are valid, as far as that can be checked in reasonable time."""
    result = ~find_intricate(polygons)
    result[result] = shapely.is_valid(polygons[result])
    return result


@dataclass(frozen=True, eq=False)
class Context:
    """Territories that lines are compared with.

    Parameters
    ----------
    codes : tuple of str
        ISO 3166 alpha-3 of each polygon, or "" where none is given.
    disputed : dict of str to geometry
        Disputed areas by their ids; they are land, but no country's.
    administered : dict of str to tuple
        Codes of the states behind a disputed area, by its key ``disputed:<id>``.
    places : array of Point
        Places that lines may end at.
    is_certain : bool
        Whether the polygons say that they are territories. Others may be lakes or parks.
    sources : tuple of str
        Paths of the documents that the polygons are from.
    is_beside : bool
        Whether those were given to be checked, too.
    is_shipped : bool
        Whether they come with this program.
    """

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]
    disputed: Mapping[str, BaseGeometry] = field(default_factory=dict)
    administered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: NDArray[np.object_] = field(default_factory=lambda: np.array([], dtype=object))
    is_certain: bool = True
    sources: tuple[str, ...] = ()
    is_beside: bool = False
    is_shipped: bool = False

    @classmethod
    def collect(cls, documents: Iterable[Document], *, is_certain: bool = True) -> Context | None:
        """Take the polygons and places of the documents; None without any usable polygon."""
        codes: list[str] = []
        sources: list[str] = []
        polygons, places = [], []
        disputed: dict[str, BaseGeometry] = {}
        administered: dict[str, tuple[str, ...]] = {}
        for path, feature in ((d.path, feature) for d in documents for feature in d.features):
            kind = feature.properties.get("kind")
            geometry = feature.geometry
            if geometry is None:
                continue
            if geometry.geom_type in POLYGONS and kind in (None, "territory"):
                countries = split_list(feature.properties.get("countries"))
                codes.append(countries[0] if countries else "")
                polygons.append(geometry)
                sources.append(path)
            elif geometry.geom_type in POLYGONS and kind == "disputed_area":
                disputed[str(feature.id)] = geometry
                states = split_list(feature.properties.get("administered_codes"))
                administered[f"{DISPUTED}{feature.id}"] = states
            elif geometry.geom_type == "Point" and kind in (None, "place"):
                places.append(geometry)
        array = np.array(polygons, dtype=object)
        is_good = is_on_globe(array)
        is_good[is_good] = is_usable(array[is_good])
        if not is_good.any():
            return None
        array = shapely.force_2d(array[is_good])
        shapely.prepare(array)
        known = tuple(np.array(codes)[is_good].tolist())
        points = np.array(places, dtype=object)
        used = tuple(dict.fromkeys(np.array(sources)[is_good].tolist()))
        return cls(known, array, disputed, administered, points, is_certain, used)

    def sole_administrator(self, code: str) -> str | None:
        """Return the state that alone administers a disputed area, by its key ``disputed:<id>``."""
        states = self.administered.get(code, ())
        return states[0] if len(states) == 1 else None

    @cached_property
    def territories(self) -> Territories:
        """Return the areas as they share out lengths: disputed ones first."""
        codes = [f"{DISPUTED}{name}" for name in self.disputed]
        codes += [code or UNCODED for code in self.codes]
        areas = np.array([*self.disputed.values(), *self.polygons], dtype=object)
        return Territories(tuple(codes), areas)


@dataclass(frozen=True, eq=False)
class Project:
    """The tables and settings that the layers of a project are checked with.

    Parameters
    ----------
    is_complete : bool
        Whether attributes may not be missing. A file without a sidecar was dropped in by a user:
        it may lack them, but those that it has must be right.
    is_whole : bool
        Whether all layers of the directory are checked together, so that none is missing.
    """

    tables: Tables
    as_of: str | None
    directory: Path | None = None
    is_complete: bool = True
    is_whole: bool = True

    def asks_for(self, properties: Mapping[str, object], member: str) -> bool:
        """Tell whether a fault of this member counts: it is there, or may not be missing."""
        return self.is_complete or properties.get(member) not in (None, "")

    def status_of(self, row: FeatureRow) -> object:
        """Return the status on the date of the map: by the status history, else as stated."""
        scheme = "sco" if row.properties.get("kind") == "territory" else "project"
        rows = self.tables.intervals.get((str(row.id), scheme))
        if not rows or self.as_of is None:
            return row.properties.get("status")
        return next((r.status for r in rows if r.holds_on(self.as_of)), "none")


@dataclass(frozen=True, eq=False)
class View:
    """One document as rules see it."""

    document: Document
    context: Context | None = None
    project: Project | None = None

    @property
    def flat(self) -> Flat:
        """Return the flat coordinate array of the document."""
        return self.document.flat

    @cached_property
    def is_out_of_range(self) -> Bools:
        """Tell which vertices are beyond ±180 or ±90 degrees."""
        result: Bools = (np.abs(self.flat.lon) > 180) | (np.abs(self.flat.lat) > 90)
        return result

    @cached_property
    def is_part_in_range(self) -> Bools:
        """Tell which parts belong to a feature whose vertices are all on the globe."""
        is_bad = np.zeros(len(self.flat.features), dtype=bool)
        flat = self.flat
        is_bad[flat.part_feature[flat.vertex_part[self.is_out_of_range]]] = True
        return ~is_bad[flat.part_feature]

    @cached_property
    def steps(self) -> Ints:
        """Return the vertices that have a successor in the same part."""
        return np.flatnonzero(np.diff(self.flat.vertex_part) == 0)

    @cached_property
    def jumps(self) -> Ints:
        """Return the steps over more than 180 degrees of longitude, on the globe.

        Steps along a pole, and straight from one side of the map to the other along a parallel
        in a ring, are how a cut at ±180 is closed and are left out.
        """
        flat, steps = self.flat, self.steps
        lon, lat, after = flat.lon[steps], flat.lat[steps], steps + 1
        is_far = np.abs(flat.lon[after] - lon) > 180
        is_pole = (np.abs(lat) == 90) & (lat == flat.lat[after])
        part = flat.vertex_part[steps]
        is_seam = (np.abs(lon) == 180) & (np.abs(flat.lon[after]) == 180)
        is_seam &= flat.is_ring_part[part]
        result: Ints = steps[is_far & ~is_pole & ~is_seam & self.is_part_in_range[part]]
        return result

    @cached_property
    def is_off_globe(self) -> Bools:
        """Tell which features have a vertex beyond ±180 or ±90 degrees: they have no length."""
        result = np.zeros(len(self.flat.features), dtype=bool)
        result[self.flat.part_feature[~self.is_part_in_range]] = True
        return result

    @cached_property
    def shares(self) -> dict[int, dict[str, float]]:
        """Return, by row, the km of each line of a known kind by country (see `borders`)."""
        if self.context is None:
            return {}
        rows = [
            row
            for row, feature in enumerate(self.document.features)
            if one_of(feature.properties.get("kind"), LINE_KINDS)
            and feature.geometry is not None
            and feature.geometry.geom_type in LINES
            and not self.is_off_globe[row]
        ]
        if not rows:
            return {}
        lines = np.array([self.document.features[row].geometry for row in rows], dtype=object)
        parts = split_by_country(shapely.force_2d(lines), self.context.territories)
        return dict(zip(rows, parts, strict=True))

    def feature_finding(
        self, code: str, row: FeatureRow, message: str, hint: str | None = None,
        *, pointer: str | None = None, fixable: bool = False,
    ) -> Finding:  # fmt: skip
        """Make a finding about a feature as a whole."""
        return Finding(
            code,
            REGISTRY[code].severity,
            message,
            hint,
            fixable,
            pointer=row.pointer if pointer is None else pointer,
            feature_index=row.index,
            feature_id=row.id,
        )

    def vertex_finding(
        self, code: str, vertex: int, message: str, hint: str | None = None,
        *, fixable: bool = False,
    ) -> Finding:  # fmt: skip
        """Make a finding about one vertex."""
        flat = self.flat
        row = flat.features[flat.part_feature[flat.vertex_part[vertex]]]
        lon, lat = float(flat.lon[vertex]), float(flat.lat[vertex])
        return Finding(
            code,
            REGISTRY[code].severity,
            message,
            hint,
            fixable,
            pointer=flat.vertex_pointer(vertex),
            feature_index=row.index,
            feature_id=row.id,
            lon=lon,
            lat=lat,
        )

    def place_finding(
        self, code: str, row: FeatureRow, message: str, hint: str,
        *, lon: float, lat: float, pointer: str | None = None,
    ) -> Finding:  # fmt: skip
        """Make a finding about a place of a feature that need not be one of its vertices."""
        pointer = row.geometry_pointer if pointer is None else pointer
        finding = self.feature_finding(code, row, message, hint, pointer=pointer)
        return replace(finding, lon=round(float(lon), 7), lat=round(float(lat), 7))

    def position(self, vertex: int) -> int:
        """Return the number of a vertex in its part, from 0."""
        flat = self.flat
        return int(vertex - flat.offsets[flat.vertex_part[vertex]])

    def groups(self, vertices: Ints, labels: Ints) -> Iterator[tuple[int, int]]:
        """Yield the first vertex and the count of each group of vertices with one label."""
        _, first, count = np.unique(labels, return_index=True, return_counts=True)
        for index, number in sorted(zip(first.tolist(), count.tolist(), strict=True)):
            yield int(vertices[index]), number


def quote(value: object) -> str:
    """Write a value of a property for a message, shortened."""
    return f'"{shorten(value)}"' if isinstance(value, str) else shorten(value)


def one_of(value: object, words: Collection[str]) -> bool:
    """Tell whether a property, which may be of any type, is one of some words."""
    return isinstance(value, str) and value in words


def accuracy_km(properties: Mapping[str, object]) -> float:
    """Return the property accuracy_km; 0 if it is missing or no sensible number."""
    value = properties.get("accuracy_km")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    return float(value) if 0 <= value < MOST_ACCURACY_KM else 0.0


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 vertex``, ``3 vertices``."""
    if count == 1:
        return f"1 {noun}"
    many = {"vertex": "vertices", "territory": "territories"}.get(noun, f"{noun}s")
    return f"{count:,} {many}"
