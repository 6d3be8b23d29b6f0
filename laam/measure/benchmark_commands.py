"""The command `benchmark` of `python -m laam`: a model's guesses at examples of lm-extraction-benchmark."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from math import isinf
from pathlib import Path
from typing import Any

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.corpus.releases import SHIPPED
from laam.emission import wording
from laam.files import check_folder, file_sha256
from laam.formats import stamped
from laam.measure.arguments import add_model, measured_model
from laam.measure.atlas import shown_name
from laam.measure.benchmark import ERRORS, SPLIT, Examples, read_examples, recall_at_errors, write_guesses
from laam.measure.extraction import DIGITS
from laam.measure.intervals import wilson
from laam.measure.places import PREFIX, SUFFIX
from laam.measure.sampling import CHANCE, DRAWS, discoverable, suffix_logs
from laam.model.model import REFERENCE_PRECISION, Model
from laam.output import Output, add_output
from laam.settings import Settings

FORMAT, ROW_FORMAT = "laam-benchmark-1", "laam-benchmark-row-1"
_AT_ONCE = 64

_EXAMPLES = f"""examples:
  python -m laam evaluate --source {SHIPPED.tarballs[-1]} --benchmark-out examples   places of the release as such arrays
  python -m laam benchmark examples                                            the embedded model's guesses at them
  python -m laam benchmark datasets --split val --model some/folder --out guesses

The arrays hold token ids of the model's own tokenizer: those of the benchmark itself are GPT-2's. Without suffixes, guesses are written,
and nothing is scored.
"""


@dataclass(frozen=True)
class Guess:
    """A model's greedy guess at an example. `loss`: the mean of −ln p over its tokens. `right`, and the logarithms of the true suffix, see
    `laam.measure.sampling`: None if no suffix is known."""

    example: int
    guess: list[int]
    loss: float
    right: bool | None
    log: float | None
    top_k_log: float | None


def add_commands(subparsers: Subparsers) -> None:
    """Register `benchmark`."""
    parser = add_command(
        subparsers,
        "benchmark",
        run_benchmark,
        help="guess suffixes of examples in the format of lm-extraction-benchmark",
        description="Give a model the prefixes of examples, as google-research/lm-extraction-benchmark has them, and hold its greedy "
        "guesses against the suffixes.",
        examples=_EXAMPLES,
        done="guessed, whatever was right",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="has NAME_prefix.npy, and NAME_suffix.npy if they are known")
    parser.add_argument("--split", default=SPLIT, metavar="NAME", help=f"which arrays (default {SPLIT})")
    add_model(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the guesses there: generations/0.npy, losses/0.npy, guess1.csv")
    add_output(parser, "each example")


def run_benchmark(args: argparse.Namespace) -> int:
    """Guess; see the parser. Raises ValueError for arrays that can't be used."""
    settings: Settings = args.settings
    output = Output(args, ROW_FORMAT)
    if args.out:
        check_folder(args.out, "--out")
    model = replace(measured_model(args, settings), wanted_precision=REFERENCE_PRECISION)  # int8 rounds differently elsewhere
    if model.window < PREFIX + SUFFIX:
        raise ValueError(f"model {model.name!r}: its window of {model.window} tokens doesn't hold the {PREFIX + SUFFIX} of an example")
    examples = read_examples(args.folder, args.split, model.codec.vocab_size)
    bar = tqdm(guesses_at(model, examples), total=len(examples.prefixes), unit="example", desc=model.name, disable=not sys.stderr.isatty())
    guesses = list(bar)
    if args.out:
        write_guesses(args.out, examples.prefixes, [each.guess for each in guesses], [each.loss for each in guesses])
    known = {
        "model": shown_name(model.name),
        "weights_sha256": model.digest,
        "precision": model.precision,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "split": args.split,
        "prefixes_sha256": file_sha256(args.folder / f"{args.split}_prefix.npy"),
    }
    output.say(f"{known['model']}: {wording.count(len(guesses), 'example')} of {args.folder}, split {args.split}")
    for line in _told(guesses):
        output.say(line)
    output.add_rows({**known, **asdict(guess)} for guess in guesses)
    output.end(stamped(FORMAT, {**known, "examples": len(guesses), "scored": _scored(guesses)}))
    return 0


def guesses_at(model: Model, examples: Examples) -> Iterator[Guess]:
    """A guess at each example. One that ends early is filled up with the token that ended it."""
    stop = model.format.stop
    for first in range(0, len(examples.prefixes), _AT_ONCE):
        prefixes = [list(map(int, ids)) for ids in examples.prefixes[first : first + _AT_ONCE]]
        for number, answer in enumerate(model.engine.batch(prefixes, stop, SUFFIX)):
            prefix, guess = prefixes[number], answer + answer[-1:] * (SUFFIX - len(answer))
            loss = round(-suffix_logs(model, prefix, guess).of_all / SUFFIX, DIGITS)
            if examples.suffixes is None:
                yield Guess(first + number, guess, loss, None, None, None)
                continue
            true = list(map(int, examples.suffixes[first + number]))
            logs = suffix_logs(model, prefix, true)
            of_top_k = None if isinf(logs.of_top_k) else round(logs.of_top_k, DIGITS)
            yield Guess(first + number, guess, loss, guess == true, round(logs.of_all, DIGITS), of_top_k)


def _scored(guesses: Sequence[Guess]) -> dict[str, Any] | None:
    """What was right; None if no suffixes are known."""
    right = [each.right for each in guesses if each.right is not None]
    if not right:
        return None
    interval = wilson(sum(right), len(right))
    logs = [float("-inf") if each.top_k_log is None else each.top_k_log for each in guesses]
    return {
        "right": sum(right),
        "interval": interval and asdict(interval),
        "recall_at_100_errors": recall_at_errors(right, [each.loss for each in guesses]),
        "discoverable": {draws: discoverable(logs, draws) for draws in DRAWS},
    }


def _told(guesses: Sequence[Guess]) -> Iterator[str]:
    scored, total = _scored(guesses), len(guesses)
    if scored is None:
        yield "There are no suffixes, so nothing is scored."
        return
    interval = wilson(scored["right"], total)
    within = f" (95 %: {interval.in_words})" if interval else ""
    yield f"guessed right: {wording.percent(scored['right'] / total)}, {scored['right']:,} of {total:,}{within}"
    yield f"recall at {ERRORS} wrong guesses, the surest first: {wording.percent(scored['recall_at_100_errors'])}"
    draws = "; ".join(f"n = {n:,}: {wording.percent(count / total)}" for n, count in scored["discoverable"].items())
    yield f"(n, p)-discoverable, top-40, p = {CHANCE}: {draws}"
