"""The server as a user who may write nowhere: read-only home, working folder and cache, as in a container or on a Space."""

import os
import sys
from pathlib import Path

import httpx2

from tests.browser.conftest import ROOT, started

DROP = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
"""Makes a command of root's obey the permissions of files."""
START = "import os, sys; os.chdir(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])"


def test_a_user_without_rights_gets_an_exhibit_that_works(tmp_path: Path) -> None:
    for name in ("home", "here"):
        (tmp_path / name).mkdir(mode=0o555)
    (tmp_path / "temporary").mkdir()
    command = [*(DROP if os.getuid() == 0 else []), sys.executable, str(ROOT / "app.py")]
    places = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
    unset = dict.fromkeys(("LAAM_CACHE", "HF_HOME", "XDG_CACHE_HOME"), "")
    early = list[str]()  # the model may be converted before the server listens, or after
    with started(["-c", START, str(tmp_path / "here"), *command], early, **places, **unset) as (address, process):
        answer = httpx2.get(f"{address}share/kernel/fork.c?n=50", timeout=120)
        assert answer.status_code == 200
        assert httpx2.get(f"{address}health", timeout=60).json()["status"] == "ok"
        process.terminate()
        assert process.stderr is not None
        log = "".join(early) + process.stderr.read()
        assert process.wait(60) == 0
    assert "the converted model is not kept (Permission denied): LAAM_CACHE names another folder for it" in log
    assert "Traceback" not in log
    assert list((tmp_path / "temporary").glob("laam-*")) == []
