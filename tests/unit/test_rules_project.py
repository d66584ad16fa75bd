"""Rules for a project: attributes, sources, tables and ids over all layers."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from sco_geo.sources import Tables
from sco_geo.validation import check, validate

if TYPE_CHECKING:
    from conftest import Folder

LINE: dict[str, Any] = {
    "type": "Feature",
    "id": "line-one",
    "properties": {
        "name": "Line one",
        "kind": "railway",
        "system": "the-system",
        "status": "operating",
        "opened": "2020-05",
        "countries": "AAA;BBB",
        "gauges_mm": "1435;1520",
        "geometry_basis": "waypoints",
        "accuracy_km": 5,
        "terminus": "West yard; East yard",
        "sources": "paper; atlas",
    },
    "geometry": {"type": "LineString", "coordinates": [[65, 40], [75, 40]]},
}
POINT: dict[str, Any] = {
    "type": "Feature",
    "id": "gate",
    "properties": {"name": "Gate", "kind": "place", "sources": "paper"},
    "geometry": {"type": "Point", "coordinates": [70, 40]},
}


def with_properties(feature: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return a copy of a feature; a property changed to ... is left out."""
    result = copy.deepcopy(feature)
    for name, value in changes.items():
        result["properties"][name] = value
        if value is ...:
            del result["properties"][name]
    return result


def test_good_project_has_no_finding(folder: Folder) -> None:
    folder.layer("rail", LINE, POINT)
    folder.table(
        "claims.csv",
        "the-system,whole,length_km,900,km,2025,true,paper,",
        "line-one,whole,length_km,880,km,2024,false,atlas,",
    )
    folder.table("status_history.csv", "line-one,project,operating,2020-05,,,paper,")
    assert [finding.to_text() for finding in folder.findings()] == []


@pytest.mark.parametrize(
    ("changes", "code", "member"),
    [
        ({"name": ...}, "AT302", ""),
        ({"name": "  "}, "AT302", "/name"),
        ({"kind": ...}, "AT303", ""),
        ({"kind": "rail"}, "AT303", "/kind"),
        ({"status": ...}, "AT304", ""),
        ({"status": "active"}, "AT304", "/status"),
        ({"status": "member"}, "AT304", "/status"),
        ({"geometry_basis": ...}, "AT305", ""),
        ({"geometry_basis": "hand"}, "AT305", "/geometry_basis"),
        ({"accuracy_km": None}, "AT306", "/accuracy_km"),
        ({"accuracy_km": "5"}, "AT306", "/accuracy_km"),
        ({"accuracy_km": -1}, "AT306", "/accuracy_km"),
        ({"accuracy_km": True}, "AT306", "/accuracy_km"),
        ({"countries": "AAA;Bbb"}, "AT307", "/countries"),
        ({"countries": ["AAA", "BBB"]}, "AT307", "/countries"),
        ({"strays_into": "Bbb"}, "AT307", "/strays_into"),
        ({"gauges_mm": "1453"}, "AT308", "/gauges_mm"),
        ({"gauges_mm": [1435]}, "AT308", "/gauges_mm"),
        ({"opened": "May 2020"}, "AT309", "/opened"),
        ({"opened": 2020}, "AT309", "/opened"),
        ({"opened": "2025-09"}, "AT310", "/opened"),
        ({"opened": "2025-08-31"}, "AT310", "/opened"),
        ({"status": "suspended", "closed": "2019"}, "AT311", "/closed"),
        ({"routing": "perhaps"}, "AT312", "/routing"),
        ({"capacity": 5}, "AT313", "/capacity"),
        ({"capacity": "5", "capacity_unit": "bcm/a"}, "AT313", "/capacity"),
        ({"sources": ...}, "SR501", ""),
        ({"sources": " ; "}, "SR501", "/sources"),
        ({"sources": "paper;rumour"}, "SR502", "/sources"),
    ],
)
def test_bad_property(folder: Folder, changes: dict[str, object], code: str, member: str) -> None:
    folder.layer("rail", POINT, with_properties(LINE, **changes))
    found = [f for f in folder.findings() if f.code != "TP405"]
    (finding,) = found
    assert (finding.code, finding.severity) == (code, "error")
    assert (finding.pointer, finding.line) == (f"/features/1/properties{member}", 3)
    assert finding.feature_id == "line-one"


