"""Ten made-up files, three small models and a server whose model knows one of them; a plan that asks them all."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from laam.__main__ import main
from laam.model.model import Model
from laam.rows import Rows
from laam.settings import Settings
from tests.conftest import made_up_file
from tests.endpoint.conftest import SECRET, given
from tests.endpoint.playing import Asked, Playing, Reply, playing, said
from tests.model.test_plain import SHAPE, byte_level_tokenizer

KNOWN, REFUSED, SILENT = "others/a0.c", "others/a1.c", "others/a2.c"
"""Of these the server's model knows the first, refuses to write the second, and gives nothing of the third."""

PLAYED = """[[models]]
endpoint = "ADDRESS"
name = "played"
completions = true
key = "MADE_UP_KEY"
step = 40
"""

SERVER = f"""
title = "A server alone"

[files]
source = "tree"

{PLAYED}
[[contexts]]
given = "first"
characters = 100
"""

PLAN = f"""
title = "A <made-up> survey"

[files]
source = "tree"

[[models]]
name = "embedded"
label = "trained"

[[models]]
name = "./untrained"

[[models]]
name = "./plain"

{PLAYED}
[[contexts]]
given = "path"

[[contexts]]
given = "first"
characters = 100

[[contexts]]
given = "source"
tokens = 8
places = 2
write = 6

[[draws]]
temperature = 0

[[draws]]
temperature = 0.9
samples = 2
seed = 5
"""


class KilledError(BaseException):
    """As if the process were gone."""


@dataclass
class Surveys:
    """A folder with a plan and all that it names; `survey` runs the command."""

    folder: Path
    settings: Settings
    server: Playing
    monkeypatch: pytest.MonkeyPatch
    files: dict[str, str] = field(default_factory=dict)

    def write(self, plan: str = PLAN) -> None:
        (self.folder / "plan.toml").write_text(plan.replace("ADDRESS", self.server.address), "utf-8")

    def run(self, out: str, *more: str) -> int:
        return main(["survey", str(self.folder / "plan.toml"), "--out", str(self.folder / out), *more], self.settings)

    def killed_after(self, rows: int, out: str) -> None:
        """Run until so many rows are written; the next one is left half written."""
        left = [rows]

        class Killed(Rows):
            def add(self, row: Mapping[str, Any]) -> None:
                if not left[0]:
                    with self.file.open("ab") as half:
                        half.write(b'{"format": "laam-survey-row-1", "key": "ab')
                    raise KilledError
                left[0] -= 1
                super().add(row)

        with self.monkeypatch.context() as patch:
            patch.setattr("laam.survey.run.Rows", Killed)
            with pytest.raises(KilledError):
                self.run(out)

    def rows(self, out: str) -> list[dict[str, Any]]:
        lines = (self.folder / out / "rows.jsonl").read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines if line.endswith("}")]


@pytest.fixture(scope="session")
def plain_folder(made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that isn't asked by path, with random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("random")
    tokenizer = byte_level_tokenizer(list(made_up_files.values()))
    config = LlamaConfig(vocab_size=tokenizer.get_vocab_size(), bos_token_id=0, eos_token_id=0, initializer_range=0.3, **SHAPE)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@contextmanager
def surveying(folder: Path, texts: dict[str, str], plain: Path, untrained: Model, settings: Settings) -> Iterator[Surveys]:
    files = texts | {f"others/a{number}.c": made_up_file(f"a{number}", 1 + number % 2) for number in range(7)}
    for path, text in files.items():
        (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / path).write_text(text, "utf-8")
    (folder / "plain").symlink_to(plain)
    (folder / "untrained").symlink_to(untrained.folder)
    with playing(_answer(files)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_UP_KEY", SECRET)
        made = Surveys(folder, settings, server, patch, files)
        made.write()
        yield made


@pytest.fixture
def surveys(made_up_files: dict[str, str], plain_folder: Path, untrained: Model, settings: Settings, tmp_path: Path) -> Iterator[Surveys]:
    """With nothing run yet."""
    with surveying(tmp_path, made_up_files, plain_folder, untrained, settings) as made:
        yield made


@pytest.fixture(scope="session")
def done(
    made_up_files: dict[str, str], plain_folder: Path, untrained: Model, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surveys]:
    """With the whole plan run, into `out`."""
    with surveying(tmp_path_factory.mktemp("surveys"), made_up_files, plain_folder, untrained, settings) as made:
        assert made.run("out") == 0
        yield made


def _answer(files: dict[str, str]) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        text = given(asked)
        path = next(path for path, whole in files.items() if whole.startswith(text))
        if path == REFUSED:
            return Reply({"content": "I can't, it is long."}, "content_filter")
        if path == SILENT:
            return said("")
        rest = files[path][len(text) :]
        piece = rest[:150] if path == KNOWN else "something else\n"
        return said(piece, "length" if path == KNOWN and len(rest) > 150 else "stop")

    return answer
