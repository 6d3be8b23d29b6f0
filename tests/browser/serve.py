"""Serve the exhibit on any assets, the rest as app.py reads it: `python -m tests.browser.serve ASSETS`.

The model never ends when it continues source, since no test can know how long it would go on by itself.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from laam.exhibit.goodbye import serve
from laam.exhibit.server import build_app
from laam.model import model
from laam.model.codec import Codec
from laam.model.engine import load_engine
from laam.settings import read_settings
from tests.model.scripted import GoesOn


def load_one_that_goes_on(folder: Path, codec: Codec) -> GoesOn:
    return GoesOn(load_engine(folder, codec), codec)


if __name__ == "__main__":
    settings = replace(read_settings(), assets=Path(sys.argv[1]), record=False)
    with patch.object(model, "load_engine", load_one_that_goes_on):
        code = serve(build_app(settings), settings)
    os._exit(code)  # as app.py does
