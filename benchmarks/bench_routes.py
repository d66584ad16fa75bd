"""Compare routes over the rail network with other routers: time, memory, and the lengths.

    python benchmarks/bench_routes.py [--pairs 200] [--write]

Prints Markdown; with ``--write`` puts it into docs/routing-peers.md as well. Each router runs in a
process of its own on one core, on the same graph, with the same questions.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import runs
from pages import table, write

PAGE = "routing-peers.md"
HERE = Path(__file__).resolve().parent
NETWORK = runs.ROOT / "geo" / "rail_network.bin"
#: Shares of the network, around one point of it.
SHARES = (0.25, 0.5, 1.0)
OURS, HIERARCHY = "sco_geo network", "sco_geo hierarchy"
CH = "scgraph contraction hierarchy"
ROUTERS = (
    f"{HIERARCHY}, length only",
    f"{HIERARCHY}, with path",
    f"{OURS}, by hierarchy",
    OURS,
    f"{CH}, length only",
    f"{CH}, with path",
    "scgraph transit-node routing",
    "scgraph bidirectional buckets",
    "scgraph dijkstra",
    "scgraph bidirectional dijkstra",
    "scgraph A*",
    "scgraph cached tree",
    "pandana, length only",
    "pandana, with path",
    "rustworkx dijkstra, length only",
    "rustworkx dijkstra, with path",
    "rustworkx A*",
    "scipy dijkstra, one to all",
    "igraph dijkstra",
    "igraph A*",
    "networkx dijkstra",
    "networkx bidirectional",
    "networkx A*",
)
#: Routers of the table by size: the best ones of each package.
BY_SIZE = (
    f"{HIERARCHY}, with path",
    f"{OURS}, by hierarchy",
    OURS,
    f"{CH}, with path",
    "scgraph bidirectional buckets",
    "pandana, with path",
    "rustworkx dijkstra, length only",
    "scipy dijkstra, one to all",
    "igraph dijkstra",
    "networkx bidirectional",
)
PACKAGES = (
    "numpy", "scipy", "shapely", "scgraph", "networkx", "igraph", "rustworkx", "pandana",
)  # fmt: skip
#: What a new process is asked for, as arguments of Python.
PROCESSES = {
    "import and load": ["-c", "import sco_geo; sco_geo.RailNetwork.load()"],
    "import, load and one route": [
        "-c",
        "import sco_geo; sco_geo.RailNetwork.load().route((117.2, 39.14), (69.28, 41.30))",
    ],
    "`sco-geo route Tianjin Tashkent`": ["-m", "sco_geo", "route", "Tianjin", "Tashkent"],
}

Found = dict[str, Any]


def child(script: str, *arguments: object) -> Found:
    """Run a script of this folder, with one thread, and return what it prints."""
    paths = os.pathsep.join([str(runs.ROOT), str(HERE)])
    done = subprocess.run(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        env=runs.environment() | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        check=True, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    # pandana writes its progress there too, without an end of line.
    answer = next(line for line in done.stdout.splitlines() if line.startswith('{"'))
    found: Found = json.loads(answer)
    return found


def process_s(arguments: list[str], repeats: int) -> float | None:
    """Return the seconds of a whole process, the median; None if it fails."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *arguments], env=runs.environment(), cwd=runs.ROOT, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        taken.append(time.perf_counter() - begin)
        if done.returncode:
            return None
    return median(taken)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def ms(value: float) -> str:
    return f"{value:.1f}" if value >= 1 else f"{value:.3f}" if value >= 0.02 else f"{value:.4f}"


def apart(one: Found, other: Found) -> float:
    """Return the largest difference of any length of two routers, in km."""
    pairs = list(zip(one["lengths"], other["lengths"], strict=True))
    for row, second in zip(one["table"] or [], other["table"] or [], strict=False):
        pairs += zip(row, second, strict=True)
    return max(abs(a - b) for a, b in pairs)


def row_of(name: str, found: Found, ours: Found) -> list[str]:
    off = apart(found, ours)
    return [
        name,
        f"{found['build_s']:.2f}",
        ms(median(found["ms"])),
        ms(p95(found["ms"])),
        "–" if found["matrix_s"] is None else f"{found['matrix_s']:.3f}",
        f"{found['import_mb']:.0f}",
        f"{found['build_mb']:.0f}",
        f"{found['query_mb']:.0f}",
        "0" if off < 1e-6 else f"{off * 1e3:.0f} m",
    ]


HEAD = [
    "router", "build, s", "query, ms", "95th percentile, ms", "60 × 60 matrix, s",
    "import, MB", "built, MB", "after the queries, MB", "largest difference",
]  # fmt: skip


def compare(folder: Path, names: tuple[str, ...]) -> dict[str, Found]:
    """Ask all routers the same, and hold their answers and their ways against each other."""
    answers: dict[str, Found] = {}
    for name in names:
        print(name, file=sys.stderr)
        answers[name] = child("routers.py", name, folder)
        off = answers[name]["path_off"]
        if off is not None and off > 0.1:
            raise ValueError(f"{name}: the edges of a way are {off:.3f} km off its length")
    return answers


