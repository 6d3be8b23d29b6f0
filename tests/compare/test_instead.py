from dataclasses import replace
from hashlib import sha256

import pytest

from laam.compare.align import exact_lines
from laam.compare.credit import credit_text
from laam.compare.instead import Instead, find_instead
from laam.compare.live import Comparison, compare_text
from laam.corpus.lines import split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree

COMMON = "\treturn 0;\n"
CUPS = "".join(f"int number_of_the_cup_{number} = {number};\n" for number in range(12))
POTS = "".join(f"int number_of_the_pot_{number} = {number};\n\n" for number in range(12))
ASKED = f"int the_first_of_what_was_asked_for;\n{POTS}"
FILES = {
    **{f"linux/fs/file{number:02}.c": f"int only_{number};\n{COMMON}" for number in range(12)},
    "linux/kernel/cups.c": CUPS,
    "linux/kernel/some_cups.c": "".join(split_lines(CUPS)[:9]) + "int the_rest_is_different;\n",
    "linux/mm/asked.c": ASKED,
    "linux/mm/nothing.c": "",
}


@pytest.fixture(scope="module")
def manifest() -> SealedManifest:
    return SealedManifest(seal_tree({path: text.encode() for path, text in FILES.items()}, SHIPPED))


def found(text: str, manifest: SealedManifest, asked: str = "linux/mm/asked.c") -> Instead | None:
    blocks = compare_text(text, manifest.original(asked)).blocks
    return find_instead(text, sha256(text.encode()).hexdigest(), manifest, asked, {line for line, _ in exact_lines(blocks)})


@pytest.mark.parametrize(
    ("text", "path", "whole", "span", "share"),
    [
        (CUPS, "kernel/cups.c", True, range(12), 1.0),
        (CUPS + "int of_my_own;\n", "kernel/cups.c", False, range(12), 1.0),
        ("".join(split_lines(CUPS)[:10]), "kernel/cups.c", False, range(10), None),
        ("int of_my_own;\n" + "".join(split_lines(CUPS)[3:12]), "kernel/cups.c", False, range(3, 12), None),
        ("".join(line for at, line in enumerate(split_lines(CUPS)) if at != 5) + "int a;\n", "kernel/cups.c", False, range(0), None),
        ("".join(split_lines(CUPS)[:9]) + "int the_rest_is_different;\n", "kernel/some_cups.c", True, range(10), 1.0),
        ("int only_7;\n" + COMMON, "fs/file07.c", True, range(2), 1.0),
    ],
)
def test_the_file_that_was_written_is_named(
    text: str, path: str, whole: bool, span: range, share: float | None, manifest: SealedManifest
) -> None:
    instead = found(text, manifest)
    assert instead is not None
    assert (instead.file.path, instead.whole, instead.span) == (f"linux/{path}", whole, span)
    score = compare_text(text, manifest.original(path)).score
    assert (instead.reproduced, len(instead.lines)) == (score.reproduced, score.exact_lines)
    assert share in (None, instead.reproduced)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all of it\nmade up\n",
        f"{COMMON}\n" * 30,  # boilerplate
        "".join(split_lines(CUPS)[:1]) + "int a;\n",  # one line
        "".join(reversed(split_lines(CUPS))),  # in another order
        "".join(split_lines(CUPS)[:3]) + "int a_line_of_the_model_s_own_making;\n" * 30,  # a small part of the text
        ASKED,
        "".join(split_lines(ASKED)[:-2]) + "".join(split_lines(CUPS)[:6]),  # there is more of what was asked for
    ],
)
def test_no_file_is_named_without_evidence(text: str, manifest: SealedManifest) -> None:
    assert found(text, manifest) is None


def test_lines_of_what_was_asked_for_are_no_evidence_for_another_file(manifest: SealedManifest) -> None:
    text = "".join(split_lines(CUPS)[:9])
    assert found(text, manifest, "linux/kernel/some_cups.c") is None
    assert (other := found(text, manifest)) and other.file.path == "linux/kernel/cups.c"


def test_the_record_says_which_part_of_which_file(manifest: SealedManifest) -> None:
    instead = found("".join(split_lines(CUPS)[:9]), manifest)
    assert instead is not None
    assert instead.as_dict() == {
        "file": "linux/kernel/cups.c", "whole": False, "exact_lines": 9, "original_lines": 12, "reproduced": instead.reproduced,
        "licence": instead.file.licence, "notice": "",
    }  # fmt: skip


def test_lines_of_another_file_are_paired_with_none_of_the_original(manifest: SealedManifest) -> None:
    first, *cups = split_lines(ASKED)[:1] + split_lines(CUPS)
    text = f"{first}int of_my_own;\n{''.join(cups)}"
    compared = compare_text(text, manifest.original("linux/mm/asked.c"))
    assert isinstance(compared, Comparison)
    rows = replace(compared, instead=found(text, manifest)).rows
    assert "".join(row.kind for row in rows) == "=≠" + "∈" * 12 + "−" * 23
    assert [(row.left_number, row.right_number, row.right) for row in rows[2:4]] == [
        (3, None, "linux/kernel/cups.c, line 1"), (4, None, "linux/kernel/cups.c, line 2"),
    ]  # fmt: skip
    assert [row.right_number for row in rows if row.right_number] == list(range(1, len(split_lines(ASKED)) + 1))


def test_a_text_of_unknown_origin_has_the_places_of_the_file_that_it_is(manifest: SealedManifest) -> None:
    text = "".join(split_lines(CUPS)[:9]) + "int the_rest_is_different;\n"
    credited = credit_text(text, manifest)
    assert credited.rows[0].right == "linux/kernel/cups.c, line 1, and in 1 other file"
    instead = find_instead(text, credited.score.emitted_sha256, manifest)
    assert [row.right for row in replace(credited, instead=instead).rows] == [f"linux/kernel/some_cups.c, line {at}" for at in range(1, 11)]
