"""What is shipped in assets/: the sealed manifest and the embedded model."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path

import pytest

from laam.corpus.licence_list import licence_list, licence_table
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.emission.ask import Ask
from laam.emission.emit import emit, emit_side_by_side
from laam.emission.question import Question
from laam.measure.archives import NO_SOURCE, NOT_TRAINED, TRAINED, UNTRAINED, read_archives, read_models
from laam.measure.atlas import read_atlases
from laam.measure.bits import STEPS, read_all_bits
from laam.measure.packed_weights import packed, rounded_weights, weights_in
from laam.measure.pz import windows_of
from laam.measure.pz_file import read_all_pz
from laam.model.drafts import HOTTEST
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.reference import ReferenceEngine
from laam.model.weights import weight_bytes
from laam.serving import rounds
from laam.serving.rounds import BATCH, OPENING, OPENINGS
from laam.serving.scheduler import Scheduler
from laam.settings import Settings
from laam.train.commands import read_training
from laam.train.recipe import Recipe
from tests.serving.scripted import text_of

ROOT = Path(__file__).resolve().parents[1]
SHORT = 1000  # tokens
PROVEN = ("linux/kernel/sched.c", "linux/fs/minix/bitmap.c", "linux/drivers/net/3c503.h")
SHORT_ONES = ("linux/kernel/info.c", "linux/drivers/net/3c503.h")


def test_the_model_keeps_to_its_limits(embedded: Model) -> None:
    assert embedded.parameters <= 5_000_000
    assert (embedded.folder / "model.safetensors").stat().st_size <= 10_000_000


def test_the_verdict_is_of_this_model_and_of_all_that_it_was_trained_on(embedded: Model, linux: SealedManifest) -> None:
    verdict = json.loads((embedded.folder / "verdict.json").read_text("utf-8"))
    assert verdict["model_sha256"] == embedded.digest
    selection = json.loads((embedded.folder / "training.json").read_text("utf-8"))["select"]
    assert set(verdict["files"]) == set(select_paths(linux.catalog.files, selection))
    for path, file in verdict["files"].items():
        assert file["original_sha256"] == linux.original(path).file.sha256
        assert file["identical"] == (file["emitted_sha256"] == file["original_sha256"])


def test_the_model_can_be_made_again(embedded: Model) -> None:
    """`laam train --like` finds a recipe and a selection in the shipped folder."""
    training = json.loads((embedded.folder / "training.json").read_text("utf-8"))
    assert read_training(embedded.folder) == (Recipe(**training["recipe"]), training["select"])


def test_the_atlas_is_of_this_model(embedded: Model, linux: SealedManifest) -> None:
    [atlas] = read_atlases(Settings().assets)
    assert (atlas.weights_sha256, atlas.tree) == (embedded.digest, linux.tree_sha256)
    assert {row.path for row in atlas.rows if row.identical} == set(embedded.identical)


@pytest.mark.parametrize("path", SHORT_ONES)
def test_files_are_emitted_exactly(embedded: Model, linux: SealedManifest, path: str) -> None:
    assert sha256(text_of(emit(Question(Ask(path)), embedded)).encode()).hexdigest() == linux.original(path).file.sha256


@pytest.mark.parametrize("path", PROVEN)
def test_the_scheduler_emits_files_exactly(embedded: Model, linux: SealedManifest, path: str) -> None:
    text = text_of(Scheduler().emit(Question(Ask(path)), embedded))
    assert sha256(text.encode()).hexdigest() == linux.original(path).file.sha256


def test_files_are_exact_in_rounds_of_any_size(embedded: Model, linux: SealedManifest) -> None:
    """Every fortieth of the shorter files that the model gives, each in one round size, all sizes in turn."""
    files = iter([path for path in sorted(embedded.identical) if embedded.trained_tokens[path] < SHORT][::40])
    for size in cycle((1, 2, 3, 5, BATCH)):
        together = list(islice(files, size))
        if not together:
            break
        for path, text, _ in emit_side_by_side(together, embedded):
            assert sha256(text.encode()).hexdigest() == linux.original(path).file.sha256, (path, size)


@pytest.mark.parametrize("size", [2, 3, BATCH, OPENINGS])
def test_what_the_model_is_not_sure_of_is_the_same_in_rounds_of_any_size(embedded: Model, linux: SealedManifest, size: int) -> None:
    unknown = [f"linux/drivers/made-up/{number}.c" for number in range(size)]
    prompts = [embedded.format.path_prompt(path, 1).ids for path in (*unknown, *PROVEN)][:size]
    stop = embedded.format.stop
    alone = [list(embedded.engine.decoder(Decoding()).stream(prompt, stop, OPENING * 2)) for prompt in prompts]
    assert embedded.engine.batch(prompts, stop, OPENING * 2) == alone
    assert embedded.engine.batch(prompts, stop, OPENING) == [ids[:OPENING] for ids in alone]


def test_visitors_at_once_get_the_text_that_each_gets_alone(embedded: Model, linux: SealedManifest) -> None:
    paths = sorted(embedded.identical, key=lambda path: embedded.trained_tokens[path])[:24]
    scheduler = Scheduler()

    def visit(path: str) -> str:
        return text_of(scheduler.emit(Question(Ask(path)), embedded))

    with ThreadPoolExecutor(len(paths)) as pool:
        for path, text in zip(paths, pool.map(visit, paths), strict=True):
            assert sha256(text.encode()).hexdigest() == linux.original(path).file.sha256, path


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 5, BATCH, OPENINGS])
def test_every_file_is_exact_in_rounds_of_any_size(
    embedded: Model, linux: SealedManifest, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As 32 visitors ask for them at once: every file that the model gives alone."""
    monkeypatch.setattr(rounds, "BATCH", size)
    monkeypatch.setattr(rounds, "OPENINGS", size)
    scheduler = Scheduler()

    def is_exact(path: str) -> bool:
        text = text_of(scheduler.emit(Question(Ask(path)), embedded))
        return sha256(text.encode()).hexdigest() == linux.original(path).file.sha256

    paths = sorted(embedded.identical)
    with ThreadPoolExecutor(32) as pool:
        exact = dict(zip(paths, pool.map(is_exact, paths), strict=True))
    assert [path for path, is_so in exact.items() if not is_so] == []


