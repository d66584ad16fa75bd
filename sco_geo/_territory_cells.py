"""Find on a grid of degrees where borders of territories lie, and which territory holds a point.

Most stretches of a line are far from any border. The edges of all polygons around are sorted into
square cells; a table of sums over the cells tells for any box, with four look-ups, whether an edge
is near. A box without one lies in a single territory, that of any of its cells. Points are looked
up in prepared polygons through an `STRtree`; the answer for a cell without edges is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Cells in one degree: more settle more stretches at once and take longer to fill.
CELLS_PER_DEG = 4
#: What `owner_at` answers for a point in no polygon.
NOBODY = -1
_TURN, _ROWS, _STEP = 360 * CELLS_PER_DEG, 180 * CELLS_PER_DEG, 10 * CELLS_PER_DEG
_UNKNOWN = -2


@dataclass(frozen=True)
class Boxes:
    """Boxes along the axes, in degrees; `west` from -180 up to 180, `east` up to 360."""

    west: Floats
    south: Floats
    east: Floats
    north: Floats


class TerritoryIndex:
    """Polygons to look points up in, with the cells that were asked for last.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Longitude and latitude in degrees, edges straight in degrees. Where polygons overlap, the
        first holds a point.
    """

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        self._parts, self._polygon = shapely.get_parts(polygons, return_index=True)
        self._rings = shapely.get_rings(self._parts)
        self._cells: TerritoryCells | None = None

    def cells(self, boxes: Boxes) -> TerritoryCells:
        """Return cells that cover some boxes, and what was covered before."""
        window = Window.around(boxes)
        if self._cells is not None:
            window = window.joined(self._cells.window)
        if self._cells is None or window != self._cells.window:
            self._cells = TerritoryCells(self, window, _edges(self._rings, window))
        return self._cells

    def owner_at(self, lon: Floats, lat: Floats) -> Ints:
        """Return the number of the first polygon that holds each point, or `NOBODY`.

        Parameters
        ----------
        lon, lat : array
            Degrees, any number of turns; a point on an edge is held by all polygons that meet.
        """
        owner = np.full(len(lon), len(self._polygon))
        tree = shapely.STRtree(shapely.points(lon - 360 * np.floor((lon + 180) / 360), lat))
        near = np.unique(tree.query(self._parts)[0])
        shapely.prepare(self._parts[near])
        part, point = tree.query(self._parts[near], predicate="intersects")
        np.minimum.at(owner, point, self._polygon[near[part]])
        return np.where(owner == len(self._polygon), NOBODY, owner)


@dataclass(frozen=True)
class Window:
    """Columns and rows of cells, counted from 180° W and the South Pole, both ends within."""

    left: int
    low: int
    right: int
    high: int

    @classmethod
    def around(cls, boxes: Boxes) -> Window:
        """Return the cells that boxes touch, out to full tens of degrees."""
        left, right = _column(boxes.west).min() // _STEP, _column(boxes.east).max() // _STEP + 1
        low, high = _row(boxes.south).min() // _STEP, _row(boxes.north).max() // _STEP + 1
        ends = (int(left * _STEP), int(low * _STEP), int(right * _STEP), int(high * _STEP))
        return cls(ends[0], ends[1], ends[2] - 1, ends[3] - 1).joined(None)

    def joined(self, other: Window | None) -> Window:
        """Return the window around two; one of a turn or more begins at 180° W and is a turn."""
        other = other or self
        left, right = min(self.left, other.left), max(self.right, other.right)
        if right - left >= _TURN - 1:
            left, right = 0, _TURN - 1
        return Window(left, min(self.low, other.low), right, max(self.high, other.high))

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of rows and of columns."""
        return self.high - self.low + 1, self.right - self.left + 1


