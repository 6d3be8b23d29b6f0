import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from laam.corpus import fetch as fetch_module
from laam.corpus.catalog import UnknownFile
from laam.corpus.fetch import FetchLimits, ReleaseError, fetch_release
from laam.corpus.originals import Fetch, Originals
from laam.corpus.readable import ReadableOriginal
from laam.corpus.releases import SHIPPED, Release
from laam.corpus.sealed import SealedManifest, SealedOriginal, seal_tree
from laam.settings import Settings
from tests.corpus.fake_mirror import Behaviour, hang, release_bytes, serving, status, whole
from tests.corpus.made_up import SOURCES, TREE, write_tree

OTHER = {**TREE, "linux/kernel/teapot.c": b"int a_coffee_pot;\n", "linux/kernel/extra.c": b"int extra;\n"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "PAUSE_S", 0.01)


@pytest.fixture(scope="module")
def manifest() -> SealedManifest:
    return SealedManifest(seal_tree(TREE, SHIPPED))


def from_address(address: str, **limits: Any) -> Fetch:
    limit = FetchLimits(**{"connect_s": 5, "read_s": 0.4, "total_s": 30} | limits)

    def fetch(release: Release, *arguments: Any, **options: Any) -> dict[str, bytes]:
        mirrored = replace(release, addresses=(address,), digests={})
        tree: dict[str, bytes] = fetch_release(mirrored, *arguments, limits=limit, **options)
        return tree

    return fetch


def assert_readable(originals: Originals) -> None:
    assert originals.has_text
    for path in SOURCES:
        original = originals.original(path)
        assert isinstance(original, ReadableOriginal)
        assert "".join(original.line(number) for number in range(len(original.lengths))).encode() == TREE[path]
    assert "the text of Linux 1.0" in originals.line
    assert "all 5 files agree with the sealed manifest" in originals.line


def assert_sealed(originals: Originals, reason: str) -> None:
    assert not originals.has_text
    assert all(isinstance(originals.original(path), SealedOriginal) for path in SOURCES)
    assert reason in originals.line
    assert originals.line.endswith("sealed.") or "are sealed, as" in originals.line
    assert originals.line.count(". ") == 0
    assert "/cache" not in originals.line


def test_nothing_happens_before_start(manifest: SealedManifest, tmp_path: Path) -> None:
    threads = threading.active_count()
    assert_sealed(Originals(manifest, "auto", tmp_path), "sealed")
    assert threading.active_count() == threads
    assert not list(tmp_path.iterdir())


def test_an_original_is_found_as_in_the_catalogue(manifest: SealedManifest, tmp_path: Path) -> None:
    originals = Originals(manifest, "sealed", tmp_path)
    assert originals.original("teapot.c").file.path == "linux/kernel/teapot.c"
    with pytest.raises(UnknownFile):
        originals.original("no_such.c")


# auto


def test_auto_downloads_once_and_then_reads_the_cache(manifest: SealedManifest, tmp_path: Path) -> None:
    with serving(whole()) as mirror:
        for offline in (False, False, True):
            originals = Originals(manifest, "auto", tmp_path / "cache", offline=offline, fetch=from_address(mirror.address()))
            originals.start()
            assert originals.wait(30)
            assert_readable(originals)
            originals.start()  # nothing more to do
        assert len(mirror.requests) == 1


def test_start_returns_at_once_and_the_page_can_be_served(manifest: SealedManifest, tmp_path: Path) -> None:
    with serving(hang) as mirror:
        originals = Originals(manifest, "auto", tmp_path / "cache", fetch=from_address(mirror.address(), read_s=30, total_s=30))
        originals.start()
        assert_sealed(originals, "is being looked for; until it is here, the originals are sealed.")
        originals.stop()
        originals.start()  # one download at a time
        mirror.closing.set()
        assert not originals.wait(30)


