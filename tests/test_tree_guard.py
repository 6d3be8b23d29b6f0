"""No text of the kernel is in this repository: held against the sealed manifest, line by line."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from laam.corpus.lines import line_digest, split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.model.codec import byte_of_character
from tests.corpus.made_up import TREE, write_tree

ROOT = Path(__file__).resolve().parents[1]
LINE_CHARACTERS = 20  # shorter lines are anyone's
UNCOMMITTED = {".git", ".venv", "build", "data", "runs"}  # at the top
CACHES = {".pytest_cache", ".mypy_cache", ".ruff_cache", "__pycache__"}  # anywhere
ALLOWED_LINES = 1  # one line may meet by chance
BYTE_OF = byte_of_character()


def repository_files() -> list[Path]:
    """All files that are committed or could be: tracked, or new and not ignored; without git, all that git would not ignore."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return walked_files(ROOT)
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode(errors="surrogateescape") for name in listing.split(b"\0") if name]
    return [file for file in files if file.is_file()]


def walked_files(folder: Path, passed_over: Set[str] = UNCOMMITTED) -> list[Path]:
    """All files below a folder, but for what was built, downloaded or trained here."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in CACHES | passed_over:
            continue
        found += walked_files(path, set()) if path.is_dir() else [path]
    return found


def sealed_lines(data: bytes, manifest: SealedManifest) -> list[int]:
    """The numbers, from 1, of the lines of a text file that are in the manifest; none for a binary file."""
    if b"\0" in data[:4096]:
        return []
    lines = enumerate(split_lines(data.decode(errors="replace")), start=1)
    return [number for number, line in lines if _is_long(line) and _is_sealed(line, manifest)]


def sealed_tokens(tokenizer: dict[str, object], manifest: SealedManifest) -> list[str]:
    """The entries of a byte-level vocabulary that are whole lines of the manifest."""
    known = manifest.line_files()
    found = []
    for entry in vocabulary(tokenizer):
        line = token_text(entry).strip("\n")
        if len(line) >= LINE_CHARACTERS and not known.keys().isdisjoint([line_digest(line), line_digest(f"{line}\n")]):
            found.append(entry)
    return found


def vocabulary(tokenizer: dict[str, object]) -> Iterator[str]:
    model, added = tokenizer["model"], tokenizer.get("added_tokens") or []
    assert isinstance(model, dict)
    assert isinstance(added, list)
    for entry in [*model["vocab"], *(token["content"] for token in added)]:
        yield entry if isinstance(entry, str) else entry[0]  # a unigram vocabulary holds pairs


def token_text(entry: str) -> str:
    """The text of a token; in a byte-level vocabulary each byte is written as one printable character."""
    if not all(character in BYTE_OF for character in entry):
        return entry
    return bytes(BYTE_OF[character] for character in entry).decode(errors="replace")


def _is_sealed(line: str, manifest: SealedManifest) -> bool:
    """Whether a line is the manifest's, whatever became of the white space at its end."""
    known = manifest.line_files()
    return any(line_digest(form) in known for form in (line, f"{line.rstrip()}\n"))


def _is_long(line: str) -> bool:
    return sum(not character.isspace() for character in line) >= LINE_CHARACTERS


@pytest.fixture(scope="module")
def made_up() -> SealedManifest:
    return SealedManifest(seal_tree(TREE, SHIPPED))


def test_no_file_of_the_repository_holds_lines_of_the_kernel(linux: SealedManifest) -> None:
    found = {str(file.relative_to(ROOT)): sealed_lines(file.read_bytes(), linux) for file in repository_files()}
    assert {name: lines for name, lines in found.items() if len(lines) > ALLOWED_LINES} == {}


def test_without_git_the_same_files_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    names = {str(file.relative_to(ROOT)) for file in repository_files()}
    assert {"app.py", "README.md", "pyproject.toml", "laam/__main__.py", "tests/test_tree_guard.py", "assets/page/page.css"} <= names
    assert not {name for name in names if name.startswith((".git/", ".venv/", "runs/"))}


def test_a_walk_finds_every_file(tmp_path: Path) -> None:
    wanted = ["a.c", "deep/er/b", "deep/.hidden", ".ci/run", "laam/data/facts", "tests/build/x"]
    write_tree(tmp_path, dict.fromkeys([*wanted, "runs/x", "deep/__pycache__/y.pyc", ".venv/lib/z.py"], b""))
    assert sorted(str(file.relative_to(tmp_path)) for file in walked_files(tmp_path)) == sorted(wanted)


def test_no_vocabulary_holds_a_line_of_the_kernel(linux: SealedManifest) -> None:
    for file in (ROOT / "assets").rglob("tokenizer.json"):
        assert (str(file.relative_to(ROOT)), sealed_tokens(json.loads(file.read_text("utf-8")), linux)) == (str(file.relative_to(ROOT)), [])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "  \n"])
def test_the_guard_fires_on_a_planted_file(made_up: SealedManifest, ending: str) -> None:
    planted = ["something else that is long enough", "int hello_from_the_test_tree(void)", "{", "#include <teapot/spout.h>"]
    assert sealed_lines(ending.join(planted).encode(), made_up) == [2, 4]
    assert sealed_lines(TREE["linux/kernel/teapot.c"], made_up) != []


def test_the_guard_passes_binary_files_and_short_lines(made_up: SealedManifest) -> None:
    assert sealed_lines(b"\0\nint hello_from_the_test_tree(void)\n#include <teapot/spout.h>\n", made_up) == []
    assert sealed_lines(b"\treturn 41;\n" * 9, made_up) == []


@pytest.mark.parametrize("newlines", ["", "Ċ"])
def test_the_guard_fires_on_a_planted_token(made_up: SealedManifest, newlines: str) -> None:
    token = f"{newlines}intĠhello_from_the_test_tree(void)"
    for vocab in ({token: 0, "Ġint": 1}, [[token, -1.5], ["Ġint", -2.5]]):
        assert sealed_tokens({"model": {"vocab": vocab}}, made_up) == [token]
    assert sealed_tokens({"model": {"vocab": {"Ġint": 1}}, "added_tokens": [{"content": "#include <teapot/spout.h>"}]}, made_up) != []
