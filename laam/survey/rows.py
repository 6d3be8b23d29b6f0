"""The rows of a survey: one for each answer, with all that was measured of it."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from laam.compare.live import compare_text
from laam.corpus.lines import digested_lines, source_sha256
from laam.survey.cells import Answerer, Cell
from laam.survey.plan import Column, ModelChoice
from laam.survey.reply import Reply

FORMAT = "laam-survey-row-1"
FIELDS = frozenset(
    ("key", "model", "file", "file_sha256", "draw", "temperature", "seed", "prompt_sha256", "prompt_characters", "outcome", "not_measured",
     "answer_sha256", "answer_characters", "whole", "exact_prefix", "score", "date", "laam", "python", "machine")
)  # fmt: skip
"""What is read of a row."""
_SHA256 = re.compile("[0-9a-f]{64}")
AGAIN = ("error", "truncated")
"""Outcomes that are asked for again: nothing came, or not all of it."""


def row_of(
    cell: Cell, reply: Reply, column: Column, choice: ModelChoice, answerer: Answerer, line_files: Mapping[int, int] | None
) -> dict[str, Any]:
    """The row of an answer, ready for JSON; its fields are described in the room's README. `line_files`: see `compare_text`."""
    measured, name = reply.outcome == "continued", choice.name if choice.endpoint else choice.label
    return {
        "key": cell.key,
        "model": {
            "label": choice.label,
            "name": name,
            **answerer.identity,
            **answerer.facts(),
        },
        "file": cell.file.path,
        "file_sha256": cell.file.sha256,
        "context": column.context.label,
        "place": [cell.place.start, cell.place.given_end, cell.place.end],
        "draw": cell.draw,
        "temperature": column.draws.temperature,
        "top_k": column.draws.top_k,
        "seed": cell.seed,
        "prompt_sha256": source_sha256(cell.prompt),
        "prompt_characters": len(cell.prompt),
        "outcome": reply.outcome,
        "not_measured": reply.fault or None,
        "ended": reply.ended,
        "tokens": reply.tokens,
        "answer_sha256": source_sha256(answer_text(reply)),
        "answer_characters": len(answer_text(reply)),
        **(measures_of(reply, cell, line_files) if measured else {"whole": None, "exact_prefix": None, "score": None}),
        "server": reply.more or None,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(reply.seconds, 3),
        "python": platform.python_version(),
        "machine": {"processor": processor(), "cores": os.cpu_count()},
    }


def answer_text(reply: Reply) -> str:
    """What is kept of an answer: its text, or what came instead."""
    return reply.text if reply.outcome == "continued" else reply.came


def measures_of(reply: Reply, cell: Cell, line_files: Mapping[int, int] | None) -> dict[str, Any]:
    """What is measured of an answer. `whole`: it is exactly what was asked for. `exact_prefix`: how many characters are right before the
    first that isn't; of a sealed file, those of whole lines. `score`: all that the page has, see `laam.compare.score.Score`."""
    text, original, expected = reply.text, cell.original, cell.expected
    compared = compare_text(text, original, prompt_characters=len(cell.prompt), line_files=line_files, reach=reply.reach)
    if expected is None:
        pairs = zip(digested_lines(text), original.digests, strict=False)
        prefix = sum(length for (length, _), _ in takewhile(lambda pair: pair[0][1] == pair[1], pairs))
    else:
        prefix = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, expected, strict=False)))
    return {"whole": compared.score.sha256_identical, "exact_prefix": prefix, "score": compared.score.as_dict()}


def processor() -> str:
    """The processor's name, as the system has it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").split("\n"):
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def by_key(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The last row of each key. What is no such row, or names its answer by anything but a digest, is passed over."""
    return {str(row["key"]): row for row in rows if row.keys() >= FIELDS and _SHA256.fullmatch(str(row["answer_sha256"]))}


def is_final(row: Mapping[str, Any] | None) -> bool:
    """Whether nothing has to be asked again."""
    return row is not None and row["outcome"] not in AGAIN
