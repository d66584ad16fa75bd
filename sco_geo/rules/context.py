"""Rules that compare lines and points with the territories given beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from sco_geo._flat import POLYGONS, Bools, Floats, Ints
from sco_geo.model import Finding
from sco_geo.rules._base import Context, Rule, View, plural, register

if TYPE_CHECKING:
    from sco_geo.geojson import Document

_LINE = '{"type": "LineString", "coordinates": [[69.2, 41.3], [76.1, 43.4]]}'

register(
    Rule(
        "CO115", "warning", "axes look exchanged",
        "No vertex lies in the territories given, all of them do with the numbers exchanged.",
        "The feature would be drawn and measured elsewhere.",
        '{"type": "LineString", "coordinates": [[41.3, 69.2], [43.4, 76.1]]}', _LINE,
    ),
    Rule(
        "TP403", "warning", "outside all territories",
        "A line touches none of the territories that it is compared with; ferries may.",
        "Its length would count for no country; often a sign is lost.",
        '{"type": "LineString", "coordinates": [[-69.2, 41.3], [-76.1, 43.4]]}', _LINE,
    ),
)  # fmt: skip

#: Points nearer to a territory than this, in degrees, may be ports on a coarse coast.
_OFF_COAST = 0.5
#: Vertices of one feature that are tested with their numbers exchanged.
_SAMPLE = 500


def why_no_territories(documents: Sequence[Document]) -> str:
    """Say why no territory can be taken from documents that are JSON, in a few words."""
    trees = [document.tree or {} for document in documents]
    if any(tree.get("type") == "Topology" for tree in trees):
        return "TopoJSON, not GeoJSON"
    kinds = {
        feature.properties.get("kind") in (None, "territory")
        for document in documents
        for feature in document.features
        if feature.geometry is not None and feature.geometry.geom_type in POLYGONS
    }
    if not kinds:
        return "no polygons"
    if not any(kinds):
        return "its polygons are of another kind than territory"
    return "none of its polygons is valid and on the globe"


def check_places(view: View) -> Iterator[Finding]:
    """Check for lines outside all territories, and for exchanged axes.

    Lines are judged one by one; points all together, for a port may lie off a coarse coast.
    """
    context = view.context
    if context is None:
        return
    lines = _rows_of_types(view, (1, 5))
    strange = _without_vertex_inside(view, context, lines)
    is_swapped = _are_swapped(view, context, strange)
    yield from _swapped_findings(view, strange[is_swapped])
    outside = _touching_none(view, context, strange[~is_swapped])
    # Areas of unknown meaning may be lakes or parks: most lines must touch them.
    if context.is_certain or 2 * (len(outside) + int(is_swapped.sum())) < len(lines):
        for row in outside.tolist():
            if view.flat.features[row].properties.get("kind") != "ferry":
                vertex = view.flat.feature_vertices(row)[0]
                yield view.vertex_finding("TP403", vertex, *_outside_texts(context))
    points = _points_outside(view, context)
    if _are_swapped(view, context, points).all():
        yield from _swapped_findings(view, points)


def _outside_texts(context: Context) -> tuple[str, str]:
    """Say which territories a line does not touch, and what to do."""
    hint = "Check signs and order of its coordinates, or give the right territories."
    if context.is_beside:
        hint = (
            "Check signs and order of its coordinates, give the right territories, or check "
            "territories and other layers apart."
        )
    if context.is_shipped:
        return "the line touches none of the shipped territories", hint
    noun = "territory" if context.is_certain else "area"
    count, names = len(context.polygons), [Path(path).name for path in context.sources]
    place = names[0] if len(names) == 1 else f"{len(names)} files"
    if count == 1:
        return f"the line does not touch the only {noun}, that of {place}", hint
    return f"the line touches none of the {plural(count, noun)} of {place}", hint


def _swapped_findings(view: View, rows: Ints) -> Iterator[Finding]:
    for row in rows.tolist():
        vertex = view.flat.feature_vertices(row)[0]
        lon, lat = float(view.flat.lon[vertex]), float(view.flat.lat[vertex])
        message = (
            "no vertex lies in the territories given, exchanged all of them do "
            f"(the first is [{lon:.6g}, {lat:.6g}])"
        )
        hint = (
            "Exchange the two numbers of each position: longitude comes first; or leave it if it "
            "lies at sea as it stands."
        )
        yield view.vertex_finding("CO115", vertex, message, hint)


def _are_swapped(view: View, context: Context, rows: Ints) -> Bools:
    """Tell which features lie in the territories with all vertices once exchanged."""
    samples = [_sample(view, row) for row in rows.tolist()]
    result: Bools = _inside_counts(context, samples, view.flat.lat, view.flat.lon) == [
        len(sample) for sample in samples
    ]
    return result


def _without_vertex_inside(view: View, context: Context, rows: Ints) -> Ints:
    """Return the rows of features that have no vertex in a territory, by a sample of them."""
    flat = view.flat
    # Most lines begin inside; only the others are looked at vertex by vertex.
    first = flat.offsets[np.searchsorted(flat.part_feature, rows)]
    rows = rows[~_is_inside(context, first, flat.lon, flat.lat)]
    samples = [_sample(view, row) for row in rows.tolist()]
    return rows[_inside_counts(context, samples, flat.lon, flat.lat) == 0]


def _sample(view: View, row: int) -> Ints:
    begin, end = view.flat.feature_vertices(row)
    return np.arange(begin, end, max(1, (end - begin) // _SAMPLE))


def _inside_counts(context: Context, samples: list[Ints], x: Floats, y: Floats) -> Ints:
    """Return how many vertices of each sample lie in a territory, with x and y as lon and lat."""
    if not samples:
        return np.zeros(0, dtype=np.int64)
    is_inside = _is_inside(context, np.concatenate(samples), x, y)
    begins = np.cumsum([0, *(len(sample) for sample in samples[:-1])])
    return np.add.reduceat(is_inside.astype(np.int64), begins)


def _is_inside(context: Context, vertices: Ints, x: Floats, y: Floats) -> Bools:
    points = shapely.points(x[vertices], y[vertices])
    is_inside = np.zeros(len(vertices), dtype=bool)
    is_inside[shapely.STRtree(points).query(context.polygons, predicate="intersects")[1]] = True
    return is_inside


def _touching_none(view: View, context: Context, rows: Ints) -> Ints:
    """Return the rows of lines that touch none of the territories."""
    geometries = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    hit = shapely.STRtree(geometries).query(context.polygons, predicate="intersects")[1]
    return np.delete(rows, np.unique(hit))


def _points_outside(view: View, context: Context) -> Ints:
    """Return the rows of points if all points of the document are well outside."""
    rows = _rows_of_types(view, (0, 4))
    points = np.array([view.document.features[row].geometry for row in rows], dtype=object)
    tree = shapely.STRtree(points)
    near = tree.query(context.polygons, predicate="dwithin", distance=_OFF_COAST)[1]
    return rows[:0] if near.size else rows


def _rows_of_types(view: View, types: tuple[int, ...]) -> Ints:
    """Return the rows of features of some geometry types whose vertices are on the globe."""
    flat = view.flat
    geometries = np.array([f.geometry for f in view.document.features], dtype=object)
    is_chosen = np.isin(shapely.get_type_id(geometries), types)
    is_chosen[flat.part_feature[~view.is_part_in_range]] = False
    return np.flatnonzero(is_chosen)
