"""What was asked for, as the query of an address: `?path=kernel/sched.c&model=…&t=0.5&seed=7`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from laam.emission import MAX_TOKENS, EmissionRequest
from laam.model.engine import Decoding


@dataclass(frozen=True)
class Address:
    """A path, a model's name (empty: the one that the exhibit shows), and how to decode. Defaults are left out of the query."""

    path: str
    model: str = ""
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = MAX_TOKENS

    @property
    def request(self) -> EmissionRequest:
        """The emission that is asked for. Raises ValueError for a number out of bounds."""
        return EmissionRequest(self.path, self.decoding, self.max_tokens)

    @property
    def settings(self) -> str:
        """The query without the path."""
        given = {
            "model": self.model,
            "t": f"{self.decoding.temperature:g}" if not self.decoding.greedy else "",
            "k": str(self.decoding.top_k or "") if not self.decoding.greedy else "",
            "seed": str(self.decoding.seed) if not self.decoding.greedy else "",
            "n": str(self.max_tokens) if self.max_tokens != MAX_TOKENS else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def query(self) -> str:
        """The whole query, which `read_address` reads again."""
        path = urlencode({"path": self.path}, safe="/")
        return f"{path}&{self.settings}" if self.settings else path


def read_address(query: Mapping[str, str], path: str = "") -> Address:
    """The address of a query: `path` (or the one that is given), `model`, `t`emperature, top-`k`, `seed`, and at most `n` tokens.

    Raises ValueError naming the field for what is no number, or out of bounds.
    """
    decoding = Decoding(_number(query, "t", 0.0), int(_number(query, "k", 0)), int(_number(query, "seed", 0)))
    address = Address(path or query.get("path", ""), query.get("model", ""), decoding, int(_number(query, "n", MAX_TOKENS)))
    _ = address.request
    return address


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    text = query.get(name, "")
    try:
        number = float(text) if text else default
        int(number)  # neither infinite nor NaN
    except (ValueError, OverflowError):
        raise ValueError(f"{name}={text[:40]!r} is no number") from None
    return number
