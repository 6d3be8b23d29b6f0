"""The commands `survey` of `python -m laam`: run a plan, and show what came of it."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.emission import wording
from laam.files import write_whole
from laam.settings import Settings
from laam.survey.asked import read_survey
from laam.survey.formats import FORMATS
from laam.survey.plot import render_plot
from laam.survey.reading import read_plan
from laam.survey.run import Ran, run_survey
from laam.survey.table import table_of

TABLE = "table"
SHOW = "show"
Serve = Callable[[Settings], int]
"""Opens the exhibit, and returns its exit code."""

_EXAMPLES = f"""examples:
  python -m laam survey --example > plan.toml          a plan to begin with
  python -m laam survey plan.toml --out DIR            ask for what isn't there yet
  python -m laam survey plan.toml --out DIR --max-requests 100
  python -m laam survey show DIR                       in the exhibit, at /survey; each row opens beside its original
  python -m laam survey show DIR --table tex           the table alone: {", ".join(FORMATS)}

Each answer is kept as soon as it is there, in DIR/rows.jsonl and DIR/answers: a run that stopped goes on when the same command is given
again, and so does one whose plan has changed, with all that it has in common. The keys of endpoints are read from the environment's
variables that the plan names, and are kept nowhere.
"""


def add_commands(subparsers: Subparsers, serve: Serve) -> None:
    """Register `survey`. `serve`: opens the exhibit, which this room knows nothing of."""
    parser = add_command(
        subparsers,
        "survey",
        lambda args: run(args, serve),
        help="ask many models for many files, and make the table of who memorised what",
        description="Ask each model of a plan for each file, in each context, for each draw; write a row for each answer, and the table.",
        examples=_EXAMPLES,
        done="all that the plan asks for is there, measured or not",
        differing="some of it is left undone: the message says why, and how much",
    )
    parser.add_argument("plan", nargs="?", default="", metavar="PLAN", help=f"the plan, a TOML file; or `{SHOW}`")
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=f"with `{SHOW}`: the survey's folder")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where rows, answers and tables go")
    parser.add_argument("--max-requests", metavar="N", help="requests to endpoints in this run, at most; models of this machine cost none")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object instead of the text")
    parser.add_argument("--table", choices=list(FORMATS), help=f"with `{SHOW}`: print the table instead")
    parser.add_argument("--example", action="store_true", help="print a plan with every key, and end")


def run(args: argparse.Namespace, serve: Serve) -> int:
    """Run a plan, or show a survey; see the parser. Raises ValueError."""
    if args.example:
        print((args.settings.assets / "survey" / "example.toml").read_text("utf-8"), end="")
        return 0
    if args.plan == SHOW:
        return _show(args, serve)
    if not args.plan or args.folder or args.table:
        raise ValueError(f"give a plan and --out DIR; or `{SHOW} DIR`, which takes --table; or --example")
    if args.out is None:
        raise ValueError("--out is missing; give the folder for rows, answers and tables")
    try:
        ran = run_survey(read_plan(Path(args.plan)), args.out, args.settings, os.environ, _budget(args.max_requests))
    except KeyboardInterrupt:
        print(f"what is done is kept in {args.out}: the same command goes on from there", file=sys.stderr)
        raise
    table = table_of(read_survey(args.out))
    for ending, render in FORMATS.items():
        write_whole(args.out / f"{TABLE}.{ending}", render(table))
    write_whole(args.out / "plot.svg", render_plot(table, args.settings.assets / "survey"))
    print(FORMATS["json" if args.json else "md"](table), end="")
    print("\n".join(_told(ran, args.out)), file=sys.stderr)
    return 1 if ran.left else 0


def _show(args: argparse.Namespace, serve: Serve) -> int:
    if args.folder is None or args.out or args.max_requests:
        raise ValueError(f"`{SHOW}` takes the survey's folder, and --table")
    survey = read_survey(args.folder)
    if args.table or args.json:
        print(FORMATS["json" if args.json else args.table](table_of(survey)), end="")
        return 0
    return serve(replace(args.settings, survey=args.folder))


def _budget(given: str | None) -> int | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal()):
        raise ValueError(f"--max-requests {given!r} is no number of requests; give 0 or more")
    return int(given)


def _told(ran: Ran, out: Path) -> list[str]:
    """How far it got, and what to do."""
    there = f"{ran.cells - ran.left:,} of {wording.count(ran.cells, 'answer')} are there"
    lines = [f"{there}: {out}", f"open it: python -m laam survey {SHOW} {out}"]
    if ran.spent and ran.left:
        lines.append(f"--max-requests is spent; {ran.left:,} are left, and the same command goes on")
    for label in ran.given_up:
        lines.append(f"{label} failed again and again, and wasn't asked further; the rows say how, and the same command goes on")
    if ran.left and not ran.spent and not ran.given_up:
        lines.append(f"{ran.left:,} ended with an error; the rows say which, and the same command asks again")
    return lines
