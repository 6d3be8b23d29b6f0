import errno
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from huggingface_hub import constants, hf_hub_download

from laam.model import hub as hub_module
from laam.model.hub import FILES, Hub, HubError, cached_folder, fetch_model
from laam.model.spec import ModelSpec
from laam.model.weight_files import INDEX
from tests.model.fake_hub import COMMIT, REPO, FakeHub, Fault

WEIGHTS = "model.safetensors"
SECRET = "hf_made_up_token"

pytestmark = pytest.mark.usefixtures("library_pauses")


def made_up_files() -> dict[str, bytes]:
    """Files that a hub might hold. The fetch looks at none of them, so random bytes do for the weights."""
    files = {name: json.dumps({"made up": name}).encode() for name in FILES}
    files[WEIGHTS] = random.Random(1).randbytes(300_000)
    files["README.md"] = b"not needed"
    files["pytorch_model.bin"] = b"never fetched"
    return files


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with FakeHub(made_up_files()) as fake:
        yield fake


@pytest.fixture
def spec(fake: FakeHub) -> ModelSpec:
    return ModelSpec("tiny", repo=REPO, revision=COMMIT, weights_sha256=fake.etag(WEIGHTS))


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def hub(fake: FakeHub, tmp_path: Path, pauses: list[float]) -> Hub:
    return Hub(fake.address, tmp_path / "hub", SECRET, wait=pauses.append)


def blobs(hub: Hub) -> list[Path]:
    return sorted(hub.cache.glob("*/blobs/*"))


def assert_whole(folder: Path, fake: FakeHub) -> None:
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {name: fake.files[name] for name in FILES}


def refusal(spec: ModelSpec, hub: Hub) -> str:
    """The sentence that a fetch ends in; nothing of the weights may then be in use."""
    with pytest.raises(HubError) as caught:
        fetch_model(spec, hub)
    sentence = str(caught.value)
    assert sentence.startswith(REPO) and sentence.endswith(".") and "\n" not in sentence
    assert SECRET not in sentence and str(hub.cache) not in sentence
    assert cached_folder(spec, hub) is None
    assert not list(hub.cache.glob(f"*/snapshots/*/{WEIGHTS}"))
    return sentence