@pytest.mark.parametrize(
    "changes",
    [
        {"opened": "2025"},  # the year of the map: may have been before
        {"opened": "2025-08-30"},
        {"opened": "2031", "status": "construction"},
        {"opened": "", "closed": None},
        {"gauges_mm": 1520},
        {"gauges_mm": None},
        {"accuracy_km": 0},
        {"routing": "inferred"},
        {"capacity": 5.5, "capacity_unit": "bcm/a"},
        {"anything": {"else": [1, 2]}},
    ],
)
def test_good_property(folder: Folder, changes: dict[str, object]) -> None:
    folder.layer("rail", with_properties(LINE, **changes))
    assert folder.codes() == []


@pytest.mark.parametrize("feature_id", [None, "", "Line One", "a--b", 5])
def test_bad_id(folder: Folder, feature_id: object) -> None:
    feature = copy.deepcopy(POINT)
    feature["id"] = feature_id
    if feature_id is None:
        del feature["id"]
    folder.layer("places", feature)
    assert folder.codes() == ["AT301"]


def test_status_may_come_from_the_history(folder: Folder) -> None:
    folder.layer("rail", with_properties(LINE, status=...))
    folder.table("status_history.csv", "line-one,project,operating,2020-05,,,paper,")
    assert folder.codes() == []


def test_estimated_point_needs_an_accuracy(folder: Folder) -> None:
    folder.layer("places", with_properties(POINT, geometry_basis="estimate"))
    assert folder.codes() == ["AT306"]


def test_id_in_two_layers(folder: Folder) -> None:
    folder.layer("a", POINT)
    folder.layer("b", LINE, POINT)
    (finding,) = folder.findings()
    assert (finding.code, finding.severity, finding.layer) == ("TP404", "error", "b")
    assert (finding.feature_index, finding.line) == (1, 3)


BARE: dict[str, Any] = {"type": "Feature", "properties": {}, "geometry": LINE["geometry"]}


def test_a_file_dropped_in_without_anything_is_only_noted(folder: Folder) -> None:
    folder.layer("mine", BARE, sidecar=None)
    (finding,) = folder.findings()
    assert (finding.code, finding.severity) == ("SR505", "note")
    assert validate(folder.root).verdict == "accept"


def test_what_a_dropped_file_says_must_be_right(folder: Folder) -> None:
    said = {"kind": "rail", "gauges_mm": "1453", "sources": "nobody", "opened": "May"}
    folder.layer("mine", {**BARE, "properties": said}, sidecar=None)
    found = {(finding.code, finding.severity) for finding in folder.findings()}
    errors = {("AT303", "error"), ("AT308", "error"), ("AT309", "error"), ("SR502", "error")}
    assert found == {*errors, ("SR505", "note")}


def test_project_asks_for_all_when_told_so(folder: Folder) -> None:
    folder.layer("mine", BARE, sidecar=None)
    codes = {finding.code for finding in validate(folder.root, project=True).findings}
    assert codes == {"AT301", "AT302", "AT303", "SR501", "SR505"}


def test_line_with_a_gap(folder: Folder) -> None:
    gap = copy.deepcopy(LINE)
    gap["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [[[65, 40], [70, 40]], [[70, 40], [72, 41]], [[73, 41], [75, 40]]],
    }
    folder.layer("rail", gap)
    (finding,) = folder.findings()
    assert (finding.code, finding.lon, finding.lat) == ("TP406", 73, 41)
    assert finding.pointer == "/features/0/geometry/coordinates/2"


def test_parts_touch_across_the_antimeridian_and_at_junctions(folder: Folder) -> None:
    sea = with_properties(LINE, kind="ferry", countries="AAA;BBB;CCC", gauges_mm=...)
    sea["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [
            [[65, 40], [70, 40], [179, 60], [180, 60]],
            [[-180, 60], [-179, 60]],
            [[70, 40], [71, 41]],
        ],
    }
    folder.layer("rail", sea)
    assert folder.codes() == []


