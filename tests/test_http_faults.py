import httpx2
import pytest

from laam.http_faults import is_transient, retry_after, status_fault, transport_fault


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx2.ConnectTimeout("x"), "does not answer"),
        (httpx2.ReadTimeout("x"), "does not answer"),
        (httpx2.ConnectError("x"), "can't be reached"),
        (httpx2.ProxyError("x"), "can't be reached"),
        (httpx2.TooManyRedirects("x"), "redirects without end"),
        (httpx2.UnsupportedProtocol("x"), "redirects to something that is not a web address"),
        (httpx2.InvalidURL("x"), "redirects to something that is not a web address"),
        (httpx2.RemoteProtocolError("x"), "broke off"),
        (ZeroDivisionError("x"), "can't be asked (ZeroDivisionError)"),
    ],
)
def test_what_kept_an_answer_away(error: Exception, words: str) -> None:
    assert transport_fault(error) == words


@pytest.mark.parametrize(
    ("status", "header", "seconds", "words", "passing"),
    [
        (404, "", None, "answered 404", False),
        (429, "3600", 3600.0, "answered 429 and asked to wait 3,600 s", True),
        (408, "-1", None, "answered 408", True),
        (503, "soon", None, "answered 503", True),
        (503, "9" * 400, 86_400.0, "answered 503 and asked to wait 86,400 s", True),
        (503, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0, "answered 503 and asked to wait 0 s", True),
        (503, "Wed, 21 Oct 9999 07:28:00 GMT", 86_400.0, "answered 503 and asked to wait 86,400 s", True),
    ],
)
def test_an_answer_that_is_not_the_file(status: int, header: str, seconds: float | None, words: str, passing: bool) -> None:
    response = httpx2.Response(status, headers={"Retry-After": header})
    assert (retry_after(response), status_fault(response), is_transient(response)) == (seconds, words, passing)
