"""A model folder's `config.json`."""

import json
from pathlib import Path
from typing import Any


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
