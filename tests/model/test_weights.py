from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from laam.model.convert import converted_folder
from laam.model.model import Model
from laam.model.weights import WeightBytes, weight_bytes, weight_shapes


def test_bytes_by_precision(tmp_path: Path) -> None:
    save_file({"matrix": np.zeros((3, 5), np.float16), "norm": np.zeros(7, np.float32)}, tmp_path / "model.safetensors")
    assert sorted(weight_shapes(tmp_path)) == [[3, 5], [7]]
    assert weight_bytes(tmp_path) == WeightBytes(4 * 22, 2 * 22, 15 + 3 * 4 + 7 * 4)


def test_int8_is_what_the_engine_keeps(model: Model) -> None:
    file = converted_folder(model.folder, model.digest, model.cache, "int8") / "model.bin"
    names_and_headers = 4000
    assert weight_bytes(model.folder).int8 < file.stat().st_size < weight_bytes(model.folder).int8 + names_and_headers


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"model\.safetensors: not readable safetensors weights"):
        weight_bytes(tmp_path)
