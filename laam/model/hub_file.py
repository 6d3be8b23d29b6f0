"""One file of a hub's repository: what it is, and its bytes, continued where an earlier download was cut.

`hf_hub_download` of huggingface_hub 2.4 is not used: it drops the bytes of a download that was killed (each has a name of its own),
may wait for minutes on a silent hub, and believes an ETag without a look at the bytes. What is received here lies in that library's
own cache, as it would put it there. Plain HTTP is all that is asked for, so Xet is never needed.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

import httpx

Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that are here, and of how many."""

Wait = Callable[[float], None]
"""Waits so many seconds."""

_REDIRECTS = 5
_ETAG = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class HubError(ValueError):
    """A model can't be had from the hub. The message is one sentence, fit for the page; it names no place on this machine."""


class FileError(Exception):
    """Why a file can't be had; the reason goes on after the hub's name."""


class MissingFileError(FileError):
    """The repository has no such file."""


class _PassingError(FileError):
    """A fault that may be over at the next attempt, `after` seconds from now where the hub says so."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True)
class FetchLimits:
    """What a fetch may take. Times are in seconds, `size` in bytes of one file."""

    etag_s: float = 10.0
    """The longest silence before an answer to what a file is."""
    read_s: float = 10.0
    """The longest silence within a download."""
    total_s: float = 900.0
    size: int = 2_000_000_000
    attempts: int = 4
    """How often a file is asked for in vain; an attempt that brought bytes doesn't count."""


@dataclass(frozen=True)
class HubFile:
    """A file as the hub describes it; `etag` is the sha256 of a large file, the Git blob's sha1 of a small one."""

    name: str
    commit: str
    etag: str
    size: int


class HubClient:
    """Requests to one hub, until a deadline. `token` goes to that hub's own origin and nowhere else."""

    def __init__(self, client: httpx.Client, limits: FetchLimits, deadline: float, wait: Wait) -> None:
        self._client, self._limits, self._deadline, self._wait = client, limits, deadline, wait

    def describe(self, url: str, name: str) -> HubFile:
        """What the hub says of a file, retried. Raises FileError."""
        return self._retried(lambda: self._describe(url, name), lambda: 0)

    def receive(self, url: str, file: HubFile, partial: Path, progress: Progress | None) -> None:
        """Make `partial` the whole file, going on from the bytes it has, and prove it by size and ETag.

        Raises FileError; OSError where it can't be written.
        """
        continued = _size(partial) > 0
        self._retried(lambda: self._receive(url, file, partial, progress), lambda: _size(partial))
        if _agrees(partial, file):
            return
        partial.unlink()
        if continued:  # the fault may lie in what was here before
            self._retried(lambda: self._receive(url, file, partial, progress), lambda: _size(partial))
            if _agrees(partial, file):
                return
            partial.unlink()
        raise FileError(f"sent other bytes for {file.name} than it announced, and they were deleted")

    def _retried(self, attempt: Callable[[], Result], progress: Callable[[], int]) -> Result:
        failed, before = 0, progress()
        while True:
            try:
                return attempt()
            except _PassingError as fault:
                failed, before = (1 if progress() > before else failed + 1), max(before, progress())
                pause = min(0.5 * 2**failed, 8.0) if fault.after is None else fault.after
                left = self._deadline - time.monotonic()
                if fault.after is not None and pause >= left:
                    raise FileError(f"{fault}, which is longer than this may take") from None
                if left <= 0:
                    raise FileError(f"{fault}, and the {self._limits.total_s:g} s that this may take are over") from None
                if failed >= self._limits.attempts:
                    raise FileError(str(fault)) from None
                self._wait(min(pause, left))

    def _describe(self, url: str, name: str) -> HubFile:
        with _faults():
            request = self._client.build_request(
                "HEAD", url, headers={"Accept-Encoding": "identity"}, timeout=self._timeout(self._limits.etag_s)
            )
            for _ in range(_REDIRECTS):
                response = self._client.send(request, follow_redirects=False)
                # A redirect to where the bytes lie describes the file itself; any other is followed.
                if response.next_request is None or "X-Linked-Etag" in response.headers:
                    return _described(response, name, self._limits.size)
                request = response.next_request
        raise FileError("redirects without end")

    def _receive(self, url: str, file: HubFile, partial: Path, progress: Progress | None) -> None:
        here = _size(partial)
        if here > file.size:
            partial.unlink()
            here = 0
        if here == file.size and partial.exists():
            return
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={here}-"} if here else {})
        with (
            _faults(),
            self._client.stream("GET", url, headers=headers, timeout=self._timeout(self._limits.read_s), follow_redirects=True) as answer,
        ):
            _check_status(answer, file.name)
            if answer.status_code == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
                raise FileError("answered with another part of the file than was asked for")
            here = here if answer.status_code == 206 else 0
            with partial.open("ab" if here else "wb") as stream:
                for chunk in answer.iter_bytes():  # as it comes: a chunk that is waited for would be lost with the connection
                    here += len(chunk)
                    if here > file.size:
                        stream.truncate(0)
                        raise FileError(f"sent more bytes for {file.name} than it announced, and they were deleted")
                    stream.write(chunk)
                    stream.flush()  # what a killed process has received stays
                    if progress:
                        progress(file.name, here, file.size)
                    self._timeout(0)
        if here < file.size:
            raise _PassingError(f"sent {here:,} of the {file.size:,} bytes of {file.name}")

    def _timeout(self, silence: float) -> float:
        """The longest silence allowed, seen from now. Raises FileError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise FileError(f"took longer than the {self._limits.total_s:g} s that this may take")
        return min(silence, left)


@contextmanager
def hub_client(headers: Mapping[str, str], limits: FetchLimits, deadline: float, wait: Wait) -> Iterator[HubClient]:
    """A client that is closed at the deadline, whatever it is doing: a hub that drips a header at a time is never silent."""
    try:
        client = httpx.Client(headers=dict(headers), max_redirects=_REDIRECTS)
    except (OSError, ValueError, ImportError) as error:
        raise FileError("can't be asked with the proxy or certificate settings of this machine") from error
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0) + 0.05, client.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield HubClient(client, limits, deadline, wait)
    finally:
        watchdog.cancel()
        client.close()


@contextmanager
def _faults() -> Iterator[None]:
    """What the transport raises, as faults."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise _PassingError("does not answer") from None
    except httpx.TimeoutException:
        raise _PassingError("fell silent") from None
    except httpx.ConnectError:
        raise _PassingError("can't be reached") from None
    except httpx.TooManyRedirects:
        raise FileError("redirects without end") from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise FileError("has no usable address (see HF_ENDPOINT)") from None
    except httpx.HTTPError:
        raise _PassingError("broke off") from None
    except RuntimeError:  # what httpx raises for a client that the watchdog has closed
        raise FileError("took longer than this may take") from None


