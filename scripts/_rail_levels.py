"""Levels of detail of drawn lines: from which scale on a vertex is needed.

A vertex has the level of the coarsest line that keeps it, after D. H. Douglas and T. K. Peucker
(The Canadian Cartographer 10 (2), 1973, pages 112-122): a line drawn with the vertices up to some
level stays within the tolerance of that level. The nodes at the ends are always drawn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from sco_geo.network._snapping_math import metres_per_degree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Tolerances of levels 0, 1 and 2 in metres; level 3 has all vertices.
TOLERANCES_M = (20_000.0, 5_000.0, 1_000.0)


def levels_of_detail(offset: Ints, lon: Floats, lat: Floats) -> npt.NDArray[np.uint8]:
    """Return the level of each inner vertex of some lines, in the order of the vertices.

    Parameters
    ----------
    offset : array
        Line k has the points from offset[k] up to offset[k + 1], both ends included, at least two.
    lon, lat : arrays
        Degrees; as from `EdgeTable.paths`.

    Returns
    -------
    uint8 array
        0 to 3 for each point that is no end of its line.
    """
    counts = np.diff(offset)
    owner = np.repeat(np.arange(len(counts)), counts)
    middle_lon = np.add.reduceat(lon, offset[:-1]) / counts
    middle_lat = np.add.reduceat(lat, offset[:-1]) / counts
    per_lon, per_lat = metres_per_degree(middle_lat[owner])
    number = np.arange(len(lon), dtype=np.float64)  # as a height, to tell who was kept
    places = [(lon - middle_lon[owner]) * per_lon, (lat - middle_lat[owner]) * per_lat, number]
    lines = shapely.linestrings(np.column_stack(places), indices=owner)
    level = np.full(len(lon), len(TOLERANCES_M), dtype=np.uint8)
    for number_of_level in reversed(range(len(TOLERANCES_M))):
        tolerance = TOLERANCES_M[number_of_level]
        kept = shapely.simplify(lines, tolerance, preserve_topology=False)
        points = shapely.get_coordinates(kept, include_z=True)
        level[points[:, 2].astype(np.int64)] = number_of_level
    is_inner = np.ones(len(lon), dtype=bool)
    is_inner[offset[:-1]] = False
    is_inner[offset[1:] - 1] = False
    return level[is_inner]
