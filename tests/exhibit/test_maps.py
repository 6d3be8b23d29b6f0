"""Whose map it is: the switch, the heading, and the model that a file's link asks."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.exhibit import server
from laam.measure.atlas import Atlas, write_atlas
from laam.model.model import Model
from laam.model.spec import PUBLISHED
from laam.settings import Settings
from tests.exhibit.conftest import built
from tests.measure.test_atlas import row

SHORT = "lib/ctype.c"
Open = Callable[..., TestClient]


def atlas_of(name: str, weights: str, manifest: SealedManifest, *, whole: bool) -> Atlas:
    rows = [row(path, against=path, identical=whole, exact_characters=100 * whole) for path in manifest.catalog.files]
    return Atlas(name, weights, 4_000_000, "int8", manifest.tree_sha256, "2026-01-02T03:04:05+00:00", "toy", {}, rows)


@pytest.fixture
def open_exhibit(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Serves the exhibit with some atlases in its assets, and another model as the one that it shows."""
    monkeypatch.setattr(server, "_warm_up", lambda *_: None)
    for part in settings.assets.iterdir():
        if part.name != "atlas":
            (tmp_path / part.name).symlink_to(part)

    def open_(*atlases: Atlas, shown: str = "embedded") -> TestClient:
        for atlas in atlases:
            write_atlas(atlas, tmp_path / "atlas" / f"{atlas.model}.json")
        app = built(replace(settings, assets=tmp_path, model=shown, cache=tmp_path / "cache", offline=True))
        return clients.enter_context(TestClient(app))

    with ExitStack() as clients:
        yield open_


def heading(html: str) -> str:
    return re.sub(r"\s+", " ", re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)[1])  # type: ignore[index]


def switch(html: str) -> list[str]:
    found = re.search(r'<nav class="whose".*?</nav>', html, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", found[0]) if found else []


def links(html: str) -> set[str]:
    """What the links of the map's files ask for, after the path."""
    return {link.partition("?")[2] for link in re.findall(r'class="cell[^>]*href="([^"]+)"', html)}


def test_ours_alone_needs_no_switch(open_exhibit: Open, model: Model, manifest: SealedManifest) -> None:
    html = open_exhibit(atlas_of("embedded", model.digest, manifest, whole=True)).get("/map").text
    assert (heading(html), switch(html), links(html)) == ("The whole kernel, by our own model", [], {"model=embedded"})
    assert 'data-model="embedded"' in html
    assert "The whole kernel, please" in html
    assert "Here our own model writes every file" in html


def test_a_published_model_fills_its_map_as_it_is_asked(
    open_exhibit: Open, model: Model, published: Model, manifest: SealedManifest
) -> None:
    name = str(published.folder)
    client = open_exhibit(atlas_of("embedded", model.digest, manifest, whole=True), shown=name)
    html = client.get("/map").text
    assert heading(html) == f"The whole kernel, by the model {published.folder.name}"
    assert switch(html) == [published.folder.name, "ours"]
    assert "none of 3 files was asked for here yet" in html
    assert (html.count(" unknown"), "poster/" in html, "The whole kernel, please" in html) == (3, False, False)
    assert f"window of {published.window} tokens" in html
    assert client.get("/stream", params={"path": SHORT, "visit": "v"}).status_code == 200
    html = client.get("/map").text
    assert "1 of 3 files asked for here so far: 1 identical, 100 % of their characters reproduced" in html
    assert html.count(" unknown") == 2
    assert len(links(html)) == 1
    ours = client.get("/map", params={"model": "embedded"}).text
    assert (heading(ours), links(ours)) == ("The whole kernel, by our own model", {"model=embedded"})
    assert "3 of 3 files identical" in ours
    assert client.get("/map", params={"model": "<b>"}).text == html  # of no model: of the one that is shown


def test_an_atlas_of_a_model_that_is_not_here_is_on_the_switch_if_it_is_of_its_weights(
    open_exhibit: Open, model: Model, manifest: SealedManifest
) -> None:
    spec, other = PUBLISHED
    client = open_exhibit(
        atlas_of("embedded", model.digest, manifest, whole=True),
        atlas_of(spec.name, spec.weights_sha256, manifest, whole=False),
        atlas_of(other.name, "0" * 64, manifest, whole=False),
    )
    html = client.get("/map", params={"model": spec.name}).text
    assert switch(html) == ["published", "ours"]
    assert (heading(html), links(html)) == ("The whole kernel, by Bommarito’s published model", {"model=published-5m"})
    assert "0 of 3 files identical, 0.0 % reproduced" in html
    assert "no more than the first piece of a file" in html
    assert "The whole kernel, please" not in html


def test_the_small_map_is_of_our_own_model_and_says_so(
    open_exhibit: Open, model: Model, published: Model, manifest: SealedManifest
) -> None:
    client = open_exhibit(
        atlas_of("embedded", model.digest, manifest, whole=True),
        atlas_of(published.folder.name, published.digest, manifest, whole=False),
        shown=str(published.folder),
    )
    [alt] = re.findall(r'<a href="map\?model=embedded"><img src="map\.svg"[^>]*alt="([^"]*)"', client.get("/").text)
    assert alt.endswith("and what our own model gives back of them: 3 of 3 files byte for byte")
    assert 'class="s4"' in client.get("/map.svg").text
    assert 'class="s0"' not in client.get("/map.svg").text


def test_without_an_atlas_of_ours_there_is_no_small_map(open_exhibit: Open, manifest: SealedManifest) -> None:
    spec = PUBLISHED[0]
    client = open_exhibit(atlas_of(spec.name, spec.weights_sha256, manifest, whole=False))
    assert client.get("/map.svg").status_code == 404
    assert "map.svg" not in client.get("/").text
    assert "none of 3 files was asked for here yet" in client.get("/map").text


def test_the_lab_says_which_model_is_asked(open_exhibit: Open, published: Model) -> None:
    client = open_exhibit(shown=str(published.folder))
    assert f"Here the model {published.folder.name} is asked so" in client.get("/lab").text
    assert "Here our own model is asked so" in client.get("/lab", params={"model": "embedded"}).text
