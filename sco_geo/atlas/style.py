"""How each class of feature looks: one table for the page and its legend.

Colour is never alone: territories differ in lightness and hatching, lines in dash and width, so
that the map holds in print and for colour-blind readers. Line colours keep a contrast of at least
3:1 against land, sea and every fill (tested).
"""

from __future__ import annotations

from typing import Any, Final

#: Ground colours: the sheet around the frame, sea, land of states without a status, lines.
GROUND: Final[dict[str, str]] = {
    "sheet": "#eef2f4",
    "sea": "#dce7ee",
    "land": "#f6f3ec",
    "coast": "#8fa3b0",
    "border": "#7b8479",
    "graticule": "#c9d8e1",
    "label": "#4a4a44",
    "label_sco": "#23402f",
    "place": "#2b2b2b",
    "halo": "#fffdf8",
    "casing": "#fffdf8",
    "selected": "#111111",
}

#: Fill and hatch of a territory by its status in the organisation; lightness falls with rank.
TERRITORIES: Final[dict[str, dict[str, Any]]] = {
    "member": {"fill": "#a9c8b2", "hatch": None},
    "observer": {"fill": "#cfe0c9", "hatch": "#7fa38b"},
    "dialogue_partner": {"fill": "#dfe6cf", "hatch": None},
    "partner": {"fill": "#dfe6cf", "hatch": None},
    "none": {"fill": "#f6f3ec", "hatch": None},
}

#: Colour and width in px of a line by its kind.
LINES: Final[dict[str, dict[str, Any]]] = {
    "train_service": {"color": "#a3213f", "width": 2.4},
    "railway": {"color": "#5a2d82", "width": 2.8},
    "ferry": {"color": "#1f5f8b", "width": 2.0},
    "gas_pipeline": {"color": "#0b4f9c", "width": 2.2},
    "oil_pipeline": {"color": "#3d3d3d", "width": 2.2},
    "road": {"color": "#8a4a10", "width": 1.8},
    "boundary_line": {"color": "#555555", "width": 1.2},
    "other": {"color": "#2f4b7c", "width": 2.2},
}

#: Dash in px of a line by its state; the first that applies counts: status, then routing.
DASHES: Final[dict[str, list[float]]] = {
    "construction": [9, 5],
    "planned": [2, 5],
    "suspended": [10, 4, 2, 4],
    "mothballed": [10, 4, 2, 4],
    "cancelled": [1, 7],
    "inferred": [5, 3],
}

#: Colour and symbol of a point by its role or, failing that, its kind; others look as their line.
POINTS: Final[dict[str, dict[str, Any]]] = {
    "summit": {"color": "#8c1d5a", "symbol": "square"},
    "exercise": {"color": "#5c4a00", "symbol": "triangle"},
    "institution": {"color": "#1f3f73", "symbol": "house"},
    "event": {"color": "#8c1d5a", "symbol": "square"},
    "hub": {"color": "#37474f", "symbol": "ring"},
}

#: Contested areas and lines: hatched or dashed in a neutral grey, without a colour of status.
DISPUTED: Final[dict[str, dict[str, Any]]] = {
    "hatch": {"fill": "#f1eee6", "hatch": "#8b867b"},
    "hatch_light": {"fill": None, "hatch": "#b5b0a4"},
    "line": {"color": "#5f5f58", "width": 1.1, "dash": [4.5, 3.5]},
}

#: Area of a polygon that is no territory (a layer that a user drops in).
AREA: Final[dict[str, str]] = {"color": "#2f4b7c", "fill": "rgba(47, 75, 124, 0.18)"}


def table() -> dict[str, Any]:
    """Return the whole style as the page reads it."""
    return {
        "ground": GROUND,
        "territories": TERRITORIES,
        "lines": LINES,
        "dashes": DASHES,
        "area": AREA,
        "points": POINTS,
        "disputed": DISPUTED,
    }
