"""Variables that libraries read by themselves, while they are imported or when they first ask the network, and end in a traceback about.

What they can't use is taken out of the environment before that. A certificate or a proxy that can't be used is never done without: then
nothing is fetched at all, as if HF_HUB_OFFLINE were set.
"""

import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from laam.faults import brief, shortened

CERTIFICATES, FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
DIRECT = "NO_PROXY"
TEMPORARY = "GRADIO_TEMP_DIR"
OFFLINE = "HF_HUB_OFFLINE"


def leave_out_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out of `environment` what libraries can't use, and set HF_HUB_OFFLINE if there was anything. In NO_PROXY only the entries are
    left out that can't be read. Returns a sentence for each variable that was taken out."""
    found = [
        f"{name} is {_shown(environment.pop(name))}, {why}; so nothing is fetched, neither models of the hub nor the release, "
        f"as with {OFFLINE}=1: give another value, or unset it"
        for name, why in list(_unusable(environment))
    ]
    for name in (DIRECT, DIRECT.lower()):
        if hosts := environment.get(name):
            environment[name] = ",".join(host for host in hosts.split(",") if _is_readable_host(host.strip()))
    if found:
        environment[OFFLINE] = "1"
    return found


@contextmanager
def private_folder(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Give Gradio a temporary folder of its own, which is removed at the end. Nobody uploads anything here, but Gradio makes the folder
    when it is imported, and by default all users of a machine share one. Raises OSError if there is no place for it."""
    with tempfile.TemporaryDirectory(prefix="laam-gradio-", ignore_cleanup_errors=True) as folder:
        environment[TEMPORARY] = folder
        yield


def _unusable(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of such variables, and why each is one."""
    if (file := environment.get(CERTIFICATES)) and (why := _certificates_fault(file)):
        yield CERTIFICATES, why
    elif not file and (folders := environment.get(FOLDERS)) and not any(Path(one).is_dir() for one in folders.split(os.pathsep) if one):
        yield FOLDERS, "where no folder is"
    for name in (name for proxy in PROXIES for name in (proxy, proxy.lower())):
        if (proxy := environment.get(name)) and (why := _proxy_fault(proxy)):
            yield name, why


def _certificates_fault(file: str) -> str:
    """Why a file of certificates can't be used; empty if it can."""
    if Path(file).exists() and not Path(file).is_file():
        return "not a plain file"
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        return "where no certificate is"
    except (OSError, ValueError) as error:
        return f"which can't be read ({brief(error)})"
    return ""


def _proxy_fault(address: str) -> str:
    """Why a proxy can't be asked; empty if it can. An address without a scheme means http."""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("socks5", "socks5h"):
        return "" if find_spec("socksio") else "and such a proxy needs one more package: `pip install socksio`"
    if parts.scheme not in ("http", "https") or not parts.hostname or not address.isprintable():
        return "not the address of a proxy, such as http://proxy.example:3128"
    return ""


def _is_readable_host(host: str) -> bool:
    """Whether all libraries can read an entry of NO_PROXY; one of them ends in a traceback where the others pass over it."""
    try:
        if "://" in host:
            _ = urlsplit(host).port
            return True
        network = ipaddress.ip_network(host, strict=False)
        return network.version == 4 or "/" not in host
    except ValueError:
        _, _, port = host.partition(":")
        return host.isascii() and not host.startswith("[") and (not port or port.isdecimal())


def _shown(value: str) -> str:
    """A value in quotes, cut, and without a password."""
    scheme, mark, rest = value.rpartition("://")
    return repr(shortened(f"{scheme}{mark}{rest.rpartition('@')[2]}"))
