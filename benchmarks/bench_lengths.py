"""Compare the geodesic lengths with their peers: speed, error and memory.

    python benchmarks/bench_lengths.py [A] [B] [C] [D] [--repeats 3] [--write]

Prints Markdown; with ``--write`` puts the tables into docs/length-peers.md as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import runs
from pages import table, write

PAGE = "length-peers.md"
HERE = Path(__file__).resolve().parent
#: Lines and segments of each line.
SETS = {"A": (1000, 1000), "B": (100_000, 10), "C": (10_000, 1000), "D": (100_000, 100)}
EXACT, SHORT = "sco_geo exact", "sco_geo short"
LIBPROJ, LIBPROJ_BARE = "libproj in C", "libproj in C, no azimuths"
EXACT_PEERS = (
    "pyproj geometry_length",
    "pyproj inv on arrays",
    "DuckDB ST_Length_Spheroid",
    "PostGIS ST_Length(geography)",
)
OTHERS = (
    "SedonaDB ST_Length(geography)",
    "geopandas to_crs(3857).length",
    "geopandas to_crs(ESRI:102026).length",
)
METHODS = (SHORT, EXACT, *EXACT_PEERS, LIBPROJ, LIBPROJ_BARE, *OTHERS)

Answers = dict[tuple[str, int], dict[str, Any]]


def make(name: str, folder: Path) -> Path:
    """Make a set in another process, so that the ones that measure start small."""
    lines, segments = SETS[name]
    script = str(HERE / "random_lines.py")
    subprocess.run([sys.executable, script, str(lines), str(segments), str(folder)], check=True)
    return folder


def answer(method: str, folder: Path, cores: int, repeats: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "lengths.py"), method, str(folder), str(cores), str(repeats)],
        env=os.environ | {"PYTHONPATH": str(runs.ROOT)}, check=False, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        return {"missing": f"ended with {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str, repeats: int) -> Answers:
    answers: Answers = {}
    with tempfile.TemporaryDirectory() as folder:
        data = make(name, Path(folder, name))
        # One method after the other on one core, then all of them on two.
        for cores in (1, 2):
            for method in METHODS:
                print(f"{name}: {method}, {cores} core(s)", file=sys.stderr)
                answers[method, cores] = answer(method, data, cores, repeats)
    return answers


def rate(segments: int, seconds: float) -> str:
    return f"{segments / seconds / 1e6:.2f}"


def part(value: float | None) -> str:
    return "–" if value is None else f"{value:.1g}"


def rows_of(name: str, answers: Answers) -> Iterator[list[str]]:
    lines, each = SETS[name]
    segments = lines * each
    own = answers[EXACT, 1]
    for method in METHODS:
        one, two = answers[method, 1], answers[method, 2]
        if "missing" in one:
            yield [method, one["missing"], *["–"] * 7]
            continue
        memory = one["extra_mb"]
        yield [
            method,
            rate(segments, one["cpu_s"]),
            f"{own['cpu_s'] / one['cpu_s']:.2f}",
            rate(segments, one["wall_s"]),
            "–" if "missing" in two else rate(segments, two["wall_s"]),
            "–" if "missing" in two else f"{answers[EXACT, 2]['wall_s'] / two['wall_s']:.2f}",
            part(one["error"]),
            part(one["total"]),
            "–" if memory is None else f"{memory:,.0f}",
        ]


HEAD = [
    "method",
    "million segments a CPU second, one core",
    "times sco_geo exact",
    "a second, one core",
    "a second, two cores",
    "times sco_geo exact",
    "largest error of a line",
    "error of the sum",
    "memory beyond the lines, MB",
]


def verdicts(answers: Answers) -> str:
    """What the project set out for, in one line each."""
    cpu = {m: answers[m, 1].get("cpu_s", float("inf")) for m in METHODS}
    wall = {m: answers[m, 2].get("wall_s", float("inf")) for m in METHODS}
    best = min(EXACT_PEERS, key=cpu.__getitem__)
    fastest = min(EXACT_PEERS, key=wall.__getitem__)
    duck = cpu["DuckDB ST_Length_Spheroid"]
    return "\n".join(
        [
            f"- exact, one core: {cpu[LIBPROJ] / cpu[EXACT]:.3f} of libproj in C"
            f" ({cpu[LIBPROJ_BARE] / cpu[EXACT]:.3f} without azimuths, which pyproj always asks"
            f" for), {duck / cpu[EXACT]:.3f} of DuckDB",
            f"- exact, two cores, wall: {wall[fastest] / wall[EXACT]:.2f} times the fastest exact"
            f" peer ({fastest})",
            f"- short, one core: {cpu[best] / cpu[SHORT]:.1f} times the best exact peer ({best})",
        ]
    )


def text_of(name: str, repeats: int) -> str:
    lines, segments = SETS[name]
    answers = measure(name, repeats)
    size = lines * (segments + 1) * 16 / 1e6
    return (
        f"**{name}: {lines:,} lines of {segments:,} segments**, {size:,.0f} MB of coordinates\n\n"
        f"{table(HEAD, list(rows_of(name, answers)))}\n\n{verdicts(answers)}"
    )


def versions() -> str:
    import platform

    import pyproj

    names = ["numpy", "shapely", "pyproj", "geopandas", "duckdb", "sedonadb"]
    found = [f"Python {platform.python_version()}"]
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    found.append(f"PROJ {pyproj.proj_version_str}")
    control = sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    for line in control[-1].read_text("utf-8").splitlines() if control else []:
        if line.startswith("default_version"):
            found.append("PostGIS " + line.split("'")[1])
    return f"Measured with {', '.join(found)}, on {runs.machine()}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help=f"any of {', '.join(SETS)}; default all")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each method; best counts")
    parser.add_argument("--write", action="store_true", help="update docs/length-peers.md")
    options = parser.parse_args()
    unknown = set(options.sets) - set(SETS)
    if unknown:
        parser.error(f"unknown set: {', '.join(sorted(unknown))}")
    texts = {"versions": versions()}
    print(texts["versions"], end="\n\n", flush=True)
    if options.write:
        write(PAGE, "versions", texts["versions"])
    for name in options.sets or SETS:
        text = text_of(name, options.repeats)
        print(text, end="\n\n", flush=True)
        if options.write:
            write(PAGE, f"set {name}", text)


if __name__ == "__main__":
    main()
