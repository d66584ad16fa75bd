"""Hold what must be true of every tracked file, whatever the code does."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_BYTES = int(4.5 * 1024 * 1024)
# 306,085 vertices at full resolution; fewer decimals would move borders.
LARGE = {"geo/territories.geojson": 6 * 1024 * 1024}
NOT_TRACKED = {".git", ".venv", ".hypothesis", "build", "dist", "__pycache__"}
LOCKS = ("requirements/map.txt", "requirements/test.txt", "requirements/bench.txt")

# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("python" + "hosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("deb", "debian", "org"),
            ("archive", "ubuntu", "com"),
        )
    )
)
# A path that only one computer has; not a part of a web address.
MACHINE_PATHS = re.compile(r"(?<![\w.:/~-])/(?:work|root|tmp|home|farm|opt|Users)/[\w.-]")
# What a bundled library says of itself.
LIBRARY_MARKS = re.compile(
    r"@license|@preserve|sourceMappingURL|a JS library for interactive maps|jQuery v|Bootstrap v|"
    r"Font Awesome|Copyright \(c\)|\(c\) \d{4}",
    re.IGNORECASE,
)
CODE_SUFFIXES = {".js", ".cjs", ".mjs", ".css"}
#: Where scripts of our own are.
OUR_SCRIPTS = (ROOT / "sco_geo" / "atlas", ROOT / "benchmarks")


@cache
def tracked() -> tuple[Path, ...]:
    """The files git tracks or would track; all but made ones where this is no checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if (ROOT / ".git").exists() and listing.returncode == 0:
        names = {name for name in os.fsdecode(listing.stdout).split("\0") if name}
        files = [ROOT / name for name in names]
    else:
        files = [
            path
            for path in ROOT.rglob("*")
            if not NOT_TRACKED & set(path.relative_to(ROOT).parts)
            and not any(part.endswith("_cache") for part in path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(path for path in files if path.is_file()))


def text_of(path: Path) -> str:
    """The text of a file, empty for a picture or other bytes."""
    data = path.read_bytes()
    return "" if b"\0" in data[:8192] else data.decode("utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_no_third_party_script_or_style() -> None:
    wrong = []
    for path in tracked():
        if path.suffix not in CODE_SUFFIXES:
            continue
        text = text_of(path)
        is_foreign = LIBRARY_MARKS.search(text) or max(map(len, text.splitlines()), default=0) > 300
        is_ours = any(path.is_relative_to(folder) for folder in OUR_SCRIPTS)
        if is_foreign or ".min." in path.name or not is_ours:
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_no_file_is_large() -> None:
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGE.get(name, MAX_BYTES)} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_by_hash_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+ ", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text


def pins_of(name: str) -> set[str]:
    return set(re.findall(r"^[a-z0-9][^\\\n]*==[^\\\n]*", (ROOT / name).read_text("utf-8"), re.M))


def test_the_test_lock_holds_the_map_lock() -> None:
    assert pins_of("requirements/map.txt") <= pins_of("requirements/test.txt")


def test_the_bench_lock_changes_no_version_of_the_test_lock() -> None:
    test, bench = pins_of("requirements/test.txt"), pins_of("requirements/bench.txt")
    tested = {pin.split("==")[0] for pin in test}
    assert {pin for pin in bench if pin.split("==")[0] in tested} <= test


def test_ci_runs_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)


def test_readme_names_both_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make map" in text
    assert "make test" in text


DATA_FILES = [path for path in tracked() if path.suffix == ".geojson"]
SHIPPED = [path for path in DATA_FILES if path.parent in {ROOT / "geo", ROOT / "layers"}]


def test_data_files_are_shipped() -> None:
    assert {path.parent.name for path in SHIPPED} == {"geo", "layers"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_data_has_papers(path: Path) -> None:
    sidecar = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    for key in ("licence", "attribution"):
        assert isinstance(sidecar.get(key), str), f"{key} is missing"
        assert sidecar[key].strip(), f"{key} is empty"
