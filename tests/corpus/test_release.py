import errno
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from laam.corpus import release
from laam.corpus.archive import read_tree
from laam.corpus.partial import PartialFile
from laam.corpus.release import RELEASE_ADDRESSES, RELEASE_DIGESTS, FetchLimits, ReleaseError, cached_release, fetch_release
from tests.corpus.fake_mirror import (
    Behaviour,
    Mirror,
    cut,
    drip,
    endless,
    hang,
    hang_in_the_middle,
    release_bytes,
    serving,
    status,
    whole,
)
from tests.corpus.made_up import TREE

LIMITS = FetchLimits(connect_s=5, read_s=5, total_s=30)
IMPATIENT = FetchLimits(connect_s=5, read_s=0.4, total_s=30, attempts=1)
NAME = "linux-1.0.tar.gz"
WRONG = release_bytes(tree={**TREE, "linux/init/hello.c": b"int another_file;\n"})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is asked directly, whatever this machine's proxy is."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "release"


def prove(source: Path) -> dict[str, bytes]:
    tree = read_tree(source)
    if tree != TREE:
        raise ValueError(f"{source}: not the made-up release")
    return tree


def fetch(folder: Path, *mirrors: Mirror, limits: FetchLimits = LIMITS, **options: object) -> dict[str, bytes]:
    arguments = {"addresses": [mirror.address() for mirror in mirrors], "digests": {}} | options
    return fetch_release(folder, prove, limits=limits, **arguments)  # type: ignore[arg-type]


def refusal(folder: Path, *mirrors: Mirror, limits: FetchLimits = LIMITS, **options: object) -> str:
    """What a failure says; nothing under a release's name is left behind by it."""
    with pytest.raises(ReleaseError) as caught:
        fetch(folder, *mirrors, limits=limits, **options)
    message = str(caught.value)
    assert message.startswith("Linux 1.0 can't be ")
    assert message.endswith(".")
    assert "\n" not in message
    assert str(folder) not in message
    assert not list(folder.glob("linux*")) if folder.is_dir() else True
    return message


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_the_addresses() -> None:
    assert len(RELEASE_ADDRESSES) == 6
    assert all(address.startswith("https://") for address in RELEASE_ADDRESSES)
    assert {address.rpartition("/")[2] for address in RELEASE_ADDRESSES} == set(release.RELEASE_NAMES)
    assert set(RELEASE_DIGESTS) == {NAME}


@pytest.mark.parametrize("name", release.RELEASE_NAMES)
def test_a_release_is_downloaded_once(folder: Path, name: str) -> None:
    steps: list[tuple[int, int | None]] = []
    digests = {name: sha256(release_bytes(name)).hexdigest()}
    with serving(whole()) as mirror:
        for _ in range(2):
            tree = fetch(
                folder, addresses=[mirror.address(name)], digests=digests, progress=lambda done, total: steps.append((done, total))
            )
            assert tree == TREE
        assert len(mirror.requests) == 1
        assert mirror.requests[0][1]["accept-encoding"] == "identity"
    assert names(folder) == {name, "release.lock"}
    assert steps[-1] == (len(release_bytes(name)),) * 2
    assert cached_release(folder, prove) == TREE


def test_nothing_is_in_an_empty_cache(folder: Path) -> None:
    assert cached_release(folder, prove) is None
    assert not folder.exists()


def test_a_damaged_cache_is_deleted_and_fetched_anew(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(release_bytes()[:-20])
    with serving(whole()) as mirror:
        assert fetch(folder, mirror) == TREE
    assert (folder / NAME).read_bytes() == release_bytes()


def test_a_damaged_cache_is_never_used_without_a_mirror(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(WRONG)
    assert "no mirror is named" in refusal(folder)


# Each fault alone, and the next mirror in its place


def nobody() -> str:
    """An address at which nothing listens any more."""
    with serving(whole()) as mirror:
        return mirror.address()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (status(404), "answered 404"),
        (status(403), "answered 403"),
        (status(500), "answered 500"),
        (status(429), "answered 429"),
        (status(503, Retry_After="soon"), "answered 503"),
        (status(503, Retry_After="3600"), "answered 503 and asked to wait 3600 s"),
        (status(206), "answered 206 to what was not asked"),
        (hang, "does not answer"),
        (hang_in_the_middle, "fell silent"),
        (cut(), "broke off"),
        (cut(claim=""), "sent other bytes than those of Linux 1.0"),
        (cut(claim="200"), "sent other bytes than those of Linux 1.0"),
        (whole(WRONG), "sent other bytes than those of Linux 1.0"),
        (whole(b"<p>a captive portal</p>"), "sent other bytes than those of Linux 1.0"),
        (whole(b""), "sent other bytes than those of Linux 1.0"),
        (status(302, Location="/linux-1.0.tar.gz"), "redirects without end"),
        (status(302, Location="file:///etc/hostname"), "redirects to what is no web address"),
        (status(302, Location="ftp://127.0.0.1/linux-1.0.tar.gz"), "redirects to what is no web address"),
        (whole(bytes(9_000_000)), "offers more than 8,000,000 bytes"),
        (endless, "sends more than 8,000,000 bytes"),
    ],
)
def test_a_fault(folder: Path, behaviour: Behaviour, reason: str) -> None:
    limits = IMPATIENT if behaviour in (hang, hang_in_the_middle) else LIMITS
    with serving(behaviour) as bad, serving(whole()) as good:
        assert refusal(folder, bad, limits=limits) == f"Linux 1.0 can't be downloaded now: {bad.host} {reason}."
        assert fetch(folder, bad, good, limits=limits) == TREE
    assert names(folder) == {NAME, "release.lock"}