class TerritoryCells:
    """The edges of polygons by cell, within a window.

    Parameters
    ----------
    index : TerritoryIndex
        The polygons.
    window : Window
        What is asked about lies in it; a box may stand out to north or south, empty there.
    edges : tuple of arrays
        Points, and the numbers of those that an edge starts from; it ends at the next point.
    """

    def __init__(self, index: TerritoryIndex, window: Window, edges: tuple[Floats, Ints]) -> None:
        self.index, self.window = index, window
        self.points, edge = edges
        edge, cell = self._cells_of(edge)
        self._edges_by_cell = edge[np.argsort(cell, kind="stable")]
        counts = np.bincount(cell, minlength=window.shape[0] * window.shape[1])
        self._first = np.concatenate([[0], np.cumsum(counts)])
        self._sums = _table_of_sums(counts.reshape(window.shape) > 0)
        self._owner_of_cell = np.full(len(counts), _UNKNOWN, dtype=np.int32)

    def is_near_edge(self, boxes: Boxes) -> Bools:
        """Tell for each box whether one of the cells that it touches holds an edge."""
        left, right = self._column(boxes.west), self._column(boxes.east) + 1
        low, high = self._row(boxes.south), self._row(boxes.north) + 1
        table = self._sums
        inside = table[high, right] - table[high, left] - table[low, right] + table[low, left]
        return np.asarray(inside > 0)

    def owner_of_cell(self, lon: Floats, lat: Floats) -> Ints:
        """Return the polygon that holds the cell of each point; no edge may lie in the cell."""
        columns = self.window.shape[1]
        cell = self._row(lat) * columns + self._column(lon) % columns
        asked = np.unique(cell[self._owner_of_cell[cell] == _UNKNOWN])
        row, column = np.divmod(asked, columns)
        self._owner_of_cell[asked] = self.index.owner_at(
            (column + self.window.left + 0.5) / CELLS_PER_DEG - 180,
            (row + self.window.low + 0.5) / CELLS_PER_DEG - 90,
        )
        return self._owner_of_cell[cell].astype(np.int64)

    def pairs(self, boxes: Boxes) -> tuple[Ints, Ints]:
        """Return pairs (box, edge) that share a cell; all that meet are among them.

        An edge is the number of its start in `points`; it ends at the next point.
        """
        left, low = self._column(boxes.west), self._row(boxes.south)
        width = self._column(boxes.east) - left + 1
        box, rank = _ranks(width * (self._row(boxes.north) - low + 1))
        columns = self.window.shape[1]
        row, column = low[box] + rank // width[box], left[box] + rank % width[box]
        cell = row * columns + column % columns
        of, rank = _ranks(self._first[cell + 1] - self._first[cell])
        return box[of], self._edges_by_cell[self._first[cell[of]] + rank]

    def _cells_of(self, edge: Ints) -> tuple[Ints, Ints]:
        """Return pairs (edge, cell) for the at most four cells that the box of an edge touches."""
        rows, columns = self.window.shape
        row = _row(self.points[:, 1]) - self.window.low
        column = self._column(self.points[:, 0]) % _TURN
        turns_row, turns_column = row[edge + 1] != row[edge], column[edge + 1] != column[edge]
        across, up = edge[turns_column], edge[turns_row]
        both = edge[turns_row & turns_column]
        edges = np.concatenate([edge, across, up, both])
        row = row[np.concatenate([edge, across, up + 1, both + 1])]
        column = column[np.concatenate([edge, across + 1, up, both + 1])]
        stays = (row >= 0) & (row < rows) & (column < columns)
        return edges[stays], (row * columns + column)[stays]

    def _column(self, lon: Floats) -> Ints:
        return _column(lon) - self.window.left

    def _row(self, lat: Floats) -> Ints:
        return np.clip(_row(lat) - self.window.low, 0, self.window.shape[0] - 1)


def _edges(rings: npt.NDArray[np.object_], window: Window) -> tuple[Floats, Ints]:
    """Return points, and for each edge on the globe the number of the point that it starts from.

    Only of rings around the window. Edges longer than a cell are divided.
    """
    points, ring = shapely.get_coordinates(rings[_meets(rings, window)], return_index=True)
    is_good = (np.abs(points[:, 0]) <= 540) & (np.abs(points[:, 1]) <= 90)
    points[~is_good] = 0.0
    is_edge = (ring[1:] == ring[:-1]) & is_good[1:] & is_good[:-1]
    step = np.abs(np.diff(points, axis=0))
    cells = np.maximum(step[:, 0], step[:, 1]) * CELLS_PER_DEG
    long = np.flatnonzero(is_edge & (cells > 1))
    is_edge[long] = False
    pieces = np.ceil(cells[long]).astype(np.int64)
    edge, rank = _ranks(pieces + 1)
    part = (rank / pieces[edge])[:, None]
    more = (1 - part) * points[long[edge]] + part * points[long[edge] + 1]
    first = len(points) + np.flatnonzero(rank < pieces[edge])
    return np.vstack([points, more]), np.concatenate([np.flatnonzero(is_edge), first])


def _meets(rings: npt.NDArray[np.object_], window: Window) -> Bools:
    """Tell which rings have a box that touches a window, by any number of turns."""
    west, south, east, north = shapely.bounds(rings).T
    left, right = window.left / CELLS_PER_DEG - 180, (window.right + 1) / CELLS_PER_DEG - 180
    low, high = window.low / CELLS_PER_DEG - 90, (window.high + 1) / CELLS_PER_DEG - 90
    turns = np.ceil((left - east) / 360)
    return np.asarray((west + 360 * turns <= right) & (north >= low) & (south <= high))


def _table_of_sums(is_taken: Bools) -> npt.NDArray[np.int32]:
    """Return the number of taken cells south-west of each corner, twice round the window."""
    rows, columns = is_taken.shape
    table = np.zeros((rows + 1, 2 * columns + 1), dtype=np.int32)
    once = table[1:, 1 : columns + 1]
    np.cumsum(is_taken, axis=1, dtype=np.int32, out=once)
    np.cumsum(once, axis=0, out=once)
    np.add(once, once[:, -1:], out=table[1:, columns + 1 :])
    return table


def _column(lon: Floats) -> Ints:
    return np.floor((lon + 180) * CELLS_PER_DEG).astype(np.int64)


def _row(lat: Floats) -> Ints:
    return np.clip(np.floor((lat + 90) * CELLS_PER_DEG), 0, _ROWS - 1).astype(np.int64)


def _ranks(counts: Ints) -> tuple[Ints, Ints]:
    """Return for a row of groups of given sizes the group of each member and its rank in it."""
    group = np.repeat(np.arange(len(counts)), counts)
    return group, np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)
