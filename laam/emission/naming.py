"""Models in words: whose a model is, the licence of its weights, and what is asked of a file that it writes."""

from laam.corpus.licences import PUBLIC_DOMAIN, UNREAD
from laam.emission import conditions, wording
from laam.model.card import UNSETTLED, licence_on_card
from laam.model.lossy import AS_SHIPPED, Lossy
from laam.model.model import Model
from laam.model.spec import EMBEDDED, NAMED

_MODELS = {
    EMBEDDED.name: ("our own model", "ours"),
    "published-5m": ("Bommarito’s published model", "published"),
    "published-32m": ("Bommarito’s larger published model", "published, larger"),
}
"""The models with a name of their own: in a sentence, and on a switch."""

NOT_SETTLED, NOT_KNOWN = "licence not settled", "licence not known"
"""What is said of weights that have no licence which anybody could name."""


def model_in_words(name: str) -> str:
    """A model, named in a sentence by whose it is. `name`: of a folder its last part."""
    return _MODELS[name][0] if name in _MODELS else f"the model {name.partition('@')[0]}"


def model_elsewhere(name: str, lossy: Lossy = AS_SHIPPED) -> str:
    """A model, and what its weights lost, named in a text that is taken away, where nobody is *we*."""
    named = "the exhibit’s own model" if name == EMBEDDED.name else model_in_words(name)
    return _with_losses(named, lossy)


def model_in_short(name: str) -> str:
    """The same on a switch."""
    return _MODELS[name][1] if name in _MODELS else name.partition("@")[0]


def model_in_full(name: str, parameters: int, lossy: Lossy = AS_SHIPPED) -> str:
    """A model, what its weights lost, and how large it is."""
    return f"{_with_losses(model_in_words(name), lossy)}, {wording.numbers(parameters)}"


def _with_losses(named: str, lossy: Lossy) -> str:
    return " ".join(filter(None, (named, conditions.lossy(lossy))))


def in_title(file: str, lossy: Lossy) -> str:
    """What a result is called in a title: the file, and what the model's weights lost before it was asked."""
    return ", ".join(filter(None, (file, conditions.lossy(lossy))))


def numbers_beside(model: Model) -> str:
    """The numbers that this model is given beside a file's name, to follow that, however many there are; empty if it is given none."""
    return conditions.numbers_given(None) if model.format.has_segments else ""


def licence_of_weights(model: Model) -> str:
    """The licence of a model's weights, in a few words: as it was published, or else by its own card."""
    if publication := NAMED[model.name].publication if model.name in NAMED else None:
        return publication.licence
    named = licence_on_card(model.folder)
    if model.name == EMBEDDED.name or named == UNSETTLED:
        return NOT_SETTLED
    return named.upper() or NOT_KNOWN


def are_opposed(weights: str, expression: str) -> bool:
    """Whether the licence of weights lets anybody do what that of a file (SPDX) doesn't: a file under the GPL, and weights that aren't."""
    return weights not in (NOT_SETTLED, NOT_KNOWN) and "GPL" in expression and "GPL" not in weights


def question_left(expression: str) -> str:
    """What is asked of a text that is less and less of a file; empty if nobody has read the file's terms, or it has none."""
    return "" if expression in (UNREAD, PUBLIC_DOMAIN) else f"Is it still {wording.licence(expression)}?"


def question_about(weights: str, expression: str) -> str:
    """What is asked of a file that a model wrote; empty if nobody has read its terms. `weights`: the licence of its weights, in words;
    `expression`: the file's (SPDX)."""
    if expression == UNREAD:
        return ""
    file = wording.licence(expression)
    if expression == PUBLIC_DOMAIN:
        return "This file says itself that it is not copyrighted. And the text?"
    if are_opposed(weights, expression):
        name, _, reading = file.partition(", ")
        return f"Is that file {weights}, or is it {name} ({reading})?" if reading else f"Is that file {weights}, or is it {file}?"
    return f"The file’s licence: {file}; the weights’: {weights.removeprefix('licence ')}. And the text’s?"
