"""The strip chart: every claim is one dot in its place, none covers another, any name is safe."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from sco_geo import catalog, strip_chart
from sco_geo._strip_layout import PITCH, RADIUS, stack
from sco_geo._svg import fit, text_width, wrap
from sco_geo.catalog import Catalog
from sco_geo.claims import Computed
from sco_geo.cli import main
from sco_geo.errors import UsageError
from sco_geo.measure import LengthReport, measure
from sco_geo.units import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "layers"
SVG = "{http://www.w3.org/2000/svg}"
#: The pictures in the documentation and the command that makes each of them anew.
PICTURES = {
    "docs/claims.svg": ["length", "layers"],
    "docs/claims-cku.svg": ["length", "layers", "--only", "cku-railway"],
}

Measured = tuple[LengthReport, Catalog]


@pytest.fixture(scope="module")
def shipped() -> Measured:
    loaded = catalog.load([LAYERS])
    return measure(loaded), loaded


def draw(measured: Measured, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(strip_chart.to_svg(*measured, **options))


def words(node: ElementTree.Element, kind: str = "text") -> list[str]:
    return ["".join(text.itertext()) for text in node.iter(f"{SVG}{kind}")]


def percentages(chart: ElementTree.Element) -> dict[int, float]:
    """Read the axis: per cent -> place in px."""
    labels = [(t.text or "", float(t.get("x", "nan"))) for t in chart.iter(f"{SVG}text")]
    return {int(text.rstrip("% ")): x for text, x in labels if re.fullmatch(r"\d+ ?%", text)}


def rows_of(chart: ElementTree.Element) -> dict[tuple[str, str], ElementTree.Element]:
    rows = [g for g in chart.iter(f"{SVG}g") if g.get("data-scope")]
    by_key = {(g.get("data-line", ""), g.get("data-scope", "")): g for g in rows}
    assert len(by_key) == len(rows)
    return by_key


def marks(row: ElementTree.Element) -> list[ElementTree.Element]:
    return [node for node in row if node.get("data-km")]


def claims_file(folder: Path) -> list[dict[str, str]]:
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["property"] == "length_km"]


def drawn_lines() -> dict[str, dict[str, float]]:
    """Length in km of the sections by system, by another implementation of geodesics."""
    systems: dict[str, dict[str, float]] = {}
    for path in sorted(LAYERS.glob("*.geojson")):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            shape = feature["geometry"] or {"type": "", "coordinates": []}
            parts = shape["coordinates"]
            if not shape["type"].endswith("LineString"):
                continue
            parts = parts if shape["type"].startswith("Multi") else [parts]
            km = sum(geodesic_km(a, b) for p in parts for a, b in zip(p, p[1:], strict=False))
            system = feature["properties"].get("system") or feature["id"]
            systems.setdefault(system, {})[feature["id"]] = km
    return systems


def geodesic_km(a: list[float], b: list[float]) -> float:
    return Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3


def test_every_claim_is_one_dot_in_its_place(shipped: Measured) -> None:
    chart = draw(shipped)
    places = percentages(chart)
    zero = places[100] - (places[120] - places[100]) * 5
    px = (places[120] - places[100]) / 20  # for one per cent
    seen = Counter(
        (key, float(mark.get("data-km", ""))) for key, row in rows_of(chart).items()
        for mark in marks(row)
    )  # fmt: skip
    systems = drawn_lines()
    section_km = {name: km for sections in systems.values() for name, km in sections.items()}
    expected: Counter[tuple[tuple[str, str], float]] = Counter()
    checked = 0
    for claim in claims_file(LAYERS):
        subject, scope, km = claim["subject_id"], claim["scope"], float(claim["value"])
        section = scope.removeprefix("section:") if scope.startswith("section:") else subject
        if section in section_km and scope in {"whole", f"section:{section}"}:
            key, computed = (section, "whole"), section_km[section]
        elif scope == "whole" and subject in systems:
            key, computed = (subject, scope), sum(systems[subject].values())
        elif subject in {*systems, *section_km} and re.fullmatch("[A-Z]{3}", scope):
            key, computed = (subject, scope), shipped[0].computed[subject, scope].km
        else:
            continue
        expected[key, km] += 1
        at = [float(m.get("cx", "nan")) for m in marks(rows_of(chart)[key]) if near(m, km)]
        assert at == pytest.approx([zero + px * 100 * km / computed] * len(at), abs=0.02), claim
        checked += 1
    assert checked > 160
    others = {key: count for key, count in seen.items() if key[0][1] != "pipe_length"}
    assert others == dict(expected)


def near(mark: ElementTree.Element, km: float) -> bool:
    return float(mark.get("data-km", "")) == km


def test_dots_are_filled_if_current_and_tell_their_source(shipped: Measured) -> None:
    row = rows_of(draw(shipped))["cagp-d", "UZB"]
    told = {
        float(mark.get("data-km", "")): (mark.get("class"), words(mark, "title"))
        for mark in marks(row)
    }
    assert told[205.0][0] == "dot now"
    assert told[210.0][0] == "dot"
    assert "2024-02; Trend (trend-2024-02-06)" in told[205.0][1][0]
    assert "205 km (141" in told[205.0][1][0]


def test_no_two_dots_cover_each_other(shipped: Measured) -> None:
    for row in rows_of(draw(shipped)).values():
        dots = [(float(m.get("cx", "nan")), float(m.get("cy", "nan"))) for m in marks(row)]
        for i, (x, y) in enumerate(dots):
            for u, v in dots[:i]:
                assert (x - u) ** 2 + (y - v) ** 2 >= (2 * RADIUS) ** 2


@given(st.lists(st.floats(0, 60), max_size=40).map(sorted))
def test_stacks(xs: list[float]) -> None:
    dots = list(zip(xs, stack(xs), strict=True))
    for i, (x, rank) in enumerate(dots):
        assert all(x - u >= 2 * RADIUS for u, other in dots[:i] if other == rank)
        below = {other for u, other in dots[:i] if x - u < PITCH}
        assert set(range(rank)) <= below  # no dot stands higher than it must


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_languages(language: str, shipped: Measured) -> None:
    chart = draw((shipped[0].only(["cku-railway"]), shipped[1]), language=language)
    title = {"en": "Published lengths", "zh": "公布长度", "ru": "Опубликованные длины"}
    state = {"en": "Kyrgyzstan", "zh": "吉尔吉斯斯坦", "ru": "Кыргызстан"}
    shown = words(chart)
    assert shown[0].startswith(title[language])
    assert state[language] in shown
    assert ("532,5" if language == "ru" else "532.5") in shown
    assert chart.get("lang") == language
    names = "WGS84|GeoNames|CC.BY|Natural Earth|OpenStreetMap contributors|ODbL|sco_geo"
    names += r"|openstreetmap\.org/copyright|cku_railway\.geojson"
    latin = re.sub(names, "", " ".join(shown))
    assert language == "en" or not re.search("[A-Za-z]{2}", latin)
    assert not [text for text in shown if "legend_" in text or "scope_" in text]


def test_who_does_not_see_hears_every_row(shipped: Measured) -> None:
    chart = draw(shipped)
    assert chart.get("role") == "img"
    ids = (chart.get("aria-labelledby") or "").split()
    assert [node.get("id") for node in chart][:2] == ids
    told = words(chart, "desc")[0].split("\n")
    assert len(told) == 1 + len(rows_of(chart))
    (line,) = [line for line in told if "line D, Tajikistan" in line]
    assert "332" in line
    assert "391" in line


def test_notices_stand_where_they_must(shipped: Measured) -> None:
    report, loaded = shipped
    for name, open_street_map, monitor in (
        ("kkh", "roads.geojson", False),
        ("cku-railway", "cku_railway.geojson", False),
        ("cagp-d", "", True),
    ):
        foot = " ".join(words(draw((report.only([name]), loaded))))
        notice = "Contains data © OpenStreetMap contributors, ODbL 1.0"
        assert (notice in foot) == bool(open_street_map)
        assert re.findall(r"\w+\.geojson", foot) == ([open_street_map] if open_street_map else [])
        assert ("Global Energy Monitor" in foot) == monitor
        assert "Natural Earth" in foot
        assert f"Data as of {loaded.settings.as_of}" in foot


@pytest.mark.parametrize("picture", PICTURES)
def test_pictures_in_the_documentation_are_current(
    picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    fresh = tmp_path / "fresh.svg"
    assert main([*PICTURES[picture], "--plot", str(fresh)]) == 0
    data = (ROOT / picture).read_bytes()
    again = " ".join(["sco-geo", *PICTURES[picture], "--plot", picture])
    assert data == fresh.read_bytes(), f"make it anew: {again}"
    assert len(data) < 150_000


# Made-up lines


NASTY = "<b>&\"'</text>]]> \u202e\u200f\u2067\x07\x1b[31m\x9b\ufffe\ud83d \U0001f682\u05d0\u0645"


def layer(folder: Path, claims: list[tuple[str, ...]], *, name: str = "", basis: str = "") -> Path:
    """A folder with the line ``a``, 111.32 km along the equator, and claims about it."""
    folder.mkdir(exist_ok=True)
    feature = {
        "type": "Feature",
        "id": "a",
        "properties": {"kind": "road", "name": name or "A", "geometry_basis": basis},
        "geometry": {"type": "LineString", "coordinates": [[-30, 0], [-29, 0]]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (folder / "line.geojson").write_text(text, encoding="utf-8")
    columns = "subject_id,scope,property,value,unit,as_of,current,source_id,note"
    with (folder / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns.split(","))
        for scope, km, current, source in claims:
            writer.writerow(["a", scope, "length_km", km, "km", "2024", current, source, ""])
    return folder


def draw_made_up(folder: Path) -> ElementTree.Element:
    loaded = catalog.load([folder])
    return draw((measure(loaded), loaded))


def test_nasty_names_are_harmless(tmp_path: Path) -> None:
    source = NASTY.replace("\ud83d", "").replace("\x07", "").replace("\x1b", "")
    folder = layer(tmp_path / "x", [("whole", "120", "true", source)], name=NASTY * 9)
    loaded = catalog.load([folder])
    data = strip_chart.to_svg(measure(loaded), loaded)
    chart = ElementTree.fromstring(data)
    text = "".join(chart.itertext())
    assert "<b>&" in text
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b-\x1f\x7f-\x9f]", text
    )
    known = {"svg", "title", "desc", "style", "rect", "g", "text", "line", "path", "circle"}
    assert {node.tag.removeprefix(SVG) for node in chart.iter()} <= known
    assert all(len(shown) < 300 for shown in words(chart))


@pytest.mark.parametrize(
    ("basis", "is_bound"), [("published_alignment", False), ("waypoints", True), ("osm", True)]
)
def test_lower_bounds_point_to_the_right(basis: str, is_bound: bool, tmp_path: Path) -> None:
    chart = draw_made_up(layer(tmp_path, [("whole", "120", "true", "s")], basis=basis))
    arrows = [node for node in chart.iter(f"{SVG}path") if node.get("class") == "bound"]
    assert len(arrows) == (2 if is_bound else 0)  # the line and the legend
    assert ("≥ 111" in words(chart)) == is_bound
    assert any("lower bound" in text for text in words(chart)) == is_bound


def test_the_share_of_a_state_is_no_bound(shipped: Measured) -> None:
    # Chords stray over borders: 50 km are published for Uzbekistan, where 66.8 km are drawn.
    rows = rows_of(draw(shipped))
    signs = {scope: words(rows["cku-railway", scope])[1][0] for scope in ("whole", "KGZ", "UZB")}
    assert signs == {"whole": "≥", "KGZ": "≈", "UZB": "≈"}


def test_what_lies_far_beyond_stands_at_the_edge(tmp_path: Path) -> None:
    claims = [("whole", km, "true", "s") for km in ("110", "1000000000", "200000", "0.001")]
    chart = draw_made_up(layer(tmp_path, claims))
    places = percentages(chart)
    assert max(places) == 300
    (row,) = rows_of(chart).values()
    shapes = {m.get("data-km"): m.tag.removeprefix(SVG) for m in marks(row)}
    assert shapes == {"110": "circle", "1000000000": "path", "200000": "path", "0.001": "circle"}
    right = float(chart.get("width", "nan"))
    for mark in marks(row):
        if mark.tag == f"{SVG}path":
            start = float(re.findall(r"M([\d.]+)", mark.get("d", ""))[0])
            assert places[300] < start < right - 7


def test_what_has_nothing_computed_is_named_below(tmp_path: Path) -> None:
    chart = draw_made_up(
        layer(tmp_path, [("whole", "120", "true", "s"), ("FRA", "77", "true", "s")])
    )
    assert list(rows_of(chart)) == [("a", "whole")]
    assert any("France (77 km)" in text for text in words(chart))


def test_a_line_without_a_length_has_no_row(tmp_path: Path) -> None:
    loaded = catalog.load([layer(tmp_path, [("whole", "120", "true", "s")])])
    computed = {("a", "whole"): Computed(0.0)}
    with pytest.raises(UsageError, match="nothing to plot"):
        draw((replace(measure(loaded), computed=computed), loaded))


@pytest.mark.parametrize("text", ["a b c", "中国—吉尔吉斯斯坦（境内），全长。", "x" * 500, "", " "])
@pytest.mark.parametrize("width", [30.0, 100.0, 1e4])
def test_wrapped_text_keeps_to_its_width(text: str, width: float) -> None:
    lines = wrap(text, width, 12, lines=99)
    assert all(text_width(line, 12) <= width for line in lines)
    assert not [line for line in lines if line[0] in "，。、）"]
    if width == 1e4:
        assert "".join(lines) == text.strip()
    assert text_width(fit(text, width, 12), 12) <= max(width, text_width("…", 12))


# The command


def test_the_command_writes_beside_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = layer(tmp_path / "x", [("whole", "120", "true", "s")])
    assert main(["length", str(folder)]) == 0
    table = capsys.readouterr().out
    output = tmp_path / "new" / "plot.svg"
    for form, options in (("text", []), ("json", ["--lang", "zh"])):
        command = ["length", str(folder), "--plot", str(output), "--format", form, *options]
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert printed == table if form == "text" else json.loads(printed)["total_km"]
        title = words(ElementTree.parse(output).getroot(), "title")[0]
        assert title.startswith("公布" if options else "Published")
    assert [path.name for path in output.parent.iterdir()] == ["plot.svg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "{x}"], "no regular file"),
        (["--plot", "{x}/line.geojson"], "one of the layers"),
        (["--plot", "{x}/line.geojson/y.svg"], "cannot be written"),
        (["--plot", ""], "a path is empty"),
        (["--lang", "ru"], "--plot"),
        (["--plot", "{x}/y.svg", "--lang", "de"], "invalid choice"),
    ],
)
def test_misuse(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = layer(tmp_path, [("whole", "120", "true", "s")])
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(["length", str(folder), *(o.format(x=folder) for o in options)]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert not printed.out
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_to_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, output = layer(tmp_path / "x", []), tmp_path / "y.svg"
    assert main(["length", str(folder), "--plot", str(output)]) == 2
    assert "nothing to plot" in capsys.readouterr().err
    assert not output.exists()


def test_the_bytes_depend_on_the_data_alone(tmp_path: Path) -> None:
    here, there = tmp_path / "here.svg", tmp_path / "there.svg"
    command = ["length", str(LAYERS / "cku_railway.geojson"), "--plot"]
    assert main([*command, str(here)]) == 0
    subprocess.run(
        [sys.executable, "-m", "sco_geo", *command, str(there)],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert here.read_bytes() == there.read_bytes()
