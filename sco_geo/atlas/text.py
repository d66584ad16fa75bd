"""Texts of the page in three languages, and the one place where data becomes part of HTML."""

from __future__ import annotations

import json
from typing import Any, Final

from sco_geo.units import LANGUAGES

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "language": ("English", "中文", "Русский"),
    "language_label": ("Language", "语言", "Язык"),
    "state_on": ("State on", "截至", "Состояние на"),
    "date_before": ("Earlier event", "上一个时间点", "Предыдущее событие"),
    "date_after": ("Later event", "下一个时间点", "Следующее событие"),
    "layers": ("Layers and legend", "图层与图例", "Слои и условные знаки"),
    "facts": ("Key facts", "要点", "Главное"),
    "signs": ("Signs", "符号说明", "Условные знаки"),
    "about": ("Sources, licences, borders", "来源、许可与边界", "Источники, лицензии, границы"),
    "close": ("Close", "关闭", "Закрыть"),
    "open_panel": ("Legend and layers", "图例与图层", "Легенда и слои"),
    "hide_panel": ("Hide panel", "收起面板", "Скрыть панель"),
    "show_list": ("List", "列表", "Список"),
    "features": ("feature|features", "个要素", "объект|объекта|объектов"),
    "sections": ("section|sections", "段", "участок|участка|участков"),
    "points": ("point|points", "个点", "точка|точки|точек"),
    "states": ("state|states", "个国家", "государство|государства|государств"),
    "zoom_in": ("Zoom in", "放大", "Приблизить"),
    "zoom_out": ("Zoom out", "缩小", "Отдалить"),
    "whole_map": ("Whole map", "全图", "Вся карта"),
    "map_label": (
        "Map of Eurasia. Every feature is also in the list of its layer.",
        "欧亚地图。所有要素也列于相应图层的列表中。",
        "Карта Евразии. Каждый объект есть и в списке своего слоя.",
    ),
    "map_word": ("Map", "地图", "Карта"),
    "details": ("Details", "详情", "Подробности"),
    "status": ("Status", "状态", "Статус"),
    "since": ("since", "自", "с"),
    "until": ("until", "至", "до"),
    "kind": ("Kind", "类别", "Вид"),
    "opened": ("Opened", "开通", "Открытие"),
    "closed": ("Closed", "关闭时间", "Закрытие"),
    "countries": ("Countries", "国家", "Страны"),
    "gauges_mm": ("Gauge, mm", "轨距（毫米）", "Колея, мм"),
    "operator": ("Operator", "运营方", "Оператор"),
    "capacity": ("Capacity", "运能", "Пропускная способность"),
    "routing": ("Routing", "径路", "Маршрут"),
    "documented": ("documented", "有据可查", "подтверждён источником"),
    "inferred": ("inferred, no source names it", "推断，无来源明示", "предположен, в источниках не назван"),
    "geometry_basis": ("Drawn from", "绘制依据", "Основа линии"),
    "basis_osm": ("OpenStreetMap rails, simplified", "OpenStreetMap 铁路（已简化）", "пути OpenStreetMap, упрощены"),
    "basis_natural_earth": ("Natural Earth boundaries", "Natural Earth 边界", "границы Natural Earth"),
    "basis_waypoints": ("a chain of sourced points", "有来源的点连线", "цепочка точек с источниками"),
    "basis_published_alignment": ("a published alignment", "公布的线位", "опубликованная трасса"),
    "basis_estimate": ("an estimate", "估计", "оценка"),
    "accuracy_line": (
        "The true line is expected within ±{km} km (9 times in 10).",
        "真实线位预计在 ±{km} 公里以内（十之九）。",
        "Истинная линия ожидается в пределах ±{km} км (в 9 случаях из 10).",
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
        "WGS84 大地线，按完整几何计算",
        "геодезическая на WGS84, по полной геометрии",
    ),
    "lower_bound": (
        "lower bound: the drawn line cuts corners",
        "下限：所绘线条截弯取直",
        "нижняя оценка: линия на карте срезает изгибы",
    ),
    "and_then": ("; ", "；", "; "),
    "full_stop": (".", "。", "."),
    "network_length": ("Along the network", "沿路网", "По сети"),
    "by_country": ("By country", "按国家", "По странам"),
    "by_gauge": ("By gauge", "按轨距", "По колее"),
    "outside": ("outside all territories", "各国领土之外", "вне территорий"),
    "border_precision": (
        "Borders are good to about ±0.4 km.",
        "边界精度约 ±0.4 公里。",
        "Точность границ — около ±0,4 км.",
    ),
    "published": ("Published lengths", "公布的长度", "Опубликованные длины"),
    "published_other": ("Published figures", "公布的数据", "Опубликованные данные"),
    "scope": ("Scope", "范围", "Охват"),
    "scope_whole": ("whole line", "全线", "вся линия"),
    "as_of": ("As of", "时间", "Дата"),
    "difference": ("computed vs published", "计算与公布之差", "вычислено к опубликованному"),
    "source": ("Source", "来源", "Источник"),
    "sources": ("Sources", "来源", "Источники"),
    "undated": ("undated", "无日期", "без даты"),
    "current": ("current", "现行", "действующее"),
    "earlier": ("earlier", "早期", "прежнее"),
    "whole_system": ("The whole line", "全线", "Линия целиком"),
    "section_of": ("Section of", "所属线路", "Участок линии"),
    "history": ("Status history", "地位沿革", "История статуса"),
    "note": ("Note", "说明", "Примечание"),
    "other_properties": ("More", "其他", "Ещё"),
    "p_planned_opening": ("Planned opening", "计划开通", "Плановое открытие"),
    "p_tunnel_length_km": ("Tunnel, km", "隧道长度（公里）", "Тоннель, км"),
    "p_containers": ("Containers", "集装箱数", "Контейнеров"),
    "p_cargo": ("Cargo", "货物", "Груз"),
    "p_planned_transit_days": ("Days planned", "计划天数", "Дней по плану"),
    "p_area_km2": ("Area, km²", "面积（平方公里）", "Площадь, км²"),
    "p_role": ("Role", "作用", "Роль"),
    "p_aliases": ("Also called", "别名", "Другие названия"),
    "v_start": ("start of the line", "起点", "начало линии"),
    "v_end": ("end of the line", "终点", "конец линии"),
    "v_origin": ("origin", "始发地", "отправление"),
    "v_destination": ("destination", "目的地", "назначение"),
    "v_junction": ("junction", "枢纽", "узловая станция"),
    "v_waypoint": ("on the way", "途经点", "промежуточный пункт"),
    "v_station": ("station", "车站", "станция"),
    "v_planned_station": ("planned station", "规划车站", "планируемая станция"),
    "v_border": ("border", "边境", "граница"),
    "v_border_station": ("border station", "边境站", "пограничная станция"),
    "v_planned_border_station": (
        "planned border station", "规划边境站", "планируемая пограничная станция"
    ),
    "v_tunnel": ("tunnel", "隧道", "тоннель"),
    "v_break_of_gauge": ("break of gauge", "换轨点", "смена колеи"),
    "unlocated": (
        "Named in sources, position unknown, not drawn",
        "来源提及但位置不明，未绘",
        "Названы в источниках, положение неизвестно, не показаны",
    ),
    "processing": ("How it was made", "制作方法", "Как получено"),
    "warnings": ("Mind", "注意", "Учтите"),
    "licence": ("Licence", "许可", "Лицензия"),
    "reference_date": ("Data as of", "数据截至", "Данные на"),
    "status_member": ("Member", "成员国", "Государство-член"),
    "status_observer": ("Observer", "观察员国", "Наблюдатель"),
    "status_dialogue_partner": ("Dialogue partner", "对话伙伴", "Партнёр по диалогу"),
    "status_partner": ("SCO partner", "上合组织伙伴", "Партнёр ШОС"),
    "status_none": ("No status", "无地位", "Без статуса"),
    "status_operating": ("Operating", "运营中", "Действует"),
    "status_construction": ("Under construction", "在建", "Строится"),
    "status_planned": ("Planned", "规划", "Планируется"),
    "status_suspended": ("Suspended", "暂停", "Приостановлено"),
    "status_mothballed": ("Mothballed", "封存", "Законсервировано"),
    "status_cancelled": ("Cancelled", "取消", "Отменено"),
    "kind_territory": ("State", "国家", "Государство"),
    "kind_disputed_area": ("Disputed area", "争议地区", "Спорная территория"),
    "kind_boundary_line": ("Boundary line", "边界线", "Линия границы"),
    "kind_railway": ("Railway", "铁路", "Железная дорога"),
    "kind_train_service": ("Train service", "班列", "Поезд"),
    "kind_ferry": ("Ferry", "轮渡", "Паром"),
    "kind_gas_pipeline": ("Gas pipeline", "天然气管道", "Газопровод"),
    "kind_oil_pipeline": ("Oil pipeline", "石油管道", "Нефтепровод"),
    "kind_road": ("Road", "公路", "Автодорога"),
    "kind_place": ("Place", "地点", "Пункт"),
    "kind_institution": ("Institution", "机构", "Учреждение"),
    "kind_event": ("Event", "事件", "Событие"),
    "kind_other": ("Feature", "要素", "Объект"),
    "group_members": ("Members", "成员", "Состав"),
    "group_rail": ("Railways", "铁路", "Железные дороги"),
    "group_pipelines": ("Pipelines", "管道", "Трубопроводы"),
    "group_roads": ("Roads", "公路", "Автодороги"),
    "group_events": ("Events", "事件", "События"),
    "group_other": ("Added layers", "附加图层", "Добавленные слои"),
    "sign_solid": ("documented route", "有据可查的径路", "подтверждённый маршрут"),
    "sign_inferred": ("inferred route", "推断径路", "предполагаемый маршрут"),
    "sign_construction": ("under construction", "在建", "строится"),
    "sign_band": (
        "band in which the true line is expected",
        "真实线位的预计范围",
        "полоса, где ожидается истинная линия",
    ),
    "sign_ring": (
        "estimated position, ring = uncertainty",
        "估计位置，圆环＝不确定范围",
        "оценка положения, кольцо — неопределённость",
    ),
    "sign_break": ("break of gauge", "换轨点", "смена колеи"),
    "sign_place": ("city", "城市", "город"),
    "no_position": (
        "No position known: not drawn.", "位置不明，未绘。", "Положение неизвестно: не показано."
    ),
    "old_browser": (
        "This map needs a newer browser.", "请使用较新的浏览器打开本地图。", "Нужен более новый браузер."
    ),
}


def strings() -> dict[str, dict[str, str]]:
    """Return the texts of the page by language."""
    return {
        language: {key: texts[i] for key, texts in _TEXTS.items()}
        for i, language in enumerate(LANGUAGES)
    }


def script_json(value: Any) -> str:
    """Write data as JSON that is safe inside a script element of an HTML page.

    The only way by which data enters the page. ``<``, ``>``, ``&`` and the two line separators
    are written as escapes, so that no text can end the element or open a comment.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
