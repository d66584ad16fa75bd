"""Rules on the sources and tables of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register
from sco_geo.rules.history import check_history
from sco_geo.rules.sidecars import check_views
from sco_geo.sources import CLAIMS_FILE, FACTS_FILE, HISTORY_FILE, SOURCES_FILE, Tables, unresolved
from sco_geo.units import COUNTRY_CODES

#: Scopes of claims that are words.
_SCOPES = frozenset({"whole", "pipe_length"})
_SOURCES = "source_id,publisher,title,url,date,accessed,licence,quality"

register(
    Rule(
        "SR011", "error", "table not in UTF-8",
        "A table is not encoded in UTF-8.",
        "Names would be garbled.",
        "sources.csv saved as Windows-1251", "sources.csv saved as UTF-8",
    ),
    Rule(
        "SR012", "error", "column missing",
        "The first line of a table does not name all its columns.",
        "Cells could not be told apart.",
        "source_id,title", _SOURCES,
    ),
    Rule(
        "SR013", "error", "not readable as CSV",
        "A table breaks the form of CSV.",
        "Cells would end up in the wrong column.",
        'x,"China Daily,...', 'x,"China Daily",...',
    ),
    Rule(
        "SR014", "error", "too many cells",
        "A row has more cells than the table has columns.",
        "Usually a comma inside a text that is not quoted.",
        "x,Xinhua,Trains, trucks,...", 'x,Xinhua,"Trains, trucks",...',
    ),
    Rule(
        "SR015", "error", "cell empty",
        "A cell that must be filled is empty.",
        "A figure without subject, value or source proves nothing.",
        "x,,title,...", "x,publisher,title,...",
    ),
    Rule(
        "SR016", "error", "malformed date in a table",
        "A date is not an ISO 8601 year, month or day.",
        "Dates are compared as text.",
        "20 May 2025", "2025-05-20",
    ),
    Rule(
        "SR017", "error", "neither true nor false",
        "The column current of claims.csv, or is_open of differences.csv, is neither true nor "
        "false.",
        "Nobody can tell which of two claims holds, or whether a difference is explained.",
        "yes", "true",
    ),
    Rule(
        "SR018", "error", "source id for two sources",
        "One source_id stands for two different rows.",
        "A figure could be credited to the wrong publisher.",
        "osm,A,...\nosm,B,...", "osm-a,A,...\nosm-b,B,...",
    ),
    Rule(
        "SR019", "error", "length that is no number of kilometres",
        "A claim of length_km has a value that is no positive number of digits and at most one "
        "point, or a unit other than km.",
        "It could not be compared with the computed length.",
        "about 500,km", "500,km (and the word about in the note)",
    ),
    Rule(
        "SR020", "error", "unknown verdict",
        "The column verdict of facts.csv has none of its words.",
        "Readers must see which statements the sources bear out.",
        "true", "confirmed",
    ),
    Rule(
        "SR501", "error", "no source",
        "A feature of a project names no source.",
        "Nobody can check where it comes from.",
        '"sources": ""', '"sources": "natural-earth-4-1-0"',
    ),
    Rule(
        "SR502", "error", "unknown source",
        "A feature, a row of a table or a sidecar names a source that sources.csv does not "
        "define.",
        "The reference leads nowhere.",
        '"sources": "xinhua"', '"sources": "xinhua-2025-05-20"',
    ),
    Rule(
        "SR503", "error", "row about nothing",
        "A claim or a dated status is about an id that no feature and no system has.",
        "The figure would never be shown.",
        "cku-railwy,whole,length_km,523,...", "cku-railway,whole,length_km,523,...",
    ),
    Rule(
        "SR510", "error", "scope of nothing",
        "The scope of a claim is none of whole, pipe_length, a country code, or "
        "section: with the id of the subject or of a section of the system that it is about.",
        "The figure could be compared with nothing.",
        "cku-railway,section:cku-torugart,...", "cku-railway,section:cku-torugart-makmal,...",
    ),
)  # fmt: skip


def check_sources(view: View) -> Iterator[Finding]:
    """Check that every feature names sources, and that they are defined."""
    project = view.project
    if project is None:
        return
    for row in view.flat.features:
        if not row.is_feature:
            continue
        value = row.properties.get("sources")
        pointer = f"{row.pointer}/properties" + ("/sources" if "sources" in row.properties else "")
        if not project.asks_for(row.properties, "sources"):
            continue
        if not isinstance(value, str) or not value.strip(" ;"):
            hint = f"Write ids of {SOURCES_FILE}, with ; between several."
            yield view.feature_finding(
                "SR501", row, "the feature names no source", hint, pointer=pointer
            )
            continue
        for source in unresolved(project.tables, value):
            message = f'the source "{source}" is not in {SOURCES_FILE}'
            hint = f"Add a row to {SOURCES_FILE}, or correct the id."
            yield view.feature_finding("SR502", row, message, hint, pointer=pointer)


def check_tables(
    tables: Tables, views: list[View], directories: Iterable[Path]
) -> tuple[Finding, ...]:
    """Return what is wrong in the tables themselves.

    Parameters
    ----------
    directories : iterable of Path
        Directories that are checked as a whole; only then every subject must be found.
    """
    findings = list(tables.findings)
    rows = [(CLAIMS_FILE, claim.subject_id, claim.source_id) for claim in tables.claims]
    rows += [(HISTORY_FILE, row.feature_id, row.source_id) for row in tables.history]
    facts = [(FACTS_FILE, fact.fact_id, fact.source_id) for fact in tables.facts]
    for row in dict.fromkeys(rows + facts):
        for source in unresolved(tables, row[2]):
            message = f'the source "{source}" is not in {SOURCES_FILE}'
            findings.append(_row_finding("SR502", tables, row, message, "Add it or correct it."))
    directories = list(directories)
    findings += check_views(directories)
    if directories:
        known = _known_subjects(views)
        for row in dict.fromkeys(rows):
            if row[1] not in known:
                message = f'no feature and no system has the id "{row[1]}"'
                hint = "Correct the id, or delete the row."
                findings.append(_row_finding("SR503", tables, row, message, hint))
        findings += _check_scopes(tables, views)
    kinds = {
        row.id: row.properties.get("kind")
        for view in views
        for row in view.flat.features
        if row.id is not None
    }
    findings += check_history(tables, kinds)
    return tuple(findings)


def _check_scopes(tables: Tables, views: list[View]) -> Iterator[Finding]:
    """Check that each claim is about the whole, a country or a section that there is."""
    sections = {
        (subject, f"section:{row.id}")
        for view in views
        for row in view.flat.features
        for subject in (row.id, row.properties.get("system"))
        if isinstance(subject, str)
    }
    contexts = [view.context for view in views if view.context is not None]
    words = _SCOPES | COUNTRY_CODES | {code for context in contexts for code in context.codes}
    for claim in tables.claims:
        if claim.scope not in words and (claim.subject_id, claim.scope) not in sections:
            message = f'the scope of "{claim.subject_id}" is "{claim.scope}"'
            hint = "Use whole, a country code, or section: and the id of a section."
            path, line = tables.rows.get(claim, (CLAIMS_FILE, 0))
            yield Finding(
                "SR510", REGISTRY["SR510"].severity, message, hint,
                path=path, line=line or None, layer=CLAIMS_FILE, feature_id=claim.subject_id,
            )  # fmt: skip


def _known_subjects(views: list[View]) -> set[str]:
    known = set()
    for view in views:
        for row in view.flat.features:
            known.add(row.id)
            system = row.properties.get("system")
            if isinstance(system, str):
                known.add(system)
    return {name for name in known if name is not None}


def _row_finding(
    code: str, tables: Tables, row: tuple[str, str, str], message: str, hint: str
) -> Finding:
    path, line = tables.places.get(row, (row[0], 0))
    return Finding(
        code, REGISTRY[code].severity, message, hint,
        path=path, line=line or None, layer=row[0], feature_id=row[1],
    )  # fmt: skip
