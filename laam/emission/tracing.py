"""The command `trace` of `python -m laam`, and a trace in words."""

import argparse
import json
from collections.abc import Iterator

from laam.commands import Subparsers, add_command
from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.compare.trace import Passage, Trace, trace_text
from laam.corpus.lines import source_text
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.commands import describe_score, read_input
from laam.emission.headline import headline_of

_EXAMPLES = """examples:
  python -m laam trace answer.c                          which lines of a text stand in the release, and where
  pbpaste | python -m laam trace - --json
  python -m laam trace answer.c --original acl.c         held against a file of your own as well, with the page's score

Lines are looked up by their sealed digests, so nobody needs the text of Linux for it. A run of lines counts if at least two of its lines
tell something (no blank lines, no braces, no line that stands in more than ten files) and have 60 characters together.
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
        done="traced, whatever was found",
    )
    parser.add_argument("file", metavar="F", help="the text; - for standard input")
    parser.add_argument("--original", metavar="G", help="a file to hold the text against as well, such as one of a later kernel")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_trace(args: argparse.Namespace) -> int:
    """Trace `args.file`; see the parser. Raises ValueError for a file that can't be read."""
    manifest = SealedManifest.open(args.settings.manifest_file)
    text = source_text(read_input(args.file, "F"))
    trace = trace_text(text, manifest)
    score = None
    if args.original is not None:
        original = GivenOriginal(args.original, source_text(read_input(args.original, "--original")))
        score = compare_text(text, original, line_files=manifest.line_files()).score
    if args.json:
        print(json.dumps(trace.as_dict() | ({"score": score.as_dict()} if score else {})))
        return 0
    print("\n".join([*map(describe_passage, trace.passages), *trace_sentences(trace, manifest.release)]))
    if score:
        print(f"against {args.original}: {describe_score(score, headline_of(score))}")
    return 0


def describe_passage(passage: Passage) -> str:
    """A passage in one line: where it is in the text, where in the kernel, and under which licence."""
    first, last = passage.file_start + 1, passage.file_start + passage.end - passage.start
    others = f", and in {wording.count(passage.others, 'other file')}" if passage.others else ""
    return (
        f"lines {passage.start + 1:,}–{passage.end:,}: {passage.file.path}, lines {first:,}–{last:,}{others}"
        f" · {wording.licence(passage.file.licence)} ({passage.file.licence})"
    )


def trace_sentences(trace: Trace, release: Release) -> Iterator[str]:
    """What was found, in sentences."""
    yield (
        f"{trace.traced_lines:,} of {wording.count(trace.lines, 'line')} stand in {release.title} as runs of lines in order: "
        f"{wording.percent(trace.share)} of all characters, in {wording.count(len(trace.passages), 'run')}."
    )
    if trace.alone:
        yield f"{wording.count(trace.alone, 'line')} more can be found there, but in no run that is long enough to tell anything."
    if trace.common:
        yield f"{wording.count(trace.common, 'line')} outside the runs stand there too, but tell nothing: blank lines, braces, boilerplate."
    yield f"{wording.count(trace.absent, 'line')} can't be found there."
