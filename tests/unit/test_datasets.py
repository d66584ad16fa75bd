"""GeoParquet datasets: what is measured, what is written, and what is refused with a reason."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
import struct
from pathlib import Path
from typing import Any

import geopandas as gpd
import geoparquet_files as parquet
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from sco_geo import datasets, measure_dataset, partitions
from sco_geo._geo_blocks import Stretch, read_blocks
from sco_geo._ids import IdLedger, hash_ids
from sco_geo.cli import main
from sco_geo.errors import DatasetError, InputPathError, UsageError, ValidationError


def line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def karney_km(points: list[tuple[float, float]]) -> float:
    """Measure with GeographicLib's own Python code."""
    return math.fsum(
        Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1e3
        for a, b in zip(points[:-1], points[1:], strict=True)
    )


WAYS = [
    [(69.2, 41.3), (76.1, 43.4)],
    [(37.6, 55.75), (49.1, 55.8), (60.6, 56.8)],
    [(179.5, 66.0), (-179.5, 66.1)],
]
MIXED = [
    line(*WAYS[0]),
    {"type": "Point", "coordinates": [69.2, 41.3]},
    None,
    {"type": "MultiLineString", "coordinates": [[list(p) for p in way] for way in WAYS[:2]]},
    {"type": "Polygon", "coordinates": [[[60, 40], [70, 40], [70, 45], [60, 45], [60, 40]]]},
    {"type": "LineString", "coordinates": []},
    line((69.2, 41.3), (692.0, 43.4)),
    line((69.2, 41.3)),
    line((69.2, 41.3), (math.nan, 43.4)),
    line(*WAYS[1]),
]
CODES = ["", "", "GJ121", "", "", "GJ119", "CO106", "GM201", "CO105", ""]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return parquet.write(
        tmp_path / "mixed.parquet", MIXED, group_rows=3,
        id=[f"f{index}" for index in range(len(MIXED))],
        status=["operating", None] * 5, gauges_mm=["1520;1435", "1435"] * 5,
    )  # fmt: skip


def test_lengths_are_those_of_geographiclib_and_features_keep_their_order(
    mixed: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.parquet"
    report = measure_dataset(mixed, output=output)
    one, two, three = (karney_km(way) for way in WAYS)
    expected = [one, None, None, one + two, None, 0.0, None, None, None, two]
    table = pq.read_table(output)
    for computed, wanted in zip(table["length_km"].to_pylist(), expected, strict=True):
        assert computed == (None if wanted is None else pytest.approx(wanted, rel=1e-12))
    assert table["id"].to_pylist() == [f"f{index}" for index in range(len(MIXED))]
    assert table["codes"].to_pylist() == CODES
    verdicts = {"": "accept", "GJ": "accept_with_warning", "CO": "reject", "GM": "reject"}
    assert table["verdict"].to_pylist() == [verdicts[code[:2]] for code in CODES]
    assert table.drop_columns(["length_km", "verdict", "codes"]).equals(pq.read_table(mixed))
    assert report.total_km == pytest.approx(2 * one + 2 * two, rel=1e-12)
    assert report.by_status == {"operating": pytest.approx(one, rel=1e-12)}
    assert report.by_gauge == {
        "1435": pytest.approx(one + 2 * two, rel=1e-12), "1435;1520": pytest.approx(one, rel=1e-12)
    }  # fmt: skip
    assert (report.feature_count, report.line_count) == (10, 4)
    assert three > 0 and report.counts == {c: 1 for c in CODES if c}
    assert sorted(os.listdir(tmp_path)) == ["mixed.parquet", "out.parquet"]


def test_output_is_geoparquet_for_geopandas(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": [1, 2]}, geometry=[shapely.LineString(way) for way in WAYS[:2]], crs="OGC:CRS84"
    )
    frame.to_parquet(tmp_path / "in.parquet")
    measure_dataset(tmp_path / "in.parquet", output=tmp_path / "out.parquet")
    back = gpd.read_parquet(tmp_path / "out.parquet")
    assert back.crs == frame.crs
    assert back.geometry.geom_equals_exact(frame.geometry, 0).all()
    assert back["length_km"].tolist() == [pytest.approx(karney_km(w), rel=1e-12) for w in WAYS[:2]]


@pytest.mark.parametrize("most", [1, 7, 60, 500_000])
def test_numbers_do_not_depend_on_the_partitions(most: int, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    ways = [random.uniform((0, 20), (140, 60), (n, 2)) for n in random.integers(2, 40, 200)]
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(way) for way in ways], crs="OGC:CRS84")
    frame.to_parquet(tmp_path / "in.parquet", row_group_size=37)
    report = measure_dataset(
        tmp_path / "in.parquet", output=tmp_path / "out", partition_vertices=most
    )
    whole = measure_dataset(tmp_path / "in.parquet", output=tmp_path / "whole.parquet")
    assert report.total_km.hex() == whole.total_km.hex()
    lengths = [pq.read_table(tmp_path / name)["length_km"] for name in ("out", "whole.parquet")]
    assert lengths[0].to_pylist() == lengths[1].to_pylist()
    assert report.total_km == math.fsum(lengths[1].to_pylist())
    assert report.partitions == len(list((tmp_path / "out").glob("*.parquet")))


