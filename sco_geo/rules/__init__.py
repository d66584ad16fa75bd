"""The rules: each has a code, a severity, a meaning and a good and a bad example.

A rule is a function that takes a `View` of one document and yields findings without path, line
and column, which the caller adds. `REGISTRY` knows every code that is ever reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from sco_geo._json_text import garbage_collector_off
from sco_geo.model import Finding
from sco_geo.rules import (
    attributes,
    context,
    coordinates,
    crs,
    layers,
    leaps,
    lines,
    polygons,
    provenance,
    structure,
    text,
)
from sco_geo.rules._base import REGISTRY, Context, Project, Rule, View
from sco_geo.rules.layers import is_territory_layer
from sco_geo.rules.provenance import check_tables

_Check = Callable[[View], Iterator[Finding]]

#: Rules for any file.
DOCUMENT_RULES: tuple[_Check, ...] = (
    text.check_text,
    structure.check_structure,
    crs.check_crs,
    coordinates.check_positions,
    coordinates.check_range,
    coordinates.check_numbers,
    lines.check_lines,
    lines.check_antimeridian,
    leaps.check_leaps,
    polygons.check_polygons,
    layers.check_layer,
    context.check_places,
)
#: Rules for the layers of a project.
PROJECT_RULES: tuple[_Check, ...] = (
    attributes.check_attributes,
    provenance.check_sources,
    provenance.check_sidecar,
    layers.check_gaps,
    context.check_countries,
)


def check_document(view: View) -> Iterator[Finding]:
    """Apply all rules that need one document only."""
    # Numbers such as 1e300 overflow on the way; they are reported as what they are, off the globe.
    with garbage_collector_off(), np.errstate(over="ignore", invalid="ignore"):
        for rule in DOCUMENT_RULES:
            yield from rule(view)
        if view.project is not None and view.document.is_json:
            for rule in PROJECT_RULES:
                yield from rule(view)


def check_together(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Apply the rules that compare documents."""
    yield from layers.check_ids_across(views)


def to_markdown() -> str:
    """Write the page ``docs/rules.md`` from the register."""
    lines_ = [
        "# Rules of the validator",
        "",
        "Generated from `sco_geo.rules.REGISTRY`. An error rejects the file, a warning does not;",
        "a note never changes a verdict. Families: IO paths, GJ text and structure,",
        "CO coordinates, GM geometry, AT attributes, TP between features, SR sources and tables.",
        "",
        "| code | severity | rule |",
        "| --- | --- | --- |",
    ]
    rules = [REGISTRY[code] for code in sorted(REGISTRY)]
    lines_ += [
        f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title} |"
        for rule in rules
    ]
    for rule in rules:
        lines_ += [
            "",
            f"## {rule.code}",
            "",
            f"**{rule.title[0].upper()}{rule.title[1:]}** ({rule.severity}). {rule.meaning} "
            f"{rule.why}",
            "",
            "```",
            f"bad:  {_indent(rule.bad)}",
            f"good: {_indent(rule.good)}",
            "```",
        ]
    return "\n".join(lines_) + "\n"


def _indent(example: str) -> str:
    return example.replace("\n", "\n      ")


__all__ = [
    "REGISTRY",
    "Context",
    "Project",
    "Rule",
    "View",
    "check_document",
    "check_tables",
    "check_together",
    "is_territory_layer",
    "to_markdown",
]
