"""The rule that holds computed lengths against published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geodesy
from sco_geo._flat import FeatureRow
from sco_geo.model import Claim, Finding
from sco_geo.rules._base import Context, Rule, View, accuracy_km, register
from sco_geo.rules._plane import DEGREE_KM

register(
    Rule(
        "TP413", "warning", "length far from every published one",
        "No published length_km of the same scope (whole, country, section) comes within 15 % of "
        "the computed length. A line that is drawn through points of the true one is shorter than "
        "it: then the range counts from the drawn length to the one with a detour to the edge of "
        "its band (accuracy_km) and back on each straight piece, where bends narrower than the "
        "band are no pieces of their own. Areas that one state alone administers count for that "
        "state.",
        "The line is wrong, or the figure is about something else.",
        "270 km drawn, 472 km published", "270 km drawn, 280 km published",
    ),
)  # fmt: skip

#: How far a published length may be off, as a part of it.
_TOLERANCE = 0.15
#: Begin of the scope of a claim about a section; its id follows.
_SECTION = "section:"
#: Basis of a geometry that leaves out no bends.
_TRUE_BASIS = "published_alignment"


@dataclass(frozen=True, eq=False)
class _Computed:
    """A computed length in km, what it may be within its accuracy, and where it belongs."""

    low: float
    high: float
    path: Path
    row: FeatureRow

    def difference(self, published_km: float) -> float:
        """Return how far the range lies from a published length, as a part of that."""
        nearest = min(max(published_km, self.low), self.high)
        return (nearest - published_km) / published_km


def check_lengths(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Check the lengths of the lines and systems of projects against the claims."""
    computed: dict[tuple[str, str], _Computed] = {}
    claims: dict[tuple[str, str], dict[Claim, None]] = {}
    for path, view in views.items():
        if view.project is not None and view.context is not None:
            _add_lengths(computed, path, view, view.context)
            for claim in view.project.tables.length_claims:
                claims.setdefault((claim.subject_id, claim.scope), {})[claim] = None
    for key in sorted(computed.keys() & claims.keys()):
        length = computed[key]
        nearest = min(claims[key], key=lambda claim: abs(length.difference(float(claim.value))))
        if abs(length.difference(float(nearest.value))) > _TOLERANCE:
            yield length.path, _finding(views[length.path], key, length, nearest)


def _add_lengths(
    computed: dict[tuple[str, str], _Computed], path: Path, view: View, context: Context
) -> None:
    for row, parts in view.shares.items():
        feature = view.flat.features[row]
        line = view.document.features[row].geometry
        total = sum(parts.values())
        if line is None or feature.id is None or not total:
            continue
        stretch = max(1.0, _stretched_km(line, feature) / total)
        lengths = {"whole": total, _SECTION + feature.id: total}
        for part, km in parts.items():
            code = context.sole_administrator(part) or part
            lengths[code] = lengths.get(code, 0.0) + km
        subjects = [feature.id]
        system = feature.properties.get("system")
        if isinstance(system, str) and view.project is not None and view.project.is_whole:
            subjects.append(system)
        for subject in subjects:
            for scope, km in lengths.items():
                before = computed.get((subject, scope), _Computed(0.0, 0.0, path, feature))
                computed[subject, scope] = replace(
                    before, low=before.low + km, high=before.high + km * stretch
                )


def _stretched_km(line: BaseGeometry, row: FeatureRow) -> float:
    """Return the length with one detour to the edge of the band on each straight piece."""
    band_km = accuracy_km(row.properties)
    if row.properties.get("geometry_basis") in (None, _TRUE_BASIS) or not band_km:
        return 0.0
    total = 0.0
    for part in shapely.get_parts(shapely.force_2d(line)):
        scale = np.array([np.cos(np.radians(shapely.get_coordinates(part)[:, 1].mean())), 1.0])
        scale = np.maximum(scale, 0.01) * DEGREE_KM
        plane = shapely.transform(part, lambda points, by=scale: points * by)
        coarse = shapely.simplify(plane, band_km, preserve_topology=False)
        points = shapely.get_coordinates(coarse) / scale
        chords_km = geodesy.segment_lengths_m(*points[:-1].T, *points[1:].T) / 1e3
        total += float(np.hypot(chords_km, 2 * band_km).sum())
    return total


def _finding(view: View, key: tuple[str, str], length: _Computed, nearest: Claim) -> Finding:
    subject, scope = key
    computed = f"{length.low:,.1f} km"
    if length.high > length.low * 1.005:
        computed += f" ({length.high:,.1f} km with detours within its accuracy)"
    percent = 100 * length.difference(float(nearest.value))
    is_system = subject != length.row.id and not scope.startswith(_SECTION)
    what = f'the system "{subject}"' if is_system else "the line"
    if scope != "whole" and not scope.startswith(_SECTION):
        what += f" in {scope}"
    message = (
        f"{what} measures {computed}, {percent:+.1f} % against the nearest published "
        f"{float(nearest.value):,g} km ({nearest.source_id})"
    )
    hint = "Correct the line, or give the figure the scope or property that it is about."
    if is_system:
        pointer = f"{length.row.pointer}/properties/system"
        finding = view.feature_finding("TP413", length.row, message, hint, pointer=pointer)
        return replace(finding, feature_index=None, feature_id=subject)
    return view.feature_finding("TP413", length.row, message, hint)
