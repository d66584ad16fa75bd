"""The commands `route`, `compare` and `network`, on a network reckoned by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from route_networks import EDGES, NODES, SHORTCUT, network
from small_networks import Edge, make_table

from sco_geo.cli import main
from sco_geo.errors import UsageError
from sco_geo.network.comparison import compare
from sco_geo.network.rail_network import RailNetwork

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the network above; return exit code, output and errors."""
    monkeypatch.setattr(RailNetwork, "load", network)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_a_route_on_one_page(run: Run) -> None:
    code, out, err = run("route", "Alpha", "Delta")
    assert (code, err) == (0, "")
    head, *_ = lines = out.splitlines()
    # All as OpenStreetMap has it: 10 % of 200 km, falling with the length, is 6.7 % of 300.
    assert head == "Alpha – Delta by rail: 300 km (280 to 320 km)"
    # 200 km at 50 km/h, 100 at 100, and 30 hours at Gate for the border and the break of gauge.
    assert "about 35 hours" in lines[1] and "detour 1.17" in lines[1]
    assert "countries, km   KAZ 200.0, CHN 100.0" in lines
    assert "gauges, km      1520 mm 200.0, 1435 mm 100.0" in lines
    assert "breaks of gauge 1520 to 1435 mm: Gate, 40.00° N, 62.00° E" in lines
    assert "borders         KAZ – CHN: Gate" in lines
    legs = lines[lines.index("") :]
    assert any(line.split() == ["CHN", "1435", "mm", "100.0", "300.0"] for line in legs)
    assert "OpenStreetMap contributors, ODbL 1.0" in out and "(version 7)" in out


@pytest.mark.parametrize(
    ("language", "names", "gate"), [("zh", "阿 – 德", "门"), ("ru", "Альфа – Дельта", "Ворота")]
)
def test_names_in_other_languages(run: Run, language: str, names: str, gate: str) -> None:
    _, out, _ = run("route", "Альфа", "德", "--lang", language)
    assert out.startswith(f"{names} by rail")
    assert f"KAZ – CHN: {gate}" in out


def test_km_stand_below_each_other_whatever_the_names(run: Run) -> None:
    _, short, _ = run("route", "Alpha", "Delta", "--lang", "zh")
    _, long, _ = run("route", "Alpha", "40.05N,63.0001E")
    for out in (short, long):
        rows = out[out.index("legs ") :].split("\n\n")[0].splitlines()
        kms = [re.match(r"(.*\.\d) +(?:not counted|[\d,]+\.\d)$", row) for row in rows[1:]]
        ends = {cells(found[1]) for found in kms if found}
        assert ends == {cells(rows[0][: rows[0].index("km") + 2])}


def cells(text: str) -> int:
    """Return the columns of a text in a terminal, two for a Chinese character."""
    return sum(2 if "\u4e00" <= character <= "\u9fff" else 1 for character in text)


def test_a_new_line_has_the_range_of_its_published_lengths(run: Run) -> None:
    _, out, _ = run("route", "Alpha", "Delta", "--scenario", "construction")
    assert out.startswith("Alpha – Delta by rail: 280 km")
    assert "published lengths of its new lines: 250 to 430 km" in out
    assert "CHN 1520 mm construction" in out


def test_alternatives_with_their_gateways_and_difference(run: Run) -> None:
    _, out, _ = run("route", "Alpha", "Delta", "--scenario", "construction", "--alternatives", "1")
    assert "  +20 km: 300 km, 35 hours, by Gate" in out


def test_json_is_one_object_with_the_agreed_names(run: Run) -> None:
    code, out, err = run("route", "Alpha", "63,40", "--format", "json")
    report = json.loads(out)
    assert (code, err, report["length_km"], report["hours"]) == (0, "", 300, 35)
    wanted = {"from", "to", "scenario", "traffic", "length_km", "uncertainty_pct", "geodesic_km"}
    wanted |= {"detour", "hours", "legs", "by_country", "by_gauge", "breaks_of_gauge"}
    wanted |= {"border_crossings", "notes", "alternatives", "geometry"}
    assert wanted <= report.keys()
    assert "ODbL" in report["attribution"]


@pytest.mark.parametrize("place", ["63,40", "40N,63E", "63E 40N", "40.0°N, 63.0°E"])
def test_positions_in_either_order(run: Run, place: str) -> None:
    assert (
        run("route", "Alpha", place)[1].splitlines()[0].endswith("by rail: 300 km (280 to 320 km)")
    )


@pytest.mark.parametrize("place", ["-60,40", "-60.5, 40", "-60 40", "-60E,40N", "-9.1,-38"])
def test_a_position_may_begin_with_a_minus(run: Run, place: str) -> None:
    """It is taken for a place and not for an option: the answer is how far the railway is."""
    code, out, err = run("route", place, "Alpha")
    assert (code, out) == (1, "") and "no railway within 25 km of" in err


