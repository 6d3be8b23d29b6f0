import argparse
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.archive import ArchiveError
from laam.corpus.catalog import UnknownFile
from laam.corpus.commands import DIFFERENCES, add_commands
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedError, SealedManifest
from laam.settings import Settings
from tests.corpus.made_up import SOURCES, TREE

TITLE = ("--title", "Toy 0.1, 1 April 1999", "--source", "https://toy.example/pub/toy-0.1.tar.gz")


def run(*arguments: object, settings: Settings | None = None) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    args = parser.parse_args([str(argument) for argument in arguments])
    args.settings = settings or Settings()
    code = args.run(args)
    assert isinstance(code, int)
    return code


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for path, data in TREE.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return tmp_path / "linux"


@pytest.fixture
def manifest(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    file = tmp_path / "deep" / "made-up.sealed"
    assert run("seal", source, *TITLE, "--out", file) == 0
    capsys.readouterr()
    return file


def test_seal_writes_a_manifest_and_nothing_else(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "made-up.sealed"
    assert run("seal", source, *TITLE, "--out", out) == 0
    assert list(SealedManifest.open(out).catalog.files) == SOURCES
    assert list(out.parent.iterdir()) == [out]
    assert "5 files, " in capsys.readouterr().out


def test_seal_says_what_it_sealed_and_names_the_manifest_after_it(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(assets=tmp_path / "assets")
    assert run("seal", source, *TITLE, settings=settings) == 0
    assert "Toy 0.1, 1 April 1999: 5 files" in capsys.readouterr().out
    assert (tmp_path / "assets" / "sealed" / "toy-0.1.sealed").is_file()
    assert run("seal", "--check", source, settings=replace(settings, release="toy-0.1")) == 0
    assert run("corpus", "--json", settings=replace(settings, release="toy-0.1")) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["title"] == "Toy 0.1, 1 April 1999"
    with pytest.raises(SealedError, match=r"LAAM_RELEASE may be toy-0\.1; or write it"):
        run("corpus", settings=settings)


def test_seal_calls_no_tree_what_it_is_not(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.sealed"
    for title in ((), ("--title", SHIPPED.heading, "--source", SHIPPED.source)):
        with pytest.raises(ValueError, match=f"not (the files|those) of {SHIPPED.title}"):
            run("seal", source, *title, "--out", out)
    assert not out.exists()


def test_check_proves_the_manifest(source: Path, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = manifest.read_bytes()
    assert run("seal", "--check", source, "--out", manifest) == 0
    assert "proven" in capsys.readouterr().out
    assert manifest.read_bytes() == before


def test_check_names_what_differs(source: Path, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "init" / "hello.c").write_bytes(b"other\n")
    assert run("seal", "--check", source, "--out", manifest) == 1
    out = capsys.readouterr().out
    assert out.startswith("linux/init/hello.c: sha256 ")
    assert ": 1 differing, 5 files, " in out


def test_check_of_quite_another_tree_lists_the_first_differences(source: Path, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(DIFFERENCES + 2):
        (source / "init" / f"new{number}.c").write_bytes(b"other\n")
    assert run("seal", "--check", source, "--out", manifest) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == DIFFERENCES + 2
    assert lines[-2] == "… and 2 more"


def test_bad_input_is_a_value_error_and_leaves_the_manifest_alone(source: Path, manifest: Path, tmp_path: Path) -> None:
    before = manifest.read_bytes()
    with pytest.raises(ArchiveError):
        run("seal", tmp_path / "missing.tar", "--out", manifest)
    with pytest.raises(ValueError, match=r"--out .* is a folder"):
        run("seal", source, *TITLE, "--out", source)
    with pytest.raises(SealedError):
        run("seal", "--check", source, "--out", tmp_path / "missing.sealed")
    assert manifest.read_bytes() == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_corpus_lists_every_file(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "--manifest", manifest) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows[:-1]] == SOURCES
    assert rows[-1] == f"5 files, {sum(len(TREE[path]) for path in SOURCES)} bytes, 16 lines"


def test_corpus_shows_one_file(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "HELLO.C", "--manifest", manifest) == 0
    out = capsys.readouterr().out
    assert "linux/init/hello.c" in out
    assert SealedManifest.open(manifest).catalog.find("hello.c").sha256 in out


def test_corpus_as_json(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "--json", "--manifest", manifest) == 0
    record = json.loads(capsys.readouterr().out)
    assert [file["path"] for file in record["files"]] == SOURCES
    assert record["manifest"] == SealedManifest.open(manifest).digest
    assert run("corpus", "hello.c", "--json", "--manifest", manifest) == 0
    assert json.loads(capsys.readouterr().out)["notices"] == ["© 1999 Ada Example"]


@pytest.mark.parametrize("query", ["helo.c", "", "menu.c"])
def test_corpus_refuses_what_names_no_file(manifest: Path, query: str) -> None:
    with pytest.raises(UnknownFile):
        run("corpus", query, "--manifest", manifest)


def test_the_default_is_the_shipped_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "kernel/sched.c") == 0
    assert "linux/kernel/sched.c" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["seal", "corpus"])
def test_help_shows_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(command, "--help")
    out = capsys.readouterr().out
    assert re.search(rf"^examples:\n  \S+ {command} ", out, re.MULTILINE)  # the program as it was called
    assert "exit codes:\n  0" in out
