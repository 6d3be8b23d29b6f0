"""The model in a real Chromium's own workers: from modules, from another host, and in a frame that has no origin of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from laam.share.bundle import bundle_engine
from tests.browser.conftest import PATIENCE
from tests.browser.engine_host import engine_host

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
    catalog = SealedManifest.open(Settings().manifest_file).catalog
    verdict = json.loads((Settings().embedded_folder / "verdict.json").read_text("utf-8"))["files"]
    return min((catalog.find(path) for path, told in verdict.items() if told["identical"]), key=lambda file: abs(file.size - SIZE))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and where it is served; see engine_host."""
    root = tmp_path_factory.mktemp("host")
    with engine_host(root) as address:
        yield root, address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


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


def test_workers_write_a_file(page: Page, site: tuple[Path, str], file: SourceFile) -> None:
    root, address = site
    write_page(root / "modules.html", from_modules(address), file)
    page.goto(f"{address}/modules.html")
    expect_identical(page, file)


def test_workers_of_another_host_write_a_file(page: Page, site: tuple[Path, str], file: SourceFile) -> None:
    root, address = site
    write_page(root / "modules.html", from_modules(address), file)
    page.goto(f"{address.replace('127.0.0.1', 'localhost')}/modules.html")
    expect_identical(page, file)


@pytest.mark.parametrize("folder", ["open", "closed"])
def test_a_page_of_one_file_in_a_sandboxed_frame(page: Page, site: tuple[Path, str], file: SourceFile, folder: str) -> None:
    root, address = site
    script = f'{bundle_engine(ENGINE)}\nconst options = {{ ...inlined(), model: "{address}/{folder}/model.safetensors" }};'
    write_page(root / f"{folder}.html", script, file)
    (root / "frame.html").write_text(f'<iframe sandbox="allow-scripts" src="{folder}.html"></iframe>', "utf-8")
    page.goto(f"{address}/frame.html")
    frame = page.frame_locator("iframe")
    if folder == "open":
        expect_identical(frame, file)
        return
    told = "The model can't be fetched: there is no connection, or its host doesn't let this page read it."
    expect(frame.locator("p")).to_have_text(told, timeout=PATIENCE)
    expect(frame.locator("output")).to_be_empty()
