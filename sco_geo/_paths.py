"""The files that the paths of a run stand for, and reports on paths that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sco_geo import geojson, rules
from sco_geo.errors import InputPathError
from sco_geo.geojson import Document
from sco_geo.model import FileReport, Finding
from sco_geo.sources import SOURCES_FILE


@dataclass(frozen=True, eq=False)
class CheckedFile:
    """The report of one path, with the document if it could be opened."""

    report: FileReport
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check and the directory of tables that it belongs to, if any."""

    path: Path
    directory: Path | None


def expand(
    paths: Sequence[Path], project: bool | None
) -> tuple[list[Target], dict[Path, CheckedFile]]:
    """Return the files that paths stand for, and reports on those that cannot be listed."""
    targets: dict[Path, Target] = {}
    unreadable: dict[Path, CheckedFile] = {}
    for path in paths:
        is_directory = _is_directory(path)
        inside = [path]
        if is_directory:
            try:
                inside = _files_in(path)
            except InputPathError as error:
                unreadable[path] = report_unreadable(path, error)
                continue
        is_project = project
        if project is None:
            is_project = is_directory and os.path.isfile(path / SOURCES_FILE)
        for file in inside:
            target = Target(file, file.parent if is_project else None)
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
        files = geojson.files_in(directory)
        if files:
            return files
        others = sum(name.lower().endswith(".json") for name in os.listdir(directory))
    except OSError as error:
        raise InputPathError(f"cannot open: {error.strerror}", code="IO003") from error
    if not others:
        raise InputPathError("a directory without any *.geojson file", code="IO005")
    message = (
        f"no *.geojson in the directory, but {rules.plural(others, 'file')} ending in .json: "
        f"give {'it' if others == 1 else 'them'} by name"
    )
    raise InputPathError(message, code="IO005")


def report_unreadable(path: Path, error: InputPathError) -> CheckedFile:
    """Report a path that cannot be opened."""
    return report_unusable(path, error.code, str(error))


def report_unusable(path: Path, code: str, message: str) -> CheckedFile:
    """Report a path that cannot be used for what it was given."""
    rule = rules.REGISTRY[code]
    finding = Finding(
        code, rule.severity, message, rule.good, path=str(path), layer=path.stem or None
    )
    return CheckedFile(FileReport(str(path), (finding,), is_unreadable=True))
