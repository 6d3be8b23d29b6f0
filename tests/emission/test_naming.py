from dataclasses import replace
from pathlib import Path

import pytest

from laam.emission.naming import NOT_KNOWN, NOT_SETTLED, licence_of_weights, model_in_full, model_in_short, model_in_words, question_about
from laam.model.model import Model


@pytest.mark.parametrize(
    ("name", "words", "short"),
    [
        ("embedded", "our own model", "ours"),
        ("published-5m", "Bommarito’s published model", "published"),
        ("published-32m", "Bommarito’s larger published model", "published, larger"),
        ("mine", "the model mine", "mine"),
        ("somebody/large@0123abc", "the model somebody/large", "somebody/large"),
    ],
)
def test_a_model_is_named_by_whose_it_is(name: str, words: str, short: str) -> None:
    assert (model_in_words(name), model_in_short(name)) == (words, short)


@pytest.mark.parametrize(("parameters", "words"), [(4_966_144, "5.0 million numbers"), (99_999, "99,999 numbers")])
def test_a_model_has_so_many_numbers(parameters: int, words: str) -> None:
    assert model_in_full("embedded", parameters) == f"our own model, {words}"


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n", "MIT"),
        ("---\ntags: [x]\nlicense: 'apache-2.0'\n---\n", "APACHE-2.0"),
        ("---\nlicense: other\nlicense_name: my-own\n---\n", "MY-OWN"),
        ("---\nlicense: other\nlicense_name: unsettled\n---\n", NOT_SETTLED),
        ("---\nlicense: other\n---\n", NOT_KNOWN),
        ("---\nlicense: <b>mit</b>\n---\n", NOT_KNOWN),
        ("license: mit\n", NOT_KNOWN),
        ("\ufffd" * 9, NOT_KNOWN),
    ],
)
def test_the_licence_of_weights_is_what_their_own_card_says(model: Model, tmp_path: Path, card: str, licence: str) -> None:
    mine = replace(model, name="mine", folder=tmp_path)
    assert licence_of_weights(mine) == NOT_KNOWN
    (tmp_path / "README.md").write_text(card, "utf-8")
    assert licence_of_weights(mine) == licence
    assert [licence_of_weights(replace(mine, name=name)) for name in ("embedded", "published-5m")] == [NOT_SETTLED, "MIT"]


@pytest.mark.parametrize(
    ("weights", "file", "question"),
    [
        ("MIT", "GPL-2.0-only", "Is that file MIT, or is it GPL-2?"),
        ("MIT", "BSD-2-Clause", "The file’s licence: 2-clause BSD; the weights’: MIT. And the text’s?"),
        ("GPL-2.0", "GPL-2.0-only", "The file’s licence: GPL-2; the weights’: GPL-2.0. And the text’s?"),
        (NOT_SETTLED, "GPL-2.0-only", "The file’s licence: GPL-2; the weights’: not settled. And the text’s?"),
        (NOT_KNOWN, "BSD-2-Clause", "The file’s licence: 2-clause BSD; the weights’: not known. And the text’s?"),
        (
            "MIT",
            "LicenseRef-public-domain",
            "This file says itself that it is not copyrighted. And the text?",
        ),
    ],
)
def test_the_question_is_that_of_the_two_licences(weights: str, file: str, question: str) -> None:
    assert question_about(weights, file) == question
