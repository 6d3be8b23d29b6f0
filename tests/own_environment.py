"""The tests' environment is their own: importing this takes out what a developer's shell says to the exhibit and to its libraries.

`conftest.py` imports it before all else, since libraries read their variables while they are imported; processes that tests start
inherit what is left.
"""

import os

FAMILIES = ("LAAM_", "GRADIO_", "HF_", "HUGGINGFACE_", "SSL_CERT_", "SPACE_", "UVICORN_", "TQDM_")
NAMES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS")


def is_the_exhibits(name: str) -> bool:
    """Whether the exhibit or a library would read a variable of this name."""
    return name.startswith(FAMILIES) or name in NAMES or name.lower().endswith("_proxy")


for name in filter(is_the_exhibits, list(os.environ)):
    del os.environ[name]