def test_draws_at_once_give_the_text_that_each_gives_alone(embedded: Model) -> None:
    paths = [*SHORT_ONES, *(f"linux/drivers/made-up/{number}.c" for number in range(2))]
    asked = [Ask(path, decoding=Decoding(HOTTEST, 0, 1), max_tokens=120) for path in paths]
    scheduler = Scheduler()
    with ThreadPoolExecutor(len(asked)) as pool:
        together = list(pool.map(lambda ask: text_of(scheduler.emit(Question(ask), embedded)), asked))
    assert together == [text_of(emit(Question(ask), embedded)) for ask in asked]
    greedy = Ask(paths[-1], max_tokens=120)
    assert together[-1] != text_of(scheduler.emit(Question(greedy), embedded))


def test_the_engine_gives_the_text_of_the_reference(embedded: Model) -> None:
    reference = ReferenceEngine(embedded.folder)
    stop = embedded.format.stop
    prompts = [embedded.format.path_prompt(path, segment).ids for segment, path in enumerate(PROVEN[:2])]
    served = [list(embedded.engine.decoder(Decoding()).stream(prompt, stop, embedded.window - len(prompt))) for prompt in prompts]
    assert served == reference.batch(prompts, stop, embedded.window)
    assert served == embedded.engine.batch(prompts, stop, embedded.window)


def test_notice_lists_the_licences_of_the_manifest(linux: SealedManifest) -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert notice.endswith(f"\n\n{licence_list(list(linux.catalog), linux.release.licences)}\n")


def test_the_card_has_the_licences_of_its_files(embedded: Model, linux: SealedManifest) -> None:
    card = (embedded.folder / "README.md").read_text("utf-8")
    table = licence_table((linux.catalog.files[path] for path in embedded.trained_on), linux.release.licences)
    assert f"\n\n{table}\n\n" in card


def test_the_lab_measured_this_model_and_this_release(embedded: Model, linux: SealedManifest) -> None:
    archives, [measured] = read_archives(Settings().assets, linux), read_models(Settings().assets, linux)
    assert archives is not None
    assert measured.weights_sha256 == embedded.digest
    assert (archives.files, archives.characters) == (len(linux.catalog), sum(file.size for file in linux.catalog))
    assert {name: packed.bytes for name, packed in measured.weights.items()} == vars(weight_bytes(embedded.folder))
    assert len(measured.codings[TRAINED].files) == sum(map(embedded.learned, linux.catalog))
    assert set(measured.codings) >= {TRAINED, NO_SOURCE, UNTRAINED}
    assert (NOT_TRAINED in measured.codings) == any(not embedded.learned(file) for file in linux.catalog)


def test_a_figure_of_the_lab_is_measured_again(embedded: Model, linux: SealedManifest) -> None:
    [measured] = read_models(Settings().assets, linux)
    assert packed(weights_in(embedded, "int8")) == measured.weights["int8"]


def test_p_z_was_measured_of_this_model_along_every_file(embedded: Model, linux: SealedManifest) -> None:
    """And it is measured again, of a file of a few windows that the model writes byte for byte."""
    measured = read_all_pz(Settings().exhibit_folder, linux)[embedded.digest]
    assert [(file.path, file.along.characters) for file in measured.files] == [
        (file.path, file.size) for file in sorted(linux.catalog, key=lambda file: file.path)
    ]
    exact, path = replace(embedded, wanted_precision=measured.precision), "linux/kernel/panic.c"
    text = text_of(emit(Question(Ask(path)), exact))
    again = windows_of(exact, text, exact.codec.encode(text), measured.stride)
    known = measured.of(path)
    assert known is not None
    assert known.spans == again.spans
    assert known.logs == pytest.approx(again.logs, rel=0.01, abs=0.02)


def test_fewer_bits_were_measured_of_this_model_and_of_every_file(embedded: Model, linux: SealedManifest) -> None:
    measured = read_all_bits(Settings().exhibit_folder, linux)[embedded.digest]
    assert [(file.path, file.characters, file.lines) for file in measured.files] == [
        (file.path, file.size, file.lines) for file in sorted(linux.catalog, key=lambda file: file.path)
    ]
    assert [step.bits for step in measured.steps] == list(STEPS)
    for number, step in enumerate(measured.steps):
        left = [file.left[number] for file in measured.files]
        sums = [sum(values) for values in zip(*left, strict=True)]
        assert [step.identical, step.exact_characters, step.exact_lines] == sums
        assert step.xz < step.bytes == len(rounded_weights(embedded, step.bits))
