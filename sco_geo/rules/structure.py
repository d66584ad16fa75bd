"""Rules on the structure of RFC 7946: types, members, ids, boxes and reference systems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sco_geo._flat import DEPTHS
from sco_geo._flatten import MAX_COLLECTIONS
from sco_geo._json_text import shorten, type_name
from sco_geo._lookalikes import array_hint, is_place, object_hint, value_hint
from sco_geo._regions import Region
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register

_POINT = '{"type": "Point", "coordinates": [69.2, 41.3]}'
_NOWHERE = '{"type": "Feature", "properties": {}, "geometry": null}'
_FEATURE = '{"type": "Feature", "properties": {}, "geometry": ' + _POINT + "}"
_TWO = _POINT + ', {"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}'
_COLLECTION = '{"type": "GeometryCollection", "geometries": [' + _TWO + "]}"

register(
    Rule(
        "GJ101", "error", "root is no object",
        "The text is JSON, but an array, a text, a number or null.",
        "A GeoJSON text is an object (RFC 7946, section 2).",
        "[69.2, 41.3]", _POINT,
    ),
    Rule(
        "GJ102", "error", "type missing",
        "An object that must say its type does not.",
        "Without a type nothing can be read.",
        '{"coordinates": [69.2, 41.3]}', _POINT,
    ),
    Rule(
        "GJ103", "error", "unknown type",
        "The type is none of the nine of GeoJSON, or is in the wrong case.",
        "Types are case-sensitive; readers skip what they do not know.",
        '{"type": "point", "coordinates": [69.2, 41.3]}', _POINT,
    ),
    Rule(
        "GJ104", "error", "TopoJSON",
        "The file is a TopoJSON topology.",
        "Its coordinates are shared arcs, often quantised; it is another format.",
        '{"type": "Topology", "objects": {}, "arcs": []}',
        "the same data converted to GeoJSON (topo2geo)",
    ),
    Rule(
        "GJ105", "error", "Esri JSON",
        "The file is in the JSON format of ArcGIS services.",
        "It is another format, often in projected coordinates.",
        '{"geometryType": "esriGeometryPoint", "features": []}',
        "the same query with f=geojson",
    ),
    Rule(
        "GJ106", "error", "member missing",
        "A member that RFC 7946 requires is missing.",
        "Features without properties or geometry must say so with null.",
        '{"type": "Feature", "geometry": ' + _POINT + "}", _FEATURE,
    ),
    Rule(
        "GJ107", "error", "member of the wrong type",
        "A member has a value of a type that RFC 7946 does not allow there.",
        "Readers crash or skip the object.",
        '{"type": "Feature", "properties": [], "geometry": ' + _POINT + "}", _FEATURE,
    ),
    Rule(
        "GJ108", "error", "object in the wrong place",
        "A GeoJSON object stands where one of another kind belongs.",
        "Features hold geometries and collections hold features, never the other way round.",
        '{"type": "FeatureCollection", "features": [{"type": "Point", "coordinates": [1, 2]}]}',
        '{"type": "FeatureCollection", "features": [' + _FEATURE + "]}",
    ),
    Rule(
        "GJ109", "error", "member on the wrong object",
        "An object has a member that defines another kind of object.",
        "RFC 7946, section 7.1, forbids it: readers cannot tell what the object is.",
        '{"type": "Feature", "properties": {}, "geometry": null, "coordinates": [69.2, 41.3]}',
        _FEATURE,
    ),
    Rule(
        "GJ110", "error", "id of the wrong type",
        "The id of a feature is neither a text nor a number.",
        "RFC 7946, section 3.2; tables and links cannot refer to it.",
        '{"type": "Feature", "id": null, "properties": {}, "geometry": ' + _POINT + "}",
        '{"type": "Feature", "id": "khorgos", "properties": {}, "geometry": ' + _POINT + "}",
    ),
    Rule(
        "GJ116", "warning", "nested collection",
        "A GeometryCollection holds another one.",
        "RFC 7946, section 3.1.8, advises against it; many readers fail.",
        '{"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", '
        '"geometries": [' + _TWO + "]}]}", _COLLECTION,
    ),
    Rule(
        "GJ117", "warning", "collection with one member",
        "A GeometryCollection holds a single geometry.",
        "RFC 7946, section 3.1.8, advises to write the geometry itself.",
        '{"type": "GeometryCollection", "geometries": [' + _POINT + "]}", _POINT,
    ),
    Rule(
        "GJ118", "error", "collections nested without end",
        f"GeometryCollections are nested more than {MAX_COLLECTIONS} deep.",
        "No reader is made for it.",
        "a collection in a collection in a collection ...", _COLLECTION,
    ),
    Rule(
        "GJ119", "warning", "empty geometry",
        "A geometry has no coordinates.",
        "It is neither drawn nor measured.",
        '{"type": "LineString", "coordinates": []}',
        '{"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}',
    ),
    Rule(
        "GJ120", "warning", "empty collection",
        "A FeatureCollection has no features.",
        "Usually the trace of a filter that matched nothing.",
        '{"type": "FeatureCollection", "features": []}',
        '{"type": "FeatureCollection", "features": [' + _FEATURE + "]}",
    ),
    Rule(
        "GJ121", "warning", "null geometry",
        "A feature has no geometry.",
        "It is legal, but neither drawn nor measured.",
        _NOWHERE, _FEATURE,
    ),
    Rule(
        "GJ123", "error", "geometry that cannot be read",
        "The bytes of a geometry in a GeoParquet file are no well-known binary (WKB).",
        "They are cut off, damaged or of another format; nothing can be said about the feature.",
        "01 02 00 00 00 02 00 00 00 ... and then the end",
        "the 41 bytes of LINESTRING (69.2 41.3, 76.1 43.4)",
    ),
)  # fmt: skip

_TYPES = (*DEPTHS, "GeometryCollection", "Feature", "FeatureCollection")
_LOWER = {name.lower(): name for name in _TYPES}
_FORBIDDEN = {
    "FeatureCollection": ("coordinates", "geometries", "geometry", "properties"),
    "Feature": ("coordinates", "geometries", "features"),
    "geometry": ("geometry", "properties", "features"),
}


@dataclass(frozen=True, slots=True)
class _Owner:
    """The feature that a finding belongs to."""

    index: int | None = None
    id: str | None = None


def check_structure(view: View) -> Iterator[Finding]:
    """Check objects and members from the root down to the geometries."""
    document = view.document
    if not document.is_json:
        return
    tree = document.tree
    if tree is None:
        name, hint = type_name(document.root), _text_hint(document.root)
        if isinstance(document.root, list):
            name, hint = array_hint(document.root)
        yield _make("GJ101", "", f"the root is {name}, not an object", hint)
        return
    kind = tree.get("type")
    if kind == "FeatureCollection":
        yield from _check_collection(view, tree)
    elif kind == "Feature":
        row = view.flat.features[0]
        yield from _check_feature(tree, "", _Owner(0, row.id))
    elif isinstance(kind, str) and kind in _TYPES:
        yield from _check_geometry(tree, "", _Owner(0))
    else:
        yield _wrong_type(tree, "", _Owner())


def _make(
    code: str, pointer: str, message: str, hint: str | None = None, owner: _Owner | None = None
) -> Finding:
    owner = owner or _Owner()
    return Finding(
        code, REGISTRY[code].severity, message, hint,
        pointer=pointer, feature_index=owner.index, feature_id=owner.id,
    )  # fmt: skip


def _wrong_type(value: dict[str, object], pointer: str, owner: _Owner) -> Finding:
    """Say what an object without a usable type looks like."""
    kind = value.get("type")
    if kind == "Topology" or ("arcs" in value and "objects" in value):
        return _make("GJ104", pointer, "this is TopoJSON, not GeoJSON",
                     "Convert it, for example with topo2geo.", owner)  # fmt: skip
    esri = ("geometryType", "spatialReference", "rings", "paths", "fieldAliases")
    is_esri = any(name in value for name in esri) or ("attributes" in value and not kind)
    if is_esri and kind not in _TYPES:
        return _make("GJ105", pointer, "this is Esri JSON, not GeoJSON",
                     "Ask the service for f=geojson.", owner)  # fmt: skip
    if "type" not in value:
        return _make("GJ102", pointer, 'the member "type" is missing', object_hint(value), owner)
    here = f"{pointer}/type"
    if not isinstance(kind, str):
        return _make("GJ107", here, f'"type" is {type_name(kind)}, not a text', None, owner)
    near = _LOWER.get(kind.strip().lower())
    hint = f'Write "{near}".' if near else f"GeoJSON has {', '.join(_TYPES)}."
    return _make("GJ103", here, f'the type "{shorten(kind)}" is not one of GeoJSON', hint, owner)


def _text_hint(value: object) -> str | None:
    return value_hint(value) if isinstance(value, str) else None


def _check_members(
    value: dict[str, object], kind: str, pointer: str, owner: _Owner
) -> Iterator[Finding]:
    """Check members that no object of this kind may have."""
    for member in _FORBIDDEN[kind]:
        if member in value:
            article = {"geometry": "a geometry", "Feature": "a Feature"}.get(kind, f"a {kind}")
            yield _make(
                "GJ109", f"{pointer}/{member}", f'{article} must not have a member "{member}"',
                "Move it to the object that it belongs to.", owner,
            )  # fmt: skip


def _check_collection(view: View, tree: dict[str, object]) -> Iterator[Finding]:
    yield from _check_members(tree, "FeatureCollection", "", _Owner())
    if "features" not in tree:
        yield _make("GJ106", "", 'the member "features" is missing', 'Add "features": [].')
        return
    features = tree["features"]
    if not isinstance(features, list):
        yield _make("GJ107", "/features", f'"features" is {type_name(features)}, not an array')
        return
    if not features:
        yield _make("GJ120", "/features", "the collection has no features")
    rows = iter(view.flat.features)
    row = next(rows, None)
    for index, feature in enumerate(features):
        if row is None or row.index != index:
            yield _no_feature(feature, f"/features/{index}", _Owner(index))
            continue
        if not _is_plain(feature):
            yield from _check_feature(feature, row.pointer, _Owner(index, row.id))
        row = next(rows, None)


_PLAIN = {"type", "properties", "geometry"}, {"type", "id", "properties", "geometry"}
_PLAIN_GEOMETRY = {"type", "coordinates"}


def _is_plain(feature: dict[str, object]) -> bool:
    """Tell at a glance that nothing is to be said of a feature, as of nearly all of them."""
    geometry = feature.get("geometry")
    return (
        feature.keys() in _PLAIN
        and geometry.__class__ is dict
        and geometry.keys() == _PLAIN_GEOMETRY
        and geometry["coordinates"].__class__ is Region
        and geometry["type"] in DEPTHS
        and feature["properties"].__class__ is dict
        and feature.get("id", "").__class__ in (str, int)
    )


def _no_feature(value: object, pointer: str, owner: _Owner) -> Finding:
    if not isinstance(value, dict):
        message = f"a feature is {type_name(value)}, not an object"
        return _make("GJ107", pointer, message, _text_hint(value), owner)
    kind = value.get("type")
    if isinstance(kind, str) and kind in _TYPES:
        hint = (
            "Take its features out of it."
            if kind == "FeatureCollection"
            else 'Wrap it: {"type": "Feature", "properties": {}, "geometry": ...}.'
        )
        return _make("GJ108", pointer, f"a {kind} stands where a Feature belongs", hint, owner)
    return _wrong_type(value, pointer, owner)


def _check_feature(feature: dict[str, object], pointer: str, owner: _Owner) -> Iterator[Finding]:
    if feature.keys() - {"type", "id", "properties", "geometry"}:
        yield from _check_members(feature, "Feature", pointer, owner)
    if "id" in feature:
        value = feature["id"]
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            message = f"the id is {type_name(value)}, neither a text nor a number"
            yield _make("GJ110", f"{pointer}/id", message, "Write a text or leave it out.", owner)
    if "properties" not in feature:
        hint = 'Add "properties": {}.'
        yield _make("GJ106", pointer, 'the member "properties" is missing', hint, owner)
    elif not (feature["properties"] is None or isinstance(feature["properties"], dict)):
        name = type_name(feature["properties"])
        message = f'"properties" is {name}, neither an object nor null'
        yield _make("GJ107", f"{pointer}/properties", message, None, owner)
    if "geometry" not in feature:
        hint = 'Add "geometry": null if there is none.'
        yield _make("GJ106", pointer, 'the member "geometry" is missing', hint, owner)
    elif feature["geometry"] is None:
        yield _make("GJ121", f"{pointer}/geometry", "the feature has no geometry", None, owner)
    else:
        yield from _check_geometry(feature["geometry"], f"{pointer}/geometry", owner)


def _check_geometry(root: object, root_pointer: str, owner: _Owner) -> Iterator[Finding]:
    """Check a geometry object and, in collections, those inside; without recursion."""
    stack = [(root, root_pointer, 0)]
    while stack:
        value, pointer, level = stack.pop()
        if not isinstance(value, dict):
            message = f"a geometry is {type_name(value)}, not an object"
            yield _make("GJ107", pointer, message, _text_hint(value), owner)
            continue
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            yield _wrong_type(value, pointer, owner)
        elif kind in ("Feature", "FeatureCollection"):
            message = f"a {kind} stands where a geometry belongs"
            yield _make("GJ108", pointer, message, "Put its geometry there.", owner)
        else:
            if value.keys() - {"type", "coordinates", "geometries"}:
                yield from _check_members(value, "geometry", pointer, owner)
            if kind == "GeometryCollection":
                yield from _check_geometries(value, pointer, level, owner)
                members = value.get("geometries")
                if isinstance(members, list) and level < MAX_COLLECTIONS:
                    stack.extend(
                        (members[i], f"{pointer}/geometries/{i}", level + 1)
                        for i in reversed(range(len(members)))
                    )
            else:
                yield from _check_coordinates_member(value, pointer, owner)


def _check_geometries(
    value: dict[str, object], pointer: str, level: int, owner: _Owner
) -> Iterator[Finding]:
    if level == 1:
        message = "a GeometryCollection inside a GeometryCollection"
        yield _make("GJ116", pointer, message, "Put its members into the outer one.", owner)
    if level >= MAX_COLLECTIONS:
        message = f"GeometryCollections are nested more than {MAX_COLLECTIONS} deep"
        yield _make("GJ118", pointer, message, "Put all geometries into one collection.", owner)
        return
    if "geometries" not in value:
        hint = "A GeometryCollection has geometries, not coordinates."
        yield _make("GJ106", pointer, 'the member "geometries" is missing', hint, owner)
        return
    members = value["geometries"]
    here = f"{pointer}/geometries"
    if not isinstance(members, list):
        yield _make(
            "GJ107", here, f'"geometries" is {type_name(members)}, not an array', None, owner
        )
    elif not members:
        yield _make("GJ119", here, "the GeometryCollection is empty", None, owner)
    elif len(members) == 1 and level == 0 and not _is_collection(members[0]):
        hint = "Write the geometry itself."
        yield _make("GJ117", here, "the GeometryCollection has one member", hint, owner)


def _is_collection(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "GeometryCollection"


def _check_coordinates_member(
    value: dict[str, object], pointer: str, owner: _Owner
) -> Iterator[Finding]:
    kind = value["type"]
    if "coordinates" not in value:
        yield _make("GJ106", pointer, 'the member "coordinates" is missing', None, owner)
        return
    coordinates = value["coordinates"]
    here = f"{pointer}/coordinates"
    if isinstance(coordinates, Region):
        return
    if not isinstance(coordinates, list):
        message = f'"coordinates" is {type_name(coordinates)}, not an array'
        hint = "Write [longitude, latitude]." if is_place(coordinates) else _text_hint(coordinates)
        yield _make("GJ107", here, message, hint, owner)
    elif not coordinates and kind != "Point":
        hint = "Give it coordinates, or write null as the geometry of the feature."
        yield _make("GJ119", here, f"the {kind} has no coordinates", hint, owner)
