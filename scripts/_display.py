"""Derive the drawing set: common borders simplified together, small islands thinned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from _territories import Territory, area_km2
from _topology import Coords, RawPart, build_faces
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]

ALBERS = "+proj=aea +lat_1=20 +lat_2=65 +lat_0=42 +lon_0=0 +ellps=WGS84 +units=m"
"""Equal areas over the frame; longitudes are given from the middle meridian."""
MIDDLE_LON = 90.0
LENS_RADIUS_M = 5_000_000.0
"""The plane is shrunk away from 90° E, 42° N: at this distance, areas to 39 %."""
TOLERANCE_M = 2200.0
"""Square root of the smallest triangle kept in the middle (Visvalingam-Whyatt), in metres;
1.2 times as much 3,000 km away, 1.6 times 5,000 km away, 2.4 times 8,000 km away."""
MIN_ISLAND_KM2 = 50.0
SMALL_STATE_KM2 = 3000.0
"""Below this area (all kept parts) a territory keeps its islets: Maldives, Bahrain, Tuvalu."""
MIN_ISLET_KM2 = 0.2


@dataclass(frozen=True)
class Drawing:
    """The simplified geometry of a territory in the joined frame, and what it cost."""

    geometry: BaseGeometry
    deviation_km: float
    islands_left_out: int


def simplify_territories(territories: list[Territory]) -> list[Drawing]:
    """Thin islands, then simplify all borders together; nearly all vertices stay source vertices.

    Central Asia gets more detail than the margins, because the simplification works in a plane
    that shrinks away from the middle.
    """
    thinned, left_out = _thin_islands(territories)
    flat = shapely.transform(thinned, _to_albers)
    shrunk = shapely.transform(flat, _through_lens)
    origin = dict(
        zip(
            map(tuple, shapely.get_coordinates(shrunk).tolist()),
            shapely.get_coordinates(thinned).tolist(),
            strict=True,
        )
    )
    simple = shapely.transform(
        shapely.coverage_simplify(shrunk, TOLERANCE_M),
        lambda coords: np.array([origin[tuple(pair)] for pair in coords.tolist()]),
    )
    drawn = _rebuild(simple)
    lines = _segments(shapely.transform(drawn, _to_albers))
    return [
        Drawing(geometry, _deviation_km(before, lines), int(count))
        for geometry, before, count in zip(drawn, flat, left_out, strict=True)
    ]


def _to_albers(coords: Coords) -> Coords:
    pipeline = f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step {ALBERS}"
    albers = Transformer.from_pipeline(pipeline)
    return np.column_stack(albers.transform(coords[:, 0] - MIDDLE_LON, coords[:, 1]))


def _through_lens(coords: Coords) -> Coords:
    radius = np.maximum(np.hypot(coords[:, 0], coords[:, 1]), 1.0) / LENS_RADIUS_M
    return coords * (np.arctan(radius) / radius)[:, np.newaxis]


def _rebuild(geometries: Geometries) -> Geometries:
    """Partition anew: lines that keep apart in the shrunk plane may cross in (lon, lat)."""
    parts = []
    for number, geometry in enumerate(geometries):
        for index, part in enumerate(shapely.get_parts(geometry)):
            clockwise = shapely.orient_polygons(part, exterior_cw=True)
            rings = tuple(shapely.get_coordinates(r) for r in shapely.get_rings(clockwise))
            parts.append(RawPart(str(number), index, rings))
    owned: list[list[BaseGeometry]] = [[] for _ in geometries]
    for face in build_faces(parts):
        owner = face.owner()
        if owner is not None:
            owned[int(owner.entry)].append(face.polygon)
    drawn = [shapely.coverage_union_all(np.array(faces, dtype=object)) for faces in owned]
    return np.array(drawn, dtype=object)


def _thin_islands(territories: list[Territory]) -> tuple[Geometries, NDArray[np.int64]]:
    """Leave out small islands: parts that touch no other part and are below the limit.

    A part that has a neighbour is never left out (an enclave would become a hole), nor is the
    largest part of a territory; small states keep their islets.
    """
    parts, index = shapely.get_parts(
        np.array([t.geometry for t in territories], dtype=object), return_index=True
    )
    areas = np.array([area_km2(part) for part in parts])
    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    has_neighbour = np.zeros(len(parts), dtype=bool)
    has_neighbour[one[one != other]] = True
    totals = np.bincount(index, weights=areas)
    limits = np.where(totals < SMALL_STATE_KM2, MIN_ISLET_KM2, MIN_ISLAND_KM2)[index]
    largest = np.zeros(len(parts), dtype=bool)
    for number in range(len(territories)):
        mine = np.flatnonzero(index == number)
        largest[mine[np.argmax(areas[mine])]] = True
    is_kept = has_neighbour | largest | (areas >= limits)
    thinned = [
        shapely.multipolygons(parts[(index == number) & is_kept])
        for number in range(len(territories))
    ]
    left_out = np.bincount(index, weights=~is_kept).astype(np.int64)
    return np.array(thinned, dtype=object), left_out


def _deviation_km(before: BaseGeometry, lines: shapely.STRtree) -> float:
    """Measure how far 90 % of the source vertices lie at most from the simplified borders."""
    points = shapely.points(shapely.get_coordinates(before))
    _, distances = lines.query_nearest(points, return_distance=True, all_matches=False)
    return float(np.quantile(distances, 0.9)) / 1000.0


def _segments(geometries: Geometries) -> shapely.STRtree:
    segments = []
    for ring in shapely.get_rings(shapely.get_parts(geometries)):
        coords = shapely.get_coordinates(ring)
        segments.append(shapely.linestrings(np.stack([coords[:-1], coords[1:]], axis=1)))
    return shapely.STRtree(np.concatenate(segments))
