"""Frozen records that the other modules exchange: findings, reports and rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Literal

from sco_geo.errors import ValidationError

Severity = Literal["error", "warning", "note"]
#: The severities, worst first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
Verdict = Literal["accept", "accept_with_warning", "reject"]

#: Repeats of one code in one file that a text report prints before it only counts them.
TEXT_REPEATS = 10


def format_place(lon: float, lat: float) -> str:
    """Write a place as people read it: ``66.02° N, 179.88° E`` (input is lon, lat in degrees).

    Numbers that are no place on the globe stand in brackets as in the file: ``[7703308.9, 95.5]``.
    """
    if abs(lon) > 180 or abs(lat) > 90:
        return f"[{lon:.10g}, {lat:.10g}]"
    north = "N" if lat >= 0 else "S"
    east = "E" if lon >= 0 else "W"
    return f"{abs(lat):.6g}° {north}, {abs(lon):.6g}° {east}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule has to say about one place in one file.

    Parameters
    ----------
    line, column : int or None
        Position in the text, counted from 1.
    pointer : str or None
        JSON pointer (RFC 6901) of the member in question.
    feature_index : int or None
        Position in ``features`` from 0; 0 for a root Feature or geometry.
    lon, lat : float or None
        The place in degrees, WGS84; the numbers of the file where they are no place on the globe.
    """

    code: str
    severity: Severity
    message: str
    hint: str | None = None
    fixable: bool = False
    path: str | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    layer: str | None = None
    feature_index: int | None = None
    feature_id: str | None = None
    lon: float | None = None
    lat: float | None = None

    def to_text(self) -> str:
        """Write the finding as one line; parts that are unknown are left out."""
        head = self.path or "-"
        if self.line is not None:
            head += f":{self.line}"
        parts = [head]
        if self.layer:
            parts.append(self.layer)
        if self.feature_index is not None:
            name = f' (id "{self.feature_id}")' if self.feature_id is not None else ""
            parts.append(f"feature {self.feature_index}{name}")
        if self.lon is not None and self.lat is not None:
            parts.append(f"at {format_place(self.lon, self.lat)}")
        stop = "" if self.message.endswith((".", "!", "?")) else "."
        text = f"{': '.join(parts)}: {self.code} {self.severity}: {self.message}{stop}"
        if self.hint:
            text += f" Hint: {self.hint}"
        return printable(text)

    def to_dict(self) -> dict[str, object]:
        """Return the finding as the object of the JSON report (without the path)."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "path"}


def printable(text: str) -> str:
    """Replace control characters and direction marks, so that data cannot steer a terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


@dataclass(frozen=True, slots=True)
class FileReport:
    """The findings of one file and the verdict that follows from them."""

    path: str
    findings: tuple[Finding, ...] = ()
    is_unreadable: bool = False

    @property
    def verdict(self) -> Verdict:
        """Return reject with any error, accept_with_warning with any warning, else accept."""
        severities = {finding.severity for finding in self.findings}
        if self.is_unreadable or "error" in severities:
            return "reject"
        return "accept_with_warning" if "warning" in severities else "accept"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one validation run over one or more files."""

    files: tuple[FileReport, ...] = ()
    tables: tuple[Finding, ...] = field(default=())
    """Findings in the CSV tables beside the layers, which belong to no GeoJSON file."""

    @property
    def all_files(self) -> tuple[FileReport, ...]:
        """Return the reports of the files, then one for each table with findings."""
        tables: dict[str, list[Finding]] = {}
        for finding in self.tables:
            tables.setdefault(finding.path or "-", []).append(finding)
        return *self.files, *(FileReport(path, tuple(found)) for path, found in tables.items())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all findings, file by file, then those of the tables."""
        return tuple(self._iterate())

    def _iterate(self) -> Iterator[Finding]:
        for file in self.files:
            yield from file.findings
        yield from self.tables

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of the files and tables."""
        return FileReport("", self.findings, any(file.is_unreadable for file in self.files)).verdict

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 2 with an unreadable path, 1 with errors (strict: or warnings), else 0."""
        if any(file.is_unreadable for file in self.files):
            return 2
        bad = self.count("error") + (self.count("warning") if strict else 0)
        return 1 if bad else 0

    def raise_for_errors(self) -> None:
        """Raise ValidationError if there is any finding of severity error."""
        if self.count("error"):
            raise ValidationError(self.findings)

    def to_dict(self) -> dict[str, object]:
        """Return the object of ``validate --format json``."""
        files = [_file_dict(file) for file in self.all_files]
        return {
            "files": files,
            "summary": {
                "files": len(files),
                "errors": self.count("error"),
                "warnings": self.count("warning"),
            },
        }


def _file_dict(file: FileReport) -> dict[str, object]:
    return {
        "path": file.path,
        "verdict": file.verdict,
        "findings": [finding.to_dict() for finding in file.findings],
    }


@dataclass(frozen=True, slots=True)
class Source:
    """A row of ``sources.csv``: where a figure was published."""

    source_id: str
    publisher: str
    title: str
    url: str
    date: str
    accessed: str
    licence: str
    quality: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of ``claims.csv``: one published figure about a feature or a system."""

    subject_id: str
    scope: str
    property: str
    value: str
    unit: str
    as_of: str
    current: bool
    source_id: str
    note: str


@dataclass(frozen=True, slots=True)
class StatusInterval:
    """A row of ``status_history.csv``: a status that holds on ``[start, end)``."""

    feature_id: str
    scheme: str
    status: str
    start: str
    end: str
    decided_on: str
    source_id: str
    note: str

    def holds_on(self, date: str) -> bool:
        """Tell whether the status holds on an ISO date (year, month or day)."""
        return self.start <= date and (not self.end or date < self.end)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of ``differences.csv``: why a published length is not the computed one.

    `value` is the published figure in km that it is about; empty for all of the scope. An open
    one is not explained: `reason` then says what is not known.
    """

    subject_id: str
    scope: str
    value: str
    is_open: bool
    reason: str


@dataclass(frozen=True)
class Translation:
    """A row of ``translations.csv``: a note or a value of the tables in the other languages."""

    text: str
    zh: str
    ru: str


@dataclass(frozen=True)
class Fact:
    """A row of ``facts.csv``: one key figure of the panel, in three languages."""

    fact_id: str
    group: str
    order: int
    text: dict[str, str]
    value: str
    unit: str
    as_of: str
    verdict: str
    """One of `units.VERDICTS`: how the start text stands to what the sources say."""
    source_id: str
    note: str
