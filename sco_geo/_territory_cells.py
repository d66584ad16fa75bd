"""Find on a grid of degrees where borders of territories lie, and which territory holds a point.

Most stretches of a line are far from any border. The edges of all polygons are sorted into square
cells; a table of sums over the cells tells for any box, with four look-ups, whether an edge is
near. A box without one lies in a single territory, that of any of its cells. Points are looked up
in prepared polygons through an `STRtree`; the answer for a cell without edges is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Side of a cell, in degrees; finer cells settle more stretches and take longer to fill.
CELL_DEG = 0.25
#: What `owner_at` answers for a point in no polygon.
NOBODY = -1
_COLUMNS, _ROWS = round(360 / CELL_DEG), round(180 / CELL_DEG)
_UNKNOWN = -2


@dataclass(frozen=True)
class Boxes:
    """Boxes along the axes, in degrees; `west` from -180 up to 180, `east` up to 360."""

    west: Floats
    south: Floats
    east: Floats
    north: Floats


class TerritoryCells:
    """Polygons with an index of their edges.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Longitude and latitude in degrees, edges straight in degrees. Where polygons overlap, the
        first holds a point.
    """

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        self._parts, self._number = shapely.get_parts(polygons, return_index=True)
        self.points, edge = _edges(self._parts)
        edge, cell = _cells_of(self.points, edge)
        order = np.argsort(cell, kind="stable")
        self._edges_by_cell = edge[order]
        counts = np.bincount(cell, minlength=_ROWS * _COLUMNS)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        self._sums = _table_of_sums(counts.reshape(_ROWS, _COLUMNS) > 0)
        self._owner_of_cell = np.full(_ROWS * _COLUMNS, _UNKNOWN, dtype=np.int32)

    def is_near_edge(self, boxes: Boxes) -> npt.NDArray[np.bool_]:
        """Tell for each box whether one of the cells that it touches holds an edge."""
        left, right = _column(boxes.west), _column(boxes.east) + 1
        low, high = _row(boxes.south), _row(boxes.north) + 1
        table = self._sums
        inside = table[high, right] - table[high, left] - table[low, right] + table[low, left]
        return np.asarray(inside > 0)

    def owner_of_cell(self, lon: Floats, lat: Floats) -> Ints:
        """Return the polygon that holds the cell of each point; no edge may lie in the cell."""
        cell = _row(lat) * _COLUMNS + _column(lon) % _COLUMNS
        asked = np.unique(cell[self._owner_of_cell[cell] == _UNKNOWN])
        row, column = np.divmod(asked, _COLUMNS)
        self._owner_of_cell[asked] = self.owner_at(
            (column + 0.5) * CELL_DEG - 180, (row + 0.5) * CELL_DEG - 90
        )
        return self._owner_of_cell[cell].astype(np.int64)

    def owner_at(self, lon: Floats, lat: Floats) -> Ints:
        """Return the number of the first polygon that holds each point, or `NOBODY`.

        Parameters
        ----------
        lon, lat : array
            Degrees, any number of turns; a point on an edge is held by all polygons that meet.
        """
        owner = np.full(len(lon), len(self._number))
        east_of_west = lon - 360 * np.floor((lon + 180) / 360)
        tree = shapely.STRtree(shapely.points(east_of_west, lat))
        near = np.unique(tree.query(self._parts)[0])
        shapely.prepare(self._parts[near])
        part, point = tree.query(self._parts[near], predicate="intersects")
        np.minimum.at(owner, point, self._number[near[part]])
        return np.where(owner == len(self._number), NOBODY, owner)

    def pairs(self, boxes: Boxes) -> tuple[Ints, Ints]:
        """Return pairs (box, edge) that share a cell; all that meet are among them.

        An edge is the number of its start in `points`; it ends at the next point.
        """
        left, low = _column(boxes.west), _row(boxes.south)
        columns = _column(boxes.east) - left + 1
        box, rank = _ranks(columns * (_row(boxes.north) - low + 1))
        row = low[box] + rank // columns[box]
        cell = row * _COLUMNS + (left[box] + rank % columns[box]) % _COLUMNS
        of, rank = _ranks(self._first[cell + 1] - self._first[cell])
        return box[of], self._edges_by_cell[self._first[cell[of]] + rank]


def _edges(polygons: npt.NDArray[np.object_]) -> tuple[Floats, Ints]:
    """Return points, and for each edge on the globe the number of the point that it starts from.

    It ends at the next point. Edges longer than a cell are divided.
    """
    points, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    is_good = (np.abs(points[:, 0]) <= 540) & (np.abs(points[:, 1]) <= 90)
    is_edge = (ring[1:] == ring[:-1]) & is_good[1:] & is_good[:-1]
    with np.errstate(invalid="ignore"):
        step = np.abs(np.diff(points, axis=0))
    length = np.maximum(step[:, 0], step[:, 1])
    long = np.flatnonzero(is_edge & (length > CELL_DEG))
    is_edge[long] = False
    pieces = np.ceil(length[long] / CELL_DEG).astype(np.int64)
    edge, rank = _ranks(pieces + 1)
    part = (rank / pieces[edge])[:, None]
    more = (1 - part) * points[long[edge]] + part * points[long[edge] + 1]
    first = len(points) + np.flatnonzero(rank < pieces[edge])
    return np.vstack([points, more]), np.concatenate([np.flatnonzero(is_edge), first])


def _cells_of(points: Floats, edge: Ints) -> tuple[Ints, Ints]:
    """Return pairs (edge, cell) for the at most four cells that the box of an edge touches."""
    column, row = _column(points[:, 0]) % _COLUMNS, _row(points[:, 1])
    cell = row * _COLUMNS + column
    more = edge[cell[edge] != cell[edge + 1]]
    both = more[(row[more] != row[more + 1]) & (column[more] != column[more + 1])]
    edges = np.concatenate([edge, more, both, both])
    cells = [cell[edge], cell[more + 1], row[both] * _COLUMNS + column[both + 1]]
    return edges, np.concatenate([*cells, row[both + 1] * _COLUMNS + column[both]])


def _table_of_sums(is_taken: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the number of taken cells south-west of each corner, twice round the globe."""
    table = np.zeros((_ROWS + 1, 2 * _COLUMNS + 1), dtype=np.int32)
    once = table[1:, 1 : _COLUMNS + 1]
    np.cumsum(is_taken, axis=1, dtype=np.int32, out=once)
    np.cumsum(once, axis=0, out=once)
    np.add(once, once[:, -1:], out=table[1:, _COLUMNS + 1 :])
    return table


def _column(lon: Floats) -> Ints:
    return np.floor((lon + 180) * (1 / CELL_DEG)).astype(np.int64)


def _row(lat: Floats) -> Ints:
    return np.clip(np.floor((lat + 90) / CELL_DEG), 0, _ROWS - 1).astype(np.int64)


def _ranks(counts: Ints) -> tuple[Ints, Ints]:
    """Return for a row of groups of given sizes the group of each member and its rank in it."""
    group = np.repeat(np.arange(len(counts)), counts)
    return group, np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)
