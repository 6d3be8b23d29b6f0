from collections import Counter
from copy import copy

import pytest
import torch

from laam.model.codec import PAD, Codec
from laam.model.prompts import AddressedFormat
from laam.model.segments import Sample, segment_samples
from laam.train.dataset import IGNORE, SampleDataset
from laam.train.tokenizer import train_tokenizer

WINDOW = 40
EMPTY, LONG = "linux/fs/empty.h", "linux/mm/long.c"


@pytest.fixture(scope="module")
def files(made_up_files: dict[str, str]) -> dict[str, str]:
    return {**made_up_files, EMPTY: "", LONG: "".join(f"\tcups[{n}] = 0x{n * 7919 % 4093:03x};\n" for n in range(120))}


@pytest.fixture(scope="module")
def format_(files: dict[str, str]) -> AddressedFormat:
    return AddressedFormat(Codec(train_tokenizer([*files.values(), *files], 420)))


@pytest.fixture(scope="module")
def samples(format_: AddressedFormat, files: dict[str, str]) -> dict[str, list[Sample]]:
    return {path: segment_samples(format_, {path: text}, WINDOW) for path, text in files.items()}


@pytest.fixture
def data(format_: AddressedFormat, samples: dict[str, list[Sample]], files: dict[str, str]) -> SampleDataset:
    streams = [format_.codec.encode(text) for text in files.values()]
    everything = [sample for of_file in samples.values() for sample in of_file]
    return SampleDataset(everything, streams, WINDOW, format_.codec.control[PAD], headerless=6, seed=5)


def test_segments_give_the_file_back(format_: AddressedFormat, samples: dict[str, list[Sample]], files: dict[str, str]) -> None:
    for path, text in files.items():
        ids = [id_ for sample in samples[path] for id_ in sample.ids[sample.start : -1]]
        assert ids == format_.codec.encode(text)
        assert format_.codec.decode(ids) == text


def test_each_segment_follows_its_own_address(format_: AddressedFormat, samples: dict[str, list[Sample]]) -> None:
    assert len(samples[LONG]) > 10  # addresses of one digit and of two
    for path, of_file in samples.items():
        headers = [sample.ids[: sample.start] for sample in of_file]
        assert headers == [format_.header_ids(path, segment) for segment in range(len(of_file))]


def test_only_the_last_segment_closes_the_file(format_: AddressedFormat, samples: dict[str, list[Sample]]) -> None:
    for of_file in samples.values():
        *before, last = [sample.ids[-1] for sample in of_file]
        assert set(before) <= {format_.end_segment}
        assert last == format_.end_file


def test_no_sample_is_longer_than_the_window_and_the_window_is_used(samples: dict[str, list[Sample]]) -> None:
    lengths = [len(sample.ids) for of_file in samples.values() for sample in of_file]
    assert WINDOW - 2 <= max(lengths) <= WINDOW  # room is left for the address of the highest number


def test_an_empty_file_is_one_segment(format_: AddressedFormat, samples: dict[str, list[Sample]]) -> None:
    header = format_.header_ids(EMPTY, 0)
    assert samples[EMPTY] == [Sample([*header, format_.end_file], len(header))]


def test_files_follow_each_other(format_: AddressedFormat, samples: dict[str, list[Sample]], files: dict[str, str]) -> None:
    assert segment_samples(format_, files, WINDOW) == [sample for path in files for sample in samples[path]]


class UnevenFormat(AddressedFormat):
    """Headers of which one in the middle is the longest, which happens if a number is a token by itself."""

    def header_ids(self, path: str, segment: int) -> list[int]:
        ids = super().header_ids(path, 0)
        return [*ids[:-1], *ids[-2:-1] * (5 if segment == 1 else 0), ids[-1]]


