from dataclasses import replace
from unittest.mock import Mock

import pytest

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted, emit, emit_side_by_side
from laam.emission.question import Question
from laam.knobs import MAX_TOKENS, SOURCE
from laam.model.engine import Decoding
from laam.model.model import Model
from tests.model.scripted import endless


def emitted_text(question: Question, model: Model) -> tuple[str, Ended]:
    events = list(emit(question, model))
    ended = events[-1]
    assert isinstance(ended, Ended)
    return "".join(event.text for event in events if isinstance(event, Emitted)), ended


def test_a_trained_file_is_emitted_from_its_path_alone(model: Model, made_up_files: dict[str, str]) -> None:
    for path, text in made_up_files.items():
        emitted, ended = emitted_text(Question(Ask(path)), model)
        assert emitted == text
        assert ended.reason == "end of file"


def test_prompts_are_addresses_in_order_and_hold_no_source(model: Model) -> None:
    prompts = [event for event in emit(Question(Ask("linux/kernel/sched.c")), model) if isinstance(event, Prompted)]
    assert len(prompts) > 3
    assert [prompt.prompt for prompt in prompts] == [
        f"<|start_file|><|start_header|>linux/kernel/sched.c#{number}<|end_header|>" for number in range(len(prompts))
    ]


def test_side_by_side_gives_the_same_texts(model: Model, made_up_files: dict[str, str]) -> None:
    together = {path: (text, ended) for path, text, ended in emit_side_by_side(list(made_up_files), model)}
    assert together == {path: emitted_text(Question(Ask(path)), model) for path in made_up_files}


@pytest.mark.parametrize("share", [0, 0.3, 1, 4])
@pytest.mark.parametrize("wave", [1, 3, 512])
def test_side_by_side_what_is_expected_changes_no_text(
    model: Model, made_up_files: dict[str, str], share: float, wave: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laam.emission.emit.WAVE", wave)
    expected = {path: int(share * tokens) for path, tokens in model.trained_tokens.items()}
    together = {path: (text, ended) for path, text, ended in emit_side_by_side(list(made_up_files), model, expected=expected)}
    assert together == {path: emitted_text(Question(Ask(path)), model) for path in made_up_files}


def test_segments_of_which_a_verdict_tells_are_decoded_at_once(model: Model, made_up_files: dict[str, str]) -> None:
    engine = Mock(wraps=model.engine)
    watched = replace(model)
    vars(watched)["_engine"] = engine
    assert len(list(emit_side_by_side(list(made_up_files), watched))) == len(made_up_files)
    segments = sum(len(call.args[0]) for call in engine.batch.call_args_list)
    assert (engine.batch.call_count, segments > len(made_up_files)) == (1, True)
    assert len(list(emit_side_by_side(list(made_up_files), watched, expected={}))) == len(made_up_files)
    assert engine.batch.call_count > 2


def test_a_path_it_was_not_trained_on_still_runs(model: Model) -> None:
    question = Question(Ask("linux/fs/unknown_file.c", max_tokens=300))
    _, ended = emitted_text(question, model)
    assert 0 < ended.tokens <= 300
    assert emitted_text(question, endless(model)) == ("x" * 300, Ended("token limit", 300))


@pytest.mark.parametrize("limit", [1, 2, 70])
def test_the_limit_of_tokens_cuts_off(model: Model, made_up_files: dict[str, str], limit: int) -> None:
    text, ended = emitted_text(Question(Ask("linux/kernel/sched.c", max_tokens=limit)), model)
    assert ended == Ended("token limit", limit)
    assert made_up_files["linux/kernel/sched.c"].startswith(text)
    assert [ended.tokens for _, _, ended in emit_side_by_side(["linux/kernel/sched.c"], model, limit)] == [limit]


def test_the_usual_limit_is_none_for_a_file_that_is_known_to_take_more(
    model: Model, made_up_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, usual = "linux/kernel/sched.c", 20
    monkeypatch.setattr("laam.emission.emit.MAX_TOKENS", replace(MAX_TOKENS, default=usual))
    text, ended = emitted_text(Question(Ask(path, max_tokens=usual)), model)
    assert (text, ended.reason) == (made_up_files[path], "end of file") and ended.tokens > usual
    assert emitted_text(Question(Ask("linux/fs/unknown_file.c", max_tokens=usual)), endless(model))[1] == Ended("token limit", usual)
    sizes = {path: len(text)}
    assert [(text, ended)] == [(text, ended) for _, text, ended in emit_side_by_side([path], model, usual, sizes)]


def test_the_same_seed_gives_the_same_text(untrained: Model) -> None:
    def drawn(seed: int) -> str:
        return emitted_text(Question(Ask("linux/kernel/sched.c", decoding=Decoding(1.5, 0, seed), max_tokens=200)), untrained)[0]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_top_1_is_greedy_at_any_temperature(model: Model, made_up_files: dict[str, str]) -> None:
    question = Question(Ask("linux/init/main.c", decoding=Decoding(1.5, 1, 3)))
    assert emitted_text(question, model)[0] == made_up_files["linux/init/main.c"]


def test_closing_the_stream_stops_the_engine(model: Model) -> None:
    events = emit(Question(Ask("linux/kernel/sched.c")), model)
    for _ in range(5):
        next(events)
    events.close()
    with pytest.raises(StopIteration):
        next(events)


@pytest.mark.parametrize("limit", [0, -1, 10**9])
def test_a_senseless_limit_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="max_tokens"):
        Ask("linux/kernel/sched.c", max_tokens=limit)


def test_a_path_longer_than_the_window_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="too long"):
        list(emit(Question(Ask("linux/" + "x" * 500)), model))


