"""Rules on dates, on rows of the tables and on sidecars, and the exceptions explained there."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sco_geo.catalog import shipped_directory
from sco_geo.rules import REGISTRY
from sco_geo.units import COUNTRY_CODES
from sco_geo.validation import check

if TYPE_CHECKING:
    from conftest import Folder

Feature = dict[str, Any]


def with_properties(feature: Feature, **changes: object) -> Feature:
    result = copy.deepcopy(feature)
    result["properties"] |= changes
    return result


def test_country_codes_are_those_of_the_standard() -> None:
    # ISO 3166-1 has 249 officially assigned codes (since South Sudan, 2011); XKX is not one.
    assert len(COUNTRY_CODES - {"XKX"}) == 249
    assert {"AFG", "ZWE", "SSD", "CUW", "XKX", "ROU", "TLS"} <= COUNTRY_CODES
    assert COUNTRY_CODES.isdisjoint({"XYZ", "ANT", "ROM", "TMP", "SUN", "YUG", "EUR", "UKI"})


# --- dates and status ------------------------------------------------------------------

# The date of the map is 2025-08-30.
DATES = [
    ({"status": "planned"}, ["AT315"]),
    ({"status": "construction", "opened": "2025-08-30"}, ["AT315"]),
    ({"status": "construction", "opened": "2025"}, []),  # may still be the same year
    ({"status": "construction", "opened": "2025-08"}, []),
    ({"status": "cancelled"}, ["AT315"]),
    ({"status": "suspended"}, []),
    ({"status": "suspended", "opened": "2031"}, ["AT319"]),
    ({"status": "mothballed", "opened": "2025-09"}, ["AT319"]),
    ({"closed": "2024"}, ["AT316"]),
    ({"closed": "2025-08-30"}, ["AT316"]),
    ({"closed": "2025"}, []),
    ({"closed": "2031"}, []),
    ({"status": "suspended", "closed": "2024"}, []),
    ({"start": "2024-07-13", "end": "2024-07-03"}, ["AT317"]),
    ({"start": "2024-07-03", "end": "2024-07-03"}, []),
    ({"start": "2024", "end": "2024-07-03"}, []),
    ({"start": "soon"}, ["AT309"]),
    ({"status": "planned", "opened": None, "planned_opening": "2023-08"}, ["AT318"]),
    ({"status": "construction", "opened": None, "planned_opening": "2024"}, ["AT318"]),
    ({"status": "planned", "opened": None, "planned_opening": "2025"}, []),
    ({"status": "planned", "opened": None, "planned_opening": "2030"}, []),
    ({"planned_opening": "2019"}, []),  # operating
    ({"planned_opening": "next year"}, ["AT309"]),
]


@pytest.mark.parametrize(("changes", "expected"), DATES)
def test_dates_against_the_status(
    folder: Folder, line: Feature, changes: dict[str, object], expected: list[str]
) -> None:
    folder.layer("rail", with_properties(line, **changes))
    found = folder.findings()
    assert [f.code for f in found] == expected
    for finding in found:
        assert finding.severity == ("warning" if finding.code in ("AT318", "AT319") else "error")
        assert finding.pointer is not None and finding.pointer.split("/")[-1] in {
            *changes, "opened",
        }  # fmt: skip


def test_the_status_of_the_day_comes_from_the_history(folder: Folder, line: Feature) -> None:
    folder.layer("rail", with_properties(line, status=None, opened="2026"))
    folder.table(
        "status_history.csv",
        "line-one,project,construction,2020,2024,,paper,",
        "line-one,project,operating,2024,,,paper,",
    )
    assert folder.codes() == ["AT310"]


# --- status history --------------------------------------------------------------------

LAND = {
    "type": "Feature",
    "id": "land",
    "properties": {
        "name": "Land", "kind": "territory", "status": "member", "countries": "AAA",
        "sources": "paper",
    },
    "geometry": {
        "type": "Polygon", "coordinates": [[[60, 35], [61, 35], [61, 36], [60, 36], [60, 35]]],
    },
}  # fmt: skip

HISTORY = [
    (["line-one,project,operating,2020-05,2019-01,,paper,"], [("SR021", 2)]),
    (["line-one,project,operating,2020-05,2020-05,,paper,"], [("SR021", 2)]),
    (["line-one,project,construction,2019,2020-05,,paper,"], []),
    (
        [
            "line-one,project,construction,2019,,,paper,",
            "line-one,project,operating,2020-05,,,paper,",
        ],
        [("SR022", 3)],
    ),
    (
        [
            "line-one,project,operating,2020-05,,,paper,",
            "line-one,project,construction,2019,2020-06-02,,paper,",
        ],
        [("SR022", 2)],  # the rows need not stand in order
    ),
    (
        [
            "line-one,project,construction,2019,2020-05-12,,paper,",
            "line-one,project,operating,2020-05,,,paper,",  # some day of that month
        ],
        [],
    ),
    (["line-one,project,open,2020-05,,,paper,"], [("SR023", 2)]),
    (["line-one,project,member,2020-05,,,paper,"], [("SR023", 2)]),
    (["line-one,projects,operating,2020-05,,,paper,"], [("SR023", 2)]),
    (["land,sco,operating,2020-05,,,paper,"], [("SR023", 2)]),
    (["line-one,sco,member,2020-05,,,paper,"], [("SR024", 2)]),
    (["land,project,operating,2020-05,,,paper,"], [("SR024", 2)]),
    (["land,sco,member,2017-06-09,,2017-06-08,paper,"], []),
    (["land,sco,member,2017-06-08,,2017-06-09,paper,"], [("SR025", 2)]),
    (["land,sco,member,2017,,2017-06-09,paper,"], []),
    (["line-one,project,operating,2026-01,,,read,"], [("SR026", 2)]),
    (["line-one,project,planned,2026-01,,,read,"], []),
    (["line-one,project,operating,2025-06,,,read,"], []),
    (["line-one,project,operating,2031,,,read;paper,"], []),  # paper has no date
]


@pytest.mark.parametrize(("rows", "expected"), HISTORY)
def test_status_history(
    folder: Folder, line: Feature, rows: list[str], expected: list[tuple[str, int]]
) -> None:
    folder.table("sources.csv", "paper,A,P,,,,,", "read,A,R,,,2025-06-01,,", "atlas,B,At,,,,,")
    folder.layer("rail", with_properties(line, opened=None), LAND)
    folder.table("status_history.csv", *rows)
    found = [f for f in folder.findings() if f.code.startswith("SR")]
    assert [(f.code, f.line) for f in found] == expected
    for finding in found:
        assert finding.layer == "status_history.csv"
        is_warning = finding.code in ("SR024", "SR025", "SR026")
        assert finding.severity == ("warning" if is_warning else "error")


# --- claims ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "scope", "is_known"),
    [
        ("line-one", "whole", True),
        ("line-one", "pipe_length", True),
        ("line-one", "AAA", True),
        ("line-one", "KAZ", True),
        ("line-one", "XYZ", False),
        ("line-one", "Kazakhstan", False),
        ("line-one", "section:line-one", True),
        ("the-system", "section:line-one", True),
        ("the-system", "section:line-two", False),
        ("land", "section:line-one", False),
    ],
)
def test_scopes_of_claims(
    folder: Folder, line: Feature, subject: str, scope: str, is_known: bool
) -> None:
    folder.layer("rail", line, LAND)
    folder.table("claims.csv", f"{subject},{scope},bridges,7,,2025,true,paper,")
    found = folder.findings()
    assert [(f.code, f.line) for f in found] == ([] if is_known else [("SR510", 2)])


# --- sidecars --------------------------------------------------------------------------

TITLES = '[systems.the-system]\nen = "The system"\n'


@pytest.mark.parametrize(
    ("sidecar", "code", "said"),
    [
        ('order = "first"\n' + TITLES, "SR508", "order must be of type int"),
        ("title = \n", "SR508", "not readable as TOML"),
        ("accepted = 5\n" + TITLES, "SR508", "accepted must be of type list"),
        ('[[unlocated]]\nen = "X"\nsources = ["rumour"]\n' + TITLES, "SR502", '"rumour"'),
        ('title = "x"\n', "SR509", "[systems.the-system]"),
        ('[[accepted]]\ncode = "TP413"\nid = "x"\n', "SR506", "reason is missing"),
        ('[[accepted]]\ncode = "TP413"\nreason = "y"\n', "SR506", "id is missing"),
        ('[[accepted]]\nid = "x"\nreason = "y"\n', "SR506", "code is missing"),
        ('[[accepted]]\ncode = "TP413"\nid = "x"\nreason = " "\n', "SR506", "reason is missing"),
        ('[[accepted]]\ncode = "TP9"\nid = "x"\nreason = "y"\n', "SR506", "no rule"),
        ('[[accepted]]\ncode = "AT303"\nid = "x"\nreason = "y"\n', "SR506", "is no warning"),
        ('[[accepted]]\ncode = "GM231"\nid = "x"\nreason = "y"\n', "SR506", "is no warning"),
        (
            '[[accepted]]\ncode = "TP413"\nid = "x"\nreason = "y"\nall = true\n',
            "SR506",
            "all is no key",
        ),
        ("accepted = [5]\n", "SR506", "is no table"),
        ('[[accepted]]\ncode = "TP413"\nid = "line-one"\nreason = "y"\n', "SR507", "line-one"),
    ],
)
def test_faulty_sidecar(folder: Folder, line: Feature, sidecar: str, code: str, said: str) -> None:
    text = sidecar if "systems" in sidecar or code in ("SR509", "SR508") else sidecar + TITLES
    folder.layer("rail", line, sidecar=text)
    (finding,) = folder.findings()
    assert (finding.code, finding.severity) == (code, REGISTRY[code].severity)
    assert said in finding.message


def accepted(code: str, feature_id: str, reason: str) -> str:
    return f'{TITLES}[[accepted]]\ncode = "{code}"\nid = "{feature_id}"\nreason = "{reason}"\n'


def test_an_explained_warning_is_a_note(folder: Folder, line: Feature) -> None:
    folder.table("claims.csv", "line-one,whole,length_km,2000,km,2025,true,paper,")
    reason = "The figure counts the branches."
    path = folder.layer("rail", line, sidecar=accepted("TP413", "line-one", reason))
    (finding,) = folder.findings()
    assert (finding.code, finding.severity, finding.hint) == ("TP413", "note", None)
    assert finding.message.endswith(f"Accepted: {reason}")
    assert "2,000 km" in finding.message
    run = check([folder.root], context=[folder.context])
    assert run.report.verdict == "accept" and run.report.exit_code(strict=True) == 0
    # A file by itself has no claims to be held against: then the entry is no mistake.
    assert check([path], context=[folder.context]).report.findings == ()


def test_a_file_by_itself_may_explain_its_warnings(tmp_path: Path) -> None:
    points = [[50, 10], [50, 10], [51, 10]]  # a vertex repeated: GM203
    feature = {"type": "Feature", "id": "x", "properties": {"name": "x"}}
    feature["geometry"] = {"type": "LineString", "coordinates": points}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (before,) = check([path]).report.findings
    assert (before.code, before.severity) == ("GM203", "warning")
    (tmp_path / "a.toml").write_text(accepted("GM203", "x", "A halt of the survey."))
    (after,) = check([path]).report.findings
    assert (after.code, after.severity) == ("GM203", "note")
    assert after.message.endswith("Accepted: A halt of the survey.")


def test_an_explanation_covers_one_code_and_one_feature(folder: Folder, line: Feature) -> None:
    gap = copy.deepcopy(line)
    gap["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [[[65, 40], [70, 40]], [[71, 40], [75, 40]]],
    }
    other = copy.deepcopy(gap) | {"id": "line-two"}
    folder.layer("rail", gap, other, sidecar=accepted("TP406", "line-one", "A tunnel."))
    found = [(f.code, f.severity, f.feature_id) for f in folder.findings()]
    assert found == [("TP406", "note", "line-one"), ("TP406", "warning", "line-two")]


def test_an_exception_of_a_system(folder: Folder, line: Feature) -> None:
    folder.table("claims.csv", "the-system,whole,length_km,2000,km,2025,true,paper,")
    folder.layer("rail", line, sidecar=accepted("TP413", "the-system", "A part is not drawn."))
    (finding,) = folder.findings()
    assert (finding.severity, finding.feature_id) == ("note", "the-system")
    assert finding.feature_index is None and finding.line == 2


def test_an_exception_may_wait_for_its_date(folder: Folder, line: Feature) -> None:
    late = with_properties(line, status="planned", opened=None, planned_opening="2024-06")
    folder.layer("rail", late, sidecar=accepted("AT318", "line-one", "Nothing was heard of it."))
    for as_of, severities in (("2024-01-01", []), ("2025-08-30", ["note"])):
        run = check([folder.root], context=[folder.context], as_of=as_of)
        assert [f.severity for f in run.report.findings] == severities


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('view_of = "nowhere.geojson"\n', "no file of geo/"),
        ('view_of = "../layers/roads.geojson"\n', "no file of geo/"),
        ("view_of = 5\n", "view_of must be of type str"),
        ("view_of\n", "not readable as TOML"),
        ('view_of = "places.geojson"\n', None),
        ('title = "a note"\n', None),
    ],
)
def test_views_of_the_base(folder: Folder, line: Feature, text: str, said: str | None) -> None:
    folder.layer("rail", line)
    (folder.root / "hubs.toml").write_text(text, encoding="utf-8")
    found = folder.findings()
    assert [(f.code, f.layer) for f in found] == ([("SR508", "hubs")] if said else [])
    assert all(str(said) in f.message for f in found)


@pytest.mark.parametrize("as_of", ["2001-06-15", "2010-01-01", "2017-06-09", "2024-07-04"])
def test_shipped_layers_hold_on_other_days(as_of: str) -> None:
    # What opened later has the status "none" until then, by the status history.
    report = check([shipped_directory("layers")], as_of=as_of).report
    assert [f.to_text() for f in report.findings if f.severity != "note"] == []
