"""Measure a set of lines by one method, in a process of its own; the answer is a line of JSON.

python benchmarks/lengths.py METHOD FOLDER CORES REPEATS
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import random_lines
import shapely

Floats = npt.NDArray[np.float64]
Lines = npt.NDArray[np.object_]
#: Measures the lines once more and returns their lengths in metres, or None where there are none.
Measure = Callable[[], Floats | None]


@dataclass(frozen=True)
class Job:
    """What a method needs: the lines, the cores it may use, and what is undone at the end."""

    lines: Lines
    cores: int
    undo: ExitStack
    #: Adds up CPU seconds of processes other than this one.
    other_cpu: list[Callable[[], float]]


def ours(method: str) -> Callable[[Job], Measure]:
    def prepare(job: Job) -> Measure:
        from sco_geo.geodesy import line_lengths_m

        # How many cores it takes follows from those that the process may use.
        return lambda: line_lengths_m(job.lines, method=method)  # type: ignore[arg-type]

    return prepare


def pyproj_each(job: Job) -> Measure:
    wgs84 = random_lines.WGS84
    return lambda: np.array([wgs84.geometry_length(line) for line in job.lines])


def pyproj_arrays(job: Job) -> Measure:
    def measure() -> Floats:
        points, line = shapely.get_coordinates(job.lines, return_index=True)
        inside = line[1:] == line[:-1]
        start, end = points[:-1][inside], points[1:][inside]
        metres = random_lines.WGS84.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
        return np.bincount(line[1:][inside], metres, len(job.lines))

    return measure


def table_of_wkb(lines: Lines) -> Any:
    import pyarrow as pa

    return pa.table({"id": np.arange(len(lines)), "wkb": pa.array(shapely.to_wkb(lines).tolist())})


def duckdb_spheroid(job: Job) -> Measure:
    import duckdb
    import duckdb_extension_spatial

    folder = Path(duckdb_extension_spatial.__file__).parent
    extension = next(folder.rglob("spatial.duckdb_extension"))
    database = job.undo.enter_context(duckdb.connect())
    database.load_extension(str(extension))
    database.execute(f"SET threads={job.cores}; SET geometry_always_xy=true")
    raw = table_of_wkb(job.lines)
    database.register("raw", raw)
    database.execute("CREATE TABLE lines AS SELECT id, ST_GeomFromWKB(wkb) AS line FROM raw")
    database.unregister("raw")
    query = "SELECT id, ST_Length_Spheroid(line) AS metres FROM lines"

    def measure() -> Floats:
        answer = database.execute(query).fetchnumpy()
        return np.asarray(answer["metres"][np.argsort(answer["id"])])

    return measure


def sedonadb_sphere(job: Job) -> Measure:
    import pyarrow as pa
    import sedonadb

    context = sedonadb.connect()
    context.create_data_frame(table_of_wkb(job.lines)).to_view("raw")
    context.sql("SELECT id, ST_GeogFromWKB(wkb) AS line FROM raw").to_memtable().to_view("lines")

    def measure() -> Floats:
        answer = context.sql("SELECT id, ST_Length(line) AS metres FROM lines")
        columns = pa.table(pa.RecordBatchReader.from_stream(answer).read_all())
        order = np.argsort(columns["id"].to_numpy())
        return np.asarray(columns["metres"].to_numpy()[order])

    return measure


def postgis_geography(job: Job) -> Measure:
    import postgis

    cluster = job.undo.enter_context(postgis.Cluster())
    job.other_cpu.append(cluster.cpu_s)
    return cluster.load(job.lines, parallel=job.cores > 1)


def planar(system: str) -> Callable[[Job], Measure]:
    def prepare(job: Job) -> Measure:
        import geopandas as gpd

        frame = gpd.GeoSeries(job.lines, crs="OGC:CRS84")
        return lambda: frame.to_crs(system).length.to_numpy()

    return prepare


def libproj(with_azimuths: bool) -> Callable[[Job], Measure]:
    def prepare(job: Job) -> Measure:
        library = compile_loop(job.undo)
        geod = ctypes.create_string_buffer(4096)
        library.start(geod)
        points = shapely.get_coordinates(job.lines)
        counts = shapely.get_num_coordinates(job.lines)
        starts = np.delete(np.arange(len(points)), np.cumsum(counts) - 1)
        ends = [points[starts, 0], points[starts, 1], points[starts + 1, 0], points[starts + 1, 1]]
        metres = np.empty(len(starts))
        share = -(-len(starts) // job.cores)

        def work(first: int) -> None:
            part = slice(first, first + share)
            arrays = [array[part] for array in (*ends, metres)]
            pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
            count = ctypes.c_long(len(arrays[0]))
            library.measure(geod, count, *pointers, ctypes.c_int(with_azimuths))

        def measure() -> None:
            with ThreadPoolExecutor(job.cores) as pool:
                list(pool.map(work, range(0, len(starts), share)))

        return measure

    return prepare


def compile_loop(undo: ExitStack) -> Any:
    """Compile a loop about geod_inverse of the very libproj that pyproj brings along."""
    import pyproj

    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NotInstalledError("needs a C compiler")
    folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
    beside = Path(pyproj.__file__).parents[1] / "pyproj.libs"
    found = sorted(beside.glob("libproj*.so*"))
    if not found:
        raise NotInstalledError("needs the libproj of a wheel of pyproj")
    library = folder / "loop.so"
    source = Path(__file__).with_name("libproj.c")
    options = ["-O2", "-shared", "-fPIC", str(source), str(found[0]), f"-Wl,-rpath,{beside}"]
    subprocess.run([compiler, *options, "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))


class NotInstalledError(Exception):
    """Something that this machine lacks; the message says what."""


METHODS: dict[str, Callable[[Job], Measure]] = {
    "sco_geo exact": ours("exact"),
    "sco_geo short": ours("short"),
    "pyproj geometry_length": pyproj_each,
    "pyproj inv on arrays": pyproj_arrays,
    "DuckDB ST_Length_Spheroid": duckdb_spheroid,
    "PostGIS ST_Length(geography)": postgis_geography,
    "libproj in C": libproj(True),
    "libproj in C, no azimuths": libproj(False),
    "SedonaDB ST_Length(geography)": sedonadb_sphere,
    "geopandas to_crs(3857).length": planar("EPSG:3857"),
    "geopandas to_crs(ESRI:102026).length": planar("ESRI:102026"),
}


def resident_mb(field: str) -> float:
    """Return VmRSS or VmHWM of this process; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    line = next(x for x in status.read_text("utf-8").splitlines() if x.startswith(field))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Give free memory back and start counting the peak anew (Linux)."""
    import gc

    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except (AttributeError, OSError):
        pass


def run(job: Job, method: str, repeats: int, true: Floats) -> dict[str, Any]:
    measure = METHODS[method](job)

    def cpu_s() -> float:
        return time.process_time() + sum(other() for other in job.other_cpu)

    forget_peak()
    before_mb = resident_mb("VmRSS")
    runs = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), cpu_s()
        metres = measure()
        runs.append((cpu_s() - cpu, time.perf_counter() - wall))
    extra_mb = resident_mb("VmHWM") - before_mb
    return {
        "cpu_s": min(cpu for cpu, _ in runs),
        "wall_s": min(wall for _, wall in runs),
        "extra_mb": None if job.other_cpu else extra_mb,
        "error": None if metres is None else float(np.abs(metres / true - 1).max()),
        "total": None if metres is None else float(metres.sum() / true.sum() - 1),
    }


def main() -> None:
    method, folder, cores, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    lines = random_lines.read(folder)
    with ExitStack() as undo:
        try:
            job = Job(lines, cores, undo, [])
            answer = run(job, method, int(repeats), np.load(folder / "metres.npy"))
        except NotInstalledError as error:
            answer = {"missing": str(error)}
        except ModuleNotFoundError as error:
            answer = {"missing": f"needs the package {error.name}"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
