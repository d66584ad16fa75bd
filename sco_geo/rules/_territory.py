"""Which areas are states or parts of states, by the names of their columns and by their tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from sco_geo._flat import POLYGONS
from sco_geo.geojson import Document, RawFeature

_PUNCTUATION = re.compile(r"[^a-z0-9]")
#: Columns of Natural Earth, GADM, geoBoundaries, OCHA, Eurostat, the census of the United States,
#: OpenStreetMap and the like, in small letters without punctuation: codes of states and regions,
_CODE = re.compile(
    r"""
    adm\d[a-z0-9]* | admin(\d[a-z]*|level|name)? | adcode | gid\d
    | (cntr|cntry|ctry|country)(a2|a3|aff|cd|code|id|iso[a23]*)
    | iso(3166[12]?(alpha[23]|[12])? | (a|n)?[23](cd|code|eh)? | cc | code)?
    | nuts(id|name|code) | shape(group|iso|name) | sova3 | sovereignt | (su|gu|brk|wb)a3 | geounit
    | subunit | stusps | state(code|fp)
    """,
    re.VERBOSE,
)
#: and names, which other areas may have as well.
_NAME = re.compile(
    r"""
    name(\d|[a-z]{2}|eng|engl|english|long)?
    | (cntr|cntry|ctry|country)(name|nm)?([a-z]{2}|eng|long)? | countries
    | (province|region|state|territory|terr)(name|nm) | province | region | territory
    """,
    re.VERBOSE,
)
#: Columns that say on which level a territory is: countries, regions, districts.
_LEVEL = re.compile(r"adm(in)?level|levlcode|shapetype")

#: Keys of OpenStreetMap that say what an area is, if it is no territory.
_TAGS = frozenset(
    """
    aeroway amenity barrier building craft geological harbour healthcare highway historic
    landuse leisure man_made military natural office power public_transport railway shop sport
    tourism water waterway wetland
    """.split()
)
#: Columns of Geofabrik and Natural Earth that do so; territories have values that begin like this.
_CLASSES, _CLASS_OF_TERRITORIES = ("fclass", "featurecla"), "admin"
#: Values of the keys `boundary` and `place` that territories have.
_BOUNDARIES = ("administrative", "disputed")
_PLACES = frozenset(
    """
    country state region province territory republic oblast county district department prefecture
    municipality
    """.split()
)


def is_territory(feature: RawFeature) -> bool:
    """Tell whether a feature is an area that belongs to one country or region only."""
    geometry = feature.geometry
    if geometry is None or geometry.geom_type not in POLYGONS:
        return False
    kind = feature.properties.get("kind")
    if kind is not None:
        return kind == "territory"
    columns = [key for key in feature.properties if _says(key) is not None]
    return bool(columns) and not is_mapped_thing(feature.properties)


def is_territory_layer(document: Document) -> bool:
    """Tell whether all areas of a document are territories, and all else only their labels."""
    types = set(document.flat.geometry_type)
    if types.isdisjoint(POLYGONS) or not types <= {*POLYGONS, "Point", "MultiPoint"}:
        return False
    features = [
        feature
        for feature in document.features
        if feature.geometry is not None and "Point" not in feature.geometry.geom_type
    ]
    return bool(features) and all(is_territory(feature) for feature in features)


def is_mapped_thing(properties: Mapping[str, object]) -> bool:
    """Tell whether tags of OpenStreetMap say that an area is a park, a building and so on."""
    boundary, place = _word(properties, "boundary"), _word(properties, "place")
    if boundary in _BOUNDARIES:
        return False
    if any(value not in (None, "") and _says(key) == "code" for key, value in properties.items()):
        return False
    classes = [_word(properties, key).lower() for key in _CLASSES]
    if any(word and not word.startswith(_CLASS_OF_TERRITORIES) for word in classes):
        return True
    # A name may stand in the column `place`; values of OpenStreetMap are in small letters.
    is_other_place = place.islower() and place not in _PLACES
    return (
        bool(boundary)
        or is_other_place
        or any(_word(properties, key) for key in _TAGS.intersection(properties))
    )


def level_of(feature: RawFeature) -> str | None:
    """Return the level of a territory as its columns write it; None where they say nothing."""
    for key, value in feature.properties.items():
        if value not in (None, "") and _says(key) == "level":
            return str(value)
    return None


def _word(properties: Mapping[str, object], key: str) -> str:
    value = properties.get(key)
    return value if isinstance(value, str) and value != "no" else ""


@lru_cache(maxsize=4096)
def _says(key: str) -> str | None:
    """Tell what a column is about: a level, a code or a name; None if it says nothing."""
    if len(key) > 50:
        return None
    plain = _PUNCTUATION.sub("", key.lower())
    for what, pattern in (("level", _LEVEL), ("code", _CODE), ("name", _NAME)):
        if pattern.fullmatch(plain):
            return what
    return None
