"""How sure the model was of each line, computed when somebody asks for it."""

import threading
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from laam.emission.ask import ask_of_query
from laam.serving.certainty import line_certainty
from laam.serving.limits import BusyError
from laam.serving.recordings import Key, key_of
from laam.serving.services import Services

REMEMBERED = 64  # files, of a number for each line


def certainty_routes(services: Services) -> APIRouter:
    """`/certainty?path=…`: a probability for each line of the recorded emission, rounded down to a tenth of a percent."""
    router = APIRouter()

    turn = threading.Lock()  # scoring goes past the scheduler, so it may hold one worker only
    remembered: dict[Key, Sequence[float | None]] = {}

    @router.get("/certainty")
    def certainty(request: Request) -> Response:
        try:
            question, model = services.question(ask_of_query(request.query_params))
            recording = services.recordings.find(question, model)
            if recording is None:
                raise ValueError("Certainty is known only of a run at temperature 0 that came to its end.")
            key = key_of(question.ask, model)
            if (found := remembered.get(key)) is None:
                with services.running.previews.take(), turn:
                    lines = line_certainty(question, model, recording)
                while len(remembered) >= REMEMBERED:
                    remembered.pop(next(iter(remembered)), None)
                found = remembered[key] = [None if line is None else int(line * 1000) / 1000 for line in lines]
            return JSONResponse(found)
        except BusyError as error:
            return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "60"})
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 404)

    return router
