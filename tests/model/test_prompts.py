import pytest

from laam.model.codec import END_FILE, END_HEADER, END_SEGMENT, START_FILE, START_HEADER, Codec
from laam.model.prompts import AddressedFormat, PlainFormat, PublishedFormat
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
