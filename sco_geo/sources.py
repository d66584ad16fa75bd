"""The tables beside the layers: sources, claims, dated status and key facts (CSV, UTF-8)."""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sco_geo.model import Claim, Difference, Fact, Finding, Source, StatusInterval, Translation
from sco_geo.units import LANGUAGES, VERDICTS, split_list

SOURCES_FILE = "sources.csv"
CLAIMS_FILE = "claims.csv"
HISTORY_FILE = "status_history.csv"
FACTS_FILE = "facts.csv"
DIFFERENCES_FILE = "differences.csv"
TRANSLATIONS_FILE = "translations.csv"

COLUMNS = {
    SOURCES_FILE: "source_id,publisher,title,url,date,accessed,licence,quality".split(","),
    CLAIMS_FILE: "subject_id,scope,property,value,unit,as_of,current,source_id,note".split(","),
    HISTORY_FILE: "feature_id,scheme,status,from,to,decided_on,source_id,note".split(","),
    FACTS_FILE: (
        "fact_id,group,order,text_en,text_zh,text_ru,value,unit,as_of,verdict,source_id,note"
    ).split(","),
    DIFFERENCES_FILE: "subject_id,scope,value,is_open,reason".split(","),
    TRANSLATIONS_FILE: "text,zh,ru".split(","),
}
#: Columns that must not be empty.
REQUIRED = {
    SOURCES_FILE: ("source_id", "publisher", "title"),
    CLAIMS_FILE: ("subject_id", "scope", "property", "value", "source_id"),
    HISTORY_FILE: ("feature_id", "scheme", "status", "from", "source_id"),
    FACTS_FILE: ("fact_id", "group", "text_en"),
    DIFFERENCES_FILE: ("subject_id", "scope", "reason"),
    TRANSLATIONS_FILE: ("text", "zh", "ru"),
}
#: Columns that hold an ISO 8601 year, month or day, or nothing.
DATES = {
    SOURCES_FILE: ("date", "accessed"),
    CLAIMS_FILE: ("as_of",),
    HISTORY_FILE: ("from", "to", "decided_on"),
    FACTS_FILE: ("as_of",),
    DIFFERENCES_FILE: (),
    TRANSLATIONS_FILE: (),
}
#: Columns that hold true, false or nothing.
FLAGS = {CLAIMS_FILE: "current", DIFFERENCES_FILE: "is_open"}
ISO_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

#: Verdicts that rest on a source; the others say that there is none, or need none.
_PROVED = VERDICTS - {"unsupported", "not_mapped"}

#: A number of km without sign, exponent or signs between the digits, which are slips as a rule; a
#: metre, and more than all roads of the world.
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
_LEAST_KM, _MOST_KM = 1e-3, 1e9

#: The property of a claim that is compared with a computed length.
LENGTH = "length_km"

Row = dict[str, str]
Record = TypeVar("Record", Source, Claim, StatusInterval, Fact, Difference, Translation)
Placed = Claim | StatusInterval | Difference


