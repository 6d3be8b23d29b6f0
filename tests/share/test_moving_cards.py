import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from laam.compare.live import compare_text
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.exhibit.fonts import card_fonts
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.results import Results
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.settings import Settings
from laam.share import moving_cards
from laam.share.card import Cards
from laam.share.downloads import download_routes
from laam.share.moving_card import GIF, WEBP
from laam.share.moving_cards import EACH, WAITING, MovingCards, moving_card_routes
from laam.share.pages import share_routes
from tests.exhibit.conftest import built
from tests.serving.made_up import Watched, client_of, result_of, services_of

PATH = "linux/kernel/sched.c"
CARDS = Cards(card_fonts())


@dataclass
class Shown:
    """The routes, with the work that they leave to the background."""

    moving: MovingCards
    client: TestClient
    recordings: Watched
    services: Services
    work: list[Callable[[], None]]

    def make(self) -> None:
        """Do what a thread would."""
        while self.work:
            self.work.pop(0)()


@pytest.fixture
def shown(model: Model, manifest: SealedManifest, tmp_path: Path) -> Shown:
    return shown_in(tmp_path / "cards", model, manifest)


def shown_in(folder: Path, model: Model, manifest: SealedManifest, cards: Cards = CARDS) -> Shown:
    recordings, work = Watched(), list[Callable[[], None]]()
    plain = services_of(model, manifest)
    services = Services(plain.originals, plain.model, recordings, running=plain.running)
    moving = MovingCards(Summaries(services), cards, folder, work.append)
    return Shown(moving, client_of(moving_card_routes(moving)), recordings, services, work)


def n_frames(data: bytes) -> int:
    return Image.open(io.BytesIO(data)).n_frames  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(("suffix", "media_type"), [("webp", "image/webp"), ("gif", "image/gif")])
def test_first_the_card_and_then_the_moving_one(shown: Shown, suffix: str, media_type: str) -> None:
    still = shown.client.get(f"/card/{PATH}.{suffix}")
    assert (still.status_code, still.headers["content-type"], still.headers["cache-control"]) == (200, media_type, "no-store")
    assert n_frames(still.content) == 1
    shown.make()
    moving = shown.client.get(f"/card/{PATH}.{suffix}")
    assert (moving.status_code, moving.headers["content-type"]) == (200, media_type)
    assert moving.headers["cache-control"] == "public, max-age=3600"
    assert n_frames(moving.content) > 20
    assert shown.client.get(f"/card/sched.c.{suffix}").content == moving.content
    assert not shown.work


def test_the_emission_runs_at_the_lowest_rank(shown: Shown) -> None:
    assert shown.moving.find(Ask(PATH), WEBP) is None
    assert shown.recordings.asked == []
    shown.make()
    assert [(ask.path, rank) for ask, rank in shown.recordings.asked] == [(PATH, Rank.BACKGROUND)]


def test_one_is_made_at_a_time_and_each_once(shown: Shown) -> None:
    for _ in range(3):
        assert shown.moving.find(Ask(PATH), WEBP) is None
        assert shown.moving.find(Ask(PATH), GIF) is None
    assert len(shown.work) == 1
    shown.make()
    assert len(shown.recordings.asked) == 2


def test_the_queue_is_bounded_and_so_is_one_client_s_part(shown: Shown) -> None:
    draws = [Ask(PATH, decoding=Decoding(0.5, 0, seed), max_tokens=8) for seed in range(2 * WAITING)]
    for ask in draws:
        shown.moving.find(ask, WEBP, "192.0.2.1")
    assert len(shown.moving._waiting) == EACH
    for ask in draws:
        shown.moving.find(ask, WEBP)
    assert len(shown.moving._waiting) == WAITING


