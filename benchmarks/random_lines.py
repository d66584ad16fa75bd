"""Make sets of lines that wander over Eurasia, the same each time.

python benchmarks/random_lines.py LINES SEGMENTS_EACH FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

Floats = npt.NDArray[np.float64]

WEST, EAST, SOUTH, NORTH = -10, 150, 10, 70
#: Shortest and longest segment in m; their logarithms are spread evenly.
SHORTEST, LONGEST = 1e3, 5e4
WGS84 = Geod(ellps="WGS84")


def walk(lines: int, segments: int) -> Floats:
    """Return vertices as an array of shape (lines, segments + 1, 2), longitude and latitude."""
    random = np.random.default_rng([lines, segments])
    places = np.empty((segments + 1, 2, lines))
    places[0] = random.uniform([[WEST], [SOUTH]], [[EAST], [NORTH]], (2, lines))
    for step in range(segments):
        lon, lat = places[step]
        metres = np.exp(random.uniform(np.log(SHORTEST), np.log(LONGEST), lines))
        azimuth = random.uniform(0, 360, lines)
        there = np.array(WGS84.fwd(lon, lat, azimuth, metres)[:2])
        # Who would leave the area goes the other way.
        back = np.array(WGS84.fwd(lon, lat, azimuth + 180, metres)[:2])
        stays = (there[0] > WEST) & (there[0] < EAST) & (there[1] > SOUTH) & (there[1] < NORTH)
        places[step + 1] = np.where(stays, there, back)
    return np.ascontiguousarray(places.transpose(2, 0, 1))


def reference_m(vertices: Floats) -> Floats:
    """Measure each line by PROJ, summed with the digits of a long float."""
    total = np.empty(len(vertices))
    for row, line in enumerate(vertices):
        metres = WGS84.inv(*line[:-1].T, *line[1:].T)[2]
        total[row] = np.asarray(metres, dtype=np.longdouble).sum()
    return total


def read(folder: Path) -> npt.NDArray[np.object_]:
    """Return the lines as geometries of shapely; nothing else stays in memory."""
    vertices = np.load(folder / "vertices.npy", mmap_mode="r")
    parts = [
        shapely.linestrings(vertices[row : row + 1000]) for row in range(0, len(vertices), 1000)
    ]
    return np.concatenate(parts)


def main() -> None:
    folder = Path(sys.argv[3])
    folder.mkdir()
    vertices = walk(int(sys.argv[1]), int(sys.argv[2]))
    np.save(folder / "vertices.npy", vertices)
    np.save(folder / "metres.npy", reference_m(vertices))


if __name__ == "__main__":
    main()
