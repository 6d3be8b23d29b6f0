"""What the page's script gets of a question that costs work: the answer as JSON, remembered, or a sentence that says why there is none."""

import threading
from collections.abc import Callable
from typing import Any

from fastapi.responses import JSONResponse, PlainTextResponse, Response

from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError, Places
from laam.serving.recordings import Key


def text_answer(make: Callable[[], str]) -> Response:
    """What `make` gives, as plain text; see `json_answer` for faults."""
    return _answer(lambda: PlainTextResponse(make()))


def json_answer(make: Callable[[], Any]) -> Response:
    """What `make` gives, as JSON; `detail` has the sentence of a BusyError or ValueError."""
    return _answer(lambda: JSONResponse(make()))


def _answer(make: Callable[[], Response]) -> Response:
    try:
        return make()
    except BusyError as error:
        return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "60"})
    except ValueError as error:
        return JSONResponse({"detail": for_visitors(error)}, 404)


TURN = threading.Lock()
"""Whose answer is worked out: one at a time of all kinds, since such work goes past the scheduler, and must leave visitors a worker."""


class Remembered:
    """The last `most` answers of a kind."""

    def __init__(self, places: Places, most: int) -> None:
        self._places, self._most = places, most
        self._answers: dict[Key, Any] = {}

    def find(self, key: Key, work_out: Callable[[], Any], client: str = "") -> Any:
        """The answer that is remembered, or else worked out now, in a place of the client. Raises BusyError if all are taken."""
        if (found := self._answers.get(key)) is None:
            with self._places.take(client), TURN:
                found = work_out()
            while len(self._answers) >= self._most:
                self._answers.pop(next(iter(self._answers)), None)
            self._answers[key] = found
        return found
