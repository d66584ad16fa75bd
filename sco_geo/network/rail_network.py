"""The rail network: loaded once, asked for routes and matrices many times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt

from sco_geo.catalog import shipped_directory
from sco_geo.errors import InputPathError, SnapTooFarError, UsageError
from sco_geo.geodesy import WGS84
from sco_geo.network import _explanations, _matrices, _options, accuracy
from sco_geo.network._format import EdgeTable, read_network
from sco_geo.network._itinerary import Itinerary, Trip
from sco_geo.network._naming import Namer
from sco_geo.network._search import Path, Searcher, find_path
from sco_geo.network.alternatives import find_alternatives
from sco_geo.network.crossings import Crossings
from sco_geo.network.graph import (
    OPTIMISES,
    SCENARIOS,
    TRAFFICS,
    Graph,
    Optimise,
    Scenario,
    Traffic,
    Variant,
    build_graph,
)
from sco_geo.network.hierarchy import Hierarchy
from sco_geo.network.places import Found, Gazetteer, PlaceLike
from sco_geo.network.routes import BorderCrossing, GaugeChange, LineUse, Route, Stop
from sco_geo.network.snapping import Chains, Snap, snap_place
from sco_geo.network.speeds import Speeds
from sco_geo.units import GAUGES_MM

NETWORK_FILE = "rail_network.bin"
#: Variants of the graph that are kept, the last ones used; each takes about 6 MB.
_MOST_GRAPHS = 6
#: Most alternatives to a route.
MOST_ALTERNATIVES = 3


class RailNetwork:
    """Railways and train ferries of Eurasia, of one scenario.

    Parameters
    ----------
    table : EdgeTable
        The edges, as `read_network` returns them.
    scenario : {"today", "construction", "planned"}
        ``today``: lines in operation; ``construction``: also those being built; ``planned``: also
        those that are planned. Suspended lines are never used.
    traffic : {"freight", "any"}
        ``freight``: no lines for passengers only.
    crossings, gazetteer, speeds
        Names and dwell of border crossings, known places, speeds; none by default.

    Notes
    -----
    Places are (lon, lat) in degrees or names. Lengths are km.
    """

    def __init__(
        self,
        table: EdgeTable,
        scenario: Scenario = "today",
        *,
        traffic: Traffic = "freight",
        crossings: Crossings | None = None,
        gazetteer: Gazetteer | None = None,
        speeds: Speeds | None = None,
        directory: FilePath | None = None,
    ) -> None:
        _options.check(scenario, SCENARIOS, "scenario")
        _options.check(traffic, TRAFFICS, "traffic")
        self.table = table
        self.scenario: Scenario = scenario
        self.traffic: Traffic = traffic
        self.speeds = speeds
        self.crossings = crossings or Crossings()
        self._given_gazetteer = gazetteer
        self._directory = directory
        self._graphs: dict[Variant, Graph] = {}
        self.chains = Chains(table)

    @classmethod
    def load(
        cls,
        scenario: Scenario = "today",
        *,
        traffic: Traffic = "freight",
        path: str | FilePath | None = None,
        speeds: Speeds | None = None,
    ) -> RailNetwork:
        """Read the network that comes with the package, or another file of its format.

        Parameters
        ----------
        scenario, traffic
            See `RailNetwork`.
        path : path, optional
            Another network. Names, crossings and speeds come from the package in any case.
        speeds : Speeds, optional
            In place of those of ``geo/rail_speeds.toml``.

        Raises
        ------
        InputPathError, CatalogError
            For a file that cannot be read or is no network, or a table with a slip in it.
        UsageError
            For an unknown scenario or traffic.
        """
        _options.check(scenario, SCENARIOS, "scenario")
        _options.check(traffic, TRAFFICS, "traffic")
        directory = shipped_directory("geo")
        file = FilePath(path) if path is not None else directory / NETWORK_FILE
        if not file.is_file():
            raise InputPathError(f"{file}: there is no such file with a rail network")
        network = cls(
            read_network(file),
            scenario,
            traffic=traffic,
            crossings=Crossings.load(directory),
            speeds=speeds or Speeds.load(directory),
            directory=directory,
        )
        graph = network.graph(Variant(scenario, traffic))
        if graph.size:
            graph.landmark_costs(int(graph.component_km.argmax()))
        network.chains.prepare()
        return network

    def in_scenario(self, scenario: Scenario) -> RailNetwork:
        """Return the same network in another scenario; what is read and built is shared."""
        _options.check(scenario, SCENARIOS, "scenario")
        other = copy(self)
        other.scenario = scenario
        return other

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Return the known places, read when they are first needed."""
        if self._given_gazetteer is not None:
            return self._given_gazetteer
        if self._directory is None:
            return Gazetteer()
        return Gazetteer.load(self._directory, self.crossings)

    @cached_property
    def namer(self) -> Namer:
        """Return what finds names for places on the way."""
        return Namer(self.crossings, lambda: self.gazetteer)

    def graph(self, variant: Variant) -> Graph:
        """Return the graph of a variant; the last ones are kept."""
        graph = self._graphs.pop(variant, None)
        if graph is None:
            graph = build_graph(self.table, variant, self.speeds, self.crossings)
            for old in list(self._graphs)[: 1 - _MOST_GRAPHS]:
                self._graphs.pop(old, None)
        self._graphs[variant] = graph
        return graph

    def variant(
        self,
        *,
        traffic: Traffic | None = None,
        avoid: Iterable[str] = (),
        gauge: int | None = None,
        optimise: Optimise = "km",
    ) -> Variant:
        """Check options and return the variant of the network that they ask for."""
        traffic = self.traffic if traffic is None else traffic
        _options.check(traffic, TRAFFICS, "traffic")
        _options.check(optimise, OPTIMISES, "optimise")
        known_codes = set(self.table.countries)
        given = [avoid] if isinstance(avoid, str) else _options.as_list(avoid, "avoid")
        wanted = map(_options.as_code, given)
        codes = frozenset(code if code in known_codes else code.upper() for code in wanted)
        unknown = sorted(codes - known_codes)
        if unknown:
            raise UsageError(
                f"avoid: no railway of the network is in {', '.join(unknown)}; countries are "
                f"ISO 3166 alpha-3 codes, such as RUS"
            )
        if gauge is not None and gauge not in tuple(GAUGES_MM):
            known = ", ".join(map(str, sorted(GAUGES_MM)))
            raise UsageError(f"gauge {gauge!r} is none of {known}")
        if optimise == "hours" and self.speeds is None:
            raise UsageError("optimise: hours need speeds, and there is no rail_speeds.toml")
        return Variant(self.scenario, traffic, codes, gauge, optimise)

    def route(
        self,
        origin: PlaceLike,
        destination: PlaceLike,
        *,
        via: Sequence[PlaceLike] = (),
        traffic: Traffic | None = None,
        avoid: Iterable[str] = (),
        gauge: int | None = None,
        optimise: Optimise = "km",
        alternatives: int = 0,
        searcher: Searcher | None = None,
    ) -> Route:
        """Find the shortest way by rail between two places.

        Parameters
        ----------
        origin, destination : str or (lon, lat)
            Places, by name in any of the three languages, alias or position in degrees.
        via : sequence of places
            To be passed in this order.
        traffic : {"freight", "any"}, optional
            In place of the network's own.
        avoid : iterable of str
            ISO 3166 alpha-3 codes of countries that are not entered; also a disputed area by its
            id, such as ``disputed:crimea``.
        gauge : int, optional
            Preferred gauge in mm: a km of other tracks counts five times in the choice, never in
            the length.
        optimise : {"km", "hours"}
            What is least: the length, or the time with waiting at borders and breaks of gauge.
        alternatives : int
            How many different routes to add, up to 3, see `sco_geo.network.alternatives`.
        searcher : Searcher, optional
            Another way to search: a `sco_geo.network.hierarchy.Hierarchy` takes half a second to
            prepare, and then 0.1 ms.

        Raises
        ------
        UnknownPlaceError, SnapTooFarError, NoRouteError
            If a place is unknown or far from railways, or nothing connects the places.
        """
        if alternatives not in range(MOST_ALTERNATIVES + 1):
            raise UsageError(f"alternatives: from 0 to {MOST_ALTERNATIVES}, not {alternatives!r}")
        if alternatives and via:
            raise UsageError(
                "alternatives are found between two places: leave out either them or the places "
                "to be passed"
            )
        variant = self.variant(traffic=traffic, avoid=avoid, gauge=gauge, optimise=optimise)
        found = self._find_all((origin, *_options.as_list(via, "via"), destination))
        snaps = self.snap(variant, found)
        paths = self.find_paths(variant, snaps, searcher)
        route = self.tell(variant, found, Trip(self.table, tuple(snaps), tuple(paths)))
        if not alternatives:
            return route
        ends = snaps[0], snaps[-1]
        others = find_alternatives(self.graph(variant), ends, paths[0], alternatives)
        told = (self.tell(variant, found, Trip(self.table, ends, (path,))) for path in others)
        return replace(route, alternatives=tuple(told))

    def _find_all(self, places: Iterable[PlaceLike]) -> list[Found]:
        return [self.gazetteer.find(p) if isinstance(p, str) else _point(p) for p in places]

    def snap(self, variant: Variant, found: Sequence[Found]) -> list[Snap]:
        """Move places to the network; what is wished or avoided does not change the points."""
        wide, snaps = self.graph(variant.without_wishes), []
        for item in found:
            try:
                snap = snap_place(self.chains, wide, item.place)
            except SnapTooFarError:
                raise _explanations.too_far(self, variant, found, item.place) from None
            if self.table.countries[self.table.country[snap.edge]] in variant.avoid:
                raise _explanations.in_avoided(self.table, snap)
            snaps.append(snap)
        return snaps

    def find_paths(
        self, variant: Variant, snaps: Sequence[Snap], searcher: Searcher | None = None
    ) -> list[Path]:
        """Find the cheapest path between each two stops."""
        graph, paths = self.graph(variant), []
        for source, target in pairwise(snaps):
            path = find_path(graph, source, target, searcher)
            if path is None:
                raise _explanations.no_route(self, variant, source, target)
            if path.length_m == 0 and not source.place.is_same(target.place):
                raise _explanations.same_point(source, target)
            paths.append(path)
        return paths

    def tell(self, variant: Variant, found: Sequence[Found], trip: Trip) -> Route:
        """Return the route of a trip."""
        tale = Itinerary(trip)
        borders = tale.border_crossings(self.namer)
        breaks = tale.breaks_of_gauge(self.namer)
        length_km, lines = tale.length_m / 1e3, tale.lines()
        low, high = length_range_km(length_km, lines)
        geodesic = geodesic_km(trip.snaps[0], trip.snaps[-1])
        stops = [Stop(s.place.name, s.place.lon, s.place.lat, s.km) for s in trip.snaps]
        return Route(
            stops[0],
            stops[-1],
            tuple(stops[1:-1]),
            variant.scenario,
            variant.traffic,
            variant.optimise,
            length_km,
            max(
                accuracy.uncertainty_pct(self.table.basis[tale.edge], tale.metres, self.table.meta),
                accuracy.spread_pct(low, high, length_km),
            ),
            low,
            high,
            geodesic,
            length_km / geodesic if geodesic > 0 else None,
            self._hours(tale, borders, breaks),
            tale.legs(),
            tale.by_country(),
            tale.by_gauge(),
            breaks,
            borders,
            lines,
            draw=tale.drawer(self.chains),
            draw_legs=partial(tale.draw_legs, self.chains),
            explain=partial(_explanations.notes, self, variant, found, trip),
        )

    def _hours(
        self,
        tale: Itinerary,
        borders: Sequence[BorderCrossing],
        breaks: Sequence[GaugeChange],
    ) -> float | None:
        if self.speeds is None:
            return None
        return tale.hours(self.speeds, self._speed_kmh, self.crossings, borders, breaks)

    @cached_property
    def _speed_kmh(self) -> npt.NDArray[np.float64]:
        """Return the speed on each edge in km/h."""
        if self.speeds is None:
            return np.full(len(self.table.start), np.nan)
        return self.speeds.of_edges(self.table)

    def matrix(
        self,
        places: Sequence[PlaceLike],
        *,
        traffic: Traffic | None = None,
        avoid: Iterable[str] = (),
        hierarchy: Hierarchy | None = None,
    ) -> npt.NDArray[np.float64]:
        """Return the length of the shortest way between all places in km; NaN where none is.

        The figures are those of `route`, to the metre; but places at one point of the railway,
        between which `route` refuses to go, are 0 km apart. With a hierarchy (see
        `sco_geo.network.hierarchy`) they are the same, twenty times as fast.
        """
        variant = self.variant(traffic=traffic, avoid=avoid)
        found = self._find_all(_options.as_list(places, "places"))
        return _matrices.lengths_km(self.graph(variant), self.snap(variant, found), hierarchy)


def geodesic_km(source: Snap, target: Snap) -> float:
    """Measure the geodesic between two places in km."""
    return float(WGS84.inv(*source.place.point, *target.place.point)[2]) / 1e3


def length_range_km(
    length_km: float, lines: Sequence[LineUse]
) -> tuple[float | None, float | None]:
    """Return a length with the lowest and the highest published length of each line used.

    A line that is used in part changes in proportion. None, None if no line has a range.
    """
    low = high = length_km
    is_known = False
    for use in lines:
        whole = use.line.get("length_km")
        least, most = use.line.get("length_low_km"), use.line.get("length_high_km")
        if not whole or (least or whole) == (most or whole):
            continue
        is_known = True
        low += use.length_km * ((least or whole) / whole - 1)
        high += use.length_km * ((most or whole) / whole - 1)
    return (low, high) if is_known else (None, None)


def _point(point: PlaceLike) -> Found:
    return Gazetteer().find(point)
