"""The reader and the rules under random damage: a verdict and a place, never a crash."""

from __future__ import annotations

import json
from pathlib import Path

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sco_geo import geojson
from sco_geo.rules import REGISTRY, View, check_document

DATA = Path(__file__).resolve().parents[1] / "data"
GOOD = [path.read_bytes() for path in sorted((DATA / "good").glob("*.geojson"))]
BAD = [path.read_bytes() for path in sorted((DATA / "bad").glob("*.geojson"))]
SIGNS = [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"-", b"1", b"e9", b"NaN", b"null"]
SIGNS += [
    b"\xff",
    b"\x00",
    b"\n",
    b"true",
    b'"type":',
    b"\xef\xbb\xbf",
    b"\xe4\xb8\xad",
    b"\\ud8aa",
]


def examine(data: bytes) -> list[str]:
    """Read and check; every finding must be in the register and have a place."""
    document = geojson.parse(data, "x.geojson")
    findings = list(check_document(View(document)))
    places = document.locate_all({f.pointer for f in findings if f.pointer is not None})
    for finding in findings:
        assert finding.code in REGISTRY
        assert finding.line is not None or finding.pointer in places
        assert finding.to_text().isprintable()
        json.dumps(finding.to_dict())
    assert document.is_json or findings
    for feature in document.features:
        if feature.geometry is None:
            assert findings, "a geometry cannot be missing without a reason"
        else:
            assert isinstance(feature.geometry, shapely.Geometry)
    return [finding.code for finding in findings]


@given(st.sampled_from(GOOD + BAD), st.data())
def test_damaged_bytes_never_crash_the_reader(data: bytes, draws: st.DataObject) -> None:
    for _ in range(draws.draw(st.integers(1, 4))):
        begin = draws.draw(st.integers(0, len(data)))
        end = min(len(data), begin + draws.draw(st.integers(0, 5)))
        data = data[:begin] + draws.draw(st.sampled_from([b"", *SIGNS])) + data[end:]
    examine(data)


@given(st.sampled_from(GOOD), st.data())
def test_cut_files_are_rejected(data: bytes, draws: st.DataObject) -> None:
    whole = data.rstrip()
    cut = whole[: draws.draw(st.integers(0, len(whole) - 1))]
    codes = examine(cut)
    assert any(REGISTRY[code].severity == "error" for code in codes)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=4)
)
NUMBERS = st.one_of(st.floats(-200, 200), st.integers(-200, 200), SCALARS)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
COORDINATES = st.recursive(
    st.lists(NUMBERS, min_size=1, max_size=4), lambda inner: st.lists(inner, max_size=5)
)
TYPES = st.sampled_from(
    "Point LineString MultiPoint Polygon MultiLineString MultiPolygon GeometryCollection "
    "Feature FeatureCollection point Topology".split()
)
OBJECTS = st.recursive(
    st.fixed_dictionaries(
        {"type": TYPES | ANY},
        optional={"coordinates": COORDINATES | ANY, "bbox": ANY, "crs": ANY, "id": ANY},
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": TYPES},
        optional={
            "geometry": inner | ANY,
            "geometries": st.lists(inner, max_size=3) | ANY,
            "features": st.lists(inner, max_size=3) | ANY,
            "properties": ANY,
            "id": ANY,
        },
    ),
    max_leaves=6,
)


@given(OBJECTS | ANY)
def test_any_tree_gets_a_verdict(tree: object) -> None:
    examine(json.dumps(tree).encode("utf-8", "surrogatepass"))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=12))
def test_any_numbers_get_a_verdict_as_line_and_as_ring(points: list[tuple[float, float]]) -> None:
    for kind, coordinates in (("LineString", points), ("Polygon", [[*points, points[0]]])):
        examine(json.dumps({"type": kind, "coordinates": coordinates}).encode())


@settings(max_examples=30)
@given(ANY)
def test_every_value_is_found_where_it_stands(tree: object) -> None:
    text = json.dumps(tree, indent=1)
    document = geojson.parse(text.encode("utf-8", "surrogatepass"), "x")
    stack: list[tuple[str, object]] = [("", tree)]
    lines = text.split("\n")
    while stack:
        pointer, value = stack.pop()
        place = document.locate(pointer)
        assert place is not None
        rest = "\n".join([lines[place[0] - 1][place[1] - 1 :], *lines[place[0] :]])
        found, _ = json.JSONDecoder().raw_decode(rest)
        assert found == value
        if isinstance(value, dict):
            for key, child in value.items():
                token = key.replace("~", "~0").replace("/", "~1")
                stack.append((f"{pointer}/{token}", child))
        elif isinstance(value, list):
            stack.extend((f"{pointer}/{index}", child) for index, child in enumerate(value))
