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
from laam.survey.cells import Cell
from laam.survey.plan import Column
from laam.survey.reply import DOES_NOT_FIT, Reply

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

    def answers(self, column: Column, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Reply]]:
        """The answers of a group, each as it ends; with the time since the one before."""
        began, left = time.monotonic(), list(cells)
        try:
            for cell, reply in self._by_path(column, cells) if column.context.given == "path" else self._by_text(column, cells):
                began, seconds = (now := time.monotonic()), now - began
                left.remove(cell)
                yield cell, reply.taking(seconds)
        except ValueError as error:  # of one of them, such as a path that is too long
            for cell in left:
                alone = len(cells) == 1
                yield from [(cell, Reply(DOES_NOT_FIT, "", ended=False, fault=str(error)))] if alone else self.answers(column, [cell])

    def _by_path(self, column: Column, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Reply]]:
        if not column.draws.temperature:
            by_path = {cell.file.path: cell for cell in cells}
            sizes = {path: cell.file.size for path, cell in by_path.items()}
            for path, text, ended in emit_side_by_side(list(sizes), self._model, sizes=sizes):
                yield by_path[path], _reply(text, ended)
            return
        [cell] = cells
        ask = Ask(cell.file.path, decoding=_decoding(column, cell), max_tokens=min(MAX_TOKENS.high, cell.file.size + CLOSING))
        text, ended = "", Ended("token limit", 0)
        for event in emit(Question(ask), self._model):
            if isinstance(event, Emitted):
                text += event.text
            elif isinstance(event, Ended):
                ended = event
        yield cell, _reply(text, ended)

    def _by_text(self, column: Column, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Reply]]:
        """The model goes on after true tokens. What it writes beyond the stretch that is asked for counts for nothing."""
        format_, window = self._model.format, self._model.window
        asked = list[tuple[Cell, list[int], int]]()  # with its prompt, and how many tokens may follow
        for cell in cells:
            prompt = [*format_.start, *(cell.place.ids or self.codec.encode(cell.prompt))]
            limit = min(window - len(prompt), cell.place.then or len(self.codec.encode(cell.expected or "")))
            if limit > 0:
                asked.append((cell, prompt, limit))
            else:
                fault = f"what is given has {len(prompt):,} tokens, and the model’s window {window:,}"
                yield cell, Reply(DOES_NOT_FIT, "", ended=False, fault=fault)
        for (cell, prompt, limit), ids in zip(asked, self._continued(column, asked), strict=True):
            kept, decoder = ids[:limit], self.codec.decoder()
            for id_ in prompt:
                decoder.feed(id_)
            text = "".join(map(decoder.feed, kept)) + decoder.finish()
            ended = bool(kept) and kept[-1] in format_.ends
            reach = len(text) if len(prompt) + len(kept) == window and not ended else None
            yield cell, Reply("continued", text[: len(cell.expected or "")], ended, len(kept), reach)

    def _continued(self, column: Column, asked: Sequence[tuple[Cell, list[int], int]]) -> list[list[int]]:
        """The tokens that follow each prompt; more than may, if others have more room."""
        engine, stop = self._model.engine, self._model.format.stop
        if column.draws.temperature:
            return [list(engine.decoder(_decoding(column, cell)).stream(prompt, stop, limit)) for cell, prompt, limit in asked]
        found = dict[int, list[int]]()
        for length in {len(prompt) for _, prompt, _ in asked}:  # apart from those of another length, so that none goes beyond the window
            numbers = [number for number, (_, prompt, _) in enumerate(asked) if len(prompt) == length]
            answers = engine.batch([asked[number][1] for number in numbers], stop, max(asked[number][2] for number in numbers))
            found |= zip(numbers, answers, strict=True)
        return [found[number] for number in range(len(asked))]


def _decoding(column: Column, cell: Cell) -> Decoding:
    return Decoding(column.draws.temperature, column.draws.top_k, cell.seed or 0)


def _reply(text: str, ended: Ended) -> Reply:
    return Reply("continued", text, ended.reason == END_OF_FILE, ended.tokens, len(text) if ended.reason == "window end" else None)
