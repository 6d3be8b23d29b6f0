import pytest

from laam.corpus.catalog import UnknownFile
from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.serving.limits import BusyError
from laam.serving.refusal import cleaned_name, refused


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("kernel/sched.c", "kernel/sched.c"),
        ("/usr/src/linux/kernel/sched.c\n", "linux/kernel/sched.c"),
        (" ./kernel/sched.c ", "kernel/sched.c"),
        ("usr/src/./x.c", "x.c"),
        ("kernel/usr/src/x.c", "kernel/usr/src/x.c"),
        ("  ", ""),
    ],
)
def test_a_name_is_taken_without_the_folder_that_a_tree_lies_in(typed: str, name: str) -> None:
    assert cleaned_name(typed) == name


@pytest.mark.parametrize(
    ("query", "refusal", "suggestions", "anyway"),
    [
        ("kernel/shced.c", "Linux 1.0 has no kernel/shced.c. Did you mean", ["kernel/sched.c"], True),
        ("zzz/qqq.rs", "Linux 1.0 has no zzz/qqq.rs. Try", ["kernel/sched.c"], True),
        ("COPYING", "This model never saw COPYING. It was trained on files under the GPL, and never read the GPL’s text. Try", None, True),
        ("kernel", "More than one file is called kernel. Choose one:", ["kernel/sched.c"], True),
        ("x\x01", None, None, False),
        ("", None, None, False),
        ("x" * 5_000, f"Linux 1.0 has no {'x' * 120}. Try", None, False),
    ],
)
def test_a_name_that_no_file_has_is_answered_with_names_to_ask_for(
    manifest: SealedManifest, model: Model, query: str, refusal: str | None, suggestions: list[str] | None, anyway: bool
) -> None:
    with pytest.raises(UnknownFile) as unknown:
        manifest.catalog.find(query)
    answer = refused(unknown.value, manifest, model)
    assert answer.keys() == {"refused", "suggestions", "anyway"}
    assert answer["refused"] == (refusal or answer["refused"])
    assert answer["suggestions"] == (suggestions or list(manifest.examples[:2]))
    assert answer["anyway"] == (query if anyway else "")


@pytest.mark.parametrize("error", [ValueError("seed is empty"), BusyError("seed is empty.")])
def test_any_other_reason_is_one_sentence(error: ValueError | BusyError, manifest: SealedManifest) -> None:
    assert refused(error, manifest) == {"refused": "seed is empty."}
