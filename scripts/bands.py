"""Compute accuracy_km of lines drawn as chains of waypoints, by one written rule.

The rule is for lines whose vertices are all points of the same file and ``system``. For each
chord between two vertices

    band = sqrt(u² + (f · c)²)

- u: the larger uncertainty of its two ends in km, by what the sources say of the place
  (properties ``relation`` and ``confidence`` of the point): how far from the point the line
  may pass. See `POINT_KM`.
- c: the length of the chord in km, on the ellipsoid.
- f: the part of a chord by which a real line strays from it, by the section's ``terrain``.
  See `STRAY`.

A section has the widest band of its chords, rounded up to whole km. Where its chords lead into
a country that the real line does not enter (``strays_into``), the greatest distance from there
to the countries that it does enter is added: the line lies at least that far away. A section that
would need more than `WIDEST_KM` is not drawn. No band is set by hand. The numbers below were chosen
so that about nine tenths of the length of independent alignments lie within the bands (DATA.md).

    python scripts/bands.py layers/X.geojson [--write]

prints the stored and the computed band of each section; ``--write`` stores the computed ones,
and the uncertainty of each point.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sco_geo import borders, geodesy, geojson
from sco_geo.units import LINE_KINDS, split_list

Feature = dict[str, Any]
Waypoints = dict[tuple[str, float, float], dict[str, Any]]

#: How far from a waypoint the line may pass, in km, by (relation, confidence) or by relation.
#: node: a source says that the line starts, ends or crosses there; near: a source names the
#: place; proxy: stands in for a place without position; assumed: no source names it.
POINT_KM: Mapping[tuple[str, str] | str, float] = {
    ("node", "high"): 15.0,
    "node": 20.0,
    "near": 20.0,
    "proxy": 30.0,
    "assumed": 30.0,
}
#: Part of a chord's length by which a line strays from it, by terrain.
STRAY: Mapping[str, float] = {"plain": 0.06, "hills": 0.10, "mountains": 0.14}
#: Widest band, in km, of a section that may be drawn.
WIDEST_KM = 100
#: Distance of the places along a chord that are looked up in territories.
STEP_KM = 2.0


def point_uncertainty_km(properties: Mapping[str, Any]) -> float:
    """Return how far from a waypoint the line may pass, in km."""
    relation, confidence = str(properties["relation"]), str(properties.get("confidence"))
    return POINT_KM.get((relation, confidence), 0.0) or POINT_KM[relation]


def band_km(uncertainties: Sequence[float], chords: Sequence[float], terrain: str) -> int:
    """Return the half-width of a section's band in whole km.

    Parameters
    ----------
    uncertainties : sequence of float
        Uncertainty of each vertex in km.
    chords : sequence of float
        Length of each chord in km, one fewer than vertices.
    terrain : str
        ``plain``, ``hills`` or ``mountains``.
    """
    stray = STRAY[terrain]
    ends = zip(uncertainties[:-1], uncertainties[1:], chords, strict=True)
    return max(math.ceil(math.hypot(max(a, b), stray * chord)) for a, b, chord in ends)


def waypoints(features: Sequence[Feature]) -> Waypoints:
    """Return the properties of a layer's waypoints by (system, longitude, latitude)."""
    found: Waypoints = {}
    for feature in features:
        properties, geometry = feature["properties"], feature["geometry"]
        if geometry["type"] == "Point" and "relation" in properties:
            lon, lat = geometry["coordinates"][:2]
            found[str(properties.get("system")), float(lon), float(lat)] = properties
    return found


def sections(features: Sequence[Feature]) -> Iterator[Feature]:
    """Yield the lines that the rule is for: those that name their terrain."""
    for feature in features:
        properties = feature["properties"]
        if properties.get("kind") in LINE_KINDS and "terrain" in properties:
            yield feature


def section_band_km(section: Feature, points: Waypoints) -> int:
    """Return the band of a section in km, from the points of its file.

    Raises
    ------
    ValueError
        If a vertex of the section is no point of its system.
    """
    properties, line = section["properties"], section["geometry"]["coordinates"]
    keys = [(str(properties.get("system")), float(v[0]), float(v[1])) for v in line]
    missing = [key for key in keys if key not in points]
    if missing:
        raise ValueError(f"{section.get('id')}: no waypoint of its system at {missing[0][1:]}")
    start, end = line[:-1], line[1:]
    chords = [
        float(geodesy.WGS84.inv(*a[:2], *b[:2])[2]) / 1e3 for a, b in zip(start, end, strict=True)
    ]
    uncertainties = [point_uncertainty_km(points[key]) for key in keys]
    return math.ceil(
        band_km(uncertainties, chords, str(properties["terrain"])) + astray_km(section)
    )


def astray_km(section: Feature) -> float:
    """Return how far a chord leads into a country that the real line does not enter, in km.

    The real line is at least that far from the chord. 0 without the property ``strays_into``.
    """
    properties = section["properties"]
    strays = set(split_list(properties.get("strays_into")))
    if not strays:
        return 0.0
    territories = borders.shipped_territories()
    codes = np.array(territories.codes)
    foreign = shapely.union_all(territories.polygons[np.isin(codes, sorted(strays))])
    own = split_list(properties["countries"])
    home = shapely.union_all(territories.polygons[np.isin(codes, own)])
    vertices, _ = geodesy.densify(np.array(section["geometry"]["coordinates"]), STEP_KM)
    lost = [point for point in shapely.points(vertices) if foreign.covers(point)]
    ways = [shapely.shortest_line(point, home).coords for point in lost]
    return max((geodesy.WGS84.inv(*a, *b)[2] / 1e3 for a, b in ways), default=0.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the bands of a layer; with ``--write`` store them."""
    parser = argparse.ArgumentParser(description="bands of lines drawn as chains of waypoints")
    parser.add_argument("path", type=Path)
    parser.add_argument("--write", action="store_true", help="store accuracy_km in the file")
    options = parser.parse_args(arguments)
    tree = json.loads(options.path.read_text(encoding="utf-8"))
    features: list[Feature] = tree["features"]
    points = waypoints(features)
    bands = []
    for section in sections(features):
        try:
            band, properties = section_band_km(section, points), section["properties"]
        except ValueError as error:
            print(error)
            return 1
        bands.append(band)
        remark = "" if band <= WIDEST_KM else "  too wide to be drawn"
        print(f"{section['id']:48} stored {properties.get('accuracy_km')} computed {band}{remark}")
        if options.write:
            properties["accuracy_km"] = band
    if bands:
        print(f"{len(bands)} sections: median {statistics.median(bands)} km, max {max(bands)} km")
    if options.write:
        for point in points.values():
            point["accuracy_km"] = math.ceil(point_uncertainty_km(point))
        members = {k: v for k, v in tree.items() if k not in ("type", "features")}
        geojson.write(options.path, features, members=members)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
