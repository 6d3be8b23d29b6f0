"""Fewer bits in the visitor's browser: the weights of `laam.model.lossy`, and what is written with them."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, load_file, save_file

from laam.model.lossy import round_rows
from laam.model.model import Model
from laam.model.pack import pack_model
from laam.model.pack_rounding import pack_rounding
from laam.model.weights import read_weights
from laam.settings import Settings
from tests.engine.naive import NaiveLlama
from tests.engine.node import node
from tests.engine.test_llama import PLAIN, random_model

BITS = range(2, 9)


def packed(folder: Path, target: Path) -> dict[str, Any]:
    """The files of a model folder for the browser, by the names that the tasks in engine.mjs know."""
    files = {"model": target / "packed", "rounding": target / "rounding"}
    files["model"].write_bytes(pack_model(folder))
    files["rounding"].write_bytes(pack_rounding(folder))
    return {name: str(file) for name, file in files.items()}


def rounded(folder: Path, target: Path) -> dict[int, bytes]:
    """The packed models that the browser makes of a folder, by their bits."""
    node("rounded", folder=str(target), bits=list(BITS), **packed(folder, target))
    return {bits: (target / str(bits)).read_bytes() for bits in BITS}


def assert_weights_are_those_of_python(folder: Path, target: Path) -> None:
    models = {bits: load(data) for bits, data in rounded(folder, target).items()}
    for name, weight in read_weights(folder).items():
        for bits, tensors in models.items():
            if weight.ndim == 2:
                expected = round_rows(weight, bits) + 0.0  # a zero has no sign here
                assert (tensors[name] * tensors[f"{name}.scale"][:, None]).tobytes() == expected.tobytes(), (name, bits)
            else:
                assert np.array_equal(tensors[name], weight), name


def test_the_shipped_weights_are_rounded_bit_for_bit_as_in_python(tmp_path: Path) -> None:
    assert_weights_are_those_of_python(Settings().embedded_folder, tmp_path)


def test_so_are_rows_of_zeros_and_weights_that_lie_halfway(model: Model, tmp_path: Path) -> None:
    random_model(folder := tmp_path / "model", model.folder, PLAIN)
    weights = load_file(folder / "model.safetensors")
    rows = weights["model.embed_tokens.weight"]
    rows[3] = 0
    rows[4] = np.float16(6e-8)  # the least that there is
    draw = np.random.default_rng(5)
    levels = 2.0 ** draw.integers(1, 8, rows[5:200].shape) - 1
    halfway = (draw.integers(0, 127, levels.shape) % levels + 0.5) / levels  # of the largest
    rows[5:200] = halfway * draw.choice([-1, 1], levels.shape)
    rows[5:200, 0] = 1
    save_file(weights, folder / "model.safetensors")
    assert_weights_are_those_of_python(folder, tmp_path)


def test_activations_stay_floats(model: Model, tmp_path: Path) -> None:
    random_model(folder := tmp_path / "model", model.folder, PLAIN)
    lists = [np.random.default_rng(4).integers(0, PLAIN["vocab_size"], length).tolist() for length in (2, 7, 38, 40, 9)]
    for bits, data in rounded(folder, tmp_path).items():
        for ids, logits in zip(lists, node("logits", model=str(tmp_path / str(bits)), lists=lists), strict=True):
            expected = NaiveLlama(data).logits(ids)[-1]
            assert np.allclose(logits, np.maximum(expected - expected.max(), -80), atol=1e-4), bits


def test_as_shipped_it_writes_what_it_wrote_before(model: Model, made_up_files: dict[str, str], tmp_path: Path) -> None:
    path, text = next(iter(made_up_files.items()))
    asked = [{"path": path, "maxTokens": 300, "bits": bits} for bits in (0, 2, 8, 0)]
    texts = [result["text"] for result in node("emit", asked=asked, workers=2, **packed(model.folder, tmp_path))]
    assert texts[0] == texts[2] == texts[3] == text
    assert texts[1] != text
