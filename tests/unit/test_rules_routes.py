"""Rules that follow railways, roads and crossings of a project through the territories.

One degree of longitude at 40° N is 85.39 km, one of latitude there 111.04 km (WGS84).
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from geographiclib.geodesic import Geodesic

from sco_geo.catalog import shipped_directory
from sco_geo.rules.layers import lonely_part
from sco_geo.validation import check, validate

if TYPE_CHECKING:
    from conftest import Folder

Feature = dict[str, Any]


def changed(
    feature: Feature, feature_id: str, coordinates: object, **properties: object
) -> Feature:
    """Return a copy with another id, geometry and properties; one set to ... is left out."""
    result = copy.deepcopy(feature)
    result["id"] = feature_id
    result["geometry"]["coordinates"] = coordinates
    for name, value in properties.items():
        result["properties"][name] = value
        if value is ...:
            del result["properties"][name]
    return result


def place(feature_id: str, lon: float, lat: float, **properties: object) -> Feature:
    known = {"name": feature_id, "kind": "place", "sources": "paper", **properties}
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": feature_id, "properties": known, "geometry": geometry}


WHOLE = [[65, 40], [75, 40]]


# --- loose ends ------------------------------------------------------------------------


def test_both_ends_are_loose(folder: Folder, line: Feature) -> None:
    folder.layer("rail", changed(line, "a", WHOLE, terminus=...))
    found = [(f.code, f.severity, f.lon, f.lat) for f in folder.findings()]
    assert found == [("TP408", "warning", 65, 40), ("TP408", "warning", 75, 40)]


def test_a_stated_terminus_stands_for_one_end(folder: Folder, line: Feature) -> None:
    folder.layer("rail", changed(line, "a", WHOLE, terminus="West yard"))
    assert folder.codes() == ["TP408"]


@pytest.mark.parametrize(
    ("north", "accuracy", "loose"),
    [(0.05, None, 0), (0.058, None, 1), (0.058, 1, 0)],  # 5.6 and 6.4 km; 5 + 1 km are allowed
)
def test_a_place_holds_an_end_within_the_accuracy(
    folder: Folder, line: Feature, north: float, accuracy: float | None, loose: int
) -> None:
    station = place("station", 65, 40 + north, accuracy_km=accuracy)
    if accuracy is None:
        del station["properties"]["accuracy_km"]
    folder.layer("rail", changed(line, "a", WHOLE, terminus=...), station)
    assert folder.codes() == ["TP408"] * (1 + loose)


def test_sections_hold_each_other_and_pipelines_do_not(folder: Folder, line: Feature) -> None:
    west = changed(line, "west", [[65, 40], [70, 40]], countries="AAA", terminus="West yard")
    east = changed(line, "east", [[70, 40], [75, 40]], countries="BBB", terminus="East yard")
    folder.layer("rail", west, east)
    assert folder.codes() == []
    folder.layer("rail", west, changed(east, "east", [[70, 40], [75, 40]], kind="gas_pipeline"))
    (finding,) = folder.findings()
    assert (finding.code, finding.feature_id, finding.lon) == ("TP408", "west", 70)


def test_a_branch_ends_on_the_middle_of_a_line(folder: Folder, line: Feature) -> None:
    branch = changed(line, "b", [[68, 43], [68, 40.001]], countries="AAA", terminus="Mine")
    folder.layer("rail", line)
    folder.layer("branch", branch)
    assert folder.codes() == []


def test_parts_of_one_line_hold_each_other(folder: Folder, line: Feature) -> None:
    parts = changed(line, "a", [[[65, 40], [70, 40]], [[70, 40], [75, 40]]])
    parts["geometry"]["type"] = "MultiLineString"
    folder.layer("rail", parts)
    assert folder.codes() == []
    ring = [[65, 40], [69, 40], [69, 41], [65, 40]]
    folder.layer("rail", changed(line, "a", ring, terminus=..., countries="AAA"))
    assert folder.codes() == []


def test_a_cut_at_the_antimeridian_is_no_end(tmp_path: Path, folder: Folder, line: Feature) -> None:
    east = {"name": "E", "kind": "territory", "countries": "AAA"}
    ring = [[170, 35], [180, 35], [180, 45], [170, 45], [170, 35]]
    area = {"type": "Feature", "id": "t", "properties": east}
    area["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    folder.save(folder.context, [area])
    folder.layer("rail", changed(line, "a", [[175, 40], [180, 40]], countries="AAA", terminus="W"))
    assert folder.codes() == []


def test_places_of_the_base_hold_ends(folder: Folder, line: Feature) -> None:
    path = shipped_directory("geo") / "places.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    points = {f["id"]: f["geometry"]["coordinates"] for f in features}
    ends = [points["tashkent"], points["samarkand"]]
    folder.layer("rail", changed(line, "a", ends, countries="UZB", terminus=..., strays_into="KAZ"))
    assert {f.code for f in check([folder.root]).report.findings} <= {"TP405"}


def test_ends_are_judged_in_whole_projects_only(folder: Folder, line: Feature) -> None:
    loose = changed(line, "a", WHOLE, terminus=...)
    path = folder.layer("rail", loose)
    one = check([path], project=True, context=[folder.context])
    assert one.report.findings == ()
    path.with_suffix(".toml").unlink()
    assert folder.codes() == ["SR505"]


# --- at sea ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "west", "expected"),
    [
        ("railway", 55.0, ["TP409"]),
        ("road", 55.0, ["TP409"]),
        ("train_service", 55.0, ["TP409"]),
        ("ferry", 55.0, []),
        ("gas_pipeline", 55.0, []),
        ("road", 59.905, []),  # 8.1 km off the coast, 5.4 + 3 km are allowed
        ("road", 59.89, ["TP409"]),  # 9.4 km
    ],
)
def test_land_routes_at_sea(
    folder: Folder, line: Feature, kind: str, west: float, expected: list[str]
) -> None:
    folder.layer("a", changed(line, "a", [[65, 40], [west, 40]], kind=kind, countries="AAA"))
    found = folder.findings()
    assert [f.code for f in found] == expected
    for finding in found:
        assert finding.severity == "warning"
        # It leaves the coast at 60° E and is 5.4 km off it 0.063° farther on.
        assert finding.lon == pytest.approx(59.935, abs=0.006)
        assert finding.lat is not None and 40 <= finding.lat < 40.2  # the geodesic bends north


def test_km_at_sea_are_said(folder: Folder, line: Feature) -> None:
    folder.layer("a", changed(line, "a", [[65, 40], [55, 40]], kind="road", countries="AAA"))
    (finding,) = folder.findings()
    half = Geodesic.WGS84.Inverse(40, 65, 40, 55)["s12"] / 2e3  # the coast is in the middle
    km = int(finding.message.split(" for ")[1].split(" km")[0])
    assert km == pytest.approx(half - 5.4, abs=1)


def test_at_sea_on_the_other_side_of_the_world(folder: Folder, line: Feature) -> None:
    folder.layer("a", changed(line, "a", [[65, 40], [-178, 60]], kind="road", countries="AAA"))
    assert "TP409" in folder.codes()


# --- crossings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "properties", "said"),
    [
        (70.0, {"role": "border", "countries": "AAA;BBB"}, None),
        (70.09, {"role": "border", "countries": "AAA;BBB"}, None),  # 7.7 km, 8.4 are allowed
        (70.2, {"role": "border", "countries": "AAA;BBB"}, "17 km"),
        (69.8, {"role": "end;border", "countries": "BBB;AAA"}, "17 km"),
        (70.2, {"roles": "port; border", "countries": "BBB"}, "17 km"),
        (70.2, {"role": "border"}, "17 km"),
        (70.2, {"role": "border_station", "countries": "BBB"}, None),
        (70.0, {"role": "border", "countries": "AAA;CCC"}, "over 100 km"),
        (75.0, {"role": "border", "countries": "BBB"}, "over 100 km"),
        (70.0, {"role": "border", "countries": "AAA;KAZ"}, None),  # KAZ is not given
    ],
)
def test_crossing_off_the_border(
    folder: Folder, lon: float, properties: dict[str, object], said: str | None
) -> None:
    folder.layer("places", place("gate", lon, 40, accuracy_km=5, **properties))
    found = folder.findings()
    assert [f.code for f in found] == ([] if said is None else ["TP410"])
    for finding in found:
        assert (finding.severity, finding.lon, finding.lat) == ("warning", lon, 40)
        assert f" {said} from " in f" {finding.message} ".replace("lies ", " ")


def test_crossings_of_the_base_lie_at_borders() -> None:
    findings = check([shipped_directory("geo")], project=True).report.findings
    # A town 23 km from the nearest border, on the road to two passes: docs/data-odd.md.
    assert [f.feature_id for f in findings if f.code == "TP410"] == ["tashkurgan"]
    assert not [f for f in findings if f.code in ("AT307", "AT314", "TP412")]


# --- countries -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coordinates", "countries", "expected"),
    [
        (WHOLE, "AAA;BBB", []),
        (WHOLE, "BBB;AAA", ["TP411"]),
        (WHOLE[::-1], "BBB;AAA", []),
        ([[65, 40], [85, 40]], "AAA;BBB;CCC", []),
        ([[65, 40], [85, 40]], "AAA;CCC;BBB", ["TP411"]),
        ([[65, 40], [85, 40]], "CCC;BBB;AAA", ["TP411"]),
        ([[65, 40], [75, 40], [75, 42], [65, 42]], "AAA;BBB", []),  # there and back
        ([[70.05, 40], [69, 40]], "AAA;BBB", []),  # 4 km in BBB are within the slack
    ],
)
def test_order_of_countries(
    folder: Folder, line: Feature, coordinates: object, countries: str, expected: list[str]
) -> None:
    folder.layer("rail", changed(line, "a", coordinates, countries=countries))
    found = folder.findings()
    assert [f.code for f in found] == expected
    assert all(f.pointer == "/features/0/properties/countries" for f in found)


def test_parts_need_not_stand_in_the_order_of_travel(folder: Folder, line: Feature) -> None:
    parts = changed(line, "a", [[[70, 40], [75, 40]], [[65, 40], [70, 40]]])
    parts["geometry"]["type"] = "MultiLineString"
    folder.layer("rail", parts)
    assert folder.codes() == []


def test_a_disputed_area_counts_for_nobody(folder: Folder, line: Feature) -> None:
    folder.layer("rail", changed(line, "a", WHOLE, countries="AAA"))
    assert folder.codes() == ["TP405"]
    ring = [[70, 35], [76, 35], [76, 45], [70, 45], [70, 35]]
    properties = {"name": "D", "kind": "disputed_area", "administered_codes": "BBB"}
    area: Feature = {"type": "Feature", "id": "strip", "properties": properties}
    area["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    territories = json.loads(folder.context.read_text(encoding="utf-8"))["features"]
    folder.save(folder.context, [*territories, area])
    assert folder.codes() == []


# --- lengths ---------------------------------------------------------------------------

# 65 to 75° E on 40° N by the geodesic: 852.5 km (GeographicLib), half of it in each country.
COMPUTED_KM = Geodesic.WGS84.Inverse(40, 65, 40, 75)["s12"] / 1e3


def claim(subject: str, scope: str, km: float, source: str = "paper") -> str:
    return f"{subject},{scope},length_km,{km:.1f},km,2025,true,{source},"


@pytest.mark.parametrize(
    ("subject", "scope", "factor", "fires"),
    [
        ("line-one", "whole", 1.00, False),
        ("line-one", "whole", 1 / 0.91, False),
        ("line-one", "whole", 1 / 0.84, True),
        ("line-one", "whole", 1 / 1.09, False),
        ("line-one", "whole", 1 / 1.16, True),
        ("line-one", "AAA", 0.5, False),
        ("line-one", "AAA", 1.0, True),
        ("line-one", "section:line-one", 2.0, True),
        ("the-system", "whole", 1.0, False),
        ("the-system", "whole", 2.0, True),
        ("the-system", "BBB", 2.0, True),
        ("the-system", "section:line-one", 2.0, True),
        ("the-system", "pipe_length", 2.0, False),
        ("line-one", "KAZ", 2.0, False),  # nothing is computed to compare it with
    ],
)
def test_length_far_from_the_published_one(
    folder: Folder, line: Feature, subject: str, scope: str, factor: float, fires: bool
) -> None:
    folder.layer("rail", line)
    folder.table("claims.csv", claim(subject, scope, COMPUTED_KM * factor))
    found = folder.findings()
    assert [f.code for f in found] == (["TP413"] if fires else [])
    for finding in found:
        is_system = subject == "the-system" and not scope.startswith("section:")
        assert finding.feature_id == ("the-system" if is_system else "line-one")
        assert (finding.severity, finding.line) == ("warning", 2)
        share = 2 if scope in ("AAA", "BBB") else 1
        assert f"{COMPUTED_KM / share:,.1f} km" in finding.message
        assert f"{COMPUTED_KM * factor:,g}"[:4] in finding.message and "(paper)" in finding.message


def test_one_claim_near_is_enough(folder: Folder, line: Feature) -> None:
    folder.layer("rail", line)
    rows = claim("line-one", "whole", 500), claim("line-one", "whole", 870, "atlas")
    folder.table("claims.csv", *rows)
    assert folder.codes() == ["SR511"]  # about the other claim; the line itself is not in doubt


# --- reasons for differences -----------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "fires"), [(1 / 0.91, False), (1 / 0.89, True), (1 / 1.09, False), (1 / 1.11, True)]
)
def test_a_difference_wants_a_reason(
    folder: Folder, line: Feature, factor: float, fires: bool
) -> None:
    folder.layer("rail", line)
    folder.table("claims.csv", claim("line-one", "whole", COMPUTED_KM * factor))
    found = folder.findings()
    assert [(f.code, f.severity) for f in found] == ([("SR511", "warning")] if fires else [])
    for finding in found:
        assert (finding.path, finding.line) == (str(folder.root / "claims.csv"), 2)
        assert f"{COMPUTED_KM:,.1f} km computed" in finding.message
        assert f"{100 / factor - 100:+.1f} %" in finding.message and "(paper)" in finding.message
    folder.table("differences.csv", "line-one,whole,,false,Bends are not drawn.")
    assert folder.codes() == ([] if fires else ["SR512"])


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        (["line-one,whole,,true,What it counts is not said."], ["SR511"]),
        (["line-one,whole,970,false,A"], ["SR511", "SR511"]),
        (["line-one,whole,970,false,A", "the-system,whole,970.0,true,B"], ["SR511"]),
        (["line-one,whole,970,false,A", "line-one,whole,,false,B", "the-system,whole,,true,C"], []),
        (
            ["line-one,whole,,false,A", "the-system,whole,,true,B", "line-one,AAA,,true,C"],
            ["SR512"],
        ),
        (
            ["line-one,whole,,false,A", "the-system,whole,,true,B", "line-one,whole,,true,C"],
            ["SR512"],
        ),
        (["line-one,whole,,perhaps,A", "the-system,whole,,true,B"], ["SR017", "SR511", "SR511"]),
        (["line-one,whole,,false,", "the-system,whole,,true,B"], ["SR015", "SR511", "SR511"]),
    ],
)
def test_reasons_are_for_one_subject_and_scope(
    folder: Folder, line: Feature, rows: list[str], codes: list[str]
) -> None:
    # 970 and 965 km are 12.1 and 11.7 % more than the 852.5 drawn.
    folder.layer("rail", line)
    claims = claim("line-one", "whole", 970), claim("line-one", "whole", 965, "atlas")
    folder.table("claims.csv", *claims, claim("the-system", "whole", 970))
    folder.table("differences.csv", *rows)
    assert sorted(folder.codes()) == sorted(codes)


@pytest.mark.parametrize(("is_open", "word"), [("true", "Open"), ("", "Explained")])
def test_a_reason_makes_the_warning_about_the_line_a_note(
    folder: Folder, line: Feature, is_open: str, word: str
) -> None:
    folder.layer("rail", line)
    folder.table("claims.csv", claim("line-one", "whole", 2000))
    assert [(f.code, f.severity) for f in folder.findings()] == [("TP413", "warning")]
    folder.table("differences.csv", f"line-one,whole,2e3,{is_open},It counts the branches.")
    (finding,) = folder.findings()
    assert (finding.code, finding.severity, finding.hint) == ("TP413", "note", None)
    assert finding.message.endswith(f". {word}: It counts the branches.")


def test_reasons_are_stale_only_where_all_lines_are_there(folder: Folder, line: Feature) -> None:
    path = folder.layer("rail", line)
    folder.table("differences.csv", "other-line,whole,,false,A")
    assert folder.codes() == ["SR512"]
    assert check([path], project=True, context=[folder.context]).report.findings == ()
    lost = check([folder.root], context=[folder.root / "nowhere.geojson"]).report.findings
    assert "SR512" not in {finding.code for finding in lost}  # no countries to measure in


def test_a_replaced_file_makes_no_reason_stale(folder: Folder, line: Feature) -> None:
    path = folder.layer("rail", line)
    folder.table("claims.csv", claim("line-one", "whole", COMPUTED_KM * 1.2))
    folder.table("differences.csv", "line-one,whole,,false,A")
    run = check([folder.root], context=[folder.context], replaced=[path])
    assert run.report.findings == ()
    folder.table("differences.csv", "line-one,whole,,false,A", "other-line,whole,,false,A")
    assert check([folder.root], context=[folder.context], replaced=[path]).report.findings == ()
    assert folder.codes() == ["TP413", "SR512"]


def test_a_length_of_pipe_is_compared(folder: Folder, line: Feature) -> None:
    for strings, fires in ((2, False), (3, True), ("AAA:2;BBB:2", False), ("AAA:1;BBB:2", True)):
        pipe = changed(line, "line-one", WHOLE, kind="gas_pipeline", strings=strings)
        folder.layer("rail", pipe)
        folder.table("claims.csv", claim("line-one", "pipe_length", 2 * COMPUTED_KM))
        assert folder.codes() == (["TP413"] if fires else []), strings


@pytest.mark.parametrize(
    "strings", [0, -1, 2.5, True, "two", "2;3", "AAA:0", "AAA:1;AAA:2", "XYZ:2", 100, [2]]
)
def test_strings_that_are_no_number(folder: Folder, line: Feature, strings: object) -> None:
    folder.layer("rail", changed(line, "line-one", WHOLE, kind="gas_pipeline", strings=strings))
    (finding,) = folder.findings()
    assert (finding.code, finding.pointer) == ("AT320", "/features/0/properties/strings")


@pytest.mark.parametrize("strings", [None, "", 1, 2.0, 99, "3", "AAA:1; BBB:2"])
def test_strings_that_are_numbers(folder: Folder, line: Feature, strings: object) -> None:
    folder.layer("rail", changed(line, "line-one", WHOLE, kind="gas_pipeline", strings=strings))
    assert folder.codes() == []


def test_only_lengths_are_compared(folder: Folder, line: Feature) -> None:
    folder.layer("rail", line)
    folder.table("claims.csv", "line-one,whole,tunnel_length_km,5,km,2025,true,paper,")
    assert folder.codes() == []


@pytest.mark.parametrize(
    ("basis", "accuracy", "fires"),
    [
        # One straight piece, band 150 km: up to sqrt(852.5² + 300²) = 903.7 km, and 904 is
        # 13.9 % short of 1,050 where 852.5 is 18.8 %: possible, but still to be explained.
        ("waypoints", 150, False),
        ("waypoints", 5, True),
        ("published_alignment", 150, True),
    ],
)
def test_a_chain_of_points_may_be_longer(
    folder: Folder, line: Feature, basis: str, accuracy: float, fires: bool
) -> None:
    changes = {"geometry_basis": basis, "accuracy_km": accuracy}
    folder.layer("rail", changed(line, "line-one", WHOLE, **changes))
    folder.table("claims.csv", claim("line-one", "whole", 1050))
    assert folder.codes() == ["TP413" if fires else "SR511"]


def test_the_per_cent_is_that_of_the_length_beside_it(folder: Folder, line: Feature) -> None:
    """One piece within 150 km: sqrt(853.5² + 300²) = 904.7 km, 24.6 % short of 1,200; 853.5, 29."""
    folder.layer("rail", changed(line, "line-one", WHOLE, accuracy_km=150.0))
    folder.table("claims.csv", claim("line-one", "whole", 1200))
    (finding,) = folder.findings()
    assert re.search(r"measures 853\.5 km; even 904\.7 km, .* are -24\.6 %", finding.message)


def test_bends_within_the_band_are_no_pieces_of_their_own(folder: Folder, line: Feature) -> None:
    # 200 vertices that sway by 1 km: each as a piece with a detour of 10 km would give 2,000 km.
    sway = [[65 + 10 * i / 200, 40 + 0.009 * (i % 2)] for i in range(201)]
    folder.layer("rail", changed(line, "line-one", sway))
    folder.table("claims.csv", claim("line-one", "whole", 1500))
    assert folder.codes() == ["TP413"]


def test_systems_are_summed_over_layers_and_only_when_whole(folder: Folder, line: Feature) -> None:
    west = changed(line, "west", [[65, 40], [70, 40]], countries="AAA", terminus="West yard")
    east = changed(line, "east", [[70, 40], [75, 40]], countries="BBB", terminus="East yard")
    path = folder.layer("a", west)
    folder.layer("b", east)
    folder.table("claims.csv", claim("the-system", "whole", COMPUTED_KM))
    assert folder.codes() == []
    assert check([path], project=True, context=[folder.context]).report.findings == ()


def test_an_area_of_one_administration_counts_for_its_state(folder: Folder, line: Feature) -> None:
    ring = [[70, 35], [76, 35], [76, 45], [70, 45], [70, 35]]
    properties = {"name": "D", "kind": "disputed_area", "administered_codes": "BBB"}
    area: Feature = {"type": "Feature", "id": "strip", "properties": properties}
    area["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    territories = json.loads(folder.context.read_text(encoding="utf-8"))["features"]
    folder.save(folder.context, [*territories, area])
    folder.layer("rail", line)
    folder.table("claims.csv", claim("line-one", "BBB", COMPUTED_KM / 2))
    assert folder.codes() == []
    folder.table("claims.csv", claim("line-one", "BBB", COMPUTED_KM))
    assert folder.codes() == ["TP413"]


# --- slivers ---------------------------------------------------------------------------


def neighbours(east_vertex: float, kind: str = "territory") -> list[Feature]:
    """Two squares that share a border on 65° E, but for one vertex of the eastern one."""
    west = [[60, 35], [65, 35], [65, 39.9], [65, 40.1], [65, 45], [60, 45], [60, 35]]
    east = [[65, 35], [70, 35], [70, 45], [65, 45], [65, 40.1], [east_vertex, 40], [65, 39.9]]
    result = []
    for code, ring in (("AAA", west), ("BBB", [*east, east[0]])):
        known = {"name": code, "kind": kind, "status": "member", "countries": code}
        known |= {"sources": "paper"}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        area = {"type": "Feature", "id": code.lower(), "properties": known, "geometry": geometry}
        result.append(area)
    return result


def test_sliver_between_territories(folder: Folder) -> None:
    path = folder.layer("land", *neighbours(65.002))
    (finding,) = folder.findings()
    assert (finding.code, finding.severity, finding.feature_id) == ("TP412", "warning", "aaa")
    assert finding.lon == pytest.approx(65.001, abs=0.001)
    # A triangle 22.2 km long and 0.171 km high: 1.90 km², half as wide as high.
    assert "1.9 km², 85 m wide" in finding.message
    assert validate(path).findings == ()  # a rule for projects only


@pytest.mark.parametrize("vertex", [65.0, 65.5])
def test_no_gap_and_a_lake_are_no_slivers(folder: Folder, vertex: float) -> None:
    folder.layer("land", *neighbours(vertex))
    assert folder.codes() == []


def test_a_gap_open_to_the_sea_is_no_sliver(folder: Folder) -> None:
    west, east = neighbours(65.0)
    east["geometry"]["coordinates"][0][0] = east["geometry"]["coordinates"][0][-1] = [65.001, 35]
    folder.layer("land", west, east)
    assert folder.codes() == []


def test_many_parts_through_one_place_take_no_quadratic_time() -> None:
    """6,000 parts that all meet: comparing all pairs needed nine gigabytes."""
    ends = [(60 + k / 6000, 41 + (k % 7) / 10) for k in range(6000)]
    star = shapely.MultiLineString([[(60, 40), end] for end in ends])
    assert lonely_part(star) is None
    apart = shapely.MultiLineString([*star.geoms, shapely.LineString([(0, 0), (1, 1)])])
    assert lonely_part(apart) == 6000


def test_parts_touch_in_the_middle_and_over_the_antimeridian() -> None:
    tee = [[(60, 40), (62, 40)], [(61, 40.000005), (61, 42)], [(61, 41), (63, 41)]]
    assert lonely_part(shapely.MultiLineString(tee)) is None
    assert lonely_part(shapely.MultiLineString([*tee, [(61.1, 42), (62, 42)]])) == 3
    over = [[(170, 60), (180, 61)], [(-180, 61), (-170, 60)]]
    assert lonely_part(shapely.MultiLineString(over)) is None
    assert lonely_part(shapely.MultiLineString([over[0], [(-180, 62), (-170, 60)]])) == 1
