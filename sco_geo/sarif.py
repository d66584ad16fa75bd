"""Findings as a SARIF 2.1.0 log, which forges and editors show beside the lines of a file."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from sco_geo import __version__
from sco_geo.model import Finding, Report
from sco_geo.rules import REGISTRY, Rule, to_help

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"  # noqa: E501
)
_FEATURE = re.compile(r"/features/\d+")


def to_sarif(report: Report, *, exit_code: int) -> dict[str, object]:
    """Return all findings of a run as one SARIF log.

    Parameters
    ----------
    exit_code : int
        What the command returns; 2 means that a path could not be opened.

    Notes
    -----
    Lines and columns count from 1, columns in Unicode code points. Paths below the working
    directory are written relative to it, as forges expect of the top of a repository.
    """
    codes = sorted({finding.code for finding in report.findings})
    index = {code: number for number, code in enumerate(codes)}
    uris = {path: path_to_uri(path) for path in {f.path or "-" for f in report.findings}}
    seen: Counter[str] = Counter()
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "sco-geo",
                        "version": __version__,
                        "rules": [_rule(REGISTRY[code]) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": exit_code != 2, "exitCode": exit_code}],
                "results": [
                    _result(finding, index[finding.code], uris[finding.path or "-"], seen)
                    for finding in report.findings
                ],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, object]:
    words = re.findall(r"\w+", rule.title)
    plain, markdown = to_help(rule)
    return {
        "id": rule.code,
        "name": "".join(word[0].upper() + word[1:] for word in words),
        "shortDescription": {"text": f"{rule.title[0].upper()}{rule.title[1:]}."},
        "fullDescription": {"text": f"{rule.meaning} {rule.why}"},
        "help": {"text": plain, "markdown": markdown},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, rule_index: int, uri: str, seen: Counter[str]) -> dict[str, object]:
    known = {
        "lon": finding.lon,
        "lat": finding.lat,
        "hint": finding.hint,
        "featureIndex": finding.feature_index,
        "featureId": finding.feature_id,
    }
    properties: dict[str, object] = {k: v for k, v in known.items() if v is not None}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": finding.severity,
        "message": {"text": _message(finding)},
        "locations": [_location(finding, uri)],
        "partialFingerprints": {"scoGeoFinding/v1": _fingerprint(finding, uri, seen)},
        "properties": {**properties, "fixable": finding.fixable},
    }


def _message(finding: Finding) -> str:
    """Return the message and the hint as sentences."""
    message = finding.message[:1].upper() + finding.message[1:]
    message += "" if message.endswith((".", "!", "?")) else "."
    text = f"{message} Hint: {finding.hint}" if finding.hint else message
    # SARIF, section 3.11.6: "[text](target)" is a link, which data must not make.
    return text.replace("](", "] (")


def _location(finding: Finding, uri: str) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if finding.line is not None:
        column = finding.column or 1
        place["region"] = {
            "startLine": finding.line,
            "startColumn": column,
            "endLine": finding.line,
            "endColumn": column + 1,
        }
    location: dict[str, object] = {"physicalLocation": place}
    names = _logical_names(finding)
    if names:
        location["logicalLocations"] = names
    return location


def _logical_names(finding: Finding) -> list[dict[str, str]]:
    """Return the value that is meant, as a JSON pointer, and the feature that holds it."""
    names = []
    if finding.pointer:
        names.append({"fullyQualifiedName": finding.pointer})
    if finding.feature_id:
        match = _FEATURE.match(finding.pointer or "")
        feature = {"name": finding.feature_id, "kind": "object"}
        names.append({**feature, "fullyQualifiedName": match.group()} if match else feature)
    return names


def path_to_uri(path: str) -> str:
    """Return a path as a percent-encoded URI, relative if it lies below the working directory."""
    place = Path(path)
    if place.is_absolute():
        try:
            place = place.relative_to(Path.cwd())
        except ValueError:
            return "file://" + quote(_bytes(place.as_posix()))
    return quote(_bytes(place.as_posix()))


def _bytes(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # half a surrogate pair, which no file system has
        return path.encode("utf-8", "backslashreplace")


def _fingerprint(finding: Finding, uri: str, seen: Counter[str]) -> str:
    """Return a digest that stays the same when lines or features above the finding change."""
    pointer = finding.pointer or ""
    if finding.feature_id is not None:
        pointer = _FEATURE.sub("", pointer, count=1)
    parts = (finding.code, uri, finding.feature_id or "", pointer)
    text = "\n".join(parts)
    seen[text] += 1
    return hashlib.sha256(_bytes(f"{text}\n{seen[text]}")).hexdigest()[:32]
