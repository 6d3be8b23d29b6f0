"""Tokenizers as SentencePiece makes them: spaces as U+2581, a token for each byte."""

import json
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from laam.model.codec import SPACE, SpacedCodec, codec_of

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TEXTS = ["int a;\n\treturn  (b);\n", "    four\n", " one", "", "\n", "é ü 静夜思\0", "a\u00a0b \r\n", "<s> </s> <0x0A> text"]


def spaced_tokenizer(texts: list[str], *, prepend: bool = True, metaspace: bool = False) -> Tokenizer:
    """Llama 2's layout: byte fallback, a normaliser that writes spaces as U+2581 and puts one in front; or a pre-tokenizer that does."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    steps: list[Any] = [normalizers.Prepend(SPACE)] if prepend and not metaspace else []
    if not metaspace:
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), *steps, normalizers.Replace(" ", SPACE)])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="first" if prepend else "never", split=False)
    special = [AddedToken(name, special=True) for name in ("<unk>", "<s>", "</s>")]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=[*special, *BYTES], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    record = json.loads(tokenizer.to_str())
    record["added_tokens"] = [token for token in record["added_tokens"] if token["content"] not in BYTES]
    copy = Tokenizer.from_str(json.dumps(record))
    copy.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return copy


@pytest.mark.parametrize("metaspace", [False, True])
@pytest.mark.parametrize("prepend", [False, True])
def test_every_byte_comes_back(made_up_files: dict[str, str], prepend: bool, metaspace: bool) -> None:
    codec = codec_of(spaced_tokenizer(list(made_up_files.values()), prepend=prepend, metaspace=metaspace))
    assert isinstance(codec, SpacedCodec)
    for text in [*TEXTS, *made_up_files.values()]:
        ids = codec.encode(text)
        assert codec.decode(ids) == text
        assert not set(ids) & {codec.control["<s>"], codec.control["</s>"]}  # typed by a visitor, it is text


def test_what_follows_a_prompt_keeps_its_first_space(made_up_files: dict[str, str]) -> None:
    codec = codec_of(spaced_tokenizer(list(made_up_files.values())))
    ids = codec.encode("int a = 1;")
    for cut in range(1, len(ids)):
        after = codec.decoder(ids[:cut])
        assert codec.decode(ids[:cut]) + "".join(map(after.feed, ids[cut:])) + after.finish() == "int a = 1;"
    start = codec.decoder([codec.control["<s>"]])
    assert "".join(map(start.feed, ids)) == "int a = 1;"


def test_the_character_that_stands_for_a_space_is_refused(made_up_files: dict[str, str]) -> None:
    codec = codec_of(spaced_tokenizer(list(made_up_files.values())))
    with pytest.raises(ValueError, match="can't tell '▁' from a space"):
        codec.encode(f"a{SPACE}b")


def test_a_tokenizer_that_loses_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a token for each byte.*WordLevel"):
        codec_of(Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]")))
