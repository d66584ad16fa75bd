"""Build geo/rail_network.parquet and geo/rail_network.bin from the railways of scgraph_data.

Run from anywhere: ``python scripts/build_rail_network.py``. Input: world_railways of the installed
package scgraph_data 2.0.0, of which the sha256 is checked, and the hand-edited tables geo/rail_*
(lines added, closed links, sections with published lengths, passenger lines, gauges, crossings).
The same inputs give the same bytes. See scripts/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from _rail_adjust import Adjustment, adjust  # noqa: E402
from _rail_borders import Locator, split_at_boundaries  # noqa: E402
from _rail_graph import (  # noqa: E402
    DATA_SHA256,
    FROM_PASSENGER,
    RailGraph,
    read_graph,
    without_lonely_nodes,
)
from _rail_healing import Join, heal  # noqa: E402
from _rail_hubs import FREIGHT_HUBS  # noqa: E402
from _rail_lines import add_edge, add_lines, cut_chords, locate, put_stations  # noqa: E402
from _rail_marks import gap_rule, mark_closed, mark_gauges  # noqa: E402
from _rail_output import Marks, write_joins, write_parquet, write_sections  # noqa: E402
from _rail_passenger import mark_passenger  # noqa: E402
from _rail_paths import PathFinder  # noqa: E402
from _rail_shared import Section, find_shared, free_lines  # noqa: E402
from _rail_table import edge_table  # noqa: E402
from _rail_tables import (  # noqa: E402
    INPUTS,
    Row,
    Tables,
    ends_of,
    has_no_track,
    read_tables,
    stops_of,
)
from _rail_walk import RailGraph as TrackGraph  # noqa: E402
from _scgraph import package_file  # noqa: E402

from sco_geo.borders import shipped_territories  # noqa: E402
from sco_geo.network._format import write_network  # noqa: E402

#: Components shorter than this are sidings without a way to anywhere.
LEAST_COMPONENT_KM = 20.0
#: A section begins on track that hangs together with this much other track.
NETWORK_KM = 500.0
#: Paths of sections are looked for again after their lengths were corrected.
ADJUST_ROUNDS = 3

log = logging.getLogger("build_rail_network")


def main(arguments: list[str] | None = None) -> int:
    """Build the network and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--geo", type=Path, default=ROOT / "geo", help="where tables are read")
    parser.add_argument("--output", type=Path, default=ROOT / "geo")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    path = package_file("world_railways.py")
    if hashlib.sha256(path.read_bytes()).hexdigest() != DATA_SHA256:
        raise ValueError(f"{path.name} is not that of scgraph_data 2.0.0")
    as_of = tomllib.loads((ROOT / "layers/atlas.toml").read_text(encoding="utf-8"))["as_of"]
    tables = read_tables(options.geo)
    locator = Locator(shipped_territories())
    graph, joins = draw(read_graph(path), tables, locator)
    graph, marks, sections = mark(graph, tables, locator)
    log.info("%d nodes, %d edges before contraction", len(graph.lon), len(graph.start))
    table = edge_table(graph, marks, tables, describe(options.geo, str(as_of)))
    log.info("%d nodes, %d edges", len(table.node_lon), len(table.start))
    write_network(table, options.output / "rail_network.bin")
    write_parquet(options.output / "rail_network.parquet", table)
    write_joins(options.output / "rail_joins.csv", joins)
    write_sections(options.output / "rail_sections_fit.csv", sections)
    return 0


def describe(geo: Path, as_of: str) -> dict[str, str]:
    """Return what the file says of itself; the version is a sum over all inputs."""
    total = hashlib.sha256(DATA_SHA256.encode())
    for name in INPUTS:
        total.update((geo / name).read_bytes())
    return {
        "version": total.hexdigest()[:12],
        "as_of": as_of,
        "source": "scgraph_data 2.0.0, world_railways",
        "licence": "ODbL-1.0",
        "attribution": "Contains data © OpenStreetMap contributors, ODbL 1.0",
    }


