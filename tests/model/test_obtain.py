from pathlib import Path

import pytest

from laam.model import obtain
from laam.model.obtain import obtain_model
from laam.model.zoo import Model
from laam.settings import Settings

Capture = pytest.CaptureFixture[bytes]


@pytest.mark.parametrize(
    ("name", "cached", "fetched"),
    [
        ("auto", False, "embedded"),
        ("auto", True, "published-5m"),
        ("published-32m", False, "published-32m"),
        ("embedded", True, "embedded"),
    ],
)
def test_a_model_is_fetched_only_where_it_must_be(
    name: str, cached: bool, fetched: str, model: Model, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    asked: list[str] = []
    opened: list[str] = []
    monkeypatch.setattr(obtain, "cached_folder", lambda _: Path("there") if cached else None)
    monkeypatch.setattr(obtain, "fetch_model", lambda spec: asked.append(spec.name))

    def open_(name: str, _: Settings) -> Model:
        opened.append(name)
        return model

    monkeypatch.setattr(obtain, "open_model", open_)
    assert obtain_model(name, settings) is model
    assert opened == [fetched]
    assert asked == ([] if cached or fetched == "embedded" else [fetched])
    assert capsysbinary.readouterr().err.startswith(b"fetching " if asked else b"")
