import argparse
import shlex
from hashlib import sha256
from pathlib import Path

import pytest

from laam.__main__ import build_parser
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Wish
from laam.emission.commands import wish_of
from laam.emission.receipts import Receipts, receipts_of, replay_command
from laam.emission.run import EmissionRequest
from laam.model.engine import Decoding
from laam.model.model import Model, open_model
from laam.settings import Settings

PATH = "linux/kernel/sched.c"


def parsed(command: str) -> argparse.Namespace:
    python, flag, package, *arguments = shlex.split(command)
    assert (python, flag, package) == ("python", "-m", "laam")
    return build_parser().parse_args(arguments)


def request_of(args: argparse.Namespace) -> EmissionRequest:
    wish = wish_of(args)
    return EmissionRequest(wish.path, wish.decoding, wish.max_tokens, wish.source, slide=wish.slide)


@pytest.mark.parametrize(
    "request_",
    [
        EmissionRequest(PATH),
        EmissionRequest(PATH, max_tokens=1),
        EmissionRequest(PATH, Decoding(0.5, 0, 0)),
        EmissionRequest(PATH, Decoding(1.5, 40, 2**32 - 1), 123),
        EmissionRequest(PATH, Decoding(1.0, 0, 7)),
        EmissionRequest(PATH, Decoding(0.1234567890123, 3, 7)),
        EmissionRequest(PATH, Decoding(1e-7, 3, 7)),
        EmissionRequest(""),
        EmissionRequest("", Decoding(0.2, 5, 9), 70, source="int"),
        EmissionRequest("", source="-x 'y'\n\t$z", slide=True),
        EmissionRequest('linux/it\'s a "file" $HOME; rm.c', Decoding(0.7, 1, 1)),
    ],
)
@pytest.mark.parametrize("model", ["embedded", "runs/all files/model", "it's"])
def test_the_command_read_again_is_the_same_request(request_: EmissionRequest, model: str) -> None:
    args = parsed(replay_command(request_, model))
    assert request_of(args) == request_
    assert args.model == model


def test_what_is_the_default_is_left_out() -> None:
    assert replay_command(EmissionRequest(PATH), "embedded") == f"python -m laam emit {PATH} --model embedded"


def test_what_changes_nothing_is_left_out() -> None:
    assert replay_command(EmissionRequest(PATH, Decoding(0.0, 40, 7)), "embedded") == f"python -m laam emit {PATH} --model embedded"


def receipts(model: Model, manifest: SealedManifest, prompts: list[str]) -> Receipts:
    return receipts_of(EmissionRequest(PATH, Decoding(0.5, 3, 7), 99), model, manifest.original(PATH).file, prompts)


def test_receipts_name_all_that_the_emission_hangs_on(model: Model, manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    assert receipts(model, manifest, ["the prompt"]) == Receipts(
        path=PATH,
        prompt_kind="path",
        prompt="the prompt",
        model="embedded",
        model_sha256=model.digest,
        original_sha256=sha256(made_up_files[PATH].encode()).hexdigest(),
        licence="GPL-2.0-only",
        notice="",
        more_notices=(),
        temperature=0.5,
        top_k=3,
        seed=7,
        max_tokens=99,
        slide=False,
        piece=0,
        command=f"python -m laam emit {PATH} --model embedded --temperature 0.5 --seed 7 --top-k 3 --max-tokens 99",
    )


@pytest.mark.parametrize(("prompts", "shown"), [([], ""), (["a"], "a"), (["a", "b"], "a … b"), (["a", "b", "c"], "a … c")])
def test_the_prompt_is_shown_from_the_first_to_the_last(model: Model, manifest: SealedManifest, prompts: list[str], shown: str) -> None:
    assert receipts(model, manifest, prompts).prompt == shown


def test_a_folder_s_model_is_named_as_it_was_given(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    folder = tmp_path / "a run" / "model"
    folder.parent.mkdir()
    folder.symlink_to(model.folder)
    opened = open_model(str(folder), Settings())
    assert parsed(receipts(opened, manifest, []).command).model == str(folder)


def test_a_piece_is_replayed_by_its_number() -> None:
    request = EmissionRequest(PATH, source="the head of it", mid_word=True, piece=3)
    args = parsed(replay_command(request, "published-5m"))
    assert wish_of(args) == Wish(PATH, piece=3)


def test_source_from_nowhere_has_no_original(model: Model) -> None:
    receipts = receipts_of(EmissionRequest("", source="int"), model, None, ["int"])
    assert (receipts.prompt_kind, receipts.prompt, receipts.original_sha256) == ("source", "int", "")
    assert receipts.model_sha256 == model.digest
