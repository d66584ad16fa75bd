"""Compare the validator with its peers: verdicts on the corpus, CPU time and memory, growth.

    python benchmarks/bench_validators.py [accuracy] [speed] [growth] [--repeats 5] [--write]

Prints Markdown; with ``--write`` puts the tables into docs/validators.md as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import big_files
import runs
import scores

PAGE = runs.ROOT / "docs" / "validators.md"
#: The first tool is ours; ratios are to the peer that finds the fault with the least CPU time.
OURS = runs.TOOLS[0]
LINES, VERTICES = 100_000, 2_500_000
#: Lines of a file of about 5 MB, doubled three times.
GROWTH = [13_500 * factor for factor in (1, 2, 4, 8)]


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def accuracy(_: int) -> str:
    labels = scores.read_labels()
    files = [label.path for label in labels]
    results = {}
    for tool in runs.TOOLS:
        print(f"corpus: {tool}", file=sys.stderr)
        results[tool] = scores.score(labels, runs.answers(tool, files))
    overall = []
    for tool, (whole, _) in results.items():
        overall.append(
            [
                tool,
                share(whole.strict, whole.files),
                share(whole.lenient, whole.files),
                share(whole.two_way, whole.files),
                str(whole.missed),
                str(whole.false_alarms),
                str(whole.crashes),
                share(whole.features_named, whole.features_asked),
                share(whole.places_named, whole.places_asked),
            ]
        )
    first = results[OURS][0]
    head = [
        "tool", "strict", "lenient", "accept or reject", "missed rejects", "false alarms",
        "crashes", "feature named", "coordinate named",
    ]  # fmt: skip
    classes = [
        [name, str(mine.files), *(str(results[tool][1][name].strict) for tool in runs.TOOLS)]
        for name, mine in results[OURS][1].items()
    ]
    classes.append(["**all**", str(first.files), *(str(s.strict) for s, _ in results.values())])
    return (
        f"{first.files} files. A feature is asked of {first.features_asked} rejected files, a "
        f"coordinate of {first.places_asked}.\n\n"
        f"{table(head, overall)}\n\nRight verdicts (strict) by class:\n\n"
        f"{table(['class', 'files', *runs.TOOLS], classes)}"
    )


def speed(repeats: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        tiny = big_files.write_many_lines(Path(folder, "tiny.geojson"), 1)
        many = big_files.write_many_lines(Path(folder, "lines.geojson"), LINES)
        one = big_files.write_one_line(Path(folder, "one-line.geojson"), VERTICES)
        text = [
            _speed_table(f"{LINES:,} lines in {_mb(many)}, the fault in the last", many, repeats),
            _speed_table(f"One line of {VERTICES:,} vertices, {_mb(one)}", one, repeats),
            "Starting up, that is the same on a file of one line, is part of the figures above: "
            + ", ".join(
                f"{tool} {runs.measure(tool, tiny, repeats).cpu_s:.2f} s" for tool in runs.TOOLS
            )
            + ".",
        ]
    return "\n\n".join(text)


def _mb(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _speed_table(title: str, file: Path, repeats: int) -> str:
    costs = {}
    for tool in runs.TOOLS:
        print(f"{title}: {tool}", file=sys.stderr)
        costs[tool] = runs.measure(tool, file, repeats)
    finders = {
        tool: cost.cpu_s
        for tool, cost in costs.items()
        if tool != OURS and not cost.failure and cost.answer["verdict"] == "reject"
    }
    best = min(finders, key=finders.__getitem__) if finders else None
    rows = []
    for tool, cost in costs.items():
        ratio = f"{cost.cpu_s / finders[best]:.2f}" if best else "–"
        verdict = cost.failure or ("yes" if cost.answer["verdict"] == "reject" else "no")
        rows.append(
            [tool, f"{cost.cpu_s:.2f}", ratio, f"{cost.peak_mb:,.0f}", verdict, str(cost.runs)]
        )
    head = ["tool", "CPU s", f"times {best or 'a peer'}", "peak MB", "finds the fault", "runs"]
    return f"**{title}**\n\n{table(head, rows)}"


def growth(repeats: int) -> str:
    rows: list[list[str]] = []
    before = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for lines in GROWTH:
            print(f"growth: {lines} lines", file=sys.stderr)
            file = big_files.write_many_lines(Path(folder, f"{lines}.geojson"), lines)
            cost = runs.measure(OURS, file, repeats)
            factor = f"{cost.cpu_s / before:.2f}" if before else "–"
            before = cost.cpu_s
            size = file.stat().st_size / 1e6
            rows.append(
                [f"{lines:,}", f"{size:.1f}", f"{cost.cpu_s:.2f}", factor, f"{cost.peak_mb:,.0f}"]
            )
    head = ["lines", "MB", "CPU s", "times the row above", "peak MB"]
    return table(head, rows)


PARTS: dict[str, Callable[[int], str]] = {"accuracy": accuracy, "speed": speed, "growth": growth}


def write(name: str, text: str) -> None:
    """Put a text between its markers in the page."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    head, rest = page.split(begin, 1)
    _, tail = rest.split(end, 1)
    PAGE.write_text(f"{head}{begin}\n{text}\n\n{end}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; default all")
    parser.add_argument("--repeats", type=int, default=5, help="runs of a quick tool on a file")
    parser.add_argument("--write", action="store_true", help="update docs/validators.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    runs.install_npm_tools()
    made_by = "Measured with " + ", ".join(f"{n} {v}" for n, v in runs.versions()) + "."
    texts = {"versions": made_by}
    for name in options.parts or PARTS:
        texts[name] = PARTS[name](options.repeats)
        if name != "accuracy":
            texts[name] = f"On {runs.machine()}.\n\n{texts[name]}"
    for name, text in texts.items():
        print(f"## {name}\n\n{text}\n")
        if options.write:
            write(name, text)


if __name__ == "__main__":
    main()
