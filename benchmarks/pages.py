"""Tables in Markdown, and where they stand in the pages of docs/."""

from __future__ import annotations

from collections.abc import Iterable

from runs import ROOT


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def write(page: str, name: str, text: str) -> None:
    """Put a text between its markers in a page of docs/."""
    path = ROOT / "docs" / page
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    head, rest = path.read_text(encoding="utf-8").split(begin, 1)
    _, tail = rest.split(end, 1)
    path.write_text(f"{head}{begin}\n{text}\n\n{end}{tail}", encoding="utf-8")