@given(
    st.lists(st.just(0.0) | st.floats(1e-12, 2e4), min_size=1, max_size=30),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_sums_of_sums_are_exact(lengths: list[float], cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(lengths)]
    parts = [partitions.Sum.of(lengths[a:b]) for a, b in itertools.pairwise(edges)]
    total = partitions.Sum()
    for part in parts:
        total = partitions.Sum.merge([total, part])
    assert total.km.hex() == partitions.Sum.of(lengths).km.hex() == math.fsum(lengths).hex()


def test_a_stretch_is_its_rows_and_no_others(tmp_path: Path) -> None:
    path = parquet.write(
        tmp_path / "in.parquet", [parquet.LINE] * 20, group_rows=10, id=list(map(str, range(20)))
    )
    (file,) = datasets._open([path])
    stretches = ((0, 3, 4), (1, 0, 1), (1, 9, 1), (0, 0, 10))
    for most in (1, 8, 1_000_000):
        for group, skip, rows in stretches:
            blocks = read_blocks(file, Stretch((group,), skip, rows, 2.0), ["id", "geometry"], most)
            ids = [name for block in blocks for name in block["id"].to_pylist()]
            assert ids == [str(10 * group + skip + row) for row in range(rows)]


def test_a_report_shows_the_first_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MOST_FEATURES", 5)
    names = [str(n) for n in range(12)]
    path = parquet.write(tmp_path / "in.parquet", [parquet.LINE] * 12, group_rows=3, id=names)
    for most in (1, 10, 1000):
        report = measure_dataset(path, partition_vertices=most)
        assert [row.id for row in report.rows] == names[:5]
        assert report.to_dict()["features_left_out"] == 7


def test_a_file_counts_once_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet.write(tmp_path / "in.parquet", [parquet.LINE])
    (tmp_path / "link.parquet").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    report = measure_dataset(["in.parquet", path, tmp_path, tmp_path / "link.parquet"])
    assert (report.files, report.feature_count) == (("in.parquet",), 1)
    assert "would replace" in refused(path, output="link.parquet")
    assert "would replace" in refused(Path("in.parquet"), output=path)


def test_the_box_of_one_file_is_not_that_of_all(tmp_path: Path) -> None:
    """A reader that looks for features in a box would pass over those of the other file."""
    files = []
    for number, lon in enumerate((10, 100)):
        ways = [shapely.LineString([(lon, 40), (lon + 1, 41)])]
        frame = gpd.GeoDataFrame(geometry=ways, crs="OGC:CRS84")
        files.append(tmp_path / f"{number}.parquet")
        frame.to_parquet(files[-1])
    measure_dataset(files, output=tmp_path / "out.parquet")
    geo = json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"geo"])
    assert "bbox" not in geo["columns"]["geometry"]
    assert len(gpd.read_parquet(tmp_path / "out.parquet")) == 2


