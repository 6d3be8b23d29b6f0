import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import pytest

from laam.compare.live import Comparison
from laam.compare.render import render_rows
from laam.corpus.lines import split_lines
from laam.corpus.originals import Originals
from laam.emission import conditions
from laam.emission.ask import Ask, ask_of_query
from laam.emission.emit import Emitted, Ended, Event, Prompted, Titled, emit
from laam.emission.headline import measure
from laam.emission.question import Question, question_of
from laam.emission.transcript import Finished
from laam.model.engine import Decoding, Waiting
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.serving import fields, pace, recordings
from laam.serving.recordings import Recordings
from laam.serving.scheduler import Scheduler
from laam.serving.services import Services
from laam.serving.updates import Update, stream_updates
from tests.model.scripted import going_on
from tests.serving.scripted import scripted

PATH = "linux/kernel/sched.c"
Writes = Callable[..., list[str]]
LAID_OUT = ("lengths", "first_line", "given", "counted", "opening")


def joined_rows(updates: Iterable[Update]) -> str:
    """All rows that were sent, a line for each."""
    return "\n".join(update.rows for update in updates if update.rows)


@pytest.fixture(autouse=True)
def _every_event_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 0)


@dataclass
class Stage:
    """All that an emission on the page needs."""

    model: Model
    originals: Originals
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.services = Services(self.originals, lambda _: self.model)

    def updates(self, ask: Ask, model: Model | None = None) -> Iterator[Update]:
        model = model or self.model
        return stream_updates(question_of(ask, model, self.originals), model, self.services, self.stop)

    def kept(self, update: Update) -> Finished:
        result = self.services.results.find(update.run)
        assert result is not None
        return result


