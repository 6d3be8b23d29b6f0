"""The hub's own library, so that it asks the loopback hub alone and never waits."""

import time
from types import SimpleNamespace

import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _http


@pytest.fixture
def library_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the library would have waited, in seconds. Its limits are short; telemetry, for which it asks the real hub, is off."""
    pauses: list[float] = []
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(constants, name, 1.0)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for module in (file_download, _http):
        monkeypatch.setattr(module, "time", SimpleNamespace(sleep=pauses.append, time=time.time))
    return pauses
