"""Check files: which paths, with which profile, by which rules; findings with their place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sco_geo import geojson, rules
from sco_geo._flat import POLYGONS
from sco_geo._json_text import shorten
from sco_geo.catalog import Catalog, load, load_settings, shipped_directory
from sco_geo.errors import InputPathError
from sco_geo.geojson import Document
from sco_geo.model import FileReport, Finding, Report
from sco_geo.rules import Context, Project, View
from sco_geo.sources import SOURCES_FILE, Tables

if TYPE_CHECKING:
    from os import PathLike

ContextPaths = Sequence[Path] | Literal["geo"]

#: Findings of one code in one file that are kept; the last of them counts the rest.
MOST_FINDINGS = 100_000
#: Longest id, message and JSON pointer of a finding, in characters; files may hold longer ones.
_LONGEST_ID, _LONGEST_MESSAGE, _LONGEST_POINTER = 200, 600, 1000


@dataclass(frozen=True, eq=False)
class CheckedFile:
    """The report of one path, with the document if it could be opened."""

    report: FileReport
    document: Document | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """The outcome of checking several paths together."""

    files: tuple[CheckedFile, ...]
    tables: tuple[Finding, ...] = ()
    """Findings in the CSV tables of the project directories."""

    @property
    def documents(self) -> dict[Path, Document]:
        """Return the documents of the paths that could be opened."""
        return {Path(f.report.path): f.document for f in self.files if f.document is not None}

    @property
    def report(self) -> Report:
        """Return the findings without the documents."""
        return Report(tuple(file.report for file in self.files), self.tables)


@dataclass(frozen=True, slots=True)
class _Target:
    """A file to check and the directory of tables that it belongs to, if any."""

    path: Path
    directory: Path | None


def validate(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    project: bool | None = None,
    context: str | Sequence[str | PathLike[str]] = (),
) -> Report:
    """Check GeoJSON files and say what is wrong, where, and what to do about it.

    Parameters
    ----------
    paths : path or sequence of paths
        Files, or directories, of which the ``*.geojson`` are taken (not recursively).
    project : bool, optional
        Whether attributes, sources and tables count too. Default: for directories that hold a
        ``sources.csv``, and for nothing else.
    context : "geo" or sequence of paths
        Territories that routes are compared with; "geo" means the shipped ones. Without any,
        files of the same run that hold only territories serve for the others.

    Returns
    -------
    Report
        With ``.findings``, ``.verdict`` and ``.raise_for_errors()``. Never raises for what a
        file holds, nor for a path that cannot be opened.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    places: ContextPaths
    if isinstance(context, str):
        places = "geo" if context == "geo" else [Path(context)]
    else:
        places = [Path(path) for path in context]
    return check([Path(path) for path in given], project=project, context=places).report


def check(
    paths: Sequence[Path],
    *,
    project: bool | None = None,
    context: ContextPaths = (),
    tables: Tables | None = None,
    as_of: str | None = None,
    replaced: Collection[Path] = (),
) -> Run:
    """Check files and directories together.

    Parameters
    ----------
    replaced : collection of Path
        Files of the directories that others of the same name replace: they are not checked, but
        rows of tables may still be about their features.
    tables : Tables, optional
        Default: those of the project directories, read here.
    as_of : str, optional
        ISO date that dates are compared with. Default: the setting of the project directories,
        else the shipped one.
    """
    targets, unreadable = _expand(paths, project)
    documents: dict[Path, Document] = {}
    for target in targets:
        try:
            documents[target.path] = geojson.read(target.path)
        except InputPathError as error:
            unreadable[target.path] = _unreadable(target.path, error)
    directories = list(dict.fromkeys(t.directory for t in targets if t.directory is not None))
    if tables is None:
        tables = Tables.load(directories)
    if as_of is None and directories:
        as_of = load_settings([*directories, shipped_directory("layers")]).as_of
    given, lost = _read_given(context)
    unreadable.update(lost)
    judge = _Judge(documents, given, is_explicit=bool(context))
    views: dict[Path, View] = {}
    for target in targets:
        if target.path in documents:
            setting = _setting(target, tables, as_of, paths, is_asked=bool(project))
            surroundings = judge.context_for(target.path, setting)
            views[target.path] = View(documents[target.path], surroundings, setting)
    findings = _run_rules({path: view for path, view in views.items() if path not in replaced})
    files = [
        unreadable[path]
        if path in unreadable
        else CheckedFile(FileReport(str(path), findings[path]), documents[path])
        for path in dict.fromkeys([*(t.path for t in targets), *unreadable])
        if path not in replaced
    ]
    whole = [d for d in directories if d in paths]
    return Run(tuple(files), rules.check_tables(tables, list(views.values()), whole))


def _setting(
    target: _Target, tables: Tables, as_of: str | None, paths: Sequence[Path], *, is_asked: bool
) -> Project | None:
    """Return what the project rules need; a file without a sidecar need not be complete."""
    if target.directory is None:
        return None
    is_complete = is_asked or os.path.isfile(target.path.with_suffix(".toml"))
    return Project(tables, as_of, target.directory, is_complete, target.directory in paths)


def _read_given(context: ContextPaths) -> tuple[Context | None, dict[Path, CheckedFile]]:
    """Read the territories that the caller names."""
    if not context:
        return None, {}
    if context == "geo":
        return _read_context(_shipped_base())
    targets, unreadable = _expand([Path(path) for path in context], False)
    given, lost = _read_context([target.path for target in targets])
    return given, unreadable | lost


