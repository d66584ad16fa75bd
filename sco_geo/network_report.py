"""What the rail network consists of, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from sco_geo.catalog import shipped_directory
from sco_geo.errors import InputPathError
from sco_geo.network._format import EdgeTable, read_network
from sco_geo.network._tables import read_rows
from sco_geo.network.attribution import DATABASE, LICENCE, notice
from sco_geo.network.audit import Audit, audit
from sco_geo.network.places import format_position
from sco_geo.network.rail_network import NETWORK_FILE

SECTIONS_FILE: Final = "rail_sections_fit.csv"
#: Components shorter than this are counted together, in km.
_SMALL_KM: Final = 100.0
#: Edges that are listed, at most.
_MOST_LISTED: Final = 10

_SUMS: Final = {
    "status": "km_by_status",
    "kind of line": "km_by_class",
    "gauge, mm": "km_by_gauge",
    "length known from": "km_by_basis",
    "country": "km_by_country",
}
_BASES: Final = {
    "osm": "OpenStreetMap's lines",
    "anchored": "these, fitted to published lengths of sections",
    "published": "a published length",
    "estimate": "an estimate",
}


@dataclass(frozen=True)
class Sections:
    """How the published lengths of sections fit.

    Attributes
    ----------
    count, used : int
        Rows of ``geo/rail_sections.csv``, and those that lengths were fitted to.
    published_km : float
        Length of those that are used.
    drawn_median_pct : float or None
        Median of the drawn length less the published one, in %: what the fit corrects.
    foretold_median_pct : float or None
        Median distance in % between a published length and what the others foretell for it: how
        good a length is where nothing is published.
    """

    count: int
    used: int
    published_km: float
    drawn_median_pct: float | None
    foretold_median_pct: float | None


@dataclass(frozen=True)
class Known:
    """The network and what was found out about it."""

    table: EdgeTable
    audit: Audit
    sections: Sections | None
    with_audit: bool


def examine(path: Path | None = None, *, with_audit: bool = False) -> Known:
    """Read the network and the tables that its building wrote.

    Raises
    ------
    InputPathError, CatalogError
        For a file that is not there, or is no network.
    """
    directory = shipped_directory("geo")
    file = path or directory / NETWORK_FILE
    if not file.is_file():
        raise InputPathError(f"{file}: there is no such file with a rail network")
    table = read_network(file)
    return Known(table, audit(table, directory), _sections(directory), with_audit)


def _sections(directory: Path) -> Sections | None:
    path = directory / SECTIONS_FILE
    if not path.is_file():
        return None
    rows = list(read_rows(path, ["published_km", "drawn_km", "foretold_km", "used"]))
    used = [row for row in rows if row.text("used") == "yes"]
    drawn, foretold = [], []
    for row in used:
        published = row.number("published_km", 0.001, 1e5)
        if (km := row.optional_number("drawn_km", 0, 1e5)) is not None:
            drawn.append(100 * (km - published) / published)
        if (km := row.optional_number("foretold_km", 0, 1e5)) is not None:
            foretold.append(100 * abs(km - published) / published)
    total = sum(row.number("published_km", 0.001, 1e5) for row in used)
    return Sections(
        len(rows),
        len(used),
        total,
        median(drawn) if drawn else None,
        median(foretold) if foretold else None,
    )


def to_dict(known: Known) -> dict[str, Any]:
    """Return the JSON object of `sco-geo network`."""
    found, meta = known.audit.to_dict(), known.table.meta
    checks = ("components_km", "self_loops", "double_edges", "short_edges", "joins")
    report = {
        "version": meta.get("version"),
        "as_of": meta.get("as_of"),
        "source": meta.get("source"),
        "licence": LICENCE,
        "attribution": notice(meta),
        "database": DATABASE,
        "components": len(known.audit.components_km),
        **{name: _rounded(value) for name, value in found.items() if name not in checks},
        "lines": len(known.table.lines),
    }
    if known.with_audit:
        report |= {name: _rounded(found[name]) for name in checks}
        report["sections"] = vars(known.sections) if known.sections else None
    return report


def _rounded(value: Any) -> Any:
    """Round kilometres to metres, in tables too."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def text_lines(known: Known) -> Iterator[str]:
    """Write the network for people."""
    for name, value in _facts(known):
        yield f"{name:<36}{value}"
    for what, field in _SUMS.items():
        yield ""
        yield f"km by {what}"
        for key, km in _ordered(getattr(known.audit, field)):
            yield f"  {_BASES.get(key, key):<48}{km:>12,.1f}"
    if known.with_audit and known.audit.joins:
        yield ""
        yield f"{'gaps closed, by kind':<24}{'count':>8}{'median km':>12}{'longest km':>12}"
        for join in known.audit.joins:
            figures = f"{join.count:>8,}{join.median_km:>12.2f}{join.longest_km:>12.2f}"
            yield f"  {join.kind:<22}{figures}"
    yield ""
    yield notice(known.table.meta)