@pytest.mark.parametrize(
    ("countries", "expected"),
    [
        ("AAA;BBB", []),
        ("AAA", ["TP405"]),
        ("AAA;BBB;CCC", ["TP405"]),
        ("AAA;CCC", ["TP405", "TP405"]),
        ("AAA;BBB;CHN", []),  # not among the territories given
        ("AAA;BBB;XYZ", ["AT314"]),
        ("", []),
    ],
)
def test_countries_against_the_territories(
    folder: Folder, countries: str, expected: list[str]
) -> None:
    folder.layer("rail", with_properties(LINE, countries=countries))
    assert folder.codes() == expected


def test_a_country_that_only_the_chord_enters(folder: Folder) -> None:
    folder.layer("rail", with_properties(LINE, countries="AAA", strays_into="BBB"))
    assert folder.codes() == []


def test_line_that_ends_just_over_the_border(folder: Folder) -> None:
    near = with_properties(LINE, countries="AAA", accuracy_km=3)
    near["geometry"]["coordinates"] = [[65, 40], [70.05, 40]]  # 4 km into BBB
    folder.layer("rail", near)
    assert folder.codes() == []


def test_rows_of_tables_that_lead_nowhere(folder: Folder) -> None:
    folder.layer("rail", LINE)
    folder.table(
        "claims.csv",
        "line-one,whole,length_km,900,km,2025,true,rumour,",
        "line-two,whole,length_km,900,km,2025,true,paper,",
    )
    folder.table("status_history.csv", "line-three,project,operating,2020,,,paper,")
    found = [(f.code, f.layer, f.line, f.feature_id) for f in folder.findings()]
    assert found == [
        ("SR502", "claims.csv", 2, "line-one"),
        ("SR503", "claims.csv", 3, "line-two"),
        ("SR503", "status_history.csv", 2, "line-three"),
    ]


def test_one_file_alone_does_not_judge_the_subjects_of_the_tables(folder: Folder) -> None:
    path = folder.layer("places", POINT)
    folder.layer("rail", LINE)
    folder.table("claims.csv", "line-one,whole,length_km,900,km,2025,true,paper,")
    run = check([path], project=True, context=[folder.context])
    assert run.report.findings == ()


def test_format_errors_of_tables_are_reported(folder: Folder) -> None:
    folder.layer("rail", LINE)
    folder.table("claims.csv", "line-one,whole,length_km,900,km,someday,true,paper,")
    assert folder.codes() == ["SR016"]


def test_other_files_are_free_in_their_properties(folder: Folder) -> None:
    feature = with_properties(LINE, name=..., kind="x", status="y", sources=...)
    path = folder.layer("rail", feature)
    assert validate(path).findings == ()  # a file by itself
    assert validate(folder.root, project=False).findings == ()
    assert validate(path, project=True, context=[folder.context]).verdict == "reject"


def test_tables_may_be_given(folder: Folder) -> None:
    path = folder.layer("rail", LINE)
    run = check([path], project=True, context=[folder.context], tables=Tables())
    assert [f.code for f in run.report.findings] == ["SR502", "SR502"]


ODD: list[Any] = [
    True,
    -1,
    10**400,
    1e308,
    "",
    " ; ",
    "\u202e",
    "2020-13",
    [],
    ["x"],
    {},
    {"a": [1]},
]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:12])
def test_properties_of_any_type_give_a_verdict(folder: Folder, value: object) -> None:
    # One feature for each property, so that no fault hides the next.
    members = [*LINE["properties"], "role", "roles", "terminus", "strays_into", "participants"]
    members += ["closed", "planned_opening", "start", "end", "routing", "capacity"]
    features = []
    for number, (member, sample) in enumerate((m, s) for m in members for s in (LINE, POINT)):
        feature = with_properties(sample, **{member: value})
        features.append(feature | {"id": f"f-{number}"})
    folder.layer("odd", *features)
    folder.table("claims.csv", "f-1,whole,length_km,900,km,2025,true,paper,")
    assert folder.codes()
