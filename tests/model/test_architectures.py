"""Models of the hub's common architectures, small and random: what is emitted is Transformers' own greedy text."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM

from laam.measure.controls import untrained_copy
from laam.model.engine import Decoding
from laam.model.model import Model
from tests.model.test_plain import byte_level_tokenizer
from tests.model.test_spaced import spaced_tokenizer

LLAMA_LIKE = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
    "max_position_embeddings": 64,
}  # fmt: skip
SHAPES: dict[str, dict[str, Any]] = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
    "gpt_neox": {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 64,
    },
    "llama": LLAMA_LIKE,
    "mistral": {**LLAMA_LIKE, "sliding_window": 8},
    "qwen2": LLAMA_LIKE,
    "qwen3": {**LLAMA_LIKE, "head_dim": 16},
    "gemma": LLAMA_LIKE,
}  # fmt: skip
SPACED = ("mistral", "gemma")  # those that SentencePiece made a tokenizer for
SOURCE = "static int ring_0(int a)\n{\n\treturn a"


def made(folder: Path, kind: str, tokenizer: Tokenizer, *, dtype: torch.dtype, shard: str = "1GB", **more: Any) -> Path:
    """A folder as the hub has it."""
    torch.manual_seed(5)
    ids: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": [0, 1], "vocab_size": tokenizer.get_vocab_size()}
    config = AutoConfig.for_model(kind, initializer_range=0.3, **SHAPES[kind], **(ids | more))
    model = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def tokenizer_of(kind: str, files: dict[str, str]) -> Tokenizer:
    return (spaced_tokenizer if kind in SPACED else byte_level_tokenizer)(list(files.values()))


def assert_greedy(model: Model) -> None:
    """Its ids, and its text, are those of `generate`."""
    prompt = model.format.source_prompt(SOURCE, model.window).ids
    found = list(model.engine.decoder(Decoding()).stream(prompt, model.format.stop, 24))
    theirs: Any = AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    said = theirs.generate(torch.tensor([prompt]), max_new_tokens=24, do_sample=False, pad_token_id=0)[0, len(prompt) :].tolist()
    assert found == said[: len(found)] and (len(found) == 24 or found[-1] in model.format.stop)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", SHAPES)
def test_it_writes_what_transformers_writes(kind: str, dtype: torch.dtype, made_up_files: dict[str, str], tmp_path: Path) -> None:
    folder = made(tmp_path / "model", kind, tokenizer_of(kind, made_up_files), dtype=dtype)
    assert_greedy(Model(kind, folder, tmp_path / "cache"))


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_shards_and_a_model_without_a_start_token_are_read(kind: str, made_up_files: dict[str, str], tmp_path: Path) -> None:
    tokenizer = tokenizer_of(kind, made_up_files)
    folder = made(tmp_path / "model", kind, tokenizer, dtype=torch.bfloat16, shard="20KB", bos_token_id=None, tie_word_embeddings=True)
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    model = Model(kind, folder, tmp_path / "cache")
    assert_greedy(model)
    whole = sum(weight.numel() for weight in AutoModelForCausalLM.from_pretrained(folder).parameters())
    assert model.parameters == whole


@pytest.mark.parametrize("kind", ["gpt_neox", "gemma"])
def test_an_untrained_copy_is_of_the_same_architecture(kind: str, made_up_files: dict[str, str], tmp_path: Path) -> None:
    model = Model(kind, made(tmp_path / "model", kind, tokenizer_of(kind, made_up_files), dtype=torch.bfloat16), tmp_path / "cache")
    (tmp_path / "copy").mkdir()
    copy = untrained_copy(model, tmp_path / "copy", 3)
    assert (copy.parameters, copy.config["model_type"]) == (model.parameters, kind)
    assert copy.digest != model.digest
    assert_greedy(copy)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pytorch_model.bin", "pickle files are not read"),
        ("model.Q4_K_M.gguf", "GGUF is not read"),
        ("README.md", "there is no such file"),
    ],
)
def test_other_weights_are_refused_with_what_to_do(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=said):
        _ = Model("other", tmp_path, tmp_path).digest
