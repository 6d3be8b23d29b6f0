"""Fetch the tarball of a release once, from whichever mirror has it, and prove it before it is kept."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx2

from laam.corpus.releases import Release
from laam.http_faults import is_transient, retry_after, status_fault, transport_fault

ROUNDS = 2  # the second is for mirrors whose fault may have passed
PAUSE_S = 1.0  # before the second round, if a mirror doesn't say how long to wait

Proven = TypeVar("Proven")
Progress = Callable[[int, int | None], None]
"""Called with the number of bytes so far, and with the total if the mirror tells it."""


class ReleaseError(ValueError):
    """The release can't be fetched. The message is one sentence, fit for the page; it names no path of this machine."""


@dataclass(frozen=True)
class FetchLimits:
    """The most that a download may take. Times are in seconds, `size` in bytes."""

    connect_s: float = 10.0
    read_s: float = 20.0
    """The longest that a mirror may be silent."""
    total_s: float = 300.0
    size: int = 32_000_000
    """Of a packed tarball; an unpacked tree may have twice as many bytes."""


class _MirrorError(Exception):
    """Why a mirror didn't deliver; the reason follows the mirror's name. `again_s`: after how many seconds it is worth asking again."""

    def __init__(self, reason: str, again_s: float | None = None) -> None:
        super().__init__(reason)
        self.again_s = again_s


def cached_release(release: Release, folder: Path, prove: Callable[[Path], Proven]) -> Proven | None:
    """What `prove` makes of the release in `folder`, without the network; None if there is none.

    A tarball that `prove` refuses is deleted. Raises OSError if it can't be deleted.
    """
    for file in (folder / name for name in release.tarballs):
        if file.is_file():
            try:
                return prove(file)
            except ValueError:
                file.unlink()
    return None


def fetch_release(
    release: Release,
    folder: Path,
    prove: Callable[[Path], Proven],
    *,
    limits: FetchLimits | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Proven:
    """What `prove` makes of the release: from `folder` if it is cached there, else downloaded into it.

    `prove` takes a tarball's path and raises ValueError if it is not the release. No file gets the release's name before it is
    proven. The release's addresses are tried in turn, and a tarball is checked against its digest if one is known. A mirror that is
    busy or has failed is asked once more after the others, at the time that it names. `stop` ends the download early. Blocks.
    Raises ReleaseError.
    """
    limits, stop = limits or FetchLimits(), stop or threading.Event()
    deadline = time.monotonic() + limits.total_s
    timeout = httpx2.Timeout(limits.read_s, connect=limits.connect_s)
    faults: dict[str, list[str]] = {}  # hosts by what they did
    turns = [(0.0, address) for address in release.addresses]  # not before this moment
    try:
        if (proven := cached_release(release, folder, prove)) is not None:
            return proven
        folder.mkdir(parents=True, exist_ok=True)
        with httpx2.Client(timeout=timeout, follow_redirects=True, headers={"Accept-Encoding": "identity"}) as client:
            for _ in range(ROUNDS):
                later = []
                for moment, address in turns:
                    now = time.monotonic()
                    if stop.is_set() or max(now, moment) > deadline:
                        break
                    if moment > now and stop.wait(moment - now):
                        break
                    try:
                        data = _download(client, address, limits, deadline, progress, stop)
                        return _keep(data, folder / address.rpartition("/")[2], prove, release)
                    except _MirrorError as fault:
                        faults.setdefault(str(fault), []).append(address.split("/")[2])
                        if fault.again_s is not None:
                            later.append((time.monotonic() + fault.again_s, address))
                turns = sorted(later)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReleaseError(f"{release.title} can't be kept in the cache folder ({reason}): point LAAM_CACHE to another one.") from error
    reasons = "; ".join(f"{', '.join(dict.fromkeys(hosts))} {fault}" for fault, hosts in faults.items())
    raise ReleaseError(f"{release.title} can't be downloaded now: {reasons or 'no address of it is known'}.")


def _download(
    client: httpx2.Client, address: str, limits: FetchLimits, deadline: float, progress: Progress | None, stop: threading.Event
) -> bytes:
    """The bytes at an address. They fit into memory, so half a download never lies on the disk. Raises _MirrorError."""
    data = bytearray()
    try:
        with client.stream("GET", address) as answer:
            if answer.status_code != 200:
                again_s = retry_after(answer) or PAUSE_S if is_transient(answer) else None
                raise _MirrorError(status_fault(answer), again_s)
            total = int(answer.headers.get("Content-Length", 0)) or None
            for chunk in answer.iter_raw():
                data += chunk
                if len(data) > limits.size:
                    raise _MirrorError(f"sends more than {limits.size:,} bytes")
                if progress:
                    progress(len(data), total)
                if stop.is_set():
                    raise _MirrorError("was stopped")
                if time.monotonic() > deadline:
                    raise _MirrorError(f"took longer than the {limits.total_s:g} s that this may take")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _MirrorError(transport_fault(error)) from error
    return bytes(data)


def _keep(data: bytes, target: Path, prove: Callable[[Path], Proven], release: Release) -> Proven:
    """Prove the bytes and give them their name. Raises _MirrorError if they are not the release's."""
    if release.digests.get(target.name) not in (None, sha256(data).hexdigest()):
        raise _MirrorError(f"sent other bytes than those of {release.title}")
    with TemporaryDirectory(prefix=".", dir=target.parent) as temporary:
        file = Path(temporary) / target.name
        file.write_bytes(data)
        try:
            proven = prove(file)
        except ValueError as error:
            raise _MirrorError(f"sent other bytes than those of {release.title}") from error
        file.replace(target)
    return proven
