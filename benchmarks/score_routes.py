"""Compare routes of the rail network with published distances that nobody adjusted it to.

    python benchmarks/score_routes.py [--network geo/rail_network.bin] [--no-peer] [--write]

The distances are those of tests/data/routes.csv. The peer is the railway graph of scgraph_data as
shipped: nearest node, shipped weights, shortest path. Prints Markdown; with ``--write`` puts it
into docs/route-accuracy.md as well.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from pages import table, write
from runs import ROOT

from sco_geo.errors import ScoGeoError
from sco_geo.geodesy import WGS84

PAGE = "route-accuracy.md"
ROUTES = ROOT / "tests" / "data" / "routes.csv"
SOURCES = ROOT / "tests" / "data" / "routes_sources.csv"
#: What sets lengths in the network: sections, added lines, passenger lines.
SECTIONS = ROOT / "geo" / "rail_sections.csv"
ADDITIONS = ROOT / "geo" / "rail_additions.geojson"
PASSENGER_LINES = ROOT / "geo" / "rail_passenger_lines.csv"
#: A route is left out when both ends lie this near to the ends of a line of known length, in km.
SAME_PLACE_KM = 20.0
OURS, PEER = "sco_geo", "scgraph_data as shipped"
LENGTHS = ((0, 200), (200, 500), (500, 1_000), (1_000, 3_000), (3_000, 20_000))
#: Country of the start, as a route_id begins; in the order of the table.
REGIONS = {
    "China": "CHN",
    "Mongolia, the Koreas, Japan": "MNG KOR PRK JPN",
    "Russia": "RUS",
    "Kazakhstan and Central Asia": "KAZ KGZ TJK TKM UZB",
    "Iran": "IRN",
    "Türkiye, the Caucasus, Arabia": "TUR GEO AZE ARM SAU",
    "Pakistan": "PAK",
    "India, Bangladesh, Sri Lanka": "IND BGD LKA",
    "South-East Asia": "KHM LAO MMR MYS SGP THA VNM",
    "Europe": "BGR BLR EST HUN LTU LVA POL ROU SRB SWE UKR",
}

LonLat = tuple[float, float]
#: What answers: stops and kind of traffic in, km or None out.
Router = Callable[[Sequence[LonLat], str], float | None]


@dataclass(frozen=True)
class Route:
    """A published distance in km; stops are (lon, lat) in degrees, the ends among them."""

    name: str
    stops: tuple[LonLat, ...]
    row: dict[str, str]

    @property
    def km(self) -> float:
        return float(self.row["published_km"])

    @property
    def ends(self) -> tuple[LonLat, LonLat]:
        return self.stops[0], self.stops[-1]

    @property
    def region(self) -> str:
        code = self.name[:3].upper()
        return next(region for region, codes in REGIONS.items() if code in codes.split())


@dataclass(frozen=True)
class Answer:
    """A route and what a router made of it; `km` is None where nothing was found."""

    route: Route
    km: float | None

    @property
    def error(self) -> float | None:
        """Routed less published, as a share of the published length."""
        return None if self.km is None else self.km / self.route.km - 1


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def lon_lat(lon: str | float, lat: str | float) -> LonLat:
    return float(lon), float(lat)


def point(row: dict[str, str], end: str) -> LonLat:
    return lon_lat(row[f"{end}_lon"], row[f"{end}_lat"])


def read_routes() -> list[Route]:
    routes = []
    for row in read_rows(ROUTES):
        via = [lon_lat(*text.rsplit(" ", 2)[1:]) for text in row["via"].split(";") if text]
        stops = (point(row, "from"), *via, point(row, "to"))
        routes.append(Route(row["route_id"], stops, row))
    return routes


def is_near(one: LonLat, other: LonLat) -> bool:
    return float(WGS84.inv(*one, *other)[2]) / 1e3 <= SAME_PLACE_KM


def known_ends() -> Iterator[tuple[LonLat, LonLat]]:
    """Yield the ends of all lines whose length comes from a publication."""
    for row in read_rows(SECTIONS):
        yield point(row, "from"), point(row, "to")
    for row in read_rows(PASSENGER_LINES):
        if row["length_km"]:
            places = row["waypoints"].split(";")
            yield lon_lat(*places[0].split()), lon_lat(*places[-1].split())
    for feature in json.loads(ADDITIONS.read_bytes())["features"]:
        if feature["properties"]["length_km"]:
            chain = feature["geometry"]["coordinates"]
            yield lon_lat(*chain[0][:2]), lon_lat(*chain[-1][:2])


def anchored(routes: Iterable[Route]) -> set[str]:
    """Return the routes between the ends of a line whose length was set."""
    known = list(known_ends())
    return {
        route.name
        for route in routes
        for a, b in (*known, *((b, a) for a, b in known))
        if is_near(route.ends[0], a) and is_near(route.ends[1], b)
    }


def our_router(path: Path) -> Router:
    from sco_geo.network.rail_network import RailNetwork

    @cache
    def load(traffic: Any) -> Any:
        return RailNetwork.load("today", traffic=traffic, path=path)

    def find(stops: Sequence[LonLat], traffic: str) -> float | None:
        network = load(traffic)
        try:
            return float(network.route(stops[0], stops[-1], via=list(stops[1:-1])).length_km)
        except ScoGeoError as error:
            print(f"{stops[0]} {stops[-1]}: {error}", file=sys.stderr)
            return None

    load("freight")
    return find


def peer_router() -> Router:
    """Route on the graph as it comes: nearest nodes, its weights, nothing healed."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import KDTree

    sys.path.insert(0, str(ROOT / "scripts"))
    from _roads_graph import read_graph, to_unit_vectors
    from _scgraph import package_file

    graph = read_graph(package_file("world_railways.py"), (-180, -90, 180, 90))
    count = len(graph.lon)
    matrix = csr_array((graph.km, (graph.start, graph.end)), shape=(count, count))
    tree = KDTree(to_unit_vectors(graph.lon, graph.lat))

    @cache
    def nearest(stop: LonLat) -> int:
        return int(tree.query(to_unit_vectors(*np.array(stop)[:, None]))[1][0])

    @cache
    def leg_km(start: int, end: int) -> float:
        return float(dijkstra(matrix, indices=start)[end])

    def find(stops: Sequence[LonLat], traffic: str) -> float | None:
        nodes = [nearest(stop) for stop in stops]
        km = sum(leg_km(*pair) for pair in pairwise(nodes))
        return km if np.isfinite(km) else None

    return find


