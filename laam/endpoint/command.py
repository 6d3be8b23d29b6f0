"""The command `ask` of `python -m laam`: another model, held to the page's score."""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.compare.score import Score
from laam.corpus.lines import source_sha256, split_lines
from laam.corpus.original import after_line
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.commands import describe_score, read_input, write_to_stdout
from laam.emission.headline import Headline, headline_of
from laam.endpoint.answers import Answer
from laam.endpoint.connection import Connection
from laam.endpoint.continuing import Task, continue_text, is_over, text_of, usable
from laam.endpoint.journal import journal_file, open_journal
from laam.endpoint.parameters import INSTRUCTION, Parameters
from laam.endpoint.received import INTERRUPTED
from laam.endpoint.result import ROW_FORMAT, Result
from laam.endpoint.server import KEY, Server
from laam.knobs import NumberKnob
from laam.output import Output, add_output

CONTEXT = NumberKnob("context", "c", "Context", "lines of the original that the model is given", 20, 1, 10_000, 1)
LOW_TEMPERATURE = NumberKnob("temperature", "t", "Temperature", "of the model's draws; 0 takes the likeliest token", 0.0, 0.0, 2.0, 0.1)
DRAW = NumberKnob("seed", "seed", "Seed", "is sent to the server, which may heed it", -1, 0, 2**32 - 1, 1, unset="for none")
STEP = NumberKnob(
    "step", "s", "Step", "tokens of one answer", 0, 1, 1_000_000, 1, unset="for as many as the rest takes, and of a base model 256"
)
STEPS = NumberKnob("steps", "m", "Steps", "answers at most, each after all that was written before", 64, 1, 1_000, 1)
TIMEOUT = NumberKnob("timeout", "timeout", "Timeout", "seconds of silence, before an answer and within it", 600.0, 0.1, 86_400.0, 1.0)
KNOBS = (CONTEXT, LOW_TEMPERATURE, DRAW, STEP, STEPS, TIMEOUT)

_EXAMPLES = f"""examples:
  python -m laam ask --endpoint https://example.org/v1 --model NAME --original mine.c --context 20
  python -m laam ask --endpoint http://127.0.0.1:8080/v1 --model NAME --original mine.c --completions --json
  for f in src/*.c; do python -m laam ask --endpoint … --model NAME --original $f --rows table.jsonl > /dev/null; done

The server gets the first lines of the file, and with --step after each answer those and all that the model has written; never what follows.
Its text, and nothing else, goes to stdout, the score of what follows the given lines to stderr. What is no continuation (a refusal, an
empty answer, thoughts alone, …) gets no number. If the server wants a key, put it into {KEY}; it is sent to the endpoint alone, and
printed nowhere. Each answer is kept in a journal: a run that stopped goes on when the same command is given again, and a finished one is
not asked again.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `ask`."""
    parser = add_command(
        subparsers,
        "ask",
        run_ask,
        help="give any other model the head of a file, and score how it goes on",
        description="Give a model on any server that speaks OpenAI's protocol the first lines of a file; let it go on, and score its text.",
        examples=_EXAMPLES,
        done="measured, whatever the score",
        differing="not measured: the message says why",
    )
    parser.set_defaults(needs_network=lambda _: True)
    parser.add_argument("--endpoint", required=True, metavar="URL", help="the server's address, such as https://example.org/v1")
    parser.add_argument("--model", required=True, metavar="NAME", help="the model, as the server calls it")
    parser.add_argument("--original", required=True, metavar="F", help="the file")
    parser.add_argument("--completions", action="store_true", help="ask a base model, at /completions, instead of a chat model")
    for knob in KNOBS:
        parser.add_argument(f"--{knob.name}", default=knob.default, metavar="N", help=knob.description)
    parser.add_argument("--journal", type=Path, metavar="FILE", help="where the answers are kept (default: a file of LAAM_CACHE)")
    parser.add_argument("--again", action="store_true", help="ask anew, though the journal has a run")
    add_output(parser, "the file")