def test_refused(folder: Path) -> None:
    with serving(whole()) as good:
        assert "can't be reached" in refusal(folder, addresses=[nobody()])
        assert fetch(folder, addresses=[nobody(), good.address()]) == TREE


def test_wrong_bytes_are_refused_by_their_digest_alone(folder: Path) -> None:
    with serving(whole()) as mirror:
        assert "sent other bytes" in refusal(folder, mirror, digests={NAME: "0" * 64})
        assert fetch(folder, mirror, digests={"linux-1.0.tar.xz": "0" * 64}) == TREE
    assert names(folder) == {NAME, "release.lock"}


def test_a_host_that_is_down_is_asked_once(folder: Path) -> None:
    with serving(status(500)) as down, serving(status(404)) as lacks_one:
        refusal(folder, addresses=[down.address(), down.address("linux-1.0.tar.xz")])
        assert len(down.requests) == 1
        refusal(folder, addresses=[lacks_one.address(), lacks_one.address("linux-1.0.tar.xz")])
        assert len(lacks_one.requests) == 2


def test_hosts_with_the_same_fault_are_named_together(folder: Path) -> None:
    with serving(status(404)) as one, serving(status(404)) as two, serving(status(500)) as three:
        assert f": {one.host}, {two.host} answered 404; {three.host} answered 500." in refusal(folder, one, three, two)


def test_an_address_without_a_release_s_name_is_not_asked(folder: Path) -> None:
    with serving(whole()) as mirror:
        assert "'other.zip', which is neither" in refusal(folder, addresses=[mirror.address("other.zip")])
        assert not mirror.requests


def test_a_redirect_is_followed(folder: Path) -> None:
    with serving(whole()) as target, serving(status(302, Location=target.address())) as mirror:
        assert fetch(folder, mirror) == TREE


# A mirror that asks to wait


