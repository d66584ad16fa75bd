"""Rules on sources, claims and sidecars of a project."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register
from sco_geo.sources import CLAIMS_FILE, FACTS_FILE, HISTORY_FILE, SOURCES_FILE, Tables, unresolved

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
        "The column current is neither true nor false.",
        "Nobody can tell which of two claims holds.",
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
        "A claim of length_km has a value that is no positive number, or a unit other than km.",
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
        "A feature or a row of a table names a source that sources.csv does not define.",
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
        "SR505", "warning", "sidecar missing",
        "A layer of a project has no file of the same name with the ending .toml. It is only "
        "noted, and missing attributes are accepted, unless --project asks for all.",
        "Title, licence and attribution are unknown.",
        "layers/roads.geojson alone", "layers/roads.geojson and layers/roads.toml",
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


def check_sidecar(view: View) -> Iterator[Finding]:
    """Check that a layer of a project has a sidecar with title and licence."""
    project = view.project
    if project is None or project.directory is None:
        return
    if not (project.directory / SOURCES_FILE).is_file():
        return
    sidecar = Path(view.document.path).with_suffix(".toml")
    if not os.path.isfile(sidecar):  # a name may be too long to ask pathlib
        message = f"there is no {sidecar.name} beside the layer"
        hint = "Write one with title, licence and attribution."
        severity = REGISTRY["SR505"].severity if project.is_complete else "note"
        yield Finding("SR505", severity, message, hint)


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
    if any(True for _ in directories):
        known = _known_subjects(views)
        for row in dict.fromkeys(rows):
            if row[1] not in known:
                message = f'no feature and no system has the id "{row[1]}"'
                hint = "Correct the id, or delete the row."
                findings.append(_row_finding("SR503", tables, row, message, hint))
    return tuple(findings)


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