@dataclass(frozen=True)
class Tables:
    """All rows of the tables of one or more directories, joined, with what is wrong in them."""

    sources: dict[str, Source] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    history: tuple[StatusInterval, ...] = ()
    facts: tuple[Fact, ...] = ()
    differences: tuple[Difference, ...] = ()
    translations: dict[str, Translation] = field(default_factory=dict)
    """Notes and values of the tables in the other languages, by their English text."""
    findings: tuple[Finding, ...] = ()
    places: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    """(file name, subject, source) -> (path, line), to place a finding about a row."""
    rows: dict[Placed, tuple[str, int]] = field(default_factory=dict)
    """Claim, status or difference -> (path, line) of its row."""

    @classmethod
    def load(cls, directories: Sequence[Path]) -> Tables:
        """Read the tables of all directories; missing files are empty tables."""
        reader = _Reader()
        sources = reader.read(directories, SOURCES_FILE, _source)
        claims = reader.read(directories, CLAIMS_FILE, _claim)
        history = reader.read(directories, HISTORY_FILE, _interval)
        facts = reader.read(directories, FACTS_FILE, _fact)
        differences = reader.read(directories, DIFFERENCES_FILE, _difference)
        translations = reader.read(directories, TRANSLATIONS_FILE, _translation)
        by_id = reader.distinct(SOURCES_FILE, {s.source_id: s for s in reversed(sources)}, sources)
        by_fact = reader.distinct(FACTS_FILE, {f.fact_id: f for f in reversed(facts)}, facts)
        by_text = reader.distinct(
            TRANSLATIONS_FILE, {row.text: row for row in reversed(translations)}, translations
        )
        return cls(
            by_id,
            tuple(dict.fromkeys(claims)),
            tuple(dict.fromkeys(history)),
            tuple(sorted(by_fact.values(), key=lambda fact: (fact.order, fact.fact_id))),
            tuple(dict.fromkeys(differences)),
            by_text,
            tuple(reader.findings),
            reader.places,
            reader.rows,
        )

    @cached_property
    def intervals(self) -> dict[tuple[str, str], list[StatusInterval]]:
        """Return the rows of the status history by feature id and scheme."""
        rows: dict[tuple[str, str], list[StatusInterval]] = {}
        for row in self.history:
            rows.setdefault((row.feature_id, row.scheme), []).append(row)
        return rows

    @cached_property
    def _explanations(self) -> dict[tuple[str, str, float | None], Difference]:
        return {
            (row.subject_id, row.scope, _number(row.value)): row
            for row in reversed(self.differences)
        }

    def explanation_of(self, claim: Claim) -> Difference | None:
        """Return the row that says why a length is not as computed: by figure, else by scope."""
        found = self._explanations
        subject = claim.subject_id, claim.scope
        return found.get((*subject, _number(claim.value))) or found.get((*subject, None))

    @property
    def length_claims(self) -> list[Claim]:
        """Return the claims of a length, in file order."""
        return [claim for claim in self.claims if claim.property == LENGTH]

    def claims_about(self, subject_id: str, property_name: str = LENGTH) -> list[Claim]:
        """Return the claims of one property about one feature or system, in file order."""
        return [
            claim
            for claim in self.claims
            if claim.subject_id == subject_id and claim.property == property_name
        ]


