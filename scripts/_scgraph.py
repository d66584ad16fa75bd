"""Read a graph of the package scgraph_data as text; the package itself cannot be imported."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def package_file(module: str) -> Path:
    """Find a data module, ``world_railways.py`` for example, of the installed package."""
    spec = find_spec("scgraph_data")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("scgraph_data is not installed, see requirements-scripts.txt")
    return Path(spec.origin).with_name(module)


def read_literals(path: Path) -> tuple[Floats, Floats, Ints, Ints, Floats]:
    """Read nodes and directed entries: lon, lat in degrees; start, end as node numbers; km."""
    lines = dict(
        line.split("=", 1) for line in path.read_text(encoding="utf-8").split("\n") if "=" in line
    )
    nodes = np.array(json.loads(lines["nodes"]), dtype=np.float64)
    starts, ends, weights = [], [], []
    for number, row in enumerate(re.findall(r"\{([^}]*)\}", lines["graph"])):
        for entry in filter(None, row.split(", ")):
            end, weight = entry.split(": ")
            starts.append(number)
            ends.append(int(end))
            weights.append(float(weight))
    return nodes[:, 1], nodes[:, 0], np.array(starts), np.array(ends), np.array(weights)
