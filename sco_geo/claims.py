"""Published lengths beside the computed ones: differences, their reasons, and spreads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sco_geo.model import Claim
from sco_geo.sources import Tables

#: A difference of more than this, in per cent, needs a reason or is marked open.
NOTABLE_PCT = 10.0
#: Scopes of claims: all of a line or system, and the sum over the strings of a pipeline.
WHOLE, PIPE_LENGTH = "whole", "pipe_length"
#: Begin of the scope of a claim about one section; its id follows.
SECTION = "section:"


@dataclass(frozen=True)
class Computed:
    """A computed length in km, and the disputed parts in it that a country's figure counts."""

    km: float
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimCheck:
    """A published length beside the computed one of the same scope."""

    value_km: float
    scope: str
    source_id: str
    as_of: str
    current: bool
    computed_km: float | None
    includes: tuple[str, ...] = ()
    """Keys ``disputed:<id>`` of the parts that are compared along with those of a country."""
    note: str = ""
    reason: str = ""
    """Why the two differ by more than `NOTABLE_PCT`; where `is_open`, what is not known of it."""
    is_open: bool = False

    @property
    def difference_pct(self) -> float | None:
        """Return by how many per cent the computed length differs from the published one."""
        return difference_pct(self.computed_km, self.value_km)

    @property
    def is_notable(self) -> bool:
        """Tell whether the difference needs a reason."""
        return is_notable(self.computed_km, self.value_km)

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "value_km": self.value_km,
            "scope": self.scope,
            "source_id": self.source_id,
            "as_of": self.as_of or None,
            "current": self.current,
            "computed_km": self.computed_km,
            "difference_pct": self.difference_pct,
            "includes": list(self.includes),
            "note": self.note,
            "reason": self.reason or None,
            "is_open": self.is_open,
        }


@dataclass(frozen=True)
class Spread:
    """How far the figures disagree that are published for one scope.

    `figures` counts the different numbers as printed: 304.9 and 304.94 are two.
    """

    figures: int
    lowest_km: float
    highest_km: float

    @classmethod
    def of(cls, values_km: Iterable[float]) -> Spread | None:
        """Return the spread of some figures; None without any."""
        distinct = set(values_km)
        return cls(len(distinct), min(distinct), max(distinct)) if distinct else None

    @property
    def percent(self) -> float:
        """Return by how many per cent the highest figure is above the lowest."""
        return round(100 * (self.highest_km - self.lowest_km) / self.lowest_km, 2)

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "figures": self.figures,
            "lowest_km": self.lowest_km,
            "highest_km": self.highest_km,
            "spread_pct": self.percent,
        }


@dataclass(frozen=True)
class ScopeClaims:
    """All claims of one scope, with the spread of them all and of those that are current."""

    scope: str
    claims: tuple[ClaimCheck, ...]

    @property
    def spread(self) -> Spread | None:
        """Return the spread over all claims."""
        return Spread.of(claim.value_km for claim in self.claims)

    @property
    def current(self) -> Spread | None:
        """Return the spread over the current claims."""
        return Spread.of(claim.value_km for claim in self.claims if claim.current)

    @property
    def reasons(self) -> dict[tuple[str, bool], list[ClaimCheck]]:
        """Return the claims by the reason of their difference and whether it is open."""
        found: dict[tuple[str, bool], list[ClaimCheck]] = {}
        for claim in self.claims:
            if claim.reason:
                found.setdefault((claim.reason, claim.is_open), []).append(claim)
        return found

    def to_dict(self) -> dict[str, object]:
        """Return the object of the JSON report."""
        return {
            "scope": self.scope,
            "all": self.spread.to_dict() if self.spread else None,
            "current": self.current.to_dict() if self.current else None,
        }


def by_scope(claims: Iterable[ClaimCheck], own_id: str | None = None) -> tuple[ScopeClaims, ...]:
    """Group claims by their scope; those on the section `own_id` are about its whole.

    The whole stands first, then pipe, sections and countries.
    """
    groups: dict[str, list[ClaimCheck]] = {}
    for claim in claims:
        is_own = own_id is not None and claim.scope == SECTION + own_id
        groups.setdefault(WHOLE if is_own else claim.scope, []).append(claim)
    order = sorted(groups, key=scope_order)
    return tuple(ScopeClaims(scope, tuple(groups[scope])) for scope in order)


def scope_order(scope: str) -> tuple[bool, bool, bool]:
    """Return a key that sorts scopes: the whole first, then pipe, sections and countries."""
    return (scope != WHOLE, scope != PIPE_LENGTH, len(scope) == 3)


def spreads(groups: Iterable[ScopeClaims]) -> list[dict[str, object]]:
    """Return the objects of the JSON report for the scopes whose claims disagree."""
    return [group.to_dict() for group in groups if group.spread and group.spread.figures > 1]


def as_published(
    by_country: Mapping[str, float], administered: Mapping[str, tuple[str, ...]]
) -> dict[str, Computed]:
    """Return lengths that national figures can be held against.

    A state's own figure for a line counts the parts in areas that it alone administers. They are
    added for the comparison only, and named in it.
    """
    result = {code: Computed(km) for code, km in by_country.items()}
    for part in [code for code in by_country if len(administered.get(code, ())) == 1]:
        (state,) = administered[part]
        before = result.get(state, Computed(0.0))
        result[state] = Computed(before.km + by_country[part], (*before.includes, part))
    return result


def check_claims(
    claims: Iterable[Claim], computed: Mapping[tuple[str, str], Computed], tables: Tables
) -> tuple[ClaimCheck, ...]:
    """Hold claims of lengths against the computed lengths of the same subject and scope."""
    return tuple(
        _check(claim, computed.get((claim.subject_id, claim.scope)), tables) for claim in claims
    )


def _check(claim: Claim, computed: Computed | None, tables: Tables) -> ClaimCheck:
    published_km = float(claim.value)  # a positive number: Tables leaves out any other
    found = tables.explanation_of(claim)
    if computed is None or not is_notable(computed.km, published_km):
        found = None
    return ClaimCheck(
        published_km,
        claim.scope,
        claim.source_id,
        claim.as_of,
        claim.current,
        computed.km if computed else None,
        computed.includes if computed else (),
        claim.note,
        found.reason if found else "",
        is_open=found.is_open if found else False,
    )


def difference_pct(computed_km: float | None, published_km: float) -> float | None:
    """Return by how many per cent a computed length differs from a published one."""
    if computed_km is None:
        return None
    return round(100 * (computed_km - published_km) / published_km, 2)


def is_notable(computed_km: float | None, published_km: float) -> bool:
    """Tell whether a computed length differs by more than `NOTABLE_PCT` from a published one."""
    if computed_km is None:
        return False
    return abs(computed_km - published_km) > NOTABLE_PCT / 100 * published_km
