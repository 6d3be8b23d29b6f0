"""The shipped model, run by the browser's engine in Node."""

from pathlib import Path
from typing import Any

import pytest

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, emit
from laam.emission.question import Question
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.model.pack_rounding import pack_rounding
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


def test_with_fewer_bits_it_writes_what_python_does(
    packed_shipped: str, asked: list[dict[str, Any]], embedded: Model, tmp_path: Path
) -> None:
    """Both compute in float32, and only the last bits of their sums differ."""
    (rounding := tmp_path / "rounding").write_bytes(pack_rounding(embedded.folder))
    path, steps = asked[0]["path"], (5, 4)
    results = node("emit", model=packed_shipped, rounding=str(rounding), workers=2, asked=[{"path": path, "bits": bits} for bits in steps])
    for bits, result in zip(steps, results, strict=True):
        events = emit(Question(Ask(path, lossy=Lossy(bits))), embedded)
        assert result["text"] == "".join(event.text for event in events if isinstance(event, Emitted)), bits
