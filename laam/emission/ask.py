"""What somebody asks for: one `Ask` for page, API, command line, links, recordings and receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from laam.emission.links import IN_LINKS, read_link
from laam.knobs import AGAINST, ANYWAY, BITS, MAX_TOKENS, MODEL, NOISE, PATH, PIECES, PRUNED, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K
from laam.model.engine import Decoding
from laam.model.lossy import AS_SHIPPED, Lossy


@dataclass(frozen=True)
class Ask:
    """A file by its path; or source to continue; or neither, so that the model may begin as it likes.

    `pieces`: if it isn't 0, the file at `path` is asked for in all the pieces that the model saw it in: the first one by the path, each
    later one by so many of its own first tokens. `slide`: whether to run on when the model's window is full. `anyway`: whether the path
    is asked for even if no file has it. `against`: the path of another file to hold the answer against; empty for the one that is asked
    for. `model`: its name; empty for the one that the exhibit shows. `lossy`: what its weights lose before it is asked; `read_ask` gives it
    the seed of the decoding.
    Raises ValueError, which says what to do, for an ask that makes no sense with any model.
    """

    path: str = PATH.default
    source: str = SOURCE.default
    pieces: int = PIECES.default
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = MAX_TOKENS.default
    slide: bool = SLIDE.default
    anyway: bool = ANYWAY.default
    against: str = AGAINST.default
    model: str = MODEL.default
    lossy: Lossy = AS_SHIPPED

    def __post_init__(self) -> None:
        SOURCE.check(self.source)
        MAX_TOKENS.check(self.max_tokens)
        PIECES.check(self.pieces)
        if self.source and self.path:
            raise ValueError("give either a path or source, not both")
        if self.pieces and not self.path:
            raise ValueError(f"pieces {self.pieces}: give the path of the file that they are pieces of")
        if self.pieces and self.slide:
            raise ValueError(f"pieces {self.pieces}: where a window is full, the next piece is given; leave slide off, or pieces at 0")
        if self.against and (self.source or self.pieces):
            raise ValueError("against: what goes on from source is held against what follows there; give a path alone")

    @property
    def uses_seed(self) -> bool:
        """Whether another seed may give another text."""
        return bool(self.lossy.noise) or not self.decoding.greedy

    def settings(self) -> dict[str, Any]:
        """The settings of the emission, by the names of the knobs."""
        decoding, lossy = self.decoding, self.lossy
        return {
            BITS.name: lossy.bits,
            NOISE.name: lossy.noise,
            PRUNED.name: lossy.pruned,
            TEMPERATURE.name: decoding.temperature,
            TOP_K.name: decoding.top_k,
            SEED.name: decoding.seed,
            MAX_TOKENS.name: self.max_tokens,
            SLIDE.name: self.slide,
            PIECES.name: self.pieces,
            ANYWAY.name: self.anyway,
            AGAINST.name: self.against,
        }

    def changed_settings(self) -> dict[str, Any]:
        """The `settings` that are not the default. Top-k and seed are left out if they change nothing."""
        default = Ask().settings()
        drawn = {} if self.decoding.greedy else {TEMPERATURE.name: self.decoding.temperature}
        drawn |= {SEED.name: self.decoding.seed} if self.uses_seed else {}
        unused = [*([TOP_K.name] if self.decoding.greedy else []), *([] if self.uses_seed else [SEED.name])]
        return drawn | {name: value for name, value in self.settings().items() if value != default[name] and name not in unused}

    def to_query(self, *, with_path: bool = True) -> str:
        """The query of a link that asks the same, which `ask_of_query` reads again; empty if there is source. Without a path it has the
        temperature in any case, by which the page tells it from its own address.

        `with_path=False`, for a link that has the path elsewhere, gives the rest of the query, which may be empty as well.
        """
        if self.source:
            return ""
        given = self.changed_settings() | ({MODEL.name: self.model} if self.model else {})
        given |= {} if self.path else {TEMPERATURE.name: self.decoding.temperature}
        rest = urlencode({knob.key: _in_a_link(given[knob.name]) for knob in IN_LINKS if knob.name in given}, safe="/")
        return "&".join(filter(None, [urlencode({PATH.key: self.path}, safe="/") if self.path and with_path else "", rest]))


def read_ask(**values: object) -> Ask:
    """The ask in the values that somebody sent, by the names of the knobs; a value that is left out has its default.

    All values come in here: each may be of any type, and text is cleaned. Raises ValueError with a sentence that names the knob,
    the value, and what may be given.
    """
    decoding = {knob.name: knob.read(values[knob.name]) for knob in (TEMPERATURE, TOP_K, SEED) if knob.name in values}
    lossy = {knob.name: knob.read(values[knob.name]) for knob in (BITS, NOISE, PRUNED, SEED) if knob.name in values}
    others = (PATH, SOURCE, MODEL, PIECES, MAX_TOKENS, SLIDE, ANYWAY, AGAINST)
    rest = {knob.name: knob.read(values[knob.name]) for knob in others if knob.name in values}
    return Ask(decoding=Decoding(**decoding), lossy=Lossy(**lossy), **rest)  # type: ignore[arg-type]  # the knobs know their types, mypy doesn't


def ask_of_query(query: Mapping[str, str], path: str = "", source: str = "") -> Ask:
    """The ask in a link's query; `path` overrides the query's own, `source` is what the query can't hold. A value that is empty has its
    default. Raises ValueError."""
    values = read_link(query).values
    given = {knob.name: values[knob.key] for knob in IN_LINKS if knob.key in values}
    return read_ask(**given | ({PATH.name: path} if path else {}) | ({SOURCE.name: source} if source else {}))


def _in_a_link(value: float | str) -> str:
    """A setting as a link holds it: 1 for a switch that is on, and no more digits than it takes to read the same number again."""
    return str(int(value)) if isinstance(value, bool) else str(value).removesuffix(".0")
