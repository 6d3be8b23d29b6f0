"""A model from the hub, in the cache that huggingface_hub keeps, so that what is there already is not fetched again."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from huggingface_hub import constants, get_token, hf_hub_url, try_to_load_from_cache
from huggingface_hub.file_download import repo_folder_name

from laam.model.hub_file import (
    FetchLimits,
    FileError,
    HubClient,
    HubError,
    HubFile,
    MissingFileError,
    Progress,
    Wait,
    digest_of,
    hub_client,
)
from laam.model.spec import ModelSpec

WEIGHTS = "model.safetensors"
REQUIRED = ("config.json", "tokenizer.json")
OPTIONAL = ("generation_config.json", "tokenizer_config.json", "special_tokens_map.json")
FILES = (*REQUIRED, *OPTIONAL, WEIGHTS)
"""All that is ever fetched. The weights come last: where they are, everything is."""

_LOCK_POLL_S = 0.1


def _environment_limits() -> FetchLimits:
    return FetchLimits(etag_s=constants.HF_HUB_ETAG_TIMEOUT, read_s=constants.HF_HUB_DOWNLOAD_TIMEOUT)


@dataclass(frozen=True)
class Hub:
    """A hub and its cache. What is None is as `HF_ENDPOINT`, `HF_HOME`, `HF_TOKEN` and `HF_HUB_OFFLINE` say."""

    endpoint: str | None = None
    cache_dir: Path | None = None
    token: str | None = field(default=None, repr=False)
    offline: bool | None = None
    limits: FetchLimits = field(default_factory=_environment_limits)
    wait: Wait = field(default=time.sleep, repr=False)

    @property
    def is_offline(self) -> bool:
        return constants.is_offline_mode() if self.offline is None else self.offline

    @property
    def host(self) -> str:
        """The hub's name, as the page shows it: without a password that stands in the address."""
        return urlsplit(self.endpoint or constants.ENDPOINT).netloc.rpartition("@")[2]

    @property
    def cache(self) -> Path:
        return self.cache_dir or Path(constants.HF_HUB_CACHE)


def cached_folder(spec: ModelSpec, hub: Hub | None = None) -> Path | None:
    """The folder of a model that is in the cache, whole and with the digest that is pinned; else None. No network, no writing."""
    hub = hub or Hub()
    if not spec.repo:
        return None
    found = {}
    for name in (*REQUIRED, WEIGHTS):
        file = try_to_load_from_cache(spec.repo, name, cache_dir=hub.cache, revision=spec.revision)
        if not isinstance(file, str):
            return None
        found[name] = Path(file)
    try:
        if spec.weights_sha256 and digest_of(found[WEIGHTS]) != spec.weights_sha256:
            return None
    except OSError:
        return None
    return found[WEIGHTS].parent


def fetch_model(spec: ModelSpec, hub: Hub | None = None, progress: Progress | None = None) -> Path:
    """The folder of a model of the hub, from the cache or fetched into it. Blocks until `hub.limits.total_s` at most.

    An earlier fetch that was cut is continued. A file gets its name in the folder only when it is whole and proven.
    Raises HubError.
    """
    hub = hub or Hub()
    if not spec.repo:
        raise HubError(f"Model {spec.name!r} is not one of the hub.")
    if folder := cached_folder(spec, hub):
        return folder
    if hub.is_offline:
        raise HubError(f"{spec.repo} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it.")
    deadline = time.monotonic() + hub.limits.total_s
    try:
        store = _Store(hub.cache / repo_folder_name(repo_id=spec.repo, repo_type="model"))
        with _locked(store.root, spec, deadline), hub_client(_headers(hub), hub.limits, deadline, hub.wait) as client:
            if folder := cached_folder(spec, hub):  # another process may have fetched it meanwhile
                return folder
            return _fetch_files(spec, hub, client, store, progress)
    except FileError as fault:
        raise HubError(f"{spec.repo} can't be fetched: {hub.host} {fault}.") from fault
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HubError(f"{spec.repo} can't be kept in the cache ({reason}): point HF_HOME to a folder with room.") from error


def _fetch_files(spec: ModelSpec, hub: Hub, client: HubClient, store: "_Store", progress: Progress | None) -> Path:
    revision = spec.revision
    for name in FILES:
        url = hf_hub_url(spec.repo, name, revision=revision, endpoint=hub.endpoint)
        try:
            file = client.describe(url, name)
        except MissingFileError:
            if name in OPTIONAL:
                continue
            raise
        if len(revision) == 40 and file.commit != revision:
            raise FileError(f"answered with revision {file.commit[:12]} instead of {revision[:12]}")
        revision = file.commit  # all files are of one commit, whatever happens to a branch meanwhile
        blob = store.blob(file)
        pinned = spec.weights_sha256 if name == WEIGHTS else ""
        if pinned and len(file.etag) == len(pinned) and file.etag != pinned:
            raise FileError(f"offers weights whose sha256 begins with {file.etag[:12]} instead of {pinned[:12]}, so they were refused")
        if blob.exists() and (blob.stat().st_size != file.size or (pinned and digest_of(blob) != pinned)):
            blob.unlink()  # a cache that was damaged
        if not blob.exists():
            partial = blob.with_name(f"{blob.name}.partial")
            try:
                client.receive(hf_hub_url(spec.repo, name, revision=revision, endpoint=hub.endpoint), file, partial, progress)
                if pinned and (digest := digest_of(partial)) != pinned:
                    partial.unlink()
                    raise FileError(
                        f"sent weights whose sha256 begins with {digest[:12]} instead of {pinned[:12]}, so they were refused and deleted"
                    )
            except OSError:
                with suppress(OSError):
                    partial.unlink(missing_ok=True)  # gives a full disk its room back
                raise
            partial.replace(blob)
        store.point(file, blob)
    if spec.revision != revision:
        store.name(spec.revision, revision)
    return store.root / "snapshots" / revision


def _headers(hub: Hub) -> dict[str, str]:
    # Not the library's build_hf_headers: it asks the network for a list first, outside all limits.
    token = hub.token or (None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token())
    return {"User-Agent": "linux-as-a-model"} | ({"Authorization": f"Bearer {token}"} if token else {})


@dataclass(frozen=True)
class _Store:
    """A repository's folder in the cache: blobs by ETag, a folder of links to them for each commit, commits by branch."""

    root: Path

    def blob(self, file: HubFile) -> Path:
        folder = self.root / "blobs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / file.etag

    def point(self, file: HubFile, blob: Path) -> None:
        link = self.root / "snapshots" / file.commit / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        temporary = link.with_name(f".{file.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("../../blobs") / blob.name)
        temporary.replace(link)

    def name(self, branch: str, commit: str) -> None:
        file = self.root / "refs" / branch
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        temporary.write_text(commit)
        temporary.replace(file)


@contextmanager
def _locked(folder: Path, spec: ModelSpec, deadline: float) -> Iterator[None]:
    """Only one process, and one thread of it, fetches a repository; the lock ends with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".laam.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise HubError(f"{spec.repo} can't be fetched now: another fetch of it has been at it for too long.") from None
                threading.Event().wait(_LOCK_POLL_S)
        yield
