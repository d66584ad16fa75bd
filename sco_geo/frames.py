"""Layers as GeoDataFrames."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd

from sco_geo import geojson
from sco_geo.errors import ValidationError


def read_layer(path: str | os.PathLike[str]) -> gpd.GeoDataFrame:
    """Read a GeoJSON layer.

    Parameters
    ----------
    path : path
        A GeoJSON file (RFC 7946).

    Returns
    -------
    GeoDataFrame
        One row a feature with its properties and ``id``, in OGC:CRS84 (longitude, latitude in
        degrees). Features without geometry have None.

    Raises
    ------
    InputPathError
        If the file cannot be opened.
    ValidationError
        If the text is not GeoJSON; ``validate`` lists everything that is wrong with a file.
    """
    document = geojson.read(Path(path))
    if any(finding.severity == "error" for finding in document.findings):
        raise ValidationError(document.findings)
    features = document.features
    return gpd.GeoDataFrame(
        [{"id": feature.id, **feature.properties} for feature in features],
        geometry=[feature.geometry for feature in features],
        crs="OGC:CRS84",
    )
