from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from huggingface_hub import constants

from laam.model import obtain
from laam.model.hub import HubError
from laam.model.model import Model
from laam.model.obtain import obtain_model
from laam.settings import Settings

Capture = pytest.CaptureFixture[bytes]


@pytest.mark.parametrize(
    ("name", "cached", "obtained"),
    [
        ("auto", False, "embedded"),
        ("auto", True, "published-5m"),
        ("published-32m", False, "published-32m"),
        ("embedded", True, "embedded"),
    ],
)
def test_a_model_is_fetched_only_where_it_must_be(
    name: str, cached: bool, obtained: str, model: Model, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    fetch = Mock(return_value=Path("fetched"))
    monkeypatch.setattr(obtain, "cached_folder", lambda *_: Path("there") if cached else None)
    monkeypatch.setattr(obtain, "fetch_model", fetch)
    found = obtain_model(name, settings)
    assert found.name == obtained
    assert found.folder == (model.folder if obtained == "embedded" else Path("there" if cached else "fetched"))
    assert [call.args[0].name for call in fetch.call_args_list] == ([] if cached or obtained == "embedded" else [obtained])
    assert capsysbinary.readouterr().err.startswith(b"fetching " if fetch.called else b"")


def test_where_the_network_is_forbidden_nothing_is_fetched(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(HubError, match="this machine is offline"):
        obtain_model("published-5m", replace(settings, offline=True))
