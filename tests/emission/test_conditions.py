from dataclasses import replace
from typing import get_args

import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission import conditions
from laam.emission.ask import Ask
from laam.emission.emit import Ended, Prompted, Reason
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.model import Model


def test_a_model_that_never_saw_source_without_a_name_says_so_beside_the_box(embedded: Model, manifest: SealedManifest) -> None:
    other = replace(embedded)
    vars(other)["config"] = {**embedded.config, "windows": False}
    said = conditions.source_info(other, manifest)
    assert said == f"{conditions.source_info(embedded, manifest)} {conditions.NAMES_ALONE}"


def test_each_ending_has_a_sentence_of_its_own() -> None:
    reasons: tuple[Reason, ...] = get_args(Reason)
    endings = [conditions.ending(ended, 512) for ended in (None, *(Ended(reason, 9) for reason in reasons))]
    assert endings == [
        "Stopped before its end.",
        "The model closed the file.",
        "The model closed the segment that the source is from.",
        "The model's window of 512 tokens is full.",
        "Cut off at the limit of 9 tokens.",
        "Given up: it had grown longer than the original.",
    ]


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([], "a path, and no source text"),
        ([Prompted(0, "<|start_file|>linux/a.c")], "a path, and no source text"),
        ([Prompted(0, "<|start_file|>", "empty")], "the start of a file, and nothing more"),
        (
            [Prompted(0, "<|start_file|>linux/a.c"), Prompted(1, "int", "source", 3), Prompted(2, "x;", "source", 2)],
            "a path, and 5 characters of source: the beginning of each of 2 later pieces; it counts for nothing",
        ),
        ([Prompted(0, "int", "source", 3)], "source text, 3 characters; it counts for nothing"),
        (
            [Prompted(0, "nt", "source", 2, 1)],
            "source text, 2 characters; 1 character before them did not fit into half of its window; it counts for nothing",
        ),
    ],
)
def test_what_was_given_is_said(prompts: list[Prompted], said: str) -> None:
    assert conditions.given(prompts) == said


def test_the_note_at_the_window_s_end() -> None:
    note = conditions.window_end(512, in_pieces=True, slides=False)
    assert note.startswith("The model's window of 512 tokens is full. Such a model is trained on files cut into pieces of that length")
    assert note.endswith("sees no piece with the next. The emission ends here.")
    assert "LAAM_ORIGINALS" in conditions.window_end(512, in_pieces=True, slides=False, sealed=True)
    assert "so expect nonsense. What follows" in conditions.window_end(512, in_pieces=True, slides=True)
    other = conditions.window_end(512, in_pieces=False, slides=True)
    assert "training" not in other
    assert other.endswith("What follows is written after the last half of the window.")


def test_decoding() -> None:
    assert conditions.decoding(Decoding(0.0, 5, 7)) == "Greedy."
    assert conditions.decoding(Decoding(0.5, 0, 7)) == "Temperature 0.5, seed 7."
    assert conditions.decoding(Decoding(1.5, 40, 0)) == "Temperature 1.5, top-k 40, seed 0."


@pytest.mark.parametrize(
    ("lossy", "said"),
    [
        (Lossy(), "Greedy."),
        (Lossy(5), "Greedy. Rounded to 5 bits a weight."),
        (Lossy(noise=0.05, seed=1234), "Greedy. With noise of 0.05 in its weights (seed 1234)."),
        (
            Lossy(6, 0.5, 0.07, 3),
            "Greedy. With noise of 0.5 in its weights (seed 3) and without the smallest 7 % of its weights and rounded to 6 bits a weight.",
        ),
    ],
)
def test_what_the_weights_lost_is_one_of_the_settings(lossy: Lossy, said: str) -> None:
    assert conditions.settings(Ask("x.c", lossy=lossy)) == said
