"""The kernel, held to the same arithmetic in numpy, on random weights of several shapes."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from laam.model.model import Model
from laam.model.pack import pack_model
from tests.engine.naive import NaiveLlama
from tests.engine.node import node

PLAIN = {"hidden_size": 32, "intermediate_size": 40, "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": 420}
SHAPES: list[dict[str, Any]] = [
    PLAIN,
    PLAIN | {"num_key_value_heads": 2},
    PLAIN | {"vocab_size": 421},
    PLAIN | {"tie_word_embeddings": False},
]


def random_model(folder: Path, like: Path, shape: dict[str, Any]) -> None:
    """A model folder of two layers with random weights and the tokenizer of another."""
    config = {
        "model_type": "llama",
        "num_hidden_layers": 2,
        "max_position_embeddings": 40,
        "rms_norm_eps": 1e-6,
        "bos_token_id": 0,
        **shape,
    }
    draw = np.random.default_rng(3)
    width, mlp, vocabulary = (config[name] for name in ("hidden_size", "intermediate_size", "vocab_size"))
    kv = width * config["num_key_value_heads"] // config["num_attention_heads"]
    sizes: dict[str, tuple[int, ...]] = {"model.embed_tokens": (vocabulary, width), "model.norm": (width,)}
    if not config.get("tie_word_embeddings", True):
        sizes["lm_head"] = (vocabulary, width)
    for layer in (f"model.layers.{n}" for n in range(2)):
        sizes |= {f"{layer}.{norm}": (width,) for norm in ("input_layernorm", "post_attention_layernorm")}
        sizes |= {f"{layer}.self_attn.{part}_proj": (rows, width) for part, rows in zip("qkvo", (width, kv, kv, width), strict=True)}
        sizes |= {f"{layer}.mlp.{part}_proj": (mlp, width) for part in ("gate", "up")} | {f"{layer}.mlp.down_proj": (width, mlp)}
    folder.mkdir()
    save_file(
        {f"{name}.weight": draw.normal(0, 0.3, size).astype(np.float16) for name, size in sizes.items()}, folder / "model.safetensors"
    )
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    shutil.copyfile(like / "tokenizer.json", folder / "tokenizer.json")


@pytest.mark.parametrize("shape", SHAPES, ids=["plain", "grouped heads", "odd vocabulary", "head of its own"])
def test_logits_are_those_of_numpy(model: Model, tmp_path: Path, shape: dict[str, Any]) -> None:
    random_model(tmp_path / "model", model.folder, shape)
    packed = pack_model(tmp_path / "model")
    (tmp_path / "packed").write_bytes(packed)
    draw = np.random.default_rng(4)
    lists = [draw.integers(0, shape["vocab_size"], length).tolist() for length in (1, 2, 7, 38, 40)]
    for ids, logits in zip(lists, node("logits", model=str(tmp_path / "packed"), lists=lists), strict=True):
        expected = NaiveLlama(packed).logits(ids)[-1]
        assert np.allclose(logits, np.maximum(expected - expected.max(), -80), atol=2e-3)
