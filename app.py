"""Start the exhibit: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where it listens."""

import os
import sys

from laam.settings import check_address, read_settings


def main() -> int:
    """Build and serve; returns the exit code. What can't be used is said in one line."""
    try:
        settings = read_settings()
        check_address(settings)
        from laam.exhibit.goodbye import serve  # Gradio reads its variables while it is imported, so they are checked before
        from laam.exhibit.server import build_app

        app = build_app(settings)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return serve(app, settings)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # without waiting for the model's threads, which may be in the middle of a batch
