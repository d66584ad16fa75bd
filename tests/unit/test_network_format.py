"""The network's file: what is written is read, by whatever reader; damage is named."""

from __future__ import annotations

import base64
import dataclasses
import json
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from _rail_levels import TOLERANCES_M, levels_of_detail
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from rail_networks import make_table

from sco_geo.errors import InputPathError, NetworkFileError
from sco_geo.network._format import EdgeTable, decode, encode, read_network, write_network
from sco_geo.network._snapping_math import (
    metres_per_degree,
    project_on_segment,
    segment_metres,
)
from sco_geo.network._table import chain_metres

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / "geo" / "rail_network.bin"
EDGE_COLUMNS = ("length_m", "country", "gauge", "status", "line_class", "basis", "line")


def triangle(**changes: Any) -> EdgeTable:
    """Three nodes, three edges and an island of one node; edges in no special order.

    The lengths of the edges are near 100, 0 and 50 km, so that the first test can reckon by hand.
    """
    columns: dict[str, Any] = {
        "node_lon": np.array([61.0, 60.0, 61.0, 10.5]),
        "node_lat": np.array([41.0, 40.0, 40.0, -5.25]),
        "start": np.array([2, 0, 1], dtype=np.int32),
        "end": np.array([0, 1, 2], dtype=np.int32),
        "length_m": np.array([120_000, 150_000, 90_000], dtype=np.int32),
        "country": np.array([1, 0, 1], dtype=np.uint8),
        "gauge": np.array([0, 0, 1], dtype=np.uint8),
        "status": np.array([0, 3, 1], dtype=np.uint8),
        "line_class": np.array([0, 1, 2], dtype=np.uint8),
        "basis": np.array([3, 0, 1], dtype=np.uint8),
        "line": np.array([-1, 0, -1], dtype=np.int16),
        "chain_offset": np.array([0, 0, 1, 3], dtype=np.int32),
        "chain_lon": np.array([60.5, 60.25, 60.75]),
        "chain_lat": np.array([40.625, 39.9, 39.9]),
        "chain_level": np.array([0, 3, 2], dtype=np.uint8),
        "countries": ("", "UZB"),
        "gauges": ("1520", "1435;1520"),
        "lines": ({"id": "a", "name_zh": "线"},),
        "meta": {"version": "1"},
    }
    return EdgeTable(**{**columns, **changes})


def edges_of(table: EdgeTable) -> Counter[Any]:
    """Each edge in words that do not depend on any order, and how often there is such a one."""
    offset, lon, lat = table.paths()
    found: Counter[Any] = Counter()
    for edge in range(len(table.start)):
        part = slice(offset[edge], offset[edge + 1])
        inner = slice(table.chain_offset[edge], table.chain_offset[edge + 1])
        levels = [-1, *table.chain_level[inner].tolist(), -1]
        points = list(zip(lon[part].tolist(), lat[part].tolist(), levels, strict=True))
        codes = tuple(int(getattr(table, name)[edge]) for name in EDGE_COLUMNS)
        found[(min(tuple(points), tuple(points[::-1])), codes)] += 1
    return found


def assert_same_network(one: EdgeTable, other: EdgeTable) -> None:
    assert edges_of(one) == edges_of(other)
    for table in (one, other):
        assert len(table.node_lon) == len(one.node_lat)
    places = [
        sorted(zip(t.node_lon.tolist(), t.node_lat.tolist(), strict=True)) for t in (one, other)
    ]
    assert places[0] == places[1]
    for name in ("countries", "gauges", "lines", "meta"):
        assert getattr(one, name) == getattr(other, name)


def assert_same_columns(one: EdgeTable, other: EdgeTable) -> None:
    for field in dataclasses.fields(EdgeTable):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            assert a.tolist() == b.tolist(), field.name
        else:
            assert a == b, field.name


