from pathlib import Path

from tests.build_engine import WASM, build


def test_the_committed_kernel_is_what_its_source_gives(tmp_path: Path) -> None:
    build(tmp_path / "engine.wasm")
    assert (tmp_path / "engine.wasm").read_bytes() == WASM.read_bytes(), "run `python -m tests.build_engine`"


def test_the_kernel_is_small() -> None:
    assert WASM.stat().st_size < 24_000
