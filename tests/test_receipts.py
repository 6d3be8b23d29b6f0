import shlex

import pytest

from laam.emission import EmissionRequest
from laam.model.engine import Decoding
from laam.model.zoo import Model
from laam.receipts import receipts_of, replay_command


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        (EmissionRequest("linux/a.c"), "path", ["linux/a.c"]),
        (EmissionRequest(""), "empty", [""]),
        (
            EmissionRequest("linux/a.c", source="-x 'y'\n\t$z", mid_word=True, slide=True),
            "source",
            ["linux/a.c", "--source-text=-x 'y'\n\t$z", "--mid-word", "--slide"],
        ),
        (
            EmissionRequest("", Decoding(0.2, 5, 9), 70, source="int"),
            "source",
            ["", "--source-text=int", "--temperature", "0.2", "--seed", "9", "--top-k", "5", "--max-tokens", "70"],
        ),
    ],
)
def test_the_command_holds_all_that_was_asked(request_: EmissionRequest, kind: str, words: list[str]) -> None:
    assert request_.kind == kind
    assert shlex.split(replay_command(request_, "embedded")) == ["python", "-m", "laam", "emit", *words]


def test_source_from_nowhere_has_no_original(model: Model) -> None:
    receipts = receipts_of(EmissionRequest("", source="int"), model, None, ["int"])
    assert (receipts.prompt_kind, receipts.prompt, receipts.original_sha256) == ("source", "int", "")
    assert receipts.model_sha256 == model.digest