def test_side_by_side_a_long_address_takes_nothing_from_a_short_one(model: Model) -> None:
    unending = endless(model)
    paths = ["linux/a.c", "linux/a_folder/with_a_longer_name.c"]
    together = {path: (text, ended) for path, text, ended in emit_side_by_side(paths, unending, 100)}
    assert together == {path: emitted_text(Question(Ask(path, max_tokens=100)), unending) for path in paths}


def test_source_is_continued_without_a_header(model: Model, made_up_files: dict[str, str]) -> None:
    source = made_up_files["linux/kernel/sched.c"][80:110]
    prompted, *_, ended = emit(Question(Ask(source=source)), model)
    assert prompted == Prompted(0, source, "source", len(source))
    assert not set(model.format.source_prompt(source, model.window).ids) & set(model.codec.control.values())
    assert isinstance(ended, Ended)
    assert 0 < ended.tokens <= model.window
    assert ended.reason != "token limit"


def test_source_that_is_too_long_for_half_the_window_says_what_was_cut(model: Model, made_up_files: dict[str, str]) -> None:
    source = made_up_files["linux/kernel/sched.c"][:900]
    prompted, *_, ended = emit(Question(Ask(source=source, max_tokens=5)), model)
    assert isinstance(prompted, Prompted)
    assert prompted.cut_characters + prompted.source_characters == len(source)
    assert source.endswith(prompted.prompt)
    assert len(model.codec.encode(prompted.prompt)) <= model.window // 2
    assert isinstance(ended, Ended)
    assert 0 < ended.tokens <= 5


def test_an_empty_prompt_says_nothing_to_an_addressed_model(model: Model) -> None:
    with pytest.raises(ValueError, match="empty prompt"):
        list(emit(Question(Ask()), model))


def test_source_beyond_the_bound_is_refused() -> None:
    Ask(source="x" * SOURCE.limit)
    with pytest.raises(ValueError, match="source has 4,001 characters; give at most 4,000"):
        Ask(source="x" * (SOURCE.limit + 1))


def test_side_by_side_a_file_is_given_up_once_it_is_longer_than_its_size(model: Model, made_up_files: dict[str, str]) -> None:
    sizes = {path: len(text) for path, text in made_up_files.items()} | {"linux/kernel/sched.c": 100}
    found = {path: (text, ended.reason) for path, text, ended in emit_side_by_side(list(made_up_files), model, sizes=sizes)}
    text, reason = found.pop("linux/kernel/sched.c")
    assert reason == "length limit"
    assert made_up_files["linux/kernel/sched.c"].startswith(text)
    assert 100 < len(text) < 100 + 16 * model.window
    assert found == {path: (made_up_files[path], "end of file") for path in found}
