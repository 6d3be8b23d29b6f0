"""Standard output and error as they are given to a program: perhaps closed, perhaps in an encoding that lacks signs."""

import io
import os
import sys


def in_words(seconds: float) -> str:
    """How long something takes, in words: seconds, minutes or hours."""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(1, round(seconds))} seconds" if round(seconds) > 1 else "a second"


def open_streams() -> None:
    """Make it safe to print. A sign that a stream's encoding lacks is written as an escape.

    A closed standard error is opened to nowhere: `print` would write to standard output instead. Raises ValueError if standard output
    is closed, since the next file that is opened would get its number, and whatever a library prints.
    """
    if sys.stderr is None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != 2:
            os.dup2(nowhere, 2)
            os.close(nowhere)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    if sys.stdout is None:
        raise ValueError("standard output is closed, so there is nothing to write to; send it to a file, or to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
