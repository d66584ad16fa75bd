"""A pytest plugin that breaks one rule on purpose, for `test_rules_are_needed.py` alone.

``WITHOUT_RULE=GM221`` drops the findings of that code where they leave the rules, the reader of
the text, the tables and the list of paths. ``SWAPPED_RULE=GM221`` makes its errors warnings, and
its warnings and notes errors. The package knows nothing of this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sco_geo import _paths, _surroundings, geojson, rules, sources
from sco_geo.model import Finding
from sco_geo.rules import REGISTRY

WITHOUT, SWAPPED = os.environ.get("WITHOUT_RULE", ""), os.environ.get("SWAPPED_RULE", "")


def changed(findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        if finding.code == SWAPPED:
            yield replace(finding, severity=REGISTRY[SWAPPED].severity)
        elif finding.code != WITHOUT:
            yield finding


def wrap(module: Any, name: str, convert: Callable[[Any], Any]) -> None:
    original = getattr(module, name)
    setattr(module, name, lambda *args, **options: convert(original(*args, **options)))


def install() -> None:
    if SWAPPED:
        other = "warning" if REGISTRY[SWAPPED].severity == "error" else "error"
        REGISTRY[SWAPPED] = replace(REGISTRY[SWAPPED], severity=other)  # type: ignore[arg-type]

    def in_documents(document: Any) -> Any:
        return replace(document, findings=tuple(changed(document.findings)))

    def in_pairs(pairs: Any) -> Iterator[Any]:
        return ((path, kept) for path, finding in pairs for kept in changed([finding]))

    def in_paths(file: Any) -> Any:
        report = replace(file.report, findings=tuple(changed(file.report.findings)))
        return replace(file, report=report)

    wrap(geojson, "parse", in_documents)
    wrap(rules, "check_document", changed)
    wrap(rules, "check_together", in_pairs)
    wrap(rules, "apply_accepted", lambda findings: list(changed(findings)))
    wrap(rules, "check_tables", lambda findings: tuple(changed(findings)))
    wrap(sources.Tables, "load", in_documents)
    wrap(_paths, "report_unusable", in_paths)
    wrap(_surroundings, "report_unusable", in_paths)


if WITHOUT or SWAPPED:
    install()
