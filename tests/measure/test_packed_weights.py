from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from laam.measure.packed_weights import PRECISIONS, packed, packed_rounded, rounded_weights, weights_in
from laam.measure.packing import xz_bytes
from laam.model.lossy import round_rows
from laam.model.model import Model
from laam.model.weights import read_weights, weight_bytes

MATRIX, VECTOR = np.array([[1.0, -2.0, 0.5], [0, 0, 0]], np.float16), np.array([3.0], np.float16)


@pytest.fixture
def toy(model: Model, tmp_path: Path) -> Model:
    save_file({"a.weight": MATRIX, "b.weight": VECTOR}, tmp_path / "model.safetensors")
    return replace(model, folder=tmp_path)


def test_weights_are_packed_number_by_number(model: Model) -> None:
    sizes, expected = {name: packed(weights_in(model, name)) for name in PRECISIONS}, weight_bytes(model.folder)
    assert {name: sizes[name].bytes for name in PRECISIONS} == vars(expected)
    assert all(0 < size.xz < size.bytes for size in sizes.values())


def test_int8_keeps_each_row_s_scale(toy: Model) -> None:
    data = weights_in(toy, "int8")
    scale, whole = np.frombuffer(data[:8], np.float32), np.frombuffer(data[8:14], np.int8).reshape(2, 3)
    assert scale.tolist() == [np.float32(2) / np.float32(127), 0]
    assert whole.tolist() == [[64, -127, 32], [0, 0, 0]]
    assert np.frombuffer(data[14:], np.float32).tolist() == [3.0]


def test_fewer_bits_follow_one_another(toy: Model) -> None:
    data = rounded_weights(toy, 3)  # whole numbers from -3 to 3, in three bits: 2 (of 1.5), -3, 1 (of 0.75), and three zeros
    assert np.frombuffer(data[:8], np.float32).tolist() == [np.float32(2) / np.float32(3), 0]
    assert data[8:11] == bytes([0b01010100, 0b10000000, 0b00000000])
    assert np.frombuffer(data[11:], np.float32).tolist() == [3.0]


@pytest.mark.parametrize("bits", range(2, 9))
def test_what_is_packed_gives_the_rounded_weights_back(bits: int, model: Model) -> None:
    weights, data = read_weights(model.folder), rounded_weights(model, bits)
    for name in sorted(weights):
        weight = weights[name]
        if weight.ndim == 2:
            scales, data = np.frombuffer(data[: 4 * len(weight)], np.float32), data[4 * len(weight) :]
            room = -(-weight.size * bits // 8)
            whole, data = np.unpackbits(np.frombuffer(data[:room], np.uint8))[: weight.size * bits].reshape(-1, bits), data[room:]
            signed = whole @ np.array([-(2 ** (bits - 1)), *(2**place for place in range(bits - 2, -1, -1))])
            given = signed.astype(np.float32).reshape(weight.shape) * scales[:, None]
            weight = round_rows(weight, bits)
        else:
            given, data = np.frombuffer(data[: 4 * weight.size], np.float32), data[4 * weight.size :]
        assert np.array_equal(given, weight)
    assert not data


def test_xz_takes_them_as_it_packs_them_best(model: Model) -> None:
    tight, loose = (xz_bytes(rounded_weights(model, 6, tight=tight)) for tight in (True, False))
    assert packed_rounded(model, 6).bytes == len(rounded_weights(model, 6)) < packed_rounded(model, 7).bytes
    assert packed_rounded(model, 6).xz == min(tight, loose)
