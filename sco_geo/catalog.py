"""Layers, their sidecars and tables, and the base geography, joined into one typed catalog."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiLineString
from shapely.geometry.base import BaseGeometry

from sco_geo import geojson
from sco_geo.errors import CatalogError
from sco_geo.sources import ISO_DATE, Tables
from sco_geo.units import LANGUAGES, split_list

SETTINGS_FILE = "atlas.toml"


@dataclass(frozen=True)
class Feature:
    """One feature of a layer, with the house attributes made easy to ask for."""

    id: str
    layer: str
    index: int
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    status: str

    @property
    def kind(self) -> str:
        """Return the declared kind, or one that fits the geometry."""
        kind = self.properties.get("kind")
        if isinstance(kind, str) and kind:
            return kind
        return {"Point": "place", "MultiPoint": "place"}.get(
            self.geometry.geom_type if self.geometry is not None else "", "other"
        )

    @cached_property
    def line(self) -> BaseGeometry | None:
        """Return the lines of the geometry, also those inside a collection, or None."""
        lines = [part for part in _simple_parts(self.geometry) if part.geom_type == "LineString"]
        if len(lines) > 1:
            return MultiLineString(lines)
        return lines[0] if lines else None

    @property
    def is_line(self) -> bool:
        """Tell whether the feature has a length, whatever its kind says."""
        return self.line is not None

    @property
    def name(self) -> str:
        """Return the name, or the id where there is none."""
        return str(self.properties.get("name") or self.id)

    @property
    def system(self) -> str | None:
        """Return the id of the whole that this feature is a section of."""
        value = self.properties.get("system")
        return str(value) if value else None

    @property
    def countries(self) -> tuple[str, ...]:
        """Return the ISO 3166 alpha-3 codes in order of travel."""
        return split_list(self.properties.get("countries"))

    @property
    def strays_into(self) -> tuple[str, ...]:
        """Return the countries that the drawn chord crosses though the real line does not."""
        return split_list(self.properties.get("strays_into"))

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Return the ids of the sources of the feature."""
        return split_list(self.properties.get("sources"))

    @property
    def accuracy_km(self) -> float | None:
        """Return the half-width of the band of the true position, in km."""
        value = self.properties.get("accuracy_km")
        return float(value) if isinstance(value, int | float) else None


def _simple_parts(geometry: BaseGeometry | None) -> list[BaseGeometry]:
    parts = list(shapely.get_parts(geometry)) if geometry is not None else []
    if len(parts) == 1 and parts[0].geom_type == getattr(geometry, "geom_type", ""):
        return parts
    return [simple for part in parts for simple in _simple_parts(part)]


@dataclass(frozen=True)
class Sidecar:
    """What ``<layer>.toml`` says about a layer; every part has a default."""

    title: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    group: str = "other"
    order: int = 1000
    visible: bool = True
    licence: str | None = None
    attribution: str | None = None
    processing: tuple[str, ...] = ()
    warnings: tuple[dict[str, str], ...] = ()
    unlocated: tuple[dict[str, Any], ...] = ()
    accepted: tuple[object, ...] = ()
    """Warnings of the validator that are explained: tables with code, id and reason."""
    systems: dict[str, dict[str, str]] = field(default_factory=dict)
    view_of: str | None = None
    """File of ``geo/`` whose features the layer shows; it then has no GeoJSON of its own."""
    roles: tuple[str, ...] = ()
    """Roles of the features that a view takes; none means all features."""


@dataclass(frozen=True)
class Layer:
    """One GeoJSON file of the theme, or a view of one of the base, with its sidecar."""

    id: str
    path: Path
    sidecar: Sidecar
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class Settings:
    """The one tracked setting file of the atlas, ``layers/atlas.toml``."""

    as_of: str
    title: dict[str, str]
    subtitle: dict[str, str]
    disclaimer: dict[str, str]
    dates: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Catalog:
    """Everything that a build, a measurement or a report needs to know about the data."""

    layers: tuple[Layer, ...]
    tables: Tables
    settings: Settings
    directories: tuple[Path, ...]
    replaced: tuple[tuple[Path, Path], ...] = ()
    """Pairs (file that counts, shipped file that it replaces)."""

    @property
    def features(self) -> Iterator[Feature]:
        """Iterate over the features of all layers, in drawing order."""
        for layer in self.layers:
            yield from layer.features

    @cached_property
    def systems(self) -> dict[str, list[Feature]]:
        """Return the sections with a length of each system."""
        systems: dict[str, list[Feature]] = {}
        for feature in self.features:
            if feature.system and feature.is_line:
                systems.setdefault(feature.system, []).append(feature)
        return systems


