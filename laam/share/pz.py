"""p_z along the file on the page: as it was measured before, or else computed when somebody asks for it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.emission.ask import Ask, ask_of_query
from laam.emission.question import Question
from laam.knobs import BITS, NOISE, PRUNED
from laam.measure.one_file import file_along
from laam.measure.pz import ALONG
from laam.measure.pz_file import KnownPz, known_along
from laam.measure.pz_strip import WHAT, Strip, legend, strip_of
from laam.model.model import Model
from laam.serving.recordings import key_of
from laam.serving.services import Services
from laam.share.answers import Remembered, json_answer
from laam.share.client import client_of

REMEMBERED = 256  # files, of a few hundred bytes


def known_strip(known: KnownPz, digest: str, path: str, lengths: Sequence[int]) -> Strip | None:
    """The strip of a file that was measured before; see `known_along`."""
    along = known_along(known, digest, path, lengths)
    return strip_of(along, lengths, known[digest].precision) if along else None


def pz_routes(services: Services, known: KnownPz) -> APIRouter:
    """`/pz?path=…`: the strip of a file and what it means, as JSON."""
    router = APIRouter()
    remembered = Remembered(services.running.previews, REMEMBERED)

    def strip(request: Request) -> dict[str, Any]:
        asked = ask_of_query(request.query_params)
        if asked.lossy:
            raise ValueError(f"This is measured of the model as shipped; leave out {BITS.name}, {NOISE.name} and {PRUNED.name}.")
        question, model = services.question(Ask(asked.path, model=asked.model))
        original = question.original
        found = known_strip(known, model.digest, original.file.path, original.lengths) if original else None
        if found is None:
            found = remembered.find(key_of(question.ask, model), lambda: _measured(question, model), client_of(request.scope))
        return {**asdict(found), "what": WHAT, "legend": legend(), "measure": asdict(ALONG)}

    def _measured(question: Question, model: Model) -> Strip:
        along = file_along(question, model, services)
        assert question.original is not None  # or its true text wouldn't be known
        return strip_of(along, question.original.lengths, model.precision)

    @router.get("/pz")
    def pz(request: Request) -> Response:
        return json_answer(lambda: strip(request))

    return router
