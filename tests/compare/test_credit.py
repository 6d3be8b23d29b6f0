from hashlib import sha256

import pytest

from laam.compare.credit import LiveCredit, credit_text
from laam.compare.lead import Lead
from laam.compare.render import Row, render_rows
from laam.corpus.lines import split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree

COMMON = "\treturn 0;\n"
HOSTILE = "<b>&amp; \"q\" 'p' ${x} {{y}}\n"
CUP, POT = "int cup;\n", "int pot;\n"


@pytest.fixture(scope="module")
def manifest() -> SealedManifest:
    tree = {f"linux/fs/file{number:02}.c": f"int only_{number};\n{COMMON}" for number in range(12)}
    tree["linux/fs/file00.c"] += f"{CUP}/* a\ncup */\n{HOSTILE}"
    tree["linux/fs/file01.c"] += CUP
    tree["linux/kernel/<i>.c"] = POT
    return SealedManifest(seal_tree({path: text.encode() for path, text in tree.items()}, SHIPPED))


def kinds(rows: list[Row]) -> str:
    return "".join(row.kind for row in rows)


def test_each_line_is_credited_to_where_it_stands(manifest: SealedManifest) -> None:
    text = f"int only_3;\nmine\n{CUP}{COMMON}/* a\n"
    found = credit_text(text, manifest, prompt_characters=7)
    assert [(row.kind, row.left_number, row.right_number, row.right) for row in found.rows] == [
        ("∈", 1, None, "linux/fs/file03.c, line 1"),
        ("+", 2, None, None),
        ("∈", 3, None, "linux/fs/file00.c, line 3, and in 1 other file"),
        ("∈", 4, None, "in 12 files of the originals"),
        ("∈", 5, None, "linux/fs/file00.c, line 4"),
    ]
    score = found.score
    mine, common = len("mine\n"), len(COMMON)
    assert (score.found_characters, score.emitted_characters) == (len(text) - mine, len(text))
    assert score.found == (len(text) - mine) / len(text)
    assert score.found_without_boilerplate == (len(text) - mine - common) / (len(text) - common)
    assert (score.found_lines, score.emitted_lines, score.prompt_characters) == (4, 5, 7)
    assert score.files == (("linux/fs/file00.c", 2), ("linux/fs/file03.c", 1))
    assert score.as_dict()["found_lines"] == 4
    assert found.ticks == ""


def test_a_line_that_was_cut_off_is_not_called_the_model_s_own(manifest: SealedManifest) -> None:
    assert [kinds(credit_text(f"{CUP}min", manifest, complete=complete).rows) for complete in (False, True)] == ["∈…", "∈+"]
    assert kinds(credit_text(f"{CUP}mine\n", manifest, complete=False).rows) == "∈+"


def test_boilerplate_alone_says_nothing(manifest: SealedManifest) -> None:
    score = credit_text(COMMON * 3, manifest).score
    assert (score.found, score.found_without_boilerplate, score.files) == (1.0, 0.0, ())


@pytest.mark.parametrize("text", ["", "nothing of it\n", "int cup;"])
def test_nothing_found(manifest: SealedManifest, text: str) -> None:
    found = credit_text(text, manifest)
    assert (found.score.found, found.score.found_without_boilerplate, found.score.found_lines) == (0.0, 0.0, 0)
    assert kinds(found.rows) == "+" * len(split_lines(text))


def test_the_lead_and_the_rest_of_its_line_count_for_nothing(manifest: SealedManifest) -> None:
    text = f"cup;\n{POT}"
    found = credit_text(text, manifest, lead=Lead(f"{CUP}int "))
    assert kinds(found.rows) == "··∈"
    assert [row.left_number for row in found.rows] == [None, None, 1]
    assert (found.score.found_lines, found.score.emitted_lines, found.score.emitted_characters) == (1, 1, len(POT))
    assert found.score.files == (("linux/kernel/<i>.c", 1),)
    assert found.score.emitted_sha256 == sha256(text.encode()).hexdigest()  # all that was written, as it is downloaded


def test_hostile_lines_and_paths_are_escaped(manifest: SealedManifest) -> None:
    html = render_rows(credit_text(POT + HOSTILE + HOSTILE.upper(), manifest, lead=Lead(HOSTILE)).rows, full=True)
    assert "<b>&amp;" not in html
    assert "<i>.c" not in html
    assert html.count("&lt;") == 4
    assert "${" not in html
    assert "{{" not in html
    assert "linux/kernel/&lt;i&gt;.c, line 1" in html


@pytest.mark.parametrize("lead", ["", "given\n", "given and cu"])
def test_streamed_rows_are_those_of_the_whole(manifest: SealedManifest, lead: str) -> None:
    text = f"t off\nint only_3;\nmine\n/* a\ncup */\n{COMMON}{HOSTILE}"
    live = LiveCredit(manifest, Lead(lead))
    rows = [row for lines in ([], *([line] for line in split_lines(text)), []) for row in live.feed(lines)]
    found = credit_text(text, manifest, lead=Lead(lead))
    assert rows == found.rows
    assert (live.found_lines, live.lines, live.ticks) == (found.score.found_lines, found.score.emitted_lines, "")


def test_a_lead_whose_line_is_not_ended_yet_is_not_shown_yet(manifest: SealedManifest) -> None:
    live = LiveCredit(manifest, Lead("given and cu"))
    assert live.feed([]) == []
    assert kinds(live.feed(["t off\n"])) == "·"
    assert live.lines == 0
