"""The Folium map: our elements on folium and branca, with everything inside one HTML file."""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from sco_geo import catalog as catalogs
from sco_geo.atlas import assets, payload
from sco_geo.atlas.offline import check_self_contained
from sco_geo.atlas.text import old_browser, script_json
from sco_geo.measure import LengthReport, measure
from sco_geo.units import Language
from sco_geo.validation import load_checked

#: What a sealed page may load: what stands inside it, and nothing from anywhere else.
SEALED = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


class RawElement(Element):
    """Text that goes into the page as it is.

    branca's own Element reads its text as a template, so that ``{{ ... }}`` in data would be
    carried out.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text."""
        return self.text


def render_raw(element: MacroElement, **kwargs: Any) -> str:
    """Put the macros of an element into its figure, without reading the results as templates.

    Returns the empty text: what there is to show stands in the figure.
    """
    figure = element.get_root()
    for part in ("header", "html", "script"):
        macro = getattr(element._template.module, part, None)
        if macro is not None:
            getattr(figure, part).add_child(RawElement(macro(element, kwargs)), element.get_name())
    for child in element._children.values():
        child.render(**kwargs)
    return ""


class Page(Figure):
    """A branca figure with language, title and a viewport that lets readers zoom."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang }}">\n<head>\n<meta charset="utf-8">\n'
        "<title>{{ this.title | e }}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "{% if this.is_sealed %}"
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">\n'
        "{% endif %}"
        '<meta name="description" content="{{ this.description | e }}">\n'
        '<link rel="icon" href="data:,">\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, title: str, description: str, lang: str) -> None:
        super().__init__(title=title)
        self.description = description
        self.lang = lang
        self.is_sealed = False
        self.policy = SEALED
        self._id = "page"
        self.header._children.clear()


class AtlasMap(folium.Map):
    """A folium map without default scripts, styles and tiles, in the projection of the atlas.

    Other folium objects can be added to it; those that need files from elsewhere make
    `render_page` fail, since the page must work without a network.
    """

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []

    _template = Template(
        "{% macro header(this, kwargs) %}"
        "<style>{{ this.style }}</style>"
        "{% endmacro %}"
        "{% macro html(this, kwargs) %}"
        '<main><div id="{{ this.get_name() }}" class="sco-map" tabindex="0" role="region"></div>'
        '<div id="sco-controls"></div><div id="sco-scale"></div>'
        '<p id="sco-credit">{{ this.credit | e }}</p></main>'
        "<noscript>{% for line in this.notices %}<p>{{ line | e }}</p>{% endfor %}</noscript>"
        '<div id="sco-failure" role="alert" hidden>'
        "{% for line in this.failure %}<p>{{ line | e }}</p>{% endfor %}</div>"
        '<aside id="sco-panel" class="sheet"></aside>'
        '<aside id="sco-details" class="sheet" hidden></aside>'
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "{{ this.library }}\n"
        "Object.assign(L.Icon.Default.prototype.options, {{ this.icons }});\n"
        "delete L.Icon.Default.prototype._getIconUrl;\n"
        "{{ this.script }}\n"
        "var {{ this.get_name() }} = L.map({{ this.get_name() | tojson }}, {\n"
        "  crs: L.CRS.{{ this.crs }}, zoomControl: false, attributionControl: false,\n"
        "  zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 2, maxZoom: 9, wheelPxPerZoomLevel: 90,\n"
        "  worldCopyJump: false, zoomAnimationThreshold: 3\n"
        "});\n"
        "scoStart({{ this.get_name() }});\n"
        "{% endmacro %}"
    )

    def __init__(self, credit: str, notices: Sequence[str]) -> None:
        super().__init__(location=(45, 85), tiles=None, crs="ScoAlbers")
        self._id = "atlas"
        self.credit = credit
        self.notices = notices
        self.failure = old_browser()
        self.library = assets.leaflet_script()
        self.style = assets.leaflet_style() + assets.page_style()
        self.icons = script_json(assets.marker_icons())
        self.script = assets.page_script()

    def render(self, **kwargs: Any) -> str:
        """Render the elements; unlike folium's own map, add no global style or switch."""
        return render_raw(self, **kwargs)


