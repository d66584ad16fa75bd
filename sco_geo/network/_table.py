"""The rail network as flat arrays, and the checks that they fit each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sco_geo.errors import NetworkFileError
from sco_geo.network._order import count_tree_edges, find_order
from sco_geo.network._snapping_math import segment_metres

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: What the codes of `EdgeTable` mean, in the order of the codes.
STATUSES = ("operating", "construction", "planned", "suspended")
LINE_CLASSES = ("conventional", "passenger", "ferry")
BASES = ("osm", "anchored", "published", "estimate")

#: Highest level of detail.
MAX_LEVEL = 3

#: The codes of edges, with the number of values that each can have.
_CODES = {"status": len(STATUSES), "line_class": len(LINE_CLASSES), "basis": len(BASES)}
_EDGE_COLUMNS = ("start", "end", "length_m", "country", "gauge", *_CODES, "line")
_CHAIN_COLUMNS = ("chain_lon", "chain_lat", "chain_level")


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """The rail network as flat arrays: nodes, undirected edges and the vertices between them.

    Attributes
    ----------
    node_lon, node_lat : float64 arrays
        Places of the nodes in degrees, multiples of 0.001.
    start, end : int32 arrays
        Numbers of the nodes that an edge joins.
    length_m : int32 array
        Corrected length in metres, a multiple of 10.
    country, gauge : uint8 arrays
        Positions in `countries` (ISO 3166 alpha-3, "" outside any state) and in `gauges`
        ("1435", "1520", "1435;1520", in mm).
    status, line_class, basis : uint8 arrays
        Positions in `STATUSES`, `LINE_CLASSES` and `BASES` (how the length was come by).
    line : int16 array
        Position in `lines`, -1 for none.
    chain_offset : int32 array
        Edge k has the vertices from chain_offset[k] up to chain_offset[k + 1], start to end, the
        two nodes left out.
    chain_lon, chain_lat : float64 arrays
        Places of the vertices in degrees, multiples of 0.001.
    chain_level : uint8 array
        Level of detail from which a vertex is drawn, 0 (always) to 3.
    countries, gauges : tuple of str
    lines : tuple of dict
        Lines that have a name, with dates, published lengths and sources.
    meta : dict
        Version, source, licence, attribution and the like.
    """

    node_lon: Floats
    node_lat: Floats
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    length_m: npt.NDArray[np.int32]
    country: npt.NDArray[np.uint8]
    gauge: npt.NDArray[np.uint8]
    status: npt.NDArray[np.uint8]
    line_class: npt.NDArray[np.uint8]
    basis: npt.NDArray[np.uint8]
    line: npt.NDArray[np.int16]
    chain_offset: npt.NDArray[np.int32]
    chain_lon: Floats
    chain_lat: Floats
    chain_level: npt.NDArray[np.uint8]
    countries: tuple[str, ...]
    gauges: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    meta: dict[str, Any]

    def paths(self) -> tuple[Ints, Floats, Floats]:
        """Return the drawn line of each edge, nodes included.

        Returns
        -------
        offset : int64 array
            Edge k has the points from offset[k] up to offset[k + 1], at least two.
        lon, lat : float64 arrays
            Degrees.
        """
        offset = self.chain_offset + 2 * np.arange(len(self.chain_offset), dtype=np.int64)
        is_inner = np.ones(offset[-1], dtype=bool)
        is_inner[offset[:-1]] = False
        is_inner[offset[1:] - 1] = False
        points = []
        for node, chain in ((self.node_lon, self.chain_lon), (self.node_lat, self.chain_lat)):
            values = np.empty(offset[-1])
            values[is_inner] = chain
            values[offset[:-1]] = node[self.start]
            values[offset[1:] - 1] = node[self.end]
            points.append(values)
        return offset, points[0], points[1]


def chain_metres(table: EdgeTable) -> Ints:
    """Measure the drawn line of each edge in whole metres, each segment rounded by itself.

    Sums of whole numbers do not depend on their order, so the page gets the same ones.
    """
    offset, lon, lat = table.paths()
    metres = np.floor(segment_metres(lon[:-1], lat[:-1], lon[1:], lat[1:]) + 0.5)
    until = np.concatenate([[0], np.cumsum(metres.astype(np.int64))])
    return np.asarray(until[offset[1:] - 1] - until[offset[:-1]])


def in_file_order(table: EdgeTable) -> EdgeTable:
    """Return a table with nodes and edges in the order of the file (see `_order`).

    A table that is in such an order stays as it is.
    """
    start, end = table.start.astype(np.int64), table.end.astype(np.int64)
    if count_tree_edges(start, end) is not None:
        return table
    nodes, edges, is_flipped = find_order(table.node_lon, table.node_lat, start, end)
    new = np.empty(len(nodes), dtype=np.int32)
    new[nodes] = np.arange(len(nodes))
    columns = {name: getattr(table, name)[nodes] for name in ("node_lon", "node_lat")}
    columns |= {name: getattr(table, name)[edges] for name in _EDGE_COLUMNS}
    start, end = new[columns["start"]], new[columns["end"]]
    columns["start"] = np.where(is_flipped, end, start)
    columns["end"] = np.where(is_flipped, start, end)
    columns["chain_offset"], vertices = _vertices_of(table.chain_offset, edges, is_flipped)
    columns |= {name: getattr(table, name)[vertices] for name in _CHAIN_COLUMNS}
    return replace(table, **columns)


def _vertices_of(
    offset: npt.NDArray[np.int32], edges: Ints, is_flipped: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], Ints]:
    """Return the offsets of edges in a new order, and the old numbers of their vertices."""
    counts = np.diff(offset)[edges]
    new = np.concatenate([[0], np.cumsum(counts)])
    place = np.arange(new[-1]) - np.repeat(new[:-1], counts)
    first = np.repeat(offset[edges], counts)
    last = np.repeat(offset[edges + 1] - 1, counts)
    vertices = np.where(np.repeat(is_flipped, counts), last - place, first + place)
    return new.astype(np.int32), vertices


def check_table(table: EdgeTable) -> None:
    """Refuse a table whose columns do not fit each other, or that the file has no room for.

    Raises
    ------
    NetworkFileError
        With the number and the place of the first node, edge or vertex that is wrong.
    """
    nodes, edges, vertices = len(table.node_lon), len(table.start), len(table.chain_lon)
    sizes = {"node_lat": nodes, "chain_offset": edges + 1}
    sizes |= dict.fromkeys(_EDGE_COLUMNS, edges) | dict.fromkeys(_CHAIN_COLUMNS, vertices)
    for name, size in sizes.items():
        found = len(getattr(table, name))
        if found != size:
            raise NetworkFileError(f"column {name} has {found} values, wanted are {size}")
    offset = table.chain_offset
    if offset[0] != 0 or offset[-1] != vertices or (np.diff(offset) < 0).any():
        raise NetworkFileError(f"chain_offset must rise from 0 to {vertices}, never falling")
    for what, lon, lat in (
        ("node", table.node_lon, table.node_lat),
        ("vertex", table.chain_lon, table.chain_lat),
    ):
        _check_places(what, lon, lat)
    for name in ("start", "end"):
        _check_edges(table, getattr(table, name), 0, nodes - 1, f"{name} is no node")
    _check_edges(table, table.length_m, 0, 2**31 - 1, "length_m is negative")
    _check_edges(table, table.length_m % 10, 0, 0, "length_m is no multiple of 10")
    counts = {**_CODES, "country": len(table.countries), "gauge": len(table.gauges)}
    for name, count in counts.items():
        _check_edges(table, getattr(table, name), 0, count - 1, f"{name} has no such code")
    _check_edges(table, table.line, -1, len(table.lines) - 1, "line has no such number")
    if vertices and int(table.chain_level.max()) > MAX_LEVEL:
        vertex = int(table.chain_level.argmax())
        raise NetworkFileError(f"vertex {vertex}: chain_level is above {MAX_LEVEL}")


def _check_places(what: str, lon: Floats, lat: Floats) -> None:
    """Refuse places off the earth and such that are not rounded to 0.001°."""
    for name, values, limit in (("longitude", lon, 180), ("latitude", lat, 90)):
        is_good = np.abs(values) <= limit
        is_good &= np.abs(values * 1000 - np.rint(values * 1000)) < 1e-6
        if not is_good.all():
            number = int(np.flatnonzero(~is_good)[0])
            raise NetworkFileError(
                f"{what} {number}: {name} {values[number]} is not within ±{limit} or no multiple "
                "of 0.001: round the places first"
            )


def _check_edges(table: EdgeTable, values: Any, low: int, high: int, problem: str) -> None:
    is_bad = (values < low) | (values > high)
    if is_bad.any():
        edge = int(np.flatnonzero(is_bad)[0])
        place = ""
        if 0 <= table.start[edge] < len(table.node_lon):
            node = table.start[edge]
            place = f" from {table.node_lon[node]:.3f}, {table.node_lat[node]:.3f}"
        raise NetworkFileError(f"edge {edge}{place}: {problem} ({values[edge]})")
