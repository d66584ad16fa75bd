"""Contract the marked rail graph into the table of edges that is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from _rail_contract import Chain, contract, prune, simplify
from _rail_graph import RailGraph, geodesic_km
from _rail_levels import levels_of_detail
from _rail_output import Marks
from _rail_tables import Tables

from sco_geo.network._format import BASES, LINE_CLASSES, STATUSES, EdgeTable

#: Lengths are whole multiples of this.
UNIT_M = 10
LINE_COLUMNS = ("id", "name", "name_zh", "name_ru", "status", "opened", "since")
LENGTHS = ("length_km", "length_low_km", "length_high_km")


def edge_table(
    graph: RailGraph, marks: Marks, tables: Tables, meta: Mapping[str, object]
) -> EdgeTable:
    """Contract, round and pack the network.

    Nodes are rounded to 0.001°, lengths to 10 m, never below the geodesic between the nodes.
    """
    columns = _columns(graph, marks, tables)
    packed = np.stack([columns[name] for name in sorted(columns)], axis=1)
    _, kind = np.unique(packed, axis=0, return_inverse=True)
    kept = prune(graph, kind, marks.km)
    graph, kind, km_of = graph.keep_edges(kept), kind[kept], marks.km[kept]
    columns = {name: column[kept] for name, column in columns.items()}
    chains = contract(graph, kind)
    lon, lat = np.round(graph.lon, 3), np.round(graph.lat, 3)
    ends = np.array([(c.nodes[0], c.nodes[-1]) for c in chains])
    used, numbers = np.unique(ends, return_inverse=True)
    numbers = numbers.reshape(-1, 2)
    first = np.array([c.edges[0] for c in chains])
    km = np.array([km_of[list(c.edges)].sum() for c in chains])
    start, end = used[numbers[:, 0]], used[numbers[:, 1]]
    direct = geodesic_km(lon[start], lat[start], lon[end], lat[end])
    length = np.round(km * 1e3 / UNIT_M) * UNIT_M
    length = np.maximum(length, np.ceil(direct * 1e3 / UNIT_M) * UNIT_M)
    offsets, chain_lon, chain_lat = _vertices(chains, lon, lat)
    table = EdgeTable(
        node_lon=lon[used],
        node_lat=lat[used],
        start=numbers[:, 0].astype(np.int32),
        end=numbers[:, 1].astype(np.int32),
        length_m=length.astype(np.int32),
        country=columns["country"][first].astype(np.uint8),
        gauge=columns["gauge"][first].astype(np.uint8),
        status=columns["status"][first].astype(np.uint8),
        line_class=columns["line_class"][first].astype(np.uint8),
        basis=columns["basis"][first].astype(np.uint8),
        line=columns["line"][first].astype(np.int16),
        chain_offset=offsets,
        chain_lon=chain_lon,
        chain_lat=chain_lat,
        chain_level=np.zeros(len(chain_lon), dtype=np.uint8),
        countries=tuple(sorted(set(marks.countries))),
        gauges=tuple(sorted(set(marks.gauges))),
        lines=tuple(_lines(tables)),
        meta=dict(meta),
    )
    return replace(table, chain_level=levels_of_detail(*table.paths()))


def _columns(graph: RailGraph, marks: Marks, tables: Tables) -> dict[str, np.ndarray]:
    lines, origin = tables.lines, graph.origin
    countries, gauges = sorted(set(marks.countries)), sorted(set(marks.gauges))
    country = {code: n for n, code in enumerate(countries)}
    gauge = {key: n for n, key in enumerate(gauges)}
    status = np.zeros(len(origin), dtype=np.int64)
    line_class = np.where(graph.is_passenger, LINE_CLASSES.index("passenger"), 0)
    basis = np.where(marks.anchored, BASES.index("anchored"), BASES.index("osm"))
    line = np.full(len(origin), -1, dtype=np.int64)
    for number, drawn in enumerate(lines):
        rows = origin == number
        status[rows] = STATUSES.index(drawn.status)
        line[rows] = number
        how = "estimate" if drawn.published_km is None else "published"
        basis[rows] = BASES.index(how)
        if drawn.properties["kind"] == "ferry":
            line_class[rows] = LINE_CLASSES.index("ferry")
        elif drawn.properties.get("traffic") == "passenger":
            line_class[rows] = LINE_CLASSES.index("passenger")
    closed = marks.closed >= 0
    status[closed] = STATUSES.index("suspended")
    line[closed] = len(lines) + marks.closed[closed]
    basis[origin >= len(lines)] = BASES.index("estimate")
    return {
        "country": np.array([country[code] for code in marks.countries]),
        "gauge": np.array([gauge[key] for key in marks.gauges]),
        "status": status,
        "line_class": line_class,
        "basis": basis,
        "line": line,
    }


def _vertices(
    chains: list[Chain], lon: np.ndarray, lat: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lons, lats, counts = [], [], []
    for chain in chains:
        nodes = list(chain.nodes)
        x, y = simplify(lon[nodes], lat[nodes])
        lons.append(np.round(x, 3))
        lats.append(np.round(y, 3))
        counts.append(len(x))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return offsets, np.concatenate(lons), np.concatenate(lats)


def _lines(tables: Tables) -> list[dict[str, object]]:
    named: list[dict[str, object]] = []
    for line in tables.lines:
        row: dict[str, object] = {"id": line.id}
        row |= {key: line.properties.get(key) for key in (*LINE_COLUMNS[1:], *LENGTHS)}
        row |= {key: line.properties.get(key) or "" for key in ("sources", "note")}
        named.append({key: value for key, value in row.items() if value not in (None, "")})
    for closed in tables.closed:
        row = {"id": closed["closed_id"], "status": "suspended", "sources": closed["source_id"]}
        row |= {key: closed[key] for key in ("name", "name_zh", "name_ru", "since", "note")}
        named.append({key: value for key, value in row.items() if value != ""})
    return named
