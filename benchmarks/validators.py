"""Run one validator on files and print one JSON line a file: verdict, features, places, crash.

Called as a program in a process of its own, so that CPU time, memory and crashes of one tool do
not touch another: ``python validators.py TOOL FILE...``. A folder stands for its files, checked
together (only ours can), of which ``route.geojson`` is the one that is judged.

How the answer of each peer becomes one of the three verdicts is written at its adapter: always
the reading that is best for the peer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
Check = Callable[[Path], Answer]

#: What a tool raises to say no; anything else is a crash.
REFUSALS = (ValueError,)  # JSONDecodeError, UnicodeDecodeError and pydantic's error are this


def ours() -> Check:
    from sco_geo.validation import validate

    def check(path: Path) -> Answer:
        paths = sorted(path.parent.glob("*.geojson")) if "context" in path.parts else [path]
        report = next(file for file in validate(paths).files if file.path == str(path))
        wanted = {"reject": "error", "accept_with_warning": "warning"}.get(report.verdict)
        found = [f for f in report.findings if f.severity == wanted]
        return {
            "verdict": report.verdict,
            "features": sorted({f.feature_index for f in found if f.feature_index is not None}),
            "places": [[f.lon, f.lat] for f in found if f.lon is not None],
            "codes": sorted({f.code for f in found}),
        }

    return check


def geojson_validator() -> Check:
    """Structure errors reject; of the geometry criteria those that the policy calls errors do.

    Winding, repeated points, precision, the antimeridian and a crs member are warnings; holes,
    heights and the number of vertices, which are legal, are left out.
    """
    import geojson_validator as module
    from loguru import logger

    logger.remove()
    fatal = {
        "unclosed", "less_three_unique_nodes", "inner_and_exterior_ring_intersect",
        "self_intersection", "outside_lat_lon_boundaries",
    }  # fmt: skip
    mild = {
        "exterior_not_ccw", "interior_not_cw", "duplicate_nodes",
        "excessive_coordinate_precision", "crosses_antimeridian",
    }  # fmt: skip

    def check(path: Path) -> Answer:
        tree = json.loads(path.read_text(encoding="utf-8"))
        structure = module.validate_structure(tree, check_crs=True)
        crs = {name for name in structure if "crs" in name.lower()}
        wrong = [where for name, where in structure.items() if name not in crs]
        if wrong:
            return _answer("reject", [i for where in wrong for i in where.get("feature", ())])
        result = module.validate_geometries(
            tree,
            criteria_invalid=module.main.INVALID_CRITERIA,
            criteria_problematic=[
                name for name in module.main.PROBLEMATIC_CRITERIA if name in fatal | mild
            ],
        )
        found = result["invalid"] | result["problematic"]
        for names, verdict in ((fatal, "reject"), (mild, "accept_with_warning")):
            rows = [_first(i) for name, items in found.items() if name in names for i in items]
            if rows:
                return _answer(verdict, rows)
        return _answer("accept_with_warning" if crs else "accept", [])

    return check


def _first(item: Any) -> Any:
    """Return the feature of an entry, which names a part of a feature as {feature: [parts]}."""
    return int(next(iter(item))) if isinstance(item, dict) else item


def geojson_pydantic() -> Check:
    """Model errors reject; its Python warnings on collections of one and in collections warn."""
    import warnings

    import geojson_pydantic as module
    from pydantic import TypeAdapter, ValidationError

    geometries = module.geometries.Geometry
    adapter: Any = TypeAdapter(module.FeatureCollection | module.Feature | geometries)

    def check(path: Path) -> Answer:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                adapter.validate_json(path.read_bytes())
            except ValidationError as error:
                places = [e["loc"] for e in error.errors(include_input=False, include_url=False)]
                rows = [p[p.index("features") + 1] for p in places if "features" in p[:-1]]
                return _answer("reject", rows)
        advice = [str(w.message) for w in caught]
        is_advised = any("single" in text or "nested" in text for text in advice)
        return _answer("accept_with_warning" if is_advised else "accept", [])

    return check


def naive() -> Check:
    """What many scripts do: json, shapely's is_valid, and the range of the numbers."""
    import warnings

    import shapely
    from shapely.geometry import shape

    warnings.simplefilter("ignore", RuntimeWarning)  # NaN in a line

    def is_bad(geometry: Any) -> bool:
        west, south, east, north = geometry.bounds if not geometry.is_empty else (0, 0, 0, 0)
        is_inside = -180 <= west and east <= 180 and -90 <= south and north <= 90
        return not (is_inside and shapely.is_valid(geometry))

    def check(path: Path) -> Answer:
        tree = json.loads(path.read_text(encoding="utf-8"))
        features = tree["features"] if tree["type"] == "FeatureCollection" else [tree]
        bad = []
        for index, feature in enumerate(features):
            geometry = feature["geometry"] if feature["type"] == "Feature" else feature
            if geometry is not None and is_bad(shape(geometry)):
                bad.append(index)
        return _answer("reject" if bad else "accept", bad)

    return check


def _answer(verdict: str, features: list[Any]) -> Answer:
    numbers = {index for index in features if isinstance(index, int)}
    return {"verdict": verdict, "features": sorted(numbers)}


TOOLS: dict[str, Callable[[], Check]] = {
    "sco_geo": ours,
    "geojson-validator": geojson_validator,
    "geojson-pydantic": geojson_pydantic,
    "json + shapely": naive,
}


def main(tool: str, files: list[str]) -> None:
    check = TOOLS[tool]()
    for file in files:
        answer: Answer = {"file": file, "features": [], "places": []}
        try:
            answer |= check(Path(file))
        except REFUSALS:
            answer["verdict"] = "reject"
        except Exception as error:  # noqa: BLE001 - a traceback of a peer is a result
            answer |= {"verdict": "crash", "crash": type(error).__name__}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
