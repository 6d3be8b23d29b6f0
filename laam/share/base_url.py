"""The web address of the exhibit, as its visitors see it."""

import re

from fastapi import Request

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def base_url(request: Request, public_url: str = "") -> str:
    """The address of the exhibit, without a slash at its end: `public_url` if it is set, else what the request's headers say.

    A proxy in front of the exhibit says in X-Forwarded-Proto and X-Forwarded-Host what the visitor asked it for. A value that can't
    be the name of a host is ignored, since these headers end up in links.
    """
    if public_url:
        return public_url.rstrip("/")
    scheme = _first(request, "x-forwarded-proto")
    hosts = (_first(request, "x-forwarded-host"), request.headers.get("host", ""), request.url.netloc)
    host = next((host for host in hosts if _HOST.fullmatch(host)), "localhost")
    path = str(request.scope.get("root_path", "")).rstrip("/")
    return f"{scheme if scheme in ('http', 'https') else request.url.scheme}://{host}{path}"


def cache_headers(public_url: str, seconds: int) -> dict[str, str]:
    """For an answer with links. If the address of the request stands in them, no cache may keep it that serves others, too: whoever asks
    may have made the address up."""
    if public_url:
        return {"Cache-Control": f"public, max-age={seconds}"}
    return {"Cache-Control": f"private, max-age={seconds}", "Vary": "Host, X-Forwarded-Host, X-Forwarded-Proto"}


def _first(request: Request, header: str) -> str:
    """The first value of a header to which every proxy on the way adds one."""
    return request.headers.get(header, "").partition(",")[0].strip()
