"""What a stream of events holds is given back when its request ends, however it ends."""

import secrets
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, ExitStack, closing
from threading import Event
from typing import Annotated, TypeVar

from fastapi import Depends

from laam.serving.limits import Running

T = TypeVar("T")


async def stream_resources() -> AsyncIterator[ExitStack]:
    """The places and generators that are entered into this stack are closed when the request ends.

    A `with` in the endpoint would not close them: if the reader goes, FastAPI never resumes the endpoint's generator, and its places would
    be taken until the garbage is collected.
    """
    with ExitStack() as stack:
        yield stack


StreamResources = Annotated[ExitStack, Depends(stream_resources)]


def start_stream(
    resources: ExitStack,
    place: AbstractContextManager[object],
    running: Running,
    work: Callable[[Event], Generator[T, None, None]],
    visit: str = "",
) -> Generator[T, None, None]:
    """What `work` gives, in a place of its own. When the request ends, the event that `work` was given is set first, so that the model
    stops; then the work is closed, and its place is free. `visit`: whose emission before this one is stopped. Raises BusyError if there
    is no place."""
    resources.enter_context(place)
    stop = resources.enter_context(running.emission(visit or secrets.token_hex(8)))
    given = resources.enter_context(closing(work(stop)))
    resources.callback(stop.set)
    return given
