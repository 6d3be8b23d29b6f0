"""Numbers as people read them, the same on the page and on the command line."""

from laam.compare.score import Score
from laam.corpus.catalog import SourceFile
from laam.emission import Ended
from laam.model.engine import Decoding

RELEASE = "Linux 1.0, 14 March 1994"

LICENCES = {"GPL-2.0": "GPL-2", "BSD-2-Clause": "2-clause BSD", "own terms": "its own terms"}


def percent(share: float) -> str:
    """A share in 0…1 with one decimal, rounded down, so that only a whole is ever called 100 %."""
    # A tenth that is met exactly may lie a little below it as a float (0.57 * 1000 < 570): no count here is so large that 1e-6 matters.
    return "100 %" if share >= 1 else f"{min(999, int(share * 1000 + 1e-6)) / 10:.1f} %"


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural where there isn't one."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def model_name(name: str, parameters: int) -> str:
    """A model as the head of the page names it."""
    return f"{name} model, {parameters / 1e6:.1f} M parameters"


def origin(file: SourceFile) -> str:
    """Where a file comes from and under which licence."""
    notice = file.notice or "© its authors"
    return f"{notice} · {LICENCES.get(file.licence, file.licence)} · {RELEASE} · {count(file.size, 'byte')}, {count(file.lines, 'line')}"


def ending(ended: Ended | None) -> str:
    """Why an emission ended; None: somebody stopped it."""
    if ended is None:
        return "Stopped before its end."
    return {"end of file": "The model closed the file.", "token limit": "Cut off at the limit of tokens."}[ended.reason]


def decoding(settings: Decoding) -> str:
    """How the next token was chosen."""
    if settings.greedy:
        return "Greedy."
    drawn = f", top-k {settings.top_k}" if settings.top_k else ""
    return f"Temperature {settings.temperature:g}{drawn}, seed {settings.seed}."


def lines(exact: int, of: int) -> str:
    """How many lines of an original were reproduced."""
    return f"{exact:,} of {count(of, 'line')}"


def longest_run(exact: int) -> str:
    """The most exact lines in a row."""
    return f"longest run {count(exact, 'line')}"


def verbatim(share: float) -> str:
    """The share of what was written that is the original's."""
    return f"verbatim {percent(share)}"


def score_fields(score: Score) -> dict[str, str]:
    """The finished score, by the names that the page's fields have."""
    fields = {
        "reproduced": percent(score.reproduced),
        "lines": lines(score.exact_lines, score.original_lines),
        "longest_run": longest_run(score.longest_run),
        "sha256": "sha256 identical ✓" if score.sha256_identical else "sha256 differs",
        "characters": f"{count(score.prompt_characters, 'character')} in → {score.emitted_characters:,} out",
        "verbatim": verbatim(score.verbatim),
    }
    if score.without_boilerplate is not None:
        fields["without_boilerplate"] = f"without boilerplate {percent(score.without_boilerplate)}"
    if score.similarity is not None:
        fields["similarity"] = f"similarity {percent(score.similarity)}"
    return fields