def test_plan_bounds_vertices_and_leaves_out_no_row(tmp_path: Path) -> None:
    ways = [line(*[(60 + i / 100, 40.0) for i in range(n)]) for n in (2, 2, 1000, 2, 2, 2)]
    path = parquet.write(tmp_path / "in.parquet", ways, group_rows=2)
    file = datasets._open([path])
    plan = partitions.plan(file, 300)
    stretches = [(p.stretch.row_groups, p.stretch.skip, p.stretch.rows) for p in plan]
    assert stretches == [((0,), 0, 2), ((1,), 0, 1), ((1,), 1, 1), ((2,), 0, 2)]
    assert [p.first_row for p in plan] == [0, 2, 3, 4]
    together = partitions.plan(file, 100_000)
    assert [p.stretch.row_groups for p in together] == [(0, 1, 2)]


@pytest.mark.parametrize(
    ("encoding", "geometries"),
    [
        ("linestring", [shapely.LineString(WAYS[0]), None, shapely.LineString(WAYS[1])]),
        ("multilinestring", [shapely.MultiLineString(WAYS[:2]), shapely.MultiLineString(WAYS)]),
        ("polygon", [shapely.box(60, 40, 70, 45), None]),
        ("point", [shapely.Point(60, 40), shapely.Point(0, 0)]),
        ("multipoint", [shapely.MultiPoint([(60, 40), (61, 41)]), None]),
        ("multipolygon", [shapely.MultiPolygon([shapely.box(60, 40, 70, 45)])]),
    ],
)
def test_native_encodings_give_the_same_as_wkb(
    encoding: str, geometries: list[Any], tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame({"id": range(len(geometries))}, geometry=geometries, crs="OGC:CRS84")
    reports = []
    for name in ("WKB", "geoarrow"):
        path = tmp_path / f"{name}.parquet"
        frame.to_parquet(path, geometry_encoding=name)
        reports.append(measure_dataset(path, partition_vertices=1))
    about = json.loads(pq.read_schema(path).metadata[b"geo"])["columns"]["geometry"]
    assert about["encoding"] == encoding
    wkb, native = reports
    assert native.rows[0].length_km == wkb.rows[0].length_km
    assert (native.total_km, native.counts) == (wkb.total_km, wkb.counts)


def test_one_bad_native_geometry_spoils_no_other(tmp_path: Path) -> None:
    points = [[{"x": x, "y": y} for x, y in way] for way in (WAYS[0], [(69.2, 41.3)], WAYS[1])]
    kind = pa.list_(pa.struct([("x", pa.float64()), ("y", pa.float64())]))
    geo = {"primary_column": "way", "columns": {"way": {"encoding": "linestring"}}}
    table = pa.table({"way": pa.array(points, kind)})
    path = tmp_path / "native.parquet"
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    report = measure_dataset(path)
    assert report.counts == {"GM201": 1}
    assert [row.length_km is None for row in report.rows] == [False, True, False]


def test_broken_bytes_name_the_feature(tmp_path: Path) -> None:
    good = parquet.to_wkb(line(*WAYS[0]))
    assert good is not None
    bad = [good[:-1], b"", b"no wkb", good[:5] + b"\xff" * 4, struct.pack("<BI", 1, 99)]
    path = parquet.write(tmp_path / "in.parquet", [good, *bad], id=list("abcdef"))
    report = measure_dataset(path)
    assert report.counts == {"GJ123": 5}
    assert [f.feature_id for f in report.samples] == list("bcdef")
    text = report.samples[0].to_text()
    assert text.startswith(f'{path}: in: feature 1 (id "b"): GJ123 error: ')
    assert report.exit_code() == 1 and report.line_count == 1


def test_two_with_one_id_are_found_across_files(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for name, ids in (("part.2", ["a", "b"]), ("part.10", ["c", "a"]), ("part.1", ["b", None])):
        parquet.write(folder / f"{name}.parquet", [parquet.LINE] * 2, id=ids, group_rows=1)
    (folder / "_SUCCESS").write_text("")
    (folder / "notes.txt").write_text("no data")
    report = measure_dataset(folder)
    assert [Path(file).name for file in report.files] == [
        "part.1.parquet", "part.2.parquet", "part.10.parquet",
    ]  # fmt: skip
    assert report.counts == {"TP401": 2}
    places = [(Path(str(f.path)).name, f.feature_index, f.message) for f in report.samples]
    assert places == [
        ("part.2.parquet", 1, f"the id is already that of feature 0 of {folder}/part.1.parquet"),
        ("part.10.parquet", 1, f"the id is already that of feature 0 of {folder}/part.2.parquet"),
    ]


@pytest.mark.parametrize("most_held", [1, 7, 10_000])
def test_repeats_are_found_however_much_is_held_in_memory(most_held: int, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    ids: list[str | None] = [f"x{n}" for n in random.integers(0, 400, 1_000)]
    ids[5] = ids[7] = None
    ledger = IdLedger(tmp_path, most_held=most_held)
    for begin in (500, 0, 900):  # parts come in any order
        part = ids[begin : {500: 900, 0: 500, 900: 1_000}[begin]]
        ledger.add(hash_ids(part), begin)
    series = pd.Series(ids).dropna()
    first = {name: rows[0] for name, rows in series.groupby(series).groups.items()}
    expected = [(row, first[name]) for row, name in series[series.duplicated()].items()]
    assert sorted(ledger.repeats()) == expected


def write_bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refused(path: Path, **options: Any) -> str:
    with pytest.raises((DatasetError, InputPathError, UsageError, ValidationError)) as caught:
        measure_dataset(path, **options)
    return str(caught.value)


def test_files_that_are_no_geoparquet_are_refused(tmp_path: Path) -> None:
    good = parquet.write(tmp_path / "good.parquet", [parquet.LINE] * 100)
    data = good.read_bytes()
    cut = write_bytes(tmp_path / "cut.parquet", data[: len(data) // 2])
    assert refused(cut).startswith(f"{cut}: no Parquet file, or cut off")
    empty = write_bytes(tmp_path / "empty.parquet", b"")
    assert refused(empty).startswith(f"{empty}: no Parquet file, or cut off")
    plain = parquet.write(tmp_path / "plain.parquet", [parquet.LINE], geo=False)
    assert refused(plain).startswith(f"{plain}: Parquet, but no GeoParquet")
    for geo, words in (
        ("{", "is no JSON"), ("[]", "names no columns"), ("{}", "names no columns"),
        ({"columns": {}}, "primary column None"),
        ({"primary_column": "shape", "columns": {"shape": {}}}, "is not in the table"),
    ):  # fmt: skip
        path = parquet.write(tmp_path / "geo.parquet", [parquet.LINE], geo=geo)
        assert words in refused(path)
    path = parquet.write(tmp_path / "twkb.parquet", [parquet.LINE], column={"encoding": "TWKB"})
    assert "'TWKB'" in refused(path)
    assert "no such file" in refused(tmp_path / "missing.parquet")
    folder = tmp_path / "folder.parquet"
    folder.mkdir()
    assert "a directory without" in refused(folder)


def test_damaged_pages_are_named(tmp_path: Path) -> None:
    path = parquet.write(
        tmp_path / "in.parquet",
        [line((60, 40), (60, n / 100)) for n in range(1000)],
        group_rows=500,
    )
    data = bytearray(path.read_bytes())
    data[40:400] = b"\xff" * 360
    path.write_bytes(data)
    assert refused(path, output=tmp_path / "out.parquet").startswith(
        f"{path}: row groups 0 to 1 cannot be read"
    )
    assert os.listdir(tmp_path) == ["in.parquet"]


CRS84 = gpd.GeoSeries([], crs="OGC:CRS84").crs.to_json_dict()


@pytest.mark.parametrize(
    ("crs", "codes", "name"),
    [
        ("OGC:CRS84", {}, "OGC:CRS84"), ("EPSG:4326", {}, "EPSG:4326"),
        ("EPSG:4284", {"GJ113": 1}, "EPSG:4284"), (None, {"GJ115": 1}, "unknown"),
        ("EPSG:4979", {}, "EPSG:4979"), ("EPSG:9707", {}, "WGS 84"),
    ],
)  # fmt: skip
def test_systems_in_degrees(crs: str | None, codes: Any, name: str, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(WAYS[0])], crs=crs)
    frame.to_parquet(tmp_path / "in.parquet")
    report = measure_dataset(tmp_path / "in.parquet")
    assert report.counts == codes
    assert datasets._open([tmp_path / "in.parquet"])[0].crs == name
    assert report.total_km == pytest.approx(karney_km(WAYS[0]), rel=1e-12)


@pytest.mark.parametrize(
    "crs", ["EPSG:3857", "EPSG:28483", "EPSG:4807", "EPSG:4978", "EPSG:4805", "IAU_2015:30100"]
)
def test_other_systems_are_refused(crs: str, tmp_path: Path) -> None:
    """Metres; metres of a region; grads; metres from the centre; degrees of Ferro, of the moon."""
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(WAYS[0])], crs=crs)
    frame.to_parquet(tmp_path / "in.parquet")
    text = refused(tmp_path / "in.parquet")
    assert "GJ114 error: the coordinates are in " + crs.replace("_2015", "") in text


def test_nothing_in_a_file_is_no_error(tmp_path: Path) -> None:
    path = parquet.write(tmp_path / "in.parquet", [])
    for name in ("out.parquet", "out"):
        report = measure_dataset(path, output=tmp_path / name)
        assert (report.feature_count, report.total_km, report.counts) == (0, 0.0, {})
        assert pq.read_table(tmp_path / name).column_names[-3:] == ["length_km", "verdict", "codes"]
    with pq.ParquetWriter(tmp_path / "none.parquet", pq.read_schema(path)):
        pass
    assert measure_dataset(tmp_path / "none.parquet").partitions == 0


def test_further_geometry_columns_are_kept(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"middle": gpd.GeoSeries([shapely.Point(70, 42)], crs="OGC:CRS84")},
        geometry=[shapely.LineString(WAYS[0])], crs="OGC:CRS84",
    )  # fmt: skip
    frame.to_parquet(tmp_path / "in.parquet")
    report = measure_dataset(tmp_path / "in.parquet", output=tmp_path / "out.parquet")
    assert (report.geometry_column, report.other_geometry_columns) == ("geometry", ("middle",))
    back = gpd.read_parquet(tmp_path / "out.parquet")
    assert back["middle"].geom_equals(frame["middle"]).all()


def test_output_never_replaces_what_is_measured_or_what_it_does_not_know(tmp_path: Path) -> None:
    path = parquet.write(tmp_path / "in.parquet", [parquet.LINE])
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    (tmp_path / "folder.parquet").mkdir()
    parquet.write(tmp_path / "taken.parquet", [parquet.LINE], verdict=["mine"])
    parquet.write(tmp_path / "other.parquet", [parquet.LINE], name=["other"])
    assert "would replace" in refused(path, output=path)
    assert "is there already" in refused(path, output=tmp_path / "folder")
    assert "is a directory" in refused(path, output=tmp_path / "folder.parquet")
    assert "no such directory" in refused(path, output=tmp_path / "none" / "out.parquet")
    assert "already a column verdict" in refused(
        tmp_path / "taken.parquet", output=tmp_path / "out.parquet"
    )
    with pytest.raises(DatasetError, match=r"name \(missing and string\)"):
        measure_dataset([path, tmp_path / "other.parquet"], output=tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_parts_by_country_add_up(tmp_path: Path) -> None:
    path = parquet.write(tmp_path / "in.parquet", [line(*way) for way in WAYS])
    report = measure_dataset(path, by_country=True, output=tmp_path / "out.parquet")
    assert report.by_country is not None
    assert sum(report.by_country.values()) == pytest.approx(report.total_km, rel=1e-9)
    assert {"KAZ", "RUS", "UZB"} <= set(report.by_country)
    columns = pq.read_table(tmp_path / "out.parquet").to_pydict()
    for km, parts in zip(columns["length_km"], columns["length_by_country"], strict=True):
        assert sum(dict(parts).values()) == pytest.approx(km, rel=1e-9)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["length", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_command_prints_json_with_samples(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, mixed, "--format", "json")
    answer = json.loads(out)
    assert (code, err) == (1, "")
    assert answer["dataset"]["feature_count"] == len(answer["features"]) == 10
    assert answer["features"][0]["id"] == "f0"
    assert answer["total_km"] == measure_dataset(mixed).total_km
    assert answer["findings"]["counts"] == {c: 1 for c in sorted(CODES) if c}
    assert {s["code"]: s["feature_id"] for s in answer["findings"]["samples"]} == {
        code: f"f{index}" for index, code in enumerate(CODES) if code
    }
    assert answer["findings"]["errors"] == 3 and answer["findings"]["warnings"] == 2


def test_command_prints_a_table(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, mixed, "--by", "status")
    assert code == 1
    assert 'feature 6 (id "f6"): at [692, 43.4]: CO106 error' in out
    assert [text.split()[0] for text in out.splitlines()[-4:-1]] == ["operating", "not", "total"]
    assert out.splitlines()[-1].startswith("10 feature(s), 4 with a length")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in.parquet", "layers"], "runs of their own"),
        (["layers", "--engine", "dask"], "--engine: for GeoParquet only"),
        (["in.parquet", "--claims"], "for the layers of a project"),
        (["in.parquet", "--workers", "2"], "go with --engine dask"),
        (["in.parquet", "--engine", "dask", "--workers", "0"], "0 workers cannot work"),
        (["in.parquet", "--partition-vertices", "0"], "give one or more"),
        (["in.parquet", "--engine", "dask", "--scheduler", "tcp://h:1", "--workers", "2"],
         "has its own"),
        (["in.parquet", "--engine", "dask", "--scheduler", "nowhere"], "write tcp://HOST:PORT"),
        (["missing.parquet"], "no such file"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_2(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    parquet.write(tmp_path / "in.parquet", [parquet.LINE])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layers").mkdir()
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err and "Traceback" not in err


@pytest.mark.parametrize("missing", ["pyarrow", "distributed"])
def test_missing_packages_are_named(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = parquet.write(tmp_path / "in.parquet", [parquet.LINE])
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    monkeypatch.setitem(__import__("sys").modules, f"{missing}.parquet", None)
    code, _, err = run(capsys, path, "--engine", "dask")
    extra = {"pyarrow": "parquet", "distributed": "dask"}[missing]
    assert code == 2 and f"pip install 'sco-geo[{extra}]'" in err


def test_columns_must_fit_the_metadata(tmp_path: Path) -> None:
    geo = {"primary_column": "way", "columns": {"way": {"encoding": "WKB"}}}
    for columns, words in (
        ([pa.array([1])], "says WKB, but its values are int64"),
        ([pa.array([b"x"]), pa.array([b"y"])], "two columns have the name 'way'"),
    ):
        table = pa.table(columns, names=["way"] * len(columns))
        path = tmp_path / "in.parquet"
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        assert words in refused(path)


def test_names_with_points_and_nested_columns_are_kept(tmp_path: Path) -> None:
    geo = {"primary_column": "way.wkb", "columns": {"way.wkb": {"encoding": "WKB"}}}
    table = pa.table(
        {"a.b": [1, 2], "s": [{"x": 1}, {"x": 2}], "way.wkb": [parquet.to_wkb(line(*WAYS[0]))] * 2}
    ).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, tmp_path / "in.parquet")
    assert datasets._open([tmp_path / "in.parquet"])[0].row_groups[0].vertices > 0
    report = measure_dataset(tmp_path / "in.parquet", output=tmp_path / "out.parquet")
    assert report.line_count == 2
    kept = pq.read_table(tmp_path / "out.parquet").select(table.column_names)
    assert kept.equals(table)


def test_a_directory_with_layers_is_no_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet.write(tmp_path / "in.parquet", [parquet.LINE])
    feature = {"type": "Feature", "id": "x", "properties": {}, "geometry": line(*WAYS[0])}
    (tmp_path / "line.geojson").write_text(json.dumps(feature))
    code, out, _ = run(capsys, tmp_path, "--format", "json")
    assert code == 0 and "dataset" not in json.loads(out)


def test_sums_of_too_many_values_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_MOST_VALUES", 3)
    path = parquet.write(
        tmp_path / "in.parquet", [parquet.LINE] * 8, group_rows=2,
        system=[f"s{n}" for n in range(8)], status=["planned", "operating"] * 4,
    )  # fmt: skip
    report = measure_dataset(path, partition_vertices=5)
    assert report.partitions > 1
    assert (report.by_system, report.not_summed) == ({}, ("system",))
    assert sorted(report.by_status) == ["operating", "planned"]


def test_the_short_method_is_what_it_says(tmp_path: Path) -> None:
    # Segments of some 11 km, so that Bowring's formula differs from Karney's in the last digits.
    ways = [
        [(lon / 10, 50 + lon / 40) for lon in range(400 + 30 * n, 430 + 30 * n)] for n in (0, 1)
    ]
    path = parquet.write(tmp_path / "in.parquet", [line(*way) for way in ways])
    rows = measure_dataset(path, method="short", by_country=True).to_dict()["features"]
    exact = [karney_km(way) for way in ways]
    for row, km in zip(rows, exact, strict=True):
        assert row["method"] == "short"
        assert row["length_km"] == pytest.approx(km, rel=2e-9)
        assert row["length_km"] != pytest.approx(km, rel=1e-15)
        assert sum(row["by_country"].values()) == pytest.approx(row["length_km"], rel=1e-13)


def test_a_sum_that_was_given_up_stays_so() -> None:
    """A partition with too many values has no sums; those of the others would be a part."""
    one = partitions.PartitionResult(given_up={"system"})
    other = partitions.PartitionResult(sums={("system", "a"): partitions.Sum(5.0)})
    for first, second in ((one, other), (other, one)):
        total = partitions.PartitionResult()
        total.add(first)
        total.add(second)
        assert (total.sums, total.given_up) == ({}, {"system"})


@pytest.mark.parametrize(
    ("by", "column", "rows"),
    [
        ("status", "status", ["operating", "not stated"]),
        ("gauge", "gauges_mm", ["not stated"]),
        ("system", "system", ["not stated"]),
    ],
)
def test_printed_sums_add_up_and_name_the_column_that_is_missing(
    by: str, column: str, rows: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gauge stands in a column of another name, and half of the lines have no status."""
    path = parquet.write(
        tmp_path / "in.parquet", [line(*WAYS[0]), line(*WAYS[1])],
        status=["operating", None], gauge=["1435", "1520"],
    )  # fmt: skip
    code, out, _ = run(capsys, path, "--by", by)
    found = [text for text in out.splitlines() if re.match(r".*\d\.\d\d\b", text)]
    assert code == 0 and [text[:44].strip() for text in found] == [*rows, "total"]
    *parts, total = [float(text[44:56].replace(",", "")) for text in found]
    assert sum(parts) == pytest.approx(total, abs=0.011)
    assert f'"{column}"' in found[-2]


def test_the_page_names_the_members_of_the_report(mixed: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "scale.md"
    table = page.read_text("utf-8").split("| member | holds |")[1].split("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall("`(.*?)`", row)}
    report = measure_dataset(mixed).to_dict()
    members = {*report, *report["dataset"], *report["findings"], *report["features"][0]}
    assert named - {"validate"} == members


def test_interrupted_by_the_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "measure_dataset", stop)
    assert run(capsys, "in.parquet") == (130, "", "sco-geo: interrupted\n")
