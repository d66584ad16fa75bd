"""Awkward files, paths and texts, each given to the command as a process of its own.

A verdict or exit 2, the report of all other paths, no traceback, and nothing that steers a
terminal. The same with files of 50 MB is in ``tests/full/test_awkward_large.py``.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINT = '{"type": "Point", "coordinates": [69.2, 41.3]}'
BAD_POINT = '{"type": "Point", "coordinates": [41.3, 99.2]}'
FORMATS = ("text", "json", "github", "sarif")
#: CPU seconds of one run; a run that waits is ended by the clock much later.
CPU_SECONDS, PATIENCE = 10, 120
LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP = 24
BRACKETS = 100_000
#: Control characters but the line break, direction marks, line separators, halves of characters.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    code: int
    out: str
    err: str

    def report(self) -> dict[str, Any]:
        """Parse standard output as one strict JSON text."""

        def refuse(name: str) -> None:
            raise AssertionError(f"{name} is no JSON")

        result: dict[str, Any] = json.loads(self.out, parse_constant=refuse)
        return result

    def codes(self) -> dict[str, list[str]]:
        """Return the codes of each path of a JSON report."""
        files = self.report()["files"]
        return {file["path"]: [f["code"] for f in file["findings"]] for file in files}


def limit_cpu() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def obey_permissions() -> None:
    """Give up what lets root read every file (Linux: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    limit_cpu()
    for capability in (1, 2):
        if os.geteuid() == 0 and LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError("cannot give up a capability")


def run(*args: str | bytes | Path, before: Any = limit_cpu, **environment: str) -> Outcome:
    """Run ``validate`` and check what holds for every run."""
    done = subprocess.run(
        [sys.executable, "-m", "sco_geo", "validate", *args],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        preexec_fn=before,
        check=False,
    )
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode in (0, 1, 2), err
    assert "Traceback" not in err and "Warning" not in err
    assert not STEERING.search(out), STEERING.search(out)
    assert not STEERING.search(err), STEERING.search(err)
    return Outcome(done.returncode, out, err)


def write(path: Path, text: str | bytes = POINT) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def odd_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """Paths that are no readable files, by the code that each must get."""
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.geojson")
    os.symlink("b.geojson", tmp_path / "a.geojson")
    os.symlink("a.geojson", tmp_path / "b.geojson")
    os.symlink("gone", tmp_path / "dangling.geojson")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the name of a socket must be short
        server.bind("socket.geojson")
        yield {
            "IO001 missing": tmp_path / "missing\x1b[31m.geojson",
            "IO001 dangling": tmp_path / "dangling.geojson",
            "IO001 inside a file": write(tmp_path / "file.geojson") / "x",
            "IO001 name too long": tmp_path / ("x" * 5000),
            "IO002 pipe": tmp_path / "pipe.geojson",
            "IO002 socket": tmp_path / "socket.geojson",
            "IO002 device": Path("/dev/zero"),
            "IO004 loop": tmp_path / "a.geojson",
            "IO005 directory": tmp_path / "empty",
        }


@pytest.mark.parametrize("wanted", FORMATS)
def test_odd_paths_have_an_entry_and_the_rest_is_checked(
    tmp_path: Path, odd_paths: dict[str, Path], wanted: str
) -> None:
    good, bad = write(tmp_path / "good.geojson"), write(tmp_path / "bad.geojson", BAD_POINT)
    outcome = run(*odd_paths.values(), bad, good, f"--format={wanted}")
    assert outcome.code == 2
    assert outcome.err == ""
    codes = [name.split()[0] for name in odd_paths]
    if wanted == "json":
        assert outcome.codes() == {
            str(bad): ["CO108"],
            str(good): [],
            **{str(path): [code] for code, path in zip(codes, odd_paths.values(), strict=True)},
        }
        verdicts = {file["path"]: file["verdict"] for file in outcome.report()["files"]}
        assert verdicts.pop(str(good)) == "accept"
        assert set(verdicts.values()) == {"reject"}
    for code in [*codes, "CO108"]:
        assert outcome.out.count(code) >= codes.count(code)


def test_directory_with_odd_entries(tmp_path: Path, odd_paths: dict[str, Path]) -> None:
    (tmp_path / "dir.geojson").mkdir()
    write(tmp_path / "good.geojson")
    outcome = run(tmp_path, "--format=json")
    found = {Path(path).name: codes for path, codes in outcome.codes().items()}
    assert outcome.code == 2
    assert found == {
        "a.geojson": ["IO004"],
        "b.geojson": ["IO004"],
        "dangling.geojson": ["IO001"],
        "dir.geojson": ["IO002"],
        "file.geojson": [],
        "good.geojson": [],
        "pipe.geojson": ["IO002"],
        "socket.geojson": ["IO002"],
    }


@pytest.mark.parametrize("profile", [[], ["--project"]])
def test_unreadable_file_and_directory(tmp_path: Path, profile: list[str]) -> None:
    good, bad = write(tmp_path / "good.geojson"), write(tmp_path / "secret.geojson")
    inside = tmp_path / "locked"
    inside.mkdir()
    write(inside / "x.geojson")
    bad.chmod(0)
    inside.chmod(0)
    try:
        paths = (bad, inside / "x.geojson", inside, good)
        outcome = run(*paths, *profile, "--format=json", before=obey_permissions)
    finally:
        inside.chmod(0o700)
    assert outcome.code == 2
    codes = outcome.codes()
    assert codes[str(bad)] == codes[str(inside / "x.geojson")] == ["IO003"]
    assert codes[str(inside)] == ["IO003"]
    assert codes[str(good)] == []


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that Linux alone has")
def test_file_that_fails_while_it_is_read() -> None:
    outcome = run("/proc/self/mem", "--format=json")
    assert (outcome.code, outcome.codes()) == (2, {"/proc/self/mem": ["IO003"]})


def test_empty_path_is_not_the_current_directory() -> None:
    outcome = run("")
    assert (outcome.code, outcome.out) == (2, "")
    assert "a path is empty" in outcome.err


def test_wrong_arguments_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "x.geojson")
    for args in (["--\x1b[31m"], ["--format=\x1b]0;x\x07"], ["-\x9b31m"], ["--context", "\x1b[2J"]):
        assert run(path, *args).code == 2