def _described(response: httpx.Response, name: str, limit: int) -> HubFile:
    if not response.has_redirect_location:
        _check_status(response, name)
    head = response.headers
    etag = head.get("X-Linked-Etag", head.get("ETag", "")).removeprefix("W/").strip('"')
    size = head.get("X-Linked-Size", head.get("Content-Length", ""))
    if not _COMMIT.fullmatch(head.get("X-Repo-Commit", "")) or not _ETAG.fullmatch(etag) or not size.isdecimal():
        raise FileError("does not answer as a hub does (see HF_ENDPOINT)")
    if int(size) > limit:
        raise FileError(f"has {int(size):,} bytes of {name}, over the limit of {limit:,}")
    return HubFile(name, head["X-Repo-Commit"], etag, int(size))


def _check_status(response: httpx.Response, name: str) -> None:
    status, code = response.status_code, response.headers.get("X-Error-Code", "")
    if status in (200, 206):
        return
    after = _retry_after(response.headers.get("Retry-After", ""))
    if status in (408, 429) or status >= 500:
        asked = "" if after is None else f" and asks to wait {after:,.0f} s"
        raise _PassingError(f"answered {status}{' (too many requests)' if status == 429 else ''}{asked}", after)
    if code == "EntryNotFound":
        raise MissingFileError(f"has no {name} in it")
    if code == "RevisionNotFound":
        raise FileError("has no such revision of it")
    if code == "GatedRepo":
        raise FileError(f"answered {status}: it is gated, so accept its terms there and set HF_TOKEN")
    if status in (401, 403):
        raise FileError(f"answered {status}: it is not there, or private; a token in HF_TOKEN must be allowed to read it")
    if status == 404:
        raise FileError("answered 404: it is not there")
    if status == 416:
        raise FileError("can't continue the download")
    raise FileError(f"answered {status}")


def _retry_after(value: str) -> float | None:
    """Seconds, from a number or a date."""
    if value.strip().isdecimal():
        return float(value)
    with suppress(ValueError, TypeError):
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    return None


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _agrees(partial: Path, file: HubFile) -> bool:
    """Whether the bytes are those that the ETag names, where it is a digest at all; some mirrors have others."""
    if _SHA256.fullmatch(file.etag):
        return digest_of(partial) == file.etag
    if _COMMIT.fullmatch(file.etag):
        content = partial.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.etag
    return _size(partial) == file.size


def digest_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
