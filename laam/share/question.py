"""The question with the evidence for both sides: checklists, licences, positions, rulings and papers, as a page that needs no script.

All of it is data in `question.json`, which a maintainer edits; nothing of it stands in the code or in the template.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from laam.corpus.releases import PUBLISHED
from laam.corpus.sealed import SealedManifest
from laam.measure.story import read_story
from laam.model.model import Model
from laam.share.base_url import base_url, cache_headers
from laam.share.pages import CACHE_S
from laam.templates import template_environment

PRIMARY = "primary text read"
SEEN = {
    PRIMARY: "the text itself",
    "abstract read": "the abstract of a paper",
    "secondary source": "what others report of it",
    "not found": "nothing: it was looked for and not found",
}
"""How a source was read: what was read of it."""

STATUS = {"met": "✓", "open": "?", "not met": "–"}
FOLLOWS, NOT_FOLLOWS, OPEN = "follows", "does not follow", "open"
"""The three things that a statement may speak for: that the licence follows the text into the weights, that it does not, or neither."""

KINDS = {
    "licence": "Licences",
    "standard": "Standards and policies",
    "position": "Positions",
    "report": "Reports of offices",
    "ruling": "Courts",
    "paper": "Papers",
    "measurement": "Measurements",
}
"""The kinds of statements, in the order in which they are shown."""

NEAREST = ("gpl2-0-work", "mit", "usco-2025", "cooper-grimmelmann", "openai-position", "ippolito-2022", "allen-zhu-2024")
"""The statements that come nearest to a copy that lost something; none is about one."""


@dataclass(frozen=True)
class Statement:
    """What somebody says, in one neutral sentence, with its source. `side`: FOLLOWS, NOT_FOLLOWS or OPEN.

    `seen`: one of SEEN; `read`: the same more exactly, or empty. `quotation`: words of the source, or empty. `note`: what to keep in mind.
    `checked`: the day of the last check, as YYYY-MM-DD.
    """

    id: str
    side: str
    kind: str
    date: str
    who: str
    sentence: str
    quotation: str
    title: str
    url: str
    seen: str
    read: str
    note: str
    checked: str

    def __post_init__(self) -> None:
        sides = (FOLLOWS, NOT_FOLLOWS, OPEN)
        for field, value, known in (("side", self.side, sides), ("seen", self.seen, SEEN), ("kind", self.kind, KINDS)):
            if value not in known:
                raise ValueError(f"statement {self.id!r}: {field} {value!r} is none of {', '.join(known)}")
        if not self.url.startswith("https://"):
            raise ValueError(f"statement {self.id!r}: url {self.url!r} must start with https://")


@dataclass(frozen=True)
class Check:
    """Whether a model meets a row of a checklist: a key of STATUS, with the evidence and the `files` that show it."""

    status: str
    evidence: str
    files: Sequence[str]

    def __post_init__(self) -> None:
        if self.status not in STATUS:
            raise ValueError(f"status {self.status!r} is none of {', '.join(STATUS)}")


@dataclass(frozen=True)
class CheckRow:
    """A row of a checklist: what is asked for, under which `terms`, and a check for each model in their order."""

    part: str
    item: str
    terms: str
    required: bool
    models: Sequence[Check]


@dataclass(frozen=True)
class Checklist:
    """A version of the definition as a list of rows."""

    version: str
    title: str
    date: str
    url: str
    note: str
    rows: Sequence[CheckRow]

    def summary(self, model: int) -> str:
        """How many of the required rows the model meets, in words."""
        counts = Counter(row.models[model].status for row in self.rows if row.required)
        return f"{counts['met']} of {counts.total()} required rows met, {counts['open']} open, {counts['not met']} not met"


@dataclass(frozen=True)
class CheckedModel:
    """A model that is checked. `files_at`: the address at which its repository's files start; empty for this repository, whose evidence may
    name facts of the model in braces."""

    name: str
    id: str
    terms: str
    files_at: str


@dataclass(frozen=True)
class Question:
    """All that the page shows. `checked`: the day of the last check; `reach`: how far the sources reach."""

    checked: str
    reach: str
    models: Sequence[CheckedModel]
    checklists: Sequence[Checklist]
    statements: Sequence[Statement]

    def of(self, side: str) -> list[Statement]:
        """The statements of a side, by kind."""
        kinds = list(KINDS)
        return sorted((said for said in self.statements if said.side == side), key=lambda said: kinds.index(said.kind))


def read_question(file: Path, facts: Mapping[str, str] | None = None) -> Question:
    """The data of the page. `facts`: of the exhibit's own model, by the names that stand in braces where it is checked; without them it
    isn't shown. Raises ValueError, which names the file and what is wrong in it."""
    try:
        record = json.loads(file.read_text("utf-8"))
        shown = [number for number, model in enumerate(record["models"]) if model["files_at"] or facts]
        question = Question(
            record["checked"],
            record["reach"],
            [CheckedModel(**record["models"][number]) for number in shown],
            [_checklist(checklist, shown, facts or {}) for checklist in record["checklists"]],
            [Statement(**statement) for statement in record["statements"]],
        )
        twice = [name for name, count in Counter(said.id for said in question.statements).items() if count > 1]
        if twice:
            raise ValueError(f"statement {twice[0]!r} is there twice")
        if any(len(row.models) != len(question.models) for checklist in question.checklists for row in checklist.rows):
            raise ValueError(f"each row of a checklist needs {len(question.models)} checks, one for each model")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from error
    return question


