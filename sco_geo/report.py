"""Text reports of the command line: lines for people, annotations for a forge."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sco_geo._excerpt import draw
from sco_geo.catalog import shipped_directory
from sco_geo.errors import UnknownIdError
from sco_geo.model import SEVERITIES, TEXT_REPEATS, Finding, Report, printable
from sco_geo.rules import Rule, fix_text
from sco_geo.units import split_list

if TYPE_CHECKING:
    from sco_geo.build import BuildResult
    from sco_geo.catalog import Catalog
    from sco_geo.geojson import Document
    from sco_geo.mending import Change
    from sco_geo.validation import Run

#: Columns of an excerpt where nobody says how wide the terminal is, and the fewest.
EXCERPT_WIDTH, LEAST_WIDTH = 100, 24


def validation_lines(
    run: Run, *, width: int = EXCERPT_WIDTH, with_hint: bool = True
) -> Iterator[str]:
    """Write the findings file by file and code by code, the verdicts, and a summary.

    Errors stand before warnings, warnings before notes; the first finding of a code that has a
    place has the excerpt of its line below it.

    Parameters
    ----------
    width : int
        The most columns of an excerpt.
    with_hint : bool
        Whether the last line tells how to learn more about the codes.
    """
    report = run.report
    documents = {file.report.path: file.document for file in run.files}
    yield from _grouped(report.findings, documents, width)
    for file in report.all_files:
        yield f"{printable(file.path)}: {file.verdict.replace('_', ' ')}"
    yield (
        f"{len(report.all_files)} file(s), {report.count('error')} error(s), "
        f"{report.count('warning')} warning(s)"
    )
    if with_hint and report.findings:
        worst = min(report.findings, key=lambda finding: SEVERITIES.index(finding.severity))
        yield f"More about a code: sco-geo explain {worst.code}"


def _grouped(
    findings: Iterable[Finding],
    documents: Mapping[str, Document | None] | None = None,
    width: int = EXCERPT_WIDTH,
) -> Iterator[str]:
    """Write findings by file and code, at most ten of a code and file."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    files: dict[str, int] = {}
    for finding in findings:
        path = finding.path or "-"
        files.setdefault(path, len(files))
        groups.setdefault((path, finding.code), []).append(finding)

    def rank(key: tuple[str, str]) -> tuple[int, int]:
        return files[key[0]], SEVERITIES.index(groups[key][0].severity)

    for path, code in sorted(groups, key=rank):
        same = groups[path, code]
        shown = same[:TEXT_REPEATS]
        to_excerpt = next((f for f in shown if f.line and f.column), None)
        for finding in shown:
            yield finding.to_text()
            if finding is to_excerpt:
                yield from _excerpt_lines(finding, (documents or {}).get(path), width)
        if len(same) > TEXT_REPEATS:
            more = len(same) - TEXT_REPEATS
            yield f"{printable(path)}: {code}: {more:,} more of the same, see --format json"


def _excerpt_lines(finding: Finding, document: Document | None, width: int) -> Iterator[str]:
    """Write the text at a finding and a caret below it.

    The number and the bar keep the text of the file away from the beginning of a line, where a
    forge would take it for a command of its own.
    """
    if document is None or not finding.line or not finding.column:
        return
    number = f"  {finding.line} | "
    width = max(width - len(number), LEAST_WIDTH)
    text, offset = document.excerpt(finding.line, finding.column, 4 * width)
    shown, caret = draw(text, offset, width, is_cut=offset < finding.column - 1)
    if shown:
        yield number + shown
        yield " " * (len(number) - 2) + "| " + caret


def github_lines(report: Report) -> Iterator[str]:
    """Write findings as workflow commands, which a forge shows beside the lines of a file."""
    level = {"error": "error", "warning": "warning", "note": "notice"}
    for finding in report.findings:
        place = [f"file={_escaped(finding.path or '-', is_property=True)}"]
        if finding.line:
            place.append(f"line={finding.line}")
        if finding.column:
            place.append(f"col={finding.column}")
        place.append(f"title={finding.code}")
        yield f"::{level[finding.severity]} {','.join(place)}::{_escaped(finding.to_text())}"


