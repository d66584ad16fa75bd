"""What is wrong with a text that is not JSON, in words: cut off, several, or which sign."""

from __future__ import annotations

import json
import re

import numpy as np

from sco_geo._lookalikes import text_hint
from sco_geo._source_text import SourceText, signs_of
from sco_geo.model import Finding

#: What may be left of a value at which a text breaks off.
_FRAGMENT = re.compile(r"t(ru?)?|f(a(ls?)?)?|n(ul?)?|-?[\d.]*([eE][-+]?)?")


def _make(line: int, column: int, code: str, message: str, hint: str | None = None) -> Finding:
    return Finding(code, "error", message, hint, line=line, column=column)


def syntax_finding(source: SourceText, error: json.JSONDecodeError) -> Finding:
    """Explain why the skeleton of a text is not JSON."""
    text = source.skeleton
    line, column = source.places_of([error.pos])[error.pos]
    rest = text[error.pos :].strip()
    if text.lstrip(" \t\r\n").startswith("\x1e"):
        message = "the file is a JSON text sequence (RFC 8142), not one JSON text"
        return _make(1, 1, "GJ009", message, "Put the features into one FeatureCollection.")
    if error.msg == "Extra data":
        return _extra_data(source, error.pos, line, column)
    is_cut = error.msg.startswith("Unterminated string") or _FRAGMENT.fullmatch(rest)
    if is_cut and _is_open_ended(text):
        end = len(source.data.rstrip())
        line, column = source.places([end])[end]
        message = "the text ends in the middle: the file is truncated"
        return _make(line, column, "GJ006", message, "Fetch or save the file again.")
    comma = text.rstrip(" \t\r\n").rfind(",", 0, error.pos)
    if rest.startswith(("]", "}")) and comma >= 0 and not text[comma + 1 : error.pos].strip():
        line, column = source.places_of([comma])[comma]
        message, hint = "not valid JSON: a comma before a closing bracket", "Delete the comma."
        return _make(line, column, "GJ005", message, hint)
    found = source.shown(error.pos, 40).strip()[:20]
    shown = repr(found) if found else "the end of the text"
    what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    message = f"not valid JSON: {what}, found {shown}"
    return _make(line, column, "GJ005", message, text_hint(text) or _syntax_hint(text, error))


def _is_open_ended(text: str) -> bool:
    """Tell whether more brackets open than close, or none opens."""
    signs = signs_of(text.encode("utf-8", "surrogatepass"))
    opened, closed = (int(np.isin(signs, list(kind)).sum()) for kind in (b"[{", b"]}"))
    return opened > closed or not opened


def _extra_data(source: SourceText, offset: int, line: int, column: int) -> Finding:
    text = source.skeleton
    rest = text[offset:].lstrip("\x1e \t\r\n")
    if rest.startswith("{") and "\n" in text[: offset + 1].rstrip("{"):
        message = "one JSON object a line (newline-delimited GeoJSON), not one JSON text"
        hint = "Put the features into one FeatureCollection."
        return _make(line, column, "GJ008", message, hint)
    found = source.shown(offset, 40).lstrip("\x1e \t\r\n")[:20]
    message = f"more text after the end of the JSON value: {found!r}"
    hint = "Delete what follows, or join the parts into one FeatureCollection."
    return _make(line, column, "GJ007", message, text_hint(text) or hint)


def _syntax_hint(text: str, error: json.JSONDecodeError) -> str | None:
    rest = text[error.pos : error.pos + 1000].lstrip()
    before = text[max(0, error.pos - 1000) : error.pos].rstrip()
    if "control character" in error.msg:
        return "Write line breaks and tabs in text as \\n and \\t."
    if rest.startswith(("'", "True", "False", "None")):
        return "This looks like Python's repr: write the data with json.dump."
    if rest.startswith(tuple("“”„‟‘’«»＂")):
        return 'Write straight quotes (") in place of typographic ones.'
    if rest.startswith(("//", "/*", "#")):
        return "JSON has no comments: delete it."
    if re.match(r"[-+]?(nan|inf)", rest, re.IGNORECASE) or rest.startswith("undefined"):
        return "JSON has no such value: write null, or leave the vertex out."
    if re.match(r"[-+]?\.?\d|[-+]?\.", rest):
        return "Write numbers without a plus sign, and with a digit before the point."
    if "property name" in error.msg and re.match(r"[\w$]", rest):
        return "Put the key in double quotes."
    if before.endswith(",") and rest.startswith(","):
        return "A value is missing between two commas."
    if "delimiter" in error.msg and rest.startswith(('"', "{", "[")):
        return "A comma or a colon is missing before this place."
    return None
