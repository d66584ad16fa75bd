"""Rules on the text and the path, before anything is parsed; `geojson` makes these findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sco_geo.model import Finding
from sco_geo.rules._base import Rule, View, register

_START = '{"type": "Feature", "properties": '
_END = '"geometry": {"type": "Point", "coordinates": [69.2, 41.3]}}'

register(
    Rule(
        "IO001", "error", "path not found",
        "There is no file under this path, or a link leads nowhere.",
        "A file that was not checked must not count as good.",
        "sco-geo validate layers/ralways.geojson",
        "Check the spelling of the path.",
    ),
    Rule(
        "IO002", "error", "not a regular file",
        "The path is a pipe, a socket or a device.",
        "Reading could wait for ever.",
        "sco-geo validate /dev/zero",
        "Save the data as a file and give that.",
    ),
    Rule(
        "IO003", "error", "file cannot be read",
        "The system refused to open or to read the file.",
        "A file that was not checked must not count as good.",
        "a file without read permission",
        "Give yourself permission to read it.",
    ),
    Rule(
        "IO004", "error", "link that leads to itself",
        "Symbolic links form a loop.",
        "There is no file at the end of it.",
        "a.geojson -> b.geojson -> a.geojson",
        "Let the link point to a file.",
    ),
    Rule(
        "IO005", "error", "directory without layers",
        "A directory stands for its *.geojson files, not those of its subdirectories; it has none.",
        "Nothing was checked, although it looks so.",
        "sco-geo validate an-empty-directory",
        "Give the directory that holds the *.geojson files, or give files by name.",
    ),
    Rule(
        "IO006", "error", "file too large",
        "The file is larger than this program reads, one gibibyte.",
        "The tree of a JSON text needs about ten times the memory of the file.",
        "a GeoJSON file of 2 GB",
        "Split it, or convert it to GeoParquet.",
    ),
    Rule(
        "IO007", "error", "no territories in the context",
        "A path given as context can be read, but holds no polygon that others can be compared "
        "with: it is no GeoJSON, or its polygons are in metres, crossed, or of another kind.",
        "Nothing was compared, although it looks so.",
        "sco-geo validate routes.geojson --context rivers.geojson",
        "Give territories: valid polygons in degrees, as GeoJSON. Validate that file first.",
    ),
    Rule(
        "GJ001", "error", "empty file",
        "The file has no content.",
        "It is no GeoJSON, and usually the trace of a failed export.",
        "(0 bytes)",
        _START + "{}, " + _END,
    ),
    Rule(
        "GJ002", "error", "wrong encoding",
        "The text is UTF-16 or UTF-32.",
        "JSON that is exchanged is UTF-8 (RFC 8259, section 8.1).",
        "FF FE 7B 00 ...",
        "the same text saved as UTF-8",
    ),
    Rule(
        "GJ003", "error", "broken UTF-8",
        "A byte sequence is not valid UTF-8.",
        "Names would be garbled or the file refused.",
        "4B F6 6C 6E (Köln in Latin-1)",
        "4B C3 B6 6C 6E (Köln in UTF-8)",
    ),
    Rule(
        "GJ004", "warning", "byte order mark",
        "The text begins with U+FEFF.",
        "RFC 8259 forbids to write it; some parsers stop at it.",
        "EF BB BF 7B ...",
        "7B ...",
    ),
    Rule(
        "GJ005", "error", "not JSON",
        "The text breaks the grammar of JSON.",
        "No parser can tell what is meant.",
        "{'type': 'Point', 'coordinates': (69.2, 41.3)}",
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ006", "error", "truncated text",
        "The text ends before its brackets are closed.",
        "The rest of the data is lost: a download or an export was cut off.",
        '{"type": "Point", "coordinates": [69.2, 41',
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ007", "error", "text after the end",
        "Something follows the end of the JSON value.",
        "Programs that stop at the end would lose it, others refuse the file.",
        '{"type": "Point", "coordinates": [69.2, 41.3]} }',
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ008", "error", "newline-delimited features",
        "The file holds one JSON text a line.",
        "That is another format; a GeoJSON reader sees the first line at best.",
        _START + "{}, " + _END + "\n" + _START + "{}, " + _END,
        '{"type": "FeatureCollection", "features": ['
        + _START + "{}, " + _END + ", " + _START + "{}, " + _END + "]}",
    ),
    Rule(
        "GJ009", "error", "text sequence",
        "The file is a GeoJSON text sequence (RFC 8142), with record separators.",
        "That is another format; most GeoJSON readers refuse it.",
        "1E {...} 0A 1E {...} 0A",
        '{"type": "FeatureCollection", "features": [{...}, {...}]}',
    ),
    Rule(
        "GJ010", "error", "NaN or Infinity",
        "A number is written as NaN, Infinity or -Infinity.",
        "JSON has no such values; browsers refuse the whole file.",
        _START + '{"length_km": NaN}, ' + _END,
        _START + '{"length_km": null}, ' + _END,
    ),
    Rule(
        "GJ011", "error", "key twice",
        "An object has the same key twice.",
        "Parsers keep one of the values and drop the other without a word.",
        _START + '{"status": "planned", "status": "operating"}, ' + _END,
        _START + '{"status": "operating"}, ' + _END,
    ),
    Rule(
        "GJ012", "error", "nested too deep",
        "Brackets are nested deeper than GeoJSON can need.",
        "Such texts make parsers crash.",
        "[[[[[[[[[[[[... 100,000 times",
        '{"type": "Point", "coordinates": [69.2, 41.3]}',
    ),
    Rule(
        "GJ013", "warning", "half a character",
        "A text holds half of a surrogate pair.",
        "It is no character and cannot be written as UTF-8.",
        _START + '{"name": "\\ud83d"}, ' + _END,
        _START + '{"name": "\\ud83d\\ude82"}, ' + _END,
    ),
)  # fmt: skip


def check_text(view: View) -> Iterator[Finding]:
    """Pass on what reading the text has found, with the feature if it is inside one."""
    if not view.document.findings:
        return
    rows = {row.pointer: row for row in view.flat.features}
    for finding in view.document.findings:
        match = re.match(r"(/features/(\d+))(?:/|$)", finding.pointer or "")
        row = rows.get("") or (rows.get(match.group(1)) if match else None)
        if finding.pointer is not None and row is not None:
            finding = replace(finding, feature_index=row.index, feature_id=row.id)
        elif match:  # in the place of a feature, but none
            finding = replace(finding, feature_index=int(match.group(2)))
        yield finding