def test_the_bytes_are_those_of_the_description() -> None:
    """Streams reckoned by hand from docs/rail-network-format.md."""
    inside = zlib.decompress(encode(triangle()), wbits=-15)
    assert inside[:8] == b"SCORAIL1"
    size, crc = struct.unpack("<II", inside[8:16])
    assert zlib.crc32(inside[16:]) == crc
    header = json.loads(inside[16 : 16 + size])
    streams, at = {}, 16 + size
    for name, count, width in header["streams"]:
        streams[name] = (width, list(inside[at : at + count * width]))
        at += count * width
    assert at == len(inside)
    # Nodes: the island in the west, then 60/40 and, by the shorter of its edges, 61/40, then 61/41.
    assert streams["parent_step"] == (1, [0, 0, 1, 1])
    # 2 x 10500 = 0x5208; 2 x 60000 = 0x1d4c0; 2 x 5250 - 1 = 0x2903; 2 x 40000 = 0x13880.
    assert streams["root_lon"] == (3, [0x08, 0xC0, 0x52, 0xD4, 0x00, 0x01])
    assert streams["root_lat"] == (3, [0x03, 0x80, 0x29, 0x38, 0x00, 0x01])
    # One link, from node 3 (61/41) back to node 1 (60/40).
    assert streams["link_start_step"] == (1, [3])
    assert streams["link_span"] == (1, [2])
    # 60/40 to 61/40 has two vertices, 61/40 to 61/41 none, the link one.
    assert streams["chain_count"] == (1, [2, 0, 1])
    # Steps east: 250, 500, 250; 0; -500 up to the vertex of the link, and there it ends.
    assert streams["step_lon"] == (2, [0xF4, 0xE8, 0xF4, 0x00, 0xE7, 0x01, 0x03, 0x01, 0x00, 0x03])
    # Steps north: -100, 0, 100; 1000; -375.
    assert streams["step_lat"] == (2, [199, 0, 200, 0xD0, 0xED, 0, 0, 0, 0x07, 0x02])
    assert streams["chain_level"] == (1, [3, 2, 0])
    assert streams["country"] == (1, [1, 1, 0])
    assert streams["line_class"] == (1, [2, 0, 1])
    assert streams["line"] == (1, [0, 0, 1])
    # On the ellipsoid the lines measure 88.286, 111.039 and 140.0 km or so (GeographicLib below);
    # the factor is any within its range, and what is left to store goes with it.
    width, rest = streams["length_rest"]
    stored = [sum(rest[i + 3 * plane] << 8 * plane for plane in range(width)) for i in range(3)]
    signed = [(n + 1) // -2 if n % 2 else n // 2 for n in stored]
    lines = ([(60, 40), (60.25, 39.9), (60.75, 39.9), (61, 40)], [(61, 40), (61, 41)])
    lines += ([(61, 41), (60.5, 40.625), (60, 40)],)  # type: ignore[assignment]
    for line, more, length in zip(lines, signed, (90_000, 120_000, 150_000), strict=True):
        metres = geodesic_m(line)
        assert metres * header["length_permille"] / 1e4 + more == pytest.approx(length / 10, abs=2)


def geodesic_m(line: Any) -> float:
    pairs = zip(line[:-1], line[1:], strict=True)
    return sum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in pairs)


@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 3))
def test_what_is_written_is_read(seed: int, nodes: int, islands: int) -> None:
    table = make_table(seed, nodes, islands=islands)
    before = edges_of(table)
    data = encode(table)
    read = decode(data)
    assert_same_network(read, table)
    assert edges_of(table) == before
    assert encode(read) == data
    assert_same_columns(decode(encode(read)), read)


def test_two_runs_write_the_same_bytes() -> None:
    assert encode(make_table(3, 40)) == encode(make_table(3, 40))


