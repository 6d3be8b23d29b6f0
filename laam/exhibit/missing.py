"""Names that the file system can't even look up – too long, or with a zero byte – are names of no file."""

import logging
import re

from starlette._utils import get_route_path
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILES = re.compile(r"/(?:assets|static|page|engine|live|svelte)/.+", re.DOTALL)
_log = logging.getLogger(__name__)


class NoSuchFile:
    """Answers 404 if looking for a file fails in any way, wherever the files of a folder are served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _FILES.fullmatch(get_route_path(scope)):
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except (OSError, ValueError, RuntimeError) as error:
            if begun:
                raise
            _log.info("%.200r: %s", get_route_path(scope), type(error).__name__)
            await JSONResponse({"detail": "There is nothing here."}, 404)(scope, receive, send)
