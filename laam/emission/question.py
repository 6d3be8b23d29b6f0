"""An ask, put to a model: the source that its prompts hold, and what its answer is held against."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from laam.compare.lead import NO_LEAD, Lead
from laam.corpus.catalog import UnknownFile
from laam.corpus.lines import split_lines
from laam.corpus.lookup import Location, locate
from laam.corpus.original import Original, OriginalPart, after_line, text_of
from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.model.model import Model
from laam.model.pieces import Piece, file_pieces
from laam.model.prompts import PromptKind

NO_FILE_TOKENS = 4_000
"""The most tokens of an emission by a name that no file has; more than most files take."""


@dataclass(frozen=True)
class Question:
    """An ask, with the file's whole path. `original`: what the answer is held against, which is nothing of what is given; None if that is
    not known.

    `leads`: the source that is given: the ask's own, or the beginning of each of the `pieces`; there are none if the file isn't asked for
    in pieces, or has only one. `location`: where the ask's source was found.
    """

    ask: Ask
    original: Original | None = None
    leads: Sequence[Lead] = (NO_LEAD,)
    location: Location | None = None
    pieces: Sequence[Piece] = ()

    @property
    def source(self) -> str:
        """The source text that the first prompt is made of; empty if there is none."""
        return self.leads[0].text or self.ask.source

    @property
    def kind(self) -> PromptKind:
        """What the prompts are made of."""
        return "pieces" if self.pieces else "source" if self.source else "path" if self.ask.path else "empty"


def question_of(ask: Ask, model: Model, originals: Originals) -> Question:
    """The question in an ask. Raises ValueError, which says what to do, if this model can't be asked that."""
    question = _question_of(ask, model, originals)
    if not ask.against:
        return question
    original = originals.original(ask.against)
    against = "" if question.original and original.file.path == question.original.file.path else original.file.path
    return replace(question, ask=replace(question.ask, against=against), original=original)


def _question_of(ask: Ask, model: Model, originals: Originals) -> Question:
    """The same, held against what was asked for."""
    if ask.source:
        return _about_source(ask, originals)
    if not ask.path:
        model.format.empty_prompt()  # which raises if it needs one
        return Question(ask)
    try:
        original = originals.original(ask.path)
    except UnknownFile:
        if ask.anyway:
            return _about_no_file(ask, originals)
        raise
    asked = replace(ask, path=original.file.path, anyway=False)
    return _about_pieces(asked, model, original) if ask.pieces else Question(asked, original)


def _about_no_file(ask: Ask, originals: Originals) -> Question:
    """A name that no file has: nothing tells how long a text of that name would be, so the ask's length is cut, and it has no pieces."""
    path = originals.manifest.catalog.path_as_named(ask.path)
    return Question(replace(ask, path=path, max_tokens=min(ask.max_tokens, NO_FILE_TOKENS), pieces=0))


def _about_source(ask: Ask, originals: Originals) -> Question:
    """Find where the source is from. The answer is held against the lines after the one in which the source ends."""
    location = locate(ask.source, originals.manifest, originals)
    if location is None:
        return Question(ask, None, [Lead(ask.source)])
    lead = Lead(ask.source, location.following - len(split_lines(ask.source)))
    original = originals.original(location.file.path)
    following = min(lead.lines.stop, len(original.digests))  # nothing, if the source ends with the file or runs beyond it
    return Question(ask, after_line(original, following), [lead], location)


def _about_pieces(ask: Ask, model: Model, original: Original) -> Question:
    if not model.format.in_pieces:
        why = "writes a file from its path alone, and needs no pieces" if model.format.has_segments else "did not see files in pieces"
        raise ValueError(f"pieces {ask.pieces}: model {model.name!r} {why}; leave pieces at 0")
    if not original.has_text:
        raise ValueError(
            f"pieces {ask.pieces}: each later piece is asked for by its own beginning, and the originals are sealed here; "
            "set LAAM_ORIGINALS to the release, or wait until it is here"
        )
    text = text_of(original)
    pieces = file_pieces(model.format, ask.path, text, model.window, ask.pieces)
    if len(pieces) == 1:
        return Question(ask, original)
    leads = [Lead(text[piece.start : piece.given_end], text.count("\n", 0, piece.start)) for piece in pieces]
    given = {number for lead in leads for number in lead.lines}
    rest = [number for number in range(len(original.digests)) if number not in given]
    return Question(ask, OriginalPart(original, rest), leads, pieces=pieces)
