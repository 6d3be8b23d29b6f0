"""What a request says beside the text, and what of it a server refuses."""

import re
from collections.abc import Iterable
from typing import Any

from laam.endpoint.server import Server

INSTRUCTION = (
    "Continue the source file that the user gives, exactly from where it ends. "
    "Answer with the text that follows and nothing else: no explanation, no code fence, nothing of what was given."
)
"""What a chat model is told, before the text so far."""

SYSTEM_ROLE = "system role"
_ABOUT_ROLES = re.compile(
    r"\bsystem\b.*\b(role|message|prompt|instruction)|\brole\b.*\bsystem\b|roles must alternate", re.IGNORECASE | re.DOTALL
)
_TOLD = {
    "max_completion_tokens": "max_completion_tokens left out",
    "temperature": "temperature left out, so the server's own holds",
    "seed": "seed left out",
    "stream_options": "stream_options left out",
    "stream": "asked without streaming",
    SYSTEM_ROLE: "the instruction given in the user's message, and not as the system's",
}


class Parameters:
    """The parameters of one run. `left_out`: the names of those that the server refused, which are sent no more.

    A chat model is given `max_completion_tokens` after it refused `max_tokens`, as newer ones do, and nothing of the kind after it refused
    both. The instruction goes into the user's message if there may be no `system role`. `seed`: None to send none.
    """

    def __init__(self, server: Server, temperature: float, seed: int | None, left_out: Iterable[str] = ()) -> None:
        self.left_out = list(left_out)
        self._server, self._temperature, self._seed = server, temperature, seed

    def body(self, text: str, tokens: int) -> dict[str, Any]:
        """A request for what follows `text`, of at most so many `tokens`."""
        sent = {
            "max_tokens": tokens,
            "temperature": self._temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({} if self._seed is None else {"seed": self._seed}),
        }
        if self._server.chat and "max_tokens" in self.left_out:
            sent["max_completion_tokens"] = tokens
        if "stream" in self.left_out:
            sent |= {"stream": False}
            del sent["stream_options"]
        kept = {name: value for name, value in sent.items() if name == "stream" or name not in self.left_out}
        return {"model": self._server.model, **kept, **self._question(text)}

    def _question(self, text: str) -> dict[str, Any]:
        if not self._server.chat:
            return {"prompt": text}
        if SYSTEM_ROLE in self.left_out:
            return {"messages": [{"role": "user", "content": f"{INSTRUCTION}\n\n{text}"}]}
        return {"messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}]}

    def leave_out(self, body: dict[str, Any], named: str, said: str) -> bool:
        """Leave out from now on what a server refused of a request, by the parameter that it `named`, or else by what it `said`. Returns
        whether there was such a thing, so that asking again makes sense."""
        sent = [name for name in ("max_completion_tokens", "max_tokens", *_TOLD) if body.get(name, False) is not False]
        refused = named if named in sent else next((name for name in sent if re.search(rf"\b{name}\b", said)), "")
        if not refused and len(body.get("messages", ())) > 1 and _ABOUT_ROLES.search(said):
            refused = SYSTEM_ROLE
        self.left_out += [refused] * bool(refused)
        return bool(refused)


def told(left_out: Iterable[str], *, chat: bool) -> str:
    """What the server refused and what was done instead, as a sentence; empty if it refused nothing."""
    names = list(left_out)
    tokens = "max_completion_tokens instead of max_tokens" if chat and "max_completion_tokens" not in names else "max_tokens left out"
    parts = [tokens if name == "max_tokens" else _TOLD[name] for name in names if name in _TOLD or name == "max_tokens"]
    return f"Since the server refused it otherwise: {', '.join(parts)}." if parts else ""