def test_only_what_is_needed_is_fetched_once(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    assert cached_folder(spec, hub) is None
    seen: list[tuple[str, int, int]] = []
    folder = fetch_model(spec, hub, lambda *progress: seen.append(progress))
    assert_whole(folder, fake)
    assert seen[-1] == (WEIGHTS, 300_000, 300_000)
    assert {request.name for request in fake.requests} == set(FILES)
    assert [request.name for request in fake.requests if request.method == "GET"][-1] == WEIGHTS
    assert all(f"/{REPO}/resolve/{COMMIT}/" in request.path for request in fake.requests)
    asked = len(fake.requests)
    assert fetch_model(spec, hub) == cached_folder(spec, hub) == folder
    assert fetch_model(spec, replace(hub, offline=True)) == folder
    assert len(fake.requests) == asked


def test_the_cache_is_the_librarys_own(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    folder = fetch_model(spec, hub)
    found = hf_hub_download(REPO, WEIGHTS, revision=COMMIT, cache_dir=hub.cache, local_files_only=True)
    assert Path(found) == folder / WEIGHTS
    assert [blob.name for blob in blobs(hub)] == sorted(fake.etag(name) for name in FILES)


def test_what_the_library_fetched_is_used(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    for name in FILES:
        hf_hub_download(REPO, name, revision=COMMIT, cache_dir=hub.cache, endpoint=fake.address)
    folder = cached_folder(spec, hub)
    assert folder is not None
    assert_whole(folder, fake)


def test_a_branch_is_fetched_at_one_commit(fake: FakeHub, hub: Hub) -> None:
    spec = ModelSpec("tiny", repo=REPO, revision="main")
    folder = fetch_model(spec, hub)
    assert folder.name == COMMIT
    assert {request.path.split("/")[4] for request in fake.requests if request.name != WEIGHTS} == {COMMIT}
    assert cached_folder(spec, hub) == folder


def test_files_that_are_not_required_may_be_missing(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    del fake.files["generation_config.json"]
    assert "generation_config.json" not in {file.name for file in fetch_model(spec, hub).iterdir()}


@pytest.mark.parametrize("name", ["config.json", WEIGHTS])
def test_files_that_are_required_may_not(fake: FakeHub, spec: ModelSpec, hub: Hub, name: str) -> None:
    del fake.files[name]
    assert f"lacks config.json, tokenizer.json or {WEIGHTS}" in refusal(spec, hub)


def test_the_token_stays_with_the_hub(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    with FakeHub(fake.files) as cdn:
        fake.cdn = cdn
        assert_whole(fetch_model(spec, hub), fake)
        assert {request.headers.get("authorization") for request in fake.requests} == {f"Bearer {SECRET}"}
        assert cdn.requests and not any("authorization" in request.headers for request in cdn.requests)


def test_offline(fake: FakeHub, spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "HF_HUB_OFFLINE" in refusal(spec, replace(hub, offline=True))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refusal(spec, hub)
    assert not fake.requests


def test_refused(spec: ModelSpec, hub: Hub, pauses: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        said = refusal(spec, replace(hub, endpoint=f"http://visitor:{SECRET}@{address}"))
        assert said == f"{REPO} can't be fetched: {address} can't be reached."
    assert not pauses


def test_hanging(fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float]) -> None:
    fake.always = Fault(hang=True)
    assert "does not answer" in refusal(spec, hub)
    assert len(fake.requests) == 1 and not pauses


def test_a_fault_nobody_thought_of(spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_fetch_files", Mock(side_effect=ZeroDivisionError))
    assert "can't be asked (ZeroDivisionError)" in refusal(spec, hub)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(404, {"X-Error-Code": "RepoNotFound"}), "doesn't have it, or only for a token in HF_TOKEN that may read it"),
        (Fault(401, {"X-Error-Code": "RepoNotFound"}), "doesn't have it, or only for a token in HF_TOKEN that may read it"),
        (Fault(404, {"X-Error-Code": "RevisionNotFound"}), "has no such revision of it"),
        (Fault(404), "answered 404"),
        (Fault(403, {"X-Error-Code": "GatedRepo"}), "wants its terms accepted, and a token in HF_TOKEN"),
        (Fault(429, {"Retry-After": "3600"}), "answered 429 and asked to wait 3,600 s"),
        (Fault(503), "answered 503"),
        (Fault(302, {"Location": "/somewhere/else"}), "redirects without end"),
        (Fault(302, {"Location": "ftp://127.0.0.1/x"}), "does not answer as a hub does (see HF_ENDPOINT)"),
        (Fault(200), "does not answer as a hub does (see HF_ENDPOINT)"),
    ],
)
def test_answers_that_end_it(fake: FakeHub, spec: ModelSpec, hub: Hub, fault: Fault, said: str) -> None:
    fake.always = fault
    assert refusal(spec, hub) == f"{REPO} can't be fetched: {fake.address.removeprefix('http://')} {said}."
    assert not blobs(hub)
    fake.always = None
    assert_whole(fetch_model(spec, hub), fake)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_too_many_requests_then_fine(
    fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float], library_pauses: list[float], method: str
) -> None:
    fake.faults[method, WEIGHTS] = [Fault(429, {"Retry-After": "7"})]
    assert_whole(fetch_model(spec, hub), fake)
    assert max(pauses + library_pauses) >= 7  # before the weights are fetched it is waited here, then by the library


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_500_then_fine(fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float], method: str) -> None:
    fake.faults[method, WEIGHTS] = [Fault(500), Fault(502)]
    assert_whole(fetch_model(spec, hub), fake)
    assert pauses == list(hub_module.PAUSES_S)


def test_a_wait_that_is_too_long_is_none(fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float]) -> None:
    fake.always = Fault(429, {"Retry-After": "3600"})
    refusal(spec, hub)
    assert len(fake.requests) == 1 and not pauses


def test_a_fault_that_the_library_meets_is_said_as_well(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["HEAD", "config.json"] = [Fault(503)] * 20
    assert refusal(spec, hub).endswith(" answered 503.")


@pytest.mark.parametrize("fault", [Fault(500), Fault(429, {"Retry-After": "7"})])
def test_the_library_tries_again_for_the_small_files(
    fake: FakeHub, spec: ModelSpec, hub: Hub, library_pauses: list[float], fault: Fault
) -> None:
    fake.faults["HEAD", "config.json"] = [fault, fault]
    assert_whole(fetch_model(spec, hub), fake)
    assert len(library_pauses) == 1


def test_a_download_that_breaks_off_is_taken_up_again(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000), Fault(cut_after=50_000)]
    assert_whole(fetch_model(spec, hub), fake)


def test_one_that_breaks_off_again_and_again_is_given_up(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=0)] * 100
    assert "broke off" in refusal(spec, hub)
    fake.faults.clear()
    assert_whole(fetch_model(spec, hub), fake)


