import errno
from pathlib import Path

import pytest

from laam.faults import SHOWN_CHARACTERS, TOO_LITTLE_MEMORY, brief, lacks_memory, sentence, short_name


def undecodable() -> UnicodeDecodeError:
    return UnicodeDecodeError("utf-8", b"\xff" * 100_000, 0, 1, "invalid start byte")


LONG = [undecodable(), ValueError("x" * 9_999), KeyError("k" * 9_999), ValueError("one\ntwo\r\n three"), ValueError()]


@pytest.mark.parametrize("error", LONG)
def test_a_fault_is_one_short_line(error: Exception) -> None:
    said = brief(error)
    assert 0 < len(said) <= SHOWN_CHARACTERS + 1
    assert said.isprintable()


def test_a_fault_in_words() -> None:
    assert brief(KeyError("files")) == "'files' is missing"
    assert brief(OSError(errno.ENOSPC, "No space left on device", "/x")) == "/x: No space left on device"
    assert brief(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    assert brief(EOFError()) == "EOFError"
    assert short_name(Path("/home/somebody/model/config.json")) == "model/config.json"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("mkl_malloc: failed to allocate 4194304 bytes of memory"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
    ],
)
def test_too_little_memory_is_known_by_what_libraries_say(error: Exception) -> None:
    assert lacks_memory(error)
    assert sentence(error) == TOO_LITTLE_MEMORY


def test_any_other_fault_is_not_one_of_memory() -> None:
    assert not lacks_memory(RuntimeError("File model.bin is incomplete"))
    assert sentence(ValueError("a whole sentence " * 99)) == "a whole sentence " * 99
