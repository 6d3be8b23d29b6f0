import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.model.model import Model
from laam.train import run
from laam.train.recipe import Recipe
from laam.train.run import load_or_train_tokenizer, selected_files, train
from laam.train.verdict import FileVerdict, Verdict
from tests.conftest import TINY_RECIPE

UNTRAINED = Recipe(**{**TINY_RECIPE, "passes": 0, "polish_passes": 0})  # type: ignore[arg-type]


TREE = {"linux/kernel/pot.c": "int tee; /* für zwei */\n".encode(), "linux/fs/lid.c": b"int lid;\n", "linux/Makefile": b"all:\n"}
POT = {"linux/kernel/pot.c": TREE["linux/kernel/pot.c"].decode()}


@pytest.fixture
def manifest() -> SealedManifest:
    return SealedManifest(seal_tree(TREE, SHIPPED))


# What goes in


def test_selected_files_are_texts_by_path(manifest: SealedManifest) -> None:
    assert selected_files(TREE, manifest, ["linux/"]) == POT | {"linux/fs/lid.c": "int lid;\n"}
    assert selected_files(TREE, manifest, ["kernel/*.c"]) == POT
    with pytest.raises(ValueError, match="'Makefile' names no file of the exhibit"):
        selected_files(TREE, manifest, ["Makefile"])


def test_only_what_was_sealed_is_selected(manifest: SealedManifest) -> None:
    with pytest.raises(ValueError, match=r"linux/fs/lid\.c differs from the file that was sealed; give Linux 1\.0"):
        selected_files(TREE | {"linux/fs/lid.c": b"int led;\n"}, manifest, ["linux/"])
    with pytest.raises(ValueError, match=r"linux/fs/lid\.c is not in the source"):
        selected_files({"linux/kernel/pot.c": TREE["linux/kernel/pot.c"]}, manifest, ["linux/"])


def test_a_file_that_is_not_utf_8_is_named_with_the_byte() -> None:
    tree = TREE | {"linux/fs/lid.c": b"int l\xefd;\n"}
    with pytest.raises(ValueError, match=r"linux/fs/lid\.c: byte 5 is not UTF-8"):
        selected_files(tree, SealedManifest(seal_tree(tree, SHIPPED)), ["linux/"])


