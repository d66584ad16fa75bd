"""A chart of who gains how many km by new lines, as one standalone SVG.

Each row is a pair of places, each bar the km that its way by rail becomes shorter; a whisker goes
from the saving at the highest published length of the new lines to that at the lowest. Rows are
grouped by the lines that make the difference, the greatest saving first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from sco_geo._strip_layout import number
from sco_geo._svg import Element, add, clean, fit, text_width, to_bytes, wrap
from sco_geo.atlas import text
from sco_geo.errors import UsageError
from sco_geo.network.attribution import DATABASE
from sco_geo.network.comparison import Comparison, Pair
from sco_geo.savings_report import pair_name, sorted_gains, systems_of
from sco_geo.units import LANGUAGES, Language

#: Columns in px: names up to `_NAMES`, bars from `_BARS` to `_END`, words up to `_RIGHT`.
_WIDTH, _LEFT, _NAMES, _BARS, _END, _RIGHT = 960, 20.0, 230.0, 244.0, 700.0, 940.0
_ROW: Final = 22.0
#: Sizes of the names and of other words in px.
_TEXT, _SMALL = 12.0, 11.0
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "title": (
        "Shorter by rail: who gains how many km",
        "铁路缩短多少公里",
        "Короче по железной дороге: кто выигрывает сколько км",
    ),
    "how": (
        "Bar: km less from place to place ({a} → {b}). Whisker: from the saving with the new lines "
        "at their highest published length to that at their lowest.",
        "条形：两地间铁路里程缩短的公里数（{a} → {b}）。"
        "细线：由新线取最长公布长度至取最短公布长度时的缩短量。",
        "Полоса: на сколько км короче путь ({a} → {b}). Отрезок: от выигрыша при наибольшей "
        "опубликованной длине новых линий до выигрыша при наименьшей.",
    ),
    "today": ("today", "现状", "сегодня"),
    "construction": (
        "with lines under construction",
        "在建线路建成后",
        "с учётом строящихся линий",
    ),
    "planned": (
        "with lines under construction and planned",
        "在建及规划线路建成后",
        "с учётом строящихся и планируемых линий",
    ),
    "by": ("By {}", "依托{}", "Благодаря: {}"),
    "axis": ("km less", "缩短公里数", "км меньше"),
    "row": ("{saved} km: {b}, now {a}", "{saved}公里：{b}，现为{a}", "{saved} км: {b}, сейчас {a}"),
    "same": (
        "{} more pairs do not gain.",
        "另有{}对地点无变化。",
        "Ещё пар без выигрыша: {}.",
    ),
    "missing": (
        "{} pairs have no route.",
        "{}对地点之间无铁路通路。",
        "Пар без маршрута: {}.",
    ),
    "method": (
        "Shortest ways over the rail network of sco_geo, without the ways to the line.",
        "里程为 sco_geo 铁路网上的最短路径，不含至线路的接驳距离。",
        "Кратчайшие пути по железнодорожной сети sco_geo, без подхода к линии.",
    ),
    "quickest": (
        "Quickest ways over the rail network of sco_geo, without the ways to the line.",
        "里程为 sco_geo 铁路网上用时最少的路径，不含至线路的接驳距离。",
        "Самые быстрые пути по железнодорожной сети sco_geo, без подхода к линии.",
    ),
}
_STYLE = """
text{font-family:"Segoe UI","Noto Sans","Helvetica Neue",Arial,"Noto Sans CJK SC",\
"Microsoft YaHei","PingFang SC","WenQuanYi Micro Hei",sans-serif;font-size:11px;fill:#5a5f57}
.paper{fill:#fffdf8}.title{font-size:18px;font-weight:600;fill:#23261f}
.line{font-size:12px;font-weight:600;fill:#23261f}.name{font-size:12px;fill:#23261f}
.km{fill:#23261f}.rule,.axis,.grid{stroke:#ddd8cc}.grid{stroke-dasharray:1 3}
.bar{fill:#7f9ccb}.range{stroke:#23261f;stroke-width:1.4;fill:none}
@media (prefers-color-scheme:dark){
text{fill:#b4b8ae}.paper{fill:#1a1c19}.title,.line,.name,.km{fill:#f0eee6}
.rule,.axis,.grid{stroke:#474b43}.bar{fill:#4a6797}.range{stroke:#f0eee6}}
"""


def to_svg(compared: Comparison, *, language: Language = "en") -> bytes:
    """Draw who gains how many km.

    Returns
    -------
    bytes
        An SVG file in UTF-8, the same bytes for the same input.

    Raises
    ------
    UsageError
        If no pair becomes shorter.
    """
    gains = [pair for pair in sorted_gains(compared) if pair.saved_km is not None]
    if not gains:
        raise UsageError("nothing to plot: between these places no way becomes shorter")
    chart = _Chart(compared, language, max(pair.saved_range_km[1] for pair in gains))
    chart.head()
    groups: dict[str, list[Pair]] = {}
    between = text.strings()[language]["and_then"]
    for pair in gains:
        groups.setdefault(between.join(systems_of(pair.new_lines, language)), []).append(pair)
    chart.axis(is_top=True)
    grid, top = add(chart.root, "g"), chart.y
    for name, pairs in groups.items():
        chart.group(name, pairs)
    for x in map(chart.x, chart.ticks):
        add(grid, "line", class_="grid", x1=x, x2=x, y1=top, y2=chart.y)
    chart.axis(is_top=False)
    chart.foot()
    return chart.to_bytes()


class _Chart:
    """The drawing, from the top down; `y` is how far it has come, in px."""

    def __init__(self, compared: Comparison, language: Language, most_km: float) -> None:
        place = LANGUAGES.index(language)
        self.texts = text.strings()[language] | {key: own[place] for key, own in _TEXTS.items()}
        self.compared, self.language = compared, language
        step = next((step for step in _STEPS if most_km / step <= 9), _STEPS[-1])
        self.most_km = step * math.ceil(most_km / step)
        self.ticks = [step * n for n in range(round(self.most_km / step) + 1)]
        self.y, self._said = 34.0, list[str]()
        self.root = Element("svg", xmlns="http://www.w3.org/2000/svg", role="img", lang=language)
        self.root.set("aria-labelledby", "title desc")
        add(self.root, "title", self.texts["title"], id="title")
        self._summary = add(self.root, "desc", id="desc")
        add(self.root, "style", _STYLE)
        self._paper = add(self.root, "rect", class_="paper", width=_WIDTH)

    def x(self, km: float) -> float:
        """Return the place of a saving in px."""
        return _BARS + (_END - _BARS) * km / self.most_km

    @property
    def _how(self) -> str:
        scenarios = (self.compared.scenario_a, self.compared.scenario_b)
        a, b = (self.texts[name] for name in scenarios)
        return self.texts["how"].format(a=a, b=b)

    def head(self) -> None:
        """Write the title and how to read the chart."""
        add(self.root, "text", self.texts["title"], class_="title", x=_LEFT, y=self.y)
        self.y += 4
        self._paragraph(self._how)
        self.y += 26

    def axis(self, *, is_top: bool) -> None:
        """Write the figures of the axis, and what they are."""
        y = self.y + (0 if is_top else 16)
        for km in self.ticks:
            shown = number(km, self.language, 0)
            add(self.root, "text", shown, text_anchor="middle", x=self.x(km), y=y)
        add(self.root, "text", self.texts["axis"], x=_END + 24, y=y)
        self.y += 8 if is_top else 30

    def group(self, name: str, pairs: Sequence[Pair]) -> None:
        """Draw the pairs that gain by the same lines below their name."""
        add(self.root, "line", class_="rule", x1=_LEFT, x2=_RIGHT, y1=self.y, y2=self.y)
        self.y += 17
        head = self.texts["by"].format(name)
        lines = wrap(head, _RIGHT - _LEFT, _TEXT, lines=3, bold=True)
        for count, line in enumerate(lines):
            add(self.root, "text", line, class_="line", x=_LEFT, y=self.y + 15 * count)
        self.y += 15 * (len(lines) - 1) + 6
        self._said.append(head)
        for pair in pairs:
            self._row(pair)
        self.y += 8

    def _row(self, pair: Pair) -> None:
        name = pair_name(self.compared, pair, self.language)
        low, high = pair.saved_range_km
        saved = pair.saved_km or 0.0
        middle = self.y + _ROW / 2
        g = add(self.root, "g", data_from=pair.origin, data_to=pair.destination)
        shown = fit(name, _NAMES - _LEFT - 12, _TEXT)
        add(g, "text", shown, class_="name", x=_LEFT + 12, y=middle + 4)
        bar = add(g, "rect", class_="bar", data_km=f"{saved:.3f}", x=_BARS, y=middle - 6)
        for key, size in (("width", self.x(saved) - _BARS), ("height", 12.0)):
            bar.set(key, f"{size:.2f}")
        end = self.x(max(saved, high))
        if high - low >= 0.5:
            a, b, top, base = self.x(low), self.x(high), middle - 4, middle + 4
            shape = f"M{a:.2f} {top:.2f}V{base:.2f}M{b:.2f} {top:.2f}V{base:.2f}"
            shape += f"M{a:.2f} {middle:.2f}H{b:.2f}"
            whisker = add(g, "path", class_="range", d=shape)
            for key, km in (("data-low-km", low), ("data-high-km", high)):
                whisker.set(key, f"{km:.3f}")
        words = self._words(pair)
        x = min(end + 8, _RIGHT - text_width(words, _SMALL))
        add(g, "text", words, class_="km", x=x, y=middle + 4)
        self.y += _ROW
        self._said.append(f"{name}: {words}")

    def _words(self, pair: Pair) -> str:
        figures = {"saved": pair.saved_km, "a": pair.a_km, "b": pair.b_km}
        texts = {key: number(km or 0.0, self.language, 0) for key, km in figures.items()}
        return self.texts["row"].format(**texts)

    def foot(self) -> None:
        """Write what has no row, the method and the licence."""
        others = [pair for pair in self.compared.pairs if not pair.gains]
        missing = sum(pair.b_km is None for pair in others)
        said = []
        if len(others) > missing:
            said.append(self.texts["same"].format(len(others) - missing))
        if missing:
            said.append(self.texts["missing"].format(missing))
        method = "quickest" if self.compared.optimise == "hours" else "method"
        said += [self.texts[method], text.open_street_map_notice([DATABASE])[self.language]]
        self._paragraph(("" if self.language == "zh" else " ").join(said))
        self.y += 18

    def _paragraph(self, content: str) -> None:
        for line in wrap(content, _WIDTH - 2 * _LEFT, _SMALL, lines=40):
            self.y += 16
            add(self.root, "text", line, x=_LEFT, y=self.y)

    def to_bytes(self) -> bytes:
        """Give the drawing its size and return it as a file."""
        height = round(self.y)
        self._summary.text = clean("\n".join([self._how, *self._said]))
        self._paper.set("height", str(height))
        for name, value in (("width", _WIDTH), ("height", height)):
            self.root.set(name, str(value))
        self.root.set("viewBox", f"0 0 {_WIDTH} {height}")
        return to_bytes(self.root)
