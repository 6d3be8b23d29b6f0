"""Turn a Llama-shaped Transformers folder into a CTranslate2 one, with NumPy alone.

CTranslate2's own converter loads PyTorch and Transformers first, which takes longer than everything else at start-up.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters.converter import Converter
from ctranslate2.specs import common_spec, transformer_spec
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer


def converted_folder(folder: Path, digest: str, cache: Path, quantization: str) -> Path:
    """The CTranslate2 folder of a model, converted into `cache` the first time; `digest` is that of its weights."""
    target = cache / "ctranslate2" / f"{digest[:16]}-{quantization}"
    if (target / "model.bin").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        LlamaFolderConverter(folder).convert(str(temporary), quantization=quantization, force=True)
        temporary.replace(target)
    except OSError:
        if not (target / "model.bin").is_file():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


class LlamaFolderConverter(Converter):  # type: ignore[misc]  # untyped base class
    """Reads `config.json`, `model.safetensors` and `tokenizer.json`. Raises ValueError for any other architecture."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _load(self) -> Any:
        config = read_config(self.folder)
        if config.get("model_type") != "llama" or config.get("rope_scaling") or config.get("attention_bias") or config.get("mlp_bias"):
            raise ValueError(f"{self.folder}: only plain Llama models are converted, not {config.get('model_type')!r}")
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
            rotary_base=_rope_theta(config),
            num_heads_kv=None if kv_heads == heads else kv_heads,
        )
        self._set_weights(spec.decoder, _read_weights(self.folder), tied=config.get("tie_word_embeddings", False))
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        spec.register_vocabulary([tokenizer.id_to_token(id_) or f"<unused_{id_}>" for id_ in range(config["vocab_size"])])
        spec.config.bos_token = tokenizer.id_to_token(config["bos_token_id"])
        spec.config.eos_token = tokenizer.id_to_token(config["eos_token_id"])
        spec.config.unk_token = ""
        spec.config.layer_norm_epsilon = config["rms_norm_eps"]
        return spec

    def _set_weights(self, decoder: Any, weights: dict[str, np.ndarray], *, tied: bool) -> None:
        """Weights keep the names of Transformers; each is (out, in)."""
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


def read_config(folder: Path) -> dict[str, Any]:
    """A model folder's `config.json`. Raises ValueError where it is missing or no JSON object."""
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: not a readable model configuration: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file}: a JSON object is expected")
    return config


def _read_weights(folder: Path) -> dict[str, np.ndarray]:
    file = folder / "model.safetensors"
    try:
        return {name: weight.astype(np.float32) for name, weight in load_file(file).items()}
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{file}: not readable safetensors weights: {error}") from error


def _rope_theta(config: dict[str, Any]) -> float:
    """Transformers 5 writes it below `rope_parameters`, version 4 beside the rest."""
    return float((config.get("rope_parameters") or {}).get("rope_theta") or config.get("rope_theta") or 10_000.0)
