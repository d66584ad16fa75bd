"""Coordinates that are read from the text in blocks: the same numbers, parts and places as a tree.

The oracle is the parser of the standard library, which reads the same text into lists.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sco_geo import _json_text, _regions, _source_text, geojson
from sco_geo.rules import View, check_document

DATA = Path(__file__).resolve().parents[1] / "data"
FILES = sorted([*DATA.glob("good/*.geojson"), *DATA.glob("bad/*.geojson")])

number = st.one_of(
    st.integers(-180, 180),
    st.floats(-180, 180, allow_nan=False),
    st.sampled_from([-0.0, 1e-7, 1e22, 5e-324, 0.1, 2**53 + 1, 2**70]),
)
position = st.lists(number, min_size=2, max_size=5)
line = st.lists(position, min_size=1, max_size=5)
shape = st.one_of(
    position, line, st.lists(line, min_size=1, max_size=4),
    st.lists(st.lists(line, min_size=1, max_size=3), min_size=1, max_size=3),
)  # fmt: skip


def leaves(value: list[object]) -> Iterator[list[float]]:
    """Yield the positions of nested arrays in order."""
    if isinstance(value[0], list):
        for child in value:
            yield from leaves(child)  # type: ignore[arg-type]
    else:
        yield value  # type: ignore[misc]


def spaced(text: str, spaces: list[str]) -> str:
    """Put white space around the signs of a JSON text."""
    signs = itertools.cycle(spaces)
    return re.sub(r"[\[\],]", lambda match: next(signs) + match.group() + next(signs), text)


@given(st.lists(shape, min_size=1, max_size=5), st.lists(st.sampled_from(["", " ", "\n\t"])))
def test_numbers_are_those_of_the_standard_parser(values: list[list], spaces: list[str]) -> None:
    texts = [spaced(json.dumps(value), spaces or [""]) for value in values]
    data = "[" + ",".join(f'{{"coordinates": {text}}}' for text in texts) + "]"
    regions = _regions.read_regions(data.encode())
    assert len(regions) == len(values)
    positions = [position for value in values for position in leaves(value)]
    block = regions.block
    assert block.lon.tolist() == [float(position[0]) for position in positions]
    assert block.lat.tolist() == [float(position[1]) for position in positions]
    sizes = np.full(len(positions), 2) if block.sizes is None else block.sizes
    assert sizes.tolist() == [len(position) for position in positions]
    heights = [float(position[2]) for position in positions if len(position) > 2]
    assert (block.height is None) == (not heights)
    if block.height is not None:
        assert block.height[~np.isnan(block.height)].tolist() == heights
    assert block.counts.tolist() == [len(list(leaves(value))) for value in values]


@pytest.mark.parametrize(
    "array",
    [
        "[]", "[[]]", "[1]", "[[1,2],[3]]", "[[1,2],3]", "[[1,2],[[3,4]]]", "[[1,2][3,4]]",
        "[[1,2],]", "[,[1,2]]", "[[1,2]]]", "[[[1,2]]", "[[1,2],3[,4]]", "[[1,2] 3,[4,5]]",
        "[[1,2],4 [5,6]]", "[1 2]", "[01,2]", "[1.,2]", "[+1,2]", "[1,2e]", "[1,1e999]", "[1,-]",
        "[[[[[1,2]]]]]", "[[1,2],[3,4]],[5,6]", "[1,2] ,[3,4]",
    ],
)  # fmt: skip
def test_unusual_arrays_are_left_to_the_parser(array: str) -> None:
    good = '{"coordinates":[[1,2],[3,4]]}'
    text = f'[{good},{{"coordinates":{array}}},{good},{{"coordinates":[1,2]}}]'
    regions = _regions.read_regions(text.encode())
    assert regions.block.lon.tolist() == [1, 3, 1, 3, 1]
    assert regions.block.counts.tolist() == [2, 2, 1]


@pytest.mark.parametrize(
    "text",
    [
        r'{"note": "\"coordinates\": [1, 2]", "type": "Point", "coordinates": [3, 4]}',
        r'{"a\"coordinates": [1, 2], "type": "Point", "coordinates": [3, 4]}',
        '{"type": "Point", "coordinates": [3, 4], "x": {"coordinates": [1, 2]}}',
        '{"type": "Point", "coordinates": [3, 4], "x": {"coordinates": 7000000000000000}}',
        '{"x": {"coordinates": 7000000000000000}, "type": "Point", "coordinates": [3, 4]}',
        '{"coordinates": [1, 2], "type": "Point", "coordinates": [3, 4]}',
    ],
)
def test_only_the_geometry_is_taken_for_one(text: str) -> None:
    document = geojson.parse(text.encode(), "x.geojson")
    (feature,) = document.features
    assert feature.geometry == shapely.Point(3, 4)
    tree = json.loads(text)
    assert {k: v for k, v in document.tree.items() if k != "coordinates"} == {
        k: v for k, v in tree.items() if k != "coordinates"
    }


def test_a_number_beside_an_array_does_not_join_it() -> None:
    assert not geojson.parse(b'{"type":"Point","coordinates":[3,4]5}', "x").is_json
    assert not geojson.parse(b'{"type":"Point","coordinates":[3,4]e5}', "x").is_json


def test_arrays_that_are_no_geometry_stay_lists() -> None:
    text = (
        '{"type": "Feature", "properties": {"coordinates": [[1, 2]]}, '
        '"geometry": {"type": "Point", "coordinates": [[5, 6]]}}'
    )
    document = geojson.parse(text.encode(), "x.geojson")
    assert document.features[0].properties == {"coordinates": [[1, 2]]}
    assert document.tree["geometry"]["coordinates"] == [[5, 6]]


def without_regions(data: bytes, monkeypatch: pytest.MonkeyPatch) -> geojson.Document:
    with monkeypatch.context() as patch:
        patch.setattr(_json_text, "read_regions", lambda _: _source_text.no_regions())
        return geojson.parse(data, "x.geojson")


def facts(document: geojson.Document) -> list[object]:
    """Return all that the rules say, with the places, and all geometries."""
    findings = list(check_document(View(document)))
    places = document.locate_all([f.pointer for f in findings if f.pointer is not None])
    texts = [(f.to_text(), f.to_dict(), places.get(f.pointer or "")) for f in findings]
    geometries = [None if f.geometry is None else f.geometry.wkt for f in document.features]
    return [texts, geometries]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1 << 20, 16])
def test_files_say_the_same_read_as_blocks_and_as_a_tree(
    path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = path.read_bytes()
    tree = without_regions(data, monkeypatch)
    monkeypatch.setattr(_regions, "_BLOCK", size)
    monkeypatch.setattr(_source_text, "_STRIDE", size)
    blocks = geojson.parse(data, "x.geojson")
    assert facts(blocks) == facts(tree)


def every_pointer(value: object, here: str = "") -> Iterator[str]:
    yield here
    children = value.items() if isinstance(value, dict) else []
    if isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield from every_pointer(child, f"{here}/{key}")


@pytest.mark.parametrize("name", ["all-types", "collection", "heights", "windows-line-ends"])
@pytest.mark.parametrize("size", [1 << 20, 16])
def test_every_value_is_located_as_in_the_tree(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (DATA / "good" / f"{name}.geojson").read_bytes()
    pointers = list(every_pointer(json.loads(data)))
    tree = without_regions(data, monkeypatch)
    monkeypatch.setattr(_regions, "_BLOCK", size)
    monkeypatch.setattr(_source_text, "_STRIDE", size)
    blocks = geojson.parse(data, "x.geojson")
    assert blocks.locate_all(pointers) == tree.locate_all(pointers)
    lines = data.decode().split("\n")
    for pointer, (row, column) in blocks.locate_all(pointers).items():
        value = json.loads(data)
        for token in pointer.split("/")[1:]:
            value = value[int(token) if isinstance(value, list) else token]
        rest = "\n".join([lines[row - 1][column - 1 :], *lines[row:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == value, pointer