def _expand(
    paths: Sequence[Path], project: bool | None
) -> tuple[list[_Target], dict[Path, CheckedFile]]:
    targets: dict[Path, _Target] = {}
    unreadable: dict[Path, CheckedFile] = {}
    for path in paths:
        is_directory = _is_directory(path)
        inside = [path]
        if is_directory:
            try:
                inside = _files_in(path)
            except InputPathError as error:
                unreadable[path] = _unreadable(path, error)
                continue
        is_project = project
        if project is None:
            is_project = is_directory and os.path.isfile(path / SOURCES_FILE)
        for file in inside:
            target = _Target(file, file.parent if is_project else None)
            if file not in targets or target.directory:
                targets[file] = target
    return list(targets.values()), unreadable


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # reading it as a file will say why
        return False


def _files_in(directory: Path) -> list[Path]:
    """List the layers of a directory; a directory without any is as bad as one that is locked."""
    try:
        names = os.listdir(directory)
    except OSError as error:
        raise InputPathError(f"cannot open: {error.strerror}", code="IO003") from error
    files = sorted(directory / name for name in names if name.endswith(".geojson"))
    if not files:
        raise InputPathError("a directory without any *.geojson file", code="IO005")
    return files


def _unreadable(path: Path, error: InputPathError) -> CheckedFile:
    rule = rules.REGISTRY[error.code]
    finding = Finding(
        error.code, rule.severity, str(error), rule.good, path=str(path), layer=path.stem or None
    )
    return CheckedFile(FileReport(str(path), (finding,), is_unreadable=True))


class _Judge:
    """Chooses the territories that a document is compared with."""

    def __init__(
        self, documents: dict[Path, Document], given: Context | None, *, is_explicit: bool
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
        }

    @cached_property
    def _shipped(self) -> Context | None:
        paths = [path for path in _shipped_base() if path.is_file()]
        return _read_context(paths)[0] if paths else None

    def context_for(self, path: Path, project: Project | None) -> Context | None:
        if self._is_explicit:
            return self._given
        if project is not None:
            return self._shipped
        if path in self._territories:
            return None
        others = [document for other, document in self._territories.items() if other != path]
        if others:
            return Context.collect(others)
        areas = [document for other, document in self._areas.items() if other != path]
        if not areas or path in self._areas:
            return None
        return Context.collect(areas, is_certain=False)


def _shipped_base() -> list[Path]:
    """Return the files that the layers of a project are compared with."""
    names = ("territories.geojson", "disputed.geojson", "places.geojson")
    return [shipped_directory("geo") / name for name in names]


def _read_context(paths: list[Path]) -> tuple[Context | None, dict[Path, CheckedFile]]:
    documents: list[Document] = []
    unreadable: dict[Path, CheckedFile] = {}
    for path in paths:
        try:
            documents.append(geojson.read(path))
        except InputPathError as error:
            unreadable[path] = _unreadable(path, error)
    return Context.collect(documents), unreadable


def load_checked(paths: Sequence[Path], *, as_of: str | None = None) -> Catalog:
    """Load layers into a catalog, if there is no error in them or in the tables beside them.

    Raises
    ------
    InputPathError
        For a path that cannot be opened.
    ValidationError
        With all findings, if one of them is an error.
    """
    run = check(paths, project=False)
    for file in run.files:
        if file.report.is_unreadable:
            raise InputPathError("; ".join(f.to_text() for f in file.report.findings))
    run.report.raise_for_errors()
    catalog = load(paths, run.documents, as_of=as_of)
    Report(tables=catalog.tables.findings).raise_for_errors()
    return catalog


def _run_rules(views: dict[Path, View]) -> dict[Path, tuple[Finding, ...]]:
    found = {path: _limited(rules.check_document(view)) for path, view in views.items()}
    for path, finding in rules.check_together(views):
        found[path].append(finding)
    return {
        path: tuple(_place(views[path].document, rules.apply_accepted(views[path], findings)))
        for path, findings in found.items()
    }


def _limited(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the first findings of each code, so that a report fits into memory."""
    kept: list[Finding] = []
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MOST_FINDINGS:
            last[finding.code] = len(kept)
            kept.append(finding)
    for code, index in last.items():
        if counts[code] > MOST_FINDINGS:
            more = f"(and {counts[code] - MOST_FINDINGS:,} more like this in the file)"
            kept[index] = replace(kept[index], message=f"{kept[index].message} {more}")
    return kept


def _place(document: Document, findings: list[Finding]) -> Iterator[Finding]:
    """Add file, layer, line and column, and sort by place in the text."""
    wanted = {f.pointer for f in findings if f.line is None and f.pointer is not None}
    places = document.locate_all(wanted) if wanted else {}
    layer = Path(document.path).stem
    placed = []
    for finding in findings:
        line, column = finding.line, finding.column
        if line is None and finding.pointer is not None:
            line, column = places.get(finding.pointer, (None, None))
        finding = _shortened(finding)
        placed.append(replace(finding, path=document.path, layer=layer, line=line, column=column))
    placed.sort(key=lambda f: (f.line or 0, f.column or 0, f.code))
    yield from placed


def _shortened(finding: Finding) -> Finding:
    """Cut what the data made too long; a pointer is cut back to a parent."""
    name, pointer = finding.feature_id or "", finding.pointer or ""
    if max(len(name), len(finding.message), len(pointer)) <= _LONGEST_ID:
        return finding
    if len(name) > _LONGEST_ID:
        finding = replace(finding, feature_id=shorten(name, _LONGEST_ID))
    if len(pointer) > _LONGEST_POINTER:
        finding = replace(finding, pointer=pointer[: _LONGEST_POINTER + 1].rpartition("/")[0])
    return replace(finding, message=shorten(finding.message, _LONGEST_MESSAGE))