def run_ask(args: argparse.Namespace) -> int:
    """Ask, and score; see the parser. Returns 1 if there is no number. Raises ValueError for arguments or a file that can't be used."""
    context, temperature, seed = CONTEXT.read(args.context), LOW_TEMPERATURE.read(args.temperature), DRAW.read(args.seed)
    step, steps = STEP.read(args.step), STEPS.read(args.steps)
    server = Server(args.endpoint, args.model, os.environ.get(KEY, ""), chat=not args.completions)
    whole = _text(args.original)
    lines = split_lines(whole)
    if len(lines) <= context:
        raise ValueError(f"--context {context}: {args.original} has {len(lines):,} lines, so nothing would be left to write; give fewer")
    output = Output(args, ROW_FORMAT)
    task = Task("".join(lines[:context]), "".join(lines[context:]), step, steps)
    settings = {
        "context": context,
        "temperature": temperature,
        "seed": None if seed == DRAW.default else seed,
        "step": step or None,
        "completions": args.completions,
    }
    answers = _answers(args, server, task, settings)
    result = Result(server, task, Path(args.original).name, answers, settings | {"steps": steps})
    if result.measured:
        result = replace(result, scored=_scored(result, context, SealedManifest.open(args.settings.manifest_file)))
    output.add_rows([result.row()])
    output.end(result.as_dict())
    if not output.json:
        print("\n" + "\n".join(_told(result)), file=sys.stderr)
    return 0 if result.measured else 1


def _text(name: str) -> str:
    try:
        return read_input(name, "--original").decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"--original {name}: is not UTF-8 text, which is all that can be sent; convert it") from error


def _answers(args: argparse.Namespace, server: Server, task: Task, settings: dict[str, Any]) -> list[Answer]:
    """All answers, those in the journal and new ones. What a server won't do is said on stderr."""
    timeout_s = TIMEOUT.read(args.timeout)
    prompt = {"original_sha256": source_sha256(task.original), "instruction": INSTRUCTION if server.chat else None}
    known = {"endpoint": server.endpoint, "model": server.model, **settings, **prompt}
    file = args.journal or journal_file(args.settings.cache, known)
    with open_journal(file, known, again=args.again) as journal:
        answers = usable(journal.answers, task.steps)
        if answers:
            ended = "; --again asks anew" if is_over(task, answers) else ", and it goes on"
            print(f"{wording.count(len(answers), 'answer')} from the journal {file}{ended}", file=sys.stderr)
        parameters = Parameters(server, settings["temperature"], settings["seed"], answers[-1].left_out if answers else ())
        bar = tqdm(total=len(task.rest), unit="B", unit_scale=True, desc=server.model, disable=not sys.stderr.isatty())
        with bar, Connection(server, parameters, timeout_s=timeout_s, tell=lambda told: print(told, file=sys.stderr)) as connection:
            if not args.json:
                write_to_stdout(text_of(answers))
            for answer in continue_text(connection, task, answers, bar.update):
                journal.add(answer)
                answers.append(answer)
                if not args.json:
                    write_to_stdout(answer.text)
                if answer.fault == INTERRUPTED:
                    raise KeyboardInterrupt
    return answers


def _scored(result: Result, context: int, manifest: SealedManifest) -> tuple[Score, Headline]:
    """The text held against the rest of the file. Only of a file of the release it is known in how many files its lines stand."""
    original = after_line(GivenOriginal(result.original, result.task.original), context)
    is_of_release = any(file.sha256 == original.file.sha256 for file in manifest.catalog)
    line_files = manifest.line_files() if is_of_release else None
    score = compare_text(result.text, original, prompt_characters=len(result.task.given), line_files=line_files).score
    return score, headline_of(score, "rest")


def _told(result: Result) -> Iterator[str]:
    """The result in lines, for people."""
    settings = result.settings
    answered_by = ", ".join(sorted({answer.model for answer in result.answers} - {"", result.server.model}))
    yield (
        f"{result.server.model}{f' ({answered_by})' if answered_by else ''}, given {wording.count(settings['context'], 'line')}, "
        f"in {wording.count(len(result.answers), 'answer')}, temperature {settings['temperature']:g}"
    )
    yield from result.remarks
    yield describe_score(*result.scored) if result.scored else result.not_measured
