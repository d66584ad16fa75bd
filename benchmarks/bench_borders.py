"""Compare the split by country with an overlay of GeoPandas: time, memory, and the answers.

    python benchmarks/bench_borders.py [--lines 100000] [--repeats 3] [--write]

Prints Markdown; with ``--write`` puts it into docs/border-split.md as well. Each way runs in a
process of its own, on the same lines, read before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import runs
from pages import table, write

PAGE = "border-split.md"
VERTICES, SEED = 20, 5
#: Lines whose answers are compared with those of an overlay of densified lines, and the step.
DENSE_LINES, DENSE_KM = 3_000, 0.25
#: A part shorter than this joins the longest part of its line, as `sco_geo` does it, in km.
CRUMB_KM = 0.01
OURS, OVERLAY, DENSE = "sco_geo", "overlay", "overlay of densified lines"


def make_lines(count: int) -> Any:
    """Make walks over Eurasia: legs of 1 to 50 km (log-uniform), with a heading that drifts.

    The first lines are the same whatever the number. Few at a time take little memory.
    """
    import numpy as np

    random = np.random.default_rng(SEED)
    sizes = [min(1_000, count - begin) for begin in range(0, count, 1_000)]
    return np.concatenate([_walks(random.random((size, VERTICES, 2))) for size in sizes])


def _walks(random: Any) -> Any:
    import numpy as np
    import shapely

    points = np.empty_like(random)
    points[:, 0] = (-10, 10) + random[:, 0] * (160, 60)
    drift = (random[:, :, 0] - 0.5) * 1.2
    drift[:, 0] = random[:, ::5, 1].sum(axis=1) * 2 * np.pi
    heading, degrees = np.cumsum(drift, axis=1), 50 ** random[:, :, 1] / 111.2
    for n in range(1, VERTICES):
        lat = points[:, n - 1, 1]
        north = degrees[:, n] * np.cos(heading[:, n])
        east = degrees[:, n] * np.sin(heading[:, n]) / np.cos(np.radians(lat))
        points[:, n] = points[:, n - 1] + np.column_stack([east, north])
    return shapely.linestrings(np.round(points, 6))


def read_states(with_disputed: bool) -> Any:
    from sco_geo import borders

    geo = runs.ROOT / "geo"
    disputed = [geo / "disputed.geojson"] if with_disputed else []
    return borders.read_territories(*disputed, geo / "territories.geojson")


def by_overlay(lines: Any, states: Any) -> list[dict[str, float]]:
    """Do what a user would write: cut by an overlay, then measure the pieces."""
    import geopandas as gpd
    from pyproj import Geod

    routes = gpd.GeoDataFrame({"line": range(len(lines))}, geometry=lines, crs="OGC:CRS84")
    areas = gpd.GeoDataFrame({"code": states.codes}, geometry=states.polygons, crs="OGC:CRS84")
    pieces = gpd.overlay(routes, areas, how="intersection", keep_geom_type=True)
    geod = Geod(ellps="WGS84")
    pieces["km"] = [geod.geometry_length(piece) / 1e3 for piece in pieces.geometry]
    parts: list[dict[str, float]] = [{} for _ in lines]
    for (line, code), km in pieces.groupby(["line", "code"])["km"].sum().items():
        parts[line][code] = km
    return parts


def densified(lines: Any) -> Any:
    import numpy as np
    import shapely

    from sco_geo.geodesy import densify

    return np.array(
        [shapely.LineString(densify(shapely.get_coordinates(line), DENSE_KM)[0]) for line in lines],
        dtype=object,
    )


def run(way: str, count: int, with_disputed: bool, answers: Path) -> None:
    """Split in this process, and print what it took."""
    from sco_geo.borders import split_by_country

    lines, states = make_lines(count), read_states(with_disputed)
    if way == DENSE:
        lines = densified(lines)
    split: Callable[[Any, Any], Any] = split_by_country if way == OURS else by_overlay
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu, wall = time.process_time(), time.perf_counter()
    parts = split(lines, states)
    cost = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(cost | {"peak_mb": peak_mb, "more_mb": peak_mb - before_mb}))
    answers.write_text(json.dumps(parts), encoding="utf-8")


def completed(parts: dict[str, float], whole_km: float) -> dict[str, float]:
    """Add what an overlay leaves out, the part outside, and join parts that are rounding."""
    rest = whole_km - sum(parts.values()) + parts.pop("outside", 0.0)
    parts |= {"outside": rest} if rest > 0 else {}
    longest = max(parts, key=lambda code: parts[code])
    kept = {code: km for code, km in parts.items() if km >= CRUMB_KM or code == longest}
    kept[longest] += sum(km for code, km in parts.items() if code not in kept)
    return kept


def compare(ours: Path, theirs: Path) -> None:
    """Print how far two answers for the same lines lie apart."""
    mine, other = (json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs))
    apart, total, off = [], {}, {}
    for one, two in zip(mine, other, strict=False):
        two = completed(two, sum(one.values()))
        for code in one.keys() | two.keys():
            total[code] = total.get(code, 0.0) + one.get(code, 0.0)
            off[code] = off.get(code, 0.0) + one.get(code, 0.0) - two.get(code, 0.0)
        codes = one.keys() | two.keys()
        apart.append(max(abs(one.get(c, 0.0) - two.get(c, 0.0)) for c in codes) * 1e3)
    cut = sum(len(one) > 1 for one in mine[: len(apart)])
    worst = max(off, key=lambda code: abs(off[code]))
    print(
        json.dumps(
            {
                "lines": len(apart), "cut": cut,
                "within_1": sum(m <= 1 for m in apart), "within_20": sum(m <= 20 for m in apart),
                "most_m": max(apart), "country": worst, "off_m": off[worst] * 1e3,
                "country_km": total[worst],
            }
        )
    )  # fmt: skip


def child(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(
        command, env=runs.environment(), check=True, text=True, stdout=subprocess.PIPE
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def report(count: int, repeats: int) -> str:
    """Measure all ways and return the text for the page."""
    ways = [
        ("`sco_geo`, territories", OURS, count, 0, repeats),
        ("`sco_geo`, disputed areas and territories", OURS, count, 1, repeats),
        ("`geopandas.overlay` and lengths, territories", OVERLAY, count, 0, 1),
    ]
    with tempfile.TemporaryDirectory() as folder:
        costs = []
        for number, (name, way, lines, disputed, times) in enumerate(ways):
            print(name, file=sys.stderr)
            answers = Path(folder, f"{number}.json")
            done = [child("--run", way, lines, disputed, answers) for _ in range(times)]
            costs.append({key: median(cost[key] for cost in done) for key in done[0]})
        print(DENSE, file=sys.stderr)
        dense = Path(folder, "dense.json")
        child("--run", DENSE, min(count, DENSE_LINES), 0, dense)
        first = Path(folder, "0.json")
        plain, fine = (child("--compare", first, p) for p in (Path(folder, "2.json"), dense))
    rows = [
        [
            name, f"{cost['cpu_s']:.2f}", f"{cost['wall_s']:.2f}",
            f"{costs[-1]['cpu_s'] / cost['cpu_s']:.1f}", f"{cost['peak_mb']:,.0f}",
            f"{cost['more_mb']:,.0f}",
        ]
        for (name, *_), cost in zip(ways, costs, strict=True)
    ]  # fmt: skip
    head = ["way", "CPU s", "wall s", "overlay's CPU s / its own", "peak MB", "of it while working"]
    agreement = [
        [
            name, f"{found['lines']:,}", f"{found['cut']:,}",
            f"{100 * found['within_1'] / found['lines']:.2f} %",
            f"{100 * found['within_20'] / found['lines']:.2f} %", f"{found['most_m']:.1f}",
            f"{found['country']}: {found['off_m']:.0f} m of {found['country_km']:,.0f} km",
        ]
        for name, found in (("overlay", plain), (f"overlay, legs of {DENSE_KM} km", fine))
    ]  # fmt: skip
    agreement_head = [
        "compared with", "lines", "of several parts", "within 1 m", "within 20 m",
        "farthest line, m", "farthest territory",
    ]  # fmt: skip
    packages = ("numpy", "shapely", "geopandas", "pyproj")
    made_with = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{count:,} lines of {VERTICES} vertices, on {runs.machine()}, with {made_with}.\n\n"
        f"{table(head, rows)}\n\n{table(agreement_head, agreement)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3, help="runs of our own way")
    parser.add_argument("--write", action="store_true", help="update docs/border-split.md")
    parser.add_argument("--run", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--compare", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        way, count, disputed, answers = options.run
        run(way, int(count), disputed == "1", Path(answers))
    elif options.compare:
        compare(*map(Path, options.compare))
    else:
        text = report(options.lines, options.repeats)
        print(text)
        if options.write:
            write(PAGE, "measured", text)


if __name__ == "__main__":
    main()