def _checklist(record: Mapping[str, Any], shown: Sequence[int], facts: Mapping[str, str]) -> Checklist:
    def check(status: str, evidence: str, files: Sequence[str]) -> Check:
        return Check(status, evidence.format(**facts), files)

    rows = [CheckRow(**{**row, "models": [check(**row["models"][number]) for number in shown]}) for row in record["rows"]]
    return Checklist(**{**record, "rows": rows})


def facts_of(model: Model, manifest: SealedManifest) -> dict[str, str] | None:
    """What the checks of the exhibit's own model name in braces; None if it wasn't trained on this release."""
    story = read_story(model, manifest)
    if story is None:
        return None
    counts = {"files": story.files, "identical": story.exact_files, "bytes": story.size, "segments": story.segments}
    return {name: f"{count:,}" for name, count in (counts | {"sources": len(manifest.catalog)}).items()}


def render_question(question: Question, templates: Path, base: str, **values: Any) -> str:
    """The page, as HTML. `base`: the exhibit's address, without a slash at its end; `values`: more for the frame, see `base.html`."""
    template = template_environment(templates).get_template("question.html")
    neither = question.of(OPEN)
    return template.render(
        base=base,
        style="page/question.css",
        title=f"Both sides – {PUBLISHED.exhibit}",
        release=PUBLISHED,
        description="Is a model that writes GPL-2 source MIT? Checklists, licences, positions, rulings and papers, for both sides.",
        question=question,
        pairs=list(zip_longest(question.of(FOLLOWS), question.of(NOT_FOLLOWS))),
        neither=[(heading, [said for said in neither if said.kind == kind]) for kind, heading in KINDS.items()],
        lossy=[said for id_ in NEAREST for said in question.statements if said.id == id_],
        signs=STATUS,
        seen=SEEN,
        primary=PRIMARY,
        **values,
    )


def question_routes(templates: Path, facts: Mapping[str, str] | None = None, public_url: str = "") -> APIRouter:
    """`/question`. `facts`: see `read_question`. Raises ValueError if `question.json`, beside the templates, can't be read."""
    question = read_question(templates / "question.json", facts)
    router = APIRouter()

    @router.get("/question")
    def both_sides(request: Request) -> Response:
        """The question, with the evidence for both sides."""
        page = render_question(question, templates, base_url(request, public_url))
        return HTMLResponse(page, headers=cache_headers(public_url, CACHE_S))

    return router
