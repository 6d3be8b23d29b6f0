"""The passages of a text that stand in a file of the kernel in the same order, but not one line right after the other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from laam.compare.align import align
from laam.compare.passages import Passage
from laam.corpus.lookup import LineIndex, line_index
from laam.corpus.sealed import SealedManifest

GAP = 8  # lines at most, on either side, between two telling lines of a chain
CHAIN_LINES = 8  # telling lines that a chain needs, none of them twice
CHAIN_CHARACTERS = 200  # of them, without the white space around each, that a chain needs
FILES = 6  # that are looked at: those in which the most of the lines stand


def find_chains(lines: Sequence[int], digests: Sequence[int], weights: Sequence[int], manifest: SealedManifest) -> Iterator[Passage]:
    """Chains of some telling `lines`, none of which shares a line with another: CHAIN_LINES of them in the order of one file, with at most
    GAP lines between two of them there and in the text, and CHAIN_CHARACTERS characters together. `digests`, `weights`: of all lines of
    the text. A file that has more of them comes first."""
    left, index = list(lines), line_index(manifest)
    for number in _likeliest(left, digests, weights, index):
        file = index.files[number]
        original = manifest.original(file.path)
        held = align([digests[line] for line in left], original.digests, original.lengths).blocks
        pairs = [
            (left[block.emitted_start + at], block.original_start + at)
            for block in held
            if block.kind == "equal"
            for at in range(block.emitted_end - block.emitted_start)
        ]
        for chain in _near_each_other(pairs):
            if len({digests[line] for line, _ in chain}) >= CHAIN_LINES and sum(weights[line] for line, _ in chain) >= CHAIN_CHARACTERS:
                yield Passage(chain[0][0], chain[-1][0] + 1, file, dict(chain), len(chain), 0)
                left = [line for line in left if line not in dict(chain)]


def _likeliest(lines: Sequence[int], digests: Sequence[int], weights: Sequence[int], index: LineIndex) -> list[int]:
    """The numbers of the files in which the most characters of the lines stand."""
    at, files = index.files_with(np.array([digests[line] for line in lines], np.uint64))
    sums = np.bincount(files, np.array([weights[line] for line in lines], np.int64)[at], len(index.files))
    return [int(number) for number in np.argsort(-sums, kind="stable")[:FILES] if sums[number] >= CHAIN_CHARACTERS]


def _near_each_other(pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The pairs in order, parted wherever more than GAP lines stand between two."""
    chain = list(pairs[:1])
    for before, pair in pairwise(pairs):
        if max(pair[0] - before[0], pair[1] - before[1]) > GAP + 1:
            yield chain
            chain = []
        chain.append(pair)
    yield chain
