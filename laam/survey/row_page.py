"""What the page of a row shows: the answer beside its original, or why there is no number, and the facts of it."""

from collections.abc import Mapping
from typing import Any

from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.compare.render import render_rows
from laam.corpus.lines import split_lines
from laam.corpus.original import Original
from laam.emission import wording
from laam.emission.commands import describe_score
from laam.emission.headline import headline_of
from laam.faults import sentence
from laam.survey.asked import AskedCell, Survey
from laam.survey.in_column import column_query
from laam.survey.opened import OpenSurvey

SHOWN_CHARACTERS = 1_500_000  # of HTML on either side of a view


def shown_row(opened: OpenSurvey, survey: Survey, cell: AskedCell, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a row shows."""
    fault, sentences, diff, given, came = "", list[str](), "", "", ""
    try:
        text = survey.answer(row)
        if row["score"] is None:
            came = text
        else:
            file = opened.file(row["file"], row["file_sha256"])
            original: Original = file.original
            if file.text is not None:
                given = file.text[cell.start : cell.given_end]
                original = GivenOriginal(file.path, file.text[cell.given_end : cell.end]) if given else original
            sentences, diff = _beside(text, original, row, given)
            if given and file.text:
                line = file.text[: cell.given_end].count("\n") + 1
                sentences.append(
                    f"Line 1 here is what follows in line {line:,} of the file, after {wording.count(len(given), 'character')}."
                )
    except (OSError, ValueError) as error:
        fault = f"It can’t be shown beside its original: {sentence(error)}"
    model = row["model"]
    return {
        "title": f"{row['file']}, by {survey.asked.models[cell.model]}",
        "description": "",
        "file": row["file"],
        "name": survey.asked.models[cell.model],
        "context": survey.asked.columns[cell.column],
        "back": f"survey?{column_query(cell.model, cell.column)}#rows",
        "fault": fault,
        "sentences": sentences,
        "diff": diff,
        "given": given,
        "came": came,
        "reason": row["not_measured"] or "",
        "facts": [
            ("outcome", row["outcome"]),
            ("draw", f"{row['draw']}, temperature {row['temperature']:g}" + (f", seed {row['seed']}" if row["seed"] is not None else "")),
            (
                "model",
                f"weights sha256 {model['weights_sha256']}, {model['precision']}"
                if "weights_sha256" in model
                else f"{model['name']} at {model['host']}",
            ),
            ("file", f"sha256 {row['file_sha256']}"),
            ("prompt", f"sha256 {row['prompt_sha256']}, {wording.count(row['prompt_characters'], 'character')}"),
            ("answer", f"sha256 {row['answer_sha256']}, {wording.count(row['answer_characters'], 'character')}"),
            ("date", row["date"]),
            ("with", f"laam {row['laam']}, Python {row['python']}, {row['machine']['processor']}, {row['machine']['cores']} cores"),
        ],
    }


def _beside(text: str, original: Original, row: Mapping[str, Any], given: str) -> tuple[list[str], str]:
    """The score in sentences, and the two texts side by side, as far as there is room. `given`: if the original is a stretch of a file, the
    text before it that the model was given."""
    reach = row["score"]["reach"]
    compared = compare_text(text, original, prompt_characters=row["prompt_characters"], reach=reach)
    first, *sentences = describe_score(compared.score, headline_of(compared.score)).split("\n")
    if given:
        share, asked = wording.percent(compared.score.reproduced), wording.count(compared.score.original_characters, "character")
        first = f"reproduced {share} of the {asked} that were asked for, in lines copied exactly and in order"
    sentences = [first, *sentences]
    if reach is not None:
        sentences.append(f"The model’s window was full after {wording.count(reach, 'character')}, so it could write no more.")
    if not original.has_text:
        return sentences, render_rows(compared.rows, full=True)
    rows, lines = compared.first_rows(SHOWN_CHARACTERS)
    if lines < (of := len(split_lines(text))):
        sentences.append(f"Of {wording.count(of, 'line')}, the first {lines:,} are shown; all of them are counted.")
    return sentences, render_rows(rows, full=True)
