"""Reports of findings: for people with an excerpt, and as commands of a forge."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sco_geo import geojson
from sco_geo._excerpt import draw
from sco_geo.model import FileReport, Finding, Report
from sco_geo.report import github_lines, validation_lines
from sco_geo.validation import Run, check

DATA = Path(__file__).resolve().parents[1] / "data"
BAD = sorted((DATA / "bad").glob("*.geojson"))


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def lines_of(path: Path, **options: int) -> list[str]:
    return list(validation_lines(check([path]), **options))


# Document.excerpt


@pytest.mark.parametrize(
    ("text", "line", "column", "width", "expected"),
    [
        ("abc\ndef\nghi", 2, 3, 80, ("def", 2)),
        ("abc\r\ndef\r\n", 1, 3, 80, ("abc", 2)),
        ("abc\r\ndef\r\n", 2, 4, 80, ("def", 3)),  # the end of the line
        ("abc", 1, 4, 80, ("abc", 3)),  # the end of the text
        ("abc\n", 2, 1, 80, ("", 0)),
        ("abc", 2, 1, 80, ("", 0)),  # no such line
        ("abc\n", 9, 5, 80, ("", 0)),
        ('{\n  "a": [\n    1,\n    2\n  ]\n}\n', 2, 8, 80, ('  "a": [ 1, 2 ] }', 7)),
        ('{\r\n  "a": 1\r\n}', 1, 1, 80, ('{ "a": 1 }', 0)),
        ('{\n  "a": [\n    1,\n    2\n  ]\n}\n', 2, 8, 8, ('a": [ 1,', 4)),
        ("[[\n1]]", 1, 2, 80, ("[[ 1]]", 1)),
        ("[[\n", 1, 2, 80, ("[[", 1)),
        ("[ 1,\n2]", 1, 1, 80, ("[ 1,", 0)),
        ("0123456789", 1, 6, 4, ("3456", 2)),  # the sixth character is a 5
        ("0123456789", 1, 1, 4, ("0123", 0)),
        ("0123456789", 1, 10, 4, ("6789", 3)),
        ("\u4e2d\U0001f682\u6587", 1, 3, 80, ("\u4e2d\U0001f682\u6587", 2)),
    ],
)
def test_excerpt(text: str, line: int, column: int, width: int, expected: tuple[str, int]) -> None:
    document = geojson.parse(text.encode("utf-8"), "x.geojson")
    assert document.excerpt(line, column, width) == expected


@given(
    st.lists(st.text("ab\u4e2d\t{", max_size=30), min_size=1, max_size=6),
    st.data(),
    st.integers(8, 40),
)
def test_excerpt_points_at_the_character(rows: list[str], data: st.DataObject, width: int) -> None:
    """The plain way, by splitting the whole text, is the yardstick."""
    number = data.draw(st.integers(1, len(rows)))
    row = rows[number - 1]
    column = data.draw(st.integers(1, len(row) + 1))
    rest = row[column - 1 :].strip("\t")
    if rest and set(rest) == {"{"} and row[column - 1] == "{":
        after = [other.strip("\t") for other in rows[number:]]
        row = row[: column - 1] + " ".join([rest, *filter(None, after)])
    document = geojson.parse("\n".join(rows).encode("utf-8"), "x.geojson")
    text, offset = document.excerpt(number, column, width)
    assert len(text) == min(width, len(row))
    assert text in row
    assert text[offset:] == row[column - 1 :][: len(text) - offset]
    assert row[: column - 1].endswith(text[:offset])


# The picture of an excerpt


@pytest.mark.parametrize(
    ("text", "offset", "shown", "caret"),
    [
        ('{"a": x}', 6, '{"a": x}', "      ^"),
        ('   {"a": x}', 9, '{"a": x}', "      ^"),  # indentation is no news
        ("\t\t[1,\tx]", 6, "[1, x]", "    ^"),  # a tab is one column
        ("[\u4e2d\u6587, x]", 5, "[\u4e2d\u6587, x]", "       ^"),  # 1 + 2 + 2 + 1 + 1 columns
        ("e\u0301x", 2, "e\u0301x", " ^"),  # an accent has no column of its own
        ("\x1b[31mx", 5, "\\u001b[31mx", "          ^"),
        ("\u202ex", 1, "\\u202ex", "      ^"),
        ("[1, 2", 5, "[1, 2", "     ^"),  # behind the last character
        ("   ", 1, "", ""),
        ("", 0, "", ""),
    ],
)
def test_caret_stands_below_the_character(text: str, offset: int, shown: str, caret: str) -> None:
    assert draw(text, offset, 60) == (shown, caret)


@pytest.mark.parametrize("letter", ["x", "\u4e2d", "\x1b"])
@pytest.mark.parametrize("offset", [0, 1, 150, 298, 299])
@pytest.mark.parametrize("width", [24, 60, 100])
def test_long_lines_are_cropped(letter: str, offset: int, width: int) -> None:
    text = letter * offset + "#" + letter * (299 - offset)
    shown, caret = draw(text, offset, width)
    columns = {"x": 1, "\u4e2d": 2, "\x1b": 6}[letter]
    place = shown.index("#")
    wide = shown.count("\u4e2d", 0, place)
    assert len(caret) - 1 == place + wide
    assert len(shown) + shown.count("\u4e2d") <= width
    assert len(shown) + shown.count("\u4e2d") >= width - 6 - 2 * columns, "too much is cut off"
    assert shown.startswith("...") == (offset >= 150)


def test_a_piece_says_that_more_stands_before_it() -> None:
    assert draw("def", 1, 60, is_cut=True) == ("...def", "    ^")


# The whole report


def test_report_is_grouped_by_code_errors_first(tmp_path: Path) -> None:
    rows = [
        '{"type": "Feature", "properties": [], "geometry": {"type": "LineString", '
        '"coordinates": [[60, 40], [60, 40], [61, 41]]}}'
        for _ in range(12)
    ]
    text = '{"type": "FeatureCollection", "crs": null, "features": [\n' + ",\n".join(rows) + "]}"
    path = write(tmp_path / "x.geojson", text)
    lines = lines_of(path)
    codes = re.findall(r" ([A-Z]{2}\d{3}) (?:error|warning|note): ", "\n".join(lines))
    # GJ115 stands first in the file, but is a warning.
    assert codes == ["GJ107"] * 10 + ["GJ115"] + ["GM203"] * 10
    assert f"{path}: GJ107: 2 more of the same, see --format json" in lines
    assert f"{path}: GM203: 2 more of the same, see --format json" in lines
    numbers = [int(m[1]) for m in (re.match(r".*?:(\d+): x: .*GJ107", s) for s in lines) if m]
    assert numbers == list(range(2, 12))
    carets = [index for index, line in enumerate(lines) if line.endswith("^")]
    assert len(carets) == 3, "one excerpt a code"
    for index in carets:
        assert " | " in lines[index - 1]
    assert lines[-3:] == [
        f"{path}: reject",
        "1 file(s), 12 error(s), 13 warning(s)",
        "More about a code: sco-geo explain GJ107",
    ]


def test_report_of_a_good_file_has_no_hint() -> None:
    path = DATA / "good" / "point.geojson"
    assert lines_of(path) == [f"{path}: accept", "1 file(s), 0 error(s), 0 warning(s)"]


def test_caret_of_a_report(tmp_path: Path) -> None:
    text = '{"type": "Point", "coordinates": ["\u5317\u4eac", 41.3]}'
    path = write(tmp_path / "x.geojson", text)
    assert lines_of(path)[1:3] == ["  1 | " + text, "    | " + " " * 34 + "^"]


def test_excerpt_of_a_line_of_megabytes(tmp_path: Path) -> None:
    row = ",".join(["[60.5,40.5]"] * 200_000)
    text = '{"type":"MultiPoint","coordinates":[' + row + ',["x",41],' + row + "]}"
    finding, excerpt, caret, *_ = lines_of(write(tmp_path / "x.geojson", text))
    assert "CO102" in finding
    assert len(excerpt) <= 100
    assert excerpt[len(caret) - 1 :].startswith('"x",41],[60.5')


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [40, 100])
def test_no_excerpt_is_wider_than_asked_or_steers_a_terminal(path: Path, width: int) -> None:
    lines = lines_of(path, width=width)
    assert all(line.isprintable() for line in lines)
    drawn = [line for line in lines if re.match(r" +\d* *\| ", line)]
    assert all(len(line) <= width for line in drawn)
    carets = [line for line in drawn if line.strip(" |") == "^"]
    assert len(drawn) == 2 * len(carets)


def test_text_of_a_file_never_begins_a_line(tmp_path: Path) -> None:
    """A forge reads commands such as ::add-mask:: from the beginning of lines in the log."""
    text = '{"type": "FeatureCollection",\n  ::error file=x::no\n\x1b[2J}'
    lines = lines_of(write(tmp_path / "x.geojson", text))
    assert any("::error" in line for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)


def test_findings_without_a_place_or_a_document() -> None:
    finding = Finding("SR012", "error", "a column is missing", path="sources.csv", line=1)
    lines = list(validation_lines(Run((), (finding,))))
    assert lines[0] == "sources.csv:1: SR012 error: a column is missing."
    assert lines[1:3] == ["sources.csv: reject", "1 file(s), 1 error(s), 0 warning(s)"]


# Workflow commands. GitHub documents the escapes of %, CR and LF, in properties also of : and ,.


def unescape(text: str, *, is_property: bool = False) -> str:
    pairs = [("%0D", "\r"), ("%0A", "\n")]
    if is_property:
        pairs += [("%3A", ":"), ("%2C", ",")]
    for escape, char in [*pairs, ("%25", "%")]:
        text = text.replace(escape, char)
    return text


def parse_command(line: str) -> tuple[str, dict[str, str], str]:
    match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert match, line
    level, place, message = match.groups()
    pairs = (pair.partition("=") for pair in place.split(","))
    return level, {k: unescape(v, is_property=True) for k, _, v in pairs}, unescape(message)


def test_commands_of_a_forge() -> None:
    found = Finding(
        "CO106", "error", "100 % wrong: yes, really", "Hint, this: do", path="a,b:c 50%.geojson",
        line=3, column=7, layer="x",
    )  # fmt: skip
    note = Finding("GM231", "note", "too intricate", path="x.geojson")
    report = Report((FileReport("x", (found, note)),))
    first, second = map(parse_command, github_lines(report))
    assert first == (
        "error",
        {"file": "a,b:c 50%.geojson", "line": "3", "col": "7", "title": "CO106"},
        found.to_text(),
    )
    assert second == ("notice", {"file": "x.geojson", "title": "GM231"}, note.to_text())


def test_a_path_cannot_add_a_command_or_steer_a_terminal() -> None:
    path = "x\n::error::y\x1b[31m.geojson"
    finding = Finding("IO001", "error", "not there", path=path)
    (line,) = github_lines(Report((FileReport(path, (finding,)),)))
    assert line.isprintable()
    assert parse_command(line)[1]["file"] == "x\n::error::y\\u001b[31m.geojson"


def test_every_finding_is_a_command() -> None:
    report = check([DATA / "bad"]).report
    commands = [parse_command(line) for line in github_lines(report)]
    assert [c[2] for c in commands] == [f.to_text() for f in report.findings]
    assert json.dumps(sorted({c[0] for c in commands})) == '["error", "notice", "warning"]'
