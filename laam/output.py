"""What each command that measures gives: text for people, or with `--json` one object, on stdout; and with `--rows` the rows of a table."""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from laam.rows import Rows


def add_output(parser: argparse.ArgumentParser, row: str, form: "argparse._MutuallyExclusiveGroup | None" = None) -> None:
    """The options `--json` and `--rows`. `row`: of what there is one, such as "a file". `form`: of other options that exclude `--json`."""
    (form or parser).add_argument("--json", action="store_true", help="print one JSON object instead of the text")
    parser.add_argument("--rows", type=Path, metavar="FILE", help=f"add rows to FILE, a line of JSON for {row}")


class Output:
    """What one command gives, by its arguments. `row_format`: of its rows. Raises ValueError if `--rows` names a place for which there can
    be none."""

    def __init__(self, args: argparse.Namespace, row_format: str) -> None:
        self.json: bool = args.json
        self._rows = Rows(args.rows, row_format) if args.rows else None

    def say(self, line: str) -> None:
        """Print a line for people, unless the object is asked for."""
        if not self.json:
            print(line)

    def add_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows, if they are asked for. Raises OSError."""
        if self._rows:
            for row in rows:
                self._rows.add(row)

    def end(self, record: Mapping[str, Any]) -> None:
        """Print the object, if it is asked for."""
        if self.json:
            print(json.dumps(record))
