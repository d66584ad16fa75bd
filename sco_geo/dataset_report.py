"""The text report on a GeoParquet dataset."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sco_geo.model import SEVERITIES, TEXT_REPEATS, printable
from sco_geo.rules import REGISTRY

if TYPE_CHECKING:
    from sco_geo.datasets import DatasetReport

#: Features that a table shows; the output file has all.
_MOST_ROWS = 20


def dataset_lines(report: DatasetReport, *, by: str) -> Iterator[str]:
    """Write findings, lengths and sums.

    Parameters
    ----------
    by : {"feature", "system", "country", "gauge", "status"}
        What the rows of the table are.
    """
    yield from _finding_lines(report)
    if by == "feature":
        for row in report.rows[:_MOST_ROWS]:
            yield _row(row.id or "without an id", row.length_km)
        left_out = report.feature_count - min(len(report.rows), _MOST_ROWS)
        if left_out:
            where = "" if report.output else "; --output OUT.parquet writes them all"
            yield f"and {left_out:,} more features{where}"
    else:
        sums = getattr(report, f"by_{by}") or {}
        for name, km in sorted(sums.items(), key=lambda pair: -pair[1]):
            yield _row(name, km)
        if by in report.not_summed:
            yield f"too many different values to sum up by {by}"
        elif (rest := report.total_km - math.fsum(sums.values())) > 1e-9 * report.total_km:
            yield _row("not stated", rest)
    yield _row("total", report.total_km) + "  geodesic on WGS84, km"
    yield (
        f"{report.feature_count:,} feature(s), {report.line_count:,} with a length, "
        f"{report.vertex_count:,} vertices in {len(report.files):,} file(s); "
        f"{report.count('error'):,} error(s), {report.count('warning'):,} warning(s)"
    )
    if report.other_geometry_columns:
        others = ", ".join(report.other_geometry_columns)
        yield printable(f"measured: {report.geometry_column}; not measured: {others}")
    if report.output:
        yield printable(f"wrote {report.output}")


def _row(name: str, km: float | None) -> str:
    length = f"{'no length':>12}" if km is None else f"{km:>12,.2f}"
    return f"{printable(name):<44}{length}"


def _finding_lines(report: DatasetReport) -> Iterator[str]:
    """Write the first findings of each code, errors first, and how many there are."""
    codes = sorted(report.counts, key=lambda c: (SEVERITIES.index(REGISTRY[c].severity), c))
    for code in codes:
        shown = [f for f in report.samples if f.code == code][:TEXT_REPEATS]
        for finding in shown:
            yield finding.to_text()
        more = report.counts[code] - len(shown)
        if more:
            yield f"{code}: {more:,} more of the same"
