"""The rules that hold computed lengths against published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import geodesy
from sco_geo._flat import FeatureRow
from sco_geo.claims import NOTABLE_PCT, PIPE_LENGTH, SECTION, WHOLE, difference_pct, is_notable
from sco_geo.model import Claim, Difference, Finding
from sco_geo.pipes import measure_pipe
from sco_geo.rules._base import REGISTRY, Context, Rule, View, accuracy_km, register
from sco_geo.rules._plane import DEGREE_KM
from sco_geo.sources import CLAIMS_FILE, DIFFERENCES_FILE, Tables

register(
    Rule(
        "TP413", "warning", "length far from every published one",
        "No published length_km of the same scope (whole, country, section) comes within 15 % of "
        "the computed length. A line that is drawn through points of the true one is shorter than "
        "it: then the range counts from the drawn length to the one with a detour to the edge of "
        "its band (accuracy_km) and back on each straight piece, where bends narrower than the "
        "band are no pieces of their own. Areas that one state alone administers count for that "
        "state. Where differences.csv has a line on the nearest figure, this is a note.",
        "The line is wrong, or the figure is about something else.",
        "270 km drawn, 472 km published", "270 km drawn, 280 km published",
    ),
    Rule(
        "SR511", "warning", "difference without a reason",
        "A published length_km differs by more than 10 % from the computed length of the same "
        "scope, and no row of differences.csv says why, or marks it as open.",
        "Readers cannot tell a wrong line from a figure that counts something else.",
        "line,whole,length_km,500,... for 420 km drawn, and no row line,whole in differences.csv",
        "line,whole,,false,Straight chords: the bends are not drawn.",
    ),
    Rule(
        "SR512", "warning", "reason for nothing",
        "A row of differences.csv is about no published length that differs by more than 10 % "
        "from the computed one, or another row says the same before it.",
        "The line or the figure has changed; a later difference would be explained wrongly.",
        "line,whole,,true,... where 498 km are drawn and 500 km published", "the row deleted",
    ),
)  # fmt: skip

#: How far a published length may be off, as a part of it.
_TOLERANCE = 0.15
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
    computed = _lengths(views)
    projects = [view.project for view in views.values() if view.project is not None]
    tables = {id(project.tables): project.tables for project in projects}
    for table in tables.values():
        for key, nearest in _far_from_all(computed, table).items():
            length = computed[key]
            found = _finding(views[length.path], key, length, nearest)
            yield length.path, _explained(found, table.explanation_of(nearest))


def check_differences(
    tables: Tables, views: Mapping[Path, View], *, is_whole: bool
) -> Iterator[Finding]:
    """Check that each notable difference has a reason, and each reason a difference.

    Parameters
    ----------
    is_whole : bool
        Whether all lines are there; only then a reason for nothing can be told.
    """
    computed = _lengths(views)
    far = _far_from_all(computed, tables)
    used: set[Difference] = set()
    for claim in tables.length_claims:
        length = computed.get((claim.subject_id, claim.scope))
        if length is None or not is_notable(length.low, float(claim.value)):
            continue
        reason = tables.explanation_of(claim)
        if reason is not None:
            used.add(reason)
        elif (claim.subject_id, claim.scope) not in far:  # which is a finding of its own
            yield _unexplained(tables, claim, length)
    has_countries = all(view.context is not None for view in views.values() if view.project)
    for row in tables.differences if is_whole and has_countries else ():
        if row not in used:
            what = f"{row.subject_id}, {row.scope}" + (f", {row.value} km" if row.value else "")
            message = f"{what}: explains no length that is off by more than {NOTABLE_PCT:g} %"
            hint = "Delete the row, or correct what it is about."
            yield _table_finding("SR512", tables, row, DIFFERENCES_FILE, message, hint)


def _unexplained(tables: Tables, claim: Claim, length: _Computed) -> Finding:
    message = (
        f"{claim.subject_id}, {claim.scope}: {length.low:,.1f} km computed, "
        f"{difference_pct(length.low, float(claim.value)):+.1f} % against the published "
        f"{float(claim.value):,g} km ({claim.source_id})"
    )
    hint = f"Add a row to {DIFFERENCES_FILE}: the reason, or what is open."
    return _table_finding("SR511", tables, claim, CLAIMS_FILE, message, hint)


def _table_finding(
    code: str, tables: Tables, row: Claim | Difference, name: str, message: str, hint: str
) -> Finding:
    path, line = tables.rows.get(row, (name, 0))
    return Finding(
        code, REGISTRY[code].severity, message, hint,
        path=path, line=line or None, layer=name, feature_id=row.subject_id,
    )  # fmt: skip


def _explained(finding: Finding, reason: Difference | None) -> Finding:
    """Turn the finding into a note where the tables say why."""
    if reason is None:
        return finding
    word = "Open" if reason.is_open else "Explained"
    message = f"{finding.message}. {word}: {reason.reason}"
    return replace(finding, severity="note", message=message, hint=None)


def _lengths(views: Mapping[Path, View]) -> dict[tuple[str, str], _Computed]:
    """Return the computed lengths by subject and scope."""
    computed: dict[tuple[str, str], _Computed] = {}
    for path, view in views.items():
        if view.project is not None and view.context is not None:
            _add_lengths(computed, path, view, view.context)
    return computed


def _far_from_all(
    computed: Mapping[tuple[str, str], _Computed], tables: Tables
) -> dict[tuple[str, str], Claim]:
    """Return the nearest claim of each subject and scope that has none within the tolerance."""
    claims: dict[tuple[str, str], list[Claim]] = {}
    for claim in tables.length_claims:
        claims.setdefault((claim.subject_id, claim.scope), []).append(claim)
    far = {}
    for key in sorted(computed.keys() & claims.keys()):
        length = computed[key]
        nearest = min(claims[key], key=lambda claim: abs(length.difference(float(claim.value))))
        if abs(length.difference(float(nearest.value))) > _TOLERANCE:
            far[key] = nearest
    return far


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
        lengths = {WHOLE: total, SECTION + feature.id: total}
        pipe = measure_pipe(feature.properties, total, parts)
        if pipe is not None:
            lengths[PIPE_LENGTH] = pipe.km
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
    published = float(nearest.value)
    percent = 100 * length.difference(published)
    computed = f"{length.low:,.1f} km"
    if length.high > length.low * 1.005 and published > length.high:
        computed += f"; even {length.high:,.1f} km, with detours within its accuracy, are"
    else:
        computed += ", which is"
    is_system = subject != length.row.id and not scope.startswith(SECTION)
    what = f'the system "{subject}"' if is_system else "the line"
    if scope == PIPE_LENGTH:
        what = f"the pipe of {what}"
    elif scope != WHOLE and not scope.startswith(SECTION):
        what += f" in {scope}"
    message = (
        f"{what} measures {computed} {percent:+.1f} % against the nearest published "
        f"{published:,g} km ({nearest.source_id})"
    )
    hint = (
        "Correct the line, give the figure the scope or property that it is about, or add a row to "
        f"{DIFFERENCES_FILE}."
    )
    if is_system:
        pointer = f"{length.row.pointer}/properties/system"
        finding = view.feature_finding("TP413", length.row, message, hint, pointer=pointer)
        return replace(finding, feature_index=None, feature_id=subject)
    return view.feature_finding("TP413", length.row, message, hint)
