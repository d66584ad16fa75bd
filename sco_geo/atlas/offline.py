"""The promise "one file, no network": refuses a page that would ask for anything outside itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from sco_geo.errors import AssetError

#: Attributes that make a browser fetch something by itself. A link (a href) only offers to.
_FETCHING = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("img", "srcset"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("object", "data"),
    ("embed", "src"),
    ("use", "href"),
    ("image", "href"),
    ("input", "src"),
    ("track", "src"),
}
_CSS_FETCH = re.compile(r"@import|url\(\s*(?!['\"]?(?:data:|#))[^)]", re.IGNORECASE)


class _Scan(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            address = (value or "").strip()
            if (tag, name) in _FETCHING and address and not address.startswith(("data:", "#")):
                self._add(f'<{tag} {name}="{address[:80]}">')
            if name == "style" and _CSS_FETCH.search(address):
                self._add(f'style="{address[:80]}"')

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        match = _CSS_FETCH.search(data) if self._in_style else None
        if match:
            self._add(f"style sheet: {data[match.start() : match.start() + 80]}")

    def _add(self, what: str) -> None:
        self.found.append(f"line {self.getpos()[0]}: {what}")


def check_self_contained(html: str) -> None:
    """Raise AssetError, naming line and element, if the page would fetch anything.

    Scripts that fetch at run time are not seen here; the browser test counts their requests.
    """
    scan = _Scan()
    scan.feed(html)
    scan.close()
    if scan.found:
        raise AssetError("the page would need a network: " + "; ".join(scan.found[:5]))
