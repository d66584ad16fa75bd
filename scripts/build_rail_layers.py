"""Draw the lines of the two rail layers from the rail network, leg by leg.

Run from anywhere: ``python scripts/build_rail_layers.py``. Input: rail_layers.csv (legs), the
layers as they are, geo/rail_network.bin and geo/rail_additions.geojson. Of each line the geometry
and what follows from it are written anew, and points of the network are moved onto the lines; all
else in the layers stays. The tables of these lines in DATA.md get the new figures. A second run
changes nothing. See scripts/README.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from _output import read_csv  # noqa: E402

from sco_geo import geojson  # noqa: E402
from sco_geo.errors import ScoGeoError  # noqa: E402
from sco_geo.geodesy import WGS84  # noqa: E402
from sco_geo.network.places import Found, Place  # noqa: E402
from sco_geo.network.rail_network import NETWORK_FILE, RailNetwork  # noqa: E402
from sco_geo.network.routes import Route  # noqa: E402
from sco_geo.units import split_list  # noqa: E402

#: The network draws lines under construction, which the China–Kyrgyzstan–Uzbekistan railway is.
SCENARIO = "construction"
#: A point this near to its line is on it, in km; coordinates are rounded to about a metre.
ON_LINE_KM, DECIMALS = 0.002, 5
#: An end may be moved this far onto the network, in km, and so many times.
MOST_SNAP_KM, MOST_MOVES = 5.0, 5
#: Other countries on a leg are an error from this length on, in km.
VISIT_KM = 0.5
#: Points of the layers with this basis are points of the network and move with it.
NETWORK_BASIS = "osm"

LonLat = tuple[float, float]
Feature = dict[str, Any]
Row = Mapping[str, str]

log = logging.getLogger("build_rail_layers")


class LegError(ScoGeoError, ValueError):
    """A row of rail_layers.csv that does not fit the layer or the network."""

    def __init__(self, row: Row, problem: str) -> None:
        super().__init__(f"rail_layers.csv: {row['feature_id']}: {problem}")


def main(arguments: list[str] | None = None) -> int:
    """Draw the lines and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--layers", type=Path, default=ROOT / "layers", help="read from here")
    parser.add_argument("--output", type=Path, help="write to here; default: --layers")
    parser.add_argument("--network", type=Path, default=ROOT / "geo" / NETWORK_FILE)
    parser.add_argument("--page", type=Path, default=ROOT / "DATA.md", help="page with the tables")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        network = RailNetwork.load(SCENARIO, path=options.network)
        for name, rows in groupby(read_csv(ROOT / "scripts/rail_layers.csv"), _layer_of):
            features = json.loads((options.layers / name).read_text(encoding="utf-8"))["features"]
            draw_layer(features, list(rows), network)
            geojson.write((options.output or options.layers) / name, features)
            update_page(options.page, features)
    except (ScoGeoError, OSError) as error:
        log.error("%s", error)
        return 1
    return 0


def update_page(path: Path, features: Sequence[Feature]) -> None:
    """Write lengths and bands of lines into the rows that a page has of them, and of their sum."""
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    cells = {}
    for feature in lines:
        km = (feature["properties"]["network_length_km"], drawn_km(feature))
        band = feature["properties"]["accuracy_km"]
        cells[f"`{feature['id']}`"] = [f"{km[0]:.1f}", f"{km[1]:.1f}", f"{band:g}"]
    network = sum(f["properties"]["network_length_km"] for f in lines)
    drawn = sum(map(drawn_km, lines))
    whole = f"all of `{lines[0]['properties']['system']}`"
    cells[whole] = [f"**{network:,.1f} km**", f"**{drawn:,.1f} km**", ""]
    page = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(page):
        row = [cell.strip() for cell in line.split("|")]
        if len(row) == 7 and row[1] in cells:
            row[2:5] = cells[row[1]]
            page[number] = " | ".join(row).strip().replace("|  |", "| |").replace("|  |", "| |")
    geojson.write_atomically(path, "\n".join(page).encode("utf-8"))


def drawn_km(feature: Feature) -> float:
    """Return the length of a line as drawn, a chain of geodesics."""
    lon, lat = np.array(feature["geometry"]["coordinates"]).T
    return float(WGS84.line_length(lon, lat)) / 1e3


def _layer_of(row: Row) -> str:
    return f"{row['layer']}.geojson"


