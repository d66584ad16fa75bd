"""What the page is made of besides data: Leaflet from its package, our script and style."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from sco_geo.errors import AssetError

#: SHA-256 of the files of Leaflet 1.9.4 as the package django-js-lib-leaflet 1.9.4.1 carries them.
LEAFLET_SHA256 = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}
#: Parts of the page's script, in the order in which they need each other.
SCRIPTS = (
    "geodesy.js",
    "topology.js",
    "shapes.js",
    "scene.js",
    "labels.js",
    "dom.js",
    "panel.js",
    "legend.js",
    "facts.js",
    "claims.js",
    "details.js",
    "controls.js",
    "load.js",
    "app.js",
)


@lru_cache(maxsize=1)
def leaflet_script() -> str:
    """Return Leaflet's script, checked by its hash, ready to stand in a script element."""
    text = _leaflet("leaflet.js").decode("utf-8")
    text = re.sub(r"\n?//# sourceMappingURL=.*", "", text)
    return f"/*!\nLeaflet 1.9.4\n{_leaflet_licence()}\n*/\n{_inside_script(text)}"


@lru_cache(maxsize=1)
def leaflet_style() -> str:
    """Return Leaflet's style sheet with its images inside, so that nothing is asked for."""
    css = _leaflet("leaflet.css").decode("utf-8")
    return re.sub(r"url\(images/([\w.-]+)\)", lambda m: f"url({_data_uri(m[1])})", css)


def marker_icons() -> dict[str, str]:
    """Return Leaflet's default marker images as data addresses, for markers that users add."""
    return {"iconUrl": _data_uri("marker-icon.png"), "shadowUrl": _data_uri("marker-shadow.png")}


@lru_cache(maxsize=1)
def page_script() -> str:
    """Return the page's own script as one function scope."""
    parts = [_page(name) for name in SCRIPTS]
    return _inside_script('(function () {\n"use strict";\n' + "\n".join(parts) + "\n})();")


@lru_cache(maxsize=1)
def page_style() -> str:
    """Return the page's own style sheet."""
    return _page("page.css")


def _page(name: str) -> str:
    return (resources.files("sco_geo.atlas") / "page" / name).read_text(encoding="utf-8")


def _inside_script(text: str) -> str:
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise AssetError("a script would end its own element")
    return text


def _folder() -> Traversable:
    try:
        return resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    except ModuleNotFoundError as error:
        raise AssetError(
            "Leaflet is missing: install the package django-js-lib-leaflet==1.9.4.1"
        ) from error


def _leaflet(name: str) -> bytes:
    data = (_folder() / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != LEAFLET_SHA256[name]:
        raise AssetError(
            f"{name} is not that of Leaflet 1.9.4: install django-js-lib-leaflet==1.9.4.1"
        )
    return data


def _leaflet_licence() -> str:
    """Return the licence text (BSD-2-Clause) that the package of Leaflet carries."""
    text = metadata.distribution("django-js-lib-leaflet").read_text("LICENSE")
    if not text or "*/" in text:
        raise AssetError("the package of Leaflet carries no usable licence text")
    return text.strip()


def _data_uri(name: str) -> str:
    image = (_folder() / "images" / name).read_bytes()
    return f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}"
