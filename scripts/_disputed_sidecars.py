"""The sidecars of the files that build_disputed.py writes (scripts only)."""

from __future__ import annotations

from typing import Any

BUILT_BY = "scripts/build_disputed.py"
LICENCE = "LicenseRef-public-domain"
ATTRIBUTION = "Made with Natural Earth (1:10m, version 4.1.0), public domain"

_PROCESSING = [
    "units and polygons of geo/territories.geojson used vertex for vertex",
    "claim lines of the layer disputed_borders (Natural Earth 4.1.0, 22 of 46 lines) rounded to "
    "four decimals; each free end moved to a vertex of the base, 0.2 km at most; territories cut "
    "along them; no border of the base gets or loses a vertex",
    "borders of the Ukrainian provinces from the layer states_provinces, which the package "
    "simplified: ends moved to the coast of the base by 0.6 km at most, at the Kinburn peninsula "
    "by 3.7 km",
    "boundary lines are common borders of two units or areas, or the edge of an area inside the "
    "territory that the base draws it with",
    "names, parties and notes from scripts/disputed_features.csv and disputed_parties.csv",
]
_WARNINGS = [
    {
        "en": "Borders here show who runs each area according to Natural Earth 4.1.0 (2018). "
        "Dashed lines and hatching mark places where that is contested. Drawing, colouring or "
        "naming an area says nothing about who should own it; no government or organisation has "
        "approved this map.",
        "zh": "本图边界表示 Natural Earth 4.1.0（2018年）所绘的实际管辖状况。"
        "虚线和阴影线表示有争议之处。绘制、着色或命名不表示对归属的立场；"
        "本图未经任何政府或组织认可。",
        "ru": "Границы показывают, кто управляет территорией по данным Natural Earth 4.1.0 "
        "(2018). Пунктир и штриховка отмечают места, где это оспаривается. Изображение, цвет или "
        "название ничего не говорят о принадлежности; карта не одобрена ни одним правительством "
        "или организацией.",
    },
    {
        "en": "Good to 0.4 km at best (1.1 km for the Ukrainian regions); drawn for 1:10 million. "
        "Areas follow the lines of the source and can differ from published figures: Aksai Chin "
        "by a fifth, Transnistria by a quarter, South Ossetia by a seventh.",
        "zh": "精度至多0.4公里（乌克兰各州为1.1公里），按1∶1000万绘制。面积依来源线条而定，"
        "可能与公布数字不同：阿克赛钦相差约五分之一，德涅斯特河沿岸约四分之一，"
        "南奥塞梯约七分之一。",
        "ru": "Точность в лучшем случае 0,4 км (1,1 км для украинских областей); масштаб 1:10 млн. "
        "Площади следуют линиям источника и могут отличаться от опубликованных: Аксайчин — на "
        "пятую часть, Приднестровье — на четверть, Южная Осетия — на седьмую часть.",
    },
]
_DRAWING_WARNING = {
    "en": "For drawing only: measure on geo/disputed.geojson.",
    "zh": "仅供绘图：量算请使用 geo/disputed.geojson。",
    "ru": "Только для отображения: измерять следует по geo/disputed.geojson.",
}
_TITLE = {
    "en": "Disputed areas and lines",
    "zh": "争议地区和界线",
    "ru": "Спорные территории и линии",
}
_DESCRIPTION = {
    "en": "Dashed or hatched = contested. The map takes no position.",
    "zh": "虚线或阴影线表示有争议。本图不持立场。",
    "ru": "Пунктир или штриховка — оспаривается. Карта не занимает чью-либо сторону.",
}


def sidecar(package_sha256: str, *, drawing_tolerance_km: float | None = None) -> dict[str, Any]:
    """Describe geo/disputed.geojson or, with a tolerance, geo/disputed_display.geojson."""
    is_drawing = drawing_tolerance_km is not None
    drawing = [
        "the same cut made with geo/territories_display.geojson: claim lines simplified "
        f"(Douglas-Peucker, {drawing_tolerance_km or 0:g} km) and their ends moved to vertices of "
        "the drawing set; faces kept that lie by half or more in the full area",
    ]
    more = "（绘图用）" if is_drawing else ""
    return {
        "group": "base",
        "order": 4 if is_drawing else 3,
        "visible": is_drawing,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "style": "disputed",
        "built_by": BUILT_BY,
        "processing": [*_PROCESSING, *(drawing if is_drawing else [])],
        "warnings": [*([_DRAWING_WARNING] if is_drawing else []), *_WARNINGS],
        "title": {
            "en": _TITLE["en"] + (" (drawing set)" if is_drawing else ""),
            "zh": _TITLE["zh"] + more,
            "ru": _TITLE["ru"] + (" (для отображения)" if is_drawing else ""),
        },
        "description": _DESCRIPTION,
        "inputs": [
            {
                "name": "geo/territories_display.geojson"
                if is_drawing
                else "geo/territories.geojson",
                "version": "as built by scripts/build_geo.py",
                "producer": "Natural Earth 1:10m admin-0 countries 4.1.0",
                "address": "https://github.com/topojson/world-atlas/tree/v2.0.2",
                "accessed": "2026-11-23",
                "licence_raw": "data: public domain (Natural Earth)",
            },
            {
                "name": "qgis-common (Debian), file world_map.gpkg",
                "version": "3.22.16+dfsg-1",
                "producer": "QGIS project, from Natural Earth 1:10m 4.1.0",
                "address": "https://github.com/qgis/QGIS/tree/final-3_22_16/resources/data",
                "accessed": "2026-11-23",
                "licence_raw": "data: public domain (Natural Earth); package: GPL-2+",
                "sha256": package_sha256,
            },
        ],
    }
