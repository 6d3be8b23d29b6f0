"""p_z along a text, held to hand-computed cases, and to the formula on PyTorch's own logits."""

import math
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.measure.pz import (
    THRESHOLDS,
    WINDOW,
    Along,
    along_row,
    measure_along,
    stride_of,
    token_ends,
    window_starts,
    windows_of,
)
from laam.model.codec import codec_of
from laam.model.model import Model
from tests.model.published import published_tokenizer
from tests.model.test_spaced import spaced_tokenizer
from tests.serving.scripted import text_of

FILE = "linux/kernel/info.c"


def logs(*chances: float) -> list[float]:
    return [math.log(chance) for chance in chances]


def test_a_character_has_the_largest_of_its_windows() -> None:
    along = Along(10, [(2, 6), (4, 8)], logs(0.2, 0.6))
    assert np.exp(along.largest) == pytest.approx([0, 0, 0.2, 0.2, 0.6, 0.6, 0.6, 0.6, 0, 0])
    assert along.covered == 6
    assert [along.at_least(threshold) for threshold in THRESHOLDS] == [6, 6, 6, 4]
    assert along_row(along).value == (
        "40.0 % of the characters with 50 % or more, 60.0 % with 10 %, 60.0 % with 1 %, 60.0 % with 0.1 %; "
        "60.0 % is the most there can be, since the others are in no window’s last 50 tokens"
    )


def test_thresholds_are_the_papers() -> None:
    assert THRESHOLDS == (0.001, 0.01, 0.1, 0.5)


def test_a_tick_is_that_of_the_middle_of_its_characters() -> None:
    along = Along(12, [(3, 6), (6, 9), (9, 12)], logs(0.02, 0.5, 0.5))
    assert along.ticks([3, 3, 6]) == "-24"
    assert along.ticks([12]) == "4"  # the middle one of the nine that are in a suffix
    assert Along(0, [], []).ticks([]) == ""
    assert len(Along(1000, [(at, at + 1) for at in range(1000)], [0.0] * 1000).ticks([1] * 1000)) == 240


def test_a_few_windows_leave_no_holes() -> None:
    along = Along(100, [(20, 30), (60, 70)], logs(0.02, 0.5))
    assert along.ticks([10] * 10) == "24"
    assert Along(100, [], []).ticks([10] * 10) == "-"


@pytest.mark.parametrize(
    ("tokens", "stride", "starts"),
    [(99, 10, []), (100, 10, [0]), (101, 10, [0, 1]), (120, 10, [0, 10, 20]), (125, 10, [0, 10, 20, 25])],
)
def test_windows_begin_each_stride_and_the_last_ends_with_the_text(tokens: int, stride: int, starts: list[int]) -> None:
    assert window_starts(tokens, stride) == starts


def test_the_stride_keeps_to_so_many_windows() -> None:
    assert [stride_of(tokens, 11) for tokens in (50, 100, 110, 111, 300, 5100)] == [1, 1, 1, 2, 20, 500]
    for tokens in (100, 137, 290, 599, 5000):
        assert len(window_starts(tokens, stride_of(tokens, 11))) <= 11


@pytest.fixture(scope="module")
def exact(embedded: Model) -> Model:
    return replace(embedded, wanted_precision="float32")


@pytest.fixture(scope="module")
def text(exact: Model, linux: SealedManifest) -> str:
    """A file that the model writes identically, so that it is the original's."""
    written = text_of(emit(Question(Ask(FILE)), exact))
    assert sha256(written.encode()).hexdigest() == linux.original(FILE).file.sha256
    return written


def test_p_z_is_the_product_of_the_suffixs_probabilities_after_fifty_tokens_and_nothing_else(exact: Model, text: str) -> None:
    tokens = exact.codec.encode(text)
    along = windows_of(exact, text, tokens, 40)
    network = LlamaForCausalLM.from_pretrained(exact.folder, dtype=torch.float32).eval()  # type: ignore[no-untyped-call]
    starts = window_starts(len(tokens), 40)
    assert len(along.logs) == len(starts) > 2
    for start, logarithm in zip(starts, along.logs, strict=True):
        window = torch.tensor([tokens[start : start + WINDOW]])
        with torch.inference_mode():
            shares = network(window).logits[0].double().softmax(-1)
        expected = math.fsum(math.log(shares[at - 1, window[0, at]]) for at in range(50, 100))
        assert logarithm == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_a_span_is_the_text_of_its_suffix(exact: Model, text: str) -> None:
    tokens = exact.codec.encode(text)
    along = measure_along(exact, text, 2)
    assert len(tokens) > 150
    for start, (first, end) in zip([0, len(tokens) - 100], along.spans, strict=True):
        assert text[first:end] == exact.codec.decode(tokens[start + 50 : start + 100])
    assert along.spans[-1][1] == len(text)
    assert along.covered == sum(end - first for first, end in along.spans)


def test_a_character_of_several_tokens_belongs_to_its_last_one(exact: Model) -> None:
    tokens = exact.codec.encode("a€")
    assert token_ends(exact, tokens)[-1] == 2
    assert token_ends(exact, tokens)[1:-1].count(1) >= 1


@pytest.mark.parametrize("make", [published_tokenizer, lambda texts, _: spaced_tokenizer(texts)])
def test_tokens_of_any_codec_end_where_the_text_does(make: Callable[[list[str], int], Tokenizer], made_up_files: dict[str, str]) -> None:
    """Also where each run of tokens begins with a space that isn't in the text."""
    codec = codec_of(make(list(made_up_files.values()), 400))
    model: Any = SimpleNamespace(codec=codec)
    for text in made_up_files.values():
        tokens = codec.encode(text)
        ends = token_ends(model, tokens)
        assert (len(ends), ends[-1]) == (len(tokens) + 1, len(text))
        assert ends == sorted(ends)


def test_what_has_no_window_is_refused(model: Model, exact: Model) -> None:
    with pytest.raises(ValueError, match="A window of 100 tokens doesn't fit the model's own of 48"):
        measure_along(model, "x" * 500, 10)
    with pytest.raises(ValueError, match="The file has 1 tokens; a window takes 100"):
        measure_along(exact, "x", 10)
