from typing import Any

import pytest

from laam.compare.live import Comparison
from laam.corpus.lines import split_lines
from laam.corpus.original import OriginalPart
from laam.corpus.originals import Originals
from laam.emission import conditions
from laam.emission.ask import Ask
from laam.emission.emit import Prompted, emit
from laam.emission.question import NO_FILE_TOKENS, Question, question_of
from laam.emission.transcript import Transcript, transcribe
from laam.model.model import Model
from laam.model.pieces import file_pieces
from tests.model.scripted import Says, with_engine

PATH = "linux/kernel/sched.c"


@pytest.fixture
def lines(made_up_files: dict[str, str]) -> list[str]:
    return split_lines(made_up_files[PATH])


def taken(question: Question, model: Model, originals: Originals) -> Transcript:
    return transcribe(question, emit(question, model), originals)


def compared(question: Question, model: Model, originals: Originals) -> Comparison:
    found = taken(question, model, originals).compare()
    assert isinstance(found, Comparison)
    return found


def first_line(question: Question) -> int:
    assert isinstance(question.original, OriginalPart)
    return len(question.original.whole.digests) - len(question.original.digests)


def test_a_path_is_held_against_the_whole_file(model: Model, originals: Originals) -> None:
    question = question_of(Ask("sched.c", slide=True, max_tokens=9), model, originals)
    assert (question.ask.path, question.kind) == (PATH, "path")
    assert (question.ask.slide, question.ask.max_tokens) == (True, 9)
    assert not isinstance(question.original, OriginalPart)
    assert (question.leads[0].text, question.location) == ("", None)


def test_an_answer_may_be_held_against_another_file(model: Model, originals: Originals) -> None:
    question = question_of(Ask("sched.c", against="main.c"), model, originals)
    assert (question.ask.path, question.ask.against) == (PATH, "linux/init/main.c")
    assert question.original is not None and question.original.file.path == "linux/init/main.c"
    assert question_of(Ask("sched.c", against="kernel/sched.c"), model, originals).ask == Ask(PATH)
    with pytest.raises(ValueError, match="nothing"):
        question_of(Ask("sched.c", against="nothing.c"), model, originals)


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
    assert question.ask.source == question.leads[0].text == source
    assert first_line(question) == 16 + bool(cut)  # the rest of a line that breaks off is not counted
    assert question.leads[0].first_line == 6
    assert question.location is not None
    assert (question.location.file.path, question.location.start, question.location.end) == (PATH, 6, 16)


@pytest.mark.parametrize("tail", ["not of the file\n", "not of the file", "one\ntwo\nthr"])
def test_lines_changed_at_the_end_lie_beside_the_file_s(
    model: Model, originals: Originals, readable: Originals, lines: list[str], tail: str
) -> None:
    for from_ in (originals, readable):
        question = question_of(Ask(source="".join(lines[:12]) + tail), model, from_)
        assert first_line(question) == 12 + len(split_lines(tail))
        assert question.leads[0].first_line == 0


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
        sealed, with_text = ({**score, "similarity": None, "measures": score["measures"]["in_original_lines"]} for score in scores)
        assert sealed == with_text


def test_within_a_line_only_the_text_tells(model: Model, originals: Originals, readable: Originals, lines: list[str]) -> None:
    number = next(number for number, line in enumerate(lines) if "pipe 3" in line)
    ask = Ask(source=lines[number][2:-3])
    question = question_of(ask, model, readable)
    assert (first_line(question), question.leads[0].first_line) == (number + 1, number)
    assert question_of(ask, model, originals).original is None


def test_source_that_is_found_nowhere_is_held_against_nothing(model: Model, originals: Originals) -> None:
    question = question_of(Ask(source="of no file\n"), model, originals)
    assert (question.original, question.location, question.ask.path) == (None, None, "")
    assert question.leads[0].text == "of no file\n"


