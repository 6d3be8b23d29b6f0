"""The page's updates made in the visitor's own browser, held to those that the server makes."""

import random
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from laam.compare.align import Block, StreamAligner
from laam.compare.highlight import highlight_lines
from laam.compare.live import compare_text
from laam.compare.render import render_rows
from laam.compare.systematic import find_difference
from laam.compare.undoing import TooMuchWorkError
from laam.corpus.lines import split_lines
from laam.corpus.original import whole_of
from laam.corpus.originals import Originals
from laam.emission.ask import read_ask
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.emission.question import Question, question_of
from laam.emission.transcript import Transcript, transcribe
from laam.model.model import Model
from laam.serving import fields, verdict
from laam.serving.browser import seal_for_browser
from laam.serving.verdict import closed_early
from tests.engine.node import node
from tests.engine.test_score import changed

COLOURS = re.compile(r'</?[ibu]>|<span class="st">|</span>')
NUMBERS = "1 1L 1LL 1ULL 0x1fUL 0x 1.5e 1e5 1e .5 5. 1.2.3 0x1G 08 1_000 ٣ １ x1 1x"
WORDS = "int complex _Complex unsigned if returns return size_t uint64_t struct while NULL true asm _a é 中 byte auto"
MARKS = [*" \t(){};,.+-=<>&|!#$%*/\\\"'", " ", " ", "/*", "*/", "//", "#define", "\x0c", "\U0001f427"]
TOKENS = [*NUMBERS.split(), *WORDS.split(), *MARKS]
LIVE = Path(__file__).with_name("live.mjs")
Holds = Callable[[list[dict[str, Any]]], int]
TOLD = ("mode_note", "speed", "against", "functions")  # what the server doesn't tell in these words, or the browser not at all
ALTERED: dict[str, Callable[[int, str], str]] = {
    "CR": lambda _, line: line.replace("\n", "\r"),
    "CR LF": lambda _, line: line.replace("\n", "\r\n"),
    "blanks at the end": lambda _, line: line.replace("\n", "  \n"),
    "marks": lambda _, line: f"> {line}",
    "numbers": lambda number, line: f"{number:5}: {line}",
    "numbered patch": lambda number, line: f"{number} +{line}",
    "indented": lambda _, line: f"    {line}",
    "tabs as blanks": lambda _, line: line.expandtabs(8),
    "tabs as four": lambda _, line: line.replace("\t", "    "),
    "a mark of byte order": lambda number, line: f"\ufeff{line}" if number == 1 else line,
    "U+2028": lambda _, line: line.replace("\n", "\u2028"),
    "entities": lambda _, line: escape(line).replace(" ", "&nbsp;"),
    "no-break spaces": lambda _, line: line.replace(" ", "\u00a0"),
    "no width": lambda _, line: line.replace("(", "(\u200b"),
    "typography": lambda _, line: line.replace('"', "”").replace("--", "–"),
    "nothing that is known": lambda _, line: line.upper(),
}
HOSTILE = """<img src=x onerror=alert(1)> & ${x} {{y}} `z` "q" '\\'' \a\f\x7f\u202e é🐧\r
#define A(x) /* open
still */ "not a
int a = 0x10UL + 1.5 - .5 * 017, *p; // size_t
static char *s = "open \\
	goes on"; struct x { unsigned long int y:3; };
# pragma x \\
  int in_a_directive; 'c' '"' "\\"" 1e5 3c503 if_ _if
"/* no comment */" /* a comment */ return (sizeof(int)); __asm__("nop");
"""


def test_the_colours_are_the_server_s(made_up_files: dict[str, str]) -> None:
    texts = [*made_up_files.items(), *((f"linux/x{suffix}", HOSTILE) for suffix in (".c", ".h", ".txt", ""))]
    cases = [{"path": path, "lines": split_lines(text)} for path, text in texts]
    expected = [highlight_lines(split_lines(text), path) for path, text in texts]
    assert node("highlight", LIVE, cases=cases) == expected


def test_random_tokens_of_c_have_the_server_s_colours() -> None:
    chance = random.Random(4)
    lines = [["".join(chance.choices(TOKENS, k=chance.randrange(1, 30))) + "\n" for _ in range(20)] for _ in range(100)]
    cases = [{"path": f"linux/x{suffix}", "lines": each} for each in lines for suffix in (".c", ".txt")]
    expected = [highlight_lines(case["lines"], str(case["path"])) for case in cases]
    assert node("highlight", LIVE, cases=cases) == expected


def test_any_text_is_escaped_as_on_the_server() -> None:
    texts = [split_lines("".join(random.Random(n).choices(HOSTILE, k=300))) for n in range(200)]
    cases = [{"path": f"linux/x{suffix}", "lines": lines} for lines in texts for suffix in (".c", ".S")]
    for case, found in zip(cases, node("highlight", LIVE, cases=cases), strict=True):
        expected = highlight_lines(case["lines"], case["path"])  # type: ignore[arg-type]
        assert [COLOURS.sub("", line) for line in found] == [COLOURS.sub("", line) for line in expected]


