"""Names of published figures, units, properties and words of the data, in three languages."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Final

#: What a row of the table names; the letter is also the prefix of its key.
KINDS: Final = {
    "c": "property of a claim",
    "u": "unit of a claim or a capacity",
    "p": "property of a feature",
    "v": "word that a property of a feature has as its value",
}


@cache
def labels() -> dict[str, tuple[str, str, str]]:
    """Return all labels (English, Chinese, Russian) by key, such as ``c_length_km``.

    Returns
    -------
    dict
        Keys are a letter of `KINDS`, an underscore and the word as it stands in the data.

    Examples
    --------
    >>> labels()["u_bn USD"]
    ('bn USD', '十亿美元', 'млрд долл. США')
    """
    table = resources.files("sco_geo.atlas") / "page" / "properties.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {f"{row['kind']}_{row['key']}": (row["en"], row["zh"], row["ru"]) for row in rows}