def draw_layer(features: Sequence[Feature], rows: Sequence[Row], network: RailNetwork) -> None:
    """Draw the lines of one layer anew, in place.

    Raises
    ------
    LegError
        If a line of the layer has no row or a row no line, if ends do not meet, or if the network
        cannot give the leg.
    """
    lines = [f["id"] for f in features if f["geometry"]["type"] == "LineString"]
    if lines != [row["feature_id"] for row in rows]:
        raise LegError(rows[0], f"rows and lines differ; the lines in order: {', '.join(lines)}")
    by_id = {feature["id"]: feature for feature in features}
    places = Places(network, by_id)
    cuts = find_cuts(places, rows)
    total = 0.0
    for number, row in enumerate(rows):
        leg = Leg(network, row, cuts[number], cuts[number + 1], _via(places, row))
        draw_line(by_id[row["feature_id"]], leg)
        total += leg.route.length_km
    log.info("%s: %d lines, %.2f km along the network", rows[0]["layer"], len(rows), total)
    drawn = [shapely.LineString(by_id[i]["geometry"]["coordinates"]) for i in lines]
    named = {n for row in rows for n in (row["from"], row["to"], *split_list(row["via"]))}
    for feature in features:
        if feature["properties"]["geometry_basis"] == NETWORK_BASIS and feature["id"] not in lines:
            is_named = feature["id"] in named
            place = places.on_network(rows[0], feature["id"]) if is_named else None
            move_point(feature, place or nearest_on(drawn, feature))


@dataclass(frozen=True)
class Leg:
    """A leg between two cuts, (lon, lat) in degrees, and its way on the network."""

    network: RailNetwork
    row: Row
    start: LonLat
    end: LonLat
    via: tuple[LonLat, ...]

    @cached_property
    def route(self) -> Route:
        """Return the route between the cuts."""
        return self.network.route(self.start, self.end, via=self.via)

    @cached_property
    def vertices(self) -> list[list[float]]:
        """Return the line of the route, its ends exactly the cuts and no vertex twice."""
        inner = _rounded(shapely.get_coordinates(self.route.geometry))[1:-1]
        line = [self.start, *inner, self.end]
        kept = [line[0], *(b for a, b in pairwise(line) if a != b)]
        return [list(vertex) for vertex in kept]

    @property
    def longest_chord_km(self) -> float:
        """Return the length of the longest chord, a geodesic."""
        lon, lat = np.array(self.vertices).T
        return float(WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2].max()) / 1e3

    @property
    def accuracy_km(self) -> int:
        """Return the half-width of the band by the rule of the layer's sidecar."""
        share, end_km = float(self.row["chord_share"]), float(self.row["end_km"])
        return max(1, math.ceil(math.hypot(end_km, share * self.longest_chord_km) - 1e-9))

    @property
    def geometry_basis(self) -> str:
        """Return how most of the line was come by: a hand-drawn line says it for itself."""
        additions = geojson.read(ROOT / "geo/rail_additions.geojson").features
        drawn = {f.id: f.properties["geometry_basis"] for f in additions}
        km = {NETWORK_BASIS: self.route.length_km}
        for use in self.route.lines:
            basis = drawn[use.line["id"]]
            km[basis] = km.get(basis, 0.0) + use.length_km
            km[NETWORK_BASIS] -= use.length_km
        return max(km, key=lambda basis: km[basis])


def draw_line(feature: Feature, leg: Leg) -> None:
    """Write geometry, lengths and accuracy of a leg into its feature."""
    route, properties = leg.route, feature["properties"]
    check_countries(leg, set(split_list(properties["countries"])))
    if not shapely.LineString(leg.vertices).is_simple:
        raise LegError(leg.row, "the way crosses itself or goes back: move an end or a via point")
    drawn = {
        "geometry_basis": leg.geometry_basis,
        "accuracy_km": leg.accuracy_km,
        "network_length_km": round(route.length_km, 2),
        "network_uncertainty_pct": round(route.uncertainty_pct, 1),
        "network_version": version_of(leg.network),
    }
    feature["properties"] = _put_after(properties, "geometry_basis", drawn)
    feature["geometry"] = {"type": "LineString", "coordinates": leg.vertices}
    log.info(
        "  %-36s %8.2f km, %3d vertices, longest chord %5.1f km",
        feature["id"], route.length_km, len(leg.vertices), leg.longest_chord_km,
    )  # fmt: skip


def version_of(network: RailNetwork) -> str:
    """Return what the network calls its version, else its reference date."""
    meta = network.table.meta
    return str(meta.get("version") or meta["as_of"])


def check_countries(leg: Leg, countries: set[str]) -> None:
    """Stop if a leg lies in other countries than its feature says."""
    crossed = {code for code, km in leg.route.by_country.items() if km > VISIT_KM}
    short = leg.route.length_km <= VISIT_KM
    if not crossed <= countries or not (short or countries <= set(leg.route.by_country)):
        found = {code: round(km, 2) for code, km in leg.route.by_country.items()}
        raise LegError(leg.row, f"lies in {found}, not in {sorted(countries)}")


def nearest_on(lines: Sequence[shapely.LineString], feature: Feature) -> LonLat:
    """Return the nearest point of some lines, (lon, lat) in degrees."""
    point = shapely.Point(feature["geometry"]["coordinates"])
    nearest = min((line.interpolate(line.project(point)) for line in lines), key=point.distance)
    return _rounded([(nearest.x, nearest.y)])[0]