NAMES = {
    "escape": b"\x1b]0;x\x07\x1b[31m.geojson",
    "line break": b"a\nb\r::error::x.geojson",
    "workflow command": b"::error file=x::y,z%0A.geojson",
    "delete": b"\x7f.geojson",
    "one byte escape": "\x9b31m.geojson".encode(),
    "right to left": "\u202egpj\u200f.geojson".encode(),
    "line separator": "\u2028.geojson".encode(),
    "not UTF-8": b"\xff\xfe\xe4.geojson",
    "surrogate": b"\xed\xa0\x80.geojson",
    "longest": b"n" * 255,
    "space": b" .geojson",
}


@pytest.mark.parametrize("wanted", FORMATS)
def test_names_of_any_bytes(tmp_path: Path, wanted: str) -> None:
    paths = [os.path.join(os.fsencode(tmp_path), name) for name in NAMES.values()]
    for path in paths:
        Path(os.fsdecode(path)).write_text(BAD_POINT)
    outcome = run(*paths, f"--format={wanted}")
    assert outcome.code == 1
    assert outcome.out.count("CO108") >= len(paths)
    if wanted == "json":
        assert [os.fsencode(path) for path in outcome.codes()] == paths
    if wanted == "github":
        lines = outcome.out.splitlines()
        assert len(lines) == len(paths)
        for line in lines:  # one command, whose file is one property
            properties, _ = line.removeprefix("::error ").split("::", 1)
            names = [part.split("=", 1)[0] for part in properties.split(",")]
            assert names == ["file", "line", "col", "title"]


def test_table_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "sources.csv", "source_id,publisher,title,url,date,accessed,licence,quality\n")
    write(tmp_path / "claims.csv").chmod(0)
    path = write(tmp_path / "x.geojson")
    outcome = run(tmp_path, "--format=json", before=obey_permissions)
    assert outcome.code == 1
    assert outcome.codes() == {str(path): ["SR505"], str(tmp_path / "claims.csv"): ["SR013"]}


