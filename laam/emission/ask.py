"""What is asked of a model, and what its answer is held against."""

from dataclasses import dataclass, field

from laam.compare.lead import NO_LEAD, Lead
from laam.corpus.lines import split_lines
from laam.corpus.lookup import Location, locate
from laam.corpus.original import Original, after_line, text_of
from laam.corpus.originals import Originals
from laam.emission.run import EmissionRequest
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.pieces import file_pieces
from laam.model.prompts import PublishedFormat


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a file by its path; or source to be continued; or neither, where the model may begin as it likes.

    `piece`: of the file at `path`, for a model that saw it in pieces: 0 is asked for by the path, any later one by its head.
    `decoding`, `max_tokens` and `slide` are those of EmissionRequest.
    """

    path: str = ""
    source: str = ""
    piece: int = 0
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = EmissionRequest.max_tokens
    slide: bool = False


@dataclass(frozen=True)
class Question:
    """A request, and what the answer is held against: `original`, from where the prompt ends; None where that is not known."""

    request: EmissionRequest
    original: Original | None
    lead: Lead = NO_LEAD
    location: Location | None = None
    """Where the source is from, where it was given and found."""


def ask(wish: Wish, model: Model, originals: Originals) -> Question:
    """The question that a wish comes to. Raises ValueError, which says what to do, for one that makes no sense."""
    if wish.source and wish.path:
        raise ValueError("give either a path or source, not both")
    if wish.piece and not wish.path:
        raise ValueError(f"piece {wish.piece}: give the path of the file that it is a piece of")
    if wish.piece:
        return _ask_piece(wish, model, originals)
    if wish.source:
        return _ask_source(wish, originals)
    original = originals.original(wish.path) if wish.path else None
    return Question(_request(wish, original.file.path if original else ""), original)


def _ask_source(wish: Wish, originals: Originals) -> Question:
    """Find where the source is from; what is expected begins with the line after the one in which it ends."""
    source = wish.source
    location = locate(source, originals.manifest, originals)
    if location is None:
        return Question(_request(wish, "", source), None, Lead(source))
    path = location.file.path
    original = originals.original(path)
    lead = Lead(source, location.following - len(split_lines(source)))
    return Question(_request(wish, path, source), _remainder(lead, original), lead, location)


def _ask_piece(wish: Wish, model: Model, originals: Originals) -> Question:
    if not isinstance(model.format, PublishedFormat):
        raise ValueError(f"piece {wish.piece}: model {model.name!r} did not see files in pieces; leave the piece at 0")
    original = originals.original(wish.path)
    if not original.has_text:
        raise ValueError(
            f"piece {wish.piece} is asked for by its first lines, and the originals are sealed; "
            "set LAAM_ORIGINALS to the release, or wait until it is here"
        )
    path = original.file.path
    text = text_of(original)
    pieces = file_pieces(model.format, path, text, model.window)
    if not 0 <= wish.piece < len(pieces):
        raise ValueError(f"piece {wish.piece}: {path} has {len(pieces)} pieces for this model, 0 to {len(pieces) - 1}")
    piece = pieces[wish.piece]
    head = text[piece.start : piece.head_end]
    lead = Lead(head, text.count("\n", 0, piece.start))
    return Question(_request(wish, path, head, mid_word=piece.mid_word), _remainder(lead, original), lead)


def _remainder(lead: Lead, original: Original) -> Original:
    """What follows the lead: nothing, where it ends with the file or runs beyond it."""
    return after_line(original, min(lead.first_line + lead.lines, len(original.digests)))


def _request(wish: Wish, path: str, source: str = "", *, mid_word: bool = False) -> EmissionRequest:
    return EmissionRequest(path, wish.decoding, wish.max_tokens, source=source, mid_word=mid_word, slide=wish.slide, piece=wish.piece)
