"""The passages of a text that stand in a file of the kernel in the same order, but not one line right after the other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from laam.compare.align import align, exact_lines
from laam.compare.passages import Passage
from laam.corpus.lookup import line_index
from laam.corpus.sealed import SealedManifest

GAP = 8  # lines at most, on either side, between two telling lines of a chain
CHAIN_LINES = 8  # telling lines that a chain needs, none of them twice
CHAIN_CHARACTERS = 200  # of them, without the white space around each, that a chain needs


def find_chains(lines: Sequence[int], digests: Sequence[int], weights: Sequence[int], manifest: SealedManifest) -> Iterator[Passage]:
    """Chains of some telling `lines`, none of which shares a line with another: CHAIN_LINES of them in the order of one file, with at most
    GAP lines between two of them there and in the text, and CHAIN_CHARACTERS characters together. `digests`, `weights`: of all lines of
    the text. Every file is looked at; one that has more of the lines comes first."""
    index, taken = line_index(manifest), set[int]()
    telling = np.array(lines, np.int64)
    by_line, by_file = index.files_with(np.array(digests, np.uint64)[telling])
    sums = np.bincount(by_file, np.array(weights, np.int64)[telling][by_line], len(index.files))
    for number in np.argsort(-sums, kind="stable")[: np.count_nonzero(sums >= CHAIN_CHARACTERS)].tolist():
        file = index.files[number]
        left = [line for line in telling[by_line[by_file == number]].tolist() if line not in taken]
        original = manifest.original(file.path)
        blocks = align([digests[line] for line in left], original.digests, original.lengths).blocks
        pairs = [(left[line], there) for line, there in exact_lines(blocks)]
        for places in map(dict, _near_each_other(pairs)):
            if len({digests[line] for line in places}) >= CHAIN_LINES and sum(weights[line] for line in places) >= CHAIN_CHARACTERS:
                yield Passage(min(places), max(places) + 1, file, places, len(places), 0)
                taken.update(places)


def _near_each_other(pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The pairs in order, parted wherever more than GAP lines stand between two."""
    chain = list(pairs[:1])
    for before, pair in pairwise(pairs):
        if max(pair[0] - before[0], pair[1] - before[1]) > GAP + 1:
            yield chain
            chain = []
        chain.append(pair)
    yield chain
