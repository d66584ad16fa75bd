"""What the commands write to standard output, whatever encoding it has and whoever reads it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable

#: Exit codes: done (warnings allowed), findings of severity error, wrong use.
DONE, FOUND, MISUSED = 0, 1, 2
#: What shells say of a command that was ended with Ctrl-C: 128 and the number of the signal.
INTERRUPTED = 130
#: Control characters that JSON may hold, direction marks, invisible characters, half characters.
_UNPRINTABLE = re.compile(
    "[\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)


def _write(chunks: Iterable[str]) -> None:
    """Write to standard output; whoever reads it may stop reading at any time."""
    if sys.stdout is None:  # closed by the caller
        return
    try:
        for chunk in chunks:
            sys.stdout.write(chunk)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
    except OSError:
        drop_output()
        raise


def drop_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter can end in peace."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Write a line on standard error, if there is one; it never lands among the results."""
    if sys.stderr is not None:
        print(f"sco-geo: {text}", file=sys.stderr)


def print_lines(lines: Iterable[str]) -> None:
    """Write one line a text."""
    _write(f"{line}\n" for line in lines)


def print_json(value: object) -> None:
    """Write a JSON text with whatever standard output or a terminal may trip over escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_ascii = not encoding.lower().startswith("utf")
    encoder = json.JSONEncoder(ensure_ascii=is_ascii, indent=1, allow_nan=False)
    chunks = map(_escape_unprintable, encoder.iterencode(value))
    _write(itertools.chain(chunks, ["\n"]))


def _escape_unprintable(text: str) -> str:
    """Escape direction marks, control characters and half characters inside JSON texts."""
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
