"""Fetch the release tarball of Linux 1.0 once, from whichever mirror has it, and prove it before it is kept."""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import httpx

from laam.corpus.partial import PartialFile

RELEASE_NAMES = ("linux-1.0.tar.gz", "linux-1.0.tar.xz")
MIRRORS = ("https://mirrors.edge.kernel.org", "https://cdn.kernel.org", "https://www.kernel.org")
RELEASE_ADDRESSES = tuple(f"{mirror}/pub/linux/kernel/v1.0/{name}" for mirror in MIRRORS for name in RELEASE_NAMES)
RELEASE_DIGESTS = {"linux-1.0.tar.gz": "014cc3ea69a3db6a483eb743e3140e0e45a4a8c168c59f8c3b090cd72ab01802"}
"""sha256 by file name, for the packings whose digest is known. What counts in the end is the digest of each file inside."""

ROUNDS = 3  # how often a mirror that asks to wait is asked again
REDIRECTS = 5
LOCK_POLL_S = 0.2

Proven = TypeVar("Proven")
Progress = Callable[[int, int | None], None]
"""Called with the bytes so far, and of how many, where the mirror says."""


class ReleaseError(ValueError):
    """The release can't be had. The message is one sentence, fit for the page; it names no place on this machine."""


@dataclass(frozen=True)
class FetchLimits:
    """What a download may take. Times are in seconds, `size` in bytes."""

    connect_s: float = 10.0
    read_s: float = 20.0
    """The longest that a mirror may be silent."""
    total_s: float = 300.0
    size: int = 8_000_000
    """The .tar.gz has under 1.3 million."""
    attempts: int = 3
    """How often one address is asked when it breaks off; each goes on where the last one ended, if the mirror can."""


