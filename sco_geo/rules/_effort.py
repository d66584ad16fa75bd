"""How long GEOS would be busy with a polygon: its time grows with the boxes that overlap."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sco_geo._flat import Bools, Floats

#: Pairs of boxes, in one document, up to which GEOS is asked; 50 million take it about a second.
MAX_PAIRS = 1e8
#: Polygons of fewer vertices are never a problem by themselves.
_SMALL = 2_000
#: Boxes whose pairs are counted when there are too many to count all, and the work for that.
_LEAST_SAMPLES, _MOST_SAMPLES, _SAMPLE_WORK = 24, 200, 20_000_000


def find_intricate(geometries: NDArray[np.object_]) -> Bools:
    """Tell which polygons must be left out so that GEOS checks the others in a few seconds."""
    result = np.zeros(len(geometries), dtype=bool)
    spent = 0.0
    for index in np.flatnonzero(shapely.get_num_coordinates(geometries) > _SMALL).tolist():
        pairs = estimate_pairs(geometries[index])
        result[index] = spent + pairs > MAX_PAIRS
        if not result[index]:
            spent += pairs
    return result


def estimate_pairs(geometry: BaseGeometry) -> float:
    """Estimate the pairs of overlapping boxes that GEOS meets in a polygon.

    GEOS compares the boxes of monotone chains (runs of edges that keep to one quarter of the
    compass), and splits those that overlap down to the edges.
    """
    rings = shapely.get_rings(shapely.get_parts(geometry))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.diff(points, axis=0)
    is_edge = np.diff(ring) == 0
    quarter = np.where(is_edge, (steps[:, 0] >= 0) * 2 + (steps[:, 1] >= 0), -1)
    is_first = np.append(True, quarter[1:] != quarter[:-1])
    begin = np.flatnonzero(is_first)
    end = np.append(begin[1:], len(quarter))
    is_chain = is_edge[begin]
    edge = np.flatnonzero(is_edge)
    chains = _pairs(points[begin[is_chain]], points[end[is_chain]])
    splits = min(len(edge) / int(np.count_nonzero(is_chain)), 4.0) ** 2
    return splits * chains + _pairs(points[edge], points[edge + 1])


def _pairs(one: Floats, other: Floats) -> float:
    """Estimate how many pairs of boxes, given by two corners each, overlap."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    bound = min(_shared(low[:, axis], high[:, axis]) for axis in (0, 1))
    bound = min(bound, len(low) ** 2 / 2)
    return bound if bound <= MAX_PAIRS / 4 else min(bound, _sampled(low, high))


def _shared(low: Floats, high: Floats) -> float:
    """Return an upper bound of the pairs of intervals that overlap."""
    count = max(64, len(low) // 8)
    start, extent = low.min(), max(float(high.max() - low.min()), 1e-300)
    first = ((low - start) * ((count - 1) / extent)).astype(np.int64)
    last = ((high - start) * ((count - 1) / extent)).astype(np.int64)
    begins = np.bincount(first, minlength=count + 1)
    ends = np.bincount(last + 1, minlength=count + 1)
    inside = np.cumsum(begins - ends).astype(float)
    return float((inside * inside).sum()) / 2


def _sampled(low: Floats, high: Floats) -> float:
    """Estimate the pairs from some boxes: the largest, and fewer of each smaller size."""
    order = np.argsort((low - high).sum(axis=1))
    samples = min(max(_SAMPLE_WORK // len(order), _LEAST_SAMPLES), _MOST_SAMPLES)
    ranks = np.unique(np.geomspace(1, len(order), samples).astype(np.int64)) - 1
    weights = np.diff(ranks, append=len(order))
    (west, south), (east, north) = np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)
    total = 0.0
    for box, weight in zip(order[ranks].tolist(), weights.tolist(), strict=True):
        is_shared = (west <= east[box]) & (east >= west[box])
        is_shared &= (south <= north[box]) & (north >= south[box])
        total += weight * float(np.count_nonzero(is_shared))
    return total / 2
