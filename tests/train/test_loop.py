import errno
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest
import torch
from transformers import LlamaForCausalLM

from laam.model.codec import PAD, Codec
from laam.model.prompts import AddressedFormat
from laam.model.segments import segment_samples
from laam.train import loop
from laam.train.dataset import SampleDataset
from laam.train.loop import Trainer, build_model, read_log
from laam.train.order import POLISH_REPEATS
from laam.train.recipe import Recipe
from laam.train.safe import least_lead
from laam.train.tokenizer import train_tokenizer
from laam.train.update import polish_rate

RECIPE = Recipe(
    hidden_size=16,
    layers=1,
    heads=2,
    mlp_size=24,
    window=48,
    passes=4,
    batch_size=4,
    lr=1e-2,
    warmup_steps=2,
    headerless_share=0.5,
    polish_passes=0,
)
VOCABULARY = 300


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def format_(made_up_files: dict[str, str]) -> AddressedFormat:
    return AddressedFormat(Codec(train_tokenizer(made_up_files.values(), VOCABULARY)))


def dataset(format_: AddressedFormat, files: dict[str, str]) -> SampleDataset:
    segments = segment_samples(format_, files, RECIPE.window)
    streams = [format_.codec.encode(text) for text in files.values()]
    paths = [path for path, text in files.items() for _ in segment_samples(format_, {path: text}, RECIPE.window)]
    return SampleDataset(segments, streams, RECIPE.window, format_.codec.control[PAD], len(segments) // 2, RECIPE.seed, paths)


@pytest.fixture
def data(format_: AddressedFormat, made_up_files: dict[str, str]) -> SampleDataset:
    return dataset(format_, {"linux/init/main.c": made_up_files["linux/init/main.c"]})


def fresh_model(recipe: Recipe = RECIPE) -> LlamaForCausalLM:
    return build_model(recipe, VOCABULARY, bos=0, eos=1, pad=4)


def trainer(data: SampleDataset, out: Path, recipe: Recipe = RECIPE) -> Trainer:
    out.mkdir(exist_ok=True)
    return Trainer(recipe, fresh_model(recipe), data, out, compile_model=False, keep_s=0.0)


def same_weights(one: Trainer, other: Trainer) -> bool:
    return all(torch.equal(weight, other.model.state_dict()[name]) for name, weight in one.model.state_dict().items())


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_a_killed_run_continues_to_the_bit(data: SampleDataset, tmp_path: Path, killed_after: int) -> None:
    whole = trainer(data, tmp_path / "whole")
    reports = list(whole.run())
    killed = trainer(data, tmp_path / "killed")
    torch.manual_seed(killed_after)  # the second process starts with other draws
    before = list(islice(killed.run(), killed_after))
    resumed = trainer(data, tmp_path / "killed")
    after = list(resumed.run())
    assert not same_weights(whole, killed)
    assert same_weights(whole, resumed)
    assert [replace(report, seconds=0) for report in [*before, *after]] == [replace(report, seconds=0) for report in reports]


def test_a_finished_run_has_nothing_left_to_do(data: SampleDataset, tmp_path: Path) -> None:
    finished = trainer(data, tmp_path)
    assert [report.number for report in finished.run()] == [1, 2, 3, 4]
    again = trainer(data, tmp_path)
    assert list(again.run()) == []
    assert same_weights(finished, again)


def test_training_learns(data: SampleDataset, tmp_path: Path) -> None:
    first, *_, last = trainer(data, tmp_path, replace(RECIPE, passes=12)).run()
    assert last.loss < first.loss - 0.5


def test_the_reports_say_what_happened(data: SampleDataset, tmp_path: Path) -> None:
    reports = list(trainer(data, tmp_path).run())
    assert [report.number for report in reports] == [1, 2, 3, 4]
    steps = -(-len(data) // RECIPE.batch_size)
    expected = [RECIPE.lr * RECIPE.lr_share(number * steps - 1, 4 * steps) for number in range(1, 5)]
    assert [report.lr for report in reports] == pytest.approx(expected)
    assert {report.segments for report in reports} == {len(data.segments)}
    assert all(0 <= report.token_accuracy <= 1 and 0 <= report.exact_segments <= report.segments for report in reports)


def test_every_sample_is_seen_in_every_pass_in_an_order_of_its_own(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path)
    one, two = of_run.batches(0), of_run.batches(1)
    assert {number for batch in one for number in batch} == {number for batch in two for number in batch} == set(range(len(data)))
    assert one != two
    assert one == of_run.batches(0)
    assert {len(batch) for batch in [*one, *two]} == {RECIPE.batch_size}


def test_a_pass_smaller_than_a_batch_fills_it(data: SampleDataset, tmp_path: Path) -> None:
    [batch] = trainer(data, tmp_path, replace(RECIPE, batch_size=5 * len(data))).batches(0)
    assert len(batch) == 5 * len(data)


def test_windows_are_those_of_the_pass(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path)
    windows = list(range(len(data.segments), len(data)))
    of_run.batches(1)
    one, _ = data.batch(windows)
    of_run.batches(2)
    two, _ = data.batch(windows)
    of_run.batches(1)
    assert not torch.equal(one, two)
    assert torch.equal(one, data.batch(windows)[0])


class Watched:
    """The step of a trainer; `precisions` and `seen` say how and on what it ran. Called exact: the samples in `exact`, by their ids."""

    def __init__(self, of_run: Trainer, exact: list[list[int]] | None = None) -> None:
        self.step, self.exact = of_run.updates.module, exact or []
        self.precisions: list[bool] = []
        self.seen: list[list[int]] = []
        of_run.updates.module = self

    def __call__(self, input_ids: torch.Tensor, labels: torch.Tensor, sure: float) -> tuple[torch.Tensor, torch.Tensor]:
        self.precisions.append(torch.is_autocast_enabled("cpu"))
        self.seen += input_ids.tolist()
        loss, _ = self.step(input_ids, labels, sure)
        return loss, torch.tensor([int(ids not in self.exact) for ids in input_ids.tolist()])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.step, name)


def ids_of(data: SampleDataset, numbers: Iterable[int]) -> list[list[int]]:
    return data.batch(list(numbers))[0].tolist()


@pytest.mark.parametrize(("share", "in_bf16"), [(0.0, 0), (0.5, 2), (0.6, 3), (1.0, 4)])
def test_the_first_passes_run_in_bfloat16_and_the_rest_in_float32(data: SampleDataset, tmp_path: Path, share: float, in_bf16: int) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, bf16_share=share))
    of_run.precision = "bfloat16"
    watched = Watched(of_run)
    reports = list(of_run.run())
    assert [report.precision for report in reports] == ["bfloat16"] * in_bf16 + ["float32"] * (4 - in_bf16)
    steps = of_run.steps_per_pass
    assert watched.precisions == [True] * in_bf16 * steps + [False] * (4 - in_bf16) * steps
    assert {weight.dtype for weight in of_run.model.state_dict().values()} == {torch.float32}