class DataBlock(MacroElement):
    """A block of data that the page's script reads; that of a layer tells its title and licence.

    It is JSON (UTF-8), compressed as raw deflate (RFC 1951), in base64: `read_block` reads it back.
    """

    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<script type="text/plain" data-sco-block id="{{ this.block_id | e }}"'
        '{% if this.layer %} data-sco-layer data-title="{{ this.layer.title.en | e }}"'
        ' data-licence="{{ (this.layer.licence or "not stated") | e }}"{% endif %}'
        ">{{ this.text }}</script>"
        "{% endmacro %}"
    )

    def __init__(self, block_id: str, value: Any, layer: dict[str, Any] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = self._id = block_id
        self.block_id = block_id
        self.layer = layer
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(script_json(value).encode("utf-8")) + packer.flush()
        self.text = base64.b64encode(packed).decode("ascii")

    def render(self, **kwargs: Any) -> str:
        """Render the block; its text is data and no template."""
        return render_raw(self, **kwargs)


def read_block(html: str, block_id: str) -> Any:
    """Return the data of a block of a rendered page.

    Raises
    ------
    KeyError
        If the page has no block of that id.
    """
    found = re.search(f'<script [^>]*data-sco-block id="{re.escape(block_id)}"[^>]*>([^<]*)<', html)
    if found is None:
        raise KeyError(block_id)
    return json.loads(zlib.decompress(base64.b64decode(found[1]), -zlib.MAX_WBITS))


def compose(
    paths: Sequence[str | os.PathLike[str]] = (),
    *,
    language: Language = "en",
    as_of: str | None = None,
) -> folium.Map:
    """Compose the atlas as a folium map.

    Parameters
    ----------
    paths : sequence of path, optional
        Directories or layer files to draw. Default: the shipped layers.
    language : {"en", "zh", "ru"}, optional
        Language in which the page opens.
    as_of : str, optional
        Reference date (YYYY-MM-DD) instead of the one in ``layers/atlas.toml``.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; ``.save()`` writes the one file.

    Raises
    ------
    InputPathError, ValidationError
        See `validation.load_checked`.
    """
    chosen = [Path(path) for path in paths] or [catalogs.shipped_directory("layers")]
    catalog = load_checked(chosen, as_of=as_of)
    return compose_catalog(catalog, measure(catalog), language)


def compose_catalog(
    catalog: catalogs.Catalog, lengths: LengthReport, language: Language = "en"
) -> AtlasMap:
    """Compose a catalog that is loaded and measured already (see `compose`)."""
    blocks = payload.build(catalog, lengths, language)
    meta = blocks.data["meta"]
    html_language = "zh-Hans" if language == "zh" else language
    page = Page(meta["title"][language], meta["subtitle"][language], html_language)
    page.add_child(DataBlock("sco-topology", blocks.topology))
    page.add_child(DataBlock("sco-data", blocks.data))
    for layer in blocks.layers:
        page.add_child(DataBlock(f"sco-layer-{layer['id']}", layer, layer))
    notices = [text for notice in meta["notices"] for text in notice.values()]
    atlas = AtlasMap(meta["credit"], notices)
    page.add_child(atlas)
    return atlas


def render_page(atlas: folium.Map) -> bytes:
    """Render a composed map to the bytes of its one HTML file.

    The page is sealed: a content security policy forbids it to load anything from outside.

    Raises
    ------
    AssetError
        If anything on the page would be fetched from elsewhere.
    """
    page = atlas.get_root()
    if isinstance(page, Page):
        page.is_sealed = True
    html = page.render()
    check_self_contained(html)
    return html.encode("utf-8")
