"""The coordinates of an array of geometries as flat arrays, a block of bounded size at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from sco_geo.errors import GeometryError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
#: How an error calls the geometry at a position of the array.
Namer = Callable[[int], str]

#: Vertices that are copied out of the geometries at a time, 1 MB of coordinates. A geometry with
#: more is copied whole.
BLOCK = 65_536
#: Longitudes go up to one and a half turns, for lines that are drawn on across ±180°.
MAX_LON = 540

_COLLECTIONS = (
    GeometryType.MULTILINESTRING,
    GeometryType.MULTIPOLYGON,
    GeometryType.GEOMETRYCOLLECTION,
)
_LINES = (GeometryType.LINESTRING, GeometryType.LINEARRING)
_POLYGONS = (GeometryType.POLYGON,)


@dataclass(frozen=True)
class Block:
    """Lines or rings one after the other.

    Attributes
    ----------
    lon, lat : arrays of shape (n,)
        Vertices in degrees.
    counts, owner : arrays of shape (m,)
        For each line or ring its number of vertices and the position of its geometry.
    is_hole : array of shape (m,)
        Whether it is the ring of a hole.
    """

    lon: Floats
    lat: Floats
    counts: Integers
    owner: Integers
    is_hole: npt.NDArray[np.bool_]


def name_by_position(position: int) -> str:
    """Name a geometry of which no more is known than its place in the array."""
    return f"feature {position}"


def line_blocks(geometries: Geometries, name: Namer = name_by_position) -> Iterator[Block]:
    """Yield the lines of an array in order, also those of collections of lines.

    The lines of a geometry with more than twice `BLOCK` vertices may come in several blocks that
    share a vertex with their neighbours, counted from the first vertex; others come whole. So sums
    over a geometry depend on it alone, to the last bit, and not on what is measured with it.

    Raises
    ------
    GeometryError
        For other types, and for a coordinate that is no longitude and latitude in degrees.
    """
    _let_blocks_stay_in_memory()
    vertices = _vertices(geometries, name)
    for rows in _runs(vertices):
        lines, owner, counts = _take_apart(
            geometries[rows], vertices[rows], _LINES, "length", name, rows.start
        )
        lon_lat = shapely.get_coordinates(lines)
        if len(lon_lat) <= 2 * BLOCK:
            yield _block(lon_lat, counts, owner, name)
        else:
            yield from _pieces(lon_lat, counts, owner, name)


def _let_blocks_stay_in_memory() -> None:
    """Have the C library keep the memory of a block for the next one.

    glibc gives arrays of 128 KB and more back to the system when they are freed, and a third of
    the short method's time went into getting them anew; once a larger array was freed, it keeps
    all up to that size. This one is never touched and costs some microseconds.
    """
    np.empty(16 * BLOCK)


def _pieces(lon_lat: Floats, counts: Integers, owner: Integers, name: Namer) -> Iterator[Block]:
    """Cut the lines of one large geometry into blocks."""
    ends = np.cumsum(counts)
    for run in _runs(counts):
        end = int(ends[run.stop - 1])
        begin = int(ends[run.start] - counts[run.start])
        if counts[run.start] <= BLOCK:
            yield _block(lon_lat[begin:end], counts[run], owner[run], name)
            continue
        for first in range(begin, end - 1, BLOCK):
            piece = lon_lat[first : min(first + BLOCK + 1, end)]
            yield _block(piece, np.array([len(piece)]), owner[run], name)


def ring_blocks(geometries: Geometries, name: Namer = name_by_position) -> Iterator[Block]:
    """Yield the rings of an array of polygons in order; errors as in `line_blocks`."""
    vertices = _vertices(geometries, name)
    for rows in _runs(vertices):
        polygons, owner, _ = _take_apart(
            geometries[rows], vertices[rows], _POLYGONS, "area", name, rows.start
        )
        rings, polygon = shapely.get_rings(polygons, return_index=True)
        counts = shapely.get_num_coordinates(rings).astype(np.int64)
        # The first ring of a polygon is its shell.
        is_hole = np.diff(polygon, prepend=-1) == 0
        yield _block(shapely.get_coordinates(rings), counts, owner[polygon], name, is_hole)


def _vertices(geometries: Geometries, name: Namer) -> Integers:
    try:
        return np.asarray(shapely.get_num_coordinates(geometries), dtype=np.int64)
    except TypeError:
        position = int(np.flatnonzero(~shapely.is_valid_input(geometries))[0])
        kind = type(geometries[position]).__name__
        message = f"{name(position)} is a {kind} and no geometry of shapely"
        raise GeometryError(message) from None


def _runs(counts: Integers) -> Iterator[slice]:
    """Cut a list of sizes into runs of about `BLOCK` in all; a larger element stands alone."""
    if len(counts) == 0:
        return
    number = (np.cumsum(counts) - counts) // BLOCK
    alone = counts > BLOCK
    cut = (number[1:] != number[:-1]) | alone[1:] | alone[:-1]
    edges = [0, *(np.flatnonzero(cut) + 1).tolist(), len(counts)]
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        yield slice(begin, end)


def _take_apart(
    geometries: Geometries,
    counts: Integers,
    wanted: tuple[GeometryType, ...],
    what: str,
    name: Namer,
    offset: int,
) -> tuple[Geometries, Integers, Integers]:
    """Return what collections hold, also those within collections, where from, and its vertices."""
    parts, owner = geometries, np.arange(offset, offset + len(geometries))
    types = shapely.get_type_id(parts)
    while _is_any(types, _COLLECTIONS).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner, types = owner[index], shapely.get_type_id(parts)
        counts = shapely.get_num_coordinates(parts).astype(np.int64)
    filled = counts > 0
    if not filled.all():
        parts, owner, types, counts = parts[filled], owner[filled], types[filled], counts[filled]
    wrong = ~_is_any(types, wanted)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        position = int(owner[first])
        kind, whole = parts[first].geom_type, geometries[position - offset].geom_type
        within = "" if kind == whole else f" in a {whole}"
        raise GeometryError(f"{name(position)} is a {kind}{within}: no {what}")
    return parts, owner, counts


def _is_any(
    types: npt.NDArray[np.int32], wanted: tuple[GeometryType, ...]
) -> npt.NDArray[np.bool_]:
    found = types == wanted[0]
    for kind in wanted[1:]:
        found |= types == kind
    return np.asarray(found)


def _block(
    lon_lat: Floats,
    counts: Integers,
    owner: Integers,
    name: Namer,
    is_hole: npt.NDArray[np.bool_] | None = None,
) -> Block:
    """Copy vertices into arrays of their own; refuse what is no longitude and latitude."""
    lon, lat = lon_lat[:, 0].copy(), lon_lat[:, 1].copy()
    is_hole = np.zeros(len(counts), dtype=bool) if is_hole is None else is_hole
    # NaN is the least and the greatest of its array, and no comparison with it holds.
    if lon.size == 0 or (
        lon.min() >= -MAX_LON and lon.max() <= MAX_LON and lat.min() >= -90 and lat.max() <= 90
    ):
        return Block(lon, lat, counts, owner, is_hole)
    index = int(np.flatnonzero(~((np.abs(lon) <= MAX_LON) & (np.abs(lat) <= 90)))[0])
    position = int(owner[np.searchsorted(np.cumsum(counts), index, side="right")])
    raise GeometryError(
        f"{name(position)}: ({lon[index]}, {lat[index]}) is not a longitude and latitude in degrees"
    )
