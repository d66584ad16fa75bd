"""Published lengths in the order in which a reader compares them: line by line, scope by scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sco_geo import geojson
from sco_geo.atlas import text
from sco_geo.borders import DISPUTED, OUTSIDE
from sco_geo.catalog import Catalog, Feature, shipped_directory
from sco_geo.claims import SECTION, WHOLE, ClaimCheck
from sco_geo.measure import LengthReport, Measurement, SystemMeasurement
from sco_geo.units import LANGUAGES, Language


@dataclass(frozen=True)
class Row:
    """The published lengths of one scope of a line, beside the computed length of the same."""

    subject: str
    scope: str
    label: str
    claims: tuple[ClaimCheck, ...]
    computed_km: float | None
    """None where nothing is drawn that could be measured."""
    is_lower_bound: bool
    is_share: bool
    """Whether it is one state's share of a line of chords, which may stray over a border: neither
    a bound nor exact."""


@dataclass(frozen=True)
class Group:
    """One line: its rows, the whole first, then states, then sections."""

    name: str
    rows: tuple[Row, ...]
    layers: frozenset[str]
    """Ids of the layers that the line is drawn in."""


def claim_groups(lengths: LengthReport, catalog: Catalog, language: Language) -> list[Group]:
    """Return the lines with published lengths; each claim of the report stands in one row.

    A claim on a section of a system, which the report has under both, is a row of the section.
    """
    names = _Names(catalog, language)
    groups = []
    for subjects in _by_line(lengths):
        rows = [row for subject in subjects for row in _rows(subject, lengths, names)]
        if not rows:
            continue
        layers = {layer for subject in subjects for layer in _layers(subject, catalog)}
        groups.append(Group(names.line(subjects[0]), tuple(rows), frozenset(layers)))
    return groups


Subject = Measurement | SystemMeasurement


def _id(subject: Subject) -> str:
    return subject.feature.id if isinstance(subject, Measurement) else subject.id


def _by_line(lengths: LengthReport) -> Iterable[list[Subject]]:
    """Yield each system followed by its sections, and each line without a system alone."""
    lines: dict[tuple[str, str], list[Subject]] = {
        ("system", system.id): [system] for system in lengths.systems
    }
    for m in lengths.features:
        system = m.feature.system
        lines.setdefault(("system", system) if system else ("line", m.feature.id), []).append(m)
    return lines.values()


def _layers(subject: Subject, catalog: Catalog) -> set[str]:
    if isinstance(subject, Measurement):
        return {subject.feature.layer}
    return {section.layer for section in catalog.systems.get(subject.id, ())}


def _rows(subject: Subject, lengths: LengthReport, names: _Names) -> Iterator[Row]:
    by_scope: dict[str, list[ClaimCheck]] = {}
    for claim in subject.claims:
        by_scope.setdefault(_scope(subject, claim.scope), []).append(claim)
    for scope in sorted(by_scope, key=lambda scope: _rank(subject, scope)):
        section = scope.removeprefix(SECTION)
        if section in lengths.by_id and not isinstance(subject, Measurement):
            continue  # a row of that section
        claims = tuple(sorted(by_scope[scope], key=lambda c: (c.value_km, not c.current)))
        computed = lengths.computed.get((_id(subject), scope))
        km = computed.km if computed and computed.km > 0 else None
        label = names.scope(subject, scope, claims[0].includes)
        is_bound = subject.is_lower_bound
        is_share = is_bound and len(subject.by_country) > 1 and scope in subject.by_country
        yield Row(_id(subject), scope, label, claims, km, is_bound and not is_share, is_share)


def _scope(subject: Subject, scope: str) -> str:
    """Return the scope with one name for a section as a whole: about itself, or of a system."""
    if isinstance(subject, Measurement) and scope == f"{SECTION}{subject.feature.id}":
        return WHOLE
    return scope


def _rank(subject: Subject, scope: str) -> tuple[int, int, str]:
    """Sort the whole before other sums, those before states in order of travel, then sections."""
    if scope == WHOLE:
        return 0, 0, ""
    if scope.startswith(SECTION):
        return 3, 0, scope
    order = list(subject.by_country)
    return (2, order.index(scope), scope) if scope in order else (1, 0, scope)


class _Names:
    """Names of lines, sections, states and scopes in one language."""

    def __init__(self, catalog: Catalog, language: Language) -> None:
        self._language = language
        self._texts = text.strings()[language]
        self._systems: dict[str, Mapping[str, str]] = {}
        for layer in catalog.layers:
            self._systems.update(layer.sidecar.systems)
        self._features = {feature.id: feature for feature in catalog.features}

    def line(self, subject: Subject) -> str:
        """Return the name of a line: of the system, or of a feature that belongs to none."""
        if isinstance(subject, SystemMeasurement):
            return self._system(subject.id)
        return self._system(subject.feature.system or "") or self._feature(subject.feature)

    def _system(self, key: str) -> str:
        return self._systems.get(key, {}).get(self._language) or key

    def _feature(self, feature: Feature) -> str:
        own = feature.properties.get(f"name_{self._language}")
        return str(own) if own else feature.name

    def scope(self, subject: Subject, scope: str, includes: tuple[str, ...]) -> str:
        """Return the name of what a length is about."""
        section = self._section(subject.feature) if isinstance(subject, Measurement) else ""
        if scope == WHOLE:
            return section or self._texts["scope_whole"]
        if scope.startswith(SECTION):
            named = self._features.get(scope.removeprefix(SECTION))
            return self._section(named) if named else scope.removeprefix(SECTION)
        kind = self._texts.get(f"scope_{scope}")
        what = kind or " + ".join(self._part(code) for code in (scope, *includes))
        return f"{section}{self._texts['and_then']}{what}" if section else what

    def _section(self, feature: Feature) -> str:
        """Return the name of a section without that of its line, or "" if it is no section."""
        if not feature.system:
            return ""
        name = self._feature(feature)
        return name.replace("：", ": ").partition(": ")[2].strip() or name

    def _part(self, code: str) -> str:
        """Return the name of a part of a length: a state, a contested area, or what is neither."""
        if code == OUTSIDE:
            return self._texts["outside"]
        return _area_names().get((code, self._language), code)


@lru_cache(maxsize=1)
def _area_names() -> dict[tuple[str, str], str]:
    """Read the names of states by ISO code and of contested areas by ``disputed:<id>``."""
    geo, names = shipped_directory("geo"), {}
    for raw in geojson.read(geo / "territories_display.geojson").features:
        for code in str(raw.properties.get("countries") or "").split(";"):
            names.update(_in_all_languages(code, raw))
    for raw in geojson.read(geo / "disputed.geojson").features:
        names.update(_in_all_languages(f"{DISPUTED}{raw.id}", raw))
    return names


def _in_all_languages(code: str, raw: geojson.RawFeature) -> dict[tuple[str, str], str]:
    english = raw.properties.get("name") or code
    return {
        (code, language): str(raw.properties.get(f"name_{language}") or english)
        for language in LANGUAGES
    }
