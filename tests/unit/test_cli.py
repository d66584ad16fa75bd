"""The command line: explain, and outputs that cannot take what is written to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sco_geo.cli import main
from sco_geo.rules import FIXES, REGISTRY

DATA = Path(__file__).resolve().parents[1] / "data"
HOSTILE = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": '
    '"\u5317\u4eac \\ud83d \\u009b31m \u202e \U0001f682", "properties": [], "geometry": null}]}'
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.geojson"
    path.write_text(HOSTILE, encoding="utf-8")
    return path


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sco_geo", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
    ids=["ascii", "C", "utf-16"],
)
def test_any_encoding_of_standard_output(
    form: str, environment: dict[str, str], hostile: Path
) -> None:
    done = run(["validate", "--format", form, str(hostile)], **environment)
    assert done.returncode == 1
    assert done.stderr == b""
    text = done.stdout.decode(environment.get("PYTHONIOENCODING", "ascii"))
    assert "GJ107" in text
    if form in ("json", "sarif"):
        json.loads(text)


def test_json_keeps_the_text_of_the_data(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "json", str(hostile)]) == 1
    text = capsys.readouterr().out
    assert all(line.isprintable() for line in text.splitlines())
    (file,) = json.loads(text)["files"]
    wanted = json.loads(HOSTILE)["features"][0]["id"]
    assert {finding["feature_id"] for finding in file["findings"]} == {wanted}


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_reader_that_stops_reading(form: str) -> None:
    """As in ``sco-geo validate ... | head -1``: no message, and still the exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sco_geo", "validate", "--format", form, str(DATA / "bad")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    with process.stderr as errors:
        assert errors.read() == b""
    assert process.wait(60) == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_full_disk(form: str, hostile: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the write fails in the middle."""
    script = (
        "import resource, sys; from sco_geo.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)); sys.exit(main(sys.argv[1:]))"
    )
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-B", "-c", script, "validate", "--format", form, str(hostile)],
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"sco-geo: ") and done.stderr.count(b"\n") == 1


def test_closed_output(hostile: Path) -> None:
    script = 'exec "$0" -m sco_geo validate "$1" >&-'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, str(hostile)],
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_quiet_leaves_the_hint_out(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["validate", str(hostile)])
    loud = capsys.readouterr().out
    main(["validate", "--quiet", str(hostile)])
    assert loud == capsys.readouterr().out + "More about a code: sco-geo explain GJ107\n"


def test_explain_tells_all_that_the_register_knows(capsys: pytest.CaptureFixture[str]) -> None:
    for code, rule in REGISTRY.items():
        assert main(["explain", code.lower()]) == 0
        text = capsys.readouterr().out
        assert text.startswith(f"{code} {rule.severity}: {rule.title}\n")
        words = " ".join(text.split())
        for part in (rule.meaning, rule.why, rule.bad, rule.good):
            assert " ".join(part.split()) in words
        assert ("`--fix` does not mend it." in words) == (code not in FIXES)


@pytest.mark.parametrize("codes", [["gm229,GM221"], ["gm229,", "GM221"], ["GM229, GM221,gm229"]])
def test_explain_takes_commas(codes: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "GM229", "GM221"]) == 0
    with_spaces = capsys.readouterr().out
    assert main(["explain", *codes]) == 0
    assert capsys.readouterr().out == with_spaces


def test_explain_without_a_code_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines] == sorted(REGISTRY)
    assert all(line.endswith(REGISTRY[line[:5]].title) for line in lines)


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "gm221", "GM212", "GM221", "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["rules"]
    assert (first["code"], first["fixable"], first["fix"]) == ("GM221", False, None)
    assert (second["code"], second["fixable"]) == ("GM212", True)
    assert "1 cm" in second["fix"]
    assert set(first) == {
        "code", "severity", "title", "meaning", "why", "bad", "good", "fixable", "fix",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["GM299", "gm22", "GM 221", "G221"])
def test_explain_names_the_nearest_codes(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "GM221", code]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert code.upper() in captured.err and "nearest are GM2" in captured.err


def test_explain_of_nonsense_names_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "\x1b[31m", "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["type"] == "UnknownIdError"
    assert "lists all rules" in captured.err and "\x1b" not in captured.err


def test_fixes_are_rules() -> None:
    assert set(FIXES) <= set(REGISTRY)


def test_findings_stand_in_lines_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "cut.geojson"
    broken.write_text('{"type": "LineString", "coordinates": [[69, 41], [76, 39.5]]', "utf-8")
    assert main(["length", str(broken)]) == 1
    errors = capsys.readouterr().err
    assert "\\u000a" not in errors
    assert any(line.startswith(f"{broken}:1: cut: GJ006") for line in errors.splitlines())


def test_line_break_in_a_path_is_no_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["length", "no\nfile.geojson"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_standard_error_nothing_lands_among_the_results(tmp_path: Path) -> None:
    way = {"type": "LineString", "coordinates": [[0, 0], [1, 0]]}
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": way}))
    command = f'exec "$0" -m sco_geo length "{path}" --format json 2>&-'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], stdout=subprocess.PIPE, check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )  # fmt: skip
    assert json.loads(done.stdout)["total_km"] > 100
