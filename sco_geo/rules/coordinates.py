"""Rules on positions: numbers, ranges, heights, precision and exchanged axes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sco_geo._flat import Bools, Floats, Ints
from sco_geo._json_text import BigInteger, shorten
from sco_geo.model import Finding
from sco_geo.rules._base import REGISTRY, Rule, View, plural, quote, register
from sco_geo.rules._positions import comma_hint, coordinates_of, depth_hint, number_hint

_LINE = '{"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}'
_POINT = '{"type": "Point", "coordinates": [69.2, 41.3]}'

register(
    Rule(
        "CO101", "error", "coordinates of the wrong depth",
        "Arrays are nested too deep or not deep enough for the type of geometry.",
        "Readers fail, or take a polygon for a line.",
        '{"type": "LineString", "coordinates": [69.2, 41.3]}',
        _LINE,
    ),
    Rule(
        "CO102", "error", "not a number",
        "A position holds a text, true, false, null or an object.",
        "Some readers convert it, some drop the feature.",
        '{"type": "Point", "coordinates": ["69.2", "41.3"]}', _POINT,
    ),
    Rule(
        "CO103", "warning", "line not cut at the antimeridian",
        "The longitude jumps by more than 180° between two vertices of a line.",
        "Its length is right, but it is drawn around the whole world (RFC 7946, section 3.1.9).",
        '{"type": "LineString", "coordinates": [[179.5, 66.0], [-179.5, 66.1]]}',
        '{"type": "MultiLineString", "coordinates": '
        "[[[179.5, 66.0], [180, 66.05]], [[-180, 66.05], [-179.5, 66.1]]]}",
    ),
    Rule(
        "CO104", "error", "fewer than two numbers",
        "A position has no or one number.",
        "A place needs longitude and latitude.",
        '{"type": "Point", "coordinates": [69.2]}', _POINT,
    ),
    Rule(
        "CO105", "error", "number not finite",
        "A coordinate is too large for a number.",
        "Every computation with it is infinite.",
        '{"type": "Point", "coordinates": [1e999, 41.3]}', _POINT,
    ),
    Rule(
        "CO106", "error", "off the globe",
        "A longitude is beyond ±180 or a latitude beyond ±90 degrees.",
        "The place does not exist, and lengths to it are undefined.",
        '{"type": "Point", "coordinates": [692.0, 41.3]}', _POINT,
    ),
    Rule(
        "CO107", "error", "projected metres",
        "The coordinates are far beyond degrees, as in a projected system.",
        "Readers take them for degrees.",
        '{"type": "Point", "coordinates": [7703308.9, 5056382.4]}', _POINT,
    ),
    Rule(
        "CO108", "error", "latitude before longitude",
        "A latitude is beyond ±90 and would fit if the two numbers were exchanged.",
        "GeoJSON has longitude first; the place would be elsewhere or nowhere.",
        '{"type": "Point", "coordinates": [39.1, 117.2]}',
        '{"type": "Point", "coordinates": [117.2, 39.1]}',
    ),
    Rule(
        "CO109", "error", "longitude counted to 360",
        "A longitude is between 180 and 360, the latitude is fine.",
        "RFC 7946 counts from -180 to 180; programs draw it on another copy of the world.",
        '{"type": "Point", "coordinates": [190.5, 66.2]}',
        '{"type": "Point", "coordinates": [-169.5, 66.2]}',
    ),
    Rule(
        "CO110", "error", "degrees and minutes",
        "The coordinates look like degrees and minutes written as one number.",
        "GeoJSON has decimal degrees.",
        '{"type": "Point", "coordinates": [6912.5, 4118.0]}',
        '{"type": "Point", "coordinates": [69.2083, 41.3]}',
    ),
    Rule(
        "CO111", "warning", "more than three numbers",
        "A position has a fourth number.",
        "RFC 7946, section 3.1.1, advises against it; readers drop it.",
        '{"type": "Point", "coordinates": [69.2, 41.3, 450, 1700000000]}',
        '{"type": "Point", "coordinates": [69.2, 41.3, 450]}',
    ),
    Rule(
        "CO112", "warning", "heights on some vertices only",
        "Some positions of a feature have a height and some have none.",
        "Readers fill the gaps with 0 or drop all heights.",
        '{"type": "LineString", "coordinates": [[69.2, 41.3, 450], [76.1, 43.4]]}', _LINE,
    ),
    Rule(
        "CO113", "warning", "vertex at 0, 0",
        "A vertex is at longitude 0, latitude 0, in the Gulf of Guinea.",
        "That is where missing coordinates end up.",
        '{"type": "LineString", "coordinates": [[0, 0], [76.1, 43.4]]}', _LINE,
    ),
    Rule(
        "CO114", "warning", "false precision",
        "Most vertices have more than seven decimals, that is less than a centimetre.",
        "The digits mean nothing and make the file larger.",
        '{"type": "LineString", "coordinates": [[69.240073412, 41.299496123], '
        "[69.599824671, 42.317415538], [76.945465214, 43.238949177]]}",
        '{"type": "LineString", "coordinates": [[69.240073, 41.299496], '
        "[69.599825, 42.317416], [76.945465, 43.238949]]}",
    ),
)  # fmt: skip

#: Findings of one code about one geometry; a wrong depth is reported once.
_REPEATS = 100
_BIG = 400.0


def check_positions(view: View) -> Iterator[Finding]:
    """Explain the coordinates that could not be read as numbers."""
    kept: dict[tuple[int, str], list[Finding]] = {}
    counts: Counter[tuple[int, str]] = Counter()
    for fault in view.flat.rejected:
        for code, pointer, value in _faults_in(fault.value, fault.pointer, fault.depth):
            if code == "CO105" and view.document.has_constants:
                continue  # NaN and Infinity have been reported as text
            key = fault.geometry, code
            counts[key] += 1
            if counts[key] <= (1 if code == "CO101" else _REPEATS):
                finding = _position_finding(view, fault.geometry, code, pointer, value)
                kept.setdefault(key, []).append(finding)
    for key, findings in kept.items():
        more = counts[key] - len(findings)
        if more:
            message = f"{findings[-1].message} (and {more:,} more like this in the geometry)"
            findings[-1] = replace(findings[-1], message=message)
        yield from findings


def _faults_in(value: object, pointer: str, depth: int) -> Iterator[tuple[str, str, object]]:
    """Yield code, pointer and value of each fault in coordinates, without a word about it yet.

    One fault for all that is no number in a position, and one for each infinity.
    """
    if not isinstance(value, list):
        yield "CO101", pointer, value
    elif depth:
        for index, child in enumerate(value):
            if depth > 1 or not _is_position(child):
                yield from _faults_in(child, f"{pointer}/{index}", depth - 1)
    elif any(isinstance(number, list) for number in value):
        yield "CO101", pointer, value
    elif len(value) < 2:
        yield "CO104", pointer, value
    else:
        bad = [index for index, number in enumerate(value) if not _is_number(number)]
        if bad:
            yield "CO102", f"{pointer}/{bad[0]}", [value[index] for index in bad]
        for index, number in enumerate(value):
            if index not in bad and not _is_finite(number):
                yield "CO105", f"{pointer}/{index}", number


def _is_position(value: object) -> bool:
    return value.__class__ is list and len(value) > 1 and all(map(_is_finite, value))


def _is_number(value: object) -> bool:
    return value.__class__ in (int, float, BigInteger)


def _position_finding(view: View, geometry: int, code: str, pointer: str, value: object) -> Finding:
    hint: str | None = None
    if code == "CO101":
        message = "an array stands where a number belongs: nested too deep"
        if not isinstance(value, list):
            message = f"{shorten(value)} stands where an array belongs"
        hint = depth_hint(view.flat.geometry_type[geometry], coordinates_of(view, geometry))
    elif code == "CO102" and isinstance(value, list):
        hint = next(filter(None, map(number_hint, value)), None)
        what = "stands where a number belongs" if len(value) == 1 else "stand where numbers belong"
        message = f"{' and '.join(map(quote, value[:3]))} {what}"
    elif code == "CO104" and isinstance(value, list):
        message = f"a position has {plural(len(value), 'number')}, not two or three"
        hint = "Write [longitude, latitude]."
    else:
        message = "a coordinate is not a finite number"
    row = view.flat.features[view.flat.geometry_feature[geometry]]
    return Finding(
        code, REGISTRY[code].severity, message, hint,
        pointer=pointer, feature_index=row.index, feature_id=row.id,
    )  # fmt: skip


def _is_finite(number: Any) -> bool:
    """Tell whether a value is a number that a float can hold."""
    if number.__class__ is float:
        return math.isfinite(number)
    try:
        return number.__class__ is int and math.isfinite(float(number))
    except OverflowError:
        return False


def check_range(view: View) -> Iterator[Finding]:
    """Check that all vertices are on the globe, and name the likely cause if not."""
    flat = view.flat
    bad = np.flatnonzero(view.is_out_of_range)
    if not bad.size:
        return
    rows = flat.part_feature[flat.vertex_part[bad]]
    causes = _causes(flat.lon[bad], flat.lat[bad])
    for row in np.unique(rows[causes == 110]):
        mine = (rows == row) & np.isin(causes, (107, 110))
        if (causes[mine] == 107).any():
            causes[mine] = 107
    hints = {
        106: "Check the decimal point.",
        107: "Transform the coordinates to WGS 84 longitude and latitude.",
        108: "Exchange the two numbers: longitude comes first.",
        109: "Subtract 360 from longitudes over 180, and cut the line at ±180.",
        110: "Convert degrees and minutes to decimal degrees.",
    }
    for vertex, count in view.groups(bad, rows * 1000 + causes):
        cause = int(causes[np.searchsorted(bad, vertex)])
        lon, lat = float(flat.lon[vertex]), float(flat.lat[vertex])
        more = f" ({count:,} vertices like this in the feature)" if count > 1 else ""
        axis = f"latitude {lat:.10g} is beyond ±90" if abs(lat) > 90 else ""
        if abs(lon) > 180:
            both = " and " if axis else ""
            axis = f"longitude {lon:.10g} is beyond ±180{both}{axis}"
        hint = comma_hint(view, vertex) or hints[cause]
        yield view.vertex_finding(f"CO{cause}", vertex, f"{axis}{more}", hint)


def _causes(lon: Floats, lat: Floats) -> Ints:
    """Guess for each vertex off the globe why it is there; numbers of the CO rules."""
    x, y = np.abs(lon), np.abs(lat)
    is_big = np.maximum(x, y) > _BIG
    is_minutes = is_big & (x % 100 < 60) & (y % 100 < 60) & (x <= 18060) & (y <= 9060)
    is_swapped = ~is_big & (y > 90) & (y <= 180) & (x <= 90)
    is_360 = (y <= 90) & (x > 180) & (x <= 360)
    # A single large number beside a good one is a slip of the decimal point, not a projection.
    is_metres = is_big & (np.minimum(x, y) > 180)
    return np.select(
        [is_minutes & (y > 90), is_metres, is_swapped, is_360], [110, 107, 108, 109], 106
    ).astype(np.int64)


def check_numbers(view: View) -> Iterator[Finding]:
    """Check heights, fourth numbers, the point 0, 0 and the count of decimals."""
    flat = view.flat
    row_of_vertex = flat.part_feature[flat.vertex_part]
    many = np.flatnonzero(flat.sizes > 3)
    for vertex, count in view.groups(many, row_of_vertex[many]):
        message = f"a position has {flat.sizes[vertex]} numbers"
        more = f" ({count:,} such positions in the feature)" if count > 1 else ""
        hint = "Keep longitude, latitude and at most a height; move the rest to properties."
        hint = comma_hint(view, vertex) or hint
        yield view.vertex_finding("CO111", vertex, message + more, hint)
    flats = np.flatnonzero(flat.sizes == 2)
    with_height = np.unique(row_of_vertex[flat.sizes > 2])
    flats = flats[np.isin(row_of_vertex[flats], with_height)]
    for vertex, count in view.groups(flats, row_of_vertex[flats]):
        message = f"{plural(count, 'vertex')} without height in a feature with heights"
        yield view.vertex_finding("CO112", vertex, message, "Give all vertices a height or none.")
    zero = np.flatnonzero((flat.lon == 0) & (flat.lat == 0))
    for vertex, count in view.groups(zero, row_of_vertex[zero]):
        message = "a vertex is exactly at longitude 0, latitude 0"
        more = f" ({count:,} such vertices in the feature)" if count > 1 else ""
        hint = "Put in the real place, or delete it."
        yield view.vertex_finding("CO113", vertex, message + more, hint)
    yield from _check_decimals(view)


def _check_decimals(view: View) -> Iterator[Finding]:
    flat = view.flat
    is_long = _has_long_decimals(flat.lon) | _has_long_decimals(flat.lat)
    is_long &= ~view.is_out_of_range
    count = int(is_long.sum())
    if count < 3 or count * 2 <= len(flat.lon):
        return
    message = f"{count:,} of {len(flat.lon):,} vertices have more than seven decimals"
    hint = "Round to six or seven decimals (0.1 m or 1 cm)."
    yield view.vertex_finding("CO114", int(np.argmax(is_long)), message, hint, fixable=True)


def _has_long_decimals(values: Floats) -> Bools:
    scaled = values * 1e7
    result: Bools = np.abs(scaled - np.rint(scaled)) > 1e-3
    return result
