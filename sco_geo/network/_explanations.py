"""Why a route is as it is, or why there is none."""

from __future__ import annotations

from sco_geo.errors import NoRouteError


def no_route(network, variant, source, target):
    return NoRouteError(f"no route from {source.place.label} to {target.place.label}")


def notes(network, variant, found, trip, route):
    return ()
