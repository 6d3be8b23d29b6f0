"""What a stream of events holds is given back when its request ends, however it ends."""

import secrets
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, ExitStack, closing
from threading import Event
from typing import Annotated, TypeVar

from fastapi import Depends

from laam.serving.limits import Running

T = TypeVar("T")


async def held() -> AsyncIterator[ExitStack]:
    """What is entered into this stack is left with the request.

    A `with` of the endpoint isn't: FastAPI leaves the endpoint's generator where it is if the reader stops reading and goes, and its
    places would be taken until the garbage is collected.
    """
    with ExitStack() as stack:
        yield stack


Held = Annotated[ExitStack, Depends(held)]


def begin(
    held: ExitStack,
    place: AbstractContextManager[object],
    running: Running,
    work: Callable[[Event], Generator[T, None, None]],
    visit: str = "",
) -> Generator[T, None, None]:
    """What `work` gives, in a place of its own. When the request ends, the event that `work` was given is set first, so that the model
    stops; then the work is closed, and its place is free. `visit`: whose emission before this one is stopped. Raises BusyError if there
    is no place."""
    held.enter_context(place)
    stop = held.enter_context(running.emission(visit or secrets.token_hex(8)))
    given = held.enter_context(closing(work(stop)))
    held.callback(stop.set)
    return given
