import re
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from laam.compare import passages as of_runs
from laam.compare import undoing
from laam.compare.chains import CHAIN_LINES
from laam.compare.passages import RUN_LINES
from laam.compare.trace import Trace, trace_text
from laam.corpus.lines import split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree

COMMON = "\treturn 0;\n"
CUPS = "".join(f"int number_of_the_cup_{number} = {number};\n" for number in range(6))
POTS = "".join(f"int number_of_the_pot_{number} = {number};\n{{\n\n" for number in range(4))


@pytest.fixture(scope="module")
def manifest() -> SealedManifest:
    tree = {f"linux/fs/file{number:02}.c": f"int only_{number};\n{COMMON}}}\n\n" for number in range(12)}
    tree["linux/kernel/cups.c"] = f"/* cups */\n{CUPS}"
    tree["linux/kernel/pots.c"] = f"{POTS}int the_end_of_all_the_pots;\n"
    tree["linux/mm/more.c"] = "".join(split_lines(CUPS)[:3])
    return SealedManifest(seal_tree({path: text.encode() for path, text in tree.items()}, SHIPPED))


def passages(trace: Trace) -> list[tuple[int, int, str, int, int]]:
    return [(found.start, found.end, found.file.path, found.file_start, found.others) for found in trace.passages]


def test_runs_are_found_where_they_stand(manifest: SealedManifest) -> None:
    trace = trace_text(f"mine\n{CUPS}mine too\n{POTS}", manifest)
    assert passages(trace) == [(1, 7, "linux/kernel/cups.c", 1, 0), (8, 20, "linux/kernel/pots.c", 0, 0)]
    assert (trace.lines, trace.traced_lines, trace.alone, trace.common, trace.absent) == (20, 18, 0, 0, 2)
    assert trace.share == pytest.approx(len(CUPS + POTS) / len(f"mine\n{CUPS}mine too\n{POTS}"))
    assert trace.as_dict()["passages"][0] == {  # type: ignore[index]
        "start": 2, "end": 7, "file": "linux/kernel/cups.c", "file_start": 2, "file_end": 7, "gaps": False,
        "licence": trace.passages[0].file.licence, "telling_lines": 6, "other_files": 0,
    }  # fmt: skip


def test_blank_lines_braces_and_boilerplate_are_no_evidence(manifest: SealedManifest) -> None:
    trace = trace_text(f"{COMMON}}}\n\n" * 20, manifest)
    assert (trace.passages, trace.alone, trace.common, trace.absent) == ([], 0, 60, 0)


def test_lone_lines_are_counted_apart(manifest: SealedManifest) -> None:
    trace = trace_text("int only_3;\nmine\nint the_end_of_all_the_pots;\n", manifest)
    assert (trace.passages, trace.alone, trace.absent) == ([], 2, 1)
    short = trace_text("int only_3;\n" + "\treturn 0;\n}\n", manifest)  # in order, but only one line of it tells something
    assert (short.passages, RUN_LINES) == ([], 2)


def test_lines_in_another_order_are_no_run(manifest: SealedManifest) -> None:
    assert trace_text("".join(reversed(split_lines(CUPS))), manifest).passages == []


def test_the_file_with_the_longest_run_is_named_and_others_are_counted(manifest: SealedManifest) -> None:
    assert passages(trace_text(CUPS, manifest)) == [(0, 6, "linux/kernel/cups.c", 1, 0)]
    assert [found[4] for found in passages(trace_text("".join(split_lines(CUPS)[:3]), manifest))] == [1]


def test_the_same_run_twice_is_two_passages(manifest: SealedManifest) -> None:
    assert [found[:2] for found in passages(trace_text(CUPS + CUPS, manifest))] == [(0, 6), (6, 12)]


def test_a_last_line_without_a_newline_counts(manifest: SealedManifest) -> None:
    assert passages(trace_text(CUPS.rstrip("\n"), manifest)) == [(0, 6, "linux/kernel/cups.c", 1, 0)]


@pytest.mark.parametrize("text", ["", "\n", "<script>\n${x} {{y}}", "\udc80\ud83d\x00\f\n" * 3])
def test_texts_without_a_line_of_the_kernel(text: str, manifest: SealedManifest) -> None:
    trace = trace_text(text, manifest)
    assert (trace.passages, trace.alone, trace.share) == ([], 0, 0.0)
    assert trace.absent + trace.common == trace.lines


