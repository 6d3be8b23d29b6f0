"""A crowd on the exhibit, over HTTP: when first lines come, by each road.

    python -m tests.bench_crowd [VISITORS]

For each road, to a server of its own: so many visitors (100) at once, each another file that the model was trained on; the same, but three
in ten at temperature 0.7; all of them again, from the recordings. The roads are the page's stream, which embeds use as well, and the API.
Prints when first lines came and when all were served, tokens a second (and for each second that the server had of a processor: on a machine
that others use as well, only that says something), how long an idle page waited meanwhile, the server's memory, and how many texts were not
what they should be: the original, or, if they were drawn, what `emit` alone draws. Ends after MOST_S for each part.
"""

import asyncio
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import uvicorn

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.exhibit import server
from laam.model.engine import Decoding
from laam.model.model import Model, open_model
from laam.settings import Settings, read_settings
from tests.serving.scripted import text_of

VISITORS = 100
WARM = 0.7
MOST_TOKENS = 40_000
MOST_S = 600.0
SERVE = (sys.executable, "-m", "tests.bench_crowd", "serve")
DIGEST = re.compile(r"emitted_sha256[^0-9a-f]{1,9}([0-9a-f]{64})")


@dataclass
class Visit:
    """What became of a visit: seconds until the first line and the last word, the text's sha256, and what went wrong. What never came took
    for ever."""

    path: str
    first: float = math.inf
    last: float = math.inf
    sha256: str = ""
    error: str = ""


def serve(port: int, cache: Path) -> None:
    """The exhibit without recordings made in the background."""
    settings = Settings(port=port, model="embedded", cache=cache, originals="sealed", offline=True, record=False)
    uvicorn.run(server.build_app(settings), port=port, log_level="error")


@dataclass
class Asked:
    """What a visitor asks for. `number`: of the visitor, and the seed."""

    path: str
    number: int
    temperature: float
    most: int

    @property
    def headers(self) -> dict[str, str]:
        """Each comes from another address, as a proxy says."""
        return {"X-Forwarded-For": f"10.0.{self.number // 256}.{self.number % 256}"}


Lines = AsyncIterator[str]
Road = Callable[[httpx2.AsyncClient, Asked], AbstractAsyncContextManager[Lines]]


@asynccontextmanager
async def page(http: httpx2.AsyncClient, asked: Asked) -> AsyncIterator[Lines]:
    """What a browser asks for when somebody clicks on Write it."""
    query: dict[str, str | float] = {
        "path": asked.path,
        "t": asked.temperature,
        "seed": asked.number,
        "n": asked.most,
        "visit": f"v{asked.number}",
    }
    async with http.stream("GET", "stream", params=query, headers=asked.headers) as stream:
        stream.raise_for_status()
        yield stream.aiter_lines()


@asynccontextmanager
async def api(http: httpx2.AsyncClient, asked: Asked) -> AsyncIterator[Lines]:
    """What a program asks of Gradio's API."""
    data = [asked.path, "", asked.temperature, 0, asked.number, asked.most]
    answer = await http.post("gradio_api/call/emit", json={"data": data}, headers=asked.headers)
    event = answer.raise_for_status().json()["event_id"]
    async with http.stream("GET", f"gradio_api/call/emit/{event}", headers=asked.headers) as stream:
        stream.raise_for_status()
        yield stream.aiter_lines()


ROADS: dict[str, tuple[Road, re.Pattern[str]]] = {
    "page": (page, re.compile(r'class=\\"row')),
    "api": (api, re.compile(r'"new": ?"[^"]*\\n')),
}
"""Each with what a line of its stream has once the text's first line has come."""


async def visit(http: httpx2.AsyncClient, road: str, asked: Asked) -> Visit:
    """One visit, to its end."""
    open_road, first_line = ROADS[road]
    found, began = Visit(asked.path), time.monotonic()
    try:
        async with open_road(http, asked) as lines:
            async for line in lines:
                if found.first == math.inf and first_line.search(line):
                    found.first = time.monotonic() - began
                if digest := DIGEST.search(line):
                    found.sha256 = digest[1]
                if line.startswith(("event: refused", "event: error")):
                    found.error = line
    except httpx2.HTTPError as error:
        found.error = repr(error)
    found.last = time.monotonic() - began
    return found


