"""The licences of files, counted and listed: what NOTICE says, and the model card."""

from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import wrap

from laam.corpus.catalog import SourceFile
from laam.corpus.licences import LicenceTable
from laam.corpus.names import without_top

WIDTH = 79  # characters of a line


def count_licences(files: Iterable[SourceFile]) -> list[tuple[str, int]]:
    """Each SPDX expression with its number of files, the most frequent first."""
    counter = Counter(file.licence for file in files)
    return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))


def licence_list(files: Sequence[SourceFile], table: LicenceTable) -> str:
    """All licences of a release's files as plain text, and what is not settled about them.

    The files of each licence are named, except for the release's own: it covers all others.
    """
    blocks, counts = [], count_licences(files)
    for expression, number in counts:
        names = [without_top(file.path) for file in files if file.licence == expression]
        blocks.append(f"  {number:>3}  {expression}: {table.name_of(expression)}")
        if expression == table.release.expression or len(counts) == 1:
            blocks.append("       all others" if len(counts) > 1 else "       all of them")
        else:
            blocks += wrap(" ".join(_fold(names)), WIDTH, initial_indent=" " * 7, subsequent_indent=" " * 7, break_on_hyphens=False)
    own = sum(table.is_release_s(without_top(file.path), file.licence) for file in files)
    release = [f"the {own} files whose {table.release.expression} is the release's own: {table.unsettled}"] if table.unsettled else []
    files_of: dict[str, list[str]] = {}
    for file in files:
        if file.unsettled:
            files_of.setdefault(file.unsettled, []).append(without_top(file.path))
    told = [*release, *(f"{' '.join(_fold(names))}: {reason}" for reason, names in files_of.items())]
    unsettled = [line for each in told for line in wrap(each, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)]
    return "\n".join([*blocks, *(["", "Not settled:", "", *unsettled] if unsettled else [])])


def licence_table(files: Iterable[SourceFile], table: LicenceTable) -> str:
    """The licences of files as a table in Markdown."""
    rows = [f"| `{expression}` | {table.name_of(expression)} | {number} |" for expression, number in count_licences(files)]
    return "\n".join(["| SPDX expression | in words | files |", "| --- | --- | --- |", *rows])


def _fold(names: Iterable[str]) -> list[str]:
    """The paths, with the files of one folder joined as `folder/{a.c,b.c}`."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        folders.setdefault(folder, []).append(base)
    folded = []
    for folder, bases in folders.items():
        words = f"{folder}/{{{', '.join(bases)}}}" if len(bases) > 1 else f"{folder}/{bases[0]}"
        folded += words.split()
    return folded
