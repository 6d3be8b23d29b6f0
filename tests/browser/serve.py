"""Serve the exhibit on any assets, the rest as app.py reads it: `python -m tests.browser.serve ASSETS [PLACES [TEXT]]`.

The model never ends when it continues source, since no test can know how long it would go on by itself; and it writes as a slow machine
would, so that it still does when a browser that gets little of this one looks. PLACES: how many emissions may
run at once. TEXT: what the model answers to whatever it is asked.
"""

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

from laam.exhibit import server
from laam.exhibit.goodbye import serve
from laam.exhibit.server import build_app
from laam.model import model
from laam.model.codec import Codec
from laam.model.engine import Engine, load_engine
from laam.serving.limits import Limits, Running
from laam.serving.services import Services
from laam.settings import read_settings
from tests.model.scripted import GoesOn, Says

PACE_S = 0.002  # for each token, of up to 40,000


def load_scripted(folder: Path, codec: Codec) -> Engine:
    return Says(codec, sys.argv[3]) if len(sys.argv) > 3 else GoesOn(load_engine(folder, codec), codec, PACE_S)


if __name__ == "__main__":
    settings = replace(read_settings(), assets=Path(sys.argv[1]), record=False)
    limits = Limits(emissions=int(sys.argv[2])) if len(sys.argv) > 2 else Limits()
    limited = partial(Services, running=Running(limits))
    with patch.object(model, "load_engine", load_scripted), patch.object(server, "Services", limited):
        code = serve(build_app(settings), settings)
    os._exit(code)  # as app.py does
