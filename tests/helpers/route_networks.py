"""A network of a few edges for the commands about routes; every length is reckoned by hand.

A--100--B--100--C--100--D        a main line along 40° N, 60 to 63° E; C to D is 1435 mm in CHN
        |               |
        +------180------+        being built, by 62° E 41° N; published are 150 to 330 km
        +------100------+        planned, by 62° E 39° N
S--900--T                        an island at 45° N; the place Zulu is far from all
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from small_networks import Edge, make_table

from sco_geo.network.crossings import Crossing, Crossings
from sco_geo.network.places import Gazetteer, Place
from sco_geo.network.rail_network import RailNetwork
from sco_geo.network.speeds import Speeds

NODES = {
    "A": (60.0, 40.0),
    "B": (61.0, 40.0),
    "C": (62.0, 40.0),
    "D": (63.0, 40.0),
    "S": (61.0, 45.0),
    "T": (62.0, 45.0),
}
PLACES = [
    Place("Alpha", *NODES["A"], "KAZ", "阿", "Альфа"),
    Place("Delta", *NODES["D"], "KAZ", "德", "Дельта"),
    *(Place(f"Place {name}", *NODES[name], "KAZ") for name in "BCST"),
    Place("Zulu", 75.0, 50.0, "KAZ"),
]
SHORTCUT = {
    "id": "new-line",
    "name": "New: first part",
    "name_zh": "新线：第一段",
    "status": "construction",
    "length_km": 180.0,
    "length_low_km": 150.0,
    "length_high_km": 330.0,
}
PLAN = {"id": "plan", "name": "Plan", "status": "planned", "length_km": 100.0}
EDGES = [
    Edge("A", "B", 100),
    Edge("B", "C", 100),
    Edge("C", "D", 100, country="CHN", gauge="1435"),
    Edge("B", "D", 180, country="CHN", status="construction", line="new-line", chain=((62, 41),)),
    Edge("B", "D", 100, country="CHN", status="planned", line="plan", chain=((62, 39),)),
    Edge("S", "T", 900),
]
SPEEDS = Speeds(50, 100, 20, border_hours=5, break_hours=7, ferry_hours=4, country_kmh={"CHN": 100})
GATE = Crossing("gate", "Gate", "门", "Ворота", 62.0, 40.0, frozenset({"KAZ", "CHN"}),
                frozenset({1520, 1435}), 30.0)  # fmt: skip


def network(scenario: str = "today", **options: Any) -> RailNetwork:
    """The network, as `RailNetwork.load` would return it."""
    edges = [replace(e, country=e.country.replace("AAA", "KAZ")) for e in EDGES]
    table = make_table(NODES, edges, [SHORTCUT, PLAN], {"version": "7", "as_of": "2025-08-30"})
    return RailNetwork(
        table,
        scenario,  # type: ignore[arg-type]
        traffic=options.get("traffic", "freight"),
        crossings=Crossings((GATE,)),
        gazetteer=Gazetteer(PLACES),
        speeds=SPEEDS,
    )
