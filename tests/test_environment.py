import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import httpx2
import pytest

from laam.__main__ import main
from laam.environment import OFFLINE, TEMPORARY, leave_out_unusable, private_folder

ROOT = Path(__file__).resolve().parents[1]
UNUSABLE = [
    ("SSL_CERT_FILE", "/no/such/ca.pem"),
    ("SSL_CERT_FILE", __file__),
    ("SSL_CERT_FILE", str(ROOT)),
    ("SSL_CERT_DIR", "/no/such"),
    ("ALL_PROXY", "socks5://127.0.0.1:1"),
    ("all_proxy", "socks://127.0.0.1:1"),
    ("HTTPS_PROXY", "ftp://proxy.example"),
    ("http_proxy", "http://proxy.example:x"),
    ("HTTP_PROXY", "http://[::1"),
    ("ALL_PROXY", "://"),
]


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_what_can_not_be_used_is_left_out_and_said_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OFFLINE, raising=False)
    monkeypatch.setenv(name, value)
    [said] = map(str, leave_out_unusable(os.environ))
    assert said.startswith(f"{name} is {value!r}, ")
    assert "neither models of the hub nor the release" in said
    assert "\n" not in said
    assert name not in os.environ
    assert os.environ.pop(OFFLINE) == "1"  # never without the proxy or the certificate that was asked for
    httpx.Client().close()  # what Gradio does while it is imported
    httpx2.Client().close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PROXY", "http://me:secret@proxy.example:3128"),
        ("https_proxy", "proxy.example:3128"),
        ("ALL_PROXY", ""),
        ("SSL_CERT_DIR", str(ROOT)),
        ("SSL_CERT_FILE", ""),
    ],
)
def test_what_can_be_used_stays(name: str, value: str) -> None:
    environment = {name: value}
    assert leave_out_unusable(environment) == []
    assert environment == {name: value}


def test_only_the_hosts_that_can_not_be_read_leave_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1,10.0.0.0/8,::1,[::1],fe80::/10,a.example:80,b.example:x,.c.example")
    assert leave_out_unusable(os.environ) == []
    assert os.environ["NO_PROXY"] == "localhost,127.0.0.1,10.0.0.0/8,::1,a.example:80,.c.example"
    httpx.Client().close()


def test_a_proxy_s_password_is_not_told() -> None:
    [said] = map(str, leave_out_unusable({"ALL_PROXY": "socks://me:secret@proxy.example"}))
    assert "secret" not in said
    assert "proxy.example" in said


def test_gradio_s_temporary_folder_is_private_and_goes() -> None:
    environment = {TEMPORARY: "/proc/x"}
    with private_folder(environment):
        folder = Path(environment[TEMPORARY])
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_a_command_that_needs_the_network_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1")
    assert main(["ask", "--endpoint", "http://127.0.0.1:1", "--model", "x", "--original", __file__]) == 2
    assert capsys.readouterr().err.startswith("error: ALL_PROXY is ")


def test_the_server_starts_whatever_its_libraries_variables_hold(tmp_path: Path) -> None:
    """It gets past the import of Gradio, and is refused for the one variable that is the exhibit's own."""
    variables = {**dict(UNUSABLE), TEMPORARY: "/proc/x", "NO_PROXY": "[::1]", "LAAM_CACHE": str(tmp_path), "LAAM_ORIGINALS": "/no/such"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        variables["GRADIO_SERVER_PORT"] = str(free.getsockname()[1])
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **variables}, capture_output=True, check=False)
    *warnings, last = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert last.startswith("error: LAAM_ORIGINALS is '/no/such'")
    assert {line.split()[1] for line in warnings if line.startswith("warning: ")} == set(dict(UNUSABLE)) - {"SSL_CERT_DIR"}
