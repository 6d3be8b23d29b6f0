"""Packed models for the browser's engine."""

from pathlib import Path

import pytest

from laam.model.model import Model
from laam.model.pack import pack_model
from laam.settings import Settings


@pytest.fixture(scope="session")
def packed_shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of the shipped model, packed."""
    return _packed(Settings().embedded_folder, tmp_path_factory.mktemp("packed"))


@pytest.fixture(scope="session")
def packed_tiny(model: Model, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of the tiny model, packed."""
    return _packed(model.folder, tmp_path_factory.mktemp("packed"))


def _packed(folder: Path, target: Path) -> str:
    file = target / "model.safetensors"
    file.write_bytes(pack_model(folder))
    return str(file)
