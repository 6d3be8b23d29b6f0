import platform
from pathlib import Path

import pytest

from laam.model.cpu import LIMIT, sums_int8_exactly


@pytest.mark.parametrize(
    ("machine", "flags", "exact"),
    [
        ("x86_64", "fma avx2 avx512_vnni", True),
        ("AMD64", "avx2 avx_vnni", True),
        ("x86_64", "fma avx2 avx512f avx512bw", False),
        ("aarch64", "fp asimd", True),
        ("arm64", "", True),
    ],
)
def test_x86_without_vnni_saturates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: str, flags: str, exact: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {flags}\n", "utf-8")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.delenv(LIMIT, raising=False)
    assert sums_int8_exactly(tmp_path / "cpuinfo") is exact


@pytest.mark.parametrize(("limit", "exact"), [("AVX2", False), ("avx512_core", False), ("AVX2_VNNI", True), ("", True)])
def test_a_limit_on_instructions_is_obeyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str, exact: bool) -> None:
    (tmp_path / "cpuinfo").write_text("flags : avx2 avx512_vnni\n", "utf-8")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setenv(LIMIT, limit)
    assert sums_int8_exactly.__wrapped__(tmp_path / "cpuinfo") is exact
    assert not sums_int8_exactly.__wrapped__(tmp_path / "missing")  # which is taken for an old one
