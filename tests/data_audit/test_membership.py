"""SCO status of states at dates, against published compositions.

The expected numbers are written out here and come from the publications named beside
them, not from the table under test. `status_history.csv` uses half-open intervals: a
status holds on a day when ``from <= day`` and ``to`` is empty or later.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

TABLE = Path(__file__).resolve().parents[2] / "layers" / "status_history.csv"

# day, members, observers, dialogue partners, partners, publication that reports the step
COUNTS = [
    ("2001-06-15", 6, 0, 0, 0, "Xinhua chronology of SCO summits, 2006-06-15: founding"),
    ("2004-06-17", 6, 1, 0, 0, "China Daily, 2007-08-16: Mongolia first observer"),
    ("2005-07-05", 6, 4, 0, 0, "Xinhua chronology, 2006-06-15: India, Iran, Pakistan observers"),
    ("2010-06-11", 6, 4, 2, 0, "Interfax, 2009-06-16, and IDSA, 2010-05: Belarus, Sri Lanka"),
    ("2012-06-07", 6, 5, 2, 0, "Pajhwok, 2012-06-07: Afghanistan observer"),
    ("2013-04-26", 6, 5, 3, 0, "UzDaily, 2013-04-26: Türkiye signs the memorandum"),
    ("2015-07-10", 6, 6, 2, 0, "TASS, 2023-11-29: Belarus observer since 2015"),
    ("2016-04-16", 6, 6, 6, 0, "Gazeta.uz, 2016-04-16: Armenia, after three others"),
    ("2017-06-09", 8, 4, 6, 0, "Head-Post, 2024-07: India and Pakistan members at Astana 2017"),
    ("2022-09-16", 8, 4, 9, 0, "Xinhua via People's Daily, 2022-09-16: Samarkand"),
    ("2023-05-05", 8, 4, 13, 0, "Financial Express, 2023-05-06: four partners sign in Goa"),
    ("2023-07-04", 9, 3, 13, 0, "Head-Post, 2024-07: Iran member at New Delhi 2023"),
    ("2023-07-15", 9, 3, 14, 0, "Bahrain News Agency, 2023-07-15: Bahrain signs"),
    ("2024-07-04", 10, 2, 14, 0, "Trend, 2024-07-04: Belarus member at Astana 2024"),
    ("2025-08-30", 10, 2, 14, 0, "TASS, 2025-09-01; DND, 2025-09: before the decisions"),
    ("2025-09-02", 10, 0, 0, 17, "TASS, 2025-09-04: seventeen partners with Laos"),
    ("2026-02-02", 10, 0, 0, 17, "Sputnik (Chinese), 2026-02-02: ten members, seventeen others"),
]

# Sputnik (Chinese), 2026-02-02; Uzbekistan's foreign ministry for the first six
MEMBERS = {"CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB", "IND", "PAK", "IRN", "BLR"}
FOUNDERS = {"CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB"}
# TASS, 2025-09-01 (composition before the merger of statuses)
OBSERVERS_2025 = {"MNG", "AFG"}
DIALOGUE_PARTNERS_2025 = {
    "LKA", "TUR", "KHM", "AZE", "NPL", "ARM", "EGY",
    "QAT", "SAU", "KWT", "MDV", "MMR", "ARE", "BHR",
}  # fmt: skip


def status_at(day: str) -> dict[str, str]:
    """Return ISO3 -> SCO status on a day, read from the table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["scheme"] == "sco"]
    when = date.fromisoformat(day)
    found: dict[str, str] = {}
    for row in rows:
        begun = date.fromisoformat(row["from"]) <= when
        over = bool(row["to"]) and date.fromisoformat(row["to"]) <= when
        if begun and not over:
            iso3 = row["feature_id"].removeprefix("sco-").upper()
            assert iso3 not in found, f"{iso3} has two statuses on {day}"
            found[iso3] = row["status"]
    return found


def states(day: str, status: str) -> set[str]:
    """Return the states that hold a status on a day."""
    return {iso3 for iso3, value in status_at(day).items() if value == status}


@pytest.mark.parametrize(
    ("day", "members", "observers", "dialogue", "partners", "source"),
    COUNTS,
    ids=[row[0] for row in COUNTS],
)
def test_count(
    day: str, members: int, observers: int, dialogue: int, partners: int, source: str
) -> None:
    counted = Counter(status_at(day).values())
    got = tuple(counted[s] for s in ("member", "observer", "dialogue_partner", "partner"))
    assert got == (members, observers, dialogue, partners), source
    assert sum(counted.values()) == sum(got), "a status outside the closed set"


def test_nobody_before_the_founding() -> None:
    assert status_at("2001-06-14") == {}


def test_founders() -> None:
    assert states("2001-06-15", "member") == FOUNDERS


def test_states_on_the_eve_of_tianjin() -> None:
    assert states("2025-08-30", "member") == MEMBERS
    assert states("2025-08-30", "observer") == OBSERVERS_2025
    assert states("2025-08-30", "dialogue_partner") == DIALOGUE_PARTNERS_2025


def test_tianjin_changes_on_the_day_of_the_decision() -> None:
    assert states("2025-08-31", "partner") == set()
    expected = OBSERVERS_2025 | DIALOGUE_PARTNERS_2025 | {"LAO"}
    assert states("2025-09-01", "partner") == expected
    assert states("2025-09-01", "member") == MEMBERS


def test_last_day_of_an_interval_is_not_part_of_it() -> None:
    assert status_at("2017-06-08")["IND"] == "observer"
    assert status_at("2017-06-09")["IND"] == "member"
