import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_developer_s_variables_reach_neither_the_tests_nor_what_they_start() -> None:
    variables = {
        "HF_HUB_OFFLINE": "1",
        "HF_ENDPOINT": "nonsense",
        "LAAM_MODEL": "no/such",
        "GRADIO_TEMP_DIR": "/proc/x",
        "https_proxy": "socks://127.0.0.1:1",
        "ALL_PROXY": "socks5://127.0.0.1:1",
        "SSL_CERT_FILE": "/no/such.pem",
    }
    names = list(variables)
    script = (
        f"import os, tests.conftest; from huggingface_hub import constants; print(set({names}) & set(os.environ), constants.HF_HUB_OFFLINE)"
    )
    environment = {**os.environ, **variables}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout == "set() False\n", done.stderr
