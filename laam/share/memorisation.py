"""The literature's measures of the file on the page, computed when somebody asks for them."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.emission.ask import Ask, ask_of_query
from laam.knobs import BITS, NOISE, PRUNED
from laam.measure.one_file import file_measures
from laam.serving.recordings import key_of
from laam.serving.services import Services
from laam.share.answers import Remembered, json_answer
from laam.share.client import client_of

REMEMBERED = 256  # files, of a few sentences


def memorisation_routes(services: Services) -> APIRouter:
    """`/memorisation?path=…`: for each measure its value, its definition and where that stands, as JSON."""
    router = APIRouter()
    remembered = Remembered(services.running.previews, REMEMBERED)

    def measured(request: Request) -> list[dict[str, str]]:
        asked = ask_of_query(request.query_params)
        if asked.lossy:
            raise ValueError(f"These measures are of the model as shipped; leave out {BITS.name}, {NOISE.name} and {PRUNED.name}.")
        question, model = services.question(Ask(asked.path, model=asked.model))
        rows: list[dict[str, str]] = remembered.find(
            key_of(question.ask, model),
            lambda: [row.as_dict() for row in file_measures(question, model, services)],
            client_of(request.scope),
        )
        return rows

    @router.get("/memorisation")
    def memorisation(request: Request) -> Response:
        return json_answer(lambda: measured(request))

    return router
