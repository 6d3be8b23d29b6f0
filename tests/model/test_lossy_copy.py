import errno
import tempfile
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from laam.model import lossy_copy as module
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.lossy_copy import asked_model, lossy_copy
from laam.model.model import Model
from laam.model.reference import ReferenceEngine
from laam.model.weights import read_weights


def test_a_copy_is_served_in_float32_with_what_is_left_of_the_weights(untrained: Model, made_up_files: dict[str, str]) -> None:
    lossy, path = Lossy(3, 0.05, 0.1, 7), next(iter(made_up_files))
    with lossy_copy(untrained, lossy) as copy:
        assert (copy.name, copy.precision, copy.window) == (untrained.name, "float32", untrained.window)
        assert copy.digest != untrained.digest
        assert (copy.trained_on, copy.fault) == ({}, "")
        expected = lossy.copy_of(read_weights(untrained.folder))
        assert {name: weight.tobytes() for name, weight in read_weights(copy.folder).items()} == {
            name: weight.tobytes() for name, weight in expected.items()
        }
        prompt, stop = copy.format.path_prompt(path), copy.format.stop
        served, reference = (
            list(engine.decoder(Decoding()).stream(prompt.ids, stop, 30)) for engine in (copy.engine, ReferenceEngine(copy.folder))
        )
        assert served == reference
        logits, expected_logits = (engine.logits(prompt.ids, 40) for engine in (copy.engine, ReferenceEngine(copy.folder)))
        np.testing.assert_allclose(logits, expected_logits, rtol=1e-3, atol=1e-4)
        assert not np.allclose(logits, untrained.engine.logits(prompt.ids, 40), rtol=1e-2, atol=1e-2)


def test_a_copy_goes_with_its_block(model: Model) -> None:
    with pytest.raises(ZeroDivisionError), lossy_copy(model, Lossy(8)) as copy:
        _ = copy.engine
        raise ZeroDivisionError
    assert not copy.folder.exists()


def test_as_shipped_the_model_itself_is_asked(model: Model) -> None:
    with asked_model(model, Lossy()) as asked:
        assert asked is model


def test_a_full_disk_is_told_in_one_sentence(model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module, "save_file", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(ValueError, match=r"^there is no room for a lossy copy of the model \(No space left on device\): point TMPDIR"):
        lossy_copy(model, Lossy(5)).__enter__()
    assert not list(tmp_path.iterdir())
