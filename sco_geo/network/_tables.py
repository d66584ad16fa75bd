"""Read the small tables beside the network; what is wrong is said with file and row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from sco_geo.errors import CatalogError


class Row:
    """One row of a CSV table, which knows where it stands."""

    def __init__(self, path: Path, line: int, values: dict[str, str]) -> None:
        self.where = f"{path.name}:{line}"
        self._values = values

    def text(self, column: str) -> str:
        """Return the text of a column, without white space around it; "" if it is missing."""
        return (self._values.get(column) or "").strip()

    def number(self, column: str, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise CatalogError(
                f"{self.where}: {column} is {text!r}, not a number from {low:g} to {high:g}"
            )
        return value

    def optional_number(self, column: str, low: float, high: float) -> float | None:
        """Return a number, or None where the column is empty."""
        return self.number(column, low, high) if self.text(column) else None

    def lonlat(self, lon: str = "lon", lat: str = "lat") -> tuple[float, float]:
        """Return longitude and latitude in degrees."""
        return self.number(lon, -180, 180), self.number(lat, -90, 90)


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a UTF-8 table that has at least these columns.

    Raises
    ------
    CatalogError
        If it cannot be read, is not UTF-8 or lacks a column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CatalogError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path.name}: byte {error.start} is not UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise CatalogError(f"{path.name}:1: without the column {', '.join(missing)}")
        for values in reader:
            yield Row(path, reader.line_num, values)
    except csv.Error as error:
        where = f"{path.name}: after line {reader.line_num}"
        raise CatalogError(f"{where}: not readable as CSV: {error}") from error
