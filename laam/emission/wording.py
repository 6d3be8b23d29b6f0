"""Numbers as people read them, the same on the page and on the command line."""

from collections.abc import Iterator, Mapping, Sequence

from laam.compare.credit import CreditScore
from laam.compare.instead import Instead
from laam.compare.measures import MEASURES, Part
from laam.compare.score import Score
from laam.compare.systematic import Difference
from laam.corpus.catalog import SourceFile
from laam.corpus.licences import NAMES, PUBLIC_DOMAIN
from laam.corpus.lines import split_lines
from laam.corpus.lookup import Location
from laam.corpus.names import without_top
from laam.corpus.releases import LICENCE_NAMES, Release
from laam.emission.question import Question
from laam.model.model import Model
from laam.model.prompts import PromptKind
from laam.model.spec import PUBLISHED_NAMES
from laam.words import say

LICENCES = NAMES | LICENCE_NAMES
"""Plain names of SPDX expressions."""

FUNCTIONS_SHOWN = 20  # names

NOT_THERE = "For a kernel that builds, the Makefiles are missing, and COPYING and the READMEs beside them: no model saw those."


def percent(share: float) -> str:
    """A share in 0…1 with one decimal, rounded down, so that it says 100 % only if nothing that is counted is missing."""
    # As a float, an exact tenth may lie a little too low (0.57 * 1000 < 570). No count here is so large that 1e-6 matters.
    return "100 %" if share >= 1 else f"{min(999, int(share * 1000 + 1e-6)) / 10:.1f} %"


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural unless there is exactly one."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def capital(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]


def numbers(parameters: int) -> str:
    """How large a model is, as a visitor reads it."""
    return f"{parameters / 1e6:.1f} million numbers" if parameters >= 100_000 else f"{parameters:,} numbers"


def model_size(parameters: int) -> str:
    """How large a model is, as a sentence."""
    return f"It has {parameters / 1e6:.1f} M parameters."


def licence(expression: str) -> str:
    """A licence as people say it."""
    return LICENCES.get(expression, expression)


def licence_in_full(expression: str) -> str:
    """A licence as people say it, and its SPDX expression."""
    return f"{licence(expression)} ({expression})"


def notice_of(file: SourceFile, release: Release) -> str:
    """Whose a file is, by its own first copyright notice, or by who wrote it, and how many more notices there are in it; empty if neither
    it nor its release says that."""
    named, more = _named(file, release), len(file.more_notices)
    if not named:
        return f"{count(more, 'notice')} of what it came from" if more else ""
    return f"{named} and {more:,} more" if more else named


def _named(file: SourceFile, release: Release) -> str:
    nobody = "no copyright claimed" if file.licence == PUBLIC_DOMAIN else release.unnamed
    return file.notice if file.notice.startswith("©") else "; ".join(filter(None, (nobody, file.notice)))


def notices(file: SourceFile) -> str:
    """All copyright notices of a file, a line for each; empty if there is only one."""
    if not file.more_notices:
        return ""
    others = [f"{other} – of what it came from" for other in file.source_notices]
    return "\n".join([*file.notices, *others])


def unsettled(file: SourceFile) -> str:
    """What could not be decided about a file's licence; empty for most."""
    return f"Not settled: {file.unsettled}." if file.unsettled else ""


def licence_place(file: SourceFile) -> str:
    """The place of the words that decided a file's licence; empty if none did."""
    if not file.licence_place:
        return ""
    name, _, line = file.licence_place.partition(":")
    named = "the file itself" if name == file.path.partition("/")[2] else name
    return f"by {named}, line {line}" if line else f"by {named}"


def origin(file: SourceFile, release: Release) -> str:
    """Which release a file comes from and under which licence."""
    terms = f"{licence(file.licence)} ({', '.join(filter(None, (file.licence, licence_place(file))))})"
    named = file.notice or _named(file, release)
    size = f"{count(file.size, 'byte')}, {count(file.lines, 'line')}"
    facts = (named, terms, release.heading, f"{size}, in UTF-8 from Latin-1" if without_top(file.path) in release.latin_1 else size)
    return " · ".join(filter(None, facts))


def training(file: SourceFile, model: Model, release: Release) -> str:
    """Whether a model was trained on a file, as far as that is known; with a separator before it."""
    if model.trained_on:
        return " · the model was trained on this file" if model.learned(file) else " · the model was not trained on it"
    return " · the model was trained on it, in pieces" if model.name in PUBLISHED_NAMES and release.published else ""


def found_at(location: Location) -> str:
    """Where a visitor's source was found in the file that is named before; with a separator before it."""
    if location.end == location.start:
        return say("within_line", line=f"{location.end + 1:,}")
    return say("from_lines", start=f"{location.start + 1:,}", end=f"{location.end:,}")


def exact_of(score: Score, prompts: PromptKind) -> str:
    """How many lines were reproduced, of how many, in a sentence. `prompts`: what they were made of."""
    exact, of = f"{score.exact_lines:,}", count(score.original_lines, "line")
    if prompts == "pieces":
        return f"{exact} of the other {of}"
    return say("exact_of_rest" if prompts == "source" else "exact_of", exact=exact, lines=of)


def lines(exact: int, of: int) -> str:
    """How many lines of an original were reproduced."""
    return say("exact_of", exact=f"{exact:,}", lines=count(of, "line"))


def longest_run(exact: int) -> str:
    """The most exact lines in a row."""
    return say("longest_run", lines=count(exact, "line"))


