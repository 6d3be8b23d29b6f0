"""Names that the file system can't even look up – too long, or with a zero byte – are names of no file."""

import errno
import logging
import re

from starlette._utils import get_route_path
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILES = re.compile(r"/(?:assets|static|page|engine|live)/.+", re.DOTALL)
_OF_THE_MACHINE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO)  # faults that are not the name's
_log = logging.getLogger(__name__)


class NoSuchFile:
    """Answers 404 if a name can't be looked up, wherever the files of a folder are served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _FILES.fullmatch(get_route_path(scope)):
            await self.app(scope, receive, send)
            return
        begun, failed = False, list[Message]()

        async def send_unless_failed(message: Message) -> None:
            nonlocal begun
            if failed or message.get("status") == 500:
                failed.append(message)  # a mounted application says that it failed, and raises its fault afterwards
            else:
                begun = True
                await send(message)

        try:
            await self.app(scope, receive, send_unless_failed)
        except (OSError, ValueError, RuntimeError) as error:
            if begun or getattr(error, "errno", None) in _OF_THE_MACHINE:
                raise
            _log.info("%.200r: %s", get_route_path(scope), type(error).__name__)
            await JSONResponse({"detail": "There is nothing here."}, 404)(scope, receive, send)
        else:
            for message in failed:
                await send(message)
