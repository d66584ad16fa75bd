"""Geodesic lengths and areas on the WGS84 ellipsoid; the only module that uses PROJ.

Lines between two vertices are geodesics (Karney 2013, through PROJ's geographiclib: errors of
some nanometres). Coordinates are longitude, latitude in degrees. Heights are ignored.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError

from sco_geo._coordinate_blocks import (
    Block,
    Geometries,
    Namer,
    line_blocks,
    name_by_position,
    ring_blocks,
)
from sco_geo._geometry_columns import measure_column
from sco_geo.errors import GeometryError, UsageError
from sco_geo.short_lines import short_lengths_m

Floats = npt.NDArray[np.float64]
#: How lines are measured, see `length_km`.
Method = Literal["exact", "short"]
METHODS: tuple[Method, ...] = get_args(Method)

#: The ellipsoid of GPS and of RFC 7946 (NIMA TR8350.2: a = 6378137 m, 1/f = 298.257223563).
WGS84 = Geod(ellps="WGS84")

# Vertices below which a second thread costs more than it saves (about 5 ms of work).
_MIN_FOR_THREADS = 10_000
# Vertices of a line, on the average, from which a segment to the next line is soon measured.
_LONG_LINES = 200
# An area below this is nothing, in m²; that of a ring from 180° W to 180° E comes from rounding.
_NOTHING_M2 = 1.0


def is_geographic(authority: str, code: str) -> bool | None:
    """Tell whether a reference system is in degrees of longitude and latitude; None if unknown.

    Parameters
    ----------
    authority, code : str
        As in ``EPSG``, ``4326``; PROJ knows the systems of EPSG and ESRI, among others.
    """
    try:
        return bool(CRS.from_authority(authority, code).is_geographic)
    except CRSError:
        return None


def segment_lengths_m(
    lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats, *, method: Method = "exact"
) -> Floats:
    """Measure geodesics between pairs of points, in metres (arrays of degrees, equal shape)."""
    a, b, c, d = (np.array(values, dtype=np.float64) for values in (lon0, lat0, lon1, lat1))
    return _MEASURES[method](a, b, c, d)


def _exact_m(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Do the same faster: the arguments are overwritten. PROJ puts the lengths into the third."""
    if len(lon0) == 0:
        return np.zeros(0)
    answers = WGS84.inv(lon0, lat0, lon1, lat1, inplace=True, return_back_azimuth=False)
    return np.asarray(answers[2])


