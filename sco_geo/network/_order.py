"""The order of nodes and edges in the network's file, in which neighbours have near numbers.

Nodes stand in the order of a depth-first search. Edges are of two kinds: *tree edges*, by which
the search came to a node for the first time, one for each node but the roots; and *links*, all the
others, back to a node that was there before. A tree edge ends at its new node and a link starts at
the later of its two nodes, so the numbers tell the kinds apart: start < end, or start >= end.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sco_geo.network._snapping_math import segment_metres

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def count_tree_edges(start: Ints, end: Ints) -> int | None:
    """Count the tree edges of edges in file order; None if they are in another order."""
    is_tree = start < end
    count = int(is_tree.sum())
    tree_ends, link_starts = end[:count], start[count:]
    in_order = (
        is_tree[:count].all()
        and (np.diff(tree_ends) > 0).all()
        and (np.diff(link_starts) >= 0).all()
    )
    return count if in_order else None


def find_order(
    lon: Floats, lat: Floats, start: Ints, end: Ints
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Find the order of the file for a graph in any order.

    Returns
    -------
    nodes : array
        Old numbers of the nodes, in the new order.
    edges : array
        Old numbers of the edges, in the new order.
    is_flipped : array
        For each edge of the new order: whether start and end change places.
    """
    visits = np.array(list(_search(lon, lat, start, end)), dtype=np.int64).reshape(-1, 2)
    nodes, came_by = visits[:, 0], visits[:, 1]
    new = np.empty(len(nodes), dtype=np.int64)
    new[nodes] = np.arange(len(nodes))
    tree = came_by[came_by >= 0]
    is_link = np.ones(len(start), dtype=bool)
    is_link[tree] = False
    links = np.flatnonzero(is_link)
    early, late = np.sort([new[start[links]], new[end[links]]], axis=0)
    links = links[np.lexsort((early, late))]
    edges = np.concatenate([tree, links])
    runs_up = new[start[edges]] < new[end[edges]]
    is_loop = start[edges] == end[edges]
    return nodes, edges, (runs_up != (np.arange(len(edges)) < len(tree))) & ~is_loop


def _search(lon: Floats, lat: Floats, start: Ints, end: Ints) -> Iterator[tuple[int, int]]:
    """Yield each node with the edge by which the search comes to it (-1: a root).

    Of several neighbours that is first which has the largest share of known neighbours, then the
    nearest: small cycles close at once, so links are short. The search starts in the west.
    """
    metres = segment_metres(lon[start], lat[start], lon[end], lat[end]).tolist()
    near: list[list[tuple[int, int]]] = [[] for _ in lon]
    for edge, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        near[a].append((b, edge))
        near[b].append((a, edge))
    by_place = np.lexsort((np.arange(len(lon)), lat, lon))
    rank = np.argsort(by_place).tolist()
    is_known = [False] * len(lon)

    def preference(step: tuple[int, int]) -> tuple[float, float, int, int]:
        node, edge = step
        known = sum(is_known[other] for other, _ in near[node])
        return known / len(near[node]), -metres[edge], -rank[node], -edge

    for root in by_place.tolist():
        stack = [] if is_known[root] else [(root, -1)]
        while stack:
            node, edge = stack.pop()
            if is_known[node]:
                continue
            is_known[node] = True
            yield node, edge
            stack += sorted((s for s in near[node] if not is_known[s[0]]), key=preference)
