"""Who carries out the partitions of a dataset: this process, or the workers of Dask.

The same function runs on the same partitions either way. Dask is loaded when it is asked for.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from sco_geo.errors import EngineError, MissingExtraError, UsageError
from sco_geo.partitions import Partition, PartitionResult, Task, measure_partition

if TYPE_CHECKING:
    from distributed import Client, Future

Engine = Literal["local", "dask"]
ENGINES: tuple[Engine, ...] = ("local", "dask")
#: Yields results in whatever order they come, with the numbers of their partitions.
Run = Callable[[Sequence[Partition], Task], Iterator[tuple[int, PartitionResult]]]

#: Seconds to wait for the scheduler of a cluster, and for its first worker.
_CONNECT_S, _WORKERS_S = 10, 30
#: Workers that may die over one partition before it is given up.
_MOST_DEATHS = 5
#: Times a partition is tried again after an error of the machine, such as a lost disk.
_RETRIES = 2


def engine(
    name: Engine,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    memory_limit: str | None = None,
) -> AbstractContextManager[Run]:
    """Return an engine; it starts and ends with the context.

    Parameters
    ----------
    scheduler : str, optional
        Address of a cluster that runs already, such as ``tcp://10.0.0.5:8786``. Its workers must
        see the files under the same paths, and have the same version of this package.
    workers : int, optional
        Processes of the cluster that is started otherwise. Default: one a core.
    memory_limit : str, optional
        Memory of each of them, such as "2GiB". Default: its share of the machine.

    Raises
    ------
    UsageError
        For options that do not go together.
    EngineError
        If Dask is not there, or the cluster does not answer.
    """
    if name not in ENGINES:
        raise UsageError(f"no engine {name!r}; there are {', '.join(ENGINES)}")
    cluster_options = (workers, memory_limit)
    if name == "local":
        if scheduler or any(option is not None for option in cluster_options):
            raise UsageError("--scheduler, --workers and --memory-limit go with --engine dask")
        return contextlib.nullcontext(_run_here)
    if scheduler and any(option is not None for option in cluster_options):
        raise UsageError("--workers and --memory-limit are for a cluster that is started here; "
                         "one with a --scheduler has its own")  # fmt: skip
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} workers cannot work; give one or more")
    _require_dask()
    if scheduler:
        return _on_cluster(scheduler)
    return _on_local_cluster(workers or _cores(), memory_limit)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_here(partitions: Sequence[Partition], task: Task) -> Iterator[tuple[int, PartitionResult]]:
    for partition in partitions:
        yield partition.index, measure_partition(partition, task)


def _require_dask() -> None:
    """Load Dask; with it come the settings of its log."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise MissingExtraError("--engine dask needs dask.distributed", "dask") from None


@contextmanager
def _on_local_cluster(workers: int, memory_limit: str | None) -> Iterator[Run]:
    """Start workers on this machine: on the loopback device, without a dashboard."""
    import dask
    from distributed import Client, LocalCluster

    limit = _bytes(memory_limit)
    settings = {
        "distributed.scheduler.allowed-failures": _MOST_DEATHS,
        "distributed.admin.system-monitor.gil.enabled": False,
    }
    with tempfile.TemporaryDirectory(prefix="sco-geo-dask-") as scratch, dask.config.set(settings):
        with (
            _quiet(),
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit="auto" if limit is None else limit,
                host="127.0.0.1",
                dashboard_address=None,
                # A port of its own for the state of the scheduler, which Dask always serves.
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                local_directory=scratch,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield _runner(client)


def _bytes(text: str | None) -> int | None:
    from dask.utils import parse_bytes

    if text is None:
        return None
    try:
        limit = int(parse_bytes(text))
    except ValueError:
        raise UsageError(f"{text!r} is no amount of memory; write 2GiB or 500MB") from None
    if limit < 1 << 20:
        raise UsageError(f"{text!r} is too little memory; write 2GiB or 500MB")
    return limit


@contextmanager
def _on_cluster(address: str) -> Iterator[Run]:
    from distributed import Client

    _require_answer(address)
    with _quiet():
        try:
            client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EngineError(f"no Dask scheduler answers at {address}: {error}") from None
        with client:
            _require_workers(client, address)
            yield _runner(client)


def _require_answer(address: str) -> None:
    """Fail at once where nothing listens; Dask would try for a long time."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{address!r} is no address of a scheduler: {error}") from None
    if not host or not port:
        raise UsageError(f"{address!r} is no address of a scheduler; write tcp://HOST:PORT")
    if parts.scheme not in ("tcp", "tls"):
        return
    try:
        socket.create_connection((host, port), timeout=_CONNECT_S).close()
    except OSError as error:
        raise EngineError(f"no Dask scheduler answers at {address}: {error}") from None


def _require_workers(client: Client, address: str) -> None:
    """Wait for a worker, and ask whether all have this package in this version."""
    from sco_geo import __version__

    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except TimeoutError:
        raise EngineError(f"the scheduler at {address} has no workers") from None
    versions = client.run(_version_here, on_error="return")
    for worker, version in versions.items():
        if isinstance(version, BaseException):
            raise EngineError(
                f"{worker} cannot load sco_geo: install it there, with the extra dask"
            )
        if version != __version__:
            raise EngineError(f"{worker} has sco_geo {version}, not {__version__}")


def _version_here() -> str:
    from sco_geo import __version__

    return __version__


def _runner(client: Client) -> Run:
    def run(partitions: Sequence[Partition], task: Task) -> Iterator[tuple[int, PartitionResult]]:
        from distributed import as_completed

        futures = client.map(measure_partition, partitions, task=task, pure=False, retries=_RETRIES)
        of_future = {future.key: p for future, p in zip(futures, partitions, strict=True)}
        try:
            for future in as_completed(futures, loop=client.loop):
                partition = of_future[future.key]
                yield partition.index, _result(future, partition)
                future.release()
        finally:
            with contextlib.suppress(Exception):  # the cluster may be gone
                client.cancel(futures)

    return run


def _result(future: Future[PartitionResult], partition: Partition) -> PartitionResult:
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        raise EngineError(
            f"workers were lost over {partition} again and again: give each more memory, or make "
            "partitions smaller (--partition-vertices)"
        ) from None
    except (FutureCancelledError, CommClosedError):
        raise EngineError(f"the connection to the scheduler was lost at {partition}") from None


def silence_dask() -> dict[str, int]:
    """Stop the log of Dask and its event loop, which tells of lost workers; return the levels."""
    families = ("distributed", "tornado", "asyncio")
    names = [n for n in logging.root.manager.loggerDict if n.partition(".")[0] in families]
    before = {name: logging.getLogger(name).level for name in {*names, *families}}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return before


@contextmanager
def _quiet() -> Iterator[None]:
    before = silence_dask()
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
