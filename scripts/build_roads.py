"""Build layers/roads.geojson from the road graph of scgraph_data and two hand-edited tables.

Run from anywhere: ``python scripts/build_roads.py``. Input: roads.toml (stretches, sections),
roads_places.csv (places), geo/territories.geojson (borders), and world_highways of the installed
package scgraph_data 2.0.0, of which the sha256 is checked. The same inputs give the same bytes.
See scripts/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from _output import read_csv  # noqa: E402
from _roads_features import Pieces, make_point, make_section  # noqa: E402
from _roads_graph import (  # noqa: E402
    Graph,
    distance_km,
    heal,
    read_graph,
)
from _roads_lines import Chord, Line, Place, build_stretch, cut  # noqa: E402
from _roads_states import (  # noqa: E402
    cut_at_border,
    keep_inside,
    read_states,
    without_nodes_abroad,
)
from _scgraph import package_file  # noqa: E402

from sco_geo import geojson  # noqa: E402

DATA_SHA256 = "91c582eae485fae96b4eb4eec32510bb4013ee3c337e534cd34330fa868cbacf"
#: A drawn way may be at most this many times longer than the geodesic between its two stops
#: (the longest, Osh – Jalal-Abad round Uzbek ground, has 1.9).
MOST_DETOUR = 2.0

#: A section that would need a wider band is not drawn.
WIDEST_KM = 100

log = logging.getLogger("build_roads")


def main(arguments: list[str] | None = None) -> int:
    """Build the layer and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, default=ROOT / "layers/roads.geojson")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    plan = tomllib.loads((ROOT / "scripts/roads.toml").read_text(encoding="utf-8"))
    rows = {row["key"]: row for row in read_csv(ROOT / "scripts/roads_places.csv")}
    names = rows | {row["key"]: row for row in plan["borders"]}
    pieces = build_pieces(plan, rows, open_graph(plan))
    features = []
    for corridor in plan["corridors"]:
        sections = [make_section(corridor, s, pieces, names) for s in corridor["sections"]]
        points = [make_point(corridor, k, r, rows[k]) for k, r in corridor["points"].items()]
        features += sorted(sections + points, key=lambda f: str(f["id"]))
        log.info("%s: %d sections", corridor["id"], len(sections))
    check(features)
    geojson.write(options.output, features)
    return 0


def open_graph(plan: Mapping[str, Any]) -> Graph:
    """Check and read the graph, and close its gaps."""
    source = package_file("world_highways.py")
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != DATA_SHA256:
        raise ValueError(f"{source.name} has sha256 {found}, not {DATA_SHA256}")
    graph = read_graph(source, tuple(plan["box"]))
    log.info("graph: %d nodes, %d edges", len(graph.lon), len(graph.km) // 2)
    bridges = [(tuple(b["start"]), tuple(b["end"])) for b in plan["bridges"]]
    return heal(graph, bridges)


def build_pieces(
    plan: Mapping[str, Any], rows: Mapping[str, Mapping[str, str]], graph: Graph
) -> Pieces:
    """Draw all stretches and cut them; a piece drawn twice must be the same both times."""
    places = {
        key: Place(key, (float(row["lon"]), float(row["lat"])), row["confidence"])
        for key, row in rows.items()
    }
    borders = {b["key"]: b["between"] for b in plan["borders"]}
    codes = {code for pair in borders.values() for code in pair}
    codes |= {stretch["inside"] for stretch in plan["stretches"] if "inside" in stretch}
    states = read_states(ROOT / "geo/territories.geojson", codes)
    found: dict[tuple[str, str], tuple[Chord, ...]] = {}
    for stretch in plan["stretches"]:
        stops = [places[key] for key in stretch["places"] if key not in borders]
        if "inside" in stretch:
            state = states[stretch["inside"]]
            line = keep_inside(build_stretch(without_nodes_abroad(graph, state), stops), state)
        else:
            line = build_stretch(graph, stops)
        check_line(line, stops)
        for key in (k for k in stretch["places"] if k in borders):
            line = cut_at_border(line, key, [states[code] for code in borders[key]])
        ends = [*stretch.get("cuts", []), stretch["places"][-1]]
        for start, end, chords in cut(line, ends):
            if found.setdefault((start, end), chords) != chords:
                raise ValueError(f"{start} – {end} is drawn in two ways")
    return Pieces(found)


def check_line(line: Line, stops: Sequence[Place]) -> None:
    """Stop if a place is passed by, or if the way between two places is no sensible one."""
    if line.passed_km:
        raise ValueError(f"the line passes by: {line.passed_km}")
    for start, end, chords in cut(line, [stop.key for stop in stops]):
        straight = distance_km(chords[0].start.point, chords[-1].end.point)
        drawn, way = sum(c.km for c in chords), sum(c.way_km for c in chords)
        log.info("  %-18s %-18s %6.0f km drawn, %6.0f km of way", start, end, drawn, way)
        if drawn > MOST_DETOUR * straight:
            raise ValueError(f"{start} – {end}: {drawn:.0f} km for {straight:.0f} km")


def check(features: Sequence[Mapping[str, Any]]) -> None:
    """Stop if two features have one id or a band is too wide; say how large the layer is."""
    ids = [feature["id"] for feature in features]
    if len(set(ids)) < len(ids):
        raise ValueError("an id is used twice")
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    bands = sorted(f["properties"]["accuracy_km"] for f in lines)
    if bands[-1] > WIDEST_KM:
        wide = [f["id"] for f in lines if f["properties"]["accuracy_km"] > WIDEST_KM]
        raise ValueError(f"a band is too wide to be drawn: {wide}")
    vertices = sum(len(f["geometry"]["coordinates"]) for f in lines)
    log.info("%d sections, %d vertices, bands %s", len(lines), vertices, bands)


if __name__ == "__main__":
    sys.exit(main())
