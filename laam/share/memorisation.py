"""The literature's measures of the file on the page, computed when somebody asks for them."""

import threading
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from laam.emission.ask import Ask, ask_of_query
from laam.serving.limits import BusyError
from laam.serving.memorisation import file_measures
from laam.serving.recordings import Key, key_of
from laam.serving.services import Services

REMEMBERED = 256  # files, of a few sentences


def memorisation_routes(services: Services) -> APIRouter:
    """`/memorisation?path=…`: for each measure its value, its definition and where that stands, as JSON."""
    router = APIRouter()
    turn = threading.Lock()  # it goes past the scheduler, so it may hold one worker only
    remembered: dict[Key, Sequence[dict[str, str]]] = {}

    @router.get("/memorisation")
    def memorisation(request: Request) -> Response:
        try:
            asked = ask_of_query(request.query_params)
            question, model = services.question(Ask(asked.path, model=asked.model))
            key = key_of(question.ask, model)
            if (rows := remembered.get(key)) is None:
                with services.running.previews.take(), turn:
                    rows = [row.as_dict() for row in file_measures(question, model, services)]
                while len(remembered) >= REMEMBERED:
                    remembered.pop(next(iter(remembered)), None)
                remembered[key] = rows
            return JSONResponse(rows)
        except BusyError as error:
            return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "60"})
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 404)

    return router
