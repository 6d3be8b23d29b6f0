"""Convert a Llama-shaped Transformers folder to CTranslate2, straight from its safetensors.

CTranslate2's own converter would build the Transformers model first, which takes longer than everything else at start-up.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from tokenizers import Tokenizer

from laam.faults import short_name
from laam.model.codec import read_tokenizer
from laam.model.config import other_features, read_config, rope_theta
from laam.model.weight_files import WEIGHTS
from laam.model.weights import read_weights


def convert_llama(folder: Path, target: Path, quantization: str) -> None:
    """Read `config.json`, `model.safetensors` and `tokenizer.json`; write a CTranslate2 model into the folder `target`.

    Raises ValueError for a file that is missing or damaged, and for any other architecture.
    """
    config = read_config(folder)
    try:
        for name in other_features(config):
            raise ValueError(
                f"{short_name(folder / 'config.json')}: only plain Llama models are converted, and this one has {name} {config.get(name)!r}"
            )
        spec = _spec(folder, config, read_weights(folder))
    except KeyError as error:
        name = str(error.args[0])
        file = WEIGHTS if name.endswith(".weight") else "config.json"
        raise ValueError(f"{short_name(folder / file)}: {name!r} is missing") from error
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(target))


def _spec(folder: Path, config: dict[str, Any], weights: dict[str, np.ndarray]) -> Any:
    heads, kv_heads = config["num_attention_heads"], config.get("num_key_value_heads") or config["num_attention_heads"]
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        config["num_hidden_layers"],
        heads,
        activation=common_spec.Activation.SWISH,
        pre_norm=True,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=0,
        rotary_interleave=False,
        rotary_base=rope_theta(config),
        num_heads_kv=None if kv_heads == heads else kv_heads,
    )
    _set_weights(spec.decoder, weights, tied=config.get("tie_word_embeddings", False))
    tokenizer = read_tokenizer(folder)
    spec.register_vocabulary([tokenizer.id_to_token(id_) or f"<unused_{id_}>" for id_ in range(config["vocab_size"])])
    spec.config.bos_token, spec.config.eos_token = (_first_token(tokenizer, config.get(name)) for name in ("bos_token_id", "eos_token_id"))
    spec.config.unk_token = ""
    spec.config.layer_norm_epsilon = config["rms_norm_eps"]
    return spec


def _first_token(tokenizer: Tokenizer, ids: int | list[int] | None) -> str:
    """The token of an id, or of the first of several; empty if a model has none. The engine is told by the format when to stop."""
    first = next(iter(ids), None) if isinstance(ids, list) else ids
    return "" if first is None else tokenizer.id_to_token(first) or ""


def _set_weights(decoder: Any, weights: dict[str, np.ndarray], *, tied: bool) -> None:
    """Weights keep their names from Transformers; each has the shape (out, in)."""
    decoder.scale_embeddings = False
    decoder.embeddings.weight = weights["model.embed_tokens.weight"]
    decoder.projection.weight = weights["model.embed_tokens.weight" if tied else "lm_head.weight"]
    decoder.layer_norm.gamma = weights["model.norm.weight"]
    for number, layer in enumerate(decoder.layer):
        name = f"model.layers.{number}"
        attention, ffn = layer.self_attention, layer.ffn
        attention.layer_norm.gamma = weights[f"{name}.input_layernorm.weight"]
        attention.linear[0].weight = np.concatenate([weights[f"{name}.self_attn.{part}_proj.weight"] for part in "qkv"])
        attention.linear[1].weight = weights[f"{name}.self_attn.o_proj.weight"]
        ffn.layer_norm.gamma = weights[f"{name}.post_attention_layernorm.weight"]
        ffn.linear_0.weight = weights[f"{name}.mlp.gate_proj.weight"]
        ffn.linear_0_noact.weight = weights[f"{name}.mlp.up_proj.weight"]
        ffn.linear_1.weight = weights[f"{name}.mlp.down_proj.weight"]


def main(folder: str, target: str, quantization: str) -> int:
    """Convert, as a process of its own; what is wrong is printed as JSON: a system's error number, or 0, and the words."""
    try:
        convert_llama(Path(folder), Path(target), quantization)
    except (OSError, ValueError) as error:
        print(json.dumps([error.errno, error.strerror] if isinstance(error, OSError) else [0, str(error)]))
        return 1
    return 0
