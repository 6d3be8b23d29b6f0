from typing import Any

import pytest

from laam.compare.live import Comparison
from laam.corpus.lines import split_lines
from laam.corpus.original import OriginalPart
from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Prompted, emit
from laam.emission.question import NO_FILE_TOKENS, Question, question_of
from laam.emission.transcript import Transcript
from laam.model.model import Model
from laam.model.pieces import Piece

PATH = "linux/kernel/sched.c"


@pytest.fixture
def lines(made_up_files: dict[str, str]) -> list[str]:
    return split_lines(made_up_files[PATH])


def pieces_of(model: Model, path: str, text: str) -> list[Piece]:
    return model.format.file_pieces(path, text, model.window)


def compared(question: Question, model: Model, originals: Originals) -> Comparison:
    transcript = Transcript(question, originals)
    for event in emit(question, model):
        transcript.take(event)
    found = transcript.compare()
    assert isinstance(found, Comparison)
    return found


def first_line(question: Question) -> int:
    assert question.original is not None
    return question.original.first_line


def test_a_path_is_held_against_the_whole_file(model: Model, originals: Originals) -> None:
    question = question_of(Ask("sched.c", slide=True, max_tokens=9), model, originals)
    assert (question.ask.path, question.kind) == (PATH, "path")
    assert (question.ask.slide, question.ask.max_tokens) == (True, 9)
    assert not isinstance(question.original, OriginalPart)
    assert (question.lead.text, question.location) == ("", None)


def test_an_empty_prompt_is_held_against_nothing_yet(published: Model, originals: Originals) -> None:
    question = question_of(Ask(), published, originals)
    assert (question.kind, question.ask.path, question.original) == ("empty", "", None)


# Source


@pytest.mark.parametrize("has_text", [False, True])
@pytest.mark.parametrize("cut", [0, 1, 5])
def test_source_of_a_file_is_held_against_what_follows(
    model: Model, originals: Originals, readable: Originals, lines: list[str], has_text: bool, cut: int
) -> None:
    source = "".join(lines[6:16]) + lines[16][:cut]
    question = question_of(Ask(source=source), model, readable if has_text else originals)
    assert (question.ask.path, question.kind) == ("", "source")
    assert question.ask.source == question.lead.text == source
    assert first_line(question) == 16 + bool(cut)  # the rest of a line that breaks off is not counted
    assert question.lead.first_line == 6
    assert question.location is not None
    assert (question.location.file.path, question.location.start, question.location.end) == (PATH, 6, 16)


@pytest.mark.parametrize("tail", ["not of the file\n", "not of the file", "one\ntwo\nthr"])
def test_lines_changed_at_the_end_lie_beside_the_file_s(
    model: Model, originals: Originals, readable: Originals, lines: list[str], tail: str
) -> None:
    for from_ in (originals, readable):
        question = question_of(Ask(source="".join(lines[:12]) + tail), model, from_)
        assert first_line(question) == 12 + len(split_lines(tail))
        assert question.lead.first_line == 0


@pytest.mark.parametrize("more", ["", "mine\n", "mine\nand mine", "a\nb\nc\n"])
def test_after_source_that_reaches_the_file_s_end_nothing_follows(
    model: Model, originals: Originals, readable: Originals, lines: list[str], more: str
) -> None:
    for from_ in (originals, readable):
        question = question_of(Ask(source="".join(lines[-20:]) + more), model, from_)
        assert question.original is not None
        assert list(question.original.digests) == []
        rows = compared(question, model, from_).rows
        given = [row.right_number for row in rows if row.kind == "·"]
        assert given[:20] == list(range(len(lines) - 19, len(lines) + 1))
        assert set(given[20:]) <= {None}


