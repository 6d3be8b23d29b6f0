from dataclasses import replace
from hashlib import sha256

import pytest

from laam.compare.align import Block, align
from laam.compare.live import compare_text
from laam.compare.measures import Part
from laam.compare.score import RunningScore, Score, score_text
from laam.corpus.original import OriginalPart, after_line
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from tests.compare.made_up import MadeUpOriginal, digests_of, edit_source, make_source


def score(
    emitted: str, original: str, *, has_text: bool = True, line_files: dict[int, int] | None = None, reach: int | None = None
) -> Score:
    held = MadeUpOriginal(original, has_text)
    blocks = align(digests_of(emitted), held.digests, held.lengths).blocks
    return score_text(emitted, held, blocks, prompt_characters=12, line_files=line_files, reach=reach)


def test_every_field_of_a_small_example() -> None:
    original, emitted = "one\ntwo\n\nfour\n", "one\ntoo\n\nfour\nmore"
    found = score(emitted, original, line_files={digests_of("\n")[0]: 11, digests_of("one\n")[0]: 10})
    assert found.measures["in_original_lines"] == Part(5, 18)
    assert replace(found, measures={}) == Score(
        reproduced=10 / 14,
        verbatim=10 / 18,
        exact_characters=10,
        original_characters=14,
        emitted_characters=18,
        exact_lines=3,
        original_lines=4,
        emitted_lines=5,
        longest_run=2,
        sha256_identical=False,
        emitted_sha256=sha256(emitted.encode()).hexdigest(),
        original_sha256=sha256(original.encode()).hexdigest(),
        prompt_characters=12,
        without_boilerplate=9 / 13,
        within_reach=None,
        reach=None,
        reach_lines=None,
        similarity=1 - 5 / 18,
    )
    assert found.as_dict()["longest_run"] == 2


def test_verbatim_is_a_share_of_what_was_written() -> None:
    found = score("one\n", "one\ntwo\n")
    assert (found.verbatim, found.reproduced) == (1.0, 0.5)


def test_exact() -> None:
    found = score("a\nb\n", "a\nb\n", line_files={})
    assert (found.reproduced, found.verbatim, found.without_boilerplate, found.similarity) == (1.0, 1.0, 1.0, 1.0)
    assert found.sha256_identical


def test_a_missing_final_newline_is_another_line() -> None:
    found = score("a\nb", "a\nb\n")
    assert (found.exact_lines, found.exact_characters, found.emitted_lines) == (1, 2, 2)
    assert not found.sha256_identical


def test_what_stands_before_the_part_that_was_asked_for_counts_nowhere() -> None:
    part = after_line(MadeUpOriginal("given\nwritten\nmissed\n"), 1)

    def scored(emitted: str) -> Score:
        return score_text(emitted, part, align(digests_of(emitted), part.digests, part.lengths).blocks)

    found = scored("written\n")
    assert (found.exact_characters, found.original_characters, found.original_lines) == (8, 15, 2)
    assert found.reproduced == 8 / 15
    assert found.similarity == pytest.approx(8 / 15)
    again = scored("given\n")
    assert (again.reproduced, again.verbatim, again.exact_lines) == (0.0, 0.0, 0)


def test_a_part_is_never_the_whole_file() -> None:
    whole = MadeUpOriginal("one\ntwo\n")
    text = "one\ntwo\n"
    assert score_text(text, whole, []).sha256_identical
    assert not score_text(text, after_line(whole, 1), []).sha256_identical


@pytest.mark.parametrize(
    ("reach", "within", "lines"),
    [
        (None, None, None),
        (3, None, None),
        (4, 1.0, 1),
        (7, 1.0, 1),
        (8, 0.5, 2),
        (11, 0.5, 2),
        (12, 4 / 12, 3),
        (99, 4 / 12, 3),
    ],
)
def test_within_reach_only_whole_lines_count(reach: int | None, within: float | None, lines: int | None) -> None:
    found = score("one\nten\n", "one\ntwo\nsix\n", reach=reach)
    assert (found.reach, found.within_reach, found.reach_lines) == (reach, within, lines)
    assert found.reproduced == 4 / 12


def test_nothing_against_nothing() -> None:
    both = score("", "", line_files={})
    assert (both.reproduced, both.verbatim, both.without_boilerplate, both.similarity) == (1.0, 0.0, 1.0, 1.0)
    assert both.sha256_identical
    assert score("x\n", "").reproduced == 0.0
    assert score("", "x\n").reproduced == 0.0
    assert score("", "x\n").emitted_lines == 0


@pytest.mark.parametrize("seed", range(8))
def test_sealed_and_readable_agree(seed: int) -> None:
    source = make_source(120, seed)
    emitted = edit_source(source, 0.2, seed)
    readable, sealed = score(emitted, source).as_dict(), score(emitted, source, has_text=False).as_dict()
    assert readable.pop("similarity") is not None
    assert sealed.pop("similarity") is None
    assert set(readable.pop("measures")) - set(sealed.pop("measures")) == {"near_verbatim", "longest_common_substring"}
    assert readable == sealed


def test_half_a_surrogate_pair_is_scored() -> None:
    assert score("\ud800\n", "a\n").exact_lines == 0


def test_running_joins_runs_over_blocks() -> None:
    running = RunningScore(MadeUpOriginal("1\n22\n333\n4444\n55555\n"))
    running.add([Block("equal", 0, 2, 0, 2)])
    assert (running.exact_characters, running.exact_lines, running.longest_run) == (5, 2, 2)
    running.add([Block("equal", 2, 3, 2, 3), Block("insert", 3, 4, 3, 3), Block("equal", 4, 6, 3, 5)])
    assert (running.exact_characters, running.exact_lines, running.longest_run) == (20, 5, 3)


def test_a_run_ends_where_lines_were_given() -> None:
    part = OriginalPart(MadeUpOriginal("a\nb\nc\nd\ne\n"), [0, 1, 3, 4])
    assert score_text("a\nb\nd\ne\n", part, [Block("equal", 0, 2, 0, 2), Block("equal", 2, 4, 2, 4)]).longest_run == 2


def test_a_function_is_whole_if_each_of_its_lines_is_exact() -> None:
    source = "int pour(void)\n{\n\treturn 1;\n}\nint stir(void)\n{\n\treturn 2;\n}\n"
    manifest = SealedManifest(seal_tree({"linux/tea.c": source.encode()}, SHIPPED))
    found = compare_text(source.replace("2", "3"), manifest.original("tea.c")).score
    assert (found.functions, found.exact_functions) == (2, ("pour",))
