"""The corpus: every file gets the verdict that the standards give it, and the fault its place.

The labels in `expected.csv` are made by hand from the texts that its column `basis` names, never
by running the validator.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sco_geo.model import FileReport, Finding
from sco_geo.rules import REGISTRY
from sco_geo.validation import validate

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "validators.md"
VERDICTS = ("accept", "accept_with_warning", "reject")
SEVERITY = {"reject": "error", "accept_with_warning": "warning"}
#: How far the place of a finding may be off, in degrees.
NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Case:
    """A row of expected.csv; alternatives are tuples, empty where nothing is asked."""

    file: str
    verdict: str
    tolerable: tuple[str, ...]
    rules: tuple[str, ...]
    feature_index: tuple[int, ...]
    places: tuple[tuple[float, float], ...]
    """Longitude and latitude in degrees, one of which the finding names."""
    basis: str


def read_cases() -> Iterator[Case]:
    def split(cell: str) -> tuple[str, ...]:
        return tuple(part for part in cell.split(";") if part)

    with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lons, lats = split(row["lon"]), split(row["lat"])
            yield Case(
                row["file"],
                row["verdict"],
                split(row["tolerable"]),
                split(row["rules"]),
                tuple(map(int, split(row["feature_index"]))),
                tuple((float(lon), float(lat)) for lon, lat in zip(lons, lats, strict=True)),
                row["basis"],
            )


CASES = tuple(read_cases())
FAULTY = [case for case in CASES if case.verdict != "accept"]


def check(case: Case) -> FileReport:
    """Validate a file, together with its folder where that is a case of `context`."""
    path = CORPUS / case.file
    paths = sorted(path.parent.glob("*.geojson")) if case.file.startswith("context/") else [path]
    return next(file for file in validate(paths).files if file.path == str(path))


def is_at(finding: Finding, places: tuple[tuple[float, float], ...]) -> bool:
    if finding.lon is None or finding.lat is None:
        return False
    return any(
        abs(finding.lon - lon) <= NEAR and abs(finding.lat - lat) <= NEAR for lon, lat in places
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file.removesuffix(".geojson"))
def test_verdict_and_fault(case: Case) -> None:
    report = check(case)
    found = [finding.to_text() for finding in report.findings]
    assert report.verdict == case.verdict, (case.basis, found)
    if case.verdict == "accept":
        return
    named = [f for f in report.findings if f.code in case.rules]
    named = [f for f in named if f.severity == SEVERITY[case.verdict]]
    assert named, (case.rules, found)
    if case.feature_index:
        named = [f for f in named if f.feature_index in case.feature_index]
        assert named, (case.feature_index, found)
    if case.places:
        assert [f for f in named if is_at(f, case.places)], (case.places, found)
    assert all(f.line is not None and f.column is not None for f in named), found


def test_every_file_is_listed_once_and_is_there() -> None:
    there = {str(p.relative_to(CORPUS)) for p in CORPUS.rglob("*") if p.is_file()}
    listed = [case.file for case in CASES]
    assert sorted(listed) == sorted(there - {"expected.csv"})
    assert listed == sorted(listed)


def test_the_corpus_is_large_and_even() -> None:
    counts = Counter(case.file.split("/")[0] for case in CASES)
    assert sum(counts.values()) >= 150
    assert len(counts) >= 12
    assert {name: count for name, count in counts.items() if count < 5} == {}
    good = sum(case.verdict == "accept" for case in CASES)
    assert good >= 0.3 * len(CASES), "files that provoke false alarms"


def test_labels_are_complete() -> None:
    for case in CASES:
        assert case.verdict in VERDICTS, case.file
        assert set(case.tolerable) <= set(VERDICTS) - {case.verdict}, case.file
        assert set(case.rules) <= set(REGISTRY), case.file
        assert case.basis.strip(), case.file
        assert bool(case.rules) == (case.verdict != "accept"), case.file
    for case in FAULTY:
        severities = {REGISTRY[code].severity for code in case.rules}
        assert SEVERITY[case.verdict] in severities, case.file


def test_no_two_files_are_the_same() -> None:
    texts = Counter((CORPUS / case.file).read_bytes() for case in CASES)
    twice = [case.file for case in CASES if texts[(CORPUS / case.file).read_bytes()] > 1]
    assert [name for name in twice if not name.startswith("context/")] == []


def test_the_page_with_the_scores_is_about_this_corpus() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"\n{len(CASES)} files." in text, "run `make bench` with --write after a change"
    for name, count in Counter(case.file.split("/")[0] for case in CASES).items():
        assert f"\n| {name} | {count} | " in text
