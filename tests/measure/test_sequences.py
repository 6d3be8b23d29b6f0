from types import SimpleNamespace
from typing import Any

from laam.measure.sequences import training_sequences
from laam.model.model import Model
from laam.model.prompts import AddressedFormat, PlainFormat, PublishedFormat

TEXTS = {"linux/a.c": "int a;\n" * 200, "linux/b.c": "int b;\n"}


def test_a_segment_begins_with_its_address(model: Model) -> None:
    assert isinstance(model.format, AddressedFormat)
    found = training_sequences(model, TEXTS)
    header = model.format.header_ids("linux/a.c", 1)
    assert found.ids[1][: len(header)] == header
    assert all(len(ids) < model.window for ids in found.ids)  # the closing token is left out
    assert found.texts == [0] * (len(found.ids) - 1) + [1]
    assert model.format.end_file not in {id_ for ids in found.ids for id_ in ids}


def test_only_the_first_piece_of_a_published_model_has_the_path(published: Model) -> None:
    assert isinstance(published.format, PublishedFormat)
    found = training_sequences(published, TEXTS)
    header = published.format.header_ids("linux/a.c")
    of_first = [ids for ids, text in zip(found.ids, found.texts, strict=True) if text == 0]
    assert of_first[0][: len(header)] == header
    assert [id_ for ids in of_first for id_ in ids] == [*header, *published.codec.encode(TEXTS["linux/a.c"]), *published.format.stop]
    assert {len(ids) for ids in of_first[:-1]} == {published.window}


def test_of_any_other_model_a_file_is_one(model: Model) -> None:
    plain: Any = SimpleNamespace(format=PlainFormat(model.codec), codec=model.codec, window=48)
    found = training_sequences(plain, TEXTS)
    assert found.ids == [model.codec.encode(text) for text in TEXTS.values()]
    assert "it isn't known how the model was trained" in found.what
