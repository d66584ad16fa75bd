"""From bytes to a JSON tree: encodings, depth, syntax and what parsing would hide."""

from __future__ import annotations

import codecs
import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sco_geo._json_positions import (
    LONE_SURROGATE,
    find_faults,
    line_and_column,
    lines_and_columns,
)
from sco_geo.model import Finding

#: Deepest nesting of brackets that is read. Coordinates need 10 levels; properties may have more.
MAX_DEPTH = 256

_NOT_JSON = (
    (b"PK\x03\x04", "a ZIP archive (a zipped shapefile, KMZ or spreadsheet?)"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"SQLite format 3", "a GeoPackage or another SQLite database"),
    (b"\x00\x00\x27\x0a", "a shapefile"),
    (b"PAR1", "a Parquet file"),
    (b"fgb", "a FlatGeobuf file"),
    (b"version https://git-lfs", "a Git LFS pointer, not the data itself"),
    (b"<", "XML or HTML (KML, GPX, or an error page saved from the web?)"),
)


@dataclass(frozen=True, slots=True)
class ParsedText:
    """The outcome of reading a JSON text; without a tree there is at least one error."""

    text: str = ""
    root: object = None
    is_json: bool = False
    has_duplicates: bool = False
    has_constants: bool = False
    findings: tuple[Finding, ...] = ()


@contextmanager
def garbage_collector_off() -> Iterator[None]:
    """Stop the cyclic garbage collector, which costs four fifths of the time of a parse."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def parse_text(data: bytes) -> ParsedText:
    """Read the bytes of one file as JSON; every problem becomes a finding, none an exception."""
    with garbage_collector_off():
        early = _check_bytes(data)
        if early:
            return ParsedText(findings=(early,))
        findings: list[Finding] = []
        if data.startswith(codecs.BOM_UTF8):
            data = data[len(codecs.BOM_UTF8) :]
            findings.append(_warning(1, 1, "GJ004", "the file begins with a byte order mark"))
            findings[-1] = replace(findings[-1], hint="Save as UTF-8 without BOM.", fixable=True)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            return ParsedText(findings=(*findings, _broken_utf8(data, error)))
        deep = _check_depth(data, text)
        if deep:
            return ParsedText(text=text, findings=(*findings, deep))
        return _parse(text, findings)


def _error(line: int, column: int, code: str, message: str, hint: str | None = None) -> Finding:
    return Finding(code, "error", message, hint, line=line, column=column)


def _warning(line: int, column: int, code: str, message: str) -> Finding:
    return Finding(code, "warning", message, line=line, column=column)


def _check_bytes(data: bytes) -> Finding | None:
    """Recognise files that are no UTF-8 text at all."""
    if not data.strip():
        what = "is empty" if not data else "holds nothing but white space"
        return _error(1, 1, "GJ001", f"the file {what}", "Write a FeatureCollection into it.")
    for bom, name in (
        (codecs.BOM_UTF32_LE, "UTF-32"),
        (codecs.BOM_UTF32_BE, "UTF-32"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if data.startswith(bom):
            return _wrong_encoding(name)
    for magic, name in _NOT_JSON:
        if data.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(magic):
            hint = "Convert it to GeoJSON first."
            return _error(1, 1, "GJ005", f"the file is not JSON: it looks like {name}", hint)
    if b"\0" in data[:4]:
        return _wrong_encoding("UTF-32" if data[:4].count(0) == 3 else "UTF-16")
    return None


def _wrong_encoding(name: str) -> Finding:
    return _error(1, 1, "GJ002", f"the text is encoded in {name}, not UTF-8", "Save it as UTF-8.")


def _broken_utf8(data: bytes, error: UnicodeDecodeError) -> Finding:
    line = data.count(b"\n", 0, error.start) + 1
    begin = data.rfind(b"\n", 0, error.start) + 1
    column = len(data[begin : error.start].decode("utf-8", "replace")) + 1
    message = f"byte 0x{data[error.start]:02x} is not valid UTF-8 ({error.reason})"
    hint = "The file is probably in a local encoding such as Latin-1, Windows-1251 or GB18030."
    return _error(line, column, "GJ003", message, f"{hint} Convert it to UTF-8.")


def _check_depth(data: bytes, text: str) -> Finding | None:
    """Measure the nesting of brackets outside strings, without parsing."""
    if b"\\" in data:
        data = re.sub(rb"\\.", b"", data, flags=re.DOTALL)
    keep = b'[]{}"'
    signs = data.translate(None, bytes(set(range(256)) - set(keep)))
    signs = re.sub(rb'"[^"]*"?', b"", signs)
    steps = np.frombuffer(signs, dtype=np.uint8)
    is_open = (steps == ord("[")) | (steps == ord("{"))
    depth = np.cumsum(np.where(is_open, 1, -1), dtype=np.int64)
    if not depth.size or depth.max() <= MAX_DEPTH:
        return None
    line, column = line_and_column(text, _offset_of_depth(text))
    message = f"brackets are nested {depth.max():,} deep; GeoJSON needs about ten levels"
    return _error(line, column, "GJ012", message, "Flatten nested collections or properties.")


def _offset_of_depth(text: str) -> int:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', text, flags=re.DOTALL):
        sign = match.group()
        depth += (sign in "[{") - (sign in "]}")
        if depth > MAX_DEPTH:
            return match.start()
    return 0


def _read_integer(digits: str) -> int | str:
    """Keep an integer beyond the interpreter's limit of digits as the text that it is."""
    return int(digits) if len(digits) <= 4000 else digits


