"""From bytes to a JSON tree: encodings, depth, syntax and what parsing would hide."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sco_geo._garbage import garbage_collector_off
from sco_geo._json_positions import LONE_SURROGATE, find_faults
from sco_geo._json_syntax import syntax_finding
from sco_geo._regions import Regions, read_regions
from sco_geo._source_text import SourceText, as_region, no_regions, signs_of, skeleton_of
from sco_geo.model import Finding

#: Deepest nesting of brackets that is read. Coordinates need 10 levels; properties may have more.
MAX_DEPTH = 256

_BLOCK = 1 << 20
_CONVERT, _UNPACK = "Convert it to GeoJSON first.", "Unpack it first."
_NOT_JSON = (
    (b"PK\x03\x04", "a ZIP archive (a zipped shapefile, KMZ or spreadsheet?)", _UNPACK),
    (b"\x1f\x8b", "gzip-compressed data", _UNPACK),
    (b"SQLite format 3", "a GeoPackage or another SQLite database", _CONVERT),
    (b"\x00\x00\x27\x0a", "a shapefile", _CONVERT),
    (b"PAR1", "a Parquet file", _CONVERT),
    (b"fgb", "a FlatGeobuf file", _CONVERT),
    (
        b"version https://git-lfs",
        "a Git LFS pointer, not the data itself",
        "Fetch the data with git lfs pull.",
    ),
    (b"<", "XML (KML, GPX or GML?)", _CONVERT),
)
_WEB_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class JsonTree:
    """The values of a JSON text; for arrays of coordinates that were read, a `Region` stands there.

    Parameters
    ----------
    owners : sequence of dict
        The object that has each region as its member "coordinates".
    """

    root: object
    source: SourceText
    owners: Sequence[dict[str, object]] = ()

    @property
    def regions(self) -> Regions:
        """Return the arrays of coordinates that were read."""
        return self.source.regions

    def restore(self, number: int) -> object:
        """Put an array of coordinates into the tree as lists, and return it."""
        value = self.source.region_value(number)
        self.owners[number]["coordinates"] = value
        return value

    def restore_all(self, numbers: Iterable[int]) -> None:
        """Put several arrays of coordinates into the tree."""
        for number in numbers:
            self.restore(number)


@dataclass(frozen=True, slots=True)
class ParsedText:
    """The outcome of reading a JSON text; without a tree there is at least one error."""

    tree: JsonTree
    is_json: bool = False
    has_duplicates: bool = False
    has_constants: bool = False
    findings: tuple[Finding, ...] = ()


def parse_text(data: bytes) -> ParsedText:
    """Read the bytes of one file as JSON; every problem becomes a finding, none an exception."""
    with garbage_collector_off():
        early = _check_bytes(data)
        if early:
            return ParsedText(_no_tree(data), findings=(early,))
        findings: list[Finding] = []
        if data.startswith(codecs.BOM_UTF8):
            data = data[len(codecs.BOM_UTF8) :]
            findings.append(_warning(1, 1, "GJ004", "the file begins with a byte order mark"))
            findings[-1] = replace(findings[-1], hint="Save as UTF-8 without BOM.", fixable=True)
        parsed = _parse(data, read_regions(data))
        if parsed is None:  # a number in the text looks like one that stands for a region
            parsed = _parse(data, no_regions()) or ParsedText(_no_tree(data))
        return replace(parsed, findings=(*findings, *parsed.findings))


def _no_tree(data: bytes) -> JsonTree:
    return JsonTree(None, SourceText(data, "", no_regions()))


def _parse(data: bytes, regions: Regions) -> ParsedText | None:
    """Parse the skeleton of a text; None if not every region is found in it once."""
    skeleton = skeleton_of(data, regions)
    try:
        source = SourceText(data, skeleton.decode("utf-8"), regions)
    except UnicodeDecodeError as error:
        source = SourceText(data, "", regions)
        finding = _broken_utf8(source, source.byte_of(error.start), error.reason)
        return ParsedText(_no_tree(data), findings=(finding,))
    signs = signs_of(skeleton)
    deep = _check_depth(signs, source)
    if deep:
        return ParsedText(JsonTree(None, source), findings=(deep,))
    return _decode(source, members=int(np.count_nonzero(signs == ord(":"))))


def _error(line: int, column: int, code: str, message: str, hint: str | None = None) -> Finding:
    return Finding(code, "error", message, hint, line=line, column=column)


def _warning(line: int, column: int, code: str, message: str) -> Finding:
    return Finding(code, "warning", message, line=line, column=column)


def _check_bytes(data: bytes) -> Finding | None:
    """Recognise files that are no UTF-8 text at all."""
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        what = "is empty" if not data else "holds nothing but white space"
        what = "holds nothing but a byte order mark" if data.strip() else what
        return _error(1, 1, "GJ001", f"the file {what}", "Write a FeatureCollection into it.")
    for bom, name in (
        (codecs.BOM_UTF32_LE, "UTF-32"),
        (codecs.BOM_UTF32_BE, "UTF-32"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if data.startswith(bom):
            return _wrong_encoding(name)
    text = data.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    for magic, name, hint in _NOT_JSON:
        if text.startswith(magic):
            if magic == b"<" and _WEB_PAGE.match(text):
                name = "a web page"
                hint = "This is a web page, perhaps an error page: fetch the data again."
            return _error(1, 1, "GJ005", f"the file is not JSON: it looks like {name}", hint)
    # Signs of ASCII at the begin, with a zero before or after each.
    if data[:4].count(0) == 3:
        return _wrong_encoding("UTF-32")
    if data[:4:2] == b"\0\0" or data[1:4:2] == b"\0\0":
        return _wrong_encoding("UTF-16")
    return None


def _wrong_encoding(name: str) -> Finding:
    return _error(1, 1, "GJ002", f"the text is encoded in {name}, not UTF-8", "Save it as UTF-8.")


def _broken_utf8(source: SourceText, byte: int, reason: str) -> Finding:
    line, column = source.places([byte])[byte]
    message = f"byte 0x{source.data[byte]:02x} is not valid UTF-8 ({reason})"
    hint = "The file is probably in a local encoding such as Latin-1, Windows-1251 or GB18030."
    return _error(line, column, "GJ003", message, f"{hint} Convert it to UTF-8.")


def _deepest(signs: NDArray[np.uint8]) -> int:
    """Return the greatest depth of brackets, block by block to spare memory."""
    depth = deepest = 0
    for begin in range(0, len(signs), _BLOCK):
        block = signs[begin : begin + _BLOCK]
        is_open = (block == ord("[")) | (block == ord("{"))
        is_close = (block == ord("]")) | (block == ord("}"))
        steps = np.cumsum(is_open.view(np.int8) - is_close.view(np.int8), dtype=np.int32)
        deepest = max(deepest, depth + int(steps.max()))
        depth += int(steps[-1])
    return deepest


def _check_depth(signs: NDArray[np.uint8], source: SourceText) -> Finding | None:
    """Measure the nesting of brackets without parsing."""
    deepest = _deepest(signs)
    if deepest <= MAX_DEPTH:
        return None
    offset = _offset_of_depth(source.skeleton)
    line, column = source.places_of([offset])[offset]
    message = f"brackets are nested {deepest:,} deep; GeoJSON needs about ten levels"
    return _error(line, column, "GJ012", message, "Flatten nested collections or properties.")


def _offset_of_depth(text: str) -> int:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', text, flags=re.DOTALL):
        sign = match.group()
        depth += (sign in "[{") - (sign in "]}")
        if depth > MAX_DEPTH:
            return match.start()
    return 0


class BigInteger(str):
    """An integer of more digits than the interpreter converts, as the text that it is."""

    __slots__ = ()


def _read_integer(digits: str) -> int | BigInteger:
    return int(digits) if len(digits) <= 4000 else BigInteger(digits)


class _Decoder:
    """Decodes a skeleton, and takes notice of what the tree will not show."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.owners: list[dict[str, object]] = [{}] * count
        self.seen: list[int] = []
        self.members = 0
        self.has_constants = False

    def _on_object(self, value: dict[str, object]) -> dict[str, object]:
        self.members += len(value)
        number = value.get("coordinates")
        if number.__class__ is int:
            region = as_region(number, self.count)
            if region is not None:
                value["coordinates"] = region
                self.owners[region] = value
                self.seen.append(region)
        return value

    def _on_constant(self, _: str) -> float:
        self.has_constants = True
        return float("nan")

    def decode(self, text: str, **options: Any) -> object:
        """Return the value of a text."""
        decoder = json.JSONDecoder(
            object_hook=self._on_object, parse_constant=self._on_constant, **options
        )
        return decoder.decode(text)

    def has_all(self) -> bool:
        """Tell whether each region has been found, and none twice."""
        return len(self.seen) == self.count == len(set(self.seen))


