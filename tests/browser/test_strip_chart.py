"""The strip charts in a real browser: no text covers another, and page and file say the same."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sco_geo._svg import text_width
from sco_geo.catalog import shipped_directory
from sco_geo.cli import main
from sco_geo.measure import LengthReport, measure_layers
from sco_geo.units import LANGUAGES

LAYERS = shipped_directory("layers")

# What stands in a chart: the rows with their dots, the percentages, and the boxes of all texts.
READ = """(chart) => {
  const box = (node) => {
    const b = node.getBBox();
    return [b.x, b.y, b.x + b.width, b.y + b.height];
  };
  const texts = [...chart.querySelectorAll("text")];
  return {
    size: chart.viewBox.baseVal.width,
    texts: texts.map((node) => ({ text: node.textContent, box: box(node),
      width: node.getComputedTextLength(), look: node.getAttribute("class") })),
    rows: [...chart.querySelectorAll("g[data-scope]")].map((g) => ({
      line: g.dataset.line, scope: g.dataset.scope,
      tick: Number(g.querySelector("line.computed").getAttribute("x1")),
      computed: box(g.querySelector("line.computed")),
      isBound: Boolean(g.querySelector(".bound")),
      dots: [...g.querySelectorAll("circle")].map((dot) => ({ km: Number(dot.dataset.km),
        x: Number(dot.getAttribute("cx")), isNow: dot.classList.contains("now"),
        told: dot.querySelector("title").textContent, box: box(dot) })),
    })),
  };
}"""


@pytest.fixture(scope="module")
def report() -> LengthReport:
    return measure_layers(LAYERS)


def percentages(chart: dict[str, Any]) -> dict[int, float]:
    """Read the axis: per cent -> middle of its label in px."""
    labels = [t for t in chart["texts"] if re.fullmatch(r"\d+\s?%", t["text"])]
    return {int(t["text"][:-1]): (t["box"][0] + t["box"][2]) / 2 for t in labels}


def overlapping(chart: dict[str, Any]) -> list[tuple[str, str]]:
    """Name what is covered by something else, or leaves the picture."""
    texts = [(text["text"], text["box"]) for text in chart["texts"] if text["text"]]
    dots = [(str(dot["km"]), dot["box"]) for row in chart["rows"] for dot in row["dots"]]
    wrong = [
        (str(a["km"]), str(b["km"]))
        for row in chart["rows"]
        for a, b in itertools.combinations(row["dots"], 2)
        if all(abs(p - q) < 5.5 for p, q in zip(a["box"], b["box"], strict=True))
    ]
    dots += [("computed", row["computed"]) for row in chart["rows"]]
    wrong += [(name, "edge") for name, box in texts if box[0] < 0 or box[2] > chart["size"]]
    for i, (name, a) in enumerate(texts):
        for other, b in [*texts[:i], *dots]:
            # The box of a text has room for accents; that of a line has no width.
            if min(a[2], b[2]) - max(a[0], b[0]) > -0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 3:
                wrong.append((name, other))
    return wrong


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("plots")
    for language in LANGUAGES:
        plot = ["--plot", str(folder / f"{language}.svg"), "--lang", language]
        assert main(["length", str(LAYERS), *plot]) == 0
    return {language: folder / f"{language}.svg" for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_file_covers_another(
    language: str, files: dict[str, Path], page: Page
) -> None:
    page.goto(files[language].as_uri())
    chart = page.evaluate(f"({READ})(document.documentElement)")
    assert len(chart["texts"]) > 200
    assert overlapping(chart) == []
    for text in chart["texts"]:  # the estimate that the layout rests on
        size, bold = {"title": (18, True), "line": (12, True), "name": (12, False)}.get(
            text["look"], (11, text["look"] == "now-km")
        )
        assert text["width"] <= text_width(text["text"], size, bold=bold) + 0.5, text


def luminance(colour: str) -> float:
    """Relative luminance of rgb(...), WCAG 2.2."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_can_be_read_by_day_and_night(
    scheme: Any, files: dict[str, Path], browser: Browser
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(files["en"].as_uri())
    style = "([look, part]) => getComputedStyle(document.querySelector(look))[part]"
    paper = luminance(page.evaluate(style, [".paper", "fill"]))
    assert (paper > 0.5) == (scheme == "light")
    for look, part, least in (
        ("text", "fill", 4.5),
        ("text.line", "fill", 4.5),
        ("text.now-km", "fill", 4.5),
        (".dot", "stroke", 3),
        (".dot.now", "fill", 3),
        (".computed", "stroke", 3),
        (".bound", "fill", 3),
    ):
        ink = luminance(page.evaluate(style, [look, part]))
        contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
        assert contrast >= least, look
    hollow = page.evaluate(style, [".dot:not(.now)", "fill"])
    assert luminance(hollow) == paper
    context.close()


