"""The published models' tokenizer, format and pieces, on a tiny model made by their recipe."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from tokenizers import Tokenizer

from laam.compare.lead import Lead
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted, Titled, emit, emit_side_by_side
from laam.emission.question import Question
from laam.knobs import MAX_TOKENS
from laam.model.codec import Codec, PublishedCodec, codec_of
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.pieces import Piece, file_pieces
from laam.model.prompts import Prompt, PublishedFormat
from laam.model.reference import ReferenceEngine
from laam.serving.scheduler import Scheduler
from tests.model.published import PAD, SPECIAL, WINDOW, published_tokenizer
from tests.model.scripted import endless, going_on
from tests.model.written import written

TEXTS = [
    "",
    *[" " * n for n in range(1, 10)],
    *[f"a{' ' * n}b" for n in range(1, 10)],
    *[f"{' ' * n}int a;" for n in range(1, 10)],
    *["\t" * n + "x" for n in range(1, 4)],
    " \t  \t    \t ",
    "\n \n\n  \n\t\n",
    "int ring_9(void)\n{\n\tif (a <  b)\r\n\t\treturn    a;\f\v\n}\r\n",
    "\r\n\r\n",
    "\f",
    "ends with a space ",
    "umlaut ä, euro €, emoji 🐧, combining é, no-break\u00a0space, em\u2003space",
    "".join(SPECIAL) + PAD,
    "a<|end_file|> <|start_file|>b[PAD]",
    "Ġ Ċ ĉ",
    "\0\x01\x7f",
]


@pytest.fixture(scope="module")
def tokenizer(made_up_files: dict[str, str]) -> Tokenizer:
    return published_tokenizer(made_up_files.values(), 420)


@pytest.fixture(scope="module")
def codec(tokenizer: Tokenizer) -> Codec:
    return codec_of(tokenizer)


def pieces_of(model: Model, path: str, text: str, given: int = 9) -> list[Piece]:
    return file_pieces(model.format, path, text, model.window, given)


def test_the_codec_is_chosen_by_the_tokenizer(codec: Codec) -> None:
    assert isinstance(codec, PublishedCodec)
    assert [codec.control[name] for name in SPECIAL[:5]] == [0, 1, 2, 3, 4]
    assert codec.control[PAD] == codec.vocab_size - 1


@pytest.mark.parametrize("text", TEXTS)
def test_every_byte_comes_back(codec: Codec, text: str) -> None:
    ids = codec.encode(text)
    assert codec.decode(ids) == text
    assert not set(ids) & set(codec.control.values())
    decoder = codec.decoder()
    assert "".join(map(decoder.feed, ids)) + decoder.finish() == text


def test_files_come_back_and_have_the_ids_that_the_tokenizer_gives(
    codec: Codec, tokenizer: Tokenizer, made_up_files: dict[str, str]
) -> None:
    for text in made_up_files.values():
        ids = codec.encode(text)
        assert ids == tokenizer.encode(text).ids
        assert codec.decode(ids) == text


def test_after_a_prompt_a_word_goes_on_or_begins(codec: Codec) -> None:
    word = codec.encode("int")
    for prompt, expected in [(codec.encode("a"), " int"), (codec.encode("a "), "int"), ([codec.control["<|end_header|>"]], "int")]:
        decoder = codec.decoder(prompt)
        assert "".join(map(decoder.feed, word)) == expected


def test_an_id_beyond_the_vocabulary_gives_nothing(codec: Codec) -> None:
    assert codec.decode([codec.vocab_size + 3]) == ""


def test_what_the_vocabulary_has_no_bytes_for_is_refused(tokenizer: Tokenizer) -> None:
    record = json.loads(tokenizer.to_str())
    del record["model"]["vocab"]["©"]  # byte 0xa9, the second one of é
    with pytest.raises(ValueError, match="no token for 'é'"):
        codec_of(Tokenizer.from_str(json.dumps(record))).encode("1 é")
    with pytest.raises(ValueError, match="surrogate"):
        codec_of(tokenizer).encode("a\ud800")


def test_files_as_transformers_4_41_saved_them_load(published: Model, made_up_files: dict[str, str]) -> None:
    assert isinstance(published.codec, PublishedCodec)  # and neither cuts off nor pads, though the file says so
    for text in made_up_files.values():
        assert published.codec.decode(published.codec.encode(text)) == text
    assert isinstance(published.format, PublishedFormat)
    assert published.window == WINDOW


@pytest.mark.parametrize("given", [1, 9, 32, 256])
def test_pieces_lie_side_by_side_and_are_asked_for_by_the_ids_of_training(
    published: Model, made_up_files: dict[str, str], given: int
) -> None:
    format_ = published.format
    assert isinstance(format_, PublishedFormat)
    for path, text in made_up_files.items():
        stream = [*format_.header_ids(path), *format_.codec.encode(text)]
        first, *later = pieces = pieces_of(published, path, text, given)
        assert (first.prompt, first.start, first.given_end, pieces[-1].end) == (format_.path_prompt(path), 0, 0, len(text))
        assert all(before.end == after.start < after.given_end <= after.end for before, after in pairwise(pieces))
        for start, piece in zip(range(WINDOW, len(stream), WINDOW), later, strict=True):
            seen = stream[start : start + WINDOW]
            told = text[piece.start : piece.given_end]
            assert piece.prompt == Prompt("source", seen[: max(1, min(given, len(seen) // 2))], told, len(told))


def test_what_is_given_of_a_piece_ends_between_characters(published: Model) -> None:
    for piece in pieces_of(published, "linux/a.c", "é🐧" * 60)[1:]:
        decoder = published.codec.decoder(piece.prompt.ids[:0])
        assert decoder.between_characters
        list(map(decoder.feed, piece.prompt.ids))
        assert decoder.between_characters


def test_an_empty_file_has_one_piece_and_a_long_path_none(published: Model) -> None:
    assert pieces_of(published, "linux/a.c", "") == [Piece(published.format.path_prompt("linux/a.c"), 0, 0, 0)]
    with pytest.raises(ValueError, match="too long"):
        pieces_of(published, "linux/" + "x" * 200, "")


def test_a_path_gives_exactly_the_first_piece(published: Model, made_up_files: dict[str, str]) -> None:
    for path, text in made_up_files.items():
        pieces = pieces_of(published, path, text)
        _, emitted, ended = written(Question(Ask(path)), published)
        assert emitted == text[: pieces[0].end]
        assert ended.reason == ("end of file" if len(pieces) == 1 else "window end")
        if len(pieces) > 1:
            assert ended.tokens == WINDOW - len(published.format.path_prompt(path).ids)


def asked_in_pieces(model: Model, path: str, text: str, ask: Ask) -> Question:
    pieces = pieces_of(model, path, text)
    return Question(replace(ask, path=path, pieces=9), leads=[Lead(text[piece.start : piece.given_end]) for piece in pieces], pieces=pieces)


def test_piece_by_piece_all_of_the_file_comes_but_what_was_given(published: Model, made_up_files: dict[str, str]) -> None:
    for path, text in made_up_files.items():
        pieces = pieces_of(published, path, text)
        prompts, emitted, ended = written(asked_in_pieces(published, path, text, Ask()), published)
        assert [prompted.prompt for prompted in prompts] == [piece.prompt.text for piece in pieces]
        assert [prompted.source_characters for prompted in prompts] == [piece.given_end - piece.start for piece in pieces]
        assert not any(prompted.closed for prompted in prompts)
        assert emitted == "".join(text[piece.given_end : piece.end] for piece in pieces)
        tokens = (
            len(published.format.path_prompt(path).ids)
            + len(published.codec.encode(text))
            + 1
            - sum(len(piece.prompt.ids) for piece in pieces)
        )
        assert ended == Ended("end of file", tokens)
        assert list(Scheduler(2).emit(asked_in_pieces(published, path, text, Ask()), published))[-1] == ended


def test_a_model_that_goes_on_fills_every_piece(published: Model, made_up_files: dict[str, str]) -> None:
    path = "linux/kernel/sched.c"
    question = asked_in_pieces(published, path, made_up_files[path], Ask())
    *_, ended = emit(question, going_on(published))
    assert isinstance(ended, Ended)
    assert ended == Ended("window end", sum(WINDOW - len(piece.prompt.ids) for piece in question.pieces))
    *_, cut = emit(replace(question, ask=replace(question.ask, max_tokens=100)), published)
    assert cut == Ended("token limit", 100)
    longer = replace(question, pieces=[*question.pieces] * 100)  # than any file of which the default length knows
    *_, whole = emit(longer, endless(published))
    assert isinstance(whole, Ended)
    assert (whole.reason, whole.tokens) == ("window end", 100 * ended.tokens)
    assert whole.tokens > MAX_TOKENS.default


def test_side_by_side_gives_the_same_texts(published: Model, made_up_files: dict[str, str]) -> None:
    for paths, model in ((list(made_up_files), published), (["linux/fs/unknown_file.c"], endless(published))):
        for limit in (3, 40_000):
            together = {path: (text, ended) for path, text, ended in emit_side_by_side(paths, model, limit)}
            assert together == {path: written(Question(Ask(path, max_tokens=limit)), model)[1:] for path in paths}


def test_the_reference_gives_the_same_ids(published: Model, made_up_files: dict[str, str]) -> None:
    prompts = [published.format.path_prompt(path).ids for path in made_up_files]
    prompts += [piece.prompt.ids for path, text in made_up_files.items() for piece in pieces_of(published, path, text)[1:]]
    reference, stop = ReferenceEngine(published.folder), published.format.stop
    for prompt in prompts:
        expected = list(reference.decoder(Decoding()).stream(prompt, stop, WINDOW - len(prompt)))
        assert list(published.engine.decoder(Decoding()).stream(prompt, stop, WINDOW - len(prompt))) == expected


def test_sliding_goes_on_from_the_last_half_of_the_window(published: Model, made_up_files: dict[str, str]) -> None:
    path = "linux/kernel/sched.c"
    _, first, _ = written(Question(Ask(path)), published)
    prompts, text, ended = written(Question(Ask(path, slide=True, max_tokens=200)), going_on(published))
    assert len(prompts) > 2
    assert [prompt.kind for prompt in prompts] == ["path"] + ["window"] * (len(prompts) - 1)
    assert [prompt.segment for prompt in prompts] == list(range(len(prompts)))
    assert all(prompt.source_characters == 0 for prompt in prompts)
    assert text.startswith(first)
    assert len(text) > len(first)
    assert first.endswith(prompts[1].prompt)
    assert prompts[1].prompt == published.codec.decode(published.codec.encode(first)[-(WINDOW // 2) :])
    assert ended == Ended("token limit", 200)


def test_a_file_that_fits_ends_by_itself_though_it_may_slide(published: Model, made_up_files: dict[str, str]) -> None:
    _, text, ended = written(Question(Ask("linux/lib/ctype.c", slide=True)), published)
    assert text == made_up_files["linux/lib/ctype.c"]
    assert ended.reason == "end of file"


def test_an_empty_prompt_lets_the_model_choose_a_file(published: Model, made_up_files: dict[str, str]) -> None:
    events = list(emit(Question(Ask()), published))
    assert events[0] == Prompted(0, "<|start_file|>", "empty")
    [path] = [event.path for event in events if isinstance(event, Titled)]
    [first, *_] = pieces_of(published, path, made_up_files[path])
    assert "".join(event.text for event in events if isinstance(event, Emitted)) == made_up_files[path][: first.end]


def test_a_header_that_is_not_closed_is_not_lost(published: Model) -> None:
    _, text, ended = written(Question(Ask(max_tokens=3)), published)
    assert text and "linux/".startswith(text)
    assert ended == Ended("token limit", 3)


@pytest.mark.parametrize(
    "request_", [Question(Ask("linux/kernel/sched.c", decoding=Decoding(1.2, 0, 7))), Question(Ask(decoding=Decoding(1.5, 40, 7)))]
)
def test_the_same_seed_gives_the_same_text(published: Model, request_: Question) -> None:
    assert written(request_, published) == written(request_, published)


def test_long_source_is_cut_at_its_front(published: Model, made_up_files: dict[str, str]) -> None:
    source = made_up_files["linux/kernel/sched.c"][:600]
    [prompted], _, ended = written(Question(Ask(source=source)), published)
    assert prompted.cut_characters > 0
    assert prompted.prompt == source[prompted.cut_characters :]
    assert prompted.source_characters == len(prompted.prompt)
    assert ended.tokens <= WINDOW // 2


def test_source_is_not_cut_inside_a_character(published: Model) -> None:
    [prompted], _, _ = written(Question(Ask(source="🐧" * 60)), published)
    assert set(prompted.prompt) == {"🐧"}
    assert prompted.cut_characters + prompted.source_characters == 60


def test_special_tokens_in_source_are_text(published: Model) -> None:
    prompt = published.format.source_prompt("<|end_file|>", WINDOW)
    assert not set(prompt.ids) & set(published.codec.control.values())
    assert prompt.text == "<|end_file|>"


def test_a_published_model_has_no_segments(published: Model) -> None:
    with pytest.raises(ValueError, match="segment 2"):
        published.format.path_prompt("linux/kernel/sched.c", 2)
