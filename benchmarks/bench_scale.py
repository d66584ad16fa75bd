"""Measure GeoParquet larger than the memory: time per vertex, memory of each process, lost workers.

    python benchmarks/bench_scale.py [growth] [killed] [--millions 10 20 50] [--write]

Prints Markdown; with ``--write`` puts the tables into docs/scale.md as well.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
import runs
from pages import table, write
from scale_tools import MEMORY, WORKERS

PAGE = "scale.md"
LIMIT_MB = 2048.0
#: Million vertices of the run that shows what starting up takes: work for each worker.
START = 1.0
OURS = ("sco_geo, dask", "sco_geo, local")
TOOLS = (*OURS, "geopandas, whole file", "dask-geopandas")
#: Share of its limit at which a worker of Dask is paused.
PAUSED_AT = 0.8


@dataclass(frozen=True)
class Cost:
    """Seconds and memory of a run; workers count those that were started anew, too."""

    wall_s: float
    cpu_s: float
    main_mb: float
    worker_mb: tuple[float, ...]
    total_km: float
    killed_at_s: float | None = None


def command(tool: str, file: Path) -> list[str]:
    if tool in OURS:
        engine = tool.rpartition(" ")[2]
        words = [sys.executable, "-m", "sco_geo", "length", str(file), "--format", "json"]
        cluster = ["--workers", str(WORKERS), "--memory-limit", MEMORY]
        return [*words, "--engine", engine, *(cluster if engine == "dask" else [])]
    name = tool.partition(",")[0]
    return [sys.executable, str(runs.HERE / "scale_tools.py"), name, str(file)]


def run(tool: str, file: Path, *, kill_after_s: float | None = None) -> Cost:
    """Run a tool, look at its processes all the while, and kill a worker if that is asked for."""
    print(f"{file.stem}: {tool}", file=sys.stderr)
    begin = time.perf_counter()
    killed_at_s = None
    peaks: dict[int, float] = {}
    with (
        tempfile.TemporaryFile() as answer,
        subprocess.Popen(
            command(tool, file), env=runs.environment(), stdout=answer, stderr=subprocess.DEVNULL
        ) as process,
    ):
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            seconds = time.perf_counter() - begin
            workers = _look(process.pid, peaks)
            if kill_after_s and seconds > kill_after_s and killed_at_s is None and workers:
                os.kill(workers[0], signal.SIGKILL)
                killed_at_s = seconds
            time.sleep(0.05)
        wall_s = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        answer.seek(0)
        text = answer.read()
    if process.returncode:
        raise SystemExit(f"{tool} ended with {process.returncode}")
    main_mb = peaks.pop(process.pid, 0.0)
    cpu_s = usage.ru_utime + usage.ru_stime
    total_km = float(json.loads(text)["total_km"])
    return Cost(wall_s, cpu_s, main_mb, tuple(peaks.values()), total_km, killed_at_s)


def _look(main: int, peaks: dict[int, float]) -> list[int]:
    """Note the peak memory of a process and its workers; return the workers."""
    workers = []
    try:
        for child in psutil.Process(main).children(recursive=True):
            if "spawn_main" in " ".join(child.cmdline()):
                workers.append(child.pid)
    except psutil.Error:
        pass
    for pid in (main, *workers):
        try:
            status = Path(f"/proc/{pid}/status").read_text("ascii")
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                peaks[pid] = int(line.split()[1]) / 1024
    return workers


def make(folder: Path, millions: float) -> Path:
    file = folder / f"{millions}-million.parquet"
    script = str(runs.HERE / "scale_tools.py")
    row_groups = str(round(millions * 4))
    subprocess.run([sys.executable, script, "make", str(file), row_groups], check=True)
    return file


def start_ups(repeats: int = 3) -> dict[str, Cost]:
    """Return what each tool takes for little data: nearly all of it is starting up."""
    with tempfile.TemporaryDirectory() as folder:
        file = make(Path(folder), START)
        return {
            tool: min((run(tool, file) for _ in range(repeats)), key=lambda cost: cost.cpu_s)
            for tool in TOOLS
        }


def growth(millions: list[int]) -> str:
    """Compare time and memory at several sizes."""
    rows = []
    start = start_ups()
    totals: dict[int, dict[str, float]] = {}
    restarts, most = 0, 0.0
    for size in millions:
        with tempfile.TemporaryDirectory() as folder:
            file = make(Path(folder), size)
            for tool in TOOLS:
                cost = run(tool, file)
                totals.setdefault(size, {})[tool] = cost.total_km
                rows.append(_growth_row(size, tool, cost, start[tool]))
                if tool == OURS[0]:
                    restarts += len(cost.worker_mb) - WORKERS
                    most = max(most, *cost.worker_mb)
    ours = all(len({km[tool] for tool in OURS}) == 1 for km in totals.values())
    apart = max(max(km.values()) / min(km.values()) - 1 for km in totals.values())
    paused = "no worker was paused" if most < PAUSED_AT * LIMIT_MB else "workers may have paused"
    head = [
        "million vertices", "tool", "wall s", "CPU s", "wall s a million", "CPU s a million",
        "peak MB, main", "peak MB, each worker",
    ]  # fmt: skip
    bits = "the same to the last bit" if ours else "NOT THE SAME"
    return (
        f"{table(head, rows)}\n\n"
        "Seconds a million are without starting up, that is without those of a run of "
        f"{START:g} million: {_starts(start)}.\n\n"
        f"Totals of one size are {bits} with both engines of ours, and within {apart:.0e} of each "
        f"other with all tools. {WORKERS} workers of {MEMORY} each: the largest peak of ours was "
        f"{most:,.0f} MB ({100 * most / LIMIT_MB:.0f} % of the limit), {paused}, {restarts} "
        "started anew."
    )


def _starts(start: dict[str, Cost]) -> str:
    return "; ".join(f"{tool} {cost.wall_s:.1f} s" for tool, cost in start.items())


def _growth_row(size: int, tool: str, cost: Cost, start: Cost) -> list[str]:
    more = size - START
    workers = " + ".join(f"{peak:,.0f}" for peak in sorted(cost.worker_mb)) or "–"
    return [
        str(size), tool, f"{cost.wall_s:.1f}", f"{cost.cpu_s:.1f}",
        f"{(cost.wall_s - start.wall_s) / more:.2f}",
        f"{(cost.cpu_s - start.cpu_s) / more:.2f}", f"{cost.main_mb:,.0f}", workers,
    ]  # fmt: skip


def killed(millions: list[int]) -> str:
    """Kill a worker in the middle of a run, and see what it costs."""
    size = sorted(millions)[len(millions) // 2]
    with tempfile.TemporaryDirectory() as folder:
        file = make(Path(folder), size)
        before = run(OURS[0], file)
        after = run(OURS[0], file, kill_after_s=before.wall_s / 2)
    rows = [
        ["undisturbed", f"{before.wall_s:.1f}", f"{before.cpu_s:.1f}", before.total_km.hex()],
        [
            f"a worker killed after {after.killed_at_s or 0:.1f} s", f"{after.wall_s:.1f}",
            f"{after.cpu_s:.1f}", after.total_km.hex(),
        ],
    ]  # fmt: skip
    head = [f"{size} million vertices, dask", "wall s", "CPU s", "total in km, all bits"]
    same = "The same total" if before.total_km == after.total_km else "ANOTHER TOTAL"
    wall_s, cpu_s = after.wall_s - before.wall_s, after.cpu_s - before.cpu_s
    return f"{table(head, rows)}\n\n{same}; {wall_s:+.1f} s of wall, {cpu_s:+.1f} s of CPU."


PARTS: dict[str, Callable[[list[int]], str]] = {"growth": growth, "killed": killed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; default all")
    parser.add_argument("--millions", type=int, nargs="+", default=[10, 20, 50])
    parser.add_argument("--write", action="store_true", help="update docs/scale.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    names = ("numpy", "shapely", "pyproj", "geopandas", "pyarrow", "dask", "dask-geopandas")
    made_by = ", ".join(f"{name} {version(name)}" for name in names)
    texts = {"versions": f"Measured with {made_by}, on {runs.machine()}."}
    for name in options.parts or PARTS:
        texts[name] = PARTS[name](options.millions)
    for name, text in texts.items():
        print(f"## {name}\n\n{text}\n")
        if options.write:
            write(PAGE, name, text)


if __name__ == "__main__":
    main()
