from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from laam.exhibit.atlas import add_atlas_route, clicked_path
from laam.exhibit.gradio_internals import gr

from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import atlas_file, read_atlases, write_atlas
from laam.settings import Settings
from tests.measure.test_atlas import atlas, row


def client(assets: Path, manifest: SealedManifest) -> TestClient:
    app = FastAPI()
    add_atlas_route(app, read_atlases(assets), manifest.catalog, Settings().assets / "measure")
    return TestClient(app)


def test_the_atlases_of_the_assets_are_served(tmp_path: Path, manifest: SealedManifest) -> None:
    write_atlas(replace(atlas(), rows=[row("linux/kernel/sched.c")], controls={}), atlas_file(tmp_path, "embedded"))
    answer = client(tmp_path, manifest).get("/atlas")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'data-path="kernel/sched.c"' in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


def test_whoever_has_no_scripts_gets_a_page_that_leads_to_pages_without(tmp_path: Path, manifest: SealedManifest) -> None:
    write_atlas(replace(atlas(), rows=[row("linux/kernel/sched.c")], controls={}), atlas_file(tmp_path, "embedded"))
    page = client(tmp_path, manifest).get("/atlas", headers={"Accept": "text/html,*/*;q=0.8"}).text
    assert page.startswith("<!doctype html>")
    assert '<a href="share/kernel/sched.c"' in page
    assert "?path=" not in page


def test_without_an_atlas_there_is_nothing(tmp_path: Path, manifest: SealedManifest) -> None:
    answer = client(tmp_path, manifest).get("/atlas")
    assert (answer.status_code, answer.text) == (200, "")


def test_an_atlas_that_can_not_be_read_is_told_at_the_start(tmp_path: Path, manifest: SealedManifest) -> None:
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas" / "x.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match=r"x\.json: not a readable atlas"):
        client(tmp_path, manifest)


@pytest.mark.parametrize(("data", "path"), [({"name": "mm/swap.c"}, "mm/swap.c"), ({}, ""), ({"name": 7}, "7"), (None, ""), ([1], "")])
def test_what_was_clicked_may_be_anything(data: Any, path: str) -> None:
    assert clicked_path(gr.EventData(None, data)) == path
