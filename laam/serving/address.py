"""What was asked for, as the query of an address: `?path=kernel/sched.c&model=…&t=0.5&seed=7`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from laam.corpus.catalog import Catalog
from laam.emission.ask import Wish
from laam.emission.run import MAX_TOKENS, EmissionRequest
from laam.model.engine import Decoding


@dataclass(frozen=True)
class Address:
    """A path, a model's name (empty: the one that the exhibit shows), and the rest of a wish. Defaults are left out of the query."""

    path: str
    model: str = ""
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = MAX_TOKENS
    slide: bool = False
    piece: int = 0

    @property
    def wish(self) -> Wish:
        """What is asked for."""
        return Wish(self.path, piece=self.piece, decoding=self.decoding, max_tokens=self.max_tokens, slide=self.slide)

    @property
    def settings(self) -> str:
        """The query without the path."""
        drawn = not self.decoding.greedy
        given = {
            "model": self.model,
            "t": f"{self.decoding.temperature:g}" if drawn else "",
            "k": str(self.decoding.top_k or "") if drawn else "",
            "seed": str(self.decoding.seed) if drawn else "",
            "n": str(self.max_tokens) if self.max_tokens != MAX_TOKENS else "",
            "slide": "1" if self.slide else "",
            "piece": str(self.piece or ""),
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def query(self) -> str:
        """The whole query, which `read_address` reads again."""
        path = urlencode({"path": self.path}, safe="/")
        return f"{path}&{self.settings}" if self.settings else path

    def resolved(self, catalog: Catalog) -> "Address":
        """The same with the file's whole path. Raises UnknownFile."""
        return replace(self, path=catalog.find(self.path).path)


def read_address(query: Mapping[str, str], path: str = "") -> Address:
    """The address of a query: `path` (or the one that is given), `model`, `t`emperature, top-`k`, `seed`, at most `n` tokens, whether
    it may `slide`, and the `piece`.

    Raises ValueError naming the field for what is no number, or out of bounds.
    """
    decoding = Decoding(_number(query, "t", 0.0), int(_number(query, "k", 0)), int(_number(query, "seed", 0)))
    slide, piece = query.get("slide", "") not in ("", "0"), int(_number(query, "piece", 0))
    max_tokens = int(_number(query, "n", MAX_TOKENS))
    _ = EmissionRequest("", max_tokens=max_tokens)  # which knows its bounds
    return Address(path or query.get("path", ""), query.get("model", ""), decoding, max_tokens, slide, piece)


def read_query(query: str) -> Address:
    """The address of a query as it stands in an address; see read_address."""
    return read_address(dict(parse_qsl(query)))


def address_of(request: EmissionRequest, model: str) -> Address | None:
    """The address that leads to an emission; None for one that was asked for by source, which no address holds."""
    if not request.path or (request.source and not request.piece):
        return None
    return Address(request.path, model, request.decoding, request.max_tokens, request.slide, request.piece)


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    text = query.get(name, "")
    try:
        number = float(text) if text else default
        int(number)  # neither infinite nor NaN
    except (ValueError, OverflowError):
        raise ValueError(f"{name}={text[:40]!r} is no number") from None
    return number
