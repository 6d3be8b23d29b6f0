import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.formats import stamped
from laam.measure import pz
from laam.measure.pz_commands import measure_files, row_of
from laam.measure.pz_file import ROW_FORMAT, pz_record, read_pz
from laam.model.model import Model
from laam.settings import Settings
from tests.schemas import check

TEXTS = {"linux/a.c": "".join(f"int a{number};\n" for number in range(60)), "linux/b.c": "".join(f"b{number}\n" for number in range(80))}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many windows of each file the model is asked for; a scripted one, which is as sure of each."""
    counts: list[int] = []

    def window_logs(_: Model, tokens: Sequence[int], starts: Sequence[int]) -> Iterator[float]:
        counts.append(len(starts))
        return iter([-0.5] * len(starts))

    monkeypatch.setattr(pz, "window_logs", window_logs)
    return counts


def test_every_file_is_measured_and_kept(asked: list[int], embedded: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    out = tmp_path / "new" / "x.pz.json"
    measured = measure_files(embedded, TEXTS | {"linux/short.c": "int x;\n"}, manifest, 50, out)
    assert read_pz(out) == measured
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert [len(of.along.logs) for of in measured.files] == asked
    assert asked[2] == 0
    assert measured.characters == sum(map(len, TEXTS.values())) + 7
    row = row_of(measured, measured.files[0])
    assert row["windows"][-1][1:] == [len(TEXTS["linux/a.c"]), -0.5]
    assert row["above"]["0.5"] == row["covered"] > 0  # exp(−0.5) is more than a half
    check(stamped(ROW_FORMAT, row), "laam-pz-row-1")
    record = json.loads(out.read_text("utf-8"))
    check(record, "laam-pz-1")
    assert record == json.loads(json.dumps(pz_record(measured)))


def test_a_killed_run_goes_on(
    asked: list[int], embedded: Model, manifest: SealedManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = measure_files(embedded, TEXTS, manifest, 50, tmp_path / "whole.json")
    both = list(asked)
    scripted = pz.window_logs

    def killed(model: Model, tokens: Sequence[int], starts: Sequence[int]) -> Iterator[float]:
        if len(asked) == 3:
            raise KeyboardInterrupt
        return scripted(model, tokens, starts)

    monkeypatch.setattr(pz, "window_logs", killed)
    with pytest.raises(KeyboardInterrupt):
        measure_files(embedded, TEXTS, manifest, 50, tmp_path / "killed.json")
    with pytest.raises(ValueError, match="was begun with other weights, files or another stride"):
        measure_files(embedded, TEXTS, manifest, 25, tmp_path / "killed.json")
    monkeypatch.setattr(pz, "window_logs", scripted)
    assert measure_files(embedded, TEXTS, manifest, 50, tmp_path / "killed.json").files == whole.files
    assert asked == [*both, *both]  # no file a second time


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stride", "0"], "--stride 0: give 1 to 50 tokens"),
        (["--stride", "51"], "--stride 51: give 1 to 50 tokens"),
        ([], "A window of 100 tokens doesn't fit the model's own of 48."),
    ],
)
def test_bad_input_is_named(
    settings: Settings, tarball: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pz", "--source", str(tarball), *arguments], settings) == 2
    assert words in capsys.readouterr().err