def sha256(*, identical: bool) -> str:
    """Whether the text is the whole file, byte for byte."""
    return say("identical" if identical else "differs")


def verbatim(share: float) -> str:
    """The share of the text that is the original's."""
    return say("verbatim", share=percent(share))


def characters(score: Score | CreditScore) -> str:
    """How many characters the model was given, and how many it wrote."""
    return say("characters", prompt=count(score.prompt_characters, "character"), written=f"{score.emitted_characters:,}")


def score_fields(score: Score, *, whole_file: bool = True) -> dict[str, str]:
    """What is said of a finished score beside its headline, by the names of the page's fields. `whole_file`: whether the whole file was
    asked for."""
    fields = {
        "lines": lines(score.exact_lines, score.original_lines) if score.original_characters else say("nothing_follows"),
        "longest_run": longest_run(score.longest_run),
        "characters": characters(score),
        "verbatim": verbatim(score.verbatim),
    }
    if whole_file:
        fields["sha256"] = sha256(identical=score.sha256_identical)
    if score.reach_lines is not None:
        fields["within_reach"] = say("within_reach", reach=f"{score.reach:,}", lines=count(score.reach_lines, "line"))
    if score.without_boilerplate is not None:
        fields["without_boilerplate"] = without_boilerplate(score.without_boilerplate, whole=score.reproduced >= 1)
    if score.similarity is not None:
        fields["similarity"] = f"similarity {percent(score.similarity)}"
    if score.functions:
        fields["functions"] = functions(score.exact_functions, score.functions)
    if score.measures:
        fields["measures"] = "\n".join(measured(score.measures))
    if remarks := list(_remarks(score)):
        fields["difference"] = " ".join(remarks)
    return fields


def _remarks(score: Score) -> Iterator[str]:
    """What has to be known of the number: where it may be too low, and what the whole text differs by."""
    if score.cut_short:
        yield say("cut_short")
    if score.difference is not None:
        yield difference(score.difference)
    elif not score.difference_looked_for:
        yield say("not_looked_for")


def functions(exact: Sequence[str], of: int) -> str:
    """How many functions of a file came back whole, and which."""
    names = ", ".join(exact[:FUNCTIONS_SHOWN]) + (", …" if len(exact) > FUNCTIONS_SHOWN else "")
    return f"{len(exact):,} of {count(of, 'function')} whole{f': {names}' if names else ''}"


def measured(parts: Mapping[str, Part]) -> Iterator[str]:
    """A sentence for each declared measure: what it is called, its share, and what that means."""
    for measure in MEASURES:
        if measure.name in parts:
            part = parts[measure.name]
            counted = {"amount": f"{part.amount:,}", "of": f"{part.of:,}", "unit": measure.unit}
            yield say("measured", label=measure.label, share=percent(part.share), meaning=measure.meaning, **counted)


def without_boilerplate(share: float, *, whole: bool) -> str:
    """The share without boilerplate, which may be 100 % of less than the file. `whole`: whether nothing of the original is missing."""
    return say("only_boilerplate") if share >= 1 and not whole else say("without_boilerplate", share=percent(share))


def difference(found: Difference) -> str:
    """The difference that runs through a text, as a sentence, and what would be reproduced without it."""
    return say("difference", what=found.what, share=percent(found.reproduced))


def credit_fields(score: CreditScore) -> dict[str, str]:
    """The same of a text of unknown origin."""
    fields = {
        "lines": found_lines(score.found_lines, score.emitted_lines),
        "characters": characters(score),
        "without_boilerplate": say("with_boilerplate", share=percent(score.found)),
    }
    if score.files:
        most = (say("file_lines", path=without_top(path), lines=count(lines, "line")) for path, lines in score.files)
        fields["files"] = say("most_from", files=", ".join(most))
    return fields


def instead(question: Question, title: str, found: Instead) -> str:
    """What was written instead of what was asked for, as a sentence. `title`: the path that the model itself named."""
    root, source = found.file.path.partition("/")[0], question.leads[0].text
    path = (title or question.ask.path).removeprefix(f"{root}/")
    asked = "was_given" if source else "named" if title else "asked_for" if path else "asked_for_nothing"
    return say(
        "instead_whole" if found.whole else "instead" if found.span else "instead_among",
        asked=say(asked, path=path, lines=count(len(split_lines(source)), "line")),
        file=without_top(found.file.path),
        licence=licence(found.file.licence),
        lines=_its_lines(found),
        share=percent(found.reproduced),
    )


def instead_in_short(found: Instead) -> str:
    """The same in a few words, for a title."""
    return say("instead_in_short", what="" if found.whole else f"{_its_lines(found)} of ", file=without_top(found.file.path))


def _its_lines(found: Instead) -> str:
    """Which lines of a file were written."""
    lines, span = count(len(found.lines), "line"), found.span
    what = (
        "its_lines"
        if not span
        else "all_its_lines"
        if len(span) == found.file.lines
        else "its_first_lines"
        if not span.start
        else "its_lines_from"
    )
    return say(what, lines=lines, start=f"{span.start + 1:,}", end=f"{span.stop:,}")


def fields_of(score: Score | CreditScore, *, whole_file: bool) -> dict[str, str]:
    """Either kind of score, by the names of the page's fields."""
    return score_fields(score, whole_file=whole_file) if isinstance(score, Score) else credit_fields(score)


def found_lines(found: int, of: int) -> str:
    """How many of the written lines are lines of the kernel."""
    return say("found_lines", found=f"{found:,}", lines=count(of, "line"))
