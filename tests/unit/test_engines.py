"""The workers of Dask give the same numbers as this process, whatever happens to them.

Every cluster lives in processes of its own, which talk over the loopback device.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
import shapely

from sco_geo import measure_dataset

ROOT = Path(__file__).resolve().parents[2]
PARTITION = 4_000


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "sco_geo", "length", *map(str, arguments)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400,000 vertices in 100 partitions."""
    random = np.random.default_rng(11)
    steps = random.normal(0, 0.02, (8_000, 50, 2))
    steps[:, 0] = random.uniform((10, 20), (140, 60), (8_000, 2))
    frame = gpd.GeoDataFrame(
        {"id": [f"f{n}" for n in range(8_000)], "status": ["planned", "operating"] * 4_000},
        geometry=shapely.linestrings(np.cumsum(steps, axis=1)),
        crs="OGC:CRS84",
    )
    path = tmp_path_factory.mktemp("data") / "lines.parquet"
    frame.to_parquet(path, row_group_size=80)
    return path


@dataclass(frozen=True)
class Outcome:
    """A run of the command while one of its workers was killed."""

    answer: dict[str, Any]
    stderr: str
    output: Path
    killed: int
    beside: list[str]


def workers_of(pid: int) -> list[int]:
    """Return the processes that Dask has started below another."""
    children = psutil.Process(pid).children(recursive=True)
    return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]


def kill_a_worker(process: subprocess.Popen[str], folder: Path) -> int:
    """Wait until parts are written, and kill a worker as the system does without memory."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        written = [name for name in folder.glob(".out.parquet.*/*") if name.name != "whole"]
        if written and len(workers := workers_of(process.pid)) >= 2:
            os.kill(workers[0], signal.SIGKILL)
            return workers[0]
        time.sleep(0.01)
    return 0


@pytest.fixture(scope="module")
def outcome(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("dask")
    output = folder / "out.parquet"
    arguments = command(
        data, "--engine", "dask", "--workers", 2, "--memory-limit", "1GiB", "--format", "json",
        "--partition-vertices", PARTITION, "--output", output,
    )  # fmt: skip
    with subprocess.Popen(
        arguments, env=environment(), cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        killed = kill_a_worker(process, folder)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    yield Outcome(json.loads(out), err, output, killed, sorted(os.listdir(folder)))


def test_a_killed_worker_costs_no_result(outcome: Outcome, data: Path, tmp_path: Path) -> None:
    assert outcome.killed, "no worker was killed while it worked"
    local = measure_dataset(data, output=tmp_path / "local.parquet", partition_vertices=PARTITION)
    answer = outcome.answer
    assert answer["total_km"].hex() == local.total_km.hex()
    assert answer["by_status"] == local.by_status
    assert answer["dataset"]["partitions"] == local.partitions == 100
    assert pq.read_table(outcome.output).equals(pq.read_table(tmp_path / "local.parquet"))
    assert outcome.output.read_bytes() == (tmp_path / "local.parquet").read_bytes()


def test_nothing_is_printed_and_nothing_left_behind(outcome: Outcome) -> None:
    assert outcome.stderr == ""
    assert outcome.beside == ["out.parquet"]
    assert not psutil.pid_exists(outcome.killed)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster that runs already: a scheduler and a worker, as a user starts them."""
    folder = tmp_path_factory.mktemp("cluster")
    dask = [sys.executable, "-m", "distributed.cli"]
    file = folder / "scheduler.json"
    common = {"env": environment(), "cwd": folder, "stderr": subprocess.DEVNULL}
    head = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    work = ["--no-nanny", "--no-dashboard", "--scheduler-file", str(file), "--nthreads", "1",
            "--host", "127.0.0.1", "--local-directory", str(folder)]  # fmt: skip
    with (
        subprocess.Popen([*dask[:-1], "distributed.cli.dask_scheduler", *head], **common) as one,
        subprocess.Popen([*dask[:-1], "distributed.cli.dask_worker", *work], **common) as other,
    ):
        try:
            deadline = time.monotonic() + 30
            while not file.is_file() and time.monotonic() < deadline:
                time.sleep(0.05)
            yield json.loads(file.read_text("utf-8"))["address"]
        finally:
            other.kill()
            one.kill()


def test_a_cluster_that_runs_is_used(scheduler: str, data: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        command("lines.parquet", "--engine", "dask", "--scheduler", scheduler, "--format", "json",
                "--output", tmp_path / "parts", "--partition-vertices", 40_000),
        env=environment(), cwd=data.parent, text=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    local = measure_dataset(data, output=tmp_path / "local.parquet")
    assert json.loads(done.stdout)["total_km"].hex() == local.total_km.hex()
    partitions = json.loads(done.stdout)["dataset"]["partitions"]
    assert len(list((tmp_path / "parts").iterdir())) == partitions > 10
    assert pq.read_table(tmp_path / "parts").equals(pq.read_table(tmp_path / "local.parquet"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "127.0.0.1:9"])
def test_a_scheduler_that_does_not_answer(address: str, data: Path) -> None:
    begin = time.monotonic()
    done = subprocess.run(
        command(data, "--engine", "dask", "--scheduler", address),
        env=environment(), text=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"sco-geo: no Dask scheduler answers at {address}: ")
    assert len(done.stderr.splitlines()) == 1
    assert time.monotonic() - begin < 30


def test_too_little_memory_is_said_so(data: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        command(data, "--engine", "dask", "--workers", 1, "--memory-limit", "little"),
        env=environment(), text=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "sco-geo: 'little' is no amount of memory; write 2GiB or 500MB\n"
