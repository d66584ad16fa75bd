"""A pytest plugin that breaks one rule on purpose, for `test_rules_are_needed.py` alone.

``WITHOUT_RULE=GM221`` drops the findings of that code where they leave the reader of the text,
the rules, the tables, GeoParquet and the check as a whole. ``SWAPPED_RULE=GM221`` makes its errors
warnings, and its warnings and notes errors. The package knows nothing of this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sco_geo import _geometry_checks, geojson, rules, sources, validation
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

    def in_runs(run: Any) -> Any:
        files = [replace(file, report=in_documents(file.report)) for file in run.files]
        return replace(run, files=tuple(files), tables=tuple(changed(run.tables)))

    wrap(geojson, "parse", in_documents)
    wrap(rules, "check_document", changed)
    wrap(_geometry_checks, "_check_as_text", changed)
    wrap(sources.Tables, "load", in_documents)
    wrap(validation, "check", in_runs)


if WITHOUT or SWAPPED:
    install()
