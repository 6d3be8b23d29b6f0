"""The commands `emit` and `score` of `python -m laam`."""

import argparse
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.compare.credit import CreditScore
from laam.compare.live import compare_text
from laam.compare.score import Score
from laam.corpus.lines import source_bytes, source_text
from laam.corpus.originals import AUTO as AUTO_ORIGINALS
from laam.corpus.originals import SEALED, Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import conditions, wording
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, emit
from laam.emission.folder import files_there, write_files
from laam.emission.headline import Headline, headline_of
from laam.emission.question import question_of
from laam.emission.receipts import option
from laam.emission.transcript import Transcript
from laam.files import check_folder
from laam.formats import stamped
from laam.knobs import (
    AGAINST,
    ANYWAY,
    BITS,
    MAX_TOKENS,
    NOISE,
    PATH,
    PIECES,
    PRUNED,
    SEED,
    SLIDE,
    SOURCE,
    TEMPERATURE,
    TOP_K,
    USUAL_PIECES,
    NumberKnob,
)
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.lossy_copy import asked_model
from laam.model.obtain import obtain_model
from laam.output import Output, add_output
from laam.settings import Settings

SCORE, SCORE_ROW = "laam-score-1", "laam-score-row-1"
MODEL_NAMES = "auto, embedded, published-5m, published-32m, a model folder, or a hub id: owner/name@revision"

_EMIT_EXAMPLES = """examples:
  python -m laam emit $file                   the text on stdout, the score on stderr
  python -m laam emit $file > $name         the text into a file
  python -m laam emit $name --temperature 0.5 --seed 7
  python -m laam emit $name --json                   one object: text, headline, score, receipts
  python -m laam emit --source-file start.c            continue source, which is looked up among all lines
  python -m laam emit $name --model $published     the published model, fetched once from the hub
  python -m laam emit $name --model $published --pieces   the whole file, each later piece from its own first 32 tokens
  python -m laam emit $name --bits 5                 the model’s weights rounded to 5 bits each
  python -m laam emit --all OUT                        every file that the model knows, into the folder OUT

A run of --all that was killed goes on with the files that are not there yet when the same command is given again.
"""

_SCORE_EXAMPLES = """examples:
  python -m laam score $file --file $name   score any text against the original
  python -m laam emit $name | python -m laam score $name --file - --json
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `emit` and `score`."""
    parser = add_command(
        subparsers,
        "emit",
        run_emit,
        help="let a model write a file of the exhibit",
        description="Ask the model for a file by name. Its text, and nothing else, goes to stdout as it comes; the score to stderr.",
        examples=_EMIT_EXAMPLES,
        done="emitted, whatever the score; with --all, every file has the sha256 of the original",
        differing="with --all, some file came out differently and was not written",
    )
    parser.add_argument("path", nargs="?", default="", metavar="PATH", help=PATH.description)
    parser.add_argument("--source-text", default="", metavar="TEXT", help=f"instead of a path: {SOURCE.description}")
    parser.add_argument("--source-file", metavar="F", help="the same from a file; - for standard input")
    parser.add_argument("--no-prompt", action="store_true", help="instead of a path: let a published model begin as it likes")
    parser.add_argument(
        "--all", type=Path, metavar="OUT", help="instead of a path: write every file that the model knows into the folder OUT"
    )
    _add_knob(parser, PIECES, nargs="?", const=str(USUAL_PIECES))
    for switch in (SLIDE, ANYWAY):
        parser.add_argument(option(switch.name), action="store_true", help=switch.description)
    parser.add_argument(option(AGAINST.name), default="", metavar="PATH", help=AGAINST.description)
    parser.add_argument("--model", metavar="NAME", help=f"{MODEL_NAMES} (default: LAAM_MODEL, or auto)")
    for knob in (BITS, NOISE, PRUNED, TEMPERATURE, TOP_K, SEED, MAX_TOKENS):
        _add_knob(parser, knob)
    parser.add_argument("--json", action="store_true", help="print one JSON object with text, score and receipts")

    score = add_command(
        subparsers,
        "score",
        run_score,
        help="score a text against an original",
        description="Hold any text against a file of the exhibit and print the score.",
        examples=_SCORE_EXAMPLES,
        done="scored, whatever the score",
    )
    score.add_argument("path", metavar="PATH", help=PATH.description)
    score.add_argument("--file", required=True, metavar="F", help="the text to score; - for standard input")
    add_output(score, "the text")


