"""The territories that each file of a run is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sco_geo import geojson, rules
from sco_geo._flat import POLYGONS
from sco_geo._paths import CheckedFile, expand, report_unreadable, report_unusable
from sco_geo.catalog import shipped_directory
from sco_geo.errors import InputPathError
from sco_geo.geojson import Document
from sco_geo.rules import Context, Project

if TYPE_CHECKING:
    from os import PathLike

#: What a caller may give as territories: paths, and "geo" for the shipped ones.
ContextPaths = Sequence["str | PathLike[str]"]


def read_given(context: ContextPaths) -> tuple[Context | None, dict[Path, CheckedFile]]:
    """Read the territories that the caller names, and report the paths that give none."""
    if not context:
        return None, {}
    documents, unusable = _read(_shipped_base()) if "geo" in context else ({}, {})
    files: dict[Path, list[Path]] = {}
    for path in [Path(path) for path in context if path != "geo"]:
        targets, lost = expand([path], False)
        files[path] = [target.path for target in targets]
        found, unread = _read([file for file in files[path] if file not in documents])
        documents.update(found)
        unusable.update(lost | unread)
    given = _collect(documents)
    sources = given.sources if given is not None else ()
    for path, inside in files.items():
        unusable.update(
            _without_use(path, [documents[f] for f in inside if f in documents], sources)
        )
    return given, unusable


def _collect(
    documents: Mapping[Path, Document], *, is_certain: bool = True, is_beside: bool = False
) -> Context | None:
    """Take the territories of documents, and note where they are from."""
    context = Context.collect(documents.values(), is_certain=is_certain)
    if context is None:
        return None
    shipped = {str(path) for path in _shipped_base()}
    return replace(context, is_beside=is_beside, is_shipped=shipped.issuperset(context.sources))


def _without_use(
    path: Path, documents: list[Document], sources: Iterable[str]
) -> dict[Path, CheckedFile]:
    """Report what a path of the context holds in vain.

    Files that hold something else may lie beside territories in a directory; one that cannot be
    understood may not, for nobody knows what is missing.
    """
    broken = [Path(document.path) for document in documents if not document.is_json]
    if broken:
        message = "no territories in the context: not valid JSON"
        return {file: report_unusable(file, "IO007", message) for file in broken}
    if not documents or not {document.path for document in documents}.isdisjoint(sources):
        return {}
    message = f"no territories in the context: {rules.why_no_territories(documents)}"
    return {path: report_unusable(path, "IO007", message)}


class Judge:
    """Chooses the territories that a document is compared with."""

    def __init__(
        self, documents: Mapping[Path, Document], given: Context | None, *, is_explicit: bool
    ) -> None:
        self._given = given
        self._is_explicit = is_explicit
        self._territories = {
            path: document
            for path, document in documents.items()
            if rules.is_territory_layer(document)
        }
        self._areas = {
            path: document
            for path, document in documents.items()
            if set(document.flat.geometry_type) <= set(POLYGONS)
            and not any(rules.is_mapped_thing(row.properties) for row in document.flat.features)
        }

    @cached_property
    def _shipped(self) -> Context | None:
        documents = _read([path for path in _shipped_base() if path.is_file()])[0]
        return _collect(documents)

    @cached_property
    def _beside(self) -> Context | None:
        """The territories of the run, else areas that may be some."""
        if self._territories:
            return _collect(self._territories, is_beside=True)
        return _collect(self._areas, is_certain=False, is_beside=True)

    def context_for(self, path: Path, project: Project | None) -> Context | None:
        """Return the territories for one document; None if there is nothing to compare with."""
        if self._is_explicit:
            return self._given
        if project is not None:
            return self._shipped
        is_among_them = path in (self._territories or self._areas)
        return None if is_among_them else self._beside


def _shipped_base() -> list[Path]:
    """Return the files that the layers of a project are compared with."""
    names = ("territories.geojson", "disputed.geojson", "places.geojson")
    return [shipped_directory("geo") / name for name in names]


def _read(paths: Iterable[Path]) -> tuple[dict[Path, Document], dict[Path, CheckedFile]]:
    documents: dict[Path, Document] = {}
    unreadable: dict[Path, CheckedFile] = {}
    for path in paths:
        try:
            documents[path] = geojson.read(path)
        except InputPathError as error:
            unreadable[path] = report_unreadable(path, error)
    return documents, unreadable
