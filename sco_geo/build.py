"""The build: validate, measure, compose, and write one HTML file or nothing."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sco_geo import catalog as catalogs
from sco_geo import geojson, validation
from sco_geo._progress import progress_bar
from sco_geo.measure import LengthReport, measure
from sco_geo.model import Report
from sco_geo.sources import Tables
from sco_geo.units import Language

#: What takes time: validate, load, measure, compose, write.
_STAGES = 5
DEFAULT_OUTPUT = Path("build/eurasian-connectivity.html")


@dataclass(frozen=True)
class BuildResult:
    """What a build found, made and wrote; `output` is None if errors stopped it."""

    report: Report
    output: Path | None = None
    size_bytes: int = 0
    gzip_bytes: int = 0
    catalog: catalogs.Catalog | None = None
    lengths: LengthReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the object of ``build --format json``."""
        layers = []
        if self.catalog is not None and self.lengths is not None:
            layers = [
                {
                    "id": layer.id,
                    "features": len(layer.features),
                    "length_km": self.lengths.layer_km(layer.id),
                }
                for layer in self.catalog.layers
            ]
        return {
            "output": str(self.output) if self.output else None,
            "bytes": self.size_bytes,
            "gzip_bytes": self.gzip_bytes,
            "layers": layers,
            "findings": self.report.to_dict(),
            "seconds": {key: round(value, 3) for key, value in self.seconds.items()},
        }


class _Clock:
    """Collects the wall time of the stages of a build."""

    def __init__(self, advance: Callable[[float], object]) -> None:
        self._advance = advance
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now
        self._advance(1)


def build(
    directories: Sequence[Path],
    output: Path = DEFAULT_OUTPUT,
    *,
    language: Language = "en",
    as_of: str | None = None,
    strict: bool = False,
    progress: bool = False,
) -> BuildResult:
    """Build the atlas.

    Parameters
    ----------
    directories : sequence of Path
        Directories with layers and tables, in order (see `catalog.layer_directories`).
    output : Path
        The HTML file. It is written beside itself and renamed: with errors, the old file stays.
    language, as_of
        See `atlas.compose.compose`.
    strict : bool
        Stop at warnings, too.
    progress : bool
        Show a progress bar if standard error is a terminal.
    """
    with progress_bar("building", _STAGES, unit="stages", is_wanted=progress) as advance:
        return _build(directories, output, language, as_of, strict, _Clock(advance))


def _build(
    directories: Sequence[Path],
    output: Path,
    language: Language,
    as_of: str | None,
    strict: bool,
    clock: _Clock,
) -> BuildResult:
    settings = catalogs.load_settings([*directories, catalogs.shipped_directory("layers")], as_of)
    filled = [directory for directory in directories if geojson.files_in(directory)]
    tables = Tables.load(directories)
    replaced = {shipped for _, shipped in catalogs.layer_files(directories)[1]}
    run = validation.check(filled, tables=tables, as_of=settings.as_of, replaced=replaced)
    report = run.report
    clock.mark("validate")
    if report.exit_code(strict=strict):
        return BuildResult(report, seconds=clock.seconds)
    catalog = catalogs.load(directories, run.documents, tables=tables, as_of=as_of)
    clock.mark("load")
    lengths = measure(catalog)
    clock.mark("measure")
    from sco_geo.atlas.compose import compose_catalog, render_page

    page = render_page(compose_catalog(catalog, lengths, language))
    clock.mark("compose")
    output.parent.mkdir(parents=True, exist_ok=True)
    geojson.write_atomically(output, page)
    clock.mark("write")
    size = len(gzip.compress(page, 9, mtime=0))
    return BuildResult(report, output, len(page), size, catalog, lengths, clock.seconds)
