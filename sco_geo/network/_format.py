"""The file of the rail network: one compact form for Python and for the page.

`docs/rail-network-format.md` describes the bytes; ``rail_network.js`` reads the same ones. The file
is a raw deflate stream, which the page inflates by itself. Inside are a header in JSON and one
stream of whole numbers for each column. Nothing but numpy and zlib is needed.
"""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sco_geo.errors import InputPathError, NetworkFileError
from sco_geo.geojson import write_atomically
from sco_geo.network._order import count_tree_edges
from sco_geo.network._table import (
    BASES,
    LINE_CLASSES,
    STATUSES,
    EdgeTable,
    chain_metres,
    check_table,
    in_file_order,
)

__all__ = [
    "BASES",
    "LINE_CLASSES",
    "STATUSES",
    "EdgeTable",
    "decode",
    "encode",
    "read_network",
    "stream_sizes",
    "write_network",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Columns = dict[str, Ints]

MAGIC = b"SCORAIL1"
#: Streams with negative numbers: 0, -1, 1, -2, 2, ... are stored as 0, 1, 2, 3, 4, ...
SIGNED = frozenset({"root_lon", "root_lat", "step_lon", "step_lat", "length_rest"})
#: Columns of edges that are stored as they are.
_CODES = ("country", "gauge", "status", "line_class", "basis")
_REBUILD = "build it anew with scripts/build_rail_network.py"


def read_network(path: Path) -> EdgeTable:
    """Read a network from its file.

    Raises
    ------
    InputPathError
        If the file cannot be opened.
    NetworkFileError
        If it is damaged, or of another version.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputPathError(f"{path}: cannot open: {error.strerror}") from error
    try:
        return decode(data)
    except NetworkFileError as error:
        raise NetworkFileError(f"{path}: {error}") from error


def write_network(table: EdgeTable, path: Path) -> None:
    """Write a network, whole or not at all; nodes and edges are put into the order of the file.

    A table that was read is in that order already, and gives the same file again (the same bytes,
    as long as zlib itself is the same).

    Raises
    ------
    NetworkFileError
        If columns do not fit each other or hold values that the file has no room for.
    """
    write_atomically(Path(path), encode(table))


def encode(table: EdgeTable) -> bytes:
    """Return the bytes of the file; see `write_network`."""
    return b"".join(_blocks(table).values()) + b"\x03\x00"  # an empty last block


def stream_sizes(table: EdgeTable) -> dict[str, int]:
    """Return how many bytes of the file the header and each stream take."""
    return {name: len(data) for name, data in _blocks(table).items()}


def _blocks(table: EdgeTable) -> dict[str, bytes]:
    """Return the deflated header and streams, which make up the file together."""
    check_table(table)
    table = in_file_order(table)
    columns, permille = _to_columns(table)
    packed = {name: _pack(values, name in SIGNED) for name, values in columns.items()}
    header = {
        "countries": table.countries,
        "gauges": table.gauges,
        "length_permille": permille,
        "lines": table.lines,
        "meta": table.meta,
        "streams": [[name, len(columns[name]), width] for name, (width, _) in packed.items()],
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    parts = {"header": text.encode("utf-8")}
    parts |= {name: data for name, (_, data) in packed.items()}
    crc = zlib.crc32(b"".join(parts.values()))
    parts["header"] = MAGIC + struct.pack("<II", len(parts["header"]), crc) + parts["header"]
    return {name: _deflate(data) for name, data in parts.items()}


def _deflate(data: bytes) -> bytes:
    """Return blocks of a deflate stream, none of them the last, by the settings that suit best.

    Each stream has a statistics of its own, and matches with another one would be of no use.
    """
    candidates = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY):
        for memory in (7, 8, 9):
            deflater = zlib.compressobj(9, zlib.DEFLATED, -15, memory, strategy)
            candidates.append(deflater.compress(data) + deflater.flush(zlib.Z_FULL_FLUSH))
    return min(candidates, key=len)


def decode(data: bytes) -> EdgeTable:
    """Return the network that the bytes of a file hold; see `read_network`."""
    inflater = zlib.decompressobj(-15)
    try:
        inside = inflater.decompress(data)
    except zlib.error as error:
        raise NetworkFileError(f"is no deflate stream ({error}): {_REBUILD}") from error
    if not inflater.eof or inflater.unused_data:
        raise NetworkFileError(f"is cut off or goes on after its end: {_REBUILD}")
    if inside[:8] != MAGIC or len(inside) < 16:
        raise NetworkFileError(f"is no rail network of this version: {_REBUILD}")
    size, crc = struct.unpack("<II", inside[8:16])
    if zlib.crc32(memoryview(inside)[16:]) != crc:
        raise NetworkFileError(f"is damaged (its checksum is wrong): {_REBUILD}")
    header = json.loads(inside[16 : 16 + size])
    columns, at = {}, 16 + size
    for name, count, width in header["streams"]:
        columns[name] = _unpack(inside, at, count, width, name in SIGNED)
        at += count * width
    return _from_columns(columns, header)


def _pack(values: Ints, is_signed: bool) -> tuple[int, bytes]:
    """Return how many bytes a number takes, and all lowest bytes, then all second ones, ..."""
    if is_signed:
        values = np.where(values < 0, -2 * values - 1, 2 * values)
    width = 1
    while len(values) and int(values.max()) >> 8 * width:
        width += 1
    planes = values.astype("<u4").view(np.uint8).reshape(-1, 4).T[:width]
    return width, planes.tobytes()


def _unpack(data: bytes, at: int, count: int, width: int, is_signed: bool) -> Ints:
    planes = np.frombuffer(data, np.uint8, count * width, at).reshape(width, count)
    values = planes[0].astype(np.int64)
    for plane in range(1, width):
        values |= planes[plane].astype(np.int64) << 8 * plane
    return (values >> 1) ^ -(values & 1) if is_signed else values


def _to_columns(table: EdgeTable) -> tuple[Columns, int]:
    """Return the streams of a table in file order, and the factor of the predicted lengths."""
    start, end = table.start.astype(np.int64), table.end.astype(np.int64)
    tree = count_tree_edges(start, end) or 0
    parent_step = np.zeros(len(table.node_lon), dtype=np.int64)
    parent_step[end[:tree]] = end[:tree] - start[:tree]
    roots = np.flatnonzero(parent_step == 0)
    step_lon, step_lat = _steps(table, tree)
    metres, length = chain_metres(table), table.length_m.astype(np.int64) // 10
    permille = _best_permille(metres, length)
    columns = {
        "parent_step": parent_step,
        "root_lon": _thousandths(table.node_lon[roots]),
        "root_lat": _thousandths(table.node_lat[roots]),
        "link_start_step": np.diff(start[tree:], prepend=0),
        "link_span": start[tree:] - end[tree:],
        "chain_count": np.diff(table.chain_offset).astype(np.int64),
        "step_lon": step_lon,
        "step_lat": step_lat,
        "length_rest": length - _predict(metres, permille),
        "chain_level": table.chain_level.astype(np.int64),
        **{name: getattr(table, name).astype(np.int64) for name in _CODES},
        "line": table.line.astype(np.int64) + 1,
    }
    return columns, permille


def _thousandths(degrees: Floats) -> Ints:
    return np.asarray(np.rint(degrees * 1000).astype(np.int64))


def _steps(table: EdgeTable, tree: int) -> tuple[Ints, Ints]:
    """Return the steps from point to point of the drawn lines, in 0.001°.

    Those of a link end at its last vertex: its last node is known.
    """
    offset, lon, lat = table.paths()
    is_step = np.ones(len(lon) - 1 if len(lon) else 0, dtype=bool)
    is_step[offset[1:-1] - 1] = False
    is_step[offset[tree + 1 :] - 2] = False
    lon_steps, lat_steps = (np.diff(_thousandths(values))[is_step] for values in (lon, lat))
    return lon_steps, lat_steps


def _predict(metres: Ints, permille: int) -> Ints:
    """Predict the length of an edge in 10 m from that of its drawn line."""
    return (metres * permille + 5000) // 10_000


def _best_permille(metres: Ints, length: Ints) -> int:
    """Find the factor that leaves the least to store, in 1/1000."""

    def bits(permille: int) -> float:
        return float(np.log2(1 + np.abs(length - _predict(metres, permille))).sum())

    return min(range(1000, 1101), key=bits)


def _from_columns(columns: Columns, header: dict[str, Any]) -> EdgeTable:
    parent_step = columns["parent_step"]
    tree_end = np.flatnonzero(parent_step)
    link_start = np.cumsum(columns["link_start_step"])
    start = np.concatenate([tree_end - parent_step[tree_end], link_start])
    end = np.concatenate([tree_end, link_start - columns["link_span"]])
    counts = columns["chain_count"]
    node_lon, chain_lon = _places(columns, "lon", start, len(tree_end))
    node_lat, chain_lat = _places(columns, "lat", start, len(tree_end))
    table = EdgeTable(
        node_lon=node_lon,
        node_lat=node_lat,
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        length_m=np.zeros(len(start), dtype=np.int32),
        **{name: columns[name].astype(np.uint8) for name in _CODES},
        line=(columns["line"] - 1).astype(np.int16),
        chain_offset=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        chain_lon=chain_lon,
        chain_lat=chain_lat,
        chain_level=columns["chain_level"].astype(np.uint8),
        countries=tuple(header["countries"]),
        gauges=tuple(header["gauges"]),
        lines=tuple(header["lines"]),
        meta=header["meta"],
    )
    length = _predict(chain_metres(table), header["length_permille"]) + columns["length_rest"]
    table.length_m[:] = 10 * length
    return table


def _places(columns: Columns, axis: str, start: Ints, tree: int) -> tuple[Floats, Floats]:
    """Return one coordinate of nodes and of vertices in degrees, from steps along the edges."""
    steps, counts = columns[f"step_{axis}"], columns["chain_count"]
    until = np.concatenate([[0], np.cumsum(steps)])
    last = np.cumsum(counts + (np.arange(len(counts)) < tree))
    first = last - counts
    first[:tree] -= 1
    node = _sum_up(columns["parent_step"], columns[f"root_{axis}"], until[last] - until[first])
    is_vertex = np.ones(len(steps), dtype=bool)
    is_vertex[last[:tree] - 1] = False
    shift = np.repeat(node[start] - until[first], counts)
    return node / 1000, (until[1:][is_vertex] + shift) / 1000


def _sum_up(parent_step: Ints, roots: Ints, across: Ints) -> Ints:
    """Sum up the way from its root to each node: every round doubles the number of edges summed."""
    is_root = parent_step == 0
    value = np.empty(len(parent_step), dtype=np.int64)
    value[is_root] = roots
    value[~is_root] = across[: len(parent_step) - len(roots)]
    above = np.arange(len(parent_step)) - parent_step
    is_done = is_root
    while not is_done.all():
        value = value + np.where(is_done, 0, value[above])
        is_done = is_done[above] | is_done
        above = above[above]
    return value
