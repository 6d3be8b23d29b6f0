"""What is asked of a model, and what its answer is held against."""

from dataclasses import dataclass, field

from laam.compare.lead import NO_LEAD, Lead
from laam.compare.original import Original, after_line
from laam.corpus.lookup import Location, locate
from laam.corpus.originals import Originals
from laam.emission import EmissionRequest
from laam.model.engine import Decoding
from laam.model.pieces import file_pieces
from laam.model.prompts import PublishedFormat
from laam.model.zoo import Model


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
    if wish.piece:
        return _ask_piece(wish, model, originals)
    if wish.source:
        return _ask_source(wish, originals)
    original = originals.original(wish.path) if wish.path else None
    return Question(_request(wish, original.file.path if original else ""), original)


def _ask_source(wish: Wish, originals: Originals) -> Question:
    """Find where the source is from; what is expected begins with the line after the one in which it ends."""
    source, lead = wish.source, Lead(wish.source)
    location = locate(source, originals.manifest, originals)
    if location is None:
        return Question(_request(wish, "", source), None, lead)
    # A last line that is cut belongs to the next line of the file, unless the text is at hand and says otherwise.
    first_line = location.end + (lead.breaks_off and location.tail_characters != 0)
    path = location.file.path
    return Question(
        _request(wish, path, source), after_line(originals.original(path), min(first_line, location.file.lines)), lead, location
    )


def _ask_piece(wish: Wish, model: Model, originals: Originals) -> Question:
    if not isinstance(model.format, PublishedFormat):
        raise ValueError(f"piece {wish.piece}: model {model.name!r} did not see files in pieces; leave the piece at 0")
    original = originals.original(wish.path)
    if not original.has_text:
        raise ValueError(
            "a later piece is asked for by its first lines, and the originals are sealed; set LAAM_ORIGINALS, or wait for them"
        )
    path = original.file.path
    text = "".join(original.line(number) or "" for number in range(original.file.lines))
    pieces = file_pieces(model.format, path, text, model.window)
    if not 0 <= wish.piece < len(pieces):
        raise ValueError(f"piece {wish.piece}: {path} has {len(pieces)} pieces for this model, 0 to {len(pieces) - 1}")
    piece = pieces[wish.piece]
    head = text[piece.start : piece.head_end]
    lead = Lead(head)
    first_line = text.count("\n", 0, piece.head_end) + lead.breaks_off
    return Question(_request(wish, path, head, mid_word=piece.mid_word), after_line(original, min(first_line, original.file.lines)), lead)


def _request(wish: Wish, path: str, source: str = "", *, mid_word: bool = False) -> EmissionRequest:
    return EmissionRequest(path, wish.decoding, wish.max_tokens, source=source, mid_word=mid_word, slide=wish.slide, piece=wish.piece)
