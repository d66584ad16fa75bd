"""How long a train takes: speeds by kind of line and country, and hours at borders."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sco_geo.errors import CatalogError
from sco_geo.network._format import LINE_CLASSES, EdgeTable

SPEEDS_FILE = "rail_speeds.toml"


@dataclass(frozen=True)
class Speeds:
    """Average speeds in km/h, and hours of waiting.

    Attributes
    ----------
    conventional_kmh, passenger_kmh, ferry_kmh : float
        By class of line; of a freight train with its usual stops, in sum over the way.
    country_kmh : mapping
        ISO 3166 alpha-3 -> speed on conventional lines of that country.
    border_hours, break_hours : float
        Dwell at a border, and at a break of gauge beyond that; a crossing with hours of its own
        in `rail_crossings.csv` has these instead of both.
    ferry_hours : float
        For loading and unloading a train ferry, both together.
    """

    conventional_kmh: float
    passenger_kmh: float
    ferry_kmh: float
    border_hours: float
    break_hours: float
    ferry_hours: float
    country_kmh: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        speeds = (self.conventional_kmh, self.passenger_kmh, self.ferry_kmh)
        if not all(speed > 0 for speed in (*speeds, *self.country_kmh.values())):
            raise CatalogError("a speed must be more than 0 km/h")
        if not all(hours >= 0 for hours in (self.border_hours, self.break_hours, self.ferry_hours)):
            raise CatalogError("hours at a border, a break of gauge or a ferry are 0 or more")

    @classmethod
    def load(cls, directory: Path) -> Speeds | None:
        """Read the file of a directory; None where there is none."""
        path = directory / SPEEDS_FILE
        if not path.is_file():
            return None
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogError(f"{path.name}: {error}") from error
        speeds, hours = _section(tree, "speed_kmh", path), _section(tree, "hours", path)
        countries = _section(speeds, "country", path) if "country" in speeds else {}
        conventional, passenger, ferry = (_number(speeds, n, path) for n in LINE_CLASSES)
        return cls(
            conventional_kmh=conventional,
            passenger_kmh=passenger,
            ferry_kmh=ferry,
            border_hours=_number(hours, "border", path),
            break_hours=_number(hours, "break_of_gauge", path),
            ferry_hours=_number(hours, "ferry", path),
            country_kmh={code: _number(countries, code, path) for code in countries},
        )

    def of_edges(self, table: EdgeTable) -> npt.NDArray[np.float64]:
        """Return the speed on each edge of the table, in km/h."""
        countries = np.array(
            [self.country_kmh.get(code, self.conventional_kmh) for code in table.countries]
        )
        by_class = np.array([np.nan, self.passenger_kmh, self.ferry_kmh])[table.line_class]
        return np.where(table.line_class == 0, countries[table.country], by_class)


def _section(tree: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    found = tree.get(name)
    if not isinstance(found, dict):
        raise CatalogError(f"{path.name}: without the table [{name}]")
    return found


def _number(tree: Mapping[str, Any], name: str, path: Path) -> float:
    """Return a figure, which may stand alone or as `value` in a table that gives its source."""
    found = tree.get(name)
    if isinstance(found, dict):
        found = found.get("value")
    if isinstance(found, bool) or not isinstance(found, (int, float)) or found < 0:
        raise CatalogError(f"{path.name}: {name} is {found!r}, not a number of 0 or more")
    return float(found)
