"""What is written about the lines that were added to the network by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sco_geo.catalog import shipped_directory
from sco_geo.errors import CatalogError

ADDITIONS_FILE: Final = "rail_additions.geojson"


@lru_cache(maxsize=1)
def read_additions() -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of each line of `ADDITIONS_FILE` by its id; none without the file.

    Raises
    ------
    CatalogError
        If the file is no collection of lines with ids.
    """
    path = shipped_directory("geo") / ADDITIONS_FILE
    if not path.is_file():
        return {}
    try:
        features = json.loads(path.read_bytes())["features"]
        return {str(f["properties"]["id"]): f["properties"] for f in features}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"{path.name}: not a collection of lines with ids: {error}") from error