def test_the_island_and_the_suspended_line_stay(tmp_path: Path) -> None:
    path = tmp_path / "network.bin"
    write_network(triangle(), path)
    read = read_network(path)
    assert_same_network(read, triangle())
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda data: data[:-40], "cut off"),
        (lambda data: data + b"more", "goes on"),
        (lambda data: b"\xff" * 40, "no deflate stream"),
        (lambda data: b"", "cut off"),
        (lambda data: squeeze(b"PK\x03\x04" + b"x" * 60), "no rail network of this version"),
        (lambda data: squeeze(b"SCORAIL1"), "no rail network of this version"),
        (lambda data: squeeze(flip(zlib.decompress(data, wbits=-15))), "checksum"),
    ],
)
def test_damage_is_named_with_the_file_and_the_cure(tmp_path: Path, spoil: Any, word: str) -> None:
    path = tmp_path / "spoilt.bin"
    path.write_bytes(spoil(encode(triangle())))
    with pytest.raises(NetworkFileError, match=f"spoilt.bin: .*{word}.*build_rail_network"):
        read_network(path)


def squeeze(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def flip(inside: bytes) -> bytes:
    return inside[:-3] + bytes([inside[-3] ^ 1]) + inside[-2:]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputPathError, match="absent.bin: cannot open: No such file"):
        read_network(tmp_path / "absent.bin")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"length_m": [1200, 905, 1500]}, "edge 1 from 61.000, 41.000: length_m is no multiple"),
        ({"length_m": [1200, -10, 1500]}, "edge 1 .*length_m is negative"),
        ({"end": [0, 1, 4]}, "edge 2 from 60.000, 40.000: end is no node .4."),
        ({"start": [-1, 0, 1]}, "edge 0: start is no node .-1."),
        ({"gauge": [0, 0, 2]}, "edge 2 .*gauge has no such code .2."),
        ({"status": [4, 0, 0]}, "edge 0 .*status has no such code"),
        ({"line": [-1, 1, -1]}, "edge 1 .*line has no such number .1."),
        ({"line": [-1, -1]}, "line has 2 values, wanted are 3"),
        ({"node_lat": [41.0, 40.0005, 40.0, 0.0]}, "node 1: latitude 40.0005"),
        ({"chain_lon": [60.5, np.nan, 60.75]}, "vertex 1: longitude nan"),
        ({"chain_lon": [60.5, 181.0, 60.75]}, "vertex 1: longitude 181.0"),
        ({"chain_level": [0, 4, 0]}, "vertex 1: chain_level is above 3"),
        ({"chain_offset": [0, 2, 1, 3]}, "chain_offset must rise from 0 to 3"),
        ({"chain_offset": [0, 0, 1, 2]}, "chain_offset must rise from 0 to 3"),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    tmp_path: Path, changes: dict[str, list[float]], words: str
) -> None:
    whole = triangle()
    arrays = {name: np.array(v, getattr(whole, name).dtype) for name, v in changes.items()}
    with pytest.raises(NetworkFileError, match=words):
        write_network(dataclasses.replace(whole, **arrays), tmp_path / "network.bin")
    assert list(tmp_path.iterdir()) == []


# Distances and the nearest point of a segment


@given(st.floats(15, 150), st.floats(0, 75), st.floats(0, 360), st.floats(1, 50_000))
def test_short_distances_are_geodesics(lon: float, lat: float, azimuth: float, far: float) -> None:
    end = Geodesic.WGS84.Direct(lat, lon, azimuth, far)
    found = float(segment_metres(lon, lat, end["lon2"], end["lat2"]))
    assert found == pytest.approx(far, rel=5e-5)


def test_a_degree_is_as_long_as_the_tables_say() -> None:
    # Snyder, Map Projections (USGS PP 1395), p. 29, has Clarke 1866; these are GeographicLib's.
    for lat in (0.0, 30.0, 45.0, 60.0, 75.0):
        per_lon, per_lat = metres_per_degree(lat)
        east = Geodesic.WGS84.Inverse(lat, 0, lat, 1e-3)["s12"] * 1000
        north = Geodesic.WGS84.Inverse(lat - 5e-4, 0, lat + 5e-4, 0)["s12"] * 1000
        assert float(per_lon) == pytest.approx(east, rel=1e-9)
        assert float(per_lat) == pytest.approx(north, rel=1e-9)


