"""Files damaged byte by byte, and trees with wrong parts: a consistent report, never a crash.

`examine` of the conftest holds what every report must keep to. Each example is made from a seed,
so that the long run marked `full` and the short one of every change use the same damage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

TESTS = Path(__file__).resolve().parents[1]
#: Seeds of the damage: the fixtures, and the corpus if there is one.
FILES = [
    data
    for folder in ("data/good", "data/bad", "corpus")
    for path in sorted((TESTS / folder).rglob("*json"))
    if not path.name.endswith(".expected.json") and len(data := path.read_bytes()) < 20_000
]
SEEDS = st.integers(0, 2**64 - 1)
#: Five times the examples of the profile: an example takes a few milliseconds.
many = settings(max_examples=5 * settings.default.max_examples)

Examine = Callable[..., Any]

TOKENS = [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"-", b"1", b"e9", b".5", b"0", b"[]"]
TOKENS += [b"{}", b'""', b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"1e300", b"9" * 400]
TOKENS += [b"\xff", b"\x00", b"\x1e", b"\x7f", b"\t", b"\r", b"\n", b"\xef\xbb\xbf", b"\xc2\x85"]
TOKENS += [b"\xe2\x80\xa8", b"\xe4\xb8\xad", b"\\ud8aa", b"\\u001b", b'"type":', b'"id":"\\udfff",']
NUMBERS = [b"0", b"-0", b"180", b"-180", b"90", b"-90", b"181", b"400", b"1e5", b"1E+20", b"1e300"]
NUMBERS += [b"5e-324", b"null", b'"1"', b"true", b"[1,2]", b"0.123456789", b"1e999", b"41.3"]
NUMBER = re.compile(rb"-?\d+(\.\d+)?")


def damage(random: Random, data: bytes) -> bytes:
    """Flip, delete, insert, replace, repeat, cut, splice, or change a number, one to four times."""
    for _ in range(random.randint(1, 4)):
        begin = random.randint(0, len(data))
        end = min(len(data), begin + int(random.expovariate(0.1)))
        kind = random.randrange(9)
        if kind == 0 and begin < len(data):
            flipped = bytes([data[begin] ^ 1 << random.randrange(8)])
            data = data[:begin] + flipped + data[begin + 1 :]
        elif kind == 1:
            data = data[:begin] + data[end:]
        elif kind == 2:
            data = data[:begin] + random.choice(TOKENS) + data[begin:]
        elif kind == 3:
            data = data[:begin] + random.choice(TOKENS) + data[end:]
        elif kind == 4:
            data = data[:end] + data[begin:end] * random.randint(1, 3) + data[end:]
        elif kind == 5 and random.random() < 0.3:
            data = data[:begin]
        elif kind == 6:
            other = random.choice(FILES)
            first = random.randint(0, len(other))
            part = other[first : first + int(random.expovariate(0.02))]
            data = data[:begin] + part + data[end:]
        elif places := list(NUMBER.finditer(data)):
            place = random.choice(places)
            data = data[: place.start()] + random.choice(NUMBERS) + data[place.end() :]
    return data


def damaged(seed: int) -> bytes:
    random = Random(seed)
    return damage(random, random.choice(FILES))


@many
@given(SEEDS)
def test_damaged_files_get_a_consistent_report(examine: Examine, seed: int) -> None:
    data = damaged(seed)
    note(repr(data))
    examine(data)


@many
@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_get_a_consistent_report(examine: Examine, data: bytes) -> None:
    examine(data)


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(30))
def test_thirty_thousand_damaged_files(examine: Examine, chunk: int) -> None:
    for seed in range(chunk * 1000, chunk * 1000 + 1000):
        try:
            examine(damaged(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {damaged(seed)!r}") from error


WORDS = ["", "x", "\ud800", "\x1b]0;x\x07", "\u202e", "CHN;KAZ", "railway", "territory", "ferry"]
WORDS += ["operating", "2020-01", "estimate", "1520", "EPSG:3857", "::error::x", "a/b~c"]
KEYS = "type id bbox crs properties geometry geometries coordinates features name kind".split()
KEYS += "status countries gauges_mm opened closed sources accuracy_km capacity routing".split()
KEYS += [
    "capacity_unit",
    "geometry_basis",
    "strays_into",
    "system",
    "iso_a3",
    "a/b",
    "m~n",
    "",
    "é",
]
ROUND = (180, -180, 90, -90, 179.5, 0)
ODD = (None, True, "1", [], {}, 1e300, -1e300, 10**400, 5e5, 181, 5e-324)
LEVELS = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2}
LEVELS |= {"MultiLineString": 2, "MultiPolygon": 3}


class Maker:
    """Makes trees in the shape of GeoJSON, in which every part is wrong now and then."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def is_rare(self, odds: float) -> bool:
        return self.random.random() < odds

    def anything(self, depth: int = 2) -> Any:
        kind = self.random.randrange(12)
        if kind < 8 or not depth:
            return self.random.choice([*WORDS, None, True, False, 0, -1, 1.5, *ODD, -(10**20)])
        count = range(self.random.randint(0, 3))
        if kind < 10:
            return [self.anything(depth - 1) for _ in count]
        return {self.random.choice(KEYS): self.anything(depth - 1) for _ in count}

    def number(self) -> Any:
        if self.is_rare(0.03):
            return self.random.choice(ODD)
        small = self.random.randint(-10, 10)
        return self.random.choice([small, round(self.random.uniform(-90, 90), 1), small, *ROUND])

    def coordinates(self, level: int) -> Any:
        if self.is_rare(0.02):
            return self.anything()
        if level == 0:
            count = self.random.choice((2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 1, 0, 4))
            return [self.number() for _ in range(count)]
        children = [self.coordinates(level - 1) for _ in range(self.random.choice((1, 2, 3, 5, 0)))]
        if level == 1 and children and self.is_rare(0.7):
            children.append(children[0])
        return children

    def geometry(self, depth: int = 0) -> Any:
        if self.is_rare(0.03):
            return self.anything()
        name = self.random.choice([*LEVELS, *LEVELS, "GeometryCollection", "Feature", "point"])
        if name == "GeometryCollection":
            count = self.random.randint(0, 3) if depth < 4 else 0
            return {"type": name, "geometries": [self.geometry(depth + 1) for _ in range(count)]}
        return self.extended({"type": name, "coordinates": self.coordinates(LEVELS.get(name, 1))})

    def properties(self) -> Any:
        names = self.random.sample(KEYS, self.random.randint(0, 8))
        return {name: self.anything() for name in names}

    def feature(self) -> Any:
        if self.is_rare(0.03):
            return self.anything()
        feature = {"type": "Feature", "properties": self.properties(), "geometry": self.geometry()}
        if self.is_rare(0.5):
            feature["id"] = self.random.choice(["a", "b", 1, 1.5, None, True, [], "\ud800", "x-y"])
        if self.is_rare(0.05):
            del feature[self.random.choice(list(feature))]
        return self.extended(feature)

    def extended(self, value: dict[str, Any]) -> dict[str, Any]:
        if self.is_rare(0.08):
            value[self.random.choice(KEYS)] = self.anything()
        items = list(value.items())
        self.random.shuffle(items)
        return dict(items)

    def root(self) -> Any:
        kind = self.random.randrange(20)
        if kind < 13:
            features = [self.feature() for _ in range(self.random.choice((0, 1, 1, 2, 3, 5)))]
            return self.extended({"type": "FeatureCollection", "features": features})
        if kind < 16:
            return self.feature()
        return self.geometry() if kind < 19 else self.anything(4)

    def text(self) -> bytes:
        indent = self.random.choice((None, None, 0, 2))
        return json.dumps(self.root(), indent=indent).encode()


@many
@given(SEEDS)
def test_trees_with_wrong_parts_get_a_consistent_report(examine: Examine, seed: int) -> None:
    data = Maker(seed).text()
    note(repr(data))
    examine(data)


@pytest.fixture(scope="session")
def territories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ring = [[0, 0], [30, 0], [30, 30], [0, 30], [0, 0]]
    feature = {
        "type": "Feature",
        "properties": {"kind": "territory", "countries": "CHN"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path_factory.mktemp("context") / "territories.geojson"
    path.write_text(json.dumps(feature), encoding="utf-8")
    return path


@many
@given(SEEDS)
def test_trees_with_wrong_parts_in_a_project(
    examine: Examine, territories: Path, seed: int
) -> None:
    data = Maker(seed).text()
    note(repr(data))
    examine(data, project=True, context=[territories])


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(10))
def test_ten_thousand_trees_with_wrong_parts(
    examine: Examine, territories: Path, chunk: int
) -> None:
    for seed in range(chunk * 1000, chunk * 1000 + 1000):
        data = Maker(seed).text()
        try:
            examine(data)
            examine(data, project=True, context=[territories])
        except Exception as error:
            raise AssertionError(f"seed {seed}: {data!r}") from error
