"""How a command of `python -m laam` is registered, and how its help names files of the exhibit that is shown."""

import argparse
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


_EXAMPLE = re.compile(r" {2}(?P<command>\S.*?)(?: {3,}(?P<words>\S.*))?")
_WIDTH = 80  # of an example, beside which its words may stand; a longer one pushes only its own


class CommandParser(argparse.ArgumentParser):
    """A parser whose help has `$file`, `$name`, `$folder`, `$files`, `$source`, `$exhibit` where it names something of the exhibit that
    is shown. An example with `$published` or `$copying` isn't shown where there is no such thing.

    `names` gives them; it is asked when the help is printed. Commands that are added get the same.
    """

    def __init__(self, *args: Any, names: Callable[[], Mapping[str, str]] = dict, **more: Any) -> None:
        super().__init__(*args, **more)
        self._names = names

    def add_subparsers(self, **more: Any) -> Any:
        return super().add_subparsers(**{"parser_class": partial(CommandParser, names=self._names), **more})

    def format_help(self) -> str:
        return _aligned(Template(super().format_help()).safe_substitute(self._names()))


def _aligned(help_text: str) -> str:
    """The help with the words beside its examples in one column."""
    head, mark, rest = help_text.partition("\nexamples:\n")
    block, end, after = rest.partition("\n\n")
    lines = [line for line in block.split("\n") if "$published" not in line and "$copying" not in line]
    found = [_EXAMPLE.fullmatch(line) for line in lines]
    width = max((len(each["command"]) for each in found if each and each["words"] and len(each["command"]) <= _WIDTH), default=0)
    for at, each in enumerate(found):
        if each and each["words"]:
            lines[at] = f"  {each['command']:<{width}}   {each['words']}"
        elif not each:
            lines[at] = f"{'':{width + 5}}{lines[at].strip()}"  # goes on with the words of the line above
    return head + mark + "\n".join(lines) + end + after if mark else help_text


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