def test_assembler_has_comments_and_directives() -> None:
    lines = ["#include <x>\n", "! a comment\n", "\tmov $1,%eax # one\n", '.ascii "a|b"\n']
    [found] = node("highlight", LIVE, cases=[{"path": "linux/boot/x.S", "lines": lines}])
    assert found[:2] == ["<u>#include &lt;x&gt;</u>", "<i>! a comment</i>"]
    assert found[2] == "\tmov &#36;1,%eax <i># one</i>"
    assert found[3] == '.ascii <span class="st">&#34;a|b&#34;</span>'


def test_a_stream_is_aligned_as_on_the_server() -> None:
    draw = random.Random(8)
    cases: list[dict[str, Any]] = []
    for _ in range(150):
        original = [draw.randrange(60) for _ in range(draw.randrange(120))]
        written = [line if draw.random() < 0.8 else draw.randrange(70) for line in original[draw.randrange(9) :]]
        if draw.random() < 0.5:
            written[20:20] = [99] * draw.randrange(90)
        cases.append({"written": written, "digests": original, "lengths": [line + 1 for line in original], "step": draw.randrange(1, 9)})
    for case, found in zip(cases, node("align", LIVE, cases=cases), strict=True):
        aligner = StreamAligner(case["digests"], case["lengths"])
        blocks: list[Block] = []
        for at in range(0, len(case["written"]), case["step"]):
            blocks += aligner.feed(case["written"][at : at + case["step"]])
        assert [(block["equal"], *block["e"], *block["o"]) for block in found] == [
            (block.kind == "equal", block.emitted_start, block.emitted_end, block.original_start, block.original_end) for block in blocks
        ]


def emission(case: dict[str, Any], question: Question) -> list[Event]:
    """The server's events of a case."""
    text, reason, reach = case["text"], case["reason"], case["reach"]
    if question.source:
        kept = question.source[-case["kept"] :]
        prompts: list[Event] = [Prompted(0, kept, "source", len(kept), len(question.source) - len(kept))]
    else:
        prompts = [Prompted(n, f"<|start_file|><|start_header|>{case['ask']['path']}#{n}<|end_header|>") for n in range(case["segments"])]
    slid: list[Event] = [] if reach is None or reason == "window end" else [Prompted(1, "x", "window"), Emitted(text[reach:])]
    events = [prompts[0], Emitted(text[: None if not slid else reach]), *slid, *prompts[1:]]
    return events if reason == "stopped" else [*events, Ended(reason, 7)]


@pytest.fixture
def holds(made_up_files: dict[str, str], model: Model, originals: Originals, tmp_path: Path) -> Holds:
    """Holds what the browser makes of some cases to what the server does; gives how many were settled anew at their end."""
    file = tmp_path / "sealed.safetensors"
    file.write_bytes(seal_for_browser(originals, model, made_up_files))

    def hold(cases: list[dict[str, Any]]) -> int:
        settled = 0
        for case, found in zip(cases, node("updates", LIVE, sealed=str(file), cases=cases), strict=True):
            ask = read_ask(path=case["ask"].get("path", ""), source=case["ask"].get("source", ""), **case["ask"].get("settings", {}))
            question = question_of(ask, model, originals)
            expected_fields, expected_rows = told_by_the_server(case, question, model, originals)
            first, *_, last = found["updates"]
            settled += bool(last["settle"])
            assert [update["sequence"] for update in found["updates"]] == list(range(1, len(found["updates"]) + 1))
            assert first.get("lengths", []) == list(question.original.lengths if question.original else [])
            following = len(question.original.digests) if question.original else 0
            assert first.get("first_line", 0) == (len(whole_of(question.original).digests) - following if question.original else 0)
            assert first["fields"]["mode"] == "Live"
            said = {**first["fields"], **last["fields"]}
            assert {name: said.get(name, "") for name in expected_fields} == expected_fields, case
            assert found["rows"] == expected_rows
            assert found["text"] == case["text"]
            assert last["state"] == ("stopped" if case["reason"] == "stopped" else "done")
        return settled

    return hold


def case_of(ask: dict[str, Any], text: str, n: int, **more: Any) -> dict[str, Any]:
    return {"ask": ask, "text": text, "pieces": 1 + n % 7, "segments": 1 + n % 3, "kept": 4_000, "reach": None, **more}


def test_rows_score_and_sentences_are_the_server_s(made_up_files: dict[str, str], holds: Holds) -> None:
    draw = random.Random(9)
    texts = list(made_up_files.items())
    texts += [(path, changed(text, draw)) for path, text in made_up_files.items() for _ in range(20)]
    texts += [(path, text[: draw.randrange(len(text))]) for path, text in made_up_files.items() for _ in range(5)]
    texts += [
        (path, other) for path in made_up_files for text in made_up_files.values() for other in (text, changed(text, draw), text[:400])
    ]
    texts += [(next(iter(made_up_files)), odd) for odd in ("", "\n", HOSTILE, HOSTILE * 30)]
    reasons = ["end of file", "stopped", "length limit", "token limit"]
    cases = [case_of({"path": path}, text, n, reason=reasons[n % len(reasons)]) for n, (path, text) in enumerate(texts)]
    assert 0 < holds(cases) < len(cases)