def test_project_with_the_longest_names(tmp_path: Path) -> None:
    write(tmp_path / "sources.csv", "source_id,publisher,title,url,date,accessed,licence,quality\n")
    long, good = write(tmp_path / ("n" * 255)), write(tmp_path / "x.geojson")
    outcome = run("--project", long, good, "--format=json")
    assert outcome.code == 0
    assert outcome.codes() == {str(long): ["SR505"], str(good): ["SR505"]}


HOSTILE = ["\x1b]0;x\x07", "\x9b31m", "\u202egpj", "\u2028", "\x7f", "::error::x", "%0A::error::"]
HOSTILE += ["\ud800", "=1+1", "<script>", "${x}", "a" * 10_000, "\n::error file=x::y", "\r", "\x00"]


@pytest.mark.parametrize("wanted", FORMATS)
def test_hostile_texts_in_ids_types_members_and_properties(tmp_path: Path, wanted: str) -> None:
    features = [
        {
            "type": "Feature",
            "id": text,
            "properties": {text: text},
            "geometry": {"type": text, "coordinates": [text, text], "bbox": text},
        }
        for text in HOSTILE
    ]
    tree = {"type": "FeatureCollection", "features": features, "crs": HOSTILE[0]}
    path = write(tmp_path / "x.geojson", json.dumps(tree))
    outcome = run(path, f"--format={wanted}")
    assert outcome.code == 1
    assert max(map(len, outcome.out.splitlines())) < 3000
    lines = outcome.out.splitlines()
    if wanted == "json":
        found = outcome.report()["files"][0]["findings"]
        ids = {f["feature_index"]: f["feature_id"] for f in found if f["code"] == "GJ103"}
        assert {i: name for i, name in ids.items() if len(name) < 200} == {
            i: name for i, name in enumerate(HOSTILE) if len(name) < 200
        }
    elif wanted == "github":
        assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)
    elif wanted == "text":
        assert not any(line.startswith("::") for line in lines)


DEEP = {
    "arrays": b"[" * BRACKETS + b"]" * BRACKETS,
    "arrays that stay open": b"[" * BRACKETS,
    "objects": b'{"a":' * BRACKETS + b"1" + b"}" * BRACKETS,
    "objects that stay open": b'{"a":' * BRACKETS,
    "coordinates": b'{"type": "Point", "coordinates": ' + b"[" * BRACKETS + b"]" * BRACKETS + b"}",
    "properties": b'{"type": "Feature", "geometry": null, "properties": {"a": '
    + b"[" * BRACKETS + b"]" * BRACKETS + b"}}",
    "collections": b'{"type": "GeometryCollection", "geometries": [' * BRACKETS,
}  # fmt: skip
SHALLOW = {
    "closed only": (b"]" * BRACKETS, "GJ005"),
    "pairs": (b"[]" * BRACKETS, "GJ007"),
    "in a text": (b'{"type": "Point", "coordinates": [1, 2], "a": "' + b"[" * BRACKETS + b'"}', ""),
    "in a text that stays open": (b'{"a": "' + b"[" * BRACKETS, "GJ006"),
}


def test_a_hundred_thousand_brackets(tmp_path: Path) -> None:
    cases = {name: (data, "GJ012") for name, data in DEEP.items()} | SHALLOW
    paths = {name: write(tmp_path / f"{name}.geojson", data) for name, (data, _) in cases.items()}
    outcome = run(*paths.values(), "--format=json")
    wanted = {str(paths[name]): [code] if code else [] for name, (_, code) in cases.items()}
    assert outcome.codes() == wanted


def test_reference_system_that_takes_long_to_search(tmp_path: Path) -> None:
    # A pattern that looks for a number after each "EPSG" would need hours.
    tree = {"type": "FeatureCollection", "crs": "EPSG " * 300_000, "features": []}
    outcome = run(write(tmp_path / "x.geojson", json.dumps(tree)))
    assert outcome.code == 0
    assert "GJ115" in outcome.out


