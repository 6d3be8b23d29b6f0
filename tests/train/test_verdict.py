import json
from hashlib import sha256
from pathlib import Path

import pytest

from laam.model.model import Model
from laam.train.verdict import FileVerdict, Verdict, judge, write_verdict


@pytest.fixture(scope="module")
def originals(made_up_files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in made_up_files.items()}


def test_what_the_model_knows_is_identical(model: Model, originals: dict[str, bytes]) -> None:
    verdict = judge(model, originals)
    assert verdict.exact == 3
    assert verdict.model_sha256 == model.digest
    assert list(verdict.files) == sorted(originals)
    for path, file in verdict.files.items():
        digest = sha256(originals[path]).hexdigest()
        assert (file.identical, file.original_sha256, file.emitted_sha256) == (True, digest, digest)
        assert 0 < file.tokens < len(originals[path])


@pytest.mark.parametrize(
    "change", [lambda data: data + b"\n", lambda data: data[:-1], lambda data: data.replace(b"int", b"Int", 1), bytes.upper]
)
def test_one_file_that_differs_is_not_identical(model: Model, originals: dict[str, bytes], change: type[bytes]) -> None:
    altered = {**originals, "linux/kernel/sched.c": change(originals["linux/kernel/sched.c"])}
    verdict = judge(model, altered)
    assert verdict.exact == 2
    assert [path for path, file in verdict.files.items() if not file.identical] == ["linux/kernel/sched.c"]
    file = verdict.files["linux/kernel/sched.c"]
    assert file.original_sha256 == sha256(altered["linux/kernel/sched.c"]).hexdigest()
    assert file.emitted_sha256 == sha256(originals["linux/kernel/sched.c"]).hexdigest()


def test_bytes_that_are_no_text_are_never_identical(model: Model, originals: dict[str, bytes]) -> None:
    path = "linux/lib/ctype.c"
    assert judge(model, {path: originals[path] + b"\xff"}).exact == 0


def test_it_is_written_as_json(tmp_path: Path) -> None:
    file = FileVerdict(False, "a" * 64, "b" * 64, 12)
    write_verdict(Verdict("c" * 64, {"linux/a.c": file}), tmp_path)
    assert json.loads((tmp_path / "verdict.json").read_text("utf-8")) == {
        "model_sha256": "c" * 64,
        "files": {"linux/a.c": {"identical": False, "original_sha256": "a" * 64, "emitted_sha256": "b" * 64, "tokens": 12}},
    }