@given(
    st.tuples(st.floats(-0.2, 0.2), st.floats(-0.15, 0.15)),
    st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    st.floats(0, 70),
)
def test_the_foot_is_the_nearest_of_many_points(
    start: tuple[float, float], end: tuple[float, float], lat: float
) -> None:
    """Against 2,001 points of the segment, each measured as a geodesic."""
    ends = [
        np.array([base + v]) for base, v in zip((70, lat, 70, lat), (*start, *end), strict=True)
    ]
    metres, share = (float(values[0]) for values in project_on_segment(70.0, lat, *ends))
    assert 0 <= share <= 1
    points = [np.linspace(a[0], b[0], 2001) for a, b in ((ends[0], ends[2]), (ends[1], ends[3]))]
    true = [
        Geodesic.WGS84.Inverse(lat, 70, y, x)["s12"]
        for x, y in zip(points[0][::20].tolist(), points[1][::20].tolist(), strict=True)
    ]
    assert metres <= min(true) * 1.002 + 1
    if min(true) < 25_000:
        assert metres >= min(true) * 0.99 - float(segment_metres(*(v[0] for v in ends))) / 100


def test_a_segment_of_one_point_has_its_foot_there() -> None:
    point = (np.array([70.0]), np.array([41.0]))
    metres, share = project_on_segment(70.0, 40.0, *point, *point)
    assert share.tolist() == [0.0]
    assert metres[0] == pytest.approx(111_040, abs=300)


# Levels of detail


def test_levels_of_bends_of_known_height() -> None:
    """Bends of 30, 8, 2 and 0.5 km on one meridian: a minute of latitude is 1.85 km."""
    lat = np.array([40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0])
    km_of_degree = 111.3 * np.cos(np.radians(lat))
    bend_km = np.array([0, 30, 0, 8, 0, 2, 0, 0.5, 0])
    level = levels_of_detail(np.array([0, 9]), 70 + bend_km / km_of_degree, lat)
    assert level[0] == 0
    assert level[2] == 1
    assert level[4] == 2
    assert level[6] == 3


@given(st.integers(0, 10_000))
def test_a_coarse_line_stays_within_its_tolerance(seed: int) -> None:
    table = make_table(seed, 6)
    offset, lon, lat = table.paths()
    level = levels_of_detail(offset, lon, lat)
    drawn = np.full(len(lon), -1)
    is_inner = np.ones(len(lon), dtype=bool)
    is_inner[offset[:-1]] = is_inner[offset[1:] - 1] = False
    drawn[is_inner] = level
    for edge in range(len(table.start)):
        part = slice(offset[edge], offset[edge + 1])
        per_lon, per_lat = metres_per_degree(lat[part].mean())
        points = np.column_stack([lon[part] * per_lon, lat[part] * per_lat])
        for number, tolerance in enumerate(TOLERANCES_M):
            coarse = shapely.LineString(points[drawn[part] <= number])
            away = shapely.distance(shapely.points(points), coarse)
            assert away.max() <= tolerance * 1.001


# The network of the project


if REAL.is_file():

    def test_the_real_file_is_small_and_its_lengths_are_no_shorter_than_straight() -> None:
        data = REAL.read_bytes()
        assert len(data) <= 320 * 1024
        assert len(base64.b64encode(data)) <= 430 * 1024
        table = read_network(REAL)
        assert len(table.start) > 30_000
        assert (chain_metres(table) > 0).any()
        assert zlib.decompress(encode(table), wbits=-15) == zlib.decompress(data, wbits=-15)
