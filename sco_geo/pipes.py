"""Length of pipe: parallel strings of a pipeline count one by one, its route counts once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sco_geo.units import PIPELINE_KINDS, split_list

#: Number of strings, and in one country: ``2``, ``RUS:1``.
_COUNT = re.compile(r"[1-9][0-9]?")
_IN_COUNTRY = re.compile(r"([A-Z]{3}):([1-9][0-9]?)")
#: More strings side by side than any corridor has: more is a slip.
MOST_STRINGS = 99


@dataclass(frozen=True)
class PipeLength:
    """The length of pipe of a route, in km."""

    km: float
    unknown_km: float = 0.0
    """The part of the route whose number of strings is not stated; it is counted once."""

    @property
    def has_unknown(self) -> bool:
        """Tell whether somewhere on the route the number of strings is not stated."""
        return self.unknown_km > 0

    def __add__(self, other: PipeLength) -> PipeLength:
        """Return the length of two routes together."""
        return PipeLength(self.km + other.km, self.unknown_km + other.unknown_km)


def read_strings(value: object) -> int | dict[str, int] | None:
    """Read the property ``strings``: one number, or one a country as in ``RUS:1;CHN:2``.

    Returns
    -------
    int, dict or None
        None where the property is missing; an empty dict where it is not understood.
    """
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value) if value in range(1, MOST_STRINGS + 1) else {}
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        return int(value)  # a column of a table has one type, also where others list countries
    parts = [_IN_COUNTRY.fullmatch(part) for part in split_list(value)]
    counts = {part[1]: int(part[2]) for part in parts if part}
    return counts if len(counts) == len(parts) else {}


def measure_pipe(
    properties: Mapping[str, object], length_km: float, by_country: Mapping[str, float]
) -> PipeLength | None:
    """Measure the length of pipe of a line, in km; None where it is no pipeline.

    A pipe is at least one string: where the number is not stated, the route counts once, so that
    the result is a lower bound, and `PipeLength.unknown_km` says how much of it is meant.
    """
    if properties.get("kind") not in PIPELINE_KINDS:
        return None
    strings = read_strings(properties.get("strings"))
    if isinstance(strings, int):
        return PipeLength(length_km * strings)
    counts = strings or {}
    more = sum(km * (counts[code] - 1) for code, km in by_country.items() if code in counts)
    unknown = sum(km for code, km in by_country.items() if code not in counts)
    return PipeLength(length_km + more, unknown if counts else length_km)
