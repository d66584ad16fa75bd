"""What must hold between reports: valid by construction, and the same data written otherwise.

The valid documents are built so that their validity follows from how they are made: a polygon is
a star around a centre, its hole a smaller star inside, its parts stand in cells of their own.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import shapely
from hypothesis import given, note, settings
from hypothesis import strategies as st

from sco_geo.model import Finding

TESTS = Path(__file__).resolve().parents[1]
SEEDS = st.integers(0, 2**64 - 1)
many = settings(max_examples=3 * settings.default.max_examples)

Examine = Callable[..., Any]
Tree = dict[str, Any]


def load_trees() -> list[Tree]:
    """The fixtures and the corpus, as far as they are objects that a parser does not change."""
    trees = []
    for folder in ("data/good", "data/bad", "corpus"):
        for path in sorted((TESTS / folder).rglob("*json")):
            try:
                text = path.read_bytes().decode("utf-8")
                tree = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
            except (ValueError, RecursionError):
                continue
            if isinstance(tree, dict) and "type" in tree and len(text) < 20_000:
                trees.append(tree)
    return trees


def unique(pairs: list[tuple[str, Any]]) -> Tree:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("key twice")
    return dict(pairs)


def refuse(name: str) -> None:
    raise ValueError(name)


TREES = load_trees()
COLLECTIONS = [
    tree
    for tree in TREES
    if tree["type"] == "FeatureCollection"
    and isinstance(tree.get("features"), list)
    and all(isinstance(feature, dict) for feature in tree["features"])
]


SAID = "code severity message hint fixable pointer feature_index feature_id lon lat".split()


def encoded(tree: Any, **options: Any) -> bytes:
    return json.dumps(tree, **options).encode()


def essence(finding: Finding) -> tuple[Any, ...]:
    """All that a finding says but the place in the text."""
    return tuple(getattr(finding, name) for name in SAID)


def essences(findings: Any, *, without: tuple[str, ...] = ()) -> Counter[tuple[Any, ...]]:
    return Counter(essence(f) for f in findings if f.code not in without)


# ----------------------------------------------------------------- valid by construction


class Valid:
    """Makes documents that RFC 7946 allows, with every freedom that it leaves.

    Parameters
    ----------
    is_tidy : bool
        Whether to keep to what the standard only recommends as well, so that there is no finding.
    """

    def __init__(self, random: Random, *, is_tidy: bool) -> None:
        self.random = random
        self.is_tidy = is_tidy
        self.is_in_collection = False

    def number(self, low: float, high: float) -> float:
        value = self.random.uniform(low, high)
        return round(value, self.random.randint(0, 6))

    def position(self, lon: float, lat: float, has_height: bool) -> list[float]:
        return [lon, lat, self.number(-400, 8000)] if has_height else [lon, lat]

    def place(self) -> tuple[float, float]:
        if not self.is_tidy and self.random.random() < 0.1:
            return self.random.choice([(180, 90), (-180, -90), (0, 0), (180.0, 0), (1e-7, -0.0)])
        return self.number(20, 140), self.number(-60, 60)

    def line(self, has_height: bool) -> list[list[float]]:
        lon, lat = self.place()
        positions = [self.position(lon, lat, has_height)]
        for _ in range(self.random.randint(1, 8)):
            # To the east by at least a tenth of a degree: never the same place, never a leap.
            lon, lat = lon + max(0.1, self.number(0.1, 1)), lat + self.number(-1, 1)
            lon, lat = (min(round(lon, 6), 180), max(-90, min(round(lat, 6), 90)))
            positions.append(self.position(lon, lat, has_height))
        if positions[-1][:2] == positions[0][:2]:
            positions[-1][1] = 0.5
        return positions if self.random.random() < 0.5 else positions[::-1]

    def star(self, lon: float, lat: float, least: float, most: float) -> list[list[float]]:
        """A ring around a centre, anticlockwise, at most 131 degrees from vertex to vertex."""
        count = self.random.randint(4, 12)
        angles = [2 * math.pi * (n + self.random.uniform(0, 0.45)) / count for n in range(count)]
        radii = [self.random.uniform(least, most) for _ in angles]
        ring = [
            [round(lon + r * math.cos(a), 6), round(lat + r * math.sin(a), 6)]
            for a, r in zip(angles, radii, strict=True)
        ]
        return [*ring, list(ring[0])]

    def polygon(self, lon: float, lat: float) -> list[list[list[float]]]:
        # Angles are 131° at most: chords stay 2 * cos(131° / 2) = 0.8 away from the centre.
        rings = [self.star(lon, lat, 2.0, 4.0)]
        if self.random.random() < 0.4:
            rings.append(self.star(lon, lat, 0.1, 0.5)[::-1])
        if not self.is_tidy and self.random.random() < 0.3:
            rings = [ring[::-1] for ring in rings]
        return rings

    def coordinates(self, kind: str) -> Any:
        has_height = self.random.random() < 0.2 and not (self.is_tidy and self.is_in_collection)
        if kind == "Point":
            return self.position(*self.place(), has_height)
        if kind == "MultiPoint":
            count = self.random.randint(1, 5)
            return [self.position(*self.place(), has_height) for _ in range(count)]
        if kind == "LineString":
            return self.line(has_height)
        if kind == "MultiLineString":
            return [self.line(has_height) for _ in range(self.random.randint(1, 3))]
        cells = self.random.sample(range(40), self.random.randint(1, 4))
        polygons = [self.polygon(30 + 10 * (cell % 8), -20 + 10 * (cell // 8)) for cell in cells]
        return polygons[0] if kind == "Polygon" else polygons

    def geometry(self) -> Tree:
        kinds = "Point MultiPoint LineString MultiLineString Polygon MultiPolygon".split()
        if self.random.random() < 0.1:
            count = self.random.randint(2, 4)
            self.is_in_collection = True  # all members with heights or none, if it is to be tidy
            members = [self.plain(self.random.choice(kinds)) for _ in range(count)]
            self.is_in_collection = False
            return {"type": "GeometryCollection", "geometries": members}
        return self.plain(self.random.choice(kinds))

    def plain(self, kind: str) -> Tree:
        return self.shuffled({"type": kind, "coordinates": self.coordinates(kind)})

    def anything(self, depth: int = 3) -> Any:
        texts = ["", "霍尔果斯", "🚂", "a/b~c", "=1+1", "\x1b[31m", "<b>", "[" * 300, '"', "\\"]
        kind = self.random.randrange(6 if depth else 4)
        if kind == 0:
            return self.random.choice(texts)
        if kind == 1:
            return self.random.choice([None, True, False, 0, -1, 10**30, 1e300, 0.1, 5e-324])
        if kind in (2, 3):
            return self.random.choice(texts) + str(self.random.random())
        values = [self.anything(depth - 1) for _ in range(self.random.randint(0, 4))]
        return values if kind == 4 else {f"{n} {v!r:.9}": v for n, v in enumerate(values)}

    def feature(self, number: int) -> Tree:
        feature: Tree = {"type": "Feature", "properties": None, "geometry": self.geometry()}
        if self.random.random() < 0.8:
            feature["properties"] = {f"p{n}": self.anything() for n in range(3)}
        if self.random.random() < 0.7:
            feature["id"] = self.random.choice([number, number + 0.5, f"id {number}"])
        if self.random.random() < 0.2:
            feature["x_extra"] = self.anything()
        if self.random.random() < 0.2:
            feature["bbox"] = list(shapely.from_geojson(json.dumps(feature["geometry"])).bounds)
        if not self.is_tidy and self.random.random() < 0.1:
            feature["geometry"] = None
            feature.pop("bbox", None)
        return self.shuffled(feature)

    def root(self) -> Tree:
        kind = self.random.random()
        if kind < 0.1:
            return self.geometry()
        if kind < 0.2:
            return self.feature(0)
        features = [self.feature(number) for number in range(self.random.randint(1, 6))]
        return self.shuffled(
            {"type": "FeatureCollection", "features": features, "name": self.anything()}
        )

    def shuffled(self, value: Tree) -> Tree:
        items = list(value.items())
        self.random.shuffle(items)
        return dict(items)


def make_valid(seed: int, *, is_tidy: bool) -> Tree:
    return Valid(Random(seed), is_tidy=is_tidy).root()


@many
@given(SEEDS)
def test_valid_documents_have_no_error(examine: Examine, seed: int) -> None:
    tree = make_valid(seed, is_tidy=False)
    note(json.dumps(tree))
    found = examine(encoded(tree, ensure_ascii=seed % 2 == 0, indent=seed % 3 or None))
    assert [f.to_text() for f in found.findings if f.severity == "error"] == []


@many
@given(SEEDS)
def test_tidy_documents_have_no_finding(examine: Examine, seed: int) -> None:
    tree = make_valid(seed, is_tidy=True)
    note(json.dumps(tree))
    assert [f.to_text() for f in examine(encoded(tree)).findings] == []


@given(SEEDS)
def test_documents_valid_by_construction_are_valid_for_geos(seed: int) -> None:
    """The construction itself, checked by another program."""
    tree = make_valid(seed, is_tidy=False)
    features = tree.get("features", [tree])
    for feature in features:
        geometry = feature["geometry"] if feature["type"] == "Feature" else feature
        if geometry is not None:
            assert shapely.is_valid(shapely.from_geojson(json.dumps(geometry)))


# ----------------------------------------------------------------- another program's verdict

CORNERS = st.tuples(st.integers(0, 5), st.integers(0, 5))
RINGS = st.lists(CORNERS, min_size=3, max_size=7).map(lambda ring: [*ring, ring[0]])


@many
@given(st.lists(st.lists(RINGS, min_size=1, max_size=2), min_size=1, max_size=2), st.booleans())
def test_polygons_are_refused_if_and_only_if_geos_refuses_them(
    examine: Examine, parts: list[Any], is_single: bool
) -> None:
    kind, coordinates = ("Polygon", parts[0]) if is_single else ("MultiPolygon", parts)
    text = json.dumps({"type": kind, "coordinates": coordinates})
    expected = "reject" if not shapely.is_valid(shapely.from_geojson(text)) else None
    found = examine(text.encode())
    note(f"{text} {found.codes}")
    assert (found.report.verdict == "reject") == (expected == "reject")


# ----------------------------------------------------------------- the same, written otherwise


def broken_or_valid(seed: int) -> Tree:
    """A tree of the fixtures, or a valid one with one part exchanged for a wrong one."""
    random = Random(seed)
    if random.random() < 0.5:
        tree: Tree = json.loads(json.dumps(random.choice(TREES)))
        return tree
    tree = Valid(random, is_tidy=False).root()
    holders: list[tuple[Any, Any]] = []
    stack: list[Any] = [tree]
    while stack:
        value = stack.pop()
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            holders.append((value, key))
            if isinstance(value[key], (dict, list)):
                stack.append(value[key])
    for holder, key in random.sample(holders, min(2, len(holders))):
        holder[key] = random.choice([None, "x", 1e300, 181, -91, [], {}, True, [1, 2], 0, "Point"])
    return tree


def reordered(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [reordered(item, random) for item in value]
    if isinstance(value, dict):
        items = [(key, reordered(item, random)) for key, item in value.items()]
        random.shuffle(items)
        return dict(items)
    return value


LAYOUTS: tuple[dict[str, Any], ...] = (
    {"indent": 1},
    {"indent": "\t", "ensure_ascii": False},
    {"separators": (",", ":")},
    {"separators": (" ,\r\n ", " : ")},
)


@many
@given(SEEDS)
def test_white_space_changes_no_finding(examine: Examine, seed: int) -> None:
    tree = broken_or_valid(seed)
    note(json.dumps(tree))
    base = essences(examine(encoded(tree)).findings)
    options = LAYOUTS[seed % len(LAYOUTS)]
    try:
        data = encoded(tree, **options)
    except UnicodeEncodeError:  # half a character has no other way to be written
        data = encoded(tree, indent=3)
    assert essences(examine(data).findings) == base


@many
@given(SEEDS)
def test_order_of_members_changes_no_finding(examine: Examine, seed: int) -> None:
    tree = broken_or_valid(seed)
    note(json.dumps(tree))
    other = reordered(tree, Random(seed))
    assert essences(examine(encoded(other)).findings) == essences(examine(encoded(tree)).findings)


def written_otherwise(value: Any, random: Random) -> str:
    """Write a tree with its numbers in other forms of the same value."""
    if isinstance(value, list):
        return "[" + ", ".join(written_otherwise(item, random) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)}: {written_otherwise(v, random)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, float) and value and math.isfinite(value):
        exact = Decimal(repr(value))
        sign, digits, exponent = exact.as_tuple()
        whole = "".join(map(str, digits))
        forms = [f"{exact:e}", f"{exact:E}", f"{'-' * sign}{whole}e{exponent}"]
        if -20 < exact.adjusted() < 20:
            forms += [f"{exact:f}" + ("0" if "." in f"{exact:f}" else ".0")]
        return random.choice(forms)
    return json.dumps(value)


@many
@given(SEEDS)
def test_form_of_numbers_changes_no_finding(examine: Examine, seed: int) -> None:
    tree = broken_or_valid(seed)
    text = written_otherwise(tree, Random(seed))
    note(text)
    assert json.loads(text) == tree
    assert essences(examine(text.encode()).findings) == essences(examine(encoded(tree)).findings)


# ----------------------------------------------------------------- the same, arranged otherwise

#: Findings that are about several features, or given once for all of them.
OVERLAPS = ("TP402", "TP407", "TP408", "TP409")
ONCE = ("TP401", "CO114", "GJ112", "GJ113", "GJ114", "GJ115")
JOINT = (*OVERLAPS, *ONCE)


def moved(finding: Finding, index_of: Callable[[int], int]) -> Finding:
    """Return the finding as it should be after the features have changed their places."""
    if finding.feature_index is None or finding.pointer is None:
        return finding
    old, new = f"/features/{finding.feature_index}", index_of(finding.feature_index)
    assert finding.pointer == old or finding.pointer.startswith(f"{old}/")
    pointer = f"/features/{new}{finding.pointer.removeprefix(old)}"
    return replace(finding, pointer=pointer, feature_index=new)


def collection(seed: int) -> Tree:
    """A collection, whole or broken, without a box that another feature could lie outside of."""
    random = Random(seed)
    if random.random() < 0.5:
        features = [f for _ in range(3) for f in random.choice(COLLECTIONS)["features"]]
        return {"type": "FeatureCollection", "features": features}
    while True:
        tree = broken_or_valid(random.getrandbits(64))
        features = tree.get("features")
        if tree.get("type") == "FeatureCollection" and isinstance(features, list):
            tree.pop("bbox", None)
            return tree


@many
@given(SEEDS)
def test_order_of_features_changes_their_numbers_only(examine: Examine, seed: int) -> None:
    tree = collection(seed)
    note(json.dumps(tree))
    last = len(tree["features"]) - 1
    other = {**tree, "features": tree["features"][::-1]}
    before = [moved(f, lambda index: last - index) for f in examine(encoded(tree)).findings]
    after = examine(encoded(other)).findings
    assert essences(after, without=JOINT) == essences(before, without=JOINT)
    for code in ONCE:
        assert [f.code for f in after].count(code) == [f.code for f in before].count(code)


GOOD = {
    "type": "Feature",
    "id": "an id of its own",
    "properties": {},
    "geometry": {"type": "LineString", "coordinates": [[69.2, 41.3], [70.1, 41.0]]},
}


@many
@given(SEEDS, st.booleans())
def test_a_good_feature_changes_nothing_about_the_others(
    examine: Examine, seed: int, is_first: bool
) -> None:
    tree = collection(seed)
    note(json.dumps(tree))
    features = [GOOD, *tree["features"]] if is_first else [*tree["features"], GOOD]
    without = ("GJ120", *JOINT)  # an empty collection; the share of long decimals
    before = [moved(f, lambda index: index + is_first) for f in examine(encoded(tree)).findings]
    after = examine(encoded({**tree, "features": features})).findings
    assert essences(after, without=without) == essences(before, without=without)


def geometry(seed: int) -> Tree:
    """A geometry, whole or broken; a crs member counts at the root only."""
    kinds = "Point MultiPoint LineString MultiLineString Polygon MultiPolygon GeometryCollection"
    random = Random(seed)
    while True:
        tree: Any = broken_or_valid(random.getrandbits(64))
        if isinstance(tree.get("features"), list) and tree["features"]:
            tree = random.choice(tree["features"])
        if isinstance(tree, dict) and tree.get("type") == "Feature":
            tree = tree.get("geometry")
        if isinstance(tree, dict) and tree.get("type") in kinds.split() and "crs" not in tree:
            return tree


@many
@given(SEEDS)
def test_three_kinds_of_root_give_the_same_findings(examine: Examine, seed: int) -> None:
    tree = geometry(seed)
    note(json.dumps(tree))
    feature = {"type": "Feature", "properties": {}, "geometry": tree}
    whole = {"type": "FeatureCollection", "features": [feature]}
    base = examine(encoded(tree)).findings
    for prefix, other in (("/geometry", feature), ("/features/0/geometry", whole)):
        wanted = [replace(f, pointer=f"{prefix}{f.pointer}") for f in base if f.pointer is not None]
        assert len(wanted) == len(base)
        assert essences(examine(encoded(other)).findings) == essences(wanted)


def test_there_is_something_to_compare() -> None:
    assert len(TREES) >= 100
    assert len(COLLECTIONS) >= 30
    with pytest.raises(ValueError, match="key twice"):
        json.loads('{"a": 1, "a": 2}', object_pairs_hook=unique)
