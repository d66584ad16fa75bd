"""A strip chart of published lengths beside the computed ones, as one standalone SVG.

Each row is one scope of one line, each dot one published figure. All rows share one axis, the
published length in per cent of the computed one, so that the computed lengths stand in one line
below each other and a reader sees at once which figures lie beyond it, how far, and whether they
agree. Within a row the place of a dot is linear in km.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sco_geo._claim_rows import Group, Row, claim_groups
from sco_geo._strip_layout import (
    PITCH,
    RADIUS,
    SMALL,
    Dot,
    Scale,
    dots_of,
    labels_of,
    number,
    scale_for,
)
from sco_geo._svg import Element, add, clean, fit, text_width, to_bytes, wrap
from sco_geo.atlas import text
from sco_geo.catalog import Catalog
from sco_geo.claims import ClaimCheck
from sco_geo.errors import UsageError
from sco_geo.measure import LengthReport
from sco_geo.model import Source
from sco_geo.units import LANGUAGES, Language, split_list

#: Columns in px: names from `_LEFT`, computed lengths up to `_KM`, the strip up to `_RIGHT`.
_WIDTH, _LEFT, _NAMES, _KM, _STRIP, _RIGHT = 960, 20.0, 256.0, 344.0, 372.0, 920.0
#: Sizes of the names in px.
_TEXT: Final = 12.0

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "title": (
        "Published lengths beside the computed ones",
        "公布长度与计算长度对照",
        "Опубликованные длины рядом с вычисленными",
    ),
    "current": ("current figure", "现行数值", "действующее значение"),
    "earlier": ("earlier figure", "此前数值", "прежнее значение"),
    "legend_computed": ("computed length", "计算长度", "вычисленная длина"),
    "how": (
        "A dot is one published figure, in per cent of the computed length of the same scope; its "
        "label is in km. Stacked dots agree.",
        "每个圆点为一个公布数值，按其占同一范围计算长度的百分比定位，标注单位为公里；"
        "上下叠放的圆点表示数值相近。",
        "Точка — одна опубликованная величина, в процентах от вычисленной длины того же охвата; "
        "подпись — в км. Точки одна над другой согласуются.",
    ),
    "percent": ("{} %", "{}%", "{} %"),
    "km": ("km", "公里", "км"),
    "computed_km": ("computed, km", "计算值，公里", "вычислено, км"),
    "method": (
        "Computed: geodesics on WGS84 along the full geometry of the files.",
        "计算值：按文件中完整几何计算的 WGS84 椭球面大地线长度。",
        "Вычислено: геодезические линии на эллипсоиде WGS84 по полной геометрии файлов.",
    ),
    "nothing_computed": (
        "Published, but nothing is drawn to compare it with: ",
        "已公布，但图上无可对照的线路：",
        "Опубликовано, но на карте не с чем сравнить: ",
    ),
    "borders": (
        "Borders: Natural Earth 4.1.0, public domain.",
        "边界：Natural Earth 4.1.0，公有领域。",
        "Границы: Natural Earth 4.1.0, общественное достояние.",
    ),
    "points": (
        "Points: {}, CC\u00a0BY\u00a04.0.",
        "点位：{}，CC\u00a0BY\u00a04.0。",
        "Точки: {}, CC\u00a0BY\u00a04.0.",
    ),
}

_STYLE = """
text{font-family:"Segoe UI","Noto Sans","Helvetica Neue",Arial,"Noto Sans CJK SC",\
"Microsoft YaHei","PingFang SC","WenQuanYi Micro Hei",sans-serif;font-size:11px;fill:#5a5f57}
.paper{fill:#fffdf8}.title{font-size:18px;font-weight:600;fill:#23261f}
.line{font-size:12px;font-weight:600;fill:#23261f}.name{font-size:12px;fill:#23261f}
.now-km{font-weight:600;fill:#23261f}
.rule,.axis,.grid{stroke:#ddd8cc}.grid{stroke-dasharray:1 3}
.computed{stroke:#a3213f;stroke-width:2}.bound{fill:#a3213f}
.dot{fill:#fffdf8;stroke:#2f4b7c;stroke-width:1.4}.now{fill:#2f4b7c}
@media (prefers-color-scheme:dark){
text{fill:#b4b8ae}.paper{fill:#1a1c19}.title,.line,.name,.now-km{fill:#f0eee6}
.rule,.axis,.grid{stroke:#474b43}
.computed{stroke:#ff8ba0}.bound{fill:#ff8ba0}
.dot{fill:#1a1c19;stroke:#9dbcf2}.now{fill:#9dbcf2}}
"""


def to_svg(lengths: LengthReport, catalog: Catalog, *, language: Language = "en") -> bytes:
    """Draw the published lengths of a report beside the computed ones.

    Parameters
    ----------
    lengths : LengthReport
        Measured on the catalog; a part of it (`LengthReport.only`) is drawn alone.
    catalog : Catalog
        Gives names, the date and the licences.
    language : {"en", "zh", "ru"}
        Of all texts and names.

    Returns
    -------
    bytes
        An SVG file in UTF-8, the same bytes for the same input.

    Raises
    ------
    UsageError
        If there is no published length with a computed one beside it.
    """
    groups = claim_groups(lengths, catalog, language)
    pairs = [(row.computed_km, row) for group in groups for row in group.rows if row.computed_km]
    if not pairs:
        raise UsageError(
            "nothing to plot: none of these lines has a published length (a row of claims.csv "
            "with the property length_km) beside a computed one"
        )
    ratios = [claim.value_km / km for km, row in pairs for claim in row.claims]
    chart = _Chart(language, scale_for(ratios, _STRIP, _RIGHT), lengths.sources)
    chart.head([row for _, row in pairs])
    chart.axis(is_top=True)
    grid, top = add(chart.root, "g"), chart.y
    for group in groups:
        chart.group(group)
    for x in map(chart.scale.x, chart.scale.ticks):
        add(grid, "line", class_="grid", x1=x, x2=x, y1=top, y2=chart.y)
    chart.axis(is_top=False)
    chart.foot(groups, catalog)
    return chart.to_bytes()


class _Chart:
    """The drawing, from the top down; `y` is how far it has come, in px."""

    def __init__(self, language: Language, scale: Scale, sources: Mapping[str, Source]) -> None:
        place = LANGUAGES.index(language)
        self.texts = text.strings()[language] | {key: own[place] for key, own in _TEXTS.items()}
        self.language, self.scale, self.sources = language, scale, sources
        self.y, self._said = 34.0, list[str]()
        self.root = Element("svg", xmlns="http://www.w3.org/2000/svg", role="img", lang=language)
        self.root.set("aria-labelledby", "title desc")
        add(self.root, "title", self.texts["title"], id="title")
        self._summary = add(self.root, "desc", id="desc")
        add(self.root, "style", _STYLE)
        self._paper = add(self.root, "rect", class_="paper", width=_WIDTH)

    def head(self, rows: Sequence[Row]) -> None:
        """Write the title, how to read the chart, and the legend of the signs that are used."""
        add(self.root, "text", self.texts["title"], class_="title", x=_LEFT, y=self.y)
        self.y += 4
        self._paragraph(self.texts["how"])
        self.y += 24
        claims = [claim for row in rows for claim in row.claims]
        is_used = {
            "current": any(claim.current for claim in claims),
            "earlier": not all(claim.current for claim in claims),
            "legend_computed": True,
            "legend_bound": any(row.is_lower_bound for row in rows),
            "legend_share": any(row.is_share for row in rows),
        }
        x = _LEFT
        for name in [name for name, is_needed in is_used.items() if is_needed]:
            label = self.texts[name]
            width = text_width(label, SMALL) + 36
            if x + width > _WIDTH:
                x, self.y = _LEFT, self.y + 18
            self._sign(name, x + 6, self.y - 4)
            add(self.root, "text", label, x=x + 20, y=self.y)
            x += width
        self.y += 30

    def _sign(self, name: str, x: float, y: float) -> None:
        if name == "legend_share":
            add(self.root, "text", "≈", text_anchor="middle", x=x, y=y + 4)
        elif name.startswith("legend"):
            is_bound = name == "legend_bound"
            self._tick(self.root, x - 5 * is_bound, y - 6, y + 6, is_bound=is_bound)
        else:
            look = _look(is_current=name == "current")
            add(self.root, "circle", class_=look, cx=x, cy=y, r=RADIUS)

    def _tick(self, parent: Element, x: float, top: float, base: float, *, is_bound: bool) -> None:
        """Draw a computed length; that of a lower bound has an arrow to the right."""
        add(parent, "line", class_="computed", x1=x, x2=x, y1=top, y2=base)
        if is_bound:
            shape = f"M{x:.2f} {top:.2f}h7v-2l6 3l-6 3v-2h-7z"
            add(parent, "path", class_="bound", d=shape)

    def axis(self, *, is_top: bool) -> None:
        """Write the percentages, and what they are on the side away from the rows."""
        y = self.y + (18 if is_top else 16)
        computed = self.texts["computed_km"] if is_top else ""
        for shown, x, at in (
            (computed, _KM, y),
            (self.texts["strip_axis"], _RIGHT, self.y if is_top else y + 18),
        ):
            add(self.root, "text", shown, text_anchor="end", x=x, y=at)
        for ratio in self.scale.ticks:
            label = self.texts["percent"].format(round(100 * ratio))
            add(self.root, "text", label, text_anchor="middle", x=self.scale.x(ratio), y=y)
        self.y += 26 if is_top else 40

    def group(self, group: Group) -> None:
        """Draw the rows of one line below its name."""
        if not any(row.computed_km for row in group.rows):
            return
        add(self.root, "line", class_="rule", x1=_LEFT, x2=_RIGHT, y1=self.y, y2=self.y)
        self.y += 17
        name = fit(group.name, _RIGHT - _LEFT, _TEXT, bold=True)
        add(self.root, "text", name, class_="line", x=_LEFT, y=self.y)
        for row in group.rows:
            if row.computed_km:
                self._row(group, row, row.computed_km)
        self.y += 7

    def _row(self, group: Group, row: Row, computed_km: float) -> None:
        dots = dots_of(row.claims, computed_km, self.scale)
        labels = labels_of(dots, self.scale, self.language, _WIDTH - 4)
        names = wrap(row.label, _NAMES, _TEXT, lines=2)
        computed = self._computed(row, computed_km)
        height = PITCH * max(dot.rank for dot in dots)
        base = self.y + 15 + height
        g = add(self.root, "g", data_line=row.subject, data_scope=row.scope)
        for i, line in enumerate(names):
            add(g, "text", line, class_="name", x=_LEFT + 12, y=base + 4 + 14 * i)
        add(g, "text", computed, text_anchor="end", x=_KM, y=base + 4)
        add(g, "line", class_="axis", x1=_STRIP, x2=_RIGHT, y1=base, y2=base)
        self._tick(g, self.scale.x(1.0), base - height - 11, base + 5, is_bound=row.is_lower_bound)
        for dot in dots:
            self._dot(g, dot, base - PITCH * dot.rank)
        for label in labels:
            y = base + (4, 15, 27)[label.line]
            look = "now-km" if label.claim.current else "km"
            add(g, "text", label.text, class_=look, text_anchor="middle", x=label.x, y=y)
        self.y = base + max(14 * (len(names) - 1), 12 * max(label.line for label in labels)) + 7
        self._say(group, row, computed)

    def _computed(self, row: Row, computed_km: float) -> str:
        """Write a computed length as the page does."""
        digits = 0 if computed_km >= 100 else 1
        sign = "≥ " if row.is_lower_bound else "≈ " if row.is_share else ""
        return sign + number(computed_km, self.language, digits)

    def _dot(self, parent: Element, dot: Dot, y: float) -> None:
        look, km = _look(is_current=dot.claim.current), f"{dot.claim.value_km:.12g}"
        if dot.ratio > self.scale.high:  # an arrow at the edge
            shape = f"M{dot.x - 3:.2f} {y - 4:.2f}l7 4l-7 4z"
            node = add(parent, "path", class_=look, d=shape, data_km=km)
        else:
            node = add(parent, "circle", class_=look, cx=dot.x, cy=y, r=RADIUS, data_km=km)
        add(node, "title", self._told(dot.claim, dot.ratio))

    def _told(self, claim: ClaimCheck, ratio: float) -> str:
        """Return what is known about a figure, for whoever points at its dot."""
        percent = self.texts["percent"].format(number(100 * ratio, self.language, 1))
        sources = [
            f"{self.sources[key].publisher} ({key})" if key in self.sources else key
            for key in split_list(claim.source_id)
        ]
        known = [
            f"{self._km(claim)} ({percent})",
            self.texts["current" if claim.current else "earlier"],
            claim.as_of or self.texts["undated"],
            *sources,
        ]
        return self.texts["and_then"].join(known)

    def _km(self, claim: ClaimCheck) -> str:
        return f"{number(claim.value_km, self.language)} {self.texts['km']}"

    def _say(self, group: Group, row: Row, computed: str) -> None:
        """Keep what a row shows, for those who do not see it."""
        values = [number(c.value_km, self.language) for c in row.claims]
        stop = self.texts["and_then"]
        said = f"{self.texts['computed_km']} {computed}{stop}{self.texts['published']} "
        self._said.append(f"{group.name}, {row.label}: {said}{stop.join(dict.fromkeys(values))}")

    def foot(self, groups: Sequence[Group], catalog: Catalog) -> None:
        """Write what has no row, the date, the method and the licences."""
        left_out = [
            f"{group.name}, {row.label} ({self._km(claim)})"
            for group in groups
            for row in group.rows
            if not row.computed_km
            for claim in row.claims
        ]
        if left_out:
            listed = self.texts["and_then"].join(left_out)
            self._paragraph(self.texts["nothing_computed"] + listed + self.texts["full_stop"])
        for line in self._notes(groups, catalog):
            self._paragraph(line)
        self.y += 18

    def _notes(self, groups: Sequence[Group], catalog: Catalog) -> list[str]:
        drawn = {name for group in groups for name in group.layers}
        layers = [layer for layer in catalog.layers if layer.id in drawn]
        credit = " ".join(layer.sidecar.attribution or "" for layer in layers)
        named = [name for name in ("GeoNames", "Global Energy Monitor") if name in credit]
        files = [layer.path.name for layer in layers if layer.sidecar.licence == "ODbL-1.0"]
        date = f"{self.texts['reference_date']} {catalog.settings.as_of}{self.texts['full_stop']}"
        said = [date, self.texts["method"], self.texts["borders"], self.texts["border_precision"]]
        if named:
            said.append(self.texts["points"].format(", ".join(named)))
        room = "" if self.language == "zh" else " "
        notes = [room.join(said[:2]), room.join(said[2:])]
        return [*notes, text.open_street_map_notice(files)[self.language]] if files else notes

    def _paragraph(self, content: str) -> None:
        for line in wrap(content, _WIDTH - 2 * _LEFT, SMALL, lines=40):
            self.y += 16
            add(self.root, "text", line, x=_LEFT, y=self.y)

    def to_bytes(self) -> bytes:
        """Give the drawing its size and return it as a file."""
        height = round(self.y)
        self._summary.text = clean("\n".join([self.texts["how"], *self._said]))
        self._paper.set("height", str(height))
        for name, value in (("width", _WIDTH), ("height", height)):
            self.root.set(name, str(value))
        self.root.set("viewBox", f"0 0 {_WIDTH} {height}")
        return to_bytes(self.root)


def _look(*, is_current: bool) -> str:
    return "dot now" if is_current else "dot"
