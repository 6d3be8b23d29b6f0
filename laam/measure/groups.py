"""Work through groups of files, on one process or several; a killed run goes on from the partial files beside its output."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from laam.faults import brief
from laam.files import read_json_lines, write_whole
from laam.measure.atlas import AtlasRow, all_columns, row_of, row_values

GROUP_FILES = 32  # decoded side by side: the same groups, and so the same numbers, on however many processes
_TIMEOUT = timedelta(days=2)  # for the process that ends first and waits for the others

Result = TypeVar("Result")
Done = Mapping[int, Sequence[AtlasRow]]
"""The rows of each group that is finished, by its number."""


@dataclass(frozen=True)
class Group:
    """Files that are decoded side by side. `asked`: (path, original's path).

    `control`: empty, or the name of the control. `bits`: to which the model's weights are rounded; 0 if they are as shipped.
    """

    asked: tuple[tuple[str, str], ...]
    control: str = ""
    bits: int = 0


def by_size(sizes: Mapping[str, int], bits: int = 0) -> list[Group]:
    """The groups of files that are asked for by their own paths, the longest first, so that processes end at about the same time.

    `sizes`: bytes by path.
    """
    paths = sorted(sizes, key=lambda path: (-sizes[path], path))
    return [
        Group(tuple((path, path) for path in paths[first : first + GROUP_FILES]), bits=bits) for first in range(0, len(paths), GROUP_FILES)
    ]


def work_through(
    groups: Sequence[Group],
    survey_group: Callable[[Group], list[AtlasRow]],
    finish: Callable[[Done, int], Result],
    out: Path,
    *,
    head: Mapping[str, str],
    name: str,
    sizes: Mapping[str, int],
) -> Result | None:
    """Survey every group, and give what `finish` makes of the rows of all, which it writes to `out`, and of the number of processes.

    None on all processes but the main one. `head`: facts without which finished groups are of no use. `name`: before the bar, which
    counts the bytes of the originals; `sizes`: those, by path. Raises ValueError for a partial file with another head or other groups.
    """
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState(cpu=True, timeout=_TIMEOUT)
    head = {**head, "plan": sha256(repr((groups, all_columns())).encode()).hexdigest()}
    done: dict[int, list[AtlasRow]] = dict(gather_object(list(read_partials(out, head).items())))
    mine = out.with_name(f"{out.name}.partial-{state.process_index}")
    out.parent.mkdir(parents=True, exist_ok=True)
    if state.is_main_process:
        _begin(mine, head, done)
    state.wait_for_everyone()  # every process waits here: no finished group may exist only in a file that is about to be written anew
    if not state.is_main_process:
        _begin(mine, head, {})
    left = [number for number in range(len(groups)) if number not in done][state.process_index :: state.num_processes]
    bytes_of = {number: sum(sizes[original] for _, original in groups[number].asked) for number in left}
    found: dict[int, list[AtlasRow]] = {}
    with (
        tqdm(total=sum(bytes_of.values()), unit="B", unit_scale=True, desc=name, disable=not state.is_main_process, file=sys.stderr) as bar,
        mine.open("a", encoding="utf-8") as partial,
    ):
        for number in left:
            found[number] = survey_group(groups[number])
            bar.update(bytes_of[number])
            partial.write(_partial_line(number, found[number]))
            partial.flush()
    done |= dict(gather_object(list(found.items())))
    if not state.is_main_process:
        state.wait_for_everyone()
        return None
    result = finish(done, int(state.num_processes))
    for file in _partial_files(out):
        file.unlink()
    state.wait_for_everyone()
    return result


# Partial files: a line for the head, then one for each group that is finished.


def read_partials(out: Path, head: Mapping[str, str]) -> dict[int, list[AtlasRow]]:
    """The groups that killed runs have finished, by number. Raises ValueError if those runs measured something else."""
    done: dict[int, list[AtlasRow]] = {}
    for file in _partial_files(out):
        lines = read_json_lines(file)
        if not lines:
            continue
        if lines[0] != head:
            differing = ", ".join(name for name in head if lines[0].get(name) != head[name])
            raise ValueError(f"{file}: was begun with another {differing}; give another --out, or delete it to begin anew")
        try:
            done |= {int(record["group"]): [row_of(values, all_columns()) for values in record["rows"]] for record in lines[1:]}
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file}: not what a run left ({brief(error)}); delete it to begin anew") from error
    return done


def keep_finished(out: Path) -> list[Path]:
    """After an interruption: the partial files that hold a finished group. The others are deleted."""
    kept = []
    for file in _partial_files(out):
        if len(read_json_lines(file)) > 1:
            kept.append(file)
        else:
            file.unlink()
    return kept


def _partial_files(out: Path) -> list[Path]:
    return sorted(out.parent.glob(f"{out.name}.partial-*"))


def _partial_line(number: int, rows: Sequence[AtlasRow]) -> str:
    return json.dumps({"group": number, "rows": [row_values(row) for row in rows]}) + "\n"


def _begin(file: Path, head: Mapping[str, str], done: Done) -> None:
    write_whole(file, json.dumps(head) + "\n" + "".join(_partial_line(*group) for group in done.items()))
