"""What coordinates that cannot be read look like, and how to write them."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

from sco_geo._flat import DEPTHS, LINES, POLYGONS
from sco_geo._lookalikes import is_place
from sco_geo.rules._base import View

EACH = "Write each position as [longitude, latitude]."
_ANY_DEPTH = "A position is [longitude, latitude]; check the depth of the brackets."

#: Digits after a comma that nobody would take for a count of seconds.
_MOST_DECIMALS = 8
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_WITH_COMMA = re.compile(r"[-+]?\d{1,3},\d+")
#: A sign for degrees or minutes, two numbers after each other, or a letter for the hemisphere.
_SEXAGESIMAL = re.compile(r"\d\s*[°º˚'′’\"″”]|\d[\s:]+\d|^[NSEW]\s*\d|\d\s*[NSEW]$", re.I)


def number_hint(value: object) -> str | None:
    """Advise what to write in place of a value that stands where a number belongs."""
    if value is None:
        return "Leave the position out, or write null as the geometry."
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _WITH_COMMA.fullmatch(text):
        return "Write a decimal point, without quotes."
    if not _NUMBER.fullmatch(text) and _SEXAGESIMAL.search(text):
        return "Convert to decimal degrees."
    return "Write the number without quotes."


def coordinates_of(view: View, geometry: int) -> Any:
    """Return the coordinates of a geometry as they stand in the text."""
    flat, document = view.flat, view.document
    region = int(flat.geometry_region[geometry])
    if region >= 0:
        return document.source.region_value(region)
    return _at(document.root, f"{flat.geometry_pointer(geometry)}/coordinates")


def _at(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        value = value[int(token) if isinstance(value, list) else token]
    return value


def comma_hint(view: View, vertex: int) -> str | None:
    """Advise on four whole numbers in a position that may be two with decimal commas."""
    flat = view.flat
    if flat.sizes[vertex] != 4 or abs(flat.lon[vertex]) > 180 or abs(flat.height[vertex]) > 90:
        return None
    geometry = int(flat.part_geometry[flat.vertex_part[vertex]])
    inside = flat.vertex_pointer(vertex).removeprefix(
        f"{flat.geometry_pointer(geometry)}/coordinates"
    )
    numbers = _at(coordinates_of(view, geometry), inside)
    if not all(type(number) is int for number in numbers):
        return None
    lon, after_lon, lat, after_lat = map(str, numbers)
    if not all(n.isdecimal() and len(n) <= _MOST_DECIMALS for n in (after_lon, after_lat)):
        return None
    return f"Four numbers: decimal commas? Write [{lon}.{after_lon}, {lat}.{after_lat}]."


def depth_hint(kind: str, coordinates: list[object]) -> str:
    """Advise how to bring the coordinates of a geometry and its type together.

    Parameters
    ----------
    kind : str
        The type that the geometry names.
    coordinates : list
        The whole array, at the wrong depth for it.
    """
    first: object = coordinates
    while isinstance(first, list) and first:
        first = first[0]
    if is_place(first) or (_is_nested(coordinates, 0) and len(coordinates) > 3):
        return EACH
    names = [name for name in DEPTHS if _fits(name, coordinates)]
    ways = [f"write {' or '.join(names)} as the type"] if names else []
    if len(coordinates) == 1 and _fits(kind, coordinates[0]):
        ways.append("take one level of brackets away")
    if _fits(kind, [coordinates]):
        ways.append("put one more pair of brackets around it")
    text = ", or ".join(ways) + "."
    return text[0].upper() + text[1:] if ways else _ANY_DEPTH


def _is_nested(value: object, depth: int) -> bool:
    """Tell whether so many levels of arrays are around positions everywhere, and none is empty."""
    if not isinstance(value, list) or not value:
        return False
    if depth:
        return all(_is_nested(item, depth - 1) for item in value)
    return len(value) >= 2 and all(type(number) in (int, float) for number in value)


def _fits(kind: str, value: object) -> bool:
    """Tell whether an array is well formed for a type."""
    if not _is_nested(value, DEPTHS[kind]):
        return False
    parts: list[Any] = [value]
    for _ in range(DEPTHS[kind] - 1):
        parts = list(chain.from_iterable(parts))
    if kind in POLYGONS:
        return all(len(ring) >= 4 and ring[0] == ring[-1] for ring in parts)
    return kind not in LINES or all(len(line) >= 2 for line in parts)
