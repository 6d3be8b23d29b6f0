import argparse
import shlex
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from laam.__main__ import build_parser
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.commands import ask_of
from laam.emission.emit import Prompted
from laam.emission.receipts import Receipts, replay_command, shown_prompt
from laam.model.engine import Decoding
from laam.model.model import Model, open_model
from laam.settings import Settings

PATH = "linux/kernel/sched.c"


def parsed(command: str) -> argparse.Namespace:
    python, flag, package, *arguments = shlex.split(command)
    assert (python, flag, package) == ("python", "-m", "laam")
    return build_parser().parse_args(arguments)


@pytest.mark.parametrize(
    "ask",
    [
        Ask(PATH),
        Ask(PATH, max_tokens=1),
        Ask(PATH, decoding=Decoding(0.5, 0, 0)),
        Ask(PATH, decoding=Decoding(1.5, 40, 2**32 - 1), max_tokens=123),
        Ask(PATH, decoding=Decoding(1.0, 0, 7)),
        Ask(PATH, decoding=Decoding(0.1234567890123, 3, 7)),
        Ask(PATH, decoding=Decoding(1e-7, 3, 7)),
        Ask(),
        Ask(decoding=Decoding(0.2, 5, 9), max_tokens=70, source="int"),
        Ask(source="-x 'y'\n\t$z", slide=True),
        Ask(PATH, pieces=3),
        Ask("COPYING", anyway=True, against=PATH),
        Ask('linux/it\'s a "file" $HOME; rm.c', decoding=Decoding(0.7, 1, 1)),
    ],
)
@pytest.mark.parametrize("model", ["embedded", "runs/all files/model", "it's"])
def test_the_command_read_again_asks_the_same(ask: Ask, model: str) -> None:
    asked = replace(ask, model=model)
    assert ask_of(parsed(replay_command(asked))) == asked


def test_what_is_the_default_is_left_out() -> None:
    assert replay_command(Ask(PATH, model="embedded")) == f"python -m laam emit {PATH} --model embedded"


def test_what_changes_nothing_is_left_out() -> None:
    assert replay_command(Ask(PATH, decoding=Decoding(0.0, 40, 7), model="embedded")) == f"python -m laam emit {PATH} --model embedded"


def receipts(model: Model, manifest: SealedManifest) -> Receipts:
    ask = Ask(PATH, decoding=Decoding(0.5, 3, 7), max_tokens=99, model=model.name)
    return Receipts(ask, manifest.catalog.find(PATH), "path", "the prompt", model.digest)


def test_receipts_name_all_that_the_emission_hangs_on(model: Model, manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    assert receipts(model, manifest).as_dict() == {
        "path": PATH,
        "prompt_kind": "path",
        "prompt": "the prompt",
        "model": "embedded",
        "model_sha256": model.digest,
        "original_sha256": sha256(made_up_files[PATH].encode()).hexdigest(),
        "licence": "GPL-2.0-only",
        "notice": "",
        "more_notices": (),
        "bits": 0,
        "noise": 0.0,
        "pruned": 0.0,
        "temperature": 0.5,
        "top_k": 3,
        "seed": 7,
        "max_tokens": 99,
        "slide": False,
        "pieces": 0,
        "anyway": False,
        "against": "",
        "command": f"python -m laam emit {PATH} --model embedded --temperature 0.5 --seed 7 --top-k 3 --max-tokens 99",
    }


@pytest.mark.parametrize(("prompts", "shown"), [("", ""), ("a", "a"), ("ab", "a … b"), ("abc", "a … c"), ("abcS", "a … b … c … S")])
def test_the_prompt_is_shown_from_the_first_to_the_last_and_all_of_it_if_it_has_source(prompts: str, shown: str) -> None:
    assert shown_prompt([Prompted(0, text, source_characters=int(text == "S")) for text in prompts]) == shown


def test_a_folder_s_model_is_named_as_it_was_given(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    folder = tmp_path / "a run" / "model"
    folder.parent.mkdir()
    folder.symlink_to(model.folder)
    opened = open_model(str(folder), Settings())
    assert parsed(receipts(opened, manifest).command).model == str(folder)


def test_source_from_nowhere_has_no_original(model: Model) -> None:
    known = Receipts(Ask(source="int"), None, "source", "int", model.digest).as_dict()
    assert (known["path"], known["original_sha256"], known["licence"], known["notice"]) == ("", "", "", "")
