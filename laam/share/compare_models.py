"""The models that are at hand, on one file: what each gave of it, for a look at them side by side."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.emission.ask import ask_of_query, read_ask
from laam.serving.summary import Summaries, Summary
from laam.share.answers import json_answer
from laam.share.client import client_of


def compare_models_routes(summaries: Summaries, models: Callable[[], Sequence[str]]) -> APIRouter:
    """`/compare?path=…`: for each of `models`, greedily and from the path alone, the share reproduced and a strip of ticks."""
    router = APIRouter()

    @router.get("/compare")
    def compare(request: Request) -> Response:
        client = client_of(request.scope)

        def gave() -> list[dict[str, Any]]:
            path = ask_of_query(request.query_params).path
            return [_as_dict(summaries.find(read_ask(path=path, model=name), client)) for name in models()]

        return json_answer(gave)

    return router


def _as_dict(summary: Summary) -> dict[str, Any]:
    headline = summary.headline
    said = ", ".join((headline.second, summary.lines) if headline.second else (summary.lines, *summary.facts[:1]))
    return {
        "model": summary.model,
        "licence": summary.model_licence,
        "reproduced": headline.percent,
        "of": headline.of,
        "kind": headline.kind,
        "said": said,
        "ticks": summary.ticks,
        "query": summary.ask.to_query(),
    }
