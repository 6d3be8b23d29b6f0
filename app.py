"""Start the exhibit: `python app.py`, or `python app.py NAME.exhibit` for one of your own.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where it listens.
"""

import os
import sys

from laam.environment import leave_out_unusable, private_folder
from laam.faults import sentence
from laam.settings import EXHIBIT, check_address, read_settings
from laam.terminal import open_streams


def main() -> int:
    """Build and serve; returns the exit code. What can't be used is said in one line."""
    try:
        open_streams()
        for each in leave_out_unusable(os.environ):
            print(f"warning: {each}", file=sys.stderr)
        settings = read_settings(os.environ | ({EXHIBIT: sys.argv[1]} if sys.argv[1:] else {}))
        check_address(settings)
        with private_folder(os.environ):
            from laam.exhibit.goodbye import serve  # Gradio reads its variables while it is imported, so they are checked before
            from laam.exhibit.server import build_app

            app = build_app(settings)
            return serve(app, settings)
    except (ValueError, OSError, ImportError, MemoryError) as error:
        print(f"error: {sentence(error)}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    code = main()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    os._exit(code)  # without waiting for the model's threads, which may be in the middle of a batch