def test_hours_of_ones_own(run: Run) -> None:
    places = ("route", "Alpha", "Delta", "--format", "json")

    def told(*options: str) -> float:
        return float(json.loads(run(*places, *options)[1])["hours"])

    assert told() == 4 + 1 + 30
    assert told("--speed", "CHN=50") == 4 + 2 + 30
    assert told("--speed", "conventional=100") == 2 + 1 + 30  # also in countries with their own
    assert told("--speed", "conventional=100", "--speed", "chn=25") == 2 + 4 + 30
    assert told("--hours", "gate=3") == 4 + 1 + 3
    assert told("--hours", "border=2") == 4 + 1 + 2 + 7  # Gate's own hours are for both
    assert told("--hours", "border=2", "--hours", "break_of_gauge=1") == 4 + 1 + 2 + 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("route", "Alpha", "Delta", "--speed", "conventional"),
        ("route", "Alpha", "Delta", "--speed", "conventional=0"),
        ("route", "Alpha", "Delta", "--speed", "conventional=-3"),
        ("route", "Alpha", "Delta", "--speed", "FRA=30"),
        ("route", "Alpha", "Delta", "--hours", "bordr=3"),
        ("route", "Alpha", "Delta", "--hours", "border=nan"),
        ("route", "Alpha", "Delta", "--gauge", "1500"),
        ("route", "Alpha", "Delta", "--avoid", "FRA"),
        ("route", "Alpha", "Delta", "--avoid", ""),
        ("route", "Alpha", "Delta", "--speed", "conventional=1e-310"),
        ("route", "Alpha", "Delta", "--speed", "KAZ=1e-9"),
        ("route", "Alpha", "Delta", "--alternatives", "4"),
        ("route", "Alpha", "Delta", "--alternatives", "1", "--via", "Place B"),
        ("route", "Alpha", ""),
        ("route", "Alpha", "200,95"),
        ("compare", "Alpha"),
        ("compare", "Alpha", "Delta", "--scenario-a", "planned"),
        ("compare", "Alpha", "Delta", "--line", "plan"),
        ("compare", "Alpha", "Delta", "--plot", "x.png"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and err and "Traceback" not in err


def test_an_unknown_place_ends_with_2_and_suggestions(run: Run) -> None:
    code, out, err = run("route", "Alfa", "Delta", "--format", "json")
    assert code == 2 and "Alpha (KAZ)" in err and "LON,LAT" in err
    assert "Alpha (KAZ)" in json.loads(out)["error"]["suggestions"]


@pytest.mark.parametrize("form", ["json", "geojson"])
def test_no_route_ends_with_1_and_what_is_known(run: Run, form: str) -> None:
    code, out, err = run("route", "Alpha", "Place S", "--format", form)
    report = json.loads(out)
    assert code == 1 and "no route from Alpha" in err
    assert report["error"]["type"] == "NoRouteError" and len(report["error"]["components"]) == 2
    # 5 degrees of the meridian from 40° to 45° N are 555.3 km (WGS84); B is below S.
    assert report["error"]["gap_km"] == pytest.approx(555.3, abs=0.5)
    assert (report["from"]["name"], report["length_km"], report["scenario"]) == (
        "Alpha",
        None,
        "today",
    )


def test_geojson_has_a_line_for_each_leg_and_validates(run: Run, tmp_path: Path) -> None:
    route = ("route", "60.0,40.05", "Delta", "--format", "geojson", "--alternatives", "1")
    code, out, _ = run(*route, "--scenario", "construction")
    tree = json.loads(out)
    assert code == 0 and "OpenStreetMap" in tree["attribution"] and tree["licence"] == "ODbL-1.0"
    own = [f for f in tree["features"] if f["properties"]["alternative"] == 0]
    lines = [f for f in own if f["geometry"]["type"] == "LineString"]
    assert [f["properties"]["leg"] for f in lines] == ["connector", "track", "track"]
    assert [f["properties"]["status"] for f in lines] == [None, "operating", "construction"]
    assert [f["properties"]["length_km"] for f in lines[1:]] == [100, 180]
    assert lines[0]["geometry"]["coordinates"] == [[60.0, 40.05], [60.0, 40.0]]
    assert lines[2]["geometry"]["coordinates"] == [[61, 40], [62, 41], [63, 40]]
    points = [f for f in tree["features"] if f["geometry"]["type"] == "Point"]
    assert {f["properties"]["leg"] for f in points} == {"border_crossing", "break_of_gauge"}
    path = tmp_path / "route.geojson"
    path.write_text(out, encoding="utf-8")
    assert run("validate", str(path), "--strict")[0] == 0


def test_the_lines_of_legs_make_the_line_of_the_route() -> None:
    """Ends within edges and both directions: a position a quarter along C to D, and back."""
    for ends in (((60.3, 40.01), (62.25, 40.0)), ((62.25, 40.0), (60.3, 40.01))):
        route = network().route(*ends)
        joined = shapely.line_merge(shapely.union_all(list(route.leg_lines)))
        assert joined.equals(route.geometry)
        assert len(route.leg_lines) == sum(leg.kind == "track" for leg in route.legs) == 2


# compare


def test_savings_with_every_published_length() -> None:
    compared = compare(["Alpha", "Delta", "Place C"], network())
    ad, ac, dc = compared.pairs
    assert (ad.a_km, ad.b_km, ad.saved_km) == (300, 280, 20)
    # 100 + 150 km at least; with 330 km the old way stays the shorter one
    assert (ad.saved_low_km, ad.saved_high_km) == (0, 50)
    # The new line crosses the border at B, 85 km from Gate: the hours of any border count.
    assert (ad.a_hours, ad.b_hours) == (35, pytest.approx(2 + 1.8 + 5))
    assert [line["id"] for line in ad.new_lines] == ["new-line"]
    assert (ac.saved_km, ac.saved_low_km, ac.new_lines) == (0, None, ())
    assert (dc.saved_km, dc.gains) == (0, False)
    assert compared.to_dict()["pairs"][0]["line_ids"] == ["new-line"]


def test_a_saving_that_only_the_lowest_length_gives() -> None:
    long = {**SHORTCUT, "length_km": 240.0, "length_low_km": 150.0, "length_high_km": None}
    edges = [*EDGES[:3], Edge("B", "D", 240, "CHN", status="construction", line="new-line")]
    table = make_table(NODES, edges, [long])
    (pair,) = compare([NODES["A"], NODES["D"]], RailNetwork(table)).pairs
    assert (pair.saved_km, pair.saved_low_km, pair.saved_high_km) == (0, 0, 50)
    assert not pair.gains


def test_only_some_of_the_new_lines() -> None:
    for only, km in (((), 200), (("new",), 280), (("plan",), 200), (("new", "plan"), 200)):
        (pair,) = compare(["Alpha", "Delta"], network(), "planned", only_lines=only).pairs
        assert pair.b_km == km
    with pytest.raises(UsageError, match="adds no line 'ne'; it adds new-line"):
        compare(["Alpha", "Delta"], network(), only_lines=["ne"])


def test_pairs_without_a_route_say_why(run: Run) -> None:
    code, out, _ = run("compare", "Alpha", "Zulu", "Place S", "Delta", "--format", "json")
    pairs = {(p["from"], p["to"]): p for p in json.loads(out)["pairs"]}
    assert code == 0 and len(pairs) == 6
    assert pairs["Alpha", "Zulu"]["reason"] == "no railway within 25 km of Zulu"
    assert "not joined" in pairs["Alpha", "Place S"]["reason"]
    assert pairs["Alpha", "Place S"]["a_km"] is pairs["Alpha", "Place S"]["saved_km"] is None
    assert pairs["Alpha", "Delta"]["reason"] is None
    assert run("compare", "Alpha", "Zulu")[0] == 1


def test_many_pairs_that_gain_nothing_are_counted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sco_geo.savings_report._MOST_SAME", 1)
    _, out, _ = run("compare", "Alpha", "Delta", "Place C")
    assert "as before: Alpha – Place C 200 km; 1 more pairs (--format markdown has all)." in out


def test_the_table_of_a_comparison(run: Run) -> None:
    _, out, _ = run("compare", "Alpha", "Delta", "Place C")
    row = next(line for line in out.splitlines() if line.startswith("Alpha – Delta"))
    assert row.split() == "Alpha – Delta 300 280 20 0 to 50 35 to 9 New".split()
    assert "as before: Alpha – Place C 200 km; Delta – Place C 100 km." in out
    _, out, _ = run("compare", "Alpha", "Delta", "--format", "markdown", "--lang", "zh")
    assert "| 阿 – 德 | 300 | 280 | 20 | 0 to 50 | 35 | 9 | 新线 |" in out


# network


def test_the_network_as_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["network", "--audit", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    sums = [report[name] for name in report if name.startswith("km_by_")]
    assert len(sums) == 5
    for parts in (*sums, report["components_km"]):
        values = parts.values() if isinstance(parts, dict) else parts
        assert sum(values) == pytest.approx(report["length_km"], abs=0.1)
    assert report["short_edges"] == [] and report["components"] == len(report["components_km"])
    assert report["sections"]["used"] <= report["sections"]["count"]
    assert "OpenStreetMap" in report["attribution"]


def test_routes_need_no_package_of_the_map() -> None:
    """The help comes at once, and a route without what draws maps and tables."""
    code = (
        "import sys\nfrom sco_geo.cli import main\nmain(['route', '--help'])\n"
        "heavy = {'scipy', 'numpy', 'shapely', 'folium'} & set(sys.modules)\n"
        "main(['route', 'Kashgar', 'Tashkent'])\n"
        "heavy |= {'folium', 'pandas', 'geopandas', 'tqdm'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