def draw(graph: RailGraph, tables: Tables, locator: Locator) -> tuple[RailGraph, list[Join]]:
    """Cut chords, add lines in service, close gaps, then add what is not in service."""
    lines = tables.lines
    graph = cut_chords(graph, lines)
    now = [n for n, line in enumerate(lines) if line.status == "operating"]
    later = [n for n, line in enumerate(lines) if line.status != "operating"]
    graph = add_lines(graph, [lines[n] for n in now], now)
    graph, joins = heal(graph, gap_rule(locator, tables.crossings, tables.closed))
    log.info("%d gaps closed, %d components", len(joins), graph.components()[0])
    graph = without_sidings(graph)
    stations = [point for row in tables.sections for point in stops_of(row)]
    stations += [point for line in tables.freight for point in line.points]
    graph = with_passenger_lines(put_stations(graph, stations), tables)
    graph = add_lines(graph, [lines[n] for n in later], later)
    for number, row in enumerate(tables.closed, start=len(lines)):
        if has_no_track(row):
            graph = add_edge(graph, ends_of(row), number)
    return graph, joins


def with_passenger_lines(graph: RailGraph, tables: Tables) -> RailGraph:
    """Mark what belongs to lines for passengers only and is not drawn by hand."""
    tracks = TrackGraph(graph.lon, graph.lat, graph.start, graph.end, graph.km)
    marks = mark_passenger(tracks, tables.passenger, list(FREIGHT_HUBS.values()))
    for walk in marks.walks:
        if walk.problem:
            log.info("passenger line %s is not marked: %s", walk.line_id, walk.problem)
    is_marked = marks.passenger & (graph.origin < 0)
    conventional = [
        Section(stops_of(row), float(row["length_km"]))
        for row in tables.sections
        if row["traffic"] != "any"
    ]
    shared = find_shared(tracks, is_marked, conventional)
    is_marked[shared] = False
    named = free_lines(tracks, is_marked, tables.freight)
    is_marked[named] = False
    shared = np.union1d(shared, named)
    log.info(
        "%.0f km for passengers only, %.0f km given back to freight",
        graph.km[is_marked].sum(),
        graph.km[shared].sum(),
    )
    return replace(graph, origin=np.where(is_marked, FROM_PASSENGER - marks.line, graph.origin))


def without_sidings(graph: RailGraph) -> RailGraph:
    """Drop components shorter than `LEAST_COMPONENT_KM`."""
    count, component = graph.components()
    km = np.bincount(component[graph.start], graph.km, minlength=count)
    return without_lonely_nodes(graph.keep_edges(km[component[graph.start]] >= LEAST_COMPONENT_KM))


def mark(
    graph: RailGraph, tables: Tables, locator: Locator
) -> tuple[RailGraph, Marks, list[dict[str, object]]]:
    """Say of each edge its country, gauge and status, and correct the lengths."""
    graph, stops = locate_sections(graph, tables.sections)
    ferries = [n for n, line in enumerate(tables.lines) if line.properties["kind"] == "ferry"]
    graph, countries = split_at_boundaries(graph, locator, np.isin(graph.origin, ferries))
    gauges = mark_gauges(graph, countries, tables.gauges, tables.lines, locator)
    closed = mark_closed(graph, tables.closed)
    drawn = graph.origin - len(tables.lines)
    closed = np.where(drawn >= 0, drawn, closed)
    codes = sorted(set(countries))
    number = {code: n for n, code in enumerate(codes)}
    country = np.array([number[code] for code in countries])
    km, anchored, sections = correct(graph, tables, country, closed >= 0, stops)
    return graph, Marks(countries, gauges, closed, km, anchored), sections


