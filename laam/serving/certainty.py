"""How sure the model was of each line of a recorded emission. The recording is scored afterwards: an emission itself takes no longer."""

from collections.abc import Iterator, Sequence
from math import exp

from laam.emission.emit import Emitted, Prompted, first_prompt
from laam.emission.question import Question
from laam.model.model import Model
from laam.model.stream_decoder import StreamDecoder
from laam.serving.recording import Recording

SURE = 0.5  # a token with more of the probability than this is the likeliest


def line_certainty(question: Question, model: Model, recording: Recording) -> list[float | None]:
    """For each line that the model wrote, the least probability, 0…1, that it gives to a token of the line, after the prompt and the
    tokens before it; without temperature. None for a line that isn't scored: after the window was full, the prompt isn't known here.

    A token that reaches into several lines counts for each of them. Raises ValueError unless the file was asked for by its path.
    """
    if question.kind != "path":
        raise ValueError("certainty is given only for a file that was asked for by its path")
    lines: list[float | None] = []
    new_line = True
    for prompt, text in _answers(question, model, recording):
        ids, probabilities = _scored(model, prompt, text) if prompt else ([], [])
        if new_line and text:
            lines.append(None)
        at = max(0, len(lines) - 1)
        lines += [None] * (text.count("\n") - (1 if text.endswith("\n") else 0))
        for touched, probability in zip(_lines_of(ids, model.codec.decoder(prompt or ())), probabilities, strict=True):
            for line in touched:
                if at + line < len(lines):
                    lines[at + line] = min(probability, known) if (known := lines[at + line]) is not None else probability
        new_line = text.endswith("\n") if text else new_line
    return lines


def _scored(model: Model, prompt: Sequence[int], text: str) -> tuple[Sequence[int], Sequence[float]]:
    """The tokens of a greedy answer to a prompt, and the probability of each; none if they can't be found again.

    A recording has no tokens, so the text is cut into tokens anew. If each of them has more than half of the probability, they are the
    ones that the model chose. If not, the answer is decoded again.
    """
    room = model.window - len(prompt)
    ids: Sequence[int] = model.codec.encode(text)
    probabilities = _probabilities(model, prompt, ids) if len(ids) <= room else []
    if len(ids) > room or min(probabilities, default=1) <= SURE:
        [answer] = model.engine.batch([prompt], model.format.stop, room)
        ids, written = _beginning(answer, model.codec.decoder(prompt), len(text))
        if written != text:
            return [], []
        probabilities = _probabilities(model, prompt, ids)
    return ids, probabilities


def _beginning(ids: Sequence[int], decoder: StreamDecoder, characters: int) -> tuple[list[int], str]:
    """The first ids, up to the one with which their text reaches `characters` characters, and that text."""
    taken, written = [], ""
    for id_ in ids:
        if len(written) >= characters:
            break
        taken.append(id_)
        written += decoder.feed(id_)
    return taken, written


def _probabilities(model: Model, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
    return [exp(logarithm) for logarithm in model.engine.log_probabilities(prompt, ids)]


def _answers(question: Question, model: Model, recording: Recording) -> Iterator[tuple[list[int] | None, str]]:
    """Each prompt's ids, None if they aren't known, and the text that answered it."""
    format_ = model.format
    prompt: list[int] | None = None
    pieces: list[str] = []
    for event in recording.events:
        if isinstance(event, Emitted):
            pieces.append(event.text)
        elif isinstance(event, Prompted):
            if pieces:
                yield prompt, "".join(pieces)
            pieces = []
            if event.segment == 0:
                prompt = first_prompt(question, format_, model.window).ids
            elif event.kind == "path":
                prompt = format_.path_prompt(question.ask.path, event.segment).ids
            else:
                prompt = None
    if pieces:
        yield prompt, "".join(pieces)


def _lines_of(ids: Sequence[int], decoder: StreamDecoder) -> Iterator[range]:
    """For each id, the lines in which it has characters, counted from 0; a newline belongs to the line that it ends."""
    line = 0
    for id_ in ids:
        text = decoder.feed(id_)
        last = line + text.count("\n")
        yield range(line, last if text.endswith("\n") else last + 1)
        line = last
