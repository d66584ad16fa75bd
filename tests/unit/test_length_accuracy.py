"""Exact lengths against geodesics that were published with more digits than a float holds."""

from __future__ import annotations

import gzip
import hashlib
import math
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely import LineString

from sco_geo import geodesy

Floats = npt.NDArray[np.float64]

FILE = Path(__file__).resolve().parents[1] / "data" / "geodesics" / "GeodTest-short.dat.gz"
#: Of the file as published; tests/README.md says where.
SHA256 = "31d376e8158f7af26277d887d7a1e7726e14d172db5a848a1730dd4886ab6121"
#: What is promised of a line: metres, and a part of its length.
METRES, PART = 1e-6, 1e-12


@cache
def published() -> tuple[Floats, Floats]:
    """The 10,000 geodesics: ends (lon0, lat0, lon1, lat1) in degrees, length in metres."""
    data = FILE.read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256
    columns = np.loadtxt(gzip.decompress(data).decode("ascii").splitlines())
    # Columns: lat1 lon1 azi1 lat2 lon2 azi2 s12 a12 m12 S12.
    return columns[:, [1, 0, 4, 3]], columns[:, 6]


def lines_of(ends: Floats) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)))


def worst(measured: Floats, true: Floats) -> float:
    """The largest error as a part of what is allowed."""
    return float((np.abs(measured - true) / (METRES + PART * true)).max())


def test_the_set_holds_the_hard_cases() -> None:
    ends, metres = published()
    assert len(ends) == 10_000
    assert (np.abs(ends[:, 1]) > 89.99).sum() > 1000, "near a pole"
    assert ((ends[:, 2] > 179) & (np.abs(ends[:, 1] + ends[:, 3]) < 1)).sum() > 1000, "antipodes"
    assert (metres < 1000).sum() > 500, "short ones"
    assert metres.max() > 20_003_900, "half a meridian"


@pytest.mark.parametrize("threads", [1, 2])
def test_published_geodesics(threads: int) -> None:
    ends, metres = published()
    assert worst(geodesy.line_lengths_m(lines_of(ends), threads=threads), metres) < 1


@pytest.mark.parametrize("turn", [180, -180, 360, 539 - 180])
def test_published_geodesics_across_the_antimeridian(turn: float) -> None:
    ends, metres = published()
    moved = ends + [turn, 0, turn, 0]
    moved[:, [0, 2]] = np.where(moved[:, [0, 2]] > 540, moved[:, [0, 2]] - 360, moved[:, [0, 2]])
    # The sum with a turn rounds a longitude by up to 6e-14 degrees, which is 6 nm.
    assert worst(geodesy.line_lengths_m(lines_of(moved)), metres) < 1


def test_published_geodesics_the_other_way_and_in_the_south() -> None:
    ends, metres = published()
    assert worst(geodesy.line_lengths_m(lines_of(ends[:, [2, 3, 0, 1]])), metres) < 1
    assert worst(geodesy.line_lengths_m(lines_of(ends * [1, -1, 1, -1])), metres) < 1


def test_the_short_method_is_exact_where_lines_are_long() -> None:
    ends, metres = published()
    is_long = metres > 50_000.1
    measured = geodesy.line_lengths_m(lines_of(ends), method="short")
    assert worst(measured[is_long], metres[is_long]) < 1
    short = ~is_long & (np.abs(ends[:, 1]) < 85)
    assert short.sum() > 500
    assert (np.abs(measured - metres)[short] <= 1e-8 + 2e-9 * metres[short]).all()


@pytest.mark.parametrize("gather", [shapely.multilinestrings, shapely.geometrycollections])
def test_thousands_of_published_geodesics_in_one_feature(gather: object) -> None:
    ends, metres = published()
    whole = np.array([gather(lines_of(ends))], dtype=object)  # type: ignore[operator]
    assert worst(geodesy.line_lengths_m(whole), np.array([math.fsum(metres)])) < 1


def test_a_published_geodesic_walked_to_and_fro_thousands_of_times() -> None:
    # Not the shortest: written as a float, a published longitude is off by up to 1.6 nm, and here
    # it is off by that 4,999 times in the same direction.
    ends, metres = published()
    chosen = np.flatnonzero(metres > 100_000)[::400]
    walks = np.tile(ends[chosen].reshape(-1, 2, 2), (1, 2500, 1))
    true = metres[chosen] * 4999
    assert worst(geodesy.line_lengths_m(shapely.linestrings(walks)), true) < 1


def test_published_geodesics_in_thousands_of_pieces() -> None:
    # Pieces of one geodesic add up to it; geographiclib, not PROJ, places the vertices.
    ends, metres = published()
    for row in range(0, 40, 4):
        lon0, lat0, lon1, lat1 = ends[row]
        line = Geodesic.WGS84.InverseLine(lat0, lon0, lat1, lon1)
        steps = [line.Position(line.s13 * step / 3000) for step in range(1, 3000)]
        inner = [(step["lon2"], step["lat2"]) for step in steps]
        chain = LineString([(lon0, lat0), *inner, (lon1, lat1)])
        measured = geodesy.line_lengths_m(np.array([chain], dtype=object))
        assert worst(measured, metres[row : row + 1]) < 1


def test_a_long_walk_agrees_with_geographiclib() -> None:
    walk = random_walk(4000)
    measured = geodesy.line_lengths_m(np.array([LineString(walk)], dtype=object))
    assert worst(measured, np.array([reference_m(walk)])) < 1


def random_walk(steps: int) -> Floats:
    """Vertices 1 to 50 km apart that wander about Eurasia."""
    random = np.random.default_rng(5)
    metres = np.exp(random.uniform(np.log(1e3), np.log(5e4), steps))
    places = [(70.0, 55.0)]
    for azimuth, way in zip(random.uniform(0, 360, steps), metres, strict=True):
        lon, lat = places[-1]
        azimuth = azimuth if 10 < lat < 70 else 180 * (lat > 0) + 90 * np.sin(azimuth)
        there = Geodesic.WGS84.Direct(lat, lon, azimuth, way)
        places.append((there["lon2"], there["lat2"]))
    return np.array(places)


def reference_m(points: Floats) -> float:
    pairs = zip(points[:-1].tolist(), points[1:].tolist(), strict=True)
    return math.fsum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in pairs)
