import errno
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants, hf_hub_download

from laam.model.hub import FILES, Hub, cached_folder, fetch_model
from laam.model.hub_file import FetchLimits, HubError
from laam.model.spec import ModelSpec
from tests.model.fake_hub import COMMIT, REPO, FakeHub, Fault

WEIGHTS = "model.safetensors"
SECRET = "hf_made_up_token"


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
    limits = FetchLimits(etag_s=0.5, read_s=0.5, total_s=20, attempts=3)
    return Hub(fake.address, tmp_path / "hub", SECRET, offline=False, limits=limits, wait=pauses.append)


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
    return sentence


def test_only_what_is_needed_is_fetched_once(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    assert cached_folder(spec, hub) is None
    seen: list[tuple[str, int, int]] = []
    folder = fetch_model(spec, hub, lambda *progress: seen.append(progress))
    assert_whole(folder, fake)
    assert seen[-1] == (WEIGHTS, 300_000, 300_000)
    assert {request.name for request in fake.requests} == set(FILES)
    assert all(f"/{REPO}/resolve/{COMMIT}/" in request.path for request in fake.requests)
    asked = len(fake.requests)
    assert fetch_model(spec, hub) == cached_folder(spec, hub) == folder
    assert fetch_model(spec, replace(hub, offline=True)) == folder
    assert len(fake.requests) == asked


@pytest.fixture
def quiet_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """huggingface_hub asks the real hub for a list before it sends telemetry."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)


@pytest.mark.usefixtures("quiet_library")
def test_the_cache_is_the_librarys_own(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    folder = fetch_model(spec, hub)
    found = hf_hub_download(REPO, WEIGHTS, revision=COMMIT, cache_dir=hub.cache, local_files_only=True)
    assert Path(found) == folder / WEIGHTS
    assert [blob.name for blob in blobs(hub)] == sorted(fake.etag(name) for name in FILES)


@pytest.mark.usefixtures("quiet_library")
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
    assert {request.path.split("/")[4] for request in fake.requests[1:]} == {COMMIT}
    assert cached_folder(spec, hub) == folder


def test_files_that_are_not_required_may_be_missing(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    del fake.files["generation_config.json"]
    assert "generation_config.json" not in {file.name for file in fetch_model(spec, hub).iterdir()}


@pytest.mark.parametrize("name", ["config.json", WEIGHTS])
def test_files_that_are_required_may_not(fake: FakeHub, spec: ModelSpec, hub: Hub, name: str) -> None:
    del fake.files[name]
    assert f"has no {name} in it" in refusal(replace(spec, weights_sha256=""), hub)


def test_the_token_stays_with_the_hub(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    with FakeHub(fake.files) as cdn:
        fake.cdn = cdn
        assert_whole(fetch_model(spec, hub), fake)
        assert {request.headers.get("authorization") for request in fake.requests} == {f"Bearer {SECRET}"}
        assert cdn.requests and not any("authorization" in request.headers for request in cdn.requests)


def test_offline(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    assert "HF_HUB_OFFLINE" in refusal(spec, replace(hub, offline=True))
    assert not fake.requests


def test_refused(spec: ModelSpec, hub: Hub, pauses: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        assert refusal(spec, replace(hub, endpoint=f"http://{address}")) == f"{REPO} can't be fetched: {address} can't be reached."
    assert len(pauses) == hub.limits.attempts - 1


def test_hanging(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.always = Fault(hang=True)
    limits = replace(hub.limits, etag_s=0.02)
    assert "fell silent" in refusal(spec, replace(hub, limits=limits))


def test_the_time_is_up(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.always = Fault(hang=True)
    assert "0.05 s that this may take" in refusal(spec, replace(hub, limits=replace(hub.limits, total_s=0.05)))


def test_a_hub_that_drips(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.always = Fault(drip=True)
    assert "this may take" in refusal(spec, replace(hub, limits=replace(hub.limits, total_s=0.1)))


def test_a_proxy_that_can_not_be_used(spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1")
    assert "proxy or certificate settings" in refusal(spec, hub)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(404, {"X-Error-Code": "RepoNotFound"}), "404: it is not there"),
        (Fault(404, {"X-Error-Code": "RevisionNotFound"}), "no such revision"),
        (Fault(401, {"X-Error-Code": "RepoNotFound"}), "HF_TOKEN"),
        (Fault(401, {"X-Error-Code": "GatedRepo"}), "it is gated"),
        (Fault(403, {"X-Error-Code": "GatedRepo"}), "it is gated"),
        (Fault(403), "HF_TOKEN"),
        (Fault(429, {"Retry-After": "3600"}), "answered 429 (too many requests) and asks to wait 3,600 s"),
        (Fault(302, {"Location": "/somewhere/else"}), "redirects without end"),
        (Fault(302, {"Location": "ftp://127.0.0.1/x"}), "no usable address"),
        (Fault(200), "does not answer as a hub does"),
        (Fault(503), "answered 503"),
    ],
)
def test_answers_that_end_it(fake: FakeHub, spec: ModelSpec, hub: Hub, fault: Fault, said: str) -> None:
    fake.always = fault
    assert said in refusal(spec, hub)
    assert not blobs(hub)
    fake.always = None
    assert_whole(fetch_model(spec, hub), fake)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_too_many_requests_then_fine(fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float], method: str) -> None:
    fake.faults[method, WEIGHTS] = [Fault(429, {"Retry-After": "7"})]
    assert_whole(fetch_model(spec, hub), fake)
    assert pauses == [7.0]


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_500_then_fine(fake: FakeHub, spec: ModelSpec, hub: Hub, pauses: list[float], method: str) -> None:
    fake.faults[method, WEIGHTS] = [Fault(500), Fault(502)]
    assert_whole(fetch_model(spec, hub), fake)
    assert pauses == [1.0, 2.0]


def test_truncated_then_continued(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000), Fault(cut_after=50_000)]
    assert_whole(fetch_model(spec, hub), fake)
    assert [request.headers.get("range") for request in fake.asked("GET", WEIGHTS)] == [None, "bytes=100000-", "bytes=150000-"]


def test_silent_in_the_middle_then_continued(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000, hang=True)]
    assert_whole(fetch_model(spec, hub), fake)
    assert fake.asked("GET", WEIGHTS)[-1].headers["range"] == "bytes=100000-"


def test_always_truncated_then_fine_later(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000), *[Fault(cut_after=0)] * 3]
    assert "broke off" in refusal(spec, hub)
    assert_whole(fetch_model(spec, hub), fake)
    assert fake.asked("GET", WEIGHTS)[-1].headers["range"] == "bytes=100000-"


def test_a_hub_that_can_not_continue_sends_it_anew(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000), Fault(ignore_range=True)]
    assert_whole(fetch_model(spec, hub), fake)


@pytest.mark.parametrize("name", ["config.json", WEIGHTS])
def test_wrong_bytes(fake: FakeHub, spec: ModelSpec, hub: Hub, name: str) -> None:
    fake.faults["GET", name] = [Fault(body=bytes(len(fake.files[name])))]
    assert f"other bytes for {name} than it announced, and they were deleted" in refusal(spec, hub)
    assert fake.etag(name) not in "".join(blob.name for blob in blobs(hub))
    assert_whole(fetch_model(spec, hub), fake)


def test_wrong_bytes_of_an_earlier_fetch_are_fetched_anew(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    folder = hub.cache / f"models--{REPO.replace('/', '--')}" / "blobs"
    folder.mkdir(parents=True)
    (folder / f"{fake.etag(WEIGHTS)}.partial").write_bytes(b"x" * 1000)
    assert_whole(fetch_model(spec, hub), fake)


def test_too_many_bytes(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", "config.json"] = [Fault(body=b"x" * 1000)]
    assert "more bytes for config.json than it announced" in refusal(spec, hub)


def test_a_file_over_the_limit(spec: ModelSpec, hub: Hub) -> None:
    limits = replace(hub.limits, size=100_000)
    assert f"300,000 bytes of {WEIGHTS}, over the limit" in refusal(spec, replace(hub, limits=limits))


def test_other_weights_than_are_pinned(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    said = refusal(replace(spec, weights_sha256="0" * 64), hub)
    assert f"begins with {fake.etag(WEIGHTS)[:12]} instead of 000000000000" in said
    assert not fake.asked("GET", WEIGHTS)


def test_other_weights_than_are_pinned_and_announced(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.etags[WEIGHTS] = "an-etag-that-is-no-digest"
    assert "refused and deleted" in refusal(replace(spec, weights_sha256="0" * 64), hub)
    assert not [blob for blob in blobs(hub) if blob.name.startswith("an-etag")]


def test_another_commit_than_is_pinned(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.commit = "f" * 40
    assert f"revision ffffffffffff instead of {COMMIT[:12]}" in refusal(spec, hub)


def test_a_damaged_cache_is_not_used_and_is_mended(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    weights = fetch_model(spec, hub) / WEIGHTS
    weights.write_bytes(bytes(300_000))
    assert cached_folder(spec, hub) is None
    assert_whole(fetch_model(spec, hub), fake)


def test_killed_in_the_middle_and_started_again(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    fake.faults["GET", WEIGHTS] = [Fault(cut_after=100_000, hang=True)]
    script = (
        "import sys; from pathlib import Path\n"
        "from laam.model.hub import Hub, fetch_model; from laam.model.spec import ModelSpec\n"
        "show = lambda name, here, size: print(name, here, flush=True)\n"
        f"fetch_model(ModelSpec('tiny', repo={REPO!r}, revision={COMMIT!r}), Hub(cache_dir=Path(sys.argv[1])), show)"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")} | {"HF_ENDPOINT": fake.address}
    with subprocess.Popen([sys.executable, "-c", script, hub.cache], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert any(line == f"{WEIGHTS} 100000\n" for line in process.stdout)
        assert cached_folder(spec, hub) is None
        process.kill()
    assert cached_folder(spec, hub) is None
    assert_whole(fetch_model(spec, hub), fake)
    assert fake.asked("GET", WEIGHTS)[-1].headers["range"] == "bytes=100000-"


def test_the_environment_is_heeded(fake: FakeHub, spec: ModelSpec, tmp_path: Path) -> None:
    script = (
        "from laam.model.hub import Hub, cached_folder, fetch_model; from laam.model.spec import ModelSpec\n"
        f"spec = ModelSpec('tiny', repo={REPO!r}, revision={COMMIT!r})\n"
        "hub = Hub()\n"
        "print(hub.limits.etag_s, hub.limits.read_s)\n"
        "print(fetch_model(spec))\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment |= {"HF_ENDPOINT": fake.address, "HF_HOME": str(tmp_path), "HF_TOKEN": SECRET}
    environment |= {"HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": "4"}

    def run(**more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment | more, check=False)

    offline = run(HF_HUB_OFFLINE="1")
    assert offline.returncode and "HF_HUB_OFFLINE forbids" in offline.stderr and not fake.requests
    fetched = run()
    assert fetched.stdout.splitlines() == ["3 4", str(tmp_path / "hub" / f"models--{REPO.replace('/', '--')}" / "snapshots" / COMMIT)]
    assert {request.headers["authorization"] for request in fake.requests} == {f"Bearer {SECRET}"}
    assert run(HF_HUB_OFFLINE="1").stdout == fetched.stdout


def test_a_full_disk(fake: FakeHub, spec: ModelSpec, hub: Hub) -> None:
    folder = hub.cache / f"models--{REPO.replace('/', '--')}" / "blobs"
    folder.mkdir(parents=True)
    (folder / f"{fake.etag(WEIGHTS)}.partial").symlink_to("/dev/full")
    assert refusal(spec, hub) == f"{REPO} can't be kept in the cache (No space left on device): point HF_HOME to a folder with room."
    assert_whole(fetch_model(spec, hub), fake)


def test_a_read_only_cache(fake: FakeHub, spec: ModelSpec, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

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


def test_digests_of_the_fake_hub_are_those_of_git(fake: FakeHub) -> None:
    fake.files["config.json"] = b"hello\n"
    assert fake.etag("config.json") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert fake.etag(WEIGHTS) == hashlib.sha256(fake.files[WEIGHTS]).hexdigest()
