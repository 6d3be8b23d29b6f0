import json
from collections.abc import Callable
from pathlib import Path

import pytest

from laam.model.codec import Codec
from laam.model.engine import CTranslate2Engine, Decoding
from laam.model.llama import convert_llama
from laam.model.reference import ReferenceEngine
from tests.model.made_up import write_model

pytestmark = pytest.mark.model


def change_config(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    config = {**json.loads(file.read_text("utf-8")), **changes}
    file.write_text(json.dumps({name: value for name, value in config.items() if value is not None}), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    write_model(folder, tied=True)
    return folder


def served_and_reference(folder: Path, target: Path) -> tuple[list[list[int]], list[list[int]]]:
    """Greedy ids of a few prompts from CTranslate2 in float32, and from the reference."""
    prompts = [[0, 2, first, 90, 91, 3] for first in range(70, 76)]
    target.mkdir()
    convert_llama(folder, target, "float32")
    engine = CTranslate2Engine(target, Codec.load(folder))
    served = [list(engine.decoder(Decoding()).stream(prompt, (1,), 24)) for prompt in prompts]
    return served, ReferenceEngine(folder).batch(prompts, (1,), 24)


@pytest.mark.parametrize(("tied", "kv_heads"), [(True, 4), (False, 4), (False, 2), (True, 1)])
def test_greedy_ids_are_those_of_the_reference(tmp_path: Path, tied: bool, kv_heads: int) -> None:
    write_model(tmp_path / "model", tied=tied, kv_heads=kv_heads, rope_theta=300.0)
    served, expected = served_and_reference(tmp_path / "model", tmp_path / "converted")
    assert served == expected
    assert len({tuple(ids) for ids in expected}) == len(expected)  # the model looks at its prompt


def test_rope_theta_is_read_as_transformers_4_wrote_it(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tied=True, rope_theta=20.0)
    new, expected = served_and_reference(tmp_path / "model", tmp_path / "new")
    change_config(tmp_path / "model", rope_parameters=None, rope_theta=20.0)
    old, _ = served_and_reference(tmp_path / "model", tmp_path / "old")
    assert old == new == expected
    change_config(tmp_path / "model", rope_theta=10_000.0)
    assert served_and_reference(tmp_path / "model", tmp_path / "other")[0] != expected


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "gpt2"},
        {"model_type": None},
        {"hidden_act": "gelu"},
        {"attention_bias": True},
        {"mlp_bias": True},
        {"head_dim": 16},
        {"rope_scaling": {"rope_type": "linear", "factor": 2.0}},
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}},
    ],
)
def test_what_would_be_converted_wrongly_is_refused(folder: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    change_config(folder, **changes)
    with pytest.raises(ValueError, match=r"config\.json: only plain Llama models are converted"):
        convert_llama(folder, tmp_path, "int8")
    assert not (tmp_path / "model.bin").exists()


def remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def overwrite(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (remove("config.json"), "config.json"),
        (overwrite("config.json", b"{"), "config.json"),
        (overwrite("config.json", b"\xff"), "config.json"),
        (overwrite("config.json", b"[]"), "config.json"),
        (overwrite("config.json", b"null"), "config.json"),
        (overwrite("config.json", b'{"model_type": "llama"}'), "config.json"),
        (lambda folder: change_config(folder, num_hidden_layers=3), "model.safetensors"),
        (lambda folder: change_config(folder, tie_word_embeddings=False), "model.safetensors"),
        (remove("model.safetensors"), "model.safetensors"),
        (overwrite("model.safetensors", b"no weights"), "model.safetensors"),
        (overwrite("model.safetensors", b""), "model.safetensors"),
        (cut("model.safetensors"), "model.safetensors"),
        (remove("tokenizer.json"), "tokenizer.json"),
        (overwrite("tokenizer.json", b"{}"), "tokenizer.json"),
    ],
)
def test_a_damaged_folder_names_the_file(folder: Path, tmp_path: Path, damage: Callable[[Path], object], name: str) -> None:
    damage(folder)
    with pytest.raises(ValueError, match=f"^{folder.name}/{name}: "):
        convert_llama(folder, tmp_path, "int8")
    assert not (tmp_path / "model.bin").exists()
