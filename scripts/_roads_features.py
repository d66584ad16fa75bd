"""Make the features of layers/roads from corridors, pieces of line and places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from _roads_lines import LONGEST_OSM_CHORD_KM, PLACE_KM, Chord, section_band_km, thin

Feature = dict[str, Any]
Chords = tuple[Chord, ...]

GRAPH_SOURCE = "osm-scgraph-data-2-0-0-highways"
#: A clean path has a band of at most this width; a wider one is called a chain of waypoints.
WIDEST_OSM_BAND_KM = 12
#: Vertices closer to the line than this are left out.
TOLERANCE_KM = 0.2
LANGUAGES = ("", "_zh", "_ru")
DISPUTED = {
    "": (
        "The road crosses Gilgit-Baltistan, which is disputed between India and Pakistan;"
        " a route is no evidence of title."
    ),
    "_zh": "公路穿过印巴争议地区吉尔吉特—巴尔蒂斯坦；路线不作为领土归属的依据。",
    "_ru": (
        "Дорога пересекает Гилгит-Балтистан, спорный между Индией и Пакистаном;"
        " маршрут не свидетельствует о чьих-либо правах."
    ),
}
CHAIN = {
    "": "Junctions of the graph and known places, joined by chords of up to {km} km.",
    "_zh": "由路网图的节点与已知地点以直线相连，最长一段{km}公里。",
    "_ru": "Узлы графа и известные пункты соединены прямыми длиной до {km} км.",
}
OTHER = {
    "": "Another road, up to {km} km away, is nearly as short; the graph has no road numbers.",
    "_zh": "另有一条相距至多{km}公里的道路几乎同样短：路网图不含道路编号。",
    "_ru": "Другая дорога, не далее {km} км, почти так же коротка: номеров дорог в графе нет.",
}


@dataclass(frozen=True)
class Pieces:
    """Pieces of line by their two ends; a piece is found in either direction."""

    chords: Mapping[tuple[str, str], Chords]

    def find(self, start: str, end: str) -> Chords:
        """Return the chords from one end to the other.

        Raises
        ------
        ValueError
            If no stretch has this piece.
        """
        if (start, end) in self.chords:
            return self.chords[start, end]
        if (end, start) in self.chords:
            return tuple(chord.reverse() for chord in reversed(self.chords[end, start]))
        raise ValueError(f"no piece between {start} and {end}")

    def thinned(self, via: Sequence[str]) -> list[list[float]]:
        """Return the vertices of a section, thinned piece by piece in the stored direction."""
        line: list[list[float]] = []
        for start, end in pairwise(via):
            is_stored = (start, end) in self.chords
            points = thin(self.find(*((start, end) if is_stored else (end, start))), TOLERANCE_KM)
            rounded = [[round(lon, 5), round(lat, 5)] for lon, lat in points]
            line += (rounded if is_stored else rounded[::-1])[1 if line else 0 :]
        return line


def make_section(
    corridor: Mapping[str, Any],
    section: Mapping[str, Any],
    pieces: Pieces,
    names: Mapping[str, Any],
) -> Feature:
    """Make the feature of one section; `names` holds the rows of all places and borders."""
    via: list[str] = section["via"]
    chords = [chord for pair in pairwise(via) for chord in pieces.find(*pair)]
    known = _as_published(chords, section)
    band = section_band_km(known, section["terrain"])
    own_band = section_band_km([replace(c, other_km=0.0) for c in known], section["terrain"])
    longest = max(chord.km for chord in chords)
    basis = section.get("basis") or _basis(chords, own_band, longest)
    sources = [*section.get("sources", []), *corridor["sources"], GRAPH_SOURCE]
    origins = {v.origin for chord in chords for v in (chord.start, chord.end)}
    if "place" in origins:
        sources.append("geonames")
    if "boundary" in origins:
        sources.append("natural-earth-4-1-0")
    properties: dict[str, Any] = {}
    for suffix in LANGUAGES:
        ends = " – ".join(names[via[i]]["name" + suffix] for i in (0, -1))
        separator = "：" if suffix == "_zh" else ": "
        properties["name" + suffix] = corridor["short" + suffix] + separator + ends
    properties |= {
        "kind": "road",
        "system": corridor["id"],
        "status": "operating",
        "opened": section.get("opened"),
        "closed": None,
        "countries": section["countries"],
        "road_number": section.get("road_number"),
        "routing": section["routing"],
        "geometry_basis": basis,
        "accuracy_km": band,
        "terrain": section["terrain"],
        "graph_length_km": None if basis == "estimate" else round(sum(c.way_km for c in chords), 1),
        "longest_chord_km": round(longest),
        "sources": ";".join(dict.fromkeys(sources)),
    }
    properties |= _notes(section, basis, math.ceil(longest), band if band > own_band else 0)
    return {
        "type": "Feature",
        "id": f"{corridor['id']}-{_slug(via[0])}-{_slug(via[-1])}",
        "properties": {k: v for k, v in properties.items() if v is not None or k == "closed"},
        "geometry": {"type": "LineString", "coordinates": pieces.thinned(via)},
    }


def make_point(corridor: Mapping[str, Any], key: str, role: str, row: Mapping[str, str]) -> Feature:
    """Make the feature of a place of a corridor."""
    sources = dict.fromkeys(row["sources"].split(";"))
    properties = {
        **{"name" + suffix: row["name" + suffix] for suffix in LANGUAGES},
        "kind": "place",
        "system": corridor["id"],
        "role": role,
        "status": "operating",
        "countries": row["countries"],
        "routing": "inferred" if row["relation"] == "assumed" else "documented",
        "geometry_basis": "osm" if GRAPH_SOURCE in sources else "waypoints",
        "accuracy_km": int(PLACE_KM[row["confidence"]]),
        "relation": row["relation"],
        "confidence": row["confidence"],
        "sources": ";".join(sources),
    }
    point = [float(row["lon"]), float(row["lat"])]
    return {
        "type": "Feature",
        "id": f"{corridor['id']}-place-{_slug(key)}",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": point},
    }


def _as_published(chords: Sequence[Chord], section: Mapping[str, Any]) -> Sequence[Chord]:
    """Stretch the ways of a section to its published length, if the plan gives one."""
    if "published_km" not in section:
        return chords
    factor = section["published_km"] / sum(chord.way_km for chord in chords)
    return [replace(chord, way_km=factor * chord.way_km) for chord in chords]


def _basis(chords: Sequence[Chord], band: int, longest: float) -> str:
    inner = {chord.end.origin for chord in chords[:-1]}
    is_bent = bool({"place", "boundary"} & inner) or "place" in {
        chords[0].start.origin,
        chords[-1].end.origin,
    }
    half = sum(chord.km for chord in chords) / 2
    is_clean = band <= WIDEST_OSM_BAND_KM and longest <= min(LONGEST_OSM_CHORD_KM, half)
    return "osm" if is_clean and not is_bent else "waypoints"


def _notes(section: Mapping[str, Any], basis: str, longest: int, other: int) -> dict[str, str]:
    notes = {}
    for suffix in LANGUAGES:
        parts = [section.get("note" + suffix, "")]
        if basis == "waypoints":
            parts.append(CHAIN[suffix].format(km=longest))
        if other:
            parts.append(OTHER[suffix].format(km=other))
        if section.get("disputed"):
            parts.append(DISPUTED[suffix])
        text = ("" if suffix == "_zh" else " ").join(part for part in parts if part)
        if text:
            notes["note" + suffix] = text
    return notes


def _slug(key: str) -> str:
    return key.removesuffix("-pass")
