"""Faults in a few words. An exception may hold a whole file, or a folder of this machine, and neither belongs into a sentence."""

import errno
from pathlib import Path

SHOWN_CHARACTERS = 200  # of what an exception says

_NO_MEMORY = ("failed to allocate", "unable to allocate", "bad_alloc", "can't allocate", "cannot allocate", "not enough memory")


def brief(error: BaseException) -> str:
    """What an exception says, in one line of at most SHOWN_CHARACTERS characters; its kind, if it says nothing."""
    if isinstance(error, OSError) and error.strerror:
        said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, KeyError):
        said = f"{error} is missing"
    else:
        said = str(error)
    return shortened(said) or type(error).__name__


def shortened(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    """A text in one line, cut if it is longer."""
    line = " ".join(text[: 4 * characters].split())
    return line if len(line) <= characters and len(text) <= 4 * characters else f"{line[:characters]}…"


def lacks_memory(error: BaseException | str) -> bool:
    """Whether something failed because the machine, or a limit set for this process, has too little memory. Libraries say so in
    words of their own."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(words in str(error)[:2_000].lower() for words in _NO_MEMORY)


def short_name(file: Path) -> str:
    """A file with its folder, as in `model/config.json`: whoever chose the folder knows it, and visitors are shown no others."""
    return f"{file.parent.name}/{file.name}"
