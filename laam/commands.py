"""How a command of `python -m laam` is registered."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_command(
    subparsers: "Subparsers", name: str, run: Callable[[argparse.Namespace], int], *, help: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    """A command's parser. `run` takes the parsed arguments and returns the exit code; `epilog` is shown with its own line breaks.
    A command that makes no sense without the network sets the default `needs_network`, a function of the same arguments."""
    parser = subparsers.add_parser(name, help=help, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.epilog = epilog.replace(f"python -m laam {name}", parser.prog)  # the program as it was called
    parser.set_defaults(run=run, needs_network=lambda _: False)
    return parser
