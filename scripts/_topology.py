"""Decode TopoJSON and turn its rings into one clean planar partition (scripts only).

Every ring of every territory is noded together, in one unwrapped frame and on one fixed grid of
0.0001°, and cut into faces. A face goes to the territory whose rings wind round it. Because no
ring is repaired by itself, a border moves for both neighbours or for none.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sco_geo.antimeridian import FRAME_WEST_LON, unwrap_longitudes  # noqa: E402

GRID_DEG = 1e-4
"""Grid of the outputs, in degrees: 4 decimals, 11 m at most; the input grid is 0.0036° wide."""

Coords = NDArray[np.float64]


@dataclass(frozen=True)
class RawPart:
    """One polygon of one entry of the atlas: unwrapped rings in degrees, shell first."""

    entry: str
    index: int
    rings: tuple[Coords, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees, in the unwrapped frame."""
        shell = self.rings[0]
        west, south = shell.min(axis=0)
        east, north = shell.max(axis=0)
        return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class RawEntry:
    """One entry of the atlas, before any decision: name, raw id, polygons."""

    name: str
    raw_id: str
    parts: tuple[RawPart, ...]


@dataclass(frozen=True)
class Face:
    """One face of the partition with the windings of the parts that go round it."""

    polygon: BaseGeometry
    windings: tuple[tuple[RawPart, int], ...]

    def owner(self) -> RawPart | None:
        """Say which part the face belongs to: the highest winding, then the first in the file.

        A face with negative windings only is the small lobe of a figure of eight that the
        rounding of the source made out of a narrow shape: it is land and stays land.
        """
        totals: dict[str, int] = {}
        for part, winding in self.windings:
            totals[part.entry] = totals.get(part.entry, 0) + winding
        totals = {entry: total for entry, total in totals.items() if total != 0}
        if not totals:
            return None
        best = max(totals.values())
        entry = next(name for name, total in totals.items() if total == best)
        return next(part for part, w in self.windings if part.entry == entry and w != 0)

    def is_regular(self) -> bool:
        """Say whether exactly one part winds round the face, once."""
        return [winding for _, winding in self.windings] == [1]


def read_topology(path: Path) -> list[RawEntry]:
    """Decode the object `countries`: delta-coded arcs, transform, rings unwrapped at ±180°."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = [np.cumsum(np.array(arc, dtype=np.int64), axis=0) for arc in topology["arcs"]]
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    entries = []
    for item in topology["objects"]["countries"]["geometries"]:
        polygons = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
        name = item["properties"]["name"]
        parts = tuple(
            RawPart(name, index, _place_rings([_ring(arcs, r) for r in polygon], scale, translate))
            for index, polygon in enumerate(polygons)
        )
        entries.append(RawEntry(name, item.get("id", ""), parts))
    return entries


def _ring(arcs: list[NDArray[np.int64]], indices: list[int]) -> NDArray[np.int64]:
    pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.vstack([pieces[0], *[piece[1:] for piece in pieces[1:]]])


def _place_rings(
    rings: list[NDArray[np.int64]], scale: Coords, translate: Coords
) -> tuple[Coords, ...]:
    """Bring the rings of one polygon to degrees on the output grid, unwrapped, in one frame."""
    placed = []
    for ring in rings:
        degrees = ring * scale + translate
        degrees[:, 0] = unwrap_longitudes(degrees[:, 0])
        placed.append(degrees)
    shell_east = placed[0][:, 0].max()
    for degrees in placed:
        while degrees[:, 0].max() - shell_east > 180.0:
            degrees[:, 0] -= 360.0
        while shell_east - degrees[:, 0].max() > 180.0:
            degrees[:, 0] += 360.0
    turn = 1.0 if shell_east < FRAME_WEST_LON else 0.0
    turn -= 1.0 if shell_east > 360.0 + FRAME_WEST_LON else 0.0
    return tuple(np.round(degrees + [360.0 * turn, 0.0], 4) for degrees in placed)


def build_faces(parts: list[RawPart]) -> list[Face]:
    """Node all rings and the line at 180° on the output grid and cut the plane into faces."""
    rings = [ring for part in parts for ring in part.rings]
    lines = [shapely.LineString(ring) for ring in rings if len(np.unique(ring, axis=0)) > 2]
    lines.append(shapely.LineString([(180.0, -90.0), (180.0, 90.0)]))
    noded = shapely.union_all(np.array(lines, dtype=object), grid_size=GRID_DEG)
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.get_coordinates(shapely.point_on_surface(polygons))
    found: list[list[tuple[RawPart, int]]] = [[] for _ in polygons]
    for part in parts:
        west, south, east, north = part.bounds
        near = np.flatnonzero(
            (inside[:, 0] > west)
            & (inside[:, 0] < east)
            & (inside[:, 1] > south)
            & (inside[:, 1] < north)
        )
        for face, winding in zip(near, _windings(inside[near], part.rings), strict=True):
            if winding:
                found[face].append((part, int(winding)))
    return [Face(p, tuple(w)) for p, w in zip(polygons, found, strict=True) if w]


def _windings(points: Coords, rings: tuple[Coords, ...]) -> NDArray[np.int64]:
    """Count how often the rings go clockwise (the source's sense for land) round each point."""
    totals = np.zeros(len(points), dtype=np.int64)
    for ring in rings:
        x0, y0 = ring[:-1, 0], ring[:-1, 1]
        x1, y1 = ring[1:, 0], ring[1:, 1]
        for k, (x, y) in enumerate(points):
            crossing = (y0 <= y) != (y1 <= y)
            a0, b0, a1, b1 = x0[crossing], y0[crossing], x1[crossing], y1[crossing]
            at = a0 + (a1 - a0) * (y - b0) / (b1 - b0)
            up = np.where(b1 > b0, 1, -1)
            totals[k] -= int(up[at > x].sum())
    return totals


def explain_part(part: RawPart) -> str:
    """Say why GEOS rejects a part as it stands in the source; empty if it is valid."""
    if any(len(np.unique(ring, axis=0)) < 3 for ring in part.rings):
        return "ring with fewer than three different positions"
    reason = explain_validity(shapely.Polygon(part.rings[0], part.rings[1:]))
    return "" if reason == "Valid Geometry" else reason
