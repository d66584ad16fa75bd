"""Lengths along the rail network, which lines that are drawn from it carry as properties."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Properties of a line that is drawn from the rail network.
LENGTH, UNCERTAINTY = "network_length_km", "network_uncertainty_pct"
VERSION = "network_version"


@dataclass(frozen=True)
class NetworkLength:
    """The length of a line along the rail network, in km: the sum of corrected edge lengths.

    Attributes
    ----------
    km : float
        What `RailNetwork.route` gives between the ends of the line.
    uncertainty_pct : float or None
        Half-width of the range in which the true length is expected; None if not stated.
    version : str
        Of the network; "" if not stated.
    """

    km: float
    uncertainty_pct: float | None = None
    version: str = ""

    @classmethod
    def read(cls, properties: Mapping[str, object]) -> NetworkLength | None:
        """Return the length that properties state; None without a positive number of km."""
        km = _number(properties.get(LENGTH))
        if not km:
            return None
        return cls(km, _number(properties.get(UNCERTAINTY)), str(properties.get(VERSION) or ""))

    @classmethod
    def sum(cls, parts: Iterable[NetworkLength | None]) -> NetworkLength | None:
        """Return the length of several lines together; None unless each has one.

        The uncertainty is the mean weighted by length, as for a route: errors of the parts are
        taken to have one sign, which is the careful side.
        """
        listed = list(parts)
        known = [part for part in listed if part is not None]
        if not known or len(known) < len(listed):
            return None
        km = math.fsum(part.km for part in known)
        shares = [part.km * part.uncertainty_pct for part in known if part.uncertainty_pct]
        is_stated = len(shares) == len(known)
        versions = dict.fromkeys(part.version for part in known)
        return cls(km, math.fsum(shares) / km if is_stated else None, ", ".join(versions))


def to_dict(length: NetworkLength | None) -> dict[str, object]:
    """Return the members of the JSON report; null where nothing is known."""
    return {
        LENGTH: round(length.km, 2) if length else None,
        UNCERTAINTY: length and length.uncertainty_pct and round(length.uncertainty_pct, 1),
        VERSION: (length and length.version) or None,
    }


def _number(value: object) -> float | None:
    """Return a positive, finite number, or None."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < math.inf else None  # type: ignore[operator,arg-type]