def _parse(text: str, findings: list[Finding]) -> ParsedText:
    has_duplicates = has_constants = False

    def on_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal has_duplicates
        result = dict(pairs)
        if len(result) != len(pairs):
            has_duplicates = True
        return result

    def on_constant(_: str) -> float:
        nonlocal has_constants
        has_constants = True
        return float("nan")

    def decode(**options: Any) -> object:
        return json.JSONDecoder(
            object_pairs_hook=on_object, parse_constant=on_constant, **options
        ).decode(text)

    try:
        try:
            root = decode()
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer beyond the interpreter's limit of digits
            root = decode(parse_int=_read_integer)
    except json.JSONDecodeError as error:
        return ParsedText(text=text, findings=(*findings, _syntax_finding(text, error)))
    has_surrogates = "\\u" in text and LONE_SURROGATE.search(text)
    if has_duplicates or has_constants or has_surrogates:
        findings.extend(_hidden_findings(text))
    return ParsedText(text, root, True, has_duplicates, has_constants, tuple(findings))


def _hidden_findings(text: str) -> Iterator[Finding]:
    faults = list(find_faults(text))
    places = lines_and_columns(text, (fault.offset for fault in faults))
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


def _syntax_finding(text: str, error: json.JSONDecodeError) -> Finding:
    line, column = line_and_column(text, error.pos)
    rest = text[error.pos :].strip()
    if text.lstrip(" \t\r\n").startswith("\x1e"):
        message = "the file is a JSON text sequence (RFC 8142), not one JSON text"
        return _error(1, 1, "GJ009", message, "Put the features into one FeatureCollection.")
    if error.msg == "Extra data":
        return _extra_data(text, error.pos, line, column)
    is_cut = error.msg.startswith("Unterminated string") or (
        len(rest) < 12 and not re.search(r'[\[\]{},:"\']', rest)
    )
    if is_cut and _is_open_ended(text):
        line, column = line_and_column(text, len(text.rstrip()))
        message = "the text ends in the middle: the file is truncated"
        return _error(line, column, "GJ006", message, "Fetch or save the file again.")
    shown = repr(rest[:20]) if rest else "the end of the text"
    message = f"not valid JSON: {error.msg[0].lower()}{error.msg[1:]}, found {shown}"
    return _error(line, column, "GJ005", message, _syntax_hint(text, error))


def _is_open_ended(text: str) -> bool:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"?', "", text, flags=re.DOTALL)
    opened = bare.count("{") + bare.count("[")
    return opened > bare.count("}") + bare.count("]") or not opened


def _extra_data(text: str, offset: int, line: int, column: int) -> Finding:
    rest = text[offset:].lstrip("\x1e \t\r\n")
    if rest.startswith("{") and "\n" in text[: offset + 1].rstrip("{"):
        message = "one JSON object a line (newline-delimited GeoJSON), not one JSON text"
        hint = "Put the features into one FeatureCollection."
        return _error(line, column, "GJ008", message, hint)
    message = f"more text after the end of the JSON value: {rest[:20]!r}"
    hint = "Delete what follows, or join the parts into one FeatureCollection."
    return _error(line, column, "GJ007", message, hint)


def _syntax_hint(text: str, error: json.JSONDecodeError) -> str | None:
    rest = text[error.pos :].lstrip()
    before = text[: error.pos].rstrip()
    if "control character" in error.msg:
        return "Write line breaks and tabs in text as \\n and \\t."
    if rest.startswith(("'", "True", "False", "None")):
        return "This looks like Python's repr: write the data with json.dump."
    if rest.startswith(("//", "/*", "#")):
        return "JSON has no comments: delete it."
    if rest.startswith(("]", "}")) and before.endswith(","):
        return "Delete the comma before the closing bracket."
    if before.endswith(",") and rest.startswith(","):
        return "A value is missing between two commas."
    if "delimiter" in error.msg and rest.startswith(('"', "{", "[")):
        return "A comma or a colon is missing before this place."
    return None
