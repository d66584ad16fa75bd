"""The flat tables of the rail network, and their file."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

STATUSES = ("operating", "construction", "planned", "suspended")
LINE_CLASSES = ("conventional", "passenger", "ferry")
BASES = ("osm", "anchored", "published", "estimate")


@dataclass(frozen=True)
class EdgeTable:
    """Nodes, undirected edges and the chains of vertices between them, as flat arrays."""

    node_lon: Floats
    node_lat: Floats
    start: Ints
    end: Ints
    length_m: Ints
    country: Bytes
    gauge: Bytes
    status: Bytes
    line_class: Bytes
    basis: Bytes
    line: npt.NDArray[np.int16]
    chain_offset: Ints
    chain_lon: Floats
    chain_lat: Floats
    chain_level: Bytes
    countries: tuple[str, ...]
    gauges: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    meta: dict[str, Any]


def write_network(table: EdgeTable, path: Path) -> None:
    """Write the tables."""
    arrays = {f.name: getattr(table, f.name) for f in fields(table)}
    words = {name: arrays.pop(name) for name in ("countries", "gauges", "lines", "meta")}
    arrays["words"] = np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def read_network(path: Path) -> EdgeTable:
    """Read the tables."""
    with np.load(path) as arrays:
        values = {name: arrays[name] for name in arrays.files}
    words = json.loads(values.pop("words").tobytes())
    words["countries"], words["gauges"] = tuple(words["countries"]), tuple(words["gauges"])
    words["lines"] = tuple(words["lines"])
    return EdgeTable(**values, **words)
