"""Who asks."""

from collections.abc import Mapping
from typing import Any


def client_of(scope: Mapping[str, Any]) -> str:
    """The address of whoever asks, as `laam/exhibit/clients.py` found it; empty if it isn't known, as of a local socket."""
    return str((scope.get("client") or ("", 0))[0])
