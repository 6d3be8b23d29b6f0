import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from laam.emission.ask import Ask
from laam.emission.emit import Ended, emit
from laam.emission.question import Question
from laam.model.chooser import RETRY_S, Chosen, ModelChooser
from laam.model.hub import FILES, Hub, fetch_model
from laam.model.spec import ModelSpec
from laam.settings import Settings
from tests.model.fake_hub import COMMIT, REPO, FakeHub, Fault, offer

WEIGHTS = "model.safetensors"

pytestmark = pytest.mark.usefixtures("library_pauses")


@dataclass
class Clockwork:
    """Time that stands still, and what is to be called later."""

    now: float = 0.0
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def schedule(self, seconds: float, function: Callable[[], None]) -> None:
        self.waiting.append((seconds, function))

    def run(self) -> float:
        """Call the one thing that waits; returns how long it has waited."""
        [(seconds, function)] = self.waiting
        self.waiting.clear()
        self.now += seconds
        function()
        return seconds


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with FakeHub({name: random.Random(name).randbytes(1000) for name in FILES}) as fake:
        yield fake


@pytest.fixture
def hub(fake: FakeHub, tmp_path: Path) -> Hub:
    return Hub(fake.address, tmp_path / "hub", "none", wait=lambda _: None)


@pytest.fixture
def shipped(tmp_path: Path) -> Settings:
    """An embedded model of random bytes: nothing here reads them."""
    folder = tmp_path / "assets" / "model"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"shipped")
    return Settings(assets=tmp_path / "assets", cache=tmp_path / "cache")


@pytest.fixture
def published(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """The published 5M, as the fake hub has it."""
    return offer(fake, monkeypatch)


@pytest.fixture
def choose(shipped: Settings, hub: Hub, clockwork: Clockwork, published: ModelSpec) -> Callable[[str], ModelChooser]:
    return lambda wanted: ModelChooser(wanted, shipped, hub, clock=clockwork.clock, schedule=clockwork.schedule)


Choose = Callable[[str], ModelChooser]


def assert_embedded(chosen: Chosen, *said: str) -> None:
    assert chosen.model.name == "embedded"
    assert chosen.line.startswith("This is the exhibit’s own model") and chosen.line.endswith(".") and "\n" not in chosen.line
    for part in said:
        assert part in chosen.line


def test_auto_goes_over_to_the_published_model(choose: Choose, clockwork: Clockwork, fake: FakeHub) -> None:
    chooser = choose("auto")
    assert_embedded(chooser.current(), f"{REPO} is being fetched")
    assert not fake.requests and not clockwork.waiting
    chooser.start()
    assert_embedded(chooser.current(), f"{REPO} is being fetched")
    clockwork.now = 11
    assert_embedded(chooser.current(), f"{REPO} takes longer than 10 s")
    clockwork.run()
    chosen = chooser.current()
    assert chosen.model.name == "published-5m"
    assert chosen.line == f"This is the published model {REPO}, revision {COMMIT[:12]}."
    assert chooser.current() == chosen and not clockwork.waiting


def test_what_can_not_be_had_says_why(shipped: Settings, hub: Hub, published: ModelSpec, choose: Choose, clockwork: Clockwork) -> None:
    offline = ModelChooser("embedded", shipped, replace(hub, offline=True))
    assert offline.absent() == dict.fromkeys(("published-5m", "published-32m"), "this server is offline")
    assert offline.here == ("embedded",)
    online = choose("embedded")
    assert online.absent() == {}
    online.get("published-32m")  # which the fake hub doesn't have
    assert [name for name, why in online.absent().items() if why] == ["published-32m"]
    clockwork.now = RETRY_S[0]
    assert online.absent() == {}
    fetch_model(published, hub)
    assert offline.absent().keys() == {"published-32m"}
    assert list(offline.here) == ["embedded", "published-5m"]


def test_auto_takes_a_cached_one_at_once(choose: Choose, clockwork: Clockwork, hub: Hub, published: ModelSpec) -> None:
    fetch_model(published, hub)
    chooser = choose("auto")
    assert chooser.current().model.name == "published-5m"
    chooser.start()
    assert not clockwork.waiting


def test_it_is_tried_again_without_a_restart(choose: Choose, clockwork: Clockwork, fake: FakeHub) -> None:
    fake.always = Fault(503)
    chooser = choose("auto")
    chooser.start()
    waited = [clockwork.run() for _ in range(5)]
    assert waited == [0, 60, 300, 1800, 1800]
    assert_embedded(chooser.current(), "answered 503", "the next try is within 30 min")
    fake.always = None
    clockwork.run()
    assert chooser.current().model.name == "published-5m"


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Fault(429, {"Retry-After": "999"}), "asked to wait 999 s"), (Fault(500), "500"), (Fault(body=b"x" * 1000), "so they were deleted")],
)
def test_after_a_fault_the_embedded_model_goes_on(choose: Choose, clockwork: Clockwork, fake: FakeHub, fault: Fault, said: str) -> None:
    fake.always = fault
    chooser = choose("auto")
    chooser.start()
    clockwork.run()
    assert_embedded(chooser.current(), REPO, said, f"the next try is within {17 if '999' in said else 1} min")
    assert_embedded(chooser.get("published-5m"), said)
    fake.always = None
    clockwork.run()
    assert chooser.current().model.name == "published-5m"


