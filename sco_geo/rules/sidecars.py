"""Rules on the sidecars of a project's layers, and the exceptions that they explain."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sco_geo.catalog import SETTINGS_FILE, Sidecar, load_sidecar, shipped_directory
from sco_geo.errors import CatalogError
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, register
from sco_geo.sources import SOURCES_FILE

register(
    Rule(
        "SR505", "warning", "sidecar missing",
        "A layer of a project has no file of the same name with the ending .toml. It is only "
        "noted, and missing attributes are accepted, unless --project asks for all.",
        "Title, licence and attribution are unknown.",
        "layers/roads.geojson alone", "layers/roads.geojson and layers/roads.toml",
    ),
    Rule(
        "SR506", "error", "exception without reason",
        "An entry [[accepted]] of a sidecar lacks code, id or reason, or its code is none of a "
        "warning. Errors cannot be accepted.",
        "Nobody could tell later why the warning was let pass.",
        '[[accepted]]\ncode = "TP413"\nid = "x"',
        '[[accepted]]\ncode = "TP413"\nid = "x"\nreason = "The figure counts the branches."',
    ),
    Rule(
        "SR507", "warning", "exception for nothing",
        "An entry [[accepted]] of a sidecar matches no finding.",
        "The fault is mended, or the id is wrong; a later fault would be let pass.",
        'an entry for "rail-7" that has no finding any more', "the entry deleted",
    ),
    Rule(
        "SR508", "error", "sidecar not readable",
        "A sidecar is no TOML, a value in it is of the wrong type, or it is to show a file of geo/ "
        "that does not exist.",
        "The layer would not load.",
        'order = "first"', "order = 1",
    ),
    Rule(
        "SR509", "warning", "system without a title",
        "A feature is a section of a system that the sidecar gives no title.",
        "The page would show the id.",
        '"system": "cku-railway" without [systems.cku-railway]', "[systems.cku-railway]",
    ),
)  # fmt: skip

_KEYS = ("code", "id", "reason")
#: Rules that speak on some dates of the map and not on others: an entry may wait for its date.
_BY_DATE = frozenset({"AT318", "AT319"})


@dataclass(frozen=True, slots=True)
class _Accepted:
    code: str
    id: str
    reason: str


def _path(view: View) -> Path:
    return Path(view.document.path).with_suffix(".toml")


def _load(view: View) -> Sidecar:
    try:
        return load_sidecar(_path(view))
    except (CatalogError, OSError):  # reported by check_sidecar
        return Sidecar({})


def _say(code: str, view: View, message: str, hint: str) -> Finding:
    return Finding(code, REGISTRY[code].severity, f"{_path(view).name}: {message}", hint)


def check_sidecar(view: View) -> Iterator[Finding]:
    """Check that a layer of a project has a sidecar that can be read and names real sources."""
    project = view.project
    if project is None or project.directory is None:
        return
    path = _path(view)
    if not os.path.isfile(path):  # a name may be too long to ask pathlib
        if (project.directory / SOURCES_FILE).is_file():
            message = f"there is no {path.name} beside the layer"
            hint = "Write one with title, licence and attribution."
            severity = REGISTRY["SR505"].severity if project.is_complete else "note"
            yield Finding("SR505", severity, message, hint)
        return
    try:
        sidecar = load_sidecar(path)
    except (CatalogError, OSError) as error:
        message = str(error).removeprefix(f"{path}: ")
        yield _say("SR508", view, message, "Correct the file.")
        return
    for place in sidecar.unlocated:
        for source in place.get("sources", ()):
            if source not in project.tables.sources:
                name = place.get("en", "?")
                message = f'unlocated "{name}": the source "{source}" is not in {SOURCES_FILE}'
                yield _say("SR502", view, message, "Add it or correct it.")
    yield from _check_systems(view, sidecar)
    for number, entry in enumerate(sidecar.accepted, 1):
        if isinstance(fault := _read_entry(entry), str):
            hint = f"Give {', '.join(_KEYS)} as texts; only warnings can be accepted."
            yield _say("SR506", view, f"accepted {number}: {fault}", hint)


def check_views(directories: Iterable[Path]) -> Iterator[Finding]:
    """Check the sidecars without a layer beside them; they may show a file of the base."""
    base = shipped_directory("geo")
    for path in (path for directory in directories for path in sorted(directory.glob("*.toml"))):
        if path.name == SETTINGS_FILE or path.with_suffix(".geojson").exists():
            continue
        try:
            view_of = load_sidecar(path).view_of
        except (CatalogError, OSError) as error:
            message = str(error).removeprefix(f"{path}: ")
        else:
            if view_of is None or ((base / view_of).is_file() and "/" not in view_of):
                continue
            message = f'view_of "{view_of}" is no file of geo/'
        yield Finding(
            "SR508", REGISTRY["SR508"].severity, message, "Correct the file.",
            path=str(path), layer=path.stem,
        )  # fmt: skip


def _check_systems(view: View, sidecar: Sidecar) -> Iterator[Finding]:
    seen = set(sidecar.systems)
    for row in view.flat.features:
        system = row.properties.get("system")
        if isinstance(system, str) and system and system not in seen:
            seen.add(system)
            message = f'the sidecar has no [systems.{system}] with the title of "{system}"'
            yield view.feature_finding(
                "SR509", row, message, "Add it to the sidecar.",
                pointer=f"{row.pointer}/properties/system",
            )  # fmt: skip


def _read_entry(entry: object) -> _Accepted | str:
    """Return an exception, or what is wrong with it."""
    if not isinstance(entry, dict):
        return "is no table"
    values = {key: entry.get(key) for key in _KEYS}
    for key, value in values.items():
        if not isinstance(value, str) or not value.strip():
            return f"{key} is missing"
    unknown = sorted(set(entry) - set(_KEYS))
    if unknown:
        return f"{', '.join(unknown)} is no key of it"
    code = str(values["code"])
    if code not in REGISTRY:
        return f"no rule has the code {code}"
    if REGISTRY[code].severity != "warning":
        return f"{code} is no warning ({REGISTRY[code].severity})"
    return _Accepted(code, str(values["id"]), str(values["reason"]).strip())


def apply_accepted(view: View, findings: list[Finding]) -> list[Finding]:
    """Turn the warnings that the sidecar explains into notes; report unused explanations."""
    project = view.project
    if not view.document.is_json:
        return findings
    read = [_read_entry(entry) for entry in _load(view).accepted]
    entries = {(e.code, e.id): e for e in read if isinstance(e, _Accepted)}
    used, result = set(), []
    for finding in findings:
        entry = entries.get((finding.code, finding.feature_id or ""))
        if entry is not None and finding.severity == "warning":
            used.add((entry.code, entry.id))
            message = f"{finding.message}. Accepted: {entry.reason}"
            finding = replace(finding, severity="note", message=message, hint=None, fixable=False)
        result.append(finding)
    if project is not None and project.is_whole:
        unused = [key for key in sorted(entries.keys() - used) if key[0] not in _BY_DATE]
        for code, name in unused:
            message = f'accepted: no finding {code} about "{name}"'
            result.append(_say("SR507", view, message, "Delete the entry, or correct it."))
    return result
