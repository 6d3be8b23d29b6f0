import pytest

from laam.model.codec import SPECIAL_TOKENS, Codec
from laam.train.tokenizer import MAX_TOKEN_BYTES, train_tokenizer

TEXTS = [
    "",
    " ",
    *[" " * n for n in range(1, 10)],
    "\t\t a  b   c    d\n\n\n\tif (x)\r\n\f\v",
    "no newline at the end",
    "umlaut ä, euro €, emoji 🐧, combining é",
    "".join(SPECIAL_TOKENS),
    "a<|end_file|>b",
    "\0\x01\x7f",
]


@pytest.fixture(scope="module")
def codec(made_up_files: dict[str, str]) -> Codec:
    return Codec(train_tokenizer(made_up_files.values(), 400))


@pytest.mark.parametrize("text", TEXTS)
def test_every_byte_comes_back_also_one_id_at_a_time(codec: Codec, text: str) -> None:
    ids, decoder = codec.encode(text), codec.decoder()
    assert codec.decode(ids) == "".join(map(decoder.feed, ids)) + decoder.finish() == text


def test_the_corpus_comes_back_and_is_shorter_than_its_bytes(codec: Codec, made_up_files: dict[str, str]) -> None:
    for text in made_up_files.values():
        ids = codec.encode(text)
        assert codec.decode(ids) == text
        assert len(ids) < len(text)


def test_a_character_split_over_tokens_is_held_back(codec: Codec) -> None:
    decoder = codec.decoder()
    pieces = [decoder.feed(id_) for id_ in codec.encode("🐧")]
    assert pieces == ["", "", "", "🐧"]


def test_bytes_that_are_no_character_are_replaced_at_the_end(codec: Codec) -> None:
    decoder = codec.decoder()
    assert decoder.feed(codec.encode("é")[0]) == ""
    assert decoder.finish() == "\N{REPLACEMENT CHARACTER}"


def test_special_tokens_in_a_text_are_text(codec: Codec) -> None:
    assert not set(codec.encode("".join(SPECIAL_TOKENS))) & set(codec.control.values())


def test_control_ids_are_the_first_and_decode_to_nothing(codec: Codec) -> None:
    assert [codec.control[token] for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))
    assert codec.decode(list(codec.control.values())) == ""


def test_no_token_is_long(codec: Codec) -> None:
    assert max(len(codec.token(id_)) for id_ in range(codec.vocab_size) if id_ not in codec.control.values()) <= MAX_TOKEN_BYTES
