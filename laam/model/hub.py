"""A model from the hub, in the cache that huggingface_hub keeps, so that no file is fetched twice.

`hf_hub_download` fetches every file. It trusts an ETag without looking at the bytes, so the digest of the weights is checked here.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import huggingface_hub as hf
from huggingface_hub import constants, errors
from huggingface_hub.utils import WeakFileLock, tqdm  # type: ignore[attr-defined]  # public, but not marked so for mypy

from laam.files import file_sha256
from laam.http_faults import is_transient, retry_after, status_fault, transport_fault
from laam.model.spec import ModelSpec
from laam.model.weight_files import INDEX, REQUIRED, WEIGHTS, shard_names, weight_files, weights_sha256

OPTIONAL = ("generation_config.json", "tokenizer_config.json", "special_tokens_map.json")
FILES = (*REQUIRED, *OPTIONAL, WEIGHTS)
"""All files that are ever fetched, but for an index and its shards, if the weights lie in those. They come last: if they are there,
everything is."""

PAUSES_S = (1.0, 4.0)  # before the hub is asked for the weights again, after a fault that may have passed by then
LONGEST_PAUSE_S = 60.0  # the longest that the hub may ask us to wait
LOCK_S = 60.0  # the longest wait for another process, or another thread, that fetches the same model

_FAULTS: dict[type[Exception], str] = {
    errors.RemoteEntryNotFoundError: f"lacks {', '.join(REQUIRED)} or {WEIGHTS}",
    errors.RevisionNotFoundError: "has no such revision of it",
    errors.GatedRepoError: "wants its terms accepted, and a token in HF_TOKEN",
    errors.RepositoryNotFoundError: "doesn't have it, or only for a token in HF_TOKEN that may read it",
    errors.FileMetadataError: "does not answer as a hub does (see HF_ENDPOINT)",
}

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the number of its bytes that are here, and the total."""

Result = TypeVar("Result")


class HubError(ValueError):
    """A model can't be fetched from the hub. The message is one sentence, fit for the page; it names no path of this machine.

    `again_s`: the seconds that the hub asked us to wait; 0 if it named none.
    """

    def __init__(self, message: str, again_s: float = 0.0) -> None:
        super().__init__(message)
        self.again_s = again_s


class _RefusedError(Exception):
    """What the hub sent is refused; the reason follows the hub's name."""


@dataclass(frozen=True)
class Hub:
    """A hub and its cache. A field that is None follows `HF_ENDPOINT`, `HF_HOME` or `HF_TOKEN`; `HF_HUB_OFFLINE` always holds."""

    endpoint: str | None = None
    cache_dir: Path | None = None
    token: str | None = field(default=None, repr=False)
    offline: bool = False
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    @property
    def is_offline(self) -> bool:
        return self.offline or constants.is_offline_mode()

    @property
    def cache(self) -> Path:
        return self.cache_dir or Path(constants.HF_HUB_CACHE)


@dataclass(frozen=True)
class Announced:
    """A file of weights as the hub announces it: the commit that it is of, its sha256, and its bytes."""

    commit: str | None
    sha256: str
    size: int


def cached_folder(spec: ModelSpec, hub: Hub | None = None) -> Path | None:
    """The folder of a model, if it is in the cache, whole and with the pinned digest; else None. Uses no network and writes nothing."""
    cache = (hub or Hub()).cache
    try:
        files = [hf.try_to_load_from_cache(spec.repo, name, cache, spec.revision) for name in REQUIRED]
        if not all(isinstance(file, str) for file in files):
            return None
        folder = Path(str(files[-1])).parent
        weights = weight_files(folder)
        return folder if not spec.weights_sha256 or weights_sha256(weights) == spec.weights_sha256 else None
    except (OSError, ValueError):
        return None


def fetch_model(spec: ModelSpec, hub: Hub | None = None, progress: Progress | None = None) -> Path:
    """The folder of a model of the hub, from the cache or fetched into it; `progress` follows the weights. Blocks.

    Weights whose sha256 is not the announced one are deleted. Raises HubError.
    """
    hub = hub or Hub()
    if folder := cached_folder(spec, hub):
        return folder
    if hub.is_offline:
        raise HubError(f"{spec.repo} is not in the cache, and this machine is offline (HF_HUB_OFFLINE).")
    try:
        lock = hub.cache / ".locks" / f"laam--{spec.repo.replace('/', '--')}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(lock, timeout=LOCK_S):
            return cached_folder(spec, hub) or _fetch_files(spec, hub, progress)
    except Exception as error:  # whatever the library raises, the page must be able to report it and go on
        raise HubError(_sentence(spec, hub, error), _asked_to_wait(error)) from error


