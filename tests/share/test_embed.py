import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.serving.updates import Update
from laam.settings import Settings
from laam.share.embed import embed_routes
from tests.serving.made_up import client_of
from tests.share.hostile import HOSTILE

PATH = "linux/kernel/sched.c"
ASSETS = Settings().assets


def routes(services: Services) -> APIRouter:
    return embed_routes(services, Summaries(services), ASSETS, lambda _: services.catalog.find(PATH))


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return client_of(routes(services))


def test_the_page_can_be_framed_and_sets_no_cookie(client: TestClient) -> None:
    answer = client.get("/embed?path=sched.c")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert f'data-query="path={PATH}"' in answer.text
    assert f'href="http://testserver/?path={PATH}"' in answer.text
    assert 'data-field="reproduced"' in answer.text


def test_the_page_knows_the_file_before_anybody_clicks(client: TestClient, manifest: SealedManifest) -> None:
    text = client.get("/embed?path=sched.c").text
    data = json.loads(text.partition('id="ready">')[2].partition("</script>")[0])
    update = Update(**data)
    assert (update.state, update.rows) == ("ready", "")
    assert update.lengths == list(manifest.original(PATH).lengths)
    assert (update.fields["file"], update.fields["licence"], update.fields["model_licence"]) == (PATH, "GPL-2", "licence not settled")


@pytest.mark.parametrize("query", ["path=nothing.c", "path=sched.c&t=9", "path=sched.c&model=other", f"path={quote(HOSTILE)}"])
def test_what_is_not_there_is_said(client: TestClient, query: str) -> None:
    page = client.get(f"/embed?{query}")
    assert page.status_code == 404
    assert "<script" not in page.text


def test_settings_stay_in_the_query_and_are_escaped(services: Services) -> None:
    client = client_of(routes(replace(services, model=lambda _: services.model(""))))
    text = client.get("/embed", params={"path": PATH, "t": "0.5", "model": HOSTILE}).text
    assert f'data-query="path={PATH}&amp;model={quote(HOSTILE)}&amp;t=0.5&amp;seed=0"' in text
    assert "<script>alert" not in text


def test_what_the_model_s_weights_lost_is_said_before_anybody_clicks(client: TestClient) -> None:
    text = client.get(f"/embed?path={PATH}&bits=5").text
    assert f'data-query="path={PATH}&amp;bits=5"' in text
    assert "The model, rounded to 5 bits a weight, gets the path and the numbers 0, 1, 2 …, and no source text." in text


def test_without_a_name_it_is_what_the_model_is_seen_with(client: TestClient) -> None:
    assert f"<title>{PATH}" in client.get("/embed?path=").text
