"""Read GeoJSON (RFC 7946) with the place of every problem, and write it atomically."""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from sco_geo import _json_text
from sco_geo._flat import Flat
from sco_geo._flatten import flatten
from sco_geo._garbage import garbage_collector_off
from sco_geo._source_text import SourceText
from sco_geo.errors import InputPathError
from sco_geo.model import Finding

#: Largest file that is read, in bytes; a parsed tree needs about ten times as much memory.
MAX_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class RawFeature:
    """A feature as it stands in the file.

    Parameters
    ----------
    index : int
        Position in ``features`` from 0; 0 for a root Feature or geometry.
    id : str or None
        The member ``id`` as text, else the property ``id``.
    geometry : shapely geometry or None
        In (lon, lat) degrees; None for null, empty or unbuildable geometries.
    pointer : str
        JSON pointer of the feature.
    """

    index: int
    id: str | None
    properties: dict[str, object]
    geometry: BaseGeometry | None
    pointer: str


@dataclass(frozen=True, eq=False)
class Document:
    """A text that was read: its tree, its features, and the findings of the text itself.

    Parameters
    ----------
    root : object
        The JSON value; a `Region` stands for each array of coordinates that is in `flat` only.
    flat : Flat
        All coordinates in one flat array, with offsets and pointers.
    """

    path: str
    source: SourceText
    root: object
    flat: Flat
    findings: tuple[Finding, ...]
    is_json: bool
    has_duplicates: bool = False
    has_constants: bool = False

    @property
    def tree(self) -> dict[str, object] | None:
        """Return the root object, or None if the text is not JSON or no object."""
        return self.root if isinstance(self.root, dict) else None

    def may_have(self, member: str) -> bool:
        """Tell whether any object may have a member, by a glance at the text without a walk."""
        return f'{member}"' in self.source.skeleton or self.source.has_escapes

    @cached_property
    def features(self) -> tuple[RawFeature, ...]:
        """Return the features, each with its geometry if that can be built."""
        flat = self.flat
        geometries = flat.feature_geometries()
        with garbage_collector_off():
            return tuple(
                RawFeature(row.index, row.id, row.properties, geometry, row.pointer)
                for row, geometry in zip(flat.features, geometries, strict=True)
            )

    def locate(self, pointer: str) -> tuple[int, int] | None:
        """Return line and column of the value that a JSON pointer names, counted from 1."""
        return self.locate_all([pointer]).get(pointer)

    def locate_all(self, pointers: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Return line and column of many values in one pass over the text."""
        if not self.is_json:
            return {}
        with garbage_collector_off():
            return self.source.locate(
                pointers, region_of=self.flat.region_of, has_duplicates=self.has_duplicates
            )

    def excerpt(self, line: int, column: int, width: int) -> tuple[str, int]:
        """Return the text around a place, however long its line is.

        Parameters
        ----------
        line, column : int
            As in findings, counted from 1; the column in characters.
        width : int
            The most characters to return.

        Returns
        -------
        tuple of str and int
            The line without its end, cropped to `width` characters around the column, and the
            offset of the column in it, from 0. After an opening bracket at the end of a line the
            next lines follow. An empty text and 0 for a line that is not there.
        """
        return self.source.excerpt(line, column, width)


def parse(data: bytes, path: str) -> Document:
    """Read GeoJSON from bytes. Never raises for what the bytes hold.

    Parameters
    ----------
    path : str
        The name that findings show.
    """
    parsed = _json_text.parse_text(data)
    with garbage_collector_off():
        flat = flatten(parsed.tree)
    return Document(
        path=path,
        source=parsed.tree.source,
        root=parsed.tree.root,
        flat=flat,
        findings=tuple(
            replace(finding, path=path, layer=Path(path).stem) for finding in parsed.findings
        ),
        is_json=parsed.is_json,
        has_duplicates=parsed.has_duplicates,
        has_constants=parsed.has_constants,
    )


def read(path: Path) -> Document:
    """Read a GeoJSON file.

    Raises
    ------
    InputPathError
        If the path cannot be opened or is no regular file; ``code`` is the rule (IO...).
    """
    return parse(read_bytes(path), str(path))


def files_in(directory: Path) -> list[Path]:
    """List the ``*.geojson`` of a directory, in capitals or not, without its subdirectories.

    Raises
    ------
    OSError
        If the directory cannot be listed.
    """
    names = sorted(os.listdir(directory))
    return [directory / name for name in names if name.lower().endswith(".geojson")]


def read_bytes(path: Path, *, limit: int = MAX_BYTES) -> bytes:
    """Read a regular file of at most `limit` bytes; never waits for a pipe or a device."""
    try:
        _require_regular(path, os.stat(path), limit)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            _require_regular(path, os.fstat(descriptor), limit)
            data = file.read(os.fstat(descriptor).st_size + 1)
            while len(data) <= limit and (more := file.read(1 << 20)):  # it grows, or tells no size
                data += more
    except InputPathError:
        raise
    except ValueError as error:
        raise InputPathError(f"{str(path)!r} is no possible path: {error}", code="IO001") from None
    except OSError as error:
        raise InputPathError(f"cannot open: {error.strerror}", code=_io_code(error)) from error
    if len(data) > limit:
        raise InputPathError(f"larger than {limit:,} bytes", code="IO006")
    return data


def _io_code(error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return "IO001"
    return "IO004" if error.errno == errno.ELOOP else "IO003"


def _require_regular(path: Path, status: os.stat_result, limit: int) -> None:
    kinds = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a directory",
    }
    if not stat.S_ISREG(status.st_mode):
        kind = kinds.get(stat.S_IFMT(status.st_mode), "something else")
        raise InputPathError(f"not a regular file but {kind}", code="IO002")
    if status.st_size > limit:
        raise InputPathError(f"{status.st_size:,} bytes, more than {limit:,}", code="IO006")


def write(
    path: Path,
    features: Iterable[Mapping[str, object]],
    *,
    members: Mapping[str, object] | None = None,
) -> None:
    """Write a FeatureCollection with one feature a line, atomically, in UTF-8.

    Parameters
    ----------
    features : iterable of mapping
        Feature objects, coordinates in (lon, lat) degrees.
    members : mapping, optional
        Further members of the FeatureCollection, written before ``features``.

    Raises
    ------
    ValueError
        If a value is NaN or infinite, which JSON cannot hold.
    """
    head = {"type": "FeatureCollection", **(members or {})}
    lines = ",\n".join(_compact(feature) for feature in features)
    body = f"\n{lines}\n" if lines else ""
    text = f'{_compact(head)[:-1]},"features":[{body}]}}\n'
    write_atomically(path, text.encode("utf-8"))


def _compact(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary file beside it, then a rename.

    A file that is there keeps its permissions; a new one gets the usual ones.
    """
    path = Path(os.path.realpath(path))
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _permissions(path))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _permissions(path: Path) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def to_geometry_dict(geometry: BaseGeometry) -> dict[str, object]:
    """Return a geometry as the GeoJSON object that `write` takes."""
    result: dict[str, object] = json.loads(shapely.to_geojson(geometry))
    return result
