"""Lengths in the details: pipe, breaks of gauge, status, how figures disagree and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            "lang=en&sel=cku-border-andijan",
            [
                "Break of gauge: 1435 / 1520 mm, Makmal",
                "Under construction\t366 km",
                "7 different figures, 454–580 km, 27.8 % apart; current: 532.5–532.53 km",
                "Open (50): Shorter than the straight line from the border to Andijan",
                "Open (60): What the figure counts is not said",
                "533 km along the rail network; ±",
                "442 km geodesic on WGS84, from the full geometry; lower bound",
                "66.8 km geodesic on WGS84, from the full geometry; lower bound",
            ],
        ),
        (
            "lang=en&sel=espo-skovorodino-daqing",
            [
                "Russia 1, China 2",
                "Length of pipe, each string counted: 1,598 km",
                "4,045 km of the route have an unknown number of strings and count once",
            ],
        ),
        (
            "lang=zh&sel=cku-torugart-makmal",
            ["160 公里 沿铁路网里程；±12.1\u00a0%；路网版本", "134 公里 WGS84 椭球面大地线长度"],
        ),
        (
            "lang=ru&sel=cku-torugart-makmal",
            [
                "160 км по сети железных дорог; ±12,1\u00a0%; версия сети",
                "134 км геодезическая длина",
            ],
        ),
        (
            "lang=zh&sel=cagp-abc-olot-gazli",
            [
                "管道总长（各并行管线分别计入）：4,692 公里",
                "加兹利—奇姆肯特直线段截去了管道所经的拐角",
            ],
        ),
        (
            "lang=ru&sel=tapi-serhetabat-herat",
            ["Не выяснено: Намного длиннее хорды, а мест между её концами источники не называют."],
        ),
    ],
)
def test_details_tell_how_lengths_hang_together(
    open_atlas: Callable[..., Page], state: str, words: list[str]
) -> None:
    text = open_atlas(state).locator("#sco-details").inner_text()
    for said in words:
        assert said in text, text
    assert "undefined" not in text and "NaN" not in text and "[object" not in text
