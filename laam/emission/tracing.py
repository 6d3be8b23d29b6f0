"""The command `trace` of `python -m laam`, and a trace in words."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.compare.passages import Passage
from laam.compare.score import Score
from laam.compare.trace import Trace, trace_text
from laam.corpus.lines import source_text
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.commands import describe_score, read_input
from laam.emission.headline import headline_of
from laam.emission.sarif import sarif_of
from laam.formats import stamped
from laam.output import Output, add_output
from laam.words import say

FORMAT, ROW_FORMAT = "laam-trace-1", "laam-trace-row-1"

_EXAMPLES = """examples:
  python -m laam trace answer.c                          which lines of a text stand in the release, and where
  pbpaste | python -m laam trace - --json
  python -m laam trace answer.c --original mine.c       held against a file of your own as well, with the page's score
  python -m laam trace src --check                       every text file of a folder; for a hook
  python -m laam trace src --sarif > laam.sarif          the same for a code host, which shows each place beside the lines

Lines are looked up by their sealed digests, so nobody needs the originals' text for it. A run of lines counts if at least two of its lines
tell something (no blank lines, no braces, no words of a licence, no line that stands in more than ten files) and have 60 characters
together. Eight telling lines count in the order of one file, if there are gaps between them. If tabs, line ends, marks or numbers run
through a whole text, what would be found without them is told beside it.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `trace`."""
    parser = add_command(
        subparsers,
        "trace",
        run_trace,
        help="find the lines of any text in the release",
        description="Find which lines of any text, such as another model's answer, stand in the release: where, and under which licences.",
        examples=_EXAMPLES,
        done="traced, whatever was found, unless --check is given",
        differing="with --check: something was found",
    )
    parser.add_argument("file", metavar="F", help="the text, or a folder; - for standard input")
    parser.add_argument("--original", metavar="G", help="a file to hold the text against as well, such as one of a later release")
    form = parser.add_mutually_exclusive_group()
    add_output(parser, "each text", form)
    form.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0, as code hosts take it")
    parser.add_argument("--check", action="store_true", help="exit with 1 if anything is found")


def run_trace(args: argparse.Namespace) -> int:
    """Trace `args.file`; see the parser. Raises ValueError for a file that can't be read."""
    output = Output(args, ROW_FORMAT)
    manifest = SealedManifest.open(args.settings.manifest_file)
    folder = Path(args.file) if Path(args.file).is_dir() else None
    if folder and args.original is not None:
        raise ValueError(f"--original {args.original}: F is a folder; give one file to hold against it")
    texts = dict(_texts_in(folder)) if folder else {args.file: _one_text(args.file)}
    traces = {name: trace_text(text, manifest) for name, text in texts.items()}
    scores: dict[str, Score] = {}
    if args.original is not None:
        original = GivenOriginal(args.original, source_text(read_input(args.original, "--original")))
        scores = {name: compare_text(text, original, line_files=manifest.line_files()).score for name, text in texts.items()}
    found = sum(bool(trace.most.passages) for trace in traces.values())
    rows = [
        {"text": name, **trace.as_dict(), "score": scores[name].as_dict() if name in scores else None} for name, trace in traces.items()
    ]
    if args.sarif:
        print(json.dumps(sarif_of(traces, manifest.release)))
    elif folder:
        for name, trace in traces.items():
            for passage in trace.most.passages:
                without = f" · without a difference: {trace.difference}" if trace.difference else ""
                output.say(f"{name}: {describe_passage(passage)}{without}")
    else:
        for line in _told(traces[args.file], manifest.release):
            output.say(line)
        for score in scores.values():
            output.say(f"against {args.original}: {describe_score(score, headline_of(score))}")
    output.add_rows(rows)
    output.end(stamped(FORMAT, {"release": manifest.release.title, "found": found, "texts": rows}))
    if folder:
        counted = wording.count(len(traces), "text file")
        print(f"{found:,} of {counted} in {folder} have lines of {manifest.release.title}", file=sys.stderr)
    return int(args.check and found > 0)


def _told(trace: Trace, release: Release) -> Iterator[str]:
    yield from map(describe_passage, trace.most.passages)
    yield from trace_sentences(trace, release)


def _one_text(name: str) -> str:
    text = source_text(read_input(name, "F"))
    if not text.strip():
        raise ValueError(f"F {name}: there is no text; give a file with some lines")
    return text


def _texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """The text files below a folder, by their paths in it: without links, hidden folders, and what has a zero byte. Raises ValueError."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in name.parts[:-1]):
            data = read_input(str(file), "F")
            if b"\0" not in data:
                yield name.as_posix(), source_text(data)


def describe_passage(passage: Passage) -> str:
    """A passage in one line: where it is in the text, where in the kernel, and under which licence."""
    first, last = passage.file_start + 1, passage.file_end
    others = f", and in {wording.count(passage.others, 'other file')}" if passage.others else ", with gaps" if passage.gaps else ""
    return (
        f"lines {passage.start + 1:,}–{passage.end:,}: {passage.file.path}, lines {first:,}–{last:,}{others}"
        f" · {wording.licence(passage.file.licence)} ({passage.file.licence})"
    )


def trace_sentences(trace: Trace, release: Release) -> Iterator[str]:
    """What was found, in sentences."""
    yield (
        f"{trace.traced_lines:,} of {wording.count(trace.lines, 'line')} stand in {release.title} in order: "
        f"{wording.percent(trace.share)} of all characters, in {wording.count(len(trace.passages), 'passage')}."
    )
    if trace.without:
        lines, passages = wording.count(trace.without.traced_lines, "line"), wording.count(len(trace.without.passages), "passage")
        yield f"{trace.difference} Without that, {lines} would stand there: {wording.percent(trace.without.share)}, in {passages}."
    if not trace.difference_looked_for:
        yield say("not_looked_for")
    if trace.alone:
        yield f"{wording.count(trace.alone, 'line')} more can be found there, but in no passage that is long enough to tell anything."
    if trace.common:
        told = wording.count(trace.common, "line") + (" outside the passages" if trace.passages else "")
        stand = "stands there too, but tells" if trace.common == 1 else "stand there too, but tell"
        yield f"{told} {stand} nothing: blank lines, braces, boilerplate, words of licences."
    yield f"{'As the text stands, ' if trace.without else ''}{wording.count(trace.absent, 'line')} can't be found there."
