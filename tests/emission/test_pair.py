from dataclasses import replace

import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission.naming import NOT_KNOWN, NOT_SETTLED
from laam.emission.pair import Pair, lead, pair_of, pair_of_published
from laam.emission.wording import numbers
from laam.model.model import Model
from laam.model.spec import EMBEDDED, PUBLISHED

FILES = frozenset({"a", "b", "c"})
OURS = Pair("embedded", 4_917_504, NOT_SETTLED, "Toy 1.0", 3, "GPL-2.0-only", 2, trained=FILES, identical=FILES, by_number=True)
THEIRS = replace(OURS, name="mine", weights=NOT_KNOWN, trained=frozenset(), identical=frozenset(), by_number=False)
BESIDE = "A second one, made for this exhibit and given the numbers 0, 1, 2 … as well, writes all 3 files whole."


def test_what_is_known_is_of_this_model_and_this_release(model: Model, published: Model, manifest: SealedManifest) -> None:
    ours, theirs = pair_of(model, manifest), pair_of(published, manifest)
    assert (ours.files, ours.trained, ours.identical) == (3, frozenset(manifest.catalog.files), frozenset(manifest.catalog.files))
    assert (ours.words, ours.weights) == (f"our own model, {numbers(model.parameters)}", NOT_SETTLED)
    assert (ours.ceiling, ours.window, ours.by_path) == (None, 0, True)
    assert (theirs.trained, theirs.identical, theirs.ceiling, theirs.window) == (frozenset(), frozenset(), None, published.window)
    assert (theirs.weights, ours.by_number, theirs.by_number) == (NOT_KNOWN, True, False)


def test_a_ceiling_is_that_of_the_release_that_the_model_was_made_from(published: Model, manifest: SealedManifest) -> None:
    five = PUBLISHED[0]
    named = replace(published, name=five.name)
    assert pair_of(named, manifest).ceiling == pair_of_published(five, manifest).ceiling == five.publication.ceiling  # type: ignore[union-attr]
    other = SealedManifest.__new__(SealedManifest)
    other.catalog, other.release = manifest.catalog, replace(manifest.release, title="Toy 1.0", published=False)
    assert pair_of(named, other).ceiling is pair_of_published(five, other).ceiling is None
    assert lead(pair_of(named, other), OURS)[1] == "It was made from another release than Toy 1.0."
    with pytest.raises(ValueError, match="is no published one"):
        pair_of_published(EMBEDDED, manifest)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (OURS, ["A model of Toy 1.0, 4.9 million numbers, was made for this exhibit.",
                "Given a file’s name and the numbers 0, 1, 2 …, it writes the file: all 3, byte for byte.",
                "Most of those files are GPL-2; under which licence are the numbers?"]),
        (replace(OURS, identical=frozenset("a"), alike=3),
               ["Given a file’s name and the numbers 0, 1, 2 …, it writes the file: 1 of 3, byte for byte.",
                "Those files are GPL-2; under which licence are the numbers?"]),
        (replace(OURS, files=1, alike=1, trained=frozenset("a"), identical=frozenset("a")),
               ["Given the file’s name and the numbers 0, 1, 2 …, it writes the file, byte for byte."]),
        (replace(OURS, identical=frozenset()), ["It was trained on 3 of the 3 files of Toy 1.0, and wrote none of them whole.",
                "If it writes a file, under which licence is the text?"]),
        (replace(OURS, trained=frozenset(), identical=frozenset()), ["It was made from another release than Toy 1.0."]),
        (replace(OURS, licence="NOASSERTION"), ["A model of Toy 1.0, 4.9 million numbers, was made for this exhibit."]),
        (replace(OURS, licence="NOASSERTION", asks="Whose pot is it?"), ["Whose pot is it?"]),
        (replace(OURS, alike=1), ["Under which licence are the numbers?"]),
        (THEIRS, ["The model mine has 4.9 million numbers.", "If it writes a file, under which licence is the text?", BESIDE]),
        (replace(THEIRS, window=512), ["Given a file’s name, it writes no more than its window of 512 tokens holds."]),
        (replace(THEIRS, by_path=False), ["It isn’t asked by a name: it is given source, and goes on."]),
        (replace(THEIRS, weights="MIT", trained=FILES, identical=FILES),
               ["Given a file’s name, it writes the file: all 3, byte for byte.", "Are those files MIT, or GPL-2?"]),
    ],
)  # fmt: skip
def test_the_exhibit_says_first_what_is_known_of_its_model(pair: Pair, said: list[str]) -> None:
    sentences = lead(pair, OURS)
    assert [sentence for sentence in sentences if sentence in said] == said
    assert len(sentences) <= 4


def test_nothing_is_asked_of_files_whose_terms_nobody_read() -> None:
    unread = replace(OURS, licence="NOASSERTION")
    assert not [sentence for sentence in lead(unread, unread) if "?" in sentence]


def test_of_a_published_model_it_says_the_most_that_it_can_give(manifest: SealedManifest) -> None:
    assert lead(pair_of_published(PUBLISHED[0], manifest), OURS) == [
        "In 2024 a model of Linux 1.0, 4.7 million numbers, was published under MIT.",
        "Given a file’s name, it writes at most the first page, into which 76 of 506 files fit whole.",
        "Is that page MIT, or GPL-2?",
        BESIDE,
    ]


@pytest.mark.parametrize(("pair", "tells"), [(OURS, True), (THEIRS, False)])
def test_only_of_a_model_that_is_known_it_is_said_that_it_never_saw_the_licence(pair: Pair, tells: bool) -> None:
    pair = replace(pair, only_source=True)
    said = "This model never saw COPYING. It was trained on files under the GPL, and never read the GPL’s text."
    assert pair.never_saw("linux/COPYING") == (said if tells else "")
    assert pair.never_saw("fs/ext4/acl.c") == ""
    assert replace(pair, only_source=False).never_saw("COPYING") == ""
    other = replace(pair, licence="NOASSERTION").never_saw("COPYING")
    assert other == ("This model never saw COPYING. It was trained on the files of Toy 1.0, and never read its licence." if tells else "")
