"""Near-verbatim blocks, held to cases that were computed by hand."""

import pytest

from laam.compare.near_verbatim import PASSES, Pass, WordBlock, near_verbatim_blocks
from laam.compare.undoing import TooMuchWorkError

WORDS = [f"w{number}" for number in range(400)]


def inserted(at: int, words: int) -> list[str]:
    """WORDS with so many others before one of them."""
    return [*WORDS[:at], *(f"other{number}" for number in range(words)), *WORDS[at:]]


def test_the_same_words_are_one_block() -> None:
    assert near_verbatim_blocks(WORDS, WORDS) == [WordBlock(0, 400, 0, 400, 400)]


def test_other_words_in_the_place_of_some_are_bridged_but_never_counted() -> None:
    written = [*WORDS[:150], *["x"] * 10, *WORDS[160:]]
    assert near_verbatim_blocks(written, WORDS) == [WordBlock(0, 400, 0, 400, 390)]
    assert near_verbatim_blocks([*WORDS[:150], *["x"] * 11, *WORDS[161:]], WORDS) == [  # a gap of more than 10 words
        WordBlock(0, 150, 0, 150, 150),
        WordBlock(161, 400, 161, 400, 239),
    ]


@pytest.mark.parametrize(("words", "blocks"), [(3, 1), (4, 2)])
def test_two_gaps_may_differ_by_three_words(words: int, blocks: int) -> None:
    """Words that only the text has, and words that only the original has."""
    for written, original in ((inserted(200, words), WORDS), (WORDS, inserted(200, words))):
        found = near_verbatim_blocks(written, original)
        assert [block.words for block in found] == ([400] if blocks == 1 else [200, 200])


def test_a_block_of_fewer_than_a_hundred_words_is_dropped() -> None:
    assert near_verbatim_blocks(WORDS[:100], WORDS) == [WordBlock(0, 100, 0, 100, 100)]
    assert near_verbatim_blocks(WORDS[:99], WORDS) == []


def test_pieces_of_fewer_than_twenty_words_make_no_block_unless_two_words_part_them() -> None:
    """Of each 22 words 19 come: the first pass drops each piece alone. With two words between, it makes one of all."""
    apart = ["x" if number % 22 > 18 else word for number, word in enumerate(WORDS[:396])]
    assert near_verbatim_blocks(apart, WORDS[:396]) == []
    near = ["x" if number % 22 > 19 else word for number, word in enumerate(WORDS[:396])]
    assert [block.words for block in near_verbatim_blocks(near, WORDS[:396])] == [18 * 20]


def test_words_that_stand_everywhere_are_words_as_well() -> None:
    """difflib leaves a word of more than a hundredth of 200 or more out, unless it is told not to."""
    text = ["=" if number % 2 else word for number, word in enumerate(WORDS)]
    assert [block.words for block in near_verbatim_blocks(text, text)] == [400]


def test_order_counts() -> None:
    assert [block.words for block in near_verbatim_blocks([*WORDS[250:], *WORDS[:250]], WORDS)] == [250]


def test_passes_are_those_of_the_paper() -> None:
    assert (Pass(gap=2, shift=1, words=20), Pass(gap=10, shift=3, words=100)) == PASSES


def test_no_words_make_no_block() -> None:
    assert near_verbatim_blocks([], WORDS) == near_verbatim_blocks(WORDS, []) == near_verbatim_blocks([], []) == []


def test_whatever_two_texts_hold_the_work_ends() -> None:
    with pytest.raises(TooMuchWorkError):
        near_verbatim_blocks(["x", "y"] * 3000, ["y", "y", "x"] * 2000)
