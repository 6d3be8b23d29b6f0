"""Every text is read and written as UTF-8, whatever the locale. ruff holds this only where it can tell that something is a path."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from laam.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FILES = [ROOT / "app.py", *(ROOT / "laam").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""What makes Python read and write ASCII where nothing else is said. Under CP1252 it would read wrong signs without a word."""

SCRIPT = """
import sys, warnings
from pathlib import Path
warnings.filterwarnings("error", category=EncodingWarning, module="laam|app")
from dataclasses import replace
from fastapi.testclient import TestClient
from laam.__main__ import main
from laam.exhibit.server import build_app
from laam.settings import Settings
assets, folder = map(Path, sys.argv[1:])
settings = replace(Settings(), model="embedded", assets=assets, cache=folder / "cache", originals="sealed", record=False)
with TestClient(build_app(settings)) as client:
    page = client.get("/").content
    dot = bytes([0xC2, 0xB7])
    assert dot in page and dot.decode("latin-1").encode() not in page
    for address in (
        "map", "lab", "api", "question", "page/component.js", "page/page.css",
        "embed?path=kernel/sched.c", "share/kernel/sched.c",
    ):
        assert client.get(f"/{address}").status_code == 200, address
assert main(["emit", "kernel/sched.c"], settings) == 0
assert main(["export", str(folder / "site"), "--address", "https://example.org"], settings) == 0
assert main(["export", str(folder / "recorded"), "--recordings", "--only", "lib/"], settings) == 0
assert main(["publish", "model", "a/b", "--folder", str(assets / "model"), "--dry-run"], settings) in (0, 1)
assert main(["atlas", "--out", str(folder / "atlas.json")], settings) == 0
"""


def calls_without_encoding(code: str) -> Iterator[int]:
    """The lines of the calls that read or write a text without saying how it is encoded."""
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call) or any(keyword.arg == "encoding" for keyword in call.keywords):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if (
            (name == "read_text" and not call.args)
            or (name == "write_text" and len(call.args) < 2)
            or (name in ("open", "fdopen") and set(given) & {"r", "w", "a", "x"})
            or (name in ("run", "Popen", "check_output") and any(keyword.arg == "text" for keyword in call.keywords))
        ):
            yield call.lineno


def test_every_text_file_has_an_encoding() -> None:
    found = [f"{file.relative_to(ROOT)}:{line}" for file in FILES for line in calls_without_encoding(file.read_text("utf-8"))]
    assert found == []


def test_a_call_without_one_is_found() -> None:
    code = 'a.read_text()\nb.write_text(c)\nd.open("w")\nrun(e, text=True)\na.read_text("utf-8")\nd.open("wb")\n'
    assert list(calls_without_encoding(code)) == [1, 2, 3, 4]


def test_page_and_commands_work_without_a_locale(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-X", "warn_default_encoding", "-c", SCRIPT, str(settings.assets), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **ASCII}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    assert "·".encode() in (tmp_path / "site" / "index.html").read_bytes()


@pytest.mark.parametrize("command", ["emit", "train", "atlas", "export"])
def test_help_is_shown_without_a_locale(command: str) -> None:
    environment = {**os.environ, **ASCII}
    done = subprocess.run([sys.executable, "-m", "laam", command, "--help"], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
