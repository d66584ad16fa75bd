"""Cut disputed areas out of the base and find the lines between them (scripts only).

Lines come with their ends up to 0.2 km off the base's borders, because the base was rounded after
they were drawn. Each end is moved to the nearest vertex of the base, so an area has exactly the
base's vertices wherever its edge is a border of the base.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Coords = NDArray[np.float64]
Geometries = NDArray[np.object_]
KM_PER_DEG = 111.2
DECIMALS = 4
MIN_SHARE = 0.5
"""A face of the drawing set belongs to an area if at least this share of it lies in the area."""


@dataclass(frozen=True)
class Spec:
    """One row of the feature table that says how a geometry is made.

    Attributes
    ----------
    of, with_ : tuple of str
        Territory codes or ids of features made before; for faces, `with_` names the cutting lines.
    where : str
        ``lon lat`` pairs in degrees, joined by ``;``, or a box ``west south east north``.
    minus : str
        Id of a line whose course is left out.
    """

    id: str
    method: str
    of: tuple[str, ...]
    with_: tuple[str, ...]
    where: str
    minus: str


@dataclass(frozen=True)
class Source:
    """What is read from the package: lines by ``line:<fid>`` and provinces by name, (lon, lat)."""

    lines: Mapping[str, BaseGeometry]
    provinces: Mapping[str, BaseGeometry]


@dataclass
class Base:
    """One set of territories by code, with the limits for lines that are fitted to it.

    Attributes
    ----------
    snap_km : float
        Longest move of the end of a line of the package.
    province_snap_km : float
        Longest move of the end of a province line; the package simplified these.
    tolerance_km : float
        Tolerance to which cutting lines are simplified; 0 keeps every vertex.
    moved_km : dict
        Filled while building: how far an end of a line was moved, in km.
    """

    territories: Mapping[str, BaseGeometry]
    snap_km: float
    province_snap_km: float
    tolerance_km: float
    moved_km: dict[str, float]


def build_shapes(
    specs: Sequence[Spec],
    source: Source,
    base: Base,
    like: Mapping[str, BaseGeometry] | None = None,
) -> dict[str, BaseGeometry]:
    """Make the geometry of each row, areas first.

    Parameters
    ----------
    like : mapping, optional
        Full geometries by id, for the drawing set: faces and parts are chosen by overlap with them.
    """
    shapes: dict[str, BaseGeometry] = {}
    faces = {
        code: cut_territory(code, specs, source, base)
        for code in sorted({s.of[0] for s in specs if s.method in {"faces", "province"}})
    }
    for spec in (s for s in specs if s.method not in {"shared", "inner"}):
        code = spec.of[0]
        if spec.method == "unit":
            shapes[spec.id] = base.territories[code]
        else:
            pieces = shapely.get_parts(base.territories[code])
            pieces = faces.get(code, pieces) if spec.method != "part" else pieces
            shapes[spec.id] = shapely.coverage_union_all(_choose(spec, pieces, source, like))
    for spec in (s for s in specs if s.method in {"shared", "inner"}):
        shapes[spec.id] = find_line(spec, shapes, base.territories, specs)
    return shapes


def cut_territory(code: str, specs: Sequence[Spec], source: Source, base: Base) -> Geometries:
    """Cut a territory into faces along all lines that the table names for it."""
    territory = base.territories[code]
    networks = []
    used = [s for s in specs if s.of[0] == code and s.method in {"faces", "province"}]
    names = sorted({name for s in used if s.method == "faces" for name in s.with_})
    if names:
        network = _network([source.lines[name] for name in names])
        networks += _fit(code, network, base.snap_km, base)
    inner = [_inner_border(s.with_[0], source) for s in used if s.method == "province"]
    if inner:
        networks += _fit(code, _network(inner), base.province_snap_km, base)
    _check_inside(code, networks, territory)
    noded = shapely.union_all([territory.boundary, *networks])
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.contains_properly(territory, shapely.point_on_surface(cells))
    return np.asarray(cells[inside], dtype=object)


def _network(lines: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """Join lines on the output grid, so that a part ends at a junction or at a free end."""
    rounded = [shapely.transform(line, lambda c: np.round(c, DECIMALS)) for line in lines]
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(rounded))))


def _inner_border(name: str, source: Source) -> BaseGeometry:
    """Return the border of a province with the other provinces of its state."""
    others = [shape for other, shape in source.provinces.items() if other != name]
    border = shapely.intersection(
        source.provinces[name].boundary, shapely.union_all(others).boundary
    )
    return lines_of(border)


def _fit(code: str, network: list[BaseGeometry], limit_km: float, base: Base) -> list[BaseGeometry]:
    """Simplify each part, keep what lies inside and move its free ends to vertices of the base."""
    territory = base.territories[code]
    ends = Counter(tuple(part.coords[end]) for part in network for end in (0, -1))
    fitted = []
    for part in network:
        coords = _inner_course(_simplify(part, base.tolerance_km), territory)
        for end in (0, -1):
            if ends[tuple(part.coords[end])] > 1:
                continue
            inner = coords[1 if end == 0 else -2]
            vertex, km = _nearest_in_sight(coords[end], inner, territory)
            if km > limit_km:
                raise ValueError(f"{code}: line ends {km:.2f} km off at {coords[end]}")
            coords[end] = vertex
            base.moved_km[f"{code} {vertex}"] = km
        if len(np.unique(coords, axis=0)) > 1:
            fitted.append(shapely.LineString(coords))
    return fitted


def _nearest_in_sight(end: Coords, inner: Coords, territory: BaseGeometry) -> tuple[Coords, float]:
    """Find the nearest vertex of a border that `inner` sees, and its distance from `end` in km."""
    vertices = shapely.get_coordinates(territory)
    km = _distances_km(end, vertices)
    for index in np.argsort(km, kind="stable")[:50]:
        sight = shapely.LineString([inner, vertices[index]])
        met = shapely.intersection(sight, territory.boundary)
        if met.geom_type == "Point" and shapely.covers(territory, sight):
            return vertices[index], float(km[index])
    return vertices[km.argmin()], float(km.min())


def _simplify(line: BaseGeometry, tolerance_km: float) -> Coords:
    if tolerance_km == 0.0:
        return shapely.get_coordinates(line)
    squeeze = [float(np.cos(np.radians(line.centroid.y))), 1.0]
    flat = shapely.transform(line, lambda c: c * squeeze)
    simple = shapely.get_coordinates(flat.simplify(tolerance_km / KM_PER_DEG)) / squeeze
    return np.round(simple, DECIMALS)


def _inner_course(coords: Coords, territory: BaseGeometry) -> Coords:
    """Keep the longest stretch inside; a line along a bay can leave the base and come back."""
    inside = shapely.get_parts(shapely.intersection(shapely.LineString(coords), territory))
    inside = inside[shapely.get_dimensions(inside) == 1]
    longest = inside[shapely.length(inside).argmax()] if len(inside) else None
    return coords if longest is None else np.round(shapely.get_coordinates(longest), DECIMALS)


def _distances_km(point: Coords, others: Coords) -> Coords:
    """Measure short distances from (lon, lat) on a plane; good to one percent at 10 km."""
    squeeze = np.cos(np.radians(point[1]))
    away = (others - point) * [squeeze, 1.0]
    return np.asarray(np.hypot(away[:, 0], away[:, 1]) * KM_PER_DEG)


def _check_inside(code: str, lines: list[BaseGeometry], territory: BaseGeometry) -> None:
    """Stop if a line crosses or runs along a border of the base: that would add vertices."""
    for line in lines:
        met = shapely.intersection(line, territory.boundary)
        ends = shapely.union_all([shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])])
        if not shapely.difference(met, ends).is_empty:
            raise ValueError(f"{code}: a line meets the border again at {met}")


def _choose(
    spec: Spec, pieces: Geometries, source: Source, like: Mapping[str, BaseGeometry] | None
) -> Geometries:
    """Choose faces or parts: by overlap with a full geometry or province, else by points."""
    if like is not None:
        share = _shares(pieces, like[spec.id])
        chosen = pieces[share >= MIN_SHARE]
    elif spec.method == "province":
        provinces = dict(source.provinces)
        mine = _shares(pieces, provinces.pop(spec.with_[0]))
        others = np.max([_shares(pieces, shape) for shape in provinces.values()], axis=0)
        chosen = pieces[mine > others]
    else:
        points = [shapely.Point(pair) for pair in pairs_of(spec.where)]
        hits = np.array([shapely.contains(pieces, point) for point in points])
        if not hits.any(axis=1).all():
            raise ValueError(f"{spec.id}: a point of {spec.where!r} lies in no face")
        chosen = pieces[hits.any(axis=0)]
    if len(chosen) == 0:
        raise ValueError(f"{spec.id}: no face")
    return chosen


def _shares(pieces: Geometries, area: BaseGeometry) -> NDArray[np.float64]:
    common = shapely.area(shapely.intersection(pieces, area))
    return np.asarray(common / shapely.area(pieces))


def pairs_of(where: str) -> list[tuple[float, float]]:
    """Read ``lon lat`` pairs in degrees, joined by ``;``."""
    found = []
    for text in where.split(";"):
        lon, lat = text.split()
        found.append((float(lon), float(lat)))
    return found


def find_line(
    spec: Spec,
    shapes: Mapping[str, BaseGeometry],
    territories: Mapping[str, BaseGeometry],
    specs: Sequence[Spec],
) -> BaseGeometry:
    """Return the common border of two groups of shapes, or the edge of an area inside its state."""
    known = {**territories, **shapes}
    ours = [known[name] for name in spec.of]
    if spec.method == "inner":
        state = next(s.of[0] for s in specs if s.id == spec.of[0])
        line = shapely.difference(ours[0].boundary, territories[state].boundary)
    else:
        others = [known[name] for name in spec.with_]
        line = shapely.union_all(
            [shapely.intersection(a.boundary, b.boundary) for a in ours for b in others]
        )
    line = lines_of(line)
    if spec.minus:
        line = lines_of(shapely.difference(line, shapes[spec.minus]))
    if spec.where:
        line = _inside_box(line, spec.where)
    if line.is_empty:
        raise ValueError(f"{spec.id}: no common border")
    return line


def lines_of(geometry: BaseGeometry) -> BaseGeometry:
    """Keep the lines of a mixed geometry and join them end to end."""
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type == "LineString"]
    return shapely.line_merge(shapely.union_all(parts))


def _inside_box(line: BaseGeometry, where: str) -> BaseGeometry:
    """Keep the segments that lie wholly in a box ``west south east north``; nothing is cut."""
    box = shapely.box(*map(float, where.split()))
    segments = [
        shapely.LineString(pair)
        for part in shapely.get_parts(line)
        for pair in zip(part.coords[:-1], part.coords[1:], strict=True)
    ]
    return shapely.line_merge(shapely.union_all([s for s in segments if box.covers(s)]))