def _decode(source: SourceText, *, members: int) -> ParsedText | None:
    """Parse a skeleton in which so many members are written; objects have fewer if keys repeat."""
    text, decoder = source.skeleton, _Decoder(len(source.regions))
    try:
        try:
            root = decoder.decode(text)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer beyond the interpreter's limit of digits
            decoder = _Decoder(len(source.regions))
            root = decoder.decode(text, parse_int=_read_integer)
    except json.JSONDecodeError as error:
        return ParsedText(JsonTree(None, source), findings=(syntax_finding(source, error),))
    if not decoder.has_all():
        return None
    has_surrogates = "\\u" in text and LONE_SURROGATE.search(text)
    has_duplicates = decoder.members != members
    has_hidden = has_duplicates or decoder.has_constants or has_surrogates
    findings = tuple(_hidden_findings(source)) if has_hidden else ()
    tree = JsonTree(root, source, decoder.owners)
    return ParsedText(tree, True, has_duplicates, decoder.has_constants, findings)


def _hidden_findings(source: SourceText) -> Iterator[Finding]:
    faults = list(find_faults(source.skeleton))
    places = source.places_of(fault.offset for fault in faults)
    for fault in faults:
        line, column = places[fault.offset]
        shown = shorten(fault.detail.encode("ascii", "backslashreplace").decode())
        if fault.kind == "duplicate":
            finding = _error(
                line, column, "GJ011", f'the key "{shown}" stands twice in one object',
                "Keep one of the two values; a parser would silently keep the last.",
            )  # fmt: skip
        elif fault.kind == "constant":
            finding = _error(
                line, column, "GJ010", f"{shown} is no JSON value",
                "Write null in properties; leave a vertex without a number out.",
            )  # fmt: skip
        else:
            finding = _warning(
                line, column, "GJ013", f'half of a surrogate pair in the text "{shown}"'
            )
            finding = replace(finding, hint="Write the character itself in UTF-8.")
        yield replace(finding, pointer=fault.pointer)


def shorten(value: object, limit: int = 60) -> str:
    """Write a value for a message, cut to a readable length."""
    if isinstance(value, list):
        text = "an array" if len(value) > 4 else "[" + ", ".join(map(_scalar, value)) + "]"
    elif isinstance(value, dict):
        text = "an object"
    else:
        text = value if isinstance(value, str) else _scalar(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def type_name(value: object) -> str:
    """Name the type of a JSON value, with its article."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "a text" if isinstance(value, str) and not isinstance(value, BigInteger) else "a number"


def _scalar(value: object) -> str:
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**15:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f'"{value[:60]}"' if isinstance(value, str) else f"{value!r}"
