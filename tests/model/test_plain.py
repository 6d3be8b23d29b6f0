"""Byte-level tokenizers and models that were not made here: prefix mode only."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from laam.emission.ask import Ask
from laam.emission.emit import Ended, Prompted, emit
from laam.emission.question import Question
from laam.model.codec import Codec, PublishedCodec, codec_of
from laam.model.convert import converted_folder
from laam.model.engine import Decoding, load_engine
from laam.model.model import Model
from laam.model.prompts import PlainFormat, format_of
from laam.model.reference import ReferenceEngine
from tests.model.written import written

END = "<|endoftext|>"
WINDOW = 40
SHAPE: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
    "max_position_embeddings": WINDOW,
}  # fmt: skip


def byte_level_tokenizer(texts: list[str]) -> Tokenizer:
    """As GPT-2's: one special token, and words with the space before them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


@pytest.fixture(scope="module")
def plain(made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A Llama with random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("plain")
    tokenizer = byte_level_tokenizer(list(made_up_files.values()))
    config = LlamaConfig(vocab_size=tokenizer.get_vocab_size() + 3, bos_token_id=0, eos_token_id=0, initializer_range=0.3, **SHAPE)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return Model("plain", folder, tmp_path_factory.mktemp("plain-cache"))


def test_source_is_continued_after_the_start_token(plain: Model) -> None:
    source = "static int ring_0(int a)\n{\n\treturn"
    [prompted], _, ended = written(Question(Ask(source=source)), plain)
    assert isinstance(plain.format, PlainFormat)
    assert prompted.prompt == END + source[prompted.cut_characters :]
    assert prompted.prompt[-prompted.source_characters :] == source[prompted.cut_characters :]
    assert plain.format.source_prompt("int", WINDOW).ids[0] == plain.codec.control[END]
    assert ended.reason in ("window end", "end of file")


def test_the_reference_gives_the_same_ids(plain: Model) -> None:
    prompt, stop = plain.format.source_prompt("int a;", WINDOW).ids, plain.format.stop
    expected = list(ReferenceEngine(plain.folder).decoder(Decoding()).stream(prompt, stop, 8))
    # In float32: a model that is sure of nothing, like this one, says other things in int8.
    engine = load_engine(converted_folder(plain.folder, plain.digest, plain.cache, "float32"), plain.codec)
    assert list(engine.decoder(Decoding()).stream(prompt, stop, 8)) == expected


def test_it_slides_to_the_limit_and_repeats_by_its_seed(plain: Model) -> None:
    request = Question(Ask(decoding=Decoding(1.0, 0, 5), max_tokens=90, source="int", slide=True))
    prompts, _, ended = found = written(request, plain)
    assert found == written(request, plain)
    assert ended.reason == "end of file" or (ended == Ended("token limit", 90) and len(prompts) > 2)


def test_it_is_not_asked_by_path(plain: Model) -> None:
    with pytest.raises(ValueError, match="give it source"):
        list(emit(Question(Ask("linux/kernel/sched.c")), plain))


def test_an_empty_prompt_is_the_start_token(plain: Model) -> None:
    assert next(emit(Question(Ask()), plain)) == Prompted(0, END, "empty")
    with pytest.raises(ValueError, match="give it source"):
        format_of(plain.codec, {}).empty_prompt()


def test_several_end_tokens_are_understood(plain: Model) -> None:
    assert format_of(plain.codec, {"bos_token_id": None, "eos_token_id": [4, 7]}) == PlainFormat(plain.codec, None, (4, 7))


def test_control_tokens_typed_in_source_are_text(plain: Model) -> None:
    assert plain.format.source_prompt(END, WINDOW).ids.count(plain.codec.control[END]) == 1


@pytest.mark.parametrize("add_prefix_space", [False, True])
def test_what_a_tokenizer_does_to_a_text_of_its_own_accord_is_left_out(made_up_files: dict[str, str], add_prefix_space: bool) -> None:
    tokenizer = byte_level_tokenizer(list(made_up_files.values()))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{END} $A", special_tokens=[(END, 0)])
    tokenizer.add_tokens([AddedToken("        ", normalized=True), AddedToken("\t\t", lstrip=True, rstrip=True)])
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=99)
    codec = codec_of(tokenizer)
    assert not isinstance(codec, PublishedCodec)
    for text in ["e\u0301", "a            b", " \t\t c", "x = 1234;", *made_up_files.values()]:
        assert codec.decode(codec.encode(text)) == text


def test_a_tokenizer_is_not_changed_by_its_codec(made_up_files: dict[str, str]) -> None:
    tokenizer = byte_level_tokenizer(list(made_up_files.values()))
    before = tokenizer.to_str()
    codec_of(tokenizer)
    assert tokenizer.to_str() == before
    assert not tokenizer.encode_special_tokens


@pytest.mark.parametrize("model", [models.BPE(byte_fallback=True), models.WordLevel(), models.Unigram()])
def test_a_tokenizer_of_another_kind_is_refused(model: models.Model, tmp_path: Path) -> None:
    Tokenizer(model).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ValueError, match=r"tokenizer\.json: only tokenizers with a token for each byte"):
        Codec.load(tmp_path)


def test_a_folder_that_holds_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps([]), "utf-8")
    with pytest.raises(ValueError, match="not a readable tokenizer"):
        Codec.load(tmp_path)
