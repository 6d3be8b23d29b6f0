"""The longest common substring of two sequences, by a suffix automaton: in time that grows with both lengths, whatever they hold."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Common(NamedTuple):
    """The longest run of equal items: it ends before `end` of the first sequence. The first one, if several are as long."""

    end: int
    length: int


def longest_common(a: Sequence[Hashable], b: Sequence[Hashable]) -> Common:
    """The longest common substring of words, tokens or characters (Blumer and others 1985: a state for each set of ends in `b`)."""
    follow, link, length = _automaton(b)
    best, state, run = Common(0, 0), 0, 0
    for end, item in enumerate(a, 1):
        while state and item not in follow[state]:
            state = link[state]
            run = length[state]
        if item in follow[state]:
            state, run = follow[state][item], run + 1
        if run > best.length:
            best = Common(end, run)
    return best


def _automaton(items: Sequence[Hashable]) -> tuple[list[dict[Hashable, int]], list[int], list[int]]:
    """For each state the states that follow by an item, its suffix link (−1 for the first), and the length of its longest run."""
    follow: list[dict[Hashable, int]] = [{}]
    link, length = [-1], [0]
    last = 0
    for item in items:
        state, at = len(follow), last
        follow.append({})
        link.append(0)
        length.append(length[last] + 1)
        while at >= 0 and item not in follow[at]:
            follow[at][item] = state
            at = link[at]
        if at >= 0:
            link[state] = then = follow[at][item]
            if length[then] > length[at] + 1:
                link[state] = clone = len(follow)
                follow.append(dict(follow[then]))
                link.append(link[then])
                length.append(length[at] + 1)
                link[then] = clone
                while at >= 0 and follow[at].get(item) == then:
                    follow[at][item] = clone
                    at = link[at]
        last = state
    return follow, link, length
