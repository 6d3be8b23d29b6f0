from contextlib import ExitStack

import pytest
from starlette.types import Scope

from laam.exhibit.refused import Refused
from laam.exhibit.streams import PER_CLIENT, OpenStreams


def scope(client: str) -> Scope:
    return {"type": "http", "client": (client, 1), "headers": []}


def test_the_streams_of_a_client_are_bounded() -> None:
    streams = OpenStreams()
    with ExitStack() as opened:
        for _ in range(PER_CLIENT):
            opened.enter_context(streams.one_more(scope("10.0.0.1")))
        assert not streams.has_room("10.0.0.1")
        with pytest.raises(Refused) as refused, streams.one_more(scope("10.0.0.1")):
            pass
        assert (refused.value.status, refused.value.retry_s) == (429, 10)
        with streams.one_more(scope("10.0.0.2")):
            pass
    with streams.one_more(scope("10.0.0.1")):
        assert streams.has_room("10.0.0.1") and streams.has_room("10.0.0.2")