def test_progress_is_in_the_line(manifest: SealedManifest, tmp_path: Path) -> None:
    lines = []

    def fetch(
        release: Release, folder: Path, prove: Callable[[Path], dict[str, bytes]], *, progress: Any = None, stop: Any = None
    ) -> dict[str, bytes]:
        for step in ((340_000, None), (340_000, 1_277_000)):
            progress(*step)
            lines.append(originals.line)
        return dict(TREE)

    originals = Originals(manifest, "auto", tmp_path, fetch=fetch)
    originals.start()
    originals.wait(30)
    assert "on its way (340 KB)" in lines[0]
    assert "on its way (340 of 1,277 KB)" in lines[1]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (status(404), "answered 404"),
        (hang, "does not answer"),
        (whole(release_bytes(tree=OTHER)), "sent other bytes"),
    ],
)
def test_a_failed_download_leaves_the_sealed_originals_and_may_be_tried_again(
    manifest: SealedManifest, tmp_path: Path, behaviour: Behaviour, reason: str
) -> None:
    with serving(behaviour) as mirror:
        originals = Originals(manifest, "auto", tmp_path / "cache", fetch=from_address(mirror.address()))
        originals.start()
        assert not originals.wait(30)
        assert_sealed(originals, f"Linux 1.0 can't be downloaded now: {mirror.host} {reason}")
        mirror.behaviours = [whole()]
        originals.start()
        assert originals.wait(30)
        assert_readable(originals)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ReleaseError("It can't be had."), "It can't be had; the originals are sealed."),
        (OSError(errno.EACCES, "Permission denied"), "Linux 1.0 can't be read (Permission denied)"),
        (RuntimeError("an oversight"), "Linux 1.0 can't be read (RuntimeError)"),
    ],
)
def test_no_error_ends_the_thread_unsaid(manifest: SealedManifest, tmp_path: Path, error: Exception, reason: str) -> None:
    originals = Originals(manifest, "auto", tmp_path, fetch=Mock(side_effect=error))
    originals.start()
    assert not originals.wait(30)
    assert_sealed(originals, reason)


def test_offline_asks_nobody(manifest: SealedManifest, tmp_path: Path) -> None:
    with serving(whole()) as mirror:
        originals = Originals(manifest, "auto", tmp_path / "cache", offline=True, fetch=from_address(mirror.address()))
        originals.start()
        assert not originals.wait(30)
        assert_sealed(originals, "This server is offline, and the text of Linux 1.0 is not in its cache")
        assert not mirror.requests


# A tarball or a folder


def test_a_tarball(manifest: SealedManifest, tmp_path: Path) -> None:
    source = tmp_path / "mine.tar.gz"
    source.write_bytes(release_bytes())
    originals = Originals(manifest, str(source), tmp_path)
    originals.start()
    assert_readable(originals)
    assert "from mine.tar.gz;" in originals.line


def test_a_folder(manifest: SealedManifest, tmp_path: Path) -> None:
    write_tree(tmp_path, TREE | {"linux/Makefile": b"not a source file, so it doesn't matter\n"})
    originals = Originals(manifest, str(tmp_path), tmp_path)
    originals.start()
    assert_readable(originals)


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (OTHER, "(different: 1, first 'linux/kernel/teapot.c')"),
        (TREE | {"linux/init/hello.c": b""}, "(different: 1, first 'linux/init/hello.c')"),
        ({path: TREE[path] for path in SOURCES[1:]}, f"(missing: 1, first {SOURCES[0]!r})"),
    ],
)
def test_another_tree_is_refused(manifest: SealedManifest, tmp_path: Path, tree: dict[str, bytes], reason: str) -> None:
    source = tmp_path / "other.tar.gz"
    source.write_bytes(release_bytes(tree=tree))
    originals = Originals(manifest, str(source), tmp_path)
    originals.start()
    assert_sealed(originals, f"LAAM_ORIGINALS can't be used: other.tar.gz: its source files are not those of the sealed manifest {reason}")
    assert str(tmp_path) not in originals.line
    assert source.exists()  # what a user named is never deleted


@pytest.mark.parametrize(
    ("data", "reason"), [(None, "no such file or folder"), (b"", "holds no files"), (release_bytes()[:-20], "damaged or cut short")]
)
def test_a_source_that_can_t_be_read(manifest: SealedManifest, tmp_path: Path, data: bytes | None, reason: str) -> None:
    source = tmp_path / "broken.tar.gz"
    if data is not None:
        source.write_bytes(data)
    originals = Originals(manifest, str(source), tmp_path)
    originals.start()
    assert not originals.has_text
    assert originals.line.startswith("LAAM_ORIGINALS can't be used: broken.tar.gz: ")
    assert str(tmp_path) not in originals.line
    assert isinstance(originals.original("teapot.c"), SealedOriginal)
    assert reason in originals.line or data == b""


def test_as_the_settings_say(manifest: SealedManifest, tmp_path: Path) -> None:
    originals = Originals.from_settings(manifest, Settings(originals="sealed", cache=tmp_path))
    originals.start()
    assert_sealed(originals, "as LAAM_ORIGINALS asks")
