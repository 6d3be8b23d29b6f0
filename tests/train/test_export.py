import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from laam.model.codec import END_FILE, PAD, SPECIAL_TOKENS, START_FILE, Codec
from laam.train.export import export_model
from laam.train.loop import build_model
from laam.train.recipe import Recipe
from laam.train.tokenizer import train_tokenizer

TEXT = 'int  pour(int cups)\n{\n\n\treturn cups ? 1 : 0 ;   /* "é" , n\'t */\n}\n'


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([TEXT], 290)


@pytest.fixture(scope="module")
def trained_model(tokenizer: Tokenizer) -> LlamaForCausalLM:
    recipe = Recipe(hidden_size=16, layers=1, heads=2, mlp_size=24, window=32)
    return build_model(recipe, tokenizer.get_vocab_size(), bos=0, eos=1, pad=4)


@pytest.fixture(scope="module")
def folder(trained_model: LlamaForCausalLM, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "deep" / "model"
    export_model(trained_model, tokenizer, folder)
    return folder


def test_weights_are_float16_and_rounded_from_what_was_trained(folder: Path, trained_model: LlamaForCausalLM) -> None:
    weights = load_file(folder / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    state = trained_model.state_dict()
    assert {weight.dtype for weight in state.values()} == {torch.float32}  # the model itself is left as it was
    assert all(torch.equal(weight, state[name].half()) for name, weight in weights.items())


def test_tied_weights_are_stored_once(folder: Path, trained_model: LlamaForCausalLM) -> None:
    weights = load_file(folder / "model.safetensors")
    assert "lm_head.weight" not in weights
    assert sum(weight.numel() for weight in weights.values()) == trained_model.num_parameters()


def test_it_loads_with_the_plain_classes(folder: Path, trained_model: LlamaForCausalLM) -> None:
    loaded: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert isinstance(loaded, LlamaForCausalLM)
    ids = torch.tensor([[0, 2, 50, 60, 3]])
    with torch.inference_mode():
        assert torch.allclose(loaded(ids).logits, trained_model(ids).logits, atol=1e-3)


def test_the_configuration_asks_for_greedy_decoding(folder: Path) -> None:
    assert json.loads((folder / "generation_config.json").read_text("utf-8")).get("do_sample", False) is False
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert (config["model_type"], config["dtype"], config["max_position_embeddings"]) == ("llama", "float16", 32)
    assert (config["bos_token_id"], config["eos_token_id"], config["pad_token_id"]) == (0, 1, 4)


def test_the_tokenizer_is_the_project_s_own(folder: Path, tokenizer: Tokenizer) -> None:
    loaded = AutoTokenizer.from_pretrained(folder)
    assert (loaded.bos_token, loaded.eos_token, loaded.pad_token) == (START_FILE, END_FILE, PAD)
    assert loaded.model_max_length == 32
    ids = loaded(TEXT, add_special_tokens=False)["input_ids"]
    assert ids == Codec(tokenizer).encode(TEXT) == Codec.load(folder).encode(TEXT)
    assert loaded.decode(ids) == TEXT
    assert [loaded.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))