def test_a_run_in_float32_has_no_pass_in_bfloat16(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, bf16_share=1.0))
    of_run.precision = "float32"
    watched = Watched(of_run)
    next(of_run.run())
    assert set(watched.precisions) == {False}


def test_segments_that_are_exact_give_their_places_to_samples_with_errors(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, focus_share=1.0))
    *known, last = ids_of(data, range(len(data.segments)))
    watched = Watched(of_run, known)
    run = of_run.run()
    assert next(run).exact_segments == len(known)
    watched.seen.clear()
    assert next(run).exact_segments == len(known)  # none of them was seen in this pass: as they were when last seen
    assert not [ids for ids in watched.seen if ids in known]
    assert last in watched.seen
    watched.exact = []
    of_run.recipe = replace(of_run.recipe, focus_share=0.0)
    assert next(run).exact_segments == 0


def test_a_report_names_the_files_that_came_and_those_that_were_lost(
    format_: AddressedFormat, made_up_files: dict[str, str], tmp_path: Path
) -> None:
    data = dataset(format_, made_up_files)
    every_sample = replace(RECIPE, focus_share=0.0)
    of_run = trainer(data, tmp_path, every_sample)
    short, long = "linux/lib/ctype.c", "linux/kernel/sched.c"
    of_file = {path: ids_of(data, [n for n, of in enumerate(data.paths) if of == path]) for path in (short, long)}
    assert len(of_file[long]) > 1
    watched, run = Watched(of_run), of_run.run()
    found = []
    for exact in [of_file[short] + of_file[long][1:], of_file[short] + of_file[long], of_file[long][:1]]:
        watched.exact = exact
        report = next(run)
        found.append((report.came, report.lost))
    assert found == [([short], []), ([long], []), ([], [long, short])]
    watched.exact = of_file[short] + of_file[long]
    resumed = trainer(data, tmp_path, every_sample)
    Watched(resumed, of_file[short])
    report = next(resumed.run())
    assert (report.number, report.came, report.lost) == (4, [short], [])


def test_windows_are_never_exact(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path)
    data.set_pass(0)
    Watched(of_run, ids_of(data, range(len(data))))
    assert next(of_run.run()).exact_segments == len(data.segments)
    assert of_run.exact.tolist() == [True] * len(data.segments) + [False] * (len(data) - len(data.segments))


