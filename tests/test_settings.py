from pathlib import Path

import pytest

from laam.settings import Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = read_settings({})
    assert settings == Settings(cache=settings.cache)
    assert (settings.originals, settings.offline) == ("auto", False)
    assert not str(settings.cache).startswith("~")


def test_originals() -> None:
    assert read_settings({"LAAM_ORIGINALS": "sealed"}).originals == "sealed"
    assert read_settings({"LAAM_ORIGINALS": ""}).originals == "auto"
    assert Path(read_settings({"LAAM_ORIGINALS": "~/linux-1.0.tar.gz"}).originals) == Path("~/linux-1.0.tar.gz").expanduser()


@pytest.mark.parametrize("name", ["LAAM_OFFLINE", "HF_HUB_OFFLINE"])
@pytest.mark.parametrize(("value", "offline"), [("1", True), ("True", True), ("ON", True), ("yes", True), ("0", False), ("", False)])
def test_offline(name: str, value: str, offline: bool) -> None:
    assert read_settings({name: value}).offline is offline
