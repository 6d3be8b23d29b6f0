import random
from collections.abc import Sequence

import pytest

from laam.compare.align import Block, StreamAligner, align
from laam.corpus.lines import split_lines
from tests.compare.made_up import digests_of, edit_source, make_source


def check_cover(blocks: Sequence[Block], emitted: Sequence[int], original: Sequence[int], reached: int | None = None) -> None:
    """Every line of both sides stands in exactly one block, in order, and the kinds are true."""
    e = o = 0
    for block in blocks:
        assert (block.emitted_start, block.original_start) == (e, o)
        e, o = block.emitted_end, block.original_end
        counts = (e - block.emitted_start, o - block.original_start)
        if block.kind == "equal":
            assert counts[0] > 0
            assert emitted[block.emitted_start : e] == original[block.original_start : o]
        else:
            assert [count > 0 for count in counts] == {"replace": [True, True], "insert": [True, False], "delete": [False, True]}[
                block.kind
            ]
    assert e == len(emitted)
    assert o == len(original) if reached is None else o <= reached


def random_pair(seed: int) -> tuple[list[int], list[int]]:
    chance = random.Random(seed)
    letters = chance.choice([1, 2, 3, 6, 30])
    original = [chance.randrange(letters) for _ in range(chance.randrange(50))]
    if seed % 2:
        return [chance.randrange(letters) for _ in range(chance.randrange(50))], original
    return [line if chance.random() < 0.85 else chance.randrange(letters) for line in original if chance.random() < 0.9], original


@pytest.mark.parametrize("seed", range(40))
def test_every_line_stands_in_one_block(seed: int) -> None:
    emitted, original = random_pair(seed)
    check_cover(align(emitted, original, [1] * len(original)).blocks, emitted, original)


def test_small_cases() -> None:
    assert align([], [], []).blocks == []
    assert align([1], [], []).blocks == [Block("insert", 0, 1, 0, 0)]
    assert align([], [1], [1]).blocks == [Block("delete", 0, 0, 0, 1)]
    assert align([1, 2, 3], [1, 9, 3], [1, 1, 1]).blocks == [
        Block("equal", 0, 1, 0, 1),
        Block("replace", 1, 2, 1, 2),
        Block("equal", 2, 3, 2, 3),
    ]
    assert align([2**64 - 1], [2**64 - 1], [1]).blocks == [Block("equal", 0, 1, 0, 1)]


def test_a_loop_after_the_exact_part_is_inserted() -> None:
    original = [7, 7, 1, 7, 2, 7, 7, 3]
    assert align([*original, *[7] * 500], original, [1] * 8).blocks == [Block("equal", 0, 8, 0, 8), Block("insert", 8, 508, 8, 8)]


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_a_stream_covers_everything_once(seed: int, complete: bool) -> None:
    emitted, original = random_pair(seed)
    chance = random.Random(seed)
    aligner = StreamAligner(original, [1] * len(original), window=8, patience=6)
    blocks: list[Block] = []
    at = 0
    while at < len(emitted):
        size = chance.randrange(1, 7)
        blocks += aligner.feed(emitted[at : at + size])
        at += size
    blocks += aligner.finish(complete)
    check_cover(blocks, emitted, original, reached=None if complete else len(original))


def test_a_stream_settles_an_exact_emission_at_once() -> None:
    aligner = StreamAligner([1, 1, 2, 3], [1] * 4)
    assert aligner.feed([1, 1]) == [Block("equal", 0, 2, 0, 2)]
    assert aligner.feed([2]) == [Block("equal", 2, 3, 2, 3)]
    assert aligner.finish(complete=False) == []


def test_a_stream_waits_for_a_match_and_then_settles() -> None:
    aligner = StreamAligner([1, 2, 3, 4], [1] * 4)
    assert aligner.feed([1, 9]) == [Block("equal", 0, 1, 0, 1)]
    assert aligner.feed([3]) == [Block("replace", 1, 2, 1, 2), Block("equal", 2, 3, 2, 3)]
    assert aligner.finish() == [Block("delete", 3, 3, 3, 4)]


def test_a_stream_does_not_jump_to_a_lone_repeated_line() -> None:
    original = [1, 2, 3, 4, 5, 0, 6, 0]
    aligner = StreamAligner(original, [1] * 8)
    assert aligner.feed([9, 0]) == []
    assert aligner.feed([2, 3]) == [Block("replace", 0, 2, 0, 1), Block("equal", 2, 4, 1, 3)]


def test_a_stream_trusts_a_repeated_line_that_lies_as_far_ahead_on_both_sides() -> None:
    aligner = StreamAligner([1, 0, 2, 0], [1] * 4)
    assert aligner.feed([9, 0]) == [Block("replace", 0, 1, 0, 1), Block("equal", 1, 2, 1, 2)]


def test_a_stream_loses_patience() -> None:
    aligner = StreamAligner(list(range(10)), [1] * 10, window=2, patience=3)
    assert aligner.feed([-1, -2, -3]) == []
    assert aligner.feed([-4]) == [Block("replace", 0, 4, 0, 4)]


def test_a_stream_past_the_end_inserts() -> None:
    aligner = StreamAligner([1], [1], patience=1)
    assert aligner.feed([1, 8, 9]) == [Block("equal", 0, 1, 0, 1), Block("insert", 1, 3, 1, 1)]


def test_a_streamed_source_ends_near_the_whole_alignment() -> None:
    source = make_source(400)
    emitted, original = digests_of(edit_source(source, 0.1)), digests_of(source)
    lengths = [len(line) for line in split_lines(source)]
    aligner = StreamAligner(original, lengths)
    blocks = [block for at in range(0, len(emitted), 40) for block in aligner.feed(emitted[at : at + 40])]
    blocks += aligner.finish()
    check_cover(blocks, emitted, original)
    whole, streamed = (
        sum(block.emitted_end - block.emitted_start for block in found if block.kind == "equal")
        for found in (align(emitted, original, lengths).blocks, blocks)
    )
    assert streamed >= 0.95 * whole
