from collections.abc import Callable
from html import escape
from unittest.mock import Mock

import pytest

from laam.compare import systematic, undoing
from laam.compare.live import compare_text
from laam.compare.systematic import Difference, find_difference
from laam.compare.undoing import TooMuchWorkError
from laam.corpus.lines import line_digest, split_lines
from tests.compare.made_up import MadeUpOriginal, make_source

SOURCE = make_source(200) + '/* a cog   \n *\tand a belt\n*/\n\n\tturn(1);\t/* once */ \nif (a < b && c-- > 1) puts("x");\nend\n'
LINES = [line[:-1] for line in split_lines(SOURCE)]
Rewriting = Callable[[list[str]], list[str]]


def numbered(form: str) -> Rewriting:
    return lambda lines: [form.format(number, line) for number, line in enumerate(lines, start=1)]


def each(form: str) -> Rewriting:
    return lambda lines: [form.format(line) for line in lines]


def expanded(columns: int) -> Rewriting:
    return lambda lines: [line.expandtabs(columns) for line in lines]


def indented(blanks: str) -> Rewriting:
    return lambda lines: [blanks * (len(line) - len(line.lstrip("\t"))) + line.lstrip("\t") for line in lines]


def found(text: str, original: str = SOURCE, *, has_text: bool = False) -> Difference | None:
    return compare_text(text, MadeUpOriginal(original, has_text)).score.difference


ENTITIES, BLANKS = "Characters are written as HTML entities", "Blanks are written as other blanks"
TYPOGRAPHY = "Quotation marks and dashes are a typographer’s"
NUMBERS, TABS = "A number stands before each line", "Tabs are written as blanks"


@pytest.mark.parametrize("has_text", [True, False])
@pytest.mark.parametrize(
    ("rewriting", "end", "what"),
    [
        (each("{}"), "\r\n", "Each line ends with CR LF"),
        (each("{}"), "\r", "Each line ends with CR"),
        (each("{} "), "\n", "Each line has blanks at its end"),
        (each("{}\t  "), "\n", "Each line has blanks at its end"),
        (each("+{}"), "\n", "“+” stands before each line"),
        (each("-{}"), "\n", "“-” stands before each line"),
        (each("> {}"), "\n", "“>” stands before each line"),
        (each(">{}"), "\n", "“>” stands before each line"),
        (each("| {}"), "\n", "“|” stands before each line"),
        (each("    {}"), "\n", "Each line is indented"),
        (each("\t{}"), "\n", "Each line is indented"),
        (lambda lines: [f"    {line}" if line else "" for line in lines], "\n", "Each line is indented"),
        (numbered("{}:{}"), "\n", NUMBERS),
        (numbered("{} {}"), "\n", NUMBERS),
        (numbered("{:6}\t{}"), "\n", NUMBERS),
        (numbered("{:4} | {}"), "\n", NUMBERS),
        (expanded(8), "\n", TABS),
        (expanded(4), "\n", TABS),
        (indented("    "), "\n", TABS),
        (lambda lines: ["\ufeff" + lines[0], *lines[1:]], "\n", "The text begins with a byte order mark"),
        (each("{}"), "\u2028", "Each line ends with U+2028"),
        (lambda lines: [escape(line) for line in lines], "\n", ENTITIES),
        (lambda lines: [escape(line).replace(" ", "&nbsp;") for line in lines], "\n", f"{ENTITIES} and {BLANKS.lower()}"),
        (lambda lines: [line.replace(" ", "\u00a0") for line in lines], "\n", BLANKS),
        (lambda lines: [line.replace("(", "\u200b(") for line in lines], "\n", "Characters without width stand in it"),
        (lambda lines: [line.replace('"', "”").replace("--", "–") for line in lines], "\n", TYPOGRAPHY),
        (
            lambda lines: [line.replace(" ", "\u00a0") for line in expanded(8)(lines)],
            "\r\n",
            f"{BLANKS}, each line ends with CR LF and {TABS.lower()}",
        ),
        (each("{} "), "\r\n", "Each line ends with CR LF and each line has blanks at its end"),
        (numbered("{}: {}"), "\r", f"Each line ends with CR and {NUMBERS.lower()}"),
        (lambda lines: [f"    {line}" for line in expanded(8)(lines)], "\n", f"Each line is indented and {TABS.lower()}"),
        (lambda lines: [f"+{line}" for line in expanded(8)(lines)], "\n", f"“+” stands before each line and {TABS.lower()}"),
    ],
)
def test_what_differs_throughout_is_found(rewriting: Rewriting, end: str, what: str, has_text: bool) -> None:
    text = "".join(f"{line}{end}" for line in rewriting(LINES))
    score = compare_text(text, MadeUpOriginal(SOURCE, has_text)).score
    assert score.reproduced < 1
    assert score.difference == Difference(what, 1.0)
    assert score.as_dict()["difference"] == {"what": what, "reproduced": 1.0}