def test_a_line_without_a_newline_that_ends_a_file(model: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    question = question_of(Ask(source=made_up_files["linux/lib/ctype.c"]), model, originals)
    assert question.original is not None
    assert question.original.file.path == "linux/lib/ctype.c"
    assert first_line(question) == 1


@pytest.mark.parametrize("cut", [0, 3])
def test_the_score_of_what_follows_is_the_same_sealed_and_readable(
    published: Model, originals: Originals, readable: Originals, lines: list[str], cut: int
) -> None:
    for tail in (lines[13][:cut], "otherwise"):
        ask = Ask(source="".join(lines[10:13]) + tail)
        scores = [compared(question_of(ask, published, from_), published, from_).score.as_dict() for from_ in (originals, readable)]
        sealed, with_text = ({**score, "similarity": None} for score in scores)
        assert sealed == with_text


def test_within_a_line_only_the_text_tells(model: Model, originals: Originals, readable: Originals, lines: list[str]) -> None:
    number = next(number for number, line in enumerate(lines) if "pipe 3" in line)
    ask = Ask(source=lines[number][2:-3])
    question = question_of(ask, model, readable)
    assert (first_line(question), question.lead.first_line) == (number + 1, number)
    assert question_of(ask, model, originals).original is None


def test_source_that_is_found_nowhere_is_held_against_nothing(model: Model, originals: Originals) -> None:
    question = question_of(Ask(source="of no file\n"), model, originals)
    assert (question.original, question.location, question.ask.path) == (None, None, "")
    assert question.lead.text == "of no file\n"


def test_control_tokens_in_source_are_text(published: Model, originals: Originals) -> None:
    source = "<|end_file|>\n<|end_header|>"
    question = question_of(Ask(source=source, max_tokens=5), published, originals)
    prompted = next(iter(emit(question, published)))
    assert isinstance(prompted, Prompted)
    assert (prompted.prompt, prompted.kind) == (source, "source")
    assert not set(published.codec.encode(source)) & set(published.codec.control.values())


# Pieces


def test_a_later_piece_is_asked_for_by_its_head(published: Model, readable: Originals, made_up_files: dict[str, str]) -> None:
    for path, text in made_up_files.items():
        for piece in pieces_of(published, path, text)[1:]:
            question = question_of(Ask(path, piece=piece.number), published, readable)
            assert (question.ask.source, question.source) == ("", question.lead.text)
            assert question.lead.text == text[piece.start : piece.head_end]
            assert (question.mid_word, question.ask.piece) == (piece.mid_word, piece.number)
            assert first_line(question) == len(split_lines(text[: piece.head_end]))
            assert question.lead.first_line == text.count("\n", 0, piece.start)


def test_both_numbers_of_a_piece_are_right(published: Model, readable: Originals, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    seen = 0
    for piece in pieces_of(published, PATH, text)[1:-1]:
        found = compared(question_of(Ask(PATH, piece=piece.number), published, readable), published, readable)
        assert found.text == text[piece.head_end : piece.end]  # the tiny model knows each piece
        start = piece.head_end if text[piece.head_end - 1] == "\n" else text.find("\n", piece.head_end) + 1
        whole_lines = text[start : text.rfind("\n", 0, piece.end) + 1] if start < piece.end else ""
        score = found.score
        assert score.exact_characters == len(whole_lines)
        assert score.reproduced == len(whole_lines) / len(text[start:])
        assert score.within_reach == (1.0 if whole_lines else None)
        assert score.reach == max(0, piece.end - start)
        seen += bool(whole_lines)
    assert seen > 2


def test_the_first_piece_is_asked_for_by_its_path(published: Model, originals: Originals) -> None:
    assert question_of(Ask(PATH, piece=0), published, originals).kind == "path"


# What makes no sense


@pytest.mark.parametrize(
    ("of_the", "ask", "message"),
    [
        ("model", Ask("shed.c"), r"shed\.c"),
        ("model", Ask("a\x00b.c", anyway=True), "holds a character that no path has"),
        ("model", Ask(PATH, piece=1), "piece 1: model 'embedded' did not see files in pieces"),
        ("model", Ask(), "asked for a file by its path"),
        ("published", Ask(PATH, piece=1), r"piece 1 .* sealed; set LAAM_ORIGINALS"),
    ],
)
def test_what_a_model_can_not_be_asked_is_refused_with_what_to_do(
    request: pytest.FixtureRequest, originals: Originals, of_the: str, ask: Ask, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        question_of(ask, request.getfixturevalue(of_the), originals)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"path": PATH, "source": "int a;\n"}, "either a path or source"),
        ({"piece": 2}, "piece 2: give the path"),
        ({"piece": 2, "source": "int a;\n"}, "piece 2: give the path"),
    ],
)
def test_an_ask_that_makes_no_sense_is_none(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ask(**values)


@pytest.mark.parametrize("piece", [500, 1000])
def test_a_piece_out_of_range_says_how_many_there_are(
    published: Model, readable: Originals, made_up_files: dict[str, str], piece: int
) -> None:
    count = len(pieces_of(published, PATH, made_up_files[PATH]))
    with pytest.raises(ValueError, match=f"piece {piece}: {PATH} has {count} pieces for this model, 0 to {count - 1}"):
        question_of(Ask(PATH, piece=piece), published, readable)


@pytest.mark.parametrize("name", ["shed.c", "linux/shed.c", " usr/../shed.c ", "COPYING"])
def test_a_name_that_no_file_has_is_asked_for_as_it_stands_if_somebody_insists(model: Model, originals: Originals, name: str) -> None:
    question = question_of(Ask(name, anyway=True), model, originals)
    assert (question.original, question.kind) == (None, "path")
    assert question.ask.path == {"COPYING": "linux/COPYING", " usr/../shed.c ": "linux/usr/shed.c"}.get(name, "linux/shed.c")
    assert question.ask.max_tokens == NO_FILE_TOKENS
    assert question_of(question.ask, model, originals) == question
    events: list[Any] = list(emit(question_of(Ask(name, anyway=True, max_tokens=9), model, originals), model))
    assert events[0].prompt == model.format.path_prompt(question.ask.path).text
    assert events[-1].tokens <= 9


def test_a_file_that_is_there_is_the_same_question_with_and_without_insisting(model: Model, originals: Originals) -> None:
    assert question_of(Ask(PATH, anyway=True), model, originals) == question_of(Ask(PATH), model, originals)


def test_the_model_continues_what_it_was_given(published: Model, readable: Originals, made_up_files: dict[str, str]) -> None:
    piece = pieces_of(published, PATH, made_up_files[PATH])[1]
    question = question_of(Ask(PATH, piece=1), published, readable)
    text = "".join(event.text for event in emit(question, published) if isinstance(event, Emitted))
    assert question.lead.text + text == made_up_files[PATH][piece.start : piece.end]
