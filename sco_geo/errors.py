"""Exceptions of the package: each is a `ScoGeoError` and a builtin, so either can be caught."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sco_geo.model import Finding


class ScoGeoError(Exception):
    """Base of every error that this package raises on purpose."""


class InputPathError(ScoGeoError, OSError):
    """A path that cannot be opened, is no regular file, or vanished.

    Parameters
    ----------
    code : str
        The rule that says why: ``IO001`` to ``IO006``.
    """

    def __init__(self, message: str, *, code: str = "IO003") -> None:
        self.code = code
        super().__init__(message)


class ValidationError(ScoGeoError, ValueError):
    """Data with findings of severity error.

    Parameters
    ----------
    findings : sequence of Finding
        All findings of the run, also the warnings; kept as ``.findings``.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity == "error"]
        head = "\n".join(finding.to_text() for finding in errors[:10])
        more = f"\n... and {len(errors) - 10} more errors" if len(errors) > 10 else ""
        super().__init__(f"{len(errors)} error(s) found\n{head}{more}")


class MendingError(ValidationError):
    """A text that cannot be mended, for it is not clear what it says; nothing was written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.args = ("cannot be mended: " + "; ".join(f.to_text() for f in self.findings[:3]),)


class CatalogError(ScoGeoError, ValueError):
    """Layers and tables that contradict each other, or a setting that is missing or malformed."""


class GeometryError(ScoGeoError, ValueError):
    """A geometry that has no length or area, with the feature and the place in the message."""


class AssetError(ScoGeoError, RuntimeError):
    """A part of the page that is missing, or a page that would need the network."""


class UnknownIdError(ScoGeoError, LookupError):
    """An id that no feature and no system has, with the nearest ones."""


class UsageError(ScoGeoError, ValueError):
    """Options that do not go together."""


class DatasetError(ScoGeoError, ValueError):
    """A file that can be opened but is no GeoParquet, with the reason and what to do."""


class NetworkFileError(CatalogError):
    """A file of the rail network that is damaged, or columns that do not fit into one."""


class EngineError(UsageError):
    """An engine that cannot be started or reached, or that lost its work."""


class MissingExtraError(UsageError):
    """A part that needs packages which are not installed; the message says which extra has them."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what}, which is not installed: pip install 'sco-geo[{extra}]'")


class UnknownPlaceError(ScoGeoError, LookupError):
    """A name that no place has, or a text that is no position.

    Parameters
    ----------
    place : str
        What was asked for; kept as ``.place``.
    suggestions : sequence of str
        Names that look like it, the likeliest first; kept as ``.suggestions``.
    """

    #: Letters of an unknown name that the message repeats.
    _MOST_SAID = 100

    def __init__(self, place: str, suggestions: Sequence[str] = (), *, reason: str = "") -> None:
        self.place, self.suggestions = place, tuple(suggestions)
        hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"{reason or f'no place is called {self.said(place)!r}'}{hint}")

    @classmethod
    def said(cls, place: str) -> str:
        """Return a name cut short for a message."""
        return place if len(place) <= cls._MOST_SAID else f"{place[: cls._MOST_SAID]}…"


class NoRouteError(ScoGeoError, LookupError):
    """Two places that no railway of the chosen network connects, with the reason.

    Parameters
    ----------
    message : str
        Names both components and the nearest gap between them.
    components : sequence of str
        The parts of the network that the two places lie on, by their largest places.
    gap_km : float, optional
        Shortest distance between the two components, in km; None where there is no gap.
    reasons : sequence of str
        What would join them: closed links, other scenarios, countries that are avoided.
    """

    def __init__(
        self,
        message: str,
        *,
        components: Sequence[str] = (),
        gap_km: float | None = None,
        reasons: Sequence[str] = (),
    ) -> None:
        self.components, self.reasons = tuple(components), tuple(reasons)
        self.gap_km = gap_km
        super().__init__(message)


class SnapTooFarError(NoRouteError):
    """A place without a railway near by: no route can begin or end there.

    Parameters
    ----------
    place : str
        The place, kept as ``.place``.
    snap_km : float
        Distance to the nearest railway that may be used, in km; infinite if there is none.
    where : str, optional
        Where that railway is.
    before : str, optional
        What the message begins with.
    """

    LIMIT_KM = 25.0
    """Farthest railway that a place may be moved to, in km."""

    def __init__(
        self,
        place: str,
        snap_km: float,
        *,
        where: str = "",
        before: str = "",
        components: Sequence[str] = (),
        reasons: Sequence[str] = (),
    ) -> None:
        self.place, self.snap_km = place, snap_km
        is_any = snap_km < float("inf")
        nearest = f"the nearest is {snap_km:.1f} km away{where}" if is_any else "there is none"
        message = f"{before}no railway within {self.LIMIT_KM:g} km of {place}: {nearest}"
        super().__init__(
            ". ".join([message, *reasons]),
            components=components,
            gap_km=snap_km if is_any else None,
            reasons=reasons,
        )
