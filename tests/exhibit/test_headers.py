"""What every answer says of itself."""

import pytest
from fastapi.testclient import TestClient

FILE = "linux/kernel/sched.c"


@pytest.mark.parametrize(
    "address", ["/", f"/share/{FILE}", f"/embed?path={FILE}", "/embed?path=x", "/map", "/api", "/health", "/card.png", "/nothing"]
)
def test_every_answer_is_safe_to_open(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    if answer.headers["content-type"].startswith("text/html"):
        assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/page/embed.js", "/page/share.css", "/page/component.js", "/gradio.js", "/opening.json"])
def test_a_frame_without_an_origin_may_read_what_it_needs(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address, headers={"Origin": "null"}, follow_redirects=False)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("address", ["/", "/page/page.css", "/page/exhibit.js"])
def test_what_is_long_is_sent_compressed(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.text == exhibit.get(address, headers={"Accept-Encoding": "identity"}).text
    assert "content-encoding" not in exhibit.get("/card.png", headers={"Accept-Encoding": "gzip"}).headers
