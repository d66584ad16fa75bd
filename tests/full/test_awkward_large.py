"""Files of 50 MB in one line, whole and broken, and 10,000 paths: bounded time and memory.

The bounds are those of the project: 10 seconds and 1 GiB for each. Seconds are CPU seconds, which
hardly depend on what else the computer does.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
SIZE = 50_000_000
CPU_SECONDS, PEAK_MB = 10, 1024
#: A report of one fault is short, whatever the file is.
LONGEST_REPORT = 20_000
#: Runs the command and writes its CPU seconds and its peak of memory in kB to a file of its own,
#: for the peak of a child includes what its parent held when it was started.
MEASURED = """
import os, resource, sys
from pathlib import Path
from sco_geo.cli import main
code = main(sys.argv[2:])
usage = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line for line in Path("/proc/self/status").open() if line.startswith("VmHWM:"))
Path(sys.argv[1]).write_text(f"{usage.ru_utime + usage.ru_stime} {peak.split()[1]}")
sys.stdout.flush()
os._exit(code)
"""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (3 * CPU_SECONDS, 3 * CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))  # spares the computer, not a bound


def run(folder: Path, *args: str | Path) -> Outcome:
    """Run ``validate`` as a process within the bounds."""
    usage = folder / "usage.txt"
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, usage, "validate", *args],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        preexec_fn=limit,
        check=False,
    )
    assert done.stderr == b"", done.stderr[-2000:]
    seconds, kilobytes = (float(word) for word in usage.read_text().split())
    assert seconds <= CPU_SECONDS
    assert kilobytes / 1024 <= PEAK_MB
    return Outcome(done.returncode, done.stdout.decode())


def collection(*, middle: bytes = b"", last: bytes = b"") -> bytes:
    """Write lines into one line of 50 MB; one feature may be replaced by another text."""
    features = []
    size = 0
    while size < SIZE:
        n = len(features)
        feature = (
            b'{"type":"Feature","id":"f%d","properties":{"name":"line %d"},"geometry":{"type":'
            b'"LineString","coordinates":[[%d.5,41.3],[%d.25,43.4],[%d.125,43.5]]}}'
            % (n, n, n % 60 + 20, n % 60 + 21, n % 60 + 22)
        )
        features.append(feature)
        size += len(feature) + 1
    if middle:
        features[len(features) // 2] = middle
    if last:
        features[-1] = last
    return b'{"type":"FeatureCollection","features":[' + b",".join(features) + b"]}"


WRONG = b'{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":["x",3]}}'
BROKEN = b'{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[x,3]}}'
TEXT = b'{"type":"Feature","geometry":null,"properties":{"a":"'
#: What the file holds, and the codes that it must get.
FILES: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "good": (collection, []),
    "wrong in the middle": (lambda: collection(middle=WRONG), ["CO102"]),
    "wrong at the end": (lambda: collection(last=WRONG), ["CO102"]),
    "broken in the middle": (lambda: collection(middle=BROKEN), ["GJ005"]),
    "broken at the end": (lambda: collection(last=BROKEN), ["GJ005"]),
    "cut": (lambda: collection()[:-7], ["GJ006"]),
    "not UTF-8 at the end": (lambda: collection()[:-2] + b"\xff]}", ["GJ003"]),
    "long text": (lambda: TEXT + b"x" * SIZE + b'"}}', ["GJ121"]),
    "long text, cut": (lambda: TEXT + b"x" * SIZE, ["GJ006"]),
    "long text of escapes": (lambda: TEXT + b"\\n" * (SIZE // 2) + b'"}}', ["GJ121"]),
    "long text of escapes, cut": (lambda: TEXT + b"\\n" * (SIZE // 2), ["GJ006"]),
    "long text of halves": (
        lambda: TEXT + b"\\ud800" * (SIZE // 6) + b'"}}',
        ["GJ121", "GJ013"],
    ),
    "long key twice": (
        lambda: b'{"' + b"k" * (SIZE // 2) + b'":1,"' + b"k" * (SIZE // 2) + b'":1}',
        ["GJ102", "GJ011"],
    ),
    "long integer": (lambda: b'{"type":"Point","coordinates":[' + b"9" * SIZE + b",1]}", ["CO105"]),
    "long fraction": (lambda: b'{"type":"Point","coordinates":[1.' + b"3" * SIZE + b",1]}", []),
    "quotes": (lambda: b'"' * SIZE, ["GJ007"]),
    "backslashes": (lambda: b"\\" * SIZE, ["GJ005"]),
    "brackets": (lambda: b"[" * SIZE, ["GJ012"]),
    "spaces": (lambda: b" " * SIZE, ["GJ001"]),
    "zero bytes": (lambda: b"\0" * SIZE, ["GJ002"]),
    "numbers": (lambda: b"[" + b"0," * (SIZE // 2) + b"0]", ["GJ101"]),
    "line of many vertices": (
        lambda: (
            b'{"type":"LineString","coordinates":['
            + b",".join(b"[%d.%05d,41.5]" % (20 + n % 5, n % 99991) for n in range(SIZE // 16))
            + b"]}"
        ),
        [],
    ),
    "null geometries": (
        lambda: (
            b'{"type":"FeatureCollection","features":['
            + b'{"type":"Feature","properties":null,"geometry":null},' * (SIZE // 54)
            + b"null]}"
        ),
        ["GJ121", "GJ107"],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_fifty_megabytes_in_one_line(tmp_path: Path, name: str) -> None:
    make, codes = FILES[name]
    path = tmp_path / "x.geojson"
    path.write_bytes(make())
    outcome = run(tmp_path, path)
    is_reject = any(code not in {"GJ121", "GJ013"} for code in codes)
    assert outcome.code == int(is_reject)
    for code in codes:
        assert f" {code} " in outcome.out
    assert len(outcome.out) <= LONGEST_REPORT
    path.unlink()


def test_report_of_very_many_faults_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(b'{"type":"FeatureCollection","features":[' + b"1," * 299_999 + b"1]}")
    outcome = run(tmp_path, path, "--format=json")
    findings = json.loads(outcome.out)["files"][0]["findings"]
    assert outcome.code == 1
    assert len(findings) == 100_000
    assert findings[-1]["message"].endswith("(and 200,000 more like this in the file)")


def test_ten_thousand_paths(tmp_path: Path) -> None:
    text = '{"type": "Point", "coordinates": [69.2, 41.3]}'
    for number in range(10_000):
        (tmp_path / f"{number}.geojson").write_text(text)
    outcome = run(tmp_path, tmp_path, tmp_path / "missing", "--format=json")
    files = json.loads(outcome.out)["files"]
    assert (outcome.code, len(files)) == (2, 10_001)
    assert sum(file["verdict"] == "accept" for file in files) == 10_000


def test_a_thousand_lines_beside_a_thousand_territories(tmp_path: Path) -> None:
    """The territories of a run are collected once, not for each file beside them."""
    for number in range(1000):
        x, y = number % 40 + 60, number // 40
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        for name, kind, coordinates, properties in (
            ("line", "LineString", ring[:2], {}),
            ("land", "Polygon", [ring], {"kind": "territory"}),
        ):
            geometry = {"type": kind, "coordinates": coordinates}
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            (tmp_path / f"{name}{number}.geojson").write_text(json.dumps(feature))
    outcome = run(tmp_path, tmp_path)
    assert outcome.code == 0
    assert "TP403" not in outcome.out
