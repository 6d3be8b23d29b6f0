"""Start the exhibit: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where it listens."""

import sys

import uvicorn

from laam.exhibit.server import build_app
from laam.settings import read_settings

GOODBYE_S = 3  # for open pages, whose connections never end by themselves, when the server is told to stop


def main() -> int:
    """Build and serve; returns the exit code. What can't be used is said in one line."""
    try:
        settings = read_settings()
        app = build_app(settings)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False, timeout_graceful_shutdown=GOODBYE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
