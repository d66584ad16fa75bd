"""The baked rail network: both files say the same, and gauges are right where they change.

What is known of each place stands here by hand, from the operators' pages and reports that
`geo/rail_crossings.csv` and `geo/rail_gauges.csv` cite; the network is read as GeoParquet, without
the package.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod

from sco_geo.network import _format

ROOT = Path(__file__).resolve().parents[2]
WGS84 = Geod(ellps="WGS84")

#: A place near a change of gauge, the gauges that must be found on the tracks of each state within
#: the distance in km.
GAUGES = [
    ("Horgos", 80.437, 44.154, 12, {"CHN": "1435", "KAZ": "1520"}),
    ("Dostyk – Alashankou", 82.53, 45.21, 15, {"CHN": "1435", "KAZ": "1520"}),
    ("Erenhot – Zamyn-Uud", 111.95, 43.69, 12, {"CHN": "1435", "MNG": "1520"}),
    ("Manzhouli – Zabaikalsk", 117.38, 49.61, 15, {"CHN": "1435", "RUS": "1520"}),
    ("Suifenhe – Grodekovo", 131.25, 44.41, 20, {"CHN": "1435", "RUS": "1520"}),
    ("Nizhneleninskoye – Tongjiang", 132.669, 47.96, 20, {"CHN": "1435", "RUS": "1520"}),
    ("Brest – Terespol", 23.65, 52.09, 12, {"BLR": "1520", "POL": "1435"}),
    ("Sarakhs – Serakhs", 61.18, 36.52, 12, {"IRN": "1435", "TKM": "1520"}),
    ("Incheh Borun – Akyayla", 54.66, 37.49, 12, {"IRN": "1435", "TKM": "1520"}),
    ("Galaba – Hairatan", 67.41, 37.23, 12, {"AFG": "1520", "UZB": "1520"}),
    ("Akhalkalaki", 43.488, 41.332, 15, {"GEO": "1520"}),
    ("Zahedan", 60.873, 29.481, 15, {"IRN": "1435"}),
    ("Mirjaveh – Taftan", 61.5, 28.98, 20, {"IRN": "1676", "PAK": "1676"}),
    ("Khaf – Rozanak", 60.9, 34.4, 40, {"IRN": "1435", "AFG": "1435"}),
    # Torghundi station itself lies on the boundary of the base.
    ("Torghundi – Serhetabat", 62.28, 35.27, 12, {"TKM": "1520"}),
    ("Aqina – Imamnazar", 65.1, 37.0, 20, {"AFG": "1520"}),
    ("Saryagash – Keles", 69.18, 41.43, 12, {"KAZ": "1520", "UZB": "1520"}),
    ("Jolfa", 45.633, 38.938, 10, {"IRN": "1435"}),
    ("Makmal (planned)", 74.1, 41.25, 20, {"KGZ": "1435 1520"}),
    ("Lahore – Amritsar", 74.57, 31.6, 15, {"PAK": "1676", "IND": "1676"}),
    ("Boten – Mohan", 101.68, 21.19, 15, {"CHN": "1435", "LAO": "1435"}),
    ("Hekou – Lao Cai", 103.97, 22.5, 15, {"CHN": "1435", "VNM": "1000"}),
    ("Padang Besar", 100.32, 6.66, 15, {"THA": "1000", "MYS": "1000"}),
    ("Chop – Zahony", 22.19, 48.42, 15, {"UKR": "1520", "HUN": "1435"}),
]


@cache
def network() -> geopandas.GeoDataFrame:
    return geopandas.read_parquet(ROOT / "geo/rail_network.parquet")


def test_the_two_files_hold_the_same_edges() -> None:
    frame, table = network(), _format.read_network(ROOT / "geo/rail_network.bin")
    assert len(frame) == len(table.start)

    def rows(
        lon: np.ndarray, lat: np.ndarray, columns: list[np.ndarray]
    ) -> list[tuple[object, ...]]:
        ends = [np.round(lon, 3), np.round(lat, 3)]
        points = np.sort(ends[0] * 1e6 + ends[1], axis=1)
        return sorted(zip(*points.T, *columns, strict=True))

    shapes = frame.geometry.values
    ends = np.stack([shapely.get_coordinates(shapely.get_point(shapes, n)) for n in (0, -1)], 1)
    both = np.column_stack([table.start, table.end])
    of_parquet = [np.round(frame.length_km * 1e3).astype(int), frame.country, frame.gauges_mm]
    of_binary = [
        table.length_m,
        np.array(table.countries)[table.country],
        np.array(table.gauges)[table.gauge],
    ]
    left = rows(ends[..., 0], ends[..., 1], [np.asarray(column) for column in of_parquet])
    right = rows(table.node_lon[both], table.node_lat[both], of_binary)
    assert left == right


def test_no_edge_is_shorter_than_the_geodesic() -> None:
    frame = network()
    first = shapely.get_coordinates(shapely.get_point(frame.geometry.values, 0))
    last = shapely.get_coordinates(shapely.get_point(frame.geometry.values, -1))
    metres = WGS84.inv(*first.T, *last.T)[2]
    assert (frame.length_km * 1e3 - metres).min() > -1


def test_the_file_says_whose_data_it_is() -> None:
    meta = _format.read_network(ROOT / "geo/rail_network.bin").meta
    papers = tomllib.loads((ROOT / "geo/rail_network.toml").read_text(encoding="utf-8"))
    assert meta["licence"] == papers["licence"] == "ODbL-1.0"
    assert "© OpenStreetMap contributors, ODbL 1.0" in meta["attribution"]
    assert meta["as_of"] == "2025-08-30"


@pytest.mark.parametrize(
    ("name", "lon", "lat", "reach_km", "known"), GAUGES, ids=[row[0] for row in GAUGES]
)
def test_gauges_where_they_change(
    name: str, lon: float, lat: float, reach_km: float, known: dict[str, str]
) -> None:
    frame = network()
    wide = reach_km / 111.2 / np.cos(np.radians(lat))
    high = reach_km / 111.2
    near = frame[
        frame.geometry.intersects(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
        & frame.status.isin(["operating", "construction"])
    ]
    for country, expected in known.items():
        tracks = near[near.country == country]
        assert len(tracks), f"no track in {country}"
        found = {gauge for key in tracks.gauges_mm for gauge in key.split(";")}
        assert set(expected.split()) <= found, (country, found)


def test_lengths_of_sections_are_met() -> None:
    """Adjusted lengths lie near the published ones; those left out are few and stand in the log."""
    with (ROOT / "geo/rail_sections_fit.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    with (ROOT / "geo/rail_sections.csv").open(encoding="utf-8") as stream:
        published = {row["section_id"]: float(row["length_km"]) for row in csv.DictReader(stream)}
    assert {row["section_id"] for row in rows} <= set(published)
    assert all(float(row["published_km"]) == published[row["section_id"]] for row in rows)
    used = [row for row in rows if row["used"] == "yes"]
    assert len(used) >= 0.97 * len(published)
    off = [abs(float(row["foretold_km"]) / float(row["published_km"]) - 1) for row in used]
    # What the other sections foretell of each, so this is no recording of the adjustment.
    assert np.median(off) < 0.015
