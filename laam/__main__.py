"""The command line: `python -m laam exhibit | emit | score | trace | ask | survey | seal | train | atlas | evaluate | lab | publish | …`.

Each command is registered by the room that does the work, and imports what it needs when it runs, so that `--help` is quick.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from laam.commands import CommandParser
from laam.corpus import commands as corpus_commands
from laam.corpus.example_names import example_names
from laam.corpus.sealed import SealedManifest
from laam.emission.commands import add_commands as add_emit_commands
from laam.emission.tracing import add_commands as add_trace_commands
from laam.endpoint.command import add_commands as add_ask_commands
from laam.environment import leave_out_unusable, private_folder
from laam.extras import training_packages
from laam.faults import lacks_memory, sentence
from laam.make.commands import add_commands as add_make_commands
from laam.measure.benchmark_commands import add_commands as add_benchmark_commands
from laam.measure.commands import add_commands as add_measure_commands
from laam.measure.evaluate_commands import add_commands as add_evaluate_commands
from laam.measure.lab_commands import add_commands as add_lab_commands
from laam.measure.pz_commands import add_commands as add_pz_commands
from laam.publish.commands import add_commands as add_publish_commands
from laam.settings import EXHIBIT, Settings, check_address, read_settings
from laam.survey.command import add_commands as add_survey_commands
from laam.terminal import open_streams
from laam.train.commands import add_commands as add_train_commands
from laam.twin.commands import add_commands as add_twin_commands
from laam.version import VERSION

EPILOG = """exit codes:
  0    done
  1    the check that was asked for found differences, or the training ended without every file exact
  2    bad input: the message says what to do
  3    a fault of the program: what is printed tells where
  130  interrupted
  141  the reader of the output went away, as `| head` does
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; each sets `run`, a function of the parsed arguments that returns the exit code.

    When a command runs, the parsed arguments also have `settings`; see `main`.
    """
    parser = CommandParser(
        prog=_called(),
        description="Let a model write the files of an exhibit, and hold them against the originals.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        names=_shown_names,
    )
    parser.add_argument("--version", action="version", version=f"laam {VERSION}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    add_make_commands(subparsers)
    add_emit_commands(subparsers)
    add_trace_commands(subparsers)
    add_ask_commands(subparsers)
    add_survey_commands(subparsers, _serve)
    corpus_commands.add_commands(subparsers)
    add_train_commands(subparsers)
    add_measure_commands(subparsers)
    add_evaluate_commands(subparsers)
    add_benchmark_commands(subparsers)
    add_lab_commands(subparsers)
    add_pz_commands(subparsers)
    add_publish_commands(subparsers)
    add_twin_commands(subparsers, _card_fonts)
    return parser


def _shown_names() -> dict[str, str]:
    """What the help names of the exhibit that the environment says; of the shipped one, if that can't be read."""
    try:
        settings = read_settings()
        manifest = SealedManifest.open(settings.manifest_file)
    except (ValueError, OSError):
        settings = Settings()
        manifest = SealedManifest.open(settings.manifest_file)
    return example_names(manifest, settings.exhibit or Path("assets"))


def _called() -> str:
    """How the program was called, for its usage: by the command's own name, or as a module."""
    return "laam" if Path(sys.argv[0]).stem == "laam" else "python -m laam"


def _card_fonts() -> Path:
    from laam.exhibit.fonts import card_fonts  # imports Gradio, which no other command needs

    return card_fonts()


def _serve(settings: Settings) -> int:
    """Open the exhibit, and say where."""
    check_address(settings)
    with private_folder(os.environ):
        from laam.exhibit.goodbye import serve  # imports Gradio
        from laam.exhibit.server import build_app

        app = build_app(settings)
        print(f"http://{settings.host}:{settings.port}/survey", file=sys.stderr)
        return serve(app, settings)


def main(arguments: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Run one command, with the environment's settings unless others are given; returns its exit code."""
    try:
        open_streams()
        args = build_parser().parse_args(arguments)
        for each in leave_out_unusable(os.environ):
            if args.needs_network(args):
                raise ValueError(each)
            print(f"warning: {each}", file=sys.stderr)
        exhibit = getattr(args, "exhibit", None)
        args.settings = settings or read_settings(os.environ | ({EXHIBIT: str(exhibit)} if exhibit else {}))
        with training_packages():
            code = int(args.run(args))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The last flush, at the end of the program, goes nowhere instead of failing again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        if not (isinstance(error, OSError | ValueError) or lacks_memory(error)):
            traceback.print_exc()
            return 3  # and not Python's own 1, which means something else here
        print(f"error: {sentence(error)}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