def test_a_difference_that_runs_through_a_text_is_told_as_by_the_server(
    made_up_files: dict[str, str], originals: Originals, holds: Holds
) -> None:
    cases, told = [], 0
    for name in ALTERED:
        for n, (path, text) in enumerate(made_up_files.items()):
            altered = "".join(ALTERED[name](number, line) for number, line in enumerate(split_lines(text), 1))
            cases.append(case_of({"path": path}, altered, n, reason="end of file"))
            cases.append(case_of({"path": path}, ALTERED["CR LF"](1, altered), n, reason="end of file"))
            told += find_difference(altered, originals.original(path), 0) is not None
    assert told >= len(ALTERED)
    path, lines = "linux/kernel/sched.c", enumerate(split_lines(made_up_files["linux/kernel/sched.c"]), 1)
    altered = "".join(f"{number:6} | +    {line[:-1]}&nbsp;“q”{'  x' * 2_000}         \r\n" for number, line in lines)
    with pytest.raises(TooMuchWorkError):  # which is told as well
        find_difference(altered, originals.original(path), 0)
    holds([*cases, case_of({"path": path}, altered, 0, reason="end of file")])


def test_settings_are_told_as_the_server_tells_them(made_up_files: dict[str, str], holds: Holds) -> None:
    path, text = next(iter(made_up_files.items()))
    settings: list[dict[str, Any]] = [
        {"temperature": 0.7, "top_k": 0, "seed": 3, "max_tokens": 40_000, "slide": False},
        {"temperature": 1.25, "top_k": 40, "seed": 2**32 - 1, "max_tokens": 99, "slide": False},
        {"temperature": 0, "top_k": 40, "seed": 7, "max_tokens": 99, "slide": True},
        {"bits": 5},
        {"bits": 8, "temperature": 0.5, "seed": 1},
    ]
    holds([case_of({"path": path, "settings": each}, text[:90], 0, reason="token limit") for each in settings])


def test_what_comes_of_a_file_is_counted_and_drawn_as_on_the_server(
    made_up_files: dict[str, str], model: Model, originals: Originals, tmp_path: Path
) -> None:
    (file := tmp_path / "sealed.safetensors").write_bytes(seal_for_browser(originals, model, made_up_files))
    draw = random.Random(11)
    texts = [(path, changed(text, draw)) for path, text in made_up_files.items() for _ in range(20)] + list(made_up_files.items())
    cases = [case_of({"path": path, "settings": {"bits": 5}}, text, 0, reason="end of file") for path, text in texts]
    for (path, text), found in zip(texts, node("outcomes", LIVE, sealed=str(file), cases=cases), strict=True):
        compared = compare_text(text, originals.original(path))
        score = compared.score
        early = closed_early(Ended("end of file", 7), score)
        numbers = (score.exact_lines, score.original_lines, score.reproduced, score.sha256_identical, early, compared.ticks)
        assert (*(found[name] for name in ("exact", "lines", "reproduced", "identical", "early", "ticks")),) == numbers
        assert found["limit"] is None


def test_source_is_held_against_what_follows_it_as_on_the_server(made_up_files: dict[str, str], holds: Holds) -> None:
    draw = random.Random(10)
    cases = []
    reasons = ["end of segment", "window end", "stopped", "token limit", "end of file"]
    for n in range(120):
        whole = draw.choice(list(made_up_files.values()))
        at = draw.randrange(len(whole))
        stop = at + draw.randrange(1, 400)
        source = draw.choice([whole[:stop], whole[at:stop], changed(whole, draw)[at:stop], "it's from nowhere\n", HOSTILE]) or "x"
        text = draw.choice([whole[stop : stop + 300], changed(whole, draw)[stop:], changed(whole, draw), HOSTILE, "", "}\n" * 30])
        reason = reasons[n % len(reasons)]
        slides = n % 3 == 0
        reach = len(text) if reason == "window end" else draw.randrange(len(text) + 1) if slides else None
        ask = {"source": source[:4_000], "settings": {"slide": slides}}
        cases.append(case_of(ask, text, n, reason=reason, reach=reach, kept=draw.choice([9, 4_000])))
    holds(cases)


def told_by_the_server(case: dict[str, Any], question: Question, model: Model, originals: Originals) -> tuple[dict[str, str], str]:
    """The page's fields, and the rows."""
    transcript = transcribe(question, emission(case, question), originals)
    result = transcript.finished(model)
    told = {
        **fields.heading(transcript, model, question.location),
        **fields.ended(result, transcript, model),
        "verdict": verdict.verdict(result, transcript, model),
        "lead": verdict.lead_in(Transcript(question, originals), model),
    }
    for name in TOLD:
        told.pop(name, None)
    if case["reason"] == "stopped" or question.ask.source or question.ask.changed_settings():
        del told["address"]  # the page has an address of its own for them
    if case["reason"] == "stopped" or not question.ask.decoding.greedy:
        del told["replay"]  # the server's stops after so many tokens, and it draws otherwise
    return told, render_rows(result.rows)
