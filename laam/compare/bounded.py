"""The heaviest common subsequence as far as a budget of work reaches: whatever two texts hold, the answer takes about a second at most."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

from laam.compare.heaviest import Match, common_head, common_tail, inner_pairs, join_matches

STEPS = 64_000_000  # of 10 to 25 ns of one core each; 40,000 lines against 3,725 take 62 million
ROW = 600  # steps that each line of the text takes, however short the original is
HELD = 2_000_000  # numbers that are held at once, twice
UNKNOWN = -1  # stands for lines that the original doesn't have; no digest is negative

Pairs = list[tuple[int, int]]


class Matches(NamedTuple):
    """Runs of equal lines, in order; no two of them cross or touch. `cut_short`: there may be a heavier way, which was not looked for."""

    runs: list[Match]
    cut_short: bool


def bounded_matches(a: Sequence[int], b: Sequence[int], weights: Sequence[int], steps: int = STEPS) -> Matches:
    """The runs of equal lines that weigh most together, if that takes no more than `steps`; else a way that may weigh less.

    `a`, `b`: digests of lines. `weights`: of each line of `b`, above 0; equal lines weigh the same. The lines with which both begin are
    matched first, and so are those with which both end, if one of them stands in `b` only once: neither costs weight. If several ways
    between them are heaviest, one with the fewest runs is taken, then the one that comes first in `a`, then in `b`, so the answer is
    always the same.

    Beyond `steps`: if all of `b` stands in `a` in order, or all of `a` in `b`, every line of it is matched, however long they are.
    Otherwise the lines that both have once are matched, as many as stand in order. What lies between two of them is cut into parts, as
    many of `a` as of `b`, and each part of `a` is held against its counterpart. If those are very many lines, only the first of each
    stretch of `a` are looked at.
    """
    head = common_head(a, b)
    tail = common_tail(a[head:], b[head:])
    a_end, b_end = len(a) - tail, len(b) - tail
    known, at = _known_lines(a[head:a_end], b[head:b_end])
    b, weights = b[head:b_end], weights[head:b_end]
    found: Iterable[tuple[int, int]] | None
    if len(known) * ROW + _cells(known, b) <= steps and _held(len(known), len(b)) <= HELD:
        found, cut_short = inner_pairs(known, b, weights), False
    else:
        found = _all_of_one(known, b)
        cut_short = found is None
    pairs = _in_parts(known, b, weights, steps) if found is None else found
    return Matches(join_matches([(0, 0, head), *((head + at[i], head + j, 1) for i, j in pairs), (a_end, b_end, tail)]), cut_short)


def _known_lines(a: Sequence[int], b: Sequence[int]) -> tuple[list[int], Sequence[int]]:
    """The lines of `a`, with one UNKNOWN for each stretch that `b` doesn't have, so that no run goes on over it; and where each stands."""
    places = set(b)
    known: list[int] = []
    at = array("q")
    for i, digest in enumerate(a):
        if digest in places or not known or known[-1] != UNKNOWN:
            known.append(digest if digest in places else UNKNOWN)
            at.append(i)
    return known, at


def _cells(a: Sequence[int], b: Sequence[int]) -> int:
    """The part of the heaviest way's work that grows with both: a row for each line of `a`, and in it each line of `b` that is the same."""
    places = Counter(b)
    return len(a) * (len(b) // 4) + 2 * sum(map(places.__getitem__, a))


def _held(a: int, b: int) -> int:
    """The numbers that the heaviest way holds at once, twice, for so many lines."""
    return b * (isqrt(a) + 1)


def _all_of_one(a: Sequence[int], b: Sequence[int]) -> Pairs | None:
    """The indices of equal lines if all of `b` stands in `a` in order, or all of `a` in `b`; else None."""
    if (places := _places_in_order(b, a)) is not None:
        return [(i, j) for j, i in enumerate(places)]
    places = _places_in_order(a, b)
    return None if places is None else list(enumerate(places))


def _places_in_order(few: Sequence[int], many: Sequence[int]) -> list[int] | None:
    """For each line of `few` the first place in `many` after that of the line before; None if there is none."""
    places: list[int] = []
    for place, digest in enumerate(many):
        if len(places) < len(few) and digest == few[len(places)]:
            places.append(place)
    return places if len(places) == len(few) else None


def _in_parts(a: Sequence[int], b: Sequence[int], weights: Sequence[int], steps: int) -> Iterator[tuple[int, int]]:
    """The indices of lines that are matched with each other, found in about so many steps."""
    anchors = _anchors(a, b)
    between = [(i + 1, i_end, j + 1, j_end) for (i, j), (i_end, j_end) in pairwise([(-1, -1), *anchors, (len(a), len(b))])]
    # Small parts cost more for each step, so all together get three eighths of the steps.
    rows, most = len(a) - len(anchors), steps // 4 // ROW
    gaps = [(i, i + (i_end - i) * min(rows, most) // max(1, rows), j, j_end) for i, i_end, j, j_end in between]
    cells = sum(_cells(a[i:i_end], b[j:j_end]) for i, i_end, j, j_end in gaps)
    for (i, i_end, j, j_end), (_, anchor, *_) in zip(gaps, between, strict=True):
        lines, others = i_end - i, j_end - j
        parts = max(-(-cells // (steps // 8)), -(-_held(lines, others) // HELD))
        for part in range(parts):
            a_at, a_to = i + lines * part // parts, i + lines * (part + 1) // parts
            b_at, b_to = j + others * part // parts, j + others * (part + 1) // parts
            yield from ((a_at + row, b_at + place) for row, place in inner_pairs(a[a_at:a_to], b[b_at:b_to], weights[b_at:b_to]))
        if anchor < len(a):
            yield anchor, j_end


def _anchors(a: Sequence[int], b: Sequence[int]) -> Pairs:
    """Where the lines stand that both have once: the most of them that are in the same order in both."""
    once, places = Counter(a), Counter(b)
    place = {digest: j for j, digest in enumerate(b) if places[digest] == 1}
    pairs = [(i, place[digest]) for i, digest in enumerate(a) if once[digest] == 1 and digest in place]
    ends: list[int] = []  # by length less one: the least place in b at which an ascending row of that length ends
    last: list[int] = []  # which of the pairs that is
    before: list[int] = []  # for each pair: which one stands before it in the longest row that it ends
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [number]
    row: Pairs = []
    number = last[-1] if last else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]
