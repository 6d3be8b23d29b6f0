import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from laam.corpus.releases import ARCHIVE, SHIPPED
from laam.model.weights import WeightBytes
from laam.train.card import RunFacts, render_card, write_card
from laam.train.recipe import Recipe
from laam.train.verdict import FileVerdict, Verdict

VERDICT = Verdict(
    "c0ffee" * 10 + "0000",
    {"linux/a.c": FileVerdict(True, "a" * 64, "a" * 64, 1234), "linux/b.c": FileVerdict(False, "a" * 64, "b" * 64, 7)},
)
WEIGHTS = WeightBytes(19_000_001, 9_500_002, 4_700_003)


TABLE = "| SPDX expression | in words | files |\n| --- | --- | --- |\n| `GPL-2.0-only` | GPL-2 | 2 |"


def entry(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "loss": 1 / number,
        "token_accuracy": 0.98765,
        "exact_segments": number * 10,
        "seconds": 30.0,
        "precision": "bfloat16",
    }


@pytest.fixture
def facts() -> RunFacts:
    return RunFacts(
        ["kernel/", "fs/*.c"], 2, 65_432, 345, 4_966_144, asdict(Recipe()), [entry(number) for number in range(1, 13)], TABLE, SHIPPED
    )


@pytest.fixture
def card(facts: RunFacts) -> str:
    return render_card(facts, VERDICT, 9_876_543, WEIGHTS)


def test_the_front_matter_is_that_of_a_model(card: str) -> None:
    assert card.startswith(
        "---\nlicense: other\nlicense_name: unsettled\nlicense_link: NOTICE\nlibrary_name: transformers\npipeline_tag: text-generation\n"
    )
    assert "\n---\n" in card


@pytest.mark.parametrize(
    "words",
    [
        "| `linux/a.c` | yes | 1,234 |",
        "| `linux/b.c` | **no** | 7 |",
        "**Verdict: 1 of 2 files exact**",
        f"\n\n{TABLE}\n\n",
        "4,966,144 parameters",
        "2 files, 65,432 bytes, 345 segments: `kernel/`, `fs/*.c`",
        f"9,876,543 bytes, float16, sha256 `{VERDICT.model_sha256}`",
        "6 minutes for 12 passes (PyTorch ",
        "| weights, float32 | 19,000,001 |",
        "| weights, float16 | 9,500,002 |",
        "| weights, int8, as the serving engine keeps them | 4,700,003 |",
        "tar and `xz -9e` | 934,016 |",
        f"\n\nThe release is packed by `{ARCHIVE}`, since",
    ],
)
def test_verdict_licences_data_weights_and_time_are_told(card: str, words: str) -> None:
    assert words in card


def test_every_setting_of_the_recipe(card: str) -> None:
    for name, value in asdict(Recipe()).items():
        assert f"| {name} | {value} |" in card


def test_the_words_about_the_recipe_are_those_of_the_run(facts: RunFacts) -> None:
    recipe = asdict(Recipe(headerless_share=0.375, focus_share=0.75))
    words = " ".join(render_card(replace(facts, recipe=recipe), VERDICT, 1, WEIGHTS).split())
    assert "The weights are float32, and all passes computed in bfloat16 (autocast). " in words
    assert "For each segment, 0.375 samples without a header" in words
    assert "75% of the segments that were exact when last seen gave their places to samples with errors" in words


@pytest.mark.parametrize(
    ("in_bf16", "words"),
    [(0, "and all passes computed in it."), (3, "and 3 of the passes computed in bfloat16 (autocast), the rest in float32.")],
)
def test_the_precision_is_that_of_each_pass(facts: RunFacts, in_bf16: int, words: str) -> None:
    log = [entry | {"precision": "bfloat16" if entry["number"] <= in_bf16 else "float32"} for entry in facts.log]
    assert words in " ".join(render_card(replace(facts, log=log), VERDICT, 1, WEIGHTS).split())


def test_a_run_without_windows_says_that_source_was_never_seen(facts: RunFacts) -> None:
    words = " ".join(render_card(replace(facts, recipe=asdict(Recipe(headerless_share=0.0))), VERDICT, 1, WEIGHTS).split())
    assert "Every sample is a segment behind its path and number; source typed as a prefix was never seen. In each pass" in words
    assert "samples without a header" not in words


def test_every_fifth_pass_and_the_last(card: str) -> None:
    curve = [line for line in card.splitlines() if "98.7" in line]
    assert curve == [f"| {n} | {1 / n:.4f} | 98.77% | {n * 10} |" for n in (5, 10, 12)]


def test_nothing_is_left_of_the_template(card: str) -> None:
    assert "{" not in card
    assert "None" not in card


def test_the_files_that_are_written(facts: RunFacts, tmp_path: Path) -> None:
    save_file({"matrix": np.zeros((3, 5), np.float16)}, tmp_path / "model.safetensors")
    write_card(facts, VERDICT, tmp_path)
    size = (tmp_path / "model.safetensors").stat().st_size
    assert (tmp_path / "README.md").read_text("utf-8") == render_card(facts, VERDICT, size, WeightBytes(60, 30, 27))
    record = json.loads((tmp_path / "training.json").read_text("utf-8"))
    assert Recipe(**record["recipe"]) == Recipe()
    assert (record["select"], record["passes"]) == (facts.patterns, facts.log)
