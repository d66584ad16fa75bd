"""How grave a finding is where no verdict of a file in the corpus or the fixtures says so.

The rule behind all of them: an error is what must not go into a map or a length table, a warning
is usable and very likely a slip, a note never changes a verdict.
"""

from __future__ import annotations

import pytest

from sco_geo.rules import REGISTRY

ERRORS = {
    "nothing of the path was checked": "IO001 IO002 IO003 IO004 IO005 IO006 IO007",
    "claims and links find the feature by its id": "AT301",
    "lengths are summed by country": "AT314",
    "rows of a table would be lost or misread": "SR011 SR012 SR013 SR014 SR015",
    "a figure would stand there without its date, state, source or value": (
        "SR016 SR017 SR018 SR019 SR020"
    ),
    "the row or the scope is about nothing that is there": "SR503 SR510",
    "title, licence and exceptions of the layer would be lost": "SR506 SR508",
}
WARNINGS = {
    "an exception that is no longer needed does no harm": "SR507",
    "the legend falls back to the id": "SR509",
    "borders are coarse: the line or the list may be right": "TP405 TP411",
}
NOTES = {
    "readers ignore or reckon anew what the box says": "GJ122",
    "the rest was not checked, which is no fault of the file": "TP407 GM231",
}
CASES = [
    (code, severity)
    for severity, groups in (("error", ERRORS), ("warning", WARNINGS), ("note", NOTES))
    for codes in groups.values()
    for code in codes.split()
]


@pytest.mark.parametrize(("code", "severity"), CASES)
def test_severity(code: str, severity: str) -> None:
    assert REGISTRY[code].severity == severity