def test_offline_nothing_is_tried(shipped: Settings, hub: Hub, clockwork: Clockwork, published: ModelSpec, fake: FakeHub) -> None:
    chooser = ModelChooser("auto", shipped, replace(hub, offline=True), clock=clockwork.clock, schedule=clockwork.schedule)
    chooser.start()
    assert_embedded(chooser.current(), f"this server is offline, and {REPO} is not in its cache")
    assert_embedded(chooser.get("published-5m"), "HF_HUB_OFFLINE")
    assert not clockwork.waiting and not fake.requests


def test_the_settings_may_forbid_the_network(
    shipped: Settings, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    chooser = ModelChooser("auto", replace(shipped, offline=True), clock=clockwork.clock, schedule=clockwork.schedule)
    chooser.start()
    assert_embedded(chooser.current(), "this server is offline")
    assert not clockwork.waiting


def test_a_picked_model_is_fetched_with_progress(choose: Choose) -> None:
    chooser = choose("embedded")
    seen: list[tuple[str, int, int]] = []
    chosen = chooser.get("published-5m", lambda *progress: seen.append(progress))
    assert chosen.model.name == "published-5m" and seen[-1] == (WEIGHTS, 1000, 1000)
    assert chooser.get("published-5m").model is chosen.model
    assert chooser.get("auto").model is chosen.model
    assert_embedded(chooser.current(), "shipped with it")


def test_what_could_not_be_fetched_is_not_asked_for_again_at_once(choose: Choose, clockwork: Clockwork, fake: FakeHub) -> None:
    fake.always = Fault(404)
    chooser = choose("embedded")
    refused = chooser.get("published-5m")
    asked = len(fake.requests)
    assert asked
    fake.always = None
    assert chooser.get("published-5m") == refused
    assert len(fake.requests) == asked
    clockwork.now += RETRY_S[0]
    assert chooser.get("published-5m").model.name == "published-5m"


def test_the_hub_is_asked_no_sooner_than_it_wants(choose: Choose, clockwork: Clockwork, fake: FakeHub) -> None:
    fake.always = Fault(429, {"Retry-After": "3600"})
    chooser = choose("auto")
    chooser.start()
    clockwork.run()
    asked = len(fake.requests)
    fake.always = None
    assert_embedded(chooser.current(), "the next try is within 60 min")
    clockwork.now += 3_599
    assert_embedded(chooser.get("published-5m"), "answered 429")
    assert len(fake.requests) == asked
    clockwork.now -= 3_599
    assert clockwork.run() == 3_600
    assert chooser.current().model.name == "published-5m"


def test_what_a_visitor_fetches_serves_auto_as_well(choose: Choose, clockwork: Clockwork) -> None:
    chooser = choose("auto")
    chooser.start()
    chosen = chooser.get("published-5m")
    assert chooser.current().model is chosen.model
    clockwork.run()
    assert chooser.current().model is chosen.model and not clockwork.waiting


def test_auto_is_not_fetched_for_a_visitor(choose: Choose, fake: FakeHub) -> None:
    assert_embedded(choose("embedded").get("auto"), f"{REPO} is not in the cache")
    assert not fake.requests


def test_a_folder_has_one_model(choose: Choose, shipped: Settings) -> None:
    chooser = choose(str(shipped.embedded_folder))
    assert chooser.current().line == "This is the model in the folder model."
    assert chooser.get("embedded").model is chooser.current().model


@pytest.mark.parametrize(("folder", "name"), [("of/mine", "mine"), ("mine/model", "mine"), ("embedded", "embedded-folder")])
def test_a_folder_is_offered_and_asked_for_by_the_last_part_of_its_path(choose: Choose, tmp_path: Path, folder: str, name: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / WEIGHTS).write_bytes(b"mine")
    chooser = choose(str(tmp_path / folder))
    assert chooser.names == (name, "auto", "embedded", "published-5m", "published-32m")
    assert chooser.current().model.name == name
    assert chooser.get(name) == chooser.current()
    assert chooser.at_hand(name) is chooser.current().model is not chooser.at_hand("embedded")


def test_a_hub_id_with_its_revision(choose: Choose, clockwork: Clockwork, published: ModelSpec) -> None:
    chooser = choose(f"{REPO}@main")
    assert chooser.names == (f"{REPO}@main", "auto", "embedded", "published-5m", "published-32m")
    chooser.start()
    clockwork.run()
    assert chooser.current().line == f"This is the model {REPO}, revision {COMMIT[:12]}."
    assert chooser.get("published-5m").model is chooser.current().model


def test_a_model_is_known_by_the_name_of_its_commit_as_well(choose: Choose, clockwork: Clockwork) -> None:
    chooser = choose(f"{REPO}@main")
    chooser.start()
    clockwork.run()
    shown = chooser.current()
    assert shown.model.name == f"{REPO}@{COMMIT}"  # which is what a link to one of its emissions holds
    assert chooser.get(shown.model.name) == shown
    assert chooser.at_hand(shown.model.name) is chooser.at_hand(f"{REPO}@main") is shown.model


def test_what_is_at_hand_is_not_fetched_for_it(choose: Choose, fake: FakeHub, shipped: Settings) -> None:
    chooser = choose("embedded")
    assert chooser.at_hand("published-5m") is None
    assert chooser.at_hand("somebody/large") is None
    assert chooser.at_hand(str(shipped.embedded_folder)) is None
    assert not fake.requests
    model = chooser.get("published-5m").model
    assert chooser.at_hand("published-5m") is model
    assert chooser.at_hand("embedded") is chooser.current().model


def test_only_offered_names_may_be_picked(choose: Choose, shipped: Settings, fake: FakeHub) -> None:
    chooser = choose("embedded")
    for name in (str(shipped.embedded_folder), "somebody/large"):
        with pytest.raises(ValueError, match="is not offered; choose one of embedded, auto, published-5m, published-32m"):
            chooser.get(name)
    assert not fake.requests


def test_without_the_embedded_model(tmp_path: Path, choose: Choose, hub: Hub, published: ModelSpec) -> None:
    with pytest.raises(ValueError, match=r"'embedded': model/model\.safetensors: there is no such file"):
        ModelChooser("auto", Settings(assets=tmp_path / "none"), hub)
    with pytest.raises(ValueError, match="is unknown"):
        choose("nonsense")


def test_stopped(choose: Choose, clockwork: Clockwork, fake: FakeHub) -> None:
    chooser = choose("auto")
    chooser.start()
    chooser.stop()
    clockwork.run()
    assert not fake.requests and not clockwork.waiting


def test_starting_never_blocks(shipped: Settings, hub: Hub, published: ModelSpec, fake: FakeHub) -> None:
    fake.always = Fault(hang=True)
    chooser = ModelChooser("auto", shipped, hub)
    chooser.start()
    assert_embedded(chooser.current(), "is being fetched")
    chooser.stop()


def test_many_threads_get_one_model(choose: Choose, fake: FakeHub) -> None:
    chooser = choose("embedded")
    with ThreadPoolExecutor(4) as pool:
        models = [chosen.model for chosen in pool.map(chooser.get, ["published-5m"] * 4)]
    assert len(set(map(id, models))) == 1
    assert len(fake.asked("GET", WEIGHTS)) == 1


def test_the_embedded_model_emits_while_the_hub_is_down(settings: Settings, hub: Hub, clockwork: Clockwork, fake: FakeHub) -> None:
    fake.always = Fault(500)
    chooser = ModelChooser("auto", settings, hub, clock=clockwork.clock, schedule=clockwork.schedule)
    chooser.start()
    clockwork.run()
    *_, last = emit(Question(Ask("linux/lib/ctype.c")), chooser.current().model)
    assert isinstance(last, Ended)
