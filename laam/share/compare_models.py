"""What each model gives of one file, greedily and by its path alone: the rows at the head of a result."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.compare.render import tick_marks
from laam.corpus.sealed import SealedOriginal
from laam.emission import naming, wording
from laam.emission.ask import Ask, ask_of_query
from laam.emission.headline import Headline, second_of
from laam.measure.atlas import Atlas, AtlasRow
from laam.model.model import Model
from laam.model.spec import EMBEDDED, NAMED, ModelSpec
from laam.serving.fields import written_by
from laam.serving.jobs import Rank
from laam.serving.services import Services
from laam.serving.summary import Summaries, Summary
from laam.share.answers import json_answer
from laam.share.client import client_of

Row = dict[str, Any]


def compare_models_routes(
    services: Services,
    summaries: Summaries,
    here: Callable[[], Sequence[str]],
    elsewhere: Callable[[], Mapping[str, Atlas]] = dict[str, Atlas],
) -> APIRouter:
    """`/compare?path=…`: a row for each of the models `here`, ours last, with a number if that is known without a run; and one for each of
    the published models `elsewhere`, by their atlases. With `model=…` the row of that one, which is run for it at the lowest rank."""
    router = APIRouter()

    @router.get("/compare")
    def compare(request: Request) -> Response:
        client = client_of(request.scope)

        def rows() -> list[Row]:
            asked = ask_of_query(request.query_params)
            path = services.catalog.find(asked.path).path
            if asked.model:
                ask = Ask(path, model=asked.model)
                return [_row(services.model(ask.model), ask, summaries.find(ask, client, Rank.BACKGROUND))]
            asks = [Ask(path, model=name) for name in sorted(here(), key=lambda name: name == EMBEDDED.name)]
            original = services.originals.manifest.original(path)
            measured = [_row_of_atlas(NAMED[name], atlas, original) for name, atlas in elsewhere().items()]
            return measured + [_row(model, ask, summary) for ask, _, model, summary in map(summaries.known, asks)]

        return json_answer(rows)

    return router


def _row(model: Model, ask: Ask, summary: Summary | None) -> Row:
    said = _said(summary.headline, summary.lines, *summary.facts[:1]) if summary else {"reproduced": "", "said": ""}
    said |= {"said": summary.in_short} if summary and summary.instead else {}
    return {**written_by(model), "query": ask.to_query(), **said, "ticks": summary.ticks if summary else ""}


def _row_of_atlas(spec: ModelSpec, atlas: Atlas, original: SealedOriginal) -> Row:
    """Of a published model that isn't here, so that nothing leads to it."""
    assert spec.publication
    row = next(row for row in atlas.rows if row.path == original.file.path)
    marks = "".join("=" if line in row.exact_numbers else "." for line in range(1, row.original_lines + 1))
    return {
        "model": naming.model_in_full(spec.name, spec.publication.parameters),
        "model_licence": spec.publication.licence,
        "model_name": spec.name,
        "query": "",
        **_said(_headline(row, original), wording.lines(row.exact_lines, row.original_lines)),
        "ticks": tick_marks(marks),
    }


def _headline(row: AtlasRow, original: SealedOriginal) -> Headline:
    """Of the window, if the model didn't close the file and a line had room in it."""
    lengths = original.lengths[: bisect_right(list(accumulate(original.lengths)), row.emitted_characters)]
    if row.closed or row.identical or not lengths:
        return Headline(row.reproduced, "file", row.original_lines, "", "part")
    within = sum(length for line, length in enumerate(lengths, 1) if line in row.exact_numbers) / sum(lengths)
    return Headline(within, "window", len(lengths), second_of("file", row.reproduced), "part")


def _said(headline: Headline, *facts: str) -> Row:
    """The number, and what stands beside it: what it is a share of, if that isn't the file, and else some facts."""
    of_window = headline.in_short.removeprefix(f"{headline.percent} ")
    return {"reproduced": headline.percent, "said": of_window if headline.of == "window" else ", ".join(facts)}
