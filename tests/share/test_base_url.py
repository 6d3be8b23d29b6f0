import pytest
from fastapi import Request

from laam.share.base_url import base_url, cache_headers


def request(headers: dict[str, str], root_path: str = "") -> Request:
    return Request(
        {
            "type": "http", "scheme": "http", "path": "/", "query_string": b"", "server": ("10.0.0.1", 7860), "root_path": root_path,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "example.org"}, "http://example.org"),
        ({"host": "127.0.0.1:7860"}, "http://127.0.0.1:7860"),
        ({"host": "[::1]:80"}, "http://[::1]:80"),
        ({"host": "10.0.0.1", "x-forwarded-host": "some.hf.space", "x-forwarded-proto": "https"}, "https://some.hf.space"),
        ({"host": "10.0.0.1", "x-forwarded-host": "one.example, two.example", "x-forwarded-proto": "https,http"}, "https://one.example"),
        ({"host": "example.org", "x-forwarded-host": '"><script>'}, "http://example.org"),
        ({"host": 'evil"onload=', "x-forwarded-proto": "javascript"}, "http://10.0.0.1:7860"),
    ],
)
def test_the_headers_say_where_the_exhibit_is(headers: dict[str, str], expected: str) -> None:
    assert base_url(request(headers)) == expected


def test_a_folder_that_it_is_mounted_in_belongs_to_it() -> None:
    assert base_url(request({"host": "example.org"}, "/laam/")) == "http://example.org/laam"


def test_what_follows_the_headers_of_a_request_is_for_no_other() -> None:
    assert cache_headers("https://laam.example", 60) == {"Cache-Control": "public, max-age=60"}
    headers = cache_headers("", 60)
    assert headers["Cache-Control"] == "private, max-age=60"
    assert "X-Forwarded-Host" in headers["Vary"]


def test_a_set_address_goes_before_all_headers() -> None:
    assert base_url(request({"host": "example.org"}), "https://laam.example/") == "https://laam.example"
