"""A layer of territories beside a layer of routes: what `validate` says about the two together.

The routes are real places of Central Asia, the territories plain rectangles round them; which
point lies in which can be read off the numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sco_geo.cli import main
from sco_geo.validation import validate

Feature = dict[str, Any]

# Tashkent, Shymkent, Taraz, Almaty: all in the rectangles 60-75 and 75-90° E, 35-50° N.
GOOD = {
    "tashkent-almaty": [[69.24, 41.30], [69.60, 42.32], [71.37, 42.90], [76.95, 43.25]],
    "almaty-urumqi": [[76.95, 43.25], [80.40, 44.20], [87.60, 43.80]],
    "bishkek-almaty": [[74.59, 42.87], [76.95, 43.25]],
}
#: Turin to Milan: in no territory, and in none either with the numbers exchanged.
ELSEWHERE = [[7.68, 45.07], [9.19, 45.46]]


def swapped(line: list[list[float]]) -> list[list[float]]:
    return [[lat, lon] for lon, lat in line]


def feature(feature_id: str, geometry_type: str, coordinates: object, **known: object) -> Feature:
    geometry = {"type": geometry_type, "coordinates": coordinates}
    return {"type": "Feature", "id": feature_id, "properties": known, "geometry": geometry}


def box(feature_id: str, west: float, east: float, **known: object) -> Feature:
    ring = [[west, 35], [east, 35], [east, 50], [west, 50], [west, 35]]
    return feature(feature_id, "Polygon", [ring], **known)


def save(path: Path, *features: Feature) -> Path:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    return path


def routes(path: Path, lines: dict[str, list[list[float]]]) -> Path:
    return save(path, *(feature(name, "LineString", line) for name, line in lines.items()))


def territories(path: Path, key: str | None = "ISO_A3") -> Path:
    known = [{key: name} if key else {} for name in ("UZB", "KAZ")]
    return save(path, box("west", 60, 75, **known[0]), box("east", 75, 90, **known[1]))


Said = list[tuple[str, str | None]]


def said(*paths: Path) -> tuple[list[str], Said]:
    """Return the verdict of each file, and code and feature of each finding."""
    report = validate(paths)
    return [f.verdict for f in report.files], [(f.code, f.feature_id) for f in report.findings]


#: Names of the columns of Natural Earth, geoBoundaries, GADM, Eurostat, OpenStreetMap and others.
COLUMNS = [
    "ISO_A3", "iso_a2", "ADM0_A3", "ADMIN", "NAME", "NAME_EN", "SOVEREIGNT", "shapeName",
    "shapeISO", "shapeGroup", "COUNTRY", "GID_0", "NAME_0", "NAME_1", "CNTR_CODE", "CNTR_ID",
    "NUTS_ID", "name", "name:en", "admin_level", "ISO3166-1", "ISO3166-1-Alpha-3", "iso3",
    "iso", "country_code", "countryName", "province", "region", "territory",
    "ADM0_EN", "ADM0_PCODE", "ADM1_EN", "ADM2_FR", "ADM0_A3_RU", "admin1Name", "country_nm",
    "CNTRY_NAME", "COUNTRYAFF", "NAME_LONG", "NAME_RU", "NAME_ENGL", "ISO_N3", "iso_3166_2",
    "ISO3166-2", "iso_3_code", "GID_2", "GEOUNIT", "SU_A3", "state_name", "STATEFP", "adcode",
    "TERR_NAME", "STATE_CODE",
]  # fmt: skip


@pytest.mark.parametrize("key", COLUMNS)
def test_each_of_these_columns_makes_territories(tmp_path: Path, key: str) -> None:
    one = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    assert said(territories(tmp_path / "t.geojson", key), one)[1] == [("TP403", "turin-milan")]


@pytest.mark.parametrize("key", [*COLUMNS, None])
def test_good_routes(tmp_path: Path, key: str | None) -> None:
    pair = territories(tmp_path / "t.geojson", key), routes(tmp_path / "r.geojson", GOOD)
    assert said(*pair) == (["accept", "accept"], [])
    assert said(*pair[::-1]) == (["accept", "accept"], [])


@pytest.mark.parametrize("key", [*COLUMNS, None])
def test_routes_with_exchanged_axes(tmp_path: Path, key: str | None) -> None:
    wrong = {name: swapped(line) for name, line in GOOD.items()}
    pair = territories(tmp_path / "t.geojson", key), routes(tmp_path / "r.geojson", wrong)
    expected = [("CO115", name) for name in GOOD]
    assert said(*pair) == (["accept", "accept_with_warning"], expected)
    assert said(*pair[::-1]) == (["accept_with_warning", "accept"], expected)
    assert said(tmp_path) == (["accept_with_warning", "accept"], expected)
    assert said(pair[1]) == (["accept"], [])  # alone nothing tells


@pytest.mark.parametrize("key", ["ISO_A3", None])
def test_one_exchanged_route_among_good_ones(tmp_path: Path, key: str | None) -> None:
    lines = GOOD | {"almaty-urumqi": swapped(GOOD["almaty-urumqi"])}
    pair = territories(tmp_path / "t.geojson", key), routes(tmp_path / "r.geojson", lines)
    assert said(*pair) == (["accept", "accept_with_warning"], [("CO115", "almaty-urumqi")])
    (finding,) = validate(pair).findings
    assert (finding.lon, finding.lat) == (43.25, 76.95)
    assert finding.pointer == "/features/1/geometry/coordinates/0"


@pytest.mark.parametrize("key", ["ISO_A3", None])
def test_a_route_outside(tmp_path: Path, key: str | None) -> None:
    lines = {**GOOD, "turin-milan": ELSEWHERE}
    pair = territories(tmp_path / "t.geojson", key), routes(tmp_path / "r.geojson", lines)
    assert said(*pair) == (["accept", "accept_with_warning"], [("TP403", "turin-milan")])
    (finding,) = validate(pair).findings
    assert (finding.lon, finding.lat) == (7.68, 45.07)


def test_all_routes_outside(tmp_path: Path) -> None:
    one = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    named = territories(tmp_path / "t.geojson")
    assert said(named, one) == (["accept", "accept_with_warning"], [("TP403", "turin-milan")])
    # Areas that say nothing may be lakes or parks, which most lines keep clear of.
    silent = territories(tmp_path / "t.geojson", None)
    assert said(silent, one) == (["accept", "accept"], [])


def test_zones_are_no_territories(tmp_path: Path) -> None:
    zones = [box("a", 60, 75, kind="disputed_area"), box("b", 75, 90, kind="other")]
    pair = (
        save(tmp_path / "z.geojson", *zones),
        routes(tmp_path / "r.geojson", {**GOOD, "turin-milan": ELSEWHERE}),
    )
    assert said(*pair) == (["accept", "accept"], [])


@pytest.mark.parametrize("key", ["ISO_A3", "name"])
def test_overlapping_territories(tmp_path: Path, key: str) -> None:
    areas = [box("west", 60, 76, **{key: "UZB"}), box("east", 75, 90, **{key: "KAZ"})]
    pair = save(tmp_path / "t.geojson", *areas), routes(tmp_path / "r.geojson", GOOD)
    assert said(*pair) == (["accept_with_warning", "accept"], [("TP402", "east")])
    (finding,) = validate(pair).findings
    assert finding.lon is not None and 75 < finding.lon < 76
    assert finding.lat is not None and 35 < finding.lat < 50
    # 1° by 15° between 35 and 50° N: R² times 1° times (sin 50° - sin 35°), about 137,000 km².
    area = finding.message.split("about ")[1].split(" km²")[0]
    assert float(area.replace(",", "")) == pytest.approx(137_000, rel=0.01)


def test_one_id_in_both_files(tmp_path: Path) -> None:
    # Ids are those of a file; only the layers of one project share them.
    pair = (
        territories(tmp_path / "t.geojson"),
        routes(tmp_path / "r.geojson", {"west": GOOD["bishkek-almaty"]}),
    )
    assert said(*pair) == (["accept", "accept"], [])


@pytest.mark.parametrize("kind", ["Point", "MultiPoint"])
@pytest.mark.parametrize("key", ["ISO_A3", None])
def test_points(tmp_path: Path, kind: str, key: str | None) -> None:
    cities = {"tashkent": [69.24, 41.30], "almaty": [76.95, 43.25], "urumqi": [87.6, 43.8]}
    wrap = (lambda p: p) if kind == "Point" else (lambda p: [p])
    land = territories(tmp_path / "t.geojson", key)
    good = save(tmp_path / "p.geojson", *(feature(n, kind, wrap(p)) for n, p in cities.items()))
    assert said(land, good) == (["accept", "accept"], [])
    bad = [feature(name, kind, wrap(p[::-1])) for name, p in cities.items()]
    path = save(tmp_path / "p.geojson", *bad)
    assert said(land, path) == (
        ["accept", "accept_with_warning"], [("CO115", name) for name in cities],
    )  # fmt: skip


def test_a_chord_of_an_exchanged_line_may_cross_a_territory(tmp_path: Path) -> None:
    # No vertex lies in 60-75° E, 35-50° N, though the segment runs through; exchanged both do.
    land = save(tmp_path / "t.geojson", box("a", 60, 75, ISO_A3="UZB"))
    line = [[49.0, 61.0], [40.0, 74.0]]
    through = [[45.0, 62.0], [49.0, 74.0]]
    path = routes(tmp_path / "r.geojson", {"a": line, "b": through})
    assert said(land, path)[1] == [("CO115", "a"), ("CO115", "b")]
    wide = save(
        tmp_path / "t.geojson",
        box("a", 60, 75, ISO_A3="UZB"),
        feature("b", "Polygon", [[[44, 66], [45, 66], [45, 67], [44, 67], [44, 66]]], ISO_A3="RUS"),
    )
    assert said(wide, path)[1] == [("CO115", "a"), ("CO115", "b")]


def test_multi_lines(tmp_path: Path) -> None:
    parts = [GOOD["tashkent-almaty"], GOOD["almaty-urumqi"]]
    land = territories(tmp_path / "t.geojson")
    good = save(tmp_path / "r.geojson", feature("m", "MultiLineString", parts))
    assert said(land, good) == (["accept", "accept"], [])
    bad = feature("m", "MultiLineString", [swapped(part) for part in parts])
    path = save(tmp_path / "r.geojson", bad)
    assert said(land, path) == (["accept", "accept_with_warning"], [("CO115", "m")])


def test_a_layer_of_areas_is_not_judged_by_another(tmp_path: Path) -> None:
    land = territories(tmp_path / "t.geojson")
    lakes = save(tmp_path / "l.geojson", box("lake", 0, 10), box("pond", 20, 30))
    assert said(land, lakes) == (["accept", "accept"], [])


def test_the_shipped_territories_judge_when_asked(tmp_path: Path) -> None:
    wrong = {name: swapped(line) for name, line in GOOD.items()}
    path = routes(tmp_path / "r.geojson", {**wrong, "sea": [[-30, 40], [-35, 42]]})
    assert validate(path).findings == ()
    found = [(f.code, f.feature_id) for f in validate(path, context="geo").findings]
    assert found == [*(("CO115", name) for name in GOOD), ("TP403", "sea")]


METRES = [[[7_000_000, 5_000_000], [7_900_000, 5_000_000], [7_900_000, 5_900_000],
           [7_000_000, 5_900_000], [7_000_000, 5_000_000]]]  # fmt: skip
BOW_TIE = [[[60, 35], [90, 50], [90, 35], [60, 50], [60, 35]]]
TOPOLOGY = '{"type": "Topology", "objects": {}, "arcs": [[[60, 35], [90, 35], [60, 35]]]}'
#: Files that can be read, but hold no territory, and what must be said of each.
USELESS = {
    "{": "not valid JSON",
    "": "not valid JSON",
    TOPOLOGY: "TopoJSON",
    json.dumps(feature("metres", "Polygon", METRES)): "on the globe",
    json.dumps(feature("crossed", "Polygon", BOW_TIE)): "valid",
    json.dumps(feature("line", "LineString", ELSEWHERE)): "no polygons",
    json.dumps(box("lake", 60, 90, kind="lake")): "kind",
}


@pytest.mark.parametrize("text", USELESS)
def test_a_context_without_territories_is_an_error(tmp_path: Path, text: str) -> None:
    given = tmp_path / "given.geojson"
    given.write_text(text, encoding="utf-8")
    path = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    repeated = save(tmp_path / "p.geojson", feature("p", "LineString", [[1, 1], [1, 1], [2, 2]]))
    for context in (given, [given]):
        report = validate([path, repeated], context=context)
        assert [(f.path, f.code, f.severity) for f in report.findings] == [
            (str(repeated), "GM203", "warning"),
            (str(given), "IO007", "error"),
        ]
        assert [f.verdict for f in report.files] == ["accept", "accept_with_warning", "reject"]
        assert report.exit_code() == 2
        assert USELESS[text] in report.findings[1].message


def test_one_useless_context_beside_a_good_one(tmp_path: Path) -> None:
    land = territories(tmp_path / "t.geojson")
    lines = routes(tmp_path / "l.geojson", GOOD)
    path = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    report = validate(path, context=[land, lines])
    found = [(f.path, f.code) for f in report.findings]
    assert found == [(str(path), "TP403"), (str(lines), "IO007")]
    assert report.exit_code() == 2


def test_a_useless_context_that_is_checked_too(tmp_path: Path) -> None:
    path = save(tmp_path / "p.geojson", feature("p", "LineString", [[1, 1], [1, 1], [2, 2]]))
    report = validate(path, context=path)
    assert [f.code for f in report.findings] == ["IO007", "GM203"]
    assert (len(report.files), report.exit_code()) == (1, 2)


def test_a_directory_as_context(tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    routes(folder / "lines.geojson", GOOD)
    path = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    report = validate(path, context=folder)
    assert [(f.path, f.code) for f in report.findings] == [(str(folder), "IO007")]
    territories(folder / "t.geojson")
    report = validate(path, context=folder)
    assert [(f.path, f.code) for f in report.findings] == [(str(path), "TP403")]
    (folder / "cut.geojson").write_text('{"type": "Feat', encoding="utf-8")
    report = validate(path, context=folder)  # whatever it held is not compared with
    assert [(Path(str(f.path)).name, f.code) for f in report.findings] == [
        ("r.geojson", "TP403"), ("cut.geojson", "IO007"),
    ]  # fmt: skip


def test_json_is_printed_with_a_useless_context(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = routes(tmp_path / "lines.geojson", GOOD)
    path = routes(tmp_path / "r.geojson", GOOD)
    code = main(["validate", str(path), "--context", str(given), "--format", "json"])
    files = json.loads(capsys.readouterr().out)["files"]
    assert (code, [(f["path"], f["verdict"]) for f in files]) == (
        2, [(str(path), "accept"), (str(given), "reject")],
    )  # fmt: skip


def test_territories_in_metres_beside_routes_judge_nothing(tmp_path: Path) -> None:
    land = save(tmp_path / "t.geojson", feature("metres", "Polygon", METRES, ISO_A3="UZB"))
    path = routes(tmp_path / "r.geojson", GOOD)
    verdicts, found = said(land, path)
    assert verdicts == ["reject", "accept"]
    assert {code for code, _ in found} == {"CO107"}


#: What OpenStreetMap calls things that are no territory, though they have a name.
TAGS = {
    "leisure": "park", "landuse": "residential", "building": "school", "amenity": "university",
    "natural": "water", "highway": "pedestrian", "waterway": "riverbank", "shop": "mall",
    "tourism": "zoo", "man_made": "works", "power": "plant", "place": "island",
    "boundary": "national_park", "railway": "yard", "fclass": "forest", "featurecla": "Lake",
}  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("names", [{"name": "x"}, {"name": "x", "admin_level": None}])
def test_mapped_things_are_no_territories(tmp_path: Path, tag: str, names: Feature) -> None:
    known = {tag: TAGS[tag], **names}
    things = [box("a", 60, 76, **known), box("b", 75, 90, **known)]
    lines = {**GOOD, "turin-milan": ELSEWHERE, "turned": swapped(GOOD["bishkek-almaty"])}
    pair = save(tmp_path / "t.geojson", *things), routes(tmp_path / "r.geojson", lines)
    assert said(*pair) == (["accept", "accept"], [])


@pytest.mark.parametrize(
    "known",
    [
        {"boundary": "administrative", "place": "city", "name": "x"},
        {"boundary": "disputed", "name": "x"},
        {"place": "state", "name": "x"},
        {"place": "Tashkent", "name": "x"},
        {"building": None, "natural": "", "shop": 1200, "name": "x"},
        {"building": "no", "name": "x"},
        {"natural": "peninsula", "ISO_A3": "ITA"},
        {"fclass": "admin_level4", "name": "x"},
        {"featurecla": "Admin-0 country", "name": "x"},
    ],
    ids=str,
)
def test_tags_that_leave_a_territory_one(tmp_path: Path, known: Feature) -> None:
    areas = [box("a", 60, 76, **known), box("b", 75, 90, **known)]
    assert said(save(tmp_path / "t.geojson", *areas))[1] == [("TP402", "b")]


LEVELS = [("admin_level", "2", "4"), ("admin_level", 4, 6), ("LEVL_CODE", 0, 1),
          ("shapeType", "ADM0", "ADM1")]  # fmt: skip


@pytest.mark.parametrize(("key", "high", "low"), LEVELS)
def test_territories_of_several_levels_lie_in_each_other(
    tmp_path: Path, key: str, high: object, low: object
) -> None:
    country = box("country", 60, 80, name="c", **{key: high})
    parts = [
        box("west", 60, 71, name="w", **{key: low}),
        box("east", 70, 80, name="e", **{key: low}),
    ]
    path = save(tmp_path / "t.geojson", country, *parts)
    assert said(path)[1] == [("TP402", "east")]
    assert '"west"' in validate(path).findings[0].message


@pytest.mark.parametrize("kind", ["Point", "MultiPoint"])
def test_labels_beside_territories(tmp_path: Path, kind: str) -> None:
    label = [69.2, 41.3]
    land = save(
        tmp_path / "t.geojson",
        box("west", 60, 75, ISO_A3="UZB"),
        feature("label", kind, label if kind == "Point" else [label], name="capital"),
    )
    path = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    assert said(land, path)[1] == [("TP403", "turin-milan")]


def test_lines_beside_territories_make_another_layer_of_them(tmp_path: Path) -> None:
    mixed = save(
        tmp_path / "t.geojson",
        box("west", 60, 75, ISO_A3="UZB"),
        feature("road", "LineString", GOOD["bishkek-almaty"]),
    )
    path = routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE})
    assert said(mixed, path)[1] == []
    points = save(tmp_path / "t.geojson", feature("label", "Point", [69.2, 41.3], name="capital"))
    assert said(points, path)[1] == []


@pytest.mark.parametrize(
    "key",
    ["n", "osm_id", "population", "isochrone", "chainage", "names", "admitted", "state", "status"],
)
def test_columns_that_say_nothing_of_a_country(tmp_path: Path, key: str) -> None:
    pair = (
        territories(tmp_path / "t.geojson", key),
        routes(tmp_path / "r.geojson", {"turin-milan": ELSEWHERE}),
    )
    assert said(*pair) == (["accept", "accept"], [])


def test_a_line_outside_says_what_it_was_compared_with(tmp_path: Path) -> None:
    path = routes(tmp_path / "r.geojson", {**GOOD, "turin-milan": ELSEWHERE})

    def spoken(paths: list[Path], *context: Path | str) -> tuple[str, str | None]:
        found = validate(paths, context=context if context != ("geo",) else "geo").findings
        return next((f.message, f.hint) for f in found if f.code == "TP403")

    give = "Check signs and order of its coordinates, or give the right territories."
    apart = (
        "Check signs and order of its coordinates, give the right territories, or check "
        "territories and other layers apart."
    )
    land = territories(tmp_path / "t.geojson")
    two = "the line touches none of the 2 territories of t.geojson"
    assert spoken([path, land]) == (two, apart)
    assert spoken([path], land) == (two, give)
    more = save(tmp_path / "u.geojson", box("far", -20, -10, iso3="XXX"))
    three = "the line touches none of the 3 territories of 2 files"
    assert spoken([path, land, more]) == (three, apart)
    assert spoken([path], land, more) == (three, give)
    one = "the line does not touch the only territory, that of u.geojson"
    assert spoken([path], more) == (one, give)
    silent = territories(tmp_path / "t.geojson", None)
    areas = "the line touches none of the 2 areas of t.geojson"
    assert spoken([path, silent]) == (areas, apart)
    sea = routes(tmp_path / "r.geojson", {"turin-milan": [[-30, 40], [-35, 42]]})
    shipped = "the line touches none of the shipped territories"
    assert spoken([sea], "geo") == (shipped, give)


def test_the_shipped_territories_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sea = routes(tmp_path / "r.geojson", {"sea": [[-30, 40], [-35, 42]]})
    assert main(["validate", str(sea), "--context", "geo"]) == 0
    assert "the line touches none of the shipped territories." in capsys.readouterr().out


def test_an_exchanged_line_may_lie_at_sea(tmp_path: Path) -> None:
    wrong = {name: swapped(line) for name, line in GOOD.items()}
    pair = territories(tmp_path / "t.geojson"), routes(tmp_path / "r.geojson", wrong)
    assert {f.hint for f in validate(pair).findings} == {
        "Exchange the two numbers of each position: longitude comes first; or leave it if it "
        "lies at sea as it stands."
    }


@pytest.mark.parametrize(
    ("degrees", "text"),
    [
        # Squares at the equator on WGS84: a degree is 111.320 km along it, 110.574 km across.
        (5.0, "308,000 km²"), (1.0, "12,300 km²"), (0.1, "123 km²"), (0.05, "30.8 km²"),
        (0.01, "1.23 km²"), (0.002, "49,200 m²"), (0.0005, "3,080 m²"),
    ],
)  # fmt: skip
def test_areas_are_written_out(tmp_path: Path, degrees: float, text: str) -> None:
    east, north = 20 + degrees, degrees
    ring = [[20, 0], [east, 0], [east, north], [20, north], [20, 0]]
    twice = [feature(name, "Polygon", [ring], iso3=name) for name in "ab"]
    (finding,) = validate(save(tmp_path / "t.geojson", *twice)).findings
    assert finding.message == f'the territory overlaps "a" by about {text}'
