"""Each form of a finished emission, tried in the program that reads it: a Markdown renderer, and `patch`."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from laam.compare.credit import credit_text
from laam.compare.instead import find_instead
from laam.compare.live import compare_text
from laam.compare.score import Score
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.transcript import Finished
from laam.model.lossy import Lossy
from laam.share.exports import CUT_OFF, citations_of, excerpt, markdown_of, patch_of
from tests.serving.made_up import result_of

PATH = "linux/kernel/sched.c"
LINK, CARD = "https://example.org/share/linux/kernel/sched.c", "https://example.org/card/linux/kernel/sched.c.png"
Written = Callable[[str], Finished]


@pytest.fixture
def readable_result(readable: Originals) -> Written:
    return lambda text: result_of(compare_text(text, readable.original(PATH)))


@pytest.fixture
def sealed_result(originals: Originals) -> Written:
    return lambda text: result_of(compare_text(text, originals.original(PATH)))


def changed(text: str) -> str:
    """The text with a line changed, one left out, one added, and no newline at its end."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:4], "\tchanged ```` <b>&amp;</b> ${1}{{2}}\n", *lines[6:20], "added\n", *lines[20:]]).rstrip("\n")


def patched(folder: Path, patch: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "the.patch").write_bytes(patch)
    return subprocess.run(["patch", "-p1", "-i", "the.patch", *options], cwd=folder, capture_output=True, encoding="utf-8", check=True)


def test_a_patch_turns_the_original_into_what_was_written_and_back(
    tmp_path: Path, readable_result: Written, made_up_files: dict[str, str]
) -> None:
    original = made_up_files[PATH]
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text(original, "utf-8")
    patch = patch_of(readable_result(changed(original)))
    patched(tmp_path, patch)
    assert file.read_text("utf-8") == changed(original)
    patched(tmp_path, patch, "-R")
    assert file.read_text("utf-8") == original


def test_a_patch_without_the_original_makes_the_file_and_removes_it_again(
    tmp_path: Path, sealed_result: Written, made_up_files: dict[str, str]
) -> None:
    text = changed(made_up_files[PATH])
    patch = patch_of(sealed_result(text))
    patched(tmp_path, patch)
    assert (tmp_path / PATH).read_text("utf-8") == text
    patched(tmp_path, patch, "-R")
    assert not (tmp_path / PATH).exists()


def test_bytes_that_are_no_text_stay_what_they_are(sealed_result: Written) -> None:
    assert b"+caf\xe9\n" in patch_of(sealed_result("caf\udce9\n"))
    patch_of(sealed_result("\ud800\n"))  # which no bytes give


def test_a_patch_keeps_the_lines_that_the_score_counts(readable_result: Written, made_up_files: dict[str, str]) -> None:
    lines = made_up_files[PATH].splitlines(keepends=True)
    result = readable_result("".join(line + "\n" for line in lines))  # as by `sed G`
    assert isinstance(result.compared.score, Score)
    assert result.compared.score.reproduced == 1
    removed = [line for line in patch_of(result).decode().splitlines()[2:] if line.startswith("-")]
    assert removed == []


@pytest.mark.parametrize("text", ["", "a\n", "one line without an end"])
def test_a_patch_to_a_short_text(tmp_path: Path, readable_result: Written, made_up_files: dict[str, str], text: str) -> None:
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text(made_up_files[PATH], "utf-8")
    patch = patch_of(readable_result(text))
    patched(tmp_path, patch)
    assert (file.read_text("utf-8") if file.exists() else "") == text
    patched(tmp_path, patch, "-R")
    assert file.read_text("utf-8") == made_up_files[PATH]


def test_nothing_to_patch_where_nothing_differs(readable_result: Written, made_up_files: dict[str, str]) -> None:
    assert patch_of(readable_result(made_up_files[PATH])) == b""


def test_the_markdown_renders_as_picture_link_score_and_diff(sealed_result: Written, made_up_files: dict[str, str]) -> None:
    markdown = markdown_of(sealed_result(changed(made_up_files[PATH])), LINK, CARD)
    html = MarkdownIt("commonmark", {"html": False}).render(markdown)
    assert f'<a href="{LINK}"><img src="{CARD}" alt="{PATH}: ' in html
    assert f'<a href="{LINK}">{PATH}</a>: <strong>' in html
    assert html.count('<code class="language-diff">') == 1
    assert "<b>" not in html
    code = html[html.index("<code class") : html.index("</code></pre>")]
    assert "+\tchanged ```` &lt;b&gt;" in code
    assert "Given: a path, and no source text; greedy. The original: © 1999 [Ada] &lt;Example&gt; · GPL-2 · Linux 1.0" in html
    assert "-█" in code  # a line that the model didn't write, and that is sealed


