"""A PostGIS of its own for one benchmark: a cluster in a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from lengths import NotInstalledError

#: Whose the cluster is when root runs the benchmark, for PostgreSQL refuses root.
USER = "postgres"
HOW = "needs PostGIS: apt-get install postgresql postgis postgresql-15-postgis-3"


class Cluster:
    """PostgreSQL on a Unix socket, without a port; use it in a ``with`` statement."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found or not any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
            raise NotInstalledError(HOW)
        self.binaries = found[-1].parent
        self.user = USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def __enter__(self) -> Cluster:
        self.folder = Path(tempfile.mkdtemp(prefix="postgis-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER)
        data = self.folder / "data"
        self.command("initdb", "-D", str(data), "-A", "trust", "-U", self.user, "--no-sync")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.folder}'",
            "shared_buffers": "'1GB'",
            "max_wal_size": "'4GB'",
            "fsync": "off",
            "jit": "off",
            "autovacuum": "off",
        }
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        log = self.folder / "log"
        self.command("pg_ctl", "-D", str(data), "-l", str(log), "-w", "start")
        self.pid = int((data / "postmaster.pid").read_text("utf-8").split()[0])
        return self

    def __exit__(self, *_: object) -> None:
        self.command("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def command(self, name: str, *options: str) -> None:
        as_user: dict[str, Any] = {"user": USER} if os.geteuid() == 0 else {}
        arguments: Sequence[str] = [str(self.binaries / name), *options]
        # The server keeps what it inherits: no pipes, or reading them would never end.
        subprocess.run(
            arguments, check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **as_user,
        )  # fmt: skip

    def load(
        self, lines: npt.NDArray[np.object_], *, parallel: bool
    ) -> Callable[[], npt.NDArray[np.float64]]:
        """Fill a table with the lines and return what measures them."""
        import psycopg

        connection = psycopg.connect(
            host=str(self.folder), user=self.user, dbname="postgres", autocommit=True
        )
        run = connection.execute
        run("CREATE EXTENSION postgis")
        run("CREATE UNLOGGED TABLE lines (id int, line geography)")
        # Long lines are kept beside the table; without this they would be compressed too.
        run("ALTER TABLE lines ALTER COLUMN line SET STORAGE EXTERNAL")
        rows = connection.cursor().copy("COPY lines FROM STDIN")
        with rows as copy:
            for number, line in enumerate(lines):
                copy.write_row((number, shapely.to_wkb(line, hex=True, include_srid=False)))
        run("VACUUM ANALYZE lines")
        run(f"ALTER TABLE lines SET (parallel_workers = {int(parallel)})")
        for name, value in {
            "max_parallel_workers_per_gather": int(parallel),
            "parallel_setup_cost": 0,
            "parallel_tuple_cost": 0,
            "min_parallel_table_scan_size": 0,
        }.items():
            run(f"SET {name} = {value}")
        self.backend = connection.info.backend_pid

        def measure() -> npt.NDArray[np.float64]:
            cursor = connection.cursor(binary=True)
            found = cursor.execute("SELECT id, ST_Length(line) FROM lines").fetchall()
            return np.array(sorted(found))[:, 1]

        return measure

    def cpu_s(self) -> float:
        """CPU seconds of the process that answers, and of its workers, which have ended."""
        if not hasattr(self, "backend"):
            return 0.0
        ticks = _cpu_ticks(self.backend)[:2] + _cpu_ticks(self.pid)[2:]
        return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _cpu_ticks(pid: int) -> list[int]:
    """User and system time of a process, then the same of its ended children."""
    after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2]
    return [int(value) for value in after_name.split()[11:15]]