@pytest.mark.parametrize("pinned", [True, False])
def test_wrong_bytes(fake: FakeHub, spec: ModelSpec, hub: Hub, pinned: bool) -> None:
    if not pinned:
        spec = replace(spec, weights_sha256="")
    fake.faults["GET", WEIGHTS] = [Fault(body=bytes(300_000))]
    said = refusal(spec, hub)
    assert f"… instead of {fake.etag(WEIGHTS)[:12]}…, so they were deleted." in said
    assert fake.etag(WEIGHTS) not in "".join(blob.name for blob in blobs(hub))
    assert_whole(fetch_model(spec, hub), fake)


@pytest.mark.parametrize(("name", "body"), [("config.json", b"{}"), (WEIGHTS, bytes(500_000)), (WEIGHTS, bytes(1))])
def test_a_file_of_another_size(fake: FakeHub, spec: ModelSpec, hub: Hub, name: str, body: bytes) -> None:
    fake.faults["GET", name] = [Fault(body=body)]
    assert "sent other bytes than it announced" in refusal(spec, hub)
    assert_whole(fetch_model(spec, hub), fake)


def test_a_damaged_name_of_a_branch_ends_in_a_sentence(fake: FakeHub, hub: Hub) -> None:
    spec = ModelSpec("tiny", repo=REPO, revision="main")
    (fetch_model(spec, hub).parents[1] / "refs" / "main").write_bytes(b"\xff")
    assert cached_folder(spec, hub) is None
    with pytest.raises(HubError, match="UnicodeDecodeError"):
        fetch_model(spec, hub)


def test_an_etag_that_is_no_digest(fake: FakeHub, spec: ModelSpec, hub: Hub, tmp_path: Path) -> None:
    fake.etags[WEIGHTS] = "../../../outside"
    assert "does not answer as a hub does" in refusal(spec, hub)
    assert not list(tmp_path.rglob("outside*"))


