"""Write big GeoJSON files with one fault in the last position, the same bytes each time.

python benchmarks/big_files.py lines|vertices COUNT FILE
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

#: A latitude that no place has: every tool that looks at ranges can find it.
FAULT = (68.25, 91.5)
_SEED = 7946


def _walk(count: int, seed: int, step: float, decimals: int) -> Iterator[str]:
    """Yield positions of a walk that stays on land and sea between 10 and 150° E, 10 and 70° N."""
    generator = np.random.default_rng(seed)
    lon, lat = generator.uniform(40, 120), generator.uniform(25, 60)
    angle = generator.uniform(0, 2 * np.pi)
    turns = generator.normal(0, 0.3, count)
    for turn in turns.tolist():
        angle += turn
        lon += step * np.cos(angle)
        lat += step * np.sin(angle) * 0.7
        if not 10 <= lon <= 150 or not 10 <= lat <= 70:
            lon, lat = min(max(lon, 10.0), 150.0), min(max(lat, 10.0), 70.0)
            angle += np.pi / 2
            lon, lat = lon + step * np.cos(angle), lat + step * np.sin(angle) * 0.7
        yield f"[{lon:.{decimals}f}, {lat:.{decimals}f}]"


def write_many_lines(path: Path, count: int) -> None:
    """Write a collection of short lines, one feature a text line (about 375 bytes each)."""
    choose = random.Random(_SEED)
    sizes = [choose.randint(6, 13) for _ in range(count)]
    walk = list(_walk(sum(sizes), _SEED, 0.01, 6))
    walk[-1] = "[{}, {}]".format(*FAULT)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        begin = 0
        for index, size in enumerate(sizes):
            coordinates = ", ".join(walk[begin : begin + size])
            begin += size
            file.write(
                f'{{"type": "Feature", "id": "section-{index:06d}", "properties": '
                f'{{"name": "Section {index}", "gauge_mm": 1520}}, "geometry": '
                f'{{"type": "LineString", "coordinates": [{coordinates}]}}}}'
            )
            file.write(",\n" if index < count - 1 else "\n")
        file.write("]}\n")


def write_one_line(path: Path, vertices: int) -> None:
    """Write a single Feature with a line of many vertices (about 22 bytes each)."""
    walk = list(_walk(vertices, _SEED + 1, 0.002, 5))
    walk[-1] = "[{}, {}]".format(*FAULT)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "Feature", "id": "track", "properties": {}, "geometry": ')
        file.write('{"type": "LineString", "coordinates": [')
        file.write(", ".join(walk))
        file.write("]}}\n")


if __name__ == "__main__":
    {"lines": write_many_lines, "vertices": write_one_line}[sys.argv[1]](
        Path(sys.argv[3]), int(sys.argv[2])
    )
