"""What one request may cost: for each public route the dearest queries and bodies that could be thought of.

    python -m tests.bench_cost [ROUTE] [--app FOLDER]

Starts the server (FOLDER's `app.py`, or this one) and asks it one thing at a time: each route of the application, with values for its path
and query, and each endpoint of the API and each form with texts of every kind in TEXTS, as long as a body may be. Prints seconds of a
processor, and the most memory above what the server held before, for the dearest three of each route. ROUTE: only routes whose name has
this pattern. A route whose values nobody knows here is named at the end, and the exit code is 1. Where the model writes, the work is its
own: an emission costs what it costs, and is limited elsewhere.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
from fastapi.routing import APIRoute

from laam.emission.links import IN_LINKS
from laam.exhibit.gate import BODY_BYTES, LARGE_BODY_BYTES
from laam.exhibit.server import build_app
from laam.settings import Settings
from laam.share.trace import TEXT_CHARACTERS
from tests.bench_crowd import processor

PORT = 7995
LARGE = "score"  # the endpoint that takes the largest body
MOST_S = 10.0  # a stream is left after so many seconds, if it doesn't end by itself
SETTLE_S = 0.15  # in which what goes on after an answer is counted too
SHOWN = 3
PATH, LARGEST, UNKNOWN = "linux/kernel/sched.c", "linux/drivers/scsi/aha152x.c", "made/up.c"

Asking = Callable[[], Any]
random.seed(1)


def cut(unit: str, characters: int) -> str:
    return (unit * (characters // len(unit) + 1))[:characters]


def lines_of(kinds: list[str], characters: int) -> str:
    """Lines of some kinds at random."""
    average = sum(map(len, kinds)) / len(kinds)
    return "".join(random.choices(kinds, k=int(characters / average)))[:characters]


def with_every_trait(characters: int, filler: int = 0) -> str:
    line = "{:6} | +        a &amp;&nbsp;b\u00a0c\u200b “q” – x      y    z{}        \r\n"
    lines = (line.format(number, "  w" * filler) for number in range(1, characters // (50 + 3 * filler)))
    return "".join(lines)[:characters]


TEXTS: Mapping[str, Callable[[int], str]] = {
    "one long line": lambda n: cut("x", n),
    "one long line of words": lambda n: cut("int a = 1.5; ", n),
    "one long line of blanks": lambda n: cut(" ", n - 1) + "x",
    "empty lines": lambda n: cut("\n", n),
    "lines of one character": lambda n: cut("x\n", n),
    "lines of a few characters at random": lambda n: lines_of(["\n", "}\n", "\t}\n"], n),
    "all lines equal": lambda n: cut("int the_same = 1;\n", n),
    "two kinds of line at random": lambda n: lines_of(["a\n", "b\n"], n),
    "2,000 kinds of line at random": lambda n: lines_of([f"{number:x}\n" for number in range(2000)], n),
    "each line its own": lambda n: "".join(f"{number:x}\n" for number in range(n // 4))[:n],
    "deep brackets": lambda n: cut("({[", n),
    "an unclosed quote": lambda n: "'" + cut("\\'", n - 1),
    "quotes": lambda n: cut("\"'\\", n),
    "unclosed comments": lambda n: cut("/*", n),
    "comments": lambda n: cut("/**/", n),
    "dots": lambda n: cut("a.", n),
    "numbers": lambda n: "".join(f"0.{number}e5.1 " for number in range(n // 8))[:n],
    "words on each line that differ": lambda n: "".join(f"a b {random.choice('ab')} a {random.choice('ab')} a b\n" for _ in range(n // 15))[
        :n
    ],
    "long lines of two words": lambda n: "".join(random.choice("ab") + (" \n"[number % 150 == 0]) for number in range(n // 2)),
    "every trait": with_every_trait,
    "every trait in long lines": lambda n: with_every_trait(n, 30),
    "every byte value": lambda n: cut("".join(map(chr, range(256))), n),
    "control characters": lambda n: cut("\x01", n),
    "Chinese at random": lambda n: "".join(random.choices([chr(0x4E00 + number) for number in range(3000)], k=n)),
    "beyond 16 bits": lambda n: cut("🐧\n", n),
}
"""A text of so many characters, by what it is."""


@dataclass(frozen=True)
class Cost:
    """What a request took: seconds of a processor, MB above what the server held before, and the status."""

    route: str
    kind: str
    seconds: float
    megabytes: float
    status: object


class Server:
    """The exhibit in a process of its own, and what it costs to ask it."""

    def __init__(self, process: int, address: str) -> None:
        self._process = process
        self.address = address
        self.http = httpx2.Client(base_url=address, timeout=600, follow_redirects=False)

    def memory(self, field: str) -> float:
        """A field of the process's status, in MB."""
        status = Path(f"/proc/{self._process}/status").read_text("utf-8")
        return int(re.findall(rf"{field}:\s+(\d+)", status)[0]) / 1024

    def cost(self, route: str, kind: str, ask: Asking) -> Cost:
        time.sleep(SETTLE_S)
        Path(f"/proc/{self._process}/clear_refs").write_text("5", "utf-8")  # the highest memory is from now on
        seconds, megabytes = processor(self._process), self.memory("VmRSS")
        try:
            status = ask()
        except httpx2.HTTPError as error:
            status = type(error).__name__
        time.sleep(SETTLE_S)
        return Cost(route, kind, processor(self._process) - seconds, self.memory("VmHWM") - megabytes, status)

    def get(self, path: str) -> int:
        """The status of a GET that is read to its end, or for MOST_S."""
        end = time.monotonic() + MOST_S
        with self.http.stream("GET", path) as answer:
            for _ in answer.iter_raw():
                if time.monotonic() > end:
                    break
            return answer.status_code

    def post(self, path: str, fields: Mapping[str, str]) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.http.post(path, content=urlencode(fields, errors="replace"), headers=headers).status_code

    def call(self, name: str, data: list[Any]) -> object:
        """An endpoint of the API, to its end."""
        body = json.dumps({"data": data}, ensure_ascii=False).encode(errors="replace")
        answer = self.http.post(f"gradio_api/call/{name}", content=body, headers={"Content-Type": "application/json"})
        return self.get(f"gradio_api/call/{name}/{answer.json()['event_id']}") if answer.status_code == 200 else answer.status_code


