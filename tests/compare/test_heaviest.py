"""The heaviest common subsequence against the textbook's table, on texts that are heavy with blank lines and braces."""

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from laam.compare import heaviest
from laam.compare.bounded import bounded_matches
from laam.compare.heaviest import Match
from laam.corpus.lines import split_lines
from tests.compare.made_up import digests_of, edit_source, make_source

LINES = ["\n", "\t}\n", "}\n", "{\n", "\treturn 0;\n", "\tbreak;\n", "#endif\n", *(f"\tspool[{n}] = turn(&crank);\n" for n in range(6))]


def textbook(a: Sequence[str], b: Sequence[str]) -> int:
    """The weight alone, from the whole table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            both = table[i][j] + len(y) if x == y else 0
            table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j], both)
    return table[-1][-1]


def fewest_runs(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """Weight and negative runs of the best way, the weight first. A run from the beginning of both is free."""
    best = [[(0, 0)] * (len(b) + 1) for _ in range(len(a) + 1)]
    ending: dict[tuple[int, int], tuple[int, int]] = {(0, 0): (0, 0)}
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j])
            if x == y:
                new, going_on = best[i][j], ending.get((i, j))
                here = (new[0] + len(y), new[1] - 1)
                if going_on:
                    here = max(here, (going_on[0] + len(y), going_on[1]))
                ending[i + 1, j + 1] = here
                best[i + 1][j + 1] = max(best[i + 1][j + 1], here)
    return best[-1][-1]


def random_texts(seed: int) -> tuple[list[str], list[str]]:
    """Two texts: unrelated ones, or one made of the other by loss, by an exchange of its parts, or by blank lines between."""
    chance = random.Random(seed)
    lines = LINES[: chance.choice([1, 2, 3, 5, len(LINES)])]
    b = [chance.choice(lines) for _ in range(chance.randrange(60))]
    cut = chance.randrange(len(b) + 1)
    a = [
        [chance.choice(lines) for _ in range(chance.randrange(60))],
        [line if chance.random() < 0.8 else chance.choice(LINES) for line in b if chance.random() < 0.8],
        b[cut:] + b[:cut],
        [each for line in b for each in (line, "\n")],
    ][seed % 4]
    return a, b


def matched(a: Sequence[str], b: Sequence[str]) -> list[Match]:
    return bounded_matches(digests_of("".join(a)), digests_of("".join(b)), [len(line) for line in b]).runs


def weight(matches: Sequence[Match], b: Sequence[str]) -> int:
    return sum(len(line) for _, j, lines in matches for line in b[j : j + lines])


def check_matches(matches: Sequence[Match], a: Sequence[str], b: Sequence[str]) -> None:
    """Equal lines, in order, as runs that can't be longer."""
    i = j = 0
    for number, (at_i, at_j, lines) in enumerate(matches):
        assert lines > 0
        assert a[at_i : at_i + lines] == b[at_j : at_j + lines]
        assert at_i >= i
        assert at_j >= j
        assert number == 0 or (at_i, at_j) != (i, j)
        i, j = at_i + lines, at_j + lines


@pytest.mark.parametrize("seed", range(400))
def test_weighs_as_much_as_the_textbook_s(seed: int) -> None:
    a, b = random_texts(seed)
    matches = matched(a, b)
    check_matches(matches, a, b)
    assert weight(matches, b) == textbook(a, b)


@pytest.mark.parametrize("seed", range(200))
def test_of_the_heaviest_ways_one_with_the_fewest_runs(seed: int) -> None:
    a, b = random_texts(seed)
    pairs = heaviest.inner_pairs(digests_of("".join(a)), digests_of("".join(b)), [len(line) for line in b])
    runs = sum(pair != (before[0] + 1, before[1] + 1) for before, pair in zip([(-1, -1), *pairs], pairs, strict=False))
    assert (sum(len(b[j]) for _, j in pairs), -runs) == fewest_runs(a, b)


@pytest.mark.parametrize("seed", range(4))
def test_a_source_with_wrong_lines(seed: int) -> None:
    source = make_source(150, seed)
    a, b = split_lines(edit_source(source, 0.3, seed)), split_lines(source)
    assert weight(matched(a, b), b) == textbook(a, b)


@pytest.mark.parametrize("seed", range(8))
def test_git_finds_as_many_lines_where_a_line_is_a_line(seed: int, tmp_path: Path) -> None:
    a, b = random_texts(seed)
    mine, original = tmp_path / "mine.c", tmp_path / "original.c"
    mine.write_text("".join(a), "utf-8")
    original.write_text("".join(b), "utf-8")
    command = ["git", "diff", "--no-index", "--minimal", "--numstat", "--", str(original), str(mine)]
    counts = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False, encoding="utf-8").stdout.split()
    missing = int(counts[1]) if counts else 0
    by_lines = bounded_matches(digests_of("".join(a)), digests_of("".join(b)), [1] * len(b)).runs
    assert sum(lines for _, _, lines in by_lines) == len(b) - missing
    assert weight(matched(a, b), b) >= weight(by_lines, b)


def test_every_line_doubled_by_a_blank_one_is_all_there() -> None:
    source = split_lines(make_source(300))
    doubled = [each for line in source for each in (line, "\n")]
    assert weight(matched(doubled, source), source) == sum(map(len, source))


def test_every_other_line_counts_as_what_it_is() -> None:
    source = split_lines(make_source(300))
    assert weight(matched(source[::2], source), source) == sum(map(len, source[::2]))


@pytest.mark.parametrize("larger", [0, 1])
def test_of_two_halves_that_are_exchanged_the_larger_counts(larger: int) -> None:
    halves = [[f"{name} {n};\n" for n in range(40 if number == larger else 30)] for number, name in enumerate(("cog", "belt"))]
    matches = matched([*halves[1], *halves[0]], [*halves[0], *halves[1]])
    assert [lines for _, _, lines in matches] == [40]


def test_characters_count_and_not_lines() -> None:
    assert matched(["a\n", "b\n", "a long line\n"], ["a long line\n", "a\n", "b\n"]) == [(2, 0, 1)]


def test_a_last_brace_stays_where_the_text_was_stopped() -> None:
    original = ["cog\n", "{\n", "}\n", "belt\n", "{\n", "}\n"]
    assert matched(["dog\n", "{\n", "}\n"], original) == [(1, 1, 2)]
    assert matched(["dog\n", "{\n", "}\n", "belt\n", "{\n", "}\n"], original) == [(1, 1, 5)]


def test_what_comes_early_is_taken_first() -> None:
    assert matched(["{\n", "x\n", "{\n", "y\n"], ["{\n", "{\n", "z\n"]) == [(0, 0, 1), (2, 1, 1)]
    assert matched(["w\n", "{\n", "x\n"], ["z\n", "{\n", "v\n", "{\n", "u\n"]) == [(1, 1, 1)]


def test_a_text_that_repeats_itself_for_ever() -> None:
    source = [*split_lines(make_source(60)), "\tspool++;\n"]
    loop = ["\t}\n", "\n", "}\n"] * 4_000
    assert weight(matched(["/* x */\n", *loop, *source], source), source) == sum(map(len, source))
    assert weight(matched(["/* x */\n", *loop], source), source) == sum(len(line) for line in source if line in loop[:3])


def test_the_order_of_the_answer_does_not_hang_on_digests() -> None:
    a, b = random_texts(5)
    numbers = {line: number for number, line in enumerate(LINES)}
    renamed = bounded_matches([numbers[line] for line in a], [numbers[line] for line in b], [len(line) for line in b])
    assert renamed == (matched(a, b), False)