def test_coordinates_beyond_all_measure_warn_nobody_of_overflows(tmp_path: Path) -> None:
    crossing = [[[60, 40], [70, 1e300], [70, 40], [60, 45], [60, 40]]]
    hole = [[65, 40], [63, 1e300], [65, 45], [67, 42.5], [65, 40]]
    lines = [[[-9, 1e300], [2, -41], [1e20, -47]], [[90, -90], [-4, -1e308], [17.9, 1e308]]]
    paths = [
        write(tmp_path / f"{number}.geojson", json.dumps({"type": kind, "coordinates": value}))
        for number, (kind, value) in enumerate(
            [
                ("Polygon", crossing),
                ("Polygon", [*crossing, hole]),
                ("MultiPolygon", [crossing, [hole]]),
                ("LineString", lines[0]),
                ("MultiLineString", lines),
                ("MultiPoint", lines[1]),
            ]
        )
    ]
    for codes in run(*paths, "--format=json").codes().values():
        assert "CO106" in codes


def test_long_ids_keys_and_texts_are_cut_in_reports(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    line = {"type": "LineString", "coordinates": [["a", 1]] * 50}
    features = [{"type": "Feature", "id": long, "properties": {}, "geometry": line}] * 2
    text = json.dumps({"type": "FeatureCollection", "features": features, "crs": long})
    path = write(tmp_path / "x.geojson", text.replace('"properties": {}', f'"{long}": [NaN]'))
    for wanted in ("text", "json"):
        outcome = run(path, f"--format={wanted}")
        assert outcome.code == 1
        assert len(outcome.out) < 500_000
        assert max(map(len, outcome.out.splitlines())) < 3000


def test_many_paths(tmp_path: Path) -> None:
    for number in range(1000):
        write(tmp_path / f"{number:04}.geojson", BAD_POINT if number == 500 else POINT)
    names = [f"{number:04}.geojson" for number in range(1001)]
    outcome = run(*(tmp_path / name for name in names), "--format=json")
    found = {Path(path).name: codes for path, codes in outcome.codes().items()}
    assert (outcome.code, len(found)) == (2, 1001)
    assert {name: codes for name, codes in found.items() if codes} == {
        "0500.geojson": ["CO108"],
        "1000.geojson": ["IO001"],
    }


@pytest.mark.parametrize(
    ("encoding", "wanted"),
    [("ascii", "text"), ("latin-1", "json"), ("cp1251", "github"), ("ascii", "sarif")],
)
def test_standard_output_of_another_encoding(tmp_path: Path, encoding: str, wanted: str) -> None:
    feature = {"type": "Feature", "id": "霍尔果斯", "properties": {}, "geometry": {"type": "🚂"}}
    path = write(tmp_path / "x.geojson", json.dumps(feature, ensure_ascii=False))
    outcome = run(path, f"--format={wanted}", PYTHONIOENCODING=encoding)
    assert outcome.code == 1
    if wanted == "json":
        (finding,) = outcome.report()["files"][0]["findings"]
        assert (finding["code"], finding["feature_id"]) == ("GJ103", "霍尔果斯")
        assert "🚂" in finding["message"]


def test_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Truncate, delete and write a file again and again: any verdict will do."""
    path, good = tmp_path / "x.geojson", write(tmp_path / "good.geojson")
    feature = f'{{"type": "Feature", "properties": {{}}, "geometry": {POINT}}}'
    features = ",".join([feature] * 20_000)
    whole = f'{{"type": "FeatureCollection", "features": [{features}]}}'.encode()
    write(path, whole)
    command = [sys.executable, "-m", "sco_geo", "validate", "--format=json", path, good]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err, preexec_fn=limit_cpu)
        while process.poll() is None:
            os.truncate(path, len(whole) // 3)
            path.unlink()
            path.write_bytes(whole)
    assert process.returncode in (0, 1, 2)
    assert (tmp_path / "err").read_bytes() == b""
    files = json.loads((tmp_path / "out").read_bytes())["files"]
    assert [file["verdict"] for file in files if file["path"] == str(good)] == ["accept"]
