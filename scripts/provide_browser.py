"""Find a Chromium or Chrome for the tests and screenshots, or install one; print its path.

Order: the variable SCO_GEO_BROWSER; a browser on PATH or in the usual macOS places; one that
Playwright downloaded earlier; as root on Debian the package ``chromium``; Playwright's own
download. A browser counts only when it has opened a page from disk. ``--find-only`` installs
nothing. Standard output carries the path and nothing else; progress goes to standard error.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

VARIABLE = "SCO_GEO_BROWSER"

# Quiet start without a screen: no sandbox (root in a container has none), no calls home.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# About 3 MB together: Chinese, and Latin with Cyrillic. Fontconfig tells which are there.
FONT_PACKAGES = ("fontconfig", "fonts-dejavu-core", "fonts-wqy-microhei")

START_SECONDS = 60
INSTALL_SECONDS = 480
MARK = "sco-geo-browser-works"

ADVICE = f"""\
No usable Chromium or Chrome was found, and none could be installed. Install one of:
  Debian:          apt-get install chromium
  Fedora:          dnf install chromium
  Ubuntu, others:  python -m playwright install --with-deps chromium
  macOS:           brew install --cask chromium
or name one: {VARIABLE}=/path/to/chrome"""


def say(text: str) -> None:
    """Write one line of progress to standard error."""
    print(f"provide_browser: {text}", file=sys.stderr, flush=True)


def run(command: Sequence[str], seconds: float) -> tuple[int, str]:
    """Run a command without input; return its exit code and output, 1 if it cannot run."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # A file and not a pipe: helpers that outlive a killed browser would hold a pipe open.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return 1, f"no end after {seconds:.0f} s"
        except OSError as error:
            return 1, str(error)
        output.seek(0)
        return done.returncode, output.read().decode(errors="replace")


def fault(path: str) -> str | None:
    """Start the browser on a page from disk; return what went wrong, None if nothing did."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<!doctype html><title>x</title><p>{MARK}</p>", encoding="utf-8")
        profile = f"--user-data-dir={Path(folder) / 'profile'}"
        command = [path, *FLAGS, profile, "--dump-dom", page.as_uri()]
        code, output = run(command, START_SECONDS)
    if code == 0 and MARK in output:
        return None
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"exit {code}" + (f", {lines[-1][:200]}" if lines else "")


def playwright_path() -> str | None:
    """Return where Playwright keeps its own Chromium, None without Playwright."""
    if importlib.util.find_spec("playwright") is None:
        return None
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    status, output = run([sys.executable, "-c", code], START_SECONDS)
    return output.strip() if status == 0 else None


def candidates() -> Iterator[str]:
    """Yield the paths of browsers that are on the machine, best first."""
    for name in NAMES:
        if found := shutil.which(name):
            yield found
    yield from (path for path in MACOS_APPS if Path(path).is_file())
    own = playwright_path()
    if own and Path(own).is_file():
        yield own


def find() -> str | None:
    """Return the first browser on the machine that works."""
    for path in candidates():
        trouble = fault(path)
        if trouble is None:
            return path
        say(f"{path} does not work: {trouble}")
    return None


def os_id() -> str:
    """Return the ID of /etc/os-release (``debian``, ``ubuntu``), empty where there is none."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line[3:].strip('"') for line in lines if line.startswith("ID=")), "")


def can_use_apt() -> bool:
    """Tell whether this process may install Debian or Ubuntu packages."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and os_id() in {"debian", "ubuntu"} and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> bool:
    """Install packages as root, after one refresh of the package lists."""
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    code, output = run(["apt-get", "update", "-qq"], INSTALL_SECONDS)
    if code == 0:
        code, output = run(install, INSTALL_SECONDS)
    if code != 0:
        say(f"apt-get failed for {' '.join(packages)}:\n{output[-800:].rstrip()}")
    return code == 0


def install() -> None:
    """Install a browser by the first way that this machine allows."""
    # Ubuntu's package `chromium-browser` only points to a snap, which containers cannot run.
    if can_use_apt() and os_id() == "debian":
        say("installing the package chromium")
        if apt_install("chromium", *FONT_PACKAGES) or apt_install("chromium"):
            return
    if importlib.util.find_spec("playwright") is None:
        say("Playwright is not installed, so its download cannot be tried")
        return
    say("downloading Playwright's Chromium")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if can_use_apt():
        command.insert(-1, "--with-deps")
    code, output = run(command, INSTALL_SECONDS)
    if code != 0:
        say(f"the download failed:\n{output[-800:].rstrip()}")


def missing_scripts() -> list[str]:
    """Return the scripts for which no font is installed; all of them where none can tell."""
    wanted = {"Chinese": "zh-cn", "Cyrillic": "ru"}
    return [
        script
        for script, language in wanted.items()
        if not run(["fc-list", "--format=%{file}", f":lang={language}"], 30)[1].startswith("/")
    ]


def provide_fonts(*, may_install: bool) -> None:
    """See that names in all three languages can be drawn; warn where they cannot."""
    if sys.platform != "linux" or not (missing := missing_scripts()):
        return
    if may_install and can_use_apt():
        say(f"installing fonts ({', '.join(missing)})")
        apt_install(*FONT_PACKAGES)
        missing = missing_scripts()
    if missing:
        say(f"warning: no font seen for {', '.join(missing)}: pictures may show empty boxes")


def provide(*, may_install: bool = True) -> str | None:
    """Return the path of a browser that works, None if there is none to be had."""
    named = os.environ.get(VARIABLE)
    if named:
        trouble = fault(named)
        if trouble:
            say(f"{VARIABLE}={named} does not work: {trouble}")
        return None if trouble else named
    path = find()
    if path is None and may_install:
        install()
        path = find()
    return path


def main(arguments: Sequence[str]) -> int:
    """Print the path of a browser; exit 1 with advice if there is none."""
    may_install = "--find-only" not in arguments
    path = provide(may_install=may_install)
    if path is None:
        print(ADVICE, file=sys.stderr)
        return 1
    provide_fonts(may_install=may_install)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
