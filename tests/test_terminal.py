import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPENED = "import sys; from laam.terminal import open_streams; open_streams(); print('text'); print('score', file=sys.stderr)"


def run(script: str, redirection: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = ["sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, script]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


def test_open_streams_stay_apart() -> None:
    done = run(OPENED)
    assert (done.stdout, done.stderr) == (b"text\n", b"score\n")


def test_a_closed_standard_error_leaves_standard_output_alone() -> None:
    done = run(OPENED, "2>&-")
    assert (done.returncode, done.stdout) == (0, b"text\n")


def test_a_closed_standard_output_is_said_in_a_sentence() -> None:
    done = run("import sys; from laam.__main__ import main; sys.exit(main(['corpus', 'sched.c']))", ">&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: standard output is closed")
    assert done.stderr.count(b"\n") == 1


def test_a_stream_that_lacks_a_sign_gets_an_escape() -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    script = "from laam.terminal import open_streams; open_streams(); print(chr(0x2026))"
    assert run(script, **ascii_only).stdout == b"\\u2026\n"
