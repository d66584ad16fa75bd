"""Build the disputed areas and lines of geo/ from the base and the world map of QGIS.

Run from anywhere, after build_geo.py: ``python scripts/build_disputed.py --world-map FILE``, or
without the option where ``apt-get`` and ``dpkg`` can fetch the package. See scripts/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from _disputed import Base, Source, Spec, build_shapes  # noqa: E402
from _disputed_sidecars import sidecar  # noqa: E402
from _disputed_tables import (  # noqa: E402
    CASE_COLUMNS,
    Tables,
    case_rows,
    distance_km,
    properties_of,
    read_package,
    read_tables,
    spec_of,
)
from _output import OutFeature, canonical, write_csv, write_geojson, write_toml  # noqa: E402
from _territories import area_km2  # noqa: E402

PACKAGE = "qgis-common"
WORLD_MAP = "usr/share/qgis/resources/data/world_map.gpkg"
WORLD_MAP_SHA256 = "ff5cceefc4b27abea094fa82459d8aef9417023236c326a666978b62ffe85db2"
BASE_ACCURACY_KM = 0.4
DRAWING_TOLERANCE_KM = 2.0
SNAP_KM = {"territory-": (0.25, 4.0), "drawing-": (10.0, 15.0)}
"""Longest move of an end, in km: of a line of the package, of a province line."""

Shapes = Mapping[str, BaseGeometry]
log = logging.getLogger("build_disputed")


def main(arguments: list[str] | None = None) -> int:
    """Build the four files and the table of cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--world-map", type=Path, help="world_map.gpkg of qgis-common 3.22.16")
    parser.add_argument(
        "--geo", type=Path, default=ROOT / "geo", help="directory to read and write"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        path = options.world_map or fetch_world_map(Path(scratch))
        check_hash(path)
        source, line_names = read_package(path)
    tables = read_tables(ROOT / "scripts")
    specs = [spec_of(row) for row in tables.features]
    full = make_shapes("territory-", options.geo / "territories.geojson", specs, source)
    drawn = make_shapes(
        "drawing-", options.geo / "territories_display.geojson", specs, source, full
    )
    write_all(full, drawn, tables, source, line_names, options.geo)
    write_toml(options.geo / "disputed.toml", sidecar(WORLD_MAP_SHA256))
    drawing = sidecar(WORLD_MAP_SHA256, drawing_tolerance_km=DRAWING_TOLERANCE_KM)
    write_toml(options.geo / "disputed_display.toml", drawing)
    write_csv(options.geo / "disputed_cases.csv", CASE_COLUMNS, case_rows(tables))
    return 0


def fetch_world_map(folder: Path) -> Path:
    """Fetch the Debian package into `folder` and unpack it there."""
    subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True, stdout=sys.stderr)
    (archive,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)
    return folder / WORLD_MAP


def check_hash(path: Path) -> None:
    """Stop unless the file is the one that the tables were made for."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WORLD_MAP_SHA256:
        raise ValueError(f"{path.name} has sha256 {found}, not {WORLD_MAP_SHA256}")


def make_shapes(
    prefix: str, path: Path, specs: list[Spec], source: Source, like: Shapes | None = None
) -> dict[str, BaseGeometry]:
    """Cut one set of territories and say how far the ends of lines were moved."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    territories = {
        feature["id"].removeprefix(prefix): shapely.geometry.shape(feature["geometry"])
        for feature in features
    }
    snap_km, province_snap_km = SNAP_KM[prefix]
    tolerance_km = 0.0 if like is None else DRAWING_TOLERANCE_KM
    base = Base(territories, snap_km, province_snap_km, tolerance_km, {})
    shapes = build_shapes(specs, source, base, like)
    areas = [shape for shape in shapes.values() if shapely.get_dimensions(shape) == 2]
    if not shapely.is_valid(areas).all() or not shapely.coverage_is_valid(areas):
        raise ValueError(f"{path.name}: areas overlap, or neighbours do not share their vertices")
    moved = ", ".join(f"{km:.2f} km {place}" for place, km in _longest(base.moved_km))
    count = int(shapely.get_num_coordinates(list(shapes.values())).sum())
    log.info("%s: %d shapes, %d vertices; ends moved: %s", path.name, len(shapes), count, moved)
    return shapes


def _longest(moved_km: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(moved_km.items(), key=lambda item: -item[1])[:5]


def write_all(
    full: Shapes,
    drawn: Shapes,
    tables: Tables,
    source: Source,
    line_names: Mapping[str, str],
    geo: Path,
) -> None:
    """Write the full set and the drawing set; the latter says how far it is off the former."""
    outputs: dict[str, list[OutFeature]] = {"disputed": [], "disputed_display": []}
    for row in tables.features:
        shape, simple = full[row["id"]], drawn[row["id"]]
        accuracy_km = BASE_ACCURACY_KM
        if row["method"] == "province":
            accuracy_km += _province_km(row["with"], shape, source)
        is_area = shapely.get_dimensions(shape) == 2
        area = round(area_km2(shape)) if is_area else None
        drawn_km = accuracy_km + distance_km(shape, simple)
        for name, prefix, geometry, km in (
            ("disputed", "", shape, accuracy_km),
            ("disputed_display", "drawing-", simple, drawn_km),
        ):
            properties = properties_of(
                row,
                tables,
                line_names,
                base_code=row["of"].upper() if is_area and len(row["of"]) == 3 else "",
                accuracy_km=round(km, 1),
                area_km2=area,
            )
            outputs[name].append(OutFeature(prefix + row["id"], canonical(geometry), properties))
    for name, features in outputs.items():
        write_geojson(geo / f"{name}.geojson", features)


def _province_km(name: str, shape: BaseGeometry, source: Source) -> float:
    """Measure how far the package's simplified outline of a province lies from the base's, in km.

    Only where the province meets the border of the state, where the base knows better.
    """
    states = shapely.union_all(np.array(list(source.provinces.values()), dtype=object))
    outer = shapely.intersection(shape.boundary, states.boundary.buffer(0.05))
    return distance_km(outer, states)


if __name__ == "__main__":
    sys.exit(main())