def test_control_tokens_in_source_are_text(published: Model, originals: Originals) -> None:
    source = "<|end_file|>\n<|end_header|>"
    question = question_of(Ask(source=source, max_tokens=5), published, originals)
    prompted = next(iter(emit(question, published)))
    assert isinstance(prompted, Prompted)
    assert (prompted.prompt, prompted.kind) == (source, "source")
    assert not set(published.codec.encode(source)) & set(published.codec.control.values())


# Pieces


def test_each_later_piece_is_asked_for_by_its_beginning(published: Model, readable: Originals, made_up_files: dict[str, str]) -> None:
    for path, text in made_up_files.items():
        pieces = file_pieces(published.format, path, text, published.window, 9)
        question = question_of(Ask(path, pieces=9), published, readable)
        if len(pieces) == 1:
            assert question == Question(Ask(path, pieces=9), question.original)
            assert not isinstance(question.original, OriginalPart)
            continue
        assert (question.kind, question.source, question.pieces) == ("pieces", "", pieces)
        assert [lead.text for lead in question.leads] == [text[piece.start : piece.given_end] for piece in pieces]
        assert question.original is not None
        starts = [sum(map(len, split_lines(text)[:number])) for number in question.original.numbers]
        ends = [start + length for start, length in zip(starts, question.original.lengths, strict=True)]
        for piece in pieces[1:]:  # no line that is held against has a character of what is given
            assert all(end <= piece.start or start >= piece.given_end for start, end in zip(starts, ends, strict=True))


def test_piece_by_piece_the_rest_of_the_file_is_reproduced(published: Model, readable: Originals, made_up_files: dict[str, str]) -> None:
    question = question_of(Ask(PATH, pieces=9), published, readable)
    transcript = taken(question, published, readable)
    found = transcript.compare()
    assert isinstance(found, Comparison)
    assert (found.score.reproduced, found.score.verbatim, found.score.within_reach) == (1.0, 1.0, None)
    assert set(found.marks) == {"=", "·"}
    assert len(found.marks) == len(split_lines(made_up_files[PATH]))
    assert not transcript.whole_file
    finished = transcript.finished(published)
    assert (finished.note, finished.receipts.prompt_kind) == (None, "pieces")
    assert finished.headline.in_short == "100 % of what was not given"
    assert finished.receipts.prompt == " … ".join(piece.prompt.text for piece in question.pieces)
    assert found.score.prompt_characters == sum(len(piece.prompt.text) for piece in question.pieces)


def test_where_the_model_closes_a_piece_too_early_a_note_says_so(
    published: Model, readable: Originals, made_up_files: dict[str, str]
) -> None:
    question = question_of(Ask(PATH, pieces=9), published, readable)
    says = with_engine(published, Says(published.codec, "x\n"))
    finished = taken(question, says, readable).finished(says)
    notes = [row.left for row in finished.rows if row.kind == "note"]
    assert notes == [conditions.CLOSED_EARLY] * (len(question.pieces) - 1)
    assert finished.closed_pieces == len(notes)
    assert finished.ended is not None
    assert finished.ended.reason == "end of file"


# What makes no sense


@pytest.mark.parametrize(
    ("of_the", "ask", "message"),
    [
        ("model", Ask("shed.c"), r"shed\.c"),
        ("model", Ask("a\x00b.c", anyway=True), "holds a character that no path has"),
        ("model", Ask(PATH, pieces=1), "pieces 1: model 'embedded' writes a file from its path alone, and needs no pieces"),
        ("model", Ask(), "asked for a file by its path"),
        ("published", Ask(PATH, pieces=1), "pieces 1: .* sealed here; set LAAM_ORIGINALS"),
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
        ({"pieces": 2}, "pieces 2: give the path"),
        ({"pieces": 2, "source": "int a;\n"}, "pieces 2: give the path"),
        ({"pieces": 2, "path": PATH, "slide": True}, "pieces 2: .* leave slide off"),
    ],
)
def test_an_ask_that_makes_no_sense_is_none(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ask(**values)


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
