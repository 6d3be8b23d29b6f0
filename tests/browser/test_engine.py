"""The model in a real Chromium's own workers: from modules, from another host, and in a frame that has no origin of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from laam.corpus.catalog import SourceFile
from laam.settings import Settings
from laam.share.bundle import bundle_engine
from tests.browser.conftest import PATIENCE, visiting
from tests.browser.engine_host import engine_host
from tests.known import exact_files

ENGINE = Settings().assets / "engine"
SIZE = 5_000  # bytes of the file that is written, about
PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><output></output><p></p>
<script type="module">
%s
const show = (selector, text) => { document.querySelector(selector).textContent = text; };
try {
  const engine = await createEngine({ workers: 2, ...options });
  const result = await engine.emit(%s, { size: %d });
  show("output", `${result.reason} ${engine.workers} ${result.sha256}`);
} catch (error) {
  show("p", error.message);
}
</script>"""


@pytest.fixture(scope="module")
def file() -> SourceFile:
    """One that the model gives exactly."""
    return min(exact_files(), key=lambda file: abs(file.size - SIZE))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and where it is served; see engine_host."""
    root = tmp_path_factory.mktemp("host")
    with engine_host(root) as address:
        yield root, address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visiting(browser, allowed="404") as page:
        yield page


def write_page(file: Path, script: str, source: SourceFile) -> None:
    """A page that writes a source file and shows how it ended, or what went wrong; `script` says what `createEngine` and `options` are."""
    file.write_text(PAGE % (script, json.dumps(source.path), source.size), "utf-8")


def expect_identical(where: Page | FrameLocator, file: SourceFile) -> None:
    expect(where.locator("output")).to_have_text(f"end of file 2 {file.sha256}", timeout=PATIENCE)
    expect(where.locator("p")).to_be_empty()


def from_modules(address: str) -> str:
    """The script of a page that takes everything from `address`/open."""
    return (
        f'import {{ createEngine }} from "{address}/open/engine/engine.js";\n'
        f'const at = (name) => "{address}/open/" + name;\n'
        'const options = { wasm: at("engine/engine.wasm"), worker: at("engine/worker.js"), model: at("model.safetensors") };'
    )


def test_workers_write_a_file_of_another_host_too(page: Page, site: tuple[Path, str], file: SourceFile) -> None:
    root, address = site
    write_page(root / "modules.html", from_modules(address), file)
    page.goto(f"{address.replace('127.0.0.1', 'localhost')}/modules.html")
    expect_identical(page, file)


def test_a_page_of_one_file_in_a_sandboxed_frame(page: Page, site: tuple[Path, str], file: SourceFile) -> None:
    root, address = site
    write_page(
        root / "one.html", f'{bundle_engine(ENGINE)}\nconst options = {{ ...inlined(), model: "{address}/open/model.safetensors" }};', file
    )
    (root / "frame.html").write_text('<iframe sandbox="allow-scripts" src="one.html"></iframe>', "utf-8")
    page.goto(f"{address}/frame.html")
    expect_identical(page.frame_locator("iframe"), file)
