"""What a report must keep to whatever the bytes are, reckoned apart from the validator."""

from __future__ import annotations

import contextlib
import io
import json
import math
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sco_geo.cli import main
from sco_geo.model import Finding, Report
from sco_geo.rules import REGISTRY
from sco_geo.validation import validate

#: Deepest nesting that the page of rules promises to read (GJ012).
DEEPEST = 256
#: Longest line of a report that people can still read.
LONGEST_LINE = 3000
#: What may turn or hide text on a terminal or in an editor; a line break is not among them.
STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
TEXT_ERRORS = {f"GJ{number:03}" for number in (*range(1, 4), *range(5, 13))}


class NoJsonError(ValueError):
    """A text that RFC 8259 does not allow, though Python's parser would take it."""


@dataclass(frozen=True)
class Examined:
    """A report that is known to be consistent, and the tree by the standard library."""

    report: Report
    tree: Any
    is_json: bool

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]


def refuse(name: str) -> None:
    """Take the place of a constant that JSON does not have."""
    raise NoJsonError(name)


def integer(digits: str) -> Any:
    """Read an integer; one that is too long for Python is a number all the same."""
    return int(digits) if len(digits) < 4000 else digits


def strict_tree(data: bytes) -> Any:
    """Parse by the standard library, without what it allows beyond RFC 8259 and I-JSON."""
    text = data.decode("utf-8").removeprefix("\ufeff")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise NoJsonError("key twice")
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique, parse_int=integer)


def depth_of(tree: Any) -> int:
    """Count the brackets around the innermost value, without recursion."""
    deepest, stack = 0, [(tree, 0)]
    while stack:
        value, level = stack.pop()
        children = value.values() if isinstance(value, dict) else value
        if isinstance(value, (dict, list)):
            deepest = max(deepest, level + 1)
            stack.extend((child, level + 1) for child in children)
    return deepest


def resolve(tree: Any, pointer: str) -> Any:
    """Return what a JSON pointer (RFC 6901) names; KeyError or IndexError if nothing."""
    if not pointer:
        return tree
    assert pointer.startswith("/"), pointer
    for token in pointer[1:].split("/"):
        if isinstance(tree, list):
            assert token.isascii() and token.isdigit() and str(int(token)) == token, pointer
            tree = tree[int(token)]
        else:
            assert isinstance(tree, dict), pointer
            tree = tree[token.replace("~1", "/").replace("~0", "~")]
    return tree


def check_finding(finding: Finding, lines: list[str] | None) -> None:
    """Check what holds for every finding, also of a text that is not JSON."""
    rule = REGISTRY[finding.code]
    assert finding.severity in {rule.severity, "note"}
    assert finding.message.strip()
    assert finding.line is not None and finding.column is not None, finding
    assert finding.line >= 1 and finding.column >= 1
    if lines is not None:
        assert finding.line <= len(lines)
        assert finding.column <= len(lines[finding.line - 1]) + 1
    assert (finding.lon is None) == (finding.lat is None)
    if finding.lon is not None and finding.lat is not None:
        assert math.isfinite(finding.lon) and math.isfinite(finding.lat)
    assert finding.feature_index is None or finding.feature_index >= 0


def check_place(finding: Finding, tree: Any, lines: list[str]) -> None:
    """Check that pointer, line and column, feature and coordinates name one place."""
    if finding.pointer is None or finding.line is None or finding.column is None:
        return
    pointer = finding.pointer
    is_attribute = finding.code[:2] in ("AT", "SR") and pointer.endswith("/properties")
    if is_attribute and "properties" not in resolve(tree, pointer.removesuffix("/properties")):
        pointer = pointer.removesuffix("/properties")  # names where they should stand
    value = resolve(tree, pointer)
    rest = "\n".join([lines[finding.line - 1][finding.column - 1 :], *lines[finding.line :]])
    if finding.code != "GJ013":  # stands at the half character itself
        found, _ = json.JSONDecoder(parse_int=integer).raw_decode(rest)
        assert found == value, finding
    if finding.feature_index is not None:
        head = f"/features/{finding.feature_index}"
        is_root = tree.get("type") != "FeatureCollection"
        assert is_root or finding.pointer == head or finding.pointer.startswith(f"{head}/")
        # An object that is none of the three roots may hold features, and a text finding says so.
        assert not is_root or finding.feature_index == 0 or finding.pointer.startswith(f"{head}/")


def formats() -> tuple[str, ...]:
    """Read from the help what --format takes, so that a new format is checked as well."""
    with contextlib.redirect_stdout(io.StringIO()) as help_text:
        assert main(["validate", "--help"]) == 0
    return tuple(re.search(r"--format \{([\w,]+)\}", help_text.getvalue())[1].split(","))


def run(path: Path, wanted: str) -> tuple[int, str]:
    """Run the command; return its exit code and what a UTF-8 terminal would get."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream):
        code = main(["validate", f"--format={wanted}", str(path)])
    return code, stream.buffer.getvalue().decode("utf-8")


def check_output(path: Path, report: Report, name: str) -> None:
    """Check that a format can be printed and read, whatever the data holds."""
    code, text = run(path, name)
    severities = {finding.severity for finding in report.findings}
    assert code == (1 if "error" in severities else 0)
    assert not STEERING.search(text), (name, STEERING.search(text))
    lines = text.split("\n")
    assert max(map(len, lines)) <= LONGEST_LINE
    if name in ("json", "sarif"):
        tree = json.loads(text, parse_constant=refuse)
        if name == "json":
            (record,) = tree["files"]
            assert record["verdict"] == report.verdict
            assert record["findings"] == [f.to_dict() for f in report.findings]
        return
    assert all(line.isprintable() for line in lines)
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == (len(report.findings) if name == "github" else 0)


def check_text_codes(data: bytes, codes: set[str]) -> tuple[Any, bool]:
    """Compare the verdict on the text with the standard library's; return the tree."""
    try:
        tree = strict_tree(data)
        depth = depth_of(tree)
    except RecursionError:
        assert codes & TEXT_ERRORS
        return None, False
    except ValueError:  # UnicodeDecodeError, JSONDecodeError, NoJsonError
        assert codes & TEXT_ERRORS, "not JSON, yet accepted"
        return None, False
    if depth > DEEPEST:
        assert codes == {"GJ012"} or codes == {"GJ004", "GJ012"}
        return None, False
    assert not codes & TEXT_ERRORS, "JSON, yet refused as a text"
    return tree, True


@pytest.fixture(scope="session")
def examine(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Examined]:
    """Validate bytes as a file, hold all that any report must keep to, and return it."""
    path = tmp_path_factory.mktemp("examined") / "x.geojson"
    names = formats()

    def examine_bytes(data: bytes, **options: Any) -> Examined:
        path.write_bytes(data)
        report = validate(path, **options)
        tree, is_json = check_text_codes(data, {f.code for f in report.findings})
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
        lines = text.split("\n")
        for finding in report.findings:
            check_finding(finding, lines)
            if is_json:
                check_place(finding, tree, lines)
        severities = {finding.severity for finding in report.findings}
        verdict = "accept_with_warning" if "warning" in severities else "accept"
        assert report.verdict == ("reject" if "error" in severities else verdict)
        if not options and not (number := zlib.crc32(data)) % 3:  # a command takes twice as long
            check_output(path, report, names[number % len(names)])
        return Examined(report, tree, is_json)

    return examine_bytes
