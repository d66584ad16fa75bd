"""Write anew what the documentation says about the rail network: ``refresh_rail_docs.py``.

To be run after the network was built anew. It replaces the output of console examples of the
commands ``route``, ``compare`` and ``network``, the results beside ``print`` in Python examples
about ``RailNetwork``, blocks between ``<!-- sco-geo ARGUMENTS -->`` and ``<!-- end -->``, and the
charts. Prose is not touched: tests/unit/test_savings.py says whether it still holds.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from pathlib import Path

from sco_geo.cli import main as run_command

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/routing.md", "docs/rail-network.md")
#: Charts and the arguments that draw each of them.
CHARTS = {"docs/savings-cku.svg": "compare --line cku"}

_CONSOLE = re.compile(
    r"(```console\n\$ sco-geo ((?:route|compare|network|length)\b[^\n]*)\n).*?(```)", re.DOTALL
)
_BLOCK = re.compile(r"(<!-- sco-geo ([^\n]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
_PYTHON = re.compile(r"(```python\n)(.*?)(```)", re.DOTALL)
_PRINT = re.compile(r"(print\(.*\)  # ).*")


def refreshed(text: str) -> str:
    """Return a page with everything that is computed written anew."""
    text = _CONSOLE.sub(lambda m: f"{m[1]}{printed(m[2])}{m[3]}", text)
    text = with_blocks(text)
    return _PYTHON.sub(lambda m: f"{m[1]}{_executed(m[2])}{m[3]}", text)


def with_blocks(text: str) -> str:
    """Return a page with the blocks of tables written anew."""
    return _BLOCK.sub(lambda m: f"{m[1]}\n{printed(m[2])}\n{m[3]}", text)


def printed(command: str) -> str:
    """Return what a command writes to standard output."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = run_command(shlex.split(command))
    if code != 0:
        raise SystemExit(f"sco-geo {command} ended with {code}")
    return output.getvalue()


def _executed(code: str) -> str:
    if "RailNetwork" not in code:
        return code
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "example", "exec"), {})  # noqa: S102 - a page of this project
    lines = iter(output.getvalue().splitlines())
    return _PRINT.sub(lambda m: m[1] + next(lines), code)


def main() -> int:
    """Rewrite the pages and charts that are not up to date, and name them."""
    for name in PAGES:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = refreshed(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {name}")
    for name, command in CHARTS.items():
        printed(f"{command} --plot {shlex.quote(str(ROOT / name))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