def test_a_file_does_not_run_on_into_the_next(manifest: SealedManifest) -> None:
    text = "".join(split_lines(CUPS)[-3:]) + "".join(split_lines(POTS)[:7])
    assert [found[2] for found in passages(trace_text(text, manifest))] == ["linux/kernel/cups.c", "linux/kernel/pots.c"]


def test_a_text_of_repeated_lines_has_its_runs_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    again = "int the_same_line_for_ever;\n"
    tree = {f"linux/fs/file{number}.c": f"{again * 20}int only_{number};\n".encode() for number in range(4)}
    manifest = SealedManifest(seal_tree(tree, SHIPPED))
    counted = Mock(wraps=of_runs._equal_lines)
    monkeypatch.setattr(of_runs, "_equal_lines", counted)
    monkeypatch.setattr(of_runs, "PLACES", 4_000)
    found = trace_text(again * 2_000, manifest)
    assert (found.traced_lines, found.lines) == (2_000, 2_000)
    assert 0 < counted.call_count <= 2 * 4_000
    counted.reset_mock()
    alone = trace_text(f"{again}no\n" * 2_000, manifest)
    assert (counted.call_count, alone.alone, alone.traced_lines) == (0, 2_000, 0)


# What hides lines from a search for equal ones. The text is made up.

TABS = ("\t", "\t\t", "\t\t\t", "\t\t\t\t")
KETTLE = "".join(
    f'{TABS[number % 3]}if (kettle[{number}].water > {number * 7})\n{TABS[1 + number % 3]}pour("{number} cups", kettle + {number});\n'
    for number in range(40)
)
LICENCE = """/*
 * Copyright (c) 1989 The Tea House. All rights reserved.
 *
 * Redistribution and use of this tea in pots and in cups are permitted
 * provided that the above notice is kept, and comes WITHOUT ANY WARRANTY.
 */
"""


@pytest.fixture(scope="module")
def kettle() -> SealedManifest:
    return SealedManifest(seal_tree({"linux/kernel/kettle.c": f"{LICENCE}{KETTLE}".encode(), "linux/mm/cup.c": b"int cup;\n"}, SHIPPED))


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        (lambda text: text.replace("\n", " \n"), "blanks at its end"),
        (lambda text: text.replace("\t", "    "), "Tabs are written as blanks"),
        (lambda text: text.expandtabs(8), "Tabs are written as blanks"),
        (lambda text: text.replace("\n", "\r\n"), "CR LF"),
        (lambda text: text.replace('"', "”"), "typographer"),
        (lambda text: re.sub(r"(?m)^\t+", "", text), "White space at the beginning of lines is missing"),
        (lambda text: text.replace("\n", "\r"), "Each line ends with CR."),
        *(
            (lambda text, mark=mark: "".join(f"{mark}{line}\n" for line in text.splitlines()), f"“{mark.strip()}” stands before each line")
            for mark in ("> ", "// ", "# ", " * ", ">> ")
        ),
        (lambda text: "".join(f"> {number}: {line}\n" for number, line in enumerate(text.splitlines(), 1)), "“>1:” stands"),
        (
            lambda text: "".join(f"pot/a.c:{number}:{line}\n" for number, line in enumerate(text.splitlines(), 1)),
            "“pot/a.c:1:”",
        ),
        (
            lambda text: "".join(f"{number if number % 2 else ' ':3} {line}\n" for number, line in enumerate(text.splitlines(), 1)),
            "A number",
        ),
        (lambda text: "".join(f"{' +'[number // 5 % 2]}{line}\n" for number, line in enumerate(text.splitlines())), "Blanks and “+” stand"),
        (lambda text: "".join(f"{number:5}\t{line}\n" for number, line in enumerate(text.splitlines(), 1)), "A number stands"),
    ],
)
def test_what_differs_throughout_is_told_and_undone(hidden: Callable[[str], str], words: str, kettle: SealedManifest) -> None:
    found = trace_text(hidden(KETTLE), kettle)
    assert found.share < 0.6
    assert found.without is not None
    assert words in found.difference
    assert found.without.share > 0.95
    assert {passage.file.path for passage in found.without.passages} == {"linux/kernel/kettle.c"}
    record = found.as_dict()
    assert record["traced_share"] == found.share  # the strict number stays what it is
    assert record["without_difference"]["traced_share"] == found.without.share  # type: ignore[index]


@pytest.mark.parametrize("between", ["\n", "mine\n"])
def test_lines_between_the_lines_of_a_file_leave_gaps(between: str, kettle: SealedManifest) -> None:
    found = trace_text("".join(f"{line}\n{between}" for line in KETTLE.splitlines()), kettle)
    [passage] = found.passages
    assert passage.gaps
    assert (passage.file_start, passage.file_end, found.traced_lines) == (6, 86, 80)


