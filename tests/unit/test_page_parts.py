"""Text, style, assets and the guard that refuses a page which would need a network."""

from __future__ import annotations

import json

import pytest

from sco_geo.atlas import assets, style, text
from sco_geo.atlas.offline import check_self_contained
from sco_geo.errors import AssetError
from sco_geo.units import GEOMETRY_BASES, KINDS, PROJECT_STATUSES, TERRITORY_STATUSES


@pytest.mark.parametrize(
    "hostile",
    [
        "</script><script>alert(1)</script>",
        "<!--",
        "<img src=x onerror=alert(1)>",
        "\u2028",
        "&amp;",
    ],
)
def test_no_data_ends_a_script_element(hostile: str) -> None:
    written = text.script_json({"name": hostile})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": hostile}


def test_infinite_numbers_do_not_reach_the_page() -> None:
    with pytest.raises(ValueError, match="JSON"):
        text.script_json({"km": float("nan")})


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_every_value_of_the_closed_sets_has_a_word(language: str) -> None:
    words = text.strings()[language]
    wanted = {f"kind_{kind}" for kind in KINDS} | {f"basis_{basis}" for basis in GEOMETRY_BASES}
    wanted |= {f"status_{status}" for status in PROJECT_STATUSES | TERRITORY_STATUSES}
    assert wanted <= words.keys()
    assert all(words.values())


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://example.org/a.js"></script>',
        '<link rel="stylesheet" href="//example.org/a.css">',
        '<img src="a.png">',
        "<style>@import 'a.css';</style>",
        "<style>.a { background: url(images/layers.png); }</style>",
        '<p style="background: url(https://example.org/a.png)">',
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_a_page_that_would_fetch_is_refused(html: str) -> None:
    with pytest.raises(AssetError, match="line 1"):
        check_self_contained(html)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org">a link only offers</a>',
        '<script type="application/json">{"url": "https://example.org"}</script>',
        '<style>.a { background: url("data:image/png;base64,AA=="); }</style>',
        '<link rel="icon" href="data:,">',
    ],
)
def test_links_and_inside_data_are_fine(html: str) -> None:
    check_self_contained(html)


def test_leaflet_comes_with_its_licence_and_without_addresses_to_fetch() -> None:
    script, css = assets.leaflet_script(), assets.leaflet_style()
    assert "Leaflet 1.9.4" in script
    assert "BSD 2-Clause" in script
    assert "sourceMappingURL" not in script
    assert "url(images" not in css


def luminance(color: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


FILLS = [
    style.GROUND["sea"],
    style.GROUND["land"],
    *(t["fill"] for t in style.TERRITORIES.values()),
]


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("kind", style.LINES)
def test_lines_stand_out_from_every_ground(kind: str, fill: str) -> None:
    # WCAG 2.2, 1.4.11: graphical objects need 3:1.
    assert contrast(style.LINES[kind]["color"], fill) >= 3


@pytest.mark.parametrize("ink", ["label", "label_sco", "place"])
def test_names_are_legible_on_their_halo(ink: str) -> None:
    # WCAG 2.2, 1.4.3: text needs 4.5:1; every name stands on a halo.
    assert contrast(style.GROUND[ink], style.GROUND["halo"]) >= 4.5


def test_ranks_differ_in_lightness() -> None:
    # So that the map holds in grey: member darker than observer, observer than no status.
    order = [luminance(style.TERRITORIES[s]["fill"]) for s in ("member", "observer", "none")]
    assert order == sorted(order)
    assert style.TERRITORIES["observer"]["hatch"]
