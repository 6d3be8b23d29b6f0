from dataclasses import replace

import pytest

from laam.compare.credit import credit_text
from laam.compare.instead import find_instead
from laam.compare.live import compare_text
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Ended
from laam.model.model import Model
from laam.serving.summary import Summaries, Summary, summary_of
from laam.share.scene import AHEAD, CHARACTERS, WRITTEN, Scene, scene_of
from tests.serving.made_up import result_of, services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture(scope="module")
def summary(model: Model, manifest: SealedManifest) -> Summary:
    return Summaries(services_of(model, manifest)).find(Ask(PATH))


@pytest.fixture
def text(made_up_files: dict[str, str]) -> str:
    return made_up_files[PATH]


def scene(text: str, model: Model, manifest: SealedManifest, summary: Summary) -> Scene:
    """The scene of a text that the model might have written."""
    original = manifest.original(PATH)
    result = result_of(compare_text(text, original))
    return scene_of(summary_of(Ask(PATH), summary.file, model, result, original.lengths), result)


def test_lines_that_came_back_are_text_with_a_bar_before(text: str, model: Model, manifest: SealedManifest, summary: Summary) -> None:
    found = scene(text, model, manifest, summary)
    lines = text.split("\n")[: WRITTEN + AHEAD]
    assert [(row.text, row.bar, row.reached) for row in found.rows] == [
        (line.expandtabs(4).replace("\f", "\u240c"), len(line), number) for number, line in enumerate(lines, 1)
    ]


def test_only_what_the_model_wrote_is_text(text: str, model: Model, manifest: SealedManifest, summary: Summary) -> None:
    first, second, *rest = text.splitlines(keepends=True)
    found = scene(f"{first}something else\n{''.join(rest)}", model, manifest, summary)
    assert [(row.text, row.bar, row.reached) for row in found.rows[1:3]] == [("something else", None, 1), (None, len(second) - 1, 2)]


def test_a_window_s_number_grows_to_all_of_the_window_and_its_cut_line_keeps_its_text(
    text: str, model: Model, manifest: SealedManifest, summary: Summary
) -> None:
    original, cut = manifest.original(PATH), text[:200]
    result = replace(result_of(compare_text(cut, original, reach=len(cut), complete=False)), ended=Ended("window end", 99))
    found = scene_of(summary_of(Ask(PATH), summary.file, model, result, original.lengths), result)
    lines = cut.count("\n")
    assert found.rows[lines].sign == "…"
    assert (found.rows[lines].text, found.rows[lines].bar) == (cut.split("\n")[-1].expandtabs(4), original.lengths[lines] - 1)
    assert found.percent(lines) == found.summary.headline.percent == "100 %"
    assert found.percent(lines - 1) != "100 %"


def test_of_another_file_all_that_was_written_is_shown(
    model: Model, manifest: SealedManifest, made_up_files: dict[str, str], text: str
) -> None:
    asked = manifest.original("linux/init/main.c")
    compared = compare_text(text, asked)
    instead = find_instead(text, compared.score.emitted_sha256, manifest, asked.file.path)
    result = result_of(replace(compared, instead=instead))
    found = scene_of(summary_of(Ask(asked.file.path), asked.file, model, result, asked.lengths), result)
    assert [row.text for row in found.rows] == [line.expandtabs(4) for line in text.split("\n")[: len(found.rows)]]
    assert [row.sign == "∈" for row in found.rows] == [row.bar is None for row in found.rows]


def test_the_number_grows_to_the_summary_s(text: str, model: Model, manifest: SealedManifest, summary: Summary) -> None:
    lines = text.splitlines(keepends=True)
    found = scene("".join("x\n" if number % 3 else line for number, line in enumerate(lines)), model, manifest, summary)
    shares = [float(found.percent(reached).removesuffix(" %")) for reached in range(found.lines + 1)]
    assert shares == sorted(shares)
    assert (shares[0], f"{shares[-1]} %") == (0, found.summary.headline.percent)
    assert found.percent(found.lines - 1) != "100 %"
    assert sum(length for length, mark in zip(found.summary.lengths, found.summary.marks, strict=True) if mark == "=") == found.exact[-1]


def test_a_line_is_closed_until_it_is_reached(text: str, model: Model, manifest: SealedManifest, summary: Summary) -> None:
    found = scene(text, model, manifest, summary)
    found = replace(found, summary=replace(found.summary, marks="·==x="))
    assert [found.marks(reached) for reached in (0, 2, 5)] == ["·....", "·=...", "·==x="]


def test_no_control_character_is_left(model: Model, manifest: SealedManifest, summary: Summary) -> None:
    found = scene("\x1b[31m\u202eevil\x00\r\n" + "\t" * 200 + "\n\ud800\n" + "y" * 5_000, model, manifest, summary)
    written = [row.text for row in found.rows if row.text is not None]
    assert written[0] == "\u241b[31m\u2426evil\u2400\u240d"
    assert len(written[1]) <= CHARACTERS * 4
    assert len(written[3]) == CHARACTERS
    assert not any(ord(character) < 32 for line in written for character in line)


def test_a_text_of_any_number_of_lines_gives_few_rows(model: Model, manifest: SealedManifest, summary: Summary) -> None:
    assert len(scene("x\n" * 50_000, model, manifest, summary).rows) == WRITTEN + AHEAD
    assert all(row.text is None for row in scene("", model, manifest, summary).rows)


def test_what_is_held_against_no_file_has_no_scene(manifest: SealedManifest, summary: Summary) -> None:
    with pytest.raises(ValueError, match="no card"):
        scene_of(summary, result_of(credit_text("a\n", manifest)))
