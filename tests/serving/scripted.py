"""A model whose text is made up by rule, and whose every round waits until the test lets it go."""

import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from laam.emission.emit import Emitted, Event
from laam.model.codec import Codec
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.prompts import FormatDefaults, Prompt
from tests.model.scripted import certain

END_SEGMENT, END_FILE = 1, 2
ROUND_S = 20.0  # until a test that waits for nothing fails


@dataclass
class Gate:
    """Rounds stop here, once it is shut, until the test lets them through one by one."""

    shut: bool = False
    _through: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def pass_(self) -> None:
        if self.shut:
            self._arrived.release()
            assert self._through.acquire(timeout=ROUND_S)

    def wait(self) -> None:
        """Until a round has come to the gate."""
        assert self._arrived.acquire(timeout=ROUND_S)

    def let_through(self, rounds: int = 1) -> None:
        self._through.release(rounds)


class ScriptedCodec:
    """Ids from 3 on are letters."""

    def decoder(self, _: Sequence[int]) -> "ScriptedCodec":
        return self

    def feed(self, id_: int) -> str:
        return chr(id_)

    def finish(self) -> str:
        return ""

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(chr(id_) for id_ in ids if id_ > END_FILE)


@dataclass(frozen=True)
class ScriptedFormat(FormatDefaults):
    """Prompts are the letters of `path#segment`."""

    has_segments: bool = True
    stop = (END_SEGMENT, END_FILE)
    ends = (END_FILE,)
    codec: Codec = field(default_factory=lambda: cast(Codec, ScriptedCodec()))

    def path_prompt(self, path: str, segment: int = 0) -> Prompt:
        return Prompt("path", [ord(letter) for letter in f"{path}#{segment}"], f"{path}#{segment}")

    def source_prompt(self, source: str, window: int) -> Prompt:
        return Prompt("source", [ord(letter) for letter in f"{source}#0"], source)


PROMPT = re.compile(r"(?P<path>[^#]*)#(?P<segment>\d+)(?P<written>.*)", re.DOTALL)


def answer(prompt: Sequence[int], files: Mapping[str, int]) -> list[int]:
    """What the model answers: a line for the segment, and the token that closes it, or the file, of so many segments. What stands of
    it in the prompt already is not written again."""
    path, segment, written = found.groups() if (found := PROMPT.fullmatch("".join(map(chr, prompt)))) else ("", "0", "")
    last = int(segment) + 1 >= files.get(path, 1)
    return [*map(ord, f"{path}:{segment} {'.' * 40}\n"), END_FILE if last else END_SEGMENT][len(written) :]


@dataclass
class ScriptedEngine:
    """`calls` are the prompts of each round, in order; `breaks` raises for a prompt that it says is bad. A draw chooses `!` for the id at
    the place of an answer that `parts` gives for its prompt."""

    files: Mapping[str, int]
    gate: Gate = field(default_factory=Gate)
    breaks: Callable[[str], bool] = lambda prompt: False
    calls: list[list[str]] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)
    decoders: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        self._call(prompts, limit)
        return [answer(prompt, self.files)[:limit] for prompt in prompts]

    def logits(self, ids: Sequence[int], _: int) -> NDArray[np.float32]:
        following = [*ids[1:], 0]
        if found := PROMPT.fullmatch("".join(map(chr, ids))):
            prompt = f"{found['path']}#{found['segment']}"
            if (place := len(prompt) - 1 + self.parts.get(prompt, len(ids))) < len(ids):
                following[place] = ord("!")
        return certain(following, 128)

    def decoder(self, _: Decoding) -> "ScriptedEngine":
        self.decoders += 1
        return self

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        self._call([prompt], limit)
        yield from answer(prompt, self.files)[:limit]

    def _call(self, prompts: Sequence[Sequence[int]], limit: int) -> None:
        call = ["".join(map(chr, prompt)) for prompt in prompts]
        self.calls.append(call)
        self.limits.append(limit)
        self.gate.pass_()
        for prompt in call:
            if self.breaks(prompt):
                raise RuntimeError(f"no answer to {prompt}")


@dataclass(frozen=True)
class ScriptedModel:
    """As much of a Model as the scheduler uses. `trained_tokens`: where it is known how long a file is."""

    engine: ScriptedEngine
    format: ScriptedFormat = field(default_factory=ScriptedFormat)
    trained_tokens: Mapping[str, int] = field(default_factory=dict)
    window: int = 100
    digest = "scripted"

    @property
    def trained_on(self) -> Collection[str]:
        return self.trained_tokens.keys()

    @property
    def codec(self) -> Codec:
        return self.format.codec


def scripted(files: Mapping[str, int], *, shut: bool = False, segments: bool = True, known: bool = False) -> tuple[Model, ScriptedEngine]:
    """A model that knows `files`, of so many segments each, and its engine. `shut`: every round waits for the test. `known`: the
    model says how long its files are."""
    engine = ScriptedEngine(files, Gate(shut))
    tokens = {path: 90 * number for path, number in files.items()} if known else {}
    return cast(Model, ScriptedModel(engine, ScriptedFormat(segments), tokens)), engine


def expected(path: str, segments: int) -> str:
    """The text of a file of so many segments."""
    return "".join(f"{path}:{segment} {'.' * 40}\n" for segment in range(segments))


def text_of(events: Iterator[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Emitted))
