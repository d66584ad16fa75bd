"""Read well-known binary as it stands, also lines of one point and open rings, which GEOS refuses.

Only for the few geometries that need a word about what is wrong with them; all others are read by
GEOS at once.
"""

from __future__ import annotations

import math
import struct

#: Numbers of the types in ISO 13249-3 and OGC 06-103r4, table 7, and the type of their members.
_TYPES = {
    1: "Point",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}
#: Flags of the extended form that PostGIS writes.
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
#: Collections inside each other that are read.
_MOST_LEVELS = 32

Value = dict[str, object]


def to_geojson(data: bytes) -> Value:
    """Return a geometry as the object of GeoJSON, whatever its numbers are.

    Heights that are NaN, and measures, are left out; a Point of NaN is one without coordinates.

    Raises
    ------
    ValueError
        If the bytes are cut off, or of another kind.
    """
    try:
        return _Reader(data).geometry(0)
    except struct.error:
        raise ValueError("the bytes end too early") from None


class _Reader:
    """A place in the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.order = "<"
        self.dimensions = 2
        self.has_height = False

    def take(self, form: str) -> tuple[float, ...]:
        """Read numbers."""
        numbers = struct.unpack_from(self.order + form, self.data, self.at)
        self.at += struct.calcsize(self.order + form)
        return numbers

    def count(self, size: int) -> int:
        """Read how many items of at least so many bytes follow."""
        number = int(self.take("I")[0])
        if number * size > len(self.data) - self.at:
            raise ValueError("the bytes end too early")
        return number

    def geometry(self, level: int) -> Value:
        """Read a geometry with its head."""
        if level > _MOST_LEVELS:
            raise ValueError("collections are nested too deep")
        order = self.data[self.at : self.at + 1]
        if order not in (b"\0", b"\1"):
            raise ValueError("no byte order of well-known binary" if order else "no bytes")
        self.at += 1
        self.order = "<" if order == b"\1" else ">"
        code = int(self.take("I")[0])
        thousands, number = divmod(code & 0x0FFFFFFF, 1000)
        if number not in _TYPES or thousands > 3:
            raise ValueError(f"{code} is no type of geometry")
        self.has_height = bool(code & _Z) or thousands in (1, 3)
        self.dimensions = 2 + self.has_height + (bool(code & _M) or thousands in (2, 3))
        if code & _SRID:
            self.take("I")
        return self._body(_TYPES[number], level)

    def _body(self, kind: str, level: int) -> Value:
        if kind == "Point":
            (position,) = self._positions(1)
            is_empty = all(math.isnan(number) for number in position)
            return {"type": kind, "coordinates": [] if is_empty else position}
        if kind == "LineString":
            return {"type": kind, "coordinates": self._positions()}
        if kind == "Polygon":
            rings = [self._positions() for _ in range(self.count(4))]
            return {"type": kind, "coordinates": rings}
        members = [self.geometry(level + 1) for _ in range(self.count(5))]
        if kind == "GeometryCollection":
            return {"type": kind, "geometries": members}
        wanted = kind.removeprefix("Multi")
        for member in members:
            if member["type"] != wanted:
                raise ValueError(f"a {member['type']} stands in a {kind}")
        return {"type": kind, "coordinates": [member["coordinates"] for member in members]}

    def _positions(self, count: int | None = None) -> list[list[float]]:
        if count is None:
            count = self.count(8 * self.dimensions)
        numbers = self.take(f"{count * self.dimensions}d")
        rows = zip(*[iter(numbers)] * self.dimensions, strict=True)
        return [self._position(row) for row in rows]

    def _position(self, numbers: tuple[float, ...]) -> list[float]:
        has_height = self.has_height and not math.isnan(numbers[2])
        return list(numbers[: 3 if has_height else 2])