def test_another_commit_or_other_weights_than_are_pinned(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    said = refusal(replace(spec, weights_sha256="0" * 64), hub)
    assert f"offers weights with the sha256 {fake.etag(WEIGHTS)[:12]}… instead of 000000000000…, so they were refused." in said
    fake.commit = "f" * 40
    assert f"answered for another revision than {COMMIT[:12]}…, so it was refused" in refusal(spec, hub)
    assert not any(request.method == "GET" for request in fake.requests)


def test_a_damaged_cache_is_not_used_and_is_mended(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    weights = fetch_model(spec, hub) / WEIGHTS
    weights.write_bytes(bytes(300_000))
    assert cached_folder(spec, hub) is None
    assert_whole(fetch_model(spec, hub), fake)


def clean_environment(**more: str) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("HF_")} | {"HF_HUB_DISABLE_TELEMETRY": "1"} | more


def test_the_environment_is_heeded(fake: FakeHub, tmp_path: Path) -> None:
    script = (
        "from laam.model.hub import fetch_model; from laam.model.spec import ModelSpec\n"
        f"print(fetch_model(ModelSpec('tiny', repo={REPO!r}, revision={COMMIT!r})))\n"
    )
    environment = clean_environment(HF_ENDPOINT=fake.address, HF_HOME=str(tmp_path), HF_TOKEN=SECRET)

    def run(**more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment | more, check=False, encoding="utf-8")

    offline = run(HF_HUB_OFFLINE="1")
    assert offline.returncode and "this machine is offline (HF_HUB_OFFLINE)" in offline.stderr and not fake.requests
    fetched = run()
    assert fetched.stdout.splitlines() == [str(tmp_path / "hub" / f"models--{REPO.replace('/', '--')}" / "snapshots" / COMMIT)]
    assert {request.headers["authorization"] for request in fake.requests} == {f"Bearer {SECRET}"}
    assert run(HF_HUB_OFFLINE="1").stdout == fetched.stdout


def test_a_full_disk(fake: FakeHub, spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.hf_hub_download", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        assert refusal(spec, hub) == f"{REPO} can't be kept in the cache (No space left on device): point HF_HOME to another folder."
    assert_whole(fetch_model(spec, hub), fake)


def test_a_read_only_cache(fake: FakeHub, spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = Mock(side_effect=OSError(errno.EROFS, "Read-only file system"))
    with monkeypatch.context() as patch:  # the tests may run as root, whom no permission stops
        patch.setattr(Path, "mkdir", refuse)
        assert "Read-only file system" in refusal(spec, hub)
    assert not fake.requests
    folder = fetch_model(spec, hub)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        assert fetch_model(spec, hub) == folder


def test_a_cache_that_is_no_folder(spec: ModelSpec, hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be kept in the cache" in refusal(spec, replace(hub, cache_dir=tmp_path / "file"))


def test_threads_fetch_once(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(fetch_model, [spec] * 3, [hub] * 3))) == 1
    assert len(fake.asked("GET", WEIGHTS)) == 1


def test_another_fetch_is_not_waited_for_without_end(spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LOCK_S", 0.0)
    assert "another fetch of it is under way" in refusal(spec, hub)


def test_digests_of_the_fake_hub_are_those_of_git(fake: FakeHub) -> None:
    fake.files["config.json"] = b"hello\n"
    assert fake.etag("config.json") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert fake.etag(WEIGHTS) == hashlib.sha256(fake.files[WEIGHTS]).hexdigest()


SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.fixture
def sharded(fake: FakeHub) -> ModelSpec:
    """A model whose weights lie in two files, which an index names."""
    fake.files.pop(WEIGHTS)
    fake.files |= {name: random.Random(name).randbytes(100_000) for name in SHARDS}
    fake.files[INDEX] = json.dumps({"weight_map": dict(zip("abc", (*SHARDS, SHARDS[0]), strict=True))}).encode()
    return ModelSpec("tiny", repo=REPO, revision=COMMIT)


def test_shards_are_fetched_as_their_index_names_them(fake: FakeHub, sharded: ModelSpec, hub: Hub) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = fetch_model(sharded, hub, lambda *progress: seen.append(progress))
    assert all((folder / name).read_bytes() == fake.files[name] for name in SHARDS)
    assert {name for name, _, _ in seen} == set(SHARDS)
    asked = len(fake.requests)
    assert fetch_model(sharded, hub) == cached_folder(sharded, hub) == folder
    assert len(fake.requests) == asked


def test_a_shard_with_other_bytes_than_announced_is_deleted(fake: FakeHub, sharded: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", SHARDS[1]] = [Fault(body=bytes(100_000))]
    with pytest.raises(HubError, match="so they were deleted"):
        fetch_model(sharded, hub)
    assert cached_folder(sharded, hub) is None
    assert cached_folder(sharded, hub) == cached_folder(sharded, replace(hub, offline=True))
    assert fetch_model(sharded, hub) == cached_folder(sharded, hub)  # the next one mends it


def test_an_index_that_names_files_elsewhere_is_refused(fake: FakeHub, sharded: ModelSpec, hub: Hub) -> None:
    fake.files[INDEX] = json.dumps({"weight_map": {"a": "../../weights.safetensors"}}).encode()
    with pytest.raises(HubError, match="somebody/tiny can't be fetched"):
        fetch_model(sharded, hub)
