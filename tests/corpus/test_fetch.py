import errno
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from laam.corpus import fetch as fetch_module
from laam.corpus.archive import read_tree
from laam.corpus.fetch import PAUSE_S, FetchLimits, ReleaseError, cached_release, fetch_release
from laam.corpus.releases import SHIPPED
from tests.corpus.fake_mirror import Behaviour, Mirror, cut, endless, hang, hang_in_the_middle, release_bytes, serving, status, whole
from tests.corpus.made_up import TREE

LIMITS = FetchLimits(connect_s=60, read_s=60, total_s=30)
OF_A_MIRROR_THAT_HANGS = replace(LIMITS, read_s=1)
NAME = "linux-1.0.tar.gz"
WRONG = release_bytes(tree={**TREE, "linux/init/hello.c": b"int another_file;\n"})


class Clock(threading.Event):
    """Notes how long it was asked to wait, and doesn't."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return False


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "time", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "release"


def prove(source: Path) -> dict[str, bytes]:
    tree = read_tree(source)
    if tree != TREE:
        raise ValueError(f"{source}: not the made-up release")
    return tree


def fetch(folder: Path, *mirrors: Mirror, **options: object) -> dict[str, bytes]:
    known = {"addresses": tuple(mirror.address() for mirror in mirrors), "digests": {}}
    release = replace(SHIPPED, **{name: options.pop(name, value) for name, value in known.items()})  # type: ignore[arg-type]
    return fetch_release(release, folder, prove, **{"limits": LIMITS, "stop": Clock()} | options)  # type: ignore[arg-type]


def refusal(folder: Path, *mirrors: Mirror, **options: object) -> str:
    """The words of a failure, which must leave nothing behind."""
    with pytest.raises(ReleaseError) as caught:
        fetch(folder, *mirrors, **options)
    message = str(caught.value)
    assert message.startswith("Linux 1.0 can't be ")
    assert message.endswith(".")
    assert "\n" not in message
    assert str(folder) not in message
    assert not list(folder.iterdir()) if folder.is_dir() else True
    return message


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize("name", SHIPPED.tarballs)
def test_a_release_is_downloaded_once(folder: Path, name: str) -> None:
    steps: list[tuple[int, int | None]] = []
    digests = {name: sha256(release_bytes(name)).hexdigest()}
    with serving(whole()) as mirror:
        for _ in range(2):
            tree = fetch(
                folder, addresses=(mirror.address(name),), digests=digests, progress=lambda done, total: steps.append((done, total))
            )
            assert tree == TREE
        assert len(mirror.requests) == 1
        assert mirror.requests[0][1]["accept-encoding"] == "identity"
    assert names(folder) == {name}
    assert steps[-1] == (len(release_bytes(name)),) * 2
    assert cached_release(SHIPPED, folder, prove) == TREE


def test_nothing_is_in_an_empty_cache(folder: Path) -> None:
    assert cached_release(SHIPPED, folder, prove) is None
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
    with serving(status(404)) as mirror:
        assert "answered 404" in refusal(folder, mirror)


def test_a_release_without_an_address_can_t_be_fetched(folder: Path) -> None:
    assert "no address of it is known" in refusal(folder)


# Each fault alone, and the next mirror in its place


def nobody() -> str:
    """An address at which nothing listens any more."""
    with serving(whole()) as mirror:
        return mirror.address()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (status(404), "answered 404"),
        (status(503, Retry_After="3600"), "answered 503 and asked to wait 3,600 s"),
        (status(206), "answered 206"),
        (hang, "does not answer"),
        (hang_in_the_middle, "does not answer"),
        (cut(), "broke off"),
        (cut(claim=""), "sent other bytes than those of Linux 1.0"),
        (cut(claim="200"), "sent other bytes than those of Linux 1.0"),
        (whole(WRONG), "sent other bytes than those of Linux 1.0"),
        (whole(b"<p>a captive portal</p>"), "sent other bytes than those of Linux 1.0"),
        (status(302, Location="/linux-1.0.tar.gz"), "redirects without end"),
        (status(302, Location="file:///etc/hostname"), "redirects to something that is not a web address"),
        (endless, "sends more than 32,000,000 bytes"),
    ],
)
def test_a_fault(folder: Path, behaviour: Behaviour, reason: str) -> None:
    limits = OF_A_MIRROR_THAT_HANGS if behaviour in (hang, hang_in_the_middle) else LIMITS
    with serving(behaviour) as bad, serving(whole()) as good:
        assert refusal(folder, bad, limits=limits) == f"Linux 1.0 can't be downloaded now: {bad.host} {reason}."
        assert fetch(folder, bad, good, limits=limits) == TREE
    assert names(folder) == {NAME}


def test_refused(folder: Path) -> None:
    with serving(whole()) as good:
        assert "can't be reached" in refusal(folder, addresses=(nobody(),))
        assert fetch(folder, addresses=(nobody(), good.address())) == TREE


def test_wrong_bytes_are_refused_by_their_digest_alone(folder: Path) -> None:
    with serving(whole()) as mirror:
        assert "sent other bytes" in refusal(folder, mirror, digests={NAME: "0" * 64})
        assert fetch(folder, mirror, digests={"linux-1.0.tar.xz": "0" * 64}) == TREE
    assert names(folder) == {NAME}


def test_hosts_with_the_same_fault_are_named_together(folder: Path) -> None:
    with serving(status(404)) as one, serving(status(404)) as two, serving(status(500)) as three:
        assert f": {one.host}, {two.host} answered 404; {three.host} answered 500." in refusal(folder, one, three, two)


def test_the_packed_bytes_stay_packed(folder: Path) -> None:
    digests = {NAME: sha256(release_bytes()).hexdigest()}
    with serving(lambda handler: handler.answer(200, release_bytes(), Content_Encoding="gzip")) as mirror:
        assert fetch(folder, mirror, digests=digests) == TREE


def test_a_redirect_is_followed(folder: Path) -> None:
    with serving(whole()) as target, serving(status(302, Location=target.address())) as mirror:
        assert fetch(folder, mirror) == TREE


# A fault that passes


@pytest.mark.parametrize(
    ("behaviour", "seconds"),
    [
        (status(429, Retry_After="3"), 3),
        (status(503, Retry_After="3"), 3),
        (status(429), PAUSE_S),
        (status(500), PAUSE_S),
    ],
)
def test_a_mirror_is_asked_once_more(folder: Path, behaviour: Behaviour, seconds: float) -> None:
    clock = Clock()
    with serving(behaviour, whole()) as mirror:
        assert fetch(folder, mirror, stop=clock) == TREE
    assert clock.waits == [seconds]


@pytest.mark.parametrize(("fault", "asked"), [(status(500), 2), (status(429, Retry_After="3600"), 1)])
def test_a_mirror_is_asked_twice_at_most_and_not_after_an_hour(folder: Path, fault: Behaviour, asked: int) -> None:
    clock = Clock()
    with serving(fault) as mirror:
        refusal(folder, mirror, stop=clock)
        assert (len(mirror.requests), len(clock.waits)) == (asked, asked - 1)


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        ([status(429, Retry_After="3")], [whole()], []),
        ([status(429, Retry_After="20")], [status(429, Retry_After="3"), whole()], [3]),
    ],
)
def test_the_other_mirrors_come_before_a_wait_and_the_shorter_wait_first(
    folder: Path, first: list[Behaviour], second: list[Behaviour], waits: list[float]
) -> None:
    clock = Clock()
    with serving(*first) as busy, serving(*second) as other:
        assert fetch(folder, busy, other, stop=clock) == TREE
    assert clock.waits == waits


# Ended early


def test_the_time_is_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(fetch_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with serving(endless) as one, serving(whole()) as two:
        message = refusal(folder, one, two, progress=lambda done, total: now.append(now.pop() + 31))
        assert f"{one.host} took longer than the 30 s that this may take." in message
        assert not two.requests


def test_a_stop(folder: Path) -> None:
    stop = threading.Event()
    with serving(hang_in_the_middle) as one, serving(whole()) as two:
        message = refusal(folder, one, two, stop=stop, progress=lambda done, total: stop.set())
        assert f"{one.host} was stopped." in message
        assert not two.requests


def test_killed_in_the_middle_and_started_again(folder: Path) -> None:
    with serving(hang_in_the_middle, whole()) as mirror:
        program = (
            "import sys; from pathlib import Path; from laam.corpus.fetch import fetch_release; "
            "from laam.corpus.releases import Release; release = Release.described('Toy 1', sys.argv[2]); "
            "fetch_release(release, Path(sys.argv[1]), print, progress=lambda done, total: print(done, flush=True))"
        )
        command = [sys.executable, "-c", program, str(folder), mirror.address()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"200\n"
            process.kill()
        assert not names(folder)
        assert fetch(folder, mirror) == TREE


# The disk


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes = Path.write_bytes

    def full(file: Path, data: bytes) -> int:
        write_bytes(file, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(whole()) as mirror:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            assert "kept in the cache folder (No space left on device): point LAAM_CACHE to" in refusal(folder, mirror)
        assert fetch(folder, mirror) == TREE


def test_a_cache_folder_that_can_t_be_made(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place", "utf-8")
    with serving(whole()) as mirror:
        assert "cache folder (Not a directory): point LAAM_CACHE to" in refusal(tmp_path / "cache" / "release", mirror)
        assert not mirror.requests


def test_a_read_only_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_only = Mock(side_effect=OSError(errno.EROFS, "Read-only file system"))
    with serving(whole()) as mirror:
        for name in ("mkdir", "replace"):
            with monkeypatch.context() as patch:  # the tests may run as root, whom no permission stops
                patch.setattr(Path, name, read_only)
                assert "(Read-only file system)" in refusal(folder, mirror)
        fetch(folder, mirror)
        monkeypatch.setattr(Path, "mkdir", read_only)
        assert fetch(folder, mirror) == TREE  # a release that is there is read


def test_two_at_once_do_not_disturb_each_other(folder: Path) -> None:
    with serving(whole()) as mirror, ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(fetch, [folder] * 4, [mirror] * 4))
    assert trees == [TREE] * 4
    assert names(folder) == {NAME}
