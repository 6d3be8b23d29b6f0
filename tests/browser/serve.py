"""Serve the exhibit on assets other than the shipped ones: `python -m tests.browser.serve ASSETS`, the rest as app.py reads it."""

import sys
from dataclasses import replace
from pathlib import Path

import uvicorn

from laam.exhibit.server import build_app
from laam.settings import read_settings

if __name__ == "__main__":
    settings = replace(read_settings(), assets=Path(sys.argv[1]))
    uvicorn.run(build_app(settings), host=settings.host, port=settings.port, access_log=False)
