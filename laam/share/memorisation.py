"""The literature's measures of the file on the page, computed when somebody asks for them."""

from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.emission.ask import Ask, ask_of_query
from laam.emission.question import Question
from laam.knobs import BITS, NOISE, PRUNED
from laam.measure.one_file import file_measures
from laam.measure.pz import Along
from laam.measure.pz_file import KnownPz, known_along
from laam.model.model import Model
from laam.serving.recordings import key_of
from laam.serving.services import Services
from laam.share.answers import Remembered, json_answer
from laam.share.client import client_of

REMEMBERED = 256  # files, of a few sentences


def memorisation_routes(services: Services, known_pz: KnownPz = MappingProxyType({})) -> APIRouter:
    """`/memorisation?path=…`: for each measure its value, its definition and where that stands, as JSON. `known_pz`: what was measured
    before of p_z."""
    router = APIRouter()
    remembered = Remembered(services.running.previews, REMEMBERED)

    def measured(request: Request) -> list[dict[str, str]]:
        asked = ask_of_query(request.query_params)
        if asked.lossy:
            raise ValueError(f"These measures are of the model as shipped; leave out {BITS.name}, {NOISE.name} and {PRUNED.name}.")
        question, model = services.question(Ask(asked.path, model=asked.model))
        rows: list[dict[str, str]] = remembered.find(
            key_of(question.ask, model),
            lambda: [row.as_dict() for row in file_measures(question, model, services, known_of(question, model))],
            client_of(request.scope),
        )
        return rows

    def known_of(question: Question, model: Model) -> Along | None:
        original = question.original
        return known_along(known_pz, model.digest, original.file.path, original.lengths) if original else None

    @router.get("/memorisation")
    def memorisation(request: Request) -> Response:
        return json_answer(lambda: measured(request))

    return router
