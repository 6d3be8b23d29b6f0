"""The transcript of an emission: its events written down, so that the whole text can be compared. Whoever shows an emission keeps one."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from laam.compare.align import exact_lines
from laam.compare.credit import CreditedText, credit_text
from laam.compare.instead import ENOUGH, Instead, find_instead
from laam.compare.lead import Lead
from laam.compare.live import Comparison, compare_answers
from laam.compare.render import Row, note_row, with_note
from laam.corpus.catalog import SourceFile, UnknownFile
from laam.corpus.lines import split_lines
from laam.corpus.original import Original
from laam.corpus.originals import Originals
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import conditions, naming, wording
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, Prompted, Titled
from laam.emission.headline import Headline, asked_of, headline_of
from laam.emission.question import Question
from laam.emission.receipts import Receipts, shown_prompt
from laam.knobs import MAX_TOKENS, USUAL_PIECES
from laam.model.model import Model


@dataclass(frozen=True)
class Finished:
    """The result of an emission.

    `ended`: None if somebody stopped it. `whole_file`: whether a whole file was asked for. `given`: what the model was given, in words.
    `note`: the emitted line after which the model's window was full, and the note that stands there; None if it never was full.
    `instead`: a sentence that says what was written, if that is another file; else empty.
    """

    compared: Comparison | CreditedText
    receipts: Receipts
    release: Release
    ended: Ended | None = None
    whole_file: bool = True
    given: str = ""
    note: tuple[int, Row] | None = None
    instead: str = ""

    @property
    def rows(self) -> list[Row]:
        """The rows of the panes, made anew at each use."""
        return with_note(self.compared.rows, *self.note) if self.note else self.compared.rows

    @property
    def query(self) -> str:
        """The query of the link that leads to it; empty if it was asked for by source, or without a path."""
        return self.receipts.ask.to_query()

    @property
    def against(self) -> str:
        """The query of the link that holds it against the file that was written instead; empty if there is none, or no link."""
        instead, by_path = self.compared.instead, self.receipts.prompt_kind == "path"
        return replace(self.receipts.ask, against=instead.file.path, pieces=0).to_query() if instead and by_path else ""

    @property
    def headline(self) -> Headline:
        """Its number, and what that is a share of."""
        filled = self.ended is not None and self.ended.reason == "window end"
        return headline_of(self.compared.score, asked_of(self.receipts.prompt_kind), filled=filled)

    @property
    def in_short(self) -> str:
        """What it came to, in a few words, for a title."""
        instead = self.compared.instead
        return wording.instead_in_short(instead) if instead else self.headline.in_short

    @property
    def closed_pieces(self) -> int:
        """How many pieces before the last ended with the end of the file."""
        return sum(bool(part.lead.note) for part in self.compared.parts) if isinstance(self.compared, Comparison) else 0

    def facts(self) -> dict[str, Any]:
        """Headline, score, receipts and ending, and what was written instead, ready for JSON; without the text."""
        ended, instead = asdict(self.ended) if self.ended else None, self.compared.instead
        told = {
            "headline": self.headline.as_dict(),
            "score": self.compared.score.as_dict(),
            "instead": instead.as_dict() if instead else None,
        }
        return {"ended": ended, **told, "receipts": self.receipts.as_dict()}

    def as_dict(self) -> dict[str, Any]:
        """The same with the text."""
        return {"text": self.compared.text, **self.facts()}


class Transcript:
    """Takes every event of one emission, in order."""

    def __init__(self, question: Question, originals: Originals) -> None:
        self.question = question
        self.leads: list[Lead] = [question.leads[0]]
        """The source that was given so far."""
        self.original: Original | None = question.original
        """What the text is held against; a model that was given no prompt names it only as it begins."""
        self.prompts: list[Prompted] = []
        """The prompts that the model was given, without the windows that it filled by itself."""
        self.answers: list[list[str]] = [[]]
        """The text that followed each lead, token by token."""
        self.characters = 0
        self.tokens = 0
        self.title = ""
        """The path that a model which was given no prompt named."""
        self.reach: int | None = None
        """Characters written until the window was full; None if it did not become full."""
        self.ended: Ended | None = None
        self._originals = originals

    def take(self, event: Event) -> None:
        if isinstance(event, Prompted):
            if event.kind != "window":
                self.prompts.append(event)
            elif self.reach is None:
                self.reach = self.characters
            if self.begins_piece(event):
                self.leads.append(replace(self.question.leads[event.segment], note=conditions.CLOSED_EARLY if event.closed else ""))
                self.answers.append([])
        elif isinstance(event, Emitted):
            self.answers[-1].append(event.text)
            self.characters += len(event.text)
            self.tokens += 1
        elif isinstance(event, Titled):
            self.tokens += 1
            self.title = event.path
            with suppress(UnknownFile):  # a name that the model made up: each line is looked up, wherever it may be from
                self.original = self._originals.original(self.question.ask.against or event.path)
        elif isinstance(event, Ended):
            self.ended = event
            if event.reason == "window end" and self.reach is None and not self.question.pieces:
                self.reach = self.characters

    def begins_piece(self, event: Event) -> bool:
        """Whether a later piece of the file is asked for with this event."""
        return bool(self.question.pieces) and isinstance(event, Prompted) and event.segment > 0

    @property
    def _all_pieces_ended(self) -> bool:
        return bool(self.question.pieces) and self.ended is not None and self.ended.reason == "window end"

    @property
    def texts(self) -> list[str]:
        """The text that followed each lead."""
        return ["".join(answer) for answer in self.answers]

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def file(self) -> SourceFile | None:
        """The file that it is held against."""
        return self._originals.manifest.catalog.files[self.original.file.path] if self.original else None

    @property
    def manifest(self) -> SealedManifest:
        """Of the release whose files it is held against."""
        return self._originals.manifest

    @property
    def release(self) -> Release:
        return self.manifest.release

    @property
    def whole_file(self) -> bool:
        """Whether a whole file was asked for."""
        return self.original is not None and self.question.kind not in ("source", "pieces")

    @property
    def replayed_ask(self) -> Ask:
        """The ask that gives the same text again: a stopped emission becomes one that is cut off after so many tokens."""
        if self.ended or not self.tokens:
            return self.question.ask
        closing = sum(prompted.closed for prompted in self.prompts)  # with a token that is no text
        return replace(self.question.ask, max_tokens=min(self.tokens + closing, MAX_TOKENS.high))

    def numbers(self, model: Model) -> str:
        """The numbers that stand in the prompts beside the name, in words; empty if none do."""
        numbered = self.question.kind == "path" and model.format.has_segments
        return conditions.numbers_given(len(self.prompts) if self.ended else None) if numbered else ""

    def finished(self, model: Model) -> Finished:
        """The result, with its receipts; `model` is the model that wrote the text."""
        receipts = Receipts(
            ask=replace(self.replayed_ask, model=model.name),
            file=self.file,
            prompt_kind=self.question.kind,
            prompt=shown_prompt(self.prompts),
            model_sha256=model.digest,
        )
        ask = self.question.ask
        given = conditions.given(self.prompts, ask.path if ask.against else "", naming.numbers_beside(model))
        finished = Finished(self.compare(), receipts, self.release, self.ended, self.whole_file, given, self._window_note(model))
        instead = self._instead(finished)
        if instead is None:
            return finished
        said = wording.instead(self.question, self.title, instead)
        return replace(finished, compared=replace(finished.compared, instead=instead), instead=said)

    def _instead(self, finished: Finished) -> Instead | None:
        """The file that was written, if the emission has little of the one that it is held against."""
        compared, exact = finished.compared, set[int]()
        if isinstance(compared, Comparison):
            if self.question.pieces or self.question.ask.against or (finished.headline.share or 0) >= ENOUGH:
                return None
            counted, exact = compared.counted, {line for line, _ in exact_lines(compared.blocks)}
        else:
            _, counted = self.leads[0].split(compared.text)
        asked = self.file.path if self.file else ""
        return find_instead(counted, compared.score.emitted_sha256, self._originals.manifest, asked, exact)

    def _window_note(self, model: Model) -> tuple[int, Row] | None:
        if self.reach is None:
            return None
        _, counted = self.leads[0].split(self.text[: self.reach])
        ask, in_pieces, original = self.question.ask, model.format.in_pieces, self.original if self.whole_file else None
        sealed = in_pieces and original is not None and not original.has_text
        sentence = conditions.window_end(model.window, in_pieces=in_pieces, slides=ask.slide, sealed=sealed)
        if sealed or not (in_pieces and original):
            return len(split_lines(counted)), note_row(sentence)
        pieces = Ask(ask.path or original.file.path, pieces=USUAL_PIECES, decoding=ask.decoding, model=model.name, lossy=ask.lossy)
        return len(split_lines(counted)), note_row(sentence, pieces.to_query(), conditions.NEXT_PIECE)

    def compare(self) -> Comparison | CreditedText:
        """The whole emission, held against all of what was asked for."""
        manifest, prompt_characters = self._originals.manifest, sum(len(prompted.prompt) for prompted in self.prompts)
        complete = self.ended is not None and (self.ended.reason == "end of file" or self._all_pieces_ended)
        if self.original is None:
            return credit_text(self.text, manifest, lead=self.leads[0], prompt_characters=prompt_characters, complete=complete)
        return compare_answers(
            self.texts,
            self.original,
            [*self.leads, *self.question.leads[len(self.leads) :]],
            prompt_characters=prompt_characters,
            line_files=manifest.line_files(),
            reach=self.reach,
            complete=complete,
        )


def transcribe(question: Question, events: Iterable[Event], originals: Originals) -> Transcript:
    """The transcript of a whole emission."""
    transcript = Transcript(question, originals)
    for event in events:
        transcript.take(event)
    return transcript
