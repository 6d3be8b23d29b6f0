from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.emission import folder
from laam.emission.emit import emit_side_by_side
from laam.emission.folder import Written, files_there, write_files
from laam.model.model import Model
from laam.settings import Settings
from tests.model.scripted import endless


def read(out: Path) -> dict[str, str]:
    """Every file below a folder."""
    return {str(file.relative_to(out)): file.read_text("utf-8") for file in out.rglob("*") if file.is_file()}


def test_every_file_that_the_model_knows_is_written(
    settings: Settings, made_up_files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emit", "--all", str(tmp_path)], settings) == 0
    assert read(tmp_path) == made_up_files
    assert "3 of 3 files with the sha256 of the original, in " in capsys.readouterr().err


def test_a_killed_run_goes_on_with_what_is_missing(
    settings: Settings,
    model: Model,
    manifest: SealedManifest,
    made_up_files: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = list(manifest.catalog)
    killed = write_files(model, files, tmp_path)
    first = next(killed)
    killed.close()
    assert first.identical
    assert list(read(tmp_path)) == [first.path]
    other = next(path for path in made_up_files if path != first.path)
    half = tmp_path / f"{other}.123.tmp"  # as a run leaves it that was killed in the middle of writing
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text(made_up_files[other][:9], "utf-8")
    (tmp_path / other).write_text("half a fi", "utf-8")
    written = (tmp_path / first.path).stat().st_mtime_ns
    assert main(["emit", "--all", str(tmp_path)], settings) == 0
    assert read(tmp_path) == made_up_files
    assert (tmp_path / first.path).stat().st_mtime_ns == written
    assert "3 of 3 files with the sha256 of the original, 1 of them from before, in " in capsys.readouterr().err
    assert files_there(files, tmp_path) == files


def test_what_a_lossy_copy_writes_is_counted_as_its_own(
    settings: Settings, made_up_files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emit", "--all", str(tmp_path), "--bits", "8"], settings) == 0
    assert read(tmp_path) == made_up_files
    assert capsys.readouterr().err.endswith("Rounded to 8 bits a weight.\n")
    assert main(["emit", "--all", str(tmp_path), "--bits", "2"], settings) == 2
    assert "has files of another run" in capsys.readouterr().err
    assert main(["emit", "--all", str(tmp_path / "new"), "--pruned", "1"], settings) == 1
    assert "0 of 3 files with the sha256" in capsys.readouterr().err


def test_what_is_not_the_original_is_named_and_not_written(
    settings: Settings, made_up_files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_a_wrong_letter(*arguments: object, **options: object) -> object:
        for path, text, ended in emit_side_by_side(*arguments, **options):  # type: ignore[arg-type]
            yield path, text.replace("sho", "sha") if path.endswith("ctype.c") else text, ended

    monkeypatch.setattr(folder, "emit_side_by_side", with_a_wrong_letter)
    assert main(["emit", "--all", str(tmp_path)], settings) == 1
    assert sorted(read(tmp_path)) == sorted(path for path in made_up_files if not path.endswith("ctype.c"))
    err = capsys.readouterr().err
    assert err.startswith("linux/lib/ctype.c: not the original, so not written\n2 of 3 files with the sha256 of the original, in ")


def test_a_file_that_does_not_end_is_given_up(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    found = list(write_files(endless(model), list(manifest.catalog), tmp_path))
    assert sorted(found, key=lambda written: written.path) == [Written(file.path, False) for file in manifest.catalog]
    assert read(tmp_path) == {}


@pytest.mark.parametrize(
    "others",
    [["kernel/sched.c"], ["--no-prompt"], ["--json"], ["--anyway"], ["--temperature", "0.5"], ["--max-tokens", "9"], ["--seed", "3"]],
)
def test_nothing_is_asked_beside_all(others: list[str], settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emit", "--all", str(tmp_path), *others], settings) == 2
    assert "give only --model, and --bits, --noise with --seed, and --pruned beside it" in capsys.readouterr().err


def test_a_model_that_does_not_say_what_it_knows_is_refused(
    settings: Settings, untrained: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emit", "--all", str(tmp_path), "--model", str(untrained.folder)], settings) == 2
    assert "doesn't say what it was trained on" in capsys.readouterr().err
