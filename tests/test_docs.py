"""README and pages do what they say: console examples and Python in them are carried out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sco_geo.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/validation.md", "docs/routing.md")
TEXT = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
CONSOLE = [
    example
    for text in TEXT.values()
    for example in re.findall(r"```console\n\$ sco-geo (.*?)\n(.*?)```", text, re.DOTALL)
]
PYTHON = [
    (page, code)
    for page, text in TEXT.items()
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
]
WORKFLOWS = [
    command.partition(" > ")[0].partition(" # ")[0]
    for text in TEXT.values()
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    for command in re.findall(r"run: sco-geo (.*)", block)
]
LINKS = [
    ((ROOT / page).parent, target)
    for page, text in TEXT.items()
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", text)
]


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_there_are_examples() -> None:
    assert len(CONSOLE) >= 4
    assert {page for page, _ in PYTHON} == set(PAGES)
    assert len(WORKFLOWS) == 2


@pytest.mark.parametrize(("command", "printed"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_console_examples(
    command: str,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if "--output" in command:  # written beside a view of the repository, not into it
        (tmp_path / "tests").symlink_to(ROOT / "tests")
        monkeypatch.chdir(tmp_path)
    main(shlex.split(command))
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(("page", "code"), PYTHON, ids=[page for page, _ in PYTHON])
def test_python_examples(
    page: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "atlas.html"
    exec(compile(code.replace('"atlas.html"', repr(str(path))), page, "exec"), {})
    expected = re.findall(r"print\(.*\)  # (.*)", code)
    assert expected
    assert capsys.readouterr().out.split("\n")[:-1] == expected
    if '"atlas.html"' in code:
        assert path.stat().st_size > 100_000


@pytest.mark.parametrize("command", WORKFLOWS)
def test_commands_of_workflows(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*shlex.split(command)]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(("folder", "target"), LINKS)
def test_links_lead_somewhere(folder: Path, target: str) -> None:
    assert (folder / target).exists()
