"""Every file that the shipped model knows, by the browser's engine in Chromium. It takes minutes: `python -m tests -m slow`."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench_browser import OPEN, emit_in
from tests.browser.engine_host import engine_host
from tests.known import exact_files


@pytest.mark.slow
def test_every_file_that_the_model_knows_is_identical(browser: Browser, tmp_path: Path) -> None:
    files = exact_files()
    with engine_host(tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/open/engine/package.json")
        page.evaluate(OPEN, {"address": address, "workers": 2})
        told = {file.path: emit_in(page, file) for file in files}
        page.close()
    wrong = [file.path for file in files if (told[file.path]["sha256"], told[file.path]["reason"]) != (file.sha256, "end of file")]
    assert files
    assert wrong == []
    tokens, decoded = (sum(result[name] for result in told.values()) for name in ("tokens", "decodedTokens"))
    assert tokens <= decoded <= 1.05 * tokens  # next to nothing is decoded past a file's end
    speed = decoded / sum(result["seconds"] for result in told.values())
    print(f"{len(files)} files identical, {decoded:,} tokens, {decoded / tokens - 1:.1%} of them for nothing, {speed:,.0f} tokens/s")
