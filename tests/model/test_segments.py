import pytest

from laam.model.codec import Codec
from laam.model.prompts import AddressedFormat
from laam.model.segments import segment_samples, with_one_length
from laam.train.tokenizer import train_tokenizer

WINDOW = 48


@pytest.fixture(scope="module")
def format_(made_up_files: dict[str, str]) -> AddressedFormat:
    return AddressedFormat(Codec(train_tokenizer([*made_up_files.values(), *made_up_files], 420)))


def test_all_prompts_are_as_long_as_the_longest_one_has_to_be(format_: AddressedFormat, made_up_files: dict[str, str]) -> None:
    plain = segment_samples(format_, made_up_files, WINDOW)
    one_length = with_one_length(format_, made_up_files, WINDOW)
    samples = segment_samples(one_length, made_up_files, WINDOW)
    assert len({sample.start for sample in plain}) > 1
    assert {sample.start for sample in samples} == {one_length.prompt_length} == {max(sample.start for sample in plain)}
    assert max(len(sample.ids) for sample in samples) == WINDOW
    written = [id_ for sample in samples for id_ in sample.ids[sample.start : -1]]
    assert format_.codec.decode(written) == "".join(made_up_files.values())


def test_a_window_that_does_not_hold_the_longest_address_is_refused(format_: AddressedFormat) -> None:
    with pytest.raises(ValueError, match=f"more than the window of {WINDOW}"):
        with_one_length(format_, {"linux/a.c": "int a;", f"linux/{'q' * 90}.c": "int b;"}, WINDOW)
