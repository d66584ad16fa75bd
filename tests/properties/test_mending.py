"""Good geometries, broken by the faults that can be mended, are themselves again when mended.

The oracle is the geometry before it was broken, in longitudes that run on past ±180: shapely
compares the areas and the places, pyproj measures the lengths.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo.errors import MendingError
from sco_geo.mending import Mended, mend
from sco_geo.rules import View, check_document

DATA = Path(__file__).resolve().parents[1] / "data"
FILES = [path.read_bytes() for path in sorted((DATA / "good").glob("*.geojson"))]
FILES += [path.read_bytes() for path in sorted((DATA / "bad").glob("*.geojson"))]
WGS84 = Geod(ellps="WGS84")
#: A new vertex may be off by the rounding of its latitude, and a ring by its closing centimetre.
OFF = 2e-7

Point = tuple[float, ...]


def wrapped(point: Point, east: bool) -> Point:
    """Bring a longitude into ±180, and the seam itself to the side that is asked for."""
    lon = (point[0] + 180) % 360 - 180
    if abs(lon) == 180:
        lon = 180.0 if east else -180.0
    return (round(lon, 10), *point[1:])


def unwrapped(geometry: dict[str, object], like: BaseGeometry) -> BaseGeometry:
    """Put pieces beside each other again, in the longitudes of another geometry."""
    middle = (like.bounds[0] + like.bounds[2]) / 2

    def moved(part: BaseGeometry) -> BaseGeometry:
        own = (part.bounds[0] + part.bounds[2]) / 2
        turn = 360.0 * round((middle - own) / 360)
        return shapely.transform(part, lambda points: points + (turn, 0.0))

    parts = [moved(part) for part in shapely.get_parts(shapely.from_geojson(json.dumps(geometry)))]
    kind = shapely.MultiLineString if like.geom_type == "LineString" else shapely.MultiPolygon
    return kind(parts)


def text_of(geometry: dict[str, object], draws: st.DataObject) -> str:
    """Write a geometry in a feature among others, in any layout, perhaps with crs and BOM."""
    feature = {"type": "Feature", "id": "f-1", "properties": {"名": "🚀 [1, 1]"}}
    tree: dict[str, object] = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": None, "x": 1.50},
        {**feature, "geometry": geometry},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
    ]}  # fmt: skip
    if draws.draw(st.booleans(), "crs"):
        name = draws.draw(st.sampled_from(["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"]))
        tree["crs"] = {"type": "name", "properties": {"name": name}}
    layout = draws.draw(st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}]))
    text = json.dumps(tree, ensure_ascii=draws.draw(st.booleans()), **layout)
    return draws.draw(st.sampled_from(["", "\ufeff"]), "bom") + text


def check_mended(text: str, result: Mended) -> dict[str, object]:
    """Check all but the geometry; return the geometry."""
    assert mend(result.data) == Mended(result.data, (), result.left), "mending again does nothing"
    found = list(check_document(View(geojson.parse(result.data, "-"))))
    assert [f.code for f in found] == [f.code for f in result.left] == ["GJ121"]
    old, new = json.loads(text.removeprefix("\ufeff")), json.loads(result.data)
    geometry: dict[str, object] = new["features"][1].pop("geometry")
    old.pop("crs", None)
    broken = old["features"][1].pop("geometry")
    assert new == old and list(new) == list(old)
    kinds = {broken["type"], f"Multi{broken['type']}"}
    assert geometry["type"] in kinds and list(geometry) == list(broken)
    mended = {tuple(point) for point in flat_points(geometry)}
    strange = mended - {tuple(point) for point in flat_points(broken)}
    assert all(abs(point[0]) == 180 for point in strange), "no other vertex has moved"
    return geometry


def flat_points(geometry: dict[str, object]) -> list[list[float]]:
    points: list[list[float]] = []
    stack: list[object] = [geometry["coordinates"]]
    while stack:
        value = stack.pop()
        assert isinstance(value, list)
        if isinstance(value[0], list):
            stack.extend(value)
        else:
            points.append(value)
    return points


def length_m(points: np.ndarray) -> float:
    return float(WGS84.line_length(points[:, 0], points[:, 1]))


# Steps short enough for the straight line and the geodesic to be of one length.
STEPS = st.tuples(st.integers(-50, 50), st.integers(-50, 50)).filter(lambda s: s != (0, 0))


@given(st.integers(1600, 2000), st.integers(-750, 750), st.lists(STEPS, min_size=1), st.data())
def test_lines(lon: int, lat: int, steps: list[tuple[int, int]], draws: st.DataObject) -> None:
    points = np.cumsum([(lon / 10, lat / 10), *((x / 100, y / 100) for x, y in steps)], axis=0)
    points = np.round(points, 2)
    assume(np.abs(points[:, 1]).max() < 89)
    line = shapely.LineString(points)
    path = [wrapped(tuple(p), draws.draw(st.booleans(), "east")) for p in points.tolist()]
    assume(not any(a != b and a[1] == b[1] and abs(a[0] - b[0]) == 360
                   for a, b in zip(path, path[1:], strict=False)))  # fmt: skip
    again = draws.draw(st.lists(st.integers(0, len(path) - 1), max_size=3), "repeats")
    repeated = [p for i, p in enumerate(path) for _ in range(1 + again.count(i))]
    coordinates = [list(point) for point in repeated]
    text = text_of({"type": "LineString", "coordinates": coordinates}, draws)
    result = mend(text.encode())
    geometry = check_mended(text, result)
    new = unwrapped(geometry, line)
    assert shapely.hausdorff_distance(new, line) <= OFF
    lengths = [length_m(shapely.get_coordinates(part)) for part in new.geoms]
    assert math.fsum(lengths) == pytest.approx(length_m(points), rel=1e-5)


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """Draw a polygon around a place near ±180, sometimes with a hole; shells anticlockwise."""
    x, y = draw(st.integers(168, 192)), draw(st.integers(-60, 60))
    count = draw(st.integers(3, 12))
    radii = draw(st.lists(st.integers(5, 14), min_size=count, max_size=count))
    angles = [2 * math.pi * i / count for i in range(count)]
    grid = draw(st.sampled_from([0, 2]))
    ring = [(round(x + r * math.cos(a), grid), round(y + r * math.sin(a), grid))
            for r, a in zip(radii, angles, strict=True)]  # fmt: skip
    polygon = shapely.Polygon(ring)
    if draw(st.booleans()):
        hole = [(x + round(u / 3 - x / 3, 2), y + round(v / 3 - y / 3, 2)) for u, v in ring]
        polygon = shapely.Polygon(ring, [hole[::-1]])
    assume(shapely.is_valid(polygon) and polygon.exterior.is_ccw)
    return polygon


@given(stars(), st.data())
def test_polygons(polygon: shapely.Polygon, draws: st.DataObject) -> None:
    rings = []
    has_height = draws.draw(st.booleans(), "heights")
    for ring in [polygon.exterior, *polygon.interiors]:
        path = [wrapped(point, draws.draw(st.booleans(), "east")) for point in ring.coords]
        path[-1] = path[0]
        if draws.draw(st.booleans(), "reverse"):
            path.reverse()
        if has_height:
            path = [(*point, float(number % (len(path) - 1))) for number, point in enumerate(path)]
            if draws.draw(st.booleans(), "other height"):
                path[-1] = (*path[-1][:2], 77.0)
        if abs(path[0][0]) < 179.9 and draws.draw(st.booleans(), "gap"):
            path[-1] = (path[-1][0] + 4e-8, path[-1][1] - 3e-8, *path[-1][2:])
        rings.append([list(point) for point in path])
    text = text_of({"type": "Polygon", "coordinates": rings}, draws)
    result = mend(text.encode())
    geometry = check_mended(text, result)
    parts = shapely.get_parts(shapely.from_geojson(json.dumps(geometry)))
    assert shapely.is_valid(shapely.MultiPolygon(list(parts)))
    for part in parts:
        assert part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors)
        assert max(map(abs, part.bounds)) <= 180 and part.bounds[2] - part.bounds[0] < 60
    new = shapely.union_all(unwrapped(geometry, polygon), grid_size=0)
    assert shapely.symmetric_difference(new, polygon).area <= OFF * polygon.length
    if has_height:
        assert all(len(point) == 3 for point in flat_points(geometry))


@given(st.sampled_from(FILES), st.data())
def test_damaged_files_are_mended_or_refused(data: bytes, draws: st.DataObject) -> None:
    """Whatever a file holds: no crash, no second change, and nothing marked as fixable is left."""
    signs = [b"[", b"]", b",", b"-", b"1", b"e9", b"null", b"180", b"-180.0", b"[60, 40], ", b"\n"]
    for _ in range(draws.draw(st.integers(0, 4))):
        begin = draws.draw(st.integers(0, len(data)))
        end = min(len(data), begin + draws.draw(st.integers(0, 5)))
        data = data[:begin] + draws.draw(st.sampled_from([b"", *signs])) + data[end:]
    document = geojson.parse(data, "-")
    try:
        result = mend(data)
    except MendingError:
        assert any(finding.severity == "error" for finding in document.findings)
        return
    assert mend(result.data) == Mended(result.data, (), result.left)
    assert not any(finding.fixable for finding in result.left)
    assert bool(result.changes) == (result.data != data)
