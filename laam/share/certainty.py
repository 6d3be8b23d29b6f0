"""How sure the model was of each line, computed when somebody asks for it."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.emission.ask import ask_of_query
from laam.emission.question import Question
from laam.model.model import Model
from laam.serving.certainty import line_certainty
from laam.serving.limits import BusyError
from laam.serving.recording import Recording
from laam.serving.recordings import key_of
from laam.serving.services import Services
from laam.share.answers import Remembered, json_answer
from laam.share.client import client_of

REMEMBERED = 64  # files, of a number for each line
COPY_S = 20.0  # seconds in which the lossy copy of a model must be there, if it is one


def certainty_routes(services: Services) -> APIRouter:
    """`/certainty?path=…`: a probability for each line of the recorded emission, rounded down to a tenth of a percent."""
    router = APIRouter()
    remembered = Remembered(services.running.previews, REMEMBERED)

    def lines_of(request: Request) -> Sequence[float | None]:
        question, model = services.question(ask_of_query(request.query_params))
        recording = services.recordings.find(question, model)
        if recording is None:
            raise ValueError("Certainty is known only of a run at temperature 0 that came to its end.")
        lines: Sequence[float | None] = remembered.find(
            key_of(question.ask, model),
            lambda: [_rounded(line) for line in _certainty(question, model, recording)],
            client_of(request.scope),
        )
        return lines

    def _certainty(question: Question, model: Model, recording: Recording) -> Sequence[float | None]:
        with services.copies.asked(model, question.ask.lossy) as wait:
            if (asked := wait(COPY_S)) is None:
                raise BusyError
            return line_certainty(question, asked, recording)

    @router.get("/certainty")
    def certainty(request: Request) -> Response:
        return json_answer(lambda: lines_of(request))

    return router


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else int(probability * 1000) / 1000
