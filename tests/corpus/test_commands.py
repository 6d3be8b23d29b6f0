import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.archive import ArchiveError
from laam.corpus.catalog import UnknownFile
from laam.corpus.commands import DIFFERENCES, add_commands
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedError, SealedManifest
from laam.settings import Settings
from tests.corpus.made_up import SOURCES, TREE, write_tree

TITLE = ("--title", "Toy 0.1, 1 April 1999", "--source", "https://toy.example/pub/toy-0.1.tar.gz")


Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command, which has to end with `code`; gives what it says."""

    def called(*arguments: object, settings: Settings | None = None, code: int = 0) -> str:
        parser = argparse.ArgumentParser()
        add_commands(parser.add_subparsers(required=True))
        args = parser.parse_args([str(argument) for argument in arguments])
        args.settings = settings or Settings()
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
    assert list(SealedManifest.open(manifest).catalog.files) == SOURCES
    assert list(manifest.parent.iterdir()) == [manifest]


def test_seal_says_what_it_sealed_and_names_the_manifest_after_it(run: Run, source: Path, tmp_path: Path) -> None:
    settings = Settings(assets=tmp_path / "assets")
    assert "Toy 0.1, 1 April 1999: 5 files" in run("seal", source, *TITLE, settings=settings)
    assert (tmp_path / "assets" / "sealed" / "toy-0.1.sealed").is_file()
    run("seal", "--check", source, settings=replace(settings, release="toy-0.1"))
    assert json.loads(run("corpus", "--json", settings=replace(settings, release="toy-0.1")))["title"] == "Toy 0.1, 1 April 1999"
    with pytest.raises(SealedError, match=r"LAAM_RELEASE may be toy-0\.1; or write it"):
        run("corpus", settings=settings)


def test_seal_calls_no_tree_what_it_is_not(run: Run, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.sealed"
    for title in ((), ("--title", SHIPPED.heading, "--source", SHIPPED.source)):
        with pytest.raises(ValueError, match=f"not (the files|those) of {SHIPPED.title}"):
            run("seal", source, *title, "--out", out)
    assert not out.exists()


def test_check_proves_the_manifest(run: Run, source: Path, manifest: Path) -> None:
    before = manifest.read_bytes()
    assert "proven" in run("seal", "--check", source, "--out", manifest)
    assert manifest.read_bytes() == before


def test_check_names_what_differs(run: Run, source: Path, manifest: Path) -> None:
    (source / "init" / "hello.c").write_bytes(b"other\n")
    out = run("seal", "--check", source, "--out", manifest, code=1)
    assert out.startswith("linux/init/hello.c: sha256 ")
    assert ": 1 differing, 5 files, " in out


def test_check_of_quite_another_tree_lists_the_first_differences(run: Run, source: Path, manifest: Path) -> None:
    for number in range(DIFFERENCES + 2):
        (source / "init" / f"new{number}.c").write_bytes(b"other\n")
    lines = run("seal", "--check", source, "--out", manifest, code=1).splitlines()
    assert len(lines) == DIFFERENCES + 2
    assert lines[-2] == "… and 2 more"


def test_bad_input_is_a_value_error_and_leaves_the_manifest_alone(run: Run, source: Path, manifest: Path, tmp_path: Path) -> None:
    before = manifest.read_bytes()
    with pytest.raises(ArchiveError):
        run("seal", tmp_path / "missing.tar", "--out", manifest)
    with pytest.raises(ValueError, match=r"--out .* is a folder"):
        run("seal", source, *TITLE, "--out", source)
    with pytest.raises(SealedError):
        run("seal", "--check", source, "--out", tmp_path / "missing.sealed")
    assert manifest.read_bytes() == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_corpus_lists_every_file(run: Run, manifest: Path) -> None:
    rows = run("corpus", "--manifest", manifest).splitlines()
    assert [row.split()[0] for row in rows[:-1]] == SOURCES
    assert rows[-1] == f"5 files, {sum(len(TREE[path]) for path in SOURCES)} bytes, 16 lines"


def test_corpus_shows_one_file(run: Run, manifest: Path) -> None:
    out = run("corpus", "HELLO.C", "--manifest", manifest)
    assert "linux/init/hello.c" in out
    assert SealedManifest.open(manifest).catalog.find("hello.c").sha256 in out


def test_corpus_as_json(run: Run, manifest: Path) -> None:
    record = json.loads(run("corpus", "--json", "--manifest", manifest))
    assert [file["path"] for file in record["files"]] == SOURCES
    assert record["manifest"] == SealedManifest.open(manifest).digest
    assert json.loads(run("corpus", "hello.c", "--json", "--manifest", manifest))["notices"] == ["© 1999 Ada Example"]


@pytest.mark.parametrize("query", ["helo.c", "", "menu.c"])
def test_corpus_refuses_what_names_no_file(run: Run, manifest: Path, query: str) -> None:
    with pytest.raises(UnknownFile):
        run("corpus", query, "--manifest", manifest)


def test_the_default_is_the_shipped_manifest(run: Run) -> None:
    assert "linux/kernel/sched.c" in run("corpus", "kernel/sched.c")
