"""Progress bars on standard error: only on a terminal, and only for work that takes a while."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Work that is done sooner than this shows no bar, in seconds.
_DELAY_S = 1.0


@contextmanager
def progress_bar(
    what: str, total: float, *, unit: str, is_wanted: bool, is_long: bool = False
) -> Iterator[Callable[[float], object]]:
    """Show how far some work has come; yield a function to call with what has been done since.

    Parameters
    ----------
    what : str
        The work, in a word or two.
    total : float
        The whole of it, in `unit`; ``B`` is shown with the usual prefixes.
    is_wanted : bool
        False for no bar anywhere. With True there is one if standard error is a terminal.
    is_long : bool
        Whether it is known to take a while: then the bar is there from the start.
    """
    if not is_wanted or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from tqdm import tqdm

    with tqdm(
        total=total,
        desc=what,
        unit=unit if unit == "B" else f" {unit}",
        unit_scale=unit == "B",
        delay=0.0 if is_long else _DELAY_S,
        leave=False,
        miniters=0,
        dynamic_ncols=True,
        file=sys.stderr,
    ) as bar:
        yield bar.update
