"""A request that is answered at once, before any route sees it."""

from starlette.responses import JSONResponse


class Refused(Exception):  # noqa: N818 - it is an answer
    """A status and a sentence. `allow`: the methods that would be answered; `retry_s`: when to come back; `close`: whether the connection
    ends with the answer, since the rest of the request won't be read."""

    def __init__(self, status: int, sentence: str, *, allow: str = "", retry_s: int = 0, close: bool = False) -> None:
        self.status, self.allow, self.retry_s, self.close = status, allow, retry_s, close
        super().__init__(sentence)

    def answer(self) -> JSONResponse:
        """The answer, as JSON."""
        headers = {"Allow": self.allow} if self.allow else {}
        headers |= {"Retry-After": str(self.retry_s)} if self.retry_s else {}
        headers |= {"Connection": "close"} if self.close else {}
        return JSONResponse({"detail": str(self)}, self.status, headers)