async def idle_page(http: httpx2.AsyncClient, waits: list[float]) -> None:
    """Ask for the page twice a second, for as long as the crowd is there."""
    while True:
        began = time.monotonic()
        await http.get("/")
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.5)


async def crowd(address: str, road: str, asked: Sequence[tuple[str, float]], most: int = MOST_TOKENS) -> tuple[list[Visit], float]:
    """All visits, each to a path at a temperature, and the longest that the page took meanwhile. `most`: tokens of each."""
    limits = httpx2.Limits(max_connections=None)
    waits: list[float] = []
    async with httpx2.AsyncClient(base_url=address, timeout=MOST_S, limits=limits) as http:
        idle = asyncio.create_task(idle_page(http, waits))
        async with asyncio.timeout(MOST_S):
            visits = await asyncio.gather(
                *(visit(http, road, Asked(path, number, warmth, most)) for number, (path, warmth) in enumerate(asked))
            )
        idle.cancel()
    return list(visits), max(waits, default=0.0)


def memory(process: int) -> float:
    """The most that a process had in memory so far, in MB."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def processor(process: int) -> float:
    """Seconds of a processor that a process has had so far."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(what: str, visits: Sequence[Visit], idle: float, tokens: int, wrong: int, process: int, busy: float) -> None:
    """Print a line. `busy`: seconds of a processor that the server took for it."""
    first, last = sorted(visit.first for visit in visits), max(visit.last for visit in visits)
    errors = [visit.error for visit in visits if visit.error]
    print(
        f"{what}: first line median {first[len(first) // 2]:.1f} s, p95 {first[int(len(first) * 0.95)]:.1f} s; all after {last:.1f} s, "
        f"{tokens / last:,.0f} tokens/s, {tokens / busy:,.0f} a processor second; "
        f"page at most {idle:.2f} s; {memory(process):,.0f} MB; {len(errors)} errors, {wrong} wrong sha256",
        *errors[:1],
        flush=True,
    )


def main(visitors: int) -> None:
    manifest = SealedManifest.open(read_settings().manifest_file)
    model = open_model("embedded", read_settings())
    known = sorted(model.trained_tokens)
    paths = [known[number * len(known) // visitors] for number in range(visitors)] if visitors <= len(known) else known
    print(f"{len(paths)} visitors; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, of which the bench takes some itself")
    tokens = {path: model.trained_tokens[path] for path in paths}
    exact = {path: manifest.original(path).file.sha256 for path in paths}
    greedy = [(path, 0.0) for path in paths]
    drawn = [(path, WARM if number % 10 < 3 else 0.0) for number, path in enumerate(paths)]
    drawn_alone = {path: sha256_alone(path, number, model) for number, (path, warmth) in enumerate(drawn) if warmth}
    for port, road in enumerate(ROADS, 7990):
        with TemporaryDirectory() as cache, subprocess.Popen([*SERVE, str(port), cache]) as process:
            address = f"http://127.0.0.1:{port}/"
            wait_for(address)
            for part, asked in (("greedy", greedy), ("drawn", drawn), ("recorded", greedy)):
                before = processor(process.pid)
                most = MOST_TOKENS - (part == "drawn")  # another ask than the one before, of which there are recordings
                visits, idle = asyncio.run(crowd(address, road, asked, most))
                busy = processor(process.pid) - before
                right = {**exact, **drawn_alone} if part == "drawn" else exact
                wrong = sum(visit.sha256 != right[visit.path] for visit in visits)
                report(f"{road}, {part}", visits, idle, sum(tokens.values()), wrong, process.pid, busy)
            process.terminate()
    print(f"load average {os.getloadavg()[0]:.1f} at the end")


def sha256_alone(path: str, seed: int, model: Model) -> str:
    question = Question(Ask(path, decoding=Decoding(WARM, 0, seed)))
    return sha256(text_of(emit(question, model)).encode()).hexdigest()


def wait_for(address: str) -> None:
    """Until the server answers, and has loaded the model."""
    for _ in range(600):
        try:
            httpx2.get(f"{address}share/kernel/sched.c?n=1", timeout=60).raise_for_status()
            return
        except httpx2.ConnectError:
            time.sleep(0.2)
    raise TimeoutError(address)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS)
