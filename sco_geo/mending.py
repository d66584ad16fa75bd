"""Mend what can be mended in a GeoJSON text without guessing, and leave every other byte.

=============  =============================================================================
code           what is done
=============  =============================================================================
GJ004          the byte order mark is removed
GJ112          the crs member that names WGS 84 is removed
CO114          all longitudes and latitudes are rounded to 7 decimals (1 cm)
GM203          repeats of a position in a line are removed
GM212          the last position of a ring is set to the first, if it is within 1 cm of it
GM213          the last position of a ring gets the height of the first
GM214, GM215   the ring is reversed; its first position stays
CO103, GM241   the line or polygon is cut at ±180° into a MultiLineString or MultiPolygon
=============  =============================================================================

Where a line or an edge meets ±180°, it is cut on the straight line in longitude and latitude,
which is what RFC 7946 means by a line (section 3.1.1), as in its examples (section 3.1.9), and what
the rules on polygons take an edge for. The two geodesics to that point are longer than the one
between the vertices; for vertices some kilometres apart this is nothing, and where it is more than
a metre the change says so. New latitudes are rounded to 7 decimals, new heights to millimetres.

Left as they are: other reference systems, exchanged axes, wider gaps, polygons around a pole or
with other faults, repeats with a fourth number of their own, and whatever would get a new fault by
being rounded or cut.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sco_geo import geojson
from sco_geo._mending_plan import (
    CLOSE,
    CUT_AREA,
    CUT_LINE,
    REPEAT,
    ROUND,
    Plan,
    Spared,
    Work,
)
from sco_geo._text_edits import apply_edits
from sco_geo.errors import InputPathError, MendingError, UsageError
from sco_geo.geojson import Document
from sco_geo.model import Finding, format_place, printable
from sco_geo.rules import View, check_document

#: Times that a file is looked at again after something was mended; two or three are usual.
MAX_PASSES = 12

_BOM = "GJ004"


@dataclass(frozen=True, slots=True)
class Change:
    """One finding that was mended.

    Parameters
    ----------
    finding : Finding
        As it was in the old file, with its place there.
    message : str
        What was done.
    """

    finding: Finding
    message: str

    def to_text(self) -> str:
        """Write the change as one line; parts that are unknown are left out."""
        f = self.finding
        parts = [f"{f.path or '-'}{'' if f.line is None else f':{f.line}'}"]
        if f.layer:
            parts.append(f.layer)
        if f.feature_index is not None:
            name = "" if f.feature_id is None else f' (id "{f.feature_id}")'
            parts.append(f"feature {f.feature_index}{name}")
        if f.lon is not None and f.lat is not None:
            parts.append(f"at {format_place(f.lon, f.lat)}")
        return printable(f"{': '.join(parts)}: {f.code} mended: {self.message}")

    def to_dict(self) -> dict[str, object]:
        """Return the change as the object of the JSON report."""
        names = ("code", "feature_index", "feature_id", "pointer", "lon", "lat")
        return {name: getattr(self.finding, name) for name in names} | {"message": self.message}


@dataclass(frozen=True, slots=True)
class Mended:
    """The outcome of mending one file.

    Parameters
    ----------
    data : bytes
        The new file; the very bytes of the old one if there was nothing to mend.
    changes : tuple of Change
        What was done, in the order of the old file.
    left : tuple of Finding
        What the rules for any file say about the new text, with the place in the new text.
    """

    data: bytes
    changes: tuple[Change, ...]
    left: tuple[Finding, ...]


def mend(source: str | os.PathLike[str] | bytes, *, name: str = "-") -> Mended:
    """Mend what can be mended in a GeoJSON file without guessing; writes nothing.

    Mending the outcome again changes nothing.

    Parameters
    ----------
    source : path or bytes
        A GeoJSON file, or what it holds. Coordinates are (lon, lat) in degrees.
    name : str
        What findings call bytes; a path is called by itself.

    Returns
    -------
    Mended
        New bytes, changes and what is left. Where no change was made, all bytes are the old ones.

    Raises
    ------
    InputPathError
        If the path cannot be opened or is no regular file.
    MendingError
        If the text is not JSON in UTF-8 or has a key twice: then it is not clear what it says.

    Examples
    --------
    >>> mended = mend(b'{"type":"LineString","coordinates":[[60,40],[60,40],[70.0,45]]}')
    >>> mended.data
    b'{"type":"LineString","coordinates":[[60,40],[70.0,45]]}'
    >>> [(change.finding.code, change.message) for change in mended.changes]
    [('GM203', 'removed 1 repeated point')]
    """
    if not isinstance(source, bytes):
        name = str(source)
        try:
            source = geojson.read_bytes(Path(source))
        except InputPathError as error:
            raise InputPathError(f"{name}: {error}", code=error.code) from error
    old = geojson.parse(source, name)
    errors = [finding for finding in old.findings if finding.severity == "error"]
    if errors or not old.is_json:
        raise MendingError(errors)
    changes: list[Change] = []
    document, data = old, source
    if source.startswith(codecs.BOM_UTF8):
        bom = (finding for finding in old.findings if finding.code == _BOM)
        changes += [Change(finding, "removed the byte order mark") for finding in bom]
        data = source.removeprefix(codecs.BOM_UTF8)
        document = geojson.parse(data, name)
    outcome = _mend_text(data.decode("utf-8"), document)
    changes += outcome.changes
    places = _placed(old, [change.finding for change in changes])
    changes = [replace(c, finding=f) for c, f in zip(changes, places, strict=True)]
    changes.sort(key=lambda c: (c.finding.line or 0, c.finding.column or 0, c.finding.code))
    left = _placed(outcome.document, outcome.left)
    return Mended(outcome.text.encode("utf-8"), tuple(changes), tuple(left))


def require_new(path: Path, output: Path, *, may_replace: bool) -> None:
    """Refuse a path that a mended file must not be written to.

    Raises
    ------
    UsageError
        If `output` is the file `path` itself, or is there and may not be replaced, or is something
        else than a file, or is write-protected, or lies in no directory.
    """
    if not os.path.lexists(output):
        if not output.parent.is_dir():
            raise UsageError(f"{output.parent} is no directory")
        return
    if path.exists() and output.exists() and path.samefile(output):
        raise UsageError(f"{output} is the file itself: say --in-place to change it")
    if output.exists() and not output.is_file():
        raise UsageError(f"{output} is no regular file")
    if not may_replace:
        raise UsageError(f"{output} is there already: choose another name, or add --replace")
    require_writable(output)


def require_writable(path: Path) -> None:
    """Refuse to replace a file that its owner has protected, which a rename would not notice.

    Raises
    ------
    UsageError
        If the file may not be written, or by its mode by nobody, even where root could.
    """
    if not path.is_file():
        return
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        raise UsageError(f"{path} is write-protected: make it writable, or choose another name")


@dataclass(frozen=True, slots=True)
class _Outcome:
    text: str
    document: Document
    left: list[Finding]
    changes: list[Change]


def _mend_text(text: str, document: Document) -> _Outcome:
    """Mend until nothing is left that can be.

    One fault may hide another: a ring has to be closed before its winding is known. Pointers of
    all changes hold for the old text, too, since cutting, which renumbers, comes last. Works that
    do harm are taken back and tried again with more spared, until nothing is left to spare.
    """
    found = list(check_document(View(document)))
    changes: list[Change] = []
    spared: Spared = set()
    passes = 0
    while passes < MAX_PASSES:
        view = View(document)
        works = Plan(text, view, found, spared).works()
        if not works:
            break
        new_text = apply_edits(text, (edit for work in works for edit in work.edits))
        new = geojson.parse(new_text.encode("utf-8"), document.path)
        new_found = list(check_document(View(new)))
        harm = _find_harm(view, works, found, new_found, spared)
        if harm:
            spared |= harm
            continue
        passes += 1
        changes += [Change(finding, message) for work in works for finding, message in work.done]
        if _is_rounding(works):
            changes += _put_right(found, new_found)
        text, document, found, spared = new_text, new, new_found, set()
    return _Outcome(text, document, found, changes)


def _is_rounding(works: Iterable[Work]) -> bool:
    return any(ROUND in work.codes for work in works)


def _find_harm(
    view: View, works: list[Work], before: list[Finding], after: list[Finding], spared: Spared
) -> Spared:
    """Return what must not be rounded or cut, since a geometry that is good now would not be.

    Other works do no harm, nor does rounding if an error is gone that hid what is new, such as a
    gap in a ring. None of what is returned is in `spared` yet, so that it grows.
    """
    is_rounding = _is_rounding(works)
    if is_rounding and any(finding.code == ROUND for finding in after):
        return {(ROUND, None)}
    known = {(finding.feature_index, finding.code) for finding in before}
    new = [f for f in after if f.code.startswith(("GM", "CO"))]
    new = [f for f in new if (f.feature_index, f.code) not in known]
    if is_rounding:
        gone = [change.finding for change in _put_right(before, after)]
        freed = {_geometry_of(finding) for finding in gone if finding.severity == "error"}
        new = [f for f in new if _geometry_of(f) not in freed]
        new = [f for f in new if not (f.fixable and f.code == REPEAT)]
    harmed = {finding.feature_index for finding in new}
    rows = {number for number, row in enumerate(view.flat.features) if row.index in harmed}
    if is_rounding:
        harm: Spared = {(ROUND, row) for row in rows}
        return harm - spared
    cut = {work.row for work in works if work.codes & {CUT_LINE, CUT_AREA}}
    return {(code, row) for row in rows & cut for code in (CUT_LINE, CUT_AREA)}


def _put_right(before: list[Finding], after: list[Finding]) -> list[Change]:
    """Return the faults that are gone because all was rounded, such as a gap of a ring."""

    def key(finding: Finding) -> tuple[str, str | None]:
        """Tell faults apart; only the place of a gap is always the same."""
        is_gap = finding.code == CLOSE
        return finding.code, finding.pointer if is_gap else _geometry_of(finding)

    left = {key(finding) for finding in after}
    return [
        Change(finding, "put right by the rounding")
        for finding in before
        if finding.code.startswith(("GM", "CO"))
        and finding.code != ROUND
        and key(finding) not in left
    ]


def _geometry_of(finding: Finding) -> str:
    """Return the pointer of the geometry that a finding is about."""
    return (finding.pointer or "").partition("/coordinates")[0]


def _placed(document: Document, findings: Iterable[Finding]) -> list[Finding]:
    """Add file, layer, line and column to findings, and keep their order."""
    findings = list(findings)
    lost = {f.pointer for f in findings if f.line is None and f.pointer is not None}
    places = document.locate_all(lost) if lost else {}
    layer = Path(document.path).stem
    placed = []
    for finding in findings:
        line, column = finding.line, finding.column
        if line is None:
            line, column = places.get(finding.pointer or "", (None, None))
        placed.append(replace(finding, path=document.path, layer=layer, line=line, column=column))
    return placed