def locate_sections(graph: RailGraph, sections: Sequence[Row]) -> tuple[RailGraph, list[list[int]]]:
    """Put nodes where sections begin, end and pass; return the graph and the nodes of each."""
    nodes_of: list[list[int]] = [[] for _ in sections]
    for traffic in ("freight", "any"):
        chosen = [n for n, row in enumerate(sections) if (row["traffic"] or "freight") == traffic]
        points = [(n, point) for n in chosen for point in stops_of(sections[n])]
        if not points:
            continue
        used = on_network(graph, None if traffic == "any" else ~graph.is_passenger)
        graph, nodes = locate(graph, [point for _, point in points], used)
        for (n, _), node in zip(points, nodes.tolist(), strict=True):
            nodes_of[n].append(node)
    return graph, nodes_of


def on_network(graph: RailGraph, used: np.ndarray | None) -> np.ndarray:
    """Tell which of the edges used hang together with at least `NETWORK_KM` of others."""
    used = np.ones(len(graph.start), dtype=bool) if used is None else used
    count, component = graph.keep_edges(used).components()
    km = np.bincount(component[graph.start[used]], graph.km[used], minlength=count)
    return used & (km[component[graph.start]] >= NETWORK_KM)


def correct(
    graph: RailGraph,
    tables: Tables,
    country: np.ndarray,
    is_closed: np.ndarray,
    stops: Sequence[Sequence[int]],
) -> tuple[np.ndarray, np.ndarray, list[dict[str, object]]]:
    """Correct lengths by the published lengths of sections.

    Returns
    -------
    float64 array, bool array, list of dict
        Length of each edge in km, whether a section fixed it, and how each section fits.
    """
    lines = tables.lines
    published = [n for n, line in enumerate(lines) if line.published_km is not None]
    idle = [n for n, line in enumerate(lines) if line.status != "operating"]
    is_free = ~np.isin(graph.origin, published)
    open_ = ~np.isin(graph.origin, idle) & ~is_closed & (graph.origin < len(lines))
    lengths = np.array([float(row["length_km"]) for row in tables.sections])
    km = graph.km
    for _ in range(ADJUST_ROUNDS):
        paths, found = _section_paths(graph, tables.sections, stops, open_, km)
        result = adjust(graph.km, is_free, country, paths, lengths[found])
        km = np.maximum(result.km, graph.geodesic_km())
    anchored = np.zeros(len(km), dtype=bool)
    for path, kept in zip(paths, result.kept, strict=True):
        anchored[path] |= kept
    log.info(
        "common factor %.4f, %d of %d sections used (%d without a path)",
        1 + result.common,
        result.kept.sum(),
        len(tables.sections),
        len(tables.sections) - len(found),
    )
    return km, anchored & is_free, _fits(graph, tables.sections, found, paths, result)


def _section_paths(graph, sections, stops, open_, km):  # type: ignore[no-untyped-def]
    finders = {
        "freight": PathFinder(graph, open_ & ~graph.is_passenger, km),
        "any": PathFinder(graph, open_, km),
    }
    paths, found = [], []
    for number, (row, nodes) in enumerate(zip(sections, stops, strict=True)):
        path = finders[row["traffic"] or "freight"].through(nodes)
        if path is not None and len(path):
            paths.append(path)
            found.append(number)
        else:
            log.info("section %s: no path", row["section_id"])
    return paths, found


def _fits(
    graph: RailGraph,
    sections: Sequence[Row],
    found: Sequence[int],
    paths: Sequence[np.ndarray],
    result: Adjustment,
) -> list[dict[str, object]]:
    return [
        {
            "section_id": sections[n]["section_id"],
            "published_km": float(sections[n]["length_km"]),
            "drawn_km": round(float(graph.km[path].sum()), 1),
            "foretold_km": round(float(foretold), 1),
            "foretold_sd_km": round(float(sd), 1),
            "used": "yes" if kept else "no",
        }
        for n, path, kept, foretold, sd in zip(
            found, paths, result.kept, result.foretold_km, result.foretold_sd, strict=True
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