def own_text(found: Found, processes: dict[str, float | None]) -> str:
    """Return the table of `RailNetwork` as a whole."""
    rows = [
        ["`RailNetwork.load()`, after the import", f"{found['load_s']:.3f} s", "0.3 s"],
        *(
            [f"a new process: {name}", "fails" if s is None else f"{s:.2f} s", ""]
            for name, s in processes.items()
        ),
        *(
            [f"{label}: median, 95th percentile", f"{_both(found[key])} ms", goal]
            for key, label, goal in (
                ("route", "`route()` between positions", "3 and 8 ms"),
                ("with geometry", "the same and its geometry", ""),
                ("by hierarchy", "`route(searcher=Hierarchy())`", ""),
            )
        ),
        ["the first route after loading", f"{found['first_s'] * 1e3:.1f} ms", ""],
        ["`matrix()` of 60 places", f"{found['matrix_s']:.3f} s", "0.2 s"],
        ["`matrix(hierarchy=...)` of 60 places", f"{found['quick_matrix_s']:.3f} s", ""],
        ["memory: the import, beyond numpy, SciPy and pyproj", f"{found['import_mb']:.0f} MB", ""],
        ["loaded, after all routes and the matrix", f"{found['used_mb']:.0f} MB more", "100 MB"],
        ["with the hierarchy", f"{found['hierarchy_mb']:.0f} MB more", "100 MB"],
    ]
    off = max(found["hierarchy_off"], found["matrix_off"])
    return (
        f"{table(['what', 'measured', 'goal'], rows)}\n\n"
        f"Lengths of `route()` and of `matrix()`, each with and without the hierarchy, differ by "
        f"{off:.3g} km at most."
    )


def _both(values: list[float]) -> str:
    return f"{ms(median(values))}, {ms(p95(values))}"


def sizes_text(parts: dict[float, dict[str, Found]], edges: dict[float, tuple[int, int]]) -> str:
    """Return the table of medians by size of the network."""

    def cells(name: str) -> Iterator[str]:
        for share in SHARES:
            yield f"{ms(median(parts[share][name]['ms']))} ({parts[share][name]['build_s']:.2f})"

    head = [
        "router",
        *(f"{share:.0%}: {edges[share][0]:,} nodes, {edges[share][1]:,} edges" for share in SHARES),
    ]
    return table(head, ([name, *cells(name)] for name in BY_SIZE))


def verdicts(answers: dict[str, Found]) -> str:
    """Say how far ahead or behind the best peer is, in lines of a list."""

    def best(key: str, names: list[str]) -> tuple[str, float]:
        costs = {n: answers[n][key] for n in names if answers[n][key] is not None}
        name = min(costs, key=costs.__getitem__)
        return name, costs[name]

    for found in answers.values():
        found["median"] = median(found["ms"])
    peers = [name for name in answers if not name.startswith("sco_geo")]
    with_path = [name for name in peers if "length only" not in name]
    prepared = (CH, "scgraph transit", "pandana")
    plain = [name for name in with_path if not name.startswith(prepared)]
    lines = []
    for own, key, label, names in (
        (f"{HIERARCHY}, length only", "median", "a length, prepared", peers),
        (f"{HIERARCHY}, with path", "median", "a path, prepared", with_path),
        (f"{HIERARCHY}, with path", "matrix_s", "the matrix, prepared", peers),
        (f"{HIERARCHY}, with path", "build_s", "preparing", [f"{CH}, with path"]),
        (OURS, "median", "a path with edges and gauges, nothing prepared", plain),
    ):
        name, cost = best(key, names)
        ratio = cost / answers[own][key]
        lines.append(f"- {label}: {ratio:.1f} times as fast as {name}")
    return "\n".join(lines)


def report(pairs: int, repeats: int) -> dict[str, str]:
    """Measure everything and return the texts for the page."""
    parts: dict[float, dict[str, Found]] = {}
    sizes: dict[float, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as base:
        for share in SHARES:
            folder = Path(base, f"{share}")
            folder.mkdir()
            print(f"{share:.0%} of the network", file=sys.stderr)
            size = child("route_graphs.py", share, pairs, folder, NETWORK)
            sizes[share] = size["nodes"], size["edges"]
            parts[share] = compare(folder, ROUTERS if share == 1 else BY_SIZE)
        print("whole routes", file=sys.stderr)
        own = child("our_routers.py", folder)
    processes = {name: process_s(arguments, repeats) for name, arguments in PROCESSES.items()}
    whole = parts[1.0]
    rows = [row_of(name, found, whole[OURS]) for name, found in whole.items()]
    made_with = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "versions": f"{pairs} pairs, with {made_with}, on one core of {runs.machine()}.",
        "own": own_text(own, processes),
        "peers": f"{sizes[1.0][0]:,} nodes, {sizes[1.0][1]:,} edges.\n\n"
        f"{table(HEAD, rows)}\n\n{verdicts(whole)}",
        "sizes": sizes_text(parts, sizes),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each whole process")
    parser.add_argument("--write", action="store_true", help=f"update docs/{PAGE}")
    options = parser.parse_args()
    for name, text in report(options.pairs, options.repeats).items():
        print(text, end="\n\n", flush=True)
        if options.write:
            write(PAGE, name, text)


if __name__ == "__main__":
    main()