def _escaped(text: str, *, is_property: bool = False) -> str:
    """Escape a text as the toolkit of the forge does; other control characters are shown."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    text = text.replace(":", "%3A").replace(",", "%2C") if is_property else text
    return printable(text)


def explain_lines(rule: Rule) -> Iterator[str]:
    """Write what a rule says, why it matters, and its examples."""
    yield f"{rule.code} {rule.severity}: {rule.title}"
    for text in (rule.meaning, rule.why, fix_text(rule)):
        yield from textwrap.wrap(text, 78, initial_indent="  ", subsequent_indent="  ")
    for name, example in (("bad", rule.bad), ("good", rule.good)):
        yield f"  {name}:"
        yield from (f"    {line}" for line in example.split("\n"))


def rule_table_lines(rules: Iterable[Rule]) -> Iterator[str]:
    """Write one line a rule."""
    for rule in rules:
        yield f"{rule.code}  {rule.severity:<7}  {rule.title}"


def build_lines(result: BuildResult, *, with_timings: bool) -> Iterator[str]:
    """Write the outcome of a build."""
    yield from _grouped(result.report.findings)
    if result.output is None or result.catalog is None or result.lengths is None:
        errors, warnings = result.report.count("error"), result.report.count("warning")
        yield f"nothing written: {errors} error(s), {warnings} warning(s)"
        return
    for replacing, shipped in result.catalog.replaced:
        yield f"{printable(str(replacing))} replaces {printable(str(shipped))}"
    for layer in result.catalog.layers:
        km = result.lengths.layer_km(layer.id)
        length = f", {km:,.1f} km" if km else ""
        yield f"  {printable(layer.id)}: {len(layer.features)} features{length}"
    yield (
        f"wrote {printable(str(result.output))}: {result.size_bytes:,} bytes, "
        f"{result.gzip_bytes:,} compressed, data as of {result.catalog.settings.as_of}"
    )
    if with_timings:
        for stage, seconds in result.seconds.items():
            yield f"  {stage}: {seconds:.2f} s"


def source_usage(catalog: Catalog) -> dict[str, Any]:
    """Return every source with what it supports, and the cited ids that no row defines."""
    supports: dict[str, list[str]] = {}

    def cite(ids: object, what: str) -> None:
        for source_id in split_list(ids):
            supports.setdefault(source_id, []).append(what)

    tables = catalog.tables
    for claim in tables.claims:
        unit = "" if claim.unit in {"text", "date"} else f" {claim.unit}"
        scope = "" if claim.scope == "whole" else f" [{claim.scope}]"
        what = f"{claim.subject_id}{scope} {claim.property} = {claim.value}{unit}"
        cite(claim.source_id, what.strip())
    for row in tables.history:
        cite(row.source_id, f"{row.feature_id}: {row.status} from {row.start}")
    for fact in tables.facts:
        cite(fact.source_id, f"fact {fact.fact_id}: {fact.value} {fact.unit}".strip())
    for feature in catalog.features:
        cite(feature.properties.get("sources"), f"{feature.layer}/{feature.id}")
    for layer in catalog.layers:
        for entry in layer.sidecar.unlocated:
            cite(";".join(entry.get("sources", ())), f"{layer.id}, not drawn: {entry.get('en')}")
    for case in _disputed_cases():
        cite(case["sources"], f"disputed case {case['case_id']}")
    return {
        "sources": [
            {
                "source_id": source.source_id,
                "publisher": source.publisher,
                "title": source.title,
                "url": source.url,
                "date": source.date,
                "quality": source.quality,
                "supports": supports.get(source.source_id, []),
            }
            for source in sorted(tables.sources.values(), key=lambda s: s.source_id)
        ],
        "missing": sorted(set(supports) - set(tables.sources)),
        "unused": sorted(set(tables.sources) - set(supports)),
    }


def only_sources(usage: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return some sources by their ids, and what supports some lines, places or systems.

    Raises
    ------
    UnknownIdError
        For an id of no source and of nothing that a source supports.
    """
    asked = {name.casefold() for name in names}
    kept, found = [], set()
    for source in usage["sources"]:
        own = source["source_id"].casefold()
        # "ID property = value", "ID [scope] ...", "ID: status ..." or "layer/ID"
        about = {what: re.split("[ :]", what)[0].split("/")[-1] for what in source["supports"]}
        rows = [what for what, name in about.items() if {own, name.casefold()} & asked]
        if rows or own in asked:
            kept.append({**source, "supports": rows})
            found |= {own, *(about[what].casefold() for what in rows)}
    for name in names:
        if name.casefold() not in found:
            raise UnknownIdError(
                f'no source, and nothing that a source supports, has the id "{name}"; '
                "`sco-geo sources` lists all"
            )
    return {"sources": kept, "missing": [], "unused": []}


def _disputed_cases() -> list[dict[str, str]]:
    """Read the shipped table of disputed cases: what is drawn for each, why, by which source."""
    text = (shipped_directory("geo") / "disputed_cases.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def source_lines(usage: dict[str, Any]) -> Iterator[str]:
    """Write every source with the figures that it supports."""
    for source in usage["sources"]:
        when = f", {source['date']}" if source["date"] else ""
        yield printable(f"{source['source_id']}: {source['publisher']}{when}: {source['title']}")
        yield printable(f"    {source['url'] or 'no address'} ({source['quality'] or 'unrated'})")
        yield from (printable(f"    - {what}") for what in source["supports"])
    for source_id in usage["missing"]:
        yield printable(f"MISSING: {source_id} is cited but stands in no sources.csv")
    for source_id in usage["unused"]:
        yield printable(f"unused: {source_id}")
    count = len(usage["sources"])
    yield f"{count} source(s), {len(usage['missing'])} missing, {len(usage['unused'])} unused"


def mending_lines(
    changes: Sequence[Change], left: Iterable[str], path: str, output: str
) -> Iterator[str]:
    """Write every change, then the lines on what is left in the new file, then what was written."""
    for change in changes:
        yield change.to_text()
    yield from left
    if changes:
        yield f"wrote {printable(output)}: {len(changes):,} change{'s'[: len(changes) > 1]}"
    elif output == path:
        yield f"nothing to mend: {printable(path)} is as it was"
    else:
        yield f"nothing to mend: wrote {printable(output)}, a copy of {printable(path)}"
