"""A model on this machine answers: files side by side if nothing is drawn, and otherwise one after the other."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, emit, emit_side_by_side
from laam.emission.question import Question
from laam.knobs import MAX_TOKENS
from laam.measure.groups import GROUP_FILES
from laam.model.codec import Codec
from laam.model.config import other_features
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.survey.answer import DOES_NOT_FIT, Given
from laam.survey.cells import Cell
from laam.survey.plan import Column

CLOSING = 64  # tokens that close a file's segments, which have no text
END_OF_FILE = "end of file"


class LocalModel:
    """See `laam.survey.cells.Answerer`."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def identity(self) -> dict[str, Any]:
        return {"weights_sha256": self._model.digest, "precision": self._model.precision}

    @property
    def codec(self) -> Codec:
        return self._model.codec

    def check(self, column: Column) -> None:
        if column.context.given == "path":
            try:
                self.path_prompt("a")
            except ValueError as error:
                raise ValueError("it wasn’t made to be asked by path") from error

    def path_prompt(self, path: str) -> str:
        return self._model.format.path_prompt(path).text

    def facts(self) -> dict[str, Any]:
        """What a row says of the model beside its identity."""
        library = "transformers" if other_features(self._model.config) else "ctranslate2"
        revision = self._model.name.partition("@")[2] or None
        return {"parameters": self._model.parameters, "revision": revision, "engine": f"{library} {version(library)}"}

    def release(self) -> None:
        """Give its memory back; it is loaded again if it is asked again."""
        self._model = replace(self._model)

    def groups(self, column: Column, cells: Sequence[Cell]) -> list[Sequence[Cell]]:
        """The cells that are decoded together. It must not depend on what is done already which they are: the last bits of a sum depend on
        what is decoded beside it."""
        size = 1 if column.draws.temperature else GROUP_FILES
        return [cells[first : first + size] for first in range(0, len(cells), size)]

    def answers(self, column: Column, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Given]]:
        """The answers of a group. What a model can't be asked is an answer with a fault."""
        began = time.monotonic()
        try:
            found = self._by_path(column, cells) if column.context.given == "path" else self._by_text(column, cells)
        except ValueError as error:
            found = [Given(DOES_NOT_FIT, "", ended=False, fault=str(error)) for _ in cells]
        seconds, tokens = time.monotonic() - began, sum(each.tokens or 0 for each in found)
        for cell, each in zip(cells, found, strict=True):
            yield cell, each.taking(seconds * (each.tokens or 0) / max(1, tokens))

    def _by_path(self, column: Column, cells: Sequence[Cell]) -> list[Given]:
        if not column.draws.temperature:
            sizes = {cell.file.path: cell.file.size for cell in cells}
            emitted = {path: (text, ended) for path, text, ended in emit_side_by_side(list(sizes), self._model, sizes=sizes)}
            return [_given(*emitted[cell.file.path]) for cell in cells]
        [cell] = cells
        ask = Ask(cell.file.path, decoding=_decoding(column, cell), max_tokens=min(MAX_TOKENS.high, cell.file.size + CLOSING))
        text, ended = "", Ended("token limit", 0)
        for event in emit(Question(ask), self._model):
            if isinstance(event, Emitted):
                text += event.text
            elif isinstance(event, Ended):
                ended = event
        return [_given(text, ended)]

    def _by_text(self, column: Column, cells: Sequence[Cell]) -> list[Given]:
        """The model goes on after true tokens. What it writes beyond the stretch that is asked for counts for nothing."""
        format_, window = self._model.format, self._model.window
        prompts, limits = [], []
        for cell in cells:
            prompt = [*format_.start, *(cell.place.ids or self.codec.encode(cell.prompt))]
            prompts.append(prompt)
            limits.append(min(window - len(prompt), cell.place.then or len(self.codec.encode(cell.expected or ""))))
        fits = [number for number, limit in enumerate(limits) if limit > 0]
        found = [
            Given(DOES_NOT_FIT, "", ended=False, fault=f"what is given has {len(prompt):,} tokens, and the model’s window {window:,}")
            for prompt in prompts
        ]
        if not fits:
            return found
        if column.draws.temperature:
            [cell], [prompt], [limit] = cells, prompts, limits
            answers = [list(self._model.engine.decoder(_decoding(column, cell)).stream(prompt, format_.stop, limit))]
        else:
            answers = self._model.engine.batch([prompts[number] for number in fits], format_.stop, max(limits))
        for number, ids in zip(fits, answers, strict=True):
            kept, cell = ids[: limits[number]], cells[number]
            decoder = self.codec.decoder()
            for id_ in prompts[number]:
                decoder.feed(id_)
            text = "".join(map(decoder.feed, kept)) + decoder.finish()
            ended = bool(kept) and kept[-1] in format_.ends
            is_full = len(prompts[number]) + len(kept) == window and not ended
            found[number] = Given("continued", text[: len(cell.expected or "")], ended, len(kept), len(text) if is_full else None)
        return found


def _decoding(column: Column, cell: Cell) -> Decoding:
    return Decoding(column.draws.temperature, column.draws.top_k, cell.seed or 0)


def _given(text: str, ended: Ended) -> Given:
    return Given("continued", text, ended.reason == END_OF_FILE, ended.tokens, len(text) if ended.reason == "window end" else None)
