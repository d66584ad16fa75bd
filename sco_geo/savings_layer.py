"""A comparison of scenarios as a layer of the map: the new lines, and points with the savings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from sco_geo.catalog import shipped_directory
from sco_geo.network._format import EdgeTable
from sco_geo.network._tables import read_rows
from sco_geo.network.additions import read_additions
from sco_geo.network.attribution import LICENCE, notice
from sco_geo.network.comparison import Comparison, Pair
from sco_geo.network.places import Place, fold_name
from sco_geo.units import COUNTRY_CODES, LANGUAGES, Language, split_list

#: Kept of each new line's own record.
_NAMES = ("name", "name_zh", "name_ru")
_DECIMALS = 5
#: Places by name are points of GeoNames, with the accuracy that layers give to a town.
_TOWNS, _TOWN_KM = "geonames", 10.0
#: Texts of the note of a place: head, one pair, and what stands between pairs.
_NOTES: Mapping[Language, tuple[str, str, str]] = {
    "en": ("By rail with the new lines: ", "{to} {b} km instead of {a} ({saved} less)", "; "),
    "zh": ("新线建成后的铁路里程：", "{to}{b}公里，原为{a}公里（缩短{saved}）", "；"),
    "ru": (
        "По железной дороге с новыми линиями: ",
        "{to} {b} км вместо {a} (на {saved} меньше)",
        "; ",
    ),
}


def to_geojson(compared: Comparison) -> dict[str, Any]:
    """Return the new lines that are used and the places that gain, [lon, lat] in degrees.

    Each place has its greatest saving as `saved_km`, with `saved_low_km` and `saved_high_km` by
    the published lengths and `saved_to` for the other end, and all its savings in `note`.
    """
    table = compared.table
    lines = list(_lines(compared, table)) if table else []
    return {
        "type": "FeatureCollection",
        "licence": LICENCE,
        "attribution": notice(table.meta if table else {}),
        "scenario_a": compared.scenario_a,
        "scenario_b": compared.scenario_b,
        "features": [*lines, *_points(compared)],
    }


def _lines(compared: Comparison, table: EdgeTable) -> Iterator[dict[str, Any]]:
    citable, papers = _citable_sources(), _papers()
    offset, lon, lat = table.paths()
    numbers = {line["id"]: number for number, line in enumerate(table.lines)}
    for line in compared.new_lines:
        edges = np.flatnonzero(table.line == numbers[line["id"]])
        parts = [
            np.column_stack([lon[offset[e] : offset[e + 1]], lat[offset[e] : offset[e + 1]]])
            for e in edges
        ]
        merged = shapely.line_merge(shapely.multilinestrings(list(map(shapely.linestrings, parts))))
        ids = split_list(line.get("sources"))
        properties = {
            **_line_properties(line, table, edges),
            "sources": ";".join(name for name in ids if name in citable),
            "source_urls": "; ".join(
                papers[name] for name in ids if name in papers and name not in citable
            ),
        }
        yield {
            "type": "Feature",
            "id": f"saving-line-{line['id']}",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(merged)),
        }


def _line_properties(
    line: Mapping[str, Any], table: EdgeTable, edges: npt.NDArray[np.intp]
) -> dict[str, Any]:
    written = read_additions().get(line["id"], {})
    countries = dict.fromkeys(table.countries[number] for number in table.country[edges])
    gauges = ";".join(dict.fromkeys(table.gauges[number] for number in table.gauge[edges]))
    return {
        **{name: line[name] for name in _NAMES if line.get(name)},
        "kind": written.get("kind") or "railway",
        "status": line.get("status"),
        "countries": ";".join(code for code in countries if code in COUNTRY_CODES),
        "gauges_mm": ";".join(dict.fromkeys(split_list(gauges))),
        "network_length_km": round(float(table.length_m[edges].sum()) / 1e3, 3),
        "published_low_km": line.get("length_low_km"),
        "published_high_km": line.get("length_high_km"),
        "geometry_basis": written.get("geometry_basis") or "estimate",
        "accuracy_km": written.get("accuracy_km"),
        "note": line.get("note") or None,
    }


def _citable_sources() -> set[str]:
    """Return the ids of sources that layers may cite."""
    path = shipped_directory("layers") / "sources.csv"
    return {row.text("source_id") for row in read_rows(path, ["source_id"])}


def _papers() -> dict[str, str]:
    """Return publisher and address of each source of the network."""
    path = shipped_directory("geo") / "rail_sources.csv"
    if not path.is_file():
        return {}
    rows = read_rows(path, ["source_id", "publisher", "url"])
    return {row.text("source_id"): f"{row.text('publisher')} {row.text('url')}" for row in rows}


def _points(compared: Comparison) -> Iterator[dict[str, Any]]:
    places = {place.name: place for place in compared.found}
    for count, place in enumerate(places.values(), 1):
        gains = [
            pair
            for pair in compared.pairs
            if place.name in (pair.origin, pair.destination)
            and pair.gains
            and pair.saved_km is not None
        ]
        if gains:
            gains.sort(key=lambda pair: -(pair.saved_km or 0.0))
            slug = "-".join(fold_name(place.name).encode("ascii", "ignore").decode().split())
            yield {
                "type": "Feature",
                "id": f"saving-place-{count}{f'-{slug}' if slug else ''}",
                "properties": _place_properties(place, gains, places),
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(place.lon, _DECIMALS), round(place.lat, _DECIMALS)],
                },
            }


def _place_properties(
    place: Place, gains: list[Pair], places: Mapping[str, Place]
) -> dict[str, Any]:
    best = gains[0]
    low, high = best.saved_range_km
    names = {name: getattr(place, name) for name in _NAMES if getattr(place, name)}
    is_town = bool(place.country)
    notes = {
        "note" if language == "en" else f"note_{language}": _note(place, gains, places, language)
        for language in LANGUAGES
    }
    return {
        **names,
        "kind": "place",
        "status": None,
        "countries": place.country or None,
        "saved_km": round(best.saved_km or 0.0, 1),
        "saved_low_km": round(low, 1),
        "saved_high_km": round(high, 1),
        "saved_to": _other(best, place),
        "geometry_basis": "waypoints",
        "accuracy_km": _TOWN_KM if is_town else None,
        "sources": _TOWNS if is_town else "",
        **notes,
    }


def _other(pair: Pair, place: Place) -> str:
    return pair.destination if pair.origin == place.name else pair.origin


def _note(place: Place, gains: list[Pair], places: Mapping[str, Place], language: Language) -> str:
    head, one, between = _NOTES[language]
    told = []
    for pair in gains:
        other = places[_other(pair, place)]
        name = other.name if language == "en" else getattr(other, f"name_{language}") or other.name
        figures = {"a": pair.a_km, "b": pair.b_km, "saved": pair.saved_km}
        texts = {key: f"{km or 0:,.0f}" for key, km in figures.items()}
        if language == "ru":
            texts = {key: text.replace(",", "\u00a0") for key, text in texts.items()}
        told.append(one.format(to=name, **texts))
    return head + between.join(told) + ("。" if language == "zh" else ".")
