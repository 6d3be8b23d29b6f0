import pytest

from laam.endpoint.server import Server
from tests.endpoint.conftest import SECRET


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("example.org/v1", "no web address"),
        ("https://", "no web address"),
        ("https://exa mple.org:x/v1", "no web address"),
        (f"https://me:{SECRET}@example.org/v1", "no name and no password"),
        ("http://example.org/v1", "sent over https only"),
    ],
)
def test_endpoints_that_are_refused(endpoint: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Server(endpoint, "m", SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("key", ["schlüssel", "two words", "line\n"])
def test_what_is_no_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="set it again") as caught:
        Server("https://example.org/v1", "m", key)
    assert key not in str(caught.value)


def test_no_words_of_a_server_show_the_key_or_a_piece_of_it() -> None:
    server = Server("https://example.org/v1", "m", SECRET)
    assert server.quoted(f"key {SECRET}{SECRET}, {SECRET[3:15]}!\n{SECRET[:7]}") == f"key [key], [key]! {SECRET[:7]}"
    assert Server("https://example.org/v1", "m", "abc").quoted("abc ab") == "[key] ab"
    assert Server("https://example.org/v1", "m").quoted("abc\x1b[2J\n" + "x" * 900) == f"abc [2J {'x' * 392}…"
    assert SECRET not in repr(server)