def test_no_line_of_a_text_closes_the_fence_around_it(manifest: SealedManifest) -> None:
    markdown = markdown_of(result_of(credit_text("````\nwithin\n", manifest), whole_file=False), "", "")
    html = MarkdownIt("commonmark", {"html": False}).render(markdown)
    assert '<code class="language-diff"> ````\n within\n</code></pre>' in html


def test_an_excerpt_begins_near_the_first_difference(readable_result: Written, made_up_files: dict[str, str]) -> None:
    lines = list(excerpt(readable_result(changed(made_up_files[PATH]))))
    assert [line[0] for line in lines[:6]] == [" ", " ", " ", "-", "-", "+"]
    assert lines[3] == "-" + made_up_files[PATH].splitlines()[4]
    assert (len(lines), lines[-1]) == (17, " …")
    exact = list(excerpt(readable_result(made_up_files[PATH])))
    assert {line[0] for line in exact} == {" "}
    long = list(excerpt(readable_result("x" * 999 + "\x1b[31m\n")))
    assert max(map(len, long)) <= 122
    assert "\x1b" not in "".join(long)


def test_a_line_that_was_cut_off_is_no_difference(
    originals: Originals, readable: Originals, made_up_files: dict[str, str], tmp_path: Path
) -> None:
    text = made_up_files[PATH][:30]
    for held_against in (originals, readable):
        result = result_of(compare_text(text, held_against.original(PATH), complete=False))
        *exact, cut, said = excerpt(result)
        assert (cut, said) == (f" {text.splitlines()[-1]}", CUT_OFF)
        assert {line[0] for line in exact} == {" "}
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).write_text(made_up_files[PATH], "utf-8")
    patched(tmp_path, patch_of(result))
    assert (tmp_path / PATH).read_text("utf-8") == text


def test_what_was_written_instead_is_said_and_shown(originals: Originals, made_up_files: dict[str, str]) -> None:
    text, asked = made_up_files[PATH], originals.original("linux/init/main.c")
    compared = compare_text(text, asked)
    instead = find_instead(text, compared.score.emitted_sha256, originals.manifest, asked.file.path)
    result = result_of(replace(compared, instead=instead), instead="It was asked for a_b and wrote c.")
    assert r"It was asked for a\_b and wrote c." in markdown_of(result, LINK, CARD)
    assert f"linux/init/main.c: it wrote {PATH.removeprefix('linux/')}]({CARD})" in markdown_of(result, LINK, CARD)
    assert "It was asked for a_b and wrote c. Held against" in citations_of(result, LINK)["cite"]
    assert r"It was asked for a\_b and wrote c. Held against" in citations_of(result, LINK)["bibtex"]
    assert list(excerpt(result))[:3] == [f" {line}" for line in text.split("\n")[:3]]  # and not all that is missing


def test_a_text_of_unknown_origin_is_shown_as_it_is(manifest: SealedManifest) -> None:
    result = result_of(credit_text("one\ntwo\n", manifest), whole_file=False)
    assert list(excerpt(result)) == [" one", " two"]
    markdown = markdown_of(result, "", "")
    assert "of what it wrote" in markdown
    assert markdown.startswith("a text: **")
    assert "The original" not in markdown
    assert b"+++ b/emission.txt" in patch_of(result)


def test_a_citation_names_file_model_score_release_and_address(sealed_result: Written, made_up_files: dict[str, str]) -> None:
    said = citations_of(sealed_result(made_up_files[PATH]), LINK)
    for wanted in (PATH, "made-up (0123456789ab)", "100 %", "Linux 1.0", LINK):
        assert wanted in said["cite"]
    assert said["bibtex"].startswith("@misc{laam-kernel-sched-c-0123456789ab,\n  title = {")
    assert r"100 \% of the original" in said["bibtex"]
    assert f"url = {{{LINK}}}" in said["bibtex"]
    assert said["bibtex"].count("{") == said["bibtex"].count("}")
    assert "url" not in citations_of(sealed_result("x"), "")["bibtex"]


def test_what_a_lossy_copy_wrote_is_not_said_to_be_the_model_s(sealed_result: Written, made_up_files: dict[str, str]) -> None:
    result = sealed_result(made_up_files[PATH])
    lossy = replace(result, receipts=replace(result.receipts, ask=replace(result.receipts.ask, lossy=Lossy(5))))
    name = "the model made-up rounded to 5 bits a weight"
    cited = citations_of(lossy, LINK)
    assert f"written by {name} (0123456789ab)" in cited["cite"]
    assert f"{{{PATH}, written by {name} (0123456789ab)" in cited["bibtex"]
    assert cited["bibtex"].startswith("@misc{laam-kernel-sched-c-0123456789ab-rounded-to-5-bits-a-weight,")
    markdown = markdown_of(lossy, LINK, f"{LINK}.png")
    assert f"written by {name} (`0123456789ab…`)" in markdown
    assert markdown.startswith(f"[![{PATH}, rounded to 5 bits a weight: 100 % reproduced]")
