"""The command ``length`` on GeoParquet: options of its own, and their way to `datasets`."""

from __future__ import annotations

import argparse
import contextlib

from sco_geo.cli.arguments import path
from sco_geo.cli.output import print_json, print_lines
from sco_geo.errors import UsageError

#: Options of `length` that are about GeoParquet alone, and their defaults.
_OWN = {
    "engine": None,
    "scheduler": None,
    "workers": None,
    "memory_limit": None,
    "partition_vertices": None,
    "output": None,
}


def add_options(length: argparse.ArgumentParser) -> None:
    """Add the options about GeoParquet to the command ``length``."""
    group = length.add_argument_group("GeoParquet, also larger than the memory")
    group.add_argument(
        "--output",
        type=path,
        metavar="OUT",
        help="write the data with length_km, verdict and codes: one file if the name ends in "
        ".parquet, else a new directory of part files",
    )
    group.add_argument(
        "--engine",
        choices=("local", "dask"),
        help="local: this process (default); dask: the workers of dask.distributed",
    )
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask cluster that runs: tcp://HOST:PORT"
    )
    group.add_argument("--workers", type=int, metavar="N", help="processes of a cluster of our own")
    group.add_argument("--memory-limit", metavar="SIZE", help="of each of them, such as 2GiB")
    group.add_argument(
        "--partition-vertices",
        type=int,
        metavar="N",
        help="vertices that a process holds at a time (default 500,000)",
    )


def are_datasets(options: argparse.Namespace) -> bool:
    """Tell whether the paths are GeoParquet; they may not be mixed with GeoJSON.

    Raises
    ------
    UsageError
        For options that do not go with the paths.
    """
    from sco_geo._geoparquet import is_dataset

    kinds = {is_dataset(given) for given in options.paths}
    if len(kinds) > 1:
        raise UsageError("GeoJSON layers and GeoParquet are measured in runs of their own")
    own = [name for name, default in _OWN.items() if getattr(options, name) != default]
    if kinds == {False} and own:
        names = ", ".join("--" + name.replace("_", "-") for name in own)
        raise UsageError(f"{names}: for GeoParquet only (files that end in .parquet)")
    if kinds == {True} and (options.claims or options.only or options.as_of or options.plot):
        raise UsageError("--claims, --only, --plot and --as-of are for the layers of a project")
    if kinds == {True} and options.format == "markdown":
        raise UsageError("--format markdown writes the lines of a project, not GeoParquet")
    return kinds == {True}


def measure(options: argparse.Namespace) -> int:
    """Measure GeoParquet and print the report."""
    from sco_geo import dataset_report, datasets, engines, partitions

    if options.engine == "dask":
        with contextlib.suppress(ImportError):  # the engine says what is missing
            import distributed  # noqa: F401
        engines.silence_dask()  # to the end: an event loop may have a last word
    report = datasets.measure_dataset(
        options.paths,
        output=options.output,
        engine=options.engine or "local",
        scheduler=options.scheduler,
        workers=options.workers,
        memory_limit=options.memory_limit,
        method=options.method,
        by_country=options.by == "country",
        partition_vertices=(
            partitions.DEFAULT_VERTICES
            if options.partition_vertices is None
            else options.partition_vertices
        ),
        progress=not options.quiet,
    )
    if options.format == "json":
        print_json(report.to_dict())
    else:
        print_lines(dataset_report.dataset_lines(report, by=options.by))
    return report.exit_code()
