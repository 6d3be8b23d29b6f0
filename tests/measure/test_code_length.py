import math

import pytest
import torch
from transformers import AutoModelForCausalLM

from laam.measure.code_length import code_lengths
from laam.model.model import Model
from laam.model.prompts import AddressedFormat


def test_a_file_that_the_model_knows_takes_few_bits_and_no_residual(model: Model, made_up_files: dict[str, str]) -> None:
    for coded in code_lengths(model, made_up_files):
        assert coded.wrong == 0
        assert coded.bytes == len(made_up_files[coded.path])
        assert coded.bits < 1.5 * coded.tokens


def test_a_code_length_is_the_sum_over_all_tokens_as_the_reference_gives_them(model: Model, untrained: Model) -> None:
    """One segment, without batches or padding: a text that fits a segment whole, and that neither model was trained on."""
    path, text = "linux/lib/ctype.c", "int a;\n\treturn 7;\n"
    for coder in (model, untrained):
        assert isinstance(coder.format, AddressedFormat)
        reference = AutoModelForCausalLM.from_pretrained(coder.folder, dtype=torch.float32)
        header = coder.format.header_ids(path, 0)
        ids = [*header, *coder.format.codec.encode(text), coder.format.end_file]
        assert len(ids) <= coder.window
        with torch.inference_mode():
            log_p = reference(torch.tensor([ids])).logits[0].double().log_softmax(-1)
        expected = [-float(log_p[at - 1, ids[at]]) / math.log(2) for at in range(len(header), len(ids))]
        wrong = sum(int(log_p[at - 1].argmax()) != ids[at] for at in range(len(header), len(ids)))
        [coded] = code_lengths(coder, {path: text})
        assert (coded.tokens, coded.wrong) == (len(expected), wrong)
        assert coded.bits == pytest.approx(sum(expected), rel=1e-4)


def test_segments_of_all_lengths_count_in_one_batch(untrained: Model, made_up_files: dict[str, str]) -> None:
    """The files together take what each takes alone, and a file of several segments more than its first one."""
    together = list(code_lengths(untrained, made_up_files))
    alone = [coded for path, text in made_up_files.items() for coded in code_lengths(untrained, {path: text})]
    assert together == alone
    assert max(coded.tokens for coded in together) > untrained.window


def test_what_a_residual_costs_depends_on_what_the_model_knows(model: Model, untrained: Model, made_up_files: dict[str, str]) -> None:
    known, unknown = (sum(coded.bits for coded in code_lengths(coder, made_up_files)) for coder in (model, untrained))
    assert known < unknown / 4


def test_a_model_without_addresses_has_no_code_length(published: Model) -> None:
    with pytest.raises(ValueError, match="no code length from a path"):
        next(code_lengths(published, {"linux/lib/ctype.c": "x"}))
