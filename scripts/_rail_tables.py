"""Read the hand-edited tables of the rail network in geo/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from _output import read_csv
from _rail_graph import LonLat
from _rail_lines import DrawnLine, read_lines
from _rail_passenger import PassengerLine
from _rail_passenger import read_lines as read_passenger_lines
from _rail_paths import read_points
from _rail_shared import FreightLine, read_freight_lines

Row = Mapping[str, str]

#: The files that decide what the network is, beside the package.
INPUTS = (
    "rail_additions.geojson",
    "rail_closed.csv",
    "rail_sections.csv",
    "rail_passenger_lines.csv",
    "rail_freight_lines.csv",
    "rail_gauges.csv",
    "rail_crossings.csv",
)

#: A row of geo/rail_closed.csv with these words in its note has no track in the package.
NO_TRACK = "no track in the data"


@dataclass(frozen=True)
class Tables:
    """All that people edit by hand; see DATA.md for the columns."""

    lines: list[DrawnLine]
    closed: list[Row]
    sections: list[Row]
    passenger: tuple[PassengerLine, ...]
    freight: tuple[FreightLine, ...]
    gauges: list[Row]
    crossings: list[Row]


def read_tables(geo: Path) -> Tables:
    """Read the tables of a folder."""
    return Tables(
        read_lines(geo / "rail_additions.geojson"),
        read_csv(geo / "rail_closed.csv"),
        read_csv(geo / "rail_sections.csv"),
        read_passenger_lines(geo / "rail_passenger_lines.csv"),
        read_freight_lines(geo / "rail_freight_lines.csv"),
        read_csv(geo / "rail_gauges.csv"),
        read_csv(geo / "rail_crossings.csv"),
    )


def ends_of(row: Row) -> tuple[LonLat, LonLat]:
    """Return the two end points of a row, (lon, lat)."""
    return (
        (float(row["from_lon"]), float(row["from_lat"])),
        (float(row["to_lon"]), float(row["to_lat"])),
    )


def stops_of(section: Row) -> list[LonLat]:
    """Return the points a section goes through, ends included."""
    first, last = ends_of(section)
    return [first, *read_points(section["via"]), last]


def has_no_track(row: Row) -> bool:
    """Tell whether a closed link is missing from the package."""
    return NO_TRACK in row["note"].lower()
