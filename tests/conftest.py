"""What every test shares: the fixed search of hypothesis, and one build of the map."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Two runs of the same commit try the same examples. HYPOTHESIS_PROFILE=explore searches further.
settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def atlas_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map, built once a run through the command line."""
    from sco_geo.cli import main

    path = tmp_path_factory.mktemp("atlas") / "eurasian-connectivity.html"
    code = main(["build", "--output", str(path)])
    if code != 0 or not path.is_file():
        pytest.fail(f"sco-geo build ended {code}; file written: {path.is_file()}")
    return path
