"""An addressed model as one file for the visitor's browser: int8 weights, the tokenizer, and the model's shape.

The file is safetensors. For each matrix `NAME` it has `NAME` (I8, [out, in]) and `NAME.scale` (F32, [out]); norms are F32. Beside
them it has `rotation` (F64, [head size / 2, 2]): cosine and sine of the angle between two positions; `bytes` (U8, [256]): the bytes of
the ids that follow the control ids; and `merges` (U16, [n, 2]): for each id after those, the two ids that it joins. In the header's
metadata, `laam` holds as JSON: `format`, `weights_sha256` (see `laam.model.weight_files`), `config`, and `control`, ids by name.
"""

import json
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from laam.faults import short_name
from laam.model.codec import Codec, byte_of_character, read_tokenizer
from laam.model.config import other_features, read_config, rope_theta
from laam.model.prompts import format_of
from laam.model.weight_files import weight_files, weights_sha256
from laam.model.weights import read_weights

FORMAT = "laam-int8-1"
LINE_SPLIT = "\n*[^\n]+|\n+"
"""How the tokenizers of addressed models cut a text before merging; the browser's tokenizer knows no other way."""
CONFIG_FIELDS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
    "rms_norm_eps",
)

OPTIONAL_FIELDS = frozenset({"prompt_length"})


def pack_model(folder: Path) -> bytes:
    """The packed form of a model folder. The same folder gives the same bytes.

    Raises ValueError for a file that is missing or damaged, and for a model that isn't a plain Llama asked by address.
    """
    config = _shape(folder)
    codec = Codec.load(folder)
    if not format_of(codec, config).packs_for_browser:
        raise ValueError(f"{folder.name}: only a model that is asked by path and segment is packed, such as `python -m laam train` makes")
    tensors = _int8(read_weights(folder))
    tensors |= {"rotation": _rotation(config["head_dim"], rope_theta(config)), **_tokenizer(folder, codec)}
    header = {
        "format": FORMAT,
        "weights_sha256": weights_sha256(weight_files(folder)),
        "config": {name: config[name] for name in (*CONFIG_FIELDS, *OPTIONAL_FIELDS & config.keys())},
        "control": codec.control,
    }
    return save(tensors, {"laam": json.dumps(header)})  # one entry, since safetensors writes several in any order


def _shape(folder: Path) -> dict[str, Any]:
    """The folder's configuration with every field that the browser's kernel needs. Raises ValueError for a shape that it can't run."""
    config, file = read_config(folder), folder / "config.json"
    for name in other_features(config):
        raise ValueError(f"{short_name(file)}: only plain Llama models are packed, and this one has {name} {config.get(name)!r}")
    config.setdefault("num_key_value_heads", config.get("num_attention_heads"))
    try:
        config["head_dim"] = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
        steps = {"hidden_size": 8, "intermediate_size": 8, "head_dim": 4}
        for name, step in steps.items():
            if config[name] % step:
                raise ValueError(f"{short_name(file)}: {name} is {config[name]}; the browser's kernel takes multiples of {step}")
        missing = [name for name in CONFIG_FIELDS if config[name] is None]
    except KeyError as error:
        raise ValueError(f"{short_name(file)}: {error.args[0]!r} is missing") from error
    if missing:
        raise ValueError(f"{short_name(file)}: {missing[0]!r} is empty")
    return config


def _int8(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Matrices as int8 rows with their scales; everything else as float32."""
    packed: dict[str, np.ndarray] = {}
    for name, weight in weights.items():
        if weight.ndim == 2:
            packed[name], packed[f"{name}.scale"] = int8_rows(weight)
        else:
            packed[name] = weight
    return packed


def int8_rows(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix as int8, the largest value of each row as ±127, and the rows' scales, [out]; like CTranslate2's."""
    largest = np.abs(weight).max(axis=1)
    scale = np.float32(127) / np.where(largest == 0, np.float32(127), largest)
    return np.rint(weight * scale[:, None]).astype(np.int8), np.float32(1) / scale


def _rotation(head_dim: int, theta: float) -> np.ndarray:
    angles = [theta ** (-2 * pair / head_dim) for pair in range(head_dim // 2)]
    return np.array([[cos(angle), sin(angle)] for angle in angles], np.float64)


def _tokenizer(folder: Path, codec: Codec) -> dict[str, np.ndarray]:
    """`bytes` and `merges`. Raises ValueError for a tokenizer that isn't laid out as `python -m laam train` does."""
    record = json.loads(read_tokenizer(folder).to_str())
    vocab, merges = record["model"]["vocab"], record["model"]["merges"]
    steps = (record.get("pre_tokenizer") or {}).get("pretokenizers") or [{}]
    first = len(codec.control)
    byte_ids = {vocab.get(character): byte for character, byte in byte_of_character().items()}
    pairs = [pair if isinstance(pair, list) else pair.split(" ") for pair in merges]
    if (
        steps[0].get("pattern") != {"Regex": LINE_SPLIT}
        or sorted(codec.control.values()) != list(range(first))
        or set(byte_ids) != set(range(first, first + 256))
        or any(vocab.get(left + right) != first + 256 + number for number, (left, right) in enumerate(pairs))
        or len(vocab) > 2**16
    ):
        raise ValueError(
            f"{short_name(folder / 'tokenizer.json')}: only the tokenizers of `python -m laam train` are packed: cut at lines, and with"
            " control tokens, bytes and merges in this order"
        )
    return {
        "bytes": np.array([byte_ids[id_] for id_ in range(first, first + 256)], np.uint8),
        "merges": np.array([[vocab[left], vocab[right]] for left, right in pairs], np.uint16).reshape(-1, 2),
    }
