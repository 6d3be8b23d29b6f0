"""What a request to Gradio may say: plain text and numbers for an event of the page, and nothing that names a file or an address."""

import json
from typing import Any

from laam.exhibit.gradio_internals import PageEvent, PageEvents
from laam.exhibit.refused import Refused
from laam.share.trace import BODY_BYTES as TRACE_BYTES  # of twice that the page itself says that it is too long

BODY_BYTES = 64 * 1024
LARGE_BODY_BYTES = 1024 * 1024  # of a request to score a text
LARGE = "score"
WORD = 100  # characters of a name that a browser gives itself

_NAMES: dict[tuple[type, ...], str] = {(): "to be sent", (bool,): "on or off", (int, float): "a number", (str,): "text"}


def limit_of(path: str) -> int:
    """How many bytes a request to `path` may bring along; 0: it brings none."""
    if path.rstrip("/") in ("/gradio_api/queue/join", f"/gradio_api/call/{LARGE}"):
        return LARGE_BODY_BYTES
    return 2 * TRACE_BYTES if path == "/trace" else BODY_BYTES if path.startswith("/gradio_api/") else 0


def checked_body(path: str, body: bytes, events: PageEvents) -> bytes:
    """The body of a request to `path`, with nothing in it but what the event takes. Raises Refused, which says what is the matter."""
    kind, name = [*path.removeprefix("/gradio_api/").strip("/").split("/"), ""][:2]
    asked = _object(body)
    if kind in ("cancel", "reset"):
        return _dumped({key: _word(asked, key) for key in ("session_hash", "event_id", "fn_index") if key in asked})
    event = events.named(name) if kind == "call" else events.numbered(asked.get("fn_index"))
    if event is None or (kind == "run" and event.queued):
        raise Refused(404, "There is no such event.")
    limit = LARGE_BODY_BYTES if event.name == LARGE else BODY_BYTES
    if len(body) > limit:
        raise Refused(413, f"The request has {len(body):,} bytes; give at most {limit:,}.")
    data = asked.get("data")
    if not isinstance(data, list):
        raise Refused(400, "data is no list; give the arguments in one.")
    told: dict[str, Any] = {key: _word(asked, key) for key in ("session_hash", "event_id") if key in asked}
    told |= {key: asked[key] for key in ("fn_index", "trigger_id") if isinstance(asked.get(key), int)}
    if "event_data" in asked:
        told["event_data"] = _event_data(asked["event_data"])
    return _dumped({**told, "data": _arguments(data, event)})


def _arguments(data: list[Any], event: PageEvent) -> list[Any]:
    if event.public:  # the endpoint says itself which argument is not what it takes
        return [type(value)() if isinstance(value, list | dict) else value for value in data]
    if len(data) != len(event.takes):
        raise Refused(400, f"The event takes {len(event.takes)} values and got {len(data)}. Load the page again.")
    for number, (value, types) in enumerate(zip(data, event.takes, strict=True), 1):
        if value is not None and not (isinstance(value, types) and (bool in types or not isinstance(value, bool))):
            raise Refused(400, f"Value {number} is not {_NAMES.get(types, 'plain text or a number')}. Load the page again.")
    return data


def _event_data(value: object) -> dict[str, Any] | None:
    """What a part of the page says of its event: a few plain values by name."""
    if not isinstance(value, dict):
        return None
    return {key: plain for key, plain in value.items() if plain is None or isinstance(plain, str | int | float | bool)}


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused(400, "The request holds no JSON object.")
    return asked


def _word(asked: dict[str, Any], key: str) -> str | int | None:
    value = asked[key]
    if value is None or (isinstance(value, str | int) and len(str(value)) <= WORD):
        return value
    raise Refused(400, f"{key} is not a short name.")


def _dumped(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode()
