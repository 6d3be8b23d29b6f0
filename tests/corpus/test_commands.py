import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from laam.corpus.archive import ArchiveError
from laam.corpus.catalog import UnknownFile
from laam.corpus.commands import add_commands
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedError, SealedManifest
from laam.settings import Settings
from tests.corpus.made_up import TREE, write_tree

FILES = sorted(path.replace("linux", "toy-0.1", 1) for path, data in TREE.items() if data)

TITLE = ("--title", "Toy 0.1, 1 April 1999", "--source", "https://toy.example/pub/toy-0.1.tar.gz")


Run = Callable[..., str]


def build_args(*arguments: object, settings: Settings | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    args = parser.parse_args([str(argument) for argument in arguments])
    args.settings = settings or Settings()
    return args


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command, which has to end with `code`; gives what it says."""

    def called(*arguments: object, settings: Settings | None = None, code: int = 0) -> str:
        args = build_args(*arguments, settings=settings)
        assert args.run(args) == code
        return capsys.readouterr().out

    return called


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tree(tmp_path) / "linux"


@pytest.fixture
def manifest(run: Run, source: Path, tmp_path: Path) -> Path:
    file = tmp_path / "deep" / "made-up.sealed"
    assert "5 files, " in run("seal", source, *TITLE, "--out", file)
    return file


def test_seal_writes_a_manifest_and_nothing_else(manifest: Path) -> None:
    assert list(SealedManifest.open(manifest).catalog.files) == FILES
    assert list(manifest.parent.iterdir()) == [manifest]


def test_seal_says_what_it_sealed_and_names_the_folder_after_it(
    run: Run, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Toy 0.1, 1 April 1999: 5 files" in run("seal", source, *TITLE)
    settings = Settings(exhibit=tmp_path / "toy-0.1.exhibit")
    run("seal", "--check", source, settings=settings)
    assert json.loads(run("corpus", "--json", settings=settings))["title"] == "Toy 0.1, 1 April 1999"


def test_another_manifest_that_is_not_there(run: Run, source: Path, tmp_path: Path) -> None:
    run("seal", source, *TITLE, "--out", tmp_path / "sealed" / "toy-0.1.sealed")
    with pytest.raises(SealedError, match=r"LAAM_RELEASE may be toy-0\.1; or write it"):
        run("corpus", settings=Settings(exhibit=tmp_path))


def test_seal_says_what_it_left_out(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = {"a.py": b"a = 1\n", "b.md": b"caf\xe9\n", "c.png": b"\x89PNG\0", "core": b"\0", "drafts/d.py": b"d = 4\n"}
    folder = write_tree(tmp_path / "toy-0.2", tree)
    (folder / "link").symlink_to(folder / "a.py")
    args = build_args("seal", folder, "--out", tmp_path / "toy.sealed")
    assert args.run(args) == 0
    out, err = capsys.readouterr()
    assert err.startswith("3 of 6 files, 18 of 18 bytes of text; left out: 1 .png, 1 not text, link (a link)\n")
    assert "in Latin-1, and sealed as the same text in UTF-8: b.md\n" in err
    assert "no file declares a licence; --licence names one for all\n" in err
    assert "toy 0.2: 3 files" in out
    sealed = SealedManifest.open(tmp_path / "toy.sealed")
    assert list(sealed.catalog.files) == ["toy-0.2/a.py", "toy-0.2/b.md", "toy-0.2/drafts/d.py"]
    assert "proven" in run("seal", "--check", folder, "--out", tmp_path / "toy.sealed")
    run("seal", folder, "--exclude", "drafts/", "--out", tmp_path / "toy.sealed")
    assert len(SealedManifest.open(tmp_path / "toy.sealed").catalog) == 2


def test_less_than_half_of_the_text_is_not_sealed_unless_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    folder, out = write_tree(tmp_path / "toy", {"a.txt": b"a\n", "b.json": b"x" * 70_000}), tmp_path / "toy.sealed"
    run("seal", folder, "--out", out, code=1)
    assert not out.exists()
    run("seal", folder, "--out", out, "--partial")
    assert len(SealedManifest.open(out).catalog) == 1


def test_seal_calls_no_tree_what_it_is_not(run: Run, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.sealed"
    with pytest.raises(ValueError, match=f"not those of {SHIPPED.title}"):
        run("seal", source, "--title", SHIPPED.heading, "--source", SHIPPED.source, "--out", out)
    assert not out.exists()


def test_check_proves_the_manifest(run: Run, source: Path, manifest: Path) -> None:
    before = manifest.read_bytes()
    assert "proven" in run("seal", "--check", source, "--out", manifest)
    assert manifest.read_bytes() == before


def test_check_names_what_differs(run: Run, source: Path, manifest: Path) -> None:
    (source / "init" / "hello.c").write_bytes(b"other\n")
    out = run("seal", "--check", source, "--out", manifest, code=1)
    assert out.startswith("toy-0.1/init/hello.c: sha256 ")
    assert ": 1 differing, 5 files, " in out


def test_check_of_quite_another_tree_lists_the_first_differences(
    run: Run, source: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laam.corpus.commands.DIFFERENCES", 2)
    write_tree(source, {path.partition("/")[2]: b"other\n" for path in FILES})
    lines = run("seal", "--check", source, "--out", manifest, code=1).splitlines()
    assert lines[2] == "… and 3 more"
    assert len(lines) == 4


def test_bad_input_is_a_value_error_and_leaves_the_manifest_alone(run: Run, source: Path, manifest: Path, tmp_path: Path) -> None:
    before = manifest.read_bytes()
    with pytest.raises(ArchiveError):
        run("seal", tmp_path / "missing.tar", "--out", manifest)
    with pytest.raises(ValueError, match=r"--out .* is a file"):
        run("seal", source, *TITLE, "--out", source / "COPYING")
    with pytest.raises(SealedError):
        run("seal", "--check", source, "--out", tmp_path / "missing.sealed")
    assert manifest.read_bytes() == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_corpus_lists_every_file(run: Run, manifest: Path) -> None:
    rows = run("corpus", "--manifest", manifest).splitlines()
    assert [row.split()[0] for row in rows[:-1]] == FILES
    assert rows[-1] == f"5 files, {sum(map(len, TREE.values()))} bytes, 17 lines"


def test_corpus_shows_one_file(run: Run, manifest: Path) -> None:
    out = run("corpus", "HELLO.C", "--manifest", manifest)
    assert "toy-0.1/init/hello.c" in out
    assert SealedManifest.open(manifest).catalog.find("hello.c").sha256 in out


def test_corpus_as_json(run: Run, manifest: Path) -> None:
    record = json.loads(run("corpus", "--json", "--manifest", manifest))
    assert [file["path"] for file in record["files"]] == FILES
    assert record["manifest"] == SealedManifest.open(manifest).digest
    assert json.loads(run("corpus", "hello.c", "--json", "--manifest", manifest))["notices"] == ["© 1999 Ada Example"]


@pytest.mark.parametrize("query", ["helo.c", "", "fs"])
def test_corpus_refuses_what_names_no_file(run: Run, manifest: Path, query: str) -> None:
    with pytest.raises(UnknownFile):
        run("corpus", query, "--manifest", manifest)


def test_the_default_is_the_shipped_manifest(run: Run) -> None:
    assert "linux/kernel/sched.c" in run("corpus", "kernel/sched.c")