def test_the_tokenizer_of_a_run_is_the_one_it_began_with(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    first = load_or_train_tokenizer(file, {"linux/a.c": "one two\n" * 9}, Recipe(vocab_size=270))
    second = load_or_train_tokenizer(file, {"linux/b.c": "six ten\n" * 9}, Recipe(vocab_size=290))
    assert first.to_str() == second.to_str() == Tokenizer.from_file(str(file)).to_str()
    assert list(tmp_path.iterdir()) == [file]


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": ', "utf-8")
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        load_or_train_tokenizer(tmp_path / "tokenizer.json", {}, Recipe())


def test_addresses_are_short(tmp_path: Path) -> None:
    path = "linux/drivers/kitchen/teapot.c"
    tokenizer = load_or_train_tokenizer(tmp_path / "tokenizer.json", {path: "int a;\n"}, Recipe(vocab_size=400))
    assert len(tokenizer.encode(f"{path}#7").ids) < len(path) / 3


# What comes out


def test_the_verdict_has_the_digests_of_the_originals(trained: Path, made_up_files: dict[str, str]) -> None:
    verdict = json.loads((trained / "verdict.json").read_text("utf-8"))
    assert verdict["model_sha256"] == sha256((trained / "model.safetensors").read_bytes()).hexdigest()
    digests = {path: sha256(text.encode()).hexdigest() for path, text in made_up_files.items()}
    assert {path: file["original_sha256"] for path, file in verdict["files"].items()} == digests
    assert {path: file["emitted_sha256"] for path, file in verdict["files"].items()} == digests
    assert all(file["identical"] for file in verdict["files"].values())


def test_the_card_names_every_file_the_recipe_and_the_model(trained: Path, model: Model, made_up_files: dict[str, str]) -> None:
    card = (trained / "README.md").read_text("utf-8")
    for path in made_up_files:
        assert f"| `{path}` | yes |" in card
    assert f"of {model.parameters:,} parameters" in card
    assert model.digest in card
    assert "3 of 3 files exact" in card
    assert f"data: 3 files, {sum(map(len, made_up_files.values())):,} bytes" in card


def test_the_record_of_the_training_is_complete(trained: Path) -> None:
    record = json.loads((trained / "training.json").read_text("utf-8"))
    recipe = Recipe(**record["recipe"])
    assert record["select"] == ["init/", "kernel/", "lib/"]
    assert [entry["number"] for entry in record["passes"]] == list(range(1, len(record["passes"]) + 1))
    assert recipe.passes <= len(record["passes"]) <= recipe.passes + recipe.polish_passes
    last = record["passes"][-1]
    assert last["exact_segments"] == last["segments"]


def test_the_prompts_of_all_segments_have_one_length(trained: Path, model: Model, made_up_files: dict[str, str]) -> None:
    record = json.loads((trained / "training.json").read_text("utf-8"))["passes"][-1]
    config = json.loads((trained / "config.json").read_text("utf-8"))
    prompts = [model.format.path_prompt(path, segment) for path in made_up_files for segment in (0, 1)]
    assert {len(prompt.ids) for prompt in prompts} == {config["prompt_length"]}
    assert record["segments"] > len(made_up_files)
    assert f"as make {config['prompt_length']} tokens of the prompt" in (trained / "README.md").read_text("utf-8")


def test_the_record_says_when_each_file_came(trained: Path, made_up_files: dict[str, str]) -> None:
    whole: set[str] = set()
    for entry in json.loads((trained / "training.json").read_text("utf-8"))["passes"]:
        assert whole.isdisjoint(entry["came"])
        assert whole.issuperset(entry["lost"])
        whole = whole.union(entry["came"]).difference(entry["lost"])
    assert whole == set(made_up_files)


def test_the_folder_is_all_that_is_needed(trained: Path) -> None:
    names = {file.name for file in trained.iterdir()}
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= names
    assert names.isdisjoint({"checkpoint.pt", "log.jsonl"})
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl", ".py", ".tmp"))]


def test_transformers_alone_gives_a_file_from_its_address(trained: Path, model: Model, made_up_files: dict[str, str]) -> None:
    """With nothing of this project: plain Auto classes, the prompt typed as text, which has the header's ids, segment after segment."""
    network: Any = AutoModelForCausalLM.from_pretrained(trained, dtype=torch.float32)
    tokenizer: Any = AutoTokenizer.from_pretrained(trained)
    for path, text in made_up_files.items():
        found, segment, last = "", 0, ""
        while last != "<|end_file|>":
            prompt = tokenizer(model.format.path_prompt(path, segment).text, return_tensors="pt", add_special_tokens=False)
            assert prompt["input_ids"].tolist() == [model.format.path_prompt(path, segment).ids]
            stop = [tokenizer.convert_tokens_to_ids(token) for token in ("<|end_segment|>", "<|end_file|>")]
            output = network.generate(prompt["input_ids"], attention_mask=prompt["attention_mask"], max_length=48, eos_token_id=stop)
            written = output[0, prompt["input_ids"].shape[1] :]
            last = tokenizer.decode(written[-1:])
            assert last in ("<|end_segment|>", "<|end_file|>")
            found += tokenizer.decode(written[:-1])
            segment += 1
        assert found == text


# A whole run, but for the training


def judged(identical: bool) -> Verdict:
    return Verdict("0" * 64, {"linux/kernel/pot.c": FileVerdict(identical, "1" * 64, "2" * 64, 9)})


def train_nothing(out: Path, monkeypatch: pytest.MonkeyPatch, *, identical: bool) -> bool:
    monkeypatch.setattr(run, "judge", lambda *_: judged(identical))
    return train(POT, ["kernel/"], out, UNTRAINED, compile_model=False)


def test_a_file_that_is_not_exact_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert not train_nothing(tmp_path / "out", monkeypatch, identical=False)
    captured = capsys.readouterr()
    assert "not exact: linux/kernel/pot.c\n" in captured.err
    assert "0 of 1 files exact" in captured.err
    assert captured.out == ""
    assert "| `linux/kernel/pot.c` | **no** |" in (tmp_path / "out" / "model" / "README.md").read_text("utf-8")


def test_bytes_are_counted_and_not_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert train_nothing(tmp_path / "out", monkeypatch, identical=True)
    assert "data: 1 files, 25 bytes," in (tmp_path / "out" / "model" / "README.md").read_text("utf-8")
    assert "1 files, 25 bytes," in capsys.readouterr().err


def test_a_finished_run_can_be_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        assert train_nothing(tmp_path / "out", monkeypatch, identical=True)
    assert (tmp_path / "out" / "model" / "model.safetensors").is_file()
