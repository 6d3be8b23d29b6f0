"""*Trace any text*: a page with a form that needs no script. Nothing of what is sent is kept."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from laam.compare.given import GivenOriginal
from laam.compare.highlight import escape, highlight_first
from laam.compare.live import compare_text
from laam.compare.passages import Passage
from laam.compare.render import Row, render_rows
from laam.compare.trace import ALONE, COMMON, TRACED, Trace, trace_text
from laam.corpus.lines import split_lines
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.commands import describe_score
from laam.emission.headline import headline_of
from laam.emission.tracing import trace_sentences
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError, Places
from laam.share.base_url import base_url
from laam.share.client import client_of
from laam.templates import template_environment

TEXT_CHARACTERS = 200_000  # of each text; more than twice the largest file of the shipped release
BODY_BYTES = 3 * 2 * TEXT_CHARACTERS  # a byte takes up to three in a form
WAIT_S = 20.0  # for a place
WORK_S = 30.0
"""Seconds after which whoever waits for the answer gets a sentence. The work ends at its next step, and holds its place until then."""
TOO_LONG = "This text takes too long to look up. Give a part of it."
POLICY = "default-src 'none'; style-src * 'unsafe-inline'; img-src * data:; base-uri 'none'; form-action 'self'"
"""As for any page without scripts; its own form may be sent."""
SHOWN_CHARACTERS = 1_500_000  # of HTML on either side of a view: some 6,000 lines of code
_WORDS = {ALONE: "stands there, but in no passage that tells anything", COMMON: "stands there, and tells nothing"}


def trace_routes(manifest: SealedManifest, templates: Path, public_url: str = "", work_s: float = WORK_S) -> APIRouter:
    """`/trace`: GET gives the form, POST the answer; as JSON to whoever asks for `application/json`. `public_url`: see `share_routes`;
    `work_s`: see WORK_S."""
    router = APIRouter()
    template = template_environment(templates).get_template("trace.html")
    places = Places(at_once=2, waiting=8, wait_s=WAIT_S)

    def page(request: Request, status: int = 200, **values: Any) -> Response:
        empty = {"text": "", "original": "", "fault": "", "sentences": [], "passages": [], "rows": "", "score": [], "diff": ""}
        html = template.render(
            **{**empty, **values},
            base=base_url(request, public_url),
            release=manifest.release,
            limit=TEXT_CHARACTERS,
            title=f"Trace any text – {manifest.release.exhibit}",
            description=f"Which lines of a text, whoever or whatever wrote it, stand in {manifest.release.title}.",
            style="page/trace.css",
        )
        return HTMLResponse(html, status, {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    @router.get("/trace")
    def form(request: Request) -> Response:
        """The form."""
        return page(request)

    @router.post("/trace")
    async def traced(request: Request) -> Response:
        """The form, with what was found in the text, and with the text beside the original that was given."""
        as_json = "application/json" in request.headers.get("accept", "")
        text = original = ""
        try:
            text, original = _texts(await request.body())

            def find() -> dict[str, Any]:
                with places.take(client_of(request.scope)):
                    return _found(text, original, manifest, _deadline(work_s))

            async with asyncio.timeout(WAIT_S + work_s):
                found = await run_sync(find, abandon_on_cancel=True)
        except (ValueError, BusyError, TimeoutError) as error:
            status = 400 if isinstance(error, ValueError) else 503
            sentence = TOO_LONG if isinstance(error, TimeoutError) else for_visitors(error)
            if as_json:
                return JSONResponse({"error": sentence}, status)
            return page(request, status, fault=sentence, text=text[:TEXT_CHARACTERS], original=original[:TEXT_CHARACTERS])
        return JSONResponse(found["record"]) if as_json else page(request, text=text, original=original, **found["shown"])

    return router


def _texts(body: bytes) -> tuple[str, str]:
    """The fields `text` and `original` of a form; a browser ends their lines with CR LF. Raises ValueError."""
    if len(body) > BODY_BYTES:
        raise ValueError(f"the texts have more than {BODY_BYTES:,} bytes; give at most {TEXT_CHARACTERS:,} characters each")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="replace", max_num_fields=4)
    except ValueError as error:
        raise ValueError(f"the form can't be read: {error}") from error
    text, original = (fields.get(name, [""])[0].replace("\r\n", "\n") for name in ("text", "original"))
    return text, original


def _deadline(seconds: float) -> Callable[[], None]:
    """A function that raises TimeoutError once the seconds are over."""
    end = monotonic() + seconds

    def check() -> None:
        if monotonic() > end:
            raise TimeoutError

    return check


def _found(text: str, original: str, manifest: SealedManifest, check: Callable[[], None]) -> dict[str, Any]:
    """What the page shows, and the record for JSON. Raises ValueError for a text that is too long or empty, and what `check` raises: it is
    called between the steps."""
    if not text.strip():
        raise ValueError("there is no text; paste some lines")
    for name, value in (("the text", text), ("the original", original)):
        if len(value) > TEXT_CHARACTERS:
            raise ValueError(f"{name} has {len(value):,} characters; give at most {TEXT_CHARACTERS:,}")
    trace = trace_text(text, manifest)
    rows = list(_rows(text, manifest.catalog.usual_name, trace.most, check))
    shown: dict[str, Any] = {
        "sentences": [*trace_sentences(trace, manifest.release), *_left_out(len(rows), trace.lines)],
        "passages": [_passage(passage) for passage in trace.most.passages],
        "rows": render_rows(rows),
    }
    record = trace.as_dict()
    check()
    if original:
        compared = compare_text(text, GivenOriginal(manifest.catalog.usual_name, original), line_files=manifest.line_files())
        rows, lines = compared.first_rows(SHOWN_CHARACTERS)
        sentences = [*describe_score(compared.score, headline_of(compared.score)).split("\n"), *_left_out(lines, trace.lines)]
        shown |= {"score": sentences, "diff": render_rows(rows, full=True)}
        record["score"] = compared.score.as_dict()
    return {"record": record, "shown": shown}


def _passage(passage: Passage) -> dict[str, str]:
    first, last = passage.file_start + 1, passage.file_end
    return {
        "lines": f"{passage.start + 1:,}–{passage.end:,}",
        "file": passage.file.path,
        "there": f"{first:,}–{last:,}",
        "others": f"and {wording.count(passage.others, 'other file')}" if passage.others else "with gaps" if passage.gaps else "",
        "licence": wording.licence_in_full(passage.file.licence),
        "query": f"{urlencode({'path': passage.file.path})}#L{first}",
    }


def _left_out(shown: int, lines: int) -> Iterator[str]:
    """A sentence, if not all lines of a text are shown."""
    if shown < lines:
        yield f"Of {wording.count(lines, 'line')}, the first {shown:,} are shown below; all of them are counted."


def _rows(text: str, name: str, trace: Trace, check: Callable[[], None]) -> Iterator[Row]:
    """The text's first lines, coloured by a name, each beside its place in the release."""
    at = {line: f"{passage.file.path}, line {there + 1:,}" for passage in trace.passages for line, there in passage.places.items()}
    for line, (html, state) in enumerate(zip(highlight_first(split_lines(text), name, SHOWN_CHARACTERS), trace.states, strict=False)):
        check()
        where = _WORDS.get(state)
        if state == TRACED:
            where = at[line]
        yield Row("∈" if where else "+", line + 1, None, html, escape(where) if where else None)