def _fetch_files(spec: ModelSpec, hub: Hub, progress: Progress | None) -> Path:
    try:
        weights = {WEIGHTS: _announcement(spec, hub, WEIGHTS)}
    except errors.RemoteEntryNotFoundError:
        index = _download(spec, hub, INDEX, spec.revision)
        weights = {name: _announcement(spec, hub, name) for name in shard_names(index)}
    commit = next(iter(weights.values())).commit
    for name in (*REQUIRED, *OPTIONAL):
        try:
            _download(spec, hub, name, commit)  # all from one commit, even if a branch moves on meanwhile
        except errors.RemoteEntryNotFoundError:
            if name in REQUIRED:
                raise
    for name, announced in weights.items():
        _fetch_weights(spec, hub, name, announced, progress)
    if (folder := cached_folder(spec, hub)) is None:
        raise _RefusedError("has changed it meanwhile")
    return folder


def _download(spec: ModelSpec, hub: Hub, name: str, revision: str | None, **options: Any) -> Path:
    place: dict[str, Any] = {"cache_dir": hub.cache, "endpoint": hub.endpoint, "token": hub.token}
    return Path(hf.hf_hub_download(spec.repo, name, revision=revision, **place, **options))


def _fetch_weights(spec: ModelSpec, hub: Hub, name: str, announced: Announced, progress: Progress | None) -> None:
    """One file of weights. What has another sha256 than was announced is deleted."""
    here = hf.try_to_load_from_cache(spec.repo, name, hub.cache, announced.commit)
    again = isinstance(here, str) and file_sha256(Path(here)) != announced.sha256
    options = {"force_download": again, "tqdm_class": _bar(progress, name, announced.size)}
    weights = _retry(hub, lambda: _download(spec, hub, name, spec.revision, **options))
    if (received := file_sha256(weights)) != announced.sha256:
        blob = weights.resolve()
        weights.unlink()
        blob.unlink(missing_ok=True)
        raise _RefusedError(f"sent weights with the sha256 {received[:12]}… instead of {announced.sha256[:12]}…, so they were deleted")


def _announcement(spec: ModelSpec, hub: Hub, name: str) -> Announced:
    """What the hub says of a file of weights before it sends it. Raises if they are not the pinned ones.

    This comes before all else, and without the library, which would try for minutes: a hub that is down is noticed within seconds.
    """
    url = hf.hf_hub_url(spec.repo, name, revision=spec.revision, endpoint=hub.endpoint)
    weights = _retry(hub, lambda: hf.get_hf_file_metadata(url, token=hub.token, timeout=constants.HF_HUB_ETAG_TIMEOUT))
    sha256 = weights.etag or ""
    if weights.size is None or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise errors.FileMetadataError
    if re.fullmatch("[0-9a-f]{40}", spec.revision) and weights.commit_hash != spec.revision:
        raise _RefusedError(f"answered for another revision than {spec.revision[:12]}…, so it was refused")
    if spec.weights_sha256 not in ("", sha256):
        raise _RefusedError(f"offers weights with the sha256 {sha256[:12]}… instead of {spec.weights_sha256[:12]}…, so they were refused")
    return Announced(weights.commit_hash, sha256, weights.size)


def _bar(progress: Progress | None, name: str, size: int) -> type[tqdm] | None:
    """A progress bar that shows nothing itself and tells `progress`; None for the library's own."""
    if progress is None:
        return None
    tell = progress

    class Bar(tqdm):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options | {"disable": True})  # type: ignore[no-untyped-call]
            self._here = 0

        def update(self, n: float | None = 1) -> None:
            self._here = min(size, self._here + int(n or 0))
            tell(name, self._here, size)

    return Bar


def _retry(hub: Hub, attempt: Callable[[], Result]) -> Result:
    for pause in PAUSES_S:
        try:
            return attempt()
        except (httpx2.RemoteProtocolError, httpx2.ReadError):
            asked = 0.0
        except errors.HfHubHTTPError as fault:
            asked = retry_after(fault.response) or 0.0
            if not is_transient(fault.response) or asked > LONGEST_PAUSE_S:
                raise
        hub.wait(max(pause, asked))
    return attempt()


def _sentence(spec: ModelSpec, hub: Hub, error: BaseException) -> str:
    if isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__:
        error = error.__cause__  # the reason why the library couldn't ask
    if isinstance(error, TimeoutError):
        return f"{spec.repo} can't be fetched now: another fetch of it is under way."
    if isinstance(error, OSError) and error.errno is not None:
        return f"{spec.repo} can't be kept in the cache ({error.strerror}): point HF_HOME to another folder."
    host = (hub.endpoint or constants.ENDPOINT).rpartition("//")[2].rpartition("@")[2]  # without a password
    return f"{spec.repo} can't be fetched: {host} {_fault(error)}."


def _asked_to_wait(error: BaseException | None) -> float:
    while error is not None:  # the library's own error may stand before the hub's
        if isinstance(error, errors.HfHubHTTPError) and (asked := retry_after(error.response)) is not None:
            return asked
        error = error.__cause__
    return 0.0


def _fault(error: BaseException) -> str:
    """What happened, in words that follow the hub's name."""
    for kind, words in _FAULTS.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, errors.HfHubHTTPError):
        return status_fault(error.response)
    if isinstance(error, OSError):  # the library raises it for a file of another size than announced
        return "sent other bytes than it announced"
    return str(error) if isinstance(error, _RefusedError) else transport_fault(error)
