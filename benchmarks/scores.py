"""Labels of the corpus and how the answers of a tool agree with them."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus"
NEAR = 1e-6


@dataclass(frozen=True)
class Label:
    """What the standards say of a file; see tests/README.md for the columns."""

    path: Path
    verdict: str
    tolerable: frozenset[str]
    features: frozenset[int]
    places: tuple[tuple[float, float], ...]

    @property
    def group(self) -> str:
        return self.path.relative_to(CORPUS).parts[0]


def read_labels() -> list[Label]:
    with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as file:
        return [
            Label(
                CORPUS / row["file"],
                row["verdict"],
                frozenset(filter(None, row["tolerable"].split(";"))),
                frozenset(int(part) for part in row["feature_index"].split(";") if part),
                tuple(
                    (float(lon), float(lat))
                    for lon, lat in zip(row["lon"].split(";"), row["lat"].split(";"), strict=True)
                    if lon
                ),
            )
            for row in csv.DictReader(file)
        ]


@dataclass
class Score:
    """Counts for one tool and a set of files."""

    files: int = 0
    strict: int = 0
    lenient: int = 0
    two_way: int = 0
    """Right when accept and accept_with_warning count as one."""
    missed: int = 0
    false_alarms: int = 0
    crashes: int = 0
    features_asked: int = 0
    features_named: int = 0
    places_asked: int = 0
    places_named: int = 0

    def add(self, label: Label, answer: dict[str, Any]) -> None:
        verdict = answer["verdict"]
        is_crash = verdict == "crash"
        is_reject = label.verdict == "reject"
        self.files += 1
        self.crashes += is_crash
        self.strict += verdict == label.verdict
        self.lenient += verdict == label.verdict or verdict in label.tolerable
        self.two_way += not is_crash and (verdict == "reject") == is_reject
        self.missed += is_reject and verdict in ("accept", "accept_with_warning")
        self.false_alarms += verdict == "reject" and not is_reject
        if is_reject and label.features:
            self.features_asked += 1
            found = verdict == "reject" and not label.features.isdisjoint(answer["features"])
            self.features_named += found
        if is_reject and label.places:
            self.places_asked += 1
            self.places_named += verdict == "reject" and any(
                abs(lon - x) <= NEAR and abs(lat - y) <= NEAR
                for lon, lat in label.places
                for x, y in answer.get("places") or ()
            )


def score(
    labels: list[Label], answers: dict[Path, dict[str, Any]]
) -> tuple[Score, dict[str, Score]]:
    """Return the score on all files and by class."""
    whole, classes = Score(), defaultdict(Score)
    for label in labels:
        whole.add(label, answers[label.path])
        classes[label.group].add(label, answers[label.path])
    return whole, dict(sorted(classes.items()))