def test_every_second_line_of_a_file_is_found(kettle: SealedManifest) -> None:
    [passage] = trace_text("".join(f"{line}\n" for line in KETTLE.splitlines()[::2]), kettle).passages
    assert (passage.telling, passage.gaps) == (40, True)


def test_a_few_lines_with_gaps_or_far_apart_prove_nothing(kettle: SealedManifest) -> None:
    lines = KETTLE.splitlines()
    few = "".join(f"{line}\nmine\n" for line in lines[: CHAIN_LINES - 1])
    far = "".join(f"{line}\n" + "mine\n" * 20 for line in lines[:20])
    assert (trace_text(few, kettle).passages, trace_text(far, kettle).passages) == ([], [])


def test_the_words_of_a_licence_prove_nothing(kettle: SealedManifest) -> None:
    found = trace_text(f"{LICENCE}int my_own;\n", kettle)
    assert (found.passages, found.share, found.alone) == ([], 0.0, 0)


def test_past_the_work_it_is_said_that_nothing_was_looked_for(kettle: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "STEPS", 1_000)
    found = trace_text(KETTLE.replace("\t", "    "), kettle)
    assert (found.without, found.difference_looked_for) == (None, False)


def test_a_quotation_in_a_mail_is_found(kettle: SealedManifest) -> None:
    quoted = "".join(f"> {line}\n" for line in KETTLE.splitlines()[10:40])
    found = trace_text("What do you say of this?\n" * 20 + quoted + "I say nothing.\n" * 20, kettle)
    assert found.difference == "“>” stands before many lines."
    assert found.without is not None
    [passage] = found.without.passages
    assert (passage.start, passage.end, passage.file_start) == (20, 50, 16)


def test_a_mark_of_control_characters_is_not_shown(kettle: SealedManifest) -> None:
    found = trace_text("".join(f"\x1b[8m {line}\n" for line in KETTLE.splitlines()), kettle)
    assert found.difference == "A mark stands before each line."


def test_tabs_within_lines_are_found() -> None:
    table = "".join(f"#define TEA_NUMBER_{number}\t{number} \t/* a cup */\n" for number in range(20))
    manifest = SealedManifest(seal_tree({"linux/kernel/table.h": table.encode()}, SHIPPED))
    for text in (table.replace("\t", "    "), table.replace("\t", " " * 8)):
        found = trace_text(text, manifest)
        assert (found.share, found.most.share, found.difference) == (0.0, 1.0, "Tabs are written as blanks.")


def test_a_line_that_may_have_been_several_is_the_one_that_goes_on() -> None:
    lines = [f"{TABS[1 + number // 5]}pour(cup, {number});\n{TABS[1 + number // 5]}stir;\n" for number in range(15)]
    manifest = SealedManifest(seal_tree({"linux/kernel/stir.c": "".join(lines).encode()}, SHIPPED))
    found = trace_text("".join(lines).replace("\t", ""), manifest)
    assert (found.share, found.most.share, len(found.most.passages)) == (0.0, 1.0, 1)


def test_every_file_of_a_text_is_looked_at() -> None:
    tree = {f"linux/fs/tea{file:02}.c": "".join(f"int the_cup_{file}_{line};\n" for line in range(20)) for file in range(12)}
    manifest = SealedManifest(seal_tree({path: text.encode() for path, text in tree.items()}, SHIPPED))
    found = trace_text("".join(tree.values()).replace("\n", "\n\n"), manifest)
    assert ({passage.file.path for passage in found.passages}, found.alone) == (set(tree), 0)


@pytest.mark.parametrize("mark", ["", "// ", "> 1: "])
def test_another_text_is_not_made_the_kernel_s(mark: str, kettle: SealedManifest) -> None:
    own = "".join(f'{mark}if (pan[{number}].oil > {number})\n{mark}    fry("eggs");\n' for number in range(50))
    found = trace_text(own, kettle)
    assert (found.passages, found.without) == ([], None)


def test_a_mark_is_no_evidence() -> None:
    manifest = SealedManifest(seal_tree({"linux/kernel/cup.c": b"int the_first_cup_of_tea;\nint the_second_cup_of_tea;\n"}, SHIPPED))
    marked = "// // // // int the_first_cup_of_tea;\n// // // // int the_second_cup_of_tea;\n"
    assert trace_text(marked, manifest).most.passages == []
