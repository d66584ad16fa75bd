"""How far the length of a route may be from the truth.

Each edge says how its length was come by (`_format.BASES`). The figure of a route is the mean of
the figures of its parts, weighted by length: errors of one kind are taken to have one sign, which
is the careful side; it is no less than half the range of the published lengths of lines to be
built. About four of five published distances of an independent set lie within it
(docs/route-accuracy.md). Short routes are less certain as far as their lengths come from
OpenStreetMap's lines alone: junctions and detours in towns do not average out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sco_geo.network._format import BASES

#: Where the file says nothing, in % of the length.
DEFAULTS = {"osm": 4.0, "anchored": 2.0, "published": 1.0, "estimate": 10.0}
#: Figure for parts with the basis ``osm`` of routes up to `SHORT_KM` long; beyond that it falls
#: in proportion to the length, down to the figure for long routes.
SHORT_PCT, SHORT_KM = 10.0, 200.0


def figures(meta: Mapping[str, Any]) -> dict[str, float]:
    """Return the uncertainty of each basis in %, from ``meta["uncertainty_pct"]`` if given."""
    given = meta.get("uncertainty_pct") or {}
    return {basis: float(given.get(basis, DEFAULTS[basis])) for basis in BASES}


def uncertainty_pct(
    basis: npt.NDArray[np.uint8], metres: npt.NDArray[np.int64], meta: Mapping[str, Any]
) -> float:
    """Return the half-width of the range around a length, in % of it."""
    total = float(metres.sum())
    by_basis = figures(meta)
    if total > 0:
        short = SHORT_PCT * min(1.0, SHORT_KM * 1e3 / total)
        by_basis["osm"] = max(by_basis["osm"], short)
    shares = np.bincount(basis, weights=metres, minlength=len(BASES)) / max(total, 1.0)
    if total == 0:
        return by_basis[BASES[int(basis[0])]] if len(basis) else 0.0
    return float(sum(shares[i] * by_basis[name] for i, name in enumerate(BASES)))


def spread_pct(low_km: float | None, high_km: float | None, length_km: float) -> float:
    """Return half of the range of published lengths, in % of the length; 0 if there is no range."""
    if low_km is None or high_km is None or not length_km:
        return 0.0
    return 50.0 * (high_km - low_km) / length_km
