"""A project made for one test: layers, sidecars, tables and the territories around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sco_geo.model import Finding
from sco_geo.sources import COLUMNS
from sco_geo.validation import check

AS_OF = "2025-08-30"
SIDECAR = 'title = "x"\n[systems.the-system]\nen = "The system"\n'


def box(code: str, lon: float, lat: float = 35, *, width: float = 10) -> dict[str, Any]:
    ring = [[lon, lat], [lon + width, lat], [lon + width, lat + 10], [lon, lat + 10], [lon, lat]]
    return {
        "type": "Feature",
        "id": f"territory-{code.lower()}",
        "properties": {"name": code, "kind": "territory", "countries": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


class Folder:
    """A directory of layers with tables; three neighbours AAA, BBB, CCC from 60 to 90° E."""

    def __init__(self, root: Path) -> None:
        self.root = root / "layers"
        self.root.mkdir()
        self.context = root / "territories.geojson"
        self.save(self.context, [box("AAA", 60), box("BBB", 70), box("CCC", 80)])
        self.table("sources.csv", "paper,A,Paper,,2025,,,", "atlas,B,Atlas,,,,,")

    def table(self, name: str, *rows: str) -> None:
        head = ",".join(COLUMNS[name])
        (self.root / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")

    def layer(self, name: str, *features: dict[str, Any], sidecar: str | None = SIDECAR) -> Path:
        path = self.root / f"{name}.geojson"
        self.save(path, list(features))
        if sidecar is not None:
            path.with_suffix(".toml").write_text(sidecar, encoding="utf-8")
        return path

    @staticmethod
    def save(path: Path, features: list[dict[str, Any]]) -> None:
        lines = ",\n".join(json.dumps(feature) for feature in features)
        path.write_text(
            f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}', encoding="utf-8"
        )

    def findings(self) -> list[Finding]:
        run = check([self.root], context=[self.context], as_of=AS_OF)
        return list(run.report.findings)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def line() -> dict[str, Any]:
    """A railway through AAA and BBB, complete, with stated ends; 852.4 km on the parallel."""
    return {
        "type": "Feature",
        "id": "line-one",
        "properties": {
            "name": "Line one",
            "kind": "railway",
            "system": "the-system",
            "status": "operating",
            "opened": "2020-05",
            "countries": "AAA;BBB",
            "gauges_mm": "1435;1520",
            "geometry_basis": "waypoints",
            "accuracy_km": 5,
            "terminus": "West yard; East yard",
            "sources": "paper; atlas",
        },
        "geometry": {"type": "LineString", "coordinates": [[65, 40], [75, 40]]},
    }
