"""Take pictures of the built map with a real browser: ``python scripts/screenshot.py``.

By default the picture of the README. ``--hash`` takes what the page writes into its address
(``lang=zh&date=2025-09-01&sel=...``), so that any state can be shown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))
from provide_browser import FLAGS, provide  # noqa: E402

# The state that the picture of the README shows.
PICTURE = "sel=cagp-d-dushanbe-daroot-korgon&at=80,42,4.25"


def main() -> int:
    """Open the page from disk without a network and write one PNG."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, default=Path("build/eurasian-connectivity.html"))
    parser.add_argument("--output", type=Path, default=Path("docs/map.png"))
    parser.add_argument("--size", default="1440x900", help="WIDTHxHEIGHT in CSS pixels")
    parser.add_argument("--scale", type=float, default=1.0, help="device pixels per CSS pixel")
    parser.add_argument("--hash", default=PICTURE, help="state of the page, as in its address")
    parser.add_argument("--script", default="", help="JavaScript to run before the picture")
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=provide(), args=list(FLAGS))
        page = browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=options.scale
        )
        page.context.set_offline(True)
        page.on("console", lambda message: print(message.type, message.text, file=sys.stderr))
        page.on("pageerror", lambda error: print("error", error, file=sys.stderr))
        address = options.page.resolve().as_uri() + (f"#{options.hash}" if options.hash else "")
        page.goto(address)
        page.evaluate("sco.ready")
        if options.script:
            page.evaluate(options.script)
        page.wait_for_timeout(300)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=options.output)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