def _short_or_exact_m(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    metres = short_lengths_m(lon0, lat0, lon1, lat1)
    rest = np.flatnonzero(np.isnan(metres))
    metres[rest] = _exact_m(lon0[rest], lat0[rest], lon1[rest], lat1[rest])
    return metres


# Either may overwrite its arguments.
_MEASURES = {"exact": _exact_m, "short": _short_or_exact_m}


def usable_cores() -> int:
    """Count the cores that this process may use.

    On Linux `taskset` and `os.sched_setaffinity` reduce them; nothing else does.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def line_lengths_m(
    geometries: npt.NDArray[np.object_],
    *,
    method: Method = "exact",
    threads: int | None = None,
    name: Namer = name_by_position,
) -> Floats:
    """Measure the geodesic length of each line of an array, in metres.

    Empty geometries have length 0, missing ones (None) NaN. A length does not depend, to the last
    bit, on the other lines of the array or on the number of threads. Beyond the geometries
    this takes a few megabytes, or the coordinates of the largest geometry.

    Parameters
    ----------
    geometries : array of shapely geometries
        As for `length_km`.
    method : {"exact", "short"}
        See `length_km`.
    threads : int, optional
        By default as many as there are cores (`usable_cores`) for the exact method on more than
        10,000 vertices, else one: numpy's blocks of the short method would wait for each other.
    name : callable, optional
        Gives the name of the geometry at a position, for errors.

    Raises
    ------
    GeometryError
        For a geometry of another type or with a coordinate that is no place on the ellipsoid.
    """
    if not isinstance(method, str) or method not in _MEASURES:
        raise UsageError(f"method {method!r} is none of {', '.join(METHODS)}")
    geometries = np.asarray(geometries, dtype=object)
    total = np.zeros(len(geometries))
    measure = _MEASURES[method]

    def sums(block: Block) -> Floats:
        return _sums_of_lines(block, measure)

    blocks = line_blocks(geometries, name)
    for block, metres in _run(sums, blocks, threads or (method == "exact" and usable_cores()) or 1):
        np.add.at(total, block.owner, metres)
    total[shapely.is_missing(geometries)] = np.nan
    return total


def _sums_of_lines(block: Block, measure: Callable[..., Floats]) -> Floats:
    """Return the length of each line of a block, in metres."""
    lon, lat = block.lon, block.lat
    ends = np.cumsum(block.counts)
    if measure is _exact_m and _LONG_LINES * len(ends) <= len(lon):
        # Where lines are long, also the segments between two lines: less work than a selection.
        metres = np.delete(WGS84.line_lengths(lon, lat), ends[:-1] - 1)
    else:
        # Segments start at all vertices but the last one of each line.
        is_start = np.ones(len(lon), dtype=bool)
        is_start[ends - 1] = False
        start = np.flatnonzero(is_start)
        metres = measure(lon[start], lat[start], lon[1:][start], lat[1:][start])
    return np.add.reduceat(metres, ends - block.counts - np.arange(len(ends)))


def _run(
    work: Callable[[Block], Any], blocks: Iterator[Block], threads: int
) -> Iterator[tuple[Block, Any]]:
    """Yield each block and the result of the work on it, in order; few are held at a time."""
    first = next(blocks, None)
    if first is None:
        return
    if threads == 1 or len(first.lon) < _MIN_FOR_THREADS:
        yield first, work(first)
        yield from ((block, work(block)) for block in blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[Block, Future[Any]]] = deque([(first, pool.submit(work, first))])
        for block in blocks:
            waiting.append((block, pool.submit(work, block)))
            if len(waiting) > 2 * threads:
                done, result = waiting.popleft()
                yield done, result.result()
        yield from ((block, result.result()) for block, result in waiting)


def polygon_areas_m2(
    geometries: npt.NDArray[np.object_], *, name: Namer = name_by_position, is_strict: bool = False
) -> Floats:
    """Measure the geodesic area of each polygon of an array, in m².

    Holes are subtracted; the winding does not matter: a ring bounds its smaller side, also where
    that holds a pole. Empty geometries have area 0, missing ones (None) NaN.

    Raises
    ------
    GeometryError
        For a geometry of another type or with a coordinate that is no place on the ellipsoid; if
        `is_strict`, also for a ring that goes round the earth and bounds nothing, and for holes
        larger than their shells.
    """
    geometries = np.asarray(geometries, dtype=object)
    total = np.zeros(len(geometries))
    for block, areas in _run(_areas_of_rings, ring_blocks(geometries, name), usable_cores()):
        if is_strict:
            _refuse_rings_of_nothing(block, areas, name)
        np.add.at(total, block.owner, np.where(block.is_hole, -areas, areas))
    if is_strict and (total < -_NOTHING_M2).any():
        position = int(np.flatnonzero(total < -_NOTHING_M2)[0])
        raise GeometryError(
            f"{name(position)}: the holes are larger than the shell, of which the smaller side "
            "counts: no polygon may cover more than half of the earth"
        )
    total[shapely.is_missing(geometries)] = np.nan
    return total


def _refuse_rings_of_nothing(block: Block, areas: Floats, name: Namer) -> None:
    """Refuse rings along the edges of a flat map, whose long edges have no length on the earth."""
    ends = np.cumsum(block.counts)
    for ring in np.flatnonzero(areas < _NOTHING_M2).tolist():
        if np.ptp(block.lon[ends[ring] - block.counts[ring] : ends[ring]]) >= 360:
            raise GeometryError(
                f"{name(int(block.owner[ring]))}: a ring round the earth bounds nothing, for its "
                "edges are the shortest ways between vertices: add vertices, one in 90° at least"
            )


def _areas_of_rings(block: Block) -> Floats:
    """Return the area that each ring of a block bounds, in m²."""
    areas = np.empty(len(block.counts))
    end = 0
    for index, count in enumerate(block.counts.tolist()):
        begin, end = end, end + count
        areas[index], _ = WGS84.polygon_area_perimeter(block.lon[begin:end], block.lat[begin:end])
    return np.abs(areas)


def length_km(geometries: Any, *, method: Method = "exact") -> Any:
    """Measure geodesic lengths on WGS84, in kilometres.

    Each segment is the shortest way between its two vertices, so a segment with a jump of
    longitude over 180° crosses the antimeridian, and a line cut there has the length of the uncut
    line. Heights are ignored. For lengths on the ground of a drawn line this is a lower bound.

    Parameters
    ----------
    geometries : GeoSeries, GeoDataFrame, shapely geometry or sequence of them
        Lines, rings, multi-lines and collections of them (within each other too), with (lon, lat)
        in degrees, longitudes up to ±540. Numbers without a declared reference system are taken
        for WGS84. One that is projected, or not in degrees of an ellipsoid like WGS84, is refused:
        the same degrees on Krassowsky's ellipsoid are 1.7e-5 longer, and a silent
        transformation is not for a measure to make.
    method : {"exact", "short"}
        ``exact``: Karney 2013 through PROJ, within 1 µm or 1e-12 of the length, whichever is more.
        ``short``: Bowring 1981 for segments up to 50 km below 85°, within 2e-9 of the length
        (0.1 mm at 50 km) or 10 nm, and the exact method for all others; some ten times as fast
        where vertices are close together.

    Returns
    -------
    Series of float64 (array for a sequence, float for one geometry)
        Kilometres; 0 for empty geometries, NaN for missing ones.

    Raises
    ------
    GeometryError
        For points, polygons, other reference systems and coordinates that are not longitude and
        latitude; with the label and position of the feature.

    Notes
    -----
    The exact method uses all cores that the process may use (`usable_cores`), with the same
    result as on one. To hold it to one: ``taskset -c 0``, or ``os.sched_setaffinity(0, {0})``.

    C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87, 2013, pages 43-55.
    B. R. Bowring: see `sco_geo.short_lines`.

    Examples
    --------
    New York JFK to London Heathrow; the manual of GeographicLib's GeodSolve prints 5551759.400 m.

    >>> from shapely import LineString
    >>> round(length_km(LineString([(-73.8, 40.6), (-0.5, 51.6)])), 6)
    5551.7594
    """

    def measure(array: Geometries, name: Namer) -> Floats:
        return line_lengths_m(array, method=method, name=name)

    return measure_column(geometries, measure, 1e-3, "length_km")


def geodesic_area_km2(geometries: Any) -> Any:
    """Measure geodesic areas on WGS84, in square kilometres.

    Takes polygons, multi-polygons and collections of them, and returns what `length_km` returns.
    Holes are subtracted. Edges are geodesics as in `length_km`, the shortest ways: where they span
    many degrees they need vertices, one in 90° at least. A ring bounds its smaller side, so one
    around a pole holds the pole, and no polygon is larger than half of the earth. What a ring that
    crosses itself bounds left and right cancels out, so mend such rings first.

    Examples
    --------
    An eighth of the ellipsoid, of 510065621.724 km² (NIMA TR8350.2, table 3.3).

    >>> from shapely import Polygon
    >>> round(geodesic_area_km2(Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])) * 8 / 1e3)
    510066
    """

    def measure(array: Geometries, name: Namer) -> Floats:
        return polygon_areas_m2(array, name=name, is_strict=True)

    return measure_column(geometries, measure, 1e-6, "area_km2")


def densify(line: Floats, step_km: float) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Put points on the geodesics of a line, so that no piece is longer than `step_km`.

    Parameters
    ----------
    line : array of shape (n, 2)
        Longitude and latitude in degrees.
    step_km : float
        Longest piece that may remain, in km.

    Returns
    -------
    points : array of shape (m, 2)
        All old vertices and the new ones, in order; longitudes of new points are wrapped
        to the neighbourhood of the segment's start.
    segment : array of shape (m - 1,)
        For each piece the index of the segment that it is a part of.
    """
    start, end = line[:-1], line[1:]
    azimuth, _, metres = WGS84.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    pieces = np.maximum(1, np.ceil(np.asarray(metres) / (step_km * 1e3)).astype(int))
    segment = np.repeat(np.arange(len(start)), pieces)
    rank = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = start[segment].copy()
    new = rank > 0
    if new.any():
        owner = segment[new]
        distance = np.asarray(metres)[owner] * rank[new] / pieces[owner]
        lon, lat, _ = WGS84.fwd(
            start[owner, 0], start[owner, 1], np.asarray(azimuth)[owner], distance
        )
        turns = np.round((np.asarray(lon) - start[owner, 0]) / 360)
        points[new] = np.column_stack([np.asarray(lon) - 360 * turns, lat])
    return np.vstack([points, line[-1:]]), segment