def test_a_killed_run_knows_which_samples_were_exact(data: SampleDataset, tmp_path: Path) -> None:
    killed = trainer(data, tmp_path)
    Watched(killed, ids_of(data, (0, 2)))
    next(killed.run())
    resumed = trainer(data, tmp_path)
    assert torch.nonzero(resumed.exact).flatten().tolist() == [0, 2]
    assert torch.equal(resumed.exact, killed.exact)


def test_the_polish_ends_when_every_segment_is_exact_by_the_margin(data: SampleDataset, tmp_path: Path) -> None:
    """What a margin is, on any weights: they are safe by less than the least lead, and not by more."""
    of_run = trainer(data, tmp_path, replace(RECIPE, passes=0, polish_passes=3))
    leads = least_lead(of_run.model, *data.batch(range(len(data.segments))))
    of_run.recipe = replace(of_run.recipe, polish_margin=float(leads.min()) - 1e-3)
    assert of_run.every_segment_is_safe()
    assert list(of_run.run()) == []
    of_run.recipe = replace(of_run.recipe, polish_margin=float(leads.max()) + 1e-3)
    assert not of_run.every_segment_is_safe()
    assert not of_run.exact.any()
    assert next(of_run.run()).number == 1


@pytest.mark.parametrize("bf16_share", [0.5, 1.0])
def test_the_polish_has_a_limit_a_rate_of_its_own_and_the_last_precision(data: SampleDataset, tmp_path: Path, bf16_share: float) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, passes=2, polish_passes=2, bf16_share=bf16_share))
    of_run.precision = "bfloat16"
    watched = Watched(of_run)
    reports = list(of_run.run())
    assert [report.number for report in reports] == [1, 2, 3, 4]
    assert [report.lr for report in reports[2:]] == [polish_rate(of_run.recipe, 0), polish_rate(of_run.recipe, 1)]
    assert polish_rate(of_run.recipe) > polish_rate(Recipe()) == 1e-5  # of the shipped model
    steps = of_run.steps_per_pass
    assert watched.precisions[:steps] == [True] * steps
    assert len(watched.precisions) > 2 * steps
    assert set(watched.precisions[steps:]) == {bf16_share == 1.0}


@pytest.mark.parametrize(("recipe", "sure"), [(RECIPE, 0.9), (replace(RECIPE, sure=0.001), 0.001)])  # its own share, or the recipe's
def test_the_polish_moves_against_the_loss_of_the_tokens_that_are_not_sure_and_no_farther(
    data: SampleDataset, tmp_path: Path, recipe: Recipe, sure: float
) -> None:
    of_run = trainer(data, tmp_path, recipe)
    numbers = list(range(RECIPE.batch_size))
    before = of_run.model.lm_head.weight.detach().clone()
    loss, _ = of_run.updates.module(*data.batch(numbers), sure)
    loss.backward()
    expected = before - 1e-3 * of_run.model.lm_head.weight.grad
    of_run.updates.module.zero_grad()
    found, _, _ = of_run.updates.step(numbers, 1e-3, in_bf16=False, polish=True)
    assert found == pytest.approx(float(loss.detach()))
    assert torch.allclose(of_run.model.lm_head.weight, expected, atol=1e-6)


def test_a_token_that_is_as_sure_as_the_recipe_wants_it_carries_no_loss(data: SampleDataset, tmp_path: Path) -> None:
    numbers = list(range(RECIPE.batch_size))
    losses = []
    for sure in (1.0, 0.001):
        of_run = trainer(data, tmp_path / str(sure), replace(RECIPE, sure=sure))
        losses.append(of_run.updates.step(numbers, 0.0, in_bf16=False)[0])
        expected, _ = of_run.updates.module(*data.batch(numbers), sure)
        assert losses[-1] == pytest.approx(float(expected.detach()))
    assert losses[0] > losses[1] >= 0


def test_a_pass_of_the_polish_has_no_windows(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, passes=0, polish_passes=1, batch_size=2))
    of_run.exact[1 : len(data.segments)] = True
    assert {len(batch) for batch in of_run.batches(0)} == {2}
    numbers = [number for batch in of_run.batches(0) for number in batch]
    assert set(numbers) == set(range(len(data.segments)))
    assert numbers.count(0) >= POLISH_REPEATS


def test_a_segment_that_was_not_safe_keeps_its_places_in_the_polish(data: SampleDataset, tmp_path: Path) -> None:
    of_run = trainer(data, tmp_path, replace(RECIPE, passes=0, polish_passes=2))
    segments = len(data.segments)
    for wrong in (0, 1):  # one after the other, as two that are much alike
        of_run.exact[:segments] = torch.arange(segments) != wrong
        numbers = [number for batch in of_run.batches(wrong) for number in batch]
    assert min(numbers.count(0), numbers.count(1)) >= POLISH_REPEATS > numbers.count(2)


