"""What a stream of events holds is given back when its request ends, however it ends."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Annotated

from fastapi import Depends


async def held() -> AsyncIterator[ExitStack]:
    """What is entered into this stack is left with the request.

    A `with` of the endpoint isn't: FastAPI leaves the endpoint's generator where it is if the reader stops reading and goes, and its
    places would be taken until the garbage is collected.
    """
    with ExitStack() as stack:
        yield stack


Held = Annotated[ExitStack, Depends(held)]
