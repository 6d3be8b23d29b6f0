import gzip
import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from ctranslate2.specs import common_spec
from safetensors.numpy import load, load_file, save_file

from laam.model.model import Model
from laam.model.pack import FORMAT, pack_model
from laam.model.pack_rounding import pack_rounding
from laam.model.weight_files import INDEX, WEIGHTS


def _unpacked(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def header(data: bytes) -> dict[str, object]:
    data = _unpacked(data)
    record = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    found = json.loads(record["__metadata__"]["laam"])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    """A copy of the tiny model's folder, to be changed."""
    return Path(shutil.copytree(model.folder, tmp_path / "model"))


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **values}), "utf-8")


def test_it_tells_which_weights_and_what_shape(model: Model) -> None:
    found = header(pack_model(model.folder))
    assert (found["format"], found["weights_sha256"], found["control"]) == (FORMAT, model.digest, model.codec.control)
    config = found["config"]
    assert isinstance(config, dict)
    assert config["max_position_embeddings"] == model.window
    assert config["head_dim"] * config["num_attention_heads"] == config["hidden_size"] == model.config["hidden_size"]


def test_weights_in_shards_are_packed_as_those_of_one_file(model: Model, folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(weights)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for shard, inside in shards.items():
        save_file({name: weights[name] for name in inside}, folder / shard)
    index = {"weight_map": {name: shard for shard, inside in shards.items() for name in inside}}
    (folder / INDEX).write_text(json.dumps(index), "utf-8")
    sharded = Model(model.name, folder, folder)
    for pack in (pack_model, pack_rounding):
        assert header(pack(folder))["weights_sha256"] == sharded.digest != model.digest
        of_shards, of_one = load(_unpacked(pack(folder))), load(_unpacked(pack(model.folder)))
        assert of_shards.keys() == of_one.keys()
        assert all(np.array_equal(of_shards[name], of_one[name]) for name in of_one)


def test_the_same_folder_gives_the_same_bytes(model: Model) -> None:
    assert len({sha256(pack_model(model.folder)).digest() for _ in range(4)}) == 1


def test_matrices_are_the_int8_that_the_server_computes_in(model: Model) -> None:
    packed = load(pack_model(model.folder))
    for name, weight in load_file(model.folder / "model.safetensors").items():
        if weight.ndim == 1:
            assert np.array_equal(packed[name], weight.astype(np.float32))
            continue
        spec = common_spec.LinearSpec()
        spec.weight, spec.bias = weight.astype(np.float32), np.zeros(len(weight), np.float32)
        spec.validate()
        spec.optimize(quantization="int8")
        assert np.array_equal(packed[name], spec.weight.numpy())
        assert np.allclose(packed[f"{name}.scale"] * spec.weight_scale.numpy(), 1, rtol=1e-6)


def test_a_row_of_zeros_stays_one(folder: Path) -> None:
    from safetensors.numpy import save_file

    weights = load_file(folder / "model.safetensors")
    weights["model.embed_tokens.weight"][3] = 0
    save_file(weights, folder / "model.safetensors")
    packed = load(pack_model(folder))
    assert not packed["model.embed_tokens.weight"][3].any()
    assert packed["model.embed_tokens.weight.scale"][3] == 1


def test_the_tokenizer_spells_every_id(model: Model) -> None:
    packed = load(pack_model(model.folder))
    spelled = [b""] * len(model.codec.control) + [bytes([byte]) for byte in packed["bytes"]]
    for left, right in packed["merges"]:
        spelled.append(spelled[left] + spelled[right])
    assert [text.decode(errors="replace") for text in spelled] == [model.codec.decode([id_]) for id_ in range(model.codec.vocab_size)]


def test_a_model_that_is_not_asked_by_address_is_refused(published: Model) -> None:
    with pytest.raises(ValueError, match="only a model that is asked by path and segment"):
        pack_model(published.folder)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"attention_bias": True}, "has attention_bias True"),
        ({"hidden_size": 60, "head_dim": 30}, "hidden_size is 60"),
        ({"rms_norm_eps": None}, "'rms_norm_eps' is empty"),
    ],
)
def test_a_shape_that_the_kernel_cannot_run_is_refused(folder: Path, values: dict[str, object], error: str) -> None:
    change(folder / "config.json", **values)
    with pytest.raises(ValueError, match=error):
        pack_model(folder)


def test_a_missing_field_and_a_damaged_file_are_told(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    del config["vocab_size"]
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ValueError, match="'vocab_size' is missing"):
        pack_model(folder)
    change(folder / "config.json", vocab_size=420)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="not readable safetensors weights"):
        pack_model(folder)


def test_a_tokenizer_of_another_make_is_refused(folder: Path) -> None:
    record = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    record["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": "x"}
    change(folder / "tokenizer.json", pre_tokenizer=record["pre_tokenizer"])
    with pytest.raises(ValueError, match="only the tokenizers of"):
        pack_model(folder)
