"""The README does what it says: its console examples and its Python are carried out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sco_geo.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ sco-geo (.*?)\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
LINKS = re.findall(r"\]\(((?!http)[^)#]+)\)", README)


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_there_are_examples() -> None:
    assert len(CONSOLE) >= 2
    assert PYTHON


@pytest.mark.parametrize(("command", "printed"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_console_examples(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(shlex.split(command))
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("code", PYTHON)
def test_python_examples(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = code.replace('"atlas.html"', repr(str(tmp_path / "atlas.html")))
    exec(compile(code, "README.md", "exec"), {})
    expected = re.findall(r"print\(.*\)  # (.*)", code)
    assert capsys.readouterr().out.split("\n")[:-1] == expected
    assert (tmp_path / "atlas.html").stat().st_size > 100_000


@pytest.mark.parametrize("target", LINKS)
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