def shipped_directory(name: str) -> Path:
    """Return the shipped ``geo`` or ``layers``: beside the package, or inside an installed one."""
    package = Path(__file__).resolve().parent
    checkout = package.parent / name
    if (package.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return package / "_data" / name


def layer_directories(
    extra: Sequence[Path] = (), *, shipped: bool = True, here: Path | None = None
) -> list[Path]:
    """Return the directories whose layers are built.

    The shipped layers, then ``./layers`` if there is one, or the `extra` directories in its
    place; a later file replaces an earlier one of the same name.
    """
    directories = [shipped_directory("layers")] if shipped else []
    local = (here or Path.cwd()) / "layers"
    for directory in extra or ([local] if local.is_dir() else []):
        if directory.resolve() not in [known.resolve() for known in directories]:
            directories.append(directory)
    return directories


def layer_files(paths: Sequence[Path]) -> tuple[list[Path], list[tuple[Path, Path]]]:
    """Return the layer files that count, and the pairs (file, earlier file replaced by it).

    A directory means its ``*.geojson``, not those of its subdirectories.
    """
    files: dict[str, Path] = {}
    replaced: list[tuple[Path, Path]] = []
    for given in paths:
        for path in geojson.files_in(given) if given.is_dir() else [given]:
            if path.name in files:
                replaced.append((path, files[path.name]))
            files[path.name] = path
    return [files[name] for name in sorted(files)], replaced


def table_directories(paths: Sequence[Path]) -> list[Path]:
    """Return the directories whose tables belong to the paths: each directory, each parent."""
    return list(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))


def load(
    paths: Sequence[Path],
    documents: dict[Path, geojson.Document] | None = None,
    *,
    tables: Tables | None = None,
    as_of: str | None = None,
) -> Catalog:
    """Read layers, sidecars, tables and settings into a catalog.

    Parameters
    ----------
    paths : sequence of Path
        Directories or layer files; a later layer file replaces an earlier one of the same name.
    documents : dict of Path to Document, optional
        Documents that a validation has read already, so that no file is read twice.
    tables : Tables, optional
        The tables of the same paths, if they are read already.
    as_of : str, optional
        ISO date that overrides the setting.

    Raises
    ------
    CatalogError
        If the settings or a sidecar are malformed.
    """
    files, replaced = layer_files(paths)
    directories = table_directories(paths)
    tables = tables or Tables.load(directories)
    settings = load_settings([*directories, shipped_directory("layers")], as_of)
    layers = [
        _load_layer(path, (documents or {}).get(path) or geojson.read(path), tables, settings)
        for path in files
    ]
    whole = [path for path in paths if path.is_dir()]
    layers += _load_views(whole, {layer.id for layer in layers}, tables, settings)
    layers.sort(key=lambda layer: (layer.sidecar.order, layer.id))
    layers = _with_distinct_ids(layers)
    return Catalog(tuple(layers), tables, settings, tuple(directories), tuple(replaced))


def _with_distinct_ids(layers: Sequence[Layer]) -> list[Layer]:
    """Give a feature whose id is taken an id of its own, so that no two share their lengths."""
    taken: set[str] = set()
    result = []
    for layer in layers:
        features = []
        for feature in layer.features:
            name = feature.id
            while name in taken:
                name = f"{name}-{layer.id}-{feature.index + 1}"
            taken.add(name)
            features.append(feature if name == feature.id else replace(feature, id=name))
        result.append(replace(layer, features=tuple(features)))
    return result


def load_settings(directories: Sequence[Path], as_of: str | None = None) -> Settings:
    """Read ``atlas.toml`` of the first directory that has one."""
    for directory in directories:
        path = directory / SETTINGS_FILE
        if os.path.isfile(path):  # pathlib would raise for a locked directory
            raw = _read_toml(path)
            date = as_of or str(raw.get("as_of", ""))
            if not ISO_DATE.fullmatch(date) or len(date) != 10:
                raise CatalogError(f'{path}: as_of "{date}" is not a date YYYY-MM-DD')
            return Settings(
                date,
                _languages(raw.get("title"), "Eurasian connectivity"),
                _languages(raw.get("subtitle"), ""),
                _languages(raw.get("disclaimer"), ""),
                tuple(raw.get("dates", ())),
            )
    raise CatalogError(f"no {SETTINGS_FILE} in {', '.join(map(str, directories))}")