def summary(answers: Sequence[Answer]) -> list[str]:
    """Return the cells of a line of a table; shares are of all routes, found or not."""
    errors = np.array([answer.error for answer in answers if answer.error is not None])
    head = [str(len(answers)), str(len(errors))]
    if not len(errors):
        return [*head, *["–"] * 5]
    off = np.abs(errors)
    within = [f"{100 * (off <= limit).sum() / len(answers):.0f} %" for limit in (0.05, 0.1)]
    typical = [f"{100 * np.median(off):.1f} %", f"{100 * np.percentile(off, 90):.1f} %"]
    return [*head, *typical, *within, f"{100 * np.median(errors):+.1f} %"]


HEAD = ["routes", "found", "median error", "90th percentile", "within 5 %", "within 10 %", "bias"]


def grouped(answers: Sequence[Answer]) -> Iterator[tuple[str, list[Answer]]]:
    """Yield what is told apart: quality of the figure, region, and length."""
    for quality in ("high", "medium"):
        yield f"quality {quality}", [a for a in answers if a.route.row["quality"] == quality]
    for traffic in ("freight", "any"):
        yield f"traffic {traffic}", [a for a in answers if a.route.row["traffic"] == traffic]
    for region in REGIONS:
        yield region, [a for a in answers if a.route.region == region]
    for low, high in LENGTHS:
        name = f"{low:,} to {high:,} km" if high < 20_000 else f"over {low:,} km"
        yield name, [a for a in answers if low <= a.route.km < high]


def summaries(all_answers: dict[str, list[Answer]], left_out: set[str]) -> str:
    """Return the tables of both routers, without the routes that are left out."""
    whole, parts = [], []
    for router, answers in all_answers.items():
        known = [a for a in answers if a.route.name not in left_out]
        judged = [a for a in known if a.route.row["quality"] != "low"]
        doubtful = [a for a in known if a.route.row["quality"] == "low"]
        whole.append(["judged", router, *summary(judged)])
        whole.append(["of doubtful sources", router, *summary(doubtful)])
        rest = [a for a in answers if a.route.name in left_out]
        whole.append(["left out", router, *summary(rest)])
        parts.append([[name, router, *summary(some)] for name, some in grouped(judged)])
    whole.sort(key=lambda row: ("judged", "of doubtful sources", "left out").index(row[0]))
    lines = [row for rows in zip(*parts, strict=True) for row in rows if row[2] != "0"]
    head = ["", "router", *HEAD]
    return f"{table(head, whole)}\n\n{table(['judged routes', *head[1:]], lines)}"


def every_route(all_answers: dict[str, list[Answer]], left_out: set[str]) -> str:
    """Return the table of all routes, with the sources below it."""
    rows = []
    for found in zip(*all_answers.values(), strict=True):
        route = found[0].route
        cells = [text for answer in found for text in _cells(answer)]
        note = "left out" if route.name in left_out else ""
        if route.row["quality"] == "low":
            note = f"{note}, doubtful".removeprefix(", ")
        rows.append([f"`{route.name}`", f"{route.km:,g}", *cells, route.row["source_id"], note])
    names = [text for router in all_answers for text in (f"{router}, km", "error")]
    sources = [
        [row["source_id"], f"{row['publisher']}: {row['title']}, {row['date'] or 'undated'}",
         row["url"], row["quality"]]
        for row in read_rows(SOURCES)
    ]  # fmt: skip
    return (
        table(["route", "published, km", *names, "source", ""], rows)
        + "\n\n"
        + table(["source", "publication", "address", "quality"], sources)
    )


def _cells(answer: Answer) -> tuple[str, str]:
    if answer.km is None or answer.error is None:
        return "–", "no route"
    return f"{answer.km:,.0f}", f"{100 * answer.error:+.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=ROOT / "geo" / "rail_network.bin")
    parser.add_argument("--no-peer", action="store_true", help="leave scgraph_data out")
    parser.add_argument("--write", action="store_true", help="update docs/route-accuracy.md")
    options = parser.parse_args()
    routes = read_routes()
    left_out = anchored(routes)
    try:
        routers = {OURS: our_router(options.network)}
    except ScoGeoError as error:
        sys.exit(f"{error}")
    if not options.no_peer:
        routers[f"{PEER} ({version('scgraph_data')})"] = peer_router()
    answers = {
        name: [Answer(route, find(route.stops, route.row["traffic"])) for route in routes]
        for name, find in routers.items()
    }
    texts = {"measured": summaries(answers, left_out), "routes": every_route(answers, left_out)}
    for name, text in texts.items():
        print(text, end="\n\n")
        if options.write:
            write(PAGE, name, text)


if __name__ == "__main__":
    main()
