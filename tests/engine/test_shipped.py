"""The shipped model, run by the browser's engine in Node."""

import json
from typing import Any

import pytest

from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.engine.node import node

FILES = 6


@pytest.fixture(scope="module")
def asked() -> list[dict[str, Any]]:
    """Files that the model gives exactly, from the smallest to one of middle size, with their sealed sizes."""
    catalog = SealedManifest.open(Settings().manifest_file).catalog
    verdict = json.loads((Settings().embedded_folder / "verdict.json").read_text())["files"]
    files = sorted((catalog.find(path) for path, file in verdict.items() if file["identical"]), key=lambda file: file.size)
    return [
        {"path": file.path, "size": file.size, "sha256": file.sha256}
        for file in files[: len(files) // 2 : len(files) // 2 // (FILES - 1)][:FILES]
    ]


def test_files_of_many_sizes_are_identical(packed_shipped: str, asked: list[dict[str, Any]]) -> None:
    results = node("emit", model=packed_shipped, workers=2, asked=[{"path": file["path"], "size": file["size"]} for file in asked])
    assert len(results) == FILES
    assert [(result["sha256"], result["reason"]) for result in results] == [(file["sha256"], "end of file") for file in asked]
    tokens, decoded = (sum(result[name] for result in results) for name in ("tokens", "decodedTokens"))
    assert tokens <= decoded <= 1.05 * tokens  # next to nothing is decoded past a file's end
