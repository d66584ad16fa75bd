"""sco_geo: maps and measures how Eurasia is connected, with sources, in one offline file.

Importing the package reads no file; the parts are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sco_geo.atlas.compose import compose
    from sco_geo.datasets import measure_dataset
    from sco_geo.frames import read_layer
    from sco_geo.geodesy import geodesic_area_km2, length_km
    from sco_geo.measure import measure_layers
    from sco_geo.mending import mend
    from sco_geo.network.rail_network import RailNetwork
    from sco_geo.validation import validate

__version__ = "0.1.0"

_HOMES = {
    "RailNetwork": "sco_geo.network.rail_network",
    "compose": "sco_geo.atlas.compose",
    "geodesic_area_km2": "sco_geo.geodesy",
    "length_km": "sco_geo.geodesy",
    "measure_dataset": "sco_geo.datasets",
    "measure_layers": "sco_geo.measure",
    "mend": "sco_geo.mending",
    "read_layer": "sco_geo.frames",
    "validate": "sco_geo.validation",
}

__all__ = [
    "RailNetwork",
    "compose",
    "geodesic_area_km2",
    "length_km",
    "measure_dataset",
    "measure_layers",
    "mend",
    "read_layer",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
