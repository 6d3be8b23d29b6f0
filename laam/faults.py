"""Faults in a few words. An exception may hold a whole file, or a folder of this machine, and neither belongs into a sentence."""

import errno
from pathlib import Path

SHOWN_CHARACTERS = 400  # of what an exception says

TOO_LITTLE_MEMORY = "there is too little memory, or no room for another thread; give the machine, or whatever limits this process, more"
_NO_MEMORY = (
    "ailed to allocate",
    "nable to allocate",
    "annot allocate",
    "bad_alloc",
    "failed to map segment",
    "MemoryError",
    "start new thread",
)


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
    return any(words in str(error)[:2_000] for words in _NO_MEMORY)


def sentence(error: BaseException) -> str:
    """What is said of a fault that ends a program: the sentence of a ValueError, or else a few words."""
    if lacks_memory(error):
        return TOO_LITTLE_MEMORY
    return str(error) if type(error).__module__.startswith("laam.") or type(error) is ValueError else brief(error)


def short_name(file: Path) -> str:
    """A file with its folder, as in `model/config.json`: whoever chose the folder knows it, and visitors are shown no others."""
    return f"{file.parent.name}/{file.name}"
