"""Texts of the page in three languages, and the one place where data becomes part of HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sco_geo.atlas import properties
from sco_geo.units import LANGUAGES

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "language": ("English", "中文", "Русский"),
    "language_label": ("Language", "语言", "Язык"),
    "state_on": ("State on", "截至", "По состоянию на"),
    "date_before": ("Earlier event", "上一个时间点", "Предыдущее событие"),
    "date_after": ("Later event", "下一个时间点", "Следующее событие"),
    "layers": ("Layers and legend", "图层与图例", "Слои и легенда"),
    "facts": ("Key facts", "要点", "Ключевые факты"),
    "facts_note": (
        "The atlas began with a text published before the Tianjin summit of 2025. This is what "
        "that text says, and how it stands to the sources.",
        "本图集源于一篇在2025年天津峰会前发布的文章。以下为该文所述事实及其与各来源的对照。",
        "Атлас начался с текста, опубликованного перед саммитом в Тяньцзине 2025 года. Здесь — что "
        "в нём сказано и как это соотносится с источниками.",
    ),
    "facts_organisation": ("Organisation", "组织", "Организация"),
    "facts_summit": ("Summits", "峰会", "Саммиты"),
    "facts_trade": ("Trade", "贸易", "Торговля"),
    "facts_train": ("Freight train", "货运班列", "Грузовой поезд"),
    "facts_railway": ("Railway", "铁路", "Железная дорога"),
    "facts_pipelines": ("Pipelines", "管道", "Трубопроводы"),
    "facts_roads": ("Roads", "公路", "Автодороги"),
    "facts_security": ("Security", "安全", "Безопасность"),
    "facts_statements": ("Not on the map", "未上图的内容", "Чего нет на карте"),
    "verdict_confirmed": ("confirmed", "属实", "подтверждено"),
    "verdict_differs": ("sources differ", "来源说法不同", "источники расходятся"),
    "verdict_unsupported": ("no source found", "未找到来源", "источник не найден"),
    "verdict_not_mapped": ("not mapped", "未上图", "не показано"),
    "verdict_context": ("context", "背景", "контекст"),
    "signs": ("Signs", "符号说明", "Условные знаки"),
    "about": ("Sources, licences, borders", "来源、许可与边界", "Источники, лицензии, границы"),
    "close": ("Close", "关闭", "Закрыть"),
    "open_panel": ("Legend and layers", "图例与图层", "Легенда и слои"),
    "hide_panel": ("Hide panel", "收起面板", "Скрыть панель"),
    "show_list": ("List", "列表", "Список"),
    "features": ("feature|features", "个要素", "объект|объекта|объектов"),
    "sections": ("section|sections", "段", "участок|участка|участков"),
    "points": ("point|points", "个点", "пункт|пункта|пунктов"),
    "states": ("state|states", "个国家", "государство|государства|государств"),
    "zoom_in": ("Zoom in", "放大", "Увеличить"),
    "zoom_out": ("Zoom out", "缩小", "Уменьшить"),
    "whole_map": ("Whole map", "全图", "Вся карта"),
    "map_label": (
        "Map of Eurasia. Every feature is also in the list of its layer.",
        "欧亚地图。各要素同时列于所属图层的列表中。",
        "Карта Евразии. Каждый объект есть и в списке своего слоя.",
    ),
    "details": ("Details", "详情", "Подробности"),
    "since": ("since", "自", "с"),
    "opened": ("Opened", "开通时间", "Открытие"),
    "closed": ("Closed", "关闭时间", "Закрытие"),
    "countries": ("Countries", "国家", "Страны"),
    "gauges_mm": ("Gauge, mm", "轨距（毫米）", "Ширина колеи, мм"),
    "operator": ("Operator", "运营方", "Оператор"),
    "capacity": ("Capacity", "运能", "Провозная (пропускная) способность"),
    "routing": ("Routing", "走向", "Маршрут"),
    "documented": ("documented", "有据可查", "подтверждён источниками"),
    "inferred": (
        "inferred, no source names it",
        "推断，来源未明确提及",
        "предполагаемый, в источниках не назван",
    ),
    "geometry_basis": ("Drawn from", "绘制依据", "Основа построения"),
    "basis_osm": (
        "OpenStreetMap rails, simplified",
        "OpenStreetMap 铁路数据（经简化）",
        "пути OpenStreetMap, упрощённые",
    ),
    "basis_natural_earth": (
        "Natural Earth boundaries",
        "Natural Earth 边界",
        "границы Natural Earth",
    ),
    "basis_waypoints": (
        "a chain of sourced points",
        "由有来源的点位连成",
        "цепочка точек из источников",
    ),
    "basis_published_alignment": ("a published alignment", "已公布的线位", "опубликованная трасса"),
    "basis_estimate": ("an estimate", "估计", "оценка"),
    "accuracy_line": (
        "The true line is expected within ±{km} km (9 times in 10).",
        "实际线位预计在 ±{km} 公里范围内（概率约90%）。",
        "Действительная линия ожидается в пределах ±{km} км (в 9 случаях из 10).",
    ),
    "accuracy_point": (
        "Position good to about {km} km.",
        "位置精度约 {km} 公里。",
        "Точность положения — около {km} км.",
    ),
    "length": ("Length", "长度", "Длина"),
    "computed": ("Computed", "计算值", "Вычислено"),
    "computed_here": (
        "geodesic on WGS84, from the full geometry",
        "WGS84 椭球面大地线长度，按完整几何计算",
        "геодезическая длина на эллипсоиде WGS84, по полной геометрии",
    ),
    "lower_bound": (
        "lower bound: the drawn line cuts corners",
        "此为下限：图上线条截弯取直",
        "нижняя оценка: линия на карте спрямляет изгибы",
    ),
    "and_then": ("; ", "；", "; "),
    "full_stop": (".", "。", "."),
    "colon": (": ", "：", ": "),
    "also_here": ("At the same place", "同一地点", "В том же месте"),
    "network_length": ("along the rail network", "沿铁路网里程", "по сети железных дорог"),
    "network_version": ("network of {version}", "路网版本 {version}", "сеть версии {version}"),
    "outside": ("outside all territories", "各国家和地区范围之外", "вне всех территорий"),
    "chord_only": (
        "the drawn chord alone, not the line",
        "仅图上直线经过，实际线路不经过",
        "только хорда на карте, не сама линия",
    ),
    "border_precision": (
        "Borders are good to about ±0.4 km.",
        "边界精度约 ±0.4 公里。",
        "Точность границ — около ±0,4 км.",
    ),
    "published": ("Published lengths", "公布的长度", "Опубликованные длины"),
    "published_other": ("Published figures", "公布的数据", "Опубликованные данные"),
    "scope": ("Scope", "范围", "Охват"),
    "scope_pipe_length": ("sum of parallel strings", "各并行管线之和", "сумма параллельных ниток"),
    "scope_section": ("this section", "本段", "этот участок"),
    "scope_whole": ("whole line", "全线", "вся линия"),
    "as_of": ("As of", "截至", "Дата"),
    "difference": ("Computed here", "本图计算值", "Вычислено здесь"),
    "bold_is_current": (
        "Bold: the figure that holds now. In brackets: how far the computed length lies from it.",
        "粗体为现行数值；括号内为计算值与公布值之差。",
        "Полужирным — действующее значение; в скобках — отклонение вычисленной длины.",
    ),
    "figures_apart": (
        "{n} different figures, {span}, {percent} % apart",
        "{n}个不同数值，{span}，相差{percent}%",
        "разных значений — {n}, {span}, разница {percent} %",
    ),
    "difference_why": (
        "Why the computed length differs",
        "计算值不同的原因",
        "Почему вычисленная длина другая",
    ),
    "difference_open": ("Open", "尚待查明", "Не выяснено"),
    "pipe_length": (
        "Length of pipe, each string counted",
        "管道总长（各并行管线分别计入）",
        "Длина труб, каждая нитка отдельно",
    ),
    "strings_unknown": (
        "{km} of the route have an unknown number of strings and count once",
        "其中{km}的并行管线数不详，按单线计",
        "на {km} пути число ниток неизвестно, они посчитаны один раз",
    ),
    "gauge_unknown": ("gauge not stated", "轨距不详", "колея не указана"),
    "status_unknown": ("Status not stated", "状态不详", "Статус не указан"),
    "legend_bound": (
        "lower bound: the line is longer",
        "下限：实际更长",
        "нижняя оценка: линия длиннее",
    ),
    "legend_share": (
        "one state's share of straight chords: about",
        "直线段在一国境内部分：约数",
        "доля государства в прямых хордах: около",
    ),
    "strip_axis": (
        "in % of the computed length",
        "占计算长度的百分比",
        "в % от вычисленной длины",
    ),
    "licence_facts cited": ("facts cited", "仅引用事实", "использованы только факты"),
    "licence_LicenseRef-public-domain": ("public domain", "公有领域", "общественное достояние"),
    "source": ("Source", "来源", "Источник"),
    "sources": ("Sources", "来源", "Источники"),
    "undated": ("undated", "日期不详", "без даты"),
    "current": ("current", "现行", "действующее"),
    "earlier": ("earlier", "此前", "прежнее"),
    "whole_system": ("The whole line", "全线", "Вся линия"),
    "history": ("Status history", "历史沿革", "История статуса"),
    "note": ("Note", "说明", "Примечание"),
    "unlocated": (
        "Named in sources, position unknown, not drawn",
        "来源中提及，但位置不明，图上未绘",
        "Упомянуты в источниках, но без известного местоположения; на карте не показаны",
    ),
    "processing": ("How it was made", "数据处理", "Обработка данных"),
    "warnings": ("Please note", "注意", "Обратите внимание"),
    "licence": ("Licence", "许可", "Лицензия"),
    "reference_date": ("Data as of", "数据截至", "Данные по состоянию на"),
    "status_member": ("Member", "成员国", "Государство-член"),
    "status_observer": ("Observer", "观察员国", "Наблюдатель"),
    "status_dialogue_partner": ("Dialogue partner", "对话伙伴", "Партнёр по диалогу"),
    "status_partner": ("SCO partner", "上合组织伙伴", "Партнёр ШОС"),
    "absent": (
        "not there on this date",
        "此日期尚无或已无",
        "на эту дату не существует",
    ),
    "km_drawn": ("{km} drawn", "图上{km}", "{km} на карте"),
    "status_none": ("No status", "无上合组织身份", "Без статуса в ШОС"),
    "status_operating": ("Operating", "运营中", "Действует"),
    "status_construction": ("Under construction", "在建", "Строится"),
    "status_planned": ("Planned", "规划中", "Планируется"),
    "status_suspended": ("Suspended", "已暂停", "Приостановлено"),
    "status_mothballed": ("Mothballed", "已封存", "Законсервировано"),
    "status_cancelled": ("Cancelled", "已取消", "Отменено"),
    "kind_territory": ("State", "国家", "Государство"),
    "kind_disputed_area": ("Contested area", "争议地区", "Спорная территория"),
    "kind_boundary_line": ("Contested line", "未定界", "Спорная линия"),
    "kind_railway": ("Railway", "铁路", "Железная дорога"),
    "kind_train_service": ("Train service", "班列", "Маршрут поезда"),
    "kind_ferry": ("Ferry", "轮渡", "Паромная переправа"),
    "kind_gas_pipeline": ("Gas pipeline", "天然气管道", "Газопровод"),
    "kind_oil_pipeline": ("Oil pipeline", "石油管道", "Нефтепровод"),
    "kind_road": ("Road", "公路", "Автодорога"),
    "kind_place": ("Place", "地点", "Пункт"),
    "kind_institution": ("Institution", "机构", "Учреждение"),
    "kind_event": ("Event", "事件", "Событие"),
    "kind_other": ("Feature", "要素", "Объект"),
    "group_members": ("Members", "成员国与伙伴", "Члены и партнёры"),
    "group_rail": ("Railways", "铁路", "Железные дороги"),
    "group_pipelines": ("Pipelines", "管道", "Трубопроводы"),
    "group_roads": ("Roads", "公路", "Автодороги"),
    "group_meetings": ("Meetings and bodies", "会议与机构", "Встречи и органы"),
    "group_hubs": ("Hubs", "枢纽", "Узлы"),
    "group_base": ("Borders", "边界", "Границы"),
    "group_other": ("Added layers", "附加图层", "Дополнительные слои"),
    "sign_solid": ("documented route", "有据可查的走向", "подтверждённый маршрут"),
    "sign_inferred": ("inferred route", "推断走向", "предполагаемый маршрут"),
    "sign_construction": ("under construction", "在建", "строится"),
    "sign_planned": ("planned", "规划", "планируется"),
    "sign_mothballed": (
        "mothballed or suspended",
        "封存或暂停",
        "законсервировано или приостановлено",
    ),
    "sign_hatch": ("contested area", "存在争议的地区", "спорная территория"),
    "sign_hatch_light": (
        "region claimed by two states, drawn as administered before",
        "两国均主张的地区，底图沿用原管辖",
        "область, на которую претендуют два государства",
    ),
    "sign_dashed": (
        "line of control, or line that is not agreed",
        "控制线或未定界",
        "линия контроля или несогласованная линия",
    ),
    "disputed_title": (
        "Contested areas and lines",
        "争议地区与未定界",
        "Спорные территории и линии",
    ),
    "disputed_short": (
        "Dashed or hatched = contested. The map takes no position.",
        "虚线或斜线填充表示存在争议；本图不持任何立场。",
        "Пунктир или штриховка — спорное. Карта не занимает ничьей стороны.",
    ),
    "sign_band": (
        "band in which the true line is expected",
        "实际线位的预计范围",
        "полоса, в которой ожидается действительная линия",
    ),
    "sign_ring": (
        "estimated position, ring = uncertainty",
        "估计位置，圆环表示不确定范围",
        "оценочное положение, кольцо — неопределённость",
    ),
    "sign_break": ("break of gauge", "轨距变换点", "смена ширины колеи"),
    "sign_place": ("city", "城市", "город"),
    "no_position": (
        "No position known: not drawn.",
        "位置不明，图上未绘。",
        "Местоположение неизвестно, на карте не показано.",
    ),
}


_NOTICES: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "Land and borders: Natural Earth 1:10m, version 4.1.0, public domain, through the npm "
        "package world-atlas 2.0.2, simplified for drawing.",
        "陆地与边界：Natural Earth 1:10m 第 4.1.0 版，公有领域，取自 npm 包 world-atlas 2.0.2，"
        "绘图时已简化。",
        "Суша и границы: Natural Earth 1:10m, версия 4.1.0, общественное достояние, через пакет "
        "npm world-atlas 2.0.2, упрощены для отображения.",
    ),
    (
        "Cities: GeoNames (geonames.org), CC BY 4.0. Names of states: Unicode CLDR.",
        "城市：GeoNames（geonames.org），CC BY 4.0。国名：Unicode CLDR。",
        "Города: GeoNames (geonames.org), CC BY 4.0. Названия государств: Unicode CLDR.",
    ),
    (
        "Drawn with Leaflet 1.9.4 (BSD-2-Clause), composed with Folium (MIT).",
        "由 Leaflet 1.9.4（BSD-2-Clause）绘制，以 Folium（MIT）合成。",
        "Отображение: Leaflet 1.9.4 (BSD-2-Clause), сборка: Folium (MIT).",
    ),
    (
        "For orientation: not for operations, and no legal statement about borders.",
        "仅供参考：不得用于运营，亦不构成对边界的法律表态。",
        "Для общего представления: не для эксплуатации и не правовое заявление о границах.",
    ),
)
_OPEN_STREET_MAP: Final = (
    "Contains data © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright). The "
    "database behind it, under the same licence: {files} of the project sco_geo.",
    "含有 © OpenStreetMap contributors 的数据，ODbL 1.0（openstreetmap.org/copyright）。"
    "其数据库依同一许可提供：sco_geo 项目的 {files}。",
    "Содержит данные © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright). База "
    "данных на тех же условиях: {files} проекта sco_geo.",
)

_ENERGY_MONITOR: Final = (
    "Gas and oil fields: Global Energy Monitor, Global Oil and Gas Extraction Tracker, CC BY 4.0.",
    "油气田：Global Energy Monitor，Global Oil and Gas Extraction Tracker，CC BY 4.0。",
    "Месторождения газа и нефти: Global Energy Monitor, Global Oil and Gas Extraction Tracker, "
    "CC BY 4.0.",
)


def notices(open_street_map: Sequence[str], energy_monitor: Sequence[str]) -> list[dict[str, str]]:
    """Return the notices of the page by language.

    Parameters
    ----------
    open_street_map, energy_monitor : sequence of str
        Names of the layer files with data of OpenStreetMap and of Global Energy Monitor; without
        any, they are not named.
    """
    rows = list(_NOTICES)
    for texts, files in ((_ENERGY_MONITOR, energy_monitor), (_OPEN_STREET_MAP, open_street_map)):
        if files:
            rows.insert(1, texts)
    return [_in_languages(row, open_street_map) for row in rows]


def open_street_map_notice(files: Sequence[str]) -> dict[str, str]:
    """Return the notice for what layer files have from OpenStreetMap, by language."""
    return _in_languages(_OPEN_STREET_MAP, files)


def _in_languages(row: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    names = ", ".join(files)
    return dict(zip(LANGUAGES, (text.format(files=names) for text in row), strict=True))


def old_browser() -> tuple[str, ...]:
    """Return what a reader sees whose browser cannot open the page, in each language."""
    return (
        "This map needs a newer browser.",
        "请使用较新的浏览器打开本地图。",
        "Для этой карты нужен более новый браузер.",
    )


def credit(*, has_open_street_map: bool, has_energy_monitor: bool) -> str:
    """Return the one line of credit that always stands on the map."""
    parts = ["Natural Earth", "contains data © OpenStreetMap contributors, ODbL 1.0"]
    parts = parts if has_open_street_map else parts[:1]
    names = "GeoNames, Global Energy Monitor" if has_energy_monitor else "GeoNames"
    return " · ".join([*parts, f"{names} CC BY 4.0"])


def strings() -> dict[str, dict[str, str]]:
    """Return the texts of the page by language."""
    return {
        language: {key: texts[i] for key, texts in {**_TEXTS, **properties.labels()}.items()}
        for i, language in enumerate(LANGUAGES)
    }


def script_json(value: Any) -> str:
    """Write data as JSON that is safe inside a script element of an HTML page.

    The only way by which data enters the page. ``<``, ``>``, ``&`` and the two line separators
    are written as escapes, so that no text can end the element or open a comment.
    """
    text = json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str
    )
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
