from fastapi.testclient import TestClient

from laam.version import VERSION


def test_the_page_and_the_health_show_the_version(exhibit: TestClient) -> None:
    assert exhibit.get("/health").json()["version"] == VERSION
    _, foot = exhibit.get("/").text.split('<footer class="foot">')
    assert f" {VERSION} " in foot
