"""Hold the direction of imports and a few habits, by reading the code and not by running it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "sco_geo"
ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / PACKAGE).rglob("*.py"))
PARTS = {path.relative_to(ROOT / PACKAGE).with_suffix("").parts[0] for path in MODULES}
MAX_LINES = 400

# A module may import from its own level and from those above it in this table. A new module takes
# a place here; `network` has its place before it exists. A private module (`_name`) needs none: it
# stands where the lowest module that it imports stands.
LEVELS = (
    {"errors", "model", "short_lines", "units"},
    {"antimeridian", "claims", "coords", "geodesy", "geojson", "network_lengths", "pipes"}
    | {"sources"},
    {"borders", "catalog", "frames", "gauges"}
    | {"measure", "mending", "network", "rules", "validation"},
    {"partitions", "engines", "datasets"},
    {"atlas"},
    {"build", "dataset_report", "length_markdown", "length_report", "network_report", "report"}
    | {"route_geojson", "route_report", "sarif", "savings_chart", "savings_layer"}
    | {"savings_report", "strip_chart"},
    {"__main__", "cli"},
)
LEVEL_OF = {name: level for level, names in enumerate(LEVELS) for name in names}

# Who alone may import a package from outside.
ONLY = {"folium": {"atlas"}, "branca": {"atlas"}, "jinja2": {"atlas"}, "pyproj": {"geodesy"}}

# Calls that ask the clock. The reference date is data; perf_counter may time a step.
CLOCK = {"date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time"}
CLOCK |= {f"datetime.{name}" for name in CLOCK} | {"time.localtime", "time.gmtime", "time.strftime"}


def part_of(path: Path) -> str:
    """The first name below the package: ``rules`` for sco_geo/rules/lines.py."""
    return path.relative_to(ROOT / PACKAGE).with_suffix("").parts[0]


def dotted(path: Path) -> tuple[str, ...]:
    """The package that a relative import in this file starts from."""
    return path.relative_to(ROOT).parts[:-1]


def is_for_types(node: ast.AST) -> bool:
    """Tell whether this is an ``if TYPE_CHECKING:``, which does not run."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported(path: Path, *, at_run_time: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the line and full dotted name of each import, also those inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = [node for node in ast.walk(tree) if at_run_time and is_for_types(node)]
    unseen = {inner for node in for_types for inner in ast.walk(node)}
    for node in (node for node in ast.walk(tree) if node not in unseen):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = dotted(path)
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*base, *([node.module] if node.module else [])))
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)


def inner_imports(path: Path, *, at_run_time: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the line and the part of this package that each import asks for."""
    for line, name in imported(path, at_run_time=at_run_time):
        first, _, rest = name.partition(".")
        if first == PACKAGE and rest:
            yield line, rest.partition(".")[0]


def level_of(name: str) -> int:
    """The place of a part in LEVELS, counted from 0; -1 for names that are no modules."""
    if name in LEVEL_OF or not is_private(name):
        return LEVEL_OF.get(name, -1)
    needs = {need for _, need in inner_imports(ROOT / PACKAGE / f"{name}.py")} - {name}
    return max(map(level_of, needs), default=0)


def is_private(name: str) -> bool:
    return (ROOT / PACKAGE / f"{name}.py").is_file() and name.startswith("_") and name[1:2] != "_"


def by_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_module = pytest.mark.parametrize("path", MODULES, ids=by_path)


def test_the_package_is_there() -> None:
    assert MODULES, f"no module found below {PACKAGE}/"


@each_module
def test_every_module_has_a_level(path: Path) -> None:
    name = part_of(path)
    assert name == "__init__" or is_private(name) or name in LEVEL_OF, "give it a place in LEVELS"


@each_module
def test_imports_go_one_way(path: Path) -> None:
    own = len(LEVELS) if part_of(path) == "__init__" else level_of(part_of(path))
    wrong = [
        f"{by_path(path)}:{line} imports {name}"
        for line, name in inner_imports(path)
        if level_of(name) > own
    ]
    assert not wrong


def test_no_two_parts_import_each_other() -> None:
    wanted: dict[str, set[str]] = {}
    for path in MODULES:
        if part_of(path) != "__init__":
            names = {name for _, name in inner_imports(path, at_run_time=True)}
            found = names & PARTS - {"__init__"}
            wanted.setdefault(part_of(path), set()).update(found - {part_of(path)})
    while free := {name for name, needs in wanted.items() if not needs & wanted.keys()}:
        wanted = {name: needs for name, needs in wanted.items() if name not in free}
    assert not wanted, "these import each other in a circle"


@each_module
def test_some_packages_have_one_door(path: Path) -> None:
    wrong = [
        f"{by_path(path)}:{line} imports {name}"
        for line, name in imported(path)
        if part_of(path) not in ONLY.get(name.partition(".")[0], {part_of(path)})
    ]
    assert not wrong


@each_module
def test_modules_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: does it hold two ideas?"


@each_module
def test_only_the_command_line_prints(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if is_print(node)]
    assert part_of(path) == "cli" or not calls, [call.lineno for call in calls]


def is_print(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )


@each_module
def test_nothing_reads_the_clock(path: Path) -> None:
    calls = [
        f"{by_path(path)}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCK
    ]
    assert not calls


WATCHED_IMPORT = """
import json, sys
opened = []
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
        opened.append(arguments[0])
    elif event.startswith("socket."):
        opened.append(event)
sys.addaudithook(watch)
import sco_geo
print(json.dumps({"opened": opened, "modules": sorted(sys.modules)}))
"""


def test_importing_the_package_is_light() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_IMPORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seen = json.loads(done.stdout)
    data = (".geojson", ".csv", ".toml", ".json", ".js", ".css", ".html")
    assert not [name for name in seen["opened"] if name.endswith(data)]
    assert not [name for name in seen["opened"] if name.startswith("socket.")]
    heavy = {"folium", "branca", "jinja2", "geopandas", "pandas", "scipy"}
    assert not heavy & set(seen["modules"])


def test_no_public_name_is_a_module_too() -> None:
    """`sco_geo.name` would be the function at first and the module once that is imported."""
    import sco_geo

    assert [name for name in sco_geo.__all__ if name in PARTS] == []