def _add_knob(parser: argparse.ArgumentParser, knob: NumberKnob[int] | NumberKnob[float], **more: Any) -> None:
    """An option for a knob, with its bounds, default and description. `ask_of` reads what is given. `more`: of the option."""
    parser.add_argument(option(knob.name), default=knob.default, metavar=knob.key[0].upper(), help=knob.description, **more)


def run_emit(args: argparse.Namespace) -> int:
    """Emit what was asked for; see the parser. Raises ValueError for an ask that makes no sense."""
    if args.all is not None:
        return _emit_all(args)
    ask, settings = ask_of(args), args.settings
    originals = local_originals(settings)
    model = obtain_model(ask.model or settings.model, settings)
    question = question_of(ask, model, originals)
    transcript = Transcript(question, originals)
    size = question.original and sum(question.original.lengths)
    bar = tqdm(total=size, unit="B", unit_scale=True, desc=question.ask.path or "emission", disable=not sys.stderr.isatty())
    with bar, closing(emit(question, model)) as events:
        for event in events:
            transcript.take(event)
            if isinstance(event, Emitted):
                bar.update(len(event.text))
                if not args.json:
                    write_to_stdout(event.text)
    finished = transcript.finished(model)
    if args.json:
        print(json.dumps(finished.as_dict()))
    else:
        described = describe_score(finished.compared.score, finished.headline)
        ending, replay = conditions.ending(finished.ended, model.window), f"replay: {finished.receipts.command}"
        print("\n".join(filter(None, (conditions.lossy_sentence(ask.lossy), ending, described, finished.instead, replay))), file=sys.stderr)
    return 0


def _emit_all(args: argparse.Namespace) -> int:
    """Write every file that the model knows into a folder. Raises ValueError if anything but the model, and what its weights lose, is given
    beside --all."""
    lossy = _lossy_of(args)
    others = (args.path, args.source_text, args.source_file is not None, args.no_prompt, args.json, args.slide, args.anyway, args.against)
    changed = [getattr(args, knob.name) != knob.default for knob in (PIECES, TEMPERATURE, TOP_K, MAX_TOKENS)]
    if any([*others, *changed, SEED.read(args.seed) != lossy.seed]):
        beside = "--model, and --bits, --noise with --seed, and --pruned"
        raise ValueError(f"--all: every file is emitted whole, greedily, with no source text; give only {beside} beside it")
    check_folder(args.all, "--all")
    settings: Settings = args.settings
    model = obtain_model(args.model or settings.model, settings)
    files = [file for file in SealedManifest.open(settings.manifest_file).catalog if model.learned(file)]
    if not files:
        raise ValueError(
            f"--all: {model.fault}"
            if model.fault
            else f"--all: model {model.name!r} doesn't say what it was trained on; name a file instead"
        )
    there = {file.path for file in files_there(files, args.all)}
    if there and lossy:
        raise ValueError(f"--all {args.all}: has files of another run, and which model wrote them can't be told; give an empty folder")
    left = [file for file in files if file.path not in there]
    began = time.monotonic()
    differing = []
    bar = tqdm(total=len(left), unit="file", desc=model.name, disable=not sys.stderr.isatty())
    with asked_model(model, lossy) as asked, bar:
        for written in write_files(asked, left, args.all):
            bar.update()
            if not written.identical:
                differing.append(written.path)
    for path in sorted(differing):
        print(f"{path}: not the original, so not written", file=sys.stderr)
    before = f", {len(there):,} of them from before" if there else ""
    print(
        f"{len(files) - len(differing):,} of {wording.count(len(files), 'file')} with the sha256 of the original{before}, "
        f"in {time.monotonic() - began:,.1f} s: {args.all}\n{conditions.lossy_sentence(lossy) or wording.NOT_THERE}",
        file=sys.stderr,
    )
    return 1 if differing else 0


