"""Check files: which paths, with which profile, by which rules; findings with their place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sco_geo import geojson, rules
from sco_geo._json_text import shorten
from sco_geo._paths import CheckedFile, Target, expand, report_unreadable
from sco_geo._progress import progress_bar
from sco_geo._surroundings import ContextPaths, Judge, read_given
from sco_geo.catalog import Catalog, load, load_settings, shipped_directory
from sco_geo.errors import InputPathError, UsageError
from sco_geo.geojson import Document
from sco_geo.model import FileReport, Finding, Report
from sco_geo.rules import Project, View
from sco_geo.sources import Tables

if TYPE_CHECKING:
    from os import PathLike

#: Bytes, each counted twice, that take some seconds.
_MUCH = 100_000_000
#: Findings of one code in one file that are kept; the last of them counts the rest.
MOST_FINDINGS = 100_000
#: Longest id, message and JSON pointer of a finding, in characters; files may hold longer ones.
_LONGEST_ID, _LONGEST_MESSAGE, _LONGEST_POINTER = 200, 600, 1000


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


def validate(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    project: bool | None = None,
    context: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
) -> Report:
    """Check GeoJSON files and say what is wrong, where, and what to do about it.

    Parameters
    ----------
    paths : path or sequence of paths
        Files, or directories, of which the ``*.geojson`` are taken (not recursively).
    project : bool, optional
        Whether attributes, sources and tables count too. Default: for directories that hold a
        ``sources.csv``, and for nothing else.
    context : "geo", path or sequence of them
        Territories that routes are compared with; "geo" means the shipped ones. Without any,
        files of the same run that hold only territories serve for the others. A path without any
        territory is an error (IO007).

    Returns
    -------
    Report
        With ``.findings``, ``.verdict`` and ``.raise_for_errors()``. Never raises for what a
        file holds, nor for a path that cannot be opened.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    around = [context] if isinstance(context, (str, os.PathLike)) else context
    if not all(map(os.fspath, [*given, *around])):
        raise UsageError("a path is empty")  # it must not mean the current directory
    return check([Path(path) for path in given], project=project, context=around).report


def check(
    paths: Sequence[Path],
    *,
    project: bool | None = None,
    context: ContextPaths = (),
    tables: Tables | None = None,
    as_of: str | None = None,
    replaced: Collection[Path] = (),
    progress: bool = False,
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
    progress : bool
        Show a progress bar if standard error is a terminal.
    """
    targets, unreadable = expand(paths, project)
    sizes = {target.path: _size(target.path) for target in targets}
    whole = 2 * sum(sizes.values())  # a file is read and then checked
    is_long = whole > _MUCH
    with progress_bar("checking", whole, unit="B", is_wanted=progress, is_long=is_long) as advance:
        documents: dict[Path, Document] = {}
        for target in targets:
            try:
                documents[target.path] = geojson.read(target.path)
            except InputPathError as error:
                unreadable[target.path] = report_unreadable(target.path, error)
            advance(sizes[target.path])
        # A directory given under two names has its tables once.
        own = (t.directory for t in targets if t.directory is not None)
        directories = list({os.path.realpath(d): d for d in reversed(list(own))}.values())[::-1]
        if tables is None:
            tables = Tables.load(directories)
        if as_of is None and directories:
            as_of = load_settings([*directories, shipped_directory("layers")]).as_of
        given, lost = read_given(context)
        unreadable.update(lost)
        judge = Judge(documents, given, is_explicit=bool(context))
        views: dict[Path, View] = {}
        for target in targets:
            if target.path in documents:
                setting = _setting(target, tables, as_of, paths, is_asked=bool(project))
                surroundings = judge.context_for(target.path, setting)
                views[target.path] = View(documents[target.path], surroundings, setting)
        checked = {path: view for path, view in views.items() if path not in replaced}
        findings = _run_rules(checked, sizes, advance)
    files = [
        _checked(path, findings.get(path, ()), documents.get(path), unreadable.get(path))
        for path in dict.fromkeys([*(t.path for t in targets), *unreadable])
        if path not in replaced
    ]
    complete = [d for d in directories if d in paths]
    of_tables = rules.check_tables(tables, list(views.values()), complete)
    is_whole = bool(complete) and not replaced
    of_tables += rules.check_differences(tables, checked, is_whole=is_whole)
    return Run(tuple(files), of_tables)


def _checked(
    path: Path,
    findings: tuple[Finding, ...],
    document: Document | None,
    unusable: CheckedFile | None,
) -> CheckedFile:
    """Join what was found in a file with what is wrong with its path, or with it as context."""
    if unusable is None:
        return CheckedFile(FileReport(str(path), findings), document)
    report = replace(unusable.report, findings=(*unusable.report.findings, *findings))
    return CheckedFile(report, document)


def _setting(
    target: Target, tables: Tables, as_of: str | None, paths: Sequence[Path], *, is_asked: bool
) -> Project | None:
    """Return what the project rules need; a file without a sidecar need not be complete."""
    if target.directory is None:
        return None
    is_complete = is_asked or os.path.isfile(target.path.with_suffix(".toml"))
    return Project(tables, as_of, target.directory, is_complete, target.directory in paths)


def _size(path: Path) -> int:
    """Return the bytes of a file; 0 for what cannot be looked at, which reading it will tell."""
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def load_checked(
    paths: Sequence[Path], *, as_of: str | None = None, progress: bool = False
) -> Catalog:
    """Load layers into a catalog, if there is no error in them; see `load_with_report`."""
    return load_with_report(paths, as_of=as_of, progress=progress)[0]


def load_with_report(
    paths: Sequence[Path], *, as_of: str | None = None, progress: bool = False
) -> tuple[Catalog, Report]:
    """Load layers into a catalog, if there is no error in them or in the tables beside them.

    Returns
    -------
    catalog : Catalog
    report : Report
        The findings, none of them an error.

    Raises
    ------
    InputPathError
        For a path that cannot be opened.
    ValidationError
        With all findings, if one of them is an error.
    """
    # The shipped territories, and not those among the layers, which may be a part of the world.
    run = check(paths, project=False, context=("geo",), progress=progress)
    for file in run.files:
        if file.report.is_unreadable:
            raise InputPathError("; ".join(f.to_text() for f in file.report.findings))
    run.report.raise_for_errors()
    catalog = load(paths, run.documents, as_of=as_of)
    Report(tables=catalog.tables.findings).raise_for_errors()
    return catalog, run.report


def _run_rules(
    views: dict[Path, View], sizes: dict[Path, int], advance: Callable[[float], object]
) -> dict[Path, tuple[Finding, ...]]:
    found = {}
    for path, view in views.items():
        found[path] = _limited(rules.check_document(view))
        advance(sizes[path])
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
