"""The shipped model, run by the browser's engine in Node."""

from typing import Any

import pytest

from tests.engine.node import node
from tests.known import smaller_exact_files

FILES = 6


@pytest.fixture(scope="module")
def asked() -> list[dict[str, Any]]:
    """Files that the model gives exactly, with their sealed sizes."""
    return [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in smaller_exact_files(FILES)]


def test_files_of_many_sizes_are_identical(packed_shipped: str, asked: list[dict[str, Any]]) -> None:
    results = node("emit", model=packed_shipped, workers=2, asked=[{"path": file["path"], "size": file["size"]} for file in asked])
    assert len(results) == FILES
    assert [(result["sha256"], result["reason"]) for result in results] == [(file["sha256"], "end of file") for file in asked]
    tokens, decoded = (sum(result[name] for result in results) for name in ("tokens", "decodedTokens"))
    assert tokens <= decoded <= 1.05 * tokens  # next to nothing is decoded past a file's end
