"""Ids that stand twice in a dataset, found without holding all ids in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Ids that are held in memory at a time; each takes 24 bytes.
_MOST_HELD = 4_000_000

Hashes = NDArray[np.uint64]


def hash_ids(ids: Sequence[str | None]) -> Hashes:
    """Return 128 bits for each id, as two columns; 0, 0 for a missing one.

    Two ids of a dataset of 10^9 features share them by chance once in 10^20 times.
    """
    from pandas.util import hash_array

    result = np.zeros((len(ids), 2), dtype=np.uint64)
    known = np.array([name is not None for name in ids], dtype=bool)
    texts = np.array(ids, dtype=object)[known]
    for column, key in enumerate(("sco-geo ids one.", "sco-geo ids two.")):
        result[known, column] = hash_array(texts, hash_key=key, categorize=False)
    return result


class IdLedger:
    """The hashes of all ids and the rows they stand in, sorted in files of a directory."""

    def __init__(self, directory: Path, *, most_held: int = _MOST_HELD) -> None:
        self._directory = directory
        self._most_held = most_held
        self._held: list[NDArray[np.void]] = []
        self._files: list[Path] = []
        self._count = 0

    _TYPE = np.dtype([("one", "u8"), ("two", "u8"), ("row", "u8")])

    def add(self, hashes: Hashes, first_row: int) -> None:
        """Add the ids of rows that follow each other."""
        records = np.empty(len(hashes), dtype=self._TYPE)
        records["one"], records["two"] = hashes.T
        records["row"] = np.arange(first_row, first_row + len(hashes))
        self._held.append(records[hashes.any(axis=1)])
        self._count += len(self._held[-1])
        if sum(map(len, self._held)) >= self._most_held:
            self._spill()

    def _spill(self) -> None:
        path = self._directory / f"ids-{len(self._files)}.npy"
        np.save(path, _sorted(self._held))
        self._files.append(path)
        self._held = []

    def repeats(self) -> Iterator[tuple[int, int]]:
        """Yield each row whose id stands in an earlier one, and the first such row."""
        runs = [np.load(path, mmap_mode="r") for path in self._files]
        if self._held:
            runs.append(_sorted(self._held))
        slices = max(-(-self._count // self._most_held), 1)
        edges = [number * 2**64 // slices for number in range(slices)] + [2**64]
        for low, high in itertools.pairwise(edges):
            parts = [_between(run, low, high) for run in runs]
            if parts:
                yield from _repeats_in(_sorted(parts))


def _sorted(parts: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    records = np.concatenate(parts)
    return records[np.lexsort((records["row"], records["two"], records["one"]))]


def _between(run: NDArray[np.void], low: int, high: int) -> NDArray[np.void]:
    """Return the records of a sorted run whose first number is at least `low` and below `high`."""
    begin = int(np.searchsorted(run["one"], np.uint64(low)))
    end = int(np.searchsorted(run["one"], np.uint64(high))) if high < 2**64 else len(run)
    return run[begin:end]


def _repeats_in(records: NDArray[np.void]) -> Iterator[tuple[int, int]]:
    """Yield the repeats among sorted records."""
    is_same = np.zeros(len(records), dtype=bool)
    is_same[1:] = (records["one"][1:] == records["one"][:-1]) & (
        records["two"][1:] == records["two"][:-1]
    )
    first = np.maximum.accumulate(np.where(is_same, 0, np.arange(len(records))))
    for index in np.flatnonzero(is_same).tolist():
        yield int(records["row"][index]), int(records["row"][first[index]])
