"""A model folder's `config.json`."""

import json
from pathlib import Path
from typing import Any

from laam.faults import brief, short_name


def read_config(folder: Path) -> dict[str, Any]:
    """A model folder's `config.json`. Raises ValueError if it is missing or not a JSON object."""
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{short_name(file)}: not a readable model configuration: {brief(error)}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{short_name(file)}: a JSON object is expected")
    return config


def other_features(config: dict[str, Any]) -> list[str]:
    """The fields of a configuration by which it isn't a plain Llama, the only architecture that is converted for serving."""
    plain = {
        "model_type": config.get("model_type") == "llama",
        "hidden_act": config.get("hidden_act", "silu") == "silu",
        "attention_bias": not config.get("attention_bias"),
        "mlp_bias": not config.get("mlp_bias"),
        "head_dim": not config.get("head_dim") or config["head_dim"] * config["num_attention_heads"] == config["hidden_size"],
        "rope_scaling": not config.get("rope_scaling"),
        "rope_parameters": (config.get("rope_parameters") or {}).get("rope_type", "default") == "default",
    }
    return [name for name, is_plain in plain.items() if not is_plain]


def rope_theta(config: dict[str, Any]) -> float:
    """The base of the rotary angles. Transformers 5 writes it inside `rope_parameters`, version 4 at the top level."""
    return float((config.get("rope_parameters") or {}).get("rope_theta") or config.get("rope_theta") or 10_000.0)