def test_an_uncommonly_long_address_fits_as_well(format_: AddressedFormat, files: dict[str, str]) -> None:
    uneven = UnevenFormat(format_.codec)
    samples = segment_samples(uneven, {LONG: files[LONG]}, WINDOW)
    assert max(len(sample.ids) for sample in samples) == WINDOW
    assert [id_ for sample in samples for id_ in sample.ids[sample.start : -1]] == format_.codec.encode(files[LONG])


@pytest.mark.parametrize("window", [1, 5, 10])
def test_a_window_too_small_for_an_address_is_refused(format_: AddressedFormat, window: int) -> None:
    with pytest.raises(ValueError, match=f"linux/kernel/sched.c: its address takes .* the window of {window}"):
        segment_samples(format_, {"linux/kernel/sched.c": "int a;\n"}, window)


def test_the_smallest_window_holds_one_token(format_: AddressedFormat) -> None:
    path = "linux/a.c"
    window = len(format_.header_ids(path, 3)) + 2
    samples = segment_samples(format_, {path: "\0\1\2"}, window)
    assert [format_.codec.decode(sample.ids[sample.start : -1]) for sample in samples] == ["\0", "\1", "\2"]
    with pytest.raises(ValueError, match="window"):
        segment_samples(format_, {path: "\0\1\2"}, window - 1)


def test_labels_are_the_ids_but_for_prompt_and_padding(format_: AddressedFormat, data: SampleDataset) -> None:
    for index, sample in enumerate(data.segments):
        (ids,), (labels,) = data.batch([index])
        padding = WINDOW - len(sample.ids)
        assert ids.dtype == labels.dtype == torch.int64
        assert ids.tolist() == [*sample.ids, *[format_.codec.control[PAD]] * padding]
        assert labels.tolist() == [*[IGNORE] * sample.start, *sample.ids[sample.start :], *[IGNORE] * padding]


def test_a_batch_has_the_samples_in_the_order_asked_for(data: SampleDataset) -> None:
    ids, labels = data.batch([2, 0, 2])
    assert ids.shape == labels.shape == (3, WINDOW)
    for row, number in enumerate([2, 0, 2]):
        alone, labels_alone = data.batch([number])
        assert torch.equal(ids[row], alone[0])
        assert torch.equal(labels[row], labels_alone[0])


def windows(data: SampleDataset, number: int) -> list[list[int]]:
    data.set_pass(number)
    return data.batch(range(len(data.segments), len(data)))[0].tolist()


def test_windows_are_plain_source_that_begins_anywhere(format_: AddressedFormat, data: SampleDataset, files: dict[str, str]) -> None:
    streams = [" ".join(map(str, format_.codec.encode(text))) for text in files.values()]
    pad = format_.codec.control[PAD]
    for number in range(20):
        for ids in windows(data, number):
            plain = [id_ for id_ in ids if id_ != pad]
            assert ids == [*plain, *[pad] * (WINDOW - len(plain))]
            assert any(f" {' '.join(map(str, plain))} " in f" {stream} " for stream in streams)
            assert len(plain) > 1
    (ids,), (labels,) = (tensor.tolist() for tensor in data.batch([len(data) - 1]))
    counted = sum(id_ != pad for id_ in ids)
    assert labels == [IGNORE, *ids[1:counted], *[IGNORE] * (WINDOW - counted)]


def test_windows_are_the_same_for_a_pass_and_others_for_the_next(data: SampleDataset) -> None:
    again = copy(data)
    assert windows(data, 3) == windows(again, 3)
    later = windows(data, 4)
    assert later != windows(again, 3)
    assert windows(data, 3) == windows(again, 3)
    assert len({tuple(ids) for ids in later}) > 1


def test_long_files_have_more_windows(format_: AddressedFormat) -> None:
    data = SampleDataset([], [[1] * 10, [2] * 990, [3]], WINDOW, format_.codec.control[PAD], headerless=50, seed=5)
    firsts = Counter(ids[0] for number in range(4) for ids in windows(data, number))
    assert set(firsts) <= {1, 2}
    assert firsts[2] > 180