CLAIMS = [
    row
    for row in csv.DictReader((LAYERS / "claims.csv").read_text(encoding="utf-8").splitlines())
    if row["property"] == "length_km"
]


def charts_of(page: Page, names: list[str]) -> dict[str, dict[str, Any]]:
    """Choose one feature after the other and read the chart of each, if there is one."""
    return page.evaluate(
        """(names) => Object.fromEntries(names.map((name) => {
          sco.select(name);
          const chart = document.querySelector("#sco-details svg.strip");
          return [name, chart && (READ)(chart)];
        }).filter(([, chart]) => chart))""".replace("READ", READ),
        names,
    )


def chosen(report: LengthReport) -> list[str]:
    """Name the lines with claims of their own, and one section of each system with claims."""
    names = [m.feature.id for m in report.features if m.claims]
    sections = {m.feature.system: m.feature.id for m in report.features}
    return list(dict.fromkeys([*names, *(sections[s.id] for s in report.systems if s.claims)]))


@pytest.mark.parametrize("language", ["en", "ru", pytest.param("zh", marks=pytest.mark.full)])
def test_the_page_draws_every_claim_in_its_place(
    language: str,
    open_atlas: Callable[..., Page],
    files: dict[str, Path],
    report: LengthReport,
    page: Page,
) -> None:
    page.goto(files[language].as_uri())
    file = page.evaluate(f"({READ})(document.documentElement)")
    drawn = {(row["line"], row["scope"]): row for row in file["rows"]}
    layers = ",".join(path.stem for path in LAYERS.glob("*.toml"))
    open_atlas(f"lang={language}&off={layers}")
    charts = charts_of(page, chosen(report))
    seen = set()
    for name, chart in charts.items():
        assert overlapping(chart) == [], name
        places = percentages(chart)
        first, last = min(places), max(places)
        px = (places[last] - places[first]) / (last - first)
        for row in chart["rows"]:
            computed = report.computed[row["line"], row["scope"]].km
            rows = [
                c for c in CLAIMS if (c["subject_id"], c["scope"]) == (row["line"], row["scope"])
            ]
            expected = sorted((float(c["value"]), c["current"] == "true") for c in rows)
            assert sorted((dot["km"], dot["isNow"]) for dot in row["dots"]) == expected
            assert row["tick"] == pytest.approx(places[first] + px * (100 - first), abs=0.6)
            for dot in row["dots"]:
                at = row["tick"] + px * 100 * (dot["km"] / computed - 1)
                assert dot["x"] == pytest.approx(at, abs=0.6), (name, dot)
            section = row["scope"].removeprefix("section:") in report.by_id
            key = (name, "whole") if section else (row["line"], row["scope"])
            in_file = {(dot["km"], dot["isNow"]) for dot in drawn[key]["dots"]}
            assert set(expected) <= in_file
            assert row["isBound"] == drawn[key]["isBound"]
            seen.add((row["line"], row["scope"]))
    lines = {m.feature.id for m in report.features} | {s.id for s in report.systems}
    known = {(c["subject_id"], c["scope"]) for c in CLAIMS if c["subject_id"] in lines}
    assert seen == {key for key in known if key in report.computed}


def test_the_chart_of_the_page_speaks(open_atlas: Callable[..., Page]) -> None:
    page = open_atlas("sel=cku-makmal-jalal-abad")
    chart = page.locator("#sco-details svg.strip")
    spoken = chart.get_attribute("aria-label") or ""
    assert chart.get_attribute("role") == "img"
    for said in ("this section: computed ≥ 99.0 km; 145", "Kyrgyzstan", "532.53", "580"):
        assert said in spoken
    told = chart.locator("g[data-scope=UZB] circle.now title").text_content()
    assert told == "69; undated; Wikipedia (en)"
    key = chart.locator("xpath=following-sibling::p").inner_text()
    assert [sign for sign in "●○┃↱≈" if sign not in key] == []
