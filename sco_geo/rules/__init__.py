"""The rules: each has a code, a severity, a meaning and a good and a bad example.

A rule is a function that takes a `View` of one document and yields findings without path, line
and column, which the caller adds. `REGISTRY` knows every code that is ever reported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sco_geo._garbage import garbage_collector_off
from sco_geo.model import Finding
from sco_geo.rules import (
    attributes,
    bbox,
    context,
    coordinates,
    crs,
    ends,
    layers,
    leaps,
    lengths,
    lines,
    polygons,
    provenance,
    routes,
    sidecars,
    structure,
    text,
)
from sco_geo.rules._base import REGISTRY, Context, Project, Rule, View, plural
from sco_geo.rules._territory import is_mapped_thing, is_territory_layer
from sco_geo.rules.context import why_no_territories
from sco_geo.rules.provenance import check_tables
from sco_geo.rules.sidecars import apply_accepted
from sco_geo.sources import Tables

_Check = Callable[[View], Iterator[Finding]]

#: Rules on geometries, which a binary file can break as well as a text.
GEOMETRY_RULES: tuple[_Check, ...] = (
    structure.check_structure,
    coordinates.check_positions,
    coordinates.check_range,
    coordinates.check_numbers,
    lines.check_lines,
    lines.check_antimeridian,
    leaps.check_leaps,
    polygons.check_polygons,
)
#: Rules for any file.
DOCUMENT_RULES: tuple[_Check, ...] = (
    text.check_text,
    *GEOMETRY_RULES,
    bbox.check_boxes,
    crs.check_crs,
    layers.check_layer,
    context.check_places,
)
#: Rules for the layers of a project.
PROJECT_RULES: tuple[_Check, ...] = (
    attributes.check_attributes,
    provenance.check_sources,
    sidecars.check_sidecar,
    layers.check_gaps,
    layers.check_slivers,
    routes.check_routes,
    ends.check_crossings,
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


def check_differences(
    tables: Tables, views: Mapping[Path, View], *, is_whole: bool
) -> tuple[Finding, ...]:
    """Apply the rules on the reasons why lengths differ; `is_whole`: no line is missing."""
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(lengths.check_differences(tables, views, is_whole=is_whole))


def check_geometries(view: View) -> Iterator[Finding]:
    """Apply the rules that look at nothing but geometries."""
    with np.errstate(over="ignore", invalid="ignore"):
        for rule in GEOMETRY_RULES:
            yield from rule(view)


def check_together(views: Mapping[Path, View]) -> Iterator[tuple[Path, Finding]]:
    """Apply the rules that compare documents."""
    yield from layers.check_ids_across(views)
    yield from ends.check_ends(views)
    yield from lengths.check_lengths(views)


#: Codes that ``--fix`` mends, and what it does about them.
FIXES: Mapping[str, str] = {
    "GJ004": "takes the mark away",
    "GJ112": "removes the member",
    "CO103": "cuts the line at ±180°",
    "CO114": "rounds the numbers",
    "GM203": "deletes the repeats",
    "GM212": "closes a gap of up to 1 cm; a wider one is left to you",
    "GM213": "makes first and last position the same",
    "GM214": "turns the ring round",
    "GM215": "turns the ring round",
    "GM241": "cuts the polygon at ±180°",
}


def fix_text(rule: Rule) -> str:
    """Say in one sentence whether ``--fix`` can mend what a rule finds."""
    if rule.code in FIXES:
        return f"`--fix` {FIXES[rule.code]}."
    return "`--fix` does not mend it."


def to_dict(rule: Rule) -> dict[str, object]:
    """Return a rule as the object of ``explain --format json``."""
    return {**asdict(rule), "fixable": rule.code in FIXES, "fix": FIXES.get(rule.code)}


def to_markdown() -> str:
    """Write the page ``docs/rules.md`` from the register."""
    lines_ = [
        "# Rules of the validator",
        "",
        "Generated from `sco_geo.rules.REGISTRY`; `sco-geo explain CODE` prints the same. An error",
        "rejects the file, a warning does not; a note never changes a verdict. Families: IO paths,",
        "GJ text and structure, CO coordinates, GM geometry, AT attributes, TP between features,",
        "SR sources and tables. [validation.md](validation.md) tells how to use them.",
        "",
        "| code | severity | rule | `--fix` |",
        "| --- | --- | --- | --- |",
    ]
    rules = [REGISTRY[code] for code in sorted(REGISTRY)]
    lines_ += [
        f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title} | "
        f"{'yes' if rule.code in FIXES else ''} |"
        for rule in rules
    ]
    for rule in rules:
        lines_ += ["", f"## {rule.code}", "", *_markdown_of(rule)]
    return "\n".join(lines_) + "\n"


def _markdown_of(rule: Rule) -> list[str]:
    title = rule.title[0].upper() + rule.title[1:]
    text = [f"**{title}** ({rule.severity}). {rule.meaning} {rule.why} {fix_text(rule)}"]
    for name, example in (("Bad", rule.bad), ("Good", rule.good)):
        text += ["", f"{name}:", "", f"```{_language(example)}", example, "```"]
    return text


def to_help(rule: Rule) -> tuple[str, str]:
    """Return what a viewer shows about a rule: as plain text and as Markdown."""
    plain = f"{rule.meaning} {rule.why} {fix_text(rule)}\n\nBad:\n{rule.bad}\n\nGood:\n{rule.good}"
    return plain, "\n".join(_markdown_of(rule))


def _language(example: str) -> str:
    """Return the language of an example for the colours of a code block."""
    try:
        json.loads(example)
    except ValueError:
        return "text"
    return "json"


__all__ = [
    "FIXES",
    "REGISTRY",
    "Context",
    "Project",
    "Rule",
    "View",
    "apply_accepted",
    "check_differences",
    "check_document",
    "check_geometries",
    "check_tables",
    "check_together",
    "is_mapped_thing",
    "is_territory_layer",
    "plural",
    "to_markdown",
    "why_no_territories",
]