def move_point(feature: Feature, place: LonLat) -> None:
    """Move a point of the network to where its line is now, if it lies beside it."""
    lon, lat = feature["geometry"]["coordinates"]
    moved_km = _distance_km((lon, lat), place)
    if moved_km > ON_LINE_KM:
        feature["geometry"]["coordinates"] = list(place)
        log.info("  %s moved by %.2f km", feature["id"], moved_km)


@dataclass(frozen=True)
class Places:
    """Finds the points of the network that the table names, (lon, lat) in degrees."""

    network: RailNetwork
    features: Mapping[str, Feature]

    def find(self, row: Row, name: str) -> LonLat | None:
        """Return the point that a name stands for; None for a border, see `find_cuts`."""
        kind, _, rest = name.partition(" ")
        if kind == "border":
            return None
        if kind == "end":
            return self.end_of_line(row, *rest.split(" ")[:2])
        return self.on_network(row, name)

    def position(self, row: Row, name: str) -> LonLat:
        """Return where a point feature of the layer is."""
        feature = self.features.get(name)
        if feature is None or feature["geometry"]["type"] != "Point":
            raise LegError(row, f'"{name}" is no point of the layer')
        lon, lat = feature["geometry"]["coordinates"]
        return float(lon), float(lat)

    def on_network(self, row: Row, name: str) -> LonLat:
        """Return the point where the router has a place, and keeps it when asked again."""
        place = self.position(row, name)
        for _ in range(MOST_MOVES):
            (snap,) = self.network.snap(self.network.variant(), [Found(Place(name, *place))])
            if snap.km > MOST_SNAP_KM:
                raise LegError(row, f'"{name}" lies {snap.km:.1f} km from the network')
            if snap.km <= ON_LINE_KM:
                return place
            (place,) = _rounded([(snap.lon, snap.lat)])
        raise LegError(row, f'"{name}" has no point on the network where the router leaves it')

    def end_of_line(self, row: Row, line_id: str, name: str) -> LonLat:
        """Return the end of a named line of the network that is nearest to a point."""
        table = self.network.table
        numbers = [n for n, line in enumerate(table.lines) if line["id"] == line_id]
        used = np.isin(table.line, numbers)
        nodes = np.concatenate([table.start[used], table.end[used]])
        ends = [n for n in np.unique(nodes).tolist() if (nodes == n).sum() == 1]
        if not ends:
            raise LegError(row, f'the network has no line "{line_id}"')
        points = _rounded([(table.node_lon[n], table.node_lat[n]) for n in ends])
        here = self.position(row, name)
        return min(points, key=lambda point: _distance_km(point, here))


def find_cuts(places: Places, rows: Sequence[Row]) -> list[LonLat]:
    """Return where the legs of a layer begin and end.

    A border is where the way between the cuts around it changes country.
    """
    for before, after in pairwise(rows):
        if before["to"] != after["from"]:
            raise LegError(after, f'begins at "{after["from"]}", not at "{before["to"]}"')
    names = [rows[0]["from"], *(row["to"] for row in rows)]
    owners = [rows[0], *rows]
    known = [places.find(row, name) for row, name in zip(owners, names, strict=True)]
    cuts = []
    for number, (point, name) in enumerate(zip(known, names, strict=True)):
        if point is None:
            start, end = (known[n] if 0 < number < len(rows) else None
                          for n in (number - 1, number + 1))  # fmt: skip
            if start is None or end is None:
                raise LegError(owners[number], "a border needs a place before and after it")
            around = rows[number - 1 : number + 1]
            via = [point for row in around for point in _via(places, row)]
            point = border_point(owners[number], name, places.network.route(start, end, via=via))
        cuts.append(point)
    return cuts


def border_point(row: Row, name: str, route: Route) -> LonLat:
    """Return where a route crosses the border that a name gives as ``border AAA BBB``."""
    pair = tuple(name.split(" ")[1:])
    found = [c for c in route.border_crossings if (c.from_country, c.to_country) == pair]
    if len(found) != 1:
        raise LegError(row, f"the way crosses the {name} {len(found)} times, not once")
    return _rounded([(found[0].lon, found[0].lat)])[0]


def _via(places: Places, row: Row) -> tuple[LonLat, ...]:
    return tuple(places.on_network(row, name) for name in split_list(row["via"]))


def _rounded(points: Any) -> list[LonLat]:
    return [(round(float(lon), DECIMALS), round(float(lat), DECIMALS)) for lon, lat in points]


def _distance_km(a: LonLat, b: LonLat) -> float:
    return float(WGS84.inv(*a, *b)[2]) / 1e3


def _put_after(properties: Feature, key: str, drawn: Feature) -> Feature:
    """Return properties with new values; keys that are not there yet stand after `key`."""
    result: Feature = {}
    for name, value in properties.items():
        result[name] = drawn.get(name, value)
        if name == key:
            result |= {new: drawn[new] for new in drawn if new not in properties}
    return result


if __name__ == "__main__":
    sys.exit(main())