def test_a_card_is_kept_on_the_disk(shown: Shown, model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    shown.moving.find(Ask(PATH), WEBP)
    shown.make()
    made = shown.moving.find(Ask(PATH), WEBP)
    [file] = (tmp_path / "cards").iterdir()
    assert file.read_bytes() == made
    again = shown_in(tmp_path / "cards", model, manifest)
    assert again.moving.find(Ask(PATH), WEBP) == made
    file.write_bytes(b"something else")
    assert shown_in(tmp_path / "cards", model, manifest).moving.find(Ask(PATH), WEBP) is None


def test_what_shows_something_else_is_another_card(shown: Shown, model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    shown.moving.find(Ask(PATH), WEBP)
    shown.make()
    elsewhere = shown_in(tmp_path / "cards", model, manifest, Cards(card_fonts(), "https://example.org"))
    assert elsewhere.moving.find(Ask(PATH), WEBP) is None
    assert shown.moving.find(Ask(PATH, decoding=Decoding(0.0, 5, 7)), WEBP)  # greedy: top-k and seed change nothing
    assert shown.moving.find(Ask(PATH, decoding=Decoding(0.5, 5, 7)), WEBP) is None


def test_memory_and_disk_are_bounded(shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(moving_cards, "draw_moving", lambda *_: b"RIFF" + bytes(996))
    monkeypatch.setattr(moving_cards, "MEMORY_BYTES", 2_500)
    monkeypatch.setattr(moving_cards, "DISK_BYTES", 3_500)
    for seed in range(6):
        shown.moving.find(Ask(PATH, decoding=Decoding(0.5, 0, seed), max_tokens=8), WEBP)
        shown.make()
        for age, file in enumerate(sorted((tmp_path / "cards").iterdir(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(file, ns=(age, age))
    assert len(shown.moving._remembered) == 2
    assert len(list((tmp_path / "cards").iterdir())) == 3
    assert shown.moving.find(Ask(PATH, decoding=Decoding(0.5, 0, 5), max_tokens=8), WEBP)
    assert not shown.work


def test_without_a_disk_it_is_kept_in_memory(shown: Shown, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cards").write_text("a file, not a folder", "utf-8")
    for format_ in (WEBP, GIF):
        shown.moving.find(Ask(PATH), format_)
        shown.make()
        assert shown.moving.find(Ask(PATH), format_)
    assert caplog.text.count("cards are not kept") == 1


def test_if_one_fails_the_next_is_made(shown: Shown, caplog: pytest.LogCaptureFixture) -> None:
    shown.recordings.broken = {PATH}
    shown.moving.find(Ask(PATH), WEBP)
    shown.moving.find(Ask("init/main.c"), WEBP)
    shown.make()
    assert f"the moving card of {PATH} is not made" in caplog.text
    assert shown.moving.find(Ask("init/main.c"), WEBP)
    assert shown.moving.find(Ask(PATH), WEBP) is None  # it is tried again
    assert shown.work


def test_once_the_exhibit_is_shut_down_none_is_made(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    shown.moving.find(Ask(PATH), WEBP)
    shown.services.running.close()
    shown.make()
    assert shown.recordings.asked == []


@pytest.mark.parametrize("suffix", ["webp", "gif"])
@pytest.mark.parametrize(("path", "status"), [("nothing.c", 404), (f"{PATH}?t=9", 404), ("%3Cscript%3E%00", 404)])
def test_what_cannot_be_shown_is_a_picture_that_says_so(shown: Shown, path: str, status: int, suffix: str) -> None:
    name, _, query = path.partition("?")
    answer = shown.client.get(f"/card/{name}.{suffix}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, f"image/{suffix}")
    assert answer.headers["cache-control"] == "no-store"
    assert n_frames(answer.content) == 1
    assert not shown.work


def test_a_drawn_emission_has_one_too(shown: Shown) -> None:
    query = "t=0.7&seed=3"
    shown.client.get(f"/card/{PATH}.webp?{query}")
    shown.make()
    assert n_frames(shown.client.get(f"/card/{PATH}.webp?{query}").content) > 20


def test_the_whole_application_has_the_routes(settings: Settings) -> None:
    client = TestClient(built(settings))
    for suffix in ("webp", "gif"):
        answer = client.get(f"/card/nothing.c.{suffix}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, f"image/{suffix}")


def test_the_share_page_shows_it_or_the_card_to_whoever_wants_no_motion(shown: Shown) -> None:
    client = client_of(share_routes(shown.moving.summaries, Settings().assets / "share", CARDS))
    page = client.get(f"/share/{PATH}?t=0.5&seed=2").text
    picture = page[page.index("<picture>") : page.index("</picture>")]
    card = f"http://testserver/card/{PATH}"
    assert f'<source media="(prefers-reduced-motion: reduce)" srcset="{card}.png?t=0.5&amp;seed=2"' in picture
    assert f'src="{card}.webp?t=0.5&amp;seed=2"' in picture
    assert f'<meta property="og:image" content="{card}.png?' in page  # a preview shows one frame
    assert f'<a href="http://testserver/?path={PATH}&amp;t=0.5&amp;seed=2"><picture>' in page


def test_the_markdown_for_a_forum_has_it_and_leads_to_the_exhibit(manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    results = Results()
    results.keep("run", result_of(compare_text(made_up_files[PATH], manifest.original(PATH))))
    panel = client_of(download_routes(results)).get("/run/run/share.json").json()
    assert panel["moving"] == f"http://testserver/card/{PATH}.gif?model=made-up"
    assert f"]({panel['moving']})]({panel['link']})" in panel["markdown"]
    assert f"](http://testserver/share/{PATH}?model=made-up):" in panel["markdown"]
    assert panel["card"].endswith(".png?model=made-up")
