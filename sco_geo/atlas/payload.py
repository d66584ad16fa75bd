"""The data blocks of the page: what the script reads, made from a catalog and its lengths."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo.atlas import published, style, text
from sco_geo.atlas.topology import Topology
from sco_geo.catalog import Catalog, Feature, Layer, load_sidecar, shipped_directory
from sco_geo.measure import LengthReport, Measurement, SystemMeasurement
from sco_geo.network_lengths import to_dict as network_dict
from sco_geo.pipes import PipeLength
from sco_geo.sources import Tables
from sco_geo.units import LANGUAGES, Language, split_list

#: Roles of a place by the zoom from which its name may stand on the map.
_ROLE_ZOOM = {"capital": 4.0, "summit_host": 4.75, "border": 5.5, "port": 5.5, "rail": 5.75}

#: Begin of the ids of the drawing set, which holds the features of the base once more, simplified.
DRAWING = "drawing-"

#: The city nearest to the end of a line, if within some 60 km, is named from `_END_ZOOM` on.
_END_DEGREES, _END_ZOOM = 0.6, 3.0


@dataclass(frozen=True)
class Payload:
    """The three kinds of blocks: shared geometry, shared data, and one block per layer."""

    topology: dict[str, Any]
    data: dict[str, Any]
    layers: tuple[dict[str, Any], ...]


def build(catalog: Catalog, lengths: LengthReport, language: Language) -> Payload:
    """Make the blocks of the page from a catalog and the lengths measured on it."""
    topology = Topology()
    layers = tuple(_layer(layer, lengths, topology) for layer in catalog.layers)
    disputed = _disputed(topology)
    data = {
        "meta": _meta(catalog, language),
        "strings": text.strings(),
        "style": style.table(),
        "units": _units(catalog, topology),
        "places": _places(catalog),
        "sources": _sources(catalog, disputed),
        "claims": published.claims(catalog, lengths),
        "scopes": published.scopes(lengths),
        "history": _history(catalog),
        "translations": published.translations(catalog, lengths),
        "disputed": disputed,
        "facts": [
            {
                "id": fact.fact_id,
                "group": fact.group,
                "text": fact.text,
                "verdict": fact.verdict,
                "source_id": fact.source_id,
            }
            for fact in catalog.tables.facts
        ],
        "system_names": _system_names(catalog),
        "systems": {
            system.id: {
                **_lengths(system),
                **_network(system),
                **_by_status(system),
                **_breaks(system),
            }
            for system in lengths.systems
        },
    }
    return Payload(topology.encode(), data, layers)


def _meta(catalog: Catalog, language: Language) -> dict[str, Any]:
    settings = catalog.settings
    open_street_map = [
        layer.path.name for layer in catalog.layers if layer.sidecar.licence == "ODbL-1.0"
    ]
    energy_monitor = [
        layer.path.name
        for layer in catalog.layers
        if "Global Energy Monitor" in (layer.sidecar.attribution or "")
    ]
    dates = [
        {"date": str(entry.get("date")), "label": entry.get("label", {})}
        for entry in settings.dates
    ]
    if settings.as_of not in [entry["date"] for entry in dates]:
        dates.append({"date": settings.as_of, "label": {}})
    return {
        "title": settings.title,
        "subtitle": settings.subtitle,
        "disclaimer": settings.disclaimer,
        "as_of": settings.as_of,
        "dates": sorted(dates, key=lambda entry: entry["date"]),
        "lang": language,
        "notices": text.notices(open_street_map, energy_monitor),
        "credit": text.credit(
            has_open_street_map=bool(open_street_map), has_energy_monitor=bool(energy_monitor)
        ),
    }


def _layer(layer: Layer, lengths: LengthReport, topology: Topology) -> dict[str, Any]:
    sidecar = layer.sidecar
    return {
        "id": layer.id,
        "title": sidecar.title,
        "description": sidecar.description,
        "group": sidecar.group,
        "visible": sidecar.visible,
        "licence": sidecar.licence,
        "attribution": sidecar.attribution,
        "processing": sidecar.processing,
        "warnings": sidecar.warnings,
        "unlocated": sidecar.unlocated,
        "features": [_feature(feature, lengths, topology) for feature in layer.features],
    }


def _feature(feature: Feature, lengths: LengthReport, topology: Topology) -> dict[str, Any]:
    properties = {
        key: value for key, value in feature.properties.items() if value is not None and value != ""
    }
    if feature.status:
        properties["status"] = feature.status
    measured = lengths.by_id.get(feature.id)
    return {
        "id": feature.id,
        "kind": feature.kind,
        "shape": topology.add(feature.geometry),
        "p": properties,
        **({"m": _measured(measured)} if measured else {}),
    }


def _disputed(topology: Topology) -> dict[str, Any]:
    """Return the contested areas and lines of the base; readers cannot turn them off."""
    geo = shipped_directory("geo")
    sidecar = load_sidecar(geo / "disputed.toml")
    features = []
    for raw in geojson.read(geo / "disputed_display.geojson").features:
        is_line = raw.properties.get("kind") == "boundary_line"
        properties = {
            key: value for key, value in raw.properties.items() if value not in (None, "")
        }
        features.append(
            {
                "id": str(raw.id).removeprefix(DRAWING),
                "kind": raw.properties["kind"],
                "shape": topology.add(raw.geometry, is_border=is_line),
                "p": properties,
                "label": _label(raw.geometry),
            }
        )
    return {
        "title": sidecar.title,
        "description": sidecar.description,
        "licence": sidecar.licence,
        "attribution": sidecar.attribution,
        "processing": sidecar.processing,
        "warnings": sidecar.warnings,
        "unlocated": sidecar.unlocated,
        "features": features,
    }


def _label(geometry: BaseGeometry | None) -> list[float] | None:
    """Return where the name of an area stands (lon, lat), inside its largest part."""
    areas = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    if not areas:
        return None
    point = max(areas, key=lambda part: part.area).representative_point()
    return [round(point.x, 4), round(point.y, 4)]


def _system_names(catalog: Catalog) -> dict[str, dict[str, str]]:
    return {key: name for layer in catalog.layers for key, name in layer.sidecar.systems.items()}


def _measured(measurement: Measurement) -> dict[str, Any]:
    return {**_lengths(measurement), **_network(measurement)}


def _network(m: Measurement | SystemMeasurement) -> dict[str, Any]:
    """Return the length along the rail network, if the line is drawn from it."""
    return {key: value for key, value in network_dict(m.network).items() if value is not None}


def _lengths(m: Measurement | SystemMeasurement) -> dict[str, Any]:
    """Return what lines and systems have in common."""
    return {
        "length_km": round(m.length_km, 3),
        "is_lower_bound": m.is_lower_bound,
        "by_country": _rounded(m.by_country),
        "by_gauge": _rounded(m.by_gauge),
        "strays_km": _rounded(m.strays_km),
        **_pipe(m.pipe, m.length_km),
    }


def _pipe(pipe: PipeLength | None, length_km: float) -> dict[str, float]:
    """Return the length of pipe, if more than one string is known anywhere."""
    if pipe is None or pipe.km <= length_km * (1 + 1e-9):
        return {}
    unknown = {"strings_unknown_km": round(pipe.unknown_km, 3)} if pipe.has_unknown else {}
    return {"pipe_km": round(pipe.km, 3), **unknown}


def _breaks(system: SystemMeasurement) -> dict[str, Any]:
    """Return the breaks of gauge with the ids of the places, which have names in all languages."""
    rows = [
        {
            "from_mm": change.from_mm,
            "to_mm": change.to_mm,
            "places": [place.id for place in change.places if place.id],
        }
        for change in system.breaks
    ]
    return {"breaks": rows} if rows else {}


def _by_status(system: SystemMeasurement) -> dict[str, Any]:
    return {"by_status": _rounded(system.by_status)} if len(system.by_status) > 1 else {}


def _rounded(parts: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 3) for key, value in sorted(parts.items(), key=lambda p: -p[1])}


def _units(catalog: Catalog, topology: Topology) -> list[dict[str, Any]]:
    """Return all states of the base; those that a layer draws itself come without a shape."""
    drawn = {
        code
        for feature in catalog.features
        if feature.kind == "territory" and feature.geometry is not None
        for code in feature.countries
    }
    units = []
    for raw in geojson.read(shipped_directory("geo") / "territories_display.geojson").features:
        properties = raw.properties
        codes = split_list(properties.get("countries"))
        code = codes[0] if codes else str(raw.id)
        units.append(
            {
                "iso": code,
                "names": _names(properties),
                "label": [properties["label_lon"], properties["label_lat"]],
                "area": max(1.0, _number(properties.get("area_km2"))),
                "shape": None if code in drawn else topology.add(raw.geometry),
            }
        )
    return units


def _places(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the cities for the map; those at the ends of drawn lines come first."""
    known = geojson.read(shipped_directory("geo") / "places.geojson").features
    named = _nearest([raw.geometry for raw in known], _line_ends(catalog))
    places = []
    for number, raw in enumerate(known):
        roles = split_list(raw.properties.get("roles"))
        zoom = min([_ROLE_ZOOM.get(role, 6.0) for role in roles], default=6.5)
        if number in named:
            zoom = _END_ZOOM
        places.append(
            {
                "id": raw.id,
                "names": _names(raw.properties),
                "at": shapely.get_coordinates(raw.geometry)[0].round(4).tolist(),
                "minZoom": zoom,
                "capital": "capital" in roles,
            }
        )
    return places