def ask_of(args: argparse.Namespace) -> Ask:
    """What the arguments of `emit` ask for. Raises ValueError if they ask for nothing, or for two things."""
    pieces = PIECES.read(args.pieces)  # before all, since it may have taken the path
    asked = [bool(args.path), bool(args.source_text), args.source_file is not None, args.no_prompt]
    if sum(asked) != 1:
        raise ValueError("give one of PATH, --source-text, --source-file, --no-prompt and --all")
    source = args.source_text
    if args.source_file is not None:
        source = source_text(read_input(args.source_file, "--source-file"))
        if not source:
            raise ValueError(f"--source-file {args.source_file}: is empty; give source to continue, or --no-prompt")
    return Ask(
        path=args.path,
        source=source,
        pieces=pieces,
        decoding=Decoding(TEMPERATURE.read(args.temperature), TOP_K.read(args.top_k), SEED.read(args.seed)),
        lossy=_lossy_of(args),
        max_tokens=MAX_TOKENS.read(args.max_tokens),
        slide=args.slide,
        anyway=args.anyway,
        against=args.against,
        model=args.model or "",
    )


def _lossy_of(args: argparse.Namespace) -> Lossy:
    return Lossy(BITS.read(args.bits), NOISE.read(args.noise), PRUNED.read(args.pruned), SEED.read(args.seed))


def local_originals(settings: Settings) -> Originals:
    """The originals that LAAM_ORIGINALS names, from this machine alone: a command does not download the release.

    If the tarball or folder that it names can't be used, stderr says why, and the originals are sealed.
    """
    manifest = SealedManifest.open(settings.manifest_file)
    originals = Originals(manifest, settings.originals, settings.cache, offline=True)
    originals.start()
    if not originals.wait() and settings.originals not in (AUTO_ORIGINALS, SEALED):
        print(originals.line, file=sys.stderr)
    return originals


def run_score(args: argparse.Namespace) -> int:
    """Score `args.file` against `args.path`. Raises ValueError for a file that can't be read."""
    output = Output(args, SCORE_ROW)
    originals = local_originals(args.settings)
    original = originals.original(args.path)
    text = source_text(read_input(args.file, "--file"))
    score = compare_text(text, original, line_files=originals.manifest.line_files()).score
    headline = headline_of(score)
    output.say(describe_score(score, headline))
    row = {"text": args.file, "original": original.file.path, "headline": headline.as_dict(), "score": score.as_dict()}
    output.add_rows([row])
    output.end(stamped(SCORE, row))
    return 0


def describe_score(score: Score | CreditScore, headline: Headline) -> str:
    """The score in the page's words: two lines, then one with the measures, and one if the whole text differs in the same way."""
    fields = wording.fields_of(score, whole_file=headline.kind != "aside")
    first = f"{'found' if headline.of == 'text' else 'reproduced'} {headline.in_full}"
    own_lines = [fields.pop(name) for name in ("measures", "difference") if name in fields]
    return "\n".join([first, " · ".join(fields.values()), *own_lines])


def read_input(name: str, option: str) -> bytes:
    """The bytes of a file, or of standard input if `name` is -. Raises ValueError, which names the `option` that the file came by."""
    if name == "-" and sys.stdin is None:
        raise ValueError(f"{option} -: standard input is closed; give a file")
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ValueError(f"{option} {name}: can't be read: {error.strerror}") from error


def write_to_stdout(text: str) -> None:
    """Write to standard output what a model wrote."""
    # Bytes, so that neither the terminal's encoding nor newline translation can change it.
    sys.stdout.buffer.write(source_bytes(text))
    sys.stdout.buffer.flush()
