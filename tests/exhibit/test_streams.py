import pytest
from starlette.types import Scope

from laam.exhibit.streams import PER_CLIENT, OpenStreams, Refused, client_of


def scope(client: str, *forwarded: bytes) -> Scope:
    return {"type": "http", "client": (client, 1), "headers": [(b"x-forwarded-for", value) for value in forwarded]}


def test_the_streams_of_a_client_are_bounded() -> None:
    streams, opened = OpenStreams(), []
    for _ in range(PER_CLIENT):
        opened.append(streams.one_more(scope("10.0.0.1")))
        opened[-1].__enter__()
    assert not streams.has_room("10.0.0.1")
    with pytest.raises(Refused) as refused, streams.one_more(scope("10.0.0.1")):
        pass
    assert (refused.value.status, refused.value.retry_s) == (429, 10)
    with streams.one_more(scope("10.0.0.2")):
        pass
    opened.pop().__exit__(None, None, None)
    with streams.one_more(scope("10.0.0.1")):
        pass
    assert streams.has_room("10.0.0.2")


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([], "10.0.0.1"),
        ([b"made up, 8.8.4.4"], "8.8.4.4"),
        ([b"8.8.4.4, 10.1.2.3, fd00::1"], "8.8.4.4"),  # through two proxies of one host
        ([b"8.8.4.4", b"10.1.2.3"], "8.8.4.4"),
        ([b"10.1.2.3, 10.9.9.9"], "10.9.9.9"),
        ([b"made up, 10.9.9.9"], "10.9.9.9"),  # in a private network nobody is whoever they like either
        ([b"made up"], "made up"),
    ],
)
def test_a_client_is_the_last_public_address(forwarded: list[bytes], client: str) -> None:
    assert client_of(scope("10.0.0.1", *forwarded)) == client
