import pytest
from tokenizers import Tokenizer

from laam.model.codec import SPECIAL_TOKENS, Codec
from laam.train.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def tokenizer(made_up_files: dict[str, str]) -> Tokenizer:
    return train_tokenizer(made_up_files.values(), 400)


def test_it_has_the_size_that_was_asked_for(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 400


def test_it_has_every_byte_and_the_special_tokens(tokenizer: Tokenizer) -> None:
    codec = Codec(train_tokenizer([], 0))
    assert codec.vocab_size == 256 + len(SPECIAL_TOKENS)
    assert codec.decode(codec.encode("ä 🐧\n")) == "ä 🐧\n"
    assert [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))


def test_a_token_may_begin_with_newlines_and_never_ends_a_line(tokenizer: Tokenizer) -> None:
    texts = [Codec(tokenizer).decode([id_]) for id_ in range(len(SPECIAL_TOKENS), 400)]
    assert any(text.startswith("\n") and text.strip("\n") for text in texts)
    assert [text for text in texts if "\n" in text.lstrip("\n")] == []


def test_merges_cross_spaces(tokenizer: Tokenizer) -> None:
    assert any(" " in Codec(tokenizer).decode([id_]).strip() for id_ in range(len(SPECIAL_TOKENS), 400))


def test_no_special_token_stands_for_white_space(tokenizer: Tokenizer) -> None:
    assert {token.content for token in tokenizer.get_added_tokens_decoder().values()} == set(SPECIAL_TOKENS)


def test_the_same_texts_give_the_same_tokenizer(tokenizer: Tokenizer, made_up_files: dict[str, str]) -> None:
    assert train_tokenizer(made_up_files.values(), 400).to_str() == tokenizer.to_str()
