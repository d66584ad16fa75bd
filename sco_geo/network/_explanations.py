"""Why there is no route, and why a route is as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sco_geo.errors import NoRouteError, SnapTooFarError
from sco_geo.network._format import BASES, STATUSES, EdgeTable
from sco_geo.network._itinerary import Trip
from sco_geo.network._search import Path, find_path
from sco_geo.network.components import describe_component, nearest_gap
from sco_geo.network.graph import PASSENGER, SUSPENDED, Graph, Variant
from sco_geo.network.places import Found, Place
from sco_geo.network.routes import LineUse, Route
from sco_geo.network.snapping import ENTRY_KM, Snap, nearest_edges, snap_place

if TYPE_CHECKING:
    from sco_geo.network.rail_network import RailNetwork

Ints = npt.NDArray[np.integer[Any]]

#: A route this many times as long as the straight way is a detour that needs a word.
DETOUR = 2.0
#: A line of another scenario is named if it shortens a detour to this share at most.
_SHORTER = 0.8
#: A connector longer than this is mentioned, in km.
_FAR_KM = 5.0
_WORDS = {"construction": "under construction", "planned": "planned"}


def no_route(network: RailNetwork, variant: Variant, source: Snap, target: Snap) -> NoRouteError:
    """Return the error that says why two places are not connected."""
    graph = network.graph(variant)
    one, other = (int(graph.edge_component[snap.edge]) for snap in (source, target))
    parts = [
        describe_component(graph, network.chains, network.gazetteer, number, snap.place)
        for number, snap in ((one, source), (other, target))
    ]
    gap = nearest_gap(graph, network.chains, one, other)
    reasons = list(_remedies(network, variant, source, target))
    where = f"{network.namer.describe(gap.start)} and {network.namer.describe(gap.end)}"
    message = (
        f"no route from {source.place.label} to {target.place.label} ({_terms(variant)}): "
        f"{source.place.name} is on the network of {parts[0]}, {target.place.name} on that of "
        f"{parts[1]}. The nearest gap between them is {gap.km:.1f} km, between {where}"
    )
    return NoRouteError(
        ". ".join([message, *reasons]),
        components=[str(part) for part in parts],
        gap_km=gap.km,
        reasons=reasons,
    )


def same_point(source: Snap, target: Snap) -> NoRouteError:
    """Return the error for two places that have one point of the railway."""
    return NoRouteError(
        f"{source.place.label} and {target.place.label} are at the same point of the railway: "
        f"there is no way by rail between them"
    )


def in_avoided(table: EdgeTable, snap: Snap) -> NoRouteError:
    """Return the error for a place that lies in a country to be avoided."""
    code = table.countries[table.country[snap.edge]]
    return NoRouteError(f"the railway at {snap.place.label} is in {code}, which is to be avoided")


def _terms(variant: Variant) -> str:
    terms = [f"scenario {variant.scenario}", f"traffic {variant.traffic}"]
    if variant.avoid:
        terms.append(f"without {', '.join(sorted(variant.avoid))}")
    return ", ".join(terms)


def _wider(variant: Variant) -> Iterator[tuple[Variant, str]]:
    """Yield variants that allow more, and what is allowed."""
    yield replace(variant, with_suspended=True), "Closed"
    if variant.avoid:
        yield replace(variant, avoid=frozenset()), "Avoided"
    if variant.traffic == "freight":
        yield replace(variant, traffic="any"), "For passenger trains only"
    if variant.scenario == "today":
        yield replace(variant, scenario="construction"), "Under construction"
    if variant.scenario != "planned":
        yield replace(variant, scenario="planned"), "Planned"


def _remedies(network: RailNetwork, variant: Variant, source: Snap, target: Snap) -> Iterator[str]:
    """Yield what would connect two places, one sentence each."""
    graph = network.graph(variant)
    ends = [int(graph.edge_component[snap.edge]) for snap in (source, target)]
    for wider, word in _wider(variant):
        path = _path(network, wider, source.place, target.place)
        if path is None:
            continue
        if word == "Avoided":
            codes = {network.table.countries[i] for i in network.table.country[path.edge]}
            yield f"Connected only through {', '.join(sorted(codes & variant.avoid))}, avoided"
            continue
        names = _names_of_lines(network, _missing_links(graph, path, ends))
        yield f"{word}: {'; '.join(names)}" if names else f"{word}: a line without a name"
        if wider.scenario != variant.scenario:
            return


def _missing_links(graph: Graph, path: Path, ends: Sequence[int]) -> Ints:
    """Return the edges of a path that may not be used, without those that only shorten it.

    Edges only shorten the way if the usable stretches before and after them are connected;
    `ends` are the parts of the network that the path begins and ends on.
    """
    usable = graph.usable[path.edge]
    part = [ends[0], *graph.edge_component[path.edge].tolist(), ends[1]]
    stretches = [0, *(np.flatnonzero(usable) + 1).tolist(), len(part) - 1]
    is_link = ~usable
    for before, after in pairwise(stretches):
        if part[before] == part[after]:
            is_link[before : after - 1] = False
    return path.edge[is_link]


def _path(network: RailNetwork, variant: Variant, source: Place, target: Place) -> Path | None:
    """Find a path, or None where one of the places is far from the railways of the variant."""
    graph = network.graph(variant)
    try:
        snaps = [snap_place(network.chains, graph, place) for place in (source, target)]
    except SnapTooFarError:
        return None
    return find_path(graph, snaps[0], snaps[1])


def _names_of_lines(network: RailNetwork, edges: Ints) -> list[str]:
    """Return the names of the lines that edges belong to; of closed ones since when and why."""
    table = network.table
    names = []
    for number in dict.fromkeys(table.line[edges].tolist()):
        if number >= 0:
            line = table.lines[number]
            facts = [f"since {line['since']}" if line.get("since") else "", line.get("note") or ""]
            is_closed = line.get("status") == STATUSES[SUSPENDED]
            known = ": ".join(fact for fact in facts if fact) if is_closed else ""
            names.append(f"{line.get('name')} ({known})" if known else f"{line.get('name')}")
    return names


def too_far(
    network: RailNetwork, variant: Variant, found: Sequence[Found], place: Place
) -> SnapTooFarError:
    """Return the error for a place of a route that has no railway near by."""
    graph = network.graph(variant)
    ends = f"no route from {found[0].place.label} to {found[-1].place.label}: "
    nearest = nearest_edges(network.chains, graph.usable, place.point, 0.0)
    if not len(nearest.km):
        return SnapTooFarError(place.label, np.inf, before=ends)
    best = int(nearest.km.argmin())
    point = float(nearest.lon[best]), float(nearest.lat[best])
    number = int(graph.edge_component[nearest.edge[best]])
    part = describe_component(graph, network.chains, network.gazetteer, number, place)
    where = (
        f", at {network.namer.describe(point)}, on the network of {part}; "
        f"give {point[0]:.3f},{point[1]:.3f} for a route to there"
    )
    reasons = list(_lines_near(network, variant, place))
    return SnapTooFarError(
        place.label,
        float(nearest.km[best]),
        where=where,
        before=ends,
        components=[str(part)],
        reasons=reasons,
    )


def _lines_near(network: RailNetwork, variant: Variant, place: Place) -> Iterator[str]:
    """Yield the lines near a place that the variant may not use."""
    for wider, word in _wider(variant):
        try:
            snap = snap_place(network.chains, network.graph(wider), place)
        except SnapTooFarError:
            continue
        names = _names_of_lines(network, np.array([snap.edge]))
        yield f"{word}: {'; '.join(names)}" if names else f"{word}: a line {snap.km:.1f} km away"


def notes(
    network: RailNetwork, variant: Variant, found: Sequence[Found], trip: Trip, route: Route
) -> tuple[str, ...]:
    """Return what a reader of a route should know."""
    texts = [item.note for item in found if item.note]
    for stop in (route.origin, *route.via, route.destination):
        if stop.snap_km > _FAR_KM:
            texts.append(f"{stop.name} is {stop.snap_km:.1f} km from the line; not in the length")
    for snap in trip.snaps:
        there = network.table.countries[network.table.country[snap.edge]]
        if snap.place.country and there and there != snap.place.country:
            texts.append(
                f"{snap.place.name} ({snap.place.country}) is taken to the line in {there}: a "
                "border or break of gauge between them is not counted"
            )
        if snap.km > snap.nearest_km + ENTRY_KM:
            texts.append(
                f"a line {snap.nearest_km:.1f} km from {snap.place.name} is not joined to the "
                f"network; taken is the nearest that is"
            )
    if route.detour is not None and route.detour < 1:
        texts.append(
            "shorter than the straight way between the places: the ways to the line are not in it"
        )
    texts += [_unopened(use) for use in route.lines if use.line.get("status") in _WORDS]
    texts += _on_other_gauges(variant, route)
    texts += _on_estimates(network, trip)
    if route.detour is not None and route.detour > DETOUR and not route.via:
        texts += _detour(network, variant, trip, route)
    return tuple(texts)


def _unopened(use: LineUse) -> str:
    line = use.line
    text = f"{use.length_km:.0f} km on {line.get('name')}, {_WORDS[line['status']]}"
    low, high = line.get("length_low_km"), line.get("length_high_km")
    if low and high and low != high:
        return f"{text}; its published length is {low:g} to {high:g} km"
    return text


def _on_other_gauges(variant: Variant, route: Route) -> Iterator[str]:
    if variant.gauge_mm is not None:
        wanted = route.by_gauge.get(str(variant.gauge_mm), 0.0)
        if route.length_km - wanted > 0.05:
            yield f"{route.length_km - wanted:,.0f} km are not on {variant.gauge_mm} mm"


def _on_estimates(network: RailNetwork, trip: Trip) -> Iterator[str]:
    basis = network.table.basis[trip.joined("edge")]
    metres = trip.joined("metres")[basis == BASES.index("estimate")].sum()
    if metres >= 1000:
        yield f"of the length {metres / 1e3:,.0f} km are estimates, not measured or published"


def _detour(network: RailNetwork, variant: Variant, trip: Trip, route: Route) -> Iterator[str]:
    """Say that there is no direct line, and which one would shorten the way."""
    places = trip.snaps[0].place, trip.snaps[-1].place
    yield (
        f"no direct line exists: the way by rail is {route.detour:.1f} times the straight distance"
    )
    for wider, word in _wider(variant):
        path = _path(network, wider, *places)
        if path is None or path.length_m > _SHORTER * route.length_km * 1e3:
            continue
        edges = path.edge[~network.graph(variant).usable[path.edge]]
        names = _names_of_lines(network, edges) or [_what(network, edges)]
        yield f"{word}: {'; '.join(names)}; with it {path.length_m / 1e3:,.0f} km"
        if wider.scenario != variant.scenario:
            return


def _what(network: RailNetwork, edges: Ints) -> str:
    """Name edges without a line by their kind and country."""
    table = network.table
    codes = sorted({table.countries[number] for number in table.country[edges]} - {""})
    if (table.line_class[edges] == PASSENGER).any():
        return f"a line for passenger trains in {', '.join(codes)}"
    is_closed = (table.status[edges] == SUSPENDED).any()
    return f"a {'closed' if is_closed else STATUSES[table.status[edges][0]]} line in {codes}"