def test_three_at_once() -> None:
    lines = [f"{number}: {line} \r\n" for number, line in enumerate(LINES, start=1)]
    assert found("\ufeff" + "".join(lines)) == Difference(
        "The text begins with a byte order mark, each line ends with CR LF, each line has blanks at its end"
        " and a number stands before each line",
        1.0,
    )


def test_it_is_worth_what_is_there_and_no_more() -> None:
    kept = LINES[: len(LINES) // 2]
    difference = found("".join(f"{line}\r\n" for line in kept))
    assert difference == Difference("Each line ends with CR LF", sum(len(line) + 1 for line in kept) / len(SOURCE))


def test_mail_that_lost_the_blank_after_its_mark_on_blank_lines() -> None:
    text = "".join(f"> {line}".rstrip() + "\n" for line in LINES if line == line.rstrip())
    kept = sum(len(line) + 1 for line in LINES if line == line.rstrip())
    assert found(text) == Difference("“>” stands before each line", kept / len(SOURCE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        SOURCE,
        SOURCE.replace("\n", "\n\n"),  # all is there
        SOURCE.replace("turn", "spin"),
        "".join(f"{line}\r\n" for line in ["none", "of", "it"]),
        "".join(f"{line}\n" for line in LINES[::2]),
        "".join(f"{line}{' ' * (number % 2)}\n" for number, line in enumerate(LINES)),  # not throughout
        "".join(f"{line}\r\n" for line in LINES) * 5,  # too long to be looked at
    ],
)
def test_nothing_is_said_of_any_other_text(text: str) -> None:
    assert found(text) is None


def test_a_trait_that_the_original_has_itself_is_none() -> None:
    original = "".join(f"+{line} \n" for line in LINES)
    assert found(original, original) is None
    assert found(original.replace("\n", "\r\n"), original) == Difference("Each line ends with CR LF", 1.0)


def test_a_gain_too_small_to_tell_is_not_told() -> None:
    original = MadeUpOriginal("cog;\n" + "belt\n" * 200)
    assert find_difference("cog;\r\n", original, 0) is None
    assert find_difference("cog;\r\nbelt\r\nbelt\r\n", original, 0) == Difference("Each line ends with CR LF", 15 / 1005)


EVERY_TRAIT = "{:6} | +        {}&nbsp;\u00a0\u200b “q”    x    y      \r\n"


def test_many_traits_at_once_are_undone_by_way_of_a_sample() -> None:
    lines = [f"{number:5}: +{escape(line.expandtabs(8)).replace(' ', '&nbsp;')}   \r\n" for number, line in enumerate(LINES, 1)]
    difference = found("\ufeff" + "".join(lines))
    assert difference is not None
    assert difference.reproduced > 0.99
    assert difference.what.count(",") >= 4


def test_of_no_text_more_variants_are_tried_than_the_budget_has(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Mock(wraps=line_digest)
    monkeypatch.setattr(undoing, "line_digest", counted)
    monkeypatch.setattr(undoing, "STEPS", 2_000_000)
    text = "".join(EVERY_TRAIT.format(number, line) for number, line in enumerate(LINES, 1))
    with pytest.raises(TooMuchWorkError):
        find_difference(text, MadeUpOriginal(SOURCE), 0)
    assert 0 < counted.call_count <= 2_000_000 // undoing.STEP
    score = compare_text(text, MadeUpOriginal(SOURCE)).score
    assert (score.difference, score.difference_looked_for) == (None, False)


def test_a_text_of_very_many_lines_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systematic, "MOST_LINES", 100)
    with pytest.raises(TooMuchWorkError):
        find_difference(SOURCE.replace("\n", "\r\n"), MadeUpOriginal(SOURCE), 0)


def test_hostile_numbers_are_read() -> None:
    assert found(f"{'9' * 10_000}: x\n" * 3) is None
    assert found("".join(f"{'٣' * 9}: x\n" for _ in range(3))) is None
