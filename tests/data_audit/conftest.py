"""DATA.md and the pages that it leads to, read as text, for the tests that compare them."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("DATA.md", "docs/data-odd.md")


class DataPage:
    """What the pages say: as they stand, as running text, as tables."""

    @cached_property
    def text(self) -> str:
        """Return the pages as they stand."""
        return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in PAGES)

    @cached_property
    def prose(self) -> str:
        """Return the pages with line breaks inside paragraphs taken out."""
        return re.sub(r"\s+", " ", self.text)

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return the cells of every row of every table."""
        lines = [line for line in self.text.splitlines() if line.startswith("| ")]
        return tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)

    def section(self, head: str) -> str:
        """Return the part of DATA.md from a heading of the second level to the next one."""
        (found,) = re.findall(rf"^## \d+\. {head}\n(.*?)(?=^## |^# |\Z)", self.text, re.M | re.S)
        return str(found)

    def table_after(self, head: str) -> list[tuple[str, ...]]:
        """Return the rows below the one table head that begins with these words."""
        lines = self.text.splitlines()
        (at,) = [i for i, line in enumerate(lines) if line.startswith(f"| {head} |")]
        below = takewhile(lambda line: line.startswith("|"), lines[at + 2 :])
        return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in below]

    def row_with(self, text: str) -> tuple[str, ...]:
        """Return the one row with this text in its first cell."""
        found = [row for row in self.rows if text in row[0]]
        assert len(found) == 1, f"{text!r} stands in {len(found)} first cells"
        return found[0]

    def number_in(self, pattern: str) -> float:
        """Return the one number that a pattern with one group finds in the running text."""
        found = re.findall(pattern, self.prose)
        assert len(found) == 1, f"{pattern!r} found {found}"
        return float(found[0].replace(",", ""))


@pytest.fixture(scope="session")
def told() -> DataPage:
    """What DATA.md says."""
    return DataPage()
