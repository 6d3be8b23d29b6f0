"""The exhibit below a path of somebody's site, behind Debian's nginx: all of it works, with one setting."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import extruct
import pytest
from gradio_client import Client
from playwright.sync_api import Browser, expect

from tests.browser.conftest import chip, closed_port, exhibit_in, field, go, paste, serving, visiting

FILE = "kernel/fork.c"
CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log stderr warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /laam/ {{ proxy_pass {app}; proxy_buffering off; proxy_set_header Host $http_host; }}
    location / {{ return 418; }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, port: int, app: str) -> Iterator[None]:
    """nginx at a port, with the application below /laam/. It takes requests before this is entered: its socket is bound first."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, app=app), "utf-8")
    subprocess.run([program, "-t", "-q", "-e", "stderr", "-c", configuration], check=True)
    with subprocess.Popen([program, "-e", "stderr", "-c", configuration]) as process:
        try:
            while process.poll() is None and not (folder / "pid").exists():
                pass  # it writes its number once it listens
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where visitors find it."""
    folder, port = tmp_path_factory.mktemp("nginx"), closed_port()
    site = f"http://127.0.0.1:{port}/laam/"
    with serving(["app.py"], folder, LAAM_ADDRESS=site, LAAM_MCP="1") as app, nginx(folder, port, app):
        yield site


def read(address: str | Request) -> str:
    with urlopen(address) as answer:
        return str(answer.read().decode())


def test_pages_share_panel_and_embed(site: str, browser: Browser) -> None:
    with visiting(browser, site) as page:
        go(page, site)
        chip(page, FILE).click()
        exhibit_in(page)
        assert field(page, "reproduced") == "100 %"
        run = page.locator(".exhibit").get_attribute("data-run")
        share = page.evaluate(f"fetch('run/{run}/share.json').then((answer) => answer.json())")
        assert share["link"].startswith(f"{site}?path=linux/{FILE}")
        assert share["card"].startswith(f"{site}card/")
        for name in ("The map", "The lab", "Trace any text", "The question"):
            page.get_by_role("link", name=name, exact=True).first.click()
            expect(page.locator("[aria-current]")).to_have_text(name)
        page.get_by_role("link", name="The map", exact=True).click()
        page.locator(f'.cell[data-path="{FILE}"]').click()
        exhibit_in(page, file=f"linux/{FILE}")
        paste(page, "int main(void)\n{\n")
        exhibit_in(page, file="source that points to no single file")
        go(page, f"{site}embed?path={FILE}")
        page.locator("button.run").click()
        exhibit_in(page)
        page.goto(f"{site}share/{FILE}")
        page.get_by_role("link", name="Watch it being written").click()
        exhibit_in(page)
        assert page.url.startswith(f"{site}?path=")
        page.goto(f"{site}api")
        expect(page.locator("pre").first).to_contain_text(f'Client("{site}")')


@pytest.mark.parametrize("path", ["", f"?path={FILE}", f"share/{FILE}"])
def test_previews(site: str, path: str) -> None:
    page = read(site + path)
    [found] = extruct.extract(page, site, syntaxes=["opengraph"])["opengraph"]
    tags = dict(found["properties"])
    for name in ("og:url", "og:image"):
        assert tags[name].startswith(site)
        with urlopen(tags[name]) as answer:
            assert answer.status == 200
    oembed = page.partition('application/json+oembed" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert oembed.startswith(f"{site}oembed?")
    assert parse_qs(urlsplit(oembed).query)["url"][0].startswith(site)
    assert f'"provider_url":"{site}"' in read(oembed)


def test_the_api(site: str) -> None:
    client = Client(site, verbose=False)
    *_, last = client.submit(FILE, api_name="/emit")
    assert last["score"]["reproduced"] == 1
    assert client.predict(FILE, last["text"], api_name="/score")["reproduced"] == 1


def test_tools_for_language_models(site: str) -> None:
    def ask(method: str, **arguments: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": arguments}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        answer = read(Request(f"{site}gradio_api/mcp/", body, headers))
        [said] = [line.removeprefix("data: ") for line in answer.splitlines() if line.startswith(("data: ", "{"))]
        return json.loads(said)["result"]

    client = {"name": "a test", "version": "1"}
    assert ask("initialize", protocolVersion="2025-03-26", capabilities={}, clientInfo=client)["serverInfo"]
    names = [tool["name"] for tool in ask("tools/list")["tools"]]
    assert len(names) == 3
    [files] = [name for name in names if name.endswith("files")]
    [content] = ask("tools/call", name=files, arguments={"contains": FILE})["content"]
    assert f"linux/{FILE}" in content["text"]
