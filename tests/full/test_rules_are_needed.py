"""Each rule in turn is switched off: at least one test of the validator must fail.

`change_a_rule.py` drops the findings of one code in a run of the tests as a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sco_geo.rules import REGISTRY

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
#: Tests that say what the validator finds. Others may fail as well; these must suffice.
TESTS = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("test_validate", "test_rules*", "test_tables", "test_geojson", "test_corpus",
                    "test_context_pairs", "test_datasets", "test_leaps", "test_polygons",
                    "test_reasons*")
    for path in (ROOT / "tests" / "unit").glob(f"{pattern}.py")
)  # fmt: skip
#: Where the rules of a family are tested if no name of a test says so.
LIKELY = {
    "IO": ("test_validate",),
    "AT": ("project", "routes"),
    "SR": ("tables", "project"),
    "TP": ("context", "routes", "project"),
    "GJ": ("geojson", "datasets"),
    "CO": ("context",),
    "GM": ("polygons", "context"),
}
#: What pytest returns for tests that failed, and for none chosen.
PASSED, FAILED, NONE_CHOSEN = 0, 1, 5


def run_tests(*args: str, code: str = "", tests: Sequence[str] = TESTS) -> tuple[int, str]:
    """Run the tests of the validator without one rule."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p",
         "change_a_rule", "--tb=line", *args, *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}", "WITHOUT_RULE": code},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (PASSED, FAILED, NONE_CHOSEN), done.stdout[-3000:] + done.stderr
    return done.returncode, done.stdout


def is_needed(code: str) -> bool:
    """Tell whether a test fails without a rule; those that are likely to are asked first."""
    if run_tests("-k", code, code=code)[0] == FAILED:
        return True
    first = [path for path in TESTS if any(word in path for word in LIKELY.get(code[:2], ()))]
    rest = [path for path in TESTS if path not in first]
    return any(run_tests(code=code, tests=tests)[0] == FAILED for tests in (first, rest) if tests)


@pytest.fixture(scope="session")
def needed(request: pytest.FixtureRequest) -> dict[str, bool]:
    """The outcome for each chosen code, two at a time."""
    mine = [item for item in request.session.items if item.path == Path(__file__)]
    chosen = [item.callspec.params["code"] for item in mine if hasattr(item, "callspec")]
    if any(item.name == "test_every_rule_was_switched_off" for item in mine):
        chosen = sorted(REGISTRY)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(chosen, pool.map(is_needed, chosen), strict=True))


def test_all_tests_pass_as_long_as_all_rules_are_there() -> None:
    code, output = run_tests()
    assert code == PASSED, output


@pytest.mark.parametrize("code", sorted(REGISTRY))
def test_a_test_fails_without_the_rule(code: str, needed: dict[str, bool]) -> None:
    assert needed[code], f"{code} ({REGISTRY[code].title}) can be switched off unnoticed"


def test_every_rule_was_switched_off(
    needed: dict[str, bool], request: pytest.FixtureRequest
) -> None:
    count = f"{sum(needed.values())} of {len(REGISTRY)} rules are needed by a test"
    request.config.pluginmanager.get_plugin("terminalreporter").write_line(f"\n{count}")
    assert sum(needed.values()) == len(REGISTRY)
