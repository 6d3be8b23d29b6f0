"""The models that are at hand, on one file: what each gave of it, for a look at them side by side."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from laam.emission.ask import read_ask
from laam.serving.limits import BusyError
from laam.serving.summary import Summaries, Summary


def both_routes(summaries: Summaries, models: Callable[[], Sequence[str]]) -> APIRouter:
    """`/both?path=…`: for each of `models`, greedily and from the path alone, the share reproduced and a strip of ticks."""
    router = APIRouter()

    @router.get("/both")
    def both(path: str = "") -> Response:
        try:
            return JSONResponse([_as_dict(summaries.find(read_ask(path=path, model=name))) for name in models()])
        except BusyError as error:
            return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "60"})
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 404)

    return router


def _as_dict(summary: Summary) -> dict[str, Any]:
    said = ", ".join((summary.lines, *summary.facts[:1]))
    return {
        "model": summary.model,
        "licence": summary.model_licence,
        "reproduced": summary.percent,
        "said": said,
        "ticks": summary.ticks,
        "query": summary.ask.to_query(),
    }
