"""Units and closed sets of values that several modules share."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "zh", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh", "ru")

#: Kinds of features that have a length and are drawn as lines.
LINE_KINDS: Final = frozenset(
    {"railway", "train_service", "ferry", "gas_pipeline", "oil_pipeline", "road"}
)
KINDS: Final = LINE_KINDS | {
    "territory",
    "disputed_area",
    "boundary_line",
    "place",
    "institution",
    "event",
    "other",
}
PROJECT_STATUSES: Final = frozenset(
    {"operating", "construction", "planned", "suspended", "mothballed", "cancelled"}
)
TERRITORY_STATUSES: Final = frozenset({"member", "observer", "dialogue_partner", "partner", "none"})
GEOMETRY_BASES: Final = frozenset(
    {"osm", "natural_earth", "waypoints", "published_alignment", "estimate"}
)
#: How a statement of the start text stands to the sources; ``context`` is not in that text.
VERDICTS: Final = frozenset({"confirmed", "differs", "unsupported", "not_mapped", "context"})
#: Rail gauges in use in the frame of the map, in millimetres.
GAUGES_MM: Final = frozenset({1000, 1067, 1435, 1520, 1676})


def split_list(text: object) -> tuple[str, ...]:
    """Split a ``;``-separated property into its parts; None and empty text give ()."""
    if text is None:
        return ()
    return tuple(part.strip() for part in str(text).split(";") if part.strip())
