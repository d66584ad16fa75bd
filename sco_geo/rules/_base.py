"""What every rule module builds on: the register of rules and the view of one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo._flat import POLYGONS, Bools, FeatureRow, Flat, Ints
from sco_geo.model import Finding, Severity
from sco_geo.rules._effort import find_intricate
from sco_geo.units import split_list

if TYPE_CHECKING:
    from sco_geo.geojson import Document
    from sco_geo.sources import Tables

#: Farthest values that are still worth showing as a place; metres are not.
_PLACE_LIMIT = (540.0, 180.0)


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
    """

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]

    @classmethod
    def collect(cls, documents: list[Document]) -> Context | None:
        """Take the polygons of the documents; None without any."""
        codes: list[str] = []
        polygons = []
        for document in documents:
            for feature in document.features:
                kind = feature.properties.get("kind", "territory")
                if kind != "territory" or feature.geometry is None:
                    continue
                if feature.geometry.geom_type in POLYGONS:
                    countries = split_list(feature.properties.get("countries"))
                    codes.append(countries[0] if countries else "")
                    polygons.append(feature.geometry)
        array = np.array(polygons, dtype=object)
        is_good = is_usable(array)
        if not is_good.any():
            return None
        array = shapely.force_2d(array[is_good])
        shapely.prepare(array)
        return cls(tuple(np.array(codes)[is_good].tolist()), array)


@dataclass(frozen=True, eq=False)
class Project:
    """The tables and settings that the layers of a project are checked with.

    Parameters
    ----------
    is_complete : bool
        Whether attributes may not be missing. A file without a sidecar was dropped in by a user:
        it may lack them, but those that it has must be right.
    """

    tables: Tables
    as_of: str | None
    directory: Path | None = None
    is_complete: bool = True

    def asks_for(self, properties: Mapping[str, object], member: str) -> bool:
        """Tell whether a fault of this member counts: it is there, or may not be missing."""
        return self.is_complete or properties.get(member) not in (None, "")


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
        lon, lat = shown_place(float(flat.lon[vertex]), float(flat.lat[vertex]))
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

    def position(self, vertex: int) -> int:
        """Return the number of a vertex in its part, from 0."""
        flat = self.flat
        return int(vertex - flat.offsets[flat.vertex_part[vertex]])

    def groups(self, vertices: Ints, labels: Ints) -> Iterator[tuple[int, int]]:
        """Yield the first vertex and the count of each group of vertices with one label."""
        _, first, count = np.unique(labels, return_index=True, return_counts=True)
        for index, number in sorted(zip(first.tolist(), count.tolist(), strict=True)):
            yield int(vertices[index]), number


def shown_place(lon: float, lat: float) -> tuple[float | None, float | None]:
    """Return the place for a finding, or None twice where the numbers are no degrees."""
    if abs(lon) > _PLACE_LIMIT[0] or abs(lat) > _PLACE_LIMIT[1]:
        return None, None
    return lon, lat


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 vertex``, ``3 vertices``."""
    if count == 1:
        return f"1 {noun}"
    many = {"vertex": "vertices", "territory": "territories"}.get(noun, f"{noun}s")
    return f"{count:,} {many}"