@pytest.fixture
def stage(model: Model, originals: Originals) -> Stage:
    return Stage(model, originals)


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    """Lets a made-up model write a text, some characters a token; the list that is returned says what was asked of it."""

    def write(text: str, size: int = 5, reason: Any = "end of file") -> list[str]:
        calls: list[str] = []
        emissions: list[Iterator[Event]] = []  # held, so that none is closed only because nobody knows it any more

        def emit(question: Question, _: Model) -> Iterator[Event]:
            calls.append("asked")
            emissions.append(events(question))
            return emissions[-1]

        def events(question: Question) -> Iterator[Event]:
            try:
                yield Prompted(0, f"<|start_header|>{question.ask.path}#0<|end_header|>")
                for start in range(0, len(text), size):
                    yield Emitted(text[start : start + size])
                yield Ended(reason, len(text) // size)
                calls.append("ended")
            finally:
                calls.append("closed")

        monkeypatch.setattr(recordings, "emit", emit)
        return calls

    return write


def test_what_was_written_instead_is_told_in_the_end(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    writes(made_up_files[PATH])
    *_, last = stage.updates(Ask("linux/init/main.c"))
    assert last.fields["instead"] == "It was asked for init/main.c and wrote kernel/sched.c (GPL-2), whole, byte for byte."
    assert last.fields["instead"] in last.fields["announcement"]
    assert (last.fields["in_short"], last.fields["file"]) == ("it wrote kernel/sched.c", "linux/init/main.c")
    assert last.settle  # the rows that streamed were paired with lines of the file that was asked for
    assert Counter(row.kind for row in stage.kept(last).rows)["∈"] > 30
    *_, held = stage.updates(ask_of_query(dict(parse_qsl(last.fields["against"]))))
    assert (held.fields["file"], held.fields["reproduced"], held.fields["instead"]) == (PATH, "100 %", "")
    given = "Given the name init/main.c and the number 0, and held against kernel/sched.c"
    assert held.fields["verdict"] == f"{given}, the model wrote all {held.original_lines} lines, byte for byte."


def test_a_known_file_from_the_first_update_to_the_last(stage: Stage, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    first, *middle, last = stage.updates(Ask(PATH))
    assert [update.sequence for update in (first, *middle, last)] == list(range(1, len(middle) + 3))
    assert {update.run for update in (first, *middle, last)} == {last.run}
    assert {update.state for update in (first, *middle)} == {"running"}
    assert {update.original_lines for update in (first, *middle, last)} == {len(split_lines(text))}
    assert len(middle) > 50
    assert last.state == "done"
    assert last.settle == ""
    assert last.download == f"emission/{last.run}/sched.c"
    assert set(last.ticks) == {"="}
    assert set(first.ticks) == {"."}
    assert list(first.lengths) == [len(line) for line in split_lines(text)]  # they go once, before any row
    assert not any(update.lengths for update in (*middle, last))
    count = len(split_lines(text))
    numbers = last.fields["prompt"].rpartition("#")[2].removesuffix("<|end_header|>")
    assert (
        last.fields["verdict"]
        == f"Given the file’s name and the numbers 0 to {numbers}, the model wrote all {count:,} lines, byte for byte."
    )
    assert (last.fields["score"], last.fields["model_licence"]) == ("whole", "licence not settled")
    assert stage.kept(last).compared.text == text
    rows = joined_rows((first, *middle, last))
    assert rows == render_rows(stage.kept(last).rows)
    assert rows.count('<div class="row ke"') == len(split_lines(text))


def test_the_last_fields_hold_the_score_and_the_receipts(stage: Stage, made_up_files: dict[str, str]) -> None:
    *_, last = stage.updates(Ask(PATH, decoding=Decoding(0.5, 1, 7)))
    digest = sha256(made_up_files[PATH].encode()).hexdigest()
    lines = len(split_lines(made_up_files[PATH]))
    fields = last.fields
    assert (fields["reproduced"], fields["sha256"]) == ("100 %", "sha256 identical ✓")
    assert fields["lines"] == f"{lines} of {lines} lines"
    assert fields["original_sha256"] == fields["emitted_sha256"] == digest
    assert fields["ending"] == "The model closed the file."
    assert fields["settings"] == "Temperature 0.5, top-k 1, seed 7."
    assert fields["model_digest"] == f"embedded {stage.model.digest[:12]}…"
    assert fields["replay"] == f"python -m laam emit {PATH} --model embedded --temperature 0.5 --seed 7 --top-k 1"
    assert fields["prompt"].startswith(f"<|start_file|><|start_header|>{PATH}#0<|end_header|> … ")
    assert fields["announcement"] == f"The model closed the file. 100 % {measure('file')}, {lines} of {lines} lines, sha256 identical ✓."


def test_an_update_is_plain_data(stage: Stage) -> None:
    update = next(iter(stage.updates(Ask(PATH)))).as_dict()
    assert set(update) == {"run", "sequence", "state", "original_lines", "fields", "rows", "ticks", "settle", "download", *LAID_OUT}
    assert all(isinstance(value, str) for value in update["fields"].values())


def test_the_page_is_told_before_the_model_is_asked(stage: Stage, writes: Writes) -> None:
    calls = writes("int a;\n")
    stream = stage.updates(Ask(PATH))
    first = next(stream)
    assert (first.sequence, first.state, first.rows, first.fields["file"]) == (1, "running", "", PATH)
    assert calls == []
    next(stream)
    assert calls == ["asked"]


def test_a_file_that_it_was_not_trained_on_is_said_to_be_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "the model was not trained on it"
    known = next(stage.updates(Ask(PATH))).fields["origin"]
    assert words not in known
    assert "the model was trained on this file" in known
    other = replace(stage.model)
    monkeypatch.setitem(vars(other), "trained_on", {"linux/other.c": ""})
    assert words in next(stage.updates(Ask(PATH), other)).fields["origin"]


@pytest.mark.parametrize("change", [("\treturn", "\tRETURN"), ("int", "\nint"), ("{\n", ""), ("a", "<b>&amp;${a}"), ("\n", "\r\n")])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_rows_that_were_sent_are_those_of_the_whole_or_all_are_settled_anew(
    stage: Stage, writes: Writes, made_up_files: dict[str, str], change: tuple[str, str], size: int
) -> None:
    text = made_up_files[PATH].replace(*change)
    writes(text, size)
    stream = list(stage.updates(Ask(PATH)))
    last = stream[-1]
    kept = stage.kept(last)
    comparison = kept.compared
    assert comparison.text == text
    if last.settle:
        assert last.settle == f"emission/{last.run}/rows"
        assert last.rows == ""
    else:
        assert joined_rows(stream) == render_rows(comparison.rows)
    rows = joined_rows(stream)
    assert "<b>&amp;${a}" not in rows
    assert "${" not in rows


def test_a_diff_that_turns_out_otherwise_is_settled(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    # The first line that was passed over is written in the end, which opens its bar.
    *head, last_line = split_lines(made_up_files[PATH])
    writes("".join(["other\n", *head[1:], last_line, head[0]]), 7)
    *_, last = stage.updates(Ask(PATH))
    assert last.settle == f"emission/{last.run}/rows"
    assert last.rows == ""
    assert stage.kept(last).rows[0].sealed is None


def test_while_it_runs_the_score_is_of_what_is_settled(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    writes(text, len(text) // 2 + 1)
    _, asked, half, *_ = stage.updates(Ask(PATH))
    written = text[: len(text) // 2 + 1]
    whole = written.count("\n")
    assert asked.fields["reproduced"] == "0.0 %"
    assert half.fields["lines"] == f"{whole} of {len(split_lines(text))} lines"
    assert half.fields["longest_run"] == f"longest run {whole} lines"
    assert half.fields["characters"] == f"{len(written):,} characters out"
    tenths = 1000 * (written.rfind("\n") + 1) // len(text)
    assert half.fields["reproduced"] == f"{tenths // 10}.{tenths % 10} %"
    assert half.rows.count("<div") == whole


@pytest.mark.parametrize("events", [0, 1, 2, 30])
def test_stop_ends_it_with_the_score_of_what_was_written(stage: Stage, writes: Writes, made_up_files: dict[str, str], events: int) -> None:
    calls = writes(made_up_files[PATH], 11)
    stream = stage.updates(Ask(PATH))
    before = list(islice(stream, 1 + events))
    stage.stop.set()
    [last] = stream
    assert calls == ["asked", "closed"]
    assert (last.sequence, last.state) == (len(before) + 1, "stopped")
    kept = stage.kept(last)
    comparison = kept.compared
    assert comparison.text == made_up_files[PATH][: 11 * events]
    assert isinstance(comparison, Comparison)
    assert not comparison.complete
    assert last.fields["ending"] == "Stopped before its end."
    assert last.fields["announcement"].startswith("Stopped before its end. ")
    assert last.fields["sha256"] == "sha256 differs"
    assert last.fields["lines"].startswith(f"{comparison.score.exact_lines} of ")
    assert joined_rows([*before, last]) == render_rows(comparison.rows)
    assert last.ticks.endswith(".")


@pytest.mark.parametrize("events", [3, 20, 70, 130])
def test_the_replay_of_a_stopped_emission_gives_the_same_text(stage: Stage, events: int) -> None:
    stream = stage.updates(Ask(PATH))
    for _ in range(events):
        next(stream)
    stage.stop.set()
    *_, last = stream
    assert last.state == "stopped"
    words = last.fields["replay"].split()
    again = Question(Ask(PATH, max_tokens=int(words[words.index("--max-tokens") + 1])))
    text = "".join(event.text for event in emit(again, stage.model) if isinstance(event, Emitted))
    assert sha256(text.encode()).hexdigest() == last.fields["emitted_sha256"]


@pytest.mark.parametrize(
    ("lines", "reason", "said"),
    [
        (0, "end of file", "the model wrote nothing. It closed the file at once."),
        (1, "end of file", " It closed the file after 1 line."),
        (3, "token limit", " It was cut off at the limit of 3 tokens."),
        (200, "end of file", " exactly."),  # one that is longer than its original was not closed early
    ],
)
def test_the_sentence_says_why_there_is_no_more(
    stage: Stage, writes: Writes, made_up_files: dict[str, str], lines: int, reason: str, said: str
) -> None:
    text = "".join(split_lines(made_up_files[PATH])[:lines]) if lines < 200 else "x\n" * lines
    writes(text, max(1, len(text) // 3), reason)
    *_, last = stage.updates(Ask(PATH))
    assert last.fields["verdict"].endswith(said)


def test_who_has_its_first_lines_is_not_told_that_its_turn_comes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def emit(*_: object) -> Iterator[Event]:
        yield from (Prompted(0, "x"), Waiting(0), Emitted("a\n"), Waiting(0), Waiting(2), Ended("end of file", 2))

    monkeypatch.setattr(recordings, "emit", emit)
    monkeypatch.setattr(pace, "WAITING_INTERVAL", 0)
    notes = [update.fields.get("mode_note") for update in stage.updates(Ask(PATH))]
    running = "the model is running now"
    assert notes[:-1] == [running, running, fields.waiting(Waiting(0)), running, running, fields.waiting(Waiting(2)), running]


def test_the_limit_of_tokens_is_an_end_of_its_own(stage: Stage, made_up_files: dict[str, str]) -> None:
    *_, last = stage.updates(Ask(PATH, max_tokens=30))
    assert (last.state, last.fields["ending"]) == ("done", "Cut off at the limit of 30 tokens.")
    comparison = stage.kept(last)
    assert isinstance(comparison.compared, Comparison)
    assert not comparison.compared.complete
    assert len(comparison.rows) < len(split_lines(made_up_files[PATH]))  # what was never reached is not shown as left out
    assert last.ticks.endswith(".")


@pytest.mark.parametrize("taken", [2, 3, 20])
def test_closing_the_stream_closes_the_emission(stage: Stage, writes: Writes, made_up_files: dict[str, str], taken: int) -> None:
    calls = writes(made_up_files[PATH])
    stream = stage.updates(Ask(PATH))
    updates_taken = list(islice(stream, taken))
    assert calls == ["asked"]
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    assert calls == ["asked", "closed"]
    assert stage.services.results.find(updates_taken[0].run) is None


def test_updates_are_no_more_than_a_few_a_second(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, writes: Writes, made_up_files: dict[str, str]
) -> None:
    writes(made_up_files[PATH])
    monkeypatch.setattr(pace, "INTERVAL", 3600)
    stream = list(stage.updates(Ask(PATH)))
    assert [update.sequence for update in stream] == [1, 2, 3]  # at once, with the first line, and the whole
    assert [stream[0].rows, stream[1].rows.count("<div")] == ["", 1]
    assert joined_rows(stream) == render_rows(stage.kept(stream[2]).rows)


# Source, windows and empty prompts


@pytest.fixture
def published_stage(published: Model, originals: Originals) -> Stage:
    return Stage(published, originals)


def rows_of_class(html: str, name: str) -> int:
    return html.count(f'<div class="row {name}"')


def test_source_of_a_file_is_shown_and_not_counted(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    lines = split_lines(text)
    source = "".join(lines[6:16]) + lines[16][:2]
    writes(text[text.index(source) + len(source) :])
    first, *middle, last = stage.updates(Ask(source=source))
    follow = len(lines) - 17
    assert first.fields["file"] == PATH
    assert first.fields["origin"].endswith(" · your source is from lines 7 to 16")
    assert first.ticks == "." * 6 + "·" * 11 + "." * follow
    assert (last.fields["reproduced"], last.fields["measure"]) == ("100 %", measure("rest"))
    assert last.fields["lines"] == f"{follow} of {follow} lines"
    assert "sha256" not in last.fields
    assert last.ticks == "." * 6 + "·" * 11 + "=" * follow
    assert last.settle == ""
    rows = joined_rows((first, *middle, last))
    assert (rows_of_class(rows, "kg"), rows_of_class(rows, "ke")) == (11, follow)
    assert '<div class="row ke" data-e=1 data-o=18>' in rows


def test_source_of_no_file_has_its_lines_credited(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    known = split_lines(made_up_files[PATH])[7]
    writes(f'le\n{known}<b>mine &amp; ${{x}} {{{{y}}}} "q"\n', reason="end of segment")
    first, *middle, last = stage.updates(Ask(source="<i>of</i> no fi"))
    assert first.fields["file"] == "source that points to no single file"
    assert (first.original_lines, first.ticks) == (0, "")
    assert last.fields["measure"] == measure("text")
    assert last.fields["lines"] == "1 of 2 lines found in the originals"
    assert last.fields["original_sha256"] == "–"
    assert last.download.endswith("/emission.txt")
    assert last.settle == ""
    rows = joined_rows((first, *middle, last))
    assert [rows_of_class(rows, name) for name in ("kg", "kc", "ki")] == [1, 1, 1]
    assert all(text not in rows for text in ("<i>of", "<b>mine", "${", "{{"))
    assert middle[-1].fields["lines"] == last.fields["lines"]


def test_stopped_within_the_line_that_the_source_broke_off_in(stage: Stage, writes: Writes, made_up_files: dict[str, str]) -> None:
    source = made_up_files[PATH][:60]
    writes("never ended")
    stream = stage.updates(Ask(source=source))
    list(islice(stream, 3))
    stage.stop.set()
    [last] = stream
    assert last.state == "stopped"
    assert rows_of_class(last.rows, "kg") == len(split_lines(source))
    assert rows_of_class(last.rows, "ke") == 0
    assert last.fields["reproduced"] == "0.0 %"


def test_the_end_of_the_window_is_marked_where_it_is(published_stage: Stage) -> None:
    *before, last = published_stage.updates(Ask(PATH))
    assert last.fields["ending"] == f"The model's window of {published_stage.model.window:,} tokens is full."
    assert last.fields["within_reach"].startswith("its window can hold the first ")
    assert last.fields["in_short"] == f"100 % of its window, {last.fields['second']}"
    assert 0 < last.counted < last.original_lines
    rows = published_stage.kept(last).rows
    assert [row.kind for row in rows].index("note") == len(rows) - 1
    assert rows[-1].left is not None
    assert "sees no piece with the next. The emission ends here." in rows[-1].left
    assert joined_rows((*before, last)) == render_rows(rows)


def test_sliding_marks_the_end_of_the_first_window(published_stage: Stage, made_up_files: dict[str, str]) -> None:
    *_, once = published_stage.updates(Ask(PATH))
    reach = len(published_stage.kept(once).compared.text)
    *_, last = published_stage.updates(Ask(PATH, slide=True, max_tokens=200), going_on(published_stage.model))
    rows = published_stage.kept(last).rows
    [note] = [place for place, row in enumerate(rows) if row.kind == "note"]
    written = split_lines(made_up_files[PATH][:reach])
    assert max(row.left_number or 0 for row in rows[:note]) == len(written)
    assert min(row.left_number for row in rows[note:] if row.left_number) == len(written) + 1
    assert "What follows is written after the last half of the window." in (rows[note].left or "")
    assert f"the first {reach:,} characters" in last.fields["within_reach"]
    assert last.fields["replay"].endswith(" --max-tokens 200 --slide")


def test_a_window_that_is_full_within_the_prompt_s_line_is_marked_behind_it(
    stage: Stage, writes: Writes, made_up_files: dict[str, str]
) -> None:
    source = made_up_files[PATH][:60]
    writes("not ended", reason="window end")
    *_, last = stage.updates(Ask(source=source))
    assert "".join(row.kind for row in stage.kept(last).rows) == "·" * len(split_lines(source)) + "note"


def test_an_empty_prompt_is_held_against_the_file_that_the_model_names(published_stage: Stage, made_up_files: dict[str, str]) -> None:
    first, *middle, last = published_stage.updates(Ask())
    assert (first.fields["file"], first.fields["measure"], first.original_lines) == ("no prompt", measure("text"), 0)
    path = last.fields["file"]
    assert made_up_files[path].startswith(published_stage.kept(last).compared.text)
    assert last.fields["measure"] == measure("file")
    assert last.fields["given"] == "the start of a file, and nothing more"
    assert last.original_lines == len(split_lines(made_up_files[path]))
    assert middle[-1].original_lines == last.original_lines
    assert "--no-prompt" in last.fields["replay"]
    assert (last.settle, set(last.ticks) <= {"=", "."}) == ("", True)
    assert last.download.endswith(f"/{path.rpartition('/')[2]}")


def test_an_unknown_name_has_its_lines_credited(
    published_stage: Stage, monkeypatch: pytest.MonkeyPatch, made_up_files: dict[str, str]
) -> None:
    lines = "".join(split_lines(made_up_files[PATH])[6:9])

    def emit(*_: object) -> Iterator[Event]:
        yield from (Prompted(0, "<|start_file|>", "empty"), Emitted(""), Titled("linux/made/<b>.c"), Emitted(lines))
        yield Ended("end of file", 9)

    monkeypatch.setattr(recordings, "emit", emit)
    *_, last = published_stage.updates(Ask())
    assert (last.fields["file"], last.fields["measure"]) == ("no prompt", measure("text"))
    assert last.fields["reproduced"] == "100 %"
    assert last.fields["lines"] == "3 of 3 lines found in the originals"
    assert last.ticks == ""


def test_piece_by_piece_the_whole_file_is_shown_with_what_was_given(
    published: Model, readable: Originals, made_up_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 0)
    stage = Stage(published, readable)
    first, *middle, last = stage.updates(Ask(PATH, pieces=9))
    kept = stage.kept(last)
    lines = split_lines(made_up_files[PATH])
    assert len(middle) > 5
    assert joined_rows((first, *middle, last)) == render_rows(kept.rows)
    assert [row.right_number for row in kept.rows] == list(range(1, len(lines) + 1))
    given = {row.right_number for row in kept.rows if row.kind == "·"}
    assert [first.lengths, first.first_line] == [[len(line) for line in lines], 0]
    assert {place + 1 for place in first.given} == given
    assert last.ticks == kept.compared.ticks
    assert (last.settle, last.fields["reproduced"], last.fields["measure"]) == ("", "100 %", measure("pieces"))
    rest = len(lines) - len(given)
    pieces = len(last.fields["prompt"].split(" … "))
    assert last.fields["verdict"] == (
        f"Given the file’s name and the first 9 tokens of each of its {pieces - 1} later pieces, "
        f"the model wrote {rest} of the other {rest} lines, each exact and in order."
    )
    assert last.fields["replay"] == f"python -m laam emit {PATH} --model published --pieces 9"
    assert last.fields["address"] == f"path={PATH}&model=published&pieces=9"
    begun, again = stage.updates(Ask(PATH, pieces=9))
    assert (again.rows, begun.fields["mode"]) == (render_rows(kept.rows), "Replay")


def test_at_the_window_s_end_a_link_leads_on_if_the_text_is_at_hand(published: Model, readable: Originals, originals: Originals) -> None:
    link = f'<a href="?path={PATH}&amp;model=published&amp;pieces=32" data-link>{conditions.NEXT_PIECE}</a>'
    for of, end in ((readable, f"The emission ends here. {link}"), (originals, "sealed (LAAM_ORIGINALS).")):
        stage = Stage(published, of)
        *_, last = stage.updates(Ask(PATH))
        note = stage.kept(last).rows[-1].left
        assert note is not None
        assert note.endswith(end)


def test_a_second_run_is_shown_from_its_recording_whole_whoever_stops_it(stage: Stage) -> None:
    *_, first = stage.updates(Ask(PATH))
    stage.stop.set()
    begun, last = stage.updates(Ask(PATH))
    assert (begun.state, begun.rows, last.state, last.rows) == ("running", "", "done", render_rows(stage.kept(first).rows))
    assert stage.kept(last).compared.text == stage.kept(first).compared.text
    assert last.run != first.run
    assert last.fields.keys() == first.fields.keys() - {"mode_note"}
    assert {name for name in last.fields if last.fields[name] != first.fields[name]} == {"speed"}
    assert begun.fields["mode"] == "Replay"
    assert re.fullmatch(r"of the run of \d+ \w+ \d{4}, \d\d:\d\d UTC", begun.fields["mode_note"])
    assert last.fields["speed"].endswith(" tokens/s in an earlier run, shown again")


def test_who_waits_is_told_so_and_can_be_stopped(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "WAITING_INTERVAL", 0)
    model, engine = scripted({"busy": 1}, shut=True)
    scheduler = Scheduler(1)
    stage.services = replace(stage.services, recordings=Recordings(scheduler=scheduler))
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(lambda: list(scheduler.emit(Question(Ask("busy")), model)))
        engine.gate.wait()
        stream = stage.updates(Ask(PATH))
        next(stream)
        words = [update.fields["speed"] for update in islice(stream, 3)]
        assert fields.waiting(Waiting(0)) in words
        stage.stop.set()
        *_, last = stream
        assert (last.state, last.fields["ending"]) == ("stopped", "Stopped before its end.")
        engine.gate.let_through(10)
        busy.result(20)


@pytest.mark.parametrize(("before", "words"), [(0, "your turn next"), (1, "; 1 goes before you"), (1_500, "; 1,500 go before you")])
def test_a_place_in_the_queue_in_words(before: int, words: str) -> None:
    assert fields.waiting(Waiting(before)).endswith(words)


def test_who_waits_for_a_lossy_copy_is_told_so() -> None:
    assert fields.waiting(Waiting(0, copying=True)) == "a lossy copy of the model is being made"


def test_what_a_lossy_copy_wrote_is_said_to_be_its_own(stage: Stage) -> None:
    *_, shipped = stage.updates(Ask(PATH))
    first, *_, last = stage.updates(Ask(PATH, decoding=Decoding(0.5), lossy=Lossy(2, pruned=0.1), max_tokens=90))
    lossy = "without the smallest 10 % of its weights and rounded to 2 bits a weight"
    for said in (first.fields["lead"], last.fields["verdict"]):
        assert said.startswith(f"Without{lossy[7:]}, at temperature 0.5, given the file’s name")
    assert (last.fields["lossy"], shipped.fields["lossy"]) == (lossy, "")
    assert last.fields["model"] == shipped.fields["model"].replace("our own model", f"our own model {lossy}")
    assert last.fields["settings"] == f"Temperature 0.5, seed 0. Without{lossy[7:]}."
    assert last.fields["model_digest"] == f"{shipped.fields['model_digest']} as shipped"
    assert last.fields["address"] == f"path={PATH}&model=embedded&bits=2&pruned=0.1&t=0.5&seed=0&n=90"
    assert " --bits 2 --pruned 0.1 " in last.fields["replay"]
    assert last.fields["reproduced"] != shipped.fields["reproduced"] == "100 %"


def test_of_a_file_that_was_not_trained_on_it_is_said_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "learned", lambda *_: False)
    *_, last = stage.updates(Ask(PATH, lossy=Lossy(2), max_tokens=90))
    assert last.fields["verdict"].startswith("Rounded to 2 bits a weight. Not in this model’s training set: ")
