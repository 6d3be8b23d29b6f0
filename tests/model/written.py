"""What a model writes, as tests look at it."""

from laam.emission.emit import Emitted, Ended, Prompted, emit
from laam.emission.question import Question
from laam.model.model import Model


def written(question: Question, model: Model) -> tuple[list[Prompted], str, Ended]:
    """The prompts of an emission, its text, and how it ended."""
    *events, ended = emit(question, model)
    assert isinstance(ended, Ended)
    prompts = [event for event in events if isinstance(event, Prompted)]
    return prompts, "".join(event.text for event in events if isinstance(event, Emitted)), ended
