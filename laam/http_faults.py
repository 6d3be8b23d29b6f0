"""HTTP faults as predicates: "mirror.example *does not answer*"."""

import time
from email.utils import parsedate_to_datetime

import httpx2

MOST_S = 86_400.0
TIMED_OUT = "does not answer"


def transport_fault(error: BaseException) -> str:
    """Why no answer came, or no whole one."""
    match error:
        case httpx2.TimeoutException():
            return TIMED_OUT
        case httpx2.ConnectError() | httpx2.ProxyError():
            return "can't be reached"
        case httpx2.TooManyRedirects():
            return "redirects without end"
        case httpx2.UnsupportedProtocol() | httpx2.InvalidURL():
            return "redirects to something that is not a web address"
        case httpx2.HTTPError():
            return "broke off"
        case _:
            return f"can't be asked ({type(error).__name__})"


def status_fault(response: httpx2.Response) -> str:
    """What the server answered instead of the file."""
    asked = retry_after(response)
    return f"answered {response.status_code}" + ("" if asked is None else f" and asked to wait {asked:,.0f} s")


def is_transient(response: httpx2.Response) -> bool:
    """Whether asking again may help."""
    return response.status_code in (408, 429) or response.status_code >= 500


def retry_after(response: httpx2.Response) -> float | None:
    """The seconds that a server asks us to wait, at most a day; None if it names none. It may give a time instead."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), MOST_S)
    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - time.time()), MOST_S)
    except (ValueError, OverflowError):
        return None
