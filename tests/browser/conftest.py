"""A real browser with the network cut, and a record of all that a page asks for or complains of.

Without a browser these tests fail; they are never skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import provide_browser
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
LOCAL_SCHEMES = ("file:", "data:", "blob:", "about:")
LOUD = {"error", "warning"}


@dataclass
class PageLog:
    """What a page did while it was watched."""

    requests: list[str] = field(default_factory=list)
    console: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def fetched(self) -> list[str]:
        """Every request but that for the page itself and for data inside it."""
        inside = ("data:", "blob:", "about:")
        return [url for url in self.requests[1:] if not url.startswith(inside)]

    @property
    def outside(self) -> list[str]:
        """Requests that would leave this computer."""
        return [url for url in self.requests if not url.startswith(LOCAL_SCHEMES)]

    @property
    def problems(self) -> list[str]:
        """Errors, warnings and uncaught exceptions, as a reader of the console sees them."""
        return [f"{kind}: {text}" for kind, text in self.console if kind in LOUD] + self.errors

    def watch(self, page: Page) -> None:
        """Write down what the page does from now on."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.console.append((message.type, message.text)))
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test of this folder its marker."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped browser test into a failed one."""
    report = yield
    if report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"a browser test may not be skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser that `make test` provided, or one that is on the machine."""
    if named := os.environ.get(provide_browser.VARIABLE):
        return named
    script = Path(provide_browser.__file__)
    found = subprocess.run(
        [sys.executable, script, "--find-only"], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        pytest.fail(f"no browser; `make test` provides one.\n{found.stderr}")
    return found.stdout.strip()


@pytest.fixture(scope="session")
def browser(browser_path: str) -> Iterator[Browser]:
    """One browser for the whole run."""
    flags = [flag for flag in provide_browser.FLAGS if flag != "--headless"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, headless=True, args=flags
        )
        yield started
        started.close()


@contextmanager
def open_page(browser: Browser, **options: Any) -> Iterator[tuple[Page, PageLog]]:
    """Open an empty, watched page in a fresh context without network."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", **options)
    context.set_offline(True)
    context.set_default_timeout(20_000)
    page, log = context.new_page(), PageLog()
    log.watch(page)
    yield page, log
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[tuple[Page, PageLog]]:
    """A page of 1440 by 900 px and its log."""
    with open_page(browser, viewport={"width": 1440, "height": 900}) as opened:
        yield opened


@pytest.fixture
def page(desk: tuple[Page, PageLog]) -> Page:
    """A page of 1440 by 900 px, offline; `page_log` holds what it did."""
    return desk[0]


@pytest.fixture
def page_log(desk: tuple[Page, PageLog]) -> PageLog:
    """What `page` asked for and complained of."""
    return desk[1]


@pytest.fixture
def phone(browser: Browser) -> Iterator[tuple[Page, PageLog]]:
    """A touch screen of 390 by 844 px at two device pixels a px, and its log."""
    size = {"width": 390, "height": 844}
    with open_page(
        browser, viewport=size, device_scale_factor=2, is_mobile=True, has_touch=True
    ) as opened:
        yield opened


@pytest.fixture
def phone_page(phone: tuple[Page, PageLog]) -> Page:
    """A page of a telephone, offline; `phone_log` holds what it did."""
    return phone[0]


@pytest.fixture
def phone_log(phone: tuple[Page, PageLog]) -> PageLog:
    """What `phone_page` asked for and complained of."""
    return phone[1]


@pytest.fixture
def open_atlas(page: Page, atlas_html: Path) -> Callable[..., Page]:
    """Open the built map in a state of its address and wait until it is ready."""

    def open_it(state: str = "", target: Page | None = None, path: Path | None = None) -> Page:
        view = target or page
        view.goto((path or atlas_html).as_uri() + (f"#{state}" if state else ""))
        view.evaluate("sco.ready")
        return view

    return open_it
