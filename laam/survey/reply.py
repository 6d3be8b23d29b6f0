"""What came of one thing that was asked."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from laam.endpoint.answers import Outcome

DOES_NOT_FIT: Literal["does not fit"] = "does not fit"
"""Beside the outcomes of an endpoint: the model's window is too small for what is given, or for the path."""


@dataclass(frozen=True)
class Reply:
    """`text`: what counts as written. `ended`: the model ended by itself. `reach`: how many characters it wrote until its window was full;
    None if it did not become full. `came`: what came instead, if there is no number. `fault`: why
    there is none, as the end of a sentence. `more`: what only some models tell."""

    outcome: Outcome | Literal["does not fit"]
    text: str
    ended: bool
    tokens: int | None = None
    reach: int | None = None
    seconds: float = 0.0
    came: str = ""
    fault: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def taking(self, seconds: float) -> "Reply":
        """The same, with its time."""
        return replace(self, seconds=seconds)
