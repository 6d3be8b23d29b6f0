"""What an answer is: how a step came out, and the text of it that counts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from laam.endpoint.received import Received
from laam.endpoint.wrapping import Unwrapped, has_line_of, stripped_characters, unwrapped

Outcome = Literal["continued", "refused", "filtered", "reasoning only", "tool call", "truncated", "empty", "error"]

CUT = ("length", "max_tokens", "model_length")  # reasons for which a server ends an answer that the model did not end
FILTERS = ("content_filter", "safety", "recitation", "prohibited_content", "blocklist")
TOOLS = ("tool_calls", "function_call", "tool_use")
REFUSALS = (
    "i can't", "i can’t", "i cannot", "i can not", "i'm sorry", "i’m sorry", "i am sorry", "sorry", "i apologize", "i won't", "i won’t",
    "i will not", "i'm not able", "i’m not able", "i am not able", "i'm unable", "i’m unable", "i am unable", "as an ai", "unfortunately",
)  # fmt: skip
"""How a chat model begins that refuses in words. A heuristic: it knows no other language, and no other beginning."""


@dataclass(frozen=True)
class Answer:
    """One step. `text`: what counts as written by the model; it is empty if the model refused. `received`: the message as it came, by which
    anyone can judge again.

    `ended`: the model ended by itself, and was not cut off. `finish_reason`, `model`, `usage`: as the server says. `reasoning`: what the
    model thought, as far as the server shows it. `before`, `fence`, `after`: characters that were left out, see `laam.endpoint.wrapping`.
    `stripped`: characters of white space that are missing at the text's beginning. `fault`: what went wrong, as the rest of a sentence that
    begins with the server's name. `left_out`: parameters that the server had refused by then. `date`: when it came, in UTC.
    """

    outcome: Outcome
    text: str
    received: str
    ended: bool
    finish_reason: str = ""
    model: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    reasoning: str = ""
    before: int = 0
    fence: int = 0
    after: int = 0
    stripped: int = 0
    fault: str = ""
    left_out: tuple[str, ...] = ()
    date: str = ""

    def facts(self) -> dict[str, Any]:
        """Ready for JSON, without the texts that others have: of `text` and `reasoning` only how long they are."""
        return {
            **asdict(self),
            "text": len(self.text),
            "reasoning": len(self.reasoning),
            "received": "" if self.outcome == "continued" else self.received,
        }


def answer_of(received: Received, *, chat: bool, original: str, expected: str, left_out: Sequence[str] = ()) -> Answer:
    """A step's outcome and text. `original`: the whole file. `expected`: what follows in it, if all so far is its; else empty."""
    apart = unwrapped(received.text, original) if chat else Unwrapped(received.text)
    reasoning = received.reasoning + apart.reasoning
    outcome = _outcome(received, apart.text, reasoning, original, chat=chat)
    text = "" if outcome in ("refused", "error") else apart.text
    return Answer(
        outcome,
        text,
        received.refusal or received.text,
        ended=received.finish_reason.lower() not in CUT,
        finish_reason=received.finish_reason,
        model=received.model,
        usage=received.usage,
        reasoning=reasoning,
        before=apart.before,
        fence=apart.fence,
        after=apart.after,
        stripped=stripped_characters(text, expected),
        fault=received.fault,
        left_out=tuple(left_out),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _outcome(received: Received, text: str, reasoning: str, original: str, *, chat: bool) -> Outcome:
    reason = received.finish_reason.lower()
    if received.fault:
        return "truncated" if received.choices else "error"
    if received.refusal or reason == "refusal":
        return "refused"
    if reason in FILTERS:
        return "filtered"
    if received.calls_tool or reason in TOOLS:
        return "tool call"
    if not (text.strip() if chat else text):
        return "reasoning only" if chat and (reasoning or reason in CUT or _thought(received.usage)) else "empty"
    return "refused" if chat and _refuses(text, original) else "continued"


def _thought(usage: dict[str, Any]) -> bool:
    """Whether a server counts tokens of thoughts that it doesn't show."""
    details = usage.get("completion_tokens_details")
    return isinstance(details, dict) and bool(details.get("reasoning_tokens"))


def _refuses(text: str, original: str) -> bool:
    """Whether a text begins as a refusal does, and has no line of the original."""
    return text.lstrip().lower().startswith(REFUSALS) and not has_line_of(text, original)
