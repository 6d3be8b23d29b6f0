"""Files that appear whole or not at all, that are written line by line, that are locked, and places that can be written to."""

import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A temporary path that takes the target's place only when the block ends well."""
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file that appears whole or not at all; its folder is made if it isn't there. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(file) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def file_sha256(file: Path) -> str:
    """The sha256 of a file, in hexadecimal. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def append_json_line(file: Path, record: dict[str, Any]) -> None:
    """Write a record as the last line of a file of JSON lines. It is a line of its own even if the last one was left half written."""
    line = json.dumps(record).encode() + b"\n"
    with file.open("a+b") as lines:
        if lines.seek(0, os.SEEK_END):
            lines.seek(-1, os.SEEK_END)
            line = line if lines.read(1) == b"\n" else b"\n" + line
        lines.write(line)


def read_json_lines(file: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines. A line that holds none, as a process leaves it that is killed while it writes, or a full disk,
    is passed over, and the log names it."""
    records = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if isinstance(record, dict):
            records.append(record)
        else:
            _log.warning("%s, line %d: not a whole record, so it is passed over", file, number)
    return records


@contextmanager
def locked(file: Path, refusal: str) -> Iterator[None]:
    """Hold the lock `file`, which is made if it isn't there, and stays. Raises ValueError with the `refusal` while another process holds
    it; the system takes a lock from a process that ends, however it does."""
    with file.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ValueError(refusal) from error
        yield


@contextmanager
def whole_or_nothing(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, whose files move to their places when the block ends well, and take the place of those that are
    there. Else nothing is left of them, nor of `folder`, if it is empty."""
    half = folder / ".half"  # inside, since the folder may be a disk of its own
    shutil.rmtree(half, ignore_errors=True)  # of a process that was killed
    half.mkdir(parents=True)
    try:
        yield half
        for file in sorted(half.rglob("*")):
            target = folder / file.relative_to(half)
            if file.is_dir():
                target.mkdir(exist_ok=True)
            else:
                file.replace(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
        with suppress(OSError):
            folder.rmdir()  # only if nothing is in it


def check_folder(folder: Path, option: str) -> None:
    """Raises ValueError, which names the `option`, if nothing can be written into a folder, which may not be there yet."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{option} {folder}: is a file, and a folder is needed; give another place")
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(parent))
    if not there.is_dir():
        raise ValueError(f"{option} {folder}: {there} is not a folder; give another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"{option} {folder}: nothing can be written in {there}; give another place")


def check_file(file: Path, option: str) -> None:
    """Raises ValueError, which names the `option`, if a file can't be written, which may not be there yet, nor its folder."""
    if file.is_dir() or not file.name:
        raise ValueError(f"{option} {file}: is a folder, and a file is needed; give another place")
    check_folder(file.parent, option)
