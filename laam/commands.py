"""How a command of `python -m laam` is registered."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_exhibit(parser: argparse.ArgumentParser) -> None:
    """The option `--exhibit`, which goes before LAAM_EXHIBIT."""
    parser.add_argument("--exhibit", type=Path, metavar="DIR", help="the exhibit's folder (default: LAAM_EXHIBIT, or the shipped one)")


def add_command(
    subparsers: Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    examples: str,
    done: str = "done",
    differing: str = "",
) -> argparse.ArgumentParser:
    """A command's parser. `run` takes the parsed arguments and returns the exit code; `examples`, and what else is worth saying, are shown
    with their own line breaks, then what the exit codes mean: `done` 0, and `differing` 1, if there is such a one.
    A command that makes no sense without the network sets the default `needs_network`, a function of the same arguments."""
    parser = subparsers.add_parser(name, help=help, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    codes = {0: done, 1: differing, 2: "bad input: the message says what to do", 130: "interrupted", 141: "the output's reader went away"}
    told = "".join(f"  {code:<3}  {words}\n" for code, words in codes.items() if words)
    parser.epilog = f"{examples.replace(f'python -m laam {name}', parser.prog)}\nexit codes:\n{told}"  # the program as it was called
    parser.set_defaults(run=run, needs_network=lambda _: False)
    return parser