class _MirrorError(Exception):
    """A mirror that doesn't have it. `reason` goes on after its name; `host_too`: its other addresses are not worth asking."""

    def __init__(self, reason: str, *, host_too: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.host_too = host_too


class _BrokenOffError(_MirrorError):
    """A transfer that ended too early; it may be asked for again."""


class _BusyError(_MirrorError):
    """A mirror that asks to come back in so many seconds."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(f"answered {status} and asked to wait {seconds:.0f} s", host_too=True)
        self.seconds = seconds


def fetch_release(
    folder: Path,
    prove: Callable[[Path], Proven],
    *,
    addresses: Sequence[str] = RELEASE_ADDRESSES,
    digests: Mapping[str, str] = RELEASE_DIGESTS,
    limits: FetchLimits | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Proven:
    """What `prove` makes of the release: from `folder` where it is cached, else downloaded into it.

    `prove` takes a tarball's path and raises ValueError for one that is not the release; such a file is deleted. Nothing gets
    a release's name before it is proven. `addresses` are tried in turn, and `digests` (sha256 by file name) held against those
    that have one. `stop` ends the download early. Blocks for at most `limits.total_s` and one silence of `limits.read_s`, not
    counting the time that looking up a host's address takes. Raises ReleaseError, and leaves what can be continued.
    """
    limits, stop = limits or FetchLimits(), stop or threading.Event()
    deadline = time.monotonic() + limits.total_s
    try:
        proven = cached_release(folder, prove)
        if proven is None:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder, deadline, stop):
                proven = cached_release(folder, prove)  # another process may have fetched it meanwhile
                if proven is None:
                    with _client(limits, deadline) as client:
                        proven = _Download(client, folder, prove, digests, limits, deadline, progress, stop).run(addresses)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReleaseError(f"Linux 1.0 can't be kept in the cache folder ({reason}): point LAAM_CACHE to one with room.") from error
    return proven


def cached_release(folder: Path, prove: Callable[[Path], Proven]) -> Proven | None:
    """What `prove` makes of the release in `folder`, without the network; None where none is there.

    One that `prove` refuses is deleted. Raises OSError where that can't be done.
    """
    for name in RELEASE_NAMES:
        file = folder / name
        if file.is_file():
            try:
                return prove(file)
            except ValueError:
                file.unlink()
    return None


@contextmanager
def _locked(folder: Path, deadline: float, stop: threading.Event) -> Iterator[None]:
    """Only one process downloads into a folder; the lock ends with the process that holds it."""
    with (folder / "release.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stop.wait(LOCK_POLL_S) or time.monotonic() > deadline:
                    raise ReleaseError("Linux 1.0 can't be downloaded now: another process has been at it for too long.") from None
        yield


@contextmanager
def _client(limits: FetchLimits, deadline: float) -> Iterator[httpx.Client]:
    try:
        client = httpx.Client(follow_redirects=True, max_redirects=REDIRECTS, headers={"Accept-Encoding": "identity"})
    except (OSError, ValueError, ImportError) as error:
        raise ReleaseError("Linux 1.0 can't be downloaded: the proxy or certificate settings of this machine can't be used.") from error
    # A mirror that drips its headers is never silent for long enough, so at the end of its time its connection is closed.
    watchdog = threading.Timer(deadline - time.monotonic() + 0.05, client.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield client
    finally:
        watchdog.cancel()
        client.close()


class _Download(Generic[Proven]):
    """One go at all mirrors."""

    def __init__(
        self,
        client: httpx.Client,
        folder: Path,
        prove: Callable[[Path], Proven],
        digests: Mapping[str, str],
        limits: FetchLimits,
        deadline: float,
        progress: Progress | None,
        stop: threading.Event,
    ) -> None:
        self._client = client
        self._folder = folder
        self._prove = prove
        self._digests = digests
        self._limits = limits
        self._deadline = deadline
        self._progress = progress
        self._stop = stop
        self._partial = PartialFile(folder / "release.part")
        self._reasons: dict[str, list[str]] = {}  # by host, in the order in which they came

    def run(self, addresses: Sequence[str]) -> Proven:
        begun = self._partial.address
        waiting = sorted(addresses, key=lambda address: address != begun)  # what was begun comes first
        for _ in range(ROUNDS):
            ready: dict[str, float] = {}  # when a busy host may be asked again
            left: set[str] = set()
            for address in waiting:
                host = _host(address)
                if host in left:
                    continue
                try:
                    return self._fetch(address)
                except _BusyError as busy:
                    ready[host] = time.monotonic() + busy.seconds
                    self._note(host, busy)
                except _MirrorError as fault:
                    self._note(host, fault)
                    if not fault.host_too:
                        continue
                left.add(host)
            earliest = min(ready.values(), default=self._deadline)
            if earliest >= self._deadline:
                break
            self._stop.wait(max(earliest - time.monotonic(), 0.0))
            waiting = [address for address in waiting if _host(address) in ready]
        raise self._failure()

    def _fetch(self, address: str) -> Proven:
        """Download, prove and keep one address. Raises _MirrorError."""
        _name(address)  # a fault at once, not after the download
        fault = _MirrorError("was not asked")
        for _ in range(self._limits.attempts):
            self._check_time()
            try:
                continued = self._receive(address)
            except _BrokenOffError as broken:
                fault = broken
                continue
            try:
                return self._accept(address)
            except _MirrorError as wrong:
                self._partial.delete()
                if not continued:
                    raise
                fault = wrong  # the fault may lie in what was continued
        raise fault

    def _accept(self, address: str) -> Proven:
        name, file = _name(address), self._partial.file
        with file.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        if self._digests.get(name, digest) != digest:
            raise _MirrorError("sent other bytes than those of Linux 1.0")
        try:
            proven = self._prove(file)
        except ValueError as error:
            raise _MirrorError("sent other bytes than those of Linux 1.0") from error
        self._partial.keep_as(self._folder / name)
        return proven

    def _receive(self, address: str) -> bool:
        """Receive an address into the partial file, whole; returns whether an earlier part was continued."""
        size, validator = self._partial.progress(address)
        headers = {"Range": f"bytes={size}-", "If-Range": validator} if size else {}
        answered = False
        try:
            with self._client.stream("GET", address, headers=headers, timeout=self._timeouts()) as response:
                answered = True
                start = self._start(response, size)
                total = _length(response, start)
                if total is not None and total > self._limits.size:
                    raise _MirrorError(f"offers more than {self._limits.size:,} bytes")
                with self._partial.go_on() if start else self._partial.begin(address, _validator(response)) as file:
                    self._receive_body(response, file, start, total)
                return start > 0
        except httpx.TimeoutException:
            # Once it has answered, it is worth going on with.
            raise (_BrokenOffError("fell silent") if answered else _MirrorError("does not answer", host_too=True)) from None
        except httpx.TooManyRedirects:
            raise _MirrorError("redirects without end") from None
        except httpx.UnsupportedProtocol:
            raise _MirrorError("redirects to what is no web address") from None
        except httpx.ConnectError:
            raise _MirrorError("can't be reached", host_too=True) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _BrokenOffError("broke off") from None

    def _receive_body(self, response: httpx.Response, file: BinaryIO, start: int, total: int | None) -> None:
        done = start
        for chunk in response.iter_raw():  # as it comes, so that the time is looked at often
            done += len(chunk)
            if done > self._limits.size:
                self._partial.delete()
                raise _MirrorError(f"sends more than {self._limits.size:,} bytes")
            write_chunk(file, chunk, self._partial)
            if self._progress:
                self._progress(done, total)
            self._check_time()

    def _start(self, response: httpx.Response, size: int) -> int:
        """At which byte this answer begins. Raises _MirrorError for one that isn't the file."""
        status = response.status_code
        if status == 200:
            return 0
        if status == 206 and size and response.headers.get("Content-Range", "").startswith(f"bytes {size}-"):
            return size
        if status in (206, 416):
            self._partial.delete()  # what is here can't be continued
            raise _BrokenOffError(f"answered {status} to what was not asked")
        seconds = _retry_after(response.headers.get("Retry-After", ""))
        if status in (429, 503) and seconds is not None:
            raise _BusyError(status, seconds)
        raise _MirrorError(f"answered {status}", host_too=status == 429 or status >= 500)

    def _timeouts(self) -> httpx.Timeout:
        left = max(self._deadline - time.monotonic(), 0.01)
        silence = min(self._limits.read_s, left)
        return httpx.Timeout(silence, connect=min(self._limits.connect_s, left))

    def _check_time(self) -> None:
        if self._stop.is_set() or time.monotonic() >= self._deadline:
            raise self._failure()

    def _note(self, host: str, fault: _MirrorError) -> None:
        reasons = self._reasons.setdefault(host, [])
        if fault.reason not in reasons:
            reasons.append(fault.reason)

    def _failure(self) -> ReleaseError:
        """All that happened, in one sentence; hosts that did the same are named together."""
        hosts: dict[str, list[str]] = {}
        for host, reasons in self._reasons.items():
            hosts.setdefault(" and ".join(reasons), []).append(host)
        parts = [f"{', '.join(names)} {reason}" for reason, names in hosts.items()]
        if self._stop.is_set():
            parts.append("it was stopped")
        elif time.monotonic() >= self._deadline:
            parts.append(f"the {self._limits.total_s:g} s that it may take are over")
        return ReleaseError(f"Linux 1.0 can't be downloaded now: {'; '.join(parts) or 'no mirror is named'}.")


def write_chunk(file: BinaryIO, chunk: bytes, partial: PartialFile) -> None:
    """Write the next bytes. On a full disk the partial file is deleted, to give the room back; the OSError goes on."""
    try:
        file.write(chunk)
        file.flush()
    except OSError:
        with suppress(OSError):
            partial.delete()
        raise


def _host(address: str) -> str:
    return httpx.URL(address).netloc.decode("ascii", "replace")


def _name(address: str) -> str:
    """The file's name, which the digests and the cache go by. Raises _MirrorError for one that is no release's."""
    name = httpx.URL(address).path.rpartition("/")[2]
    if name not in RELEASE_NAMES:
        raise _MirrorError(f"is asked for {name!r}, which is neither {' nor '.join(RELEASE_NAMES)}")
    return name


def _length(response: httpx.Response, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isascii() and length.isdigit() else None


def _validator(response: httpx.Response) -> str:
    """What `If-Range` may carry: a strong ETag, else the time of the last change; empty where there is neither."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag and not tag.startswith("W/") else str(response.headers.get("Last-Modified", ""))


def _retry_after(value: str) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None where it says neither."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
