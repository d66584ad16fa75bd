"""Compare the validator with its peers: verdicts on the corpus, CPU time and memory, growth.

    python benchmarks/bench_validators.py [accuracy] [speed] [growth] [--repeats 5] [--write]

Prints Markdown; with ``--write`` puts the tables into docs/validators.md as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import runs
import scores
from pages import table, write

PAGE = "validators.md"
OURS = runs.TOOLS[0]
#: Whose CPU time the others are compared with: the best validator, and the short script.
YARDSTICKS = ("geojson-validator", "json + shapely")
LINES, VERTICES = 100_000, 2_500_000
#: Lines of a file of about 5 MB, doubled three times.
GROWTH = [13_500 * factor for factor in (1, 2, 4, 8)]


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
    for tool, (whole, _classes) in results.items():
        overall.append(
            [
                tool,
                share(whole.strict, whole.files),
                share(whole.lenient, whole.files),
                share(whole.two_way, whole.files),
                str(whole.missed),
                str(whole.false_alarms),
                str(whole.crashes),
                share(whole.features_named, whole.features_asked) if whole.features_named else "–",
                share(whole.places_named, whole.places_asked) if whole.places_named else "–",
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
        tiny = runs.make_file("lines", 1, Path(folder, "tiny.geojson"))
        many = runs.make_file("lines", LINES, Path(folder, "lines.geojson"))
        one = runs.make_file("vertices", VERTICES, Path(folder, "one-line.geojson"))
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
    rows = []
    for tool, cost in costs.items():
        ratios = [f"{cost.cpu_s / costs[peer].cpu_s:.2f}" for peer in YARDSTICKS]
        verdict = cost.failure or ("yes" if cost.answer["verdict"] == "reject" else "no")
        rows.append(
            [tool, f"{cost.cpu_s:.2f}", *ratios, f"{cost.peak_mb:,.0f}", verdict, str(cost.runs)]
        )
    ratio_heads = [f"times {peer}" for peer in YARDSTICKS]
    head = ["tool", "CPU s", *ratio_heads, "peak MB", "finds the fault", "runs"]
    return f"**{title}**\n\n{table(head, rows)}"


def growth(repeats: int) -> str:
    rows: list[list[str]] = []
    start_s = before_s = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for lines in (1, *GROWTH):
            print(f"growth: {lines} lines", file=sys.stderr)
            file = runs.make_file("lines", lines, Path(folder, f"{lines}.geojson"))
            cost = runs.measure(OURS, file, repeats)
            start_s = start_s or cost.cpu_s
            work_s = cost.cpu_s - start_s
            factor = f"{work_s / before_s:.2f}" if before_s > 0 else "–"
            before_s = work_s
            rows.append(
                [
                    f"{lines:,}", f"{file.stat().st_size / 1e6:.1f}", f"{cost.cpu_s:.2f}",
                    f"{work_s:.2f}", factor, f"{cost.peak_mb:,.0f}",
                ]
            )  # fmt: skip
    head = ["lines", "MB", "CPU s", "without starting up", "times the row above", "peak MB"]
    return table(head, rows)


PARTS: dict[str, Callable[[int], str]] = {"accuracy": accuracy, "speed": speed, "growth": growth}


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
            write(PAGE, name, text)


if __name__ == "__main__":
    main()