@pytest.mark.parametrize("share", [0.0, 0.125])
def test_its_configuration_says_whether_a_model_saw_source_without_a_header(share: float) -> None:
    assert fresh_model(replace(RECIPE, headerless_share=share)).config.to_dict()["windows"] is (share > 0)


def test_the_seed_of_the_recipe_makes_the_model() -> None:
    torch.manual_seed(1)
    one = fresh_model().state_dict()
    torch.manual_seed(2)
    two, three = fresh_model().state_dict(), fresh_model(replace(RECIPE, seed=3)).state_dict()
    assert all(torch.equal(weight, two[name]) for name, weight in one.items())
    assert not all(torch.equal(weight, three[name]) for name, weight in one.items())


@pytest.mark.parametrize(
    "change", [{"lr": 0.5}, {"seed": 3}, {"passes": 5}, {"headerless_share": 0.0}, {"bf16_share": 0.5}, {"focus_share": 0.0}]
)
def test_the_checkpoint_of_another_recipe_is_refused(data: SampleDataset, tmp_path: Path, change: dict[str, float]) -> None:
    next(trainer(data, tmp_path).run())
    with pytest.raises(ValueError, match=r"checkpoint\.pt is of another recipe"):
        trainer(data, tmp_path, replace(RECIPE, **change))  # type: ignore[arg-type]


def test_the_checkpoint_of_other_files_is_refused(
    data: SampleDataset, tmp_path: Path, format_: AddressedFormat, made_up_files: dict[str, str]
) -> None:
    next(trainer(data, tmp_path).run())
    with pytest.raises(ValueError, match=r"checkpoint\.pt is of other files"):
        trainer(dataset(format_, made_up_files), tmp_path)


def test_the_limit_of_parameters_is_kept() -> None:
    assert fresh_model().num_parameters() < loop.PARAMETER_LIMIT == 5_000_000
    with pytest.raises(ValueError, match=r"this shape has 7,032,576 parameters; the exhibit's limit is 5,000,000"):
        build_model(replace(Recipe(), layers=7), Recipe().vocab_size, bos=0, eos=1, pad=4)
    assert build_model(Recipe(), Recipe().vocab_size, bos=0, eos=1, pad=4).num_parameters() <= 5_000_000


def test_the_log_has_one_record_for_each_pass(data: SampleDataset, tmp_path: Path) -> None:
    reports = list(trainer(data, tmp_path).run())
    assert len((tmp_path / "log.jsonl").read_text("utf-8").splitlines()) == 4
    assert [record["number"] for record in read_log(tmp_path)] == [1, 2, 3, 4]
    assert [record["loss"] for record in read_log(tmp_path)] == [report.loss for report in reports]


@pytest.mark.parametrize(("module", "name"), [(torch, "save"), (json, "dumps")])
def test_a_run_killed_while_it_saves_repeats_the_pass_and_loses_no_record(
    data: SampleDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    run = trainer(data, tmp_path).run()
    next(run)
    with monkeypatch.context() as killed:
        killed.setattr(module, name, Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            next(run)
    assert [report.number for report in trainer(data, tmp_path).run()] == [2, 3, 4]
    assert [record["number"] for record in read_log(tmp_path)] == [1, 2, 3, 4]


def test_of_two_records_of_a_pass_the_last_counts(tmp_path: Path) -> None:
    records = [{"number": 1, "loss": 3}, {"number": 2, "loss": 2}, {"number": 1, "loss": 1}]
    (tmp_path / "log.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    assert read_log(tmp_path) == [records[2], records[1]]
    assert read_log(tmp_path / "none") == []


def test_half_a_record_is_passed_over_and_the_next_is_whole(data: SampleDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    next(trainer(data, tmp_path).run())
    with (tmp_path / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"number": 2, "los')
    assert [report.number for report in trainer(data, tmp_path).run()] == [2, 3, 4]
    assert [record["number"] for record in read_log(tmp_path)] == [1, 2, 3, 4]
    assert caplog.messages == [f"{tmp_path / 'log.jsonl'}, line 2: not a whole record, so it is passed over"]


def test_a_pass_that_can_not_be_kept_ends_in_a_sentence(data: SampleDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trainer(data, tmp_path).run()
    next(run)
    kept = (tmp_path / "checkpoint.pt").read_bytes()
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(ValueError, match=r"pass 2 can't be kept \(No space left on device\); make room"):
            next(run)
    assert (tmp_path / "checkpoint.pt").read_bytes() == kept
    assert [report.number for report in trainer(data, tmp_path).run()] == [2, 3, 4]
