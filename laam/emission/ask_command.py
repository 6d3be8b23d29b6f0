"""The command `ask` of `python -m laam`: another model, held to the page's score."""

import argparse
import json
import os
import sys

from laam.commands import Subparsers, add_command
from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.corpus.lines import source_bytes, source_text, split_lines
from laam.corpus.original import after_line
from laam.corpus.sealed import SealedManifest
from laam.emission.commands import describe_score, read_input
from laam.emission.headline import headline_of
from laam.knobs import NumberKnob

KEY = "LAAM_API_KEY"
CONTEXT = NumberKnob("context", "c", "Context", "lines of the original that the model is given", 20, 1, 10_000, 1)
LOW_TEMPERATURE = NumberKnob("temperature", "t", "Temperature", "of the model's draws; 0 takes the likeliest token", 0.0, 0.0, 2.0, 0.1)
STEP = NumberKnob("step", "s", "Step", "tokens that the model writes in one step", 256, 1, 8_192, 1)
STEPS = NumberKnob("steps", "m", "Steps", "steps at most", 64, 1, 1_000, 1)

_EXAMPLES = f"""examples:
  python -m laam ask --endpoint https://example.org/v1 --model NAME --original acl.c --context 20
  python -m laam ask --endpoint http://127.0.0.1:8080/v1 --model NAME --original acl.c --completions --json

The server gets the first lines of the file, and after each step those and all that it has written; never what follows. Its text, and
nothing else, goes to stdout, the score of what follows the given lines to stderr. If the server wants a key, put it into {KEY}; it is
sent to the endpoint alone, and printed nowhere.
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
        done="asked, whatever the score",
    )
    parser.set_defaults(needs_network=lambda _: True)
    parser.add_argument("--endpoint", required=True, metavar="URL", help="the server's address, such as https://example.org/v1")
    parser.add_argument("--model", required=True, metavar="NAME", help="the model, as the server calls it")
    parser.add_argument("--original", required=True, metavar="F", help="the file")
    parser.add_argument("--completions", action="store_true", help="ask a base model, at /completions, instead of a chat model")
    for knob in (CONTEXT, LOW_TEMPERATURE, STEP, STEPS):
        parser.add_argument(f"--{knob.name}", default=knob.default, metavar="N", help=knob.description)
    parser.add_argument("--json", action="store_true", help="print one JSON object with text, score and settings")


def run_ask(args: argparse.Namespace) -> int:
    """Ask, and score; see the parser. Raises ValueError for arguments, a file or a server that can't be used."""
    from laam.emission.others import Server, continue_text

    context, temperature = CONTEXT.read(args.context), LOW_TEMPERATURE.read(args.temperature)
    step, steps = STEP.read(args.step), STEPS.read(args.steps)
    server = Server(args.endpoint, args.model, os.environ.get(KEY, ""), chat=not args.completions)
    whole = source_text(read_input(args.original, "--original"))
    lines = split_lines(whole)
    if len(lines) <= context:
        raise ValueError(f"--context {context}: {args.original} has {len(lines):,} lines, so nothing would be left to write; give fewer")
    given, rest = "".join(lines[:context]), "".join(lines[context:])
    text, taken = "", 0
    for answer in continue_text(server, given, temperature=temperature, tokens=step, steps=steps, characters=len(rest)):
        text, taken = text + answer.text, taken + 1
        if not args.json:
            sys.stdout.buffer.write(source_bytes(answer.text))
            sys.stdout.buffer.flush()
    manifest = SealedManifest.open(args.settings.manifest_file)
    original = after_line(GivenOriginal(args.original, whole), context)
    score = compare_text(text, original, prompt_characters=len(given), line_files=manifest.line_files()).score
    headline = headline_of(score, "rest")
    if args.json:
        settings = {"context": context, "temperature": temperature, "step": step, "steps": taken, "completions": args.completions}
        facts = {"endpoint": server.endpoint, "model": server.model, "original_sha256": original.file.sha256, "settings": settings}
        print(json.dumps({"text": text, "headline": headline.as_dict(), "score": score.as_dict(), **facts}))
    else:
        told = f"{server.model}, given {context:,} lines, in steps of {step:,} tokens ({taken:,}), temperature {temperature:g}"
        print(f"\n{told}\n{describe_score(score, headline)}", file=sys.stderr)
    return 0