def routes_of(routes: list[Any]) -> Iterator[APIRoute]:
    """All routes of the application itself, those of its routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from routes_of(router.routes)


def texts(limit: int, fits: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Each kind of text, as long as it may be."""
    for kind, make in TEXTS.items():
        characters = limit
        while not fits(text := make(characters)):
            characters = characters * 9 // 10
        yield f"{kind} ({len(text):,})", text


def fits_json(limit: int, text: str) -> bool:
    return len(json.dumps(text, ensure_ascii=False).encode(errors="replace")) <= limit


class Asker:
    """Thinks of requests for each route."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.unknown: list[str] = []
        with server.http.stream("GET", f"stream?path={PATH}") as stream:
            run = next((found[1] for line in stream.iter_lines() if (found := re.search(r'"run": ?"([^"]+)"', line))), "none")
        browser = server.http.get("browser.json").json() if server.http.get("browser.json").status_code == 200 else {}
        digest = next((found for found in re.findall(r"[0-9a-f]{64}", json.dumps(browser))), "0" * 64)
        long, odd = "x/" * 7_000, "".join(map(chr, range(1, 256)))
        self._values: dict[str, list[str]] = {
            "path": [PATH, LARGEST, UNKNOWN, "kernel/shed.c", long, odd],
            "model": ["embedded", UNKNOWN, long, odd],
            "run": [run, UNKNOWN, long],
            "name": ["sched.c", odd],
            "digest": [digest, UNKNOWN],
            "url": [f"{server.address}share/{PATH}", f"{server.address}share/{UNKNOWN}", long],
            "format": ["json", odd],
            "maxwidth": ["0", "9" * 4_000],
            "maxheight": ["0"],
            "visit": ["x", long],
            "middle": ["0", "1"],
        }
        settings = ({"t": "1.5", "seed": "1"}, {"n": "1"}, {"slide": "1"}, {"pieces": "2"}, {"model": long})
        self._links = [{"path": path} for path in self._values["path"]] + [{"path": PATH, **more} for more in settings]
        self._links.append({"path": UNKNOWN, "anyway": "1"})
        assert {"path", "t", "seed", "n", "slide", "pieces", "anyway", "model"} <= {knob.key for knob in IN_LINKS}

    def asked(self, route: APIRoute) -> Iterator[tuple[str, Asking]]:
        """The requests to a route, by what they are."""
        names = [parameter.name for parameter in (*route.dependant.path_params, *route.dependant.query_params)]
        if missing := [name for name in names if name not in self._values]:
            self.unknown.append(f"{route.path}: no values for {', '.join(missing)}; add some to Asker._values")
            return
        if "POST" in (route.methods or ()):
            yield from self._form(route)
            return
        in_path = [parameter.name for parameter in route.dependant.path_params]
        in_query = [parameter.name for parameter in route.dependant.query_params]
        links = [{"path": PATH}, {}] if in_query or "run" in in_path or "digest" in in_path else [{}, *self._links]
        for values in product(*(self._values[name] for name in names)):
            given = dict(zip(names, values, strict=True))
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: quote(given[found[1]], safe="/"), route.path)  # noqa: B023
            own = {name: given[name] for name in in_query}
            for link in [own] if own else links:
                if "path" in in_path and link.get("path", PATH) != PATH:
                    continue
                address = f"{path}?{urlencode(link)}".lstrip("/")
                yield address[:90], lambda address=address: self._server.get(address)  # type: ignore[misc]

    def _form(self, route: APIRoute) -> Iterator[tuple[str, Asking]]:
        if route.path == "/stream":
            for kind, text in texts(BODY_BYTES, lambda text: len(text.encode(errors="replace")) <= BODY_BYTES):
                yield kind, lambda text=text: self._server.http.post("stream", content=text.encode(errors="replace")).status_code  # type: ignore[misc]
            return
        if not route.dependant.body_params and route.dependant.query_params:
            yield "usual", lambda: self._server.http.post(f"{route.path.lstrip('/')}?visit=x").status_code
            return
        names = re.findall(r'<(?:textarea|input)[^>]* name="(\w+)"', self._server.http.get(route.path.lstrip("/")).text)
        if not names:
            self.unknown.append(f"{route.path}: a POST without a form at the same address")
            return
        path = route.path.lstrip("/")

        def post(fields: Mapping[str, str]) -> Asking:
            return lambda: self._server.post(path, fields)

        for kind, text in texts(
            TEXT_CHARACTERS, lambda text: len(text) <= TEXT_CHARACTERS and len(quote(text, errors="replace")) < 590_000
        ):
            for count in range(1, len(names) + 1):
                yield f"{kind} in {', '.join(names[:count])}", post(dict.fromkeys(names[:count], text))
        for kind in (
            "two kinds of line at random",
            "2,000 kinds of line at random",
            "words on each line that differ",
            "long lines of two words",
        ):
            fields = {name: TEXTS[kind](TEXT_CHARACTERS - 1000) for name in names}
            yield f"{kind}, in each field others", post(fields)
        yield "the release's lines, again and again", post({names[0]: self._release_text(TEXT_CHARACTERS)})
        yield "the release's lines at random", post({names[0]: self._release_text(TEXT_CHARACTERS, shortest=True)})

    def _release_text(self, characters: int, *, shortest: bool = False) -> str:
        """What the model writes of a file; `shortest`: its shorter lines at random."""
        answer = self._server.http.post("gradio_api/call/emit", json={"data": [PATH]}).json()
        lines = self._server.http.get(f"gradio_api/call/emit/{answer['event_id']}").text.splitlines()
        text: str = json.loads([line for line in lines if line.startswith("data:")][-1][5:])[0]["text"]
        own = text.splitlines(keepends=True)
        return lines_of(sorted(set(own), key=len)[: len(set(own)) // 2], characters) if shortest else cut(text, characters)

    def endpoints(self) -> Iterator[tuple[str, str, Asking]]:
        """The requests to the API's endpoints, by their names and what they are."""
        told = self._server.http.get("gradio_api/info").json()["named_endpoints"]
        for name, endpoint in told.items():
            takes = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
            usual = [parameter.get("parameter_default") for parameter in endpoint["parameters"]]
            limit = (LARGE_BODY_BYTES if name.strip("/") == LARGE else BODY_BYTES) - 1_000
            strings = [at for at, parameter in enumerate(endpoint["parameters"]) if parameter["type"].get("type") == "string"]
            if not strings:
                self.unknown.append(f"the endpoint {name}: no argument of it is a text")
            path = LARGEST if "path" in takes else ""

            def data(path: str, at: int = -1, text: str = "", takes: list[str] = takes, usual: list[Any] = usual) -> list[Any]:
                known = {"path": path, "text": ""}
                given = [known.get(name, value) for name, value in zip(takes, usual, strict=True)]
                return [text if number == at else value for number, value in enumerate(given)]

            def call(given: list[Any], name: str = name) -> Asking:
                return lambda: self._server.call(name.strip("/"), given)

            yield name, "usual", call(data(PATH))
            for at in strings:
                for kind, text in texts(1_000_000 if limit > BODY_BYTES else limit, partial(fits_json, limit)):
                    yield name, f"{kind} as {takes[at]}", call(data(path, at, text))
            if name.strip("/") == LARGE:
                at = takes.index("text")
                for shortest in (False, True):
                    kind = "the release's lines " + ("at random" if shortest else "again and again")
                    yield name, kind, call(data(PATH, at, self._release_text(limit * 9 // 10, shortest=shortest)))


def measure(server: Server, only: str) -> tuple[list[Cost], list[str]]:
    settings = Settings(model="embedded", originals="sealed", offline=True)
    asker = Asker(server)
    costs: list[Cost] = []
    requests = [(f"{'/'.join(sorted(route.methods or ()))} {route.path}", route) for route in routes_of(build_app(settings).routes)]
    own = ((name, kind, ask) for name, route in requests if re.search(only, name) for kind, ask in asker.asked(route))
    gradio = ((f"GET /{path}", "", lambda path=path: server.get(path)) for path in ("", "config", "gradio_api/info", f"?path={PATH}"))
    api = ((f"POST /gradio_api/call{name}", kind, ask) for name, kind, ask in asker.endpoints())
    for name, kind, ask in (*own, *gradio, *api):
        if re.search(only, name):
            costs.append(cost := server.cost(name, kind, ask))
            if cost.seconds > 1 or cost.megabytes > 40:  # so that whoever waits sees something
                print(f"{cost.seconds:.2f} s {cost.megabytes:.0f} MB {name} {ascii(kind)[1:-1]}", file=sys.stderr, flush=True)
    return costs, asker.unknown


def report(costs: list[Cost]) -> None:
    for route in dict.fromkeys(cost.route for cost in costs):
        dearest = sorted((cost for cost in costs if cost.route == route), key=lambda cost: -max(cost.seconds / 2, cost.megabytes / 64))
        for cost in dearest[:SHOWN]:
            print(
                f"{cost.route[:44]:44} {cost.seconds:6.2f} s {cost.megabytes:6.0f} MB  {cost.status}  {ascii(cost.kind)[1:-1]}", flush=True
            )
    print("the dearest:")
    for cost in sorted(costs, key=lambda cost: -cost.seconds)[:5]:
        print(f"{cost.seconds:6.2f} s {cost.megabytes:6.0f} MB  {cost.route}  {ascii(cost.kind)[1:-1]}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_cost")
    parser.add_argument("route", nargs="?", default="")
    parser.add_argument("--app", type=Path, default=Path(__file__).parents[1], help="the folder whose app.py is measured")
    args = parser.parse_args()
    with TemporaryDirectory() as cache:
        settings = {"LAAM_CACHE": cache, "LAAM_MODEL": "embedded", "LAAM_ORIGINALS": "sealed", "LAAM_RECORD": "off", "HF_HUB_OFFLINE": "1"}
        environment = {**os.environ, **settings, "GRADIO_SERVER_PORT": str(PORT), "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen([sys.executable, "app.py"], cwd=args.app, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                server = Server(process.pid, f"http://127.0.0.1:{PORT}/")
                while not is_ready(server):
                    time.sleep(0.5)
                costs, unknown = measure(server, args.route)
            finally:
                process.terminate()
    report(costs)
    for route in unknown:
        print(f"NOT ASKED: {route}")
    return 1 if unknown else 0


def is_ready(server: Server) -> bool:
    try:
        return bool(server.http.get("health").json()["status"] == "ok")
    except httpx2.ConnectError:
        return False


if __name__ == "__main__":
    sys.exit(main())