class Clock(threading.Event):
    """Notes how long it was asked to wait, and doesn't."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return False


@pytest.mark.parametrize("code", [429, 503])
def test_a_mirror_that_asks_to_wait_is_asked_again(folder: Path, code: int) -> None:
    clock = Clock()
    with serving(status(code, Retry_After="3"), whole()) as mirror:
        assert fetch(folder, mirror, stop=clock) == TREE
    assert clock.waits == [pytest.approx(3, abs=0.5)]


def test_a_date_to_come_back_at(folder: Path) -> None:
    clock = Clock()
    with serving(status(429, Retry_After=format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True)), whole()) as mirror:
        assert fetch(folder, mirror, stop=clock) == TREE
    assert clock.waits == [pytest.approx(0, abs=0.1)]


def test_the_other_mirrors_come_before_a_wait(folder: Path) -> None:
    clock = Clock()
    with serving(status(429, Retry_After="3")) as busy, serving(whole()) as good:
        assert fetch(folder, busy, good, stop=clock) == TREE
    assert not clock.waits


def test_a_mirror_that_is_always_busy(folder: Path) -> None:
    with serving(status(429, Retry_After="0")) as mirror:
        assert "answered 429 and asked to wait 0 s" in refusal(folder, mirror)
        assert len(mirror.requests) == release.ROUNDS


# Time


@pytest.mark.parametrize("behaviour", [hang, drip, hang_in_the_middle])
def test_the_deadline(folder: Path, behaviour: Behaviour) -> None:
    start = time.perf_counter()
    with serving(behaviour) as one, serving(behaviour) as two:
        refusal(folder, one, two, limits=FetchLimits(total_s=0.2))
        assert time.perf_counter() - start < 5


def test_a_stop(folder: Path) -> None:
    stop = threading.Event()
    with serving(hang_in_the_middle, whole()) as mirror:
        message = refusal(folder, mirror, stop=stop, progress=lambda done, total: stop.set())
        assert "it was stopped" in message
        assert fetch(folder, mirror) == TREE
        assert mirror.requests[1][1]["range"] == "bytes=200-"


# Interrupted, and continued


def test_what_broke_off_goes_on_at_once(folder: Path) -> None:
    with serving(cut(), whole()) as mirror:
        assert fetch(folder, mirror) == TREE
        headers = mirror.requests[1][1]
    assert (headers["range"], headers["if-range"]) == ("bytes=200-", '"1"')
    assert names(folder) == {NAME, "release.lock"}


def test_what_broke_off_goes_on_in_another_process(folder: Path) -> None:
    with serving(hang_in_the_middle, whole()) as mirror, serving(whole()) as other:
        program = (
            "import sys; from pathlib import Path; from laam.corpus.release import fetch_release; "
            "fetch_release(Path(sys.argv[1]), print, addresses=[sys.argv[2]], progress=lambda done, total: print(done, flush=True))"
        )
        command = [sys.executable, "-c", program, str(folder), mirror.address()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"200\n"
            process.kill()
        assert names(folder) == {"release.part", "release.part.json", "release.lock"}
        assert cached_release(folder, prove) is None
        assert fetch(folder, other, mirror) == TREE
        assert not other.requests  # what was begun comes first
        assert mirror.requests[1][1]["range"] == "bytes=200-"


@pytest.mark.parametrize(
    "second", [whole(ranges=False), whole(tag='"2"'), whole(tag="W/1"), status(416)], ids=["no ranges", "changed", "weak", "416"]
)
def test_what_can_t_go_on_begins_anew(folder: Path, second: Behaviour) -> None:
    with serving(cut(), second, whole()) as mirror:
        assert fetch(folder, mirror) == TREE
    assert (folder / NAME).read_bytes() == release_bytes()


def test_without_a_validator_it_begins_anew(folder: Path) -> None:
    with serving(cut(tag=""), whole()) as mirror:
        assert fetch(folder, mirror) == TREE
        assert "range" not in mirror.requests[1][1]


def test_a_part_that_was_damaged_is_fetched_anew(folder: Path) -> None:
    with serving(cut(), whole()) as mirror:
        refusal(folder, mirror, limits=FetchLimits(attempts=1))
        (folder / "release.part").write_bytes(b"x" * 200)
        assert fetch(folder, mirror) == TREE
        assert [headers.get("range") for _, headers in mirror.requests] == [None, "bytes=200-", None]


@pytest.mark.parametrize("note", ["", "[]", "{", '{"address": 7}', '{"address": "elsewhere", "validator": "x"}'])
def test_a_note_that_belongs_to_nothing(folder: Path, note: str) -> None:
    folder.mkdir(parents=True)
    (folder / "release.part").write_bytes(b"x" * 200)
    (folder / "release.part.json").write_text(note)
    with serving(whole()) as mirror:
        assert fetch(folder, mirror) == TREE
        assert "range" not in mirror.requests[0][1]


# The disk


def full_disk(*args: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def write(self, chunk: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    write_chunk: Callable[..., None] = release.write_chunk
    with serving(whole()) as mirror:
        with monkeypatch.context() as patch:
            patch.setattr(release, "write_chunk", lambda file, chunk, partial: write_chunk(FullDisk(), chunk, partial))
            assert "kept in the cache folder (No space left on device): point LAAM_CACHE to" in refusal(folder, mirror)
        assert names(folder) == {"release.lock"}  # the room is given back
        assert fetch(folder, mirror) == TREE


def test_no_room_for_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartialFile, "keep_as", full_disk)
    with serving(whole()) as mirror:
        assert "No space left on device" in refusal(folder, mirror)


def test_a_cache_folder_that_can_t_be_made(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    with serving(whole()) as mirror:
        assert "cache folder (Not a directory): point LAAM_CACHE to" in refusal(tmp_path / "cache" / "release", mirror)
        assert not mirror.requests


def test_a_read_only_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*args: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with serving(whole()) as mirror:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "mkdir", read_only)
            assert "(Read-only file system)" in refusal(folder, mirror)
        fetch(folder, mirror)
        monkeypatch.setattr(Path, "mkdir", read_only)
        assert fetch(folder, mirror) == TREE  # a release that is there is read


def test_two_at_once_download_once(folder: Path) -> None:
    with serving(whole()) as mirror:
        trees: list[dict[str, bytes]] = []
        threads = [threading.Thread(target=lambda: trees.append(fetch(folder, mirror))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert trees == [TREE] * 4
        assert len(mirror.requests) == 1


def test_settings_of_the_machine_that_can_t_be_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "odd://proxy")
    with serving(whole()) as mirror:
        assert "the proxy or certificate settings of this machine" in refusal(folder, mirror)