def _ordered(sums: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(sums.items(), key=lambda item: -item[1])


def _facts(known: Known) -> Iterator[tuple[str, str]]:
    """Yield what can be said in one figure."""
    found, meta = known.audit, known.table.meta
    if meta.get("version"):
        yield "version", str(meta["version"])
    if meta.get("as_of"):
        yield "lines as of", str(meta["as_of"])
    yield "length", f"{found.length_km:,.1f} km"
    yield "nodes, edges, vertices", f"{found.nodes:,}, {found.edges:,}, {found.vertices:,}"
    yield "named lines", f"{len(known.table.lines):,}"
    yield "parts that are not joined", _parts(found)
    if not known.with_audit:
        return
    yield "self-loops", f"{found.self_loops:,}"
    yield "edges that stand twice", f"{found.double_edges:,}"
    yield "edges shorter than the geodesic", _short_edges(known)
    yield "gaps closed", f"{sum(join.count for join in found.joins):,}"
    if (sections := known.sections) is not None:
        count = f"{sections.used:,} of {sections.count:,}"
        yield "published sections used", f"{count}, {sections.published_km:,.0f} km"
        if sections.drawn_median_pct is not None:
            yield "drawn less published, median", f"{sections.drawn_median_pct:+.1f} %"
        if sections.foretold_median_pct is not None:
            yield "foretold by others, median off", f"{sections.foretold_median_pct:.1f} %"


def _parts(found: Audit) -> str:
    parts = found.components_km
    large = [km for km in parts if km >= _SMALL_KM]
    listed = ", ".join(f"{km:,.0f}" for km in large[:_MOST_LISTED])
    more = f" and {len(large) - _MOST_LISTED} more" if len(large) > _MOST_LISTED else ""
    small = len(parts) - len(large)
    rest = f"; {small:,} of less than {_SMALL_KM:g} km" if small else ""
    return f"{len(parts):,}: {listed}{more} km{rest}"


def _short_edges(known: Known) -> str:
    short, table = known.audit.short_edges, known.table
    if not short:
        return "0"
    places = [
        format_position(table.node_lon[table.start[edge]], table.node_lat[table.start[edge]])
        for edge in short[:_MOST_LISTED]
    ]
    return f"{len(short):,}, at {'; '.join(places)}"


def markdown_lines(known: Known) -> Iterator[str]:
    """Write the network as tables in Markdown."""
    yield "| | |"
    yield "| --- | --- |"
    for name, value in _facts(known):
        yield f"| {name} | {value} |"
    for what, field in _SUMS.items():
        yield ""
        yield f"| {what} | km |"
        yield "| --- | ---: |"
        for key, km in _ordered(getattr(known.audit, field)):
            yield f"| {_BASES.get(key, key)} | {km:,.1f} |"
    if known.with_audit and known.audit.joins:
        yield ""
        yield "| gaps closed | count | median, km | longest, km |"
        yield "| --- | ---: | ---: | ---: |"
        for join in known.audit.joins:
            row = (join.kind, f"{join.count:,}", f"{join.median_km:.2f}", f"{join.longest_km:.2f}")
            yield f"| {' | '.join(row)} |"
    yield ""
    yield notice(known.table.meta)
