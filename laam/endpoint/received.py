"""One answer as it comes from a server, whole or in pieces."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "reasoning", "refusal", "tool"]
REASONING = ("reasoning_content", "reasoning", "thinking")
"""Fields of a message that hold what a model thought before it answered: no standard has one, and servers give it these names."""
_KINDS: dict[str, Kind] = {
    "": "text", "text": "text", "output_text": "text", "refusal": "refusal", "tool_use": "tool", "tool_call": "tool",
    "reasoning": "reasoning", "reasoning_text": "reasoning", "thinking": "reasoning",
}  # fmt: skip

NOT_THE_PROTOCOL = "answered something that is not OpenAI's protocol"
INTERRUPTED = "was interrupted"


class ProtocolError(ValueError):
    """What a server answered is not OpenAI's protocol; the rest of a sentence that begins with its name."""


@dataclass
class Received:
    """What came. `text`, `reasoning`, `refusal`: of the message, put together. `choices`: how many records had something of it.

    `finished`: whether the server said that the answer ended. `fault`: what went wrong, as the rest of a sentence that begins with the
    server's name; `status`: of HTTP. `named`: the parameter that an error names. `transient`: asking again may help, after `pause_s`
    seconds if the server named them.
    """

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls_tool: bool = False
    finish_reason: str = ""
    model: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    choices: int = 0
    finished: bool = False
    fault: str = ""
    status: int = 200
    named: str = ""
    transient: bool = False
    pause_s: float | None = None

    def take(self, record: object) -> None:
        """Add a whole answer, or the next piece of a streamed one. Raises ProtocolError."""
        if not isinstance(record, dict):
            raise ProtocolError(NOT_THE_PROTOCOL)
        if record.get("error"):
            message, self.named = said(record)
            raise ProtocolError(f"answered with an error: {message}")
        if isinstance(name := record.get("model"), str):
            self.model = name
        if isinstance(counted := record.get("usage"), dict):
            self.usage = counted
        try:
            for choice in record.get("choices") or ():
                if not choice.get("index"):
                    self._take_choice(choice)
        except (AttributeError, TypeError) as error:
            raise ProtocolError(NOT_THE_PROTOCOL) from error

    def _take_choice(self, choice: dict[str, Any]) -> None:
        message = choice.get("delta") or choice.get("message") or {}
        for kind, text in [*_parts(choice.get("text")), *_parts(message.get("content"))]:
            if kind == "text":
                self.text += text
            elif kind == "reasoning":
                self.reasoning += text
            elif kind == "refusal":
                self.refusal += text
            else:
                self.calls_tool = True
        self.reasoning += next((thought for field in REASONING if isinstance(thought := message.get(field), str)), "")
        self.refusal += message.get("refusal") or ""
        self.calls_tool |= bool(message.get("tool_calls") or message.get("function_call"))
        if reason := choice.get("finish_reason"):
            self.finish_reason, self.finished = str(reason), True
        self.choices += 1


def _parts(content: object) -> Iterator[tuple[Kind, str]]:
    """The parts of a message's content, which is a text, a list of parts, or nothing. Raises ProtocolError for anything else."""
    if isinstance(content, str):
        yield "text", content
        return
    if content is not None and not isinstance(content, list):
        raise ProtocolError("answered something that is not text")
    for part in content or ():
        if isinstance(part, str):
            yield "text", part
            continue
        kind = _KINDS.get(str(part.get("type") or ""))
        if kind is None:
            raise ProtocolError("answered something that is not text")
        inner = next((part[name] for name in ("text", "thinking", "reasoning", "refusal", "content") if part.get(name)), "")
        yield kind, "".join(text for _, text in _parts(inner)) if kind != "tool" else ""


def said(body: object) -> tuple[str, str]:
    """The message of an error's body, and the name of the parameter that it is about; empty if it says none."""
    if not isinstance(body, dict):
        return (body if isinstance(body, str) else ""), ""
    error = body.get("error") or body
    if not isinstance(error, dict):
        return str(error), ""
    message = error.get("message") or error.get("detail") or ""
    if isinstance(message, list):  # of FastAPI, without the `input` that it quotes
        message = "; ".join(f"{each.get('loc')}: {each.get('msg')}" for each in message if isinstance(each, dict))
    return (message if isinstance(message, str) else json.dumps(message)), str(error.get("param") or "")
