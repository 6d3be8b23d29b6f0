"""An ask, put to a model: the source that its prompt holds, and what its answer is held against."""

from dataclasses import dataclass, replace

from laam.compare.lead import NO_LEAD, Lead
from laam.corpus.catalog import UnknownFile
from laam.corpus.lines import split_lines
from laam.corpus.lookup import Location, locate
from laam.corpus.original import Original, after_line, text_of
from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.model.model import Model
from laam.model.prompts import PromptKind

NO_FILE_TOKENS = 4_000
"""The most tokens of an emission by a name that no file has; more than most files take."""


@dataclass(frozen=True)
class Question:
    """An ask, with the file's whole path. `original`: what the answer is held against, from the end of the prompt on; None if that is
    not known.

    `lead`: the source that is given: the ask's own, or the head of the piece that is asked for. `mid_word`: whether it begins inside
    a word, as a piece that a published model was trained on may. `location`: where the ask's source was found.
    """

    ask: Ask
    original: Original | None = None
    lead: Lead = NO_LEAD
    location: Location | None = None
    mid_word: bool = False

    @property
    def source(self) -> str:
        """The source text that the first prompt is made of; empty if there is none."""
        return self.lead.text or self.ask.source

    @property
    def kind(self) -> PromptKind:
        """What the first prompt is made of."""
        return "source" if self.source else "path" if self.ask.path else "empty"


def question_of(ask: Ask, model: Model, originals: Originals) -> Question:
    """The question in an ask. Raises ValueError, which says what to do, if this model can't be asked that."""
    if ask.piece:
        return _about_piece(ask, model, originals)
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
    return Question(replace(ask, path=original.file.path, anyway=False), original)


def _about_no_file(ask: Ask, originals: Originals) -> Question:
    """A name that no file has: nothing tells how long a text of that name would be, so the ask's length is cut."""
    path = originals.manifest.catalog.path_as_named(ask.path)
    return Question(replace(ask, path=path, max_tokens=min(ask.max_tokens, NO_FILE_TOKENS)))


def _about_source(ask: Ask, originals: Originals) -> Question:
    """Find where the source is from. The answer is held against the lines after the one in which the source ends."""
    location = locate(ask.source, originals.manifest, originals)
    if location is None:
        return Question(ask, None, Lead(ask.source))
    lead = Lead(ask.source, location.following - len(split_lines(ask.source)))
    return Question(ask, _remainder(lead, originals.original(location.file.path)), lead, location)


def _about_piece(ask: Ask, model: Model, originals: Originals) -> Question:
    if not model.format.in_pieces:
        raise ValueError(f"piece {ask.piece}: model {model.name!r} did not see files in pieces; leave the piece at 0")
    original = originals.original(ask.path)
    if not original.has_text:
        raise ValueError(
            f"piece {ask.piece} is asked for by its first lines, and the originals are sealed; "
            "set LAAM_ORIGINALS to the release, or wait until it is here"
        )
    path = original.file.path
    text = text_of(original)
    pieces = model.format.file_pieces(path, text, model.window)
    if ask.piece >= len(pieces):
        raise ValueError(f"piece {ask.piece}: {path} has {len(pieces)} pieces for this model, 0 to {len(pieces) - 1}")
    piece = pieces[ask.piece]
    lead = Lead(text[piece.start : piece.head_end], text.count("\n", 0, piece.start))
    return Question(replace(ask, path=path), _remainder(lead, original), lead, mid_word=piece.mid_word)


def _remainder(lead: Lead, original: Original) -> Original:
    """The original after the lead: nothing if the lead ends with the file or runs beyond it."""
    return after_line(original, min(lead.first_line + lead.lines, len(original.digests)))