def _load_layer(
    path: Path, document: geojson.Document, tables: Tables, settings: Settings
) -> Layer:
    features = tuple(_feature(raw, path.stem, tables, settings.as_of) for raw in document.features)
    described = path.with_suffix(".toml")
    sidecar = load_sidecar(described)
    is_shipped = path.parent.resolve() == shipped_directory("layers").resolve()
    if is_shipped and described.is_file() and not (sidecar.licence and sidecar.attribution):
        raise CatalogError(f"{described}: a shipped layer needs a licence and an attribution")
    return Layer(path.stem, path, sidecar, features)


def _load_views(
    directories: Sequence[Path], taken: Collection[str], tables: Tables, settings: Settings
) -> list[Layer]:
    """Load the layers that are a view of a file of the base, from sidecars with ``view_of``."""
    views: dict[str, Layer] = {}
    for path in [path for directory in directories for path in sorted(directory.glob("*.toml"))]:
        if path.stem in taken or path.name == SETTINGS_FILE:
            continue
        sidecar = load_sidecar(path)
        if sidecar.view_of is None:
            continue
        base = shipped_directory("geo") / sidecar.view_of
        if base.parent != shipped_directory("geo") or not base.is_file():
            raise CatalogError(f'{path}: view_of "{sidecar.view_of}" is no file of geo/')
        features = tuple(
            _feature(raw, path.stem, tables, settings.as_of)
            for raw in geojson.read(base).features
            if not sidecar.roles
            or set(sidecar.roles) & set(split_list(raw.properties.get("roles")))
        )
        views[path.stem] = Layer(path.stem, base, sidecar, features)
    return list(views.values())


def _feature(raw: geojson.RawFeature, layer: str, tables: Tables, as_of: str) -> Feature:
    properties = dict(raw.properties)
    feature_id = raw.id or str(properties.get("id") or f"{layer}-{raw.index + 1}")
    scheme = "sco" if properties.get("kind") == "territory" else "project"
    rows = tables.intervals.get((feature_id, scheme))
    if rows:
        status = next((r.status for r in rows if r.holds_on(as_of)), "none")
    else:
        status = str(properties.get("status") or "")
    return Feature(feature_id, layer, raw.index, raw.geometry, properties, status)


def load_sidecar(path: Path) -> Sidecar:
    """Read the sidecar of a layer or of a file of the base; a missing one gives defaults."""
    fallback = path.stem.replace("_", " ").replace("-", " ").strip().capitalize()
    if not path.is_file():
        return Sidecar(_languages(None, fallback))
    raw = _read_toml(path)
    wanted = {
        "order": int,
        "visible": bool,
        "processing": list,
        "warnings": list,
        "unlocated": list,
        "accepted": list,
        "roles": list,
        "systems": dict,
        "view_of": str,
    }
    for key, kind in wanted.items():
        if key in raw and type(raw[key]) is not kind:
            raise CatalogError(f"{path}: {key} must be of type {kind.__name__}, not {raw[key]!r}")
    for number, entry in enumerate(raw.get("unlocated", ())):
        if not isinstance(entry, dict) or not isinstance(entry.get("sources", []), list):
            raise CatalogError(f"{path}: unlocated {number + 1} must be a table, sources a list")
    return Sidecar(
        title=_languages(raw.get("title"), fallback),
        description=_languages(raw.get("description"), ""),
        group=str(raw.get("group", "other")),
        order=raw.get("order", 1000),
        visible=raw.get("visible", True),
        licence=raw.get("licence"),
        attribution=raw.get("attribution"),
        processing=tuple(raw.get("processing", ())),
        warnings=tuple(_languages(warning, "") for warning in raw.get("warnings", ())),
        unlocated=tuple(raw.get("unlocated", ())),
        accepted=tuple(raw.get("accepted", ())),
        systems={key: _languages(name, key) for key, name in raw.get("systems", {}).items()},
        view_of=raw.get("view_of"),
        roles=tuple(raw.get("roles", ())),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: not readable as TOML: {error}") from error


def _languages(value: object, fallback: str) -> dict[str, str]:
    """Return a text in each language; a missing language falls back to English."""
    texts = value if isinstance(value, dict) else {"en": value or fallback}
    english = str(texts.get("en") or fallback)
    return {language: str(texts.get(language) or english) for language in LANGUAGES}
