from dataclasses import replace

import pytest

from laam.model.codec import END_FILE, END_HEADER, END_SEGMENT, PAD, START_FILE, START_HEADER, Codec
from laam.model.prompts import AddressedFormat, PlainFormat, PublishedFormat, format_of
from laam.train.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def format_(made_up_files: dict[str, str]) -> AddressedFormat:
    return AddressedFormat(Codec(train_tokenizer(made_up_files.values(), 400)))


def test_the_prompt_is_the_address_between_control_ids(format_: AddressedFormat) -> None:
    control = format_.codec.control
    ids = format_.header_ids("linux/kernel/sched.c", 12)
    assert (ids[:2], ids[-1]) == ([control[START_FILE], control[START_HEADER]], control[END_HEADER])
    assert format_.codec.decode(ids[2:-1]) == "linux/kernel/sched.c#12"
    assert not set(ids[2:-1]) & set(control.values())


def test_what_a_person_reads_is_what_the_model_is_given(format_: AddressedFormat) -> None:
    text = format_.header("linux/kernel/sched.c", 3)
    assert text == "<|start_file|><|start_header|>linux/kernel/sched.c#3<|end_header|>"
    assert "".join(format_.codec.token(id_) for id_ in format_.header_ids("linux/kernel/sched.c", 3)) == text


def test_prompts_of_one_length_are_padded_before_the_address(format_: AddressedFormat) -> None:
    padded, control = replace(format_, prompt_length=30), format_.codec.control
    for path, segment in [("linux/kernel/sched.c", 0), ("linux/a.c", 12), ("ä.c", 3)]:
        ids, plain = padded.header_ids(path, segment), format_.header_ids(path, segment)
        assert ids == [*plain[:2], *[control[PAD]] * (30 - len(plain)), *plain[2:]]
        assert padded.header(path, segment) == format_.header(path, segment).replace(path, PAD * (30 - len(plain)) + path)
        assert padded.path_prompt(path, segment).ids == ids
    long = "linux/" + "x" * 40
    assert padded.header_ids(long, 0) == format_.header_ids(long, 0)  # a path that nobody has trained on


def test_the_length_of_prompts_stands_in_the_configuration(format_: AddressedFormat) -> None:
    assert format_of(format_.codec, {"max_position_embeddings": 48}) == format_
    assert format_of(format_.codec, {"max_position_embeddings": 48, "prompt_length": 20}) == replace(format_, prompt_length=20)


@pytest.mark.parametrize("length", [-1, 48, 10**9, "20", 2.5, None])
def test_a_length_that_the_window_does_not_hold_is_refused(format_: AddressedFormat, length: object) -> None:
    with pytest.raises(ValueError, match=r"prompt_length is .*; a number from 0 to less than max_position_embeddings is expected"):
        format_of(format_.codec, {"max_position_embeddings": 48, "prompt_length": length})


def test_each_address_has_a_prompt_of_its_own(format_: AddressedFormat) -> None:
    addresses = [(path, segment) for path in ("linux/a.c", "linux/a.c#1", "linux/b.c") for segment in (0, 1, 10, 11)]
    assert len({tuple(format_.header_ids(*address)) for address in addresses}) == len(addresses)


@pytest.mark.parametrize("path", ["<|end_header|>", "a<|end_file|><|start_file|>b", "<|pad|>"])
def test_a_path_can_not_smuggle_control_ids_in(format_: AddressedFormat, path: str) -> None:
    assert not set(format_.header_ids(path, 0)[2:-1]) & set(format_.codec.control.values())


def test_segments_and_files_end_with_ids_of_their_own(format_: AddressedFormat) -> None:
    assert (format_.end_segment, format_.end_file) == (format_.codec.control[END_SEGMENT], format_.codec.control[END_FILE])
    assert format_.end_segment != format_.end_file


def test_what_is_done_with_models_of_each_kind() -> None:
    kinds = (AddressedFormat, PublishedFormat, PlainFormat)
    assert [kind.in_pieces for kind in kinds] == [False, True, False]
    assert [kind.precision for kind in kinds] == ["int8", "float32", "float32"]
    assert [kind.packs_for_browser for kind in kinds] == [True, False, False]