def _nearest(places: list[BaseGeometry | None], ends: list[Point]) -> set[int]:
    """Return the numbers of the places that stand nearest to an end, and near enough."""
    if not ends:
        return set()
    pairs = shapely.STRtree(places).query_nearest(ends, max_distance=_END_DEGREES)
    return set(pairs[1].tolist())


def _line_ends(catalog: Catalog) -> list[Point]:
    """Return where systems of lines begin and end, and where the gauge changes."""
    ends = []
    for sections in catalog.systems.values():
        tips: Counter[tuple[float, ...]] = Counter()
        for section in sections:
            for part in shapely.get_parts(section.line):
                tips.update((part.coords[0], part.coords[-1]))
        ends += [Point(tip) for tip, count in tips.items() if count == 1]
    for feature in catalog.features:
        if "break_of_gauge" in str(feature.properties.get("role")):
            ends += [Point(place) for place in shapely.get_coordinates(feature.geometry)[:1]]
    return ends


def _names(properties: dict[str, Any]) -> dict[str, str]:
    english = str(properties.get("name") or "")
    return {
        language: str(properties.get("name" if language == "en" else f"name_{language}") or english)
        for language in LANGUAGES
    }


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else 0.0  # type: ignore[arg-type]


def _sources(catalog: Catalog, disputed: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the sources that something on the page cites."""
    cited = {claim.source_id for claim in catalog.tables.claims}
    cited |= {row.source_id for row in catalog.tables.history}
    cited |= {fact.source_id for fact in catalog.tables.facts}
    ids = {source for text_ in cited for source in split_list(text_)}
    ids |= {source for feature in catalog.features for source in feature.source_ids}
    ids |= {s for f in disputed["features"] for s in split_list(f["p"].get("sources"))}
    for entry in [entry for layer in catalog.layers for entry in layer.sidecar.unlocated]:
        ids |= set(entry.get("sources", ()))
    known = catalog.tables.sources
    if ids - set(known):  # those of the base stand in the shipped table
        known = Tables.load([shipped_directory("layers")]).sources | known
    return {
        source.source_id: {
            "publisher": source.publisher,
            "title": source.title,
            "url": source.url,
            "date": source.date,
            "licence": source.licence,
        }
        for source in sorted(known.values(), key=lambda s: s.source_id)
        if source.source_id in ids
    }


def _history(catalog: Catalog) -> dict[str, list[dict[str, str]]]:
    by_feature: dict[str, list[dict[str, str]]] = {}
    for row in catalog.tables.history:
        by_feature.setdefault(row.feature_id, []).append(
            {
                "status": row.status,
                "from": row.start,
                "to": row.end,
                "source_id": row.source_id,
                **({"note": row.note} if row.note else {}),
            }
        )
    return by_feature
