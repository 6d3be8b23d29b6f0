"""Run the browser's engine in Node: the one that Playwright brings along, so that its version is pinned."""

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright

NODE = Path(playwright.__file__).parent / "driver" / "node"
SCRIPT = Path(__file__).with_name("engine.mjs")


def node(task: str, script: Path = SCRIPT, **given: Any) -> Any:
    """What a task of a script gives for its arguments, both as JSON. Fails with what Node wrote, where it ends badly."""
    done = subprocess.run([NODE, script, task], input=json.dumps(given), capture_output=True, encoding="utf-8", errors="surrogatepass")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
