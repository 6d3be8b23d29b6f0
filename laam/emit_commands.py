"""The commands `emit` and `score` of `python -m laam`."""

import argparse
import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from laam import wording
from laam.commands import add_command
from laam.compare.live import compare_text
from laam.compare.score import Score
from laam.corpus.lines import source_bytes, source_text
from laam.corpus.sealed import SealedManifest
from laam.emission import MAX_TOKENS, EmissionRequest, Emitted, Ended, Prompted, emit
from laam.model.engine import MAX_TEMPERATURE, Decoding
from laam.model.zoo import open_model
from laam.receipts import receipts_of
from laam.settings import read_settings

if TYPE_CHECKING:
    from laam.commands import Subparsers

_EMIT_EXAMPLES = """examples:
  python -m laam emit kernel/sched.c                   the text on stdout, the score on stderr
  python -m laam emit kernel/sched.c > sched.c         and into a file
  python -m laam emit sched.c --temperature 0.5 --seed 7
  python -m laam emit sched.c --json                   one object: text, score, receipts

exit codes:
  0    emitted, whatever the score
  2    no such file or model, or an argument out of bounds
  130  interrupted
  141  the reader of the text went away, as `| head` does
"""

_SCORE_EXAMPLES = """examples:
  python -m laam score kernel/sched.c --file sched.c   score any text against the original
  python -m laam emit sched.c | python -m laam score sched.c --file - --json

exit codes:
  0  scored, whatever the score
  2  no such file, or it can't be read
"""


def add_commands(subparsers: "Subparsers") -> None:
    """Register `emit` and `score`."""
    parser = add_command(
        subparsers,
        "emit",
        run_emit,
        help="let a model write a file of Linux 1.0",
        description="Ask the model for a file by name. Its text, and nothing else, goes to stdout as it comes; the score to stderr.",
        epilog=_EMIT_EXAMPLES,
    )
    parser.add_argument("path", metavar="PATH", help="a source file of Linux 1.0, such as kernel/sched.c")
    parser.add_argument("--model", metavar="NAME", help="embedded, or a folder that `laam train` wrote (default: LAAM_MODEL, or embedded)")
    parser.add_argument("--temperature", type=float, default=0.0, metavar="T", help=f"0 to {MAX_TEMPERATURE}; 0, the default, is greedy")
    parser.add_argument("--top-k", type=int, default=0, metavar="K", help="above temperature 0: draw from the K likeliest tokens (0: all)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="above temperature 0: the same seed gives the same text")
    parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS, metavar="N", help=f"stop after N tokens (default {MAX_TOKENS:,})")
    parser.add_argument("--json", action="store_true", help="print one JSON object with text, score and receipts")

    score = add_command(
        subparsers,
        "score",
        run_score,
        help="score a text against an original",
        description="Hold any text against a file of Linux 1.0 and print the score.",
        epilog=_SCORE_EXAMPLES,
    )
    score.add_argument("path", metavar="PATH", help="a source file of Linux 1.0, such as kernel/sched.c")
    score.add_argument("--file", required=True, metavar="F", help="the text to score; - for standard input")
    score.add_argument("--json", action="store_true", help="print JSON")


def run_emit(args: argparse.Namespace) -> int:
    """Emit `args.path`; see the parser. Raises ValueError for what can't be asked."""
    settings = read_settings()
    manifest = SealedManifest.open(settings.manifest_file)
    original = manifest.original(args.path)
    request = EmissionRequest(original.file.path, Decoding(args.temperature, args.top_k, args.seed), args.max_tokens)
    model = open_model(args.model or settings.model, settings)
    prompts, pieces, ended = [], [], None
    bar = tqdm(total=original.file.size, unit="B", unit_scale=True, desc=original.file.path, disable=not sys.stderr.isatty())
    with bar, closing(emit(request, model)) as events:
        for event in events:
            if isinstance(event, Prompted):
                prompts.append(event.prompt)
            elif isinstance(event, Emitted):
                pieces.append(event.text)
                bar.update(len(event.text))
                if not args.json:
                    _write(event.text)
            elif isinstance(event, Ended):
                ended = event
    text = "".join(pieces)
    comparison = compare_text(text, original, prompt_characters=sum(map(len, prompts)), line_files=manifest.line_files())
    receipts = receipts_of(request, model, original.file, prompts)
    if args.json:
        assert ended is not None
        record = {"text": text, "ended": asdict(ended), "score": comparison.score.as_dict(), "receipts": asdict(receipts)}
        print(json.dumps(record))
    else:
        print(f"{wording.ending(ended)}\n{describe_score(comparison.score)}\nreplay: {receipts.command}", file=sys.stderr)
    return 0


def run_score(args: argparse.Namespace) -> int:
    """Score `args.file` against `args.path`. Raises ValueError for a file that can't be read."""
    manifest = SealedManifest.open(read_settings().manifest_file)
    original = manifest.original(args.path)
    try:
        data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
    except OSError as error:
        raise ValueError(f"--file {args.file}: can't be read: {error.strerror}") from error
    score = compare_text(source_text(data), original, line_files=manifest.line_files()).score
    print(json.dumps(score.as_dict()) if args.json else describe_score(score))
    return 0


def describe_score(score: Score) -> str:
    """The score in two lines, in the page's words."""
    fields = wording.score_fields(score)
    return f"reproduced {fields.pop('reproduced')} of the original's characters, in lines written exactly and in order\n" + " · ".join(
        fields.values()
    )


def _write(text: str) -> None:
    # Bytes, so that neither the terminal's encoding nor newline translation can change what the model wrote.
    sys.stdout.buffer.write(source_bytes(text))
    sys.stdout.buffer.flush()