class _Reader:
    """Reads tables and collects findings with file and line."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.places: dict[tuple[str, str, str], tuple[str, int]] = {}
        self.rows: dict[Placed, tuple[str, int]] = {}

    def read(
        self, directories: Iterable[Path], name: str, convert: Callable[[Row], Record]
    ) -> list[Record]:
        records: list[Record] = []
        for directory in directories:
            path = directory / name
            if os.path.isfile(path):  # pathlib would raise for a locked directory
                for line, row in self._rows(path, name):
                    subject = row[COLUMNS[name][0]]
                    self.places.setdefault(
                        (name, subject, row.get("source_id", "")), (str(path), line)
                    )
                    record = convert(row)
                    if isinstance(record, Placed):
                        self.rows.setdefault(record, (str(path), line))
                    records.append(record)
        return records

    def _rows(self, path: Path, name: str) -> Iterable[tuple[int, Row]]:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            hint = "Give yourself permission to read it."
            self._add(path, None, "SR013", f"cannot be read: {error.strerror}", hint)
            return
        except UnicodeDecodeError as error:
            self._add(path, None, "SR011", f"byte {error.start} is not UTF-8", "Save as UTF-8.")
            return
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        wanted = COLUMNS[name]
        try:
            missing = [column for column in wanted if column not in (reader.fieldnames or ())]
        except csv.Error as error:
            hint = f"The first line must be {','.join(wanted)}."
            self._add(path, 1, "SR013", f"not readable as CSV: {error}", hint)
            return
        if missing:
            self._add(
                path,
                1,
                "SR012",
                f"column(s) missing: {', '.join(missing)}",
                f"The first line must name {', '.join(wanted)}.",
            )
            return
        line = reader.line_num + 1  # where the next row begins; a row may take several lines
        try:
            for row in reader:
                clean = {column: (row[column] or "").strip() for column in wanted}
                if self._is_good(path, line, name, clean, has_more=None in row):
                    yield line, clean
                line = reader.line_num + 1
        except csv.Error as error:
            self._add(
                path,
                line,
                "SR013",
                f"not readable as CSV: {error}",
                "Put text with commas or line breaks between double quotes.",
            )

    def _is_good(self, path: Path, line: int, name: str, row: Row, *, has_more: bool) -> bool:
        before = len(self.findings)
        if has_more:
            self._add(path, line, "SR014", "more cells than columns", "Quote cells with commas.")
        for column in REQUIRED[name]:
            if not row[column]:
                self._add(path, line, "SR015", f"{column} is empty", f"Give a {column}.")
        for column in DATES[name]:
            if row[column] and not ISO_DATE.fullmatch(row[column]):
                self._add(
                    path,
                    line,
                    "SR016",
                    f'{column} "{row[column]}" is not an ISO 8601 date',
                    "Write YYYY, YYYY-MM or YYYY-MM-DD.",
                )
        flag = FLAGS.get(name)
        if flag and row[flag].lower() not in {"true", "false", ""}:
            self._add(path, line, "SR017", f'{flag} is "{row[flag]}"', "true or false.")
        if name == FACTS_FILE and row["verdict"] not in VERDICTS:
            hint = f"Use one of {', '.join(sorted(VERDICTS))}."
            self._add(path, line, "SR020", f'verdict is "{row["verdict"]}"', hint)
        if name == FACTS_FILE and not row["source_id"] and row["verdict"] in _PROVED:
            self._add(path, line, "SR015", "source_id is empty", "Give a source_id.")
        if name == CLAIMS_FILE and row["property"] == LENGTH and not _is_length(row):
            self._add(
                path,
                line,
                "SR019",
                f'{LENGTH} is "{row["value"]} {row["unit"]}", no positive number of km',
                'Write a plain number and the unit km; words such as "about" belong in the note.',
            )
        return len(self.findings) == before

    def distinct(
        self, name: str, first: dict[str, Record], records: list[Record]
    ) -> dict[str, Record]:
        """Return the first record of each id; report ids that stand for different records."""
        column = COLUMNS[name][0]
        for record in records:
            key = getattr(record, column)
            if record != first[key]:
                source_id = getattr(record, "source_id", "")
                path, line = self.places.get((name, key, source_id), (name, 0))
                self._add(
                    Path(path),
                    line or None,
                    "SR018",
                    f'{column} "{key}" stands for two different rows',
                    "Give each its own id.",
                )
        return first

    def _add(self, path: Path, line: int | None, code: str, message: str, hint: str) -> None:
        self.findings.append(
            Finding(code, "error", message, hint, path=str(path), line=line, layer=path.name)
        )


def _number(text: str) -> float | None:
    """Read a number of a table: None for an empty cell, not-a-number for any other text."""
    try:
        return float(text) if text else None
    except ValueError:
        return math.nan


def _is_length(row: Row) -> bool:
    is_plain = _PLAIN.fullmatch(row["value"]) is not None and row["unit"] == "km"
    return is_plain and _LEAST_KM <= float(row["value"]) <= _MOST_KM


def _source(row: Row) -> Source:
    return Source(*(row[column] for column in COLUMNS[SOURCES_FILE]))


def _claim(row: Row) -> Claim:
    return Claim(
        row["subject_id"],
        row["scope"],
        row["property"],
        row["value"],
        row["unit"],
        row["as_of"],
        row["current"].lower() == "true",
        row["source_id"],
        row["note"],
    )


def _interval(row: Row) -> StatusInterval:
    return StatusInterval(*(row[column] for column in COLUMNS[HISTORY_FILE]))


def _difference(row: Row) -> Difference:
    is_open = row["is_open"].lower() == "true"
    return Difference(row["subject_id"], row["scope"], row["value"], is_open, row["reason"])


def _translation(row: Row) -> Translation:
    return Translation(row["text"], row["zh"], row["ru"])


def _fact(row: Row) -> Fact:
    return Fact(
        row["fact_id"],
        row["group"],
        int(row["order"]) if re.fullmatch(r"[0-9]{1,9}", row["order"]) else 0,
        {language: row[f"text_{language}"] for language in LANGUAGES},
        row["value"],
        row["unit"],
        row["as_of"],
        row["verdict"],
        row["source_id"],
        row["note"],
    )


def unresolved(tables: Tables, source_ids: object) -> list[str]:
    """Return those of the ``;``-separated source ids that no row of sources.csv defines."""
    return [source for source in split_list(source_ids) if source not in tables.sources]
