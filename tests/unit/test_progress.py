"""Progress bars: on a terminal, for long work, and nowhere else."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import geoparquet_files as parquet
import pytest

from sco_geo import _progress

ROOT = Path(__file__).resolve().parents[2]
#: Work of three steps in a process of its own; it takes as long as it is told.
WORK = """
import sys, time
from sco_geo import _progress
_progress._DELAY_S = 0.1
with _progress.progress_bar("checking", 3, unit="files", is_wanted={wanted}) as advance:
    for _ in range(3):
        time.sleep({seconds})
        advance(1)
print("done")
"""


def on_terminal(arguments: list[str]) -> tuple[str, str]:
    """Run a command with standard error on a terminal; return its output and what is there."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    try:
        done = subprocess.run(
            [sys.executable, *arguments], stderr=follower, stdout=subprocess.PIPE,
            env=environment, timeout=60, text=True,
        )  # fmt: skip
        os.close(follower)
        shown = b""
        while True:
            try:
                shown += (chunk := os.read(leader, 65536))
            except OSError:  # the end, as Linux tells it
                break
            if not chunk:
                break
    finally:
        os.close(leader)
    assert done.returncode == 0
    return done.stdout, shown.decode()


@pytest.mark.parametrize(
    ("wanted", "seconds", "is_shown"), [(True, 0.1, True), (True, 0.0, False), (False, 0.1, False)]
)
def test_a_bar_is_shown_for_long_work_if_it_is_wanted(
    wanted: bool, seconds: float, is_shown: bool
) -> None:
    out, shown = on_terminal(["-c", WORK.format(wanted=wanted, seconds=seconds)])
    assert out == "done\n"
    assert ("checking" in shown and "3/3 [" in shown) == is_shown
    assert is_shown or shown == ""
    if is_shown:  # the bar is wiped away at the end
        assert shown.rstrip("\r").endswith(" ")


def test_no_bar_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "_DELAY_S", 0.0)
    with _progress.progress_bar("checking", 2, unit="files", is_wanted=True) as advance:
        advance(1)
        advance(1)
    assert stream.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    with _progress.progress_bar("checking", 2, unit="files", is_wanted=True) as advance:
        advance(2)


COMMAND = """
import sys
from sco_geo import _progress
from sco_geo.cli import main
_progress._DELAY_S = 0.0
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
@pytest.mark.parametrize(
    ("command", "what"),
    [
        (["length", "data.parquet"], "measuring"),
        (["length", "line.geojson"], "checking"),
        (["validate", "line.geojson"], "checking"),
    ],
    ids=["dataset", "length", "validate"],
)
def test_commands_show_bars_and_quiet_takes_them_away(
    command: list[str], what: str, quiet: list[str], tmp_path: Path
) -> None:
    parquet.write(tmp_path / "data.parquet", [parquet.LINE] * 3)
    (tmp_path / "line.geojson").write_text(
        '{"type": "Feature", "properties": {}, "geometry": {"type": "LineString", '
        '"coordinates": [[69.2, 41.3], [76.1, 43.4]]}}'
    )
    paths = [str(tmp_path / word) if "." in word else word for word in command]
    out, shown = on_terminal(["-c", COMMAND, *paths, "--format", "json", *quiet])
    assert out.startswith("{") and what not in out
    assert (what in shown) == (not quiet)
    assert shown == "" or not quiet
