"""Who the data of the network is from: said wherever figures or lines of it go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LICENCE: Final = "ODbL-1.0"
#: The database that the licence wants to be named, as it stands in the project.
DATABASE: Final = "geo/rail_network.parquet"


def notice(meta: Mapping[str, Any]) -> str:
    """Return the notice for what is made from a network, by the `meta` of its table.

    Examples
    --------
    >>> notice({"version": "1"})[-48:]
    'geo/rail_network.parquet of sco_geo (version 1).'
    """
    version = str(meta.get("version") or "")
    return (
        "Contains data © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright). "
        f"Database: {DATABASE} of sco_geo{f' (version {version})' if version else ''}."
    )
