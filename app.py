"""Start the exhibit: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where it listens."""

import sys

import uvicorn

from laam.exhibit.server import build_app
from laam.settings import read_settings


def main() -> int:
    """Build and serve; returns the exit code. What can't be used is said in one line."""
    try:
        settings = read_settings()
        app = build_app(settings)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
