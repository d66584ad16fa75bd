"""The rules of the validator on geometries that came from no text.

Geometries that GEOS has built go straight into the flat array that the rules read. The few about
which the rules have more to say (missing, empty, collections, not finite, or such as GEOS refuses)
are written as GeoJSON and read like any other file. So there is one set of rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sco_geo import geojson, rules
from sco_geo._flat import FeatureRow
from sco_geo._flat_geometries import flatten_geometries, is_plain
from sco_geo._geo_blocks import to_geojson
from sco_geo._geoparquet import GeoFile
from sco_geo._json_text import shorten
from sco_geo.model import SEVERITIES, FileReport, Finding
from sco_geo.rules import REGISTRY, View

#: Rules on the digits of a text, which a binary file has not.
_ABOUT_TEXT = {"CO114"}
#: What JSON has no word for; 1e999 is read as what it is, a number that is not finite.
_NOT_FINITE = re.compile(r"NaN|-?Infinity")
_LINE_TYPES = [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING]
_LONGEST_ID = 200


@dataclass(frozen=True)
class Checked:
    """What the rules say about some features of a file.

    Parameters
    ----------
    verdicts, codes : list of str
        One entry a feature: the verdict, and the codes of its findings joined by ``;``.
    is_measurable : array of bool
        Which features are lines on the globe, and so have a length.
    """

    findings: tuple[Finding, ...]
    verdicts: list[str]
    codes: list[str]
    is_measurable: NDArray[np.bool_]


def check_geometries(
    file: GeoFile, features: Sequence[FeatureRow], geometries: NDArray[np.object_], raw: Any
) -> Checked:
    """Check geometries.

    Parameters
    ----------
    features : sequence of FeatureRow
        With the number of each feature in the file, ascending without gaps, and its id.
    geometries : array of geometry or None
        In (lon, lat) degrees, as they were decoded.
    raw : pyarrow.ChunkedArray
        The same as they stand in the file.
    """
    plain = is_plain(geometries)
    rows = np.flatnonzero(plain)
    flat = flatten_geometries(geometries[rows], rows, tuple(features))
    view = View(replace(geojson.parse(b"", file.path), flat=flat))
    findings = list(rules.check_geometries(view))
    odd = np.flatnonzero(~plain)
    if odd.size:
        findings += _check_as_text(file, features, odd.tolist(), raw)
        findings.sort(key=lambda finding: finding.feature_index or 0)
    findings = [_placed(file, f) for f in findings if f.code not in _ABOUT_TEXT]
    is_line = np.isin(shapely.get_type_id(geometries), _LINE_TYPES)
    is_line &= shapely.is_empty(geometries) | (plain & ~view.is_off_globe)
    first = features[0].index if features else 0
    verdicts, codes = _by_feature(findings, first, len(features))
    return Checked(tuple(findings), verdicts, codes, is_line)


def _check_as_text(
    file: GeoFile, features: Sequence[FeatureRow], odd: list[int], raw: Any
) -> Iterator[Finding]:
    """Write features as GeoJSON and check what was written."""
    members: list[str] = []
    written: list[int] = []
    for row in odd:
        value = raw[row].as_py()
        try:
            geometry = None if value is None else to_geojson(value, file.encoding)
        except ValueError as error:
            yield _unreadable(features[row], str(error))
            continue
        text = _NOT_FINITE.sub("1e999", json.dumps(geometry))
        members.append(f'{{"type":"Feature","properties":{{}},"geometry":{text}}}')
        written.append(row)
    if not written:
        return
    text = f'{{"type":"FeatureCollection","features":[{",".join(members)}]}}'
    for finding in rules.check_geometries(View(geojson.parse(text.encode(), file.path))):
        feature = features[written[finding.feature_index or 0]]
        yield replace(finding, feature_index=feature.index, feature_id=feature.id)


def _unreadable(feature: FeatureRow, why: str) -> Finding:
    message = f"the geometry is no well-known binary: {why}"
    hint = "Write it anew, or write null."
    severity = REGISTRY["GJ123"].severity
    return Finding(
        "GJ123", severity, message, hint, feature_index=feature.index, feature_id=feature.id
    )


def _placed(file: GeoFile, finding: Finding) -> Finding:
    """Name the file; there is no text that a pointer could point into."""
    name = finding.feature_id
    if name is not None and len(name) > _LONGEST_ID:
        name = shorten(name, _LONGEST_ID)
    layer = Path(file.path).stem
    return replace(
        finding, path=file.path, layer=layer, pointer=None, fixable=False, feature_id=name
    )


def _by_feature(findings: Sequence[Finding], first: int, count: int) -> tuple[list[str], list[str]]:
    """Return the verdict and the codes of each feature, the worst codes first."""
    verdicts = [str(FileReport("").verdict)] * count
    codes = [""] * count
    of_feature: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.feature_index is not None:
            of_feature.setdefault(finding.feature_index - first, []).append(finding)
    for row, mine in of_feature.items():
        mine.sort(key=lambda finding: SEVERITIES.index(finding.severity))
        verdicts[row] = FileReport("", tuple(mine)).verdict
        codes[row] = ";".join(dict.fromkeys(finding.code for finding in mine))
    return verdicts, codes
